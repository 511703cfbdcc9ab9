//! Break-glass: a gate is overridden for one commit, by somebody who may and who had no part in the change, for a while, with
//! a reason. It is reported, never hidden, and something follows up on it.
//!
//! ```text
//! override: window, review — the payment page is down for everybody
//! 1a2b3c4d5e6f…  (the whole id of the commit that ships)
//! ```

mod allowed;
pub(crate) mod collect;
mod decide;
mod said;
#[cfg(test)]
mod tests;
mod week;

use jiff::Timestamp;
use predeploy_gates::{Failure, FollowUp, People, Person, Remark};
use serde::{Deserialize, Serialize};

pub(crate) use decide::{Decided, decide};

/// What the forge and the clone say of overrides, as plain data: see [`crate::run::record`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Evidence {
    /// Nothing if no gate that may be overridden stood against the change.
    pub(crate) statements: Option<Result<Vec<Statement>, Failure>>,
    /// Nothing if there was no statement.
    pub(crate) contributors: Option<Result<Contributors, Failure>>,
    /// The same.
    pub(crate) people: Option<Result<People, Failure>>,
    /// Nothing if they were not asked for.
    pub(crate) follow_ups: Option<Result<Vec<FollowUp>, Failure>>,
    /// What may have been an override lately, on any pull request. Nothing if nothing depends on how many there were.
    #[serde(default)]
    pub(crate) remarks: Option<Result<Vec<Remark>, Failure>>,
}

/// A review or comment with a line that overrides or confirms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Statement {
    pub(crate) pull_request: u64,
    /// Nobody if the account was deleted.
    pub(crate) by: Option<Person>,
    pub(crate) text: String,
    pub(crate) at: Timestamp,
    pub(crate) edited: bool,
    pub(crate) url: Option<String>,
}

/// Everybody who had a part in the change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Contributors {
    pub(crate) logins: Vec<String>,
    /// What somebody did of whom the forge knows no account: he could be anybody.
    pub(crate) anonymous: Vec<String>,
}

/// An override that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Override {
    /// Names of the gates of this policy that it is for.
    pub(crate) gates: Vec<String>,
    /// The environment that it is for; nothing if it is for all.
    pub(crate) environment: Option<String>,
    pub(crate) by: String,
    pub(crate) reason: String,
    pub(crate) at: Timestamp,
    /// It counts before this.
    pub(crate) until: Timestamp,
    pub(crate) pull_request: u64,
    pub(crate) url: Option<String>,
    pub(crate) confirmation: Confirmation,
    pub(crate) follow_up: Option<FollowUp>,
}

/// What a second person says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Confirmation {
    /// The policy asks for none.
    NotAsked,
    By(String),
    /// It is asked for until then.
    Awaited(Timestamp),
}

impl Override {
    /// Who, until when, why: one sentence without a final full stop.
    pub(crate) fn words(&self) -> String {
        let confirmed = match &self.confirmation {
            Confirmation::NotAsked => String::new(),
            Confirmation::By(who) => format!(", confirmed by {who}"),
            Confirmation::Awaited(until) => format!(", to be confirmed by a second person before {until}"),
        };
        let only = self.environment.as_ref().map(|name| format!(" for {name} alone")).unwrap_or_default();
        format!("overridden{only} by {} until {}{confirmed}: {}", self.by, self.until, self.reason)
    }
}
