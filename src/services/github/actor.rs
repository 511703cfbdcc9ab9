//! Accounts.

use predeploy_gates::Person;
use serde::Deserialize;

/// Whoever did something. Nobody if the account was deleted.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct Actor {
    #[serde(rename = "__typename")]
    kind: String,
    login: String,
}

impl From<Actor> for Person {
    fn from(actor: Actor) -> Self {
        // An organization or a placeholder of an import (a mannequin) is no more a person than a bot.
        let person = matches!(actor.kind.as_str(), "User" | "EnterpriseUserAccount");
        Self { login: actor.login, bot: !person }
    }
}

/// The same in REST, where a bot's login ends as it does on the web.
#[derive(Debug, Deserialize)]
pub(super) struct RestActor {
    login: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl From<RestActor> for Person {
    fn from(actor: RestActor) -> Self {
        let bot = actor.kind.as_deref() != Some("User");
        let login = actor.login.strip_suffix("[bot]").map(String::from).unwrap_or(actor.login);
        Self { login, bot }
    }
}
