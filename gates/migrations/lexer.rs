//! The words of an SQL text: no comments, no white space; a text in quotes and a quoted name are one word.
//!
//! Where dialects disagree on what is a comment or a text, a [`Reading`] says whose word is taken:
//! [PostgreSQL](https://github.com/postgres/postgres/blob/master/src/backend/parser/scan.l) ends `--` at a carriage return, nests
//! `/* … */` and knows the backslash in `E'…'`; [MySQL](https://dev.mysql.com/doc/refman/8.4/en/string-literals.html) knows it in all
//! texts; [SQLite](https://www.sqlite.org/lang_comment.html) in none.

use super::engine::Database;
use crate::Engine;

/// What dialects disagree on.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    nests: bool,
    /// A carriage return ends a comment.
    ends_at_return: bool,
    escapes: Escapes,
    /// `#` begins a comment.
    hash: bool,
}

/// The texts in which a backslash makes the next character a plain one.
#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    Never,
    BehindE,
    Always,
}

/// One word and where it begins, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    pub at: usize,
    pub text: &'a str,
}

impl<'a> Word<'a> {
    pub fn is(&self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword)
    }

    pub fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// A text in single quotes or between dollars.
    pub fn is_text(&self) -> bool {
        self.text.starts_with('\'') || self.is_dollar_quoted()
    }

    pub fn is_dollar_quoted(&self) -> bool {
        self.text.len() > 1 && self.text.starts_with('$') && self.text.ends_with('$')
    }

    /// What stands between the dollars, and where it begins.
    pub fn body(&self) -> Option<(usize, &'a str)> {
        let text: &'a str = self.text;
        let tag = text.get(1..)?.find('$')? + 2;
        let inner = text.get(tag..text.len().checked_sub(tag)?)?;
        self.is_dollar_quoted().then_some((self.at + tag, inner))
    }

    pub fn end(&self) -> usize {
        self.at + self.text.len()
    }
}

enum Kind {
    Word,
    Comment,
    Nothing,
}

impl Reading {
    /// Whatever the dialect, where it makes no difference.
    pub const PLAIN: Self = Self { nests: false, ends_at_return: true, escapes: Escapes::Never, hash: false };

    /// As that database reads. Where nobody knows which, more is seen.
    pub fn of(database: Option<Database>) -> Self {
        let is_mysql = database == Some(Database::Mysql);
        Self {
            nests: database == Some(Database::Postgresql),
            ends_at_return: !matches!(database, Some(Database::Mysql | Database::Sqlite)),
            escapes: if is_mysql { Escapes::Always } else { Escapes::BehindE },
            hash: is_mysql,
        }
    }

    /// As the server reads that runs it.
    pub fn by(engine: Engine) -> Self {
        Self::of(Some(match engine {
            Engine::Sqlite => Database::Sqlite,
            Engine::Postgresql => Database::Postgresql,
            Engine::Mysql => Database::Mysql,
        }))
    }

    /// All that may make a difference to a text, except for `#`.
    pub fn all(sql: &str) -> Vec<Self> {
        let nests = if sql.contains("/*") { &[false, true][..] } else { &[false] };
        let ends_at_return = if has_bare_return(sql) { &[true, false][..] } else { &[true] };
        let escapes = match has_escaped_quote(sql) {
            true => &[Escapes::Never, Escapes::BehindE, Escapes::Always][..],
            false => &[Escapes::Never],
        };
        let mut all = vec![];
        for &nests in nests {
            for &ends_at_return in ends_at_return {
                all.extend(escapes.iter().map(|&escapes| Self { nests, ends_at_return, escapes, hash: false }));
            }
        }
        all
    }

