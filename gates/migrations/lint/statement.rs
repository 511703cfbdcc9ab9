//! The statements of a script, as words.

use super::super::engine::Database;
use super::super::lexer::{Reading, Word, in_name};

/// The words of one statement, without the semicolon; never empty.
pub(super) struct Statement<'a> {
    pub words: Vec<Word<'a>>,
}

impl<'a> Statement<'a> {
    pub fn start(&self) -> usize {
        self.words.first().map_or(0, |w| w.at)
    }

    pub fn end(&self) -> usize {
        self.words.last().map_or(0, Word::end)
    }

    /// Whether it begins with these keywords.
    pub fn begins(&self, keywords: &[&str]) -> bool {
        self.words.len() >= keywords.len() && self.words.iter().zip(keywords).all(|(w, k)| w.is(k))
    }

    pub fn has(&self, keyword: &str) -> bool {
        self.words.iter().any(|w| w.is(keyword))
    }

    /// The keywords follow each other somewhere.
    pub fn has_row(&self, keywords: &[&str]) -> bool {
        self.words.windows(keywords.len()).any(|here| here.iter().zip(keywords).all(|(w, k)| w.is(k)))
    }

    /// The bodies between dollars of a `DO` or of a function.
    pub fn bodies(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.words.iter().filter_map(Word::body)
    }
}

/// The statements and the comments of a text whose first byte is at `base`.
pub(super) fn read<'a>(sql: &'a str, base: usize, database: Option<Database>) -> (Vec<Statement<'a>>, Vec<Word<'a>>) {
    let (words, comments) = Reading::of(database).read(sql, base);
    let mut statements = vec![];
    let mut open: Vec<Word<'a>> = vec![];
    // How many `BEGIN` and `CASE` of a trigger or routine have no `END` yet.
    let mut blocks = 0_usize;
    for word in words {
        if word.text == ";" && blocks == 0 {
            if !open.is_empty() {
                statements.push(Statement { words: std::mem::take(&mut open) });
            }
            continue;
        }
        if is_routine(&open) {
            if word.is_any(&["begin", "case"]) && !open.last().is_some_and(|w| w.is("end")) {
                blocks += 1;
            } else if word.is("end") {
                blocks = blocks.saturating_sub(1);
            } else if word.is_any(&["if", "loop", "while", "repeat"]) && open.last().is_some_and(|w| w.is("end")) {
                // `END IF` closes what no `BEGIN` opened.
                blocks += 1;
            }
        }
        open.push(word);
    }
    if !open.is_empty() {
        statements.push(Statement { words: open });
    }
    (statements, comments)
}

/// Whether the words begin a trigger or routine, which holds statements.
fn is_routine(words: &[Word<'_>]) -> bool {
    words.first().is_some_and(|w| w.is("create"))
        && words.iter().take(8).any(|w| w.is_any(&["trigger", "procedure", "function", "event"]))
}

/// The name of a table, column or other object.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub schema: Option<String>,
    pub name: String,
    /// Where it stands, in bytes.
    pub at: usize,
}

impl Name {
    /// The same object, as far as the text tells: where one leaves the schema out it may be any.
    pub fn is(&self, other: &Self) -> bool {
        self.name == other.name
            && match (self.schema(), other.schema()) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            }
    }

    /// The schema, unless it is the one that is meant where none is said.
    fn schema(&self) -> Option<&str> {
        self.schema.as_deref().filter(|schema| !matches!(*schema, "public" | "main"))
    }

    /// Reads `a`, `"a"`, `a.b`, `a.b.c` and gives what follows.
    pub fn read(words: &[Word<'_>]) -> Option<(Self, usize)> {
        let at = words.first()?.at;
        let mut parts = vec![unquoted(words.first()?)?];
        let mut next = 1;
        while words.get(next).is_some_and(|w| w.text == ".") {
            parts.push(unquoted(words.get(next + 1)?)?);
            next += 2;
        }
        let name = parts.pop()?;
        Some((Self { schema: parts.pop(), name, at }, next))
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A name without its quotes; in lower case where it has none.
fn unquoted(word: &Word<'_>) -> Option<String> {
    let text = word.text;
    let inside = |quote: char| Some(text.strip_prefix(quote)?.strip_suffix(quote)?.to_owned());
    match text.chars().next()? {
        '"' => inside('"'),
        '`' => inside('`'),
        // SQLite takes `'t'` for a name where one is expected.
        '\'' => inside('\''),
        c if in_name(c) => Some(text.to_lowercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_and_routines_hold_semicolons() {
        let count = |sql: &str| read(sql, 0, None).0.len();
        assert_eq!(count("SELECT 1;; SELECT 2"), 2);
        assert_eq!(
            count("CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1; DELETE FROM d; END; SELECT 1;"),
            2
        );
        assert_eq!(count("CREATE TRIGGER t BEGIN SELECT CASE WHEN a THEN 1 END; END; SELECT 1"), 2);
        assert_eq!(count("CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; END IF; END; SELECT 1"), 2);
        assert_eq!(count("CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN; END; $$ LANGUAGE plpgsql; SELECT 1"), 2);
        assert_eq!(count("BEGIN; SELECT 1; END; SELECT 2"), 4);
    }

    #[test]
    fn names_are_compared_as_far_as_they_are_said() {
        let name = |sql: &'static str| Name::read(&Reading::of(None).read(sql, 0).0).unwrap().0;
        assert!(name("Users").is(&name("public.\"users\"")));
        assert!(!name("a.users").is(&name("b.users")));
        assert_eq!(name("a . b.c").to_string(), "b.c");
    }
}
