//! How a private MariaDB or MySQL server is made and set.
//!
//! Sources: [server system variables](https://mariadb.com/kb/en/server-system-variables/),
//! [mariadb-install-db](https://mariadb.com/kb/en/mariadb-install-db/),
//! [--initialize-insecure](https://dev.mysql.com/doc/refman/8.0/en/data-directory-initialization.html).

use std::fs;
use std::path::Path;

use predeploy_gates::Failure;

use crate::services::private::{Private, Recipe};

/// Who owns a private server, as whom no migration runs.
pub(super) const OWNER: &str = "root";
/// The socket in the server's folder.
pub(super) const SOCKET: &str = "server.sock";
/// The settings in the server's folder.
const SETTINGS_FILE: &str = "server.cnf";

/// Begins to make a server.
pub(super) fn start(program: &Path, keep: bool) -> Result<Private, Failure> {
    let recipe = Recipe {
        engine: "MySQL",
        serve: include_str!("serve.sh"),
        arguments: &[program.as_os_str(), SETTINGS_FILE.as_ref()],
        users: &["mysql", "nobody"],
    };
    Private::start(&recipe, keep, |folder| fs::write(folder.join(SETTINGS_FILE), settings(folder)))
}

fn settings(folder: &Path) -> String {
    let place = |name: &str| {
        let path = folder.join(name).display().to_string();
        format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
    };
    let places = [
        ("datadir", "data"),
        ("socket", SOCKET),
        ("pid-file", "server.pid"),
        ("tmpdir", "tmp"),
        // The only folder that SQL could write files to. Migrations have no right to.
        ("secure-file-priv", "files"),
    ];
    let places: String = places.iter().map(|(name, file)| format!("{name} = {}\n", place(file))).collect();
    format!("[mysqld]\n{places}{SETTINGS}")
}

/// A server that need not survive anything, on which nothing runs by itself. `loose` is what only one of both knows.
const SETTINGS: &str = "\
skip-networking
skip-name-resolve
skip-log-bin
skip-symbolic-links
loose-mysqlx = 0
loose-feedback = OFF
local-infile = 0
event-scheduler = OFF
performance-schema = OFF
character-set-server = utf8mb4
default-time-zone = '+00:00'
log-bin-trust-function-creators = 1
max-connections = 60
max-allowed-packet = 64M
lock-wait-timeout = 60
innodb-lock-wait-timeout = 20
innodb-buffer-pool-size = 64M
innodb-flush-log-at-trx-commit = 0
innodb-doublewrite = 0
innodb-fast-shutdown = 2
innodb-temp-data-file-path = ibtmp1:12M:autoextend:max:512M
loose-innodb-flush-method = nosync
loose-innodb-log-file-size = 32M
loose-innodb-buffer-pool-dump-at-shutdown = 0
loose-innodb-buffer-pool-load-at-startup = 0
";
