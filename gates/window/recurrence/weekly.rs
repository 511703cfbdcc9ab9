//! Days of the week with times of day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::window::civil::{Days, TimeOfDay};
use crate::window::interval::{Effect, Interval, State};

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

    pub(super) fn look(&self, at: Timestamp, horizon: Timestamp) -> State {
        State::among(self.times(at, horizon), at, horizon)
    }

    /// The occurrences from shortly before an instant on, up to the horizon, by rising start.
    pub(super) fn times(&self, from: Timestamp, horizon: Timestamp) -> impl Iterator<Item = Interval> {
        let date = |at: Timestamp| self.zone.to_datetime(at).date();
        let (first, last) = (date(from).saturating_sub(Self::BACK.days()), date(horizon).saturating_add(1.day()));
        let dates = std::iter::successors(Some(first), |date: &Date| date.tomorrow().ok());
        let dates = dates.take_while(move |date| *date <= last);
        dates.filter(|date| self.days.iter().any(|days| days.contains(date.weekday()))).filter_map(|date| {
            let last = if self.until <= self.from { date.tomorrow().ok()? } else { date };
            self.effect.between(&self.zone, self.from.on(date)?, self.until.on(last)?)
        })
    }
}
