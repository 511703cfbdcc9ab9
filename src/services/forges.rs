//! Which forge answers: the real one, a recording, or none.

use std::path::Path;
use std::sync::Arc;

use predeploy_gates::{Failure, Forge, NoForge};

use super::github::{App, AppSettings, Credential, Desk, Endpoints, GitHub, Issues, Patience, Spent, Token};
use super::recorded::Recorded;
use crate::environment::Environment;
use crate::exit::Stop;

/// Answers from a file, and the pull requests that it holds.
pub(crate) fn recorded(path: &Path) -> Result<(Arc<dyn Forge>, Vec<u64>), Stop> {
    let text = std::fs::read_to_string(path).map_err(|e| {
        Stop::usage(format!("`{}` cannot be read: {e}", path.display()), "name a file of recorded forge evidence")
    })?;
    let recorded = Recorded::parse(&path.display().to_string(), &text).map_err(Stop::Usage)?;
    let numbers = recorded.numbers();
    Ok((Arc::new(recorded), numbers))
}

/// JSON Schema (draft 2020-12) of a file of recorded forge evidence.
pub(crate) fn json_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Recorded).to_value();
    schema["title"] = "recorded forge evidence".into();
    schema
}

/// GitHub, if there is a token and a repository, and the count of what it costs; nothing is connected before it is asked.
pub(crate) fn real(environment: &Environment, repository: Option<&str>) -> (Arc<dyn Forge>, Option<Arc<Spent>>) {
    let none = |why: &str, help: &str| -> (Arc<dyn Forge>, Option<Arc<Spent>>) {
        (Arc::new(NoForge { why: why.into(), help: help.into() }), None)
    };
    let help = if environment.in_ci() {
        "give a token as GITHUB_TOKEN (permission `pull-requests: read`)"
    } else {
        "give a token as GITHUB_TOKEN (permission `pull-requests: read`), or recorded answers with `--forge-evidence FILE`"
    };
    if !environment.asks_forge() {
        return none("there is no token to ask the forge with", help);
    }
    let Some(repository) = repository else {
        return none(
            "it is not known which repository at the forge this is",
            "set GITHUB_REPOSITORY=owner/name, or the remote `origin`",
        );
    };
    let endpoints = Endpoints::of(environment.get("GITHUB_GRAPHQL_URL"), environment.get("GITHUB_API_URL"));
    let made = credential(environment, repository).and_then(|credential| {
        let github = GitHub::new(repository, &endpoints, credential, Patience::default())?;
        match environment.organization_token() {
            Some(token) => github.for_organizations(&endpoints, Token::new(token)?, Patience::default()),
            None => Ok(github),
        }
    });
    match made {
        Ok(forge) => {
            let spent = forge.spent();
            (Arc::new(forge), Some(spent))
        }
        Err(failure) => none(&failure.message, failure.help.as_deref().unwrap_or(help)),
    }
}

/// The issues at GitHub, for whoever may open one.
///
/// # Errors
/// If there is no token, or no repository.
pub(crate) fn issues(environment: &Environment, repository: Option<&str>) -> Result<Issues, Failure> {
    if !environment.asks_forge() {
        return Err(Failure::new("there is no token to open issues with")
            .help("give one as GITHUB_TOKEN (permission `issues: write`)"));
    }
    let repository = repository.ok_or_else(|| {
        Failure::new("it is not known which repository at the forge this is").help("set GITHUB_REPOSITORY=owner/name")
    })?;
    let endpoints = Endpoints::of(environment.get("GITHUB_GRAPHQL_URL"), environment.get("GITHUB_API_URL"));
    Issues::new(repository, &endpoints, credential(environment, repository)?, Patience::default())
}

/// The repository at GitHub, for whoever may tell it something.
///
/// # Errors
/// If there is no token, or no repository.
pub(crate) fn desk(environment: &Environment, repository: Option<&str>) -> Result<Desk, Failure> {
    if !environment.asks_forge() {
        return Err(Failure::new("there is no token to publish with").help("give one as GITHUB_TOKEN"));
    }
    let repository = repository.ok_or_else(|| {
        Failure::new("it is not known which repository at the forge this is").help("set GITHUB_REPOSITORY=owner/name")
    })?;
    let endpoints = Endpoints::of(environment.get("GITHUB_GRAPHQL_URL"), environment.get("GITHUB_API_URL"));
    Desk::new(repository, &endpoints, credential(environment, repository)?, Patience::default())
}

/// An App where one is named, else the token. Half an App is a mistake, and no reason to ask as somebody else.
fn credential(environment: &Environment, repository: &str) -> Result<Credential, Failure> {
    let app = ["PREDEPLOY_APP_ID", "PREDEPLOY_APP_PRIVATE_KEY"];
    match app.map(|name| environment.get(name)) {
        [Some(id), Some(key)] => {
            let installation = environment.get("PREDEPLOY_APP_INSTALLATION_ID");
            App::new(&AppSettings { id, key, installation }, repository).map(Into::into)
        }
        [None, None] => Token::new(environment.token().unwrap_or_default()).map(Into::into),
        [given, _] => {
            let (is, lacks) = if given.is_some() { (app[0], app[1]) } else { (app[1], app[0]) };
            Err(Failure::new(format!("{is} is set, and {lacks} is not"))
                .help("a GitHub App is asked as with both; to ask with GITHUB_TOKEN, set neither"))
        }
    }
}
