//! The lines of CODEOWNERS that do nothing.

use std::fmt::Write as _;

use predeploy_gates::codeowners::{self, InertLine};
use predeploy_gates::{Failure, OwnersMistake, PeopleAsked, Verdict};
use serde::Serialize;

use super::{LARGEST, Place, Read, Told, unresolved};
use crate::cli::CheckArgs;
use crate::config::House;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::run::setup::{self, Ground};
use crate::services::trees::Origin;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Linted<'a> {
    codeowners: Option<Told<'a>>,
    inert: &'a [InertLine],
    /// Why it is not known whether the owners exist and may write; nothing if it is.
    owners_not_asked: Option<&'a str>,
}

/// What the forge says of the owners.
enum Said {
    Mistakes(Vec<OwnersMistake>),
    /// It was not asked, and why: a sentence without a final full stop.
    NotAsked(String),
    Failed(Failure),
}

pub(super) fn lint(
    args: &CheckArgs,
    environment: &Environment,
    ground: &Ground,
    read: &Read,
    place: &Place,
    json: bool,
) -> Result<(Verdict, String), Stop> {
    let files = match place.origin.paths() {
        Ok(files) => files,
        Err(failure) => return Ok(unresolved(&failure)),
    };
    let said = ask(args, environment, ground, read)?;
    // In CI a recording is anybody's word.
    let is_hearsay = ground.in_ci && args.forge_evidence.is_some();
    let (mistakes, why) = match &said {
        Said::Mistakes(mistakes) if is_hearsay => {
            (mistakes.as_slice(), Some("answers that were recorded pass nothing in CI"))
        }
        Said::Mistakes(mistakes) => (mistakes.as_slice(), None),
        Said::NotAsked(why) => (&[][..], Some(why.as_str())),
        Said::Failed(failure) => (&[][..], Some(failure.message.as_str())),
    };
    let inert = read.codeowners.inert(Some(&mut files.iter().map(String::as_str)), mistakes);
    let verdict = match said {
        _ if !inert.is_empty() => Verdict::Blocked,
        Said::Failed(_) => Verdict::Unresolved,
        Said::Mistakes(_) if is_hearsay => Verdict::Unresolved,
        Said::Mistakes(_) | Said::NotAsked(_) => Verdict::Passed,
    };
    let text = if json {
        let codeowners = Some(Told { path: read.path, source: &place.source });
        in_json(&Linted { codeowners, inert: &inert, owners_not_asked: why })?
    } else {
        in_words(read, place, &inert, why)
    };
    Ok((verdict, text))
}

/// In JSON, where there is no CODEOWNERS.
pub(super) fn nothing() -> Result<String, Stop> {
    in_json(&Linted { codeowners: None, inert: &[], owners_not_asked: Some("there is no CODEOWNERS") })
}

fn in_json(linted: &Linted<'_>) -> Result<String, Stop> {
    Ok(format!("{}\n", serde_json::to_string_pretty(linted).map_err(std::io::Error::other)?))
}

fn in_words(read: &Read, place: &Place, inert: &[InertLine], why: Option<&str>) -> String {
    let mut text = String::new();
    for InertLine { line: number, column, message, .. } in inert {
        let column = column.map_or(String::new(), |column| format!("{column}:"));
        // What the forge says runs over several lines: it shows the place.
        let message = message.lines().next().unwrap_or_default();
        let _ = writeln!(text, "{}:{number}:{column} {}", read.path, line(message));
    }
    let (path, source) = (read.path, line(&place.source));
    let _ = match inert.len() {
        0 => writeln!(text, "{path} of {source}: no line that does nothing"),
        1 => writeln!(text, "{path} of {source}: 1 thing that does nothing"),
        n => writeln!(text, "{path} of {source}: {n} things that do nothing"),
    };
    if let Some(why) = why {
        let _ = writeln!(text, "whether the owners exist and may write is not known: {}", line(why));
    }
    text
}

/// Asks what is wrong with the same text at the forge.
fn ask(args: &CheckArgs, environment: &Environment, ground: &Ground, read: &Read) -> Result<Said, Stop> {
    let recorded = args.forge_evidence.is_some();
    if !recorded && !environment.asks_forge() {
        return Ok(Said::NotAsked("there is no token to ask the forge with (GITHUB_TOKEN)".into()));
    }
    let commit = match (&ground.git, &ground.range.law) {
        (Some(git), Some(commit)) => {
            let there = Origin::commit(git, commit).and_then(|tree| codeowners::find(|path| tree.text(path, LARGEST)));
            let same = |found: codeowners::Found| found.path == read.path && found.text == read.text;
            there.ok().flatten().is_some_and(same).then(|| commit.clone())
        }
        _ => None,
    };
    if commit.is_none() && !recorded {
        return Ok(Said::NotAsked("the forge's target branch has another CODEOWNERS than this one".into()));
    }
    let answering = setup::forge(args, ground, &House::default(), environment)?;
    let asked = PeopleAsked { codeowners: commit.or_else(|| Some("HEAD".into())), ..PeopleAsked::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(match runtime.block_on(answering.forge.people(&asked)) {
        Ok(people) => Said::Mistakes(people.codeowners),
        Err(failure) => Said::Failed(failure),
    })
}
