//! The gates of predeploy: pure judges of evidence, and the ports through which evidence is gathered.
//!
//! ```text
//! change → gather (async, only through [`World`]) → evidence (plain data) → judge (pure) → outcome
//! ```
//!
//! This crate starts no process, opens no file or socket, and reads neither clock nor environment:
//! `clippy.toml` beside this file forbids it. Whatever touches the world lives in the `predeploy` binary.
//!
//! A *folder* here is a gate, a *file* here is part of the contract. Adding a gate is its folder and two
//! lines below: `mod` and a row of [`GATES`].

mod believed;
mod change;
mod command;
pub mod day;
mod drift;
mod finding;
mod forge;
mod gate;
mod history;
mod migrations;
mod pull_request;
mod review;
pub mod scratch;
mod tests;
mod verdict;
mod web;
mod window;
mod workspace;
mod world;

#[cfg(test)]
mod fake;

pub use believed::{EvidenceGlob, EvidencePath, Length, PolicyPath, Text};
pub use change::{Author, Change, ChangedFile, Cheaper, Direction, Risk, RiskLevel, Scope, Stage, Status};
pub use command::{Command, Commands, Ended, NoCommands};
pub use drift::{
    Cell as DriftCell, KeyRow, Matrix as DriftMatrix, Row as DriftRow, RuntimeRow, RuntimeTable, Shown as DriftShown,
    keys_of_code, matrix as drift_matrix, runtimes, snapshot as drift_snapshot, values as drift_values,
};
pub use finding::{Excerpt, Finding, Place, Position, Rule, Severity, Span};
pub use forge::{
    CheckRun, Conclusion, Deployment, FollowUp, Forge, Labelled, NoForge, OwnersMistake, People, PeopleAsked,
    Permission, Queued, Remark, Running, Settings, Shipment, Shipped,
};
pub use gate::{Asked, Context, Gate, Mistake, Row};
pub use history::{Added, History, NoHistory};
pub use migrations::{Folder as RehearsedFolder, Line as RehearsedMigration, tables as rehearsals};
pub use pull_request::{
    Comment, Commit, Contributor, Decision, Merged, Opinion, Person, PullRequest, PullRequestState, Review, Thread,
};
pub use review::codeowners;
pub use scratch::{Engine, Fault, NoScratch, SchemaObject, Scratch, ScratchDatabase, StatementError, Wanted};
pub use tests::results;
pub use verdict::{Explained, Outcome, State, Verdict};
pub use web::{Address, Instead, NoWeb, Page, Web};
pub use window::{
    Decided, LineSource, RegionOpen, Stretch, Timetable, TimetableLine, TimetableSpan, Together, Why, calendar_events,
    decider, timetable,
};
pub use workspace::{Entry, Kind, Opened, Source, Tree, Workspace};
pub use world::{Answer, Cancel, Failure, Limits, NoProgress, Progress, World};

/// Every gate there is, sorted by name: the one table. A test compares it with the folders, the README and the schema.
pub const GATES: &[Row] = &[
    Row::of::<drift::Drift>(),
    Row::of::<migrations::Migrations>(),
    Row::of::<review::Review>(),
    Row::of::<tests::Tests>(),
    Row::of::<window::Window>(),
];
