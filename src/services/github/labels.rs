//! The labels of a pull request, each with when it was put on last.
//!
//! A pull request tells which labels it has, and its timeline when some were put on and taken off. The instants are GitHub's own:
//! nobody can put a label on yesterday. Of a label whose event is not there nobody knows since when it is, and an instant that is
//! too early would open a window, so that is a failure.

use jiff::Timestamp;
use predeploy_gates::{Failure, Labelled, Person};
use serde::Deserialize;
use serde_json::json;

use super::actor::Actor;
use super::pages::{Connection, Slice, incomplete};
use super::transport::Transport;

pub(super) const QUERY: &str = include_str!("labels.graphql");

/// Most pages of events that are read.
const PAGES: usize = 50;

/// In the order in which GitHub lists them.
///
/// # Errors
/// If GitHub cannot be asked, its answer is not whole, or it does not tell since when a label is there.
pub(super) async fn read(
    transport: &Transport,
    owner: &str,
    name: &str,
    number: u64,
) -> Result<Vec<Labelled>, Failure> {
    let session = transport.session()?;
    let mut events = Vec::new();
    let mut have: Option<Vec<Label>> = None;
    let mut after: Option<String> = None;
    for _ in 0..PAGES {
        let variables = json!({ "owner": owner, "name": name, "number": number, "after": after });
        let found: Found = session.repository(QUERY, &variables).await?;
        let Some(page) = found.pull_request else {
            return Err(Failure::new(format!("GitHub knows no pull request #{number} of {owner}/{name}")));
        };
        let labels = page.labels.map(|labels| labels.whole("labels")).transpose()?.unwrap_or_default();
        if have.as_ref().is_some_and(|have| *have != labels) {
            return Err(changed(number));
        }
        have = Some(labels);
        let (nodes, next) = page.timeline_items.read("events of labels", after.as_deref())?;
        events.extend(nodes);
        let Some(next) = next else {
            return have.unwrap_or_default().into_iter().map(|label| dated(label, number, &events)).collect();
        };
        after = Some(next);
    }
    Err(incomplete(format!("{} events of labels of #{number}, and there are more", events.len())))
}

fn changed(number: u64) -> Failure {
    Failure::new(format!("the labels of pull request #{number} changed while they were read")).help("ask again")
}

/// The label with its last event.
fn dated(label: Label, number: u64, events: &[Event]) -> Result<Labelled, Failure> {
    let last = events.iter().filter(|event| event.label().is(&label)).max_by_key(|event| event.at());
    match last {
        Some(Event::LabeledEvent(put)) => Ok(Labelled {
            pull_request: number,
            since: put.created_at,
            by: put.actor.clone().map(Person::from),
            label: label.name,
        }),
        Some(Event::UnlabeledEvent(_)) => Err(changed(number)),
        None => {
            let message =
                format!("GitHub does not tell since when pull request #{number} has the label `{}`", label.name);
            Err(Failure::new(message).help("take it off and put it on again"))
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    pull_request: Option<Page>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    labels: Option<Connection<Label>>,
    timeline_items: Slice<Event>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Label {
    id: String,
    name: String,
}

impl Label {
    /// Events may tell a label as it was called then; names differ by more than case.
    fn is(&self, other: &Self) -> bool {
        self.id == other.id || self.name.eq_ignore_ascii_case(&other.name)
    }
}

#[derive(Deserialize)]
#[serde(tag = "__typename")]
enum Event {
    LabeledEvent(Put),
    UnlabeledEvent(Put),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Put {
    created_at: Timestamp,
    /// Nobody if the account was deleted.
    actor: Option<Actor>,
    label: Label,
}

impl Event {
    fn put(&self) -> &Put {
        match self {
            Self::LabeledEvent(put) | Self::UnlabeledEvent(put) => put,
        }
    }

    fn label(&self) -> &Label {
        &self.put().label
    }

    fn at(&self) -> Timestamp {
        self.put().created_at
    }
}
