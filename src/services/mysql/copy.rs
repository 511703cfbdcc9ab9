//! Another database with the same content.
//!
//! There are no templates: each object is made again by the statement that the server writes for it, and each table is filled
//! with the rows of the other within the server, so that no value goes through a text. Temporary tables belong to their
//! session and are not copied; neither is the history of a table with system versioning, which is refused. In the end both
//! schemas must be equal.

use mysql_async::Error;
use predeploy_gates::{Failure, SchemaObject};

use super::catalogue::{self, Kind, Made};
use super::session::Session;
use super::{Own, quote, reason, schema, unread};

/// A database as it is seen by its server's owner.
pub(super) struct Side<'a> {
    pub(super) observer: &'a mut Session,
    pub(super) own: &'a Own,
}

impl Side<'_> {
    async fn schema(&mut self) -> Result<Vec<SchemaObject>, Failure> {
        schema::read(self.observer, self.own).await.map_err(|e| unread("schema", &e))
    }
}

/// Fills an empty database with what another holds.
pub(super) async fn fill(to: &mut Side<'_>, from: &mut Side<'_>) -> Result<(), Failure> {
    let objects = catalogue::read(from.observer).await.map_err(|e| unread("schema", &e))?;
    let names = Names { from: &from.own.made.name, to: &to.own.made.name };
    if let Some(made) = objects.iter().find(|made| made.create.contains("WITH SYSTEM VERSIONING")) {
        return Err(Failure::new(format!(
            "the table `{}` keeps the history of its rows, with which a scratch database cannot be copied",
            made.name
        )));
    }
    prepare(to, from).await.map_err(|e| uncopied("database", "", &e))?;
    let (views, others): (Vec<&Made>, Vec<&Made>) = objects.iter().partition(|made| made.kind == Kind::View);
    let (tables, others): (Vec<&Made>, Vec<&Made>) =
        others.into_iter().partition(|made| matches!(made.kind, Kind::Table | Kind::Sequence));
    let columns = stored(from.observer).await.map_err(|e| unread("tables", &e))?;
    for made in tables {
        let of = columns.iter().filter(|(table, _)| *table == made.name).map(|(_, column)| quote(column));
        let list = of.collect::<Vec<_>>().join(", ");
        let table = quote(&made.name);
        let rows = match made.kind {
            Kind::Sequence => format!("INSERT INTO {table} SELECT * FROM {}.{table}", quote(names.from)),
            _ => format!("INSERT INTO {table} ({list}) SELECT {list} FROM {}.{table}", quote(names.from)),
        };
        let sql = format!("{}; {rows}", names.replaced(&made.create));
        to.observer.rows(&sql).await.map_err(|e| uncopied(&made.word, &made.name, &e))?;
    }
    let (routines, others): (Vec<&Made>, Vec<&Made>) = others.into_iter().partition(|made| made.kind == Kind::Routine);
    for made in routines {
        again(to.observer, made, names).await?;
    }
    let mut views = views;
    while !views.is_empty() {
        // One may read another that is not there yet.
        let before = views.len();
        let mut left = vec![];
        let mut why = None;
        for made in views {
            if let Err(failure) = again(to.observer, made, names).await {
                left.push(made);
                why = Some(failure);
            }
        }
        views = left;
        if views.len() == before
            && let Some(why) = why
        {
            return Err(why);
        }
    }
    for made in others {
        again(to.observer, made, names).await?;
    }
    let (expected, found) = (from.schema().await?, to.schema().await?);
    let differs = expected.iter().find(|object| !found.contains(object));
    match differs.or_else(|| found.iter().find(|object| !expected.contains(object))) {
        None => Ok(()),
        Some(object) => Err(Failure::new(format!(
            "the scratch database cannot be copied: the {} `{}` is another in the copy",
            object.kind, object.name
        ))),
    }
}

#[derive(Clone, Copy)]
struct Names<'a> {
    from: &'a str,
    to: &'a str,
}

impl Names<'_> {
    /// The name is random: whoever writes it means the database or its user.
    fn replaced(self, sql: &str) -> String {
        sql.replace(self.from, self.to)
    }
}

/// Settings of the session, and of the database itself.
async fn prepare(to: &mut Side<'_>, from: &mut Side<'_>) -> Result<(), Error> {
    let default = "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata \
                   WHERE schema_name = DATABASE()";
    if let Some([Some(characters), Some(collation)]) = from.observer.rows(default).await?.first().map(|row| &**row) {
        let sql = format!("ALTER DATABASE {} CHARACTER SET {characters} COLLATE {collation}", quote(&to.own.made.name));
        to.observer.rows(&sql).await?;
    }
    if to.own.host.is_mariadb {
        to.observer.rows("SET SESSION check_constraint_checks = 0").await?;
    }
    Ok(())
}

/// Tables and those of their columns that hold a value of their own.
async fn stored(observer: &mut Session) -> Result<Vec<(String, String)>, Error> {
    let sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() \
               AND COALESCE(generation_expression, '') = '' ORDER BY table_name, ordinal_position";
    let rows = observer.rows(sql).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let mut texts = row.into_iter().flatten();
            Some((texts.next()?, texts.next()?))
        })
        .collect())
}

/// Makes an object without rows, under the settings that it was made under.
async fn again(observer: &mut Session, made: &Made, names: Names<'_>) -> Result<(), Failure> {
    let setting = |name: &str, value: &Option<String>| {
        value
            .as_ref()
            .map(|value| format!("SET SESSION {name} = '{}'; ", value.replace('\'', "''")))
            .unwrap_or_default()
    };
    let before = "SET SESSION time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'; ";
    let settings = setting("sql_mode", &made.mode) + &setting("time_zone", &made.zone);
    let sql = format!("{before}{settings}{}", names.replaced(&made.create));
    observer.rows(&sql).await.map_err(|e| uncopied(&made.word, &made.name, &e))?;
    observer.rows(before.trim_end_matches("; ")).await.map_err(|e| uncopied("session", "", &e))?;
    Ok(())
}

fn uncopied(word: &str, name: &str, error: &Error) -> Failure {
    let what = if name.is_empty() { word.to_lowercase() } else { format!("{} `{name}`", word.to_lowercase()) };
    Failure::new(format!("the scratch database cannot be copied: the {what}: {}", reason(error)))
}
