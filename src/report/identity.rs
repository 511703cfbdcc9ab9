//! What tells a finding from others, from run to run, for whoever compares the findings of two runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use predeploy_gates::Place;
use sha2::{Digest, Sha256};

use super::Report;
use crate::waivers::Weighed;

/// A finding with the name of its gate.
pub(crate) struct Identified<'a> {
    pub(crate) gate: &'a str,
    pub(crate) weighed: &'a Weighed,
    /// 32 hexadecimal digits: the same while gate, rule, file, subject and message are, numbers in it aside, on whatever line it
    /// stands. Different for each finding of a report.
    pub(crate) fingerprint: String,
}

/// Every finding, the heaviest first.
pub(crate) fn identified(report: &Report) -> Vec<Identified<'_>> {
    let mut seen: BTreeMap<[u8; 16], u32> = BTreeMap::new();
    let mut all: Vec<Identified<'_>> = report
        .all_findings()
        .map(|(gate, weighed)| {
            let one = digest(gate, weighed);
            let before = seen.entry(one).or_default();
            *before += 1;
            let mut own = Sha256::new().chain_update(one);
            if *before > 1 {
                own.update(before.to_be_bytes());
            }
            let fingerprint = own.finalize()[..16].iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            });
            Identified { gate, weighed, fingerprint }
        })
        .collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.weighed.weight()));
    all
}

fn digest(gate: &str, weighed: &Weighed) -> [u8; 16] {
    let finding = &weighed.finding;
    let place = match &finding.place {
        Some(Place::File { path, .. }) => path,
        Some(Place::Url(url)) => url,
        None => "",
    };
    let subject = finding.subject.as_deref().unwrap_or_default();
    let message: String = finding.message.chars().filter(|c| !c.is_ascii_digit()).collect();
    let mut hash = Sha256::new();
    for part in [gate, finding.rule.id, place, subject, &message] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    first
}
