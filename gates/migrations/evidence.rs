//! The facts: which migrations there are, which of them the change brings, and what their rehearsal showed.

use serde::{Deserialize, Serialize};

use super::elsewhere::Elsewhere;
use super::engine::Dialect;
use super::layout::{Framework, Undo};
use super::lint::Remark;
use crate::scratch::Lock;
use crate::{Excerpt, Failure, Fault, Span};

#[derive(Serialize, Deserialize)]
pub struct Evidence {
    pub sets: Vec<Set>,
    /// Places that the policy names and that hold no migration.
    pub nothing: Vec<String>,
    /// Where nothing else was found: what is not judged.
    pub elsewhere: Vec<Elsewhere>,
    /// Folders that hold migrations at the base and none at the head.
    pub gone: Vec<Gone>,
    /// What the policy accepts of older migrations: rule and name.
    pub baseline: Vec<(String, String)>,
    /// Files that cannot be read, or that their framework would refuse.
    pub unreadable: Vec<Failure>,
}

#[derive(Serialize, Deserialize)]
pub struct Gone {
    pub directory: String,
    pub framework: Framework,
    pub migrations: usize,
    /// One of its files at the base.
    pub path: String,
}

/// The migrations of one folder, for one database.
#[derive(Serialize, Deserialize)]
pub struct Set {
    /// From the repository's root; `.` for the root itself.
    pub directory: String,
    pub framework: Framework,
    pub dialect: Dialect,
    /// At the head, in the order of their versions.
    pub migrations: Vec<Migration>,
    /// At the base and no longer at the head.
    pub deleted: Vec<Deleted>,
    /// Migrations of the change that are code.
    pub code: Vec<String>,
    /// Code that is not what it is at the base.
    pub edited_code: Vec<String>,
    pub rehearsal: Rehearsal,
    /// What the static rules say of the change's migrations.
    pub lint: Vec<Remark>,
}

#[derive(Serialize, Deserialize)]
pub struct Deleted {
    pub name: String,
    pub path: String,
}

#[derive(Serialize, Deserialize)]
pub struct Migration {
    pub version: String,
    /// As its framework calls it, version included.
    pub name: String,
    pub up: Option<Part>,
    pub down: Option<Part>,
    /// The direction that is missing here is code, which is not read.
    pub code: bool,
    /// Of migrations that the change brings: what is known of the way back, where that is more than whether there is a down.
    pub undo: Option<Undo>,
    pub standing: Standing,
}

impl Migration {
    /// Whether it is part of the change.
    pub fn is_judged(&self) -> bool {
        !matches!(self.standing, Standing::Unchanged)
    }

    /// A place to point at.
    pub fn part(&self) -> Option<&Part> {
        self.up.as_ref().or(self.down.as_ref())
    }
}

/// What a migration is to the change.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    New,
    Unchanged,
    /// Its up is not what it is at the base.
    Edited {
        before: String,
        after: String,
    },
    /// Its down is not what it is at the base.
    DownChanged,
    /// As the base has it, and judged all the same, since everything is asked for.
    Debt,
    /// The base has it and the head, to which one goes back, has not: its down is what the way back runs.
    Removed,
}

/// One direction of a migration.
#[derive(Serialize, Deserialize)]
pub struct Part {
    pub path: String,
    /// Its first statement, or where it begins.
    pub span: Span,
    /// Of migrations that the change brings.
    pub excerpt: Option<Excerpt>,
    /// No statement at all.
    pub blank: bool,
    /// As far as the text tells.
    pub may_change_schema: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rehearsal {
    /// The policy says so.
    Off,
    /// The change brings nothing that could be rehearsed.
    Needless,
    /// The reason is no error of the migrations that the change brings.
    Impossible(Failure),
    Done(Box<Rehearsed>),
}

#[derive(Serialize, Deserialize)]
pub struct Rehearsed {
    /// Name and version of the database.
    pub server: String,
    pub steps: Vec<Step>,
    /// Of several new migrations: all downs in reverse, then all ups.
    pub range: Option<RangeRun>,
    /// Names of those after an up that failed.
    pub not_reached: Vec<String>,
    /// The schema that the change starts from came from a cache.
    pub warm: bool,
    /// Where the scratch database stays, where that was asked for.
    pub kept: Option<String>,
    /// The base's own tests on the new schema, where the policy names them.
    pub compat: Option<Compat>,
    /// Code, which was not run: the schema lacks what it does.
    pub left_out: Vec<String>,
}

/// Whether the code that runs now works on the new schema.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compat {
    Works,
    /// It fails, and does not without the migrations of the change.
    Fails {
        /// Nothing if it was stopped.
        status: Option<i32>,
        output: String,
    },
    Impossible(String),
}

