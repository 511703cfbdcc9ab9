//! How a private PostgreSQL server is made and set.
//!
//! Source: [server configuration](https://www.postgresql.org/docs/current/runtime-config.html).

use std::fs;
use std::path::Path;

use predeploy_gates::Failure;

use crate::services::private::{Private, Recipe};

/// The superuser of a private server, as whom no migration runs.
pub(super) const OWNER: &str = "predeploy_owner";

/// Begins to make a server. With `data`, that puts a data directory at the given place, none is made.
pub(super) fn start(
    programs: &Path,
    keep: bool,
    data: impl FnOnce(&Path) -> std::io::Result<()>,
) -> Result<Private, Failure> {
    let recipe = Recipe {
        engine: "PostgreSQL",
        serve: include_str!("serve.sh"),
        arguments: &[programs.as_os_str(), OWNER.as_ref()],
        users: &["postgres", "nobody"],
    };
    Private::start(&recipe, keep, |folder| {
        settings(folder)?;
        data(&folder.join("data"))
    })
}

fn settings(folder: &Path) -> std::io::Result<()> {
    let place = folder.display();
    let literal = |text: String| format!("'{}'", text.replace('\'', "''"));
    let settings = SETTINGS.iter().map(|(name, value)| format!("{name} = '{value}'\n")).collect::<String>();
    let places = [
        ("unix_socket_directories", format!("\"{place}\"")),
        ("hba_file", format!("{place}/pg_hba.conf")),
        ("ident_file", format!("{place}/pg_ident.conf")),
    ];
    let places: String = places.into_iter().map(|(name, value)| format!("{name} = {}\n", literal(value))).collect();
    fs::write(folder.join("postgresql.conf"), settings + &places)?;
    // Nobody but this user and the server's gets into the folder with the socket.
    fs::write(folder.join("pg_hba.conf"), "local all all trust\n")?;
    fs::write(folder.join("pg_ident.conf"), "")
}

/// A server that need not survive anything, on which nothing runs by itself.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("max_connections", "60"),
    ("superuser_reserved_connections", "20"),
    ("shared_buffers", "64MB"),
    ("dynamic_shared_memory_type", "mmap"),
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("min_wal_size", "16MB"),
    ("max_wal_size", "256MB"),
    ("checkpoint_timeout", "1d"),
    ("bgwriter_lru_maxpages", "0"),
    ("autovacuum", "off"),
    ("track_counts", "off"),
    ("jit", "off"),
    ("max_worker_processes", "0"),
    ("max_parallel_workers_per_gather", "0"),
    ("max_parallel_maintenance_workers", "0"),
    ("max_prepared_transactions", "0"),
    // A long migration may touch every object in one transaction.
    ("max_locks_per_transaction", "256"),
    ("temp_file_limit", "512MB"),
    // A crash must be seen, not mended.
    ("restart_after_crash", "off"),
    ("log_min_messages", "fatal"),
    ("log_min_error_statement", "panic"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
];
