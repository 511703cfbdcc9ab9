//! GitHub, asked by GraphQL: an ordinary pull request costs one request.
//!
//! Every answer is whole or a failure. A list is read to its end and its length compared with the one that GitHub names;
//! an error beside data is an error.

mod actor;
mod answer;
mod app;
mod associated;
mod checks;
mod clock;
mod commit;
mod conversation;
mod credential;
mod deployments;
mod desk;
mod endpoints;
mod facts;
mod follow_ups;
mod issues;
mod labels;
mod merge_queue;
mod pages;
mod people;
mod pull_request;
mod pusher;
mod remarks;
mod running;
mod settings;
mod shipped;
mod spent;
mod token;
mod transport;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use predeploy_gates::{
    Answer, CheckRun, Deployment, Failure, FollowUp, Forge, Labelled, People, PeopleAsked, PullRequest, Queued, Remark,
    Running, Settings, Shipment,
};
use tokio::sync::OnceCell;

use transport::Transport;

pub(crate) use app::{App, AppSettings};
pub(crate) use credential::Credential;
pub(crate) use desk::{ANNOTATIONS, Check, Conversation, Desk, Untold};
pub(crate) use endpoints::Endpoints;
pub(crate) use issues::Issues;
pub(crate) use spent::{Cost, Spent};
pub(crate) use token::Token;
pub(crate) use transport::Patience;

/// A repository at GitHub.
#[derive(Debug)]
pub(crate) struct GitHub {
    owner: String,
    name: String,
    transport: Transport,
    /// With the token that may read organizations, if there is one.
    organizations: Option<Transport>,
    spent: Arc<Spent>,
    /// The core and a gate ask for the same ones in one run, and must be told the same.
    pull_requests: Mutex<BTreeMap<u64, Remembered<PullRequest>>>,
}

type Remembered<T> = Arc<OnceCell<Result<T, Failure>>>;

impl GitHub {
    /// The repository `owner/name`. Nothing is connected yet.
    ///
    /// # Errors
    /// If the repository is not of that form, or an endpoint no URL that a token may be sent to.
    pub(crate) fn new(
        repository: &str,
        endpoints: &Endpoints,
        credential: impl Into<Credential>,
        patience: Patience,
    ) -> Result<Self, Failure> {
        let Some((owner, name)) = repository.split_once('/').filter(|(o, n)| !o.is_empty() && !n.is_empty()) else {
            return Err(Failure::new(format!("`{repository}` is not a repository at GitHub, such as `owner/name`")));
        };
        let spent = Arc::<Spent>::default();
        Ok(Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
            transport: Transport::new(endpoints, credential, patience, Arc::clone(&spent))?,
            organizations: None,
            spent,
            pull_requests: Mutex::default(),
        })
    }

    /// A second token, to ask about people with.
    ///
    /// # Errors
    /// As of [`GitHub::new`].
    pub(crate) fn for_organizations(
        mut self,
        endpoints: &Endpoints,
        token: Token,
        patience: Patience,
    ) -> Result<Self, Failure> {
        self.organizations = Some(Transport::new(endpoints, token, patience, Arc::clone(&self.spent))?);
        Ok(self)
    }

    /// What all questions cost.
    pub(crate) fn spent(&self) -> Arc<Spent> {
        Arc::clone(&self.spent)
    }
}

impl Forge for GitHub {
    fn pull_request(&self, number: u64) -> Answer<'_, PullRequest> {
        let mut all = self.pull_requests.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = Arc::clone(all.entry(number).or_default());
        Box::pin(async move {
            let ask = || pull_request::read(&self.transport, &self.owner, &self.name, number);
            remembered.get_or_init(ask).await.clone()
        })
    }

    fn pull_requests_with<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<u64>> {
        Box::pin(async move {
            let session = self.transport.session()?;
            associated::read(&session, &self.owner, &self.name, commit).await
        })
    }

    fn merge_queue<'a>(&'a self, branch: &'a str) -> Answer<'a, Vec<Queued>> {
        Box::pin(merge_queue::read(&self.transport, &self.owner, &self.name, branch))
    }

    fn shipped<'a>(&'a self, commits: &'a [String]) -> Answer<'a, Shipment> {
        Box::pin(shipped::read(self, commits))
    }

    fn people<'a>(&'a self, asked: &'a PeopleAsked) -> Answer<'a, People> {
        Box::pin(people::read(&self.transport, self.organizations.as_ref(), &self.owner, &self.name, asked))
    }

    fn deployments<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Deployment>> {
        Box::pin(deployments::read(&self.transport, &self.owner, &self.name, environment))
    }

    fn checks<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<CheckRun>> {
        Box::pin(checks::read(&self.transport, &self.owner, &self.name, commit))
    }

    fn running<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Running>> {
        Box::pin(running::read(&self.transport, &self.owner, &self.name, environment))
    }

    fn settings<'a>(&'a self, environment: &'a str) -> Answer<'a, Settings> {
        Box::pin(settings::read(&self.transport, &self.owner, &self.name, environment))
    }

    fn labels(&self, number: u64) -> Answer<'_, Vec<Labelled>> {
        Box::pin(labels::read(&self.transport, &self.owner, &self.name, number))
    }

    fn ahead(&self) -> Answer<'_, i64> {
        Box::pin(clock::ahead(&self.transport))
    }

    fn follow_ups(&self, since: Timestamp) -> Answer<'_, Vec<FollowUp>> {
        Box::pin(follow_ups::read(&self.transport, &self.owner, &self.name, since))
    }

    fn remarks(&self, since: Timestamp) -> Answer<'_, Vec<Remark>> {
        Box::pin(remarks::read(&self.transport, &self.owner, &self.name, since))
    }
}
