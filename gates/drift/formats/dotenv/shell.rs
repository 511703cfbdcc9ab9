//! A file that a shell sources (`set -a; . ./.env`), by the grammar of POSIX, sections 2.2, 2.6 and 2.9.1
//! (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html>). Nothing is ever run: what a command, the home folder or
//! an argument would say depends on the machine, and a line that is no assignment is refused.

use super::statement::{Entry, Known, Loader, Made, Refusal, Statement, end_of_line, name_length};

pub(super) struct Shell<'a> {
    text: &'a str,
    known: Known<'a>,
    /// Where an `export` goes on.
    exporting: Option<usize>,
}

const UNCLOSED: &str = "a quote or a bracket is opened here and never closed";

impl<'a> Shell<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, known: Known::default(), exporting: None }
    }

    /// What stands between unquoted blanks, from a place on, and where it ends.
    fn word(&self, start: usize) -> Result<(Made, usize), Refusal> {
        let text = self.text;
        let mut made = Made::default();
        let mut at = start;
        while let Some(c) = text[at..].chars().next() {
            match c {
                ' ' | '\t' | '\n' | ';' => break,
                '&' | '|' | '<' | '>' | '(' | ')' => return Err(Refusal::new("an operator of the shell", at)),
                '\'' => {
                    let length = text[at + 1..].find('\'').ok_or(Refusal::new(UNCLOSED, at))?;
                    made.push_str(&text[at + 1..at + 1 + length]);
                    at += length + 2;
                }
                '"' => at = self.quoted(at, &mut made)?,
                '`' => at = self.backticks(at, &mut made)?,
                '$' => at = self.dollar(at, &mut made)?,
                '\\' => {
                    let next = text[at + 1..].chars().next();
                    next.filter(|next| *next != '\n').inspect(|next| made.push(*next));
                    at += 1 + next.map_or(0, char::len_utf8);
                }
                '~' if at == start || text[..at].ends_with(':') => {
                    made.push('~');
                    made.depends = true;
                    at += 1;
                }
                c => {
                    made.push(c);
                    at += c.len_utf8();
                }
            }
        }
        Ok((made, at))
    }

    /// In double quotes, which open at a place; the answer is the place after them.
    fn quoted(&self, start: usize, made: &mut Made) -> Result<usize, Refusal> {
        let text = self.text;
        let mut at = start + 1;
        loop {
            let c = text[at..].chars().next().ok_or(Refusal::new(UNCLOSED, start))?;
            match c {
                '"' => return Ok(at + 1),
                '`' => at = self.backticks(at, made)?,
                '$' => at = self.dollar(at, made)?,
                '\\' => match text[at + 1..].chars().next() {
                    Some(next @ ('$' | '`' | '"' | '\\')) => {
                        made.push(next);
                        at += 2;
                    }
                    Some('\n') => at += 2,
                    _ => {
                        made.push('\\');
                        at += 1;
                    }
                },
                c => {
                    made.push(c);
                    at += c.len_utf8();
                }
            }
        }
    }

    fn backticks(&self, start: usize, made: &mut Made) -> Result<usize, Refusal> {
        let mut escaped = false;
        for (index, c) in self.text[start + 1..].char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '`' => {
                    let end = start + 1 + index + 1;
                    made.refer(&self.text[start..end], None);
                    return Ok(end);
                }
                _ => {}
            }
        }
        Err(Refusal::new(UNCLOSED, start))
    }

    /// What a `$` begins; the answer is the place after it.
    fn dollar(&self, start: usize, made: &mut Made) -> Result<usize, Refusal> {
        let text = self.text;
        let after = &text[start + 1..];
        let length = name_length(after);
        if length > 0 {
            let end = start + 1 + length;
            made.refer(&text[start..end], self.known.get(&after[..length]));
            return Ok(end);
        }
        match after.chars().next() {
            Some('{') => {
                let end = self.closing(start + 1, '{', '}')?;
                let inner = &text[start + 2..end - 1];
                let found = self.parameter(inner, start + 2)?;
                made.refer(&text[start..end], found);
                Ok(end)
            }
            Some('(') => {
                let end = self.closing(start + 1, '(', ')')?;
                made.refer(&text[start..end], None);
                Ok(end)
            }
            // What quotes mean after a dollar differs between shells; the rest are arguments and what the shell tells of itself.
            Some('\'' | '"') => {
                made.depends = true;
                made.push('$');
                Ok(start + 1)
            }
            Some(c) if c.is_ascii_digit() || matches!(c, '@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                made.refer(&text[start..start + 2], None);
                Ok(start + 2)
            }
            _ => {
                made.push('$');
                Ok(start + 1)
            }
        }
    }

    /// `NAME`, `NAME:-word` and its kin. Nothing where only the machine knows.
    fn parameter(&self, inner: &str, at: usize) -> Result<Option<Made>, Refusal> {
        let length = name_length(inner);
        let found = self.known.get(&inner[..length]);
        let (empty, operator) = match &inner[length..] {
            rest if rest.starts_with(':') => (true, &rest[1..]),
            rest => (false, rest),
        };
        let is_set = found.as_ref().is_some_and(|found| !empty || !found.text.is_empty());
        let other = |operator: &str| {
            let (mut made, from) = (Made::default(), at + inner.len() - operator.len() + 1);
            let inner = Shell { text: &self.text[..at + inner.len()], known: Known::default(), exporting: None };
            let mut place = from;
            while let Some(c) = inner.text[place..].chars().next() {
                place = match c {
                    '"' => inner.quoted(place, &mut made)?,
                    '`' => inner.backticks(place, &mut made)?,
                    '$' => inner.dollar(place, &mut made)?,
                    c => {
                        made.push(c);
                        place + c.len_utf8()
                    }
                };
            }
            Ok(Some(Made { depends: true, ..made }))
        };
        match operator.chars().next() {
            _ if length == 0 => Ok(None),
            None if !empty => Ok(found),
            Some('-' | '=') if is_set => Ok(found),
            Some('-' | '=') => other(operator),
            Some('+') if is_set => other(operator),
            Some('?') if is_set => Ok(found),
            _ => Ok(None),
        }
    }

    /// The place after the bracket that closes the one at a place. Quotes hide brackets.
    fn closing(&self, start: usize, open: char, close: char) -> Result<usize, Refusal> {
        let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
        for (index, c) in self.text[start..].char_indices() {
            match (quote, c) {
                _ if escaped => escaped = false,
                (None | Some('"'), '\\') => escaped = true,
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, c) if c == open => depth += 1,
                (None, c) if c == close => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(start + index + 1);
                    }
                }
                _ => {}
            }
        }
        Err(Refusal::new(UNCLOSED, start))
    }
}

