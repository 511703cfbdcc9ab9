//! T20: links that point to where nobody expects them.

use crate::support::{Ran, Repo, event, policies};

/// What links make of the environments' files: in git's objects, and in a working tree.
fn judged(change: impl Fn(&Repo)) -> [Ran; 2] {
    let repo = Repo::new();
    repo.with("predeploy.toml", policies::SAME_KEYS).with("a.env", "A=1\n").with("b.env", "A=1\n");
    let base = repo.commit("base");
    repo.origin("main", &base).branch("fix");
    std::fs::write(repo.outside().join("outside.env"), "A=1\n").unwrap();
    change(&repo);
    let on_disk = repo.check().args(["--working-tree"]).run();
    let head = repo.commit("links");
    [repo.check().event(event::pull_request(7, &base, &head)).run(), on_disk]
}

#[test]
fn t20_two_environments_that_are_one_file_block() {
    for ran in judged(|repo| _ = repo.without("b.env").link("b.env", "a.env")) {
        ran.is("blocked").says("drift/same-file", &["a.env"]);
    }
    for ran in judged(|repo| {
        repo.with("shared/x.env", "A=1\n").without("a.env").without("b.env");
        repo.link("a.env", "shared/x.env").link("here", "shared").link("b.env", "here/x.env");
    }) {
        ran.is("blocked").says("drift/same-file", &["shared/x.env"]);
    }
}

#[test]
fn t20_links_out_of_the_repository_are_unresolved() {
    for to in ["../outside.env", "/etc/hostname", "sub/../../outside.env", "/proc/self/environ"] {
        for ran in judged(|repo| _ = repo.with("sub/x", "").without("b.env").link("b.env", to)) {
            assert_eq!(ran.code, 3, "{to}\n{ran}");
            ran.says("drift/unreadable-file", &["out of the repository"]);
        }
    }
    for ran in judged(|repo| _ = repo.without("b.env").link("b.env", "away/outside.env").link("away", "..")) {
        ran.is("unresolved");
    }
}

#[test]
fn t20_links_in_circles_end() {
    for change in [
        (|repo| _ = Repo::without(repo, "b.env").link("b.env", "b.env")) as fn(&Repo),
        |repo| _ = repo.without("b.env").link("b.env", "c.env").link("c.env", "b.env"),
        |repo| _ = repo.without("b.env").link("b.env", "x/f").link("x", "y").link("y", "x"),
        |repo| _ = repo.without("b.env").link("b.env", "x/f").link("x", "x"),
        |repo| _ = repo.without("b.env").link("b.env", "x/f").link("x", "y/z").link("y", "x/z"),
    ] {
        for ran in judged(change) {
            ran.is("unresolved").says("drift/unreadable-file", &["b.env"]);
        }
    }
}

#[test]
fn t20_links_to_nothing_are_unresolved() {
    for to in ["none.env", "none/x.env", "a.env/x"] {
        for ran in judged(|repo| _ = repo.without("b.env").link("b.env", to)) {
            assert!(matches!(ran.code, 1 | 3), "{to}\n{ran}");
        }
    }
}

#[test]
fn t20_a_policy_that_is_a_link_out_of_the_repository_is_none() {
    let repo = Repo::new();
    std::fs::write(repo.outside().join("lax.toml"), policies::OPEN).unwrap();
    let base = repo.link("predeploy.toml", "../lax.toml").commit("base");
    let head = repo.origin("main", &base).branch("fix").with("a", "a").commit("a");
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    assert_ne!(ran.code, 0, "{ran}");
    assert_ne!(repo.check().run().code, 0);
}

#[test]
fn t20_a_report_that_is_a_link_is_what_it_leads_to() {
    let green = "<testsuite name=\"t\" tests=\"1\"><testcase name=\"a\"/></testsuite>";
    let repo = Repo::new();
    repo.with("predeploy.toml", "[gates.tests]\nreports = [\"reports/*.xml\"]\n").with(".gitignore", "reports/\n");
    let base = repo.with("kept/green.xml", green).commit("base");
    std::fs::write(repo.outside().join("outside.xml"), green).unwrap();
    let head = repo.origin("main", &base).branch("fix").with("a", "a").commit("a");
    let run = || repo.check().event(event::pull_request(7, &base, &head)).run();
    repo.link("reports/junit.xml", "../kept/green.xml");
    run().is("blocked").says("tests/committed-report", &["reports/junit.xml"]);
    repo.without("reports/junit.xml").link("reports/junit.xml", "../../outside.xml");
    run().is("unresolved").says("tests/unreadable-report", &["out of the repository"]);
    repo.without("reports/junit.xml");
    std::fs::remove_dir(repo.path().join("reports")).unwrap();
    repo.link("reports", "kept");
    run().is("blocked").says("tests/committed-report", &["kept/green.xml"]);
    std::fs::remove_file(repo.path().join("reports")).unwrap();
    repo.link("reports", "..");
    run().is("unresolved").says("tests/unreadable-report", &["out of the repository"]);
}

/// Git writes other bytes than the commit's where attributes say so: a report that it wrote is committed all the same.
#[test]
fn t08_a_committed_report_that_git_converts_is_committed() {
    let green = "<testsuite name=\"t\" tests=\"1\">\n<!-- $Id$ -->\n<testcase name=\"a\"/></testsuite>\n";
    for attributes in ["fix/* text eol=crlf", "fix/* ident"] {
        let repo = Repo::new();
        repo.with("predeploy.toml", "[gates.tests]\nreports = [\"out/*.xml\"]\nbound = \"off\"\n");
        let base = repo.with(".gitignore", "copied/\n").commit("base");
        repo.origin("main", &base).branch("change");
        repo.with(".gitattributes", attributes).with("fix/green.xml", green).link("out", "fix");
        let head = repo.commit("reports");
        repo.git(&["rm", "-q", "--cached", "-r", "fix"]);
        repo.git(&["reset", "-q", "--hard"]);
        let written = std::fs::read(repo.path().join("fix/green.xml")).unwrap();
        assert_ne!(written, green.as_bytes(), "{attributes}");
        let run = || repo.check().event(event::pull_request(7, &base, &head)).run();
        run().is("blocked").says("tests/committed-report", &[]);
        // A copy of what git wrote, behind a link that is tracked.
        repo.without("out").with("copied/green.xml", written).link("out", "copied");
        run().is("blocked").says("tests/committed-report", &[]);
    }
}
