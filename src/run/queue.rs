//! Which pull requests a merge group holds, and whether what it holds is what they are.
//!
//! The commits between the protected branch and the group's head were made by the forge: for each pull request a merge, a squash, or its
//! commits anew. They are gone through along first parents, from the head down. Whose they are is told by the queue itself, by
//! the second parent of a merge, or by what else the forge knows of a commit; and then not believed, but made again: what the
//! pull request's last revision changes, put onto what was there before, must give the same files.
//! <https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue>

use std::collections::BTreeMap;

use predeploy_gates::{Change, Failure, Finding, Forge, History as _, PullRequest, PullRequestState, Queued};

use super::setup::Ground;
use crate::change::range::short;
use crate::rules;

/// The group's commits, from its head down, without those that came with the branches that it merges.
struct Chain<'a> {
    ids: Vec<&'a str>,
    /// What the last of them was made from.
    base: Option<&'a str>,
}

impl<'a> Chain<'a> {
    /// What a commit of it was made from.
    fn before(&self, place: usize) -> Option<&'a str> {
        self.ids.get(place + 1).copied().or(self.base)
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|one| *one == id)
    }
}

/// Commits of the chain that belong together, and whose they are.
struct Part {
    /// Places in the chain, the newest first.
    first: usize,
    last: usize,
    numbers: Vec<u64>,
    /// The last revision of the pull request as it was queued, where the queue tells.
    queued: Option<String>,
}

impl Ground {
    /// The pull requests of every commit that a merge group would put on the protected branch.
    pub(super) async fn queued(&self, change: &mut Change, forge: &dyn Forge) -> Vec<Finding> {
        let parents: BTreeMap<&str, Option<&str>> =
            self.detected.commits.iter().map(|c| (c.id.as_str(), c.first_parent.as_deref())).collect();
        let mut chain = Chain { ids: Vec::new(), base: None };
        let head = change.head.clone();
        let mut next = head.as_deref();
        while let Some((commit, parent)) = next.and_then(|id| parents.get_key_value(id)) {
            chain.ids.push(*commit);
            chain.base = *parent;
            next = *parent;
        }
        let named = change.pull_requests.first().copied();
        // The only pull request of a group is the one that its branch names.
        let alone = chain.ids.len() == 1 && named.is_some();
        let entries = match change.target_branch.as_deref().filter(|_| !alone) {
            Some(branch) => forge.merge_queue(branch).await,
            None => Ok(Vec::new()),
        };
        let mut notes = Vec::new();
        let mut place = 0;
        while place < chain.ids.len() {
            let known = entries.as_deref().ok().and_then(|entries| of_entry(&chain, place, entries));
            let part = match known {
                Some(part) => part,
                None => {
                    let numbers = match named.filter(|_| place == 0) {
                        Some(number) => Ok(vec![number]),
                        None => self.asked(chain.ids[place], change, forge).await,
                    };
                    match numbers {
                        Ok(numbers) if !numbers.is_empty() => Part { first: place, last: place, numbers, queued: None },
                        other => {
                            notes.push(unknown(chain.ids[place], other.err(), entries.as_ref().err()));
                            place += 1;
                            continue;
                        }
                    }
                }
            };
            if let (0, Some(named)) = (place, named)
                && !part.numbers.contains(&named)
            {
                let message =
                    format!("the merge group is of #{named} by its branch, and of #{} by the queue", part.numbers[0]);
                notes.push(Finding::new(&rules::EVENT_DIFFERS, message).help("let the queue make the group again"));
            }
            notes.extend(self.is_what_was_queued(&chain, &part, change, forge).await);
            change.pull_requests.extend(&part.numbers);
            place = part.last + 1;
        }
        change.pull_requests.sort_unstable();
        change.pull_requests.dedup();
        notes
    }

    /// Of a merge, the pull requests whose last revision it merges; else those that the forge names.
    async fn asked(&self, commit: &str, change: &Change, forge: &dyn Forge) -> Result<Vec<u64>, Failure> {
        let parents = self.git.as_ref().map_or(Ok(Vec::new()), |git| git.parents(commit))?;
        if let [_, merged] = parents.as_slice() {
            let mut numbers = Vec::new();
            for number in forge.pull_requests_with(merged).await? {
                let read = forge.pull_request(number).await?;
                if read.head == *merged && goes_there(&read, change) {
                    numbers.push(number);
                }
            }
            if !numbers.is_empty() {
                return Ok(numbers);
            }
        }
        forge.pull_requests_with(commit).await
    }

