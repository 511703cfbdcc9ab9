//! Dumps as their programs write them, and schemas as the catalogues' readers tell them.

use super::compare::Compared;
use super::dump::Dump;
use super::units::{Units, without_texts};
use super::{Evidence, Found, How, Schema};
use crate::fake::{Fake, lines};
use crate::{Engine, Outcome, SchemaObject};

fn object(kind: &str, name: &str, definition: &str) -> SchemaObject {
    SchemaObject { kind: kind.into(), name: name.into(), definition: definition.into() }
}

/// What each statement of a dump begins with, as it is sent.
fn sent(engine: Engine, text: &str) -> Vec<String> {
    let dump = Dump::read(engine, "live.sql", text).unwrap();
    dump.statements.iter().map(|statement| statement.sql(engine, text)).collect()
}

fn refused(engine: Engine, text: &str) -> String {
    Dump::read(engine, "live.sql", text).err().unwrap().message
}

#[test]
fn what_only_psql_or_a_superuser_can_do_is_left_out() {
    let text = "--\n-- PostgreSQL database dump\n--\n\n\\restrict a1b\n\n-- Dumped from database version 15.8 (Debian 15.8-0+deb12u1)\n\
        -- Started on 2026-11-20 09:05:03 UTC\nSET statement_timeout = 0;\nSET row_security = off;\n\
        CREATE SCHEMA public;\nALTER SCHEMA public OWNER TO pg_database_owner;\n\
        CREATE FUNCTION public.f() RETURNS integer\n    LANGUAGE sql\n    BEGIN ATOMIC\n SELECT 1;\n SELECT CASE WHEN true THEN 2 END;\nEND;\n\
        CREATE RULE r AS ON INSERT TO public.a DO ( INSERT INTO b VALUES (1); SELECT 2);\n\
        COMMENT ON TABLE public.a IS 'x; GRANT ALL';\nCREATE PUBLICATION p FOR ALL TABLES;\n\
        CREATE USER MAPPING FOR u SERVER s OPTIONS (password 'canary');\n\
        REVOKE ALL ON SCHEMA public FROM PUBLIC;\n\\unrestrict a1b\n--\n-- PostgreSQL database dump complete\n--\n";
    let sent = sent(Engine::Postgresql, text);
    let firsts: Vec<&str> = sent.iter().map(|sql| sql.split('\n').next().unwrap()).collect();
    assert_eq!(
        firsts,
        [
            "SET row_security = off",
            "CREATE FUNCTION public.f() RETURNS integer",
            "CREATE RULE r AS ON INSERT TO public.a DO ( INSERT INTO b VALUES (1); SELECT 2)"
        ]
    );
    assert!(sent[1].ends_with("END"), "{}", sent[1]);
    let dump = Dump::read(Engine::Postgresql, "live.sql", text).unwrap();
    assert_eq!(dump.server.as_deref(), Some("PostgreSQL 15.8 (Debian 15.8-0+deb12u1)"));
    assert_eq!(dump.made.unwrap().to_string(), "2026-11-20T09:05:03Z");
    assert_eq!(dump.left_out, ["publications and subscriptions"]);
    // A zone that is only a word is not known.
    let dump = text.replace("UTC", "CEST");
    assert_eq!(Dump::read(Engine::Postgresql, "live.sql", &dump).unwrap().made, None);
}

const MARIADB: &str = "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 10.11.14-MariaDB, for debian-linux-gnu (x86_64)\n--\n\
    -- Server version\t10.11.14-MariaDB-0+deb12u2\n\n/*!40101 SET @saved_cs_client     = @@character_set_client */;\nSET @@GLOBAL.GTID_PURGED='a';\n\
    DROP TABLE IF EXISTS `t`;\nCREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL COMMENT ';'\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;\n\
    DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`local``host`*/ /*!50003 TRIGGER u BEFORE UPDATE ON t FOR EACH ROW BEGIN SET NEW.a = 1; END */;;\n\
    CREATE DEFINER=`root`@`%` PROCEDURE `p`()\nBEGIN SELECT 1; SELECT ';;'; END ;;\nDELIMITER ;\n\
    -- Dumping routines for database 'x'\n-- Dump completed on 2026-11-20  9:05:03\n";

