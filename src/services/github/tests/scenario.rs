//! A question, the answers of the server, and what must come of them, as data.
//!
//! In the files, `{ "$repeat": [3, x] }` stands for a list; `{ "$series": [1, 3, null, x] }` for a list of three in whose
//! texts `{n}` is an id made of 1, 2 and 3 and `{number}` the number itself, and with a name such as `"c#"` for an object with
//! the keys `c0`, `c1`, `c2`; `{ "$merge": [{ … }, { … }] }` for one object of several; `{ "$base": ["shipped", { … }] }` for `base/shipped.json` with some fields changed, and
//! `pull-request` for an answer with `base/pull_request.json` so changed.

use std::path::PathBuf;

use jiff::Timestamp;
use predeploy_gates::PeopleAsked;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Scenario {
    /// Why there is such a scenario.
    #[serde(rename = "about")]
    _about: String,
    pub(super) ask: Ask,
    /// There is a second token.
    #[serde(default)]
    pub(super) organization_token: bool,
    pub(super) answers: Vec<Answer>,
    /// How many requests may come.
    pub(super) requests: usize,
    pub(super) expect: Expect,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Ask {
    PullRequest(u64),
    PullRequestsWith(String),
    Deployments(String),
    Checks(String),
    MergeQueue(String),
    Shipped(Vec<String>),
    People(PeopleAsked),
    /// Since then.
    Remarks(Timestamp),
    Running(String),
    Settings(String),
    /// Of a pull request.
    Labels(u64),
    Ahead,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Answer {
    #[serde(default = "ok")]
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: Map<String, Value>,
    body: Option<Value>,
    pull_request: Option<Map<String, Value>>,
    /// What is under `repository`.
    repository: Option<Value>,
    errors: Option<Value>,
    /// What GitHub says that the query costs.
    points: Option<u64>,
    /// The connection ends after so many bytes of the body.
    pub(super) cut: Option<usize>,
    /// So many spaces instead of a body.
    spaces: Option<usize>,
    /// One byte at a time.
    #[serde(default)]
    pub(super) slow: bool,
}

fn ok() -> u16 {
    200
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Expect {
    /// All of the answer.
    pub(super) pull_request: Option<Value>,
    pub(super) numbers: Option<Value>,
    pub(super) deployments: Option<Value>,
    pub(super) shipment: Option<Value>,
    pub(super) checks: Option<Value>,
    pub(super) queued: Option<Value>,
    pub(super) people: Option<Value>,
    pub(super) remarks: Option<Value>,
    pub(super) running: Option<Value>,
    pub(super) settings: Option<Value>,
    pub(super) labels: Option<Value>,
    /// Some of its fields.
    pub(super) fields: Option<Map<String, Value>>,
    /// Lengths of its lists.
    pub(super) counts: Option<Map<String, Value>>,
    pub(super) review_commits: Option<Value>,
    pub(super) cost: Option<Value>,
    /// With which token each request comes; the ordinary one if nothing is said.
    pub(super) tokens: Option<Vec<String>>,
    pub(super) failure: Option<String>,
    pub(super) help: Option<String>,
    /// Where the rest is the words of another library.
    pub(super) failure_starts: Option<String>,
}

pub(super) fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "forge"].iter().collect()
}

impl Scenario {
    pub(super) fn read(name: &str) -> Self {
        serde_json::from_value(json_file(name)).unwrap()
    }
}

pub(super) fn json_file(name: &str) -> Value {
    let path = folder().join(name).with_extension("json");
    expand(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn expand(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            if let Some(repeat) = object.get("$repeat") {
                let times = usize::try_from(repeat[0].as_u64().unwrap()).unwrap();
                return Value::Array(vec![expand(repeat[1].clone()); times]);
            }
            if let Some(series) = object.get("$series") {
                let (first, count) = (series[0].as_u64().unwrap(), series[1].as_u64().unwrap());
                let template = expand(series[3].clone());
                let each = (0..count).map(|n| filled(&template, first + n));
                return match series[2].as_str() {
                    None => each.collect(),
                    Some(key) => each.enumerate().map(|(n, value)| (key.replace('#', &n.to_string()), value)).collect(),
                };
            }
            if let Some(parts) = object.get("$merge") {
                let parts = parts.as_array().unwrap().iter().cloned().map(expand);
                return parts.flat_map(|part| part.as_object().unwrap().clone()).collect();
            }
            if let Some(base) = object.get("$base") {
                let mut of = json_file(&format!("base/{}", base[0].as_str().unwrap()));
                of.as_object_mut().unwrap().extend(expand(base[1].clone()).as_object().unwrap().clone());
                return of;
            }
            object.into_iter().map(|(key, value)| (key, expand(value))).collect()
        }
        Value::Array(array) => array.into_iter().map(expand).collect(),
        other => other,
    }
}

fn filled(template: &Value, n: u64) -> Value {
    match template {
        Value::String(text) if text == "{number}" => json!(n),
        Value::String(text) => json!(text.replace("{n}", &format!("{n:040}"))),
        Value::Array(array) => array.iter().map(|value| filled(value, n)).collect(),
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), filled(value, n))).collect(),
        other => other.clone(),
    }
}

impl Answer {
    pub(super) fn body(&self) -> Vec<u8> {
        let repository = match (&self.pull_request, &self.repository) {
            (Some(changes), _) => {
                let mut of = json_file("base/pull_request");
                of.as_object_mut().unwrap().extend(changes.clone());
                Some(json!({ "pullRequest": of }))
            }
            (None, repository) => repository.clone(),
        };
        if let Some(repository) = repository {
            let mut body = json!({ "data": { "repository": repository } });
            if let Some(points) = self.points {
                body["data"]["rateLimit"] =
                    json!({ "cost": points, "remaining": 900, "resetAt": "2026-11-01T11:00:00Z" });
            }
            if let Some(errors) = &self.errors {
                body["errors"] = errors.clone();
            }
            return serde_json::to_vec(&body).unwrap();
        }
        if let Some(spaces) = self.spaces {
            return vec![b' '; spaces];
        }
        match &self.body {
            Some(Value::String(text)) => text.clone().into_bytes(),
            Some(body) => serde_json::to_vec(body).unwrap(),
            None => Vec::new(),
        }
    }
}
