//! The files of a set, read from the commit; values become fingerprints here and go no further.

use std::collections::BTreeSet;

use super::{Beside, Called, Dialect, Format, Read, Reader, Reading, Refused, Tool, Wrong, read, template};
use crate::drift::environments::Declared;
use crate::drift::evidence::{self, Content, Layer, Origin, Type};
use crate::drift::policy::Whole;
use crate::drift::values::Values;
use crate::{Failure, Place, Source, Span, Tree, World};

const MARK: &str = "\u{feff}";

/// The files of each environment of a set; `values` tells facts of theirs.
pub(in crate::drift) fn read_set(
    set: &Whole<'_>,
    values: &[Values],
    world: &World<'_>,
) -> Result<Vec<Vec<evidence::File>>, Failure> {
    let mut environments = Vec::new();
    for (name, values) in set.names().into_iter().zip(values) {
        let mut files = Vec::new();
        for file in set.environments.of(name) {
            let loaders = if file.loaders().is_empty() { &set.loaders } else { file.loaders() };
            files.extend(File { file, loaders, environment: name, values, world, tree: Tree::Head }.read()?);
        }
        environments.push(files);
    }
    let several = environments.iter().any(|files| files.len() > 1);
    let objects = several || environments.iter().flatten().any(|found| found.called.named);
    for files in &mut environments {
        let namespaces: BTreeSet<&String> = files.iter().flat_map(|found| &found.called.namespaces).collect();
        let namespaces = namespaces.len() > 1;
        for found in files {
            let called = &found.called;
            if (objects && called.alone) || (namespaces && called.named) {
                (found.content, _) = found.declared.content(&found.path, Beside { objects, namespaces });
            }
        }
    }
    let file = |found: Found<'_>| evidence::File { path: found.path, origin: Origin::File, content: found.content };
    Ok(environments.into_iter().map(|files| files.into_iter().map(file).collect()).collect())
}

/// One file beside those of the set.
pub(in crate::drift) fn read_one(
    path: &str,
    tree: Tree,
    set: &Whole<'_>,
    values: &Values,
    world: &World<'_>,
) -> evidence::File {
    let file = &Declared::plain(path);
    let file = File { file, loaders: &set.loaders, environment: "", values, world, tree };
    let (content, _) = file.content(path, Beside::default());
    evidence::File { path: path.to_owned(), origin: Origin::File, content }
}

/// What the policy says of a file.
#[derive(Clone, Copy)]
struct File<'a> {
    file: &'a Declared,
    loaders: &'a [Dialect],
    environment: &'a str,
    values: &'a Values,
    world: &'a World<'a>,
    tree: Tree,
}

/// A file, and what it holds.
struct Found<'a> {
    declared: File<'a>,
    path: String,
    content: Content,
    called: Called,
}

