//! The times as a calendar to subscribe to: RFC 5545, with the names of RFC 7986.
//!
//! Open times are of the category `OPEN`, closed ones of `CLOSED`; neither takes time of who subscribes. Instants are in UTC, so that
//! no zone must be defined. The same time has the same UID in each calendar, as long as it begins at the same instant.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use predeploy_gates::Stretch;
use sha2::{Digest, Sha256};

use super::answer::Answer;
use super::calendar::Times;
use super::words;
use crate::report::harmless::line;

/// Octets of a line without its end: RFC 5545, 3.1.
const WIDEST: usize = 75;

pub(super) fn calendar(answer: &Answer<'_>, times: &Times) -> String {
    let name = title(answer);
    let mut out = Lines::default();
    out.raw("BEGIN:VCALENDAR");
    out.raw("VERSION:2.0");
    out.raw(concat!("PRODID:-//predeploy//predeploy ", env!("CARGO_PKG_VERSION"), "//EN"));
    out.raw("CALSCALE:GREGORIAN");
    out.raw("METHOD:PUBLISH");
    out.text("NAME", &name);
    out.text("X-WR-CALNAME", &name);
    out.raw("REFRESH-INTERVAL;VALUE=DURATION:PT1H");
    out.raw("X-PUBLISHED-TTL:PT1H");
    let scope = scope(answer);
    for span in &times.spans {
        let (start, end) = (basic(span.start), basic(span.end));
        // A calendar knows no parts of seconds.
        if start >= end {
            continue;
        }
        out.raw("BEGIN:VEVENT");
        out.raw(&format!("UID:{}@predeploy", uid(&scope, span, &start)));
        out.raw(&format!("DTSTAMP:{}", basic(times.at)));
        out.raw(&format!("DTSTART:{start}"));
        out.raw(&format!("DTEND:{end}"));
        out.text("SUMMARY", &summary(span));
        out.text("DESCRIPTION", &description(span, times));
        out.raw(if span.open { "CATEGORIES:OPEN" } else { "CATEGORIES:CLOSED" });
        out.raw("TRANSP:TRANSPARENT");
        out.raw("END:VEVENT");
    }
    out.raw("END:VCALENDAR");
    out.text
}

/// What the calendar or picture is called.
pub(super) fn title(answer: &Answer<'_>) -> String {
    let change = &answer.report.change;
    let of = change.repository.as_ref().map(|name| format!(" of {}", line(name))).unwrap_or_default();
    let to = change.environment.as_ref().map(|name| format!(" to {}", line(name))).unwrap_or_default();
    format!("Deployments{of}{to} at {} risk", change.risk.level.word())
}

/// What tells one calendar's times from another's.
fn scope(answer: &Answer<'_>) -> Vec<String> {
    let change = &answer.report.change;
    let mut parts = vec![
        change.repository.clone().unwrap_or_default(),
        change.environment.clone().unwrap_or_default(),
        change.risk.level.word().to_owned(),
    ];
    parts.extend(answer.gates.iter().map(|gate| gate.name.clone()));
    parts
}

fn uid(scope: &[String], span: &Stretch, start: &str) -> String {
    let mut hash = Sha256::new();
    for part in scope.iter().map(String::as_str).chain([if span.open { "open" } else { "closed" }, start]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn summary(span: &Stretch) -> String {
    let state = if span.open { "Open for deployments" } else { "Closed for deployments" };
    if span.why.is_empty() { state.into() } else { format!("{state}: {}", span.why.join("; ")) }
}

fn description(span: &Stretch, times: &Times) -> String {
    let end = match span.end == times.until {
        true => "at least until".to_owned(),
        false => "until".to_owned(),
    };
    format!(
        "{} {end} {} ({})",
        words::local(span.start, &times.zone),
        words::local(span.end, &times.zone),
        words::name(&times.zone)
    )
}

/// `20261118T110000Z`.
fn basic(instant: Timestamp) -> String {
    instant.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Content lines, folded, each with CRLF.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// A property of type TEXT: RFC 5545, 3.3.11.
    fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::with_capacity(value.len());
        for c in line(value).chars() {
            if matches!(c, '\\' | ';' | ',') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        self.raw(&format!("{name}:{escaped}"));
    }

    /// Folds by octets and never within a character.
    fn raw(&mut self, content: &str) {
        let mut width = 0;
        for c in content.chars() {
            if width + c.len_utf8() > WIDEST {
                self.text.push_str("\r\n ");
                width = 1;
            }
            width += c.len_utf8();
            self.text.push(c);
        }
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_lines_folded_by_octets() {
        let mut lines = Lines::default();
        let value = format!("a;b,c\\d\r\nEND:VEVENT {}", "é".repeat(80));
        lines.text("SUMMARY", &value);
        assert!(lines.text.starts_with("SUMMARY:a\\;b\\,c\\\\d\\\\r\\\\nEND:VEVENT é"), "{}", lines.text);
        let physical: Vec<&str> = lines.text.strip_suffix("\r\n").unwrap().split("\r\n").collect();
        assert!(physical.len() == 3 && physical.iter().all(|line| line.len() <= WIDEST), "{physical:?}");
        assert!(physical[1..].iter().all(|line| line.starts_with(' ')));
        let unfolded = lines.text.replace("\r\n ", "");
        assert_eq!(unfolded.matches("\r\n").count(), 1);
        assert_eq!(unfolded.matches('é').count(), 80);
    }
}
