//! Commits, and the pull requests that brought them: fifty commits a request.
//!
//! Such a request is 70,300 nodes at most and costs 9 points: 1 for each hundred of the connections that GitHub must follow, 3
//! of each commit and 5 of each of its pull requests. Authors and parents of the commits of each pull request would be 300
//! points more. Parents are left out. A commit's message tells whether there may be anybody but its author and committer, and
//! only then they are asked for, a hundred commits in 2 points.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use predeploy_gates::{Commit, Failure, Forge as _, Person, PullRequest, Shipment, Shipped};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::GitHub;
use super::associated::{self, Repository};
use super::commit::{GitActor, Made, committer};
use super::conversation::ReviewNode;
use super::facts::Facts;
use super::pages::{Connection, incomplete};
use super::transport::{Session, shaped};

/// Commits of one request.
const PAGE: usize = 50;
/// Of one that asks for their people alone.
const PEOPLE_PAGE: usize = 100;

/// # Errors
/// If GitHub does not know one of the commits, or an answer is not whole.
pub(super) async fn read(github: &GitHub, commits: &[String]) -> Result<Shipment, Failure> {
    let mut shipment = Reading::default();
    for page in commits.chunks(PAGE) {
        // Each has the patience of a question.
        let session = github.transport.session()?;
        let found: Found = session.repository(&query(page.len()), &variables(github, page)).await?;
        let Found { id: repository, mut objects } = found;
        for (place, id) in page.iter().enumerate() {
            let node: ShippedNode = object(&mut objects, place, id)?;
            shipment.add(github, &session, &repository, node).await?;
        }
    }
    shipment.complete(github).await
}

pub(super) fn query(commits: usize) -> String {
    let mut query = operation("Shipped", "Shipped", commits);
    for fragments in [include_str!("shipped.graphql"), include_str!("facts.graphql"), include_str!("made.graphql")] {
        query.push_str(fragments);
    }
    query
}

pub(super) fn people_query(commits: usize) -> String {
    operation("CommitPeople", "Made", commits) + include_str!("made.graphql")
}

/// Asks for so many commits by the same fragment.
fn operation(name: &str, fragment: &str, commits: usize) -> String {
    let mut query = format!("query {name}($owner: String!, $name: String!");
    for n in 0..commits {
        _ = write!(query, ", $c{n}: GitObjectID!");
    }
    query.push_str(") {\n  rateLimit { cost remaining resetAt }\n  repository(owner: $owner, name: $name) {\n    id\n");
    for n in 0..commits {
        _ = writeln!(query, "    c{n}: object(oid: $c{n}) {{ ...{fragment} }}");
    }
    query.push_str("  }\n}\n");
    query
}

fn variables(github: &GitHub, commits: &[String]) -> Value {
    let mut variables = Map::new();
    variables.insert("owner".into(), json!(github.owner));
    variables.insert("name".into(), json!(github.name));
    variables.extend(commits.iter().enumerate().map(|(n, id)| (format!("c{n}"), json!(id))));
    Value::Object(variables)
}

/// The object at a place of the question. One that is no commit has none of its fields.
fn object<T: DeserializeOwned>(objects: &mut Map<String, Value>, place: usize, id: &str) -> Result<T, Failure> {
    let object = objects.remove(&format!("c{place}")).unwrap_or_default();
    if object.get("oid").and_then(Value::as_str) != Some(id) {
        return Err(associated::unknown(id));
    }
    shaped(object)
}

#[derive(Deserialize)]
struct Found {
    id: String,
    #[serde(flatten)]
    objects: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShippedNode {
    #[serde(flatten)]
    made: Made,
    associated_pull_requests: Option<Connection<Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PullRequestNode {
    #[serde(flatten)]
    facts: Facts,
    repository: Repository,
    reviews: Option<Connection<ReviewNode>>,
    commits: Connection<CommitNode>,
}

#[derive(Deserialize)]
struct CommitNode {
    commit: Signed,
}

/// A commit by its author and committer alone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    oid: String,
    message_headline: String,
    message: String,
    committed_via_web: bool,
    author: Option<GitActor>,
    committer: Option<GitActor>,
}

impl Signed {
    /// Whether GitHub may name more authors than the one.
    fn names_others(&self) -> bool {
        self.author.is_none() || self.message.to_ascii_lowercase().contains("co-authored-by")
    }

