//! A database's live schema against what the migrations make: what was made, changed or dropped by hand.
//!
//! The live schema comes as a dump that was made in this run. It is loaded into a scratch database beside one on which the migrations ran, and both
//! are read from the catalogue in the same way. What the change itself brings is no drift: the live schema may be as the migrations make it where the
//! change starts from, where it ends, or where its target branch is.

mod compare;
mod dump;
mod gather;
mod judge;
mod places;
mod statements;
mod units;

#[cfg(test)]
mod cases;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pattern::pattern_mistakes;
use crate::migrations::Migrations;
use crate::{EvidencePath, Failure, Gate as _, Length, Mistake, Place, Text};
pub(super) use gather::gather;
pub(super) use judge::judge;

/// The schema of a database that is live, and the migrations that make it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Schema {
    /// The file that `pg_dump --schema-only`, `mariadb-dump --no-data --routines --events` or `sqlite3 FILE .schema` wrote in this run.
    pub(super) dump: EvidencePath,
    /// Where the migrations are and how they are run, as the gate `migrations` knows it; what it is configured with if there is one.
    #[serde(default)]
    pub(super) migrations: Migrations,
    /// The environments that it is for; all if not given.
    pub(super) environments: Option<Vec<Text>>,
    /// How old the dump may be; a day if not given, where the dump tells when it was made.
    pub(super) max_age: Option<Length>,
    /// What is never told: `KIND/NAME`, or `table/NAME#COLUMN`, as patterns.
    #[serde(default)]
    pub(super) ignore: Vec<Text>,
}

impl Schema {
    pub(super) fn mistakes(&self, path: &[&str]) -> Vec<Mistake> {
        let at = |key| [path, &[key]].concat();
        let mut mistakes = pattern_mistakes(&self.ignore, &at("ignore"));
        let below = self.migrations.mistakes().into_iter().map(|mistake| {
            let inner: Vec<&str> = mistake.path.iter().map(String::as_str).collect();
            Mistake::at(&[&at("migrations")[..], &inner].concat(), mistake.message)
        });
        mistakes.extend(below);
        mistakes
    }

    /// Whether it is for where the change goes.
    fn applies(&self, environment: Option<&str>) -> bool {
        let named = |names: &Vec<Text>| environment.is_none_or(|to| names.iter().any(|name| name.as_str() == to));
        self.environments.as_ref().is_none_or(named)
    }
}

/// What was found for one entry of the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Evidence {
    /// Nothing where the change does not go there.
    found: Option<Result<Found, Failure>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Found {
    /// The dump.
    path: String,
    /// Name and version of the server that both were loaded into.
    server: String,
    /// When the dump was made, where it tells.
    made: Option<Timestamp>,
    /// How many objects are live.
    live: usize,
    migrations: usize,
    /// It is known what the change starts from.
    base: bool,
    /// The folder of migrations that the change removes altogether.
    vanished: Option<String>,
    differences: Vec<Difference>,
    /// Partitions that no migration makes, of tables that one does.
    partitions: usize,
    /// Kinds of objects that were not compared.
    left_out: Vec<String>,
    /// Kinds that the migrations make and the dump leaves out.
    unknown: Vec<String>,
}

/// An object, or a column, that is not as the migrations make it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Difference {
    kind: String,
    name: String,
    column: Option<String>,
    how: How,
    /// Lines of its definition, without texts.
    expected: Vec<String>,
    found: Vec<String>,
    place: Option<Place>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum How {
    /// Live, and no migration makes it.
    Extra,
    /// Migrations make it, and it is not live.
    Missing,
    Changed,
    /// Only how it is stored differs.
    Tuned,
    /// The same under this name in the migrations.
    Renamed(String),
}
