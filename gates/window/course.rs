//! A walk through the times of a schedule, forwards: each line is asked again only where something about it changes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::Timestamp;

use super::interval::{Interval, State};
use super::recurrence::Recurrence;
use super::schedule::{Region, Regions, Schedule};

/// Intervals by rising start.
pub(crate) type Times<'a> = Box<dyn Iterator<Item = Interval> + 'a>;

/// Several of them as one.
pub(crate) struct Merged<'a> {
    next: BinaryHeap<Reverse<(Interval, usize)>>,
    all: Vec<Times<'a>>,
}

impl<'a> Merged<'a> {
    pub(crate) fn new(mut all: Vec<Times<'a>>) -> Self {
        let next = all.iter_mut().enumerate().filter_map(|(index, times)| Some(Reverse((times.next()?, index))));
        Self { next: next.collect(), all }
    }
}

impl Iterator for Merged<'_> {
    type Item = Interval;

    fn next(&mut self) -> Option<Interval> {
        let mut first = self.next.peek_mut()?;
        let Reverse((interval, index)) = *first;
        match self.all[index].next() {
            Some(next) => *first = Reverse((next, index)),
            None => {
                std::collections::binary_heap::PeekMut::pop(first);
            }
        }
        Some(interval)
    }
}

/// One line, and where in its times the walk is.
struct Line<'a> {
    recurrence: &'a Recurrence,
    times: Option<Times<'a>>,
    next: Option<Interval>,
    /// What holds, until then.
    state: State,
}

impl<'a> Line<'a> {
    fn new(recurrence: &'a Recurrence) -> Self {
        Self { recurrence, times: None, next: None, state: State::not(Timestamp::MIN) }
    }

    /// What holds at an instant that is not before the one that was asked about last.
    fn look(&mut self, at: Timestamp, horizon: Timestamp) -> State {
        if at < self.state.until {
            return self.state;
        }
        let times = match &mut self.times {
            Some(times) => times,
            none => {
                let times = none.insert(self.recurrence.times(at, horizon));
                self.next = times.next();
                times
            }
        };
        let mut ends = self.state.until;
        while let Some(interval) = self.next.filter(|interval| interval.start <= at) {
            ends = ends.max(interval.end);
            self.next = times.next();
        }
        self.state = if ends > at {
            State::holds(ends)
        } else {
            State::not(self.next.map_or(horizon, |next| next.start.min(horizon)))
        };
        self.state
    }
}

/// Whether one of them holds. The end of the first that does is early enough: a question goes on from there.
fn any(lines: &mut [Line<'_>], at: Timestamp, horizon: Timestamp) -> State {
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

struct OfRegion<'a> {
    allow: Vec<Line<'a>>,
    close: Vec<Line<'a>>,
}

impl<'a> OfRegion<'a> {
    fn new(region: &'a Region) -> Self {
        let lines = |all: &'a [Recurrence]| -> Vec<Line<'a>> {
            let mut lines: Vec<&Recurrence> = all.iter().collect();
            // Of several that hold the first is taken: single times hold longest and are asked for least.
            lines.sort_by_key(|line| !matches!(line, Recurrence::Dated(_)));
            lines.into_iter().map(Line::new).collect()
        };
        Self { allow: lines(&region.allow), close: lines(&region.close) }
    }

    fn look(&mut self, at: Timestamp, horizon: Timestamp) -> State {
        let closed = any(&mut self.close, at, horizon);
        if closed.holds {
            return State::not(closed.until);
        }
        if self.allow.is_empty() {
            return State::holds(closed.until);
        }
        let allowed = any(&mut self.allow, at, horizon);
        if allowed.holds { State::holds(allowed.until.min(closed.until)) } else { allowed }
    }
}

/// A schedule, and where in its times the walk is.
pub(super) struct Course<'a> {
    regions: Vec<OfRegion<'a>>,
    of: Regions,
    horizon: Timestamp,
}

impl<'a> Course<'a> {
    pub(super) fn new(schedule: &'a Schedule) -> Self {
        let regions = schedule.regions.iter().map(OfRegion::new).collect();
        Self { regions, of: schedule.of, horizon: schedule.horizon }
    }

    pub(super) fn look(&mut self, at: Timestamp) -> State {
        let mut until = self.horizon;
        // Of all regions the first that is closed decides, of any the first that is open.
        let decisive = self.of == Regions::Any;
        for region in &mut self.regions {
            let state = region.look(at, self.horizon);
            if state.holds == decisive {
                return state;
            }
            until = until.min(state.until);
        }
        State { holds: !decisive, until }
    }

    /// The first instant from `from` on, and before the horizon, that is open (or not). Never goes back.
    pub(super) fn next(&mut self, open: bool, from: Timestamp) -> Option<Timestamp> {
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
}
