//! Tests that may fail for now.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::evidence::{Case, Counts};
use super::super::policy::Quarantine;
use super::super::rules::{QUARANTINE_OVERDUE, QUARANTINE_UNUSED};
use super::number;
use crate::Finding;

/// The entries of the policy, and what they matched in all layers.
pub(super) struct Quarantines<'a> {
    entries: &'a [Quarantine],
    /// Whether each still holds.
    holds: Vec<bool>,
    matched: Vec<Counts>,
}

impl<'a> Quarantines<'a> {
    pub fn new(entries: &'a [Quarantine], at: Timestamp) -> Self {
        let today = at.to_zoned(TimeZone::UTC).date();
        let holds = entries.iter().map(|entry| today <= entry.until).collect();
        Self { entries, holds, matched: vec![Counts::default(); entries.len()] }
    }

    /// The entry that excuses the failure of the case.
    pub fn of(&self, case: &Case) -> Option<&'a Quarantine> {
        let number = case.quarantine?;
        if *self.holds.get(number)? { self.entries.get(number) } else { None }
    }

    /// How many of these failures are excused; one count for each entry.
    pub fn excused(&self, matched: &[Counts]) -> u64 {
        self.holds.iter().zip(matched).filter(|(holds, _)| **holds).map(|(_, counts)| counts.failed()).sum()
    }

    /// Adds what the entries matched in one layer.
    pub fn count(&mut self, matched: &[Counts]) {
        for (sum, more) in self.matched.iter_mut().zip(matched) {
            sum.add(more);
        }
    }

    /// What is to be said of the entries themselves.
    pub fn findings(&self) -> Vec<Finding> {
        let entries = self.entries.iter().zip(&self.holds).zip(&self.matched);
        entries.filter_map(|((entry, holds), matched)| finding(entry, *holds, matched)).collect()
    }
}

fn finding(entry: &Quarantine, holds: bool, matched: &Counts) -> Option<Finding> {
    let name = &entry.test;
    let finding = if !holds {
        let effect = match matched.failed() {
            0 => "; nothing depends on it any more",
            _ => ", and its failure counts again",
        };
        let message = format!("the quarantine of `{name}` ended on {}{effect}", entry.until);
        let help =
            format!("repair the test or remove it ({}); a longer one is decided on the target branch", entry.owner);
        Finding::new(&QUARANTINE_OVERDUE, message).help(help)
    } else if matched.tests == 0 {
        Finding::new(&QUARANTINE_UNUSED, format!("the quarantined test `{name}` is in no report"))
            .help("remove the entry if the test is gone; correct its name if it was renamed")
    } else if matched.failed() == 0 && matched.executed() > 0 {
        let message = format!("the quarantined test `{name}` passed ({})", number(matched.executed(), "test"));
        Finding::new(&QUARANTINE_UNUSED, message)
            .help(format!("if it is sound again, remove the entry: {} decides", entry.owner))
    } else {
        return None;
    };
    Some(finding.about(name.as_str()))
}
