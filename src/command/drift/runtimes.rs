//! `predeploy drift runtimes`: which file names which version of what.

use predeploy_gates::{RuntimeTable, Verdict};
use serde::Serialize;

use super::{Told, ask_about, findings, json, table, tell, verdict};
use crate::cli::DriftAsked;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::run::record::Answer;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct List<'a> {
    verdict: Verdict,
    places: Vec<Place<'a>>,
    findings: Vec<Told<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Place<'a> {
    language: &'static str,
    role: &'static str,
    version: Option<&'a str>,
    written: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    project: &'a str,
}

pub(super) fn runtimes(args: &DriftAsked, environment: &Environment) -> Result<(Verdict, String), Stop> {
    let (report, ran) = ask_about(args, environment, |gate| {
        gate.retain(|key, _| matches!(key, "kind" | "runtimes"));
        if gate.get("runtimes").is_none_or(|it| it.as_bool() == Some(false)) {
            gate.insert("runtimes".into(), true.into());
        }
    })?;
    let mut tables: Vec<RuntimeTable> = Vec::new();
    for gathered in &ran.record.gates {
        if let Answer::Evidence(evidence) = &gathered.answer {
            tables.extend(predeploy_gates::runtimes(evidence).map_err(std::io::Error::other)?);
        }
    }
    let findings = findings(&report);
    let verdict = verdict(&findings);
    let rows = tables.iter().flat_map(|table| &table.rows);
    if args.json {
        let places = rows.map(|row| Place {
            language: row.language,
            role: row.role,
            version: row.version.as_deref(),
            written: &row.written,
            file: &row.path,
            line: row.span.start.line,
            column: row.span.start.column,
            project: &row.project,
        });
        let list =
            List { verdict, places: places.collect(), findings: findings.iter().map(|it| Told::of(it)).collect() };
        return Ok((verdict, json(&list)?));
    }
    let mut lines: Vec<Vec<String>> = vec![["runtime", "", "version", "written", "place"].map(String::from).to_vec()];
    lines.extend(rows.map(|row| {
        vec![
            row.language.to_owned(),
            row.role.to_owned(),
            line(row.version.as_deref().unwrap_or("?")),
            line(&row.written),
            line(&format!("{}:{}:{}", row.path, row.span.start.line, row.span.start.column)),
        ]
    }));
    tell(&findings);
    Ok((verdict, if lines.len() > 1 { table(&lines) } else { String::new() }))
}