    /// The words and the comments of `sql`, whose first byte is at `base`.
    pub fn read(self, sql: &str, base: usize) -> (Vec<Word<'_>>, Vec<Word<'_>>) {
        let (mut words, mut comments) = (vec![], vec![]);
        let mut at = 0;
        while let Some(first) = sql[at..].chars().next() {
            let (length, kind) =
                self.next(&sql[at..], first, words.last().filter(|w: &&Word<'_>| w.end() == base + at));
            let word = Word { at: base + at, text: &sql[at..at + length] };
            match kind {
                Kind::Word => words.push(word),
                Kind::Comment => comments.push(word),
                Kind::Nothing => {}
            }
            at += length;
        }
        (words, comments)
    }

    /// How many bytes of `rest` belong together, and what they are. `behind` is the word that ends where `rest` begins.
    fn next(self, rest: &str, first: char, behind: Option<&Word<'_>>) -> (usize, Kind) {
        let line = || rest.find(|c| c == '\n' || c == '\r' && self.ends_at_return).unwrap_or(rest.len());
        match first {
            _ if rest.starts_with("--") => (line(), Kind::Comment),
            '#' if self.hash => (line(), Kind::Comment),
            // MySQL executes what stands in `/*! … */`.
            _ if rest.starts_with("/*!") => (block_comment(rest, self.nests), Kind::Word),
            _ if rest.starts_with("/*") => (block_comment(rest, self.nests), Kind::Comment),
            // To PostgreSQL, any other blank is part of a name.
            c if c.is_ascii_whitespace() || c == '\x0B' => (1, Kind::Nothing),
            '\'' | '"' | '`' => {
                let escapes = match self.escapes {
                    Escapes::Never => false,
                    Escapes::BehindE => first == '\'' && behind.is_some_and(|w| w.is("e")),
                    Escapes::Always => first != '`',
                };
                (quoted(rest, first, escapes), Kind::Word)
            }
            '$' => (dollar_quoted(rest).unwrap_or(1), Kind::Word),
            ':' if rest.starts_with("::") => (2, Kind::Word),
            '@' if rest.starts_with("@@") => (2, Kind::Word),
            // A dollar inside a name begins no text.
            c if in_name(c) => (rest.find(|c| !in_name(c) && c != '$').unwrap_or(rest.len()), Kind::Word),
            c => (c.len_utf8(), Kind::Word),
        }
    }
}

pub(super) fn has_bare_return(sql: &str) -> bool {
    sql.match_indices('\r').any(|(i, _)| !sql[i + 1..].starts_with('\n'))
}

pub(super) fn has_escaped_quote(sql: &str) -> bool {
    sql.contains("\\'") || sql.contains("\\\"")
}

pub(super) fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Length of a text in quotes, in which a doubled quote stands for one.
fn quoted(sql: &str, quote: char, escapes: bool) -> usize {
    let mut rest = sql.char_indices().skip(1).peekable();
    while let Some((i, c)) = rest.next() {
        if escapes && c == '\\' {
            rest.next();
        } else if c == quote && rest.next_if(|(_, next)| *next == quote).is_none() {
            return i + c.len_utf8();
        }
    }
    sql.len()
}

/// Length of `/* … */`; to the end where it is not closed.
fn block_comment(sql: &str, nests: bool) -> usize {
    let (mut at, mut depth) = (2, 1);
    while let Some(i) = sql[at..].find(['*', '/']) {
        at += i;
        if sql[at..].starts_with("*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return at;
            }
        } else if nests && sql[at..].starts_with("/*") {
            (at, depth) = (at + 2, depth + 1);
        } else {
            at += 1;
        }
    }
    sql.len()
}

/// Length of PostgreSQL's `$tag$ … $tag$`; to the end where it is not closed.
fn dollar_quoted(sql: &str) -> Option<usize> {
    let tag = &sql[..sql[1..].find('$')? + 2];
    let inner = &tag[1..tag.len() - 1];
    if !inner.chars().all(in_name) || inner.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(sql[tag.len()..].find(tag).map_or(sql.len(), |i| tag.len() + i + tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str, database: Database) -> Vec<&str> {
        Reading::of(Some(database)).read(sql, 0).0.into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn texts_end_where_their_dialect_says() {
        assert_eq!(of(r"SELECT E'it\'s' -- no", Database::Postgresql), ["SELECT", "E", r"'it\'s'"]);
        assert_eq!(of(r"SELECT 'C:\', 1", Database::Postgresql), ["SELECT", r"'C:\'", ",", "1"]);
        assert_eq!(of(r"SELECT 'it\'s' # no", Database::Mysql), ["SELECT", r"'it\'s'"]);
        assert_eq!(of("SELECT 'it''s';", Database::Sqlite), ["SELECT", "'it''s'", ";"]);
        assert_eq!(of("DO $x$ a ; $$ b $x$ ;", Database::Postgresql), ["DO", "$x$ a ; $$ b $x$", ";"]);
        assert_eq!(of("a /* b /* c */ d */ e", Database::Postgresql), ["a", "e"]);
        assert_eq!(of("a /* b /* c */ d", Database::Sqlite), ["a", "d"]);
        assert_eq!(of("a -- b\rc", Database::Postgresql), ["a", "c"]);
        assert_eq!(of("a -- b\rc", Database::Sqlite), ["a"]);
        assert_eq!(of("a::int \"q\"\"r\" 'open", Database::Postgresql), ["a", "::", "int", "\"q\"\"r\"", "'open"]);
    }

    #[test]
    fn the_body_between_dollars_has_its_place() {
        let (words, _) = Reading::of(None).read("DO $a$ x $a$", 10);
        assert_eq!(words[1].body(), Some((16, " x ")));
    }
}
