//! Instants from the command line.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::{Disambiguation, OffsetConflict, TimeZoneDatabase};

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
    static BY_ZONE: DateTimeParser =
        DateTimeParser::new().disambiguation(Disambiguation::Reject).offset_conflict(OffsetConflict::AlwaysTimeZone);
    let zoned = PARSER.parse_zoned_with(zones, text).map_err(|e| match BY_ZONE.parse_zoned_with(zones, text) {
        Ok(_) => wrong("its offset is not that of the zone at that time".into()),
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
            assert!(read(text).is_err(), "{text}");
        }
        let told = read("2026-12-18T16:30+02:00[Europe/Berlin]").unwrap_err();
        assert!(told.contains("its offset is not that of the zone"), "{told}");
    }
}
