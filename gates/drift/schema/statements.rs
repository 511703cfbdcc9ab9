//! The statements of a dump, as the program splits them that would load it.
//!
//! `psql` ends one at a semicolon outside of parentheses and of a body in SQL, and takes lines that begin with a backslash for itself
//! (<https://www.postgresql.org/docs/current/app-psql.html>); `mariadb` at the delimiter that the dump sets
//! (<https://mariadb.com/kb/en/delimiters/>); SQLite ends a trigger at `; END ;` (<https://sqlite.org/c3ref/complete.html>).

use crate::Engine;
use crate::migrations::lexer::{Reading, Word};

/// A statement as its words, those within MySQL's `/*! … */` among them.
pub(super) struct Statement<'t> {
    pub words: Vec<Word<'t>>,
    /// Where it begins and ends, in bytes.
    pub range: std::ops::Range<usize>,
}

/// A text as statements.
pub(super) struct Split<'t> {
    /// With one at the end that does not end.
    pub statements: Vec<Statement<'t>>,
    pub comments: Vec<Word<'t>>,
    /// Where that begins.
    pub open: Option<usize>,
}

/// All statements, and the comments between them.
pub(super) fn split(engine: Engine, text: &str) -> Split<'_> {
    let (words, comments) = Reading::by(engine).read(text, 0);
    let mut reader = Reader { engine, text, delimiter: ";", statements: Vec::new(), begun: Begun::default() };
    let mut behind = 0;
    for word in words {
        if word.at >= behind {
            behind = reader.take(word).unwrap_or(behind);
        }
    }
    let open = reader.begun.words.first().map(|first| first.at);
    reader.end();
    Split { statements: reader.statements, comments, open }
}

/// A statement that has not ended.
#[derive(Default)]
struct Begun<'t> {
    words: Vec<Word<'t>>,
    parentheses: usize,
    /// Of `BEGIN … END` and `CASE … END` in a body in SQL.
    blocks: usize,
}

struct Reader<'t> {
    engine: Engine,
    text: &'t str,
    delimiter: &'t str,
    statements: Vec<Statement<'t>>,
    begun: Begun<'t>,
}

impl<'t> Reader<'t> {
    /// Takes a word, and says up to where the words behind it are taken with it.
    fn take(&mut self, word: Word<'t>) -> Option<usize> {
        let line_end = || self.text[word.at..].find('\n').map_or(self.text.len(), |end| word.at + end);
        if self.begun.words.is_empty() {
            if self.engine == Engine::Postgresql && word.text == "\\" {
                return Some(line_end());
            }
            if self.engine == Engine::Mysql && word.is("delimiter") {
                let end = line_end();
                self.delimiter = Some(self.text[word.end()..end].trim()).filter(|it| !it.is_empty()).unwrap_or(";");
                return Some(end);
            }
        }
        if self.ends(word) {
            let end = word.at + self.delimiter.len();
            self.end();
            return Some(end);
        }
        match word.text {
            "(" => self.begun.parentheses += 1,
            ")" => self.begun.parentheses = self.begun.parentheses.saturating_sub(1),
            _ if makes_routine(&self.begun.words) => {
                if word.is("begin") || word.is("case") && self.begun.blocks > 0 {
                    self.begun.blocks += 1;
                } else if word.is("end") {
                    self.begun.blocks = self.begun.blocks.saturating_sub(1);
                }
            }
            _ => {}
        }
        self.begun.words.push(word);
        None
    }

    fn end(&mut self) {
        let Begun { words, .. } = std::mem::take(&mut self.begun);
        if let (Some(first), Some(last)) = (words.first(), words.last()) {
            let range = first.at..last.end();
            let words = if self.engine == Engine::Mysql { unfold(words) } else { words };
            self.statements.push(Statement { words, range });
        }
    }

    fn ends(&self, word: Word<'t>) -> bool {
        if !self.text[word.at..].starts_with(self.delimiter) {
            return false;
        }
        let words = &self.begun.words;
        match self.engine {
            Engine::Mysql => true,
            Engine::Postgresql => self.begun.parentheses == 0 && self.begun.blocks == 0,
            Engine::Sqlite => {
                let is_trigger = words.first().is_some_and(|word| word.is("create"))
                    && words.iter().take(3).any(|w| w.is("trigger"));
                let is_over = matches!(words.as_slice(), [.., before, end] if before.text == ";" && end.is("end"));
                !is_trigger || is_over
            }
        }
    }
}

/// `CREATE [OR REPLACE] FUNCTION | PROCEDURE`, which alone may have a body in SQL.
fn makes_routine(words: &[Word<'_>]) -> bool {
    words.first().is_some_and(|word| word.is("create"))
        && words.iter().skip(1).take(3).any(|word| word.is_any(&["function", "procedure"]))
}

/// With the words of comments whose inside is executed: `/*!50003 CREATE*/`.
fn unfold(words: Vec<Word<'_>>) -> Vec<Word<'_>> {
    let mut all = Vec::with_capacity(words.len());
    for word in words {
        let inside = word.text.strip_prefix("/*!").and_then(|rest| rest.strip_suffix("*/"));
        match inside {
            Some(inside) => {
                let inside = inside.trim_start_matches(|c: char| c.is_ascii_digit());
                let base = word.end() - "*/".len() - inside.len();
                all.extend(Reading::by(Engine::Mysql).read(inside, base).0);
            }
            None => all.push(word),
        }
    }
    all
}
