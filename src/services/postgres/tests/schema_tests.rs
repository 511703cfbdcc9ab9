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
        assert_eq!(
            objects(&mut *database).await,
            ["database the database: ", "extension plpgsql: version 1.0 | schema pg_catalog", "schema public: "]
        );
        run(&mut *database, EVERYTHING).await.unwrap();
        for line in objects(&mut *database).await {
            println!("{line}");
        }
        let since = Instant::now();
        for _ in 0..20 {
            database.schema().await.unwrap();
        }
        println!("{:?} a look", since.elapsed() / 20);
        let since = Instant::now();
        for _ in 0..20 {
            database.reconnect().await.unwrap();
        }
        println!("{:?} a reconnect", since.elapsed() / 20);
        let since = Instant::now();
        let mut copy = database.copy().await.unwrap();
        println!("{:?} a copy", since.elapsed());
        assert_eq!(copy.schema().await.unwrap(), database.schema().await.unwrap());
        println!("{:?}", database.tables(&[]).await.unwrap());
        println!("{:?}", database.url().await.unwrap());
    });
}
