//! The document of Cucumber's `json` formatter: an array of features.
//!
//! See <https://github.com/cucumber/json-formatter>. A scenario is a case, and each row of an outline is one; what its background and its
//! hooks say counts for it. A step that is undefined, pending or ambiguous has not shown anything, so its scenario failed, as in
//! Cucumber itself since `--strict` is its default. One feature is held in memory at a time.

use serde::Deserialize;

use super::lines::said;
use super::tally::{Said, Tally, Told};
use crate::tests::evidence::End;

#[derive(Deserialize)]
pub(super) struct Feature {
    #[serde(default)]
    name: String,
    uri: Option<String>,
    #[serde(default)]
    elements: Vec<Element>,
}

#[derive(Deserialize)]
struct Element {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    name: String,
    line: Option<u32>,
    start_timestamp: Option<String>,
    #[serde(default)]
    before: Vec<Step>,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    after: Vec<Step>,
}

/// A step or a hook.
#[derive(Deserialize)]
struct Step {
    #[serde(default)]
    keyword: String,
    #[serde(default)]
    name: String,
    result: Option<Outcome>,
    #[serde(default)]
    before: Vec<Step>,
    #[serde(default)]
    after: Vec<Step>,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    status: String,
    /// Nanoseconds.
    duration: Option<f64>,
    error_message: Option<String>,
}

/// What the steps of a scenario add up to.
#[derive(Default)]
struct Sum {
    steps: u64,
    end: Option<End>,
    nanos: Option<u64>,
    said: Said,
}

impl Feature {
    pub fn tell(self, tally: &mut Tally<'_>) {
        let file = self.uri.as_deref();
        let mut background: Option<Sum> = None;
        for element in self.elements {
            if let Some(start) = &element.start_timestamp {
                tally.time(start);
            }
            let mut sum = Sum::default();
            for step in element.before.iter().chain(&element.steps).chain(&element.after) {
                sum.add(step);
            }
            sum.steps = element.steps.len() as u64;
            if element.kind == "background" {
                // Of a feature and of a rule in it: both run before a scenario.
                if let Some(before) = background.take() {
                    sum.after(before);
                }
                background = Some(sum);
                continue;
            }
            if let Some(before) = background.take() {
                sum.after(before);
            }
            let end = match sum.end {
                // A scenario without a step did nothing.
                None | Some(End::Passed) if sum.steps == 0 => End::Skipped,
                end => end.unwrap_or_default(),
            };
            tally.case(Told {
                suite: &self.name,
                class: "",
                name: &element.name,
                file: file.map(|file| (file, element.line.unwrap_or(0))),
                line: 0,
                end,
                nanos: sum.nanos,
                said: sum.said,
                ..Told::default()
            });
        }
        if let Some(Sum { end: Some(end), said, .. }) = background
            && end.is_failure()
        {
            tally.broken(&self.name, file, 0, said);
        }
    }
}

impl Sum {
    fn add(&mut self, step: &Step) {
        for hook in &step.before {
            self.add(hook);
        }
        let status = step.result.as_ref().map_or("", |result| result.status.as_str());
        let end = match status.to_ascii_lowercase().as_str() {
            "passed" => End::Passed,
            "skipped" => End::Skipped,
            "failed" | "pending" | "undefined" | "ambiguous" => End::Failed,
            _ => End::Error,
        };
        // What was first keeps its word: the steps after a failure are skipped, and so are those after a step that skips.
        let is_first = match self.end {
            None | Some(End::Passed) => true,
            Some(End::Skipped) => end.is_failure(),
            Some(_) => false,
        };
        if is_first {
            self.end = Some(end);
            if end.is_failure() {
                let result = step.result.as_ref().and_then(|result| result.error_message.as_deref());
                let step = format!("{}{}", step.keyword, step.name);
                let first = result.and_then(|text| text.lines().next()).unwrap_or_default();
                let status = if status.is_empty() { "without a result" } else { status };
                let message = if first.is_empty() { format!("{status}: {}", step.trim()) } else { first.to_owned() };
                self.said = said(&message, &format!("{}\n{}", step.trim(), result.unwrap_or_default()));
            }
        }
        let nanos = step.result.as_ref().and_then(|result| result.duration).filter(|it| (0.0..1e18).contains(it));
        if let Some(nanos) = nanos {
            self.nanos = Some(self.nanos.unwrap_or(0).saturating_add(nanos as u64));
        }
        for hook in &step.after {
            self.add(hook);
        }
    }

    /// The background ran before.
    fn after(&mut self, before: Self) {
        let decides = before.end.is_some_and(|end| end != End::Passed);
        if decides && !self.end.is_some_and(End::is_failure) {
            (self.end, self.said) = (before.end, before.said);
        }
        self.steps += before.steps;
        self.nanos = match (self.nanos, before.nanos) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
    }
}
