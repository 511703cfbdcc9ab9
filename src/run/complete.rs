//! What of a change only the policy and the forge can tell: its pull requests, which way it goes, what runs now, and its risk.

use jiff::Timestamp;
use predeploy_gates::{Change, Direction, Finding, Forge, PullRequest, Scope, Stage};

use super::setup::{Answering, Ground};
use crate::change::event::{Event, From};
use crate::change::{self, direction, range, risk};
use crate::cli::CheckArgs;
use crate::config::{House, Matcher};
use crate::rules;

impl Ground {
    /// Fills in what needs the policy and the forge: pull requests, direction and risk.
    pub(crate) async fn complete(
        &mut self,
        args: &CheckArgs,
        house: &House,
        answering: &Answering,
        stage: Stage,
        at: Timestamp,
    ) -> (Change, Vec<Finding>) {
        let forge = &answering.forge;
        let mut notes = Vec::new();
        let mut change = self.detected.change.clone();
        // First, since what the command line names must not stand in for a queued one.
        if let Some(Event { from: From::Protected { .. }, .. }) = &self.event {
            notes.extend(self.queued(&mut change, &**forge).await);
        }
        let local = house.local.pull_request.filter(|_| !self.in_ci);
        if change.pull_requests.is_empty() {
            change.pull_requests.extend(args.pull_request.or(local));
        }
        // A recording of one pull request is of the one that is meant.
        let meant = change.pull_requests.is_empty() && args.deployed.is_none();
        if let ([number], true) = (answering.recorded.as_slice(), meant) {
            change.pull_requests.push(*number);
        }
        let known = self.pull_requests(&change, house, &**forge, &mut notes).await;
        let mut deployments = Vec::new();
        if let (Stage::Deploy, Some(name), false) = (stage, &change.environment, house.deployments.creators.is_empty())
        {
            match forge.deployments(name).await {
                Ok(found) => deployments = found,
                // Without records the change goes forward, which is the strictest.
                Err(failure) => notes
                    .push(rules::failed(&rules::NOT_GATHERED, failure).severity(predeploy_gates::Severity::Warning)),
            }
        }
        change.direction = direction::of(&change, house, &deployments, &known);
        let ran = direction::ran(house, &deployments);
        notes.extend(self.deployed(args, ran.first().map(|current| current.commit.as_str()), &mut change));
        if let (Direction::Rollback(_), [current, ..]) = (&change.direction, &*ran) {
            notes.extend(self.from(&current.commit, &mut change));
        } else {
            notes.extend(self.since_deployed(args, &mut change));
            notes.extend(self.hidden(args, &change));
        }
        let mut labels: Vec<String> = self.event.iter().flat_map(|e| e.labels.clone()).collect();
        labels.extend(known.into_iter().flat_map(|p| p.labels));
        match risk::of(&self.detected, self.git.as_ref(), &house.risk, &labels, at) {
            Ok(found) => change.risk = found,
            Err(failure) => notes.push(rules::failed(&rules::MISSING_COMMIT, failure)),
        }
        (change, notes)
    }

    /// What runs in the environment now: by the records that are believed, else as the command line says.
    fn deployed(&self, args: &CheckArgs, recorded: Option<&str>, change: &mut Change) -> Option<Finding> {
        change.deployed = recorded.map(String::from);
        let (Some(given), Some(git)) = (&args.deployed, &self.git) else { return None };
        let commit = match git.commit(given) {
            Ok(commit) => commit,
            Err(failure) => return Some(rules::failed(&rules::MISSING_COMMIT, failure)),
        };
        match &change.deployed {
            None => change.deployed = Some(commit),
            Some(recorded) if *recorded == commit => {}
            Some(recorded) => {
                let message = format!(
                    "`--deployed {given}` is not what was deployed last by the records ({}), which count",
                    range::short(recorded)
                );
                return Some(
                    Finding::new(&rules::RANGE_GIVEN, message)
                        .severity(predeploy_gates::Severity::Warning)
                        .help("leave it out"),
                );
            }
        }
        None
    }

