//! Migrations that are code: some are read, none is run here, and all are compared with the base's.

pub(super) mod alembic;
pub(super) mod django;
pub(super) mod knex;
pub(super) mod rails;
mod rails_change;
mod script;
mod syntax;

use std::ops::Range;
use std::sync::Arc;

use super::evidence::{Deleted, Part, Standing};
use super::layout::{Folder, file_name, version};
use crate::{Excerpt, Position, Span, Tree, World};

impl Part {
    pub(super) fn forward(code: &Code, judged: bool) -> Self {
        Self::of_code(code, code.up_at, code.up_is_blank, judged)
    }

    pub(super) fn back(code: &Code, judged: bool) -> Option<Self> {
        code.down_at.map(|at| Self::of_code(code, at, code.down_is_blank, judged))
    }

    fn of_code(code: &Code, at: usize, blank: bool, judged: bool) -> Self {
        let start = Position::of_byte(&code.text, at);
        let span = Span { start, end: Span::of_line(&code.text, start.line).end.max(start) };
        let excerpt = judged.then(|| Excerpt::around(&code.text, span));
        // What the code does to the schema is known to nobody but the database.
        Self { path: code.path.clone(), span, excerpt, blank, may_change_schema: !blank }
    }
}

/// What a change does to the code of a folder.
#[derive(Default)]
pub(super) struct Changes {
    /// New, or changed where that is allowed: nothing is known of them.
    pub unknown: Vec<String>,
    pub edited: Vec<String>,
    pub deleted: Vec<Deleted>,
}

/// A migration that is code and is read.
#[derive(Clone)]
pub(super) struct Code {
    pub path: String,
    /// The whole file.
    pub text: Arc<str>,
    /// What counts when it is compared, without comments and layout: all but the way back.
    pub forward: String,
    /// The way back.
    pub back: String,
    /// Where each begins, in bytes.
    pub up_at: usize,
    pub down_at: Option<usize>,
    /// The way forward does nothing.
    pub up_is_blank: bool,
    pub down_is_blank: bool,
}

impl Code {
    /// A part of a text that is no program.
    pub fn of_text(path: &str, text: &Arc<str>, range: Range<usize>, rollback: Option<Range<usize>>) -> Self {
        let words = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
        let back = rollback.clone().unwrap_or(range.end..range.end);
        Self {
            path: path.into(),
            text: text.clone(),
            forward: words(&format!(
                "{} {}",
                &text[range.start..back.start],
                &text[back.end.min(range.end)..range.end]
            )),
            back: words(&text[back]),
            up_at: range.start,
            down_at: rollback.map(|range| range.start),
            up_is_blank: false,
            down_is_blank: false,
        }
    }

    /// What it is to the change, if the base has it too.
    pub fn standing(&self, base: &Self, repeatable: bool) -> Standing {
        if self.forward != base.forward {
            if repeatable {
                return Standing::New;
            }
            return Standing::Edited { before: base.text.to_string(), after: self.text.to_string() };
        }
        if self.back == base.back { Standing::Unchanged } else { Standing::DownChanged }
    }
}

pub(super) fn compare(world: &World<'_>, folder: &Folder, before: Option<&Folder>) -> Changes {
    let mut changes = Changes::default();
    let mut base: Vec<&String> = before.into_iter().flat_map(|b| &b.code).collect();
    // By their names first, so that of two with one version the right one is the new one.
    let by_name: Vec<Option<&String>> =
        folder.code.iter().map(|path| take(&mut base, |old| file_name(old) == file_name(path))).collect();
    let step = |path: &str| (version(folder.framework, file_name(path)), is_down(path));
    for (path, found) in folder.code.iter().zip(by_name) {
        let found = found.or_else(|| take(&mut base, |old| step(old) == step(path)));
        match found.map(|old| is_same(world, old, path)) {
            Some(Some(true)) => {}
            // A down may be mended.
            Some(Some(false)) if !is_down(path) => changes.edited.push(path.clone()),
            Some(Some(false) | None) | None => changes.unknown.push(path.clone()),
        }
    }
    let deleted = |path: &String| Deleted { name: file_name(path).to_owned(), path: path.clone() };
    changes.deleted = base.into_iter().map(deleted).collect();
    changes
}

fn take<'a>(from: &mut Vec<&'a String>, is_it: impl Fn(&str) -> bool) -> Option<&'a String> {
    from.iter().position(|path| is_it(path)).map(|i| from.remove(i))
}

fn is_down(path: &str) -> bool {
    path.ends_with(".down.go")
}

/// Whether the lines are the same, but for comments of whole lines and indentation. `None` if a file cannot be read.
fn is_same(world: &World<'_>, old: &str, new: &str) -> Option<bool> {
    let lines = |tree, path| {
        let source = world.read(tree, path).ok().flatten()?;
        let lines = source.text(path).ok()?.lines().map(str::trim).filter(|line| !is_void(line)).map(str::to_owned);
        Some(lines.collect::<Vec<String>>())
    };
    Some(lines(Tree::Base, old)? == lines(Tree::Head, new)?)
}

/// `//go:build` and its like are no comments, and neither is `// +build`: <https://pkg.go.dev/cmd/go#hdr-Build_constraints>.
fn is_void(line: &str) -> bool {
    line.is_empty() || line.strip_prefix("// ").is_some_and(|text| !text.trim_start().starts_with('+'))
}
