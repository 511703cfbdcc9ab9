//! A server on which scratch databases are made: a private one, or one that the policy names.

use std::time::{Duration, Instant};

use predeploy_gates::scratch::Server;
use predeploy_gates::{Cancel, Failure};
use tokio::sync::Mutex;
use tokio_postgres::Config;

use super::session::Session;
use super::{lost, private, programs, quote};
use crate::services::engines::Machine;
use crate::services::private::{Private, percent, random};

/// How long a private server may take to be made and to start.
const START: Duration = Duration::from_secs(60);
/// How long the server of a policy may take to answer.
const CONNECT: Duration = Duration::from_secs(10);
/// The oldest server whose catalogue is read right, as its number.
const OLDEST: u32 = 12_00_00;
/// As whom migrations run on a private server. Not the superuser that it usually is: so that `OWNER TO postgres`, which
/// dumps are full of, is nothing special.
const ROLE: &str = "postgres";

pub(super) struct Host {
    /// As the owner, without a database.
    owner: Config,
    /// In the maintenance database, as the owner.
    admin: Mutex<Session>,
    /// Databases that nobody uses any more.
    garbage: std::sync::Mutex<Vec<String>>,
    /// Name and version, for reports.
    pub(super) server: String,
    pub(super) number: u32,
    pub(super) is_superuser: bool,
    /// Stops when the last database is gone. After the sessions, which it would cut off.
    private: Option<std::sync::Mutex<Private>>,
}

/// A database of its own and the role that migrations run as.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) name: String,
    pub(super) role: String,
    password: Option<String>,
}

impl Host {
    /// The server that is asked for.
    pub(super) async fn of(server: Option<&Server>, machine: &Machine, cancel: &Cancel) -> Result<Self, Failure> {
        match server {
            None => Self::private(machine, cancel, |_| Ok(())).await,
            Some(server) => Self::shared(server, machine).await,
        }
    }

    pub(super) async fn private(
        machine: &Machine,
        cancel: &Cancel,
        data: impl FnOnce(&std::path::Path) -> std::io::Result<()>,
    ) -> Result<Self, Failure> {
        let programs = programs::find(std::env::var_os("PATH").as_deref()).ok_or_else(|| {
            Failure::new(format!("there is no PostgreSQL server to rehearse on: found no {}", programs::LOOKED_FOR))
                .help("install it (`apt-get install postgresql`), or name a server with `database-url`")
        })?;
        let mut private = private::start(&programs, machine.keep, data)?;
        let mut owner = Config::new();
        owner.host_path(private.folder()).user(private::OWNER);
        let since = Instant::now();
        let mut admin = loop {
            cancel.check()?;
            match Session::open(owner.clone().dbname("template1")).await {
                Ok(admin) => break admin,
                Err(_) if private.ended().is_none() && since.elapsed() < START => {
                    tokio::time::sleep(Duration::from_millis(4)).await;
                }
                Err(error) => {
                    let said = private.ended().unwrap_or_else(|| error.to_string());
                    return Err(Failure::new(format!("the private PostgreSQL server does not start: {said}")).help(
                        format!("find out why {} cannot, or name a server with `database-url`", programs.display()),
                    ));
                }
            }
        };
        let (server, number, is_superuser) = identity(&mut admin).await?;
        // Roles survive in a data directory that was kept.
        let prepare = format!(
            "DO $$ BEGIN CREATE ROLE {ROLE}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
             ALTER ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 30;
             DO $$ DECLARE r record; BEGIN FOR r IN SELECT roleid::regrole AS role FROM pg_auth_members
                 WHERE member = '{ROLE}'::regrole LOOP EXECUTE format('REVOKE %s FROM {ROLE}', r.role); END LOOP; END $$;
             REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;"
        );
        admin.rows(&prepare).await.map_err(|e| lost(&e))?;
        Ok(Self {
            owner,
            admin: Mutex::new(admin),
            garbage: std::sync::Mutex::default(),
            server,
            number,
            is_superuser,
            private: Some(std::sync::Mutex::new(private)),
        })
    }

