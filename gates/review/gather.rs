//! Asks the forge for the pull requests of the change and for people, and the clone for what their revisions change.

mod range;
mod revisions;

use super::codeowners::{self, Codeowners, Owned, Owner};
use super::evidence::{Answer, Asked, Evidence, OwnersFile, OwnersFiles};
use super::policy::{Owners, Review as Policy};
use crate::{
    Direction, Failure, Opinion, PeopleAsked, Permission, PolicyPath, PullRequest, PullRequestState, Source, Tree,
    World,
};

/// Where GitHub looks for the template, the first found: in these folders, in any case.
/// <https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/creating-a-pull-request-template-for-your-repository>
const TEMPLATES: &[&str] = &[
    ".github/{pull_request_template,PULL_REQUEST_TEMPLATE}{,.md,.txt}",
    "{pull_request_template,PULL_REQUEST_TEMPLATE}{,.md,.txt}",
    "docs/{pull_request_template,PULL_REQUEST_TEMPLATE}{,.md,.txt}",
];

pub(super) async fn gather(policy: &Policy, world: &World<'_>) -> Evidence {
    let mut evidence = Evidence { in_ci: world.in_ci, ..Evidence::default() };
    if let Direction::Rollback(_) = world.change.direction {
        return evidence;
    }
    pull_requests(policy, world, &mut evidence).await;
    revisions::gather(policy, world, &mut evidence);
    if policy.asks_owners() {
        evidence.owners = owners_files(world, &evidence);
    }
    let asked = people(policy, &evidence);
    if asked != PeopleAsked::default() {
        evidence.people = Some(world.forge.people(&asked).await.into());
    }
    if policy.checklist.template {
        evidence.template = Some(template(world).into());
    }
    if let (Some(environment), false) = (&world.change.environment, policy.fix_forward.senior.is_empty()) {
        evidence.deployments = Some(world.forge.deployments(environment).await.into());
    }
    evidence
}

/// Those that the change names; else those of every commit that is deployed; else those of the head commit.
async fn pull_requests(policy: &Policy, world: &World<'_>, evidence: &mut Evidence) {
    let change = world.change;
    let named = &change.pull_requests;
    let is_range = named.is_empty() || change.deployed.is_some();
    if is_range && range::gather(policy, world, evidence).await {
        return;
    }
    if let (Some(head), true) = (&change.head, named.is_empty()) {
        evidence.carriers = Some(world.forge.pull_requests_with(head).await.into());
    }
    let numbers = match &evidence.carriers {
        Some(Answer::Given(carriers)) => carriers.clone(),
        Some(Answer::Failed(_)) | None => named.clone(),
    };
    for number in numbers {
        let answer = pull_request(world, number).await;
        evidence.pull_requests.push(Asked::of(number, answer));
    }
    // A merge gives a commit of its own: only the forge can say that it is the merge of this pull request.
    if let (Some(head), None) = (&change.head, &evidence.carriers) {
        let other = |asked: &Asked| matches!(&asked.answer, Answer::Given(read) if read.head != *head);
        if evidence.pull_requests.iter().any(other) {
            evidence.carriers = Some(world.forge.pull_requests_with(head).await.into());
        }
    }
}

async fn pull_request(world: &World<'_>, number: u64) -> Result<PullRequest, Failure> {
    world.cancel.check()?;
    world.forge.pull_request(number).await
}

impl Asked {
    fn of(number: u64, answer: Result<PullRequest, Failure>) -> Self {
        Self { number, answer: answer.into(), arrived: None, files: None, since: Default::default() }
    }
}

