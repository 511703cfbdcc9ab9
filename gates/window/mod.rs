//! Is now the right time? Windows, calendars, holidays and freezes, each in its own time zone, and whether a rollout fits.

mod calendar;
mod civil;
mod course;
mod decider;
mod events;
mod evidence;
mod gather;
mod holidays;
mod ics;
mod interval;
mod judge;
mod lines;
mod mistakes;
mod moment;
mod plan;
mod policy;
mod recurrence;
mod rules;
mod schedule;
mod scope;
mod source;
mod times;
mod timetable;

#[cfg(test)]
mod tests;

pub use decider::{Decided, calendar_events, decider};
use evidence::Evidence;
pub(crate) use policy::Window;
use rules::{
    CLOCK_SKEW, CLOSED, DOES_NOT_FIT, FREEZE, IN_PROGRESS, NEVER_OPENS, NO_EVENTS, OFF_HOURS, RULES, SETTLING,
    UNANNOUNCED, UNKNOWN, UNREADABLE_CALENDAR,
};
pub use timetable::{
    Line as TimetableLine, RegionOpen, Source as LineSource, Span as TimetableSpan, Stretch, Timetable, Together, Why,
    timetable,
};

use crate::{Context, Failure, Finding, Gate, Mistake, Outcome, Rule, Stage, World};

impl Gate for Window {
    const KIND: &'static str = "window";
    const SUMMARY: &'static str = "is now a time at which changes may be deployed?";
    const README: &'static str = include_str!("README.md");
    const RULES: &'static [&'static Rule] = RULES;
    const STAGES: &'static [Stage] = &[Stage::Deploy];

    type Evidence = Evidence;

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes::mistakes(self)
    }

    fn environments(&self) -> Vec<(Vec<String>, String)> {
        self.environments_named()
    }

    async fn gather(&self, world: &World<'_>) -> Result<Evidence, Failure> {
        Ok(gather::gather(self, world).await)
    }

    fn judge(&self, evidence: Evidence, at: &Context<'_>) -> Outcome {
        judge::judge(self, &evidence, at)
    }
}

/// A fact that could not be got.
fn unknown(failure: &Failure, what: &str) -> Finding {
    let finding = Finding::new(&UNKNOWN, format!("{what}: {}", failure.message));
    match &failure.help {
        Some(help) => finding.help(help),
        None => finding,
    }
}
