//! Objects of Kubernetes as they are, against the manifests that declare them: what was changed by hand.
//!
//! Read is what `kubectl get -o json` or `-o yaml` prints. Compared are only fields that a manifest sets, as server-side apply does
//! (<https://kubernetes.io/docs/reference/using-api/server-side-apply/>): the rest is the server's and its controllers'. What the change itself
//! changes is no drift, so that the manifests of both its ends are held against what is there. Names of fields go further, values never.

mod compare;
mod gather;
mod judge;
mod lists;
mod objects;
mod read;
mod scalars;

#[cfg(test)]
mod cases;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::environments::Several;
use super::pattern::pattern_mistakes;
use crate::{EvidenceGlob, Failure, Mistake, Severity, Span, Text};
pub(super) use gather::gather;
pub(super) use judge::judge;

/// Objects of a cluster, and the manifests that declare them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Live {
    /// The files that `kubectl get -o json` (or `-o yaml`) wrote in this run.
    pub(super) objects: Several<EvidenceGlob>,
    /// The manifests in the repository.
    pub(super) manifests: Option<Several<EvidenceGlob>>,
    /// Manifests that were rendered in this run (`helm template`, `kustomize build`), in place of `manifests`.
    pub(super) rendered: Option<Several<EvidenceGlob>>,
    /// What was applied last, as it was found in this run (`helm get manifest`): what the change starts from, where manifests are rendered.
    pub(super) applied: Option<Several<EvidenceGlob>>,
    /// The environments that they are for; all if not given.
    pub(super) environments: Option<Vec<Text>>,
    /// The namespace of manifests that do not name one.
    pub(super) namespace: Option<Text>,
    /// The objects were asked for by the manifests (`kubectl get -f`): what is not among them is not there.
    #[serde(default)]
    pub(super) complete: bool,
    /// What an object does that no manifest declares, of a kind and a namespace of which they declare others; nothing if not given.
    pub(super) undeclared: Option<Undeclared>,
    /// What is never told: `KIND/NAMESPACE/NAME`, or `KIND/NAMESPACE/NAME#FIELD`, as patterns.
    #[serde(default)]
    pub(super) ignore: Vec<Text>,
}

/// What an object does that no manifest declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Undeclared {
    /// It is told.
    Warn,
    /// It blocks.
    Block,
}

impl Undeclared {
    const fn severity(self) -> Severity {
        match self {
            Self::Warn => Severity::Warning,
            Self::Block => Severity::Error,
        }
    }
}

impl Live {
    pub(super) fn mistakes(&self, path: &[&str]) -> Vec<Mistake> {
        let at = |key| [path, &[key]].concat();
        let mut mistakes = pattern_mistakes(&self.ignore, &at("ignore"));
        if self.objects.all().is_empty() {
            mistakes.push(Mistake::at(&at("objects"), "no file is named"));
        }
        for (key, globs) in [("manifests", &self.manifests), ("rendered", &self.rendered), ("applied", &self.applied)] {
            if globs.as_ref().is_some_and(|globs| globs.all().is_empty()) {
                mistakes.push(Mistake::at(&at(key), "no file is named"));
            }
        }
        match (&self.manifests, &self.rendered) {
            (None, None) => mistakes.push(Mistake::at(
                path,
                "nothing is declared to compare with: give `manifests`, or `rendered` for those that are made in this run",
            )),
            (Some(_), Some(_)) => {
                mistakes.push(Mistake::at(&at("rendered"), "it stands in place of `manifests`: give one of them"));
            }
            (Some(_), None) if self.applied.is_some() => mistakes.push(Mistake::at(
                &at("applied"),
                "what the change starts from is in the repository with `manifests`: it goes with `rendered`",
            )),
            _ => {}
        }
        mistakes
    }

    /// Whether they are for where the change goes.
    fn applies(&self, environment: Option<&str>) -> bool {
        let named = |names: &Vec<Text>| environment.is_none_or(|to| names.iter().any(|name| name.as_str() == to));
        self.environments.as_ref().is_none_or(named)
    }
}

/// What was found for one entry of the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Evidence {
    /// Nothing where the change does not go there.
    found: Option<Result<Found, Failure>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Found {
    /// Manifests that are there where the change starts from, and that it removes altogether: a pattern that matches nothing any more.
    vanished: Vec<String>,
    /// How many objects are live.
    live: usize,
    /// It is known what the change starts from.
    base: bool,
    /// Those that the change declares.
    objects: Vec<Declared>,
    /// Live ones that nobody declares, beside those that somebody does.
    undeclared: Vec<String>,
    /// Live ones whose manifests the change takes away.
    leaving: Vec<Leaving>,
}

/// A live object that is declared where the change starts from, and nowhere where it ends.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Leaving {
    /// As of those that are declared.
    name: String,
    /// It is not as it was declared.
    differs: bool,
}

/// An object that a manifest declares.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Declared {
    /// `Deployment/shop/api`, `ClusterRole/reader`.
    name: String,
    /// The manifest.
    path: String,
    span: Span,
    state: State,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// It is live, and differs in these fields.
    Live(Vec<Difference>),
    /// It is new, and nothing is known of it.
    New,
    /// It is not among the live ones.
    Missing {
        /// Others of its kind and namespace are.
        others: bool,
        /// Its kind, and its namespace if it has one, for a message.
        kind: String,
    },
    /// It is live in another version of its kind, whose fields are others.
    OtherVersion { declared: String, live: String },
    /// It names no namespace, and several have one of its name.
    SeveralNamespaces(Vec<String>),
    /// Another file declares it, too.
    Twice(String),
}

/// A field that is not as the manifest says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Difference {
    /// `spec.template.spec.containers[api].image`.
    field: String,
    /// In the manifest.
    span: Span,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum How {
    Changed,
    /// The manifest sets it, and the live object has it not.
    Absent,
    /// An item or a key that the live object has besides those of the manifest.
    Added,
    /// The manifest has a variable or an expression there that something fills in, or ciphertext.
    Unrendered,
}
