//! From local times to instants: intervals, half-open `[start, end)`, and what a boundary means where clocks change.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Instants from `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interval {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

impl Interval {
    /// One that is empty is none.
    pub(crate) fn new(start: Timestamp, end: Timestamp) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    pub(crate) fn contains(self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }
}

/// How long something lasts: days as the calendar counts them, then time as it elapses. RFC 5545, 3.3.6: a day of 23 or 25 hours is
/// one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lasts {
    pub(crate) days: i32,
    pub(crate) exact: SignedDuration,
    /// How long on the clock, where programs disagree on which of both is meant: closed wins.
    pub(crate) on_clock: Option<SignedDuration>,
}

impl Lasts {
    pub(crate) const fn exactly(exact: SignedDuration) -> Self {
        Self { days: 0, exact, on_clock: None }
    }

    pub(crate) const fn days(days: i32) -> Self {
        Self { days, exact: SignedDuration::ZERO, on_clock: None }
    }

    /// Not less than it lasts anywhere, in days.
    pub(crate) fn days_at_most(self) -> i64 {
        i64::from(self.days) + self.exact.as_hours() / 24 + 1
    }

    pub(crate) fn is_zero(self) -> bool {
        self.days == 0 && self.exact.is_zero()
    }
}

/// What a line does while it holds. Where a clock shows a boundary twice, the shorter opening and the longer closing are meant:
/// closed wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Opens,
    Closes,
}

impl Effect {
    fn of_two(self) -> (OfTwo, OfTwo) {
        match self {
            Self::Opens => (OfTwo::Later, OfTwo::Earlier),
            Self::Closes => (OfTwo::Earlier, OfTwo::Later),
        }
    }

    /// The interval between two local times. One that is empty in the end is none.
    pub(crate) fn between(self, zone: &TimeZone, start: DateTime, end: DateTime) -> Option<Interval> {
        let (start_of_two, end_of_two) = self.of_two();
        Interval::new(instant(zone, start, start_of_two), instant(zone, end, end_of_two))
    }

    /// The interval that starts at a local time and lasts so long. Of a start that the clock shows twice, elapsed time counts from the
    /// second.
    pub(crate) fn lasting(self, zone: &TimeZone, start: DateTime, lasts: Lasts) -> Option<Interval> {
        let (start_of_two, end_of_two) = self.of_two();
        let of_two = if lasts.days == 0 { OfTwo::Later } else { end_of_two };
        let last_day = start.checked_add(lasts.days.days()).unwrap_or(DateTime::MAX);
        let end = instant(zone, last_day, of_two).checked_add(lasts.exact).unwrap_or(Timestamp::MAX);
        let on_clock = lasts.on_clock.map(|length| instant(zone, start.saturating_add(length), end_of_two));
        let end = match (on_clock, self) {
            (None, _) => end,
            (Some(other), Self::Opens) => end.min(other),
            (Some(other), Self::Closes) => end.max(other),
        };
        Interval::new(instant(zone, start, start_of_two), end)
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

/// The latest local time that the clock showed up to an instant: after clocks went back, more than it shows now.
pub(crate) fn latest_shown(zone: &TimeZone, at: Timestamp) -> DateTime {
    let now = zone.to_datetime(at);
    // No clock goes back by more than a day.
    let day_ago = at.checked_sub(25.hours()).unwrap_or(Timestamp::MIN);
    let before_skip = zone.preceding(at).next().filter(|t| t.timestamp() > day_ago).map(|transition| {
        let before = transition.timestamp().checked_sub(1.second()).unwrap_or(Timestamp::MIN);
        zone.to_datetime(before)
    });
    before_skip.map_or(now, |before| before.max(now))
}

/// What holds at an instant, and until when nothing changes at the earliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) holds: bool,
    /// Later than the instant. Nothing changes before it; it may go on after it.
    pub(crate) until: Timestamp,
}

impl State {
    pub(crate) fn holds(until: Timestamp) -> Self {
        Self { holds: true, until }
    }

    pub(crate) fn not(until: Timestamp) -> Self {
        Self { holds: false, until }
    }

    /// The state at an instant by intervals of rising start, which are looked at up to the first that starts later than the instant.
    /// Where there is no such one: nothing before `horizon`.
    pub(crate) fn among(intervals: impl IntoIterator<Item = Interval>, at: Timestamp, horizon: Timestamp) -> Self {
        let mut ends = None;
        for interval in intervals {
            if interval.start > at {
                return ends.map_or(Self::not(interval.start.min(horizon)), Self::holds);
            }
            if interval.end > at {
                ends = ends.max(Some(interval.end));
            }
        }
        ends.map_or(Self::not(horizon), Self::holds)
    }
}
