//! The settings of the gate.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::civil::{Days, TimeOfDay, Zone};
use super::moment::{Duration, Moment, When};
use super::recurrence::cron::Cron;
use super::recurrence::series::rule::Rule;
use super::schedule::Regions;
use super::source::CalendarSource;
use crate::{EvidenceGlob, Length, PolicyPath, RiskLevel, Text};

/// When changes may be deployed: weekly windows, cron expressions, recurrence rules, calendars, public holidays and dated freezes, each
/// in a named time zone. Denies and freezes beat allows; with no allow, whatever is not denied is open.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Window {
    /// Times at which a deployment may happen. With none, whatever is not denied is open.
    #[serde(default)]
    pub(crate) allow: Vec<Line>,
    /// Times at which no deployment happens.
    #[serde(default)]
    pub(crate) deny: Vec<Line>,
    /// Dated times at which no deployment happens.
    #[serde(default)]
    pub(crate) freeze: Vec<Freeze>,
    /// A TOML file of `[[freeze]]` tables with the same keys, for a calendar that is kept apart from the policy. It is
    /// read where the policy is read.
    pub(crate) freezes: Option<PolicyPath>,
    /// Where lines name a `region`: whether every region must be open, or one of them.
    #[serde(default)]
    pub(crate) regions: Regions,
    /// How long a deployment takes: it must end before the next closing.
    pub(crate) rollout: Option<Length>,
    /// How long after an opening no deployment starts.
    pub(crate) settle: Option<Length>,
    /// How long before its deployment a change must be announced.
    pub(crate) lead: Option<Lead>,
    /// Whether a deployment to the same environment that the forge knows as not finished holds this one.
    #[serde(default)]
    pub(crate) in_progress: InProgress,
    /// The working hours of who deploys.
    pub(crate) people: Option<People>,
}

/// Times that open or close. Exactly one way to say them: `days` with `from` and `until`; a dated `from` and `until`; `cron`; `rrule`;
/// `ics`; `holidays`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Line {
    /// The days on which it starts: `"mon"` to `"sun"`, ranges such as `"mon-fri"`. Every day if not given.
    pub(crate) days: Option<Vec<Days>>,
    /// When it starts: a time of day, `"00:00"` if not given; or a date, or a local time such as `"2026-12-20T18:00"`.
    pub(crate) from: Option<When>,
    /// When it ends: a time of day, `"24:00"` if not given, on the next day if not after `from`; or a date (that day is part of it), or a
    /// local time (which is not).
    pub(crate) until: Option<When>,
    /// When it starts, as a cron expression of five fields. It lasts for `duration`.
    pub(crate) cron: Option<Cron>,
    /// When it starts, as a recurrence rule of RFC 5545. The first time is `start`, and each lasts for `duration`.
    pub(crate) rrule: Option<Rule>,
    /// The first time of `rrule`: a date, or a local time.
    pub(crate) start: Option<Moment>,
    /// How long each time of `cron` or `rrule` lasts: `"8h"`, `"90m"`; days (`"1d"`) are the calendar's. One day if `start` is a date.
    pub(crate) duration: Option<Duration>,
    /// A calendar in the form of RFC 5545: a file that is read where the policy is read, an address `https://…`, or `env:NAME`, the
    /// environment variable that holds such an address. Its events are the times.
    pub(crate) ics: Option<CalendarSource>,
    /// Only events whose summary holds one of these, in whatever case.
    #[serde(rename = "match")]
    pub(crate) matching: Option<Vec<Text>>,
    /// Only events of one of these categories, in whatever case.
    pub(crate) categories: Option<Vec<Text>>,
    /// Whether events count that are marked as taking no time (`TRANSP:TRANSPARENT`). If not given those of a deny do that last whole
    /// days, since calendars mark these so by themselves.
    pub(crate) transparent: Option<bool>,
    /// `true`: it is an error if not a single event is chosen. `false`: a calendar without a single event is fine. If not given an empty
    /// calendar is an error, and one of which no event is chosen a warning.
    pub(crate) expect_events: Option<bool>,
    /// How old a copy of the calendar may be: one hour if not given.
    pub(crate) max_age: Option<Length>,
    /// Public holidays, each by the ISO 3166 code of a country or of a part of one: `"DE"`, `"DE-BE"`.
    pub(crate) holidays: Option<Vec<Text>>,
    /// Days around them that are meant too.
    pub(crate) include: Option<Vec<Around>>,
    /// The IANA time zone of its days and times.
    pub(crate) zone: Option<Zone>,
    /// The levels of risk it applies to. To every change if not given.
    pub(crate) risk: Option<Vec<RiskLevel>>,
    /// The environments it applies to. To each if not given.
    pub(crate) environments: Option<Vec<Text>>,
    /// A deny applies to changes that touch one of these files; an allow to those that touch no other.
    pub(crate) paths: Option<Vec<EvidenceGlob>>,
    /// A deny applies to pull requests with one of these labels. Not for an allow: who labels a change would open its window.
    pub(crate) labels: Option<Vec<Text>>,
    /// The region it is about. About each if not given.
    pub(crate) region: Option<Text>,
    /// What it is called in messages.
    pub(crate) name: Option<Text>,
    /// Why it is there: shown when it holds a change.
    pub(crate) reason: Option<Text>,
}

