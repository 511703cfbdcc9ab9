//! Who of those who approved answers which demand.

use std::collections::{BTreeMap, BTreeSet};

use super::codeowners::Owner;
use super::demand::{Demand, Who};
use super::evidence::Answer;
use super::opinions::{self, Standing};
use super::policy::{Freshness, Review as Policy};
use super::words::short;
use crate::{Failure, People, PullRequest, Review};

/// An approval and what it is of.
pub(super) struct Approval<'a> {
    pub review: &'a Review,
    pub login: &'a str,
    pub standing: Standing,
    pub since: Since<'a>,
}

/// How the last revision differs from the one that was approved.
#[derive(Clone, Copy)]
pub(super) enum Since<'a> {
    /// It is that commit.
    SameCommit,
    /// In these files.
    Differs(&'a [String]),
    /// It is not known, and will not be: the last revision must be approved.
    Unknown(&'a str),
    /// It could be known, of a pull request that is merged and that nobody can approve any more.
    Untold(&'a Failure),
}

/// What an approval is worth to a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    /// It may be one, if this were known.
    Unknown(String),
    /// It would be one if it were of the last revision; what is different since.
    Stale(String),
    /// It is no answer to this demand, and why where that is worth a word.
    No(Option<&'static str>),
}

/// How a demand stands.
#[derive(Debug)]
pub(super) struct Count {
    /// Logins that count.
    pub by: Vec<String>,
    /// Those who may, and what is not known.
    pub unknown: Vec<(String, String)>,
    /// Those who approved what was pushed over, and what is different since.
    pub stale: Vec<(String, String)>,
    /// Those whose approval does not count, and why.
    pub never: Vec<(String, &'static str)>,
}

/// What is known of people beside their reviews.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub policy: &'a Policy,
    pub people: Option<&'a Answer<People>>,
}

impl<'a> Known<'a> {
    fn people(self) -> Option<&'a People> {
        self.people.and_then(|people| people.as_result().ok())
    }

    /// Whether someone is in a team; nothing if that cannot be told.
    fn is_member(self, login: &str, team: &str) -> Option<bool> {
        let team = team.trim_start_matches('@');
        let is = |name: &str| name.trim_start_matches('@').eq_ignore_ascii_case(team);
        if let Some((_, members)) = self.policy.teams.iter().find(|(name, _)| is(name)) {
            return Some(
                members.iter().any(|member| member.as_str().trim_start_matches('@').eq_ignore_ascii_case(login)),
            );
        }
        let members = self.people()?.teams.iter().find(|(name, _)| is(name))?.1.as_ref()?;
        Some(members.iter().any(|member| member.eq_ignore_ascii_case(login)))
    }

    fn why_unknown(self, team: &str) -> String {
        let failure = self.people.and_then(|people| people.as_result().err());
        let because = failure.map_or(String::new(), |failure| format!(": {}", failure.message));
        format!("the members of `{team}` cannot be read{because}")
    }

    /// Whether someone is among those whom a demand asks.
    fn is_asked(self, login: &str, who: &Who) -> Fit {
        let mut unknown = None;
        let mut member = |team: &str| {
            let is = self.is_member(login, team);
            if is.is_none() {
                unknown.get_or_insert_with(|| self.why_unknown(team));
            }
            is == Some(true)
        };
        let is = match who {
            Who::Anyone => true,
            Who::Named { users, teams } => {
                users.iter().any(|user| user.as_str().trim_start_matches('@').eq_ignore_ascii_case(login))
                    || teams.iter().any(|team| member(team.as_str()))
            }
            Who::Owners(owners) => owners.iter().any(|owner| match owner {
                Owner::User(user) => user.eq_ignore_ascii_case(login),
                Owner::Team(team) => member(team),
                // Only the policy can tell whose address it is.
                Owner::Email(address) => member(address),
            }),
        };
        match (is, unknown) {
            (true, _) => Fit::Yes,
            (false, Some(why)) => Fit::Unknown(why),
            (false, None) => Fit::No(None),
        }
    }

    fn fit(self, approval: &Approval<'_>, demand: &Demand, read: &PullRequest) -> Fit {
        let asked = self.is_asked(approval.login, &demand.who);
        if let Fit::No(_) = asked {
            return asked;
        }
        let mut unknown = None;
        match &approval.standing {
            Standing::Never(why) => return Fit::No(Some(why)),
            Standing::Unknown(why) => unknown = Some(why.clone()),
            Standing::Counts => {}
        }
        match opinions::may(self.people(), approval.login, demand.permission) {
            Some(true) => {}
            Some(false) => return Fit::No(Some("may do too little with the repository")),
            None => unknown = Some(format!("what {} may do with the repository is not known", approval.login)),
        }
        if self.policy.re_requested && read.requested.iter().any(|login| login.eq_ignore_ascii_case(approval.login)) {
            return Fit::Stale("was asked to review it again".into());
        }
        if let Since::Untold(failure) = approval.since {
            let earlier = approval.review.commit.as_deref().map_or("a revision", short);
            let why =
                format!("what changed since {} approved {earlier} cannot be told: {}", approval.login, failure.message);
            unknown.get_or_insert(why);
        } else if let Some(why) = stale(self.policy.freshness, approval.since, demand) {
            return Fit::Stale(why);
        }
        match (asked, unknown) {
            (Fit::Unknown(why), _) | (_, Some(why)) => Fit::Unknown(why),
            _ => Fit::Yes,
        }
    }

    /// How each demand stands, in their order.
    pub fn count(self, demands: &[Demand], approvals: &[Approval<'_>], read: &PullRequest) -> Vec<Count> {
        let mut counts: Vec<Count> = demands
            .iter()
            .map(|demand| {
                let mut count = Count { by: vec![], unknown: vec![], stale: vec![], never: vec![] };
                for approval in approvals {
                    let login = approval.login.to_owned();
                    match self.fit(approval, demand, read) {
                        Fit::Yes => count.by.push(login),
                        Fit::Unknown(why) => count.unknown.push((login, why)),
                        Fit::Stale(why) => count.stale.push((login, why)),
                        Fit::No(Some(why)) => count.never.push((login, why)),
                        Fit::No(None) => {}
                    }
                }
                if demand.pairing {
                    self.pair(demand, read, &mut count);
                }
                if self.policy.last_push {
                    without_last_push(read, &mut count);
                }
                count
            })
            .collect();
        distinct(demands, &mut counts);
        counts
    }

    /// Who wrote every commit together with the author counts as one who approved.
    fn pair(self, demand: &Demand, read: &PullRequest, count: &mut Count) {
        let names = |commit: &crate::Commit| -> BTreeSet<String> {
            let accounts = commit.authors.iter().filter_map(|author| author.account.as_ref());
            accounts.filter(|account| !account.bot).map(|account| account.login.to_ascii_lowercase()).collect()
        };
        let mut commits = read.commits.iter().map(names);
        let Some(first) = commits.next() else { return };
        let everywhere = commits.fold(first, |all, names| &all & &names);
        let author = |login: &String| read.author.as_ref().is_some_and(|author| author.is(login));
        for login in everywhere.iter().filter(|login| !author(login)) {
            let known = self.people().and_then(|people| {
                let (_, permission) = people.permissions.iter().find(|(name, _)| name.eq_ignore_ascii_case(login))?;
                *permission
            });
            match (self.is_asked(login, &demand.who), known) {
                (Fit::Yes, Some(permission)) if permission >= demand.permission => {
                    if !count.by.iter().any(|other| other.eq_ignore_ascii_case(login)) {
                        count.by.push(login.clone());
                    }
                    return;
                }
                (Fit::Unknown(why), _) => count.unknown.push((login.clone(), why)),
                (Fit::Yes, None) => {
                    count
                        .unknown
                        .push((login.clone(), format!("what {login} may do with the repository is not known")));
                }
                _ => {}
            }
        }
    }
}

/// What is different since an approval, where that takes it away.
fn stale(freshness: Freshness, since: Since<'_>, demand: &Demand) -> Option<String> {
    let files = match since {
        Since::SameCommit => return None,
        Since::Differs(_) | Since::Unknown(_) | Since::Untold(_) if freshness == Freshness::Commit => {
            return Some("another commit".into());
        }
        Since::Unknown(why) => return Some(why.to_owned()),
        Since::Untold(failure) => return Some(failure.message.clone()),
        Since::Differs(files) => files,
    };
    let matters = |path: &&String| match (&demand.files, freshness) {
        (Some(asked), Freshness::Owned) => asked.contains(*path),
        _ => true,
    };
    let changed: Vec<&String> = files.iter().filter(matters).collect();
    let (first, rest) = changed.split_first()?;
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    Some(format!("`{first}`{more} changed since"))
}

/// Who pushed last may have pushed anything after looking: somebody else must have looked, too.
fn without_last_push(read: &PullRequest, count: &mut Count) {
    let Some(pusher) = &read.pusher else { return };
    if let [only] = &*count.by
        && pusher.is(only)
    {
        count.never.push((count.by.remove(0), "pushed the last revision"));
    }
}

/// Gives each of the demands that ask for different people others than the rest of them have, as many as there are.
///
/// Augmenting paths, as in [Kuhn's algorithm](https://en.wikipedia.org/wiki/Hungarian_algorithm#Matrix_interpretation): a person
/// who is taken moves to another demand if that one still finds somebody else.
fn distinct(demands: &[Demand], counts: &mut [Count]) {
    // A place for each approval that such a demand asks for.
    let places: Vec<usize> = (0..demands.len())
        .filter(|i| demands[*i].distinct)
        .flat_map(|i| std::iter::repeat_n(i, demands[i].approvals))
        .collect();
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for place in 0..places.len() {
        seat(place, &places, counts, &mut taken, &mut BTreeSet::new());
    }
    for (i, count) in counts.iter_mut().enumerate().filter(|(i, _)| demands[*i].distinct) {
        let mine = |login: &str| taken.get(&login.to_ascii_lowercase()).is_some_and(|place| places[*place] == i);
        let (own, others): (Vec<String>, Vec<String>) = count.by.drain(..).partition(|login| mine(login));
        count.by = own;
        let elsewhere = others.into_iter().filter(|login| taken.contains_key(&login.to_ascii_lowercase()));
        count.never.extend(elsewhere.map(|login| (login, "counts for another rule that asks for different people")));
    }
}

fn seat(
    place: usize,
    places: &[usize],
    counts: &[Count],
    taken: &mut BTreeMap<String, usize>,
    seen: &mut BTreeSet<String>,
) -> bool {
    for login in counts[places[place]].by.iter().map(|login| login.to_ascii_lowercase()) {
        if !seen.insert(login.clone()) {
            continue;
        }
        let free = match taken.get(&login).copied() {
            None => true,
            Some(other) => seat(other, places, counts, taken, seen),
        };
        if free {
            taken.insert(login, place);
            return true;
        }
    }
    false
}
