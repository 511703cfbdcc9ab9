//! What must never be published as a success.

use serde_json::{Value, json};

use super::{ALL, Case, RUN, are, state};
use crate::support::{Desk, event, policies};

#[test]
fn t06_a_report_of_another_commit_or_repository_is_not_published() {
    let case = Case::new(policies::OPEN);
    let desk = Desk::at(&case.head);
    let other = "0123456789abcdef0123456789abcdef01234567";
    case.edited(|json| json["change"]["head"] = other.into());
    let ran = case.publish(&desk, ALL);
    assert!(ran.code == 2 && ran.stderr.contains("and the event is about"), "{ran}");
    case.edited(|json| json["change"]["repository"] = "acme/other".into());
    let ran = case.publish(&desk, ALL);
    assert!(ran.code == 2 && ran.stderr.contains("the report is of acme/other, and this is acme/shop"), "{ran}");
    case.edited(|json| json["change"]["working_tree"] = true.into());
    assert!(case.publish(&desk, ALL).stderr.contains("the report is not for a commit"));
    // The pull request moved on since the event.
    case.edited(|_| {});
    desk.edit(|told| told.head = other.into());
    let ran = case.publish(&desk, ALL);
    assert!(ran.code == 3 && ran.stderr.contains("and #7 is at 0123456789ab"), "{ran}");
    assert_eq!(desk.told().comments.len(), 0);
    assert_eq!(desk.told().checks[0]["conclusion"], "action_required");
}

#[test]
fn t07_a_partial_run_is_published_under_another_name_and_never_as_success() {
    let case = Case::new(&format!("{}[gates.drift]\nfiles = {{ a = \"a.env\", b = \"a.env\" }}\n", policies::OPEN));
    let event = event::pull_request(7, &case.base, &case.head);
    let ran = case.repo.check().arg("window").event(event).env("GITHUB_RUN_ID", RUN).run();
    ran.is("passed");
    std::fs::write(&case.report, ran.report.to_string()).unwrap();
    let desk = Desk::at(&case.head);
    let ran = case.publish(&desk, ALL);
    assert_eq!(ran.code, 3, "{ran}");
    assert_eq!(state(&desk), are("action_required", "error", "unresolved"));
    assert_eq!(desk.told().checks[0]["name"], "predeploy/merge (partial)");
    assert!(desk.told().comments[0].1.contains("only window asked"));
}

#[test]
fn t10_a_report_that_this_run_did_not_make_is_never_a_success() {
    let case = Case::new(policies::OPEN);
    for run in [Value::Null, "4710".into(), "".into()] {
        case.edited(|json| json["run"] = run.clone());
        let desk = Desk::at(&case.head);
        let ran = case.publish(&desk, ALL);
        assert_eq!(ran.code, 3, "{ran}");
        assert_eq!(state(&desk), are("action_required", "error", "unresolved"));
        assert!(desk.told().comments[0].1.contains("was not made in the run that publishes it"));
    }
    // What does not pass is published as it is.
    let blocked = Case::new(policies::SAME_KEYS);
    blocked.edited(|json| json["run"] = Value::Null);
    let desk = Desk::at(&blocked.head);
    assert_eq!(blocked.publish(&desk, ALL).code, 1);
}

#[test]
fn t10_a_report_whose_parts_say_something_else_than_the_whole_is_refused() {
    let case = Case::new(policies::SAME_KEYS);
    let desk = Desk::at(&case.head);
    let says = |words: &str, edit: &dyn Fn(&mut Value)| {
        case.edited(edit);
        let ran = case.publish(&desk, ALL);
        assert!(ran.code == 2 && ran.stderr.contains(words), "{words} {ran}");
    };
    says("it says `passed`, and its gates amount to `blocked`", &|json| json["verdict"] = "passed".into());
    says("says `passed`, and its findings amount to `blocked`", &|json| {
        (json["verdict"], json["gates"][0]["verdict"]) = ("passed".into(), "passed".into());
    });
    says("is overridden, and the gate is not", &|json| {
        (json["verdict"], json["gates"][0]["verdict"]) = ("passed".into(), "passed".into());
        json["gates"][0]["findings"][0]["overridden"] = true.into();
    });
    says("is not among its overrides", &|json| {
        json["gates"][0]["verdict"] = "overridden".into();
        json["gates"][0]["overridden"] =
            json!({ "said": "blocked", "by": "eve", "reason": "x", "until": "2999-01-01T00:00:00Z", "url": null });
    });
    says("do not say the same", &|json| json["simulations"] = json!(["--at"]));
    says("do not say the same", &|json| json["partial"] = true.into());
    says("knows no rule `drift/unheard-of`", &|json| {
        json["gates"][0]["findings"][0]["rule"] = "drift/unheard-of".into()
    });
    says("of version 2", &|json| json["version"] = 2.into());
    says("is in it twice", &|json| {
        let gate = json["gates"][0].clone();
        json["gates"].as_array_mut().unwrap().push(gate);
    });
    assert_eq!(desk.told().writes, Vec::<String>::new());
}

