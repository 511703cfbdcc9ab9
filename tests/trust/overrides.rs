//! T15, from end to end: a gate that somebody overrode, and what follows. Every way to one that must not count is a test of
//! `src/overrides`.

use serde_json::{Value, json};

use crate::support::{Forge, Issues, Predeploy, Pull, Ran, Repo, event, policies};

const AT: &str = "2026-01-06T12:00Z";
const OVERRIDE: &str = "[override]\nusers = [\"ben\", \"carol\", \"dora\"]\ngates = [\"window\", \"drift\"]\n";

/// A base that allows overriding, and alice's change with pull request 7.
struct Case {
    repo: Repo,
    base: String,
    head: String,
    /// What the forge says.
    forge: Value,
}

fn commit(id: &str, by: &str) -> Value {
    json!({ "id": id, "authors": [{ "account": { "login": by } }], "committer": { "account": { "login": by } } })
}

impl Case {
    fn new(policy: &str) -> Self {
        let repo = Repo::new();
        repo.with("predeploy.toml", format!("{OVERRIDE}{policy}")).with("a.env", "A=1\n").with("b.env", "A=1\n");
        let base = repo.commit("base");
        repo.origin("main", &base).branch("fix").with("a.env", "A=1\nB=2\n");
        let head = repo.commit("change");
        let pull_request = json!({
            "number": 7, "url": "https://forge.example/7", "title": "Refunds", "state": "open",
            "author": { "login": "alice" }, "base-branch": "main", "head": head,
            "commits": [commit(&head, "alice")], "comments": [], "reviews": [],
        });
        let forge = json!({ "pull-requests": [pull_request], "follow-ups": [] });
        Self { repo, base, head, forge }
    }

    /// Said on the pull request, half an hour before it is looked at.
    fn said(mut self, by: &str, text: &str) -> Self {
        let text = format!("{text}\n\n{}", self.head);
        let comment = json!({
            "by": { "login": by }, "body": text, "at": "2026-01-06T11:30:00Z", "url": "https://forge.example/7#c1",
        });
        self.forge["pull-requests"][0]["comments"].as_array_mut().unwrap().push(comment);
        self
    }

    fn check(&self) -> Predeploy {
        let recorded = self.repo.outside().join("forge.json");
        std::fs::write(&recorded, self.forge.to_string()).unwrap();
        let check = self.repo.check().args(["--at", AT, "--stage", "merge", "--forge-evidence"]).arg(recorded);
        check.args(["--base", &self.base])
    }

    fn run(&self) -> Ran {
        self.check().run()
    }
}

fn overridden() -> Case {
    Case::new(policies::FROZEN).said("ben", "override: window — the shop is <b>down</b>\u{1b}[2J for @everybody")
}

#[test]
fn edge_47_overridden_is_a_state_of_its_own_and_never_hidden() {
    let ran = overridden().run();
    ran.is("passed").gate_is("window", "overridden").lacks("run/override-refused");
    let gate = ran.gate("window");
    assert_eq!(gate["overridden"]["said"], "pending");
    assert_eq!((gate["overridden"]["by"].as_str(), &gate["findings"][0]["overridden"]), (Some("ben"), &json!(true)));
    assert_eq!(ran.report["valid_until"], "2026-01-06T15:30:00Z");
    let one = &ran.report["overrides"][0];
    assert_eq!((&one["gates"], &one["until"]), (&json!(["window"]), &json!("2026-01-06T15:30:00Z")));
    assert_eq!((&one["url"], &one["follow_up"]), (&json!("https://forge.example/7#c1"), &Value::Null));
    ran.says("run/overridden", &["`window` is overridden by ben until 2026-01-06T15:30:00Z", "predeploy follow-up"]);
    for words in ["overridden  ", "pending by itself", "this change may ship (overridden: window)", "the shop is"] {
        assert!(ran.stdout.contains(words), "`{words}`\n{ran}");
    }
    assert!(!ran.stdout.contains('\u{1b}'));
}

#[test]
fn edge_47_a_replay_says_the_same() {
    let case = overridden();
    let live = case.run();
    let mut replayed = case.repo.predeploy("replay").arg(case.repo.outside().join("evidence.json")).run().report;
    assert_eq!(replayed["simulations"].as_array_mut().unwrap().pop(), Some(json!("replayed")));
    assert_eq!(replayed, live.report);
}

