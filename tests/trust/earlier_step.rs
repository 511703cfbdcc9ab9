//! T05 and T06: the source came without git, or an earlier step of the job wrote to what is looked at.

use serde_json::json;

use crate::support::{Forge, Pull, Repo, event, policies};

/// A pull request that does not pass; base and head.
fn broken() -> (Repo, String, String) {
    let repo = Repo::new();
    repo.with("a.env", "A=1\n").with("b.env", "A=1\n").with("predeploy.toml", policies::SAME_KEYS);
    let base = repo.commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("b.env", "A=CHANGEME\n").commit("broken");
    (repo, base, head)
}

#[test]
fn t05_without_git_a_ci_gets_no_answer() {
    let folder = Repo::plain_folder();
    folder.with("predeploy.toml", policies::OPEN);
    folder.check().run().is("passed");
    folder.check().in_ci().run().is("unresolved").says("run/no-git", &["`fetch-depth: 0`"]);
    let head = "1234567890123456789012345678901234567890";
    let ran = folder.check().event(event::pull_request(7, head, head)).run();
    ran.is("unresolved").says("run/no-git", &[]);
}

#[test]
fn t05_any_ci_is_one() {
    let folder = Repo::plain_folder();
    folder.with("predeploy.toml", policies::OPEN);
    let ran = folder.check().env("GITHUB_ACTIONS", "true").env("CI", "false").run();
    assert_eq!(ran.code, 3, "a step may set CI, not GITHUB_ACTIONS\n{ran}");
    for mark in ["GITLAB_CI", "JENKINS_URL", "BUILDKITE", "TF_BUILD", "CIRCLECI", "TEAMCITY_VERSION", "GITHUB_ACTIONS"]
    {
        let ran = folder.check().env(mark, "true").run();
        assert_eq!(ran.code, 3, "{mark}\n{ran}");
    }
}

#[test]
fn t06_files_edited_in_the_working_tree_are_not_what_is_judged() {
    let (repo, base, head) = broken();
    repo.with("b.env", "A=1\n").with("predeploy.toml", policies::OPEN);
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("blocked").says("drift/placeholder", &["b.env"]);
    repo.git(&["add", "--all"]);
    repo.check().event(event::pull_request(7, &base, &head)).run().is("blocked");
    repo.git(&["commit", "-q", "-m", "by a step"]);
    repo.check().event(event::pull_request(7, &base, &head)).run().is("blocked");
}

#[test]
fn t06_objects_that_a_step_replaces_are_read_as_they_were() {
    let (repo, base, head) = broken();
    let (bad, good) = (format!("{head}:b.env"), format!("{base}:b.env"));
    repo.git(&["replace", &repo.git(&["rev-parse", &bad]), &repo.git(&["rev-parse", &good])]);
    repo.git(&["replace", &head, &base]);
    repo.check().event(event::pull_request(7, &base, &head)).run().is("blocked").says("drift/placeholder", &["b.env"]);
}

