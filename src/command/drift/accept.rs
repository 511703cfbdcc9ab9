//! `predeploy drift accept`: waivers for findings about keys, written into the policy.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use predeploy_gates::{Finding, GATES, Severity, Verdict};

use super::{KIND, ask, findings};
use crate::cli::{AcceptArgs, CheckArgs};
use crate::config;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::run::setup::Ground;

pub(super) fn accept(args: &AcceptArgs, environment: &Environment) -> Result<(Verdict, String), Stop> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    if args.until < today {
        return Err(Stop::usage(
            format!("{} is over", args.until),
            "name a day to come: a waiver ends, so that somebody looks again",
        ));
    }
    for (name, text) in [("reason", &args.reason), ("owner", &args.owner)] {
        if text.trim().is_empty() {
            return Err(Stop::usage(format!("a waiver without `{name}` accepts nothing"), format!("give `--{name}`")));
        }
    }
    if let Some(rule) = &args.rule {
        known(rule)?;
    }
    let (report, _) = ask(&args.asked, None, environment)?;
    let all: Vec<&Finding> =
        findings(&report).into_iter().filter(|one| one.waived.is_none()).map(|one| &one.finding).collect();
    let mut text = String::new();
    let mut written = BTreeSet::new();
    for key in &args.keys {
        let about = |finding: &&&Finding| {
            finding.subject.as_deref() == Some(key) && args.rule.as_deref().is_none_or(|rule| rule == finding.rule.id)
        };
        let found: Vec<&&Finding> = all.iter().filter(about).collect();
        let weighs = |severity| !matches!(severity, Severity::Note | Severity::Unresolved);
        if !found.iter().any(|finding| weighs(finding.severity)) {
            let known: BTreeSet<&str> =
                all.iter().filter(|finding| weighs(finding.severity)).filter_map(|f| f.subject.as_deref()).collect();
            let known = known.into_iter().take(20).collect::<Vec<_>>().join("`, `");
            let what = if found.is_empty() {
                "nothing is found about"
            } else {
                "nothing that a waiver could accept is found about"
            };
            let help = match known.as_str() {
                "" => "nothing is left that a waiver could accept".to_owned(),
                known => format!("there are findings about `{}`", line(known)),
            };
            return Err(Stop::usage(format!("{what} `{}`", line(key)), help));
        }
        for finding in found.into_iter().filter(|finding| weighs(finding.severity)) {
            let path = finding.file_and_line().map(|(path, _)| path);
            if written.insert((finding.rule.id, path, key)) {
                text.push_str(&waiver(finding.rule.id, path, key, args));
            }
        }
    }
    let path = append(&text, args, environment)?;
    let count = written.len();
    let plural = if count == 1 { "waiver" } else { "waivers" };
    Ok((Verdict::Passed, format!("{count} {plural} written into {}\n", line(&path))))
}

/// Whether there is such a rule of the drift gate.
fn known(rule: &str) -> Result<(), Stop> {
    let rules = GATES.iter().filter(|row| row.kind == KIND).flat_map(|row| row.rules).map(|rule| rule.id);
    if rules.clone().any(|known| known == rule) {
        return Ok(());
    }
    let slip = config::meant(rule, rules).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
    Err(Stop::usage(
        format!("there is no rule `{}`", line(rule)),
        format!("{slip}`predeploy explain drift` lists them"),
    ))
}

fn waiver(rule: &str, path: Option<&str>, key: &str, args: &AcceptArgs) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut text = format!("\n[[waiver]]\nrule = {}\n", quoted(rule));
    if let Some(path) = path {
        let _ = writeln!(text, "path = {}", quoted(&escaped(path)));
    }
    let _ = writeln!(text, "match = {}", quoted(&escaped(key)));
    let _ =
        writeln!(text, "reason = {}\nowner = {}\nuntil = {}", quoted(&args.reason), quoted(&args.owner), args.until);
    text
}

/// Stands for itself in a glob.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => {
                escaped.push('[');
                escaped.push(c);
                escaped.push(']');
            }
            c => escaped.push(c),
        }
        escaped
    })
}

/// At the end of the policy on disk: tables of a list may stand anywhere.
fn append(text: &str, args: &AcceptArgs, environment: &Environment) -> Result<String, Stop> {
    let checked = CheckArgs { repo: args.asked.repo.clone(), ..CheckArgs::default() };
    let ground = Ground::find(&checked, environment)?;
    let found = ground.law(None)?;
    let path = found.law.map_or_else(|| config::FILE_NAME.to_owned(), |law| law.path);
    let file = ground.place.root.join(&path);
    let before = match std::fs::read_to_string(&file) {
        Ok(before) => before,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(e.into()),
    };
    let end = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    std::fs::write(&file, format!("{before}{end}{text}"))?;
    Ok(path)
}
