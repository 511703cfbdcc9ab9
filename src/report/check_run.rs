//! A check run of GitHub: its annotations. Its text is the Markdown of [`super::summary`].
//!
//! Lines and columns are 1-based and ends inclusive; columns are told within one line only; an annotation needs a file
//! (<https://docs.github.com/en/rest/checks/runs#create-a-check-run>).

use predeploy_gates::{Place, Severity};
use serde_json::{Value, json};

use super::Report;
use super::cut::cut;
use super::github::{last_column, last_line, message};
use super::harmless::line;
use super::identity::identified;

/// Annotations that are sent: ten requests.
const MOST: usize = 500;
/// UTF-16 units of a path.
const LONGEST_PATH: usize = 1000;

/// The annotations, the heaviest first, and how many findings of files are left out.
pub(crate) fn annotations(report: &Report) -> (Vec<Value>, usize) {
    let mut all: Vec<Value> = identified(report).iter().filter_map(|one| annotation(one.weighed)).collect();
    let left_out = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    (all, left_out)
}

fn annotation(weighed: &crate::waivers::Weighed) -> Option<Value> {
    let finding = &weighed.finding;
    let Some(Place::File { path, span }) = &finding.place else { return None };
    if path.is_empty() || path.encode_utf16().count() > LONGEST_PATH {
        return None;
    }
    let level = match weighed.weight() {
        Severity::Error | Severity::Unresolved => "failure",
        Severity::Pending | Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let accepted = match (&weighed.waived, weighed.overridden) {
        (Some(_), _) => " (waived)",
        (None, true) => " (overridden)",
        (None, false) => "",
    };
    let first = span.map_or(1, |span| span.start.line.max(1));
    let mut annotation = json!({
        "path": path,
        "start_line": first,
        "end_line": span.map_or(1, |span| last_line(span).max(first)),
        "annotation_level": level,
        "title": cut(&line(&format!("{}{accepted}", finding.rule.id)), 250),
        "message": message(finding),
    });
    if let Some((span, column)) = span.and_then(|span| Some((span, last_column(span)?))) {
        annotation["start_column"] = span.start.column.max(1).into();
        annotation["end_column"] = column.max(1).into();
    }
    Some(annotation)
}

/// Whether two annotations say the same at the same place: one of ours, and one as GitHub gives it back.
pub(crate) fn same(ours: &Value, theirs: &Value) -> bool {
    ["path", "start_line", "end_line", "title", "message", "annotation_level"]
        .iter()
        .all(|key| ours[key] == theirs[key])
}