    async fn shared(server: &Server, machine: &Machine) -> Result<Self, Failure> {
        let url = machine.address(&server.address)?;
        // The address may hold a password: it is in no message.
        let mut owner: Config = url.parse().map_err(|_| {
            Failure::new("the address of the scratch server cannot be read")
                .help("write it as `postgres://user:password@host:5432/`")
        })?;
        owner.connect_timeout(CONNECT).application_name("predeploy");
        if owner.get_dbname().is_none() {
            owner.dbname("postgres");
        }
        let unreachable = |e: tokio_postgres::Error| {
            Failure::new(format!("the scratch server that the policy names cannot be reached: {}", super::reason(&e)))
                .help("start it, or correct `database-url`; connections are made without TLS")
        };
        let mut admin = Session::open(&owner).await.map_err(unreachable)?;
        let (server_name, number, is_superuser) = identity(&mut admin).await?;
        let host = Self {
            owner,
            admin: Mutex::new(admin),
            garbage: std::sync::Mutex::default(),
            server: server_name,
            number,
            is_superuser,
            private: None,
        };
        host.may_be_used(server.is_scratch).await?;
        Ok(host)
    }

    /// Refuses a server on which no database can be made and dropped, or that may hold what matters.
    async fn may_be_used(&self, is_scratch: bool) -> Result<(), Failure> {
        let may = self
            .rows("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = current_user AND (rolsuper OR (rolcreatedb AND rolcreaterole))")
            .await?;
        if may.is_empty() {
            return Err(Failure::new(
                "on the scratch server this user may not create a role and a database of its own",
            )
            .help("give it CREATEDB and CREATEROLE, or name another server"));
        }
        if is_scratch {
            return Ok(());
        }
        let others = self
            .rows("SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1")
            .await?;
        for name in others.into_iter().flatten().flatten() {
            let mut config = self.owner.clone();
            let tables = match Session::open(config.dbname(&name)).await {
                Ok(mut session) => session.rows(HOLDS_TABLES).await.ok().map(|rows| !rows.is_empty()),
                Err(_) => None,
            };
            if tables != Some(false) {
                let why = if tables.is_none() { "cannot be looked into" } else { "holds tables" };
                return Err(Failure::new(format!("on the scratch server, the database `{name}` {why}"))
                    .help("name a server that holds nothing else, or say `scratch = true` if nothing on it matters"));
            }
        }
        Ok(())
    }

    /// Makes an empty database and, except on a private server, a role for it.
    pub(super) async fn make(&self) -> Result<Made, Failure> {
        let name = format!("predeploy_{}", random()?);
        let made = if self.private.is_some() {
            Made { name, role: ROLE.into(), password: None }
        } else {
            let password = random()? + &random()?;
            let role = quote(&name);
            self.rows(&format!(
                "CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 30 PASSWORD '{password}'"
            ))
            .await?;
            // Without membership nobody but a superuser can give a database away.
            if !self.is_superuser {
                self.rows(&format!("GRANT {role} TO CURRENT_USER")).await?;
            } else {
                self.rows(&format!("ALTER ROLE {role} SET temp_file_limit = '1GB'")).await?;
            }
            Made { role: name.clone(), name, password: Some(password) }
        };
        self.create(&made, "template0").await?;
        if self.number < 15_00_00 {
            // Later ones leave it to the database's owner.
            let mut owner = Session::open(&self.as_owner(&made)).await.map_err(|e| lost(&e))?;
            let give = format!("ALTER SCHEMA public OWNER TO {}", quote(&made.role));
            owner.rows(&give).await.map_err(|e| lost(&e))?;
        }
        Ok(made)
    }

    /// Another database with the content of one that nobody is connected to.
    pub(super) async fn copy(&self, of: &Made) -> Result<Made, Failure> {
        let made = Made { name: format!("predeploy_{}", random()?), ..of.clone() };
        self.create(&made, &quote(&of.name)).await?;
        Ok(made)
    }

