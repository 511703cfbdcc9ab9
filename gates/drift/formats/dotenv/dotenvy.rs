//! dotenvy 0.15 (<https://docs.rs/dotenvy/0.15.7/src/dotenvy/parse.rs.html>, and `iter.rs` for where a statement ends), step by step: what
//! it does is what its machine of states does.

use super::statement::{Entry, Known, Loader, Made, Refusal, Statement, end_of_line};

pub(super) struct Dotenvy<'a> {
    text: &'a str,
    known: Known<'a>,
}

#[derive(Clone, Copy)]
enum State {
    Complete,
    Escape,
    Strong,
    StrongEscape,
    Weak,
    WeakEscape,
    Blank,
}

impl<'a> Dotenvy<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, known: Known::default() }
    }

    /// The lines of a statement, and the place after them.
    fn lines(&self, start: usize) -> Result<(&'a str, usize), Refusal> {
        let text = self.text;
        let (mut at, mut state) = (start, State::Complete);
        loop {
            if at == text.len() {
                return match state {
                    State::Complete => Ok((&text[start..], at)),
                    State::Blank => Err(Refusal::new("a blank at the end of the file", start)),
                    _ => Err(Refusal::new("a quote is opened here and never closed", start)),
                };
            }
            let next = (end_of_line(text, at) + 1).min(text.len());
            if text[start..next].trim_start().starts_with('#') {
                return Ok(("", next));
            }
            for (index, c) in text[at..next].char_indices() {
                state = match (state, c) {
                    (State::Blank, '#') => return Ok((&text[start..at + index], next)),
                    (State::Complete, c) if c.is_whitespace() && !matches!(c, '\n' | '\r') => State::Blank,
                    (State::Blank | State::Complete, '\\') => State::Escape,
                    (State::Blank | State::Complete, '"') | (State::WeakEscape, _) => State::Weak,
                    (State::Blank | State::Complete, '\'') | (State::StrongEscape, _) => State::Strong,
                    (State::Weak, '\\') => State::WeakEscape,
                    (State::Strong, '\\') => State::StrongEscape,
                    (State::Weak, '"') | (State::Strong, '\'') => State::Complete,
                    (State::Weak, _) => State::Weak,
                    (State::Strong, _) => State::Strong,
                    (State::Blank | State::Complete | State::Escape, _) => State::Complete,
                };
            }
            if matches!(state, State::Complete) {
                return Ok((&text[start..next], next));
            }
            at = next;
        }
    }
}

impl<'a> Loader<'a> for Dotenvy<'a> {
    fn statement(&mut self, at: usize) -> Result<Statement<'a>, Refusal> {
        let (line, next) = self.lines(at)?;
        let line = line.trim_end();
        let rest = line.trim_start();
        let mut start = at + line.len() - rest.len();
        if rest.is_empty() || rest.starts_with('#') {
            return Ok(Statement { entry: None, next });
        }
        let refused = |at| Refusal::new("it is not a line of the form KEY=value", at);
        let (mut key, mut rest) = name(rest).ok_or_else(|| refused(start))?;
        if key == "export" && !rest.starts_with('=') {
            start = at + line.len() - rest.len();
            (key, rest) = name(rest).ok_or_else(|| refused(start))?;
        }
        let value = rest.strip_prefix('=').ok_or_else(|| refused(start))?.trim_start();
        let made = if value.is_empty() || value.starts_with('#') {
            self.known.set(key, None);
            Made::default()
        } else {
            let made = self.value(value).map_err(|what| Refusal::new(what, start))?;
            self.known.set(key, Some(&made));
            made
        };
        Ok(Statement { entry: Some(Entry { at: start, key, value: Some(made) }), next })
    }

    fn learn(&mut self, key: &'a str, value: &str) {
        self.known.set(key, Some(&Made::literal(value)));
    }
}

/// A name, and what follows it and blanks.
fn name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(text.len());
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts_well.then(|| (&text[..end], text[end..].trim_start()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Outside,
    /// After `$`.
    Name,
    /// After `${`.
    Braces,
}

impl Dotenvy<'_> {
    fn value(&self, input: &str) -> Result<Made, &'static str> {
        let (mut strong, mut weak, mut escaped, mut ended) = (false, false, false, false);
        let mut made = Made::default();
        let mut mode = Mode::Outside;
        let mut name = String::new();
        for c in input.chars() {
            if ended {
                match c {
                    ' ' | '\t' => continue,
                    '#' => break,
                    _ => return Err("a blank in a value without quotes"),
                }
            } else if escaped {
                match c {
                    '\\' | '\'' | '"' | '$' | ' ' => made.push(c),
                    'n' => made.push('\n'),
                    _ => return Err("an escape that is not known"),
                }
                escaped = false;
            } else if strong {
                if c == '\'' {
                    strong = false;
                } else {
                    made.push(c);
                }
            } else if mode != Mode::Outside {
                match (mode, c) {
                    (_, c) if c.is_alphanumeric() => name.push(c),
                    (Mode::Braces, '}') => {
                        self.refer(&mut made, &format!("${{{name}}}"), &name);
                        name.clear();
                        mode = Mode::Outside;
                    }
                    (Mode::Braces, c) => name.push(c),
                    (_, '{') if name.is_empty() => mode = Mode::Braces,
                    (_, c) => {
                        self.refer(&mut made, &format!("${name}"), &name);
                        name.clear();
                        mode = if c == '$' { Mode::Name } else { Mode::Outside };
                        if c != '$' {
                            made.push(c);
                        }
                    }
                }
            } else {
                match c {
                    '$' => mode = Mode::Name,
                    '"' => weak = !weak,
                    '\\' => escaped = true,
                    '\'' if !weak => strong = true,
                    ' ' | '\t' if !weak => ended = true,
                    c => made.push(c),
                }
            }
        }
        if mode == Mode::Braces || strong || weak {
            return Err("a quote or a reference is opened and never closed");
        }
        if mode == Mode::Name {
            self.refer(&mut made, &format!("${name}"), &name);
        }
        Ok(made)
    }

    /// A `$` before nothing that could be a name is lost.
    fn refer(&self, made: &mut Made, written: &str, name: &str) {
        if !name.is_empty() {
            made.refer(written, self.known.get(name));
        }
    }
}
