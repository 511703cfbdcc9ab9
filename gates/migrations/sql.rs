//! What can be said of SQL in any dialect: where its words are, and what its statements begin with.

/// The words of `sql` with their offsets in bytes: no comments, no white space. A text in quotes is one word.
pub(super) fn words(sql: &str) -> Vec<(usize, &str)> {
    let mut words = vec![];
    let mut at = 0;
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let until = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |i| from + i + end.len());
        let (length, is_word) = match first {
            _ if rest.starts_with("--") => (until("\n", 2), false),
            // MySQL executes what stands in `/*! … */`.
            _ if rest.starts_with("/*") => (until("*/", 2), rest.starts_with("/*!")),
            c if c.is_whitespace() => (c.len_utf8(), false),
            '\'' | '"' | '`' => (quoted(rest, first), true),
            '$' => (dollar_quoted(rest).unwrap_or(1), true),
            ':' if rest.starts_with("::") => (2, true),
            c if belongs_to_a_name(c) => (rest.find(|c| !belongs_to_a_name(c)).unwrap_or(rest.len()), true),
            c => (c.len_utf8(), true),
        };
        if is_word {
            words.push((at, &rest[..length]));
        }
        at += length;
    }
    words
}

/// Nothing but comments, white space and empty statements.
pub(super) fn is_blank(sql: &str) -> bool {
    words(sql).iter().all(|(_, word)| *word == ";")
}

/// The same words in the same order, whatever the comments and the layout.
pub(super) fn same_words(a: &str, b: &str) -> bool {
    words(a).into_iter().map(|(_, w)| w).eq(words(b).into_iter().map(|(_, w)| w))
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
    words(sql)
        .split(|(_, word)| *word == ";")
        .filter_map(<[_]>::first)
        .any(|(_, word)| !NEVER.contains(&word.to_ascii_lowercase().as_str()))
}

fn belongs_to_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Length of a text in quotes, in which a doubled quote stands for one.
fn quoted(sql: &str, quote: char) -> usize {
    let mut rest = sql[1..].char_indices().peekable();
    while let Some((i, c)) = rest.next() {
        if c == quote && rest.next_if(|(_, next)| *next == quote).is_none() {
            return 1 + i + 1;
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
    fn only_statements_of_data_change_no_schema() {
        assert!(!may_change_schema("INSERT INTO t VALUES ('; DROP TABLE t'); -- ALTER\nUPDATE t SET a = 1"));
        assert!(may_change_schema("INSERT INTO t VALUES (1); ALTER TABLE t ADD c"));
        assert!(may_change_schema("DO $$ BEGIN END $$"));
    }
}
