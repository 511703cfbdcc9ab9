//! Forge evidence from a file: what the forge said once, for runs without it.
//!
//! ```json
//! { "pull-requests": [{ "number": 12, "state": "open", … }], "deployments": [{ "environment": "production", … }] }
//! ```
//!
//! The names are those of [`PullRequest`] and [`Deployment`]; a name that is not known is an error. `predeploy schema
//! forge-evidence` prints the JSON Schema.

mod ids;

use std::cmp::Reverse;

use jiff::Timestamp;
use predeploy_gates::{
    Answer, CheckRun, Deployment, Failure, FollowUp, Forge, Labelled, Opinion, People, PeopleAsked, Person,
    PullRequest, Queued, Remark, Running, Settings, Shipment, Shipped,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// What the forge said once.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Recorded {
    #[serde(default)]
    pull_requests: Vec<PullRequest>,
    /// Commits, for the judging of several at once.
    #[serde(default)]
    commits: Vec<Shipped>,
    #[serde(default)]
    people: Option<People>,
    #[serde(default)]
    deployments: Vec<Deployment>,
    /// The checks of the head commit. An empty list is an answer, none is not.
    #[serde(default)]
    checks: Option<Vec<CheckRun>>,
    /// Deployments that have not finished. An empty list is an answer, none is not.
    #[serde(default)]
    running: Option<Vec<Running>>,
    /// The labels of pull requests, each with when it was put on. An empty list is an answer, none is not.
    #[serde(default)]
    labels: Option<Vec<Labelled>>,
    /// Issues that follow up on overrides. An empty list is an answer, none is not.
    #[serde(default)]
    follow_ups: Option<Vec<FollowUp>>,
}

impl Recorded {
    /// Reads the text of the file of this name.
    ///
    /// # Errors
    /// The first thing that is wrong, with file, line and column, and the path of its field; an id of a commit that is not whole;
    /// a number that stands twice.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Failure> {
        let help = "it holds `pull-requests`, `commits`, `people`, `deployments`, `running`, `labels`, `checks` and `follow-ups`: `predeploy schema forge-evidence` \
                    prints the schema, `predeploy explain review` an example";
        let mut json = serde_json::Deserializer::from_str(text);
        let read: Result<Self, _> = serde_path_to_error::deserialize(&mut json);
        let wrong = |error: &serde_json::Error, path: String| {
            let place = format!(" at line {} column {}", error.line(), error.column());
            let why = error.to_string();
            let at = if matches!(path.as_str(), "." | "?") { String::new() } else { format!("`{path}`: ") };
            let why = why.strip_suffix(&place).unwrap_or(&why);
            Failure::new(format!("{file}:{}:{}: {at}{why}", error.line(), error.column())).help(help)
        };
        let mut recorded = read.map_err(|error| wrong(error.inner(), error.path().to_string()))?;
        json.end().map_err(|error| wrong(&error, ".".into()))?;
        if let Some((path, id)) = recorded.commit_ids().find(|(_, id)| !ids::is_whole(id)) {
            let place = ids::place(text, id);
            let message = format!("{file}:{place}`{path}`: `{id}` is not the whole id of a commit");
            return Err(Failure::new(message).help("write all of its 40 or 64 digits: `git rev-parse COMMIT`"));
        }
        for (index, one) in recorded.pull_requests.iter().enumerate() {
            if recorded.pull_requests[..index].iter().any(|other| other.number == one.number) {
                let twice = format!("{file}: `pull-requests[{index}]`: pull request #{} is there twice", one.number);
                return Err(Failure::new(twice).help("keep the one that is true"));
            }
        }
        recorded.deployments.sort_by_key(|deployment| Reverse(deployment.at));
        Ok(recorded)
    }

    /// The numbers of all pull requests in it.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.pull_requests.iter().map(|one| one.number).collect()
    }
}

