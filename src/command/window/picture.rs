//! The times as a picture: SVG, a week a row, the hours from left to right.
//!
//! It has a title and a description for who cannot see it, follows the reader's choice of light or dark, and tells open from closed by
//! brightness and height as well as by colour. Where a clock shows an hour twice, closed lies over open; an hour that it skips is
//! drawn as the one before it.

use std::fmt::Write as _;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use predeploy_gates::Stretch;

use super::answer::Answer;
use super::calendar::Times;
use super::{ics, words};
use crate::report::harmless::line;

const LEFT: f64 = 92.0;
const TOP: f64 = 74.0;
const DAY: f64 = 120.0;
const ROW: f64 = 34.0;
/// Of a row, what is left free below it.
const GAP: f64 = 8.0;
/// Times that the description tells one by one; the rest are counted.
const TOLD: usize = 40;
/// Plain paints for programs that know no variables of CSS (librsvg); where these are known the style goes before them.
const PAPER: &str = "fill=\"#fff\"";
const INK: &str = "fill=\"#1f2328\"";
const QUIET: &str = "fill=\"#59636e\"";
const OPEN: &str = "fill=\"#1a7f37\"";
const CLOSED: &str = "fill=\"#d8dee4\"";
/// Of a character of the labels, at most.
const CHARACTER: f64 = 6.6;

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:var(--ink)}.quiet{fill:var(--quiet)}.head{font-size:16px;font-weight:600}\
.paper{fill:var(--paper)}.open{fill:var(--open)}.closed{fill:var(--closed)}.label{stroke:var(--closed);stroke-width:4px;paint-order:stroke}.day{stroke:var(--line)}.now{stroke:var(--now);stroke-width:2}\
svg{--paper:#fff;--ink:#1f2328;--quiet:#59636e;--open:#1a7f37;--closed:#d8dee4;--line:#59636e;--now:#cf222e}\
@media(prefers-color-scheme:dark){svg{--paper:#0d1117;--ink:#f0f6fc;--quiet:#9198a1;--open:#3fb950;--closed:#343b44;--line:#9198a1;--now:#ff7b72}}";

pub(super) fn svg(answer: &Answer<'_>, times: &Times) -> String {
    let zone = &times.zone;
    let monday = monday_of(times.at.to_zoned(zone.clone()).date());
    let sheet = Sheet { zone, monday, weeks: weeks(monday, times.until, zone) };
    let (width, height) = (LEFT + 7.0 * DAY + 16.0, TOP + sheet.weeks as f64 * ROW + 34.0);
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"title description\">\n<title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>\n\
         <style>{STYLE}</style>\n<rect class=\"paper\" {PAPER} width=\"{width}\" height=\"{height}\"/>\n",
        escaped(&ics::title(answer)),
        escaped(&description(times)),
    );
    let _ = writeln!(out, "<text class=\"head\" {INK} x=\"16\" y=\"26\">{}</text>", escaped(&ics::title(answer)));
    let _ = writeln!(
        out,
        "<text class=\"quiet\" {QUIET} x=\"{}\" y=\"26\" text-anchor=\"end\">in {}</text>",
        width - 16.0,
        escaped(&words::name(zone))
    );
    sheet.head(&mut out);
    // Closed last: it lies over open where a clock shows an hour twice.
    for open in [true, false] {
        for span in times.spans.iter().filter(|span| span.open == open) {
            sheet.span(span, &mut out);
        }
    }
    sheet.days(&mut out);
    // Over the lines between days, which would cross them.
    times.spans.iter().for_each(|span| sheet.labels(span, &mut out));
    sheet.now(times.at, &mut out);
    legend(height - 12.0, times, &mut out);
    out.push_str("</svg>\n");
    out
}

fn monday_of(date: Date) -> Date {
    let since = i32::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(since.days()).unwrap_or(date)
}

/// Rows that it takes; at least one.
fn weeks(monday: Date, until: Timestamp, zone: &TimeZone) -> i32 {
    let last = until.checked_sub(1.second()).unwrap_or(until).to_zoned(zone.clone()).date();
    monday.until(last).map_or(1, |span| span.get_days() / 7 + 1).max(1)
}

/// The rows, and where an instant lies in them.
struct Sheet<'a> {
    zone: &'a TimeZone,
    monday: Date,
    weeks: i32,
}

/// A part of a time on one day, in hours of its clock.
struct Piece {
    date: Date,
    from: f64,
    to: f64,
}

impl Sheet<'_> {
    /// The parts of a time: cut where a day begins and where clocks change, so that in each the clock runs evenly.
    fn pieces(&self, span: &Stretch) -> Vec<Piece> {
        let midnight = |date: Date| {
            let start = self.zone.to_ambiguous_zoned(date.to_datetime(Time::midnight())).compatible();
            start.map_or(Timestamp::MAX, |start| start.timestamp())
        };
        let last = self.monday.checked_add((self.weeks * 7).days()).map_or(Timestamp::MAX, midnight);
        let (mut at, end) = (span.start.max(midnight(self.monday)), span.end.min(last));
        let mut pieces = Vec::new();
        while at < end {
            let local = self.zone.to_datetime(at);
            let next_day = local.date().tomorrow().map_or(end, midnight);
            let change = self.zone.following(at).next().map_or(end, |transition| transition.timestamp());
            // A day that begins twice would otherwise not end.
            let next = [end, next_day, change].into_iter().filter(|next| *next > at).min().unwrap_or(end);
            let from = hours(local.time().duration_since(Time::midnight()));
            let to = (from + hours(next.duration_since(at))).min(24.0);
            pieces.push(Piece { date: local.date(), from, to });
            at = next;
        }
        pieces
    }

    /// Left and top of an hour of a day.
    fn place(&self, date: Date, hour: f64) -> (f64, f64) {
        let days = self.monday.until(date).map_or(0, |span| span.get_days());
        (LEFT + f64::from(days % 7) * DAY + hour * DAY / 24.0, TOP + f64::from(days / 7) * ROW)
    }

    fn span(&self, span: &Stretch, out: &mut String) {
        let pieces = joined(self.pieces(span), self);
        let state = if span.open { "open" } else { "closed" };
        let paint = if span.open { OPEN } else { CLOSED };
        let told = escaped(&told(span, self.zone));
        let _ = writeln!(out, "<g><title>{told}</title>");
        let inset = if span.open { 0.0 } else { 5.0 };
        for (x, y, width) in &pieces {
            let _ = writeln!(
                out,
                "<rect class=\"{state}\" {paint} x=\"{x:.2}\" y=\"{:.2}\" width=\"{width:.2}\" height=\"{:.2}\"/>",
                y + inset,
                ROW - GAP - 2.0 * inset
            );
        }
        out.push_str("</g>\n");
    }

    /// Where there is room, why it is closed: in each row, and of what goes on from the row above with a sign that it does.
    fn labels(&self, span: &Stretch, out: &mut String) {
        let why = line(&span.why.join("; "));
        if span.open || why.is_empty() {
            return;
        }
        for (index, (x, y, width)) in joined(self.pieces(span), self).into_iter().enumerate() {
            if width < DAY * 0.75 {
                continue;
            }
            let room = ((width - 12.0) / CHARACTER) as usize;
            let text = if index == 0 { why.clone() } else { format!("… {why}") };
            let _ = writeln!(
                out,
                "<text class=\"label\" {INK} stroke=\"#d8dee4\" x=\"{:.2}\" y=\"{:.2}\">{}</text>",
                x + 6.0,
                y + (ROW - GAP) / 2.0 + 4.0,
                escaped(&shortened(&text, room))
            );
        }
    }

    fn head(&self, out: &mut String) {
        for (index, name) in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].into_iter().enumerate() {
            let x = LEFT + index as f64 * DAY;
            let _ = writeln!(out, "<text {INK} x=\"{:.2}\" y=\"50\">{name}</text>", x + 4.0);
            for hour in [6, 12, 18] {
                let x = x + f64::from(hour) * DAY / 24.0;
                let _ = writeln!(
                    out,
                    "<text class=\"quiet\" {QUIET} x=\"{x:.2}\" y=\"66\" text-anchor=\"middle\">{hour}</text>"
                );
            }
        }
        for week in 0..self.weeks {
            let date = self.monday.checked_add((week * 7).days()).unwrap_or(self.monday);
            let y = TOP + f64::from(week) * ROW + (ROW - GAP) / 2.0 + 4.0;
            let _ = writeln!(out, "<text class=\"quiet\" {QUIET} x=\"16\" y=\"{y:.2}\">{date}</text>");
        }
    }

    /// Where days begin.
    fn days(&self, out: &mut String) {
        for day in 0..=7 {
            let x = LEFT + f64::from(day) * DAY;
            let _ = writeln!(
                out,
                "<line class=\"day\" stroke=\"#59636e\" x1=\"{x:.2}\" y1=\"{:.2}\" x2=\"{x:.2}\" y2=\"{:.2}\"/>",
                TOP - 4.0,
                TOP + f64::from(self.weeks) * ROW - GAP + 4.0
            );
        }
    }

    fn now(&self, at: Timestamp, out: &mut String) {
        let local = self.zone.to_datetime(at);
        let (x, y) = self.place(local.date(), hours(local.time().duration_since(Time::midnight())));
        let _ = writeln!(
            out,
            "<line class=\"now\" stroke=\"#cf222e\" x1=\"{x:.2}\" y1=\"{:.2}\" x2=\"{x:.2}\" y2=\"{:.2}\"><title>asked for {}</title></line>",
            y - 3.0,
            y + ROW - GAP + 3.0,
            escaped(&words::local(at, self.zone))
        );
    }
}

