//! `tests`: did the tests that must run really run, on this commit, and pass?

mod coverage;
mod evidence;
mod gather;
mod judge;
mod mistakes;
mod policy;
mod reports;
mod rules;
mod share;

#[cfg(test)]
mod cases;

pub use self::policy::Tests;

/// Test reports, for who looks at them without a policy.
pub mod results {
    pub use super::evidence::{Case, Counts, End, Listed, One, Results, Suite};
    pub use super::gather::{Endings, IN_FOLDERS, STAMPED, Stamp};
    pub use super::policy::Archives;
    pub use super::reports::{Contents, Format, SUMMARY_VERSION, Wanted, read_any};
}

use crate::{Context, Failure, Gate, Mistake, Outcome, Rule, Stage, World};

impl Gate for Tests {
    const KIND: &'static str = "tests";
    const SUMMARY: &'static str = "did the tests that must run really run, on this commit, and pass?";
    const README: &'static str = include_str!("README.md");
    const RULES: &'static [&'static Rule] = rules::ALL;
    const STAGES: &'static [Stage] = Stage::ALL;
    type Evidence = evidence::Evidence;

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes::mistakes(self)
    }

    async fn gather(&self, world: &World<'_>) -> Result<evidence::Evidence, Failure> {
        gather::gather(self, world).await
    }

    fn judge(&self, evidence: evidence::Evidence, at: &Context<'_>) -> Outcome {
        judge::judge(self, evidence, at)
    }
}
