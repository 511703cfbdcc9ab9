//! Instants from the command line.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::{Disambiguation, TimeZoneDatabase};

use crate::exit::Stop;

/// Reads `2026-12-18T16:30[Europe/Berlin]` or `2026-12-18T15:30Z`. A local time that a clock skips, or shows twice, names no
/// single instant and is refused.
pub(crate) fn parse(text: &str, zones: &TimeZoneDatabase) -> Result<Timestamp, Stop> {
    let wrong = |why: String| {
        Stop::usage(
            format!("`--at {text}`: {why}"),
            "write 2026-12-18T16:30[Europe/Berlin], 2026-12-18T16:30+01:00[Europe/Berlin] or 2026-12-18T15:30Z",
        )
    };
    if !text.contains('[') {
        return text.parse().map_err(|_| wrong("this is not an instant: it needs a zone or an offset".into()));
    }
    static PARSER: DateTimeParser = DateTimeParser::new().disambiguation(Disambiguation::Reject);
    let lenient = DateTimeParser::new();
    let zoned = PARSER.parse_zoned_with(zones, text).map_err(|e| match lenient.parse_zoned_with(zones, text) {
        // It is written well, and the clock does not show that time once.
        Ok(_) => wrong("the clock there skips this time, or shows it twice".into()),
        Err(_) => wrong(e.to_string()),
    })?;
    Ok(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        parse(text, &TimeZoneDatabase::bundled()).map(|t| t.to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn zones_offsets_and_utc() {
        assert_eq!(read("2026-12-18T16:30[Europe/Berlin]").unwrap(), "2026-12-18T15:30:00Z");
        assert_eq!(read("2026-12-18T15:30Z").unwrap(), "2026-12-18T15:30:00Z");
        assert_eq!(read("2026-10-25T02:30+01:00[Europe/Berlin]").unwrap(), "2026-10-25T01:30:00Z");
    }

    #[test]
    fn what_names_no_single_instant_is_refused() {
        for text in [
            "2026-03-29T02:30[Europe/Berlin]",
            "2026-10-25T02:30[Europe/Berlin]",
            "2026-12-18T16:30",
            "2026-12-18T16:30[Mars/Olympus]",
            "now",
        ] {
            let told = read(text).unwrap_err();
            assert!(!told.contains("disambiguation") && !told.contains("conflict"), "{told}");
        }
    }
}
