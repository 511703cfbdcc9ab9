//! Templates of Go, Jinja and ERB: what they become when they are rendered is not what stands in them.

/// What opens and closes an instruction.
const MARKS: &[(&str, &str)] = &[("{{", "}}"), ("{%", "%}"), ("<%", "%>")];

/// Whether a file that is not well-formed at a line is a template: there is an instruction on it, or one alone on another line.
pub(super) fn is_one(text: &str, line: u32) -> bool {
    let instructs =
        |text: &str| MARKS.iter().any(|(open, close)| text.find(open).is_some_and(|at| text[at..].contains(close)));
    let alone = |text: &str| {
        let text = text.trim();
        MARKS.iter().any(|(open, close)| text.starts_with(open) && text.ends_with(close))
    };
    text.lines().zip(1..).any(|(text, number)| alone(text) || number == line && instructs(text))
}
