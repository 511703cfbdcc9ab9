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
        let mut absolute: Vec<(&Name, Vec<(String, String)>)> = Vec::new();
        for name in read.files.keys() {
            let text = plain(name.text());
            let found = match name {
                Name::Package(_) => self.package(report, &text),
                Name::Import(_) if !is_absolute(&text) && !text.starts_with('.') => self.import(report, &text),
                Name::Path(_) | Name::Import(_) if is_absolute(&text) => {
                    absolute.push((name, self.below(&text)));
                    continue;
                }
                Name::Path(_) | Name::Import(_) => match self.relative(report, &text, &read.sources) {
                    Some(found) => found,
                    None => {
                        let whole = read.sources.iter().map(|source| format!("{}/{text}", plain(source)));
                        absolute.push((name, whole.flat_map(|whole| self.below(&whole)).collect()));
                        continue;
                    }
                },
            };
            means.insert(name, found);
        }
        // One machine has the repository in one folder: the likeliest is the one that explains most names.
        let mut roots: BTreeMap<&str, u64> = BTreeMap::new();
        for (root, _) in absolute.iter().flat_map(|(_, readings)| readings) {
            *roots.entry(root).or_default() += 1;
        }
        for (name, readings) in &absolute {
            let support = |root: &str| roots.get(root).copied().unwrap_or(0);
            let most = readings.iter().map(|(root, _)| support(root)).max().unwrap_or(0);
            let best: BTreeSet<&String> =
                readings.iter().filter(|(root, _)| support(root) == most).map(|(_, file)| file).collect();
            let found = match best.len() {
                0 => Means::Foreign,
                1 => best.first().map_or(Means::Foreign, |file| Means::File((*file).clone())),
                // As many names speak for each: the longest that is left of the name is the most that is known of it.
                _ => longest(&best),
            };
            means.insert(name, found);
        }
        means
    }

    /// From the folders above the report, and from the repository's root.
    fn relative(&self, report: &str, name: &str, sources: &[String]) -> Option<Means> {
        let name = normal(name)?;
        let folders: Vec<&str> = report.split('/').collect();
        let above = (0..folders.len()).map(|depth| folders[..depth].join("/"));
        let relative = sources.iter().map(|source| plain(source)).filter(|source| !is_absolute(source));
        let mut roots: Vec<String> = relative.filter_map(|source| normal(&source)).collect();
        let from_sources = !roots.is_empty();
        if !from_sources {
            roots = above.collect();
        }
        let at = |root: &String| if root.is_empty() { name.clone() } else { format!("{root}/{name}") };
        let found: BTreeSet<String> = roots.iter().map(at).filter(|path| self.contains(path)).collect();
        match found.len() {
            0 if self.contains(&name) => Some(Means::File(name)),
            // With absolute sources the name is looked for below them.
            0 if !sources.is_empty() => None,
            0 => Some(Means::Foreign),
            1 => found.into_iter().next().map(Means::File),
            _ => Some(Means::Several(found.into_iter().collect())),
        }
    }

    /// The readings of an absolute path: what may be the repository's folder, and the file in it.
    fn below(&self, name: &str) -> Vec<(String, String)> {
        let Some(name) = normal(name) else { return Vec::new() };
        let parts: Vec<&str> = name.split('/').collect();
        let foreign = parts.iter().rposition(|part| DEPENDENCIES.contains(part)).map_or(0, |at| at + 1);
        let reading = |skipped: usize| {
            let file = parts[skipped..].join("/");
            // What lies in a folder of dependencies is the repository's only where it has that folder.
            (self.contains(&file) && (foreign == 0 || skipped < foreign)).then(|| (parts[..skipped].join("/"), file))
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

    fn import(&self, report: &str, name: &str) -> Means {
        let of_module = |(module, folder): &(String, String)| {
            let rest = name.strip_prefix(module.as_str())?.strip_prefix('/')?;
            Some((module.len(), format!("{folder}{rest}")))
        };
        let mut found: Vec<(usize, String)> = self.modules.iter().filter_map(of_module).collect();
        let most = found.iter().map(|(length, _)| *length).max();
        found.retain(|(length, path)| Some(*length) == most && self.contains(path));
        match &*found {
            [] if self.modules.is_empty() => self.relative(report, name, &[]).unwrap_or(Means::Foreign),
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

fn longest(files: &BTreeSet<&String>) -> Means {
    let parts = |file: &str| file.split('/').count();
    let most = files.iter().map(|file| parts(file)).max();
    let mut best = files.iter().filter(|file| Some(parts(file)) == most);
    match (best.next(), best.next()) {
        (Some(only), None) => Means::File((*only).clone()),
        _ => Means::Several(files.iter().map(|file| (*file).clone()).collect()),
    }
}

/// With `/`, without what a module loader put around it.
pub(super) fn plain(name: &str) -> String {
    let name = name.strip_prefix("file://").unwrap_or(name);
    let name = name.split_once('?').map_or(name, |(path, _)| path);
    name.replace('\\', "/")
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