/// Days around a public holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Around {
    /// The day before it.
    DayBefore,
    /// The day after it.
    DayAfter,
    /// A single working day between a holiday and a weekend, or between two holidays.
    Bridge,
}

/// A time without deployments, once.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Freeze {
    /// When it starts: a date (from its midnight), or a local time such as `"2026-12-20T18:00"`.
    pub(crate) from: Moment,
    /// When it ends: a date (that day is still part of it), or a local time (which is not).
    pub(crate) until: Moment,
    /// The IANA time zone of both.
    pub(crate) zone: Zone,
    /// The levels of risk it applies to. To every change if not given.
    pub(crate) risk: Option<Vec<RiskLevel>>,
    /// The environments it applies to. To each if not given.
    pub(crate) environments: Option<Vec<Text>>,
    /// The region it is about. About each if not given.
    pub(crate) region: Option<Text>,
    /// What it is called in messages.
    pub(crate) name: Option<Text>,
    /// Why it is there: shown when it holds a change.
    pub(crate) reason: Option<Text>,
}

/// How long before its deployment a change must be announced, and how that is seen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Lead {
    pub(crate) time: Length,
    /// A label of the pull request. The forge tells since when it is there.
    pub(crate) label: Option<Text>,
    /// A calendar with an event whose summary or description names the pull request (`#123`) or the commit, which was created so long
    /// before it starts.
    pub(crate) ics: Option<CalendarSource>,
    /// How old a copy of that calendar may be: one hour if not given.
    pub(crate) max_age: Option<Length>,
    /// The levels of risk that must be announced. Each if not given.
    pub(crate) risk: Option<Vec<RiskLevel>>,
}

/// What a deployment does that has not finished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum InProgress {
    /// It is not asked about.
    #[default]
    Ignore,
    /// A warning.
    Warn,
    /// It holds the change until it has finished.
    Hold,
}

/// Working hours by person.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct People {
    /// The IANA time zone of each account.
    pub(crate) zones: BTreeMap<String, Zone>,
    /// Monday to Friday if not given.
    pub(crate) days: Option<Vec<Days>>,
    /// `"09:00"` if not given.
    pub(crate) from: Option<TimeOfDay>,
    /// `"17:00"` if not given.
    pub(crate) until: Option<TimeOfDay>,
    /// What a deployment outside of them does.
    #[serde(default)]
    pub(crate) outside: Outside,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outside {
    #[default]
    Warn,
    /// It holds the change until the next working hours.
    Hold,
}

impl Window {
    /// Every calendar that it names, with how old a copy may be.
    pub(crate) fn calendars(&self) -> impl Iterator<Item = (&CalendarSource, Option<Length>)> {
        let lines =
            self.allow.iter().chain(&self.deny).filter_map(|line| line.ics.as_ref().map(|ics| (ics, line.max_age)));
        let lead = self.lead.iter().filter_map(|lead| lead.ics.as_ref().map(|ics| (ics, lead.max_age)));
        lines.chain(lead)
    }

    /// Whether it matters what the change is: a line applies by its risk, files or labels, or it must be announced.
    pub(crate) fn asks_for_the_change(&self) -> bool {
        let by_change = |line: &Line| line.risk.is_some() || line.paths.is_some() || line.labels.is_some();
        self.lead.is_some()
            || self.allow.iter().chain(&self.deny).any(by_change)
            || self.freeze.iter().any(|freeze| freeze.risk.is_some())
    }

    /// The environments that lines name, each with the way to it.
    pub(crate) fn environments_named(&self) -> Vec<(Vec<String>, String)> {
        let lines = |list: &'static str, lines: &[Line]| {
            let named = lines.iter().map(|line| line.environments.clone().unwrap_or_default());
            named.enumerate().map(|(index, names)| (list, index, names)).collect::<Vec<_>>()
        };
        let freezes = self.freeze.iter().map(|freeze| freeze.environments.clone().unwrap_or_default());
        let freezes = freezes.enumerate().map(|(index, names)| ("freeze", index, names)).collect();
        let all = [lines("allow", &self.allow), lines("deny", &self.deny), freezes].concat();
        let each = |(list, index, names): (&str, usize, Vec<Text>)| {
            let path = [list.to_owned(), index.to_string(), "environments".to_owned()];
            let names = names.into_iter().enumerate();
            names.map(move |(at, name)| ([&path[..], &[at.to_string()]].concat(), name.to_string())).collect::<Vec<_>>()
        };
        all.into_iter().flat_map(each).collect()
    }

    /// Whether the forge must tell the labels of the change.
    pub(crate) fn asks_for_labels(&self) -> bool {
        self.deny.iter().any(|line| line.labels.is_some())
            || self.lead.as_ref().is_some_and(|lead| lead.label.is_some())
    }
}

impl People {
    pub(crate) fn working_days(&self) -> Vec<Days> {
        self.days.clone().unwrap_or_else(|| vec![Days::WORKING])
    }

    pub(crate) fn starts(&self) -> TimeOfDay {
        self.from.unwrap_or(TimeOfDay::at_hour(9))
    }

    pub(crate) fn ends(&self) -> TimeOfDay {
        self.until.unwrap_or(TimeOfDay::at_hour(17))
    }
}
