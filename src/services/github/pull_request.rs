//! A pull request with all its reviews, threads, comments and commits.

use predeploy_gates::{Comment, Failure, PullRequest, Review, Thread};
use serde::Deserialize;
use serde_json::json;

use super::commit::Made;
use super::conversation::{CommentNode, ReviewNode, ThreadNode};
use super::facts::{Events, Facts};
use super::pages::{Connection, List};
use super::pusher::{self, Forced};
use super::transport::{Session, Transport};

/// The lists of 100 cost 3 points: one request of GitHub's own for each thread's opening, each commit's authors and parents.
pub(super) const QUERY: &str =
    concat!(include_str!("pull_request.graphql"), include_str!("facts.graphql"), include_str!("made.graphql"));

/// Reads it, in as many requests as its longest list has pages, and one for who pushed it where that is not told by then.
///
/// # Errors
/// If GitHub cannot be asked or its answer is not whole, or the pull request changed between two pages.
pub(super) async fn read(transport: &Transport, owner: &str, name: &str, number: u64) -> Result<PullRequest, Failure> {
    let session = transport.session()?;
    let mut pages = pages(&session, owner, name, number).await?;
    // After a forced push GitHub lists the old commits for a moment.
    let mut attempt = 0;
    while !pages.facts.head_is_among(pages.commits.iter().map(|commit| commit.oid.as_str())) {
        if !session.pause(attempt).await {
            break;
        }
        pages = self::pages(&session, owner, name, number).await?;
        attempt += 1;
    }
    let Pages { facts, forced, reviews, threads, comments, commits } = pages;
    let author = facts.author();
    let commits = commits.into_iter().map(|commit| commit.complete(author.as_ref())).collect::<Result<_, _>>()?;
    let mut pull_request = facts.clone().complete(reviews, commits)?;
    pull_request.threads = threads;
    pull_request.comments = comments;
    pull_request.pusher = pusher::of(&session, owner, name, &facts, forced).await;
    Ok(pull_request)
}

/// All that the pages of one pull request tell.
struct Pages {
    facts: Facts,
    forced: Option<Forced>,
    reviews: Vec<Review>,
    threads: Vec<Thread>,
    comments: Vec<Comment>,
    commits: Vec<Made>,
}

async fn pages(session: &Session<'_>, owner: &str, name: &str, number: u64) -> Result<Pages, Failure> {
    let mut reviews = List::new("reviews");
    let mut threads = List::new("review threads");
    let mut comments = List::new("comments");
    let mut commits = List::new("commits");
    let mut first: Option<Told> = None;
    while reviews.more() || threads.more() || comments.more() || commits.more() {
        let variables = json!({
            "owner": owner, "name": name, "number": number,
            "reviews": reviews.cursor(), "threads": threads.cursor(),
            "comments": comments.cursor(), "commits": commits.cursor(),
            "moreReviews": reviews.more(), "moreThreads": threads.more(),
            "moreComments": comments.more(), "moreCommits": commits.more(),
        });
        let found: Found = session.repository(QUERY, &variables).await?;
        let Some(page) = found.pull_request else {
            return Err(Failure::new(format!("GitHub knows no pull request #{number} of {owner}/{name}")));
        };
        reviews.add(page.reviews)?;
        threads.add(page.review_threads)?;
        comments.add(page.comments)?;
        commits.add(page.commits)?;
        match &first {
            Some(first) if *first != page.told => {
                let changed = format!("pull request #{number} changed while it was read");
                return Err(Failure::new(changed).help("ask again"));
            }
            Some(_) => {}
            None => first = Some(page.told),
        }
    }
    let Some(Told { facts, forced }) = first else { return Err(Failure::new("GitHub was not asked")) };
    Ok(Pages {
        facts,
        forced: forced.last()?,
        reviews: reviews.into_nodes().into_iter().map(|review: ReviewNode| review.into()).collect(),
        threads: threads.into_nodes().into_iter().map(|thread: ThreadNode| thread.into()).collect(),
        comments: comments.into_nodes().into_iter().map(|comment: CommentNode| comment.into()).collect(),
        commits: commits.into_nodes().into_iter().map(|node: CommitNode| node.commit).collect(),
    })
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
    told: Told,
    reviews: Option<Connection<ReviewNode>>,
    review_threads: Option<Connection<ThreadNode>>,
    comments: Option<Connection<CommentNode>>,
    commits: Option<Connection<CommitNode>>,
}

/// What every page tells alike.
#[derive(Deserialize, PartialEq)]
struct Told {
    #[serde(flatten)]
    facts: Facts,
    forced: Events<Forced>,
}

#[derive(Deserialize)]
struct CommitNode {
    commit: Made,
}
