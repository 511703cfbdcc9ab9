//! The words of an SQL text, whatever the dialect: no comments, no white space, texts and quoted names as one word.
//!
//! Sources: [PostgreSQL](https://www.postgresql.org/docs/current/sql-syntax-lexical.html),
//! [MySQL](https://dev.mysql.com/doc/refman/8.4/en/string-literals.html), [SQLite](https://www.sqlite.org/lang_comment.html).

use super::super::engine::Database;
use super::super::sql::block_comment;

/// One word and where it begins, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'a> {
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

/// The words and the comments of `sql`, whose first byte is at `base`.
pub(super) fn read<'a>(sql: &'a str, base: usize, database: Option<Database>) -> (Vec<Word<'a>>, Vec<Word<'a>>) {
    let is_mysql = database == Some(Database::Mysql);
    let (mut words, mut comments) = (vec![], vec![]);
    let mut at = 0;
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        // PostgreSQL ends a comment at a carriage return too; where nobody knows the database, more is seen.
        let at_return = !matches!(database, Some(Database::Mysql | Database::Sqlite));
        let line = || rest.find(|c| c == '\n' || c == '\r' && at_return).unwrap_or(rest.len());
        let before: Option<&Word<'_>> = words.last();
        // `E'…'` and all texts of MySQL know the backslash.
        let escapes = is_mysql || before.is_some_and(|w| w.is("e") && w.end() == base + at);
        let (length, kind) = match first {
            _ if rest.starts_with("--") => (line(), Kind::Comment),
            '#' if is_mysql => (line(), Kind::Comment),
            // MySQL executes what stands in `/*! … */`.
            _ if rest.starts_with("/*") => {
                let nested = database == Some(Database::Postgresql);
                (block_comment(rest, nested), if rest.starts_with("/*!") { Kind::Word } else { Kind::Comment })
            }
            c if c.is_whitespace() => (c.len_utf8(), Kind::Nothing),
            '\'' => (quoted(rest, '\'', escapes), Kind::Word),
            '"' => (quoted(rest, '"', is_mysql), Kind::Word),
            '`' => (quoted(rest, '`', false), Kind::Word),
            '$' => (dollar_quoted(rest).unwrap_or(1), Kind::Word),
            ':' if rest.starts_with("::") => (2, Kind::Word),
            '@' if rest.starts_with("@@") => (2, Kind::Word),
            c if in_name(c) => (rest.find(|c| !in_name(c) && c != '$').unwrap_or(rest.len()), Kind::Word),
            c => (c.len_utf8(), Kind::Word),
        };
        let word = Word { at: base + at, text: &rest[..length] };
        match kind {
            Kind::Word => words.push(word),
            Kind::Comment => comments.push(word),
            Kind::Nothing => {}
        }
        at += length;
    }
    (words, comments)
}

enum Kind {
    Word,
    Comment,
    Nothing,
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
        read(sql, 0, Some(database)).0.into_iter().map(|w| w.text).collect()
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
        let (words, _) = read("DO $a$ x $a$", 10, None);
        assert_eq!(words[1].body(), Some((16, " x ")));
    }
}
