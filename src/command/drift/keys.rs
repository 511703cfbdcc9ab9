//! `predeploy drift keys --code`: which variables the code reads, where, and which environments declare them.

use predeploy_gates::{KeyRow, Verdict};
use serde::Serialize;

use super::{Told, ask_about, findings, json, table, tell, verdict};
use crate::cli::DriftKeysArgs;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::run::record::Answer;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct List<'a> {
    verdict: Verdict,
    keys: Vec<Key<'a>>,
    findings: Vec<Told<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Key<'a> {
    key: &'a str,
    /// `required`, `read`, `default`, or nothing if the code does not read it.
    code: Option<&'static str>,
    /// The first places that read it.
    places: Vec<Place<'a>>,
    /// In how many places it is read.
    count: usize,
    environments: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

pub(super) fn keys(args: &DriftKeysArgs, environment: &Environment) -> Result<(Verdict, String), Stop> {
    if !args.code {
        return Err(Stop::usage("it is not said which keys are meant", "name them: `predeploy drift keys --code`"));
    }
    let (report, ran) = ask_about(&args.asked, environment, |gate| {
        gate.remove("runtimes");
        gate.remove("plans");
        gate.remove("live");
        gate.remove("schema");
        gate.entry("code").or_insert_with(|| toml::Table::new().into());
    })?;
    let mut rows: Vec<KeyRow> = Vec::new();
    for gathered in &ran.record.gates {
        if let Answer::Evidence(evidence) = &gathered.answer {
            rows.extend(predeploy_gates::keys_of_code(evidence).map_err(std::io::Error::other)?.into_iter().flatten());
        }
    }
    // What is about the environments alone is `check`'s.
    let all = findings(&report);
    let of_code =
        |rule: &str| matches!(rule, "drift/undeclared-variable" | "drift/unread-key" | "drift/unreadable-file");
    let all: Vec<_> = all.into_iter().filter(|weighed| of_code(weighed.finding.rule.id)).collect();
    let verdict = verdict(&all);
    if args.asked.json {
        let list = List {
            verdict,
            keys: rows.iter().map(key).collect(),
            findings: all.iter().map(|it| Told::of(it)).collect(),
        };
        return Ok((verdict, json(&list)?));
    }
    let mut lines: Vec<Vec<String>> = vec![["key", "code", "environments", "place"].map(String::from).to_vec()];
    lines.extend(rows.iter().map(|row| {
        let more = if row.count > 1 { format!(" and {} more", row.count - 1) } else { String::new() };
        let place =
            row.places.first().map_or_else(String::new, |(path, span)| format!("{path}:{}{more}", span.start.line));
        let environments = if row.environments.is_empty() { "-".to_owned() } else { row.environments.join(", ") };
        vec![line(&row.name), row.need.unwrap_or("-").to_owned(), line(&environments), line(&place)]
    }));
    tell(&all);
    Ok((verdict, if lines.len() > 1 { table(&lines) } else { String::new() }))
}

fn key(row: &KeyRow) -> Key<'_> {
    let places =
        row.places.iter().map(|(path, span)| Place { file: path, line: span.start.line, column: span.start.column });
    Key { key: &row.name, code: row.need, places: places.collect(), count: row.count, environments: &row.environments }
}
