//! When it is open, told: what `predeploy window` prints, and what a picture of the coming weeks shows.

mod together;
mod told;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::value::RawValue;

use super::Window;
use super::evidence::{Evidence, Fetched};
use super::interval::Interval;
use super::judge::beside;
use super::lines;
use super::plan::Plan;
use super::policy::{InProgress, Outside};
use super::schedule::{Needs, Schedule};
use crate::{Asked, Context, Direction, Failure, Finding};

pub use together::Together;
pub use told::{Line, RegionOpen, Source, Why};

/// What is asked of a window gate beside its answer of now.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// How long a rollout takes; that of the policy if not given.
    pub rollout: Option<SignedDuration>,
    /// The times from here on are told, up to `until`.
    pub from: Timestamp,
    pub until: Timestamp,
}

/// What a window gate says of the times around an instant. Where something could not be read, nothing is open and no time is told.
#[derive(Clone, Debug)]
pub struct Timetable {
    /// The instant that was asked about.
    pub at: Timestamp,
    /// Whether it is open then.
    pub open: bool,
    /// Why: the lines of the policy that hold.
    pub why: Vec<Why>,
    /// When that changes. Nothing within two years.
    pub until: Option<Timestamp>,
    /// When it opens next, after it closed where it is open. Nothing within two years.
    pub next_open: Option<Timestamp>,
    /// When it closes next, after it opened where it is closed. Nothing within two years.
    pub next_close: Option<Timestamp>,
    /// How long a rollout takes that is asked about.
    pub rollout: SignedDuration,
    /// How long after an opening none starts.
    pub settle: SignedDuration,
    /// Whether a deployment may start at the instant and be done before it closes.
    pub fits: bool,
    /// When one may start and be done before it closes, from the instant on. Nothing within two years, or while it is not known.
    pub next_fit: Option<Timestamp>,
    /// Something beside the times holds the change, and it is not known until when.
    pub held: bool,
    /// The zone in which times are told.
    pub zone: TimeZone,
    /// Open and closed in turn.
    pub spans: Vec<Stretch>,
    /// Every line of the policy and of the file of freezes.
    pub lines: Vec<Line>,
    /// The regions that lines name.
    pub regions: Vec<RegionOpen>,
    /// Why no window holds the change, where that is so: it is a rollback.
    pub exempt: Option<String>,
    /// What else holds the change, or should be looked at: an announcement that is missing, another deployment.
    pub beside: Vec<Finding>,
    /// What could not be read. Where there is any of it, nothing of the above is certain.
    pub problems: Vec<Finding>,
    /// Lines of the policy apply by what the change is: its risk, files or labels.
    pub by_change: bool,
    /// What was read may be another at a later look: calendars behind an address, labels, deployments.
    pub may_change: bool,
    schedule: Schedule,
    needs: Needs,
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

/// The timetable of a window gate at the instant of `at`. `None` if it is a gate of another kind.
///
/// # Errors
/// The evidence is not of this gate's form.
pub fn timetable(
    asked: &dyn Asked,
    evidence: &RawValue,
    at: &Context<'_>,
    span: Span,
) -> Option<Result<Timetable, Failure>> {
    let policy: &Window = asked.as_any().downcast_ref()?;
    let read = serde_json::from_str(evidence.get());
    Some(match read {
        Ok(evidence) => Ok(of(policy, &evidence, at, span)),
        Err(e) => Err(Failure::new(format!("the evidence is not of the form that `window` reads: {e}"))),
    })
}

fn of(policy: &Window, evidence: &Evidence, at: &Context<'_>, span: Span) -> Timetable {
    let (file, mut problems) = lines::file(evidence, at);
    let (lines, unread) = lines::all(policy, evidence, &file, at);
    problems.extend(unread);
    let complete = problems.is_empty();
    let mut plan = Plan::of(policy, lines, at.at);
    if let Some(rollout) = span.rollout {
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
    let beside = beside(policy, evidence, &plan, at);
    // No time is promised that what is unread could refute.
    let known = |time: Option<Timestamp>| time.filter(|_| complete);
    // Of what else holds the change nobody knows until when.
    let held = beside.holds() && !matches!(at.change.direction, Direction::Rollback(_));
    let next_fit = known(plan.ready(beside.from.unwrap_or(at.at))).filter(|_| !held);
    Timetable {
        at: at.at,
        open: open && complete,
        // What was read closes it whatever the rest says, and cannot open it alone.
        why: if open && !complete { vec![] } else { told::why(&plan, evidence, at.at, open) },
        until: known(if open { next_close } else { next_open }),
        next_open: known(next_open),
        next_close: known(next_close),
        rollout: plan.needs.rollout,
        settle: plan.needs.settle,
        fits: next_fit == Some(at.at),
        next_fit,
        held,
        zone: plan.zone.clone(),
        spans: if complete { spans(&plan, span) } else { vec![] },
        lines: told::lines(policy, evidence, &plan, at),
        regions: if complete { told::regions(&plan, evidence, at.at) } else { vec![] },
        exempt: match &at.change.direction {
            Direction::Rollback(why) => Some(why.clone()),
            Direction::Forward | Direction::Redeploy(_) | Direction::Hotfix(_) => None,
        },
        beside: beside.findings,
        problems,
        by_change: policy.asks_for_the_change() || file.iter().any(|entry| entry.freeze.risk.is_some()),
        may_change: may_change(policy, evidence),
        needs: plan.needs,
        schedule: plan.schedule,
    }
}

/// Whether a later look may read something else.
fn may_change(policy: &Window, evidence: &Evidence) -> bool {
    let by_address = |fetched: &Fetched| matches!(fetched, Fetched::Read { at: Some(_), .. } | Fetched::Unreadable(_));
    evidence.calendars.values().any(by_address)
        || policy.asks_for_labels()
        || policy.in_progress != InProgress::Ignore
        // Of working hours no opening is told that could be waited for.
        || policy.people.as_ref().is_some_and(|people| people.outside == Outside::Hold)
}

fn spans(plan: &Plan<'_>, span: Span) -> Vec<Stretch> {
    let mut spans = Vec::new();
    let mut at = span.from;
    let end = span.until.min(plan.schedule.horizon);
    let mut add = |start: Timestamp, end: Timestamp, open: bool| {
        if let Some(interval) = Interval::new(start, end) {
            spans.push(Stretch { start, end, open, why: told::taking_part(plan, interval, open) });
        }
    };
    for opening in plan.schedule.openings(span.from).take_while(|opening| opening.start < end) {
        add(at, opening.start, false);
        add(opening.start, opening.end.min(end), true);
        at = opening.end.min(end);
    }
    add(at, end, false);
    spans
}

impl Timetable {
    /// Since when it is as it is at its instant; not more than 400 days before it.
    pub fn since(&self) -> Timestamp {
        let mut began = self.at;
        for days in [1, 8, 64, 400] {
            let from = self.at.checked_sub((days * 24).hours()).unwrap_or(Timestamp::MIN);
            began = from;
            let mut openings = self.schedule.openings(from).take_while(|opening| opening.start <= self.at);
            let last = openings.by_ref().last();
            match last {
                Some(opening) if opening.contains(self.at) && opening.start > from => return opening.start,
                Some(opening) if opening.end <= self.at => return opening.end,
                // Open, or closed, for all of that time.
                Some(_) | None => {}
            }
        }
        began
    }
}