    fn complete(self, opened: Option<&Person>) -> Commit {
        Commit {
            id: self.oid,
            headline: self.message_headline,
            parents: Vec::new(),
            on_web: self.committed_via_web,
            neutral: false,
            authors: self.author.into_iter().map(|author| author.contributor(opened)).collect(),
            committer: committer(self.committer, self.committed_via_web, opened),
        }
    }
}

/// What is known after some pages.
#[derive(Default)]
struct Reading {
    commits: Vec<Shipped>,
    known: BTreeMap<u64, PullRequest>,
    /// Pull requests of which a list was cut.
    alone: BTreeSet<u64>,
    /// Commits of pull requests that name more people than were told.
    crowded: BTreeSet<String>,
}

impl Reading {
    async fn add(
        &mut self,
        github: &GitHub,
        session: &Session<'_>,
        repository: &str,
        node: ShippedNode,
    ) -> Result<(), Failure> {
        let id = node.made.oid.clone();
        let Some(connection) = node.associated_pull_requests else { return Err(incomplete("no pull requests".into())) };
        let numbers = match connection.complete() {
            Some(nodes) => self.pull_requests(repository, nodes)?,
            None => {
                let numbers = associated::read(session, &github.owner, &github.name, &id).await?;
                self.alone.extend(&numbers);
                numbers
            }
        };
        let commit = node.made.complete(None)?;
        self.commits.push(Shipped { commit, pull_requests: numbers });
        Ok(())
    }

    /// Keeps those of this repository and gives their numbers.
    fn pull_requests(&mut self, repository: &str, nodes: Vec<Value>) -> Result<Vec<u64>, Failure> {
        let mut numbers = Vec::new();
        for node in nodes {
            let PullRequestNode { facts, repository: of, reviews, commits } = shaped(node)?;
            if of.id != repository {
                continue;
            }
            let number = facts.number;
            numbers.push(number);
            let reviews = reviews.and_then(Connection::complete).filter(|_| facts.is_whole());
            let (Some(reviews), Some(commits)) = (reviews, commits.complete()) else {
                self.alone.insert(number);
                continue;
            };
            let author = facts.author();
            let crowded = commits.iter().filter(|node| node.commit.names_others()).map(|node| node.commit.oid.clone());
            self.crowded.extend(crowded);
            let commits = commits.into_iter().map(|node| node.commit.complete(author.as_ref())).collect();
            let told = facts.complete(reviews.into_iter().map(Into::into).collect(), commits)?;
            if *self.known.entry(number).or_insert_with(|| told.clone()) != told {
                return Err(Failure::new(format!("pull request #{number} changed while it was read")).help("ask again"));
            }
        }
        Ok(numbers)
    }

    async fn complete(mut self, github: &GitHub) -> Result<Shipment, Failure> {
        self.known.retain(|number, _| !self.alone.contains(number));
        let crowded: Vec<String> = std::mem::take(&mut self.crowded).into_iter().collect();
        for page in crowded.chunks(PEOPLE_PAGE) {
            let session = github.transport.session()?;
            let found: Found = session.repository(&people_query(page.len()), &variables(github, page)).await?;
            let mut objects = found.objects;
            for (place, id) in page.iter().enumerate() {
                let made: Made = object(&mut objects, place, id)?;
                self.name(id, &made)?;
            }
        }
        for number in self.alone {
            self.known.insert(number, github.pull_request(number).await?);
        }
        Ok(Shipment { commits: self.commits, pull_requests: self.known.into_values().collect() })
    }

    /// Puts the people of a commit to it, in every pull request that has it.
    fn name(&mut self, id: &str, made: &Made) -> Result<(), Failure> {
        for pull_request in self.known.values_mut() {
            let author = pull_request.author.clone();
            for commit in pull_request.commits.iter_mut().filter(|commit| commit.id == id) {
                commit.authors = made.clone().complete(author.as_ref())?.authors;
            }
        }
        Ok(())
    }
}
