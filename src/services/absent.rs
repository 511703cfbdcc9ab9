//! The forge that cannot be asked.

use predeploy_gates::{Answer, Deployment, Failure, Forge, PullRequest};

/// Answers every question with the same failure: why there is no forge, and how to give one.
#[derive(Debug)]
pub(crate) struct NoForge {
    /// `no token was given`: a sentence without a final full stop.
    pub(crate) why: String,
    pub(crate) help: String,
}

impl NoForge {
    fn refuse<T>(&self) -> Answer<'static, T> {
        let failure = Failure::new(&self.why).help(&self.help);
        Box::pin(async { Err(failure) })
    }
}

impl Forge for NoForge {
    fn pull_request(&self, _: u64) -> Answer<'_, PullRequest> {
        self.refuse()
    }

    fn pull_requests_with<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<u64>> {
        self.refuse()
    }

    fn deployments<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<Deployment>> {
        self.refuse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_the_failure() {
        let forge = NoForge { why: "no token was given".into(), help: "set GITHUB_TOKEN".into() };
        let failure = Failure::new("no token was given").help("set GITHUB_TOKEN");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            assert_eq!(forge.pull_request(1).await, Err(failure.clone()));
            assert_eq!(forge.pull_requests_with("a").await, Err(failure.clone()));
            assert_eq!(forge.deployments("production").await, Err(failure));
        });
    }
}
