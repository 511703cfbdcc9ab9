use super::*;

/// A bit of everything that a schema can hold.
const EVERYTHING: &str = r#"
CREATE SCHEMA app; COMMENT ON SCHEMA app IS 'of the app';
CREATE TYPE mood AS ENUM ('sad', 'ok'); ALTER TYPE mood ADD VALUE 'fine' BEFORE 'ok';
CREATE TYPE pair AS (a int, b text COLLATE "C");
CREATE DOMAIN positive AS int NOT NULL DEFAULT 1 CONSTRAINT above CHECK (VALUE > 0);
CREATE TYPE span AS RANGE (subtype = int);
CREATE TABLE app.people (id serial PRIMARY KEY, name varchar(40) NOT NULL COLLATE "C" DEFAULT 'x',
    n numeric(10, 2) CHECK (n > 0), feels mood DEFAULT 'ok', at timestamptz DEFAULT CURRENT_TIMESTAMP,
    twice numeric GENERATED ALWAYS AS (n * 2) STORED, many int[], "odd name" positive);
COMMENT ON COLUMN app.people.name IS 'It''s';
CREATE TABLE pets (id bigint GENERATED ALWAYS AS IDENTITY, owner int REFERENCES app.people ON DELETE CASCADE
    DEFERRABLE INITIALLY DEFERRED, name text, UNIQUE (owner, name));
ALTER TABLE pets ADD CONSTRAINT later CHECK (name <> '') NOT VALID;
CREATE UNIQUE INDEX names ON pets (lower(name) DESC) WHERE owner > 0; COMMENT ON INDEX names IS 'i';
CREATE VIEW grown AS SELECT p.*, q.name AS keeper FROM pets p JOIN app.people q ON q.id = p.owner;
CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one WITH NO DATA;
CREATE FUNCTION f(a int, b mood DEFAULT 'ok') RETURNS int LANGUAGE plpgsql AS $$ BEGIN   
  RETURN a; END $$;
CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int, initcond = '0');
CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER after AFTER UPDATE OF name ON pets FOR EACH ROW EXECUTE FUNCTION t(); ALTER TABLE pets DISABLE TRIGGER after;
CREATE RULE quiet AS ON DELETE TO pets DO INSTEAD NOTHING;
CREATE POLICY own ON pets FOR SELECT TO public USING (owner = 1); ALTER TABLE pets ENABLE ROW LEVEL SECURITY;
CREATE TABLE parts (k int, v text) PARTITION BY LIST (k); CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1, 2);
CREATE TABLE child (extra int) INHERITS (pets);
GRANT SELECT ON pets TO public; REVOKE UPDATE ON pets FROM postgres; GRANT UPDATE (name) ON pets TO public;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public;
CREATE STATISTICS stats ON k, v FROM parts;
CREATE SEQUENCE plain INCREMENT 5;
CREATE EXTENSION hstore;
CREATE PUBLICATION news FOR TABLE app.people;
CREATE TEXT SEARCH CONFIGURATION words (COPY = english);
CREATE COLLATION other FROM "C";
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE CAST (pair AS text) WITH INOUT;
ALTER TABLE pets ALTER name SET STORAGE EXTERNAL, ALTER name SET STATISTICS 50, SET (fillfactor = 70);
"#;

