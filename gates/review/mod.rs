//! Was the change reviewed? The pull requests it came through, as the forge knows them.
//!
//! ```text
//! pull requests, commits, people (forge) ─┐
//! files, revisions (clone), CODEOWNERS ───┴─▶ evidence ─▶ demands of the policy ─▶ who answers which ─▶ findings
//! ```

mod checklist;
pub mod codeowners;
mod count;
mod demand;
mod evidence;
mod gather;
mod judge;
mod opinions;
mod policy;
mod rules;
mod words;

#[cfg(test)]
mod tests;

use self::evidence::Evidence;
use crate::{Context, Failure, Gate, Mistake, Outcome, Rule, Stage, World};

pub(crate) use self::policy::Review;

impl Gate for Review {
    const KIND: &'static str = "review";
    const SUMMARY: &'static str = "was everything that is about to ship reviewed?";
    const README: &'static str = include_str!("README.md");
    const RULES: &'static [&'static Rule] = rules::ALL;
    const STAGES: &'static [Stage] = &[Stage::Merge, Stage::Deploy];

    type Evidence = Evidence;

    fn mistakes(&self) -> Vec<Mistake> {
        Self::mistakes(self)
    }

    async fn gather(&self, world: &World<'_>) -> Result<Evidence, Failure> {
        Ok(gather::gather(self, world).await)
    }

    fn judge(&self, evidence: Evidence, at: &Context<'_>) -> Outcome {
        judge::judge(self, &evidence, at)
    }
}
