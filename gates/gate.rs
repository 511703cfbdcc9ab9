//! The contract of a gate, and its type-erased twin.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{Change, Failure, Outcome, Rule, Stage, World};

/// One kind of question about a change. `Self` is its policy: the settings of `[gates.<name>]`.
pub trait Gate: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// A kebab-case noun: the name of the folder, the module and the configuration table.
    const KIND: &'static str;
    /// One line: the question.
    const SUMMARY: &'static str;
    /// `include_str!("README.md")`: what `predeploy explain` prints.
    const README: &'static str;
    /// Everything it can find. A finding holds a rule, so what is not here cannot be documented away.
    const RULES: &'static [&'static Rule];
    /// When it speaks unless the policy says otherwise.
    const STAGES: &'static [Stage];

    /// The facts, as plain data. What is judged is what was serialized, so that a replay cannot differ.
    type Evidence: Serialize + DeserializeOwned;

    /// What is wrong with the settings beyond their form (an unknown zone, an empty list), each as one sentence. The
    /// key names the offending entry so that the message can point at it.
    fn mistakes(&self) -> Vec<Mistake> {
        Vec::new()
    }

    /// The names of environments in the settings, each with the way to it: those that the policy does not declare are mistakes.
    fn environments(&self) -> Vec<(Vec<String>, String)> {
        Vec::new()
    }

    /// Collects the facts through the ports of `world`. An error means that the gate could not look at all; a single
    /// unreadable source belongs into the evidence.
    fn gather(&self, world: &World<'_>) -> impl Future<Output = Result<Self::Evidence, Failure>>;

    /// Judges the facts. No I/O, no clock, no environment.
    fn judge(&self, evidence: Self::Evidence, at: &Context<'_>) -> Outcome;
}

/// Something in the settings that their types cannot refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The way to the entry from the gate's table, array indices included: `["allow", "0", "zone"]`.
    pub path: Vec<String>,
    pub message: String,
}

impl Mistake {
    pub fn at(path: &[&str], message: impl Into<String>) -> Self {
        Self { path: path.iter().map(ToString::to_string).collect(), message: message.into() }
    }
}

/// What a judge may know besides evidence.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The one reading of the clock.
    pub at: Timestamp,
    /// The time-zone database, always passed: the global one could be doctored through the environment.
    pub zones: &'a TimeZoneDatabase,
    pub change: &'a Change,
    pub stage: Stage,
}

/// A gate whose type is forgotten: what the runner works with.
pub trait Asked: Send + Sync {
    /// The policy itself, for a command that knows its kind.
    fn as_any(&self) -> &dyn Any;
    fn mistakes(&self) -> Vec<Mistake>;
    fn environments(&self) -> Vec<(Vec<String>, String)>;
    fn gather<'a>(&'a self, world: &'a World<'a>)
    -> Pin<Box<dyn Future<Output = Result<Box<RawValue>, Failure>> + 'a>>;
    /// Fails when the evidence is not of this gate's form: it was edited, or saved by another version.
    fn judge(&self, evidence: &RawValue, at: &Context<'_>) -> Result<Outcome, Failure>;
}

impl<G: Gate> Asked for G {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn mistakes(&self) -> Vec<Mistake> {
        Gate::mistakes(self)
    }

    fn environments(&self) -> Vec<(Vec<String>, String)> {
        Gate::environments(self)
    }

    fn gather<'a>(
        &'a self,
        world: &'a World<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Box<RawValue>, Failure>> + 'a>> {
        Box::pin(async move {
            let evidence = Gate::gather(self, world).await?;
            serde_json::value::to_raw_value(&evidence)
                .map_err(|e| Failure::new(format!("the evidence cannot be written as JSON: {e}")))
        })
    }

    fn judge(&self, evidence: &RawValue, at: &Context<'_>) -> Result<Outcome, Failure> {
        let evidence = serde_json::from_str(evidence.get()).map_err(|e| {
            Failure::new(format!("the evidence is not of the form that `{}` reads: {e}", G::KIND))
                .help("gather it again with this version of predeploy")
        })?;
        Ok(Gate::judge(self, evidence, at))
    }
}

/// A row of the table of gates.
#[derive(Clone, Copy)]
pub struct Row {
    pub kind: &'static str,
    pub summary: &'static str,
    pub readme: &'static str,
    pub rules: &'static [&'static Rule],
    pub stages: &'static [Stage],
    /// Reads the policy from its TOML table; the error's span points into the file.
    pub read: fn(toml::de::ValueDeserializer<'_>) -> Result<Box<dyn Asked>, toml::de::Error>,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Row {
    pub const fn of<G: Gate>() -> Self {
        Self {
            kind: G::KIND,
            summary: G::SUMMARY,
            readme: G::README,
            rules: G::RULES,
            stages: G::STAGES,
            read: |table| G::deserialize(table).map(|gate| Box::new(gate) as Box<dyn Asked>),
            schema: |generator| generator.subschema_for::<G>(),
        }
    }
}
