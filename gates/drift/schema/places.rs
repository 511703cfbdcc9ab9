//! Where an object is written, in a dump or in a migration.

use std::collections::BTreeMap;

use super::Difference;
use super::statements::{Statement, split};
use crate::migrations::lexer::Word;
use crate::{Engine, Place, Position, Span};

/// So many words of a statement tell what it makes.
const HEAD: usize = 12;

/// A name without quotes, schema and arguments, in lower case.
fn bare(name: &str) -> String {
    let name = name.split_once('(').map_or(name, |(name, _)| name);
    let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
    plain(name)
}

fn plain(name: &str) -> String {
    name.trim_matches(['"', '`', '\'']).to_ascii_lowercase()
}

/// The statements of texts, by the names in them.
pub(super) struct Places<'t> {
    texts: Vec<Text<'t>>,
    statements: Vec<(usize, Vec<Word<'t>>)>,
    /// The statement, and which of its words it is first.
    names: BTreeMap<String, Vec<(usize, usize)>>,
}

struct Text<'t> {
    path: &'t str,
    /// Where lines begin.
    lines: Vec<usize>,
}

impl<'t> Places<'t> {
    /// Of a dump.
    pub fn of_dump(path: &'t str, text: &'t str, statements: &[Statement<'t>]) -> Self {
        let mut places = Self::empty();
        places.add(path, text, statements.iter().map(|statement| statement.words.clone()));
        places
    }

    /// Of migrations, in the order in which they run.
    pub fn of_scripts(engine: Engine, scripts: impl Iterator<Item = (&'t str, &'t str)>) -> Self {
        let mut places = Self::empty();
        for (path, text) in scripts {
            places.add(path, text, split(engine, text).statements.into_iter().map(|statement| statement.words));
        }
        places
    }

    const fn empty() -> Self {
        Self { texts: Vec::new(), statements: Vec::new(), names: BTreeMap::new() }
    }

    fn add(&mut self, path: &'t str, text: &'t str, statements: impl Iterator<Item = Vec<Word<'t>>>) {
        let lines = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        self.texts.push(Text { path, lines });
        for words in statements {
            let number = self.statements.len();
            for (at, word) in words.iter().enumerate() {
                let of_name = self.names.entry(plain(word.text)).or_default();
                if of_name.last().is_none_or(|(last, _)| *last != number) {
                    of_name.push((number, at));
                }
            }
            self.statements.push((self.texts.len() - 1, words));
        }
    }

    /// The first statement that makes it, else the first that names it.
    pub fn first(&self, difference: &Difference) -> Option<Place> {
        let keyword = difference.kind.rsplit(' ').next().unwrap_or_default();
        let named = self.names.get(&bare(&difference.name))?;
        let makes = |(statement, at): &&(usize, usize)| {
            *at < HEAD && self.statements[*statement].1.iter().take(HEAD).any(|word| word.is(keyword))
        };
        let at = |found: &(usize, usize)| self.within(*found, difference);
        named.iter().filter(makes).find_map(at).or_else(|| named.iter().find_map(at))
    }

    /// The last statement that names it.
    pub fn last(&self, difference: &Difference) -> Option<Place> {
        let named = self.names.get(&bare(&difference.name))?;
        named.iter().rev().find_map(|found| self.within(*found, difference))
    }

    /// The place of its name; of a column's in a statement that names the table.
    fn within(&self, (statement, at): (usize, usize), difference: &Difference) -> Option<Place> {
        let (text, words) = &self.statements[statement];
        let word = match &difference.column {
            Some(column) => {
                let column = bare(column);
                words.iter().skip(at + 1).find(|word| plain(word.text) == column)?
            }
            None => words.get(at)?,
        };
        let Text { path, lines } = &self.texts[*text];
        let position = |offset: usize| {
            let line = lines.partition_point(|start| *start <= offset).max(1);
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            Position { line: number(line), column: number(offset - lines[line - 1] + 1) }
        };
        let span = Span { start: position(word.at), end: position(word.end()) };
        Some(Place::File { path: (*path).to_owned(), span: Some(span) })
    }
}
