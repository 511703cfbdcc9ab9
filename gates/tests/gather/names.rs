//! Which file of the repository a file is that a report or a stack trace names.
//!
//! They name files as the machine that ran the tests saw them. A name is taken for a file only where one reading is likelier than all
//! others: never by its last part alone if another file could be meant as well.

use std::collections::{BTreeMap, BTreeSet};

use crate::tests::coverage::{Name, Read};
use crate::{Failure, Tree, World};

/// Largest `go.mod`, in bytes.
const GO_MOD: u64 = 1 << 20;

/// Folders of what others wrote.
pub(super) const DEPENDENCIES: &[&str] =
    &["node_modules", "site-packages", "dist-packages", ".cargo", ".rustup", "rustc", ".gem", "gems", ".m2", ".gradle"];

/// The files of a tree.
pub(super) struct Names {
    files: BTreeSet<String>,
    /// By the last part of the path.
    by_name: BTreeMap<String, Vec<String>>,
    /// Go's modules: import path and folder.
    modules: Vec<(String, String)>,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Means {
    File(String),
    /// One of these, of which none is likelier.
    Several(Vec<String>),
    /// No file of the repository.
    Foreign,
}

/// One way to read a name.
struct Reading {
    /// What may be the folder that the run stood in.
    root: String,
    /// The file of the repository that the name is then.
    file: String,
    /// The folder is one above the report.
    is_near: bool,
}

impl Means {
    fn file(self) -> Option<String> {
        match self {
            Self::File(path) => Some(path),
            Self::Several(_) | Self::Foreign => None,
        }
    }
}

impl Names {
    pub fn of(tree: Tree, world: &World<'_>) -> Result<Self, Failure> {
        world.cancel.check()?;
        let files: BTreeSet<String> =
            world.workspace.find(tree, &["**"])?.into_iter().map(|entry| entry.path).collect();
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut modules = Vec::new();
        for path in &files {
            let name = path.rsplit('/').next().unwrap_or(path);
            by_name.entry(name.to_owned()).or_default().push(path.clone());
            if name == "go.mod"
                && let Some(source) = world.workspace.read(tree, path, GO_MOD)?
                && let Some(module) = String::from_utf8_lossy(&source.bytes).lines().find_map(go_module)
            {
                modules.push((module, path.strip_suffix("go.mod").unwrap_or_default().to_owned()));
            }
        }
        Ok(Self { files, by_name, modules })
    }

    /// A repository with these files.
    #[cfg(test)]
    pub fn of_files(files: &[&str]) -> Self {
        let fake = files.iter().fold(crate::fake::Fake::new(), |fake, path| fake.file(path, ""));
        Self::of(Tree::Head, &fake.world()).unwrap()
    }

    pub fn contains(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    /// A file of the repository that the name would be if upper and lower case were the same.
    pub fn but_for_case(&self, name: &str) -> Option<&str> {
        let name = normal(&plain(name))?.to_lowercase();
        if name.split('/').any(|part| DEPENDENCIES.contains(&part)) {
            return None;
        }
        let is_it = |path: &&String| {
            let path = path.to_lowercase();
            let above = name.strip_suffix(&path);
            above.is_some_and(|above| above.is_empty() || (above.ends_with('/') && path.contains('/')))
        };
        self.files.iter().find(is_it).map(String::as_str)
    }

    /// The files of the repository that end in these parts, in whatever folder.
    fn ending_in(&self, parts: &str) -> Vec<&str> {
        let name = parts.rsplit('/').next().unwrap_or(parts);
        let ends =
            |path: &&String| path.strip_suffix(parts).is_some_and(|above| above.is_empty() || above.ends_with('/'));
        self.by_name.get(name).into_iter().flatten().filter(ends).map(String::as_str).collect()
    }

    /// The one file that ends in these parts, of several the one nearest to the report.
    pub fn only(&self, report: &str, parts: &str) -> Option<String> {
        nearest(report, &self.ending_in(parts)).file()
    }

    /// The one file of a package, which ends in these parts.
    pub fn in_package(&self, report: &str, parts: &str) -> Option<String> {
        self.package(report, parts).file()
    }

    /// What the names of one report stand for. `report` is its path.
    pub fn map<'a>(&self, report: &str, read: &'a Read) -> BTreeMap<&'a Name, Means> {
        let mut means: BTreeMap<&Name, Means> = BTreeMap::new();
        let mut read_by: Vec<(&Name, Vec<Reading>)> = Vec::new();
        for name in read.files.keys() {
            let text = plain(name.text());
            match name {
                Name::Package(_) => drop(means.insert(name, self.package(report, &text))),
                Name::Import(_) if !is_absolute(&text) && !text.starts_with('.') => {
                    means.insert(name, self.import(&text));
                }
                Name::Path(_) | Name::Import(_) if is_absolute(&text) => read_by.push((name, self.below(&text))),
                Name::Path(_) | Name::Import(_) => read_by.push((name, self.relative(report, &text, &read.sources))),
            }
        }
        // A run stood in one folder: the likeliest is the one that explains most names.
        let mut roots: BTreeMap<&str, u64> = BTreeMap::new();
        for reading in read_by.iter().flat_map(|(_, readings)| readings) {
            *roots.entry(&reading.root).or_default() += 1;
        }
        for (name, readings) in &read_by {
            let support = |reading: &&Reading| roots.get(reading.root.as_str()).copied().unwrap_or(0);
            let most = readings.iter().map(|reading| support(&reading)).max();
            let best: BTreeMap<&str, bool> = (readings.iter().filter(|reading| Some(support(reading)) == most))
                .map(|reading| (reading.file.as_str(), reading.is_near))
                .collect();
            let found: Vec<&str> = best.keys().copied().collect();
            // Folders that explain as many names: the one nearest to the report, if they all are above it.
            let is_near = best.values().all(|is_near| *is_near);
            let nearest = found.iter().max_by_key(|file| file.len()).filter(|_| is_near);
            let found = match (&*found, nearest) {
                ([], _) => Means::Foreign,
                ([only], _) | (_, Some(only)) => Means::File((*only).into()),
                (several, None) => Means::Several(several.iter().map(|file| (*file).to_owned()).collect()),
            };
            means.insert(name, found);
        }
        means
    }

