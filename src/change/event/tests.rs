//! What each kind of event tells.

use super::*;

const SHA: &str = "1111111111111111111111111111111111111111";

fn event(name: &str, text: &str) -> Event {
    parse(name, text, Some(SHA)).unwrap()
}

#[test]
fn a_pull_request_is_compared_to_the_tip_of_its_target() {
    let text = r#"{"repository":{"full_name":"o/r","default_branch":"main"},"pull_request":{"number":7,
        "base":{"ref":"main","sha":"b"},"head":{"ref":"fix","sha":"h"},"labels":[{"name":"urgent"}]}}"#;
    let event = event("pull_request", text);
    assert_eq!(event.from, From::Target { branch: "main".into(), tip: "b".into() });
    assert_eq!((event.head.as_deref(), event.pull_request, event.stage), (Some("h"), Some(7), Some(Stage::Merge)));
    assert_eq!(event.labels, ["urgent"]);
}

#[test]
fn a_merge_group_is_compared_to_the_protected_branch_and_never_to_its_own_base() {
    let text = r#"{"merge_group":{"head_sha":"h","head_ref":"refs/heads/gh-readonly-queue/main/pr-12-abc",
        "base_sha":"another queued change","base_ref":"refs/heads/main"}}"#;
    let event = event("merge_group", text);
    assert_eq!(event.from, From::Protected { branch: "main".into() });
    assert_eq!(event.pull_request, Some(12));
}

#[test]
fn pushes_are_ordinary_first_or_deletions() {
    let push = |before: &str, after: &str| {
        let text = format!(r#"{{"ref":"refs/heads/main","before":"{before}","after":"{after}"}}"#);
        event("push", &text).from
    };
    let zeros40 = "0".repeat(40);
    let zeros64 = "0".repeat(64);
    let branch = || "main".to_string();
    assert_eq!(push("b", "h"), From::Before { branch: branch(), commit: "b".into() });
    assert_eq!(push(&zeros40, "h"), From::FirstPush { branch: branch() });
    assert_eq!(push(&zeros64, "h"), From::FirstPush { branch: branch() });
    assert_eq!(push("b", &zeros40), From::Deleted { branch: branch() });
}

#[test]
fn a_pushed_tag_is_no_branch_whatever_it_is_called_and_names_a_commit() {
    let zeros = "0".repeat(40);
    for (before, commit, head) in
        [(zeros.as_str(), "null", "tag object"), ("b", "null", "tag object"), ("b", r#"{ "id": "commit" }"#, "commit")]
    {
        let text = format!(
            r#"{{"ref":"refs/tags/main","before":"{before}","after":"tag object","head_commit":{commit},
                "repository":{{"default_branch":"main"}}}}"#
        );
        let event = event("push", &text);
        assert_eq!(event.from, From::Tag { tag: "main".into() });
        assert_eq!((event.head.as_deref(), event.stage), (Some(head), Some(Stage::Merge)));
    }
}

#[test]
fn a_manual_run_names_the_runners_commit_and_compares_to_nothing() {
    for name in ["workflow_dispatch", "schedule", "release"] {
        let event = event(name, "{}");
        assert_eq!((event.head.as_deref(), event.from), (Some(SHA), From::Nothing), "{name}");
        assert_eq!(event.stage, Some(Stage::Deploy));
    }
}

#[test]
fn t08_the_time_is_the_forges_and_never_a_commits() {
    let at = |name: &str, text: &str| event(name, text).at.map(|at| at.to_string());
    let push = r#"{"ref":"refs/heads/main","before":"b","after":"h","head_commit":{"id":"h","timestamp":"2020-01-01T00:00:00Z"},
        "repository":{"pushed_at":1763460000}}"#;
    assert_eq!(at("push", push).as_deref(), Some("2025-11-18T10:00:00Z"));
    let request = r#"{"repository":{"pushed_at":"2025-11-18T09:00:00Z"},"pull_request":{"number":7,"updated_at":"2025-11-18T10:00:00Z",
        "base":{"ref":"main","sha":"b"},"head":{"ref":"fix","sha":"h","repo":{"pushed_at":"2025-11-18T09:59:59Z"}}}}"#;
    assert_eq!(at("pull_request", request).as_deref(), Some("2025-11-18T10:00:00Z"));
    assert_eq!(at("schedule", r#"{"repository":{"pushed_at":"yesterday"}}"#), None);
}

#[test]
fn t10_a_run_after_that_of_a_pull_request_is_about_its_head_and_has_no_merge_of_the_runners() {
    let of = |event: &str, requests: &str| {
        let text = format!(
            r#"{{"repository":{{"full_name":"o/r","default_branch":"main"}},"workflow_run":{{"event":"{event}","head_sha":"h",
            "head_branch":"fix","head_repository":{{"full_name":"x/r"}},"pull_requests":[{requests}]}}}}"#
        );
        self::event("workflow_run", &text)
    };
    let request = |number: u64, head: &str| {
        format!(r#"{{"number":{number},"base":{{"ref":"next","sha":"b"}},"head":{{"ref":"fix","sha":"{head}"}}}}"#)
    };
    let known = of("pull_request", &request(7, "h"));
    assert_eq!(known.from, From::Target { branch: "next".into(), tip: "b".into() });
    assert_eq!((known.head.as_deref(), known.sha.as_deref(), known.pull_request), (Some("h"), None, Some(7)));
    assert!(known.is_foreign && known.stage == Some(Stage::Merge));
    let twice = format!("{},{}", request(7, "h"), request(8, "h"));
    for unknown in ["", &request(7, "earlier"), &twice] {
        let event = of("pull_request", unknown);
        assert_eq!(event.from, From::Target { branch: "main".into(), tip: SHA.into() });
        assert_eq!((event.head.as_deref(), event.pull_request), (Some("h"), None));
    }
    let pushed = of("push", "");
    assert_eq!((pushed.head.as_deref(), pushed.from, pushed.stage), (Some(SHA), From::Nothing, Some(Stage::Deploy)));
}

#[test]
fn who_made_it_happen_is_the_sender() {
    let of = |sender: &str| event("workflow_dispatch", &format!(r#"{{"sender":{sender}}}"#)).actor;
    assert_eq!(of(r#"{"login":"alice"}"#).as_deref(), Some("alice"));
    assert_eq!(of("null").or(of("{}")), None);
}

#[test]
fn a_payload_of_another_form_is_an_error() {
    assert!(parse("pull_request", "{}", None).unwrap_err().contains("without `pull_request`"));
    assert!(parse("push", "not json", None).is_err());
    assert!(parse("schedule", "{}", None).is_err());
}
