//! JSON, version 1: a promise to whoever reads it. Fields are added, never renamed or removed. Times are RFC 3339 in UTC, lengths
//! are seconds.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use predeploy_gates::{Finding, Timetable, TimetableLine, Why};
use serde::Serialize;

use super::answer::{Answer, Gate};
use super::calendar::Times;
use super::words;
use crate::exit::Stop;
use crate::report::json::written;

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Root<'a> {
    version: u32,
    /// `passed`, `pending` or `unresolved`: that of the exit code.
    verdict: &'static str,
    /// It is open at `at`: every gate is.
    open: bool,
    /// The reasons; of several gates those of the ones that make it so.
    why: Vec<&'a str>,
    /// When `open` changes. Like all times of this object: nothing if that is not within two years, or not known.
    until: Option<Timestamp>,
    next_open: Option<Timestamp>,
    next_close: Option<Timestamp>,
    /// A deployment may start at `at` and be done before it closes.
    fits: bool,
    /// When one may start and be done before it closes, from `at` on.
    next_fit: Option<Timestamp>,
    at: Timestamp,
    /// IANA name of the zone in which the policy speaks; nothing if it has none.
    zone: Option<&'a str>,
    /// Version of the time-zone database.
    tzdb: &'a str,
    environment: Option<&'a str>,
    risk: &'static str,
    policy: Policy<'a>,
    simulated: bool,
    /// What could not be read. Where there is any of it, nothing is open.
    problems: Vec<Problem<'a>>,
    gates: Vec<OneGate<'a>>,
}

#[derive(Serialize)]
struct Policy<'a> {
    source: &'a str,
    path: &'a str,
    digest: &'a str,
}

#[derive(Serialize)]
struct OneGate<'a> {
    gate: &'a str,
    verdict: &'static str,
    /// Why it does not hold the change although its times or what is in `beside` would.
    accepted: Option<&'a str>,
    open: bool,
    why: Vec<Reason<'a>>,
    until: Option<Timestamp>,
    next_open: Option<Timestamp>,
    next_close: Option<Timestamp>,
    rollout_s: i64,
    settle_s: i64,
    fits: bool,
    next_fit: Option<Timestamp>,
    zone: Option<&'a str>,
    /// What holds the change, or should be looked at, beside the times.
    beside: Vec<Problem<'a>>,
    problems: Vec<Problem<'a>>,
    regions: Vec<Region<'a>>,
    lines: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Reason<'a> {
    text: &'a str,
    /// Where the lines are written that it speaks of.
    places: Vec<Place>,
}

#[derive(Serialize)]
struct Place {
    path: String,
    /// 1-based.
    line: Option<u32>,
}

#[derive(Serialize)]
struct Region<'a> {
    region: &'a str,
    open: bool,
    why: Vec<Reason<'a>>,
    until: Option<Timestamp>,
}

#[derive(Serialize)]
struct Line<'a> {
    line: &'a str,
    /// `opens` or `closes`.
    effect: &'static str,
    place: Place,
    region: Option<&'a str>,
    /// What it is only for: `high risk`, `production`, …
    only_for: &'a [String],
    applies: bool,
    /// Why not.
    left_out: Option<&'static str>,
    times: &'a str,
    reason: Option<&'a str>,
    /// Events and holidays of it that hold at `at`.
    named: &'a [String],
    holds: bool,
    /// When `holds` changes.
    until: Option<Timestamp>,
}

#[derive(Serialize)]
struct Problem<'a> {
    rule: &'static str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    path: Option<&'a str>,
    line: Option<u32>,
}

pub(super) fn answer(answer: &Answer<'_>, zone: Option<&TimeZone>) -> Result<String, Stop> {
    let first = answer.zone();
    let root = root(answer, zone.unwrap_or(&first));
    Ok(written(&root)?)
}

fn root<'a>(answer: &'a Answer<'_>, zone: &'a TimeZone) -> Root<'a> {
    let (open, fits) = (answer.open(), answer.fits());
    let (next_open, next_close) = answer.next();
    let so = answer.tables.iter().filter(|table| open || !table.open);
    let report = &answer.report;
    Root {
        version: VERSION,
        verdict: answer.verdict.word(),
        open,
        why: so.flat_map(|table| &table.why).map(|why| why.text.as_str()).collect(),
        until: if open { next_close } else { next_open },
        next_open,
        next_close,
        fits,
        next_fit: answer.next_fit().map(words::whole),
        at: words::whole(answer.at),
        zone: zone.iana_name(),
        tzdb: &report.tzdb,
        environment: report.change.environment.as_deref(),
        risk: report.change.risk.level.word(),
        policy: Policy { source: &report.policy.source, path: &report.policy.path, digest: &report.policy.digest },
        simulated: !report.simulated.is_empty(),
        problems: answer.all_problems().map(problem).collect(),
        gates: answer.gates.iter().zip(&answer.tables).map(|(gate, table)| one_gate(answer, gate, table)).collect(),
    }
}

