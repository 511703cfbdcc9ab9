//! The lines of the policy in words: which of them hold, where they are written, and what each region says.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::window::FREEZE;
use crate::window::evidence::{Evidence, FreezeFile};
use crate::window::interval::{Effect, Interval};
use crate::window::judge::described;
use crate::window::lines::{self, Line as Applied};
use crate::window::plan::Plan;
use crate::window::policy::Window;
use crate::window::schedule::{Region, Schedule};
use crate::{Context, Text};

/// Where a line is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the policy, from the gate's settings on: `["deny", "0"]`.
    Policy([String; 2]),
    /// In the file of freezes, at a 1-based line.
    File { path: String, line: u32 },
}

/// One reason for being open, or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    pub text: String,
    /// Of the lines that it speaks of.
    pub sources: Vec<Source>,
}

/// A line of the policy, or of the file of freezes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// ``deny window `weekend` ``, `freeze 2`.
    pub title: String,
    pub source: Source,
    /// It closes; else it opens.
    pub closes: bool,
    pub region: Option<String>,
    /// What it is only for, in words; nothing where it is for every change.
    pub only_for: Vec<String>,
    /// Why it does not apply to the change, where that is so. Then nothing below is told.
    pub left_out: Option<&'static str>,
    /// Its times, in words.
    pub times: String,
    pub reason: Option<String>,
    /// What of it holds, by name: events, holidays.
    pub named: Vec<String>,
    pub holds: bool,
    /// When that changes. Nothing within two years.
    pub until: Option<Timestamp>,
}

/// What the lines of one region say by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionOpen {
    pub name: String,
    pub open: bool,
    pub why: Vec<Why>,
    /// When that changes. Nothing within two years.
    pub until: Option<Timestamp>,
}

fn source(line: &Applied<'_>, evidence: &Evidence) -> Source {
    match (&line.entry, &evidence.calendar) {
        (Some(entry), Some(FreezeFile::Read { path, .. } | FreezeFile::Unreadable { path, .. })) => {
            Source::File { path: path.clone(), line: entry.span.start.line }
        }
        _ => Source::Policy(line.key.clone()),
    }
}

/// The lines that make it open or closed at an instant.
pub(super) fn why(plan: &Plan<'_>, evidence: &Evidence, at: Timestamp, open: bool) -> Vec<Why> {
    let one = |line: &Applied<'_>| Why { text: described(line, at), sources: vec![source(line, evidence)] };
    if open {
        // Where one region is enough, those of another say nothing.
        let open: Vec<&Text> =
            each_region(plan).filter(|(_, schedule)| schedule.is_open(at)).map(|(name, _)| name).collect();
        let counts = |line: &&Applied<'_>| line.region.is_none_or(|region| open.contains(&region));
        let holding = plan.lines.iter().filter(|line| !line.closes() && line.recurrence.holds(at)).filter(counts);
        let allowed: Vec<Why> = holding.map(one).collect();
        return if allowed.is_empty() { vec![undenied()] } else { allowed };
    }
    plan.closing(at).map(one).chain(outside(&plan.missed(at), evidence)).collect()
}

fn undenied() -> Why {
    Why { text: "nothing closes it, and no line allows only certain times".into(), sources: vec![] }
}

/// Each region by itself.
fn each_region<'p, 'a>(plan: &'p Plan<'a>) -> impl Iterator<Item = (&'a Text, Schedule)> + use<'p, 'a> {
    let alone = |lines: &Region| Schedule { regions: vec![lines.clone()], ..plan.schedule.clone() };
    plan.regions().into_iter().zip(plan.schedule.regions.iter().map(alone))
}

