//! Where an object is written, in a dump or in a migration.

use super::Difference;
use super::statements::Statement;
use crate::migrations::lexer::{Reading, Word};
use crate::{Engine, Place, Position, Span};

/// A name without quotes, schema and arguments.
fn bare(name: &str) -> &str {
    let name = name.split_once('(').map_or(name, |(name, _)| name);
    let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
    name.trim_matches(['"', '`'])
}

fn is(word: &Word<'_>, name: &str) -> bool {
    word.text.trim_matches(['"', '`', '\'']).eq_ignore_ascii_case(name)
}

/// The place of its name, of a column's in its table.
fn within<'t>(words: &[Word<'t>], difference: &Difference) -> Option<Word<'t>> {
    let at = words.iter().position(|word| is(word, bare(&difference.name)))?;
    match &difference.column {
        Some(column) => words[at..].iter().skip(1).find(|word| is(word, bare(column))).copied(),
        None => words.get(at).copied(),
    }
}

fn place(path: &str, text: &str, word: Word<'_>) -> Place {
    let start = Position::of_byte(text, word.at);
    let end = Position::of_byte(text, word.end());
    Place::File { path: path.to_owned(), span: Some(Span { start, end }) }
}

/// In a dump: the statement that makes it, else one that names it.
pub(super) fn in_dump(path: &str, text: &str, statements: &[Statement<'_>], difference: &Difference) -> Place {
    let keyword = difference.kind.rsplit(' ').next().unwrap_or_default();
    let makes = |statement: &&Statement<'_>| {
        let name = bare(&difference.name);
        let mut first = statement.words.iter().take(12);
        first.clone().any(|word| word.is(keyword)) && first.any(|word| is(word, name))
    };
    let made = statements.iter().filter(makes).find_map(|it| within(&it.words, difference));
    let named = || statements.iter().find_map(|it| within(&it.words, difference));
    made.or_else(named)
        .map_or_else(|| Place::File { path: path.to_owned(), span: None }, |word| place(path, text, word))
}

/// In the last migration that names it.
pub(super) fn in_migrations<'a>(
    engine: Engine,
    scripts: impl DoubleEndedIterator<Item = (&'a str, &'a str)>,
    difference: &Difference,
) -> Option<Place> {
    scripts.rev().find_map(|(path, text)| {
        let words = Reading::by(engine).read(text, 0).0;
        within(&words, difference).map(|word| place(path, text, word))
    })
}
