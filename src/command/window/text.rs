//! The answer for a person.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use predeploy_gates::{LineSource, Severity, Timetable, TimetableLine, Verdict, Why};

use super::answer::{Answer, Gate};
use super::words;
use crate::command::told::tell;
use crate::report::harmless::line;

/// What could not be read, and what holds beside the times, to standard error.
pub(super) fn problems(answer: &Answer<'_>) {
    answer.all_problems().for_each(|finding| tell("unresolved", finding));
    for (gate, table) in answer.gates.iter().zip(&answer.tables) {
        for finding in table.beside.iter().filter(|finding| finding.severity > Severity::Note) {
            let counts = gate.accepted.is_none();
            tell(if counts { finding.severity.word() } else { Severity::Note.word() }, finding);
        }
    }
}

pub(super) fn answer(answer: &Answer<'_>, zone: Option<&TimeZone>, explain: bool) -> String {
    problems(answer);
    let mut text = String::new();
    let first = answer.zone();
    let common = zone.unwrap_or(&first);
    let _ = writeln!(text, "{}", headline(answer, common));
    let mut row = |name: &str, said: String| writeln!(text, "  {name:<12}{said}").unwrap_or_default();
    row("asked for", instant(answer.at, common));
    row("a change", change(answer));
    if let [(gate, table)] = answer.gates.iter().zip(&answer.tables).collect::<Vec<_>>()[..] {
        of_gate(answer, gate, table, common, &mut row);
    } else {
        times(answer, common, &mut row);
        for (gate, table) in answer.gates.iter().zip(&answer.tables) {
            let own = zone.unwrap_or(&table.zone);
            let _ = writeln!(text, "{}: {}", line(&gate.name), state(gate, table));
            let mut row = |name: &str, said: String| writeln!(text, "  {name:<12}{said}").unwrap_or_default();
            of_gate(answer, gate, table, own, &mut row);
        }
    }
    if explain {
        for (gate, table) in answer.gates.iter().zip(&answer.tables) {
            explained(answer, gate, table, zone.unwrap_or(&table.zone), &mut text);
        }
    }
    text
}

/// The answer in one sentence.
pub(super) fn sentence(answer: &Answer<'_>) -> String {
    let zone = answer.zone();
    let why = answer.tables.iter().filter(|table| !table.open).flat_map(|table| &table.why).next();
    let why = why.filter(|_| answer.complete()).map(|why| format!(" ({})", why.text)).unwrap_or_default();
    format!("{}{why}", headline(answer, &zone))
}

fn headline(answer: &Answer<'_>, zone: &TimeZone) -> String {
    let rollout = rollout(answer);
    let accepted = || answer.gates.iter().find_map(|gate| gate.accepted.as_deref()).map(line);
    match (answer.verdict, answer.next_fit()) {
        (Verdict::Passed, _) if !answer.open() || !answer.fits() => {
            let what = match (answer.open(), answer.tables.iter().any(|table| table.held)) {
                (false, _) => "it is closed",
                (true, true) => "something else holds it",
                (true, false) => "it does not fit",
            };
            format!("it may be deployed now although {what}: {}", accepted().unwrap_or_default())
        }
        (Verdict::Passed, _) => format!("open{rollout}"),
        (Verdict::Pending, next) => {
            let what = match (answer.open(), answer.held()) {
                (true, true) => "open, but something else holds this change".into(),
                (true, false) if settles(answer) => "open, but it opened only now".into(),
                (true, false) => format!("open, but not for this deployment{rollout}"),
                (false, true) => "closed, and something else holds this change".into(),
                (false, false) => "closed".into(),
            };
            match next.filter(|next| *next > answer.at) {
                Some(next) => format!("{what}; it may start {}", words::local(next, zone)),
                None if answer.held() => what,
                None => format!("{what}; nothing that opens within two years is long enough{rollout}"),
            }
        }
        (Verdict::Unresolved | Verdict::Skipped | Verdict::Blocked, _) if answer.complete() => {
            let opens = answer.tables.iter().all(|table| table.open || table.next_open.is_some());
            match (answer.open(), answer.held(), answer.next().0) {
                (true, true, _) => "open, but what else may hold this change could not be determined".into(),
                (false, true, _) => "closed, and what else may hold this change could not be determined".into(),
                (_, false, Some(_)) | (true, false, None) => {
                    format!("closed for this deployment; nothing that opens within two years is long enough{rollout}")
                }
                (false, false, None) if opens => {
                    "closed, and within two years no time opens in which all gates are open".into()
                }
                (false, false, None) => "closed, and nothing opens within two years".into(),
            }
        }
        _ => "it could not be determined whether it is open".into(),
    }
}