#[test]
fn a_delimiter_ends_statements_of_mariadb_and_nobody_else_defines_them() {
    let sent = sent(Engine::Mysql, MARIADB);
    assert_eq!(sent.len(), 5, "{sent:#?}");
    assert!(sent[2].starts_with("CREATE TABLE `t` (") && sent[2].ends_with("utf8mb4_unicode_ci"), "{}", sent[2]);
    assert!(sent[3].starts_with("/*!50003 CREATE*/ /*!50017         ") && sent[3].ends_with("END */"), "{}", sent[3]);
    assert!(sent[4].starts_with("CREATE         ") && sent[4].ends_with("SELECT ';;'; END"), "{}", sent[4]);
    assert!(!sent.concat().contains("root"));
    let dump = Dump::read(Engine::Mysql, "live.sql", MARIADB).unwrap();
    assert_eq!(dump.server.as_deref(), Some("MariaDB 10.11.14-MariaDB-0+deb12u2"));
    assert_eq!(dump.made.unwrap().to_string(), "2026-11-20T09:05:03Z");
    assert_eq!((dump.routines, dump.events), (true, false));
    assert_eq!(dump.default_collation().as_deref(), Some("CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci"));
}

/// T25: what is not a whole dump of a schema, whatever its bytes are.
#[test]
fn t25_no_part_of_a_dump_is_taken_for_all_of_it() {
    let end = "\n-- PostgreSQL database dump complete\n";
    for (engine, text, words) in [
        (Engine::Postgresql, "CREATE TABLE a (b int);".to_owned(), "may have been cut off"),
        (Engine::Postgresql, end.to_owned(), "makes nothing"),
        (
            Engine::Postgresql,
            format!("COPY a FROM stdin;\n1\n\\.\n;{end}"),
            "holds rows of the database, first on line 1",
        ),
        (Engine::Mysql, MARIADB.replace("-- Dump completed", "--"), "may have been cut off"),
        (
            Engine::Mysql,
            MARIADB.replace("DROP TABLE", "INSERT INTO t VALUES (1);\nDROP TABLE"),
            "holds rows of the database, first on line 8",
        ),
        (Engine::Mysql, MARIADB.replace("END ;;", "END"), "ends within the statement that begins on line 14"),
        (
            Engine::Sqlite,
            "CREATE TRIGGER a AFTER INSERT ON b BEGIN SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END;".to_owned(),
            "ends within",
        ),
        (
            Engine::Sqlite,
            "CREATE TABLE a (b DEFAULT 'open);\n".to_owned(),
            "ends within the statement that begins on line 1",
        ),
        (Engine::Sqlite, "\u{0}\u{1}\u{ffff}".to_owned(), "ends within"),
        (Engine::Sqlite, "CREATE TABLE sqlite_sequence(name,seq);".to_owned(), "makes nothing"),
    ] {
        let said = refused(engine, &text);
        assert!(said.contains(words), "{text:?}: {said}");
    }
}

#[test]
fn what_sqlite_makes_by_itself_is_left_out() {
    let text = "CREATE TABLE a(b);\nCREATE TABLE sqlite_sequence(name,seq);\nCREATE VIRTUAL TABLE f using fts5(b)\n/* f(b) */;\n\
        CREATE TABLE IF NOT EXISTS 'f_data'(id INTEGER PRIMARY KEY, block BLOB);\nCREATE TABLE IF NOT EXISTS 'g_data'(id);\n\
        CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO a VALUES (1); END;\n";
    let sent = sent(Engine::Sqlite, text);
    let firsts: Vec<&str> = sent.iter().map(|sql| sql.split('(').next().unwrap()).collect();
    assert_eq!(
        firsts,
        [
            "CREATE TABLE a",
            "CREATE VIRTUAL TABLE f using fts5",
            "CREATE TABLE IF NOT EXISTS 'g_data'",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO a VALUES "
        ]
    );
}

