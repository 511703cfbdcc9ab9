//! python-dotenv (<https://github.com/theskumar/python-dotenv/blob/main/src/dotenv/parser.py>, and `variables.py` for references). A line
//! that it cannot read it passes over, with a warning in its log.

use super::statement::{Entry, Known, Loader, Made, Refusal, Statement};

pub(super) struct Python<'a> {
    text: &'a str,
    known: Known<'a>,
}

impl<'a> Python<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, known: Known::default() }
    }

    /// A binding and the place after it, or the place at which it is given up.
    fn binding(&self, at: usize) -> Result<(Option<Entry<'a>>, usize), usize> {
        let text = self.text;
        let mut at = at;
        if let Some(rest) = text[at..].strip_prefix("export").filter(|rest| rest.starts_with(is_blank)) {
            at = text.len() - rest.trim_start_matches(is_blank).len();
        }
        let rest = &text[at..];
        let name = match rest.chars().next() {
            Some('#') => None,
            Some('\'') => {
                let end = rest[1..].find('\'').filter(|end| *end > 0).ok_or(at)?;
                Some((at + 1, &rest[1..1 + end], at + end + 2))
            }
            _ => {
                let end = rest.find(|c: char| matches!(c, '=' | '#') || is_space(c)).unwrap_or(rest.len());
                if end == 0 {
                    return Err(at);
                }
                Some((at, &rest[..end], at + end))
            }
        };
        let mut next = self.past_blanks(name.map_or(at, |(_, _, next)| next));
        let mut value = None;
        if let Some(rest) = text[next..].strip_prefix('=') {
            next = self.past_blanks(text.len() - rest.len());
            let (read, after) = self.value(next)?;
            value = Some(read);
            next = after;
        }
        let tail = text[next..].trim_start_matches(is_blank);
        if tail.starts_with('#') {
            next = text.len() - tail.trim_start_matches(|c| !matches!(c, '\r' | '\n')).len();
        }
        let next = self.line_end(self.past_blanks(next)).ok_or(next)?;
        Ok((name.map(|(at, key, _)| Entry { at, key, value }), next))
    }

    fn past_blanks(&self, at: usize) -> usize {
        self.text.len() - self.text[at..].trim_start_matches(is_blank).len()
    }

    /// The place after a line break or at the end.
    fn line_end(&self, at: usize) -> Option<usize> {
        let rest = &self.text[at..];
        match rest.as_bytes() {
            [] => Some(at),
            [b'\r', b'\n', ..] => Some(at + 2),
            [b'\r' | b'\n', ..] => Some(at + 1),
            _ => None,
        }
    }

    fn value(&self, at: usize) -> Result<(Made, usize), usize> {
        let rest = &self.text[at..];
        let (value, length) = match rest.chars().next() {
            Some(quote @ ('\'' | '"')) => {
                let length = closing(&rest[1..], quote).ok_or(at)?;
                (escapes(&rest[1..1 + length], quote), length + 2)
            }
            _ => {
                let line = &rest[..rest.find(['\r', '\n']).unwrap_or(rest.len())];
                let comment = line.char_indices().find(|(at, c)| *c == '#' && line[..*at].ends_with(is_space));
                let value = &line[..comment.map_or(line.len(), |(at, _)| at)];
                (value.trim_end_matches(is_space).to_owned(), line.len())
            }
        };
        Ok((self.expand(&value), at + length))
    }

    /// `${NAME}` and `${NAME:-default}`, where a name is anything without `}` and `:`.
    fn expand(&self, value: &str) -> Made {
        let mut made = Made::default();
        let mut rest = value;
        while let Some(at) = rest.find("${") {
            let inner = &rest[at + 2..];
            let end = inner.find('}');
            let (name, default) = match end.map(|end| &inner[..end]).map(|inner| (inner, inner.split_once(':'))) {
                Some((_, Some((name, default)))) => (Some(name), default.strip_prefix('-')),
                Some((name, None)) => (Some(name), None),
                None => (None, None),
            };
            let (Some(end), Some(name)) =
                (end, name.filter(|name| default.is_some() || !inner[name.len()..].starts_with(':')))
            else {
                made.push_str(&rest[..at + 2]);
                rest = inner;
                continue;
            };
            made.push_str(&rest[..at]);
            let other = default.map(|default| Made { depends: true, ..Made::literal(default) });
            made.refer(&rest[at..at + 2 + end + 1], self.known.get(name).or(other));
            rest = &inner[end + 1..];
        }
        made.push_str(rest);
        made
    }
}

impl<'a> Loader<'a> for Python<'a> {
    fn statement(&mut self, at: usize) -> Result<Statement<'a>, Refusal> {
        let text = self.text;
        let at = if at == 0 && text.starts_with('\u{feff}') { 3 } else { at };
        let start = text.len() - text[at..].trim_start_matches(is_space).len();
        if start == text.len() {
            return Ok(Statement { entry: None, next: start });
        }
        Ok(match self.binding(start) {
            Ok((entry, next)) => {
                if let Some(entry) = &entry {
                    self.known.set(entry.key, entry.value.as_ref());
                }
                Statement { entry, next }
            }
            Err(at) => {
                let rest = &text[at..];
                let next = rest.find(['\r', '\n']).map_or(text.len(), |length| at + length + 1);
                Statement { entry: None, next }
            }
        })
    }

    fn learn(&mut self, key: &'a str, value: &str) {
        self.known.set(key, Some(&Made::literal(value)));
    }
}

/// Length of what stands before the closing quote. `\` and a quote are two characters of the value first, and a closing quote only if
/// there is no other.
fn closing(rest: &str, quote: char) -> Option<usize> {
    let mut other = None;
    let mut before = ' ';
    for (at, c) in rest.char_indices() {
        if c == quote {
            if before != '\\' {
                return Some(at);
            }
            other = Some(at);
        }
        before = c;
    }
    other
}

fn escapes(value: &str, quote: char) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        let escape = match chars.peek().filter(|_| c == '\\') {
            Some(next @ ('\\' | '\'')) => Some(*next),
            _ if quote == '\'' => None,
            Some('"') => Some('"'),
            Some('a') => Some('\u{7}'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('v') => Some('\u{b}'),
            _ => None,
        };
        out.push(escape.unwrap_or(c));
        if escape.is_some() {
            chars.next();
        }
    }
    out
}

/// `\s` of Python.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

fn is_blank(c: char) -> bool {
    is_space(c) && !matches!(c, '\r' | '\n')
}
