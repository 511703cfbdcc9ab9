//! `drift`: have the environments' configurations grown apart in a way nobody decided?
//!
//! `formats` reads configuration files into keys with places, `values` says what can be told of a value without keeping it, and
//! `sets` compares environments. `runtimes` compares the versions of runtimes, and `code` tells which
//! variables the code reads. `plans`, `live` and `schema` are what is there: resources of Terraform, objects of Kubernetes,
//! a database's tables.

mod code;
mod environments;
mod evidence;
mod formats;
mod live;
mod part;
mod pattern;
mod plans;
mod policy;
mod rules;
mod runtimes;
mod schema;
mod sets;
mod shown;
mod values;
mod written;

use crate::{Context, Failure, Gate, Mistake, Outcome, Rule, Stage, World};
use evidence::Evidence;

pub use code::{KeyRow, keys_of_code};
pub use policy::Drift;
pub use runtimes::{Row as RuntimeRow, Table as RuntimeTable, runtimes};
pub use sets::{Cell, Matrix, Row, matrix, snapshot};
pub use shown::{Shown, values};

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
        &rules::INVALID_VALUE,
        &rules::FOREIGN_ENVIRONMENT,
        &rules::LOCAL_ADDRESS,
        &rules::DEBUG_SWITCH,
        &rules::EMPTY_VALUE,
        &rules::TYPE_FLIP,
        &rules::NOT_COMPARED,
        &rules::RESOURCE_DRIFT,
        &rules::DESTRUCTIVE_CHANGE,
        &rules::FAILED_CHECK,
        &rules::NOT_CHECKED,
        &rules::LIVE_DIFFERENCE,
        &rules::MISSING_OBJECT,
        &rules::UNDECLARED_OBJECT,
        &rules::SCHEMA_EXTRA,
        &rules::SCHEMA_MISSING,
        &rules::SCHEMA_DIFFERENCE,
        &rules::AMBIGUOUS_LINE,
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
        let sets = sets::gather(self, world).await?;
        let code = self.code.as_ref().map(|policy| code::gather(policy, &environments(&sets), world)).transpose()?;
        let runtimes = self.runtimes.get().map(|policy| runtimes::gather(policy, world)).transpose()?;
        let (plans, live) = (plans::gather(&self.plans, world)?, live::gather(&self.live, world)?);
        let schema = schema::gather(self.schemas(), world).await?;
        Ok(Evidence { sets, plans, live, schema, runtimes, code })
    }

    fn judge(&self, evidence: Evidence, at: &Context<'_>) -> Outcome {
        let runtimes = self.runtimes.get().zip(evidence.runtimes.as_ref());
        let code = self.code.as_ref().zip(evidence.code.as_ref());
        let ignored = || self.ignore.iter().chain(self.sets.values().flat_map(|set| &set.ignore));
        let of_code = |(policy, found)| code::judge(policy, found, &environments(&evidence.sets), ignored());
        let sets = self.sets();
        part::together([
            sets::judge(&sets, &evidence.sets, evidence.code.as_ref(), at),
            formats::judge(&sets, &evidence.sets, at),
            runtimes.map(|(policy, evidence)| runtimes::judge(policy, evidence)).unwrap_or_default(),
            plans::judge(&self.plans, &evidence.plans, at),
            live::judge(&self.live, &evidence.live),
            schema::judge(self.schemas(), &evidence.schema, at),
            code.map(of_code).unwrap_or_default(),
        ])
    }
}

/// The environments of all sets.
fn environments(sets: &[evidence::Set]) -> Vec<&evidence::Environment> {
    sets.iter().flat_map(|set| &set.environments).collect()
}