/// What differs between a live schema and one that migrations make: `Extra table/a#b`.
fn differences(engine: Engine, live: &[SchemaObject], made: &[&[SchemaObject]]) -> Vec<String> {
    let made: Vec<Units> = made.iter().map(|objects| Units::of(engine, objects)).collect();
    let live = Units::of(engine, live);
    let found = Compared::new(engine, &live, &made).differences();
    found.all.iter().map(|it| format!("{:?} {}", it.how, it.subject())).collect()
}

#[test]
fn what_is_the_servers_or_a_tools_is_no_difference() {
    let made = [
        object(
            "table",
            "a",
            "column id integer not null comment 'it''s'\ncolumn b text grant select to reader\ngrant select to public\ncomment 'x\ny'",
        ),
        object("function", "f()", "CREATE FUNCTION f() AS $$ a\n grant x $$\n\nowner other\ngrant execute to public"),
        object("setting", "x=1", "of the database"),
        object("materialized view", "m", " SELECT 1;"),
    ];
    let live = [
        object("table", "a", "column b text\ncolumn id integer not null\nowner admin\ntablespace fast"),
        object("function", "f()", "CREATE FUNCTION f() AS $$ a\n grant x $$"),
        object("materialized view", "m", " SELECT 1;\nwith no data"),
        object("table", "schema_migrations", "column version bigint"),
        object("constraint", "schema_migrations.pk", "PRIMARY KEY (version)"),
        object("index", "schema_migrations_at", "CREATE INDEX ON public.schema_migrations USING btree (version)"),
        object("sequence", "goose_db_version_id_seq", "as integer\nowned by goose_db_version.id"),
        object("schema", "drizzle", ""),
        object("table", "drizzle.__drizzle_migrations", "column id integer"),
    ];
    assert_eq!(differences(Engine::Postgresql, &live, &[&made]), [""; 0]);
    let changed =
        [object("function", "f()", "CREATE FUNCTION f() AS $$ a\n grant y $$"), made[0].clone(), made[3].clone()];
    assert_eq!(differences(Engine::Postgresql, &changed, &[&made]), ["Changed function/f()"]);
}

#[test]
fn a_table_is_one_difference_with_all_that_it_has() {
    let table = [
        object("table", "b", "column id integer not null"),
        object("constraint", "b.b_pkey", "PRIMARY KEY (id)"),
        object("index", "b_x", "CREATE INDEX ON public.b USING btree (id)"),
        object("sequence", "b_id_seq", "as integer\nowned by b.id"),
    ];
    let other = [object("table", "a", "column id integer")];
    let both: Vec<SchemaObject> = other.iter().chain(&table).cloned().collect();
    assert_eq!(differences(Engine::Postgresql, &both, &[&other]), ["Extra table/b"]);
    assert_eq!(differences(Engine::Postgresql, &other, &[&both]), ["Missing table/b"]);
    // A partition of what migrations make, with its index, was made as time went on.
    let parted = object("table", "a_1", "column id integer inherited\npartition of a\nFOR VALUES IN (1)");
    let index = object("index", "a_1_x", "CREATE INDEX ON ONLY public.a_1 USING btree (id)\npartition of a_x");
    let live = [other[0].clone(), parted.clone(), index];
    assert_eq!(differences(Engine::Postgresql, &live, &[&other]), [""; 0]);
    let alone = [object("table", "c", "column id integer"), parted];
    assert_eq!(differences(Engine::Postgresql, &alone, &[&alone[..1]]), ["Extra table/a_1"]);
}

#[test]
fn a_schema_may_be_as_at_any_end_of_the_change_object_by_object() {
    let of = |b: &str| vec![object("table", "a", &format!("column id integer\n{b}"))];
    let (base, head, tip) = (of("column b text"), of("column b integer"), of("column b text\ncolumn c text"));
    for live in [&base, &head, &tip] {
        assert_eq!(differences(Engine::Postgresql, live, &[&base, &head, &tip]), [""; 0]);
    }
    assert_eq!(differences(Engine::Postgresql, &tip, &[&base, &head]), ["Extra table/a#c"]);
    assert_eq!(differences(Engine::Postgresql, &of("column b date"), &[&base, &head]), ["Changed table/a#b"]);
    assert_eq!(differences(Engine::Postgresql, &of(""), &[&base, &head]), ["Missing table/a#b"]);
}