#[test]
fn everything_is_read_from_the_catalogue() {
    with_server(|postgres| async move {
        let mut database = database(&postgres).await;
        let empty = objects(&mut *database).await;
        assert_eq!(
            empty,
            [
                "database the database: revoke connect from public",
                "schema public: owner pg_database_owner | grant usage to public"
            ]
        );
        run(&mut *database, EVERYTHING).await.unwrap();
        let found = objects(&mut *database).await;
        for line in [
            "aggregate total(integer): returns integer | sfunc int4pl",
            "cast public.pair as text: method i",
            "collation other: provider c C C",
            "constraint app.people.people_n_check: CHECK ((n > (0)::numeric))",
            "constraint child.later: CHECK ((name <> ''::text)) | inherited",
            "constraint pets.later: CHECK ((name <> ''::text)) NOT VALID",
            "constraint pets.pets_owner_fkey: FOREIGN KEY (owner) REFERENCES app.people(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
            "default privileges owner on r: grant select to public",
            "domain positive: as integer not null default 1 | constraint above CHECK ((VALUE > 0))",
            "extension hstore: version",
            "function f(a integer, b public.mood): CREATE OR REPLACE FUNCTION public.f(a integer, b public.mood DEFAULT \
             'ok'::public.mood) |  RETURNS integer |  LANGUAGE plpgsql | AS $function$ BEGIN    |   RETURN a; END $function$",
            "index names: CREATE UNIQUE INDEX ON public.pets USING btree (lower(name) DESC) WHERE (owner > 0) | comment 'i'",
            "materialized view kept:  SELECT 1 AS one; | with no data",
            "operator",
            "policy pets.own: permissive for select | to public | using ((owner = 1))",
            "procedure p()",
            "publication news: insert t update t delete t truncate t | table app.people",
            "rule pets.quiet: CREATE RULE quiet",
            "schema app: comment 'of the app'",
            "sequence app.people_id_seq: as integer start 1 increment 1 minvalue 1 maxvalue 2147483647 cache 1 | owned by app.people.id",
            "sequence pets_id_seq: as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807 cache 1 | identity of pets.id",
            "sequence plain: as bigint start 1 increment 5",
            "statistics stats: CREATE STATISTICS public.stats ON k, v FROM public.parts",
            "table app.people: column id integer default nextval('app.people_id_seq'::regclass) not null | column name \
             character varying(40) collate pg_catalog.\"C\" default 'x'::character varying not null comment 'It''s' | \
             column n numeric(10,2) | column feels public.mood default 'ok'::public.mood | column at timestamp with time \
             zone default now() | column twice numeric generated always as ((n * (2)::numeric)) stored | \
             column many integer[] | column \"odd name\" public.positive",
            "table part_1: column k integer inherited | column v text inherited | partition of parts | FOR VALUES IN (1, 2)",
            "table parts: column k integer | column v text | partition by LIST (k)",
            "table pets: column id bigint generated always as identity not null | column owner integer | column name text \
             storage e statistics 50 grant update to public | with (fillfactor=70) | row level security | \
             grant select to public | revoke update from owner",
            "text search configuration words: parser default",
            "trigger pets.after: CREATE TRIGGER after AFTER UPDATE OF name ON public.pets FOR EACH ROW EXECUTE FUNCTION public.t() | disabled",
            "type mood: enum | label 'sad' | label 'fine' | label 'ok'",
            "type pair: composite | attribute a integer | attribute b text collate pg_catalog.\"C\"",
            "type span: range | subtype integer opclass pg_catalog.int4_ops",
            "view grown:  SELECT p.id",
        ] {
            assert!(found.iter().any(|object| object.starts_with(line)), "{line}\nin\n{}", found.join("\n"));
        }
        // Its constructor, its array and its multirange are the range's; the members of an extension are the extension's.
        assert!(!found.iter().any(|object| object.contains("multirange") || object.starts_with("type hstore")));

        let mut copy = database.copy().await.unwrap();
        assert_eq!(copy.schema().await.unwrap(), database.schema().await.unwrap());
        run(&mut *copy, "DROP TABLE child").await.unwrap();
        assert_eq!(objects(&mut *database).await, found);
        assert_eq!(objects(&mut *copy).await.len() + 2, found.len());
    });
}

