//! `predeploy owners`: whose files are, and which lines of CODEOWNERS do nothing.

use serde_json::{Value, json};

use crate::support::{Predeploy, Ran, Repo, event};

const OWNERS: &str = "* @shop/everyone\n/db/ @shop/db @ada # both\n/db/seeds/\n*.md docs@example.com\n";

/// A repository with a base on the remote and a change on a branch.
fn repository(codeowners: &str) -> (Repo, String, String) {
    let repo = Repo::new();
    repo.with(".github/CODEOWNERS", codeowners)
        .with("db/a.sql", "one\ntwo\nthree\nfour\n")
        .with("db/seeds/x.sql", "x\n");
    let base = repo.with("README.md", "x\n").with("src/main.rs", "x\n").commit("base");
    repo.origin("main", &base).branch("fix").git(&["mv", "db/a.sql", "src/a.sql"]);
    let head = repo.with("db/seeds/x.sql", "y\n").commit("change");
    (repo, base, head)
}

fn owners(repo: &Repo, args: &[&str]) -> Predeploy {
    repo.predeploy("owners").args(args.iter().copied())
}

#[track_caller]
fn parsed(ran: &Ran, code: i32) -> Value {
    assert_eq!(ran.code, code, "{ran}");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn each_path_is_told_with_its_owners_and_the_line_that_says_so() {
    let (repo, ..) = repository(OWNERS);
    let ran = owners(&repo, &["db/new.sql", "db/seeds/x.sql", "./src/../README.md", "Makefile"]).run();
    let missing = |path: &str| format!("warning: there is no `{path}`: told is who would own it\n");
    assert_eq!((ran.code, ran.stderr.clone()), (0, missing("db/new.sql") + &missing("Makefile")), "{ran}");
    assert_eq!(
        ran.stdout,
        "4 files; owners by .github/CODEOWNERS of the working tree\n\
         db/new.sql      @shop/db @ada     .github/CODEOWNERS:2 /db/\n\
         db/seeds/x.sql  nobody            .github/CODEOWNERS:3 /db/seeds/ (names nobody)\n\
         README.md       docs@example.com  .github/CODEOWNERS:4 *.md\n\
         Makefile        @shop/everyone    .github/CODEOWNERS:1 *\n"
    );
    // From the working directory; a folder stands for what is tracked in it.
    let within = owners(&repo, &["seeds", "a.sql", "../README.md", "--json"]).within(repo.path().join("db")).run();
    let told = parsed(&within, 0);
    assert_eq!(told["codeowners"], json!({ "path": ".github/CODEOWNERS", "source": "the working tree" }));
    let paths: Vec<&Value> = told["paths"].as_array().unwrap().iter().map(|row| &row["path"]).collect();
    assert_eq!(paths, ["db/seeds/x.sql", "db/a.sql", "README.md"]);
    assert_eq!(
        told["paths"][0],
        json!({ "path": "db/seeds/x.sql", "state": "unowned", "owners": [], "line": 3, "pattern": "/db/seeds/" })
    );
    assert_eq!(told["paths"][1]["owners"], json!(["@shop/db", "@ada"]));
}

#[test]
fn edge_33_a_renamed_file_of_the_change_is_told_by_both_names() {
    let (repo, ..) = repository(OWNERS);
    let ran = owners(&repo, &[]).run();
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            0,
            "3 files that the change touches; owners by .github/CODEOWNERS of the working tree\n\
             db/a.sql        @shop/db @ada   .github/CODEOWNERS:2 /db/\n\
             db/seeds/x.sql  nobody          .github/CODEOWNERS:3 /db/seeds/ (names nobody)\n\
             src/a.sql       @shop/everyone  .github/CODEOWNERS:1 *\n"
        ),
        "{ran}"
    );
    let from = owners(&repo, &["--base", "HEAD~1", "--json"]).run();
    assert_eq!(parsed(&from, 0)["paths"].as_array().unwrap().len(), 3);
}

#[test]
fn without_a_change_all_files_are_told_by_their_owners() {
    let (repo, ..) = repository("/db/ @shop/db\n/src/ @ada\n[Docs]\n");
    repo.switch("main");
    let ran = owners(&repo, &[]).run();
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            0,
            "5 files, since there is no change; owners by .github/CODEOWNERS of the working tree\n\
             \nnobody (2 files)\n  .github/CODEOWNERS  no line matches\n  README.md  no line matches\n\
             \n@ada (1 file)\n  src/main.rs  .github/CODEOWNERS:2 /src/\n\
             \n@shop/db (2 files)\n  db/a.sql  .github/CODEOWNERS:1 /db/\n  db/seeds/x.sql  .github/CODEOWNERS:1 /db/\n\
             1 line has a mistake: predeploy owners --lint\n"
        ),
        "{ran}"
    );
}

