//! A database's live schema, as real servers and their own dump programs tell it.

use std::path::Path;

use serde_json::Value;

use crate::support::engines::{has, lacks};
use crate::support::{Ran, Repo};

/// A repository with migrations, whose live database became what `by_hand` made of it.
struct Service {
    repo: Repo,
    engine: &'static str,
    /// A shell command that dumps the scratch database at `$DATABASE_URL`.
    dump: &'static str,
}

const POSTGRESQL: &str = "pg_dump --schema-only --verbose \"$DATABASE_URL\"";
/// `mysql://user:password@localhost/name?socket=path`, taken apart.
const MARIADB: &str = "u=${DATABASE_URL#*://}; a=${u%%@*}; n=${u#*@*/}; \
    mariadb-dump --no-data --routines --events -u \"${a%%:*}\" \"-p${a#*:}\" --socket=\"${u#*socket=}\" \"${n%%\\?*}\"";
const SQLITE: &str = "sqlite3 \"${DATABASE_URL#sqlite://}\" .schema";

impl Service {
    fn new(engine: &'static str, dump: &'static str, up: &str) -> Self {
        let repo = Repo::new();
        repo.with(".gitignore", "/live.sql\n").with("db/migrations/1_first.up.sql", up);
        repo.with("db/migrations/1_first.down.sql", "SELECT 1;");
        // The same gate as the migrations' own tells how they run.
        let policy = format!("[gates.migrations]\nengine = '{engine}'\n\n[gates.drift.schema]\ndump = 'live.sql'\n");
        repo.with("predeploy.toml", policy).commit("base");
        Self { repo, engine, dump }
    }

    /// Makes the live database on a server, from the same migrations and what somebody did by hand, and dumps it. `None` if there is
    /// no server here.
    fn live(&self, by_hand: &str) -> Option<()> {
        let base = std::fs::read_to_string(self.repo.path().join("db/migrations/1_first.up.sql")).unwrap();
        self.live_of(&base, by_hand)
    }

    fn live_of(&self, first: &str, by_hand: &str) -> Option<()> {
        let program = match self.engine {
            "postgresql" => "pg_dump",
            "mysql" => "mariadb-dump",
            _ => "sqlite3",
        };
        if !has(program) {
            return None;
        }
        let live = Repo::new();
        let target = self.repo.path().join("live.sql");
        let dump = toml::Value::from(format!("({}) > '{}'", self.dump, target.display()));
        live.with("predeploy.toml", format!("[gates.migrations]\nengine = '{}'\ncompat = {dump}\n", self.engine));
        let base = live.with("m/1_first.up.sql", first).with("m/1_first.down.sql", "SELECT 1;").commit("base");
        live.branch("hand")
            .with("m/2_hand.up.sql", format!("{by_hand}\nCREATE TABLE schema_migrations (version int);"));
        live.with("m/2_hand.down.sql", "SELECT 1;").commit("by hand");
        let ran = live.check().args(["--base", &base]).env("PATH", std::env::var_os("PATH").unwrap()).run();
        if ["PostgreSQL", "MySQL"].iter().any(|server| lacks(&ran, server)) {
            return None;
        }
        ran.lacks("migrations/old-code-fails");
        assert!(std::fs::metadata(&target).is_ok_and(|it| it.len() > 0), "nothing was dumped: {ran}");
        Some(())
    }

    fn dumped(&self) -> String {
        std::fs::read_to_string(self.repo.path().join("live.sql")).unwrap()
    }

    fn write(&self, dump: &str) -> &Self {
        std::fs::write(self.repo.path().join("live.sql"), dump).unwrap();
        self
    }

    /// What the drift gate says of a change that does not touch the migrations.
    fn ask(&self) -> Ran {
        self.repo.git(&["checkout", "-q", "-B", "change", "main"]);
        self.repo.with("README.md", "# Service\n").commit("readme");
        self.repo.check().args(["drift", "--base", "main"]).run()
    }
}