/// Left, top and width of what is one in a row.
fn joined(pieces: Vec<Piece>, sheet: &Sheet<'_>) -> Vec<(f64, f64, f64)> {
    let mut joined: Vec<(f64, f64, f64)> = Vec::new();
    for piece in pieces {
        let (x, y) = sheet.place(piece.date, piece.from);
        let width = (piece.to - piece.from) * DAY / 24.0;
        match joined.last_mut() {
            Some((left, top, so_far)) if *top == y && (*left + *so_far - x).abs() < 0.01 => *so_far += width,
            _ => joined.push((x, y, width)),
        }
    }
    joined
}

fn hours(length: SignedDuration) -> f64 {
    length.as_secs_f64() / 3600.0
}

fn told(span: &Stretch, zone: &TimeZone) -> String {
    let state = if span.open { "open" } else { "closed" };
    let why = if span.why.is_empty() { String::new() } else { format!(": {}", span.why.join("; ")) };
    format!("{state} from {} to {}{why}", words::local(span.start, zone), words::local(span.end, zone))
}

/// In words what the picture shows.
fn description(times: &Times) -> String {
    let spans: Vec<String> = times.spans.iter().take(TOLD).map(|span| told(span, &times.zone)).collect();
    let more = times.spans.len().saturating_sub(TOLD);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!(
        "As of {} it shows when deployments may start, up to {}. {}{more}.",
        words::local(times.at, &times.zone),
        words::local(times.until, &times.zone),
        spans.join("; ")
    )
}

fn legend(y: f64, times: &Times, out: &mut String) {
    let _ = write!(
        out,
        "<rect class=\"open\" {OPEN} x=\"{LEFT}\" y=\"{:.2}\" width=\"18\" height=\"12\"/><text {INK} x=\"{}\" y=\"{y:.2}\">open</text>\n\
         <rect class=\"closed\" {CLOSED} x=\"{}\" y=\"{:.2}\" width=\"18\" height=\"8\"/><text {INK} x=\"{}\" y=\"{y:.2}\">closed</text>\n\
         <text class=\"quiet\" {QUIET} x=\"{}\" y=\"{y:.2}\" text-anchor=\"end\">as of {}</text>\n",
        y - 10.0,
        LEFT + 24.0,
        LEFT + 76.0,
        y - 8.0,
        LEFT + 100.0,
        LEFT + 7.0 * DAY,
        escaped(&words::local(times.at, &times.zone)),
    );
}

/// At most so many characters, with a sign that there are more: all of it is in the title.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.into();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// For the text of XML 1.0, where not every character may stand.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
