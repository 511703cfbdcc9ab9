//! What the action says for the events of a repository's life.

use serde_json::{Value, json};

use super::act::{ALL, Job, checkout, repository};
use crate::support::event;
use crate::support::policies::{FROZEN, OPEN, SAME_KEYS};

#[test]
fn a_pull_request_that_may_ship_passes() {
    let (repo, base, head) = repository(OPEN, "A=2\n");
    let reports = |name: &str| repo.outside().join(name).display().to_string();
    let job = Job::new(&repo, ALL)
        .with("json-file", &reports("r.json"))
        .with("sarif-file", &reports("r.sarif"))
        .with("junit-file", &reports("r.xml"))
        .with("html-file", &reports("r.html"));
    let Some(ran) = job.run(event::pull_request(7, &base, &head)) else { return };
    ran.is("success", "0").puts_out("verdict", "passed").puts_out("blocked", "").says("this change may ship");
    ran.puts_out("sarif-file", &reports("r.sarif")).puts_out("json-file", &reports("r.json"));
    assert_eq!(ran.outputs["policy-digest"].as_str().unwrap().len(), 64, "{}", ran.log);
    let report: Value = serde_json::from_slice(&std::fs::read(reports("r.json")).unwrap()).unwrap();
    assert_eq!((&report["verdict"], &report["change"]["head"]), (&json!("passed"), &json!(head)));
    for (name, start) in [("r.sarif", "{"), ("r.xml", "<?xml"), ("r.html", "<!doctype html>")] {
        let text = std::fs::read_to_string(reports(name)).unwrap();
        assert!(text.to_lowercase().starts_with(start), "{name}: {text:.40}");
    }
}

#[test]
fn a_pull_request_that_may_not_ship_blocks() {
    let (repo, base, head) = repository(SAME_KEYS, "A=CHANGEME\n");
    let Some(ran) = Job::new(&repo, ALL).run(event::pull_request(7, &base, &head)) else { return };
    ran.is("failure", "1").puts_out("verdict", "blocked").puts_out("blocked", "drift").puts_out("unresolved", "");
    // What act understood of the workflow commands.
    ran.says("❗  ::error file=b.env,line=1").says("title=drift/placeholder::");
}

#[test]
fn the_action_of_the_repository_itself_is_used_the_same_way() {
    let (repo, base, _) = repository(SAME_KEYS, "A=CHANGEME\n");
    checkout(repo.path());
    let head = repo.commit("the action");
    let Some(ran) = Job::new(&repo, "./").run(event::pull_request(7, &base, &head)) else { return };
    ran.is("failure", "1").puts_out("blocked", "drift");
}

#[test]
fn a_fork_s_pull_request_needs_no_token() {
    let (repo, base, head) = repository(SAME_KEYS, "A=CHANGEME\n");
    let fork = || {
        let mut event = event::pull_request(7, &base, &head);
        event.payload["pull_request"]["head"]["repo"] = json!({ "full_name": "mallory/shop", "fork": true });
        event
    };
    let Some(ran) = Job::new(&repo, ALL).run(fork()) else { return };
    ran.is("failure", "1").puts_out("blocked", "drift");
    // A gate that needs one says so, and is no pass.
    let (repo, base, head) = repository("[gates.review]\napprovals = 1\n", "A=2\n");
    let ran = Job::new(&repo, ALL).run(event::pull_request(7, &base, &head)).unwrap();
    ran.is("failure", "3").puts_out("unresolved", "review").says("GITHUB_TOKEN");
}

#[test]
fn a_merge_group_and_a_push_are_judged() {
    let (repo, base, head) = repository(SAME_KEYS, "A=CHANGEME\n");
    let Some(queued) = Job::new(&repo, ALL).run(event::merge_group(7, &base, &head)) else { return };
    queued.is("failure", "1").puts_out("blocked", "drift");
    let (repo, base, head) = repository(SAME_KEYS, "A=2\n");
    let pushed = Job::new(&repo, ALL).run(event::push("refs/heads/fix", &base, &head)).unwrap();
    pushed.is("success", "0").puts_out("verdict", "passed");
}

