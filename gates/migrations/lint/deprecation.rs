//! Tables and columns that are dropped: *deprecate first, remove in a later deployment*.
//!
//! A drop is prepared when a migration that the base has deprecates the name (`-- predeploy: deprecate table.column`, or
//! `COMMENT ON COLUMN table.column IS 'deprecated …'`), when that base was deployed with success, and when no file of the head
//! outside of migrations holds the name any more. A tag, a branch or the change's own word proves none of this.

use super::super::Migrations;
use super::super::layout::{Folder, Found};
use super::super::lexer::Reading;
use super::super::rules::REMOVED_WITHOUT_DEPRECATION;
use super::action::Action;
use super::mentions;
use super::remark::Remark;
use super::script::{Created, Side};
use super::statement::{self, Name};
use crate::{Deployment, Failure, Severity, World};

/// What is dropped where.
struct Removal<'a> {
    side: &'a Side<'a>,
    statement: usize,
    table: Name,
    column: Option<Name>,
}

impl Removal<'_> {
    fn what(&self) -> String {
        match &self.column {
            Some(column) => format!("column `{}.{}`", self.table, column.name),
            None => format!("table `{}`", self.table),
        }
    }

    /// The word that nothing may hold any more.
    fn word(&self) -> &str {
        &self.column.as_ref().unwrap_or(&self.table).name
    }
}

pub(super) async fn lint(
    policy: &Migrations,
    world: &World<'_>,
    sides: &[Side<'_>],
    created: &Created,
    before: Option<&Folder>,
    folders: &[&str],
) -> Result<Vec<Remark>, Failure> {
    let removals: Vec<Removal<'_>> = sides.iter().filter(|s| !s.is_down).flat_map(|s| removals(s, created)).collect();
    if removals.is_empty() {
        return Ok(vec![]);
    }
    let markers: Vec<Marker> = before.into_iter().flat_map(|b| &b.migrations).flat_map(markers).collect();
    let marked = |r: &Removal<'_>| markers.iter().find(|m| m.is_for(r));
    let released = match removals.iter().any(|r| marked(r).is_some()) {
        true => released(policy, world).await,
        false => Ok(String::new()),
    };
    let words: Vec<String> = removals.iter().map(|r| r.word().to_owned()).collect();
    let mentions = mentions::of(world, &words, folders);
    let mut remarks = vec![];
    for (i, removal) in removals.iter().enumerate() {
        let mut lacks = vec![];
        let mut told = vec![];
        match (marked(removal), &released) {
            (None, _) => lacks.push("no migration of the base deprecates it".to_owned()),
            (Some(marker), Err(why)) => {
                lacks.push(format!("whether `{}`, which deprecates it, was deployed is not known: {why}", marker.by));
            }
            (Some(marker), Ok(by)) => told.push(format!("`{}` deprecates it, and {by}", marker.by)),
        }
        match &mentions {
            Ok(mentions) => {
                let (places, files) = &mentions.of[i];
                if *files > 0 {
                    let more = files.saturating_sub(places.len());
                    let rest = if more > 0 { format!(" and {more} more files") } else { String::new() };
                    lacks.push(format!("`{}` still occurs in {}{rest}", removal.word(), places.join(", ")));
                } else {
                    told.push(format!("no file outside of migrations holds `{}`", removal.word()));
                }
                if mentions.unsearched > 0 {
                    lacks.push(format!("{} large files were not searched for it", mentions.unsearched));
                }
            }
            Err(failure) => lacks.push(format!("where it still occurs is not known: {}", failure.message)),
        }
        let what = removal.what();
        let at = |message| removal.side.at_statement(&REMOVED_WITHOUT_DEPRECATION, message, removal.statement);
        remarks.push(if lacks.is_empty() {
            at(format!("{what} is dropped as announced: {}", told.join("; "))).severity(Severity::Note)
        } else {
            at(format!("{what} is dropped, and {}", lacks.join("; "))).help(
                "deprecate it first (`-- predeploy: deprecate table.column` in a migration), let no code use it, deploy that, and \
                 drop it in a later deployment",
            )
        });
    }
    Ok(remarks)
}

fn removals<'a>(side: &'a Side<'a>, created: &Created) -> Vec<Removal<'a>> {
    let mut removals = vec![];
    for (statement, action) in side.deeds() {
        let (table, column) = match action {
            Action::DropTable(table) => (table, None),
            Action::DropColumn { table, column } => (table, Some(column.clone())),
            _ => continue,
        };
        // SQLite changes a table by making it anew: https://www.sqlite.org/lang_altertable.html#otheralter
        let comes_back = column.is_none()
            && side.deeds().any(|(i, a)| match a {
                Action::CreateTable(n) | Action::RenameTable { to: n, .. } => i > statement && n.is(table),
                _ => false,
            });
        if !comes_back && !created.has(table, side.moment(statement)) {
            removals.push(Removal { side, statement, table: table.clone(), column });
        }
    }
    removals
}

/// A name that a migration of the base deprecates.
struct Marker {
    table: Name,
    column: Option<String>,
    /// The migration.
    by: String,
}

impl Marker {
    /// A whole table that is deprecated takes its columns along.
    fn is_for(&self, removal: &Removal<'_>) -> bool {
        let same_column = match (&self.column, &removal.column) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(&b.name),
            (None, _) => true,
            (Some(_), None) => false,
        };
        same_column && self.table.is(&removal.table)
    }
}

