//! Which files are the reports of a layer.

use std::collections::BTreeSet;

use globset::GlobSet;

use crate::{Entry, EvidenceGlob, Failure, Kind, Tree, World};

/// How the names of files end that are taken from a folder or an archive, in small letters or capitals.
#[derive(Clone, Copy, Debug)]
pub struct Endings(&'static [&'static [&'static str]]);

const ARCHIVES: &[&str] = &["zip", "tgz", "tar.gz"];
/// Reports that were compressed alone.
const PACKED: &[&str] = &["xml.gz", "trx.gz", "json.gz", "jsonl.gz", "ndjson.gz", "tap.gz", "sarif.gz"];
const RESULTS: &[&str] = &["xml", "trx", "json", "jsonl", "ndjson", "tap", "sarif"];

/// Those of reports.
pub const IN_FOLDERS: Endings = Endings(&[RESULTS, PACKED, ARCHIVES]);
/// Those of reports of coverage.
pub(super) const COVERAGE: Endings = Endings(&[MEASURED, &["xml", "json", "xml.gz", "json.gz", "info.gz"], ARCHIVES]);
/// Those of what is stamped: reports, and coverage.
pub const STAMPED: Endings = Endings(&[RESULTS, PACKED, MEASURED, &["info.gz"], ARCHIVES]);
const MEASURED: &[&str] = &["info", "lcov", "out", "cov", "coverprofile"];

impl Endings {
    /// As a glob of files at any depth.
    pub fn glob(self) -> String {
        let letter = |c: char| match c {
            'a'..='z' => format!("[{c}{}]", c.to_ascii_uppercase()),
            other => other.to_string(),
        };
        let any_case = |ending: &&str| ending.chars().map(letter).collect::<String>();
        let endings: Vec<String> = self.0.iter().copied().flatten().map(any_case).collect();
        format!("**/*.{{{}}}", endings.join(","))
    }
}

/// The files that each pattern matches, and those of all of them, sorted, each once.
#[derive(Default)]
pub(super) struct Found {
    pub entries: Vec<Entry>,
    /// Links that lead to no file and no folder of the workspace, in the way to which reports may lie.
    pub astray: Vec<(String, Failure)>,
    /// The patterns that match nothing.
    pub without: Vec<String>,
}

/// A pattern matches files, or folders with all the reports in them. What one after `!` matches is left out.
pub(super) fn find(globs: &[EvidenceGlob], world: &World<'_>) -> Result<Found, Failure> {
    find_ending(globs, IN_FOLDERS, world)
}

/// The same, with the endings of the files that are taken from folders.
pub(super) fn find_ending(globs: &[EvidenceGlob], endings: Endings, world: &World<'_>) -> Result<Found, Failure> {
    let mut left_out = globset::GlobSetBuilder::new();
    for glob in globs.iter().filter_map(|glob| glob.as_str().strip_prefix('!')) {
        for glob in [glob.to_owned(), format!("{}/**", glob.trim_end_matches('/'))] {
            let glob = globset::GlobBuilder::new(&glob).literal_separator(true).build();
            left_out.add(glob.map_err(|e| Failure::new(e.to_string()))?);
        }
    }
    let left_out = left_out.build().map_err(|e| Failure::new(e.to_string()))?;
    let mut search = Search { endings, left_out, seen: BTreeSet::new(), found: Found::default(), world };
    for glob in globs.iter().map(EvidenceGlob::as_str).filter(|glob| !glob.starts_with('!')) {
        let glob = glob.trim_end_matches('/');
        let before = (search.found.entries.len(), search.found.astray.len());
        match real(glob, world) {
            Ok(glob) => search.below(&glob)?,
            Err((at, failure)) => search.found.astray.push((at, failure)),
        }
        if before == (search.found.entries.len(), search.found.astray.len()) {
            search.found.without.push(glob.into());
        }
    }
    let mut found = search.found;
    found.entries.sort();
    found.entries.dedup();
    found.astray.sort_by(|a, b| a.0.cmp(&b.0));
    found.astray.dedup_by(|a, b| a.0 == b.0);
    Ok(found)
}

/// The pattern with the links to folders replaced that it names before its first wildcard, so that a file has one path; or the one
/// that leads astray.
fn real(glob: &str, world: &World<'_>) -> Result<String, (String, Failure)> {
    let mut glob = glob.to_owned();
    for _ in 0..MOST_LINKS {
        let wild = glob.find(['*', '?', '[', '{', '\\']);
        let slashes = glob[..wild.unwrap_or(glob.len())].match_indices('/').map(|(end, _)| end);
        let ends = slashes.chain(wild.is_none().then_some(glob.len()));
        let mut next = None;
        for end in ends {
            let at = &glob[..end];
            match world.workspace.folder(at) {
                Ok(None) => {}
                Ok(Some(folder)) => {
                    next = Some(format!("{}{}", globset::escape(&folder), &glob[end..]));
                    break;
                }
                Err(failure) => return Err((at.into(), failure)),
            }
        }
        match next {
            Some(next) => glob = next,
            None => break,
        }
    }
    Ok(glob)
}

/// The folders with wildcards that a pattern goes through, and what it says below each. Those after `**`, which may be any, are not among
/// them.
fn through(glob: &str) -> Vec<(String, String)> {
    let is_closed = |part: &str| part.matches('{').count() == part.matches('}').count();
    let splits = glob.match_indices('/').map(|(at, _)| (&glob[..at], &glob[at + 1..]));
    let plain = splits.take_while(|(folders, _)| !folders.contains("**"));
    let wild = plain.filter(|(folders, _)| folders.contains(['*', '?', '[', '{']) && is_closed(folders));
    wild.map(|(folders, rest)| (folders.to_owned(), rest.to_owned())).collect()
}

/// Links that are followed one after another.
const MOST_LINKS: usize = 40;

/// What is looked for, and was found.
struct Search<'a> {
    endings: Endings,
    left_out: GlobSet,
    /// Patterns that links led to.
    seen: BTreeSet<String>,
    found: Found,
    world: &'a World<'a>,
}

impl Search<'_> {
    /// Adds the files that a pattern matches and those in the folders that it matches. Where a link leads to a folder, the files there
    /// are taken by their own paths.
    fn below(&mut self, glob: &str) -> Result<(), Failure> {
        self.world.cancel.check()?;
        let named = format!("{glob}/{}", self.endings.glob());
        let globs = [glob, &named];
        let is_named = super::coverage::glob_set(&globs)?;
        // Links too that are named otherwise: a folder that one leads to is not walked.
        let everything = format!("{glob}/**");
        let through = through(glob);
        let mut all = vec![glob, &everything];
        all.extend(through.iter().map(|(folders, _)| folders.as_str()));
        let found = self.world.workspace.find(Tree::Work, &all)?;
        let (entries, others): (Vec<Entry>, Vec<Entry>) =
            found.into_iter().partition(|entry| is_named.is_match(&entry.path));
        self.world.few_enough(entries.len(), &globs)?;
        let is_whole = super::coverage::glob_set(&[glob, &everything])?;
        let through = through
            .iter()
            .map(|(folders, rest)| Ok((super::coverage::glob_set(&[folders])?, rest)))
            .collect::<Result<Vec<_>, Failure>>()?;
        let links = entries.iter().chain(&others).filter(|entry| entry.kind == Kind::Link);
        let links: Vec<String> = links.map(|link| link.path.clone()).filter(|it| !self.left_out.is_match(it)).collect();
        let mut to_folders = BTreeSet::new();
        for link in links {
            match self.world.workspace.folder(&link) {
                Ok(None) => {}
                // The whole repository is nobody's folder of reports.
                Ok(Some(folder)) if folder.is_empty() => {
                    let failure =
                        Failure::new(format!("`{link}` leads to the root of the repository, which is not searched"));
                    to_folders.insert(link.clone());
                    self.found.astray.push((link, failure.help("leave the link out: name it after `!`")));
                }
                Ok(Some(folder)) => {
                    let at = globset::escape(&folder);
                    let rests = through.iter().filter(|(folders, _)| folders.is_match(&link));
                    let mut next: Vec<String> = rests.map(|(_, rest)| format!("{at}/{rest}")).collect();
                    next.extend(is_whole.is_match(&link).then_some(at));
                    to_folders.insert(link);
                    for glob in next {
                        if !self.left_out.is_match(&folder) && self.seen.insert(glob.clone()) {
                            self.below(&glob)?;
                        }
                    }
                }
                // One that is named like a report is told as one.
                Err(_) if entries.iter().any(|entry| entry.path == link) => {}
                Err(failure) => self.found.astray.push((link, failure)),
            }
        }
        let is_report = |entry: &Entry| {
            !self.left_out.is_match(&entry.path) && !is_stamp(&entry.path) && !to_folders.contains(&entry.path)
        };
        self.found.entries.extend(entries.into_iter().filter(is_report));
        Ok(())
    }
}

/// The name of a file that says from which commit the reports beside it were made.
pub(super) const STAMP: &str = "predeploy-stamp.json";

fn is_stamp(path: &str) -> bool {
    path.rsplit('/').next() == Some(STAMP)
}