impl<'a> Loader<'a> for Shell<'a> {
    fn statement(&mut self, at: usize) -> Result<Statement<'a>, Refusal> {
        let text = self.text;
        let mut exporting = self.exporting.take().is_some_and(|until| until == at);
        let mut at = at;
        loop {
            let rest = &text[at..];
            let Some(c) = rest.chars().next() else { return Ok(Statement { entry: None, next: at }) };
            match c {
                '\n' | ';' => {
                    exporting = false;
                    at += 1;
                }
                ' ' | '\t' => at += 1,
                '#' => return Ok(Statement { entry: None, next: end_of_line(text, at) }),
                _ => break,
            }
        }
        let rest = &text[at..];
        let length = name_length(rest);
        let (key, after) = (&rest[..length], &rest[length..]);
        if key == "export" && after.starts_with([' ', '\t']) {
            let next = at + length + 1;
            self.exporting = Some(next);
            return Ok(Statement { entry: None, next });
        }
        if key == "set" && [" -a", " +a"].iter().any(|option| after.starts_with(option)) {
            return Ok(Statement { entry: None, next: at + length + 3 });
        }
        let (value, next) = match after.strip_prefix('=') {
            Some(_) if length > 0 => {
                let (made, next) = self.word(at + length + 1)?;
                (Some(made), next)
            }
            None if length > 0
                && exporting
                && after.chars().next().is_none_or(|c| matches!(c, ' ' | '\t' | '\n' | ';')) =>
            {
                (None, at + length)
            }
            _ => return Err(Refusal::new("it is no assignment, so that a shell runs it as a command", at)),
        };
        if exporting {
            self.exporting = Some(next);
        }
        if value.is_some() {
            self.known.set(key, value.as_ref());
        }
        Ok(Statement { entry: Some(Entry { at, key, value }), next })
    }

    fn learn(&mut self, key: &'a str, value: &str) {
        self.known.set(key, Some(&Made::literal(value)));
    }
}