fn markers(found: &Found) -> Vec<Marker> {
    let mut markers = vec![];
    // Comments of the whole file count: a framework may keep its header out of what runs.
    let Some(up) = &found.up else { return markers };
    let (statements, comments) = statement::read(&up.text, 0, None);
    for comment in comments {
        let text = comment.text.trim_start_matches(['-', '/', '*', '#']).trim();
        let Some(rest) = text.strip_prefix("predeploy:").and_then(|rest| rest.trim().strip_prefix("deprecate ")) else {
            continue;
        };
        // `table`, `table.column`: of two parts it is not known which is meant, so that both count.
        let words = Reading::of(None).read(rest, 0).0;
        let Some((name, _)) = Name::read(&words) else { continue };
        markers.extend(named(name, &found.name));
    }
    for statement in statements.iter().filter(|s| s.begins(&["comment", "on"])) {
        let says = statement
            .words
            .last()
            .is_some_and(|w| w.text.trim_start_matches('\'').to_lowercase().starts_with("deprecated"));
        let Some((name, _)) = statement.words.get(3..).and_then(Name::read) else { continue };
        match statement.words.get(2) {
            Some(kind) if says && kind.is("column") => markers.extend(column(name, &found.name)),
            Some(kind) if says && kind.is("table") => {
                markers.push(Marker { table: name, column: None, by: found.name.clone() });
            }
            _ => {}
        }
    }
    markers
}

fn named(name: Name, by: &str) -> Vec<Marker> {
    match &name.schema {
        None => vec![Marker { table: name, column: None, by: by.into() }],
        Some(_) => {
            // Either the column of a table or the table of a schema.
            let table = Marker { table: name.clone(), column: None, by: by.into() };
            std::iter::once(table).chain(column(name, by)).collect()
        }
    }
}

fn column(name: Name, by: &str) -> Option<Marker> {
    let table = Name { schema: None, name: name.schema?, at: name.at };
    Some(Marker { table, column: Some(name.name), by: by.into() })
}

/// Who deployed the very commit that the change starts from, with success. Any other commit cannot be read here.
async fn released(policy: &Migrations, world: &World<'_>) -> Result<String, String> {
    if policy.deployed_by.is_empty() {
        return Err("the policy names nobody in `deployed-by` whose deployment records count".into());
    }
    let environment = policy.deployed_to.as_ref().map(|e| e.as_str()).or(world.change.environment.as_deref());
    let environment = environment.ok_or("neither the run nor `deployed-to` names an environment")?;
    let base = world.change.base.as_deref().ok_or("the change has no base")?;
    let records = world.forge.deployments(environment).await.map_err(|failure| failure.message)?;
    let counts = |d: &&Deployment| {
        let by = d.creator.as_ref().map(|c| c.login.as_str());
        d.successful && d.commit == base && policy.deployed_by.iter().any(|name| Some(name.as_str()) == by)
    };
    match records.iter().find(counts) {
        Some(record) => Ok(format!("its commit {} ran in {environment} since {}", short(base), record.at)),
        None => Err(format!("no believed record says that the base, {}, ran in {environment}", short(base))),
    }
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