    /// That a base was given in CI which leaves out some of what is not deployed yet.
    fn hidden(&self, args: &CheckArgs, change: &Change) -> Option<Finding> {
        let (Some(git), Some(deployed), Some(base), true) = (&self.git, &change.deployed, &change.base, self.in_ci)
        else {
            return None;
        };
        let said = self.range.problems.iter().any(|problem| problem.rule.id == rules::RANGE_GIVEN.id);
        if args.base.is_none() || said {
            return None;
        }
        match git.merge_base(base, deployed) {
            Ok(Some(common)) if common == *base => None,
            Ok(_) => {
                let message = format!(
                    "`--base` leaves out what lies between {}, which is deployed, and {}",
                    range::short(deployed),
                    range::short(base)
                );
                Some(Finding::new(&rules::RANGE_GIVEN, message).help("leave it out, or give an earlier one"))
            }
            Err(failure) => Some(rules::failed(&rules::MISSING_COMMIT, failure)),
        }
    }

    /// On the default branch nothing differs from it: there a deployment starts from what is deployed. An event says itself where
    /// its change starts.
    fn since_deployed(&mut self, args: &CheckArgs, change: &mut Change) -> Option<Finding> {
        let deployed = change.deployed.clone().filter(|deployed| change.head.as_ref() != Some(deployed))?;
        if change.base.is_none() || change.base != change.head || args.base.is_some() || self.event.is_some() {
            return None;
        }
        self.range.base = Some(deployed);
        match change::detect(self.git.as_ref(), &self.place.root, &self.range, None, args.working_tree) {
            Ok(detected) => {
                let Change { base, scope, authors, oldest_commit, .. } = detected.change.clone();
                *change = Change { base, scope, authors, oldest_commit, ..change.clone() };
                self.detected = detected;
                self.range.problems.retain(|problem| problem.rule.id != rules::EMPTY_RANGE.id);
                None
            }
            Err(failure) => Some(rules::failed(&rules::MISSING_COMMIT, failure)),
        }
    }

    /// Takes what is deployed for the base: one goes back from there, whatever the event says.
    fn from(&mut self, deployed: &str, change: &mut Change) -> Option<Finding> {
        let (Some(git), Some(head)) = (&self.git, &change.head) else { return None };
        match git.diff(deployed, head) {
            Ok(files) => {
                change.base = Some(deployed.to_owned());
                change.scope = Scope::Files(files);
                self.deployed = Some(deployed.to_owned());
                None
            }
            Err(failure) => Some(rules::failed(&rules::MISSING_COMMIT, failure)),
        }
    }

    /// What the forge knows of the change's pull requests, as far as anything here depends on it; and whether the event
    /// told the same.
    async fn pull_requests(
        &self,
        change: &Change,
        house: &House,
        forge: &dyn Forge,
        notes: &mut Vec<Finding>,
    ) -> Vec<PullRequest> {
        let by_label = |m: &Matcher| matches!(m, Matcher::Labels { .. } | Matcher::AtLeast { .. });
        let needed = house.hotfix.label.is_some() || house.risk.matcher.iter().any(by_label);
        let target = self.event.as_ref().and_then(|e| match &e.from {
            From::Target { branch, .. } => Some(branch),
            _ => None,
        });
        let mut numbers = change.pull_requests.clone();
        if let (true, true, Some(head)) = (needed, numbers.is_empty(), &change.head) {
            match forge.pull_requests_with(head).await {
                Ok(associated) => numbers = associated,
                Err(failure) if self.has_token => notes.push(rules::failed(&rules::NOT_GATHERED, failure)),
                // Without a forge the change is no hotfix, and has no labels to raise its risk.
                Err(_) => {}
            }
        }
        let mut known = Vec::new();
        for number in &numbers {
            match forge.pull_request(*number).await {
                Ok(found) => {
                    if let Some(branch) =
                        target.filter(|_| change.head.as_deref() != Some(&found.head) || !same_branch(target, &found))
                    {
                        let message = format!(
                            "the event says that #{number} brings {} to `{branch}`, the forge says {} to `{}`",
                            change.head.as_deref().map_or("nothing", range::short),
                            range::short(&found.head),
                            found.base_branch
                        );
                        notes.push(
                            Finding::new(&rules::EVENT_DIFFERS, message).help("run it again for the newest revision"),
                        );
                    }
                    known.push(found);
                }
                Err(failure) if needed || (target.is_some() && self.has_token) => {
                    notes.push(rules::failed(&rules::NOT_GATHERED, failure))
                }
                // Nothing here depends on it; a gate that does says so itself.
                Err(_) => {}
            }
        }
        known
    }
}

fn same_branch(target: Option<&String>, found: &PullRequest) -> bool {
    target.is_some_and(|branch| *branch == found.base_branch)
}