#[test]
fn t11_a_report_that_no_longer_holds_is_no_success() {
    let case = Case::new(policies::OPEN);
    for until in [json!("2026-01-01T00:00:00Z"), Value::Null] {
        case.edited(|json| json["valid_until"] = until.clone());
        let desk = Desk::at(&case.head);
        assert_eq!(case.publish(&desk, ALL).code, 3);
        assert_eq!(state(&desk), are("action_required", "error", "unresolved"));
    }
}

#[test]
fn t12_a_simulated_report_is_no_success_and_takes_no_real_ones_name() {
    let case = Case::new(policies::OPEN);
    let ran = case.repo.check().args(["--at", "2026-01-07T10:00Z", "--stage", "merge"]).run();
    ran.is("passed");
    std::fs::write(&case.report, ran.report.to_string()).unwrap();
    let desk = Desk::at(&case.head);
    let ran = case.publish(&desk, ALL);
    assert_eq!(ran.code, 3, "{ran}");
    assert_eq!(state(&desk), are("action_required", "error", "unresolved"));
    assert_eq!(desk.told().checks[0]["name"], "predeploy/merge (simulated)");
}

/// The event of a run after the pull request's own.
fn after(case: &Case, number: Option<u64>) -> event::Event {
    let request = |number| json!({ "number": number, "base": { "ref": "main", "sha": case.base }, "head": { "ref": "fix", "sha": case.head } });
    let payload = json!({ "workflow_run": {
        "event": "pull_request", "head_sha": case.head, "head_branch": "fix", "head_repository": { "full_name": "eve/shop" },
        "pull_requests": number.map(request).into_iter().collect::<Vec<_>>(),
    }});
    event::Event::new("workflow_run", payload, &case.base)
}

#[test]
fn t10_a_privileged_run_publishes_as_success_what_it_judged_itself_by_the_bases_policy() {
    let case = Case::new(policies::OPEN);
    let desk = Desk::at(&case.head);
    let publish = |args: &[&str]| {
        let command =
            case.repo.predeploy("publish").arg(&case.report).args(ALL.iter().copied()).args(args.iter().copied());
        let command = command.event(after(&case, None)).env("GITHUB_RUN_ID", "4712");
        command.env("GITHUB_GRAPHQL_URL", desk.url()).env("GITHUB_TOKEN", "ghp_of_a_test").run_as_given()
    };
    // The report of the pull request's own run.
    assert_eq!(publish(&["--pull-request", "7"]).code, 3);
    assert_eq!(state(&desk), are("action_required", "error", "unresolved"));

    let ran = case.repo.check().event(after(&case, None)).env("GITHUB_RUN_ID", "4712").run();
    ran.is("passed");
    assert_eq!(
        (ran.change()["head"].as_str(), ran.report["stage"].as_str()),
        (Some(case.head.as_str()), Some("merge"))
    );
    assert!(ran.report["policy"]["source"].as_str().unwrap().starts_with("the base, "), "{ran}");
    std::fs::write(&case.report, ran.report.to_string()).unwrap();
    let ran = publish(&["--pull-request", "7"]);
    assert_eq!((ran.code, state(&desk)), (0, are("success", "success", "passed")), "{ran}");

    // Without the pull request nobody knows by which branch's policy it must be judged.
    let unknown = publish(&[]);
    assert!(unknown.code == 3 && desk.told().checks[0]["conclusion"] == "action_required", "{unknown}");
    desk.edit(|told| told.base = "release".into());
    assert_eq!(publish(&["--pull-request", "7"]).code, 3);
    assert!(desk.told().comments[0].1.contains("the pull request goes to release"));
}

#[test]
fn t03_from_outside_of_a_ci_nothing_is_a_success() {
    let case = Case::new(policies::OPEN);
    let ran = case.repo.check().args(["--stage", "merge"]).run();
    ran.is("passed");
    std::fs::write(&case.report, ran.report.to_string()).unwrap();
    let desk = Desk::at(&case.head);
    let command =
        case.repo.predeploy("publish").arg(&case.report).args(["--status"]).env("GITHUB_REPOSITORY", "acme/shop");
    let ran = command.env("GITHUB_GRAPHQL_URL", desk.url()).env("GITHUB_TOKEN", "ghp_of_a_test").run_as_given();
    assert_eq!((ran.code, &desk.told().statuses[0]["state"]), (3, &json!("error")), "{ran}");
}