#[test]
fn t06_a_payload_whose_base_is_the_head_itself_is_not_believed() {
    let (repo, base, _) = broken();
    let head = repo.with("predeploy.toml", policies::OPEN).commit("its own law");
    let ran = repo.check().event(event::pull_request(7, &head, &head)).run();
    ran.is("unresolved").says("run/event-differs", &["`main`", "which that branch lacks"]);
    // The runner's own commit, the merge, says what the target is, whatever the payload and the clone's branches say.
    repo.git(&["switch", "-q", "--detach", &base]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge of the pull request", "fix"]);
    let merge = repo.head();
    repo.origin("main", &head);
    let with = |base: &str, head: &str| {
        let mut event = event::pull_request(7, base, head);
        event.sha = Some(merge.clone());
        repo.check().event(event).run()
    };
    with(&head, &head).is("blocked").gate_is("drift", "blocked");
    with(&base, &base).says("run/event-differs", &["the event says another head"]);
    assert_ne!(with(&base, &base).code, 0);
}

#[test]
fn t06_a_merge_that_the_author_made_names_no_target() {
    let repo = Repo::new();
    repo.with("a.env", "A=1\n").with("b.env", "A=1\n");
    let lax = repo.with("predeploy.toml", policies::OPEN).commit("lax");
    let base = repo.with("predeploy.toml", policies::SAME_KEYS).commit("strict");
    repo.origin("main", &base).git(&["switch", "-q", "-c", "fix", &lax]);
    repo.with("b.env", "A=CHANGEME\n").commit("broken");
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge main", "main"]);
    let head = repo.head();
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("blocked").gate_is("drift", "blocked").lacks("run/event-differs");
}

#[test]
fn t06_an_old_payload_does_not_bring_back_an_old_law() {
    let (repo, _, _) = broken();
    let old = repo.switch("main").with("predeploy.toml", policies::OPEN).commit("lax");
    let new = repo.with("predeploy.toml", policies::SAME_KEYS).commit("strict");
    repo.origin("main", &new).git(&["switch", "-q", "-c", "late", &old]);
    let head = repo.with("b.env", "A=CHANGEME\n").commit("broken");
    let ran = repo.check().event(event::pull_request(7, &old, &head)).run();
    ran.is("blocked").gate_is("drift", "blocked");
}

#[test]
fn t06_a_payload_of_another_commit_than_the_runners_is_unresolved() {
    let (repo, _, head) = broken();
    repo.switch("main").with("predeploy.toml", format!("{}[environments.production]\n", policies::SAME_KEYS));
    let base = repo.commit("production");
    repo.origin("main", &base).switch("fix");
    let good = repo.with("b.env", "A=1\n").commit("good");
    for mut event in [
        event::push("refs/heads/fix", &base, &good),
        event::merge_group(7, &base, &good),
        event::deployment("production", &good),
    ] {
        event.sha = Some(head.clone());
        let ran = repo.check().event(event).run();
        ran.is("unresolved").says("run/event-differs", &["the runner was started for"]);
    }
}

#[test]
fn t06_with_a_token_the_forge_has_the_last_word_about_the_pull_request() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", policies::OPEN).commit("base");
    repo.origin("main", &base).origin("lax", &base);
    let shown = repo.branch("fix").with("a.txt", "a\n").commit("shown");
    let real = repo.with("b.txt", "b\n").commit("real");
    let asked = |pull: Pull, head: &str| {
        let forge = Forge::knowing().pull(pull).start();
        repo.check().event(event::pull_request(7, &base, head)).forge(&forge).run()
    };
    asked(Pull::new(7, &real), &real).is("passed").lacks("run/event-differs");
    asked(Pull::new(7, &real), &shown).is("unresolved").says("run/event-differs", &["#7", "the forge says"]);
    asked(Pull::new(7, &real).to("develop"), &real).is("unresolved").says("run/event-differs", &["`develop`"]);
    asked(Pull::new(8, &real), &real).is("unresolved").says("run/not-gathered", &["#7"]);
}

#[test]
fn t06_other_variables_are_ignored() {
    let (repo, base, head) = broken();
    let elsewhere = Repo::new();
    elsewhere.with("predeploy.toml", policies::OPEN).commit("another");
    let git = elsewhere.path().join(".git");
    for (name, value) in [
        ("GIT_DIR", git.as_os_str()),
        ("GIT_WORK_TREE", elsewhere.path().as_os_str()),
        ("GIT_OBJECT_DIRECTORY", git.as_os_str()),
        ("GIT_INDEX_FILE", git.as_os_str()),
        ("GIT_CEILING_DIRECTORIES", "/".as_ref()),
        ("GIT_REPLACE_REF_BASE", "refs/heads/".as_ref()),
        ("GITHUB_WORKSPACE", elsewhere.path().as_os_str()),
        ("GITHUB_BASE_REF", "fix".as_ref()),
        ("GITHUB_REF", "refs/heads/main".as_ref()),
        ("PREDEPLOY_CONFIG", git.as_os_str()),
        ("TZDIR", git.as_os_str()),
        ("RUST_LOG", "trace".as_ref()),
        ("BASH_ENV", git.as_os_str()),
    ] {
        let ran = repo.check().event(event::pull_request(7, &base, &head)).env(name, value).run();
        assert_eq!((ran.code, &ran.change()["head"]), (1, &json!(head)), "{name}\n{ran}");
    }
}
