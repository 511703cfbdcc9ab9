//! What `predeploy tests summarize --cases` wrote: the results of another run, to compare with.

use std::io::Read;

use serde::Deserialize;

use super::cannot_be_read;
use super::tally::{Tally, Told};
use super::utf8::Utf8;
use crate::Failure;
use crate::tests::evidence::One;

/// The form that is written and read.
pub const SUMMARY_VERSION: u32 = 1;

#[derive(Deserialize)]
struct Summary {
    predeploy_tests: u32,
    cases: Vec<One>,
}

pub(super) fn read(text: Utf8<impl Read>, tally: &mut Tally<'_>) -> Result<(), Failure> {
    let path = tally.path();
    let summary: Summary = serde_json::from_reader(text).map_err(|e| {
        if e.is_io() { cannot_be_read(path, &e.into()) } else { Failure::new(format!("`{path}` is no summary: {e}")) }
            .help("write it again: `predeploy tests summarize --cases REPORTS`")
    })?;
    if summary.predeploy_tests != SUMMARY_VERSION {
        let what =
            format!("`{path}` is a summary of the form {}, and {SUMMARY_VERSION} is read", summary.predeploy_tests);
        return Err(Failure::new(what).help("write it with this version of predeploy"));
    }
    for one in &summary.cases {
        tally.case(Told {
            suite: &one.suite,
            class: &one.class,
            name: &one.name,
            id: &one.id,
            file: one.file.as_deref().map(|file| (file, 0)),
            end: one.end,
            nanos: one.nanos,
            ..Told::default()
        });
    }
    Ok(())
}
