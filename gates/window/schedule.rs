//! When it is open: arithmetic on intervals of instants, half-open `[start, end)`.
//!
//! Nothing here steps through time. A question jumps from one boundary to the next, and each window is asked only about
//! the few days around an instant.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::civil::{Days, TimeOfDay};

/// Instants from `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

impl Interval {
    fn contains(self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }
}

/// What a window does while it holds. Where a clock shows a boundary twice, the shorter opening and the longer closing
/// are meant: closed wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Opens,
    Closes,
}

impl Effect {
    /// The interval between two local times. One that is empty in the end is none.
    pub(crate) fn interval(self, zone: &TimeZone, start: DateTime, end: DateTime) -> Option<Interval> {
        let (start_of_two, end_of_two) = match self {
            Self::Opens => (OfTwo::Later, OfTwo::Earlier),
            Self::Closes => (OfTwo::Earlier, OfTwo::Later),
        };
        let interval = Interval { start: instant(zone, start, start_of_two), end: instant(zone, end, end_of_two) };
        (interval.start < interval.end).then_some(interval)
    }
}

#[derive(Clone, Copy)]
enum OfTwo {
    Earlier,
    Later,
}

/// The instant of a boundary in local time. One that the clock skips is the instant of the skip, so that the order of
/// local times is kept; one past the end of time is that end.
fn instant(zone: &TimeZone, local: DateTime, of_two: OfTwo) -> Timestamp {
    let end_of_time = if local.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let by = |offset: Offset| offset.to_timestamp(local).unwrap_or(end_of_time);
    match (zone.to_ambiguous_timestamp(local).offset(), of_two) {
        (AmbiguousOffset::Unambiguous { offset }, _) => by(offset),
        (AmbiguousOffset::Fold { before, .. }, OfTwo::Earlier) => by(before),
        (AmbiguousOffset::Fold { after, .. }, OfTwo::Later) => by(after),
        (AmbiguousOffset::Gap { before, .. }, _) => {
            // By the offset before the gap it lies at or after the transition, which is therefore the last one until then.
            let until = by(before).checked_add(1.second()).unwrap_or(Timestamp::MAX);
            zone.preceding(until).next().map_or(until, |transition| transition.timestamp())
        }
    }
}

/// A line of the policy that comes again every week.
#[derive(Clone, Debug)]
pub(crate) struct Weekly {
    pub(crate) effect: Effect,
    pub(crate) zone: TimeZone,
    /// On any of them.
    pub(crate) days: Vec<Days>,
    pub(crate) from: TimeOfDay,
    /// On the next day where it is not after `from`.
    pub(crate) until: TimeOfDay,
}

impl Weekly {
    /// How many dates before that of an instant a window may have started that still holds: the day before, and one
    /// more for zones that moved over the date line.
    const BACK: i64 = 3;
    /// A day of the week comes again within this many dates, even where one is skipped.
    const AHEAD: usize = 60;

    /// The occurrences from shortly before an instant to some weeks after it, by rising start.
    fn near(&self, at: Timestamp) -> impl Iterator<Item = Interval> {
        let today = self.zone.to_datetime(at).date();
        let first = today.saturating_sub(Self::BACK.days());
        let dates = std::iter::successors(Some(first), |date: &Date| date.tomorrow().ok()).take(Self::AHEAD);
        dates.filter(|date| self.days.iter().any(|days| days.contains(date.weekday()))).filter_map(|date| {
            let last = if self.until <= self.from { date.tomorrow().ok()? } else { date };
            self.effect.interval(&self.zone, self.from.on(date)?, self.until.on(last)?)
        })
    }
}

/// A line of the policy as instants.
#[derive(Clone, Debug)]
pub(crate) enum Recurrence {
    Weekly(Weekly),
    Once(Interval),
    /// It comes to nothing: between two boundaries that the clock skips, no time passes.
    Never,
}

impl Recurrence {
    /// The occurrence that holds at an instant: of several the one that ends last.
    fn at(&self, at: Timestamp) -> Option<Interval> {
        match self {
            Self::Weekly(weekly) => {
                weekly.near(at).take_while(|i| i.start <= at).filter(|i| i.contains(at)).max_by_key(|i| i.end)
            }
            Self::Once(interval) => Some(*interval).filter(|i| i.contains(at)),
            Self::Never => None,
        }
    }

    /// Whether it holds at an instant.
    pub(crate) fn holds(&self, at: Timestamp) -> bool {
        self.at(at).is_some()
    }

    /// When it ends, if it holds at an instant and comes only once.
    pub(crate) fn once_until(&self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Once(interval) => Some(interval.end).filter(|_| interval.contains(at)),
            Self::Weekly(_) | Self::Never => None,
        }
    }

    /// When it begins next, strictly after an instant.
    fn next_start(&self, after: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Weekly(weekly) => weekly.near(after).map(|i| i.start).find(|start| *start > after),
            Self::Once(interval) => Some(interval.start).filter(|start| *start > after),
            Self::Never => None,
        }
    }
}

/// All lines of the policy that apply to a change.
pub(crate) struct Schedule {
    /// With none, whatever is not closed is open.
    pub(crate) allow: Vec<Recurrence>,
    /// Denies and freezes. They beat every allow.
    pub(crate) close: Vec<Recurrence>,
}

impl Schedule {
    pub(crate) fn is_open(&self, at: Timestamp) -> bool {
        !self.is_closed(at) && self.is_allowed(at)
    }

    pub(crate) fn is_closed(&self, at: Timestamp) -> bool {
        self.close.iter().any(|r| r.holds(at))
    }

    pub(crate) fn is_allowed(&self, at: Timestamp) -> bool {
        self.allow.is_empty() || self.allow.iter().any(|r| r.holds(at))
    }

    /// The first open instant from `from` on and before `horizon`.
    pub(crate) fn next_opening(&self, from: Timestamp, horizon: Timestamp) -> Option<Timestamp> {
        let mut at = from;
        while at < horizon {
            if let Some(end) = last_end(&self.close, at) {
                at = end;
            } else if self.is_allowed(at) {
                return Some(at);
            } else {
                at = first_start(&self.allow, at)?;
            }
        }
        None
    }

    /// The first instant after an open one, and before `horizon`, that is not open.
    pub(crate) fn next_closing(&self, from: Timestamp, horizon: Timestamp) -> Option<Timestamp> {
        let mut closing = first_start(&self.close, from).unwrap_or(horizon).min(horizon);
        if !self.allow.is_empty() {
            let mut allowed = from;
            // Windows that touch or overlap are one opening.
            while let Some(end) = last_end(&self.allow, allowed).filter(|_| allowed < closing) {
                allowed = end;
            }
            closing = closing.min(allowed);
        }
        (closing < horizon).then_some(closing)
    }
}

fn last_end(all: &[Recurrence], at: Timestamp) -> Option<Timestamp> {
    all.iter().filter_map(|r| r.at(at)).map(|i| i.end).max()
}

fn first_start(all: &[Recurrence], after: Timestamp) -> Option<Timestamp> {
    all.iter().filter_map(|r| r.next_start(after)).min()
}
