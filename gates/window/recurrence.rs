//! When one line of the policy, or one entry of a calendar, holds.

pub(super) mod cron;
pub(super) mod series;
pub(super) mod weekly;

use jiff::{Timestamp, ToSpan};

use super::interval::{Interval, State};
use cron::Fires;
use series::Series;
use weekly::Weekly;

/// A line of the policy as instants.
#[derive(Clone, Debug)]
pub(crate) enum Recurrence {
    Weekly(Weekly),
    Cron(Box<Fires>),
    Series(Box<Series>),
    /// Single times, and from when on nothing is known of it, where that is so: from there on it holds.
    Dated(Dated),
    /// Any of them, as the events of a calendar.
    Any(Vec<Recurrence>),
}

impl Recurrence {
    /// One time. Between two boundaries that the clock skips no time passes, and so there may be none.
    pub(crate) fn once(interval: Option<Interval>) -> Self {
        Self::Dated(Dated::new(interval.into_iter().collect(), None))
    }

    pub(crate) fn look(&self, at: Timestamp, horizon: Timestamp) -> State {
        match self {
            Self::Weekly(weekly) => weekly.look(at, horizon),
            Self::Cron(fires) => fires.look(at, horizon),
            Self::Series(series) => series.look(at, horizon),
            Self::Dated(dated) => dated.look(at, horizon),
            Self::Any(all) => all.iter().map(|one| one.look(at, horizon)).fold(State::not(horizon), |so_far, state| {
                match (so_far.holds, state.holds) {
                    (true, true) => State::holds(so_far.until.max(state.until)),
                    (true, false) => so_far,
                    (false, true) => state,
                    (false, false) => State::not(so_far.until.min(state.until)),
                }
            }),
        }
    }

    /// Whether it holds at an instant.
    pub(crate) fn holds(&self, at: Timestamp) -> bool {
        // What comes after does not matter.
        self.look(at, at.checked_add(1.second()).unwrap_or(at)).holds
    }

    /// When it ends, if it holds at an instant and is of single times.
    pub(crate) fn once_until(&self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Dated(dated) => Some(dated.look(at, Timestamp::MAX)).filter(|state| state.holds).map(|s| s.until),
            Self::Any(all) => all.iter().filter_map(|one| one.once_until(at)).max(),
            Self::Weekly(_) | Self::Cron(_) | Self::Series(_) => None,
        }
    }
}

/// Single times, without overlaps, by rising start.
#[derive(Clone, Debug)]
pub(crate) struct Dated {
    times: Vec<Interval>,
    known_until: Option<Timestamp>,
}

impl Dated {
    pub(crate) fn new(mut times: Vec<Interval>, known_until: Option<Timestamp>) -> Self {
        times.sort_unstable();
        times.dedup_by(|later, earlier| {
            let touches = later.start <= earlier.end;
            if touches {
                earlier.end = earlier.end.max(later.end);
            }
            touches
        });
        Self { times, known_until }
    }

    fn look(&self, at: Timestamp, horizon: Timestamp) -> State {
        if self.known_until.is_some_and(|known| known <= at) {
            return State::holds(horizon.max(at));
        }
        let first = self.times.partition_point(|interval| interval.end <= at);
        let unknown = self.known_until.unwrap_or(horizon).min(horizon);
        let state = State::among(self.times[first..].iter().copied(), at, horizon);
        if state.holds { state } else { State::not(state.until.min(unknown)) }
    }
}
