//! Reading told apart from deciding: a policy's lines and calendars are read once, and instants are asked about one after another.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::value::RawValue;

use super::evidence::Evidence;
use super::plan::Plan;
use super::{Window, ics, lines};
use crate::{Asked, Context, Failure};

/// What the schedule says of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    pub open: bool,
    /// The first open instant from then on. Nothing within two years.
    pub opens: Option<Timestamp>,
    /// The first instant from then on at which the rollout fits. Nothing within two years.
    pub fits: Option<Timestamp>,
}

/// Reads what a window gate judges by, and hands over what decides for an instant. `None` if it is a gate of another kind.
///
/// # Errors
/// The evidence is not of this gate's form, or a line or calendar cannot be read.
pub fn decider<R>(
    asked: &dyn Asked,
    evidence: &RawValue,
    at: &Context<'_>,
    ask: impl FnOnce(&dyn Fn(Timestamp) -> Decided) -> R,
) -> Option<Result<R, Failure>> {
    let policy: &Window = asked.as_any().downcast_ref()?;
    let evidence: Evidence = match serde_json::from_str(evidence.get()) {
        Ok(evidence) => evidence,
        Err(e) => return Some(Err(Failure::new(format!("the evidence is not of the form that `window` reads: {e}")))),
    };
    let (file, mut problems) = lines::file(&evidence, at);
    let (lines, unread) = lines::all(policy, &evidence, &file, at);
    problems.extend(unread);
    if let Some(problem) = problems.first() {
        return Some(Err(Failure::new(problem.message.clone())));
    }
    let plan = Plan::of(policy, lines, at.at);
    Some(Ok(ask(&|instant| {
        let decision = plan.schedule.decide(instant, plan.needs);
        let opens = decision.next.map(|opening| opening.start);
        Decided { open: opens == Some(instant), opens, fits: decision.ready }
    })))
}

/// How many events a calendar holds. Dates and times without a zone are of UTC.
///
/// # Errors
/// What is wrong with it first, and in which line.
pub fn calendar_events(calendar: &str, at: &Context<'_>) -> Result<usize, Failure> {
    match ics::read(calendar, Some(TimeZone::UTC), at.zones, at.at) {
        Ok(events) => Ok(events.len()),
        Err(wrong) => {
            let first = wrong.into_iter().next().map(|wrong| format!("line {}: {}", wrong.line, wrong.message));
            Err(Failure::new(first.unwrap_or_default()))
        }
    }
}
