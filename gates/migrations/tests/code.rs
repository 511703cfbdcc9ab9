//! Migrations that are code.

use super::*;

/// `migrations/edited-after-release`, `migrations/deleted-after-release`
#[test]
fn code_of_the_base_may_neither_change_nor_vanish() {
    const CODE: &str = "package m\n\nfunc up() {\n\texec(`DELETE FROM t`)\n}\n";
    let sql = "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;";
    let base = |path: &str| old(change(), "db/1_x.sql", sql).file_in(Tree::Base, path, CODE);
    let unchanged = "no migration is new or changed among 1 in `db` (goose)";
    let says = |fake: &Fake| says(fake, OFF);
    assert_eq!(says(&new(base("db/2_code.go"), "db/2_code.go", CODE)), [unchanged]);
    let comment = format!("// why\n{}", CODE.replace('\t', "  "));
    assert_eq!(says(&new(base("db/2_code.go"), "db/2_renamed.go", &comment)), [unchanged]);
    let edited = "error migrations/edited-after-release db/2_code.go `db/2_code.go` exists at the base and is changed";
    let problem = format!("{unchanged}, but 1 problem");
    for after in [CODE.replace('t', "u"), format!("//go:build never\n{CODE}"), format!("// +build never\n{CODE}")] {
        assert_eq!(says(&new(base("db/2_code.go"), "db/2_code.go", &after)), [edited, &problem]);
    }
    let deleted = "error migrations/deleted-after-release db/2_code.go `2_code.go` exists at the base and is gone";
    assert_eq!(says(&base("db/2_code.go")), [deleted, &problem]);
    assert_eq!(
        says(&new(new(base("db/2_code.go"), "db/2_code.go", CODE), "db/02_other.go", CODE))[0],
        "unresolved migrations/not-rehearsed db/02_other.go `db/02_other.go` is code, which is not judged"
    );
    assert_eq!(
        says(&new(base("db/2_code.go"), "db/2_code.go", "\0\u{fffd}").file_in(Tree::Base, "db/2_code.go", b"\xff"))[0],
        "unresolved migrations/not-rehearsed db/2_code.go `db/2_code.go` is code, which is not judged"
    );
}

/// golang-migrate's half of a pair.
#[test]
fn a_half_of_the_base_that_is_code_may_neither_vanish_nor_change_unseen() {
    let base = || old(change(), "db/1_x.up.sql", UP).file_in(Tree::Base, "db/1_x.down.go", "a()");
    assert_eq!(says(&new(base(), "db/1_x.down.go", "a()"), OFF).len(), 1);
    assert_eq!(
        says(&new(base(), "db/1_x.down.go", "b()"), OFF)[0],
        "unresolved migrations/not-rehearsed db/1_x.down.go `db/1_x.down.go` is code, which is not judged"
    );
    assert_eq!(
        says(&base(), OFF)[0],
        "error migrations/deleted-after-release db/1_x.down.go `1_x.down.go` exists at the base and is gone"
    );
}