    /// The readings of a relative path: below the sources that the report names, else from the folders above it.
    fn relative(&self, report: &str, name: &str, sources: &[String]) -> Vec<Reading> {
        let Some(name) = normal(name) else { return Vec::new() };
        let sources: Vec<String> = sources.iter().map(|source| plain(source)).collect();
        let mut roots: Vec<String> =
            sources.iter().filter(|source| !is_absolute(source)).filter_map(|it| normal(it)).collect();
        let is_near = roots.is_empty() && !sources.iter().any(|source| is_absolute(source));
        if is_near {
            let folders: Vec<&str> = report.split('/').collect();
            roots = (0..folders.len()).map(|depth| folders[..depth].join("/")).collect();
        }
        let at = |root: String| {
            let file = if root.is_empty() { name.clone() } else { format!("{root}/{name}") };
            self.contains(&file).then_some(Reading { root, file, is_near })
        };
        let mut readings: Vec<Reading> = roots.into_iter().filter_map(at).collect();
        let whole = sources.iter().filter(|source| is_absolute(source)).map(|source| format!("{source}/{name}"));
        readings.extend(whole.flat_map(|whole| self.below(&whole)));
        if readings.is_empty() && self.contains(&name) {
            readings.push(Reading { root: String::new(), file: name, is_near: false });
        }
        readings
    }

    /// The readings of an absolute path.
    fn below(&self, name: &str) -> Vec<Reading> {
        let Some(name) = normal(name) else { return Vec::new() };
        let parts: Vec<&str> = name.split('/').collect();
        let foreign = parts.iter().rposition(|part| DEPENDENCIES.contains(part)).map_or(0, |at| at + 1);
        let reading = |skipped: usize| {
            let file = parts[skipped..].join("/");
            // What lies in a folder of dependencies is the repository's only where it has that folder.
            let is_there = self.contains(&file) && (foreign == 0 || skipped < foreign);
            is_there.then(|| Reading { root: parts[..skipped].join("/"), file, is_near: false })
        };
        (0..parts.len().min(64)).filter_map(reading).collect()
    }

    fn package(&self, report: &str, name: &str) -> Means {
        let mut found = self.ending_in(name);
        // Kotlin's convention leaves out the packages that all have in common.
        let mut shorter = name;
        while found.is_empty() && name.ends_with(".kt") {
            let Some((_, rest)) = shorter.split_once('/') else { break };
            shorter = rest;
            found = self.ending_in(shorter);
        }
        nearest(report, &found)
    }

    fn import(&self, name: &str) -> Means {
        let of_module = |(module, folder): &(String, String)| {
            let rest = name.strip_prefix(module.as_str())?.strip_prefix('/')?;
            Some((module.len(), format!("{folder}{rest}")))
        };
        let mut found: Vec<(usize, String)> = self.modules.iter().filter_map(of_module).collect();
        let most = found.iter().map(|(length, _)| *length).max();
        found.retain(|(length, path)| Some(*length) == most && self.contains(path));
        match &*found {
            [] if self.modules.is_empty() && self.contains(name) => Means::File(name.into()),
            [] => Means::Foreign,
            [(_, path)] => Means::File(path.clone()),
            several => Means::Several(several.iter().map(|(_, path)| path.clone()).collect()),
        }
    }
}

/// Of several files the one that shares most folders with the report.
fn nearest(report: &str, found: &[&str]) -> Means {
    let shared = |path: &str| report.split('/').zip(path.split('/')).take_while(|(a, b)| a == b).count();
    let most = found.iter().map(|path| shared(path)).max();
    let best: Vec<&str> = found.iter().copied().filter(|path| Some(shared(path)) == most).collect();
    match &*best {
        [] => Means::Foreign,
        [only] => Means::File((*only).into()),
        several => Means::Several(several.iter().map(|path| (*path).to_owned()).collect()),
    }
}

/// With `/`, without what a module loader put around it.
pub(super) fn plain(name: &str) -> String {
    let name = name.strip_prefix("file://").unwrap_or(name);
    let name = webpack(name).unwrap_or(name);
    let name = name.split_once('?').map_or(name, |(path, _)| path);
    name.replace('\\', "/")
}

/// The path in a name of webpack's: `webpack://shop/./src/a.ts`, `webpack:///./src/a.ts`. The namespace may hold a `/` itself.
fn webpack(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("webpack://").or_else(|| name.strip_prefix("webpack-internal://"))?;
    rest.split_once("/./").or_else(|| rest.split_once('/')).map(|(_, path)| path)
}

pub(super) fn is_absolute(name: &str) -> bool {
    name.starts_with('/') || (name.get(1..3) == Some(":/") && name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Without empty parts, `.` and `..`; nothing where it leads above its beginning.
pub(super) fn normal(name: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn go_module(line: &str) -> Option<String> {
    let rest = line.trim().strip_prefix("module")?;
    let name = rest.strip_prefix([' ', '\t'])?.split("//").next()?.trim().trim_matches(['"', '`']);
    (!name.is_empty()).then(|| name.to_owned())
}
