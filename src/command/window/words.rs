//! Times and lengths in words.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::report::harmless::line;

/// `Mon 2026-11-23 09:00 +01:00`, with seconds where there are any.
pub(super) fn local(instant: Timestamp, zone: &TimeZone) -> String {
    let local = instant.to_zoned(zone.clone());
    let form = if local.second() == 0 { "%a %Y-%m-%d %H:%M %:z" } else { "%a %Y-%m-%d %H:%M:%S %:z" };
    local.strftime(form).to_string()
}

/// `2026-11-23 08:00 UTC`, with seconds where there are any.
pub(super) fn utc(instant: Timestamp) -> String {
    let local = instant.to_zoned(TimeZone::UTC);
    let form = if local.second() == 0 { "%Y-%m-%d %H:%MZ" } else { "%Y-%m-%d %H:%M:%SZ" };
    local.strftime(form).to_string()
}

/// In whole seconds, as programs read it: never before the instant.
pub(super) fn whole(instant: Timestamp) -> Timestamp {
    let up = i64::from(instant.subsec_nanosecond() > 0);
    Timestamp::from_second(instant.as_second().saturating_add(up)).unwrap_or(instant)
}

pub(super) fn name(zone: &TimeZone) -> String {
    zone.iana_name().map_or_else(|| "the calendar's own zone".into(), line)
}

/// `2d 17h`, `40m`, `5s`: at most two of its parts, rounded down.
pub(super) fn length(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(3);
    let told = parts[first..].iter().take(2).filter(|(count, _)| *count > 0);
    let words: Vec<String> = told.map(|(count, unit)| format!("{count}{unit}")).collect();
    if words.is_empty() { "0s".into() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_at_most_two_parts() {
        let told = [0, 5, 60, 61, 2400, 3600, 86_399, 86_400, 234_000, 604_800];
        let words = told.map(|seconds| length(SignedDuration::from_secs(seconds)));
        assert_eq!(words, ["0s", "5s", "1m", "1m 1s", "40m", "1h", "23h 59m", "1d", "2d 17h", "7d"]);
    }
}
