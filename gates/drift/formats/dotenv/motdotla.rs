//! dotenv of npm (<https://github.com/motdotla/dotenv/blob/master/lib/main.js>), which looks for what its regular expression matches and
//! passes over all else. It knows no references: dotenv-expand does.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::statement::{Entry, Loader, Made, Refusal, Statement};

/// Its `LINE`, with the classes of JavaScript written out.
static LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    const SPACE: &str =
        r"[\t\n\x0b\x0c\r \u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}]";
    let line = r#"(?m)^S*(?:exportS+)?([0-9A-Za-z_.-]+)(?:S*=S*?|:S+?)(S*'(?:\\'|[^'])*'|S*"(?:\\"|[^"])*"|S*`(?:\\`|[^`])*`|[^#\r\n]+)?S*(?:#[^\r\n\u{2028}\u{2029}]*)?$"#;
    Regex::new(&line.replace('S', SPACE)).ok()
});

pub(super) struct Motdotla<'a> {
    text: &'a str,
    /// With every line ended by `\n` alone.
    lines: Cow<'a, str>,
    /// Places in `lines` before which a `\r` was taken out.
    removed: Vec<usize>,
}

impl<'a> Motdotla<'a> {
    pub fn new(text: &'a str) -> Self {
        if !text.contains('\r') {
            return Self { text, lines: Cow::Borrowed(text), removed: Vec::new() };
        }
        let (mut lines, mut removed) = (String::with_capacity(text.len()), Vec::new());
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\r' if chars.peek() == Some(&'\n') => removed.push(lines.len()),
                '\r' => lines.push('\n'),
                c => lines.push(c),
            }
        }
        Self { text, lines: Cow::Owned(lines), removed }
    }

    fn in_text(&self, at: usize) -> usize {
        at + self.removed.partition_point(|removed| *removed < at)
    }

    fn in_lines(&self, at: usize) -> usize {
        // The n-th one taken out stood at its place plus n in the text.
        let mut before = self.removed.partition_point(|removed| *removed < at);
        while before > 0 && self.removed[before - 1] + before > at {
            before -= 1;
        }
        at - before
    }
}

impl<'a> Loader<'a> for Motdotla<'a> {
    fn statement(&mut self, at: usize) -> Result<Statement<'a>, Refusal> {
        let end = Statement { entry: None, next: self.text.len() };
        let Some(line) = &*LINE else { return Err(Refusal::new("its expression cannot be compiled", at)) };
        let from = self.in_lines(at);
        let Some(found) = line.captures_at(&self.lines, from) else { return Ok(end) };
        let (Some(all), Some(name)) = (found.get(0), found.get(1)) else { return Ok(end) };
        let value = found.get(2).map_or("", |value| value.as_str()).trim_matches(is_space);
        let quote = value.chars().next();
        let inner = quote
            .filter(|c| matches!(c, '\'' | '"' | '`'))
            .and_then(|quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)));
        let value = inner.unwrap_or(value);
        let value = if quote == Some('"') { value.replace("\\n", "\n").replace("\\r", "\r") } else { value.to_owned() };
        let at = self.in_text(name.start());
        let entry = Entry { at, key: &self.text[at..at + name.len()], value: Some(Made::literal(value)) };
        Ok(Statement { entry: Some(entry), next: self.in_text(all.end()) })
    }

    fn learn(&mut self, _: &'a str, _: &str) {}
}

/// What `trim` takes off in JavaScript.
fn is_space(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}
