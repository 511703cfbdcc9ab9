//! `predeploy rehearse`: the migrations alone, with a table of what each did.

use std::fmt::Write as _;
use std::io::Write as _;

use predeploy_gates::{Progress, RehearsedFolder, RehearsedMigration, Severity, Verdict, rehearsals};
use serde::Serialize;

use super::check;
use crate::cli::{CheckArgs, RehearseArgs};
use crate::config;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::law::{Found, Law, Whose};
use crate::report::harmless::line;
use crate::report::outputs::Outputs;
use crate::report::{GateReport, Report};
use crate::run::live::{Means, Ran};
use crate::run::record::Answer;
use crate::run::setup::Ground;

/// The kind of the gate that this is about.
const KIND: &str = "migrations";

pub(crate) fn rehearse(args: &RehearseArgs, environment: &Environment) -> Result<Verdict, Stop> {
    let checked = CheckArgs {
        repo: args.repo.clone(),
        base: args.base.clone(),
        head: args.head.clone(),
        working_tree: args.working_tree,
        environment: args.environment.clone(),
        stage: Some(predeploy_gates::Stage::Push),
        all: args.all,
        cache: args.cache.clone(),
        ..CheckArgs::default()
    };
    let progress: &'static dyn Progress = if environment.terminal { &Spoken } else { &predeploy_gates::NoProgress };
    let means = Means { keep: args.keep, progress };
    let (report, ran) = check::run(&checked, environment, means, |ground, found| law(args, ground, found))?;
    let folders = folders(&ran)?;
    if let Some(path) = &args.write_baseline {
        std::fs::write(path, baseline(&report))
            .map_err(|e| std::io::Error::new(e.kind(), format!("{}: {e}", path.display())))?;
    }
    if args.json {
        let told = Told { verdict: report.verdict, folders: &folders, findings: findings(&report) };
        let text = serde_json::to_string_pretty(&told).map_err(std::io::Error::other)?;
        writeln!(std::io::stdout(), "{text}")?;
    } else {
        write!(std::io::stdout(), "{}", table(&folders))?;
        Outputs::parse(&["text".into()], environment)?.write(&report, environment)?;
    }
    Ok(report.verdict)
}

/// Says on standard error what is looked at, for a person who waits.
struct Spoken;

impl Progress for Spoken {
    fn tell(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "  {}", line(text));
    }
}

/// The policy with its migrations gates alone. A path on the command line takes the place of their `paths`; without a policy it is
/// one by itself.
fn law(args: &RehearseArgs, ground: &Ground, mut found: Found) -> Result<Found, Stop> {
    let mut policy = match &found.law {
        Some(law) => match toml::from_str::<toml::Table>(&law.text) {
            Ok(policy) => policy,
            // Whoever reads it next tells what is wrong, and where.
            Err(_) => return Ok(found),
        },
        None => toml::Table::new(),
    };
    let gates = policy.entry("gates").or_insert_with(|| toml::Table::new().into());
    let Some(gates) = gates.as_table_mut() else { return Ok(found) };
    let is_one =
        |name: &str, gate: &toml::Value| gate.get("kind").and_then(toml::Value::as_str).unwrap_or(name) == KIND;
    gates.retain(|name, gate| is_one(name, gate));
    match &args.path {
        None if gates.is_empty() && found.law.is_some() => {
            return Err(Stop::usage(
                "the policy has no migrations gate",
                "name a folder: `predeploy rehearse db/migrations`",
            ));
        }
        None if found.law.is_some() => {}
        path => {
            let mut gate = of_path(gates, path.as_deref());
            gate.remove("kind");
            if let Some(path) = path {
                gate.insert("paths".into(), vec![path.trim_end_matches('/').to_owned()].into());
            }
            *gates = toml::Table::from_iter([(KIND.to_owned(), gate.into())]);
        }
    }
    // Overlays of environments speak of gates that are no longer there.
    if let Some(environments) = policy.get_mut("environments").and_then(toml::Value::as_table_mut) {
        environments.iter_mut().filter_map(|(_, e)| e.as_table_mut()).for_each(|e| drop(e.remove("gates")));
    }
    let text = toml::to_string(&policy).map_err(std::io::Error::other)?;
    let path = found.law.as_ref().map_or(config::FILE_NAME.to_owned(), |law| law.path.clone());
    let (source, origin) = match &found.law {
        Some(law) => (law.source.clone(), law.origin.clone()),
        None => ("the command line".into(), ground.head.clone()),
    };
    found.law = Some(Law { source, path, text, origin, whose: Whose::CommandLine });
    Ok(found)
}

