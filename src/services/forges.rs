//! Which forge answers: the real one, a recording, or none.

use std::path::Path;
use std::sync::Arc;

use predeploy_gates::{Answer, Deployment, Failure, Forge, PullRequest};

use crate::environment::Environment;
use crate::exit::Stop;

pub(crate) fn recorded(path: &Path) -> Result<Arc<dyn Forge>, Stop> {
    Err(Stop::usage(format!("{} todo-merge", path.display()), ""))
}
pub(crate) fn real(_environment: &Environment, _repository: Option<&str>) -> Arc<dyn Forge> {
    Arc::new(NoForge)
}
struct NoForge;
impl Forge for NoForge {
    fn pull_request(&self, _: u64) -> Answer<'_, PullRequest> {
        Box::pin(async { Err(Failure::new("none")) })
    }
    fn pull_requests_with<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<u64>> {
        Box::pin(async { Err(Failure::new("none")) })
    }
    fn deployments<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<Deployment>> {
        Box::pin(async { Err(Failure::new("none")) })
    }
}
