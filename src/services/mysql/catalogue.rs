//! What a database holds, each object with the statement that would create it.
//!
//! The server itself writes those statements, completely and always in the same way. Sources:
//! [SHOW CREATE TABLE](https://mariadb.com/kb/en/show-create-table/),
//! [information schema](https://mariadb.com/kb/en/information-schema-tables/).

use mysql_async::{Error, OptsBuilder};
use predeploy_gates::Failure;

use super::session::Session;
use super::{Own, lost, quote};

/// Settings of the session that reads: statements come out the same, whatever the server's own are.
const SETTINGS: &[&str] = &[
    "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'",
    "SET SESSION time_zone = '+00:00', sql_quote_show_create = 1, lock_wait_timeout = 10",
    "SET SESSION foreign_key_checks = 0, unique_checks = 0, innodb_strict_mode = 0",
];

/// A session of the server's owner that reads the catalogue.
pub(super) async fn observer(own: &Own) -> Result<Session, Failure> {
    let options: OptsBuilder = own.host.as_owner(&own.made);
    Session::open(options.init(SETTINGS.to_vec())).await.map_err(|e| lost(&e))
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Sequence,
    Table,
    Routine,
    View,
    Trigger,
    Event,
}

/// An object and how it was made.
pub(super) struct Made {
    pub(super) kind: Kind,
    /// `TABLE`, `PROCEDURE`, …
    pub(super) word: String,
    pub(super) name: String,
    pub(super) create: String,
    /// In which its statements run.
    pub(super) mode: Option<String>,
    /// In which the times of an event are.
    pub(super) zone: Option<String>,
    /// Among the triggers of the same table, event and time.
    pub(super) order: Option<String>,
}

/// Everything in the database, in the order in which it could be made again.
pub(super) async fn read(observer: &mut Session) -> Result<Vec<Made>, Error> {
    let rows = observer.rows(LIST).await?;
    let mut objects: Vec<(Kind, String, String, Option<String>)> = vec![];
    for row in rows {
        let [word, name, order] = &*row else { continue };
        let (word, name) = (word.clone().unwrap_or_default(), name.clone().unwrap_or_default());
        let kind = match &*word {
            "SEQUENCE" => Kind::Sequence,
            "VIEW" | "SYSTEM VIEW" => Kind::View,
            "TRIGGER" => Kind::Trigger,
            "EVENT" => Kind::Event,
            word if word.starts_with("PROCEDURE") || word.starts_with("FUNCTION") || word.starts_with("PACKAGE") => {
                Kind::Routine
            }
            // `BASE TABLE`, `SYSTEM VERSIONED`
            _ => Kind::Table,
        };
        let word = match kind {
            Kind::Table => "TABLE".into(),
            Kind::View => "VIEW".into(),
            _ => word,
        };
        objects.push((kind, word, name, order.clone()));
    }
    // The sort is stable: triggers stay in their order.
    objects.sort_by_key(|object| object.0);
    let script: String =
        objects.iter().map(|(_, word, name, _)| format!("SHOW CREATE {word} {};", quote(name))).collect();
    let answers = if objects.is_empty() { vec![] } else { observer.rows(&script).await? };
    if answers.len() != objects.len() {
        return Err(unreadable("an object".into()));
    }
    let mut all = vec![];
    for ((kind, word, name, order), mut row) in objects.into_iter().zip(answers) {
        let mut take = |i: usize| row.get_mut(i).and_then(Option::take);
        let (create, mode, zone) = match kind {
            Kind::Sequence | Kind::Table | Kind::View => (take(1), None, None),
            Kind::Routine | Kind::Trigger => (take(2), take(1), None),
            Kind::Event => (take(3), take(1), take(2)),
        };
        let create = create.ok_or_else(|| unreadable(format!("{} `{name}`", word.to_lowercase())))?;
        all.push(Made { kind, word, name, create, mode, zone, order });
    }
    Ok(all)
}

fn unreadable(what: String) -> Error {
    Error::Other(format!("the definition of {what} is withheld").into())
}

const LIST: &str = "\
SELECT table_type, table_name, NULL FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type <> 'TEMPORARY'
UNION ALL SELECT routine_type, routine_name, NULL FROM information_schema.routines WHERE routine_schema = DATABASE()
UNION ALL SELECT 'EVENT', event_name, NULL FROM information_schema.events WHERE event_schema = DATABASE()
UNION ALL SELECT 'TRIGGER', trigger_name, action_order FROM information_schema.triggers WHERE trigger_schema = DATABASE()
ORDER BY 1, 3, 2";
