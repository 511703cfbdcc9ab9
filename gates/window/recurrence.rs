//! When one line of the policy, or one entry of a calendar, holds.

pub(super) mod cron;
pub(super) mod series;
pub(super) mod weekly;

use std::sync::Arc;

use jiff::{Timestamp, ToSpan};

use super::course::{Merged, Times};
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
    Any(Arc<Several>),
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
            Self::Any(several) => several.look(at, horizon),
        }
    }

    /// Its times by rising start: those that hold at an instant and those from there on, up to the horizon. There may be earlier and
    /// later ones.
    pub(crate) fn times(&self, from: Timestamp, horizon: Timestamp) -> Times<'_> {
        match self {
            Self::Weekly(weekly) => Box::new(weekly.times(from, horizon)),
            Self::Cron(fires) => Box::new(fires.times(from, horizon)),
            Self::Series(series) => Box::new(series.times(from, horizon)),
            Self::Dated(dated) => Box::new(dated.times(from)),
            Self::Any(several) => Box::new(several.times(from, horizon)),
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
            Self::Any(several) => several.each.iter().filter_map(|one| one.once_until(at)).max(),
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

    /// Those that have not ended at an instant.
    fn times(&self, from: Timestamp) -> impl Iterator<Item = Interval> {
        let first = self.times.partition_point(|interval| interval.end <= from);
        let known = self.times[first..]
            .iter()
            .copied()
            .take_while(|interval| self.known_until.is_none_or(|until| interval.start < until));
        known.chain(self.known_until.and_then(|until| Interval::new(until, Timestamp::MAX)))
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

/// Several recurrences, of which any holds.
#[derive(Clone, Debug)]
pub(crate) struct Several {
    /// As they were given.
    pub(crate) each: Vec<Recurrence>,
    /// All single times among them as one, and what comes again.
    once: Dated,
    again: Vec<Recurrence>,
}

impl Several {
    pub(crate) fn new(each: Vec<Recurrence>) -> Self {
        let (mut once, mut again) = (vec![], vec![]);
        for one in &each {
            one.sort_into(&mut once, &mut again);
        }
        Self { each, once: Dated::new(once, None), again }
    }

    fn look(&self, at: Timestamp, horizon: Timestamp) -> State {
        let states = self.again.iter().map(|one| one.look(at, horizon));
        states.fold(self.once.look(at, horizon), |so_far, state| match (so_far.holds, state.holds) {
            (true, true) => State::holds(so_far.until.max(state.until)),
            (true, false) => so_far,
            (false, true) => state,
            (false, false) => State::not(so_far.until.min(state.until)),
        })
    }

    fn times(&self, from: Timestamp, horizon: Timestamp) -> impl Iterator<Item = Interval> {
        let again = self.again.iter().map(|one| one.times(from, horizon));
        let once: Times<'_> = Box::new(self.once.times(from));
        Merged::new(std::iter::once(once).chain(again).collect())
    }
}

impl Recurrence {
    pub(crate) fn any(each: Vec<Recurrence>) -> Self {
        Self::Any(Arc::new(Several::new(each)))
    }

    /// Single times, and what comes again or is not known from some time on.
    fn sort_into(&self, once: &mut Vec<Interval>, again: &mut Vec<Recurrence>) {
        match self {
            Self::Dated(Dated { times, known_until: None }) => once.extend(times),
            Self::Any(several) => {
                once.extend(&several.once.times);
                again.extend(several.again.iter().cloned());
            }
            _ => again.push(self.clone()),
        }
    }
}
