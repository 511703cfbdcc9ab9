//! Liquibase: changelogs in every format.

use super::*;

fn found(files: &[(&str, &str)]) -> Vec<String> {
    let fake = files.iter().fold(Fake::new(), |fake, (path, text)| fake.file(path, text));
    of_layout(&fake, OFF)
}

const SQL: &str = "--liquibase formatted sql

--changeset ann:1
CREATE TABLE t (a int);
--rollback DROP TABLE t;

--changeset ann:2 splitStatements:false runInTransaction:false
CREATE INDEX CONCURRENTLY i ON t (a);
/* liquibase rollback
DROP INDEX i;
*/

--changeset ann:3
INSERT INTO t VALUES (1);
--rollback empty

--changeset ann:4
CREATE TABLE u (a int);
--rollback empty

--changeset ann:5
CREATE TABLE w (a int);

--changeset \"Ann B\":6 endDelimiter:/
CREATE TABLE x (a int);
/
CREATE TABLE y (a int);
/
--rollback ALTER TABLE
--rollback  DROP TABLE x;
";

#[test]
fn change_sets_in_sql_are_scripts() {
    let fake = Fake::new().file("db/changelog/all.sql", SQL);
    let policy = Migrations::default();
    let listing = crate::migrations::layout::list(&fake.world(), Tree::Head, &policy).unwrap();
    let [folder] = listing.folders.as_slice() else { panic!("one folder") };
    let run = |script: &Option<crate::migrations::layout::Script>| {
        script.as_ref().map(|script| {
            let sql = script.sql();
            let lines: Vec<&str> =
                sql.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("--")).collect();
            (lines.join(" "), script.transaction)
        })
    };
    let all: Vec<_> = folder.migrations.iter().map(|m| (m.name.as_str(), run(&m.up), run(&m.down))).collect();
    let sql = |text: &str, transaction| Some((text.to_owned(), transaction));
    assert_eq!(all[0], ("ann:1", sql("CREATE TABLE t (a int);", true), sql("DROP TABLE t;", true)));
    assert_eq!(all[1].2, sql("DROP INDEX i;", false));
    assert_eq!((all[2].0, &all[2].2), ("ann:3", &None));
    assert_eq!(all[5].0, "Ann B:6");
    assert_eq!(all[5].2, sql("ALTER TABLE DROP TABLE x;", true));
    let pieces = &folder.migrations[5].up.as_ref().unwrap().pieces;
    assert_eq!(pieces.len(), 3, "divided by the delimiter");
    let down = folder.migrations[0].down.as_ref().unwrap();
    assert_eq!(down.text.find("DROP TABLE t"), SQL.find("DROP TABLE t"), "offsets are those of the file");
}

#[test]
fn change_sets_in_sql_without_a_rollback_are_told() {
    assert_eq!(
        found(&[("db/changelog/all.sql", SQL)]),
        [
            "note migrations/empty-down db/changelog/all.sql:15 `ann:3` declares that there is nothing to undo: it says \
             `--rollback empty`",
            "error migrations/empty-down db/changelog/all.sql:19 the way back of `ann:4` does nothing: it says `--rollback empty`",
            "error migrations/missing-down db/changelog/all.sql:22 `ann:5` has no down",
        ]
    );
    assert_eq!(
        found(&[("a.sql", "--liquibase formatted sql\n--changeset nobody\nSELECT 1;")]),
        [
            "unresolved migrations/unreadable a.sql Liquibase refuses `a.sql`: `--changeset nobody` is not `--changeset author:id`"
        ]
    );
}

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">
  <property name="x" value="y"/>
  <changeSet id="1" author="ann">
    <comment>rolls back by itself</comment>
    <createTable tableName="t"><column name="a" type="int"/></createTable>
  </changeSet>
  <changeSet id="2" author="ann">
    <createIndex indexName="i" tableName="t"><column name="a"/></createIndex>
    <dropColumn tableName="t" columnName="b"/>
  </changeSet>
  <changeSet id="3" author="ann">
    <sql>UPDATE t SET a = 1</sql>
    <rollback/>
  </changeSet>
  <changeSet id="4" author="ann">
    <sql><![CDATA[ALTER TABLE t ADD c int]]></sql>
    <rollback>ALTER TABLE t DROP COLUMN c</rollback>
  </changeSet>
  <include file="more.yaml" relativeToChangelogFile="true"/>