#[test]
fn edge_47_every_format_says_overridden() {
    let case = overridden();
    let (summary, outputs) = (case.repo.outside().join("summary.md"), case.repo.outside().join("outputs"));
    let ran = case
        .check()
        .args(["--format", "github"])
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_OUTPUT", &outputs)
        .run_as_given();
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("::warning title=run/overridden::`window` is overridden by ben"), "{ran}");
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.contains("| window | ⚠️ overridden | overridden by ben until"), "{summary}");
    assert!(summary.contains("#### overridden pending:"), "{summary}");
    assert!(!summary.contains("<b>") && !summary.contains("@everybody"), "{summary}");
    let outputs = std::fs::read_to_string(outputs).unwrap();
    assert!(outputs.contains("overridden<<") && outputs.contains("\nwindow\n"), "{outputs}");
}

#[test]
fn t15_what_was_not_determined_is_said() {
    let case = Case::new(policies::SAME_KEYS).said("ben", "override: drift - it burns");
    case.repo.without("b.env");
    let head = case.repo.commit("gone");
    let mut case = Case { head: head.clone(), ..case };
    let pull_request = &mut case.forge["pull-requests"][0];
    pull_request["head"] = json!(head);
    pull_request["commits"].as_array_mut().unwrap().push(commit(&head, "alice"));
    let case = case.said("dora", "override: drift - it still burns");
    let ran = case.run();
    ran.is("passed").gate_is("drift", "overridden").says("run/override-refused", &["by ben", "does not quote"]);
    assert_ne!(ran.gate("drift")["overridden"]["said"], "passed");
    assert_eq!(ran.gate("drift")["overridden"]["by"], "dora");
}

#[test]
fn t15_a_gate_that_was_not_named_keeps_its_weight() {
    let policy = format!("{}{}", policies::FROZEN, policies::SAME_KEYS);
    let case = Case::new(&policy).said("ben", "override: window - it burns");
    case.run().is("blocked").gate_is("window", "overridden").gate_is("drift", "blocked");
}

#[test]
fn t15_whoever_wrote_a_commit_of_the_range_may_not_also_if_no_pull_request_brought_it() {
    let case = Case::new(policies::FROZEN);
    let first = case.head.clone();
    let head = case.repo.with("c.env", "C=1\n").commit("more");
    let mut case = Case { head: head.clone(), ..case };
    case.forge["pull-requests"][0]["head"] = json!(head);
    case.forge["pull-requests"][0]["commits"] = json!([commit(&head, "alice")]);
    let case = case.said("ben", "override: window - it burns");
    // Nobody tells whose the first commit is.
    case.run().is("unresolved").says("run/override-not-checked", &["holds no commit"]).gate_is("window", "pending");
    let with = |by: &str| {
        let mut forge = case.forge.clone();
        forge["commits"] = json!([{ "commit": commit(&first, by), "pull-requests": [] }]);
        Case { forge, repo: Repo::clone_of(&case.repo, &[]), base: case.base.clone(), head: case.head.clone() }.run()
    };
    with("ben").is("pending").says("run/override-refused", &["ben contributed to the change"]);
    with("eve").is("passed").gate_is("window", "overridden");
}