/// Steps from one schema to the next, each of which may change definitions elsewhere.
const STEPS: &[&str] = &[
    EVERYTHING,
    "ALTER TABLE pets ADD COLUMN born date NOT NULL DEFAULT now()",
    "ALTER TABLE pets RENAME TO animals",
    "ALTER TABLE animals RENAME COLUMN owner TO keeper",
    "ALTER TABLE animals ALTER born DROP DEFAULT, ALTER born DROP NOT NULL",
    "ALTER TABLE animals DROP COLUMN born",
    "ALTER TABLE animals VALIDATE CONSTRAINT later",
    "ALTER TABLE animals RENAME CONSTRAINT later TO sooner",
    "ALTER TABLE animals DROP CONSTRAINT sooner",
    "ALTER TABLE animals ENABLE TRIGGER after",
    "ALTER INDEX names RENAME TO nicknames",
    "DROP INDEX nicknames",
    "CREATE INDEX CONCURRENTLY again ON animals (name)",
    "ALTER TYPE mood RENAME VALUE 'ok' TO 'okay'",
    "ALTER TYPE mood ADD VALUE 'great'",
    "ALTER TYPE mood RENAME TO feeling",
    "ALTER TYPE pair ADD ATTRIBUTE c date",
    "COMMENT ON TYPE pair IS 'two'; COMMENT ON TYPE span IS 'from to'",
    "COMMENT ON TRIGGER after ON animals IS 'why'",
    "COMMENT ON TRIGGER after ON animals IS NULL",
    "COMMENT ON COLUMN app.people.name IS 'other'; COMMENT ON TABLE app.people IS 'p'",
    "COMMENT ON CONSTRAINT above ON DOMAIN positive IS 'c'; COMMENT ON CONSTRAINT people_pkey ON app.people IS 'k'",
    "COMMENT ON COLUMN app.people.name IS NULL",
    "COMMENT ON SCHEMA app IS NULL",
    "ALTER DOMAIN positive DROP CONSTRAINT above",
    "ALTER DOMAIN positive SET DEFAULT 2",
    "ALTER SEQUENCE plain INCREMENT 7",
    "ALTER SEQUENCE plain OWNED BY animals.name",
    "ALTER SEQUENCE plain OWNED BY NONE",
    "ALTER TABLE animals ALTER id SET GENERATED BY DEFAULT",
    "ALTER TABLE animals ALTER id DROP IDENTITY",
    "CREATE OR REPLACE FUNCTION f(a int, b feeling DEFAULT 'okay') RETURNS int LANGUAGE sql AS 'SELECT 2'",
    "ALTER FUNCTION f SET search_path = app",
    "GRANT EXECUTE ON FUNCTION t() TO public; REVOKE EXECUTE ON FUNCTION t() FROM public",
    "ALTER FUNCTION t() RENAME TO tt",
    "CREATE FUNCTION whole() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM app.people p JOIN parts q ON q.k = p.id; END",
    "ALTER TABLE parts ADD COLUMN k2 int",
    "ALTER TABLE parts DETACH PARTITION part_1",
    "ALTER TABLE parts ATTACH PARTITION part_1 DEFAULT",
    "ALTER TABLE child NO INHERIT animals",
    "ALTER TABLE child INHERIT animals",
    "CREATE OR REPLACE VIEW grown AS SELECT p.id, p.keeper AS owner, p.name, q.name AS keeper, 1 AS more FROM animals p JOIN app.people q ON q.id = p.keeper",
    "CREATE VIEW over AS SELECT * FROM parts JOIN part_1 USING (k, v, k2)",
    "ALTER TABLE app.people ADD COLUMN k int; ALTER TABLE app.people ADD COLUMN keeper int",
    "ALTER VIEW grown RENAME COLUMN more TO less",
    "REFRESH MATERIALIZED VIEW kept",
    "CREATE POLICY second ON animals USING (keeper IN (SELECT id FROM app.people))",
    "ALTER POLICY second ON animals RENAME TO third",
    "ALTER TABLE app.people RENAME COLUMN id TO ident",
    "DROP POLICY third ON animals; ALTER TABLE animals NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
    "DROP RULE quiet ON animals",
    "ALTER TABLE animals SET (autovacuum_enabled = off, toast.autovacuum_enabled = off), SET UNLOGGED",
    "ALTER TABLE animals RESET (fillfactor), REPLICA IDENTITY FULL",
    "ALTER TABLE animals CLUSTER ON again",
    "GRANT INSERT ON animals TO public; GRANT UPDATE ON SEQUENCE plain TO public",
    "REVOKE ALL ON animals FROM public",
    "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM public",
    "ALTER STATISTICS stats SET STATISTICS 10; ALTER STATISTICS stats RENAME TO statistics",
    "DROP EXTENSION hstore; CREATE EXTENSION hstore SCHEMA app",
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = %L', current_database(), 'Europe/Berlin'); END $$",
    "ALTER ROLE postgres SET search_path = app, public",
    "DROP PUBLICATION news; DROP TEXT SEARCH CONFIGURATION words; DROP COLLATION other; DROP CAST (pair AS text)",
    "DO $$ BEGIN CREATE TABLE public.sub (a int); EXCEPTION WHEN OTHERS THEN NULL; END $$",
    "CREATE TEMP TABLE passing (a int); CREATE TEMP VIEW v AS SELECT 1",
    "BEGIN; CREATE TABLE public.never (a int); ROLLBACK",
    "DROP TABLE public.sub; CREATE TABLE public.sub (b int)",
    "ALTER SCHEMA app RENAME TO application",
    "DROP SCHEMA application CASCADE",
    "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
];

#[test]
fn a_look_at_what_changed_sees_what_a_look_at_all_sees() {
    with_server(|postgres| async move {
        let own = Own::make(postgres.host(&wanted()).await.unwrap()).await.unwrap();
        let mut database =
            Database::open(own, Cancel::default(), Duration::from_secs(30), Look::default()).await.unwrap();
        let mut before = database.schema().await.unwrap();
        for step in STEPS {
            if let Err(error) = run(&mut database, step).await {
                panic!("{step}: {error:?}");
            }
            let seen = database.schema().await.unwrap();
            let mut fresh = schema::observer(&database.own).await.unwrap();
            let all = Look::default().read(&mut fresh).await.unwrap();
            assert_eq!(seen, all, "{step}");
            let nothing = ["TEMP", "ROLLBACK"].iter().any(|word| step.contains(word));
            assert_eq!(seen == before, nothing, "{step}");
            before = seen;
        }
    });
}