</databaseChangeLog>
"#;

const YAML: &str = "databaseChangeLog:
  - changeSet:
      id: 5
      author: bob
      changes:
        - renameTable:
            oldTableName: a
            newTableName: b
  - changeSet:
      id: 6
      author: bob
      changes:
        - modifyDataType:
            tableName: t
            columnName: a
            newDataType: bigint
";

#[test]
fn change_sets_that_are_declared_roll_back_by_themselves_or_not() {
    let files = [("db/changelog/master.xml", XML), ("db/changelog/more.yaml", YAML)];
    assert_eq!(
        found(&files),
        [
            "error migrations/missing-down db/changelog/master.xml:10 `ann:2` cannot be undone: `dropColumn` does not roll back by \
             itself and there is no `rollback`",
            "note migrations/empty-down db/changelog/master.xml:14 `ann:3` declares that there is nothing to undo: its `rollback` is \
             empty",
            "error migrations/missing-down db/changelog/more.yaml:13 `bob:6` cannot be undone: `modifyDataType` does not roll back by \
             itself and there is no `rollback`",
        ]
    );
    let json = "{\n\t\"databaseChangeLog\": [\n\t\t{\"changeSet\": {\"id\": \"1\", \"author\": \"c\", \"changes\": [\n\t\t\t{\"sql\": \
                {\"sql\": \"SELECT 1\"}}\n\t\t]}}\n\t]\n}";
    assert_eq!(
        found(&[("db.changelog.json", json)]),
        [
            "error migrations/missing-down db.changelog.json:4 `c:1` cannot be undone: `sql` does not roll back by itself and there is no \
          `rollback`"
        ]
    );
    assert_eq!(
        found(&[("db/changelog/a.xml", "<databaseChangeLog><changeSet>")]),
        [
            "unresolved migrations/unreadable db/changelog/a.xml Liquibase refuses `db/changelog/a.xml`: an element is not closed"
        ]
    );
}

#[test]
fn t25_a_changelog_that_nests_without_end_is_refused() {
    let files = [("changelog.xml", "<a>", 9_999), ("changelog.yaml", "[", 99), ("changelog.json", "[", 9_999)];
    for (path, text, times) in files {
        let said = found(&[(path, &format!("{} databaseChangeLog", text.repeat(times)))]);
        let refused = format!("unresolved migrations/unreadable {path} Liquibase refuses `{path}`: ");
        assert!(matches!(said.as_slice(), [one] if one.starts_with(&refused)), "{said:?}");
    }
}

#[test]
fn the_order_is_that_of_the_includes() {
    let set = |id: &str| format!("--liquibase formatted sql\n--changeset a:{id}\nSELECT 1;\n--rollback SELECT 1;\n");
    let master = "databaseChangeLog:\n  - include:\n      file: db/changelog/z.sql\n  - includeAll:\n      path: parts\n      \
                  relativeToChangelogFile: true\n";
    let fake = Fake::new()
        .file("src/main/resources/db/changelog/db.changelog-master.yaml", master)
        .file("src/main/resources/db/changelog/z.sql", set("first"))
        .file("src/main/resources/db/changelog/parts/2.sql", set("third"))
        .file("src/main/resources/db/changelog/parts/1.sql", set("second"));
    let listing = crate::migrations::layout::list(&fake.world(), Tree::Head, &Migrations::default()).unwrap();
    let names: Vec<&str> = listing.folders.iter().flat_map(|f| &f.migrations).map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["a:first", "a:second", "a:third"]);
}

#[test]
fn a_change_set_of_the_base_may_not_be_edited_but_for_its_rollback() {
    let fake = || change().file_in(Tree::Base, "db/changelog/a.xml", XML);
    let after = |from: &str, to: &str| of_layout(&new(fake(), "db/changelog/a.xml", &XML.replace(from, to)), OFF);
    assert_eq!(after("<rollback/>", "<rollback>DELETE FROM t</rollback>"), Vec::<String>::new());
    assert_eq!(
        after("SET a = 1", "SET a = 2")[0],
        "error migrations/edited-after-release db/changelog/a.xml:13 `ann:3` exists at the base and its up is changed"
    );
    assert_eq!(after("rolls back by itself", "it does")[0].split(' ').nth(1), Some("migrations/edited-after-release"));
}
