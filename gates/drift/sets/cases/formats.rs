//! What is read of each format: keys with their places and types, and what is not well-formed.

use super::*;

#[test]
fn every_key_has_a_line_a_column_and_a_type() {
    assert_eq!(
        keys("a.env", "# c\nexport A=1\n B = 'x # y' # c\nC=\"a\nb=\\\"c\"\r\nD\nE=#c\nF=a#b\n"),
        ["2:8 A Untyped", "3:2 B Untyped", "4:1 C Untyped", "6:1 D Null", "7:1 E Untyped", "8:1 F Untyped"]
    );
    assert_eq!(
        keys(
            "a.yaml",
            "a: 1\nb:\n  c: 'x'\n  d: [1, 2]\n  e: {}\nf:\n- name: x\n  v: true\n- name: y\n  v: ~\ng:\n- [1]\n- {z: 0x1F}\n"
        ),
        [
            "1:1 a Number",
            "3:3 b.c String",
            "4:3 b.d List",
            "5:3 b.e Table",
            "7:3 f[x].name String",
            "8:3 f[x].v Boolean",
            "9:3 f[y].name String",
            "10:3 f[y].v Null",
            "12:3 g[0] List",
            "13:4 g[1].z Number",
        ]
    );
    assert_eq!(
        keys("a.json", "{\"a\": 1, // c\n \"b\": {\"c\": [true, null], \"\u{e9}\": {\"d\": \"x\"}},\n}"),
        ["1:2 a Number", "2:8 b.c List", "2:34 b.\u{e9}.d String"]
    );
    assert_eq!(
        keys("a.toml", "z = 1\n[b]\nc = 2026-01-01\n[[d]]\nname = 'x'\nv = 1.5\n"),
        ["1:1 z Number", "3:1 b.c Date", "5:1 d[x].name String", "6:1 d[x].v Number"]
    );
}

#[test]
fn yaml_anchors_merge_keys_and_documents() {
    assert_eq!(
        keys("a.yaml", "x: &x {p: 1, q: 2}\ny:\n  <<: *x\n  q: 3\nz:\n  <<: [*x, {p: 4, r: 1}]\nw: *x\n"),
        [
            "1:8 x.p Number",
            "1:14 x.q Number",
            "4:3 y.q Number",
            "1:8 y.p Number",
            "1:8 z.p Number",
            "1:14 z.q Number",
            "6:19 z.r Number",
            "1:8 w.p Number",
            "1:14 w.q Number",
        ]
    );
    assert_eq!(
        keys(
            "a.yaml",
            "kind: A\nmetadata: {name: n}\n---\nkind: B\nmetadata: {name: m, namespace: s}\n---\nq: 1\n---\n"
        ),
        [
            "1:1 A/n.kind String",
            "2:12 A/n.metadata.name String",
            "4:1 B/m.kind String",
            "5:12 B/m.metadata.name String",
            "5:21 B/m.metadata.namespace String",
            "7:1 [2].q Number",
        ]
    );
}

#[test]
fn what_is_not_well_formed_names_line_and_column() {
    for (path, text, expected) in [
        (
            "a.env",
            "A=1\nB 2\n",
            "`a.env` is not valid dotenv at line 2, column 1: it is not a line of the form KEY=value",
        ),
        (
            "a.yaml",
            "a: 1\n\tb: 2\n",
            "`a.yaml` is not valid YAML at line 1, column 4: while scanning a plain scalar, found a tab",
        ),
        ("a.yaml", "? [a]\n: 1\n", "`a.yaml` is not valid YAML at line 1, column 3: a key is not a scalar"),
        ("a.yaml", "a: &a [*a]\n", "`a.yaml` is not valid YAML at line 1, column 8: an alias leads into itself"),
        (
            "a.json",
            "{\"a\": 1,\n \"b\" 2}",
            "`a.json` is not valid JSON at line 2, column 6: expected colon after the string or word in object property",
        ),
        ("a.json", "{\"a\": 1,\n", "`a.json` is not valid JSON at line 1, column 9: unterminated object"),
        ("a.json", "{\"a\": [1", "`a.json` is not valid JSON at line 1, column 9: unterminated array"),
        (
            "a.json",
            "{\"a\": 'b'}",
            "`a.json` is not valid JSON at line 1, column 7: single-quoted strings are not allowed",
        ),
        ("a.yaml", "a: \0\n", "`a.yaml` is a binary file: it holds a zero byte"),
        ("a.toml", "a = 1\na = 2\n", "`a.toml` is not valid TOML at line 2, column 1: duplicate key"),
    ] {
        assert_eq!(keys(path, text), [expected]);
    }
}

#[test]
fn a_reference_that_its_loader_resolves_is_not_compared_as_it_is_written() {
    let said = |dialect: &str, rule: &str, staging: &str, production: &str| {
        let policy = format!(
            "{dialect}\nfiles = {{ staging = 's.env', production = 'p.env' }}\nkeys = [{{ match = 'URL', values = '{rule}' }}]"
        );
        let said = ask(&policy, &[("s.env", staging), ("p.env", production)]);
        said.into_iter().filter(|line| line.contains("`URL`")).collect::<Vec<_>>()
    };
    let (one, two) = ("HOST=a\nURL=${HOST}/x\n", "HOST=b\nURL=${HOST}/x\n");
    let unknown = "unresolved drift/not-compared p.env:2 `URL` refers to what its file sets, and only its loader knows what that makes of it";
    assert_eq!(said("", "equal", one, two), [unknown]);
    assert_eq!(said("", "differ", one, two), [unknown]);
    // One loader alone resolves it.
    let unequal = said("dialect = 'compose'", "equal", one, two);
    assert!(unequal.len() == 1 && unequal[0].starts_with("error drift/unequal-value"), "{unequal:?}");
    assert_eq!(said("dialect = 'compose'", "differ", one, two), [""; 0]);
    // Beside what is the machine's, it is not resolved.
    let both = |host: &str| format!("HOST={host}\nURL=${{HOST}}/${{USER}}\n");
    assert_eq!(said("dialect = 'compose'", "equal", &both("a"), &both("b")), [unknown]);
    // What is the machine's alone is compared as it is written.
    assert_eq!(said("", "equal", "URL=${HOST}/x\n", "URL=${HOST}/x\n"), [""; 0]);
    assert_eq!(said("", "equal", "A=1\nURL=${HOST:-b}/x\n", "A=1\nURL=${HOST:-b}/x\n"), [""; 0]);
}