#[test]
fn t02_edge_25_in_ci_the_base_says_who_owns_what() {
    let (repo, base, _) = repository(OWNERS);
    let head = repo.with(".github/CODEOWNERS", "* @mallory\n").commit("mine");
    let ran = owners(&repo, &["--json"]).event(event::pull_request(7, &base, &head)).run();
    let told = parsed(&ran, 0);
    assert_eq!(told["codeowners"]["source"], format!("the base, {}", &base[..12]));
    assert_eq!(told["paths"][0]["path"], ".github/CODEOWNERS");
    assert_eq!(told["paths"][0]["owners"], json!(["@shop/everyone"]));
    // On disk it is the change's.
    let local = owners(&repo, &["--json", "src/main.rs"]).run();
    assert_eq!(parsed(&local, 0)["paths"][0]["owners"], json!(["@mallory"]));
}

#[test]
fn where_there_is_no_codeowners_nothing_has_owners() {
    let repo = Repo::new();
    repo.with("codeowners", "* @a\n").with("a", "a\n").commit("base");
    let ran = owners(&repo, &["a"]).run();
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            0,
            "there is no CODEOWNERS in the working tree (looked for `.github/CODEOWNERS`, `CODEOWNERS`, `docs/CODEOWNERS`): nothing has owners\n"
        )
    );
    let told = parsed(&owners(&repo, &["a", "--json"]).run(), 0);
    assert_eq!((&told["codeowners"], &told["paths"][0]["state"]), (&Value::Null, &json!("unmatched")));
    // Nothing was checked, which is no pass.
    let lint = owners(&repo, &["--lint"]).run();
    assert!(lint.code == 3 && lint.stdout.is_empty() && lint.stderr.contains("there is no line to check"), "{lint}");
    assert!(lint.stderr.contains("help: add one"), "{lint}");
    assert_eq!(parsed(&owners(&repo, &["--lint", "--json"]).run(), 3)["inert"], json!([]));
    // A plain folder has files, too.
    let folder = Repo::plain_folder();
    folder.with("docs/CODEOWNERS", "/docs/ @a\n").with("b", "b\n");
    let ran = owners(&folder, &[]).run();
    assert!(
        ran.code == 0 && ran.stdout.contains("\n@a (1 file)\n  docs/CODEOWNERS  docs/CODEOWNERS:1 /docs/\n"),
        "{ran}"
    );
}

#[test]
fn of_a_path_that_is_not_there_is_told_who_would_own_it() {
    let repo = Repo::new();
    repo.with(".github/CODEOWNERS", "/db/ @shop/db\n").with("db/a.sql", "x\n").commit("base");
    let ran = owners(&repo, &["db/b.sql", "db/a.sql", "db"]).run();
    assert!(ran.code == 0 && ran.stdout.contains("db/b.sql  @shop/db"), "{ran}");
    assert_eq!(ran.stderr, "warning: there is no `db/b.sql`: told is who would own it\n");
    // Not tracked, but there.
    repo.with("db/b.sql", "y\n");
    assert_eq!(owners(&repo, &["db/b.sql"]).run().stderr, "");
}

#[test]
fn edge_26_one_that_cannot_be_read_is_unresolved() {
    let repo = Repo::new();
    repo.with("CODEOWNERS", format!("* @a\n{}", "#".repeat(3_000_000)));
    let base = repo.commit("base");
    let large = owners(&repo, &["a"]).run();
    assert!(large.code == 3 && large.stdout.is_empty() && large.stderr.contains("GitHub loads none"), "{large}");
    repo.with("CODEOWNERS", [b'*', 0xff]);
    let garbled = owners(&repo, &["--lint"]).run();
    assert!(garbled.code == 3 && garbled.stderr.contains("is not UTF-8 text"), "{garbled}");
    repo.without("CODEOWNERS").link("CODEOWNERS", "../other");
    assert_eq!(owners(&repo, &["a"]).run().code, 3, "a link that leads out");
    // In CI without the base nobody can say.
    let gone = owners(&repo, &["a"]).event(event::pull_request(7, &"1".repeat(40), &base)).run();
    assert!(gone.code == 3 && gone.stderr.contains("the base, whose CODEOWNERS decides, is not known"), "{gone}");
}

