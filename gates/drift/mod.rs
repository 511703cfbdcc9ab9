//! `drift`: have the environments' configurations grown apart in a way nobody decided?
//!
//! `formats` reads configuration files into keys with places, `values` says what can be told of a value without keeping it, and
//! `sets` compares environments. `runtimes` compares the versions of runtimes, and `code` tells which
//! variables the code reads.

mod code;
mod environments;
mod evidence;
mod formats;
mod part;
mod pattern;
mod policy;
mod rules;
mod runtimes;
mod sets;
mod values;

use crate::{Context, Failure, Gate, Mistake, Outcome, Rule, Stage, World};
use evidence::Evidence;

pub use code::{KeyRow, keys_of_code};
pub use policy::Drift;
pub use runtimes::{Row as RuntimeRow, Table as RuntimeTable, runtimes};

impl Gate for Drift {
    const KIND: &'static str = "drift";
    const SUMMARY: &'static str = "have the environments' configurations grown apart in a way nobody decided?";
    const README: &'static str = include_str!("README.md");
    const RULES: &'static [&'static Rule] = &[
        &rules::MISSING_KEY,
        &rules::EXTRA_KEY,
        &rules::FORBIDDEN_KEY,
        &rules::UNEQUAL_VALUE,
        &rules::SHARED_VALUE,
        &rules::PLACEHOLDER,
        &rules::DUPLICATE_KEY,
        &rules::SAME_FILE,
        &rules::UNREADABLE_FILE,
        &rules::VANISHED_SOURCE,
        &runtimes::rules::RUNTIME_MISMATCH,
        &runtimes::rules::NUMBER_VERSION,
        &runtimes::rules::LATEST_RUNTIME,
        &code::rules::UNDECLARED_VARIABLE,
        &code::rules::UNREAD_KEY,
    ];
    const STAGES: &'static [Stage] = Stage::ALL;
    type Evidence = Evidence;

    fn mistakes(&self) -> Vec<Mistake> {
        self.mistakes_of_sets()
    }

    async fn gather(&self, world: &World<'_>) -> Result<Evidence, Failure> {
        let sets = sets::gather(self, world)?;
        let environments: Vec<_> = sets.iter().flatten().collect();
        let code = self.code.as_ref().map(|policy| code::gather(policy, &environments, world)).transpose()?;
        let runtimes = self.runtimes.get().map(|policy| runtimes::gather(policy, world)).transpose()?;
        Ok(Evidence { sets, runtimes, code })
    }

    fn judge(&self, evidence: Evidence, at: &Context<'_>) -> Outcome {
        let runtimes = self.runtimes.get().zip(evidence.runtimes.as_ref());
        let environments: Vec<_> = evidence.sets.iter().flatten().collect();
        let code = self.code.as_ref().zip(evidence.code.as_ref());
        let ignored = || self.ignore.iter().chain(self.sets.values().flat_map(|set| &set.ignore));
        part::together([
            sets::judge(&self.sets(), &evidence.sets, at),
            runtimes.map(|(policy, evidence)| runtimes::judge(policy, evidence)).unwrap_or_default(),
            code.map(|(policy, evidence)| code::judge(policy, evidence, &environments, ignored())).unwrap_or_default(),
        ])
    }
}
