//! The document of a plan.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Change, Check, Facts, How};

/// Attributes of what was refreshed that change by themselves: they tell of no hand.
const NOISE: &[&str] = &[
    "etag",
    "tags_all",
    "fingerprint",
    "last_modified",
    "last_updated",
    "last_updated_date",
    "last_modified_date",
    "updated_at",
    "update_time",
    "generation",
    "metageneration",
    "resource_version",
    "self_link",
    "status",
    "latest_restorable_time",
    "usage",
    "metadata_fingerprint",
    "effective_labels",
    "terraform_labels",
];

#[derive(Deserialize)]
struct Document {
    format_version: Option<String>,
    terraform_version: Option<String>,
    timestamp: Option<String>,
    #[serde(default)]
    errored: bool,
    complete: Option<bool>,
    planned_values: Option<Value>,
    prior_state: Option<Value>,
    #[serde(default)]
    resource_drift: Vec<ResourceChange>,
    resource_changes: Option<Vec<ResourceChange>>,
    #[serde(default)]
    deferred_changes: Vec<Value>,
    #[serde(default)]
    checks: Vec<CheckResult>,
}

#[derive(Deserialize)]
struct ResourceChange {
    address: String,
    previous_address: Option<String>,
    #[serde(default)]
    mode: String,
    #[serde(rename = "type", default)]
    kind: String,
    deposed: Option<String>,
    change: Changed,
}

#[derive(Deserialize)]
struct Changed {
    actions: Vec<String>,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    #[serde(default)]
    after_unknown: Value,
    #[serde(default)]
    replace_paths: Vec<Vec<Value>>,
}

#[derive(Deserialize)]
struct CheckResult {
    address: CheckAddress,
    status: String,
}

#[derive(Deserialize)]
struct CheckAddress {
    to_display: String,
}

/// What a plan says.
///
/// # Errors
/// If it is no plan, or one of a form that is not known. Nothing of its values is in the message.
pub(super) fn read(bytes: &[u8]) -> Result<Facts, String> {
    let document: Document = serde_json::from_slice(bytes).map_err(|e| match e.classify() {
        serde_json::error::Category::Eof => {
            format!("it ends in the middle, at line {}, column {}", e.line(), e.column())
        }
        serde_json::error::Category::Data => {
            format!("it has another form than a plan's, at line {}, column {}", e.line(), e.column())
        }
        _ => format!("it is not JSON, at line {}, column {}", e.line(), e.column()),
    })?;
    let version = document
        .format_version
        .as_deref()
        .ok_or("it has no `format_version`: it is not what `terraform show -json` prints")?;
    if !matches!(version.split('.').next(), Some("0" | "1")) {
        return Err("its `format_version` is not known: 0 and 1 are".into());
    }
    let Some(changes) = document.resource_changes.filter(|_| document.planned_values.is_some()).or_else(|| {
        // A plan that changes nothing may leave the list out; a state never has planned values.
        document.planned_values.as_ref().map(|_| Vec::new())
    }) else {
        return Err("it is a state and no plan: show the file that `terraform plan -out` wrote".into());
    };
    let managed = |change: &&ResourceChange| change.mode != "data";
    let losses =
        changes.iter().filter(managed).filter(|change| change.deposed.is_none()).filter_map(ResourceChange::loss);
    let changed = |change: &&ResourceChange| !change.change.does_nothing();
    let reverted: BTreeMap<&str, Vec<String>> =
        changes.iter().map(|change| (change.address.as_str(), change.change.attributes())).collect();
    let of_checks = document.checks.into_iter().filter(|check| check.status != "pass");
    Ok(Facts {
        version: document.terraform_version,
        made: document.timestamp.and_then(|text| text.parse::<Timestamp>().ok()),
        errored: document.errored,
        incomplete: document.complete == Some(false),
        deferred: document.deferred_changes.len(),
        objects: objects(document.prior_state.as_ref().and_then(|state| state.pointer("/values/root_module"))),
        drift: document.resource_drift.iter().filter(managed).filter_map(|it| it.drift(&reverted)).collect(),
        losses: losses.collect(),
        changes: changes.iter().filter(managed).filter(changed).map(|change| change.address.clone()).collect(),
        moved: changes
            .iter()
            .filter(managed)
            .filter_map(|change| Some((change.previous_address.clone()?, change.address.clone())))
            .filter(|(from, to)| from != to)
            .collect(),
        checks: of_checks
            .map(|check| Check { address: check.address.to_display, unknown: check.status == "unknown" })
            .collect(),
    })
}

/// The addresses of the managed objects of a module and of those below it. JSON is not nested without end.
fn objects(module: Option<&Value>) -> Vec<String> {
    let list = |name: &str| module.and_then(|module| module.get(name)).and_then(Value::as_array).into_iter().flatten();
    let own = list("resources").filter(|one| one.get("mode").and_then(Value::as_str) != Some("data"));
    // One without an address is one that no log tells of.
    let address = |one: &Value| one.get("address").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut all: Vec<String> = own.map(address).collect();
    all.extend(list("child_modules").flat_map(|child| objects(Some(child))));
    all
}

impl Changed {
    fn has(&self, action: &str) -> bool {
        self.actions.iter().any(|one| one == action)
    }

    fn does_nothing(&self) -> bool {
        self.actions.iter().all(|action| matches!(action.as_str(), "no-op" | "read"))
    }

    /// The names of the attributes of the first level that differ.
    fn attributes(&self) -> Vec<String> {
        let empty = BTreeMap::new();
        let table = |value: &Value| -> BTreeMap<String, Value> {
            value.as_object().map_or(empty.clone(), |table| table.iter().map(|(k, v)| (k.clone(), v.clone())).collect())
        };
        let (before, after) = (table(&self.before), table(&self.after));
        let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let none = Value::Null;
        let differs = |name: &&String| before.get(*name).unwrap_or(&none) != after.get(*name).unwrap_or(&none);
        let known =
            |name: &&String| self.after_unknown.get(name.as_str()).is_none_or(|unknown| unknown != &Value::Bool(true));
        names.into_iter().filter(differs).filter(known).cloned().collect()
    }
}

impl ResourceChange {
    fn told(&self, how: How, attributes: Vec<String>) -> Change {
        let (address, kind, previous) = (self.address.clone(), self.kind.clone(), self.previous_address.clone());
        Change { address, kind, how, previous, attributes }
    }

    /// What was changed outside of Terraform.
    fn drift(&self, reverted: &BTreeMap<&str, Vec<String>>) -> Option<Change> {
        if self.change.does_nothing() {
            return None;
        }
        if self.change.has("delete") {
            return Some(self.told(How::Deleted, Vec::new()));
        }
        // What the plan would change again is no noise.
        let again = reverted.get(self.address.as_str()).map_or(&[][..], Vec::as_slice);
        let tells = |name: &String| again.contains(name) || !NOISE.contains(&name.as_str());
        let attributes: Vec<String> = self.change.attributes().into_iter().filter(tells).collect();
        (!attributes.is_empty()).then(|| self.told(How::Changed, attributes))
    }

    /// What would be destroyed.
    fn loss(&self) -> Option<Change> {
        if self.change.has("forget") {
            return Some(self.told(How::Forgotten, Vec::new()));
        }
        if !self.change.has("delete") {
            return None;
        }
        let mut for_these: Vec<String> = self
            .change
            .replace_paths
            .iter()
            .filter_map(|path| path.first().and_then(Value::as_str).map(str::to_owned))
            .collect();
        for_these.dedup();
        let how = if self.change.has("create") { How::Replaced } else { How::Deleted };
        Some(self.told(how, for_these))
    }
}
