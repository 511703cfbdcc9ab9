//! What the matchers see in the files of a change, and the way into a lower class.

use super::*;

fn file(path: &str, lines: u32) -> ChangedFile {
    ChangedFile { path: path.into(), status: Status::Modified, added: Some(lines), removed: Some(0) }
}

fn risk_of(files: Vec<ChangedFile>, settings: &str, labels: &[&str]) -> Risk {
    let change = Change { scope: Scope::Files(files), ..Change::everything("") };
    let detected = Detected { change, commits: Vec::new(), uncommitted: BTreeSet::new() };
    let settings: RiskSettings = toml::from_str(settings).unwrap();
    let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
    of(&detected, None, &settings, &labels, Timestamp::UNIX_EPOCH).unwrap()
}

fn risk(files: &[(&str, u32)]) -> Risk {
    risk_of(files.iter().map(|(path, lines)| file(path, *lines)).collect(), "", &[])
}

/// The way, and the class that it leads to.
fn cheaper(files: &[(&str, u32)]) -> Option<String> {
    let risk = risk(files);
    let way = risk.cheaper?;
    assert!(way.level < risk.level && way.how.contains(way.level.word()), "{way:?}");
    Some(way.how)
}

#[test]
fn what_is_touched_gives_points_by_its_path() {
    let check = |path: &str, expected: &str| {
        let reasons = risk(&[(path, 1)]).reasons;
        let found: Vec<&str> =
            reasons.iter().filter(|reason| reason.contains(" touches ")).map(String::as_str).collect();
        match expected {
            "" => assert!(found.is_empty(), "{path}: {found:?}"),
            expected => assert_eq!(found, [format!("+{expected} ({path})")], "{path}"),
        }
    };
    for path in
        ["db/migrate/1.rb", "src/main/resources/db/migration/V2_1__add.sql", "alembic/versions/a.py", "db/schema.rb"]
    {
        check(path, "20 touches migrations");
    }
    for path in
        ["compose.yaml", "deploy/Containerfile", "Jenkinsfile", ".gitlab-ci.yml", "ansible/site.yml", "x/Chart.yaml"]
    {
        check(path, "20 touches infrastructure");
    }
    for path in ["bun.lock", "src/App/App.csproj", "gradle/libs.versions.toml", "Pipfile.lock"] {
        check(path, "10 touches dependencies");
    }
    for path in ["src/auth/session.py", "lib/oauth/token.rb", "src/permissions.rs", "app/jwt.ts"] {
        check(path, "15 touches authentication");
    }
    for path in ["src/author.rs", "src/authors/list.go", "src/composer.py", "docs/login.html", "schema.sql", "V1.sql"] {
        check(path, "");
    }
}

#[test]
fn documentation_alone_is_low_whatever_its_size_and_place() {
    let alone = risk(&[("docs/a.md", 3000), ("infra/README.md", 1), ("src/auth/NOTES.rst", 5), ("LICENSE", 9)]);
    assert_eq!((alone.level, alone.points), (RiskLevel::Low, 0));
    assert_eq!(alone.reasons, ["only documentation changes"]);
    assert_eq!(risk(&[("docs/a.md", 3000), ("infra/x.tf", 1)]).points, 50);
    // A file that was something else before is no documentation, and neither is what steers something.
    let moved = ChangedFile { status: Status::Renamed { from: "infra/main.tf".into() }, ..file("notes.md", 0) };
    assert_eq!(risk_of(vec![moved], "", &[]).points, 20);
    for path in ["requirements.txt", ".github/CODEOWNERS", "docs/conf.py", "page.mdx"] {
        assert_ne!(risk(&[(path, 1)]).reasons, ["only documentation changes"], "{path}");
    }
    // What the policy itself says, and what labels say, counts all the same.
    let policy = "[[matcher]]\nkind = \"paths\"\nname = \"prompts\"\nglobs = [\"prompts/**\"]\npoints = 60";
    assert_eq!(risk_of(vec![file("prompts/a.md", 1)], policy, &[]).level, RiskLevel::High);
    let labels = "[[matcher]]\nkind = \"at-least\"\nlabels = [\"risky\"]\nlevel = \"high\"";
    assert_eq!(risk_of(vec![file("a.md", 1)], labels, &["risky"]).level, RiskLevel::High);
    assert_eq!(
        risk_of(vec![file("a.md", 500)], "defaults = false\n[[matcher]]\nkind = \"lines\"\nover = 1\npoints = 30", &[])
            .level,
        RiskLevel::Medium
    );
}

#[test]
fn the_cheapest_way_into_a_lower_class_is_told() {
    assert_eq!(cheaper(&[("src/a.rs", 3)]), None);
    assert_eq!(
        cheaper(&[("db/migrations/3.sql", 3), ("src/a.rs", 3)]).unwrap(),
        "without db/migrations/3.sql the risk would be low: split it off"
    );
    assert_eq!(
        cheaper(&[("db/migrations/3.sql", 3), ("db/migrations/4.sql", 3), ("db/migrations/5.sql", 3), ("src/a.rs", 3)])
            .unwrap(),
        "without db/migrations/3.sql and 2 more files the risk would be low: split them off"
    );
    // 20 + 20 + 20 + 15: one of the three is not enough to be low, and enough to be medium.
    let high = [("db/migrations/3.sql", 3), ("infra/main.tf", 3), ("config/production.toml", 3), ("src/a.rs", 3)];
    assert_eq!(cheaper(&high).unwrap(), "without db/migrations/3.sql the risk would be medium: split it off");
    // Nothing to split off: all of it is the migration.
    assert_eq!(
        cheaper(&[("db/migrations/3.sql", 500)]).unwrap(),
        "with at most 400 changed lines the risk would be low: split it"
    );
    // 30 for its lines, 15 since nothing tests it.
    assert_eq!(
        cheaper(&[("src/a.rs", 2000)]).unwrap(),
        "with at most 400 changed lines the risk would be low: split it"
    );
    assert_eq!(cheaper(&[("src/a.rs", 500)]).unwrap(), "with a test of its code the risk would be low: add one");
}

/// What is told must be true of what is left.
#[test]
fn a_part_that_would_leave_the_tests_behind_is_no_way() {
    let files = [("db/migrations/tests/3.rs", 3), ("infra/a.tf", 1), ("src/a.rs", 3)];
    assert_eq!(risk(&files).points, 40);
    // Without the first the code has no test any more: 20 + 15.
    assert_eq!(cheaper(&files).unwrap(), "without infra/a.tf the risk would be low: split it off");
}

#[test]
fn t22_what_a_label_asks_for_has_no_way_below_it() {
    let labels = "[[matcher]]\nkind = \"at-least\"\nlabels = [\"risky\"]\nlevel = \"medium\"";
    let files = || vec![file("db/migrations/3.sql", 3), file("src/a.rs", 3)];
    assert_eq!(risk_of(files(), labels, &["risky"]).cheaper, None);
    assert!(risk_of(files(), labels, &[]).cheaper.is_some());
}
