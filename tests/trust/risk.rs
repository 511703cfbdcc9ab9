//! T22: what the author controls may only raise the risk.

use serde_json::Value;

use crate::support::{Forge, Pull, Ran, Repo, event, policies};

const LABELS: &str = r#"
[risk]
defaults = false
medium = 10
high = 20
[[risk.matcher]]
kind = "labels"
labels = ["risky"]
points = 10
[[risk.matcher]]
kind = "at-least"
labels = ["danger"]
level = "high"
[[risk.matcher]]
kind = "lines"
over = 100
points = 10
"#;

fn judged(change: impl FnOnce(&Repo), labels: &[&str]) -> Ran {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", format!("{LABELS}{}", policies::OPEN)).commit("base");
    repo.origin("main", &base).branch("fix");
    change(&repo);
    let head = repo.commit("change");
    let pull = labels.iter().fold(Pull::new(7, &head), |pull, label| pull.label(label));
    let forge = Forge::knowing().pull(pull).start();
    repo.check().event(event::pull_request(7, &base, &head)).forge(&forge).run()
}

fn level(ran: &Ran) -> &Value {
    &ran.is("passed").change()["risk"]["level"]
}

fn long() -> String {
    "let x = 1;\n".repeat(150)
}

#[test]
fn t22_labels_raise_the_risk() {
    let small = |repo: &Repo| _ = repo.with("a.rs", "x\n");
    assert_eq!(level(&judged(small, &[])), "low");
    let ran = judged(small, &["risky"]);
    assert_eq!(level(&ran), "medium");
    assert_eq!(ran.change()["risk"]["reasons"][0], "+10 labelled `risky`");
    assert_eq!(level(&judged(small, &["danger"])), "high");
}

#[test]
fn t22_no_label_lowers_it() {
    let large = |repo: &Repo| _ = repo.with("a.rs", long());
    for labels in [&[][..], &["low-risk"], &["safe", "trivial"], &["risk: low"]] {
        assert_eq!(level(&judged(large, labels)), "medium", "{labels:?}");
    }
    assert_eq!(level(&judged(large, &["risky"])), "high");
}

#[test]
fn t22_gitattributes_do_not_hide_lines() {
    for attributes in ["*.rs binary\n", "*.rs -diff\n", "*.rs -text linguist-generated\n", "* export-ignore\n"] {
        let ran = judged(|repo| _ = repo.with(".gitattributes", attributes).with("a.rs", long()), &[]);
        assert_eq!(level(&ran), "medium", "{attributes}");
    }
}

#[test]
fn t22_a_label_of_the_event_that_the_forge_lacks_still_raises() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", format!("{LABELS}{}", policies::OPEN)).commit("base");
    let head = repo.origin("main", &base).branch("fix").with("a.rs", "x\n").commit("change");
    let forge = Forge::knowing().pull(Pull::new(7, &head)).start();
    let ran = repo.check().event(event::pull_request(7, &base, &head).label("danger")).forge(&forge).run();
    assert_eq!(level(&ran), "high");
    let forge = Forge::knowing().pull(Pull::new(7, &head).label("risky")).start();
    let ran = repo.check().event(event::pull_request(7, &base, &head)).forge(&forge).run();
    assert_eq!(level(&ran), "medium");
}

#[test]
fn t22_labels_that_cannot_be_asked_for_are_no_low_risk() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", format!("{LABELS}{}", policies::OPEN)).commit("base");
    let head = repo.origin("main", &base).branch("fix").with("a.rs", "x\n").commit("change");
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    ran.is("unresolved").says("run/not-gathered", &["there is no token"]);
}

#[test]
fn t22_a_rename_out_of_a_risky_place_counts_with_its_old_path() {
    let repo = Repo::new();
    let text: String = (0..50).map(|n| format!("line {n}\n")).collect();
    let base = repo.with("predeploy.toml", policies::OPEN).with("infra/main.tf", &text).commit("base");
    repo.origin("main", &base).branch("fix").git(&["mv", "infra/main.tf", "notes.txt"]);
    let head = repo.commit("moved");
    let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
    assert!(ran.change()["risk"]["reasons"].to_string().contains("infrastructure (infra/main.tf)"), "{ran}");
}