#[test]
fn what_is_asked_wrongly_is_a_usage_error() {
    let (repo, ..) = repository(OWNERS);
    for args in
        [&["../x"][..], &["/etc/passwd"], &["--lint", "README.md"], &["--base", "nowhere"], &["--repo", "nowhere"]]
    {
        let ran = owners(&repo, args).run();
        assert!(ran.code == 2 && ran.stdout.is_empty(), "{args:?} {ran}");
    }
}

#[test]
fn the_lines_that_do_nothing_are_told_and_fail_the_lint() {
    let (repo, ..) = repository("/src/main.rs @a\n!x @b\n/gone/ @c\n/src/ @d\n./y @e\n* ghost\n");
    let ran = owners(&repo, &["--lint"]).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{ran}");
    assert_eq!(
        ran.stdout,
        ".github/CODEOWNERS:1: line 4 (`/src/`) matches all that it matches, and comes later\n\
         .github/CODEOWNERS:2:1: `!` cannot take `x` out: write a later line with the pattern and no owner\n\
         .github/CODEOWNERS:3: no file gets its owners from this line: none matches, or later lines match those that do\n\
         .github/CODEOWNERS:5: no path has a part `.` or `..`: paths are from the root of the repository\n\
         .github/CODEOWNERS:6:3: `ghost` is no owner: write `@login`, `@organization/team` or an e-mail address\n\
         .github/CODEOWNERS of the working tree: 5 things that do nothing\n\
         whether the owners exist and may write is not known: there is no token to ask the forge with (GITHUB_TOKEN)\n"
    );
    let told = parsed(&owners(&repo, &["--lint", "--json"]).run(), 1);
    assert_eq!(told["inert"][0]["why"], json!({ "unreachable": { "by": 4 } }));
    assert_eq!((&told["inert"][1]["line"], &told["inert"][1]["column"]), (&json!(2), &json!(1)));
    repo.with(".github/CODEOWNERS", "* @a\n/src/ @b\n");
    let ran = owners(&repo, &["--lint"]).run();
    assert!(ran.code == 0 && ran.stdout.starts_with(".github/CODEOWNERS of the working tree: no line"), "{ran}");
}

#[test]
fn edge_28_what_the_forge_says_of_owners_is_among_them() {
    let (repo, base, head) = repository("* @a\n/src/ @ghost\n");
    let evidence = repo.outside().join("forge.json");
    let of_forge = json!([{ "line": 2, "kind": "Unknown owner", "message": "Unknown owner on line 2: make sure @ghost exists\n\n  /src/ @ghost\n        ^" }]);
    let write = |people: Value| std::fs::write(&evidence, json!({ "people": people }).to_string()).unwrap();
    let lint =
        |args: &[&str]| owners(&repo, &[&["--lint", "--forge-evidence", evidence.to_str().unwrap()], args].concat());
    write(json!({ "codeowners": of_forge }));
    let ran = lint(&[]).run();
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            1,
            ".github/CODEOWNERS:2: Unknown owner on line 2: make sure @ghost exists\n\
             .github/CODEOWNERS of the working tree: 1 thing that does nothing\n"
        ),
        "{ran}"
    );
    assert_eq!(parsed(&lint(&["--json"]).run(), 1)["inert"][0]["why"], json!({ "forge": "Unknown owner" }));
    write(json!({}));
    assert_eq!(lint(&[]).run().code, 0);
    // T12: in CI a recording passes nothing; and a forge that does not answer is no forge without mistakes.
    let in_ci = lint(&[]).event(event::pull_request(7, &base, &head)).run();
    assert!(in_ci.code == 3 && in_ci.stdout.contains("answers that were recorded pass nothing in CI"), "{in_ci}");
    std::fs::write(&evidence, "{}").unwrap();
    let silent = lint(&["--json"]).run();
    assert_eq!(parsed(&silent, 3)["owners-not-asked"], "the recorded forge evidence holds no `people`");
}

#[test]
fn t23_hostile_names_and_lines_are_harmless_in_what_it_prints() {
    let repo = Repo::new();
    let file = "a\u{1b}[31m\n::error::x\u{202e}##[error]y";
    repo.with("CODEOWNERS", "* @a\n::error::\u{1b}[2J\u{202e} ##vso[x]\n##[error]\n/::warning::\u{7} nobody\u{9b}\n");
    repo.with(file, "x").commit("base");
    for args in [&[][..], &[file], &["--lint"], &["::error::z"], &["::warning::\u{7}"]] {
        let ran = owners(&repo, args).run();
        let text = format!("{}{}", ran.stdout, ran.stderr);
        let raw = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(ran.code < 2 && !text.contains(raw), "{args:?}: {text:?}");
        assert!(!text.contains("##[") && !text.contains("##vso["), "{args:?}: {text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{args:?}: {text}");
    }
}
