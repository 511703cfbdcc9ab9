//! Which environment has which key, told: what `predeploy drift` prints.

use serde_json::value::RawValue;

use super::judge::Set;
use super::laid::Held;
use super::relations::equal;
use crate::drift::evidence::{Evidence, Key, Type};
use crate::drift::policy::Drift;
use crate::{Asked, Context, Failure};

/// One thing that is configured for several environments.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Nothing in the short form of the policy.
    pub name: Option<String>,
    /// In their order on the way to production.
    pub environments: Vec<String>,
    /// Those of which not every file could be read.
    pub unread: Vec<String>,
    /// By key.
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub key: String,
    /// One for each environment.
    pub cells: Vec<Option<Cell>>,
}

/// What one environment has at a key.
#[derive(Clone, Debug)]
pub struct Cell {
    /// `staging.env:3`, `staging at the forge`.
    pub place: String,
    /// `a string`.
    pub kind: &'static str,
    /// Cells of a row with one number have one value; nothing where nobody tells it.
    pub value: Option<usize>,
    pub empty: bool,
    pub placeholder: bool,
    pub secret: bool,
}

impl Row {
    /// Whether each environment has it, all with one value.
    pub fn is_same(&self) -> bool {
        let mut values = self.cells.iter().map(|cell| cell.as_ref().map(|cell| cell.value));
        let first = values.next().flatten();
        first.is_some_and(|first| first.is_some()) && values.all(|value| value == first)
    }
}

/// What the drift gate says of keys. `None` if it is another gate.
pub fn matrix(asked: &dyn Asked, evidence: &RawValue, at: &Context<'_>) -> Option<Result<Vec<Matrix>, Failure>> {
    let policy = asked.as_any().downcast_ref::<Drift>()?;
    let evidence: Result<Evidence, _> = serde_json::from_str(evidence.get());
    let evidence = evidence.map_err(|e| Failure::new(format!("the evidence of the drift gate is not readable: {e}")));
    Some(evidence.map(|evidence| {
        let sets = policy.sets();
        sets.iter().zip(&evidence.sets).map(|(whole, gathered)| of(whole.name, Set::of(whole, gathered, at))).collect()
    }))
}

fn of(name: Option<&crate::Text>, set: Set<'_>) -> Matrix {
    let laid = &set.environments;
    let row = |(key, cells): (&str, &[Option<Held<'_>>])| {
        let mut known: Vec<&Key> = Vec::new();
        let cells = cells.iter().map(|held| {
            let held = held.as_ref()?;
            let told = !matches!(held.key.kind, Type::Hidden | Type::Ciphertext);
            let value = told.then(|| {
                known.iter().position(|other| equal(other, held.key)).unwrap_or_else(|| {
                    known.push(held.key);
                    known.len() - 1
                })
            });
            let facts = &held.key.facts;
            Some(Cell {
                place: held.place(),
                kind: held.key.kind.word(),
                value,
                empty: facts.empty,
                placeholder: facts.placeholder,
                secret: facts.secret.is_some(),
            })
        });
        Row { key: key.to_owned(), cells: cells.collect() }
    };
    Matrix {
        name: name.map(ToString::to_string),
        environments: laid.iter().map(|one| one.name.to_owned()).collect(),
        unread: laid.iter().filter(|one| !one.whole).map(|one| one.name.to_owned()).collect(),
        rows: set.table.rows().map(row).collect(),
    }
}
