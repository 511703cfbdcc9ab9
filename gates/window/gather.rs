//! What the gate asks the world: calendars, labels, other deployments, the forge's clock.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::calendar;
use super::evidence::{Evidence, Fetched, Labels};
use super::policy::{InProgress, Window};
use super::source::CalendarSource;
use crate::{Address, Failure, Running, World};

/// Most commits whose pull requests are asked for.
const MOST_COMMITS: usize = 2_000;

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
    let (in_ci, environments) = (world.in_ci, world.environments.to_vec());
    Evidence { calendar, calendars, labels, running, in_ci, environments, ahead }
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

/// The labels of the change's pull requests. Nothing where there is no commit that could have one.
async fn labels(world: &World<'_>) -> Option<Result<Labels, Failure>> {
    let mut found = match shipped(world).await? {
        Ok(found) => found,
        Err(failure) => return Some(Err(failure)),
    };
    for number in &found.pull_requests {
        let asked = match world.cancel.check() {
            Ok(()) => world.forge.labels(*number).await,
            Err(ended) => Err(ended),
        };
        match asked {
            Ok(labels) => found.labels.extend(labels),
            Err(failure) => return Some(Err(failure)),
        }
    }
    Some(Ok(found))
}

/// The pull requests that the event names; else those of every commit from what is deployed, or from the base, up to the head; else those
/// of the head.
async fn shipped(world: &World<'_>) -> Option<Result<Labels, Failure>> {
    let change = world.change;
    let named = change.pull_requests.clone();
    if !named.is_empty() && change.deployed.is_none() {
        return Some(Ok(Labels { pull_requests: named, ..Labels::default() }));
    }
    let head = change.head.as_deref()?;
    let Some(from) = change.deployed.as_ref().or(change.base.as_ref()).filter(|from| *from != head) else {
        let of_head = world.forge.pull_requests_with(head).await;
        return Some(of_head.map(|mut pull_requests| {
            pull_requests.extend(named);
            Labels::of(pull_requests, vec![])
        }));
    };
    let ids = match world.history.between(from, head) {
        Ok(ids) if ids.len() > MOST_COMMITS => {
            let message = format!(
                "{} commits lie between {from} and {head}, more than the {MOST_COMMITS} that are asked for",
                ids.len()
            );
            let help = "deploy in smaller steps, or say what is deployed with `--deployed COMMIT`";
            return Some(Err(Failure::new(message).help(help)));
        }
        Ok(ids) => ids,
        Err(failure) => return Some(Err(failure)),
    };
    if ids.is_empty() {
        return Some(Ok(Labels::of(named, vec![])));
    }
    Some(world.forge.shipped(&ids).await.map(|shipment| {
        let carries = |number: &u64| {
            named.contains(number)
                || shipment.pull_requests.iter().any(|read| read.number == *number && read.carries(change))
        };
        let (mut numbers, mut without) = (named.clone(), Vec::new());
        for shipped in &shipment.commits {
            let before = numbers.len();
            numbers.extend(shipped.pull_requests.iter().copied().filter(carries));
            if numbers.len() == before {
                without.push(shipped.commit.id.clone());
            }
        }
        Labels::of(numbers, without)
    }))
}

impl Labels {
    fn of(mut pull_requests: Vec<u64>, without: Vec<String>) -> Self {
        pull_requests.sort_unstable();
        pull_requests.dedup();
        Self { pull_requests, without, labels: vec![] }
    }
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
