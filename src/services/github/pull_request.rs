//! A pull request with all its reviews, threads and commits.

use jiff::Timestamp;
use predeploy_gates::{
    Commit as Made, Contributor, Failure, Opinion, Person, PullRequest, PullRequestState, Review, Thread,
};
use serde::Deserialize;
use serde_json::json;

use super::pages::{Connection, List};
use super::transport::Transport;

/// Reads it, in as many requests as its longest list has pages.
///
/// # Errors
/// If GitHub cannot be asked or its answer is not whole, or the pull request changed between two pages.
pub(super) async fn read(transport: &Transport, owner: &str, name: &str, number: u64) -> Result<PullRequest, Failure> {
    let session = transport.session()?;
    let mut reviews = List::new("reviews");
    let mut threads = List::new("review threads");
    let mut commits = List::new("commits");
    let mut first: Option<Facts> = None;
    while reviews.more() || threads.more() || commits.more() {
        let variables = json!({
            "owner": owner, "name": name, "number": number,
            "reviews": reviews.cursor(), "threads": threads.cursor(), "commits": commits.cursor(),
            "moreReviews": reviews.more(), "moreThreads": threads.more(), "moreCommits": commits.more(),
        });
        let found: Found = session.repository(include_str!("pull_request.graphql"), &variables).await?;
        let Some(page) = found.pull_request else {
            return Err(Failure::new(format!("GitHub knows no pull request #{number} of {owner}/{name}")));
        };
        reviews.add(page.reviews)?;
        threads.add(page.review_threads)?;
        commits.add(page.commits)?;
        match &first {
            Some(first) if *first != page.facts => {
                let changed = format!("pull request #{number} changed while it was read");
                return Err(Failure::new(changed).help("ask again"));
            }
            Some(_) => {}
            None => first = Some(page.facts),
        }
    }
    let Some(facts) = first else { return Err(Failure::new("GitHub was not asked")) };
    facts.complete(reviews.into_nodes(), threads.into_nodes(), commits.into_nodes())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    pull_request: Option<Page>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(flatten)]
    facts: Facts,
    reviews: Option<Connection<ReviewNode>>,
    review_threads: Option<Connection<ThreadNode>>,
    commits: Option<Connection<CommitNode>>,
}

/// What every page tells, and must tell alike.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Facts {
    number: u64,
    url: String,
    title: String,
    state: State,
    is_draft: bool,
    author: Option<Actor>,
    base_ref_name: String,
    head_ref_oid: String,
    labels: Option<Labels>,
}

#[derive(Debug, Deserialize, PartialEq, Clone, Copy)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    Open,
    Merged,
    Closed,
}

#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct Actor {
    #[serde(rename = "__typename")]
    kind: String,
    login: String,
}

