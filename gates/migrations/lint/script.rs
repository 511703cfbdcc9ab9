//! A script of the change as the static rules see it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::engine::Database;
use super::super::layout::Script;
use super::super::lexer::Word;
use super::action::{self, Action};
use super::remark::Remark;
use super::statement::{self, Name, Statement};
use crate::{Excerpt, Position, Rule, Span};

/// One direction of a migration, read.
pub(super) struct Side<'a> {
    pub script: &'a Script,
    /// Index into the set's migrations.
    pub migration: usize,
    pub is_down: bool,
    /// Of its pieces, in the order in which they run: how many statements each has.
    pub pieces: Vec<usize>,
    /// In the order in which they run.
    pub statements: Vec<Statement<'a>>,
    /// What each statement does.
    pub actions: Vec<Vec<Action>>,
    pub comments: Vec<Word<'a>>,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
    /// Start and end of each statement and its index, in the order of the file.
    places: Vec<(usize, usize, usize)>,
}

impl<'a> Side<'a> {
    pub fn read(script: &'a Script, migration: usize, is_down: bool, database: Option<Database>) -> Self {
        let mut side = Self {
            script,
            migration,
            is_down,
            pieces: vec![],
            statements: vec![],
            actions: vec![],
            comments: vec![],
            lines: std::iter::once(0).chain(script.text.match_indices('\n').map(|(at, _)| at + 1)).collect(),
            places: vec![],
        };
        for piece in &script.pieces {
            let (statements, comments) = statement::read(&script.text[piece.clone()], piece.start, database);
            side.pieces.push(statements.len());
            side.statements.extend(statements);
            side.comments.extend(comments);
        }
        side.actions = side.statements.iter().map(action::of).collect();
        side.places = side.statements.iter().enumerate().map(|(i, s)| (s.start(), s.end(), i)).collect();
        side.places.sort_unstable();
        side
    }

    /// The file with nothing but what runs: all else is white space, so that offsets stay. A piece that its framework ends
    /// without a semicolon gets one.
    pub fn masked(&self) -> Cow<'a, str> {
        let text = &self.script.text;
        let whole = 0..text.len();
        if self.script.pieces.as_slice() == std::slice::from_ref(&whole) {
            return Cow::Borrowed(text);
        }
        let mut pieces: Vec<_> = self.script.pieces.iter().collect();
        pieces.sort_by_key(|piece| piece.start);
        let mut masked = String::with_capacity(text.len() + 1);
        for piece in pieces {
            let gap = &text[masked.len().min(piece.start)..piece.start];
            masked.extend(gap.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
            if masked.trim_end().ends_with(|c| c != ';') && masked.ends_with([' ', '\n']) {
                // The gap is a line of the framework's own at least.
                masked.pop();
                masked.push(';');
            }
            masked.push_str(&text[piece.clone()]);
        }
        Cow::Owned(masked)
    }

    /// A remark at the bytes `range` of the file, which still lacks its excerpt.
    pub fn remark(&self, rule: &'static Rule, message: impl Into<String>, range: std::ops::Range<usize>) -> Remark {
        let start = self.position(range.start);
        // Only the first line of what is long is marked.
        let line_end = self.lines.get(start.line as usize).map_or(self.script.text.len(), |next| next - 1);
        let end = self.position(range.end.min(line_end).max(range.start));
        Remark {
            rule: rule.id.into(),
            severity: rule.severity,
            message: message.into(),
            help: None,
            path: self.script.path.clone(),
            span: Some(Span { start, end }),
            excerpt: None,
            migration: Some(self.migration),
            is_down: self.is_down,
            same_as: None,
        }
    }

    fn position(&self, offset: usize) -> Position {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let one_based = |before: usize| u32::try_from(before).unwrap_or(u32::MAX - 1) + 1;
        Position { line: one_based(line - 1), column: one_based(offset - self.lines[line - 1]) }
    }

    /// The lines around a remark on this script.
    pub fn excerpt(&self, remark: &Remark) -> Option<Excerpt> {
        remark.span.map(|span| Excerpt::around(&self.script.text, span))
    }

    /// A remark at a statement.
    pub fn at_statement(&self, rule: &'static Rule, message: impl Into<String>, statement: usize) -> Remark {
        let statement = &self.statements[statement];
        self.remark(rule, message, statement.start()..statement.end())
    }

    /// The statement in which a byte of the file lies.
    pub fn statement_at(&self, offset: usize) -> Option<usize> {
        let next = self.places.partition_point(|(_, end, _)| *end < offset);
        self.places.get(next).filter(|(start, ..)| *start <= offset).map(|(.., i)| *i)
    }

    pub fn deeds(&self) -> impl Iterator<Item = (usize, &Action)> {
        self.actions.iter().enumerate().flat_map(|(i, actions)| actions.iter().map(move |a| (i, a)))
    }
}

/// Tables and other objects that the change itself creates: they hold no rows, and nobody waits for them.
#[derive(Default)]
pub(super) struct Created {
    tables: Made,
    others: Made,
}

/// Objects by their names without a schema, and when they were made.
type Made = BTreeMap<String, Vec<(Name, Moment)>>;

/// When something happens: the migration, the statement in its up.
pub(super) type Moment = (usize, usize);

/// Behind all ups of the change.
pub(super) const AFTER_ALL: Moment = (usize::MAX, usize::MAX);

fn add(made: &mut Made, name: &Name, at: Moment) {
    made.entry(name.name.clone()).or_default().push((name.clone(), at));
}

fn has(made: &Made, name: &Name, at: Moment) -> bool {
    made.get(&name.name).is_some_and(|all| all.iter().any(|(n, made)| *made < at && n.is(name)))
}

impl Created {
    pub fn of(sides: &[Side<'_>]) -> Self {
        let mut created = Self::default();
        for side in sides.iter().filter(|side| !side.is_down) {
            for (statement, action) in side.deeds() {
                let at = (side.migration, statement);
                match action {
                    Action::CreateTable(name) => add(&mut created.tables, name, at),
                    Action::Create { kind, name, .. } if kind == "view" => add(&mut created.tables, name, at),
                    Action::Create { name, .. } => add(&mut created.others, name, at),
                    Action::RenameTable { from, to } if created.has(from, at) => add(&mut created.tables, to, at),
                    _ => {}
                }
            }
        }
        created
    }

    /// Whether a table is new when a statement meets it.
    pub fn has(&self, table: &Name, at: Moment) -> bool {
        has(&self.tables, table, at)
    }

    /// Everything that the statement works on is new.
    pub fn has_all_of(&self, actions: &[Action], at: Moment) -> bool {
        let is_new = |action: &Action| match action {
            Action::Drop { name, .. } => has(&self.others, name, at) || self.has(name, at),
            Action::CreateTable(_) => true,
            action => action.table().is_some_and(|table| self.has(table, at)),
        };
        !actions.is_empty() && actions.iter().all(is_new)
    }
}

impl Side<'_> {
    pub fn moment(&self, statement: usize) -> Moment {
        if self.is_down { AFTER_ALL } else { (self.migration, statement) }
    }
}