fn one_gate<'a>(answer: &'a Answer<'_>, gate: &'a Gate, table: &'a Timetable) -> OneGate<'a> {
    let whys = |whys: &'a [Why]| whys.iter().map(|why| reason(answer, gate, why)).collect();
    OneGate {
        gate: &gate.name,
        verdict: gate.verdict.word(),
        accepted: gate.accepted.as_deref(),
        open: table.open,
        why: whys(&table.why),
        until: table.until,
        next_open: table.next_open,
        next_close: table.next_close,
        rollout_s: table.rollout.as_secs(),
        settle_s: table.settle.as_secs(),
        fits: table.fits,
        next_fit: table.next_fit.map(words::whole),
        zone: table.zone.iana_name(),
        beside: table.beside.iter().map(problem).collect(),
        problems: table.problems.iter().map(problem).collect(),
        regions: table
            .regions
            .iter()
            .map(|one| Region { region: &one.name, open: one.open, why: whys(&one.why), until: one.until })
            .collect(),
        lines: table.lines.iter().map(|one| line(answer, gate, one)).collect(),
    }
}

fn reason<'a>(answer: &Answer<'_>, gate: &Gate, why: &'a Why) -> Reason<'a> {
    let places = why.sources.iter().map(|source| answer.place(&gate.name, source));
    Reason { text: &why.text, places: places.map(|(path, line)| Place { path, line }).collect() }
}

fn line<'a>(answer: &Answer<'_>, gate: &Gate, one: &'a TimetableLine) -> Line<'a> {
    let (path, at) = answer.place(&gate.name, &one.source);
    Line {
        line: &one.title,
        effect: if one.closes { "closes" } else { "opens" },
        place: Place { path, line: at },
        region: one.region.as_deref(),
        only_for: &one.only_for,
        applies: one.left_out.is_none(),
        left_out: one.left_out,
        times: &one.times,
        reason: one.reason.as_deref(),
        named: &one.named,
        holds: one.holds,
        until: one.until,
    }
}

fn problem(finding: &Finding) -> Problem<'_> {
    let place = finding.file_and_line();
    Problem {
        rule: finding.rule.id,
        severity: finding.severity.word(),
        message: &finding.message,
        help: finding.help.as_deref(),
        path: place.map(|(path, _)| path),
        line: place.and_then(|(_, line)| line),
    }
}

#[derive(Serialize)]
struct Calendar<'a> {
    version: u32,
    at: Timestamp,
    /// Nothing is told from here on.
    until: Timestamp,
    zone: Option<&'a str>,
    tzdb: &'a str,
    environment: Option<&'a str>,
    risk: &'static str,
    gates: Vec<&'a str>,
    simulated: bool,
    /// What could not be read. Where there is any of it, there are no spans.
    problems: Vec<Problem<'a>>,
    spans: Vec<Span<'a>>,
}

#[derive(Serialize)]
struct Span<'a> {
    /// Of the first it may be before `at`.
    start: Timestamp,
    /// Of the last it is `until`, where nothing more is told.
    end: Timestamp,
    open: bool,
    why: &'a [String],
}

pub(super) fn calendar(answer: &Answer<'_>, times: &Times) -> Result<String, Stop> {
    let report = &answer.report;
    let calendar = Calendar {
        version: VERSION,
        at: words::whole(times.at),
        until: times.until,
        zone: times.zone.iana_name(),
        tzdb: &report.tzdb,
        environment: report.change.environment.as_deref(),
        risk: report.change.risk.level.word(),
        gates: answer.gates.iter().map(|gate| gate.name.as_str()).collect(),
        simulated: !report.simulated.is_empty(),
        problems: answer.all_problems().map(problem).collect(),
        spans: times
            .spans
            .iter()
            .map(|span| Span { start: span.start, end: span.end, open: span.open, why: &span.why })
            .collect(),
    };
    Ok(written(&calendar)?)
}
