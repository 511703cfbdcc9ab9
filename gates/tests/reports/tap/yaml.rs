//! The block of YAML below a test point: the few keys that say where, how long and why, as node's runner, node-tap and tape write them.
//! All of it is kept as text.

use crate::tests::reports::tally::{Said, TRACE, cut};
use crate::tests::reports::times;

pub(super) struct Yaml {
    indent: usize,
}

/// What a block says of its test point.
#[derive(Default)]
pub(super) struct Details {
    pub file: Option<String>,
    pub line: u32,
    pub nanos: Option<u64>,
    pub said: Said,
}

pub(super) enum Step {
    Inside,
    End,
    /// The line stands outside, and the block was never ended.
    Outside,
}

impl Yaml {
    pub fn new(indent: usize) -> Self {
        Self { indent }
    }

    pub fn line(&self, indent: usize, content: &str, details: &mut Details) -> Step {
        if indent < self.indent {
            return Step::Outside;
        }
        if indent == self.indent && content == "..." {
            return Step::End;
        }
        details.said.push(content);
        details.said.push("\n");
        if let Some((key, value)) = content.split_once(": ") {
            let value = unquote(value.trim());
            match key.trim() {
                "duration_ms" => details.nanos = times::seconds(value).map(|it| it / 1_000),
                "message" | "error" if indent == self.indent && details.said.message.is_empty() => {
                    details.said.message =
                        cut(if matches!(value, "|-" | "|" | ">-" | ">") { "" } else { value }, TRACE).into();
                }
                // `file:line:column`
                "location" | "at" if value.contains(':') => {
                    let mut parts = value.rsplitn(3, ':');
                    let (_, line, file) = (parts.next(), parts.next(), parts.next());
                    details.line = line.and_then(|line| line.parse().ok()).unwrap_or(0);
                    details.file = file.filter(|_| details.line > 0).map(|file| cut(file, TRACE).into());
                }
                "file" | "fileName" => details.file = Some(cut(value, TRACE).into()),
                "line" | "lineNumber" => details.line = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        Step::Inside
    }
}

fn unquote(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    inner('\'').or_else(|| inner('"')).unwrap_or(value)
}
