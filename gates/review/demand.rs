//! What the policy asks for of one pull request: how many approvals, whose, and of which files.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::codeowners::{Codeowners, Line, Owned, Owner, PLACES};
use super::policy::{Owners, Profile, Review, RuleSettings};
use crate::{Change, EvidenceGlob, Permission, PullRequest, Text};

/// So many approvals of these people.
#[derive(Debug)]
pub(super) struct Demand {
    /// How a person would call it: `the rule payments`.
    pub name: String,
    /// Where it stands in the gate's settings.
    pub key: Vec<String>,
    pub approvals: usize,
    pub who: Who,
    /// The files that it is about; all if nothing.
    pub files: Option<BTreeSet<String>>,
    pub permission: Permission,
    pub distinct: bool,
    pub pairing: bool,
}

/// Whose approval answers a demand.
#[derive(Debug)]
pub(super) enum Who {
    Anyone,
    /// One of these people, or a member of one of these teams.
    Named {
        users: Vec<Text>,
        teams: Vec<Text>,
    },
    Owners(Vec<Owner>),
}

/// A rule whose condition does not hold.
#[derive(Debug)]
pub(super) struct Vanished {
    pub name: String,
    pub key: Vec<String>,
    pub why: String,
}

/// What is known of the change, for the conditions.
pub(super) struct Facts<'a> {
    pub policy: &'a Review,
    pub change: &'a Change,
    pub read: &'a PullRequest,
    /// What it changes; both names of a renamed file.
    pub files: &'a [String],
    /// The base's CODEOWNERS with its path, and the head's where the change touches it.
    pub base: Option<(&'a str, &'a Codeowners)>,
    pub head: Option<(&'a str, &'a Codeowners)>,
}

/// All demands on a pull request, and what vanished.
pub(super) fn of(facts: &Facts<'_>) -> (Vec<Demand>, Vec<Vanished>) {
    let policy = facts.policy;
    let (mut demands, mut vanished) = (vec![], vec![]);
    if let Some(why) = exempt(facts) {
        vanished.push(Vanished { name: "every approval".into(), key: vec!["exempt".into()], why });
        return (demands, vanished);
    }
    let by_agent = is_by_agent(facts);
    let more = if by_agent { policy.agents.approvals } else { 0 };
    let approvals = policy.approvals.saturating_add(more);
    if approvals > 0 {
        demands.push(Demand {
            name: if more > 0 { "`approvals`, and more for an agent's work".into() } else { "`approvals`".into() },
            key: vec!["approvals".into()],
            approvals: approvals as usize,
            ..Demand::plain(policy)
        });
    }
    for (index, rule) in policy.rule.iter().enumerate() {
        let name = match &rule.name {
            Some(name) => format!("the rule `{name}`"),
            None => format!("rule {}", index + 1),
        };
        let key = vec!["rule".into(), index.to_string()];
        match holds(rule, facts) {
            Ok(files) => demands.extend(of_rule(rule, files, &name, &key, facts)),
            Err(why) => vanished.push(Vanished { name, key, why }),
        }
    }
    if policy.owners != Owners::Off {
        demands.extend(of_owners(facts, facts.files.iter(), policy.owners, &["owners".into()]));
        demands.extend(of_codeowners_itself(facts));
    }
    demands.extend(of_guarded(facts));
    (demands, vanished)
}

impl Demand {
    fn plain(policy: &Review) -> Self {
        Self {
            name: String::new(),
            key: vec![],
            approvals: 1,
            who: Who::Anyone,
            files: None,
            permission: policy.permission,
            distinct: false,
            pairing: false,
        }
    }
}