/// That none of some allow windows holds.
fn outside(missed: &[&Applied<'_>], evidence: &Evidence) -> Option<Why> {
    let times: Vec<&str> = missed.iter().map(|line| line.times.as_str()).collect();
    (!missed.is_empty()).then(|| Why {
        text: format!("outside every allow window ({})", times.join("; ")),
        sources: missed.iter().map(|line| source(line, evidence)).collect(),
    })
}

pub(super) fn regions(plan: &Plan<'_>, evidence: &Evidence, at: Timestamp) -> Vec<RegionOpen> {
    let region = |(name, schedule): (&Text, Schedule)| {
        let open = schedule.is_open(at);
        let mine: Vec<&Applied<'_>> = plan.lines.iter().filter(|l| l.region.is_none_or(|of| of == name)).collect();
        let holding = |closes: bool| {
            let holding = mine.iter().filter(move |line| line.closes() == closes && line.recurrence.holds(at));
            holding.map(|line| Why { text: described(line, at), sources: vec![source(line, evidence)] })
        };
        let allows: Vec<&Applied<'_>> = mine.iter().copied().filter(|line| !line.closes()).collect();
        let missed = allows.iter().all(|line| !line.recurrence.holds(at));
        let why = match open {
            true if allows.is_empty() => vec![undenied()],
            true => holding(false).collect(),
            false => holding(true).chain(outside(if missed { &allows } else { &[] }, evidence)).collect(),
        };
        let until = if open { schedule.next_closing(at) } else { schedule.next_opening(at) };
        RegionOpen { name: name.to_string(), open, why, until }
    };
    each_region(plan).map(region).collect()
}

/// Those that apply in the order of the policy, then those that do not.
pub(super) fn lines(policy: &Window, evidence: &Evidence, plan: &Plan<'_>, at: &Context<'_>) -> Vec<Line> {
    let horizon = plan.schedule.horizon;
    let applied = plan.lines.iter().map(|line| {
        let holds = line.recurrence.holds(at.at);
        Line {
            title: line.title.clone(),
            source: source(line, evidence),
            closes: line.closes(),
            region: line.region.map(ToString::to_string),
            only_for: line.only_for.clone(),
            left_out: None,
            times: line.times.clone(),
            reason: line.reason.map(ToString::to_string),
            named: line.named(at.at),
            holds,
            until: change(line, at.at, horizon),
        }
    });
    let left_out = lines::left_out(policy, evidence, at).into_iter().map(|line| Line {
        title: line.title,
        source: Source::Policy(line.key),
        closes: line.effect == Effect::Closes,
        region: line.region.map(ToString::to_string),
        only_for: line.only_for,
        left_out: Some(line.why),
        times: String::new(),
        reason: None,
        named: vec![],
        holds: false,
        until: None,
    });
    applied.chain(left_out).collect()
}

/// When a line next begins to hold, or no longer does.
fn change(line: &Applied<'_>, from: Timestamp, horizon: Timestamp) -> Option<Timestamp> {
    let holds = line.recurrence.holds(from);
    let mut at = from;
    while at < horizon {
        let state = line.recurrence.look(at, horizon);
        if state.holds != holds {
            return Some(at);
        }
        at = state.until;
    }
    None
}

/// The lines that hold at some time of an interval.
pub(super) fn taking_part(plan: &Plan<'_>, interval: Interval, open: bool) -> Vec<String> {
    let takes_part = |line: &&Applied<'_>| {
        let state = line.recurrence.look(interval.start, interval.end);
        line.closes() != open && (state.holds || state.until < interval.end)
    };
    let name = |line: &Applied<'_>| {
        let state = line.recurrence.look(interval.start, interval.end);
        let at = if state.holds { interval.start } else { state.until };
        let named = line.named(at);
        let title: Cow<'_, str> = line.name.map_or(Cow::Borrowed(line.title.as_str()), |name| name.as_str().into());
        if named.is_empty() { title.into_owned() } else { format!("{title}: {}", named.join(", ")) }
    };
    let outside = (!open && lies_outside(plan, interval)).then(|| "outside every allow window".to_owned());
    let mut lines: Vec<&Applied<'_>> = plan.lines.iter().filter(takes_part).collect();
    // What comes once says more than what comes each week.
    lines.sort_by_key(|line| line.rule.id != FREEZE.id);
    lines.into_iter().map(name).chain(outside).collect()
}

/// Whether at some time of a closed interval no line closes: then it is no allow that does.
fn lies_outside(plan: &Plan<'_>, interval: Interval) -> bool {
    let mut at = interval.start;
    while at < interval.end {
        let closed = plan.lines.iter().filter(|line| line.closes()).map(|line| line.recurrence.look(at, interval.end));
        match closed.filter(|state| state.holds).map(|state| state.until).max() {
            Some(until) => at = until,
            None => return true,
        }
    }
    false
}
