//! Reads the programs of the commit: names and places, no values.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::deployed;
use super::known::is_known;
use super::policy::Code;
use super::read::{self, Family};
use super::reads::{Need, Variable};
use crate::drift::evidence::{Content, Environment};
use crate::drift::runtimes::is_aside;
use crate::{EvidenceGlob, Failure, Kind, Span, Tree, World};

/// Largest program that is looked at, in bytes: larger ones are generated.
const LARGEST: usize = 2 << 20;
/// Most places that are kept of a variable.
const PLACES: usize = 20;
/// Most variables that are kept.
const VARIABLES: usize = 20_000;

/// What the code of a set reads.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct CodeEvidence {
    /// By name.
    pub(super) variables: Vec<Variable>,
    /// Programs that were looked at.
    pub(super) files: usize,
    /// Programs that were too large.
    pub(super) large: Vec<String>,
    /// Programs that could not be read.
    pub(super) unread: Vec<Failure>,
    /// The first place that takes all variables, or one whose name it computes: what is not named may be read there.
    pub(super) computed: Option<(String, Span)>,
    /// Keys of the environments that some program names, if only in a text.
    pub(super) mentioned: BTreeSet<String>,
    /// Variables that the code fails without and no environment declares, with the place in a file that deploys which names each.
    #[serde(default)]
    pub(super) deployed: BTreeMap<String, (String, u32)>,
}

impl CodeEvidence {
    /// The first place that fails without a variable.
    pub(in crate::drift) fn needed_at(&self, name: &str) -> Option<(&str, u32)> {
        let at = self.variables.binary_search_by(|variable| variable.name.as_str().cmp(name)).ok()?;
        let variable = &self.variables[at];
        let (path, span) = variable.places.first().filter(|_| variable.need == Need::Required)?;
        Some((path, span.start.line))
    }
}

pub(in crate::drift) fn gather(
    policy: &Code,
    environments: &[&Environment],
    world: &World<'_>,
) -> Result<CodeEvidence, Failure> {
    let find = |globs: &[EvidenceGlob]| -> Result<Vec<crate::Entry>, Failure> {
        let globs: Vec<&str> = globs.iter().map(EvidenceGlob::as_str).collect();
        if globs.is_empty() { Ok(Vec::new()) } else { world.find(Tree::Head, &globs) }
    };
    let ignored = find(&policy.ignore)?;
    let everywhere = policy.paths.is_empty();
    let all = if everywhere { world.find(Tree::Head, read::GLOBS)? } else { find(&policy.paths)? };
    let keys: BTreeSet<&str> = environments.iter().flat_map(|environment| keys(environment)).collect();
    let mut evidence = CodeEvidence::default();
    let mut found: BTreeMap<String, Variable> = BTreeMap::new();
    for entry in all.iter().filter(|entry| entry.kind == Kind::File) {
        let path = entry.path.as_str();
        let left_out = ignored.binary_search_by(|it| it.path.as_str().cmp(path)).is_ok();
        if left_out || is_test(path) || (everywhere && is_aside(path)) {
            continue;
        }
        let Some(family) = Family::of(path) else { continue };
        world.cancel.check()?;
        match text(path, world) {
            Ok(Some(text)) => evidence.take(path, family, &text, &keys, &mut found),
            Ok(None) => evidence.large.push(path.to_owned()),
            Err(failure) => evidence.unread.push(failure),
        }
        if found.len() > VARIABLES {
            return Err(Failure::new(format!("the code reads more than {VARIABLES} variables"))
                .help("narrow `paths` of `code`, or leave generated files out by `ignore`"));
        }
    }
    let wanted = found.values().filter(|it| it.need == Need::Required).map(|it| it.name.as_str());
    let wanted: BTreeSet<&str> = wanted.filter(|name| !keys.contains(name) && !is_known(name)).collect();
    evidence.deployed = deployed::named(&wanted, world)?;
    evidence.variables = found.into_values().collect();
    Ok(evidence)
}

/// The names of an environment's keys, without what is around them: of `services.web.environment.PORT` each part.
pub(super) fn keys(environment: &Environment) -> impl Iterator<Item = &str> {
    environment
        .files
        .iter()
        .flat_map(|file| match &file.content {
            Content::Keys { keys, .. } => keys.as_slice(),
            Content::Unreadable(_) | Content::Missing | Content::Vanished | Content::Emptied => &[],
        })
        .flat_map(|key| key.path.split(['.', '[', ']']))
        .filter(|part| !part.is_empty())
}

/// Tests and settings of test runners.
fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    name.split('.').any(|part| matches!(part, "test" | "spec" | "stories" | "cy" | "e2e" | "min"))
        || ["_test", "_spec", "Test", "Tests", "IT"].iter().any(|end| stem.ends_with(end))
        || stem.starts_with("test_")
        || matches!(name, "conftest.py" | "noxfile.py")
        || ["jest.config.", "vitest.config.", "playwright.config.", "cypress.config.", "karma.conf."]
            .iter()
            .any(|begin| name.starts_with(begin))
}

/// Nothing if it is too large. What is not UTF-8 is read with marks in the place of what is not: names are ASCII.
fn text(path: &str, world: &World<'_>) -> Result<Option<String>, Failure> {
    let Some(source) = world.read(Tree::Head, path)? else { return Ok(Some(String::new())) };
    if source.bytes.len() > LARGEST {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&source.bytes).into_owned()))
}

impl CodeEvidence {
    fn take(
        &mut self,
        path: &str,
        family: Family,
        text: &str,
        keys: &BTreeSet<&str>,
        found: &mut BTreeMap<String, Variable>,
    ) {
        self.files += 1;
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        self.mentioned.extend(words.filter(|word| keys.contains(word)).map(str::to_owned));
        let seen = read::read(family, text);
        if let Some(at) = seen.computed {
            self.computed.get_or_insert_with(|| (path.to_owned(), Span::of_bytes(text, at..at)));
        }
        for read in seen.reads {
            let variable = found.entry(read.name.clone()).or_insert_with(|| Variable {
                name: read.name,
                need: Need::Default,
                places: Vec::new(),
                count: 0,
            });
            variable.count += 1;
            let more = read.need > variable.need;
            if variable.places.len() < PLACES || more {
                let place = (path.to_owned(), Span::of_bytes(text, read.at));
                let at = if more { 0 } else { variable.places.len() };
                variable.places.insert(at, place);
                variable.places.truncate(PLACES);
            }
            variable.need = variable.need.max(read.need);
        }
    }
}
