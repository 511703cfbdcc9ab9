//! What can be said of SQL in any dialect: where its words are, and what its statements begin with.
//!
//! Where dialects disagree on what is a comment or a text, each is asked: [PostgreSQL](https://github.com/postgres/postgres/blob/master/src/backend/parser/scan.l)
//! ends `--` at a carriage return, nests `/* … */` and knows the backslash in `E'…'`; MySQL knows it in all texts; SQLite in none.

/// What dialects disagree on.
#[derive(Clone, Copy)]
struct Reading {
    nests: bool,
    /// A carriage return ends a comment.
    ends_at_return: bool,
    escapes: Escapes,
}

#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    Never,
    BehindE,
    Always,
}

impl Reading {
    const PLAIN: Self = Self { nests: false, ends_at_return: true, escapes: Escapes::Never };

    /// All that may make a difference to a text.
    fn all(sql: &str) -> Vec<Self> {
        let nests = if sql.contains("/*") { &[false, true][..] } else { &[false] };
        let ends_at_return = if has_bare_return(sql) { &[true, false][..] } else { &[true] };
        let escapes = match has_escaped_quote(sql) {
            true => &[Escapes::Never, Escapes::BehindE, Escapes::Always][..],
            false => &[Escapes::Never],
        };
        let mut all = vec![];
        for &nests in nests {
            for &ends_at_return in ends_at_return {
                all.extend(escapes.iter().map(|&escapes| Self { nests, ends_at_return, escapes }));
            }
        }
        all
    }

    fn words(self, sql: &str) -> Vec<(usize, &str)> {
        let mut words: Vec<(usize, &str)> = vec![];
        let mut at = 0;
        while let Some(first) = sql[at..].chars().next() {
            let rest = &sql[at..];
            let behind_e = || words.last().is_some_and(|(e, w)| w.eq_ignore_ascii_case("e") && e + 1 == at);
            let (length, is_word) = match first {
                _ if rest.starts_with("--") => {
                    let end = rest.find(|c| c == '\n' || c == '\r' && self.ends_at_return);
                    (end.unwrap_or(rest.len()), false)
                }
                // MySQL executes what stands in `/*! … */`.
                _ if rest.starts_with("/*") => (block_comment(rest, self.nests), rest.starts_with("/*!")),
                // To PostgreSQL, any other blank is part of a name.
                c if c.is_ascii_whitespace() || c == '\x0B' => (1, false),
                '\'' | '"' | '`' => {
                    let escapes = match self.escapes {
                        Escapes::Never => false,
                        Escapes::BehindE => first == '\'' && behind_e(),
                        Escapes::Always => first != '`',
                    };
                    (quoted(rest, first, escapes), true)
                }
                '$' => (dollar_quoted(rest).unwrap_or(1), true),
                ':' if rest.starts_with("::") => (2, true),
                // A dollar inside a name begins no text.
                c if belongs_to_a_name(c) => {
                    (rest.find(|c| !belongs_to_a_name(c) && c != '$').unwrap_or(rest.len()), true)
                }
                c => (c.len_utf8(), true),
            };
            if is_word {
                words.push((at, &rest[..length]));
            }
            at += length;
        }
        words
    }
}

/// The words of `sql` with their offsets in bytes: no comments, no white space. A text in quotes is one word.
pub(super) fn words(sql: &str) -> Vec<(usize, &str)> {
    Reading::PLAIN.words(sql)
}

/// Nothing but comments, white space and empty statements, whoever reads it.
pub(super) fn is_blank(sql: &str) -> bool {
    Reading::all(sql).into_iter().all(|reading| reading.words(sql).iter().all(|(_, word)| *word == ";"))
}

/// The same words in the same order, whatever the comments and the layout. Where it depends on the dialect what a comment is, only the
/// same text is the same.
pub(super) fn same_words(a: &str, b: &str) -> bool {
    let same = |reading: Reading| {
        let [a, b] = [a, b].map(|sql| reading.words(sql).into_iter().map(|(_, word)| word));
        a.eq(b)
    };
    a == b || !is_ambiguous(a) && !is_ambiguous(b) && Reading::all(&format!("{a}{b}")).into_iter().all(same)
}

fn is_ambiguous(sql: &str) -> bool {
    let words = words(sql);
    let is_escape = |pair: &[(usize, &str)]| {
        pair[0].1.eq_ignore_ascii_case("e") && pair[1].1.starts_with('\'') && pair[0].0 + 1 == pair[1].0
    };
    // To MySQL, `#` begins a comment.
    has_bare_return(sql)
        || has_escaped_quote(sql)
        || words.windows(2).any(is_escape)
        || words.iter().any(|(_, word)| *word == "#")
}

fn has_bare_return(sql: &str) -> bool {
    sql.match_indices('\r').any(|(i, _)| !sql[i + 1..].starts_with('\n'))
}

fn has_escaped_quote(sql: &str) -> bool {
    sql.contains("\\'") || sql.contains("\\\"")
}