/// `error schema-extra index/i live.sql:3`.
fn told(ran: &Ran) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut all: Vec<String> = ran
        .findings()
        .iter()
        .filter(|it| text(&it["rule"]).starts_with("drift/"))
        .map(|it| {
            let rule = text(&it["rule"]).replace("drift/", "");
            format!("{} {rule} {}", text(&it["severity"]), text(&it["subject"]))
        })
        .collect();
    all.sort();
    all
}

const TABLES_OF_POSTGRESQL: &str = "
CREATE TYPE state AS ENUM ('new', 'paid');
CREATE TABLE customers (id serial PRIMARY KEY, email text NOT NULL UNIQUE, note varchar(40) DEFAULT 'x');
COMMENT ON COLUMN customers.email IS 'of the buyer';
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int REFERENCES customers (id),
    state state NOT NULL DEFAULT 'new', total numeric(10, 2) CHECK (total >= 0), at timestamptz NOT NULL DEFAULT now());
CREATE INDEX orders_customer ON orders (customer_id);
CREATE VIEW open_orders AS SELECT id, total FROM orders WHERE state = 'new';
CREATE MATERIALIZED VIEW totals AS SELECT sum(total) AS total FROM orders;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at = now(); RETURN NEW; END; $$;
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE events (id int, at date NOT NULL) PARTITION BY RANGE (at);
GRANT SELECT (email) ON customers TO PUBLIC;
";

/// `drift/schema-extra`, `drift/schema-missing`, `drift/schema-difference`
#[test]
fn what_was_done_by_hand_in_postgresql() {
    let service = Service::new("postgresql", POSTGRESQL, TABLES_OF_POSTGRESQL);
    let Some(()) =
        service.live("CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');")
    else {
        return;
    };
    let ran = service.ask();
    assert_eq!((told(&ran), ran.code), (vec![], 0), "what nobody touched, and partitions: {ran}");
    let reason = ran.gate("drift")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("against 1 migration on PostgreSQL") && reason.contains("1 partition beside"), "{reason}");

    service.live(
        "CREATE INDEX hand_made ON orders (at);
         ALTER TABLE orders ADD COLUMN hotfix text DEFAULT 'canary-in-a-default';
         ALTER TABLE customers ALTER COLUMN note TYPE varchar(80);
         ALTER INDEX orders_customer RENAME TO orders_by_customer;
         DROP VIEW open_orders;
         CREATE TABLE backup_orders AS SELECT id FROM orders;
         ALTER TYPE state ADD VALUE 'void';
         ALTER TABLE orders SET (fillfactor = 70);
         CREATE VIEW leak AS SELECT 'canary-in-a-view' AS a;
         CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$;",
    );
    let ran = service.ask();
    assert_eq!(
        told(&ran),
        [
            "error schema-difference function/touch()",
            "error schema-difference table/customers#note",
            "error schema-difference type/state",
            "error schema-extra index/hand_made",
            "error schema-extra table/backup_orders",
            "error schema-extra table/orders#hotfix",
            "error schema-extra view/leak",
            "error schema-missing view/open_orders",
            "warning schema-difference index/orders_by_customer",
            "warning schema-difference table/orders",
        ],
        "{ran}"
    );
    assert_eq!(ran.code, 1);
    assert!(!ran.to_string().contains("canary"), "a text of the live database is shown: {ran}");
    let at = ran.findings().iter().find(|it| it["subject"] == "table/orders#hotfix").unwrap()["location"].to_string();
    assert!(at.contains("live.sql"), "{at}");
}

