//! `predeploy owners`: who owns files by CODEOWNERS, and which line says so.
//!
//! In CI the file is the one of the commit that the policy is read from; on a developer's machine the one on disk, as the policy is.

mod lint;
mod list;

use std::path::Path;

use predeploy_gates::codeowners::{self, Codeowners, PLACES};
use predeploy_gates::{Failure, Scope, Status, Verdict};
use serde::Serialize;

use crate::change::range::short;
use crate::cli::{CheckArgs, OwnersArgs};
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::report::outputs::say;
use crate::run::setup::Ground;
use crate::services::disk::Disk;
use crate::services::trees::{Origin, normal};

/// Largest file that is looked at, in bytes: more than GitHub loads, so that its size can be told.
const LARGEST: u64 = 64 << 20;

/// A CODEOWNERS and where it was read.
struct Read {
    /// From the repository's root.
    path: &'static str,
    text: String,
    codeowners: Codeowners,
}

/// Where it was looked for.
struct Place {
    /// For a person: `the base, 1a2b3c4d5e6f`.
    source: String,
    origin: Origin,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Told<'a> {
    path: &'a str,
    source: &'a str,
}

/// The answer and the text to print.
pub(crate) fn owners(args: &OwnersArgs, environment: &Environment) -> Result<(Verdict, String), Stop> {
    let checked = CheckArgs {
        repo: args.repo.clone(),
        base: args.base.clone(),
        forge_evidence: args.forge_evidence.clone(),
        ..CheckArgs::default()
    };
    let ground = Ground::find(&checked, environment)?;
    let looked = place(&ground).and_then(|place| Ok((read(&place.origin)?, place)));
    let (read, place) = match looked {
        Ok(looked) => looked,
        Err(failure) => return Ok(unresolved(&failure)),
    };
    if args.lint {
        return match &read {
            Some(read) => lint::lint(&checked, environment, &ground, read, &place, args.json),
            // Whoever has lines checked has some, or thinks so.
            None => {
                say(&format!("error: there is no line to check: {}", none(&place).trim_end()));
                say(
                    "help: add one, or leave out `--lint`: a file that was moved or renamed has no owners at GitHub either",
                );
                Ok((Verdict::Unresolved, if args.json { lint::nothing()? } else { String::new() }))
            }
        };
    }
    let asked = match asked(args, &ground) {
        Ok(asked) => asked,
        Err(Unknown::Path(stop)) => return Err(stop),
        Err(Unknown::Tree(failure)) => return Ok(unresolved(&failure)),
    };
    for path in &asked.missing {
        say(&format!("warning: there is no `{}`: told is who would own it", line(path)));
    }
    let asked = asked.paths;
    let text = match &read {
        _ if args.json => list::json(read.as_ref(), &place, &asked)?,
        Some(read) => list::text(read, &place, &asked),
        None => none(&place),
    };
    Ok((Verdict::Passed, text))
}

fn unresolved(failure: &Failure) -> (Verdict, String) {
    say(&format!("error: {failure}"));
    if let Some(help) = &failure.help {
        say(&format!("help: {help}"));
    }
    (Verdict::Unresolved, String::new())
}

fn none(place: &Place) -> String {
    let sought = PLACES.map(|path| format!("`{path}`")).join(", ");
    format!("there is no CODEOWNERS in {} (looked for {sought}): nothing has owners\n", line(&place.source))
}

/// The tree whose CODEOWNERS decides.
fn place(ground: &Ground) -> Result<Place, Failure> {
    match (&ground.git, &ground.range.law) {
        (Some(git), Some(commit)) if ground.in_ci => {
            Ok(Place { source: format!("the base, {}", short(commit)), origin: Origin::commit(git, commit)? })
        }
        _ if ground.in_ci => {
            let why = ground.range.problems.first().map_or("nothing tells it", |problem| &problem.message);
            let failure = Failure::new(format!("the base, whose CODEOWNERS decides, is not known: {why}"));
            Err(failure.help("check the repository out with its history (`fetch-depth: 0` in actions/checkout)"))
        }
        (git, _) => {
            let source = if git.is_some() { "the working tree" } else { "this folder" };
            let disk = Disk::new(&ground.place.root, ground.cancel.clone())?;
            Ok(Place { source: source.into(), origin: Origin::Folder(disk) })
        }
    }
}

fn read(origin: &Origin) -> Result<Option<Read>, Failure> {
    let found = codeowners::find(|path| origin.text(path, LARGEST))?;
    Ok(found.map(|found| Read { path: found.path, codeowners: Codeowners::parse(&found.text), text: found.text }))
}

/// The paths that are asked about, sorted.
enum Asked {
    Given(Vec<String>),
    /// Of a renamed file both names.
    Changed(Vec<String>),
    Tracked(Vec<String>),
}

/// Why it is not known what is asked.
enum Unknown {
    Path(Stop),
    Tree(Failure),
}

/// What is asked, and what of it is not there.
struct Question {
    paths: Asked,
    missing: Vec<String>,
}

impl From<Asked> for Question {
    fn from(paths: Asked) -> Self {
        Self { paths, missing: Vec::new() }
    }
}

fn asked(args: &OwnersArgs, ground: &Ground) -> Result<Question, Unknown> {
    if let (Scope::Files(files), []) = (&ground.detected.change.scope, args.paths.as_slice())
        && !files.is_empty()
    {
        let from = |status: &Status| if let Status::Renamed { from } = status { Some(from.clone()) } else { None };
        let mut paths: Vec<String> =
            files.iter().flat_map(|file| from(&file.status).into_iter().chain([file.path.clone()])).collect();
        paths.sort();
        paths.dedup();
        return Ok(Asked::Changed(paths).into());
    }
    let tracked = ground.head.paths().map_err(Unknown::Tree)?;
    if args.paths.is_empty() {
        return Ok(Asked::Tracked(tracked).into());
    }
    let (mut paths, mut missing) = (Vec::new(), Vec::new());
    for given in &args.paths {
        let path = from_root(given, ground).map_err(Unknown::Path)?;
        let below =
            |file: &&String| path.is_empty() || file.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/'));
        let before = paths.len();
        paths.extend(tracked.iter().filter(below).cloned());
        // No folder: a file, which need not be there yet, or a folder with nothing in it that is tracked.
        if paths.len() == before {
            let on_disk = !ground.in_ci && ground.place.root.join(&path).exists();
            if !on_disk && tracked.binary_search(&path).is_err() {
                missing.push(path.clone());
            }
            paths.push(path);
        }
    }
    Ok(Question { paths: Asked::Given(paths), missing })
}

/// A path of the command line from the repository's root.
fn from_root(given: &str, ground: &Ground) -> Result<String, Stop> {
    let outside = || {
        Stop::usage(
            format!("`{given}` is not in the repository"),
            "name files of the repository, from the working directory",
        )
    };
    if Path::new(given).is_absolute() {
        let root = ground.place.root.canonicalize().map_err(|_| outside())?;
        let below = Path::new(given).strip_prefix(root).map_err(|_| outside())?;
        return below.to_str().and_then(normal).ok_or_else(outside);
    }
    normal(&format!("./{}/{given}", ground.place.below)).ok_or_else(outside)
}