impl From<Actor> for Person {
    fn from(actor: Actor) -> Self {
        // An organization or a placeholder of an import is no more a person than a bot.
        let person = matches!(actor.kind.as_str(), "User" | "EnterpriseUserAccount");
        Self { login: actor.login, bot: !person }
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Labels {
    total_count: usize,
    nodes: Vec<Label>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Label {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReviewNode {
    state: ReviewState,
    created_at: Timestamp,
    submitted_at: Option<Timestamp>,
    url: String,
    author_can_push_to_repository: bool,
    author: Option<Actor>,
    commit: Option<Oid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReviewState {
    Approved,
    ChangesRequested,
    Commented,
    Dismissed,
    Pending,
}

#[derive(Deserialize)]
struct Oid {
    oid: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThreadNode {
    is_resolved: bool,
    is_outdated: bool,
    path: String,
    line: Option<u32>,
    comments: Comments,
}

#[derive(Deserialize)]
struct Comments {
    nodes: Vec<Option<Comment>>,
}

#[derive(Deserialize)]
struct Comment {
    url: String,
    author: Option<Actor>,
}

#[derive(Deserialize)]
struct CommitNode {
    commit: Commit,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Commit {
    oid: String,
    committed_via_web: bool,
    committer: Option<GitActor>,
    authors: Connection<GitActor>,
}

#[derive(Deserialize)]
struct GitActor {
    email: Option<String>,
    user: Option<User>,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

impl Facts {
    fn complete(
        self,
        reviews: Vec<ReviewNode>,
        threads: Vec<ThreadNode>,
        commits: Vec<CommitNode>,
    ) -> Result<PullRequest, Failure> {
        let labels = self.labels.unwrap_or(Labels { total_count: 0, nodes: Vec::new() });
        if labels.nodes.len() != labels.total_count {
            let gave = format!("{} of {} labels", labels.nodes.len(), labels.total_count);
            return Err(Failure::new(format!("GitHub's answer is not whole: it gave {gave}")).help("ask again"));
        }
        // GitHub lists at most 250 commits, and after a force push for a moment the old ones.
        if !commits.iter().any(|node| node.commit.oid == self.head_ref_oid) {
            let message = format!("GitHub does not list the last commit of pull request #{}", self.number);
            return Err(Failure::new(message).help("ask again in a moment; more than 250 commits cannot be listed"));
        }
        let author: Option<Person> = self.author.map(Person::from);
        let complete = |node: CommitNode| node.commit.complete(author.as_ref());
        let commits = commits.into_iter().map(complete).collect::<Result<_, _>>()?;
        Ok(PullRequest {
            number: self.number,
            url: self.url,
            title: self.title,
            state: match self.state {
                State::Open => PullRequestState::Open,
                State::Merged => PullRequestState::Merged,
                State::Closed => PullRequestState::Closed,
            },
            draft: self.is_draft,
            author,
            base_branch: self.base_ref_name,
            head: self.head_ref_oid,
            labels: labels.nodes.into_iter().map(|label| label.name).collect(),
            reviews: reviews.into_iter().map(ReviewNode::complete).collect(),
            threads: threads.into_iter().map(ThreadNode::complete).collect(),
            commits,
            body: String::new(),
            merged: None,
            comments: vec![],
            requested: vec![],
            retargeted: None,
            pusher: None,
            decision: None,
        })
    }
}

impl Commit {
    fn complete(self, opened: Option<&Person>) -> Result<Made, Failure> {
        let of = |person: GitActor| {
            let bot = opened.filter(|author| is_mail_of_bot(&person, author)).cloned();
            let account = person.user.map(|user| Person { login: user.login, bot: false }).or(bot);
            Contributor { email: person.email, account }
        };
        Ok(Made {
            id: self.oid,
            headline: String::new(),
            parents: vec![],
            on_web: self.committed_via_web,
            authors: self.authors.whole("authors of a commit")?.into_iter().map(of).collect(),
            // What is done on the web is committed by GitHub itself.
            committer: self.committer.filter(|_| !self.committed_via_web).map(of),
        })
    }
}

/// GitHub tells no account for the e-mail address of a bot (`49699333+dependabot[bot]@users.noreply.github.com`). It is
/// believed only of the bot that opened the pull request.
fn is_mail_of_bot(person: &GitActor, author: &Person) -> bool {
    let name = || person.email.as_deref()?.split_once('@')?.0.rsplit('+').next()?.strip_suffix("[bot]");
    author.bot && name() == Some(author.login.trim_end_matches("[bot]"))
}

impl ReviewNode {
    fn complete(self) -> Review {
        Review {
            by: self.author.map(Person::from),
            opinion: match self.state {
                ReviewState::Approved => Opinion::Approved,
                ReviewState::ChangesRequested => Opinion::ChangesRequested,
                ReviewState::Commented => Opinion::Commented,
                ReviewState::Dismissed => Opinion::Dismissed,
                ReviewState::Pending => Opinion::Pending,
            },
            commit: self.commit.map(|commit| commit.oid),
            at: self.submitted_at.unwrap_or(self.created_at),
            may_write: Some(self.author_can_push_to_repository),
            url: Some(self.url),
            body: String::new(),
            edited: false,
        }
    }
}

impl ThreadNode {
    fn complete(self) -> Thread {
        let (url, author) = match self.comments.nodes.into_iter().next().flatten() {
            Some(comment) => (Some(comment.url), comment.author),
            None => (None, None),
        };
        Thread {
            resolved: self.is_resolved,
            outdated: self.is_outdated,
            path: Some(self.path),
            line: self.line,
            url,
            by: author.map(Person::from),
        }
    }
}
