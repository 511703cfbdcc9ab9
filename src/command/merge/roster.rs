//! How many reports must answer for a gate, where a matrix asks it more than once:
//!
//! ```toml
//! [gates.tests]
//! reports = 3        # Linux, macOS, Windows
//! ```

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::Deserialize;

use crate::config::Policy;
use crate::exit::Stop;
use crate::law::{LARGEST, Law};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    gates: BTreeMap<String, Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    reports: NonZeroUsize,
}

/// What is expected beyond the policy.
#[derive(Default)]
pub(super) struct Roster {
    /// Where it was read.
    pub(super) file: Option<String>,
    gates: BTreeMap<String, Expected>,
}

impl Roster {
    /// Reads it from the tree of the policy.
    pub(super) fn read(path: Option<&str>, law: &Law, policy: &Policy) -> Result<Self, Stop> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = law.origin.text(path, LARGEST).map_err(Stop::Usage)?.ok_or_else(|| {
            Stop::usage(
                format!("there is no `{path}` in {}", law.source),
                "name it from the repository's root; in CI it is read from where the policy is read, never from the change",
            )
        })?;
        let read: Read = toml::from_str(&text).map_err(|e| {
            Stop::usage(format!("`{path}` is no roster: {}", e.message()), "write `[gates.<name>]` with `reports = 2`")
        })?;
        if let Some(name) = read.gates.keys().find(|name| !policy.gates.iter().any(|gate| gate.name == **name)) {
            let known: Vec<&str> = policy.gates.iter().map(|gate| gate.name.as_str()).collect();
            return Err(Stop::usage(
                format!("`{path}` names the gate `{name}`, which the policy does not have"),
                format!("the gates of the policy are {}", known.join(", ")),
            ));
        }
        Ok(Self { file: Some(path.to_owned()), gates: read.gates })
    }

    /// Reports that must answer for a gate.
    pub(super) fn reports(&self, gate: &str) -> usize {
        self.gates.get(gate).map_or(1, |expected| expected.reports.get())
    }
}