#[test]
fn what_fails_the_step_can_be_said() {
    let (repo, base, head) = repository(FROZEN, "A=2\n");
    let run = |fail_on: &str| Job::new(&repo, ALL).with("fail-on", fail_on).run(event::pull_request(7, &base, &head));
    let Some(any) = run("any") else { return };
    any.is("failure", "4").puts_out("pending", "window");
    run("blocked").unwrap().is("success", "4").says("exit code 4 does not fail this step (fail-on: blocked)");
    run("never").unwrap().is("success", "4");
    let wrong = run("sometimes").unwrap();
    assert_eq!(wrong.outcome, "failure", "{}", wrong.log);
    wrong.says("`fail-on` is any, blocked or never, not `sometimes`");
    let (repo, base, head) = repository(SAME_KEYS, "A=CHANGEME\n");
    let run = |fail_on: &str| Job::new(&repo, ALL).with("fail-on", fail_on).run(event::pull_request(7, &base, &head));
    run("blocked").unwrap().is("failure", "1");
    run("never").unwrap().is("success", "1").puts_out("verdict", "blocked");
    // A wrong configuration is not what a gate found.
    let (repo, base, head) = repository("[gates.nonsense]\n", "A=2\n");
    let ran = Job::new(&repo, ALL).with("fail-on", "never").run(event::pull_request(7, &base, &head)).unwrap();
    ran.is("failure", "2").puts_out("verdict", "");
}

#[test]
fn each_gate_has_an_action_that_asks_it_alone() {
    let policy = format!("{OPEN}{SAME_KEYS}");
    let (repo, base, head) = repository(&policy, "A=CHANGEME\n");
    let run = |gate: &str| {
        Job::new(&repo, &format!("predeploy/predeploy/gates/{gate}@v1")).run(event::pull_request(7, &base, &head))
    };
    let Some(window) = run("window") else { return };
    window.is("success", "0").puts_out("verdict", "passed").says("the other gates were not asked");
    run("drift").unwrap().is("failure", "1").puts_out("blocked", "drift");
    run("tests").unwrap().is("failure", "2").says("the policy configures no gate `tests`");
    let job = Job::new(&repo, "predeploy/predeploy/gates/drift@v1").with("gates", "window\n");
    job.run(event::pull_request(7, &base, &head)).unwrap().is("success", "0");
}

#[test]
fn setup_puts_predeploy_on_the_path() {
    let (repo, base, head) = repository(OPEN, "A=2\n");
    let seen = repo.outside().join("seen");
    let after = format!("predeploy --version >'{}'", seen.display());
    let job = Job::new(&repo, "predeploy/predeploy/setup@v1").after(&after);
    let Some(ran) = job.run(event::pull_request(7, &base, &head)) else { return };
    ran.puts_out("path", env!("CARGO_BIN_EXE_predeploy"));
    let version = format!("predeploy {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((ran.outcome.as_str(), std::fs::read_to_string(seen).unwrap()), ("success", version));
}

#[test]
fn arguments_are_one_a_line() {
    let (repo, base, head) = repository(SAME_KEYS, "A=CHANGEME\n");
    let report = repo.outside().join("a report.md");
    let args = format!("--explain\n\n--format=markdown={}\r\n", report.display());
    let job = Job::new(&repo, ALL).with("args", &args);
    let Some(ran) = job.run(event::pull_request(7, &base, &head)) else { return };
    ran.is("failure", "1");
    assert!(std::fs::read_to_string(report).unwrap().contains("drift"));
    // Whatever the arguments are: in CI another policy than the base's is no pass.
    let (repo, base, head) = repository(OPEN, "A=2\n");
    let job = Job::new(&repo, ALL).with("args", "--policy-from=head");
    job.run(event::pull_request(7, &base, &head)).unwrap().is("failure", "3");
}
