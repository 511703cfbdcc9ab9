//! The document of RSpec's `json` formatter.
//!
//! Written by `lib/rspec/core/formatters/json_formatter.rb` of rspec/rspec-core. A file that cannot be loaded is an error outside of the
//! examples, and only counted.

use serde::Deserialize;
use serde::de::MapAccess;

use super::json::{Document, ignore, items};
use super::lines::said;
use super::tally::{Tally, Told};
use super::times::nanos;
use crate::tests::evidence::{Counts, End, Total};

#[derive(Default)]
pub(super) struct Rspec {
    summary: Option<Summary>,
    examples: Option<u64>,
    messages: Vec<String>,
    /// `2 examples, 0 failures, 1 error occurred outside of examples`
    summary_line: String,
    counts: Counts,
}

#[derive(Deserialize)]
struct Summary {
    example_count: Option<u64>,
    failure_count: Option<u64>,
    #[serde(default)]
    errors_outside_of_examples_count: u64,
}

#[derive(Deserialize)]
struct Example {
    #[serde(default)]
    description: String,
    #[serde(default)]
    full_description: String,
    status: Option<String>,
    file_path: Option<String>,
    line_number: Option<u32>,
    /// Seconds.
    run_time: Option<f64>,
    exception: Option<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    class: Option<String>,
    message: Option<String>,
    backtrace: Option<Vec<String>>,
}

impl Document for Rspec {
    fn value<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, tally: &mut Tally<'_>) -> Result<(), A::Error> {
        match key {
            "examples" => {
                self.examples = Some(items(map, |example: Example| self.counts.add(&example.tell(tally)))?);
            }
            "summary" => self.summary = Some(map.next_value()?),
            "summary_line" => self.summary_line = map.next_value::<Option<String>>()?.unwrap_or_default(),
            "messages" => {
                items(map, |message: String| {
                    if self.messages.len() < 20 {
                        self.messages.push(message);
                    }
                })?;
            }
            _ => ignore(map)?,
        }
        Ok(())
    }

    fn end(self, tally: &mut Tally<'_>) -> Result<(), String> {
        let (Some(summary), Some(_)) = (self.summary, self.examples) else {
            return Err("`examples` or `summary` is not there: it is not what RSpec writes".into());
        };
        // Where the number is not told, the line and what is printed about each still are.
        let is_told = |message: &String| message.trim_start().starts_with("An error occurred ");
        let outside = self.summary_line.contains(" occurred outside of examples") || self.messages.iter().any(is_told);
        if summary.errors_outside_of_examples_count > 0 || outside {
            let text = self.messages.join("\n");
            let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
            let first = if first.is_empty() { &self.summary_line } else { first };
            tally.broken("the run", None, 0, said(first, &text));
        }
        if let Some(declared) = summary.example_count.filter(|declared| *declared != self.counts.tests) {
            tally.disagree(0, "`summary`", Total::Tests, declared, self.counts.tests);
        }
        if let Some(declared) = summary.failure_count.filter(|declared| *declared > self.counts.failed()) {
            tally.disagree(0, "`summary`", Total::Failed, declared, self.counts.failed());
        }
        Ok(())
    }
}

impl Example {
    fn tell(self, tally: &mut Tally<'_>) -> Counts {
        let end = match self.status.as_deref() {
            // An exception is what one fails by.
            Some("passed") if self.exception.is_some() => End::Error,
            Some("passed") => End::Passed,
            Some("pending") => End::Skipped,
            Some("failed") => End::Failed,
            // Nothing but these is written by it; one that did not end has none.
            _ => End::Error,
        };
        let said = self.exception.map(|it| {
            let message = it.message.or(it.class).unwrap_or_default();
            let trace = it.backtrace.unwrap_or_default().join("\n");
            said(message.trim(), &format!("{}\n{trace}", message.trim()))
        });
        let suite = self.full_description.strip_suffix(&self.description).unwrap_or_default().trim_end();
        let file = self.file_path.as_deref().map(|file| (file, self.line_number.unwrap_or(0)));
        tally.case(Told {
            suite,
            class: suite,
            name: &self.description,
            file,
            line: 0,
            end,
            nanos: self.run_time.and_then(nanos),
            said: said.unwrap_or_default(),
            ..Told::default()
        });
        Counts::of(end)
    }
}
