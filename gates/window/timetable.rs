//! When it is open, told: what `predeploy window` prints, and what a picture of the coming weeks shows.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::value::RawValue;

use super::Window;
use super::evidence::Evidence;
use super::interval::Interval;
use super::judge::described;
use super::lines::{self, Line};
use super::plan::Plan;
use crate::{Asked, Context, Failure, Finding};

/// What a window gate says of the times around an instant.
#[derive(Clone, Debug)]
pub struct Timetable {
    /// The instant that was asked about.
    pub at: Timestamp,
    /// Whether it is open then.
    pub open: bool,
    /// Why: the lines of the policy that hold, one text each.
    pub why: Vec<String>,
    /// When that changes. Nothing within two years.
    pub until: Option<Timestamp>,
    /// When it opens next, after it closed where it is open. Nothing within two years.
    pub next_open: Option<Timestamp>,
    /// When it closes next, after it opened where it is closed. Nothing within two years.
    pub next_close: Option<Timestamp>,
    /// How long a rollout takes that is asked about.
    pub rollout: SignedDuration,
    /// Whether a deployment may start at the instant and be done before it closes.
    pub fits: bool,
    /// When one may start and be done before it closes, from the instant on. Nothing within two years.
    pub next_fit: Option<Timestamp>,
    /// The zone in which times are told.
    pub zone: TimeZone,
    /// From the instant on: open and closed in turn.
    pub spans: Vec<Stretch>,
    /// What could not be read. Where there is any of it, nothing of the above is certain.
    pub problems: Vec<Finding>,
}

/// A time in which it is open, or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub start: Timestamp,
    pub end: Timestamp,
    pub open: bool,
    /// The lines that have a part in it, by name.
    pub why: Vec<String>,
}

/// The timetable of a window gate from the instant of `at` up to `end`. `rollout` is that of the policy if not given. `None` if it is a
/// gate of another kind.
///
/// # Errors
/// The evidence is not of this gate's form.
pub fn timetable(
    asked: &dyn Asked,
    evidence: &RawValue,
    at: &Context<'_>,
    rollout: Option<SignedDuration>,
    end: Timestamp,
) -> Option<Result<Timetable, Failure>> {
    let policy: &Window = asked.as_any().downcast_ref()?;
    let read = serde_json::from_str(evidence.get());
    Some(match read {
        Ok(evidence) => Ok(of(policy, &evidence, at, rollout, end)),
        Err(e) => Err(Failure::new(format!("the evidence is not of the form that `window` reads: {e}"))),
    })
}

fn of(
    policy: &Window,
    evidence: &Evidence,
    at: &Context<'_>,
    rollout: Option<SignedDuration>,
    end: Timestamp,
) -> Timetable {
    let (file, mut problems) = lines::file(evidence, at);
    let (lines, unread) = lines::all(policy, evidence, &file, at);
    problems.extend(unread);
    let mut plan = Plan::of(policy, lines, at.at);
    if let Some(rollout) = rollout {
        plan.needs.rollout = rollout;
    }
    let schedule = &plan.schedule;
    let open = schedule.is_open(at.at);
    let (next_open, next_close) = if open {
        let closing = schedule.next_closing(at.at);
        (closing.and_then(|closing| schedule.next_opening(closing)), closing)
    } else {
        let opening = schedule.next_opening(at.at);
        (opening, opening.and_then(|opening| schedule.next_closing(opening)))
    };
    let next_fit = plan.ready(at.at);
    Timetable {
        at: at.at,
        open: open && problems.is_empty(),
        why: why(&plan, at.at, open),
        until: if open { next_close } else { next_open },
        next_open,
        next_close,
        rollout: plan.needs.rollout,
        fits: next_fit == Some(at.at) && problems.is_empty(),
        next_fit,
        zone: plan.zone.clone(),
        spans: spans(&plan, at.at, end),
        problems,
    }
}

/// The lines that make it open or closed at an instant.
fn why(plan: &Plan<'_>, at: Timestamp, open: bool) -> Vec<String> {
    if open {
        let holding = plan.lines.iter().filter(|line| !line.closes() && line.recurrence.holds(at));
        let allowed: Vec<String> = holding.map(|line| described(line, at)).collect();
        return if allowed.is_empty() { vec!["no window is denied now".into()] } else { allowed };
    }
    let closing = plan.closing(at).map(|line| described(line, at));
    let missed = plan.missed(at);
    let times: Vec<&str> = missed.iter().map(|line| line.times.as_str()).collect();
    let outside = (!missed.is_empty()).then(|| format!("outside every allow window ({})", times.join("; ")));
    closing.chain(outside).collect()
}

fn spans(plan: &Plan<'_>, from: Timestamp, end: Timestamp) -> Vec<Stretch> {
    let mut spans = Vec::new();
    let mut at = from;
    let end = end.min(plan.schedule.horizon);
    let mut add = |start: Timestamp, end: Timestamp, open: bool| {
        if let Some(interval) = Interval::new(start, end) {
            spans.push(Stretch { start, end, open, why: taking_part(plan, interval, open) });
        }
    };
    for opening in plan.schedule.openings(from).take_while(|opening| opening.start < end) {
        add(at, opening.start, false);
        add(opening.start, opening.end.min(end), true);
        at = opening.end.min(end);
    }
    add(at, end, false);
    spans
}

/// The lines that hold at some time of an interval.
fn taking_part(plan: &Plan<'_>, interval: Interval, open: bool) -> Vec<String> {
    let takes_part = |line: &&Line<'_>| {
        let state = line.recurrence.look(interval.start, interval.end);
        line.closes() != open && (state.holds || state.until < interval.end)
    };
    let name = |line: &Line<'_>| {
        let state = line.recurrence.look(interval.start, interval.end);
        let at = if state.holds { interval.start } else { state.until };
        let named = line.named(at);
        let title: Cow<'_, str> = line.name.map_or(Cow::Borrowed(line.title.as_str()), |name| name.as_str().into());
        if named.is_empty() { title.into_owned() } else { format!("{title}: {}", named.join(", ")) }
    };
    plan.lines.iter().filter(takes_part).map(name).collect()
}
