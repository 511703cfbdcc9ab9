//! `docker run --env-file` (<https://github.com/docker/cli/blob/master/pkg/kvfile/kvfile.go>): all after `=` is the value, quotes, `#` and
//! blanks too.

use super::statement::{Entry, Loader, Made, Refusal, Statement, end_of_line};

pub(super) struct Docker<'a> {
    text: &'a str,
}

impl<'a> Docker<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text }
    }
}

impl<'a> Loader<'a> for Docker<'a> {
    fn statement(&mut self, at: usize) -> Result<Statement<'a>, Refusal> {
        let end = end_of_line(self.text, at);
        let next = (end + 1).min(self.text.len());
        let line = &self.text[at..end];
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = if at == 0 { line.trim_start_matches('\u{feff}') } else { line };
        let trimmed = line.trim_start();
        let at = end - self.text[at..end].trim_start_matches('\u{feff}').trim_start().len();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            return Ok(Statement { entry: None, next });
        }
        let (key, value) = trimmed.split_once('=').map_or((trimmed, None), |(key, value)| (key, Some(value)));
        if key.is_empty() {
            return Err(Refusal::new("a line without a name", at));
        }
        if key.contains(char::is_whitespace) {
            return Err(Refusal::new("a name with a blank in it", at));
        }
        Ok(Statement { entry: Some(Entry { at, key, value: value.map(Made::literal) }), next })
    }

    fn learn(&mut self, _: &'a str, _: &str) {}
}