/// One migration: up, down, up again.
#[derive(Serialize, Deserialize)]
pub struct Step {
    /// Index into the set's migrations.
    pub migration: usize,
    pub up: Result<usize, Broken>,
    /// The up left another schema than it found.
    pub changed: bool,
    /// Nothing where there is no down to run.
    pub down: Option<Way>,
    pub again: Option<Way>,
    /// What the up locked of the tables that were there before; nothing where it cannot be seen.
    pub locks: Option<Vec<Lock>>,
    /// The same with rows in the tables.
    pub rows: Rows,
    pub up_ms: u64,
    pub down_ms: Option<u64>,
}

/// The rehearsal of a migration with rows in the tables that it touches.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    /// The policy says so.
    Off,
    /// It touches no table that was there before, and makes none.
    Needless,
    Done(Box<RowsRun>),
}

/// What happened to the rows.
#[derive(Default, Serialize, Deserialize)]
pub struct RowsRun {
    /// Tables that held rows before the up.
    pub filled: Vec<Filled>,
    /// Tables that stayed empty, and why.
    pub empty: Vec<(String, String)>,
    /// The up failed, and would not without rows.
    pub up: Option<Broken>,
    /// It fails with any row whatever.
    pub is_certain: bool,
    /// The rows of the policy's `seed` are among them.
    pub seeded: bool,
    /// The down failed, and would not without rows.
    pub down: Option<Broken>,
    /// What was different after up and down.
    pub lost: Vec<Lost>,
    /// The up failed the second time, and would not without rows.
    pub again: Option<Broken>,
    /// Rows that were written after the up, as the new version of the application may.
    pub written: Vec<Filled>,
    /// The down failed when such rows were there.
    pub down_after: Option<Broken>,
    /// More rows than are compared; those behind the limit were not.
    pub cut: Vec<(String, usize)>,
}

/// A table with rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    pub table: String,
    pub rows: usize,
    /// Generated ones, as they were put in, for a reader to judge; nothing if they are the seed's or the migrations' own.
    pub generated: Vec<String>,
}

/// Rows that are not what they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    pub table: String,
    /// Nothing if whole rows are gone.
    pub column: Option<String>,
    pub rows: usize,
    /// They were still there after the up: the down itself lost them.
    pub by_the_down: bool,
    /// One of them: before, and after.
    pub example: Option<(String, String)>,
}

#[derive(Serialize, Deserialize)]
pub struct RangeRun {
    pub down: Way,
    pub again: Option<Way>,
    /// With rows in the tables, where not every step was rehearsed so by itself.
    pub rows: Option<Box<RowsRun>>,
}

/// What one run led to.
#[derive(Serialize, Deserialize)]
pub struct Way {
    /// How many statements were executed.
    pub ran: Result<usize, Broken>,
    /// From what the schema should be to what it is.
    pub differences: Vec<Difference>,
}

impl Way {
    pub fn is_clean(&self) -> bool {
        self.ran.is_ok() && self.differences.is_empty()
    }
}

/// A statement that failed.
#[derive(Serialize, Deserialize)]
pub struct Broken {
    /// The database's own words.
    pub message: String,
    pub path: String,
    pub span: Span,
    pub excerpt: Excerpt,
    pub fault: Fault,
    /// The database's code for it.
    pub code: Option<String>,
    /// The end of what a command wrote, where one ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Difference {
    pub kind: String,
    pub name: String,
    /// The definition that is expected.
    pub expected: Option<String>,
    pub found: Option<String>,
}