    async fn create(&self, made: &Made, template: &str) -> Result<(), Failure> {
        self.sweep().await;
        // With fsync off a checkpoint costs nothing, and copying files is faster than logging their pages.
        let strategy = if self.private.is_some() && self.number >= 15_00_00 { " STRATEGY file_copy" } else { "" };
        let (name, role) = (quote(&made.name), quote(&made.role));
        self.rows(&format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {role}{strategy}")).await?;
        self.rows(&format!("REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")).await?;
        Ok(())
    }

    /// Waits until nobody is connected to a database any more.
    pub(super) async fn alone(&self, made: &Made) -> Result<(), Failure> {
        let others = format!("SELECT 1 FROM pg_catalog.pg_stat_activity WHERE datname = '{}'", made.name);
        let since = Instant::now();
        while !self.rows(&others).await?.is_empty() {
            if since.elapsed() > Duration::from_secs(2) {
                self.rows(&format!(
                    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = '{}'",
                    made.name
                ))
                .await?;
            }
            if since.elapsed() > CONNECT {
                return Err(Failure::new("sessions of the scratch database do not end"));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// As the owner, in a database.
    pub(super) fn as_owner(&self, made: &Made) -> Config {
        let mut config = self.owner.clone();
        config.dbname(&made.name);
        config
    }

    /// As the role that migrations run as.
    pub(super) fn as_role(&self, made: &Made) -> Config {
        let mut config = self.as_owner(made);
        config.user(&made.role);
        if let Some(password) = &made.password {
            config.password(password);
        }
        config
    }

    /// Whether its databases stay at the end.
    pub(super) fn keeps(&self) -> bool {
        let private = self.private.as_ref().map(|p| p.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        private.is_some_and(|private| private.keeps())
    }

    /// Where libpq finds a database.
    pub(super) fn url(&self, made: &Made) -> String {
        let Made { name, role, password } = made;
        let secret = password.as_ref().map(|p| format!(":{p}")).unwrap_or_default();
        let port = self.owner.get_ports().first().copied().unwrap_or(5432);
        match self.owner.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(host)) => {
                let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                format!("postgresql://{role}{secret}@{host}:{port}/{name}")
            }
            #[cfg(unix)]
            Some(tokio_postgres::config::Host::Unix(folder)) => {
                let folder = percent(&folder.display().to_string());
                format!("postgresql://{role}{secret}@/{name}?host={folder}&port={port}")
            }
            _ => format!("postgresql://{role}{secret}@/{name}"),
        }
    }

    /// Rows of a query as the owner, in the maintenance database.
    pub(super) async fn rows(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Failure> {
        let mut admin = self.admin.lock().await;
        tokio::time::timeout(START, admin.rows(sql))
            .await
            .map_err(|_| Failure::new("the scratch server does not answer"))?
            .map_err(|e| lost(&e))
    }

    /// The database is not used any more.
    pub(super) fn forget(&self, name: &str) {
        self.garbage.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(name.to_owned());
    }

    /// A database that a private server was started with.
    pub(super) fn kept(&self, name: &str) -> Made {
        Made { name: name.to_owned(), role: ROLE.into(), password: None }
    }

    /// The folder with everything of a private server.
    pub(super) fn data(&self) -> Option<std::path::PathBuf> {
        let private = self.private.as_ref()?.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Some(private.data())
    }

    /// Drops the databases that nobody uses any more; what cannot be dropped goes with the server, or is tried at the end.
    async fn sweep(&self) {
        let names = std::mem::take(&mut *self.garbage.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for name in names {
            if self.rows(&self.drop_statement(&name)).await.is_err() {
                self.forget(&name);
            }
        }
    }

    fn drop_statement(&self, name: &str) -> String {
        let force = if self.number >= 13_00_00 { " WITH (FORCE)" } else { "" };
        format!("DROP DATABASE IF EXISTS {}{force}", quote(name))
    }

    /// On a server of others everything that was made goes.
    pub(super) fn leave(&self, roles: &[String]) {
        if self.private.is_some() {
            return;
        }
        let names = std::mem::take(&mut *self.garbage.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let mut statements: Vec<String> = names.iter().map(|name| self.drop_statement(name)).collect();
        statements.extend(roles.iter().map(|role| format!("DROP ROLE IF EXISTS {}", quote(role))));
        let owner = self.owner.clone();
        // Whoever drops this may be within a runtime, which cannot wait for another future; a thread can.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                let Ok(mut session) = Session::open(&owner).await else { return };
                for statement in statements {
                    drop(tokio::time::timeout(CONNECT, session.rows(&statement)).await);
                }
            });
        });
        drop(thread.join());
    }
}

const HOLDS_TABLES: &str = "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                            WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
                            AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%' LIMIT 1";

/// Name and version, the version as a number, and whether the user is a superuser.
async fn identity(session: &mut Session) -> Result<(String, u32, bool), Failure> {
    let sql = "SELECT current_setting('server_version'), current_setting('server_version_num'), current_setting('is_superuser')";
    let rows = session.rows(sql).await.map_err(|e| lost(&e))?;
    let text = |i: usize| rows.first().and_then(|row| row.get(i)?.clone()).unwrap_or_default();
    // `15.18 (Debian 15.18-0+deb12u1)`
    let version = text(0).split(' ').next().unwrap_or_default().to_owned();
    let number = text(1).parse().unwrap_or(0);
    if number < OLDEST {
        return Err(Failure::new(format!("PostgreSQL {version} is too old to rehearse on"))
            .help("install PostgreSQL 12 or later, best the version that runs in production"));
    }
    Ok((format!("PostgreSQL {version}"), number, text(2) == "on"))
}