/// The settings for a folder: those of the gate that names it or a folder above it, or of the only gate. Of several that do not
/// speak of it none is taken, for they may be about another database.
fn of_path(gates: &toml::Table, path: Option<&str>) -> toml::Table {
    let path = path.unwrap_or_default().trim_end_matches('/');
    let names = |glob: &str| {
        globset::GlobBuilder::new(glob).literal_separator(true).build().is_ok_and(|glob| {
            let matcher = glob.compile_matcher();
            std::path::Path::new(path).ancestors().any(|folder| matcher.is_match(folder))
        })
    };
    let speaks_of_it = |gate: &&toml::Table| {
        let paths = gate.get("paths").and_then(toml::Value::as_array);
        paths.into_iter().flatten().filter_map(toml::Value::as_str).any(names)
    };
    let tables: Vec<&toml::Table> = gates.iter().filter_map(|(_, gate)| gate.as_table()).collect();
    let only = || (tables.len() == 1).then(|| tables[0]);
    tables.iter().copied().find(speaks_of_it).or_else(only).cloned().unwrap_or_default()
}

fn folders(ran: &Ran) -> Result<Vec<RehearsedFolder>, Stop> {
    let mut folders = vec![];
    for gathered in &ran.record.gates {
        if let Answer::Evidence(evidence) = &gathered.answer {
            folders.extend(rehearsals(evidence.get()).map_err(std::io::Error::other)?);
        }
    }
    Ok(folders)
}

/// A line for each error that is found of a migration, for the policy's `baseline`.
fn baseline(report: &Report) -> String {
    let mut lines: Vec<String> = report
        .gates
        .iter()
        .flat_map(|gate| &gate.findings)
        .filter(|weighed| weighed.finding.severity == Severity::Error)
        .filter_map(|weighed| Some(format!("{} {}\n", weighed.finding.rule.id, weighed.finding.subject.as_ref()?)))
        .collect();
    lines.sort();
    lines.dedup();
    lines.concat()
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Told<'a> {
    verdict: Verdict,
    folders: &'a [RehearsedFolder],
    findings: Vec<ToldFinding<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ToldFinding<'a> {
    rule: &'static str,
    severity: Severity,
    message: &'a str,
    migration: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
    detail: Option<&'a str>,
}

fn findings(report: &Report) -> Vec<ToldFinding<'_>> {
    let all = report.gates.iter().flat_map(|gate: &GateReport| &gate.findings).map(|weighed| &weighed.finding);
    all.map(|finding| ToldFinding {
        rule: finding.rule.id,
        severity: finding.severity,
        message: &finding.message,
        migration: finding.subject.as_deref(),
        file: finding.file_and_line().map(|(file, _)| file),
        line: finding.file_and_line().and_then(|(_, line)| line),
        detail: finding.detail.as_deref(),
    })
    .collect()
}

/// Each folder with a line for each migration, as wide as its longest word.
fn table(folders: &[RehearsedFolder]) -> String {
    let mut text = String::new();
    for folder in folders {
        let on = match (&folder.server, &folder.why_not) {
            (Some(server), _) => format!("on {server}"),
            (None, why) => format!("not rehearsed: {}", why.as_deref().unwrap_or_default()),
        };
        let before = match (folder.before, folder.warm) {
            _ if folder.server.is_none() => String::new(),
            (0, _) => String::new(),
            (n, true) => format!(", {n} before them from the cache"),
            (n, false) => format!(", {n} before them applied"),
        };
        let _ = writeln!(text, "{} ({}) {}{before}", line(&folder.directory), folder.framework, line(&on));
        let head = ["migration", "up ms", "down ms", "outcome", "rows", "locks"].map(String::from);
        let rows: Vec<[String; 6]> = std::iter::once(head).chain(folder.migrations.iter().map(row)).collect();
        if folder.migrations.is_empty() {
            continue;
        }
        let widths: Vec<usize> =
            (0..6).map(|i| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0)).collect();
        for row in &rows {
            let cell = |i: usize| match i {
                1 | 2 => format!("{:>1$}", row[i], widths[i]),
                _ => format!("{:<1$}", row[i], widths[i]),
            };
            let cells: Vec<String> = (0..6).map(cell).collect();
            let _ = writeln!(text, "  {}", cells.join("  ").trim_end());
        }
        if let Some(place) = &folder.kept {
            let _ = writeln!(text, "  the scratch database stays: {}", line(place));
        }
        if let Some(range) = folder.range {
            let _ = writeln!(text, "  all of them together: {range}");
        }
    }
    text.push('\n');
    text
}

fn row(migration: &RehearsedMigration) -> [String; 6] {
    let ms = |ms: Option<u64>| ms.map_or("-".into(), |ms| ms.to_string());
    let lock = |lock: &predeploy_gates::scratch::Lock| format!("{} {}", line(&lock.table), line(&lock.mode));
    let locks: Vec<String> = migration.locks.iter().filter(|l| l.blocks_reads || l.blocks_writes).map(lock).collect();
    [
        line(&migration.name),
        ms(migration.up_ms),
        ms(migration.down_ms),
        migration.outcome.into(),
        migration.data.into(),
        locks.join(", "),
    ]
}
