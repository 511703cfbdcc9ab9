//! What the clone knows better than the forge: merges that bring nothing.
//!
//! Who clicks "Update branch" becomes the author of a merge at the forge, and may be the one whose approval is asked for. If such a
//! merge is of the branch that the pull request goes to, and merging again gives the same files, nothing in it is its author's.
//! Without a clone nobody can tell: a conflict that is resolved in the browser looks the same.

use std::sync::Arc;

use jiff::Timestamp;
use predeploy_gates::{
    Answer, CheckRun, Deployment, Failure, FollowUp, Forge, History as _, Labelled, People, PeopleAsked, PullRequest,
    Queued, Remark, Running, Settings, Shipment,
};

use super::git::Git;

/// A forge whose pull requests are told with that.
pub(crate) struct WithClone {
    pub(crate) forge: Arc<dyn Forge>,
    pub(crate) git: Git,
}

impl WithClone {
    fn mark(&self, read: &mut PullRequest) {
        let Ok(target) = self.git.commit(&format!("refs/remotes/origin/{}", read.base_branch)) else { return };
        let own: Vec<String> = read.commits.iter().map(|commit| commit.id.clone()).collect();
        for commit in &mut read.commits {
            // What cannot be told is not neutral.
            commit.neutral = self.is_neutral(&commit.id, &own, &target).unwrap_or(false);
        }
    }

    fn is_neutral(&self, commit: &str, own: &[String], target: &str) -> Result<bool, Failure> {
        let parents = self.git.parents(commit)?;
        let [first, second] = parents.as_slice() else { return Ok(false) };
        // Once it is merged, the target has the pull request's own branches, too.
        let of_target = !own.contains(second) && self.git.is_ancestor(second, target)?;
        Ok(of_target && self.git.differing(first, second, commit)?.is_empty())
    }
}

impl Forge for WithClone {
    fn pull_request(&self, number: u64) -> Answer<'_, PullRequest> {
        Box::pin(async move {
            let mut read = self.forge.pull_request(number).await?;
            self.mark(&mut read);
            Ok(read)
        })
    }

    fn pull_requests_with<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<u64>> {
        self.forge.pull_requests_with(commit)
    }

    fn merge_queue<'a>(&'a self, branch: &'a str) -> Answer<'a, Vec<Queued>> {
        self.forge.merge_queue(branch)
    }

    fn shipped<'a>(&'a self, commits: &'a [String]) -> Answer<'a, Shipment> {
        Box::pin(async move {
            let mut shipment = self.forge.shipped(commits).await?;
            shipment.pull_requests.iter_mut().for_each(|read| self.mark(read));
            Ok(shipment)
        })
    }

    fn people<'a>(&'a self, asked: &'a PeopleAsked) -> Answer<'a, People> {
        self.forge.people(asked)
    }

    fn deployments<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Deployment>> {
        self.forge.deployments(environment)
    }

    fn checks<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<CheckRun>> {
        self.forge.checks(commit)
    }

    fn remarks(&self, since: Timestamp) -> Answer<'_, Vec<Remark>> {
        self.forge.remarks(since)
    }

    fn running<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Running>> {
        self.forge.running(environment)
    }

    fn settings<'a>(&'a self, environment: &'a str) -> Answer<'a, Settings> {
        self.forge.settings(environment)
    }

    fn labels(&self, number: u64) -> Answer<'_, Vec<Labelled>> {
        self.forge.labels(number)
    }

    fn ahead(&self) -> Answer<'_, i64> {
        self.forge.ahead()
    }

    fn follow_ups(&self, since: Timestamp) -> Answer<'_, Vec<FollowUp>> {
        self.forge.follow_ups(since)
    }
}