/// Whether it holds only that too little time has passed since the opening.
fn settles(answer: &Answer<'_>) -> bool {
    let long_enough = |table: &Timetable| {
        let left = |closing: Timestamp| closing.duration_since(answer.at) >= table.rollout;
        table.fits || !table.settle.is_zero() && table.next_close.is_none_or(left)
    };
    answer.tables.iter().all(long_enough)
}

/// ` for a rollout of 40m`, of the longest one.
fn rollout(answer: &Answer<'_>) -> String {
    let longest = answer.tables.iter().map(|table| table.rollout).max().filter(|rollout| !rollout.is_zero());
    longest.map(|rollout| format!(" for a rollout of {}", words::length(rollout))).unwrap_or_default()
}

pub(super) fn change(answer: &Answer<'_>) -> String {
    let report = &answer.report;
    let to = report.change.environment.as_ref().map(|name| format!(", to {}", line(name))).unwrap_or_default();
    let by = match report.policy.path.is_empty() {
        true => String::new(),
        false => format!(", by {} of {}", line(&report.policy.path), line(&report.policy.source)),
    };
    format!("of {} risk{to}{by}", report.change.risk.level.word())
}

/// The word for one gate beside others.
fn state(gate: &Gate, table: &Timetable) -> &'static str {
    match (gate.verdict, table.open, table.fits) {
        (_, true, true) => "open",
        (_, true, false) => "open, but not for this deployment",
        (Verdict::Unresolved, ..) if !table.problems.is_empty() => "could not be determined",
        (_, false, _) => "closed",
    }
}

type Row<'a> = &'a mut dyn FnMut(&str, String);

fn of_gate(answer: &Answer<'_>, gate: &Gate, table: &Timetable, zone: &TimeZone, row: Row<'_>) {
    if let Some(accepted) = &gate.accepted {
        row("accepted", line(accepted));
    }
    whys(answer, gate, &table.why, row);
    if answer.complete() {
        let next = (table.next_open, table.next_close);
        next_times(answer.at, table.open, next, zone, row);
        fits(table, answer.at, zone, row);
    }
    for finding in &table.beside {
        row(finding.severity.word(), line(&finding.message));
    }
}

fn whys(answer: &Answer<'_>, gate: &Gate, whys: &[Why], row: Row<'_>) {
    for (index, why) in whys.iter().enumerate() {
        let places: Vec<String> = why.sources.iter().map(|source| place(answer, gate, source)).collect();
        let places = if places.is_empty() { String::new() } else { format!("  [{}]", places.join(", ")) };
        row(if index == 0 { "because" } else { "" }, format!("{}{places}", line(&why.text)));
    }
}

fn place(answer: &Answer<'_>, gate: &Gate, source: &LineSource) -> String {
    let (path, at) = answer.place(&gate.name, source);
    at.map_or(line(&path), |at| format!("{}:{at}", line(&path)))
}

fn times(answer: &Answer<'_>, zone: &TimeZone, row: Row<'_>) {
    if answer.complete() {
        next_times(answer.at, answer.open(), answer.next(), zone, row);
    }
}

