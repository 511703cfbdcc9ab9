//! What every target does: reads bytes as a report of one format, within small limits. Nothing may panic, hang or grow.
//!
//! The gate's sources are compiled here by themselves: instrumented, the grammars of migrations that the crate holds beside them take
//! half an hour.

#![allow(dead_code, unused_imports, reason = "of the contract only what this gate uses is used")]

#[path = "../../gates/believed.rs"]
mod believed;
#[path = "../../gates/change.rs"]
mod change;
#[path = "../../gates/command.rs"]
mod command;
#[path = "../../gates/day.rs"]
pub mod day;
#[path = "../../gates/finding.rs"]
mod finding;
#[path = "../../gates/forge.rs"]
mod forge;
#[path = "../../gates/gate.rs"]
mod gate;
#[path = "../../gates/history.rs"]
mod history;
#[path = "../../gates/pull_request.rs"]
mod pull_request;
#[path = "../../gates/scratch.rs"]
pub mod scratch;
#[path = "../../gates/verdict.rs"]
mod verdict;
#[path = "../../gates/web.rs"]
mod web;
#[path = "../../gates/workspace.rs"]
mod workspace;
#[path = "../../gates/world.rs"]
mod world;
#[path = "../../gates/tests/mod.rs"]
mod tests;

pub use believed::{EvidenceGlob, EvidencePath, Length, PolicyPath, Text};
pub use change::{Author, Change, ChangedFile, Direction, Risk, RiskLevel, Scope, Stage, Status};
pub use command::{Command, Commands, Ended, NoCommands};
pub use finding::{Excerpt, Finding, Place, Position, Rule, Severity, Span};
pub use forge::*;
pub use gate::{Asked, Context, Gate, Mistake, Row};
pub use history::{Added, History, NoHistory};
pub use pull_request::*;
pub use scratch::*;
pub use tests::results;
pub use verdict::{Explained, Outcome, State, Verdict};
pub use web::{Address, NoWeb, Page, Web};
pub use workspace::{Entry, Kind, Opened, Source, Tree, Workspace};
pub use world::{Answer, Cancel, Failure, Limits, NoProgress, Progress, World};

use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use self::results::{Archives, Contents, Wanted, read_any};
pub use self::results::Format;

/// Reads `bytes` as `format`, or as whatever they are taken for, and keeps all that can be kept.
pub fn report(format: Option<Format>, bytes: &[u8]) {
    let wanted = Wanted {
        format,
        failed: 10,
        flaky: 10,
        slowest: 3,
        disagreements: 10,
        by_suite: true,
        identities: true,
        cases: true,
        attempts: true,
        ..Wanted::default()
    };
    let limits = Limits { file_bytes: 1 << 20, depth: 32, ..Limits::default() };
    let archives = Archives::default();
    let read = match read_any("report", bytes, &wanted, &archives, &limits, &Cancel::default()) {
        Contents::Report(read) => vec![read],
        Contents::Archive(archive) => {
            archive.members.into_iter().map(|it| it.read.map(|it| Box::new(it.results))).collect()
        }
    };
    for results in read.into_iter().flatten() {
        let counts = results.counts;
        assert!(counts.failed() + counts.skipped + counts.flaky <= counts.tests, "{counts:?}");
        assert!(results.failed.len() as u64 <= counts.failed() + counts.broken_suites, "{counts:?}");
    }
}

/// Reads `bytes` as coverage of a format, as the gate does: nothing else of the crate does it.
pub fn coverage(format: &str, bytes: &[u8]) {
    let policy =
        format!("{{ reports = ['r'], coverage = {{ reports = ['c'], format = '{format}', minimum = '50%' }} }}");
    let row = Row::of::<tests::Tests>();
    let gate = (row.read)(toml::de::ValueDeserializer::parse(&policy).expect("TOML")).expect("a policy");
    let world = World {
        environments: &[],
        change: &Change::everything("a plain folder"),
        in_ci: false,
        workspace: &Only(bytes.to_vec()),
        forge: &NoForge { why: "there is no forge".into(), help: String::new() },
        history: &NoHistory,
        scratch: &NoScratch,
        commands: &NoCommands,
        web: &NoWeb,
        progress: &NoProgress,
        limits: &Limits { file_bytes: 1 << 20, depth: 32, ..Limits::default() },
        cancel: &Cancel::default(),
        salt: &[0; 32],
    };
    let Poll::Ready(evidence) = pin!(gate.gather(&world)).poll(&mut Task::from_waker(Waker::noop())) else {
        panic!("nothing here waits")
    };
    evidence.expect("what is wrong with a report is evidence");
}

/// A folder in which one file is: the report of coverage.
struct Only(Vec<u8>);

impl Workspace for Only {
    fn find(&self, _: Tree, globs: &[&str]) -> Result<Vec<Entry>, Failure> {
        let is_asked = globs.contains(&"c");
        Ok(is_asked.then(|| Entry { path: "c".into(), kind: Kind::File, tracked: false }).into_iter().collect())
    }

    fn open(&self, _: Tree, path: &str) -> Result<Option<Opened>, Failure> {
        let reader = Box::new(std::io::Cursor::new(self.0.clone()));
        Ok((path == "c").then(|| Opened { resolved: path.into(), size: self.0.len() as u64, reader }))
    }

    fn read_policy(&self, _: &PolicyPath, _: u64) -> Result<Option<Source>, Failure> {
        Ok(None)
    }
}
