//! compose-go, what `docker compose` reads `.env` and `env_file` with
//! (<https://github.com/compose-spec/compose-go/blob/main/dotenv/parser.go>, and `template/template.go` for references).

use super::statement::{Entry, Known, Loader, Made, Refusal, Statement, end_of_line, name_length};

pub(super) struct Compose<'a> {
    text: &'a str,
    known: Known<'a>,
}

impl<'a> Compose<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, known: Known::default() }
    }

    /// The name, where it begins, and where what follows its separator begins; and whether nothing separates it from a value.
    fn name(&self, at: usize) -> Result<(&'a str, usize, usize, bool), Refusal> {
        let mut at = at;
        if let Some(rest) = self.text[at..].strip_prefix("export").filter(|rest| rest.starts_with(regexp_blank)) {
            at = self.text.len() - rest.trim_start_matches(is_blank).len();
        }
        let rest = &self.text[at..];
        for (index, c) in rest.char_indices() {
            match c {
                c if is_blank(c) => {}
                '=' | ':' | '\n' => return Ok((rest[..index].trim_end(), at, at + index + 1, c == '\n')),
                '_' | '.' | '-' | '[' | ']' => {}
                c if c.is_alphabetic() || c.is_numeric() => {}
                _ => return Err(Refusal::new("a character that no name has", at + index)),
            }
        }
        Ok((rest.trim_end(), at, self.text.len(), true))
    }
}

impl<'a> Loader<'a> for Compose<'a> {
    fn statement(&mut self, at: usize) -> Result<Statement<'a>, Refusal> {
        let text = self.text;
        let start = text.len() - text[at..].trim_start_matches('\u{feff}').trim_start().len();
        if text[start..].is_empty() {
            return Ok(Statement { entry: None, next: text.len() });
        }
        if text[start..].starts_with('#') {
            return Ok(Statement { entry: None, next: end_of_line(text, start) });
        }
        let (key, at, next, inherited) = self.name(start)?;
        if key.contains(' ') {
            return Err(Refusal::new("a name with a blank in it", at));
        }
        let next = text.len() - text[next..].trim_start_matches(is_blank).len();
        if inherited {
            return Ok(Statement { entry: Some(Entry { at, key, value: None }), next });
        }
        let mut made = Made::default();
        let refused = |what| Refusal::new(what, next);
        let next = match text[next..].chars().next().filter(|c| matches!(c, '"' | '\'')) {
            None => {
                let end = end_of_line(text, next);
                let value = &text[next..end];
                let value = value.split_once(" #").map_or(value, |(value, _)| value).trim_end();
                self.expand(value, &mut made).map_err(refused)?;
                (end + 1).min(text.len())
            }
            Some(quote) => {
                let (value, after) = quoted(text, next, quote)
                    .ok_or_else(|| Refusal::new("a quote is opened here and never closed", next))?;
                if quote == '"' {
                    self.expand(&escapes(&value), &mut made).map_err(refused)?;
                } else {
                    made.push_str(&value);
                }
                after
            }
        };
        self.known.set(key, Some(&made));
        Ok(Statement { entry: Some(Entry { at, key, value: Some(made) }), next })
    }

    fn learn(&mut self, key: &'a str, value: &str) {
        self.known.set(key, Some(&Made::literal(value)));
    }
}

impl Compose<'_> {
    /// `$$`, `$NAME`, `${NAME}` and `${NAME:-…}` with its kin.
    fn expand(&self, value: &str, made: &mut Made) -> Result<(), &'static str> {
        let mut rest = value;
        while let Some(at) = rest.find('$') {
            made.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let plain = name_length(after);
            rest = if let Some(after) = after.strip_prefix('$') {
                made.push('$');
                after
            } else if plain > 0 {
                made.refer(&rest[at..at + 1 + plain], self.known.get(&after[..plain]));
                &after[plain..]
            } else if let Some(inner) = after.strip_prefix('{') {
                let end = closing(inner).ok_or("a reference that is never closed")?;
                let found = self.substitute(&inner[..end])?;
                made.refer(&rest[at..at + 2 + end + 1], found);
                &inner[end + 1..]
            } else {
                made.push('$');
                after
            };
        }
        made.push_str(rest);
        Ok(())
    }

    /// What stands between braces. Nothing if only the machine knows.
    fn substitute(&self, inner: &str) -> Result<Option<Made>, &'static str> {
        let (name, rest) = inner.split_at(name_length(inner));
        let found = self.known.get(name);
        let (empty, operator) = rest.strip_prefix(':').map_or((false, rest), |rest| (true, rest));
        let mut more = operator.chars();
        let operator = more.next();
        let other = || {
            let mut made = Made::default();
            // Whether it is used depends on what surrounds the loader.
            self.expand(more.as_str(), &mut made).map(|()| Made { depends: true, ..made })
        };
        let is_set = found.as_ref().is_some_and(|found| !empty || !found.text.is_empty());
        match operator {
            _ if name.is_empty() => Err("a reference without a name"),
            None if !empty => Ok(found),
            Some('-') if is_set => Ok(found),
            Some('-') => other().map(Some),
            Some('+') if is_set => other().map(Some),
            Some('+' | '?') => Ok(found),
            _ => Err("a reference that is not well-formed"),
        }
    }
}

/// The brace that closes what is open, else the last one of the line.
fn closing(inner: &str) -> Option<usize> {
    let line = &inner[..end_of_line(inner, 0)];
    let mut open = 1;
    for (at, c) in line.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    line.rfind('}')
}

/// What stands between quotes, of which a backslash takes the meaning, and the place after them.
fn quoted(text: &str, at: usize, quote: char) -> Option<(String, usize)> {
    let (mut value, mut escaped) = (String::new(), false);
    for (index, c) in text[at + 1..].char_indices() {
        match c {
            c if c == quote && !escaped => return Some((value, at + 1 + index + 1)),
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            c if escaped && c != quote => value.extend(['\\', c]),
            c => value.push(c),
        }
        escaped = false;
    }
    None
}

/// The escapes of double quotes: those of Go that are letters, octal ones, `\$` and `\\`.
fn escapes(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let Some(c) = after.chars().next() else {
            rest = &rest[at..];
            break;
        };
        let length = c.len_utf8();
        rest = &after[length..];
        match c {
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\u{b}'),
            '$' => out.push_str("$$"),
            '\\' | '"' => out.push(c),
            '0' => {
                let digits = rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
                match u8::from_str_radix(&rest[..digits], 8).ok().filter(|_| digits == 3) {
                    Some(byte) => out.push(char::from(byte)),
                    None => {
                        out.push_str("\\0");
                        out.push_str(&rest[..digits]);
                    }
                }
                rest = &rest[digits..];
            }
            c => out.extend(['\\', c]),
        }
    }
    out.push_str(rest);
    out
}

/// `isSpace` of the parser: no line break.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// `\s` of Go's regular expressions.
fn regexp_blank(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' ')
}
