//! When it is open: lines of the policy put together.
//!
//! Nothing here steps through time: each line tells its times from an instant on, and a question jumps from one change to the next.

use jiff::{SignedDuration, Timestamp};

use super::course::Course;
use super::interval::Interval;
use super::recurrence::Recurrence;

/// The lines that apply to a change in one region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Region {
    /// With none, whatever is not closed is open.
    pub(crate) allow: Vec<Recurrence>,
    /// Denies and freezes. They beat every allow.
    pub(crate) close: Vec<Recurrence>,
}

/// Whether a deployment to several regions waits for all of them or goes to the first that is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Regions {
    /// It is open where every region is.
    #[default]
    All,
    /// It is open where at least one region is.
    Any,
}

/// When it is open.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// At least one.
    pub(crate) regions: Vec<Region>,
    pub(crate) of: Regions,
    /// Nothing is known from here on.
    pub(crate) horizon: Timestamp,
}

/// What a deployment needs of an opening.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needs {
    /// How long it was open before.
    pub(crate) settle: SignedDuration,
    /// How long it stays open.
    pub(crate) rollout: SignedDuration,
}

impl Schedule {
    pub(crate) fn is_open(&self, at: Timestamp) -> bool {
        Course::new(self).look(at).holds
    }

    /// The first open instant from `from` on. None before the horizon is none.
    pub(crate) fn next_opening(&self, from: Timestamp) -> Option<Timestamp> {
        Course::new(self).next(true, from)
    }

    /// The first instant from `from` on that is not open. None before the horizon is none.
    pub(crate) fn next_closing(&self, from: Timestamp) -> Option<Timestamp> {
        Course::new(self).next(false, from)
    }

    /// The openings from `from` on, cut there and at the horizon.
    pub(crate) fn openings(&self, from: Timestamp) -> impl Iterator<Item = Interval> {
        let (mut at, mut course) = (from, Course::new(self));
        std::iter::from_fn(move || {
            let start = course.next(true, at)?;
            let end = course.next(false, start).unwrap_or(self.horizon);
            at = end;
            Interval::new(start, end)
        })
    }

    /// The first instant from `from` on at which a deployment may start that has these needs.
    pub(crate) fn ready(&self, from: Timestamp, needs: Needs) -> Option<Timestamp> {
        self.decide(from, needs).ready
    }

    /// What it says of an instant, by one walk.
    pub(crate) fn decide(&self, at: Timestamp, needs: Needs) -> Decision {
        let settled = at.checked_sub(needs.settle).unwrap_or(Timestamp::MIN);
        let mut decision = Decision::default();
        for opening in self.openings(settled).filter(|opening| opening.end > at) {
            decision.next.get_or_insert(Interval { start: opening.start.max(at), ..opening });
            let Ok(settled) = opening.start.checked_add(needs.settle) else { break };
            let start = settled.max(at);
            let Ok(done) = start.checked_add(needs.rollout) else { break };
            // An opening that is cut at the horizon may end right after it.
            if start < opening.end && done <= opening.end {
                decision.ready = Some(start);
                break;
            }
        }
        decision
    }
}

/// What a schedule says of an instant.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Decision {
    /// The opening that holds then, from then on, or else the next one; it may be cut at the horizon. None before the horizon is none.
    pub(crate) next: Option<Interval>,
    /// The first instant from then on at which a deployment may start. None before the horizon is none.
    pub(crate) ready: Option<Timestamp>,
}