/// The files that a rule is about, if all its conditions hold; else which does not.
fn holds(rule: &RuleSettings, facts: &Facts<'_>) -> Result<Option<BTreeSet<String>>, String> {
    let read = facts.read;
    if !rule.labels.is_empty() && !rule.labels.iter().any(|label| read.labels.iter().any(|l| l == label.as_str())) {
        return Err(format!("no label is {}", list(&rule.labels)));
    }
    if !rule.branches.is_empty() && !globs(&rule.branches, Text::as_str).is_match(&read.base_branch) {
        return Err(format!("`{}` is not {}", read.base_branch, list(&rule.branches)));
    }
    let author = read.author.as_ref();
    if !rule.authors.is_empty() && !author.is_some_and(|author| rule.authors.iter().any(|a| author.is(a.as_str()))) {
        return Err(format!("its author is not {}", list(&rule.authors)));
    }
    if let Some(least) = rule.risk.filter(|least| facts.change.risk.level < *least) {
        return Err(format!("the risk is {}, less than {}", facts.change.risk.level.word(), least.word()));
    }
    if rule.paths.is_empty() {
        return Ok(None);
    }
    let set = globs(&rule.paths, EvidenceGlob::as_str);
    let files: BTreeSet<String> = facts.files.iter().filter(|path| set.is_match(path)).cloned().collect();
    if files.is_empty() { Err(format!("no changed file is {}", list(&rule.paths))) } else { Ok(Some(files)) }
}

fn of_rule(
    rule: &RuleSettings,
    files: Option<BTreeSet<String>>,
    name: &str,
    key: &[String],
    facts: &Facts<'_>,
) -> Vec<Demand> {
    let policy = facts.policy;
    let approvals = rule.approvals.unwrap_or(1) as usize;
    let demand = |name: String, who, files| Demand {
        name,
        key: key.to_vec(),
        approvals,
        who,
        files,
        permission: rule.permission.unwrap_or(policy.permission),
        distinct: rule.distinct,
        pairing: rule.pairing,
    };
    if rule.owners {
        let owned = of_owners(facts, files.iter().flatten(), Owners::Any, key);
        let has_owner = |file: &&String| owned.iter().flat_map(|one| &one.files).any(|files| files.contains(*file));
        let others: BTreeSet<String> = files.iter().flatten().filter(|file| !has_owner(file)).cloned().collect();
        // Files that nobody owns need somebody all the same.
        let anyone = (!others.is_empty()).then(|| {
            demand(
                format!("{name}: `{}`{}, which nobody owns", some(&others), more(others.len())),
                Who::Anyone,
                Some(others),
            )
        });
        let of_owner = owned.into_iter().map(|one| demand(format!("{name}: {}", one.name), one.who, one.files));
        return of_owner.chain(anyone).collect();
    }
    let who = if rule.users.is_empty() && rule.teams.is_empty() {
        Who::Anyone
    } else {
        Who::Named { users: rule.users.clone(), teams: rule.teams.clone() }
    };
    vec![demand(name.to_owned(), who, files)]
}

/// One demand for each line of CODEOWNERS that decides for some of the files; of all owners, one for each of them.
fn of_owners<'f>(
    facts: &Facts<'_>,
    files: impl Iterator<Item = &'f String>,
    which: Owners,
    key: &[String],
) -> Vec<Demand> {
    let Some((path, owners)) = facts.base else { return vec![] };
    let mut lines: BTreeMap<u32, (&Line, BTreeSet<String>)> = BTreeMap::new();
    for file in files {
        if let Owned::Owners(line) = owners.of(file) {
            lines.entry(line.number).or_insert_with(|| (line, BTreeSet::new())).1.insert(file.clone());
        }
    }
    let mut demands = vec![];
    for (number, (Line { pattern, owners, .. }, files)) in lines {
        let groups: Vec<Vec<Owner>> = match which {
            Owners::All => owners.iter().map(|owner| vec![owner.clone()]).collect(),
            Owners::Any | Owners::Off => vec![owners.clone()],
        };
        for owners in groups {
            demands.push(Demand {
                name: format!("owners of `{pattern}` ({path}:{number})"),
                key: key.to_vec(),
                who: Who::Owners(owners),
                files: Some(files.clone()),
                ..Demand::plain(facts.policy)
            });
        }
    }
    demands
}

/// Who hands over ownership needs those who have it and those who get it; also where another file takes the place of the one.
fn of_codeowners_itself(facts: &Facts<'_>) -> Vec<Demand> {
    let touched = facts.files.iter().any(|file| PLACES.contains(&file.as_str()));
    let base = facts.base.filter(|_| touched).map(|(path, _)| path.to_owned());
    let mut demands = of_owners(facts, base.iter(), Owners::Any, &["owners".into()]);
    demands.extend(of_codeowners_to_be(facts));
    demands
}

