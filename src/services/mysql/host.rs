//! A server on which scratch databases are made: a private one, or one that the policy names.

use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use mysql_async::{Opts, OptsBuilder};
use predeploy_gates::scratch::Server;
use predeploy_gates::{Cancel, Failure};
use tokio::sync::Mutex;

use super::private::{OWNER, SOCKET, start};
use super::session::Session;
use super::{lost, programs, quote, reason};
use crate::services::engines::Machine;
use crate::services::private::{Private, percent, random};

/// How long a private server may take to be made and to start, and the server to answer its owner.
const START: Duration = Duration::from_secs(60);
/// The oldest that has checks in its catalogue, as major and minor version.
const OLDEST_MARIADB: (u32, u32) = (10, 3);
const OLDEST_MYSQL: (u32, u32) = (8, 0);

pub(super) struct Host {
    /// As the owner, without a database.
    owner: Opts,
    admin: Mutex<Session>,
    /// Databases that nobody uses any more.
    garbage: std::sync::Mutex<Vec<String>>,
    /// Name and version, for reports.
    pub(super) server: String,
    pub(super) is_mariadb: bool,
    /// Stops when the last database is gone.
    private: Option<std::sync::Mutex<Private>>,
}

/// A database of its own and the user that migrations run as, who has its name.
pub(super) struct Made {
    pub(super) name: String,
    password: String,
}

impl Host {
    pub(super) async fn private(machine: &Machine, cancel: &Cancel) -> Result<Self, Failure> {
        let program = programs::find(std::env::var_os("PATH").as_deref()).ok_or_else(|| {
            Failure::new(format!("there is no MySQL server to rehearse on: found no {}", programs::LOOKED_FOR))
                .help("install it (`apt-get install mariadb-server`), or name a server with `database-url`")
        })?;
        let mut private = start(&program, machine.keep)?;
        let socket = private.folder().join(SOCKET).display().to_string();
        let owner = frugal(OptsBuilder::default().user(Some(OWNER)).socket(Some(socket)));
        let since = Instant::now();
        let admin = loop {
            cancel.check()?;
            match Session::open(owner.clone()).await {
                Ok(admin) => break admin,
                Err(_) if private.ended().is_none() && since.elapsed() < START => {
                    tokio::time::sleep(Duration::from_millis(4)).await;
                }
                Err(error) => {
                    let said = private.ended().unwrap_or_else(|| reason(&error));
                    return Err(Failure::new(format!("the private MySQL server does not start: {said}")).help(
                        format!("find out why {} cannot, or name a server with `database-url`", program.display()),
                    ));
                }
            }
        };
        Self::new(owner, admin, Some(private)).await
    }

    pub(super) async fn shared(server: &Server, machine: &Machine) -> Result<Self, Failure> {
        let url = machine.address(&server.address)?;
        let url = url.strip_prefix("mariadb://").map_or(url.clone(), |rest| format!("mysql://{rest}"));
        // The address may hold a password: it is in no message.
        let options = Opts::from_url(&url).map_err(|_| {
            Failure::new("the address of the scratch server cannot be read")
                .help("write it as `mysql://user:password@host:3306/`")
        })?;
        let owner = frugal(OptsBuilder::from_opts(options).db_name(None::<String>));
        let admin = Session::open(owner.clone()).await.map_err(|e| {
            Failure::new(format!("the scratch server that the policy names cannot be reached: {}", reason(&e)))
                .help("start it, or correct `database-url`; connections are made without TLS")
        })?;
        let host = Self::new(owner, admin, None).await?;
        if !server.is_scratch {
            host.holds_nothing().await?;
        }
        Ok(host)
    }

    async fn new(owner: Opts, mut admin: Session, private: Option<Private>) -> Result<Self, Failure> {
        let rows = admin.rows("SET SESSION lock_wait_timeout = 10; SELECT VERSION()").await.map_err(|e| lost(&e))?;
        let said = rows.into_iter().flatten().flatten().next().unwrap_or_default();
        let (server, is_mariadb) = identity(&said)?;
        let private = private.map(std::sync::Mutex::new);
        Ok(Self { owner, admin: Mutex::new(admin), garbage: std::sync::Mutex::default(), server, is_mariadb, private })
    }