/// A bot's address belongs to no account: of its squash the forge tells nobody, of the pull request all.
#[test]
fn t15_what_the_forge_squashed_is_by_whoever_the_pull_request_is_by() {
    let case = Case::new(policies::FROZEN);
    let squash = case.head.clone();
    let head = case.repo.with("c.env", "C=1\n").commit("more");
    let mut case = Case { head: head.clone(), ..case };
    case.forge["pull-requests"][0]["head"] = json!(head);
    case.forge["pull-requests"][0]["commits"] = json!([commit(&head, "alice")]);
    let case = case.said("ben", "override: window - it burns");
    let mail = "49699333+dependabot[bot]@users.noreply.github.com";
    let machine = json!({ "login": "dependabot", "bot": true });
    let with = |shipped: Value, merged: &str, more: Value| {
        let mut forge = case.forge.clone();
        let own = json!({ "id": "5a5a000000000000000000000000000000000000", "authors": [{ "email": mail, "account": machine }] });
        forge["pull-requests"].as_array_mut().unwrap().push(json!({
            "number": 5, "url": "https://forge.example/5", "title": "Bump", "state": "merged", "author": machine,
            "merged": { "at": "2026-01-05T11:00:00Z", "commit": merged }, "base-branch": "main", "head": own["id"],
            "commits": [own, more],
        }));
        let mut shipped = shipped;
        shipped["id"] = json!(squash);
        shipped["authors"] = json!([{ "email": mail, "account": null }]);
        forge["commits"] = json!([{ "commit": shipped, "pull-requests": [5] }]);
        Case { forge, repo: Repo::clone_of(&case.repo, &[]), base: case.base.clone(), head: case.head.clone() }
    };
    let run = |case: Case| case.check().args(["--pull-request", "7"]).run();
    let eve = || commit("6b6b000000000000000000000000000000000000", "eve");
    let on_web = || json!({ "on-web": true });
    run(with(on_web(), &squash, eve())).is("passed").gate_is("window", "overridden");
    // Rebased: not made by the forge, and the bot is known by its address.
    run(with(json!({}), &squash, eve())).is("passed").gate_is("window", "overridden");
    // Whoever had a part in the pull request had one in what was made of it.
    let ben = commit("6b6b000000000000000000000000000000000000", "ben");
    run(with(on_web(), &squash, ben)).is("pending").says("run/override-refused", &["ben contributed to the change"]);
    // An address of nobody known, in what the forge did not make.
    let mut pushed = with(json!({}), &squash, eve());
    pushed.forge["commits"][0]["commit"]["authors"][0]["email"] = json!("x@y.example");
    run(pushed).is("pending").says("run/override-refused", &["of whom the forge knows no account"]);
    let mut other = with(on_web(), "7c7c000000000000000000000000000000000000", eve());
    other.forge["commits"][0]["commit"]["authors"][0]["email"] = json!("x@y.example");
    run(other).is("pending").says("run/override-refused", &["of whom the forge knows no account"]);
    let mut unmerged = with(on_web(), &squash, eve());
    unmerged.forge["pull-requests"][1]["state"] = json!("open");
    run(unmerged).is("pending").says("run/override-refused", &["of whom the forge knows no account"]);
}

#[test]
fn t15_the_change_does_not_say_who_may_override_it() {
    let base = Case::new(policies::FROZEN);
    let edited = format!("{}{}", OVERRIDE.replace("ben", "eve"), policies::FROZEN);
    let head = base.repo.with("predeploy.toml", edited).commit("let eve");
    let mut case = Case { head: head.clone(), ..base };
    let pull_request = &mut case.forge["pull-requests"][0];
    pull_request["head"] = json!(head);
    pull_request["commits"].as_array_mut().unwrap().push(commit(&head, "alice"));
    let case = case.said("eve", "override: window - it burns");
    let recorded = case.repo.outside().join("forge.json");
    std::fs::write(&recorded, case.forge.to_string()).unwrap();
    let check = case.repo.check().args(["--at", AT, "--forge-evidence"]).arg(recorded);
    let ran = check.event(event::pull_request(7, &case.base, &head)).run();
    ran.is("unresolved").gate_is("window", "pending");
    ran.says("run/override-refused", &["the policy does not let eve override"])
        .says("run/simulated", &["can not pass"]);
}

#[test]
fn t15_every_report_says_that_tests_may_be_overridden() {
    let policy = OVERRIDE.replace("\"drift\"]", "\"tests\"]\ni-accept-untested = true");
    let repo = Repo::new();
    repo.with("predeploy.toml", format!("{policy}{}", policies::OPEN)).commit("base");
    repo.check().run().is("passed").says("run/untested-accepted", &["i-accept-untested"]);
    repo.with("predeploy.toml", format!("{OVERRIDE}{}", policies::OPEN)).commit("not so");
    repo.check().run().lacks("run/untested-accepted");
}

#[test]
fn edge_49_an_overdue_follow_up_is_told_on_the_next_changes() {
    let mut case = Case::new(policies::OPEN);
    case.forge["follow-ups"] = json!([{
        "url": "https://forge.example/issues/3", "commit": case.base, "gates": ["window"],
        "opened": "2026-01-03T11:00:00Z", "open": true,
    }]);
    case.run().is("passed").says("run/follow-up-overdue", &["was due at 2026-01-06T11:00:00Z", "issues/3"]);
    let blocks = OVERRIDE.to_owned() + "overdue = \"block\"\n" + policies::OPEN;
    let repo = Repo::new();
    repo.with("predeploy.toml", blocks);
    let head = repo.commit("base");
    Case { repo, base: head.clone(), head, ..case }.check().arg("--all").run().is("blocked");
}