impl Forge for Recorded {
    fn pull_request(&self, number: u64) -> Answer<'_, PullRequest> {
        let found = self.pull_requests.iter().find(|one| one.number == number).cloned();
        Box::pin(async move {
            found.ok_or_else(|| {
                Failure::new(format!("the recorded forge evidence holds no pull request #{number}"))
                    .help("record it, or ask the forge itself with a token")
            })
        })
    }

    fn pull_requests_with<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<u64>> {
        let carriers = self.commits.iter().filter(|shipped| shipped.commit.id == commit);
        let carriers: Vec<u64> = carriers.flat_map(|shipped| shipped.pull_requests.clone()).collect();
        let merged = |one: &PullRequest| one.merged.as_ref().is_some_and(|m| m.commit.as_deref() == Some(commit));
        let brings = |one: &&PullRequest| one.head == commit || merged(one) || carriers.contains(&one.number);
        let found = self.pull_requests.iter().filter(brings).map(|one| one.number).collect();
        Box::pin(async move { Ok(found) })
    }

    fn merge_queue<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<Queued>> {
        Box::pin(async { Err(Failure::new("recorded forge evidence holds no merge queue")) })
    }

    fn shipped<'a>(&'a self, commits: &'a [String]) -> Answer<'a, Shipment> {
        let find = |id: &String| {
            let found = self.commits.iter().find(|shipped| shipped.commit.id == *id).cloned();
            found.ok_or_else(|| Failure::new(format!("the recorded forge evidence holds no commit {id}")))
        };
        let shipment = || {
            let commits = commits.iter().map(find).collect::<Result<Vec<_>, _>>()?;
            let named = |one: &&PullRequest| commits.iter().any(|commit| commit.pull_requests.contains(&one.number));
            let pull_requests = self.pull_requests.iter().filter(named).cloned().collect();
            Ok(Shipment { commits, pull_requests })
        };
        let answer = shipment();
        Box::pin(async move { answer })
    }

    fn people<'a>(&'a self, _: &'a PeopleAsked) -> Answer<'a, People> {
        let people = self.people.clone();
        Box::pin(async move { people.ok_or_else(|| Failure::new("the recorded forge evidence holds no `people`")) })
    }

    fn deployments<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Deployment>> {
        let of = self.deployments.iter().filter(|deployment| deployment.environment == environment);
        let found = of.take(100).cloned().collect();
        Box::pin(async move { Ok(found) })
    }

    fn checks<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<CheckRun>> {
        let checks = self.checks.clone();
        Box::pin(async move { checks.ok_or_else(|| Failure::new("the recorded forge evidence holds no `checks`")) })
    }

    fn running<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Running>> {
        let of = |all: &Vec<Running>| all.iter().filter(|one| one.environment == environment).cloned().collect();
        let found = self.running.as_ref().map(of);
        Box::pin(async move { found.ok_or_else(|| Failure::new("the recorded forge evidence holds no `running`")) })
    }

    /// Values are never recorded.
    fn settings<'a>(&'a self, _: &'a str) -> Answer<'a, Settings> {
        Box::pin(async { Err(Failure::new("recorded forge evidence never holds the settings of environments")) })
    }

    fn labels(&self, number: u64) -> Answer<'_, Vec<Labelled>> {
        let of = |all: &Vec<Labelled>| all.iter().filter(|one| one.pull_request == number).cloned().collect();
        let found = self.labels.as_ref().map(of);
        Box::pin(async move { found.ok_or_else(|| Failure::new("the recorded forge evidence holds no `labels`")) })
    }

    /// What is recorded has no clock.
    fn ahead(&self) -> Answer<'_, i64> {
        Box::pin(async { Err(Failure::new("recorded forge evidence has no clock")) })
    }

    fn follow_ups(&self, since: Timestamp) -> Answer<'_, Vec<FollowUp>> {
        let asked = |one: &&FollowUp| one.open || one.opened >= since;
        let found = self.follow_ups.as_ref().map(|all| all.iter().filter(asked).cloned().collect());
        Box::pin(async move { found.ok_or_else(|| Failure::new("the recorded forge evidence holds no `follow-ups`")) })
    }

    /// The pull requests that are recorded are taken for all that there are.
    fn remarks(&self, since: Timestamp) -> Answer<'_, Vec<Remark>> {
        let said = |one: &PullRequest| {
            let given = one.reviews.iter().filter(|review| review.opinion != Opinion::Pending);
            let reviews = given.map(|review| (&review.by, &review.body, review.at, review.edited, &review.url));
            let comments = one.comments.iter().map(|c| (&c.by, &c.body, c.at, c.edited, &c.url));
            let remark =
                |(by, text, at, edited, url): (&Option<Person>, &String, Timestamp, bool, &Option<String>)| Remark {
                    pull_request: one.number,
                    opened_by: one.author.clone(),
                    by: by.clone(),
                    text: Some(text.clone()),
                    at,
                    // What it said before is not recorded.
                    earlier: if edited { vec![None] } else { Vec::new() },
                    url: url.clone(),
                };
            reviews.chain(comments).map(remark).collect::<Vec<_>>()
        };
        let found = self.pull_requests.iter().flat_map(said).filter(|remark| remark.at >= since).collect();
        Box::pin(async move { Ok(found) })
    }
}

#[cfg(test)]
mod tests;