    /// Refuses a server that may hold what matters.
    async fn holds_nothing(&self) -> Result<(), Failure> {
        let others = self
            .rows(
                "SELECT DISTINCT table_schema FROM information_schema.tables WHERE LOWER(table_schema) NOT IN \
                 ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1",
            )
            .await?;
        match others.into_iter().flatten().flatten().next() {
            None => Ok(()),
            Some(name) => Err(Failure::new(format!("on the scratch server, the database `{name}` holds tables"))
                .help("name a server that holds nothing else, or say `scratch = true` if nothing on it matters")),
        }
    }

    /// Makes an empty database and a user who may do everything in it and nothing elsewhere.
    pub(super) async fn make(&self) -> Result<Made, Failure> {
        self.sweep().await;
        let made = Made { name: format!("predeploy_{}", random()?), password: random()? + &random()? };
        let (database, account) = (quote(&made.name), self.account(&made.name));
        // `_` stands for any letter here, but for a backslash before it.
        let pattern = quote(&made.name.replace('_', "\\_"));
        let sql = format!(
            "CREATE DATABASE {database}; CREATE USER {account} IDENTIFIED BY '{}' WITH MAX_USER_CONNECTIONS 30; \
             GRANT ALL PRIVILEGES ON {pattern}.* TO {account}",
            made.password
        );
        match self.rows(&sql).await {
            Ok(_) => Ok(made),
            Err(failure) => {
                self.forget(&made.name);
                self.sweep().await;
                Err(Failure::new(format!("no scratch database can be made: {}", failure.message)).help(
                    "on a scratch server the user must be able to create databases and users, and to give them rights \
                     (`GRANT ALL ON *.* … WITH GRANT OPTION`)",
                ))
            }
        }
    }

    /// The user of a database as an account.
    pub(super) fn account(&self, name: &str) -> String {
        format!("'{name}'@'{}'", self.user_host())
    }

    /// The user of a database as the catalogue writes who defined something.
    pub(super) fn definer(&self, name: &str) -> String {
        format!("DEFINER=`{name}`@`{}`", self.user_host())
    }

    fn user_host(&self) -> &str {
        if self.private.is_some() { "localhost" } else { "%" }
    }

    /// As the owner, in a database.
    pub(super) fn as_owner(&self, made: &Made) -> OptsBuilder {
        OptsBuilder::from_opts(self.owner.clone()).db_name(Some(&made.name))
    }

    /// As the user that migrations run as.
    pub(super) fn as_user(&self, made: &Made) -> OptsBuilder {
        self.as_owner(made).user(Some(&made.name)).pass(Some(&made.password))
    }

    /// Whether its databases stay at the end.
    pub(super) fn keeps(&self) -> bool {
        let private = self.private.as_ref().map(|p| p.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        private.is_some_and(|private| private.keeps())
    }

    /// Where drivers find a database; those differ in how they are told of a socket, this is the most common way.
    pub(super) fn url(&self, made: &Made) -> String {
        let Made { name, password } = made;
        if let Some(socket) = self.owner.socket() {
            return format!("mysql://{name}:{password}@localhost/{name}?socket={}", percent(socket));
        }
        let host = self.owner.ip_or_hostname();
        let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
        format!("mysql://{name}:{password}@{host}:{}/{name}", self.owner.tcp_port())
    }

    /// Rows of a query as the owner.
    pub(super) async fn rows(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Failure> {
        let mut admin = self.admin.lock().await;
        tokio::time::timeout(START, admin.rows(sql))
            .await
            .map_err(|_| Failure::new("the scratch server does not answer"))?
            .map_err(|e| lost(&e))
    }

    /// Ends a session.
    pub(super) async fn end(&self, id: u32) -> Result<(), Failure> {
        // It may have ended by itself.
        match self.rows(&format!("KILL CONNECTION {id}")).await {
            Err(failure) if !failure.message.contains("Unknown thread") => Err(failure),
            _ => Ok(()),
        }
    }

    /// The folder of a private server.
    pub(super) fn folder(&self) -> Option<std::path::PathBuf> {
        let private = self.private.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(private.folder().to_owned())
    }

    /// Bytes that a database takes. A private server is measured as a whole, with its temporary files and logs.
    pub(super) async fn size(&self, made: &Made) -> Result<u64, Failure> {
        if let Some(folder) = self.folder() {
            return Ok(size(&folder));
        }
        let table = if self.is_mariadb { "INNODB_SYS_TABLESPACES" } else { "INNODB_TABLESPACES" };
        let sql = format!("SELECT SUM(FILE_SIZE) FROM information_schema.{table} WHERE NAME LIKE '{}/%'", made.name);
        let rows = self.rows(&sql).await?;
        Ok(rows.into_iter().flatten().flatten().next().and_then(|sum| sum.parse().ok()).unwrap_or_default())
    }

    /// The database is not used any more.
    pub(super) fn forget(&self, name: &str) {
        self.garbage.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
    }

    /// Drops the databases that nobody uses any more; what cannot be dropped goes with the server, or is tried at the end.
    async fn sweep(&self) {
        let names = std::mem::take(&mut *self.garbage.lock().unwrap_or_else(PoisonError::into_inner));
        for name in names {
            let mut admin = self.admin.lock().await;
            if remove(&mut admin, &name, &self.account(&name)).await.is_err() {
                self.forget(&name);
            }
        }
    }

    /// On a server of others everything that was made goes.
    pub(super) fn leave(&self) {
        if self.private.is_some() {
            return;
        }
        let names = std::mem::take(&mut *self.garbage.lock().unwrap_or_else(PoisonError::into_inner));
        let made: Vec<(String, String)> = names.into_iter().map(|name| (self.account(&name), name)).collect();
        let owner = self.owner.clone();
        // Whoever drops this may be within a runtime, which cannot wait for another future; a thread can.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                let Ok(mut session) = Session::open(owner).await else { return };
                for (account, name) in made {
                    drop(tokio::time::timeout(START, remove(&mut session, &name, &account)).await);
                }
            });
        });
        drop(thread.join());
    }
}

