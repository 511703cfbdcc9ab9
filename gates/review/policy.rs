//! The settings of the gate.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobBuilder;
use schemars::JsonSchema;
use serde::Deserialize;

use super::words::count;
use crate::{EvidenceGlob, Mistake, Permission, RiskLevel, Text};

/// Whether the pull requests of a change are approved as of their last revision, by the right people, with nothing left open;
/// and at a deployment, whether every commit since what runs now came through such a pull request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Review {
    /// How strict everything is that is not said otherwise. `regulated` asks for two people where `standard` asks for one owner of
    /// workflow and policy files, and does not let people pass whom the forge does not know.
    pub profile: Profile,
    /// How many people must approve the last revision: people who may write to the repository and did not contribute.
    pub approvals: u32,
    /// What an approver may do with the repository at least.
    pub permission: Permission,
    /// Which approvals of an earlier revision still count.
    pub freshness: Freshness,
    /// Whether a review thread that is neither resolved nor outdated blocks.
    pub threads: bool,
    /// Whether the approval of who pushed last needs another one beside it.
    pub last_push: bool,
    /// Whether an approver whose review was asked for again must give it again.
    pub re_requested: bool,
    /// Whose approval counts although they took part.
    pub may_approve: MayApprove,
    /// What a commit of somebody does of whom the forge knows no account; by the profile a warning or `unresolved`.
    pub anonymous: Option<Anonymous>,
    /// Whether owners must approve, as CODEOWNERS of the base names them.
    pub owners: Owners,
    /// Files that steer workflows and this policy itself.
    pub guarded: Guarded,
    /// More approvals, where a condition holds.
    pub rule: Vec<RuleSettings>,
    /// Changes that need no approval: those of a machine, in some files.
    pub exempt: Vec<Exempt>,
    /// Members of teams (`"org/team"`) where no token can read them, and who is behind an e-mail address in CODEOWNERS.
    pub teams: BTreeMap<String, Vec<Text>>,
    /// Changes that a coding agent wrote.
    pub agents: Agents,
    /// Task lists in the description of the pull request.
    pub checklist: Checklist,
    /// What is asked for after a deployment that failed or was rolled back.
    pub fix_forward: FixForward,
    /// Whether a commit that came through no pull request blocks a deployment, or is a warning.
    pub direct_pushes: DirectPushes,
}

