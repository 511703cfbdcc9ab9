//! NUnit 2 XML, as `nunit-console` 2.2 to 2.7 writes it and others imitate it: root `<test-results>`.
//!
//! There is a schema in NUnit's source (`Results.xsd` of <https://github.com/nunit/nunitv2>); before 2.5 there was no `result`, only
//! `executed` and `success`. Ignored, skipped and inconclusive cases are skipped. One that cannot be run (`NotRunnable`) is an error, as
//! NUnit 3 made it.

use super::nunit::{Failed, Version};
use super::words::Doubts;
use crate::tests::evidence::End;

/// `true` or `false`, in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Flag {
    #[default]
    Missing,
    Yes,
    No,
    Unclear,
}

/// The attributes that say how it ended.
#[derive(Default)]
pub(super) struct Nunit2 {
    result: String,
    executed: Flag,
    success: Flag,
    failed: [String; 2],
    date: String,
    time: String,
}

impl Version for Nunit2 {
    const ROOT: &'static str = "test-results";

    fn take(&mut self, key: &str, value: &str) {
        let value = value.trim();
        let flag = || match &*value.to_ascii_lowercase() {
            "true" => Flag::Yes,
            "false" => Flag::No,
            _ => Flag::Unclear,
        };
        match key {
            "result" => self.result = value.to_ascii_lowercase(),
            "executed" => self.executed = flag(),
            "success" => self.success = flag(),
            "failures" => self.failed[0] = value.into(),
            "errors" => self.failed[1] = value.into(),
            "date" => self.date = value.into(),
            "time" => self.time = value.into(),
            _ => {}
        }
    }

    fn case(&self) -> End {
        match (&*self.result, self.executed, self.success) {
            ("ignored" | "skipped" | "inconclusive", ..) => End::Skipped,
            ("success" | "", Flag::No, _) => End::Skipped,
            ("success" | "", _, Flag::No) | ("failure", ..) => End::Failed,
            ("success" | "", _, Flag::Yes) | ("success", _, Flag::Missing) => End::Passed,
            // Its failure would stand in it.
            ("", Flag::Yes, Flag::Missing) => End::Passed,
            _ => End::Error,
        }
    }

    fn is_not_run(&self) -> bool {
        self.result == "notrunnable" || self.executed == Flag::No
    }

    fn suite(&self) -> Failed {
        match (&*self.result, self.success) {
            ("success" | "", Flag::No) => Failed::Perhaps,
            ("success" | "", Flag::Unclear) => Failed::Unclear,
            (result, _) => Failed::of(result),
        }
    }

    fn time(&self) -> String {
        if self.date.is_empty() { String::new() } else { format!("{}T{}", self.date, self.time) }
    }

    fn declared_failed(&self, doubts: &mut Doubts) -> u64 {
        let [failures, errors] = &self.failed;
        let totals = [doubts.total("failures", failures), doubts.total("errors", errors)];
        totals.into_iter().flatten().fold(0, u64::saturating_add)
    }

    fn result(&self) -> &str {
        if matches!(&*self.result, "success" | "") { "success" } else { &self.result }
    }
}
