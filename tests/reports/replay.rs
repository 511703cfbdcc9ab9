//! Evidence that was saved says the same again.

use serde_json::Value;

use crate::support::examples::{copy_of, files};
use crate::support::policies::SAME_KEYS;
use crate::support::{Ran, Repo, event};

/// A run that saved its evidence, and the replay of it in an empty folder.
fn both(repo: &Repo, run: crate::support::run::Predeploy) -> (Ran, Ran) {
    let evidence = repo.outside().join("evidence.json");
    let live = run.run();
    let elsewhere = Repo::plain_folder();
    elsewhere.with("evidence.json", std::fs::read(evidence).unwrap());
    let replayed = elsewhere.predeploy("replay").arg("evidence.json").run();
    assert_eq!(files(elsewhere.path()).len(), 1, "a replay writes nothing but its report");
    (live, replayed)
}

/// The same report but for the mark.
#[track_caller]
fn same(live: &Ran, replayed: &Ran) {
    assert_eq!(live.code, replayed.code, "{replayed}");
    let mut expected = live.report.clone();
    expected["simulated"] = Value::Bool(true);
    expected["simulations"].as_array_mut().unwrap().push("replayed".into());
    let text = |report: &Value| serde_json::to_string_pretty(report).unwrap();
    assert_eq!(text(&replayed.report), text(&expected));
}

#[test]
fn a_replay_of_each_example_is_the_same_report_with_a_mark() {
    for name in ["shop", "shop-ready"] {
        let repo = copy_of(name);
        let (live, replayed) = both(&repo, repo.check());
        same(&live, &replayed);
    }
}

#[test]
fn a_replay_of_waived_pending_blocked_and_unresolved_gates_is_the_same() {
    let repo = Repo::new();
    let waiver = |until: &str, key: &str| {
        format!(
            "[[waiver]]\nrule = \"drift/missing-key\"\nmatch = \"{key}\"\nreason = \"r\"\nowner = \"o\"\nuntil = {until}\n"
        )
    };
    let policy = format!(
        "{SAME_KEYS}\n[gates.tests]\nreports = [\"r/*.xml\"]\n[gates.window]\nstage = \"push\"\n[[gates.window.allow]]\nzone = \"UTC\"\n\
         [[gates.window.freeze]]\nname = \"f\"\nfrom = 2020-01-01\nuntil = 2099-12-31\nzone = \"UTC\"\nreason = \"r\"\n\
         [gates.review]\n{}{}{}",
        waiver("2020-01-01", "OLD"),
        waiver("2099-01-01", "NEW"),
        waiver("2099-01-01", "NONE")
    );
    repo.with("predeploy.toml", &policy).with("a.env", "OLD=1\nNEW=1\nOTHER=1\n").with("b.env", "X=CHANGEME\n");
    repo.commit("all");
    let (live, replayed) = both(&repo, repo.check());
    for (gate, verdict) in [("drift", "blocked"), ("tests", "unresolved"), ("window", "pending"), ("review", "skipped")]
    {
        live.gate_is(gate, verdict);
    }
    assert_eq!(live.of_rule("run/waiver-expired").len(), 1);
    same(&live, &replayed);
}

#[test]
fn a_replay_of_a_change_that_edits_its_policy_is_the_same() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", SAME_KEYS).with("a.env", "A=1\n").with("b.env", "A=2\n").commit("base");
    let head = repo.branch("fix").with("predeploy.toml", format!("{SAME_KEYS}\n[gates.tests]\nreports = [\"r\"]\n"));
    let head = head.with("a.env", "A=1\nB=1\n").commit("edit");
    repo.origin("main", &base);
    let (live, replayed) = both(&repo, repo.check().event(event::pull_request(7, &base, &head)));
    live.is("blocked");
    assert!(!live.report["edited_policy"]["gates"].as_array().unwrap().is_empty(), "{live}");
    same(&live, &replayed);
}

#[test]
fn t12_a_pass_that_is_replayed_in_ci_is_none() {
    let repo = copy_of("shop-ready");
    let evidence = repo.outside().join("evidence.json");
    repo.check().run().is("passed");
    let replay = || repo.predeploy("replay").arg(&evidence);
    replay().run().is("passed");
    let ran = replay().in_ci().run();
    ran.is("unresolved").says("run/simulated", &["replayed"]);
}

#[test]
fn evidence_that_was_edited_is_judged_anew_and_marked() {
    let repo = Repo::plain_folder();
    repo.with("predeploy.toml", SAME_KEYS).with("a.env", "A=1\nB=1\n").with("b.env", "A=2\n");
    let evidence = repo.outside().join("evidence.json");
    repo.check().run().is("blocked");
    let saved = std::fs::read_to_string(&evidence).unwrap();
    let edit = |what: &str, with: &str| {
        assert!(saved.contains(what), "{what} is not in {saved}");
        std::fs::write(&evidence, saved.replace(what, with)).unwrap();
        let ran = repo.predeploy("replay").arg(&evidence).run();
        let marked = ran.report["simulated"] == true && ran.report["simulations"][0] == "replayed";
        assert!(ran.code == 2 || marked, "{ran}");
        let ran = repo.predeploy("replay").arg(&evidence).in_ci().run();
        assert!(ran.code != 0, "{ran}");
        ran.code
    };
    edit("required-in = [\\\"production\\\"]", "required-in = []");
    edit("\"simulated\":[]", "\"simulated\":[],\"extra\":1");
    assert_eq!(edit("\"in-ci\":false", "\"in-ci\":maybe"), 2);
    assert_eq!(edit("\"form\":2", "\"form\":1"), 2);
    assert_eq!(edit("\"gate\":\"drift\"", "\"gate\":\"drift2\""), 3, "a gate that the policy does not have");
}