/// What comes first, first.
fn next_times(
    at: Timestamp,
    open: bool,
    (next_open, next_close): (Option<Timestamp>, Option<Timestamp>),
    zone: &TimeZone,
    row: Row<'_>,
) {
    let told = |time: Option<Timestamp>| match time {
        Some(time) => format!("{}  in {}", instant(time, zone), words::length(time.duration_since(at))),
        None => "not within two years".into(),
    };
    if open {
        row("closes", told(next_close));
        if next_close.is_some() {
            row("opens next", told(next_open));
        }
    } else {
        row("opens", told(next_open));
        if next_open.is_some() {
            row("closes next", told(next_close));
        }
    }
}

/// Whether the rollout fits, where one is asked about.
fn fits(table: &Timetable, at: Timestamp, zone: &TimeZone, row: Row<'_>) {
    if table.rollout.is_zero() && table.settle.is_zero() {
        return;
    }
    let mut needs = vec![];
    if !table.rollout.is_zero() {
        needs.push(format!("a rollout of {}", words::length(table.rollout)));
    }
    if !table.settle.is_zero() {
        needs.push(format!("a start {} after an opening", words::length(table.settle)));
    }
    let needs = needs.join(", and ");
    match (table.fits, table.next_fit) {
        (true, _) => {
            let last = table.next_close.and_then(|closing| closing.checked_sub(table.rollout).ok());
            let last = last.map(|last| format!(": it may start up to {}", words::local(last, zone)));
            row("fits", format!("{needs}{}", last.unwrap_or_default()));
        }
        (false, Some(next)) => row(
            "fits",
            format!("{needs}: from {} on, in {}", words::local(next, zone), words::length(next.duration_since(at))),
        ),
        (false, None) if table.held => row("fits", format!("{needs}: not while something else holds the change")),
        (false, None) => row("fits", format!("{needs}: nowhere within two years")),
    }
}

fn instant(at: Timestamp, zone: &TimeZone) -> String {
    if zone.iana_name() == Some("UTC") {
        return format!("{} (UTC)", words::local(at, zone));
    }
    format!("{} ({})  {}", words::local(at, zone), words::name(zone), words::utc(at))
}

/// Every line, and what each region says.
fn explained(answer: &Answer<'_>, gate: &Gate, table: &Timetable, zone: &TimeZone, text: &mut String) {
    for region in &table.regions {
        let _ = writeln!(text, "region {}: {}", line(&region.name), if region.open { "open" } else { "closed" });
        let mut row = |name: &str, said: String| writeln!(text, "  {name:<12}{said}").unwrap_or_default();
        whys(answer, gate, &region.why, &mut row);
        let until = region.until.map_or("not within two years".into(), |until| instant(until, zone));
        row(if region.open { "closes" } else { "opens" }, until);
    }
    let _ = writeln!(text, "lines of {}:", line(&gate.name));
    for one in &table.lines {
        let _ = writeln!(text, "  {}  [{}]", of_line(one, zone), place(answer, gate, &one.source));
    }
}

fn of_line(one: &TimetableLine, zone: &TimeZone) -> String {
    let region = one.region.as_ref().map(|region| format!(" of {}", line(region))).unwrap_or_default();
    let only_for =
        if one.only_for.is_empty() { String::new() } else { format!(" for {}", line(&one.only_for.join(", "))) };
    let title = format!("{}{region}{only_for}", line(&one.title));
    if let Some(why) = one.left_out {
        return format!("{:<16}{title}: {why}", "does not apply");
    }
    let does = match (one.holds, one.closes) {
        (true, true) => "closes it",
        (true, false) => "opens it",
        (false, _) => "not now",
    };
    let named: String = one.named.iter().map(|name| format!("; {}", line(name))).collect();
    let reason = one.reason.as_ref().map(|reason| format!(": {}", line(reason))).unwrap_or_default();
    let until = match (one.holds, one.until) {
        (true, Some(until)) => format!(", until {}", words::local(until, zone)),
        (false, Some(from)) => format!(", next {}", words::local(from, zone)),
        (true, None) => ", for two years at least".into(),
        (false, None) => ", not within two years".into(),
    };
    format!("{does:<16}{title} ({}{named}){reason}{until}", line(&one.times))
}