#[test]
fn a_text_that_differs_is_told_and_not_shown() {
    let of = |default: &str| [object("table", "a", &format!("column b text default '{default}'::text\ncolumn c text"))];
    let (live, made) = (Units::of(Engine::Postgresql, &of("canary")), [Units::of(Engine::Postgresql, &of("x"))]);
    let found = Compared::new(Engine::Postgresql, &live, &made).differences().all;
    let shown = vec!["column b text default '…'::text".to_owned()];
    assert_eq!((found.len(), &found[0].expected, &found[0].found), (1, &shown, &shown));
}

#[test]
fn another_name_is_no_loss() {
    let of = |name: &str| {
        [object("table", "a", "column id int"), object("index", name, "CREATE INDEX ON public.a USING btree (id)")]
    };
    assert_eq!(differences(Engine::Postgresql, &of("i"), &[&of("j")]), ["Renamed(\"j\") index/i"]);
}

#[test]
fn texts_of_definitions_are_not_told() {
    for (engine, line, shown) in [
        (
            Engine::Postgresql,
            "column a text default E'it\\'s'::text not null",
            "column a text default E'…'::text not null",
        ),
        (
            Engine::Postgresql,
            "CHECK ((a = ANY (ARRAY['x'::text, $$y$$])))",
            "CHECK ((a = ANY (ARRAY['…'::text, '…'])))",
        ),
        (
            Engine::Mysql,
            "column a enum('x','y') DEFAULT \"z\" COMMENT 'it''s'",
            "column a enum('…','…') DEFAULT '…' COMMENT '…'",
        ),
        (Engine::Sqlite, "column a text default 'x' check ( a <> 'y", "column a text default '…' check ( a <> '…'"),
    ] {
        assert_eq!(without_texts(engine, line), shown);
    }
}

/// What is said of evidence.
fn judged(policy: &str, change: impl FnOnce(&mut Found)) -> Outcome {
    let schema: Schema = toml::from_str(policy).unwrap();
    let mut found = Found {
        path: "live.sql".into(),
        server: "PostgreSQL 15.8".into(),
        made: None,
        live: 2,
        migrations: 1,
        base: true,
        vanished: None,
        differences: vec![],
        partitions: 0,
        left_out: vec![],
        unknown: vec![],
    };
    change(&mut found);
    let fake = Fake::new();
    super::super::part::together([super::judge(&[schema], &[Evidence { found: Some(Ok(found)) }], &fake.context())])
}

fn difference(kind: &str, name: &str, how: How) -> super::Difference {
    let (expected, found) = (vec!["-- no".to_owned()], vec![]);
    super::Difference { kind: kind.into(), name: name.into(), column: None, how, expected, found, place: None }
}

#[test]
fn how_much_a_difference_weighs() {
    let all = || {
        vec![
            difference("extension", "pg_stat_statements", How::Extra),
            difference("index", "i", How::Extra),
            difference("view", "v", How::Missing),
            difference("table", "t", How::Tuned),
            difference("index", "j", How::Renamed("k".into())),
        ]
    };
    let outcome = judged("dump = 'live.sql'", |found| found.differences = all());
    assert_eq!(
        lines(&outcome),
        [
            "note drift/schema-extra extension `pg_stat_statements` is live, and no migration makes it",
            "error drift/schema-extra index `i` is live, and no migration makes it",
            "error drift/schema-missing view `v` is made by the migrations, and not live",
            "warning drift/schema-difference table `t` is stored otherwise than the migrations say",
            "warning drift/schema-difference index `j` is `k` in the migrations",
        ]
    );
    let ignored = judged("dump = 'live.sql'\nignore = ['index/*', 'view/v']", |found| found.differences = all());
    assert_eq!(lines(&ignored).len(), 2);
    assert!(ignored.summary.contains("2 differences"), "{}", ignored.summary);
    // Without the change's start, the change itself may make it.
    let alone = judged("dump = 'live.sql'", |found| {
        (found.differences, found.base) = (all(), false);
    });
    assert!(lines(&alone).iter().all(|line| line.starts_with("note") || line.starts_with("warning")), "{alone:?}");
}

