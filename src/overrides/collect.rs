//! What the forge and the clone say of overrides. Nothing is asked that no gate needs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use predeploy_gates::{
    Change, Commit, Contributor, Failure, Forge, History, Opinion, People, PeopleAsked, Person, PullRequest,
    PullRequestState, Stage, Text, Verdict,
};

use super::decide::WEEK;
use super::said::said;
use super::{Contributors, Evidence, Statement, week};
use crate::config::{OverrideSettings, Policy};
use crate::run::judge::Judged;

/// Nothing if the policy lets nobody override anything, and on the way to a push: nobody can speak of a commit that only its
/// author has.
pub(crate) async fn collect(
    policy: &Policy,
    judged: &Judged,
    change: &Change,
    stage: Stage,
    at: Timestamp,
    forge: &dyn Forge,
    history: &dyn History,
) -> Option<Evidence> {
    let settings = &policy.house.break_glass;
    if !settings.is_on() || stage == Stage::Push {
        return None;
    }
    let since = at.checked_sub(WEEK).and_then(|since| since.checked_sub(settings.lasts.get()));
    let since = since.unwrap_or(Timestamp::MIN);
    let mut evidence = Evidence { follow_ups: Some(forge.follow_ups(since).await), ..Evidence::default() };
    let allowed =
        |name: &str| policy.gates.iter().any(|gate| gate.name == name && settings.allows(name, gate.row.kind));
    if !judged.verdicts().any(|(name, verdict)| verdict > Verdict::Passed && allowed(name)) {
        return Some(evidence);
    }
    match pull_requests(change, forge).await {
        Err(failure) => evidence.statements = Some(Err(failure)),
        Ok(pull_requests) => {
            let statements: Vec<Statement> = pull_requests.iter().flat_map(statements).collect();
            if !statements.is_empty() {
                if settings.per_week.is_some() {
                    let remarks = forge.remarks(since).await;
                    evidence.remarks = Some(remarks.map(|all| all.into_iter().filter(week::may_count).collect()));
                }
                let speakers = statements.iter().map(|statement| &statement.by);
                let earlier = evidence.remarks.iter().flatten().flatten().map(|remark| &remark.by);
                evidence.people = people(settings, speakers.chain(earlier).flatten(), forge).await;
                evidence.contributors = Some(contributors(change, &pull_requests, forge, history).await);
            }
            evidence.statements = Some(Ok(statements));
        }
    }
    Some(evidence)
}

async fn pull_requests(change: &Change, forge: &dyn Forge) -> Result<Vec<PullRequest>, Failure> {
    let mut numbers = change.pull_requests.clone();
    if let (true, Some(head)) = (numbers.is_empty(), &change.head) {
        numbers = forge.pull_requests_with(head).await?;
    }
    let mut found = Vec::new();
    for number in numbers {
        found.push(forge.pull_request(number).await?);
    }
    Ok(found)
}

/// Reviews that were taken back, or not yet given, say nothing.
fn statements(pull_request: &PullRequest) -> Vec<Statement> {
    let given = pull_request.reviews.iter().filter(|r| !matches!(r.opinion, Opinion::Dismissed | Opinion::Pending));
    let reviews = given.map(|r| (&r.by, &r.body, r.at, r.edited, &r.url));
    let comments = pull_request.comments.iter().map(|c| (&c.by, &c.body, c.at, c.edited, &c.url));
    let all = reviews.chain(comments).filter(|(_, text, ..)| !said(text).is_empty());
    all.map(|(by, text, at, edited, url)| Statement {
        pull_request: pull_request.number,
        by: by.clone(),
        text: text.clone(),
        at,
        edited,
        url: url.clone(),
    })
    .collect()
}