impl Default for Review {
    fn default() -> Self {
        Self {
            profile: Profile::Standard,
            approvals: 1,
            permission: Permission::Write,
            freshness: Freshness::Patch,
            threads: true,
            last_push: true,
            re_requested: false,
            may_approve: MayApprove::default(),
            anonymous: None,
            owners: Owners::Off,
            guarded: Guarded::default(),
            rule: vec![],
            exempt: vec![],
            teams: BTreeMap::new(),
            agents: Agents::default(),
            checklist: Checklist::default(),
            fix_forward: FixForward::default(),
            direct_pushes: DirectPushes::Block,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Profile {
    Standard,
    Regulated,
}

/// Each lets through what those before it do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Freshness {
    /// Only of the very commit.
    Commit,
    /// Of a revision that changes the same lines in the same way: amended messages, rebases and clean merges of the base.
    Patch,
    /// And of one where only files differ that a rule of paths or an owner does not ask about.
    Owned,
}

/// People who took part and whose approval counts all the same.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct MayApprove {
    /// Who opened the pull request.
    pub author: bool,
    /// Who wrote one of its commits.
    pub commit_author: bool,
    /// Who committed one of its commits.
    pub committer: bool,
    /// Whom a `Co-authored-by` names.
    pub co_author: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Anonymous {
    Warn,
    Unresolved,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Owners {
    Off,
    /// One of the owners on the line that decides for a file.
    Any,
    /// Each of them.
    All,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Guarded {
    pub paths: Vec<EvidenceGlob>,
    /// How many people; by the profile one owner, or two people.
    pub approvals: Option<u32>,
}

impl Default for Guarded {
    fn default() -> Self {
        let paths = [".github/**", "**/predeploy.toml", "CODEOWNERS", "docs/CODEOWNERS"];
        Self { paths: paths.into_iter().map(EvidenceGlob::new).collect(), approvals: None }
    }
}

/// Approvals that are asked for where every condition that it names holds; else it vanishes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct RuleSettings {
    /// How the report calls it.
    pub name: Option<Text>,
    /// A changed file matches one of these; both names of a renamed one count.
    pub paths: Vec<EvidenceGlob>,
    /// The pull request carries one of these labels.
    pub labels: Vec<Text>,
    /// It goes to one of these branches, as globs.
    pub branches: Vec<Text>,
    /// One of these logins opened it.
    pub authors: Vec<Text>,
    /// The risk of the change is at least this.
    pub risk: Option<RiskLevel>,
    /// How many people; 1 if not said.
    pub approvals: Option<u32>,
    /// Logins that count. With neither users, teams nor owners, everyone does.
    pub users: Vec<Text>,
    /// Teams whose members count, as `org/team`.
    pub teams: Vec<Text>,
    /// Owners of the files that match count, as CODEOWNERS of the base names them.
    pub owners: bool,
    /// What an approver may do with the repository at least.
    pub permission: Option<Permission>,
    /// Nobody counts for two rules that say so.
    pub distinct: bool,
    /// Whether having written it together with somebody counts as one approval.
    pub pairing: bool,
}

/// Whose changes of which files need no approval.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Exempt {
    /// Logins of machines that opened the pull request and alone wrote its commits, such as `dependabot[bot]`.
    pub authors: Vec<Text>,
    /// Every changed file matches one of these.
    pub paths: Vec<EvidenceGlob>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Agents {
    /// Logins of agents beside accounts of machines: their pull requests and commits are an agent's.
    pub logins: Vec<Text>,
    /// How many more people must approve what an agent wrote.
    pub approvals: u32,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Checklist {
    /// Items that must be there and ticked, by their text.
    pub required: Vec<Text>,
    /// Whether every item must be ticked.
    pub complete: bool,
    /// Whether the items of the base's pull request template must still be there.
    pub template: bool,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct FixForward {
    /// Logins, one of whom must approve. None: nothing more is asked for.
    pub senior: Vec<Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DirectPushes {
    Block,
    Warn,
}

impl Checklist {
    pub fn is_asked(&self) -> bool {
        self.complete || self.template || !self.required.is_empty()
    }
}

impl Review {
    pub fn anonymous(&self) -> Anonymous {
        self.anonymous.unwrap_or(match self.profile {
            Profile::Standard => Anonymous::Warn,
            Profile::Regulated => Anonymous::Unresolved,
        })
    }

    /// Whether any demand looks at CODEOWNERS.
    pub fn asks_owners(&self) -> bool {
        self.owners != Owners::Off || self.guarded_by_owner() || self.rule.iter().any(|rule| rule.owners)
    }

    /// Whether any demand asks who owns this file.
    pub fn asks_owners_of(&self, path: &str) -> bool {
        let any = |globs: &[EvidenceGlob]| globs.iter().any(|glob| matches(glob.as_str(), path));
        self.owners != Owners::Off
            || self.guarded_by_owner() && any(&self.guarded.paths)
            || self.rule.iter().any(|rule| rule.owners && any(&rule.paths))
    }

    /// Files that steer what is checked need an owner, and not so many people.
    pub fn guarded_by_owner(&self) -> bool {
        self.profile == Profile::Standard && self.guarded.approvals.is_none()
    }

    /// How many different people count for a rule, where the policy itself names them all.
    fn only_people(&self, rule: &RuleSettings) -> Option<usize> {
        if rule.owners || rule.users.is_empty() && rule.teams.is_empty() {
            return None;
        }
        let bare = |name: &str| name.trim_start_matches('@').to_ascii_lowercase();
        let mut people: BTreeSet<String> = rule.users.iter().map(|user| bare(user.as_str())).collect();
        for team in &rule.teams {
            let (_, members) = self.teams.iter().find(|(name, _)| bare(name) == bare(team.as_str()))?;
            people.extend(members.iter().map(|member| bare(member.as_str())));
        }
        Some(people.len())
    }

    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut found = vec![];
        let mut wrong = |path: &[&str], message: String| {
            found.push(Mistake { path: path.iter().map(|p| (*p).to_owned()).collect(), message });
        };
        for (i, rule) in self.rule.iter().enumerate() {
            let i = i.to_string();
            if rule.owners && rule.paths.is_empty() {
                wrong(&["rule", &i, "owners"], "`owners` needs `paths`: the owners of which files?".into());
            }
            if rule.approvals == Some(0) {
                wrong(&["rule", &i, "approvals"], "a rule that asks for no approval asks for nothing".into());
            }
            let asked = rule.approvals.unwrap_or(1) as usize;
            if let Some(people) = self.only_people(rule).filter(|people| *people < asked) {
                let key = if rule.users.is_empty() { "teams" } else { "users" };
                let message = format!(
                    "nobody can satisfy this rule: it asks for {} of {}",
                    count(asked, "approval"),
                    persons(people)
                );
                wrong(&["rule", &i, key], message);
            }
            for team in &rule.teams {
                if !team.as_str().trim_start_matches('@').contains('/') {
                    wrong(&["rule", &i, "teams"], format!("`{team}` is no team: write it as `org/team`"));
                }
            }
            for (key, globs) in [("paths", &rule.paths)] {
                for glob in globs.iter().filter(|glob| globset::Glob::new(glob.as_str()).is_err()) {
                    wrong(&["rule", &i, key], format!("`{glob}` is no glob"));
                }
            }
            for glob in rule.branches.iter().filter(|glob| globset::Glob::new(glob.as_str()).is_err()) {
                wrong(&["rule", &i, "branches"], format!("`{glob}` is no glob"));
            }
        }
        for (i, exempt) in self.exempt.iter().enumerate() {
            let i = i.to_string();
            if exempt.authors.is_empty() || exempt.paths.is_empty() {
                wrong(&["exempt", &i], "it needs `authors` and `paths`".into());
            }
            for glob in exempt.paths.iter().filter(|glob| globset::Glob::new(glob.as_str()).is_err()) {
                wrong(&["exempt", &i, "paths"], format!("`{glob}` is no glob"));
            }
        }
        for glob in self.guarded.paths.iter().filter(|glob| globset::Glob::new(glob.as_str()).is_err()) {
            wrong(&["guarded", "paths"], format!("`{glob}` is no glob"));
        }
        found
    }
}

fn persons(number: usize) -> String {
    if number == 1 { "1 person".into() } else { format!("{number} people") }
}

/// Settings are read only if their globs are.
fn matches(glob: &str, path: &str) -> bool {
    GlobBuilder::new(glob).literal_separator(true).build().is_ok_and(|glob| glob.compile_matcher().is_match(path))
}