/// What production lacks because it is not deployed yet, and what is deployed already.
#[test]
fn the_change_itself_is_no_drift() {
    let first = "CREATE TABLE a (id integer PRIMARY KEY);";
    let service = Service::new("sqlite", SQLITE, first);
    let second = "ALTER TABLE a ADD COLUMN b text; CREATE INDEX a_b ON a (b);";
    let repo = &service.repo;
    repo.git(&["checkout", "-q", "-B", "change"]);
    repo.with("db/migrations/2_b.up.sql", second).with("db/migrations/2_b.down.sql", "SELECT 1;").commit("b");
    let ask = || repo.check().args(["drift", "--base", "main"]).run();
    for by_hand in ["", "ALTER TABLE a ADD COLUMN b text;", second] {
        if service.live(by_hand).is_none() {
            return;
        }
        let ran = ask();
        assert_eq!((told(&ran), ran.code), (vec![], 0), "{by_hand}: {ran}");
    }
    if service.live("ALTER TABLE a ADD COLUMN b integer;").is_none() {
        return;
    }
    assert_eq!(told(&ask()), ["error schema-difference table/a#b"]);
}

#[test]
fn a_waiver_is_for_one_object() {
    let service = Service::new("sqlite", SQLITE, "CREATE TABLE a (id integer PRIMARY KEY);");
    if service.live("CREATE INDEX one ON a (id); CREATE INDEX two ON a (id DESC);").is_none() {
        return;
    }
    assert_eq!(told(&service.ask()), ["error schema-extra index/one", "error schema-extra index/two"]);
    service.repo.git(&["checkout", "-q", "main"]);
    let args = ["accept", "index/one", "--reason", "by the DBA", "--owner", "sam", "--until", "2099-01-31"];
    let ran = service.repo.predeploy("drift").args(args).run();
    assert_eq!(ran.code, 0, "{ran}");
    service.repo.commit("accepted");
    let ran = service.ask();
    assert_eq!((ran.gate("drift")["verdict"].as_str(), ran.code), (Some("blocked"), 1), "{ran}");
    if service.live("CREATE INDEX one ON a (id);").is_none() {
        return;
    }
    assert_eq!(service.ask().code, 0);
}

const TABLES_OF_MARIADB: &str = "
CREATE TABLE customers (id int AUTO_INCREMENT PRIMARY KEY, email varchar(100) NOT NULL UNIQUE, note varchar(40) DEFAULT 'x',
    kind enum('a', 'b') NOT NULL DEFAULT 'a') COMMENT = 'who''s';
CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, customer_id int, total numeric(10, 2) CHECK (total >= 0),
    at datetime NOT NULL DEFAULT current_timestamp, FOREIGN KEY (customer_id) REFERENCES customers (id), INDEX orders_at (at));
CREATE VIEW open_orders AS SELECT id, total FROM orders WHERE total > 0;
CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW BEGIN SET NEW.at = now(); SET NEW.total = 1; END;
CREATE PROCEDURE p() BEGIN SELECT 1; SELECT ';'; END;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM orders WHERE id < 0;
";

#[test]
fn what_was_done_by_hand_in_mariadb() {
    let service = Service::new("mysql", MARIADB, TABLES_OF_MARIADB);
    let Some(()) = service.live("") else { return };
    let ran = service.ask();
    assert_eq!((told(&ran), ran.code), (vec![], 0), "what nobody touched: {ran}");
    // What `--routines` and `--events` leave out is not known.
    let (tables, _) = TABLES_OF_MARIADB.split_once("CREATE PROCEDURE").unwrap();
    let plain = Service { dump: "exit 1", ..Service::new("mysql", MARIADB, tables) };
    let short = |text: &str| {
        let from = text.find("--\n-- Dumping events for database").unwrap();
        let to = text.find("--\n-- Final view structure").unwrap();
        format!("{}{}", &text[..from], &text[to..])
    };
    let ran = plain.write(&short(&service.dumped())).ask();
    assert_eq!((told(&ran), ran.code), (vec![], 0), "{ran}");
    assert!(ran.gate("drift")["reason"].as_str().unwrap().contains("not compared: routines, events"), "{ran}");
    let ran = service.write(&short(&service.dumped())).ask();
    assert_eq!((told(&ran).len(), ran.code), (2, 3), "{ran}");
    assert!(ran.to_string().contains("the migrations make routines, and `live.sql` was written without them"), "{ran}");

    // A database whose tables all have another collation was made so.
    let first = TABLES_OF_MARIADB
        .replace("CREATE TABLE customers", "ALTER DATABASE COLLATE = utf8mb4_bin;\nCREATE TABLE customers");
    service.live_of(
        &first,
        "CREATE INDEX hand_made ON orders (total);
         ALTER TABLE orders ADD COLUMN hotfix varchar(20) DEFAULT 'canary-in-a-default' AFTER id;
         DROP VIEW open_orders;
         DROP PROCEDURE p;
         CREATE PROCEDURE p() SELECT 'canary-in-a-body';",
    );
    let ran = service.ask();
    assert_eq!(
        told(&ran),
        [
            "error schema-difference procedure/p",
            "error schema-extra index/orders.hand_made",
            "error schema-extra table/orders#hotfix",
            "error schema-missing view/open_orders",
        ],
        "{ran}"
    );
    assert!(!ran.to_string().contains("canary"), "{ran}");
}

