//! Waivers in comments: `-- predeploy: allow migrations/drop-column until=2027-01-31 reason="…"`.
//!
//! One stands for the line it is on and the next line that is neither blank nor a comment; above the first such line of a
//! file it stands for the whole file.

use jiff::civil::Date;
use predeploy_gates::{EvidenceGlob, Excerpt, Finding, Place, Span, Text};

use super::Candidate;
use crate::config::Waiver;
use crate::rules;

const MARK: &str = "predeploy:";

/// What opens a comment, by the file's extension. Other files have no inline waivers.
fn leaders(path: &str) -> &'static [&'static str] {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "sql" => &["--", "/*"],
        "rs" | "js" | "jsx" | "ts" | "tsx" | "mjs" | "java" | "kt" | "go" | "cs" | "php" | "swift" | "c" | "h"
        | "cc" | "cpp" | "hpp" | "scala" | "jsonc" | "json5" => &["//", "/*"],
        "py" | "rb" | "sh" | "yml" | "yaml" | "toml" | "env" | "properties" | "tf" | "tfvars" | "ini" | "cfg"
        | "conf" => &["#"],
        "xml" | "html" | "md" => &["<!--"],
        _ if name.starts_with(".env") || name == "Dockerfile" => &["#"],
        _ => &[],
    }
}

/// The waivers in a file and what is wrong with some. `base` is the file's text at the base: a waiver that stands there
/// too, for the same code, was accepted with it.
pub(crate) fn scan(path: &str, text: &str, base: &str) -> (Vec<Candidate>, Vec<Finding>) {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    let mut accepted: Vec<(&str, Option<&str>)> = comments(path, base).iter().map(|c| (c.words, c.code)).collect();
    for comment in comments(path, text) {
        let place = Place::File { path: path.into(), span: Some(Span::of_line(text, comment.line)) };
        match parse(comment.words, path) {
            Ok(waiver) => {
                // Each comment of the base accepts one of the head.
                let same = accepted.iter().position(|a| *a == (comment.words, comment.code));
                let in_base = same.map(|index| accepted.swap_remove(index)).is_some();
                found.push(Candidate {
                    waiver,
                    place,
                    lines: comment.code.map(|_| (comment.line, comment.last)),
                    in_base,
                });
            }
            Err(why) => {
                let mut finding = Finding::new(&rules::WAIVER_MALFORMED, format!("this waiver cannot be read: {why}"))
                    .help("write `predeploy: allow <rule> until=YYYY-MM-DD reason=\"…\"`, optionally with `owner=…`");
                finding.place = Some(place);
                finding.excerpt = Some(Excerpt::around(text, Span::of_line(text, comment.line)));
                wrong.push(finding);
            }
        }
    }
    (found, wrong)
}

/// A comment that speaks to predeploy.
struct Comment<'a> {
    /// 1-based.
    line: u32,
    words: &'a str,
    /// The line of code that it stands for; `None` for the whole file.
    code: Option<&'a str>,
    /// 1-based number of that line.
    last: u32,
}

fn comments<'a>(path: &str, text: &'a str) -> Vec<Comment<'a>> {
    let leaders = leaders(path);
    if leaders.is_empty() || !text.contains(MARK) {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let is_code = |line: &str| !line.trim().is_empty() && !leaders.iter().any(|l| line.trim_start().starts_with(l));
    let first_code = lines.iter().position(|line| is_code(line)).unwrap_or(lines.len());
    let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
    let comment = |(index, line): (usize, &&'a str)| {
        let words = instruction(line, leaders)?;
        let next = lines.iter().skip(index).position(|line| is_code(line)).map_or(index, |i| index + i);
        let code = (is_code(line) || index > first_code).then_some(lines[next].trim());
        Some(Comment { line: number(index), words, code, last: number(next) })
    };
    lines.iter().enumerate().filter_map(comment).collect()
}

/// The words after `predeploy:` of a comment.
fn instruction<'a>(line: &'a str, leaders: &[&str]) -> Option<&'a str> {
    let (before, words) = line.split_once(MARK)?;
    let before = before.trim_end();
    if !leaders.iter().any(|leader| before.ends_with(leader)) {
        return None;
    }
    let words = words.trim();
    let words = words.strip_suffix("*/").or_else(|| words.strip_suffix("-->")).unwrap_or(words).trim();
    // Other instructions may come; only `allow` is one of waivers.
    words.starts_with("allow").then_some(words)
}