#[test]
fn edge_48_a_merge_past_the_rules_of_the_forge_overrides_nothing() {
    let mut case = Case::new(policies::FROZEN);
    let pull_request = &mut case.forge["pull-requests"][0];
    pull_request["state"] = json!("merged");
    pull_request["merged"] = json!({ "at": "2026-01-06T11:00:00Z", "commit": case.head, "by": { "login": "ben" } });
    case.run().is("pending").gate_is("window", "pending").lacks("run/overridden");
}

#[test]
fn t15_a_review_that_was_taken_back_overrides_nothing() {
    let review = |opinion: &str| {
        let mut case = Case::new(policies::FROZEN);
        case.forge["pull-requests"][0]["reviews"] = json!([{
            "by": { "login": "ben" }, "opinion": opinion, "commit": case.head, "at": "2026-01-06T11:30:00Z",
            "body": format!("override: window - it burns\n{}", case.head),
        }]);
        case.run()
    };
    review("approved").is("passed").gate_is("window", "overridden");
    review("commented").is("passed").gate_is("window", "overridden");
    review("dismissed").is("pending").lacks("run/overridden");
}

#[test]
fn t15_on_the_way_to_a_push_nobody_is_asked() {
    let case = Case::new(policies::FROZEN).said("ben", "override: window - it burns");
    let recorded = case.repo.outside().join("forge.json");
    std::fs::write(&recorded, case.forge.to_string()).unwrap();
    let ran = case.repo.check().args(["--at", AT, "--base", &case.base, "--forge-evidence"]).arg(recorded).run();
    ran.is("pending").gate_is("window", "pending");
    assert_eq!(ran.evidence["overrides"], Value::Null);
}

#[test]
fn edge_52_a_label_overrides_nothing() {
    let mut case = Case::new(policies::FROZEN);
    case.forge["pull-requests"][0]["labels"] = json!(["override", "override: window"]);
    let ran = case.run();
    ran.is("pending").gate_is("window", "pending").lacks("run/overridden");
}

#[test]
fn edge_49_t15_the_week_is_counted_at_the_forge_whoever_followed_up() {
    let case = Case::new(&format!("per-week = 1\n{}", policies::FROZEN));
    let over = |commit: &str| format!("override: window — it burns\n{commit}");
    let other = "0a".repeat(20);
    let run = |pulls: Vec<Pull>| {
        let own = Pull::new(7, &case.head).commented("ben", &over(&case.head), "2026-01-06T11:30:00Z");
        let forge = pulls.into_iter().fold(Forge::knowing().pull(own), |knows, pull| knows.pull(pull)).start();
        let check =
            case.repo.check().args(["--at", AT, "--stage", "merge", "--base", &case.base, "--pull-request", "7"]);
        let ran = check.env("GITHUB_REPOSITORY", "acme/shop").forge(&forge).run();
        (ran, forge.asked())
    };
    let (alone, asked) = run(vec![]);
    alone.is("passed").gate_is("window", "overridden");
    assert_eq!(asked, 3, "the pull request, the follow-ups, and what was said lately");
    let earlier = |at| Pull::new(4, &other).commented("dora", &over(&other), at);
    let (second, _) = run(vec![earlier("2026-01-03T10:00:00Z")]);
    let words = ["there were 1 in the seven days before it (window for 0a0a0a0a0a0a)", "the policy allows 1"];
    second.is("pending").says("run/override-refused", &words);
    run(vec![earlier("2025-12-30T11:29:00Z")]).0.is("passed");
}

#[test]
fn t11_t15_an_override_for_one_environment_is_told_with_it() {
    let policy = format!("{}\n[environments.production]\n[environments.staging]\n", policies::FROZEN);
    let case = Case::new(&policy).said("ben", "override: window (production) — it burns");
    let at = |environment: &str| case.check().args(["--environment", environment]).run();
    let there = at("production");
    there.is("passed").says("run/overridden", &["overridden for production alone by ben"]);
    assert_eq!(there.report["overrides"][0]["environment"], "production");
    at("staging")
        .is("pending")
        .says("run/override-refused", &["it is for `production` alone, and this run is for staging"]);
}

