//! Is now the right time? Weekly windows and dated freezes, each in its own time zone.

mod calendar;
mod civil;
mod judge;
mod schedule;

#[cfg(test)]
mod tests;

use jiff::tz::TimeZoneDatabase;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use civil::{Days, Moment, TimeOfDay, Zone};

use crate::{Context, Failure, Gate, Mistake, Outcome, PolicyPath, RiskLevel, Rule, Severity, Stage, Text, World};

static CLOSED: Rule = Rule {
    id: "window/closed",
    severity: Severity::Pending,
    summary: "the deployment window is closed by a deny window, or no allow window is open",
};
static FREEZE: Rule =
    Rule { id: "window/freeze", severity: Severity::Pending, summary: "a dated freeze holds deployments" };
static NEVER_OPENS: Rule = Rule {
    id: "window/never-opens",
    severity: Severity::Unresolved,
    summary: "the windows together leave nothing open within the next two years",
};
static UNREADABLE_CALENDAR: Rule = Rule {
    id: "window/unreadable-calendar",
    severity: Severity::Unresolved,
    summary: "a file of freezes is missing, malformed or names an unknown time zone",
};

/// When changes may be deployed: weekly windows and dated freezes, each in a named time zone. Denies and freezes beat
/// allows; with no allow, whatever is not denied is open.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Window {
    /// Weekly windows in which a deployment may happen. With none, whatever is not denied is open.
    #[serde(default)]
    allow: Vec<Weekly>,
    /// Weekly windows in which no deployment happens.
    #[serde(default)]
    deny: Vec<Weekly>,
    /// Dated times in which no deployment happens.
    #[serde(default)]
    freeze: Vec<Freeze>,
    /// A TOML file of `[[freeze]]` tables with the same keys, for a calendar that is kept apart from the policy. It is
    /// read where the policy is read.
    freezes: Option<PolicyPath>,
}

/// A window that comes again every week.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Weekly {
    /// The days on which it starts: `"mon"` to `"sun"`, ranges such as `"mon-fri"`. Every day if not given.
    days: Option<Vec<Days>>,
    /// When it starts, `"00:00"` if not given.
    from: Option<TimeOfDay>,
    /// When it ends, `"24:00"` if not given. If it is not after `from`, it is on the next day.
    until: Option<TimeOfDay>,
    /// The IANA time zone of its days and times.
    zone: Zone,
    /// The levels of risk it applies to. To every change if not given.
    risk: Option<Vec<RiskLevel>>,
    /// What it is called in messages.
    name: Option<Text>,
    /// Why it is there: shown when it holds a change.
    reason: Option<Text>,
}

/// A time without deployments, once.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Freeze {
    /// When it starts: a date (from its midnight), or a local time such as `"2026-12-20T18:00"`.
    from: Moment,
    /// When it ends: a date (that day is still part of it), or a local time (which is not).
    until: Moment,
    /// The IANA time zone of both.
    zone: Zone,
    /// The levels of risk it applies to. To every change if not given.
    risk: Option<Vec<RiskLevel>>,
    /// What it is called in messages.
    name: Option<Text>,
    /// Why it is there: shown when it holds a change.
    reason: Option<Text>,
}

impl Weekly {
    fn from(&self) -> TimeOfDay {
        self.from.unwrap_or(TimeOfDay::MIDNIGHT)
    }

    fn until(&self) -> TimeOfDay {
        self.until.unwrap_or(TimeOfDay::END_OF_DAY)
    }

    /// What is wrong with it: the key and a sentence.
    fn mistakes(&self, zones: &TimeZoneDatabase) -> Vec<(&'static str, String)> {
        let mut mistakes = shared_mistakes(&self.zone, self.risk.as_deref(), zones);
        if self.days.as_ref().is_some_and(Vec::is_empty) {
            mistakes.push(("days", "`days` is empty, so this window never comes; leave it out for every day".into()));
        }
        if self.from() == TimeOfDay::END_OF_DAY {
            mistakes.push(("from", "a window cannot start at \"24:00\"; write \"00:00\" and the next day".into()));
        }
        mistakes
    }
}

impl Freeze {
    /// What is wrong with it: the key and a sentence.
    fn mistakes(&self, zones: &TimeZoneDatabase) -> Vec<(&'static str, String)> {
        let mut mistakes = shared_mistakes(&self.zone, self.risk.as_deref(), zones);
        if self.until.end() <= self.from.start() {
            mistakes.push(("until", format!("the freeze ends ({}) before it starts ({})", self.until, self.from)));
        }
        mistakes
    }
}

fn shared_mistakes(zone: &Zone, risk: Option<&[RiskLevel]>, zones: &TimeZoneDatabase) -> Vec<(&'static str, String)> {
    let mut mistakes = Vec::new();
    if let Err(unknown) = zone.find(zones) {
        mistakes.push(("zone", unknown));
    }
    if risk.is_some_and(<[_]>::is_empty) {
        mistakes.push(("risk", "`risk` is empty, so this applies to no change; leave it out for every change".into()));
    }
    mistakes
}

/// The facts: what is written in the file of freezes, where the policy names one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Evidence {
    calendar: Option<Calendar>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Calendar {
    Read { path: String, text: String },
    Unreadable { path: String, failure: Failure },
}

impl Gate for Window {
    const KIND: &'static str = "window";
    const SUMMARY: &'static str = "is now a time at which changes may be deployed?";
    const README: &'static str = include_str!("README.md");
    const RULES: &'static [&'static Rule] = &[&CLOSED, &FREEZE, &NEVER_OPENS, &UNREADABLE_CALENDAR];
    const STAGES: &'static [Stage] = &[Stage::Deploy];

    type Evidence = Evidence;

    fn mistakes(&self) -> Vec<Mistake> {
        if self.allow.is_empty() && self.deny.is_empty() && self.freeze.is_empty() && self.freezes.is_none() {
            let nothing = "no window is declared, so it would always be open; add an `allow`, `deny` or `freeze` table";
            return vec![Mistake::at(&[], nothing)];
        }
        // The database of the run is not known here; the bundled one is the default there too.
        let zones = TimeZoneDatabase::bundled();
        let weekly = [("allow", &self.allow), ("deny", &self.deny)];
        let weekly = weekly.into_iter().flat_map(|(list, all)| all.iter().enumerate().map(move |(i, w)| (list, i, w)));
        let weekly = weekly.map(|(list, index, window)| (list, index, window.mistakes(&zones)));
        let freezes = self.freeze.iter().enumerate().map(|(i, freeze)| ("freeze", i, freeze.mistakes(&zones)));
        let in_entry = |(list, index, mistakes): (&str, usize, Vec<(&str, String)>)| {
            let index = index.to_string();
            let at = |(key, message)| Mistake::at(&[list, &index, key], message);
            mistakes.into_iter().map(at).collect::<Vec<_>>()
        };
        weekly.chain(freezes).flat_map(in_entry).collect()
    }

    async fn gather(&self, world: &World<'_>) -> Result<Evidence, Failure> {
        Ok(Evidence { calendar: self.freezes.as_ref().map(|path| calendar::gather(path, world)) })
    }

    fn judge(&self, evidence: Evidence, at: &Context<'_>) -> Outcome {
        judge::judge(self, &evidence, at)
    }
}