/// Reads `allow <rule> until=<date> reason="<text>" [owner=<text>]`.
fn parse(words: &str, path: &str) -> Result<Waiver, String> {
    let rest = words.strip_prefix("allow").unwrap_or(words);
    let (rule, mut rest) = rest.trim_start().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
    if !rule.contains('/') || rule.contains('=') {
        return Err("it names no rule".into());
    }
    let (mut until, mut reason, mut owner) = (None, None, None);
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let (key, after) = rest.split_once('=').ok_or_else(|| format!("`{rest}` is not of the form key=value"))?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or("a quote is not closed")?,
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        match key.trim() {
            "until" => {
                until = Some(value.parse::<Date>().map_err(|_| format!("`{value}` is not a date (YYYY-MM-DD)"))?)
            }
            "reason" => reason = Some(value.trim()),
            "owner" => owner = Some(value.trim()),
            other => return Err(format!("`{other}` is not known; known are `until`, `reason`, `owner`")),
        }
        rest = after;
    }
    let reason = reason.filter(|r| !r.is_empty()).ok_or("it has no reason")?;
    Ok(Waiver {
        rule: Text::new(rule),
        path: Some(EvidenceGlob::new(globset::escape(path))),
        subject: None,
        reason: Text::new(reason),
        owner: Text::new(owner.unwrap_or("whoever wrote the comment")),
        until: until.ok_or("it has no end (`until=`)")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str, base: &str) -> Candidate {
        let (found, wrong) = scan("db/1.sql", text, base);
        assert_eq!(wrong, []);
        found.into_iter().next().expect("a waiver")
    }

    #[test]
    fn a_comment_on_its_own_line_stands_for_the_next_code() {
        let text = "SELECT 1;\n-- predeploy: allow migrations/x until=2027-01-31 reason=\"known\"\n-- more\nDROP x;\n";
        let found = first(text, text);
        assert_eq!(found.lines, Some((2, 4)));
        assert_eq!(found.waiver.rule.as_str(), "migrations/x");
        assert!(found.in_base);
    }

    #[test]
    fn above_the_first_code_it_stands_for_the_file() {
        assert_eq!(first("-- predeploy: allow a/b until=2027-01-31 reason=r\nDROP x;\n", "").lines, None);
    }

    #[test]
    fn beside_code_it_stands_for_that_line() {
        let text = "SELECT 1;\nDROP x; -- predeploy: allow a/b until=2027-01-31 reason=r\nDROP y;\n";
        assert_eq!(first(text, text).lines, Some((2, 2)));
    }

    #[test]
    fn what_the_base_lacks_only_proposes() {
        let text = "-- predeploy: allow a/b until=2027-01-31 reason=r\nDROP x;\n";
        assert!(!first(text, "DROP x;\n").in_base);
        assert!(first(text, text).in_base);
        let longer = text.replace("2027", "2028");
        assert!(!first(&longer, text).in_base, "a later end is another waiver");
    }

    #[test]
    fn an_accepted_comment_put_above_other_code_only_proposes() {
        let base = "SELECT 1;\n-- predeploy: allow a/b until=2027-01-31 reason=r\nDROP x;\n";
        let head = format!("{base}-- predeploy: allow a/b until=2027-01-31 reason=r\nDROP y;\n");
        let (found, _) = scan("db/1.sql", &head, base);
        assert_eq!(found.iter().map(|c| c.in_base).collect::<Vec<_>>(), [true, false]);
        let twice = format!("{base}-- predeploy: allow a/b until=2027-01-31 reason=r\nDROP x;\n");
        let (found, _) = scan("db/1.sql", &twice, base);
        assert_eq!(found.iter().map(|c| c.in_base).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn without_rule_reason_or_end_it_is_an_error() {
        for (words, why) in [
            ("allow", "names no rule"),
            ("allow until=2027-01-31 reason=r", "names no rule"),
            ("allow a/b reason=r", "no end"),
            ("allow a/b until=2027-01-31", "no reason"),
            ("allow a/b until=soon reason=r", "not a date"),
            ("allow a/b until=2027-01-31 reason=\"r", "not closed"),
            ("allow a/b until=2027-01-31 reason=r because=x", "not known"),
        ] {
            let (found, wrong) = scan("db/1.sql", &format!("-- predeploy: {words}\n"), "");
            assert!(found.is_empty() && wrong.len() == 1, "{words}");
            assert!(wrong[0].message.contains(why), "{words}: {}", wrong[0].message);
            assert_eq!(wrong[0].rule.id, "run/waiver-malformed");
        }
    }

    #[test]
    fn text_that_is_no_comment_is_no_waiver() {
        let (found, wrong) = scan("db/1.sql", "SELECT 'predeploy: allow a/b';\n", "");
        assert!(found.is_empty() && wrong.is_empty());
        assert!(scan("logo.png", "# predeploy: allow a/b", "").1.is_empty());
    }
}