    /// What keeps the commits from being believed to be what one of the pull requests is.
    async fn is_what_was_queued(
        &self,
        chain: &Chain<'_>,
        part: &Part,
        change: &Change,
        forge: &dyn Forge,
    ) -> Option<Finding> {
        let mut why = None;
        for number in &part.numbers {
            let read = match forge.pull_request(*number).await {
                Ok(read) => read,
                // Where there is nothing to ask, whatever depends on it says so itself.
                Err(_) if !self.has_token => return None,
                Err(failure) => {
                    why = Some(failure);
                    continue;
                }
            };
            match self.compared(chain, part, &read, change) {
                Ok(()) => return None,
                Err(failure) => why = Some(failure),
            }
        }
        let failure = why?;
        let commits: Vec<&str> = chain.ids[part.first..=part.last].iter().map(|id| short(id)).collect();
        let numbers: Vec<String> = part.numbers.iter().map(|number| format!("#{number}")).collect();
        let message = format!(
            "whether {} in this merge group is what {} is cannot be told: {}",
            commits.join(", "),
            numbers.join(" or "),
            failure.message
        );
        Some(Finding::new(&rules::UNKNOWN_PULL_REQUEST, message).help(failure.help.unwrap_or_else(|| AGAIN.into())))
    }

    fn compared(&self, chain: &Chain<'_>, part: &Part, read: &PullRequest, change: &Change) -> Result<(), Failure> {
        let number = read.number;
        if !goes_there(read, change) {
            let to = &read.base_branch;
            return Err(Failure::new(format!("#{number} is not open, or goes to `{to}` and not where the group does")));
        }
        if let Some(queued) = part.queued.as_ref().filter(|queued| **queued != read.head) {
            let (queued, now) = (short(queued), short(&read.head));
            return Err(Failure::new(format!("#{number} was queued at {queued} and is at {now} now")));
        }
        let (Some(git), Some(onto)) = (&self.git, chain.before(part.last)) else {
            return Err(Failure::new("what the group was made from is not known"));
        };
        let fetch = |failure: Failure| {
            if git.commit(&read.head).is_ok() {
                return failure;
            }
            let message = format!("its last revision {} is not in this clone", short(&read.head));
            Failure::new(message).help(format!("fetch it: `git fetch origin refs/pull/{number}/head`"))
        };
        let files = git.differing(onto, &read.head, chain.ids[part.first]).map_err(fetch)?;
        match files.as_slice() {
            [] => Ok(()),
            [one] => Err(Failure::new(format!("it has another `{one}` than {} gives", short(&read.head)))),
            [one, rest @ ..] => Err(Failure::new(format!(
                "it has another `{one}` and {} more files other than {} gives",
                rest.len(),
                short(&read.head)
            ))),
        }
    }
}

const AGAIN: &str = "take the pull requests out of the queue and queue them again";

/// The part that ends at this place by the queue. An entry is believed if it starts and ends in this chain.
fn of_entry(chain: &Chain<'_>, place: usize, entries: &[Queued]) -> Option<Part> {
    let heads = |entry: &Queued| entry.head.as_deref().and_then(|head| chain.place(head));
    let mut here = entries.iter().filter(|entry| heads(entry) == Some(place));
    let (entry, None) = (here.next()?, here.next()) else { return None };
    let start = match entry.base.as_deref()? {
        base if chain.base == Some(base) => chain.ids.len(),
        base => chain.place(base).filter(|start| *start > place)?,
    };
    // An entry that was built from further down does not swallow the one below it.
    let below = entries.iter().filter_map(heads).filter(|other| *other > place).min();
    let end = start.min(below.unwrap_or(start));
    Some(Part {
        first: place,
        last: end - 1,
        numbers: vec![entry.pull_request],
        queued: Some(entry.pull_request_head.clone()),
    })
}

/// Whether a pull request is on its way to where the group goes.
fn goes_there(read: &PullRequest, change: &Change) -> bool {
    let here = change.target_branch.as_ref().is_none_or(|target| *target == read.base_branch);
    here && read.state != PullRequestState::Closed
}

fn unknown(commit: &str, failure: Option<Failure>, queue: Option<&Failure>) -> Finding {
    if let Some(failure) = failure {
        return rules::failed(&rules::UNKNOWN_PULL_REQUEST, failure);
    }
    let also =
        queue.map_or(String::new(), |failure| format!("; the merge queue could not be read: {}", failure.message));
    let message = format!("the forge knows no pull request of {} in this merge group{also}", short(commit));
    let help =
        queue.and_then(|failure| failure.help.clone()).unwrap_or_else(|| "merge it by its own pull request".into());
    Finding::new(&rules::UNKNOWN_PULL_REQUEST, message).help(help)
}
