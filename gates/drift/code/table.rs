//! The inventory of variables: what `predeploy drift keys --code` prints.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::gather::{CodeEvidence, keys};
use crate::drift::evidence::{Content, Set};
use crate::{Failure, Span};

/// A variable that the code reads or an environment declares.
pub struct KeyRow {
    pub name: String,
    /// `required`, `read` or `default`; nothing if the code does not read it.
    pub need: Option<&'static str>,
    /// Where it is read, the first twenty.
    pub places: Vec<(String, Span)>,
    /// In how many places it is read.
    pub count: usize,
    /// The environments that declare it, in their order.
    pub environments: Vec<String>,
}

/// The inventory in the evidence of a gate; `None` where its policy does not ask about code.
///
/// # Errors
/// If the evidence is of another form.
pub fn keys_of_code(evidence: &RawValue) -> Result<Option<Vec<KeyRow>>, Failure> {
    #[derive(Deserialize)]
    struct Parts {
        sets: Vec<Set>,
        code: Option<CodeEvidence>,
    }
    let parts: Parts = serde_json::from_str(evidence.get())
        .map_err(|e| Failure::new(format!("the evidence is not of the form that `drift` reads: {e}")))?;
    let Some(code) = parts.code else { return Ok(None) };
    let mut rows: BTreeMap<String, KeyRow> = code
        .variables
        .into_iter()
        .map(|it| {
            let row = KeyRow {
                name: it.name.clone(),
                need: Some(it.need.word()),
                places: it.places,
                count: it.count,
                environments: vec![],
            };
            (it.name, row)
        })
        .collect();
    for environment in parts.sets.iter().flat_map(|set| &set.environments) {
        let of_file = |content: &Content| match content {
            Content::Keys { keys, .. } => keys.iter().map(|key| key.path.clone()).collect(),
            Content::Unreadable(_) | Content::Missing | Content::Vanished | Content::Emptied => Vec::new(),
        };
        let whole: BTreeSet<String> = environment.files.iter().flat_map(|file| of_file(&file.content)).collect();
        let parts: BTreeSet<&str> = keys(environment).filter(|part| rows.contains_key(*part)).collect();
        // A key that is no variable of the code is told by its whole path.
        let of_code = |path: &String| path.split(['.', '[', ']']).any(|part| rows.contains_key(part));
        let others: Vec<String> = whole.iter().filter(|path| !of_code(path)).cloned().collect();
        let names: Vec<String> = parts.into_iter().map(str::to_owned).chain(others).collect();
        for name in names {
            let row = rows.entry(name.clone()).or_insert_with(|| KeyRow {
                name,
                need: None,
                places: vec![],
                count: 0,
                environments: vec![],
            });
            if !row.environments.contains(&environment.name) {
                row.environments.push(environment.name.clone());
            }
        }
    }
    Ok(Some(rows.into_values().collect()))
}
