//! The types of JSON, version 1, as they are read: what [`super::super::json`] promises, of which fields may be missing that came later.

use jiff::Timestamp;
use jiff::civil::Date;
use predeploy_gates::{Position, RiskLevel, Severity, Stage, Verdict};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Root {
    pub(super) tool: Tool,
    pub(super) verdict: String,
    pub(super) stage: Stage,
    pub(super) environment: Option<String>,
    pub(super) simulated: bool,
    pub(super) simulations: Vec<String>,
    pub(super) partial: bool,
    #[serde(default)]
    pub(super) only: Vec<String>,
    #[serde(default)]
    pub(super) run: Option<String>,
    pub(super) change: Changed,
    pub(super) policy: Policy,
    pub(super) started: Timestamp,
    pub(super) at: Timestamp,
    pub(super) valid_until: Option<Timestamp>,
    pub(super) findings: Vec<Found>,
    pub(super) gates: Vec<Gate>,
    pub(super) overrides: Vec<Overriding>,
    pub(super) edited_policy: Option<EditedPolicy>,
    #[serde(default)]
    pub(super) forge: Option<Asked>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    pub(super) requests: u64,
    pub(super) points: u64,
}

#[derive(Deserialize)]
pub(super) struct Tool {
    pub(super) version: String,
    pub(super) time_zones: String,
}

#[derive(Deserialize)]
pub(super) struct Changed {
    pub(super) repository: Option<String>,
    pub(super) event: Option<String>,
    pub(super) base: Option<String>,
    pub(super) head: Option<String>,
    pub(super) head_tree: Option<String>,
    pub(super) source_branch: Option<String>,
    pub(super) target_branch: Option<String>,
    pub(super) pull_requests: Vec<u64>,
    pub(super) actor: Option<String>,
    pub(super) working_tree: bool,
    pub(super) files_changed: Option<usize>,
    pub(super) everything: Option<String>,
    pub(super) direction: Way,
    pub(super) risk: Risky,
}

#[derive(Deserialize)]
pub(super) struct Way {
    pub(super) kind: String,
    pub(super) why: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Risky {
    pub(super) level: RiskLevel,
    pub(super) points: u32,
    pub(super) reasons: Vec<String>,
    pub(super) cheaper: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Policy {
    pub(super) source: String,
    pub(super) path: String,
    pub(super) digest: String,
    pub(super) files: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Gate {
    pub(super) gate: String,
    pub(super) kind: String,
    pub(super) required: bool,
    pub(super) verdict: String,
    pub(super) overridden: Option<Overridden>,
    pub(super) reason: String,
    pub(super) took_ms: u64,
    pub(super) until: Option<Timestamp>,
    pub(super) retry_at: Option<Timestamp>,
    pub(super) findings: Vec<Found>,
    pub(super) explained: Vec<Explained>,
}

#[derive(Deserialize)]
pub(super) struct Explained {
    pub(super) name: String,
    pub(super) state: String,
    pub(super) why: String,
    pub(super) line: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct Found {
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) location: Option<Location>,
    pub(super) subject: Option<String>,
    pub(super) detail: Option<String>,
    pub(super) waived: Option<Waived>,
    pub(super) overridden: bool,
}

#[derive(Deserialize)]
pub(super) struct Location {
    pub(super) path: Option<String>,
    pub(super) start: Option<Position>,
    pub(super) end: Option<Position>,
    pub(super) url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Waived {
    pub(super) reason: String,
    pub(super) owner: String,
    pub(super) until: Date,
}

#[derive(Deserialize)]
pub(super) struct Overridden {
    pub(super) said: Verdict,
    pub(super) by: String,
    pub(super) reason: String,
    pub(super) until: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct Overriding {
    pub(super) gates: Vec<String>,
    pub(super) environment: Option<String>,
    pub(super) by: String,
    pub(super) reason: String,
    pub(super) at: Timestamp,
    pub(super) until: Timestamp,
    pub(super) pull_request: u64,
    pub(super) url: Option<String>,
    pub(super) confirmed_by: Option<String>,
    pub(super) confirm_until: Option<Timestamp>,
    pub(super) follow_up: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct EditedPolicy {
    pub(super) files: Vec<String>,
    pub(super) verdict: Option<Verdict>,
    pub(super) unreadable: Option<String>,
    pub(super) gates: Vec<EditedGate>,
}

#[derive(Deserialize)]
pub(super) struct EditedGate {
    pub(super) gate: String,
    pub(super) verdict: Verdict,
    pub(super) reason: String,
}
