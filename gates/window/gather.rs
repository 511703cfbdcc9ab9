//! What the gate asks the world: calendars, labels, other deployments, the forge's clock.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::calendar;
use super::evidence::{Evidence, Fetched};
use super::policy::{InProgress, Window};
use super::source::CalendarSource;
use crate::{Address, Failure, Labelled, Running, World};

pub(super) async fn gather(policy: &Window, world: &World<'_>) -> Evidence {
    let mut calendars = BTreeMap::new();
    for (source, _) in policy.calendars() {
        if let Entry::Vacant(unknown) = calendars.entry(source.key()) {
            unknown.insert(fetch(source, world).await.unwrap_or_else(Fetched::Unreadable));
        }
    }
    let labels = if policy.asks_for_labels() { labels(world).await } else { None };
    let running = if policy.in_progress == InProgress::Ignore { None } else { Some(running(world).await) };
    // On a developer's machine nobody deploys by it, and a forge that cannot be asked has no clock.
    let ahead = if world.in_ci { world.forge.ahead().await.ok() } else { None };
    let calendar = policy.freezes.as_ref().map(|path| calendar::gather(path, world));
    Evidence { calendar, calendars, labels, running, ahead }
}

async fn fetch(source: &CalendarSource, world: &World<'_>) -> Result<Fetched, Failure> {
    let address = match source {
        CalendarSource::File(path) => {
            let missing = || {
                Failure::new(format!("the calendar `{path}` does not exist"))
                    .help("create it where the policy is read (in CI: on the target branch)")
            };
            let read = world.read_policy(path)?.ok_or_else(missing)?;
            let text = read.text(path.as_str())?.to_owned();
            return Ok(Fetched::Read { text, at: None, instead: None });
        }
        CalendarSource::Address(address) => Address::Plain(address.clone()),
        CalendarSource::Variable(name) => Address::Variable(name.clone()),
    };
    world.progress.tell(&format!("reading the calendar {source}"));
    let page = world.web.get(&address).await?;
    Ok(Fetched::Read { text: page.text, at: Some(page.at), instead: page.instead })
}

/// The labels of the change's pull requests. Nothing where it is known that it has none.
async fn labels(world: &World<'_>) -> Option<Result<Vec<Labelled>, Failure>> {
    let mut numbers = world.change.pull_requests.clone();
    if numbers.is_empty() {
        let head = world.change.head.as_deref()?;
        match world.forge.pull_requests_with(head).await {
            Ok(found) => numbers = found,
            Err(failure) => return Some(Err(failure)),
        }
    }
    let mut all = Vec::new();
    for number in numbers {
        match world.forge.labels(number).await {
            Ok(labels) => all.extend(labels),
            Err(failure) => return Some(Err(failure)),
        }
    }
    Some(Ok(all))
}

/// Other deployments to where the change goes. That of this very commit is the one that asks.
async fn running(world: &World<'_>) -> Result<Vec<Running>, Failure> {
    let Some(environment) = &world.change.environment else {
        return Err(
            Failure::new("the environment that is deployed to is not known").help("name it with `--environment`")
        );
    };
    let mut running = world.forge.running(environment).await?;
    running.retain(|one| world.change.head.as_ref() != Some(&one.commit));
    Ok(running)
}
