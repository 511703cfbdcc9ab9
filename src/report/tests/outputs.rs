//! Which reports are asked for.

use super::super::outputs::Outputs;
use crate::environment::Environment;

fn refused(formats: &[&str]) -> String {
    let formats: Vec<String> = formats.iter().map(ToString::to_string).collect();
    let stop = Outputs::parse(&formats, &Environment::of(|_| None)).unwrap_err();
    format!("{stop}; {}", stop.help().unwrap())
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_looked_at() {
    assert_eq!(
        refused(&["xml"]),
        "there is no format `xml`; the formats are text, json, github, gitlab, azure, teamcity, sarif, junit, markdown, html and auto"
    );
    assert_eq!(refused(&["json="]), "`--format json=` names no file; write `--format json=report.json`");
    let twice = "two formats would go to standard output; give all but one a file: `--format json=report.json`";
    assert_eq!(refused(&["text", "json"]), twice);
    assert_eq!(refused(&["auto", "text"]), twice);
    assert_eq!(refused(&["json=a", "text=a"]), "two formats would go to `a`; give each a file of its own");
}