impl<'a> File<'a> {
    /// The file, or all that match, sorted by path.
    fn read(self) -> Result<Vec<Found<'a>>, Failure> {
        self.world.cancel.check()?;
        let path = self.file.path.as_str();
        let found = |path: &str| {
            let (content, called) = self.content(path, Beside::default());
            Found { declared: self, path: path.into(), content, called }
        };
        let none = |content| vec![Found { declared: self, path: path.into(), content, called: Called::default() }];
        if !self.file.is_glob() || matches!(self.world.workspace.open(Tree::Head, path), Ok(Some(_))) {
            return Ok(vec![found(path)]);
        }
        let entries = match self.world.find(Tree::Head, &[path]) {
            Ok(entries) => entries,
            Err(failure) => return Ok(none(Content::Unreadable(failure))),
        };
        if entries.is_empty() {
            let at_base = || self.world.find(Tree::Base, &[path]).is_ok_and(|found| !found.is_empty());
            let vanished = self.world.change.base.is_some() && at_base();
            return Ok(none(if vanished { Content::Vanished } else { Content::Missing }));
        }
        let mut all = Vec::new();
        for entry in entries {
            self.world.cancel.check()?;
            all.push(found(&entry.path));
        }
        Ok(all)
    }

    fn content(&self, path: &str, beside: Beside) -> (Content, Called) {
        let nothing = |content| (content, Called::default());
        match self.world.read(self.tree, path) {
            Ok(Some(source)) => match self.keys(path, &source, beside) {
                Ok((content, _)) if holds_nothing(&content) && self.had_keys(path) => nothing(Content::Emptied),
                Ok(found) => found,
                Err(failure) => nothing(Content::Unreadable(failure)),
            },
            Ok(None) if self.was_at_base(path) => nothing(Content::Vanished),
            Ok(None) => nothing(Content::Missing),
            Err(failure) => nothing(Content::Unreadable(failure)),
        }
    }

    fn was_at_base(&self, path: &str) -> bool {
        self.world.change.base.is_some() && matches!(self.world.workspace.open(Tree::Base, path), Ok(Some(_)))
    }

    /// Whether the file held a key where the change starts from.
    fn had_keys(&self, path: &str) -> bool {
        let before = Self { tree: Tree::Base, ..*self };
        self.tree == Tree::Head
            && self.was_at_base(path)
            && !matches!(before.content(path, Beside::default()).0, content if holds_nothing(&content))
    }

    fn keys(&self, path: &str, source: &Source, beside: Beside) -> Result<(Content, Called), Failure> {
        let format = self.file.format.or_else(|| Format::of(path));
        let format = format.ok_or_else(|| {
            Failure::new(format!("the name of `{path}` does not tell its format"))
                .help("say it with `format`, or narrow the pattern")
        })?;
        if let Some(tool) = super::ciphertext::of_file(&source.bytes) {
            return Err(Failure::new(format!(
                "`{path}` is encrypted by {tool}, so that nothing in it can be compared"
            ))
            .help("compare snapshots that are made where it is decrypted: `predeploy drift snapshot`")
            .at(Place::File { path: path.into(), span: None }));
        }
        let text = source.text(path).map_err(|failure| in_utf16(path, source).unwrap_or(failure))?;
        if text.contains('\0') {
            return Err(in_utf16(path, source)
                .unwrap_or_else(|| Failure::new(format!("`{path}` is a binary file: it holds a zero byte"))));
        }
        // Some loaders of dotenv files trip over a byte-order mark.
        let marked = source.bytes.starts_with(MARK.as_bytes()) && format == Format::Dotenv && !self.loaders.is_empty();
        let with_mark = marked.then(|| format!("{MARK}{text}"));
        let text = with_mark.as_deref().unwrap_or(text);
        let reading = Reading {
            depth: self.world.limits.depth,
            salt: self.world.salt,
            values: self.values,
            loaders: self.loaders,
            reader: Reader::of(path, self.file.profile.as_ref(), self.environment),
            tool: Tool::of(path),
            beside,
        };
        let Read { keys, ambiguous, called, names, replacing } = read(format, text, reading).map_err(|refused| {
            let Refused { wrong: Wrong { what, at }, help } = refused;
            let place = at.map_or_else(String::new, |at| format!(" at line {}, column {}", at.line, at.column));
            let span = at.map(|at| Span { start: at, end: at });
            let line = at.map_or(0, |at| at.line);
            let (message, help) = match help {
                Some(help) => (format!("`{path}` cannot be compared{place}: {what}"), help),
                None if template::is_one(text, line) => (
                    format!("`{path}` is a template{place}, and no {}", format.word()),
                    "give what it becomes when it is rendered, such as the output of `helm template`",
                ),
                None => (
                    format!("`{path}` is not valid {}{place}: {what}", format.word()),
                    "correct the line; until then nothing can be said about this environment",
                ),
            };
            Failure::new(message).help(help).at(Place::File { path: path.into(), span })
        })?;
        let layer = Layer { adds: called.adds, any_case: format == Format::Ini, replacing };
        let content = Content::Keys { resolved: source.resolved.clone(), made: None, keys, ambiguous, names, layer };
        Ok((content, called))
    }
}

fn holds_nothing(content: &Content) -> bool {
    matches!(content, Content::Keys { keys, .. } if keys.iter().all(|key| key.kind == Type::Table))
}

/// Said of a file that begins as UTF-16 does.
fn in_utf16(path: &str, source: &Source) -> Option<Failure> {
    let is = [b"\xff\xfe", b"\xfe\xff"].iter().any(|mark| source.bytes.starts_with(*mark));
    is.then(|| Failure::new(format!("`{path}` is UTF-16, which loaders do not read")).help("save the file as UTF-8"))
}
