//! Programs as words, texts and signs, without comments: enough to tell a call from what only looks like one, in any of a dozen languages.
//!
//! Strings of one line end with it at the latest, so that a sign that is no quote (a regular expression, an apostrophe in a template) spoils
//! one line and no more.

/// What a program is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A name, a keyword or a number.
    Word(&'t str),
    /// What stands between quotes; `whole` where nothing is put in.
    Text {
        text: &'t str,
        whole: bool,
    },
    Sign(u8),
}

/// A token and where it begins.
pub(super) type Placed<'t> = (Token<'t>, usize);

/// How a language is written.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    /// What begins a comment up to the end of the line.
    pub line_comments: &'static [&'static str],
    pub block_comment: Option<(&'static str, &'static str)>,
    /// Block comments hold block comments.
    pub nested: bool,
    /// A single quote begins a text, not a character or a lifetime.
    pub single: bool,
    pub backtick: Backtick,
    /// Three quotes begin a text of several lines.
    pub triple: bool,
    /// What opens an expression within double quotes: `#{`, `${`.
    pub put_in: Option<&'static str>,
    /// The same behind a letter before the quote: `f"{x}"`, `$"{x}"`.
    pub put_in_after: Option<(u8, &'static str)>,
    /// A text between double quotes may go over lines.
    pub long: bool,
    /// A slash may begin a regular expression.
    pub regex: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Backtick {
    Sign,
    /// A text of several lines as it is.
    Raw,
    /// The same with `${…}`.
    Template,
}

/// A text that is open.
#[derive(Clone, Copy)]
struct Open {
    /// What ends it.
    end: &'static str,
    put_in: Option<&'static str>,
    escapes: bool,
    lines: bool,
}

pub(super) fn lex<'t>(text: &'t str, dialect: &Dialect) -> Vec<Placed<'t>> {
    let mut lexer = Lexer { text, bytes: text.as_bytes(), at: 0, dialect, tokens: Vec::new(), stack: Vec::new() };
    lexer.run();
    lexer.tokens
}

struct Lexer<'t, 'd> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    dialect: &'d Dialect,
    tokens: Vec<Placed<'t>>,
    /// Texts in which an expression is open, with the number of braces open in it.
    stack: Vec<(Open, usize)>,
}