#[test]
fn what_was_done_by_hand_in_sqlite() {
    let up = "CREATE TABLE orders (id integer PRIMARY KEY AUTOINCREMENT, total numeric CHECK (total >= 0), at text);
        CREATE VIEW open_orders AS SELECT id FROM orders WHERE total > 0;
        CREATE TRIGGER touch AFTER UPDATE ON orders BEGIN INSERT INTO orders (at) VALUES (';'); SELECT CASE WHEN 1 THEN 2 END; END;
        CREATE VIRTUAL TABLE texts USING fts5(body);";
    let service = Service::new("sqlite", SQLITE, up);
    if service.live("").is_none() {
        return;
    }
    let ran = service.ask();
    assert_eq!((told(&ran), ran.code), (vec![], 0), "{ran}");
    if service
        .live("ALTER TABLE orders ADD COLUMN hotfix text DEFAULT 'canary'; DROP VIEW open_orders; ANALYZE;")
        .is_none()
    {
        return;
    }
    let ran = service.ask();
    assert_eq!(
        told(&ran),
        ["error schema-extra table/orders#hotfix", "error schema-missing view/open_orders"],
        "{ran}"
    );
    assert!(!ran.to_string().contains("canary"), "{ran}");
}

/// T08, T19, T25: nothing of this is a pass.
#[test]
fn a_dump_that_tells_nothing_is_unresolved() {
    let service = Service::new("sqlite", SQLITE, "CREATE TABLE a (id integer PRIMARY KEY);");
    let unresolved = |ran: &Ran, words: &[&str]| {
        ran.says("drift/not-checked", words);
        assert_eq!(ran.code, 3, "{ran}");
    };
    unresolved(&service.ask(), &["`live.sql` is not there"]);
    for (dump, words) in [
        ("", "makes nothing"),
        ("-- only a comment\n", "makes nothing"),
        ("CREATE TABLE schema_migrations (version int);\n", "makes no table"),
        ("CREATE TABLE a (id integer PRIMARY KEY)", "ends within the statement that begins on line 1"),
        (
            "CREATE TABLE a (id integer PRIMARY KEY);\nINSERT INTO a VALUES (1);\n",
            "holds rows of the database, first on line 2",
        ),
        (
            "CREATE TABLE a (id integer PRIMARY KEY);\n\nCREATE VIEW b AS SELECT gone(1);\nCREATE TABEL c (d);\n",
            "cannot be loaded: line 4",
        ),
    ] {
        unresolved(&service.write(dump).ask(), &[words]);
    }
    // In the repository, it was not made in this run.
    service.repo.git(&["checkout", "-q", "main"]);
    service.write("CREATE TABLE a (id integer PRIMARY KEY);\n");
    service.repo.git(&["add", "-f", "live.sql"]);
    service.repo.commit("a dump");
    unresolved(&service.ask(), &["is in the repository"]);
}

