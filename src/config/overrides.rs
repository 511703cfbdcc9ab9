//! Who may override which gates, and what follows: `[override]`.

use predeploy_gates::{GATES, Length, Permission, Text};
use schemars::JsonSchema;
use serde::Deserialize;

use super::words::meant;

/// A break-glass decision for one commit. Nothing can be overridden unless `gates` names it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct OverrideSettings {
    /// Logins of those who may.
    pub(crate) users: Vec<Text>,
    /// Teams whose members may: `organization/slug`.
    pub(crate) teams: Vec<Text>,
    /// What they must be allowed to do with the repository at least. Where neither users nor teams are named this alone
    /// decides.
    pub(crate) permission: Option<Permission>,
    /// Gates that may be overridden, by name or kind.
    pub(crate) gates: Vec<Text>,
    /// Allows to name `tests` in `gates`; every report says so.
    pub(crate) i_accept_untested: bool,
    /// How long an override counts from when it was given.
    pub(crate) lasts: Length,
    /// Most overrides in seven days, by what was said on pull requests and the issues that follow up. As many as there are if absent.
    pub(crate) per_week: Option<u32>,
    /// In this time a second person must confirm it, or it counts no longer. Nobody needs to if absent.
    pub(crate) confirm_within: Option<Length>,
    /// An issue that follows up on an override is overdue after this time.
    pub(crate) follow_up_within: Length,
    /// What an overdue one means for the next changes.
    pub(crate) overdue: Overdue,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Overdue {
    /// A warning.
    #[default]
    Warn,
    /// They may not ship; a rollback may.
    Block,
}

impl Default for OverrideSettings {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            teams: Vec::new(),
            permission: None,
            gates: Vec::new(),
            i_accept_untested: false,
            lasts: Length::from_secs(4 * 3600),
            per_week: None,
            confirm_within: None,
            follow_up_within: Length::from_secs(3 * 86_400),
            overdue: Overdue::Warn,
        }
    }
}

/// The kind of gate that is not overridden by the way.
const TESTS: &str = "tests";

impl OverrideSettings {
    /// Whether anything can be overridden.
    pub(crate) fn is_on(&self) -> bool {
        !self.gates.is_empty()
    }

    /// Whether a gate of this name and kind may be overridden.
    pub(crate) fn allows(&self, name: &str, kind: &str) -> bool {
        let named = self.gates.iter().any(|gate| gate.as_str() == name || gate.as_str() == kind);
        named && (kind != TESTS || self.i_accept_untested)
    }

    /// As [`super::House::mistakes`]; `instances` are the names and kinds of the policy's gates.
    pub(super) fn mistakes(&self, instances: &[(&str, &str)]) -> Vec<(Vec<String>, String, Option<String>)> {
        let mut found = Vec::new();
        let mut wrong = |path: &[&str], message: String, help: &str| {
            let path = std::iter::once("override").chain(path.iter().copied()).map(String::from).collect();
            found.push((path, message, Some(help.to_owned())));
        };
        let kinds = || GATES.iter().map(|row| row.kind);
        for (index, gate) in self.gates.iter().map(Text::as_str).enumerate() {
            let index = index.to_string();
            let at = ["gates", &index];
            let kind = instances.iter().find(|(name, _)| *name == gate).map(|(_, kind)| *kind);
            match kind.or_else(|| kinds().find(|kind| *kind == gate)) {
                None => {
                    let known = instances.iter().map(|(name, _)| *name).chain(kinds());
                    let slip = meant(gate, known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
                    let help = format!("{slip}name a gate of this policy, or a kind of gate");
                    wrong(&at, format!("there is no gate `{gate}`"), &help);
                }
                Some(TESTS) if !self.i_accept_untested => wrong(
                    &at,
                    format!("`{gate}` may not be overridden: what ships would not be tested"),
                    "leave it out, or say `i-accept-untested = true`, which every report will repeat",
                ),
                Some(_) => {}
            }
        }
        for (index, team) in self.teams.iter().map(Text::as_str).enumerate() {
            if !team.split_once('/').is_some_and(|(organization, slug)| !organization.is_empty() && !slug.is_empty()) {
                wrong(&["teams", &index.to_string()], format!("`{team}` is no team"), "write `organization/slug`");
            }
        }
        if self.is_on() && self.users.is_empty() && self.teams.is_empty() && self.permission.is_none() {
            wrong(&["gates"], "nobody may override these gates".into(), "name `users`, `teams` or a `permission`");
        }
        let mut people: Vec<String> = self.users.iter().map(|user| user.as_str().to_ascii_lowercase()).collect();
        people.sort();
        people.dedup();
        if self.confirm_within.is_some() && self.teams.is_empty() && people.len() == 1 {
            let message = "nobody can confirm an override: one person alone may override".into();
            wrong(&["confirm-within"], message, "name a second person under `users`, or a team");
        }
        for (key, length) in [("lasts", Some(self.lasts)), ("confirm-within", self.confirm_within)] {
            if length.is_some_and(|length| length.get().is_zero()) {
                wrong(&[key], format!("`{key}` leaves no time"), "give a length of time such as \"4h\"");
            }
        }
        if self.confirm_within.is_some_and(|within| within > self.lasts) {
            let message = "the override ends before it must be confirmed".into();
            wrong(&["confirm-within"], message, "let it be at most as long as `lasts`, which is 4h if not said");
        }
        found
    }
}
