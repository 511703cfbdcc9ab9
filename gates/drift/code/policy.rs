//! The settings of what is read from programs.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::drift::pattern::pattern_mistakes;
use crate::{EvidenceGlob, Mistake, Text};

/// Looks which variables the code reads.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Code {
    /// The code, as globs. Without it all programs of the repository, but for those in folders of examples, tests and documentation.
    #[serde(default)]
    pub(super) paths: Vec<EvidenceGlob>,
    /// Files that are not looked at.
    #[serde(default)]
    pub(super) ignore: Vec<EvidenceGlob>,
    /// Variables that something else provides, as patterns: `*` stands for anything.
    #[serde(default)]
    pub(super) provided: Vec<Text>,
}

impl Code {
    pub(in crate::drift) fn mistakes(&self, path: &[&str]) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for (key, globs) in [("paths", &self.paths), ("ignore", &self.ignore)] {
            for glob in globs {
                if let Err(error) = globset::Glob::new(glob.as_str()) {
                    let at = [path, &[key]].concat();
                    mistakes.push(Mistake::at(&at, format!("`{glob}` is not a glob: {}", error.kind())));
                }
            }
        }
        mistakes.extend(pattern_mistakes(&self.provided, &[path, &["provided"]].concat()));
        mistakes
    }
}