/// T11, T19
#[test]
fn an_old_dump_and_a_vanished_folder_are_told() {
    let said = |policy: &str, made: Option<&str>| {
        lines(&judged(policy, |found| found.made = made.map(|made| made.parse().unwrap())))
    };
    assert_eq!(said("dump = 'live.sql'", None), [""; 0]);
    assert_eq!(said("dump = 'live.sql'", Some("2026-11-18T00:00Z")), [""; 0]);
    for (policy, made, words) in [
        ("dump = 'live.sql'", Some("2026-11-17T11:00Z"), "was made more than"),
        ("dump = 'live.sql'\nmax-age = '1h'", Some("2026-11-18T10:00Z"), "was made more than"),
        ("dump = 'live.sql'\nmax-age = '1h'", None, "does not tell when it was made"),
        ("dump = 'live.sql'", Some("2026-11-18T13:00Z"), "in the future"),
    ] {
        let said = said(policy, made);
        assert!(
            said.len() == 1 && said[0].starts_with("unresolved drift/not-checked") && said[0].contains(words),
            "{said:?}"
        );
    }
    let vanished = judged("dump = 'live.sql'", |found| found.vanished = Some("db".into()));
    assert!(lines(&vanished)[0].starts_with("error drift/vanished-source"), "{vanished:?}");
}

#[test]
fn nothing_is_asked_where_the_change_does_not_go() {
    let mut fake = Fake::new();
    fake.change.environment = Some("staging".into());
    let policy = "schema = { dump = 'live.sql', environments = ['production'] }";
    let outcome = fake.ask::<crate::drift::Drift>(policy).unwrap();
    assert_eq!(
        (lines(&outcome).len(), outcome.summary.as_str()),
        (0, "nothing that the policy names is for where the change goes")
    );
    // Where it is asked for, a dump that is not there is no pass.
    let outcome = fake.ask::<crate::drift::Drift>("[[schema]]\ndump = 'live.sql'").unwrap();
    assert_eq!(lines(&outcome), ["unresolved drift/not-checked `live.sql` is not there"]);
}

#[test]
fn a_table_of_sqlite_is_left_out_by_its_own_name_alone() {
    let kept = |text: &str| sent(Engine::Sqlite, &format!("CREATE TABLE z(a);\n{text};\n")).len() == 2;
    assert!(kept("CREATE TABLE users(sqlite_id INTEGER, name)"));
    assert!(kept("CREATE TABLE main.users(sqlite_id INTEGER)"));
    assert!(kept("CREATE TABLE IF NOT EXISTS users(sqlite_id)"));
    for own in [
        "sqlite_sequence(name,seq)",
        "sqlite_stat1(tbl,idx,stat)",
        "main.sqlite_stat4(a)",
        "IF NOT EXISTS \"sqlite_stat1\"(a)",
    ] {
        assert!(!kept(&format!("CREATE TABLE {own}")), "{own}");
    }
}

#[test]
fn what_acts_on_a_ledger_is_compared() {
    let ledger = || object("table", "schema_migrations", "column version bigint");
    for (engine, kind, name, definition) in [
        (
            Engine::Postgresql,
            "trigger",
            "schema_migrations.t",
            "CREATE TRIGGER t AFTER INSERT ON schema_migrations EXECUTE FUNCTION f()",
        ),
        (
            Engine::Postgresql,
            "rule",
            "schema_migrations.r",
            "CREATE RULE r AS ON INSERT TO schema_migrations DO ALSO DELETE FROM a",
        ),
        (Engine::Postgresql, "policy", "schema_migrations.p", "for all to public using (true)"),
        (Engine::Sqlite, "trigger", "t", "CREATE TRIGGER t AFTER INSERT ON schema_migrations BEGIN DELETE FROM a; END"),
    ] {
        let said = differences(engine, &[ledger(), object(kind, name, definition)], &[&[ledger()]]);
        assert_eq!(said.len(), 1, "{kind}: {said:?}");
    }
}
