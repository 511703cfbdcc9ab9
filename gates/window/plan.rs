//! The lines that apply to a change as one schedule, and what it says of an instant.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::lines::Line;
use super::policy::Window;
use super::schedule::{Needs, Region, Regions, Schedule};
use crate::Text;

/// How far a next opening or closing is looked for beyond the freezes that hold: two years of 365 days.
const HORIZON: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

/// When a change may be deployed.
pub(crate) struct Plan<'a> {
    pub(crate) lines: Vec<Line<'a>>,
    pub(crate) schedule: Schedule,
    pub(crate) needs: Needs,
    /// The zone in which times are told that belong to no line.
    pub(crate) zone: TimeZone,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(policy: &Window, lines: Vec<Line<'a>>, at: Timestamp) -> Self {
        let frozen = lines.iter().filter(|line| line.closes()).filter_map(|line| line.recurrence.once_until(at)).max();
        let horizon = frozen.unwrap_or(at).checked_add(HORIZON).unwrap_or(Timestamp::MAX);
        let regions = names(&lines, policy.regions);
        let regions = match regions.is_empty() {
            true => vec![region(lines.iter())],
            false => regions
                .iter()
                .map(|name| region(lines.iter().filter(|l| l.region.is_none_or(|of| of == *name))))
                .collect(),
        };
        let length = |length: &Option<crate::Length>| length.map_or(SignedDuration::ZERO, crate::Length::get);
        let needs = Needs { settle: length(&policy.settle), rollout: length(&policy.rollout) };
        let zone = lines.first().map_or(TimeZone::UTC, |line| line.zone.clone());
        Self { schedule: Schedule { regions, of: policy.regions, horizon }, needs, zone, lines }
    }

    /// The regions that lines name, in the order of the schedule's; none where it has only one without a name.
    pub(crate) fn regions(&self) -> Vec<&'a Text> {
        names(&self.lines, self.schedule.of)
    }

    /// The lines that hold at an instant and close.
    pub(crate) fn closing(&self, at: Timestamp) -> impl Iterator<Item = &Line<'a>> {
        self.lines.iter().filter(move |line| line.closes() && line.recurrence.holds(at))
    }

    /// The allow windows of the regions in which none holds.
    pub(crate) fn missed(&self, at: Timestamp) -> Vec<&Line<'a>> {
        let regions = names(&self.lines, self.schedule.of);
        let regions: Vec<Option<&Text>> =
            if regions.is_empty() { vec![None] } else { regions.into_iter().map(Some).collect() };
        let is_of =
            |line: &Line<'a>, region: Option<&Text>| !line.closes() && (line.region.is_none() || line.region == region);
        let missed =
            |region: &Option<&Text>| !self.lines.iter().any(|line| is_of(line, *region) && line.recurrence.holds(at));
        let missed: Vec<Option<&Text>> = regions.into_iter().filter(missed).collect();
        self.lines.iter().filter(|line| missed.iter().any(|region| is_of(line, *region))).collect()
    }

    /// The first instant from `from` on at which this change may start.
    pub(crate) fn ready(&self, from: Timestamp) -> Option<Timestamp> {
        self.schedule.ready(from, self.needs)
    }
}

/// The regions that lines name. Where one of them is enough, and there are allows, one that none of them is for is no region that
/// anything could go to: what only closes would open all others.
fn names<'a>(lines: &[Line<'a>], of: Regions) -> Vec<&'a Text> {
    let allows = || lines.iter().filter(|line| !line.closes());
    let counts = |name: &Text| {
        of == Regions::All || allows().next().is_none() || allows().any(|line| line.region.is_none_or(|of| of == name))
    };
    let mut names: Vec<&Text> = lines.iter().filter_map(|line| line.region).filter(|name| counts(name)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn region<'l, 'a: 'l>(lines: impl Iterator<Item = &'l Line<'a>>) -> Region {
    let (close, allow): (Vec<_>, Vec<_>) = lines.partition(|line| line.closes());
    let recurrences = |lines: Vec<&Line<'_>>| lines.into_iter().map(|line| line.recurrence.clone()).collect();
    Region { allow: recurrences(allow), close: recurrences(close) }
}
