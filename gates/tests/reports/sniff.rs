//! Which format a report is of, by how it begins.

use super::Format;

/// The format of what begins with `text`, its first 8 KiB or all of it. An error says what it looks like instead. Of XML the root
/// element decides, once it was read.
pub(super) fn format(text: &str) -> Result<Format, String> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    match text.chars().next() {
        None => Err("it holds nothing but blanks".into()),
        Some('<') => Ok(Format::Junit),
        Some('{') if text.contains("\"predeploy_tests\"") => Ok(Format::Summary),
        Some('{') if is_sarif(text) => Ok(Format::Sarif),
        Some(_) => Err("it is neither XML nor JSON nor TAP".into()),
    }
}

/// A log has a version and runs, which name their tools; one that fits has the keys of its results far behind.
fn is_sarif(text: &str) -> bool {
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    has("runs") && (has("tool") || has("version") || has("$schema"))
}

/// What a document of XML is that has this root element.
pub(super) fn root(name: &str) -> String {
    let what = match name {
        "coverage" => "a coverage report (declare it under `coverage`)",
        "html" => "a page of HTML",
        _ => "of no format of test reports that is read",
    };
    format!("its root element is `<{}>`: it is {what}", super::tally::cut(name, 100))
}