#[test]
fn a_dump_of_another_version_or_day_is_unresolved() {
    let service = Service::new("postgresql", POSTGRESQL, "CREATE TABLE a (id int PRIMARY KEY);");
    let Some(()) = service.live("") else { return };
    let dump = service.dumped();
    let line = |name: &str| dump.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    let (version, started) = (line("-- Dumped from database version"), line("-- Started on"));
    for (other, words) in [
        (
            dump.replace(&version, "-- Dumped from database version 9.4.26"),
            "is of PostgreSQL 9, and the migrations run on PostgreSQL",
        ),
        (dump.replace(&version, ""), "does not tell which version"),
        (dump.replace(&started, "-- Started on 2020-01-01 10:00:00 UTC"), "was made more than"),
        (dump.replace("-- PostgreSQL database dump complete", ""), "may have been cut off"),
        (dump.replace("CREATE TABLE", "CREATE EXTENSION gone;\nCREATE TABLE"), "`CREATE EXTENSION gone …`"),
    ] {
        let ran = service.write(&other).ask();
        ran.says("drift/not-checked", &[words]);
        assert_eq!(ran.code, 3, "{ran}");
    }
    let ran = service
        .write(&dump.replace("CREATE TABLE", "CREATE TABLE public.t (a int DEFAULT 'canary');\nCREATE TABLE"))
        .ask();
    ran.says("drift/not-checked", &["`CREATE TABLE public …`: invalid input syntax"]);
    assert!(!ran.to_string().contains("canary"), "{ran}");
    let cleaned =
        dump.replace("CREATE TABLE", "ALTER TABLE public.a DROP CONSTRAINT b;\nDROP SCHEMA public;\nCREATE TABLE");
    assert_eq!(service.write(&cleaned).ask().code, 0);
}

/// T20: what a link leads to is judged, and it may not leave the repository.
#[test]
fn t20_a_dump_behind_a_link_is_not_believed() {
    let service = Service::new("sqlite", SQLITE, "CREATE TABLE a (id integer PRIMARY KEY);");
    service.repo.with("schema.sql", "CREATE TABLE a (id integer PRIMARY KEY);\n").commit("a schema");
    let at = service.repo.path().join("live.sql");
    for target in ["schema.sql", "/etc/hostname"] {
        drop(std::fs::remove_file(&at));
        std::os::unix::fs::symlink(Path::new(target), &at).unwrap();
        let ran = service.ask();
        assert_eq!(ran.code, 3, "{target}: {ran}");
    }
}

const A: &str = "CREATE TABLE a (id integer PRIMARY KEY);\n";

/// Each database has its own folder; which is whose is said, and not guessed.
#[test]
fn several_databases_have_a_table_each() {
    let repo = Repo::new();
    repo.with(".gitignore", "/*.sql\n").with("one/db/1_a.up.sql", A).with("one/db/1_a.down.sql", "DROP TABLE a;");
    repo.with("two/db/1_b.up.sql", "CREATE TABLE b (id integer PRIMARY KEY);")
        .with("two/db/1_b.down.sql", "DROP TABLE b;");
    let policy =
        "[gates.shop]\nkind = 'drift'\n[gates.shop.schema]\ndump = 'one.sql'\nmigrations = { engine = 'sqlite' }\n";
    repo.with("predeploy.toml", policy).commit("base");
    for name in ["one.sql", "two.sql"] {
        std::fs::write(repo.path().join(name), format!("-- today\n{A}")).unwrap();
    }
    let ran = repo.check().run();
    ran.says("drift/not-checked", &["`one/db` and `two/db` both hold migrations", "migrations.paths"]);
    assert_eq!(ran.code, 3, "{ran}");

    let table = |name: &str| {
        format!(
            "[[gates.shop.schema]]\ndump = '{name}.sql'\nmigrations = {{ engine = 'sqlite', paths = ['{name}/db'] }}\n"
        )
    };
    repo.with("predeploy.toml", format!("[gates.shop]\nkind = 'drift'\n{}{}", table("one"), table("two")));
    let base = repo.commit("both");
    repo.with("README.md", "x").commit("readme");
    let ran = repo.check().args(["--base", &base]).run();
    assert_eq!(told(&ran), ["error schema-extra table/a", "error schema-missing table/b"], "{ran}");
}

