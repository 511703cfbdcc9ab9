//! The statements of a script: where each begins.
//!
//! Source: [lexical structure](https://www.postgresql.org/docs/current/sql-syntax-lexical.html), with `psql`'s way of
//! telling the end of a statement (`src/fe_utils/psqlscan.l`): not within parentheses, nor within a body in SQL.

/// Byte offsets at which the statements begin; empty ones are none.
pub(super) fn starts(script: &str) -> Vec<usize> {
    let mut starts = vec![];
    let mut lexer = Lexer { text: script, at: 0 };
    let mut begun = false;
    let mut parentheses = 0_usize;
    // Depth of `BEGIN … END` and `CASE … END` in a body in SQL.
    let mut blocks = 0_usize;
    let mut words: Vec<String> = vec![];
    while let Some((start, token)) = lexer.next() {
        if !matches!(token, Token::Semicolon) && !begun {
            begun = true;
            starts.push(start);
        }
        match token {
            Token::Open => parentheses += 1,
            Token::Close => parentheses = parentheses.saturating_sub(1),
            Token::Word(word) => {
                if words.len() < 4 {
                    words.push(word.to_ascii_lowercase());
                }
                if makes_routine(&words) {
                    blocks = match word.to_ascii_lowercase().as_str() {
                        "begin" => blocks + 1,
                        "case" if blocks > 0 => blocks + 1,
                        "end" => blocks.saturating_sub(1),
                        _ => blocks,
                    };
                }
            }
            Token::Semicolon if parentheses == 0 && blocks == 0 => {
                begun = false;
                words.clear();
            }
            Token::Semicolon | Token::Other => {}
        }
    }
    starts
}

/// `CREATE [OR REPLACE] FUNCTION | PROCEDURE`, which alone may have a body in SQL.
fn makes_routine(words: &[String]) -> bool {
    let rest = match words {
        [create, or, replace, rest @ ..] if create == "create" && or == "or" && replace == "replace" => rest,
        [create, rest @ ..] if create == "create" => rest,
        _ => return false,
    };
    rest.first().is_some_and(|word| word == "function" || word == "procedure")
}

/// The words of a statement outside of strings and comments, up to so many.
pub(super) fn words(statement: &str, most: usize) -> Vec<&str> {
    let mut lexer = Lexer { text: statement, at: 0 };
    let mut words = vec![];
    while let Some((_, token)) = lexer.next() {
        match token {
            Token::Word(word) => words.push(word),
            Token::Semicolon => break,
            Token::Open | Token::Close | Token::Other => {}
        }
        if words.len() == most {
            break;
        }
    }
    words
}

/// The byte offset of the n-th character, counted from 1, as PostgreSQL tells positions.
pub(super) fn offset(script: &str, position: u32) -> Option<usize> {
    let before = usize::try_from(position).ok()?.checked_sub(1)?;
    script.char_indices().map(|(at, _)| at).chain([script.len()]).nth(before)
}

enum Token<'a> {
    Word(&'a str),
    Open,
    Close,
    Semicolon,
    Other,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next token and where it begins.
    fn next(&mut self) -> Option<(usize, Token<'a>)> {
        self.skip_blanks();
        let start = self.at;
        let first = self.rest().chars().next()?;
        let token = match first {
            '(' => self.take(1, Token::Open),
            ')' => self.take(1, Token::Close),
            ';' => self.take(1, Token::Semicolon),
            '\'' => self.quoted('\'', false),
            '"' => self.quoted('"', false),
            'e' | 'E' if self.rest()[1..].starts_with('\'') => {
                self.at += 1;
                self.quoted('\'', true)
            }
            '$' => self.dollar(),
            c if is_word_start(c) => {
                let word = self.rest();
                let end = word.find(|c| !is_word_part(c)).unwrap_or(word.len());
                self.at += end;
                Token::Word(&word[..end])
            }
            // `1$1` and `1e5` are one token each.
            c if c.is_ascii_digit() => {
                let number = self.rest();
                self.at += number.find(|c| !is_word_part(c)).unwrap_or(number.len());
                Token::Other
            }
            c => self.take(c.len_utf8(), Token::Other),
        };
        Some((start, token))
    }

    fn take(&mut self, bytes: usize, token: Token<'a>) -> Token<'a> {
        self.at += bytes;
        token
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c', '\u{feff}']).len();
            let rest = self.rest();
            if rest.starts_with("--") {
                self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += comment(rest);
            } else {
                return;
            }
        }
    }

    /// A quote is doubled within, or follows a backslash where those mean something.
    fn quoted(&mut self, quote: char, escapes: bool) -> Token<'a> {
        let mut chars = self.rest().char_indices().skip(1).peekable();
        let mut end = self.rest().len();
        while let Some((at, c)) = chars.next() {
            if escapes && c == '\\' {
                chars.next();
            } else if c == quote {
                if chars.peek().is_some_and(|(_, next)| *next == quote) {
                    chars.next();
                } else {
                    end = at + quote.len_utf8();
                    break;
                }
            }
        }
        self.at += end;
        Token::Other
    }

    /// `$$ … $$`, `$tag$ … $tag$`, or the parameter `$1`.
    fn dollar(&mut self) -> Token<'a> {
        let rest = self.rest();
        let tag = rest[1..].find('$').map(|end| &rest[..end + 2]).filter(|tag| {
            let name = &tag[1..tag.len() - 1];
            name.chars().next().is_none_or(is_word_start) && name.chars().all(|c| is_word_part(c) && c != '$')
        });
        self.at += match tag {
            Some(tag) => rest[tag.len()..].find(tag).map_or(rest.len(), |end| end + 2 * tag.len()),
            None => 1,
        };
        Token::Other
    }
}

/// Length of a comment, which may hold others.
fn comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_word_part(c: char) -> bool {
    is_word_start(c) || c.is_ascii_digit() || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_begin_behind_the_semicolons_that_end_one() {
        let firsts = |script: &str| -> Vec<String> {
            starts(script).into_iter().map(|at| script[at..].chars().take(8).collect()).collect()
        };
        assert_eq!(firsts(""), [""; 0]);
        assert_eq!(firsts(" ; -- a;\n /* b; /* c; */ d; */ ;"), [""; 0]);
        assert_eq!(firsts("SELECT 1; INSERT 2"), ["SELECT 1", "INSERT 2"]);
        assert_eq!(firsts("SELECT ';', E'\\';', \"a;\"; UPDATE t"), ["SELECT '", "UPDATE t"]);
        assert_eq!(firsts("DO $$ BEGIN; END $$; DO $a$ $$;$$ ; $a$; x"), ["DO $$ BE", "DO $a$ $", "x"]);
        assert_eq!(firsts("SELECT a$b$; SELECT $1; é"), ["SELECT a", "SELECT $", "é"]);
        assert_eq!(firsts("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); END"), ["CREATE R", "END"]);
        assert_eq!(
            firsts(
                "BEGIN; CREATE OR REPLACE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN 1 THEN 2 END; SELECT 2; END; x"
            ),
            ["BEGIN; C", "CREATE O", "x"]
        );
        assert_eq!(firsts("CREATE TABLE t (a int); -- why\n\n/* é */ DROP TA"), ["CREATE T", "DROP TA"]);
    }

    #[test]
    fn positions_count_characters() {
        assert_eq!(offset("é; x", 1), Some(0));
        assert_eq!(offset("é; x", 4), Some(4));
        assert_eq!(offset("é; x", 5), Some(5));
        assert_eq!((offset("x", 0), offset("x", 9)), (None, None));
    }
}
