//! What can be said of SQL in any dialect: where its words are, and what its statements begin with.

use super::lexer::{Reading, Word, has_bare_return, has_escaped_quote};

/// The words of `sql`: no comments, no white space. A text in quotes is one word.
pub(super) fn words(sql: &str) -> Vec<Word<'_>> {
    Reading::PLAIN.read(sql, 0).0
}

/// The words of `sql` in lower case.
pub(super) fn lower(sql: &str) -> Vec<String> {
    words(sql).into_iter().map(|word| word.text.to_ascii_lowercase()).collect()
}

/// Nothing but comments, white space and empty statements, whoever reads it.
pub(super) fn is_blank(sql: &str) -> bool {
    Reading::all(sql).into_iter().all(|reading| reading.read(sql, 0).0.iter().all(|word| word.text == ";"))
}

/// The same words in the same order, whatever the comments and the layout. Where it depends on the dialect what a comment is, only the
/// same text is the same.
pub(super) fn same_words(a: &str, b: &str) -> bool {
    let same = |reading: Reading| {
        let [a, b] = [a, b].map(|sql| pieces(&reading.read(sql, 0).0));
        a == b
    };
    a == b || !is_ambiguous(a) && !is_ambiguous(b) && Reading::all(&format!("{a}{b}")).into_iter().all(same)
}

fn is_ambiguous(sql: &str) -> bool {
    let words = words(sql);
    let is_escape = |pair: &[Word<'_>]| pair[0].is("e") && pair[1].is_text() && pair[0].end() == pair[1].at;
    // To MySQL, `#` begins a comment.
    has_bare_return(sql)
        || has_escaped_quote(sql)
        || words.windows(2).any(is_escape)
        || words.iter().any(|word| word.text == "#")
}

/// Each word, and whether it continues the one before: `<>` is one operator, and `< >` is not.
fn pieces<'a>(words: &[Word<'a>]) -> Vec<(&'a str, bool)> {
    const OPERATOR: &str = "+-*/<>=~!@#%^&|`?:";
    let is_operator = |word: &Word<'_>| word.text.chars().all(|c| OPERATOR.contains(c));
    let continues = |i: usize| {
        let Some([before, word]) = i.checked_sub(1).and_then(|i| words.get(i..i + 2)) else { return false };
        before.end() == word.at && is_operator(before) && is_operator(word)
    };
    words.iter().enumerate().map(|(i, word)| (word.text, continues(i))).collect()
}

/// The same routine or trigger but for comments and layout, which PostgreSQL and MySQL keep as they were written.
pub(crate) fn same_code(a: &str, b: &str) -> bool {
    let [old, new] = [a, b].map(words);
    let reads_layout = |words: &[Word<'_>]| {
        let language = words.windows(2).find(|pair| pair[0].is("language"));
        language.is_some_and(|pair| !pair[1].is_any(&["sql", "plpgsql"]))
    };
    let same = |(old, new): (&Word<'_>, &Word<'_>)| match (old.body(), new.body()) {
        (Some((_, old)), Some((_, new))) => same_words(old, new),
        _ => old.text == new.text,
    };
    let without_bodies = |words: &[Word<'_>], text: &str| {
        words.iter().filter_map(Word::body).fold(text.to_owned(), |text, (_, body)| text.replacen(body, "", 1))
    };
    !reads_layout(&old)
        && old.len() == new.len()
        && old.iter().zip(&new).all(same)
        && same_words(&without_bodies(&old, a), &without_bodies(&new, b))
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
    let may = |statement: &[Word<'_>]| {
        let Some(first) = statement.first() else { return false };
        // `SELECT … INTO` makes a table.
        let into = first.is_any(&["select", "with"]) && makes_a_table(statement);
        into || !first.is_any(NEVER)
    };
    Reading::all(sql).into_iter().any(|reading| reading.read(sql, 0).0.split(|word| word.text == ";").any(may))
}

/// An `INTO` that is none of `INSERT INTO` and `MERGE INTO`.
fn makes_a_table(statement: &[Word<'_>]) -> bool {
    let is_filled = |word: &Word<'_>| word.is_any(&["insert", "merge", "replace", "ignore"]);
    statement.windows(2).any(|pair| pair[1].is("into") && !is_filled(&pair[0]))
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
    fn layout_of_a_routine_makes_no_difference_and_its_words_do() {
        let of = |body: &str, language: &str| {
            format!("CREATE FUNCTION f()\n RETURNS trigger\n LANGUAGE {language}\nAS $function${body}$function$")
        };
        let plain = of("\nBEGIN\n  IF a <> 'b  c' THEN RETURN NEW; END IF;\nEND", "plpgsql");
        for same in [
            "BEGIN IF a<>'b  c'\n THEN RETURN NEW ;END IF;\nEND\n",
            "BEGIN -- why\n IF a <> 'b  c' THEN RETURN NEW; END IF; END",
        ] {
            assert!(same_code(&plain, &of(same, "plpgsql")), "{same}");
        }
        for other in [
            "BEGIN IF a < > 'b  c' THEN RETURN NEW; END IF; END",
            "BEGIN IF a <> 'b c' THEN RETURN NEW; END IF; END",
            "BEGIN IF a <> 'b  c' -- THEN RETURN NEW; END IF;\nEND",
            "BEGIN IF a <> 'b  c' THEN RETURN OLD; END IF; END",
        ] {
            assert!(!same_code(&plain, &of(other, "plpgsql")), "{other}");
        }
        assert!(!same_code(&of("if a:\n  b()\nc()", "plpython3u"), &of("if a:\n  b()\n  c()", "plpython3u")));
        assert!(!same_code(&plain, &plain.replace("trigger", "void")));
        let (a, b) = (
            "CREATE TRIGGER t BEFORE INSERT ON u SET NEW.a = 'b'",
            "CREATE TRIGGER t BEFORE INSERT ON u\nSET NEW.a='b'",
        );
        assert!(same_code(a, b) && !same_code(a, &b.replace("'b'", "' b'")));
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