/// The base's CODEOWNERS, and the head's where the change touches any of its places.
fn owners_files(world: &World<'_>, evidence: &Evidence) -> OwnersFiles {
    let file =
        |found: Option<codeowners::Found>| found.map(|found| OwnersFile { path: found.path.into(), text: found.text });
    let text = |path: &str, source: Option<Source>| match source {
        Some(source) => Ok(Some(source.text(path)?.to_owned())),
        None => Ok(None),
    };
    let base = codeowners::find(|path| text(path, world.read_protected(&PolicyPath::new(path))?));
    let files = evidence.pull_requests.iter().filter_map(|asked| asked.files.as_ref()?.as_result().ok());
    let touched = files.flatten().any(|path| codeowners::PLACES.contains(&path.as_str()));
    let head = touched.then(|| codeowners::find(|path| text(path, world.read(Tree::Head, path)?)));
    OwnersFiles { base: Some(base.map(file).into()), head: head.map(|head| head.map(file).into()) }
}

/// Whoever must be known for the approvals to be counted. Without an approval nobody must.
fn people(policy: &Policy, evidence: &Evidence) -> PeopleAsked {
    let mut asked = PeopleAsked::default();
    let reads = || evidence.pull_requests.iter().filter_map(|asked| asked.answer.as_result().ok());
    let approvers: Vec<String> = reads()
        .flat_map(|read| &read.reviews)
        .filter(|review| review.opinion == Opinion::Approved)
        .filter_map(|review| review.by.as_ref())
        .map(|person| person.login.clone())
        .collect();
    let pairs = policy.rule.iter().any(|rule| rule.pairing);
    if approvers.is_empty() && !pairs {
        return asked;
    }
    let more = |least: Permission| least > Permission::Write;
    if more(policy.permission) || policy.rule.iter().filter_map(|rule| rule.permission).any(more) {
        asked.logins.extend(approvers);
    }
    if pairs {
        let authors = reads().flat_map(PullRequest::contributors).filter(|person| !person.bot);
        asked.logins.extend(authors.map(|person| person.login.clone()));
    }
    let mut teams: Vec<String> = policy.rule.iter().flat_map(|rule| &rule.teams).map(ToString::to_string).collect();
    if let Some(Answer::Given(Some(file))) = &evidence.owners.base {
        let deciding = |owners: &Codeowners| -> Vec<Owner> {
            let files =
                evidence.pull_requests.iter().filter_map(|asked| asked.files.as_ref()?.as_result().ok()).flatten();
            let files = files.filter(|path| policy.asks_owners_of(path));
            let lines = files.filter_map(|path| match owners.of(path) {
                Owned::Owners(line) => Some(line.owners.clone()),
                _ => None,
            });
            lines.flatten().collect()
        };
        let mut owners = deciding(&Codeowners::parse(&file.text));
        if let Some(Answer::Given(Some(file))) = &evidence.owners.head {
            owners.extend(deciding(&Codeowners::parse(&file.text)));
        }
        if !owners.is_empty() {
            let targets = reads().filter(|read| read.state != PullRequestState::Closed);
            asked.codeowners = targets.map(|read| read.base_branch.clone()).next();
        }
        teams.extend(owners.into_iter().filter_map(|owner| match owner {
            Owner::Team(team) => Some(team),
            Owner::User(_) | Owner::Email(_) => None,
        }));
    }
    let bare = |team: &str| team.trim_start_matches('@').to_ascii_lowercase();
    let known: Vec<String> = policy.teams.keys().map(|team| bare(team)).collect();
    asked.teams.extend(teams.iter().map(|team| bare(team)).filter(|team| !known.contains(team)));
    for list in [&mut asked.teams, &mut asked.logins] {
        list.sort_by_key(|name| name.to_ascii_lowercase());
        list.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
    }
    if asked.teams.is_empty() && asked.logins.is_empty() && policy.owners == Owners::Off {
        // Which lines the forge does not obey is not worth a question of its own.
        asked.codeowners = None;
    }
    asked
}

fn template(world: &World<'_>) -> Result<Option<String>, Failure> {
    for place in TEMPLATES {
        if let Some(entry) = world.find(Tree::Policy, &[place])?.into_iter().next() {
            let path = PolicyPath::new(&entry.path);
            if let Some(source) = world.read_policy(&path)? {
                return Ok(Some(source.text(&entry.path)?.to_owned()));
            }
        }
    }
    Ok(None)
}
