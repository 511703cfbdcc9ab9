//! When it is open: lines of the policy put together.
//!
//! Nothing here steps through time: each line tells what holds at an instant and until when nothing changes, and a question jumps
//! from one such instant to the next.

use jiff::{SignedDuration, Timestamp};

use super::interval::{Interval, State};
use super::recurrence::Recurrence;

/// The lines that apply to a change in one region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Region {
    /// With none, whatever is not closed is open.
    pub(crate) allow: Vec<Recurrence>,
    /// Denies and freezes. They beat every allow.
    pub(crate) close: Vec<Recurrence>,
}

impl Region {
    fn look(&self, at: Timestamp, horizon: Timestamp) -> State {
        let closed = any(&self.close, at, horizon);
        if closed.holds {
            return State::not(closed.until);
        }
        if self.allow.is_empty() {
            return State::holds(closed.until);
        }
        let allowed = any(&self.allow, at, horizon);
        if allowed.holds { State::holds(allowed.until.min(closed.until)) } else { allowed }
    }
}

/// Whether one of them holds. The end of the first that does is early enough: a question goes on from there.
fn any(lines: &[Recurrence], at: Timestamp, horizon: Timestamp) -> State {
    let mut until = horizon;
    for line in lines {
        let state = line.look(at, horizon);
        if state.holds {
            return state;
        }
        until = until.min(state.until);
    }
    State::not(until)
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
    fn look(&self, at: Timestamp) -> State {
        let mut until = self.horizon;
        // Of all regions the first that is closed decides, of any the first that is open.
        let decisive = self.of == Regions::Any;
        for region in &self.regions {
            let state = region.look(at, self.horizon);
            if state.holds == decisive {
                return state;
            }
            until = until.min(state.until);
        }
        State { holds: !decisive, until }
    }

    pub(crate) fn is_open(&self, at: Timestamp) -> bool {
        self.look(at).holds
    }

    /// The first instant from `from` on, and before the horizon, that is open (or not).
    fn next(&self, open: bool, from: Timestamp) -> Option<Timestamp> {
        let mut at = from;
        while at < self.horizon {
            let state = self.look(at);
            if state.holds == open {
                return Some(at);
            }
            at = state.until;
        }
        None
    }

    /// The first open instant from `from` on. None before the horizon is none.
    pub(crate) fn next_opening(&self, from: Timestamp) -> Option<Timestamp> {
        self.next(true, from)
    }

    /// The first instant from `from` on that is not open. None before the horizon is none.
    pub(crate) fn next_closing(&self, from: Timestamp) -> Option<Timestamp> {
        self.next(false, from)
    }

    /// The openings from `from` on, cut there and at the horizon.
    pub(crate) fn openings(&self, from: Timestamp) -> impl Iterator<Item = Interval> {
        let mut at = from;
        std::iter::from_fn(move || {
            let start = self.next_opening(at)?;
            let end = self.next_closing(start).unwrap_or(self.horizon);
            at = end;
            Interval::new(start, end)
        })
    }

    /// The first instant from `from` on at which a deployment may start that has these needs.
    pub(crate) fn ready(&self, from: Timestamp, needs: Needs) -> Option<Timestamp> {
        let settled = from.checked_sub(needs.settle).unwrap_or(Timestamp::MIN);
        self.openings(settled).find_map(|opening| {
            let start = opening.start.checked_add(needs.settle).ok()?.max(from);
            let done = start.checked_add(needs.rollout).ok()?;
            // What is open until the horizon is open for as long as anyone knows.
            let fits = done <= opening.end || opening.end == self.horizon;
            (start < opening.end && fits).then_some(start)
        })
    }
}
