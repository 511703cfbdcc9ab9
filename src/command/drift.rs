//! `predeploy drift …`: what the drift gate reads, as inventories. Each stands on the same ground as `check`: the same policy, the same tree.

mod accept;
mod keys;
mod matrix;
mod page;
mod runtimes;
mod snapshot;
mod values;

use predeploy_gates::{NoProgress, Severity, Verdict};
use serde::Serialize;

use super::{check, told};
use crate::cli::{CheckArgs, DriftArgs, DriftAsked, DriftCommand};
use crate::config;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::law::{Found, Law, Whose};
use crate::report::Report;
use crate::run::live::{Means, Ran};
use crate::run::setup::Ground;
use crate::waivers::Weighed;

/// The kind of the gate that this is about.
const KIND: &str = "drift";

/// The answer and the text to print.
pub(crate) fn drift(args: &DriftArgs, environment: &Environment) -> Result<(Verdict, String), Stop> {
    match &args.command {
        None => matrix::matrix(args, environment),
        Some(DriftCommand::Keys(args)) => keys::keys(args, environment),
        Some(DriftCommand::Runtimes(args)) => runtimes::runtimes(args, environment),
        Some(DriftCommand::Snapshot(args)) => snapshot::snapshot(args, environment),
        Some(DriftCommand::Accept(args)) => accept::accept(args, environment),
    }
}

/// What the drift gates say by the policy as it stands, at whatever stage they speak; a file may come from standard input.
fn ask(asked: &DriftAsked, stdin: Option<&str>, environment: &Environment) -> Result<(Report, Ran), Stop> {
    let means = Means { keep: false, progress: &NoProgress };
    let stdin = stdin.map(str::to_owned);
    let checked = CheckArgs { stdin, kind: Some(KIND), ..checked(asked) };
    let mut piped = None;
    let said = check::run(&checked, environment, means, |ground, found| {
        piped.clone_from(&ground.piped);
        Ok(found)
    })?;
    let mut asked = said.0.gates.iter().filter(|gate| gate.kind == KIND);
    if asked.all(|gate| gate.verdict == Verdict::Skipped) {
        let help = "take `enabled = false` away; `check` says nothing about drift either";
        return Err(Stop::usage("the policy switches its drift gates off", help));
    }
    if let Some(unread) = piped.filter(|piped| !piped.was_opened()) {
        return Err(Stop::usage(
            format!("no drift gate names the file `{}` that standard input is given for", unread.path),
            "name it after `--stdin` as `files` of the policy does",
        ));
    }
    Ok(said)
}

/// The same where there may be no policy; `narrow` leaves of a gate's settings what the command is about.
fn ask_about(
    asked: &DriftAsked,
    environment: &Environment,
    narrow: impl Fn(&mut toml::Table),
) -> Result<(Report, Ran), Stop> {
    let means = Means { keep: false, progress: &NoProgress };
    check::run(&checked(asked), environment, means, |ground, found| law(ground, found, narrow))
}

/// The arguments of `check` that ask for the same.
fn checked(asked: &DriftAsked) -> CheckArgs {
    CheckArgs {
        repo: asked.repo.clone(),
        base: asked.base.clone(),
        head: asked.head.clone(),
        working_tree: asked.working_tree,
        environment: asked.environment.clone(),
        every_stage: true,
        stage: Some(predeploy_gates::Stage::Push),
        ..CheckArgs::default()
    }
}

/// The repository as the run found it.
fn ground(asked: &DriftAsked, environment: &Environment) -> Result<Ground, Stop> {
    Ground::find(&checked(asked), environment)
}

/// The policy with its drift gates alone, at every stage; one gate if it has none.
fn law(ground: &Ground, mut found: Found, narrow: impl Fn(&mut toml::Table)) -> Result<Found, Stop> {
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
    gates.retain(|name, gate| gate.get("kind").and_then(toml::Value::as_str).unwrap_or(name) == KIND);
    if gates.is_empty() {
        gates.insert(KIND.into(), toml::Table::new().into());
    }
    gates.iter_mut().filter_map(|(_, gate)| gate.as_table_mut()).for_each(narrow);
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

/// What the gates found, the heaviest first, without what the house says of a run: nothing is decided here.
fn findings(report: &Report) -> Vec<&Weighed> {
    let mut all: Vec<&Weighed> = report.gates.iter().flat_map(|gate| &gate.findings).collect();
    all.sort_by_key(|weighed| std::cmp::Reverse(weighed.weight()));
    all
}

fn verdict(findings: &[&Weighed]) -> Verdict {
    Verdict::of_severities(findings.iter().map(|weighed| weighed.weight()))
}

/// What a finding weighs, in a word.
fn word(weighed: &Weighed) -> &'static str {
    if weighed.waived.is_some() { "waived" } else { weighed.finding.severity.word() }
}

/// A finding in JSON.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Told<'a> {
    rule: &'static str,
    severity: Severity,
    message: &'a str,
    help: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
    /// It is accepted until its waiver ends.
    waived: bool,
}

impl<'a> Told<'a> {
    fn of(weighed: &'a Weighed) -> Self {
        let finding = &weighed.finding;
        Self {
            waived: weighed.waived.is_some(),
            rule: finding.rule.id,
            severity: finding.severity,
            message: &finding.message,
            help: finding.help.as_deref(),
            file: finding.file_and_line().map(|(file, _)| file),
            line: finding.file_and_line().and_then(|(_, line)| line),
        }
    }
}

/// Says findings to whoever reads the log.
fn tell(findings: &[&Weighed]) {
    findings.iter().for_each(|weighed| told::tell(word(weighed), &weighed.finding));
}

/// A longer cell stands out of its column.
const WIDEST: usize = 72;

/// Rows as wide as their longest words.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    // One long key must not pad all others.
    let width = |at: usize| {
        let lengths = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
        lengths.filter(|length| *length <= WIDEST).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn json(told: &impl Serialize) -> Result<String, Stop> {
    Ok(format!("{}\n", serde_json::to_string_pretty(told).map_err(std::io::Error::other)?))
}
