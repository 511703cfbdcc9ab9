//! The statements of a script: where each begins.
//!
//! Only for places in messages, and to know a script without any: a script is sent as it is, and the server splits it.
//! Source: [comments](https://mariadb.com/kb/en/comment-syntax/),
//! [string literals](https://mariadb.com/kb/en/string-literals/),
//! [compound statements](https://mariadb.com/kb/en/programmatic-compound-statements/).

/// Byte offsets at which the statements begin; empty ones are none.
pub(super) fn starts(script: &str) -> Vec<usize> {
    let mut starts = vec![];
    let mut lexer = Lexer { text: script, at: 0 };
    let mut statement = Statement::default();
    while let Some((start, token)) = lexer.next() {
        if matches!(token, Token::Semicolon) {
            if statement.depth == 0 {
                statement = Statement::default();
            } else {
                statement.before = Before::Boundary;
            }
            continue;
        }
        if !statement.begun {
            starts.push(start);
        }
        statement.begun = true;
        match token {
            Token::Word(word) => statement.word(&word.to_ascii_lowercase(), &lexer),
            Token::Boundary => statement.before = Before::Boundary,
            _ => statement.before = Before::Other,
        }
    }
    starts
}

/// What stands before a word.
#[derive(Default, PartialEq, Eq)]
enum Before {
    /// The beginning of a statement, of the script's or of a body's.
    #[default]
    Boundary,
    End,
    Other,
}

/// How far a statement was read.
#[derive(Default)]
struct Statement {
    begun: bool,
    words: usize,
    /// It may have a body of statements.
    compound: bool,
    before: Before,
    /// Of `BEGIN`, `CASE`, `IF`, `LOOP`, `REPEAT`, `WHILE` and `FOR` that have not ended.
    depth: usize,
}

impl Statement {
    fn word(&mut self, word: &str, rest: &Lexer<'_>) {
        self.words += 1;
        let follows =
            |words: &[&str]| rest.peek().is_some_and(|next| words.iter().any(|w| next.eq_ignore_ascii_case(w)));
        let at_start = self.before == Before::Boundary;
        let is_end_of = self.before == Before::End;
        if self.words == 1 {
            // Compound statements outside of routines are MariaDB's.
            self.compound = match word {
                "begin" => follows(&["not"]),
                "if" | "case" | "loop" | "repeat" | "while" | "for" => true,
                _ => false,
            };
        }
        self.compound |= self.words < 12
            && self.depth == 0
            && matches!(word, "procedure" | "function" | "trigger" | "event" | "package");
        self.before = match word {
            "then" | "else" | "begin" | "do" | "loop" | "repeat" | "row" => Before::Boundary,
            "end" => Before::End,
            _ => Before::Other,
        };
        if !self.compound {
            return;
        }
        match word {
            "end" => self.depth = self.depth.saturating_sub(1),
            _ if is_end_of => {}
            "begin" | "case" | "loop" => self.depth += 1,
            "if" if self.depth == 0 && follows(&["not", "exists"]) => {}
            "if" | "repeat" | "while" | "for" if at_start => self.depth += 1,
            _ => {}
        }
    }
}

/// The words of a statement outside of strings and comments, in lower case, up to so many.
pub(super) fn words(statement: &str, most: usize) -> Vec<String> {
    let mut lexer = Lexer { text: statement, at: 0 };
    let tokens = std::iter::from_fn(|| lexer.next());
    let words = tokens.filter_map(|(_, token)| if let Token::Word(word) = token { Some(word) } else { None });
    words.take(most).map(str::to_ascii_lowercase).collect()
}