fn of_codeowners_to_be(facts: &Facts<'_>) -> Vec<Demand> {
    let Some((path, owners)) = facts.head else { return vec![] };
    if !facts.files.iter().any(|file| file == path) {
        return vec![];
    }
    let Owned::Owners(line) = owners.of(path) else { return vec![] };
    vec![Demand {
        name: format!("owners of `{path}` as the change has it"),
        key: vec!["owners".into()],
        who: Who::Owners(line.owners.clone()),
        files: Some(BTreeSet::from([path.to_owned()])),
        ..Demand::plain(facts.policy)
    }]
}

/// Workflows, CODEOWNERS and this policy: two people where the profile is `regulated`, else an owner of them, if they have one.
fn of_guarded(facts: &Facts<'_>) -> Vec<Demand> {
    let policy = facts.policy;
    let set = globs(&policy.guarded.paths, EvidenceGlob::as_str);
    let files: BTreeSet<String> = facts.files.iter().filter(|path| set.is_match(path)).cloned().collect();
    if files.is_empty() {
        return vec![];
    }
    let key = vec!["guarded".into()];
    let mut demands = vec![];
    let people = match (policy.guarded.approvals, policy.profile) {
        (Some(said), _) => said as usize,
        (None, Profile::Regulated) => 2,
        (None, Profile::Standard) => 0,
    };
    // Where owners are asked for anyway, they are not asked for twice.
    if policy.profile == Profile::Standard && policy.guarded.approvals.is_none() && policy.owners == Owners::Off {
        demands = of_owners(facts, files.iter(), Owners::Any, &key);
        demands.extend(of_codeowners_itself(facts));
        demands.iter_mut().for_each(|demand| demand.key = key.clone());
    }
    if people > 0 {
        demands.push(Demand {
            name: format!("files that steer what is checked (`{}`{})", some(&files), more(files.len())),
            key,
            approvals: people,
            files: Some(files),
            ..Demand::plain(policy)
        });
    }
    demands
}

/// Why nobody is asked, if so: a known machine opened it, wrote and pushed all of it, and touched nothing else.
fn exempt(facts: &Facts<'_>) -> Option<String> {
    let read = facts.read;
    facts.policy.exempt.iter().find_map(|exempt| {
        let known = |login: &str| exempt.authors.iter().any(|author| author.as_str().eq_ignore_ascii_case(login));
        let alone = !read.commits.is_empty()
            && read.commits.iter().flat_map(crate::Commit::people).all(|who| {
                who.account
                    .as_ref()
                    .is_some_and(|account| known(&account.login) || known(&format!("{}[bot]", account.login)))
            });
        let person =
            |person: &crate::Person| known(&person.login) || person.bot && known(&format!("{}[bot]", person.login));
        let opened = read.author.as_ref().is_some_and(person);
        // Anybody can write the machine's address into a commit; pushing is done with an account.
        let pushed = read.pusher.as_ref().is_some_and(person);
        let set = globs(&exempt.paths, EvidenceGlob::as_str);
        let within = !facts.files.is_empty() && facts.files.iter().all(|path| set.is_match(path));
        let by = read.author.as_ref().map_or("", |author| &author.login);
        (alone && opened && pushed && within).then(|| format!("{by} changes only {}", list(&exempt.paths)))
    })
}

/// A machine or a named agent opened it, or wrote a commit of it.
pub(super) fn is_by_agent(facts: &Facts<'_>) -> bool {
    let agents = &facts.policy.agents.logins;
    let is = |person: &crate::Person| person.bot || agents.iter().any(|login| person.is(login.as_str()));
    facts.read.author.iter().chain(facts.read.contributors()).any(is)
}

/// Settings are read only if their globs are.
fn globs<T>(globs: &[T], text: impl Fn(&T) -> &str) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        if let Ok(glob) = GlobBuilder::new(text(glob)).literal_separator(true).build() {
            set.add(glob);
        }
    }
    set.build().unwrap_or_default()
}

fn list<T: std::fmt::Display>(all: &[T]) -> String {
    all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" or ")
}

fn some(files: &BTreeSet<String>) -> &str {
    files.first().map_or("", String::as_str)
}

fn more(files: usize) -> String {
    if files > 1 { format!(" and {} more", files - 1) } else { String::new() }
}
