//! Just enough of SQLite's grammar to compare definitions by their words instead of their spelling.
//!
//! Source: [the tokenizer](https://sqlite.org/src/file/src/tokenize.c).

/// Length of the white space, comments and empty statements that `sql` begins with, in bytes.
pub(super) fn leading_trivia(sql: &str) -> usize {
    let mut at = 0;
    while let Some((length, token)) = next(&sql[at..]) {
        if matches!(token, Token::Word(_)) && &sql[at..at + length] != ";" {
            break;
        }
        at += length;
    }
    at
}

/// The words of `sql` in one spelling: keywords and plain names in lower case and unquoted, no comments, no white space.
pub(super) fn words(sql: &str) -> Vec<String> {
    let mut words = vec![];
    let mut at = 0;
    while let Some((length, token)) = next(&sql[at..]) {
        if let Token::Word(word) = token {
            words.push(word);
        }
        at += length;
    }
    words
}

/// Words as one readable line.
pub(super) fn line(words: &[String]) -> String {
    let mut line = String::new();
    for (i, word) in words.iter().enumerate() {
        let tight = matches!(word.as_str(), "," | ")" | ";" | ".")
            || i.checked_sub(1).is_none_or(|before| matches!(words[before].as_str(), "(" | "."));
        if !tight && !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// What lies between the outermost parentheses, cut at its commas. `None` without such parentheses.
pub(super) fn items(words: &[String]) -> Option<(Vec<&[String]>, &[String])> {
    let open = words.iter().position(|w| w == "(")?;
    let mut depth = 0_usize;
    let mut items = vec![];
    let mut from = open + 1;
    for (i, word) in words.iter().enumerate().skip(open) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," if depth == 1 => {
                items.push(&words[from..i]);
                from = i + 1;
            }
            _ => {}
        }
        if depth == 0 {
            items.push(&words[from..i]);
            return Some((items, &words[i + 1..]));
        }
    }
    None
}

enum Token {
    Trivia,
    Word(String),
}

/// The first token with its length in bytes.
fn next(sql: &str) -> Option<(usize, Token)> {
    let first = sql.chars().next()?;
    let until = |end: &str, from: usize| sql[from..].find(end).map_or(sql.len(), |i| from + i + end.len());
    let run = |belongs: fn(char) -> bool| sql.find(|c| !belongs(c)).unwrap_or(sql.len());
    Some(match first {
        _ if sql.starts_with("--") => (until("\n", 2), Token::Trivia),
        _ if sql.starts_with("/*") => (until("*/", 2), Token::Trivia),
        c if c.is_ascii_whitespace() => (run(|c| c.is_ascii_whitespace()), Token::Trivia),
        '\'' => {
            let length = quoted(sql, '\'');
            (length, Token::Word(sql[..length].into()))
        }
        '"' | '`' => {
            let length = quoted(sql, first);
            (length, Token::Word(name(&sql[..length], first)))
        }
        '[' => {
            let length = until("]", 1);
            (length, Token::Word(name(&sql[..length], ']')))
        }
        c if belongs_to_a_name(c) => {
            let length = run(belongs_to_a_name);
            (length, Token::Word(sql[..length].to_ascii_lowercase()))
        }
        _ => {
            const LONG: &[&str] = &["->>", "||", "<<", ">>", "<=", ">=", "==", "!=", "<>", "->"];
            let length = LONG.iter().find(|o| sql.starts_with(**o)).map_or(first.len_utf8(), |o| o.len());
            (length, Token::Word(sql[..length].into()))
        }
    })
}

fn belongs_to_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
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

/// A quoted name as if it were not quoted where that is possible.
fn name(quoted: &str, close: char) -> String {
    let inner = quoted[1..].strip_suffix(close).unwrap_or(&quoted[1..]);
    if inner.chars().all(belongs_to_a_name) && inner.starts_with(|c: char| !c.is_ascii_digit()) {
        inner.to_ascii_lowercase()
    } else {
        format!("\"{inner}\"")
    }
}