async fn people(
    settings: &OverrideSettings,
    speakers: impl Iterator<Item = &Person>,
    forge: &dyn Forge,
) -> Option<Result<People, Failure>> {
    if settings.teams.is_empty() && settings.permission.is_none() {
        return None;
    }
    let logins: BTreeSet<String> = speakers.filter(|p| !p.bot).map(|p| p.login.clone()).collect();
    let asked = PeopleAsked {
        teams: settings.teams.iter().map(Text::as_str).map(String::from).collect(),
        logins: if settings.permission.is_some() { logins.into_iter().collect() } else { Vec::new() },
        codeowners: None,
    };
    Some(forge.people(&asked).await)
}

/// Of the pull requests, of every other commit between base and head, and of the merged pull requests that brought those.
async fn contributors(
    change: &Change,
    pull_requests: &[PullRequest],
    forge: &dyn Forge,
    history: &dyn History,
) -> Result<Contributors, Failure> {
    let mut found = Contributors::default();
    let mut covered = BTreeSet::new();
    for one in pull_requests {
        found.add_all(one);
        covered.extend(one.commits.iter().map(|commit| commit.id.clone()));
    }
    let (Some(base), Some(head)) = (change.deployed.as_ref().or(change.base.as_ref()), &change.head) else {
        return Err(Failure::new("it is not known which commits would ship, and so not who contributed"));
    };
    let mut others = history.between(base, head)?;
    others.retain(|commit| !covered.contains(commit));
    if !others.is_empty() {
        let shipment = forge.shipped(&others).await?;
        let told: BTreeSet<&String> = shipment.commits.iter().map(|shipped| &shipped.commit.id).collect();
        if let Some(missing) = others.iter().find(|commit| !told.contains(commit)) {
            return Err(Failure::new(format!("the forge does not tell who contributed to {missing}")));
        }
        let brought = |one: &&PullRequest| one.state == PullRequestState::Merged;
        let merged: Vec<&PullRequest> = shipment.pull_requests.iter().filter(brought).collect();
        merged.iter().for_each(|one| found.add_all(one));
        for shipped in &shipment.commits {
            let its_own = merged.iter().filter(|one| shipped.pull_requests.contains(&one.number));
            found.add_merged(&shipped.commit, &its_own.copied().collect::<Vec<_>>());
        }
    }
    found.logins.sort();
    found.logins.dedup();
    Ok(found)
}

impl Contributors {
    fn add_all(&mut self, one: &PullRequest) {
        match &one.author {
            Some(author) => self.logins.push(author.login.clone()),
            None => self.anonymous.push(format!("pull request #{}", one.number)),
        }
        self.logins.extend(one.pusher.iter().map(|person| person.login.clone()));
        one.commits.iter().filter(|commit| !commit.neutral).for_each(|commit| self.add(commit, |_| false));
    }

    /// A commit that these merged pull requests brought. What the forge itself made of one of them (a squash, a merge) is by
    /// whoever that is by. Of a rebased one a machine is known by its address: in the pull request that it opened it has an account.
    fn add_merged(&mut self, commit: &Commit, brought_by: &[&PullRequest]) {
        let made_of =
            |one: &&PullRequest| one.merged.as_ref().and_then(|merged| merged.commit.as_ref()) == Some(&commit.id);
        let is_made = commit.on_web && brought_by.iter().any(made_of);
        let people = || brought_by.iter().flat_map(|one| &one.commits).flat_map(Commit::people);
        let known = |email: &String| {
            people().any(|person| {
                person.email.as_ref() == Some(email) && person.account.as_ref().is_some_and(|who| who.bot)
            })
        };
        self.add(commit, |person| is_made || person.email.as_ref().is_some_and(known));
    }

    /// The people of a commit. Of those without an account some are `told` elsewhere.
    fn add(&mut self, commit: &Commit, told: impl Fn(&Contributor) -> bool) {
        for person in commit.people().filter(|person| person.account.is_some() || !told(person)) {
            match &person.account {
                Some(account) => self.logins.push(account.login.clone()),
                None => self.anonymous.push(format!("commit {}", commit.id)),
            }
        }
    }
}
