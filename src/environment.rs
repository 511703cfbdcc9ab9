//! The process's environment, read once, by allow-list: what is not named here does not exist for predeploy.

use std::collections::BTreeMap;
use std::io::IsTerminal;

/// Every variable that is read.
const ALLOWED: &[&str] = &[
    "CI",
    "GITHUB_ACTIONS",
    "GITHUB_ACTOR",
    "GITHUB_API_URL",
    "GITHUB_EVENT_NAME",
    "GITHUB_EVENT_PATH",
    "GITHUB_GRAPHQL_URL",
    "GITHUB_OUTPUT",
    "GITHUB_REF",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ATTEMPT",
    "GITHUB_RUN_ID",
    "GITHUB_SHA",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_TOKEN",
    "GITHUB_TRIGGERING_ACTOR",
    "NO_COLOR",
    "PREDEPLOY_APP_ID",
    "PREDEPLOY_APP_INSTALLATION_ID",
    "PREDEPLOY_APP_PRIVATE_KEY",
    "PREDEPLOY_ORG_TOKEN",
    "PREDEPLOY_SNAPSHOT_KEY",
    "PRE_COMMIT",
    "PRE_COMMIT_FROM_REF",
    "PRE_COMMIT_LOCAL_BRANCH",
    "PRE_COMMIT_REMOTE_BRANCH",
    "PRE_COMMIT_REMOTE_NAME",
    "PRE_COMMIT_TO_REF",
    "TEAMCITY_VERSION",
    "TERM",
    "TF_BUILD",
];

/// Variables each of which, set to anything but nothing, `0` or `false`, means that this is a CI.
const CI_MARKS: &[&str] = &[
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "TF_BUILD",
    "JENKINS_URL",
    "BUILDKITE",
    "TEAMCITY_VERSION",
    "BITBUCKET_BUILD_NUMBER",
    "CIRCLECI",
];

/// Variables that programs of the project get: where programs and toolchains are, and how texts are written.
const FOR_COMMANDS: &[&str] =
    &["PATH", "LANG", "LC_ALL", "TZ", "RUSTUP_HOME", "PYENV_ROOT", "JAVA_HOME", "VIRTUAL_ENV"];

/// The environment of a program of the project, before it is given a home of its own. Toolchains that lie in the home of the user
/// are named, for they would not be found otherwise.
pub(crate) fn for_commands() -> BTreeMap<&'static str, std::ffi::OsString> {
    let mut kept: BTreeMap<_, _> =
        FOR_COMMANDS.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))).collect();
    if let Some(home) = std::env::var_os("HOME").map(std::path::PathBuf::from) {
        for (name, folder) in [("RUSTUP_HOME", ".rustup"), ("PYENV_ROOT", ".pyenv")] {
            let folder = home.join(folder);
            if folder.is_dir() {
                kept.entry(name).or_insert_with(|| folder.into_os_string());
            }
        }
    }
    kept
}

/// A snapshot of the variables that matter.
pub(crate) struct Environment {
    variables: BTreeMap<&'static str, String>,
    in_ci: bool,
    /// Standard output is a terminal.
    pub(crate) terminal: bool,
}

impl Environment {
    /// Of this process.
    pub(crate) fn of_process() -> Self {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let mut environment = Self::of(get);
        environment.terminal = std::io::stdout().is_terminal();
        environment
    }

    /// From any source of variables; empty ones must be given as absent.
    pub(crate) fn of(get: impl Fn(&str) -> Option<String>) -> Self {
        let marks = |name: &&str| get(name).is_some_and(|v| !v.eq_ignore_ascii_case("false") && v != "0");
        Self {
            variables: ALLOWED.iter().filter_map(|name| Some((*name, get(name)?))).collect(),
            in_ci: CI_MARKS.iter().any(marks),
            terminal: false,
        }
    }

    /// A variable of the allow-list.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        debug_assert!(ALLOWED.contains(&name), "{name} is not in the allow-list");
        self.variables.get(name).map(String::as_str)
    }

    /// Whether nobody is looking and the change is not to be believed about itself.
    pub(crate) fn in_ci(&self) -> bool {
        self.in_ci
    }

    /// Whether this is a step of GitHub Actions.
    pub(crate) fn on_github(&self) -> bool {
        self.get("GITHUB_ACTIONS") == Some("true")
    }

    /// The id of the run of GitHub Actions that this is a step of.
    pub(crate) fn run(&self) -> Option<&str> {
        self.get("GITHUB_RUN_ID").filter(|_| self.on_github())
    }

    /// Whether text may be coloured.
    pub(crate) fn colour(&self) -> bool {
        self.terminal && self.get("NO_COLOR").is_none() && self.get("TERM") != Some("dumb")
    }

    /// The token for the forge.
    pub(crate) fn token(&self) -> Option<&str> {
        self.get("GITHUB_TOKEN")
    }

    /// Whether something is given to ask the forge with: a token, or any part of an App.
    pub(crate) fn asks_forge(&self) -> bool {
        self.token().is_some()
            || ["PREDEPLOY_APP_ID", "PREDEPLOY_APP_PRIVATE_KEY"].iter().any(|name| self.get(name).is_some())
    }

    /// The same without anything to ask the forge with.
    pub(crate) fn without_forge(&self) -> Self {
        let kept = |name: &str| !name.ends_with("_TOKEN") && !name.starts_with("PREDEPLOY_APP_");
        let variables = self.variables.iter().filter(|(name, _)| kept(name));
        Self { variables: variables.map(|(name, value)| (*name, value.clone())).collect(), ..*self }
    }

    /// The key that fingerprints of values are made with, where they are to be compared with those of a snapshot.
    pub(crate) fn snapshot_key(&self) -> Option<&str> {
        self.get("PREDEPLOY_SNAPSHOT_KEY")
    }

    /// The token for what a workflow's own may not read of the forge: members of teams.
    pub(crate) fn organization_token(&self) -> Option<&str> {
        self.get("PREDEPLOY_ORG_TOKEN")
    }
}

/// The variables beside the allow-list: the addresses of a scratch server and of calendars, whose names only a policy can give. Each is
/// read when a gate asks for it, and never a variable of the allow-list, of which one is a token.
pub(crate) fn address(name: &str) -> Option<String> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain || name.is_empty() || ALLOWED.contains(&name) {
        return None;
    }
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ci_is_told_by_values() {
        let with = |name: &'static str, value: &'static str| {
            Environment::of(move |n| (n == name).then(|| value.to_string())).in_ci()
        };
        assert!(with("CI", "true") && with("CI", "1") && with("JENKINS_URL", "http://ci"));
        assert!(!with("CI", "false") && !with("CI", "0") && !with("HOME", "/"));
    }
}