/// Without the questions that the driver asks each new session about sizes and sockets.
fn frugal(options: OptsBuilder) -> Opts {
    options.prefer_socket(false).max_allowed_packet(Some(64 << 20)).wait_timeout(Some(28_800)).stmt_cache_size(0).into()
}

/// Ends the sessions of a database's user, whose transactions would hold it, and drops both.
async fn remove(session: &mut Session, name: &str, account: &str) -> Result<(), mysql_async::Error> {
    let open = format!("SELECT id FROM information_schema.processlist WHERE user = '{name}'");
    for id in session.rows(&open).await?.into_iter().flatten().flatten() {
        // It may have ended meanwhile.
        drop(session.rows(&format!("KILL {id}")).await);
    }
    let sql = format!(
        "SET SESSION lock_wait_timeout = 10; DROP DATABASE IF EXISTS {}; DROP USER IF EXISTS {account}",
        quote(name)
    );
    session.rows(&sql).await.map(drop)
}

/// Name and version, and whether it is MariaDB: `10.11.14-MariaDB-0+deb12u2`, `8.0.36`, `5.5.5-10.4.8-MariaDB`.
fn identity(said: &str) -> Result<(String, bool), Failure> {
    let is_mariadb = said.to_ascii_lowercase().contains("mariadb");
    let said = said.strip_prefix("5.5.5-").filter(|_| is_mariadb).unwrap_or(said);
    let version = said.split('-').next().unwrap_or_default();
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    let number = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let (name, oldest) = if is_mariadb { ("MariaDB", OLDEST_MARIADB) } else { ("MySQL", OLDEST_MYSQL) };
    if number < oldest {
        return Err(Failure::new(format!("{name} {version} is too old to rehearse on"))
            .help("use MariaDB 10.3, MySQL 8.0 or later, best the version that runs in production"));
    }
    Ok((format!("{name} {version}"), is_mariadb))
}

/// Bytes of the files below a folder. What vanishes meanwhile counts nothing.
fn size(path: &Path) -> u64 {
    let entries = std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    let of = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(about) if about.is_dir() => size(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    };
    entries.map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_the_product() {
        let of = |said| identity(said).map_err(|failure| failure.message);
        assert_eq!(of("10.11.14-MariaDB-0+deb12u2"), Ok(("MariaDB 10.11.14".into(), true)));
        assert_eq!(of("5.5.5-10.4.8-MariaDB-log"), Ok(("MariaDB 10.4.8".into(), true)));
        assert_eq!(of("8.0.36-0ubuntu0.22.04.1"), Ok(("MySQL 8.0.36".into(), false)));
        assert_eq!(of("9.1.0"), Ok(("MySQL 9.1.0".into(), false)));
        assert_eq!(of("5.7.44-log"), Err("MySQL 5.7.44 is too old to rehearse on".into()));
        assert!(of("").is_err());
    }
}
