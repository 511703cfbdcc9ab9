//! The table language × place × version: what `predeploy drift runtimes` prints.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::gather::RuntimesEvidence;
use crate::{Failure, Span};

/// What is known of runtimes.
pub struct Table {
    /// By language, then by role, then by file.
    pub rows: Vec<Row>,
    /// Files that could not be read.
    pub unread: Vec<Failure>,
}

/// A place that names a version.
pub struct Row {
    /// `Node.js`.
    pub language: &'static str,
    /// `ships`, `builds`, `pins`, `allows`, `tests` or `aside`.
    pub role: &'static str,
    /// What it allows, as a range; nothing where that cannot be told.
    pub version: Option<String>,
    /// As it is written.
    pub written: String,
    pub path: String,
    pub span: Span,
    /// The folder of the project that it belongs to; empty for the root.
    pub project: String,
}

/// The table in the evidence of a gate; `None` where its policy does not ask for runtimes.
///
/// # Errors
/// If the evidence is of another form.
pub fn runtimes(evidence: &RawValue) -> Result<Option<Table>, Failure> {
    #[derive(Deserialize)]
    struct Part {
        runtimes: Option<RuntimesEvidence>,
    }
    let part: Part = serde_json::from_str(evidence.get())
        .map_err(|e| Failure::new(format!("the evidence is not of the form that `drift` reads: {e}")))?;
    let Some(RuntimesEvidence { mut places, unread, .. }) = part.runtimes else { return Ok(None) };
    places.sort_by(|a, b| {
        let key = |place: &super::place::Place| {
            (place.found.language, place.found.role, place.path.clone(), place.found.span)
        };
        key(a).cmp(&key(b))
    });
    let rows = places
        .into_iter()
        .map(|place| Row {
            language: place.found.language.word(),
            role: place.found.role.word(),
            version: place.found.versions.map(|versions| versions.told()),
            written: place.found.written,
            path: place.path,
            span: place.found.span,
            project: place.project,
        })
        .collect();
    Ok(Some(Table { rows, unread }))
}