/// T19: a source that vanishes blocks, and what nobody can run is not known.
#[test]
fn t19_migrations_that_vanish_or_are_code_are_no_pass() {
    let service = Service::new("sqlite", SQLITE, A);
    let repo = &service.repo;
    // Byte for byte a file of the repository may be that file.
    service.write(A).ask().says("drift/not-checked", &["is in the repository", "`-- $(date)`"]);
    service.write(&format!("-- today\n{A}"));
    assert_eq!(service.ask().code, 0);
    repo.git(&["checkout", "-q", "-B", "gone", "main"]);
    repo.without("db/migrations").commit("no migrations");
    let ran = repo.check().args(["drift", "--base", "main"]).run();
    assert_eq!((told(&ran), ran.code), (vec!["error vanished-source db/migrations".to_owned()], 1), "{ran}");

    let repo = Repo::new();
    repo.with(".gitignore", "/live.sql\n").with("alembic.ini", "[alembic]\n").with(
        "migrations/versions/a0.py",
        "revision = \"a0\"\ndown_revision = None\n\n\ndef upgrade():\n    op.x(1)\n\n\ndef downgrade():\n    op.y(1)\n",
    );
    repo.with("predeploy.toml", "[gates.migrations]\nengine = 'sqlite'\n[gates.drift.schema]\ndump = 'live.sql'\n")
        .commit("base");
    std::fs::write(repo.path().join("live.sql"), format!("-- today\n{A}")).unwrap();
    let ran = repo.check().args(["drift"]).run();
    ran.says("drift/not-checked", &["a0.py` is code, which only its framework can run"]);
    assert_eq!(ran.code, 3, "{ran}");
}

/// The SQL of a dump is a stranger's, as that of a migration is.
#[test]
fn a_dump_is_contained_as_migrations_are() {
    let service = Service::new("sqlite", SQLITE, A);
    let other = service.repo.outside().join("other.db");
    for statement in [format!("ATTACH '{}' AS other;", other.display()), "PRAGMA writable_schema = ON;".into()] {
        let ran = service.write(&format!("{statement}\n{A}")).ask();
        ran.says("drift/not-checked", &["cannot be loaded: line 1"]);
        assert_eq!(ran.code, 3, "{ran}");
    }
    assert!(!other.exists());
}

#[test]
fn mistakes_of_the_policy_are_told_where_they_are() {
    let said = |policy: &str| {
        let repo = Repo::new();
        repo.with("predeploy.toml", policy).commit("base");
        let ran = repo.check().run();
        assert_eq!(ran.code, 2, "{ran}");
        ran.stderr
    };
    let unknown = said("[gates.drift.schema]\ndump = 'a.sql'\nurl = 'x'\n");
    assert!(unknown.contains("there is no key `url`") && unknown.contains("the keys are `dump`"), "{unknown}");
    assert!(said("[gates.drift.schema]\nignore = ['x']\n").contains("`dump` is missing in `[gates.drift.schema]`"));
    let below = said("[gates.drift.schema]\ndump = 'a.sql'\nmigrations = { paths = ['a[b'] }\n");
    assert!(below.contains("predeploy.toml:3"), "{below}");
    // What the gate itself has wrong is told once.
    let once = said("[gates.migrations]\npaths = ['a[b']\n[gates.drift.schema]\ndump = 'a.sql'\n");
    assert_eq!(once.matches("predeploy.toml:2").count(), 1, "{once}");
}
