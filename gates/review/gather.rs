//! Asks the forge for the pull requests of the change.

use super::{Answer, Asked, Evidence};
use crate::{Direction, World};

pub(super) async fn gather(world: &World<'_>) -> Evidence {
    let change = world.change;
    let mut evidence = Evidence { in_ci: world.in_ci, ..Evidence::default() };
    if let Direction::Rollback(_) = change.direction {
        return evidence;
    }
    let named = &change.pull_requests;
    if let (Some(head), true) = (&change.head, named.is_empty()) {
        evidence.carriers = Some(world.forge.pull_requests_with(head).await.into());
    }
    let numbers = match &evidence.carriers {
        Some(Answer::Given(carriers)) => carriers.clone(),
        Some(Answer::Failed(_)) | None => named.clone(),
    };
    for number in numbers {
        let answer = match world.cancel.check() {
            Ok(()) => world.forge.pull_request(number).await,
            Err(stopped) => Err(stopped),
        };
        evidence.pull_requests.push(Asked { number, answer: answer.into() });
    }
    // A merge gives a commit of its own: only the forge can say that it is the merge of this pull request.
    if let (Some(head), None) = (&change.head, &evidence.carriers) {
        let other = |asked: &Asked| matches!(&asked.answer, Answer::Given(read) if read.head != *head);
        if evidence.pull_requests.iter().any(other) {
            evidence.carriers = Some(world.forge.pull_requests_with(head).await.into());
        }
    }
    evidence
}
