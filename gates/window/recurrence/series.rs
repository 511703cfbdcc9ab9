//! A recurrence rule of RFC 5545 with its start, zone and duration.

pub(crate) mod expand;
pub(crate) mod rule;

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::window::interval::{Effect, Interval, Lasts, State};
use expand::Instances;

/// What comes again by a rule.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) instances: Instances,
    pub(crate) effect: Effect,
    pub(crate) zone: TimeZone,
    pub(crate) lasts: Lasts,
    /// Instances that do not come: `EXDATE`, and those that were moved.
    pub(crate) except: BTreeSet<DateTime>,
}

impl Series {
    pub(super) fn look(&self, at: Timestamp, horizon: Timestamp) -> State {
        State::among(self.times(at, horizon), at, horizon)
    }

    pub(super) fn times(&self, from: Timestamp, horizon: Timestamp) -> impl Iterator<Item = Interval> {
        let first = self.zone.to_datetime(from).saturating_sub((self.lasts.days_at_most() + 2).days());
        let last = self.zone.to_datetime(horizon).saturating_add(1.day());
        self.between(first, last)
    }

    /// The occurrences that start between two local times, by rising start. An instance at a time that the clock skips comes at the
    /// skip: RFC 5545, 3.3.10 leaves it out, and a freeze that does not come is an opening.
    pub(crate) fn between(&self, first: DateTime, last: DateTime) -> impl Iterator<Item = Interval> {
        let starts = self.instances.between(first, last);
        starts
            .filter(|start| !self.except.contains(start))
            .filter_map(|start| self.effect.lasting(&self.zone, start, self.lasts))
    }
}