/// Whether any statement may change the schema, as far as its first word tells: all but those known not to.
pub(super) fn may_change_schema(sql: &str) -> bool {
    const NEVER: &[&str] = &[
        "insert",
        "update",
        "delete",
        "replace",
        "merge",
        "select",
        "values",
        "with",
        "pragma",
        "begin",
        "start",
        "commit",
        "end",
        "rollback",
        "savepoint",
        "release",
        "set",
        "analyze",
        "vacuum",
        "reindex",
        "lock",
        "copy",
    ];
    let may = |statement: &[(usize, &str)]| {
        let Some((_, first)) = statement.first() else { return false };
        let first = first.to_ascii_lowercase();
        // `SELECT … INTO` makes a table.
        let into = ["select", "with"].contains(&first.as_str()) && makes_a_table(statement);
        into || !NEVER.contains(&first.as_str())
    };
    Reading::all(sql).into_iter().any(|reading| reading.words(sql).split(|(_, word)| *word == ";").any(may))
}

/// An `INTO` that is none of `INSERT INTO` and `MERGE INTO`.
fn makes_a_table(statement: &[(usize, &str)]) -> bool {
    statement.windows(2).any(|pair| {
        let [before, word] = [pair[0].1, pair[1].1].map(str::to_ascii_lowercase);
        word == "into" && !["insert", "merge", "replace", "ignore"].contains(&before.as_str())
    })
}

fn belongs_to_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Length of a text in quotes, in which a doubled quote stands for one.
fn quoted(sql: &str, quote: char, escapes: bool) -> usize {
    let mut rest = sql.char_indices().skip(1).peekable();
    while let Some((i, c)) = rest.next() {
        if escapes && c == '\\' {
            rest.next();
        } else if c == quote && rest.next_if(|(_, next)| *next == quote).is_none() {
            return i + 1;
        }
    }
    sql.len()
}

/// Length of `/* … */`; to the end where it is not closed.
pub(super) fn block_comment(sql: &str, nests: bool) -> usize {
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
    if !inner.chars().all(belongs_to_a_name) || inner.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(sql[tag.len()..].find(tag).map_or(sql.len(), |i| tag.len() + i + tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_comments_and_space_in_every_dialect() {
        for sql in ["", " \n\t", "-- only this", "/* DROP TABLE t; */ ;\n;", "/* never closed DROP TABLE t"] {
            assert!(is_blank(sql), "{sql:?}");
        }
        for sql in ["SELECT 1", "-- a\nDROP TABLE t", "/*! DROP TABLE t */", "';'"] {
            assert!(!is_blank(sql), "{sql:?}");
        }
    }

    #[test]
    fn comments_and_layout_make_no_difference_and_texts_do() {
        assert!(same_words("SELECT 1 ;-- x", "SELECT\n  1;"));
        assert!(same_words("SELECT $$ -- a ; $$;", "SELECT /* b */ $$ -- a ; $$;"));
        assert!(!same_words("SELECT '--a'", "SELECT '--b'"));
        assert!(!same_words("SELECT $$ a $$", "SELECT $$  a $$"));
        assert!(!same_words("SELECT 1", "SELECT 2"));
    }

    #[test]
    fn what_one_dialect_takes_for_a_statement_is_not_blank() {
        for sql in ["-- note\rDROP TABLE t;", "-- a\r/*\nDROP TABLE t; -- */", "/* /* */ -- */ DROP TABLE t;", "\u{a0}"]
        {
            assert!(!is_blank(sql), "{sql:?}");
        }
        assert!(is_blank("-- a\r\n-- b\r\n") && is_blank("-- a\r-- b\r") && is_blank("/* /* */"));
    }

    #[test]
    fn where_dialects_disagree_only_the_same_text_is_the_same() {
        for (a, b) in [
            ("SELECT 1;\n-- x", "SELECT 1;\n-- x\rDROP TABLE t;"),
            (r"SELECT E'\'' -- '", r"SELECT E'\'' ; DROP TABLE t -- '"),
            (r"SELECT 'a\'' -- '", r"SELECT 'a\'' -- ' b"),
            ("SELECT 1 /* /* */ -- */", "SELECT 1 /* /* */ -- */ ; DROP TABLE t"),
            ("SELECT a$b$ -- $b$", "SELECT a$b$; DROP TABLE t -- $b$"),
            ("# /*\n# */", "# /*\nDROP TABLE t;\n# */"),
        ] {
            assert!(!same_words(a, b), "{a:?} {b:?}");
            assert!(same_words(a, a) && same_words(b, b));
        }
        assert!(same_words("SELECT 1;\r\n-- x\r\n", "SELECT 1;\n"));
    }

    #[test]
    fn only_statements_of_data_change_no_schema() {
        assert!(!may_change_schema("INSERT INTO t VALUES ('; DROP TABLE t'); -- ALTER\nUPDATE t SET a = 1"));
        assert!(may_change_schema("INSERT INTO t VALUES (1); ALTER TABLE t ADD c"));
        assert!(may_change_schema("SELECT * INTO a FROM b"));
        assert!(may_change_schema("WITH x AS (SELECT 1) SELECT * INTO a FROM x"));
        assert!(!may_change_schema("WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x"));
        assert!(may_change_schema(r"SELECT E'\''; DROP TABLE t; --'"));
        assert!(may_change_schema("DO $$ BEGIN END $$"));
    }
}