impl<'t> Lexer<'t, '_> {
    fn run(&mut self) {
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            if byte.is_ascii_whitespace() {
                self.at += 1;
            } else if self.comment() || self.quote() {
            } else if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80 {
                self.word();
            } else {
                self.sign(byte);
            }
        }
    }

    fn starts_with(&self, what: &str) -> bool {
        self.bytes[self.at..].starts_with(what.as_bytes())
    }

    fn find(&self, what: &str, from: usize) -> usize {
        self.text.get(from..).and_then(|rest| rest.find(what)).map_or(self.bytes.len(), |length| from + length)
    }

    fn comment(&mut self) -> bool {
        if self.dialect.line_comments.iter().any(|begin| self.starts_with(begin)) {
            self.at = self.find("\n", self.at);
            return true;
        }
        let Some((open, close)) = self.dialect.block_comment.filter(|(open, _)| self.starts_with(open)) else {
            return false;
        };
        let mut depth = 1;
        self.at += open.len();
        while depth > 0 && self.at < self.bytes.len() {
            if self.starts_with(close) {
                depth -= 1;
                self.at += close.len();
            } else if self.dialect.nested && self.starts_with(open) {
                depth += 1;
                self.at += open.len();
            } else {
                self.at += 1;
            }
        }
        true
    }

    /// Reads a text if one begins here.
    fn quote(&mut self) -> bool {
        let byte = self.bytes[self.at];
        let before = self.at.checked_sub(1).map_or(b' ', |at| self.bytes[at]);
        let dialect = self.dialect;
        let put_in = match dialect.put_in_after {
            Some((letter, open)) if before.eq_ignore_ascii_case(&letter) => Some(open),
            _ => dialect.put_in,
        };
        let long = |end| Open { end, put_in, escapes: true, lines: true };
        let open = match byte {
            b'"' if dialect.triple && self.starts_with("\"\"\"") => long("\"\"\""),
            b'\'' if dialect.triple && dialect.single && self.starts_with("'''") => long("'''"),
            b'"' => Open { end: "\"", put_in, escapes: before != b'@', lines: dialect.long || before == b'@' },
            b'\'' if dialect.single => {
                // Only an f-string of Python puts something between single quotes.
                let put_in = put_in
                    .filter(|_| dialect.put_in_after.is_some_and(|(letter, _)| before.eq_ignore_ascii_case(&letter)));
                Open { end: "'", put_in, escapes: true, lines: dialect.long }
            }
            b'\'' => return self.character(),
            b'`' => match dialect.backtick {
                Backtick::Sign => return false,
                Backtick::Raw => Open { end: "`", put_in: None, escapes: false, lines: true },
                Backtick::Template => Open { end: "`", put_in: Some("${"), escapes: true, lines: true },
            },
            b'/' if dialect.regex && self.is_regex() => return self.regex(),
            _ => return false,
        };
        self.at += open.end.len();
        self.body(open, true);
        true
    }

    /// The rest of a text, from here to its end or to the next expression in it.
    fn body(&mut self, open: Open, first: bool) {
        let start = self.at;
        let end = open.end.as_bytes();
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            if rest.starts_with(end) {
                self.tokens
                    .push((Token::Text { text: self.text.get(start..self.at).unwrap_or(""), whole: first }, start));
                self.at += end.len();
                return;
            }
            if let Some(put_in) = open.put_in.filter(|put_in| rest.starts_with(put_in.as_bytes())) {
                // `{{` stands for a brace.
                if put_in == "{" && rest.starts_with(b"{{") {
                    self.at += 2;
                    continue;
                }
                self.tokens
                    .push((Token::Text { text: self.text.get(start..self.at).unwrap_or(""), whole: false }, start));
                self.at += put_in.len();
                self.stack.push((open, 0));
                return;
            }
            match rest[0] {
                b'\\' if open.escapes => self.at += 2,
                b'\n' if !open.lines => return,
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
    }

    /// `'a'`, `'\n'`; else a sign: a lifetime, an apostrophe.
    fn character(&mut self) -> bool {
        let rest = &self.bytes[self.at + 1..];
        let length = match rest.first() {
            Some(b'\\') => rest.iter().skip(2).take(10).position(|byte| *byte == b'\'').map(|at| at + 3),
            Some(_) => {
                rest.iter().take(5).position(|byte| *byte == b'\'').filter(|at| (1..=4).contains(at)).map(|at| at + 1)
            }
            None => None,
        };
        // `'a, 'b>` are two lifetimes.
        let plain = length.filter(|length| *length <= 2 || rest[0] == b'\\' || rest[0] >= 0x80);
        self.at += 1 + plain.unwrap_or(0);
        true
    }

    /// Whether a slash here begins a regular expression: it does where no value stands before it.
    fn is_regex(&self) -> bool {
        match self.tokens.last() {
            None => true,
            Some((Token::Sign(sign), _)) => !matches!(sign, b')' | b']' | b'}' | b'<'),
            Some((Token::Word(word), _)) => {
                matches!(*word, "return" | "typeof" | "case" | "in" | "of" | "when" | "unless" | "if")
            }
            Some((Token::Text { .. }, _)) => false,
        }
    }

    fn regex(&mut self) -> bool {
        let mut class = false;
        for (length, byte) in self.bytes[self.at + 1..].iter().enumerate() {
            let escaped = self.bytes[self.at + length] == b'\\' && length > 0;
            match byte {
                b'\n' => break,
                _ if escaped => {}
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => {
                    self.at += length + 2;
                    return true;
                }
                _ => {}
            }
        }
        self.tokens.push((Token::Sign(b'/'), self.at));
        self.at += 1;
        true
    }

    fn word(&mut self) {
        let start = self.at;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || *byte >= 0x80;
        self.at += self.bytes[start..].iter().take_while(|byte| is_part(byte)).count();
        self.tokens.push((Token::Word(self.text.get(start..self.at).unwrap_or("")), start));
    }

    fn sign(&mut self, byte: u8) {
        let at = self.at;
        self.at += 1;
        match (byte, self.stack.last_mut()) {
            (b'{', Some((_, depth))) => *depth += 1,
            (b'}', Some((open, 0))) => {
                let open = *open;
                self.stack.pop();
                return self.body(open, false);
            }
            (b'}', Some((_, depth))) => *depth -= 1,
            _ => {}
        }
        self.tokens.push((Token::Sign(byte), at));
    }
}