#[derive(Debug)]
enum Token<'a> {
    Semicolon,
    /// `:` behind a label, `)` behind parameters: a statement may follow.
    Boundary,
    Word(&'a str),
    Other,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn peek(&self) -> Option<&'a str> {
        match (Lexer { text: self.text, at: self.at }).next()? {
            (_, Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn next(&mut self) -> Option<(usize, Token<'a>)> {
        loop {
            let rest = &self.text[self.at..];
            let first = rest.chars().next()?;
            let start = self.at;
            let blank = blank(rest);
            if blank > 0 {
                self.at += blank;
                continue;
            }
            let token = match first {
                ';' => Token::Semicolon,
                ':' | ')' => Token::Boundary,
                '\'' | '"' | '`' => {
                    self.at += quoted(rest, first);
                    return Some((start, Token::Other));
                }
                c if is_word(c) => {
                    let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                    self.at += length;
                    return Some((start, Token::Word(&rest[..length])));
                }
                _ => Token::Other,
            };
            self.at += first.len_utf8();
            return Some((start, token));
        }
    }
}

/// Length of white space, a comment, or the brackets of a comment whose inside is executed.
fn blank(rest: &str) -> usize {
    let line = || rest.find('\n').map_or(rest.len(), |end| end + 1);
    if rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '\u{b}') || rest.starts_with('#') {
        return if rest.starts_with('#') { line() } else { 1 };
    }
    if let Some(behind) = rest.strip_prefix("--") {
        // Else it is twice a minus.
        let is_comment = behind.chars().next().is_none_or(|c| c.is_ascii_whitespace() || c.is_ascii_control());
        return if is_comment { line() } else { 0 };
    }
    if rest.starts_with("/*!") || rest.starts_with("/*M!") {
        let open = rest.find('!').map_or(0, |at| at + 1);
        return open + rest[open..].bytes().take(6).take_while(u8::is_ascii_digit).count();
    }
    if let Some(inside) = rest.strip_prefix("/*") {
        return inside.find("*/").map_or(rest.len(), |end| end + 4);
    }
    if rest.starts_with("*/") { 2 } else { 0 }
}

/// Length of what stands in quotes. A backslash takes what follows as it is, except in a name.
fn quoted(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote != '`' {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    rest.len()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expected: &[&str]) {
        let firsts: Vec<String> = starts(script).into_iter().map(|at| script[at..].chars().take(8).collect()).collect();
        assert_eq!(firsts, expected, "{script}");
    }

    #[test]
    fn statements_begin_behind_the_semicolons_that_end_one() {
        check("", &[]);
        check(" ; -- a;\n # b;\n /* c; */ ;", &[]);
        check("SELECT 1; INSERT 2", &["SELECT 1", "INSERT 2"]);
        check("SELECT ';', 'it''s;', \"\\\";\", `a;`; UPDATE t", &["SELECT '", "UPDATE t"]);
        check("SELECT '\\\\'; x", &["SELECT '", "x"]);
        check("SELECT `\\`; x", &["SELECT `", "x"]);
        check("SELECT 1--1; x", &["SELECT 1", "x"]);
        check("/*!40101 SET NAMES utf8 */; x", &["SET NAME", "x"]);
        check("/*! */", &[]);
        check("é; x", &["é; x", "x"]);
    }

    #[test]
    fn bodies_belong_to_their_statement() {
        for body in [
            "CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; SET NEW.b = 2; END",
            "CREATE DEFINER=`r`@`h` PROCEDURE p(IN a INT) BEGIN IF a THEN SELECT 1; ELSE SELECT IF(1, 2, 3); END IF; END",
            "CREATE PROCEDURE IF NOT EXISTS p() l: LOOP SELECT CASE WHEN 1 THEN 2 END; LEAVE l; END LOOP",
            "CREATE OR REPLACE FUNCTION f() RETURNS INT BEGIN CASE 1 WHEN 1 THEN RETURN 1; ELSE RETURN 2; END CASE; END",
            "CREATE PROCEDURE p() BEGIN WHILE a DO REPEAT SET b = REPEAT('x', 2); UNTIL 1 END REPEAT; END WHILE; END",
            "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END",
            "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END",
            "CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1",
        ] {
            let first: String = body.chars().take(8).collect();
            check(&format!("{body}; DROP x"), &[&first, "DROP x"]);
        }
        check("BEGIN; UPDATE t; DROP TABLE IF EXISTS t", &["BEGIN; U", "UPDATE t", "DROP TAB"]);
        check("DROP PROCEDURE IF EXISTS p; DROP FUNCTION f", &["DROP PRO", "DROP FUN"]);
    }
}
