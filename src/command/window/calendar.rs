//! The open and closed times of the coming days, and as text one line each.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use predeploy_gates::Stretch;

use super::answer::Answer;
use super::words;
use crate::cli::Shown;
use crate::report::harmless::line;

/// What a calendar shows.
pub(super) struct Times {
    pub(super) at: Timestamp,
    /// Nothing is shown from here on.
    pub(super) until: Timestamp,
    /// Those that have not ended at `at`, whole: the first may have begun before it. The last is cut at `until`.
    pub(super) spans: Vec<Stretch>,
    pub(super) zone: TimeZone,
}

impl Times {
    pub(super) fn of(answer: &Answer<'_>, until: Timestamp, shown: Option<Shown>, zone: Option<TimeZone>) -> Self {
        let mut spans = answer.spans();
        spans.retain(|span| {
            let wanted = match shown {
                None => true,
                Some(Shown::Open) => span.open,
                Some(Shown::Closed) => !span.open,
            };
            wanted && span.end > answer.at
        });
        // What is not known from some day on is not shown.
        let until =
            answer.tables.iter().filter_map(|table| table.spans.last()).map(|span| span.end).min().unwrap_or(until);
        Self { at: answer.at, until, spans, zone: zone.unwrap_or_else(|| answer.zone()) }
    }
}

pub(super) fn text(times: &Times, change: &str) -> String {
    let zone = &times.zone;
    let mut text = String::new();
    let _ =
        writeln!(text, "up to {}, in {}; for a change {change}", words::local(times.until, zone), words::name(zone));
    let time = |at: Timestamp| words::local(at, zone);
    let rows: Vec<[String; 5]> = times
        .spans
        .iter()
        .map(|span| {
            let start = if span.start < times.at { "(before)".into() } else { time(span.start) };
            let end = if span.end == times.until { "(after)".into() } else { time(span.end) };
            let length = match span.end == times.until {
                true => String::new(),
                false => words::length(span.end.duration_since(span.start.max(times.at))),
            };
            let why: Vec<String> = span.why.iter().map(|why| line(why)).collect();
            [start, end, if span.open { "open" } else { "closed" }.into(), length, why.join("; ")]
        })
        .collect();
    let width = |i: usize| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    for [start, end, state, length, why] in &rows {
        let row = format!(
            "{start:<0$}  {end:<1$}  {state:<2$}  {length:<3$}  {why}",
            widths[0], widths[1], widths[2], widths[3]
        );
        let _ = writeln!(text, "{}", row.trim_end());
    }
    if rows.is_empty() {
        text.push_str("no such time\n");
    }
    text
}
