//! `drift`: have the environments' configurations grown apart in a way nobody decided?
//!
//! `formats` reads configuration files into keys with places, `values` says what can be told of a value without keeping it, and
//! `sets` compares environments.

mod environments;
mod evidence;
mod formats;
mod part;
mod pattern;
mod policy;
mod rules;
mod sets;
mod values;

use crate::{Context, Failure, Gate, Mistake, Outcome, Rule, Stage, World};
use evidence::Evidence;

pub use policy::Drift;

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
        &rules::AMBIGUOUS_LINE,
        &rules::SAME_FILE,
        &rules::UNREADABLE_FILE,
        &rules::VANISHED_SOURCE,
    ];
    const STAGES: &'static [Stage] = Stage::ALL;
    type Evidence = Evidence;

    fn mistakes(&self) -> Vec<Mistake> {
        self.mistakes_of_sets()
    }

    async fn gather(&self, world: &World<'_>) -> Result<Evidence, Failure> {
        sets::gather(self, world)
    }

    fn judge(&self, evidence: Evidence, at: &Context<'_>) -> Outcome {
        let sets = self.sets();
        part::together([sets::judge(&sets, &evidence.sets, at), formats::judge(&sets, &evidence.sets, at)])
    }
}