/// The report of a run that was none of a recording.
fn report(case: &Case) -> std::path::PathBuf {
    let mut report = case.run().report;
    report["simulated"] = json!(false);
    let path = case.repo.outside().join("real.json");
    std::fs::write(&path, report.to_string()).unwrap();
    path
}

fn follow_up(case: &Case, report: &std::path::Path, issues: &Issues) -> Ran {
    let command = case.repo.predeploy("follow-up").arg(report).env("GITHUB_REPOSITORY", "acme/shop");
    command.env("GITHUB_GRAPHQL_URL", issues.url()).env("GITHUB_TOKEN", "ghp_of_a_test").run_as_given()
}

#[test]
fn edge_50_a_follow_up_is_opened_once_and_tells_who_and_why() {
    let case = overridden();
    let (report, issues) = (report(&case), Issues::start(201, true));
    let first = follow_up(&case, &report, &issues);
    assert_eq!((first.code, first.stdout.as_str()), (0, "https://github.com/acme/shop/issues/1\n"), "{first}");
    let opened = issues.opened();
    let body = opened[0]["body"].as_str().unwrap();
    assert!(body.starts_with(&format!("<!-- predeploy-override: {} window -->\n", case.head)), "{body}");
    for words in ["Overridden by: ben", "the shop is", "Until: 2026", "Pull request: #7"] {
        assert!(body.contains(words), "`{words}` is not in {body}");
    }
    assert!(!body.contains("<b>") && !body.contains("@everybody") && !body.contains('\u{1b}'), "{body}");
    assert!(opened[0]["title"].as_str().unwrap().starts_with("Follow up on the override of window for "));

    let second = follow_up(&case, &report, &issues);
    assert_eq!(second.stdout, "https://github.com/acme/shop/issues/1 (opened before)\n", "{second}");
    assert_eq!(issues.opened().len(), 1);
}

#[test]
fn edge_50_a_dry_run_says_what_would_be_opened_and_opens_nothing() {
    let case = overridden();
    let (report, issues) = (report(&case), Issues::start(201, true));
    let dry = || {
        let command =
            case.repo.predeploy("follow-up").arg(&report).arg("--dry-run").env("GITHUB_REPOSITORY", "acme/shop");
        command.env("GITHUB_GRAPHQL_URL", issues.url()).env("GITHUB_TOKEN", "ghp_of_a_test").run_as_given()
    };
    let ran = dry();
    let line = format!("would be opened: Follow up on the override of window for {}\n", &case.head[..12]);
    assert_eq!((ran.code, ran.stdout.as_str(), issues.opened().len()), (0, line.as_str(), 0), "{ran}");
    follow_up(&case, &report, &issues);
    assert_eq!(dry().stdout, "https://github.com/acme/shop/issues/1 (opened before)\n");
    // What is there already must be known all the same.
    let blind = case.repo.predeploy("follow-up").arg(&report).arg("--dry-run").run_as_given();
    assert!(blind.code == 3 && blind.stderr.contains("there is no token"), "{blind}");
}

#[test]
fn edge_50_a_follow_up_that_cannot_be_opened_says_which_permission_it_needs() {
    let case = overridden();
    let report = report(&case);
    for status in [403, 404] {
        let ran = follow_up(&case, &report, &Issues::start(status, true));
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{ran}");
        assert!(ran.stderr.contains("issues: write"), "{ran}");
    }
    // Whoever may not write loses the label, and nobody would find the issue again.
    let ran = follow_up(&case, &report, &Issues::start(201, false));
    assert!(ran.code == 3 && ran.stderr.contains("did not get the label `predeploy-override`"), "{ran}");
    let unable = case.repo.predeploy("follow-up").arg(&report).run_as_given();
    assert!(unable.code == 2 && unable.stderr.contains("there is no token"), "{unable}");
}

#[test]
fn edge_50_a_simulated_report_and_one_without_overrides_open_nothing() {
    let case = overridden();
    case.run();
    let issues = Issues::start(201, true);
    let simulated = follow_up(&case, &case.repo.outside().join("report.json"), &issues);
    assert!(simulated.code == 2 && simulated.stderr.contains("simulated"), "{simulated}");
    let plain = Case::new(policies::OPEN);
    let ran = follow_up(&plain, &report(&plain), &issues);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "there is no override in this report\n"));
    assert_eq!(issues.opened().len(), 0);
}
