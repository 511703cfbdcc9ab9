//! Locks on tables that a session holds.
//!
//! Source: [table-level locks](https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES) and the table
//! of their conflicts: readers take ACCESS SHARE, writers ROW EXCLUSIVE.

use std::collections::BTreeMap;

use predeploy_gates::scratch::Lock;
use tokio_postgres::Error;

use super::session::Session;

/// As the catalogue and as the documentation call them, the weakest first.
const MODES: &[(&str, &str)] = &[
    ("AccessShareLock", "ACCESS SHARE"),
    ("RowShareLock", "ROW SHARE"),
    ("RowExclusiveLock", "ROW EXCLUSIVE"),
    ("ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"),
    ("ShareLock", "SHARE"),
    ("ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"),
    ("ExclusiveLock", "EXCLUSIVE"),
    ("AccessExclusiveLock", "ACCESS EXCLUSIVE"),
];
/// The first that others' writes wait for.
const SHARE: usize = 4;
const ACCESS_EXCLUSIVE: usize = 7;

/// The strongest lock on each table that others can see, thus that was there before the open transaction.
pub(super) async fn read(observer: &mut Session, process: &str) -> Result<Vec<Lock>, Error> {
    let rows = observer
        .rows(&format!(
            "SELECT CASE n.nspname WHEN 'public' THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(c.relname), l.mode \
             FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE l.pid = ({process}) AND l.locktype = 'relation' AND l.granted \
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
             AND c.relkind IN ('r', 'p', 'm', 'f') AND c.oid >= 16384 AND n.nspname !~ '^pg_'"
        ))
        .await?;
    let mut strongest: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let [Some(table), Some(mode)] = &*row else { continue };
        let Some(strength) = MODES.iter().position(|(known, _)| known == mode) else { continue };
        let held = strongest.entry(table.clone()).or_default();
        *held = strength.max(*held);
    }
    let lock = |(table, strength): (String, usize)| Lock {
        table,
        mode: MODES[strength].1.into(),
        blocks_reads: strength >= ACCESS_EXCLUSIVE,
        blocks_writes: strength >= SHARE,
    };
    Ok(strongest.into_iter().map(lock).collect())
}
