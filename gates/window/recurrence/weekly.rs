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
    /// A day of the week comes again within this many dates, even where one is skipped.
    const AHEAD: usize = 60;

    pub(super) fn look(&self, at: Timestamp, horizon: Timestamp) -> State {
        State::among(self.near(at), at, horizon)
    }

    /// The occurrences from shortly before an instant to some weeks after it, by rising start.
    fn near(&self, at: Timestamp) -> impl Iterator<Item = Interval> {
        let today = self.zone.to_datetime(at).date();
        let first = today.saturating_sub(Self::BACK.days());
        let dates = std::iter::successors(Some(first), |date: &Date| date.tomorrow().ok()).take(Self::AHEAD);
        dates.filter(|date| self.days.iter().any(|days| days.contains(date.weekday()))).filter_map(|date| {
            let last = if self.until <= self.from { date.tomorrow().ok()? } else { date };
            self.effect.between(&self.zone, self.from.on(date)?, self.until.on(last)?)
        })
    }
}
