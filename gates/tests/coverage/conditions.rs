//! What a line says of its branches in Cobertura (`condition-coverage`), JaCoCo (`cb` and `mb`) and Clover (`truecount` and `falsecount`).

use super::{Format, hits};

/// The branches of a line.
#[derive(Default)]
pub(super) struct Conditions {
    taken: Option<u64>,
    missed: Option<u64>,
    all: Option<u64>,
}

impl Conditions {
    pub fn attribute(&mut self, format: Option<Format>, key: &str, value: &str) {
        let number = || value.trim().parse::<u64>().ok();
        match (format, key) {
            // `50% (1/2)`
            (Some(Format::Cobertura), "condition-coverage") => {
                let ratio = value.split_once('(').and_then(|(_, ratio)| ratio.split_once(')')).map(|(ratio, _)| ratio);
                if let Some((taken, all)) = ratio.and_then(|ratio| ratio.split_once('/')) {
                    (self.taken, self.all) = (taken.trim().parse().ok(), all.trim().parse().ok());
                }
            }
            (Some(Format::Jacoco), "cb") => self.taken = number(),
            (Some(Format::Jacoco), "mb") => self.missed = number(),
            (Some(Format::Clover), "truecount" | "falsecount") => {
                let taken = u64::from(hits(value).unwrap_or(0) > 0);
                self.taken = Some(self.taken.unwrap_or(0) + taken);
                self.all = Some(self.all.unwrap_or(0) + 1);
            }
            _ => {}
        }
    }

    /// Those taken, and all.
    pub fn sum(&self) -> Option<(u64, u64)> {
        let taken = self.taken?;
        let all = self.all.unwrap_or_else(|| taken.saturating_add(self.missed.unwrap_or(0)));
        (all > 0).then_some((taken.min(all), all))
    }
}
