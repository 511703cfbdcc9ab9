//! `predeploy publish`: a report as a comment, a check run and a commit status, at a forge on the loopback.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Desk, Predeploy, Ran, Repo, event, policies};

const RUN: &str = "4711";

/// A pull request, judged in this run.
struct Case {
    repo: Repo,
    base: String,
    head: String,
    report: PathBuf,
    json: Value,
}

impl Case {
    fn new(policy: &str) -> Self {
        let repo = Repo::new();
        repo.with("predeploy.toml", policy).with("a.env", "A=1\n").with("b.env", "A=1\n");
        let base = repo.commit("base");
        let head = repo.origin("main", &base).branch("fix").with("a.env", "A=1\nB=2\n").commit("change");
        let ran = repo.check().event(event::pull_request(7, &base, &head)).env("GITHUB_RUN_ID", RUN).run();
        assert_eq!(ran.report["run"], RUN, "{ran}");
        let report = repo.outside().join("kept.json");
        let case = Self { repo, base, head, report, json: ran.report };
        case.edited(|_| {});
        case
    }

    /// Puts down the report as `edit` leaves it.
    fn edited(&self, edit: impl Fn(&mut Value)) {
        let mut json = self.json.clone();
        edit(&mut json);
        std::fs::write(&self.report, json.to_string()).unwrap();
    }

    fn publish(&self, desk: &Desk, args: &[&str]) -> Ran {
        self.command(desk, args).run_as_given()
    }

    fn command(&self, desk: &Desk, args: &[&str]) -> Predeploy {
        let command = self.repo.predeploy("publish").arg(&self.report).args(args.iter().copied());
        let command = command.event(event::pull_request(7, &self.base, &self.head)).env("GITHUB_RUN_ID", RUN);
        command.env("GITHUB_GRAPHQL_URL", desk.url()).env("GITHUB_TOKEN", "ghp_of_a_test")
    }
}

const ALL: &[&str] = &["--comment", "--check-run", "--status"];

/// What is published now: the check run's state, the status' state, the comment's first visible line.
fn state(desk: &Desk) -> (String, String, String) {
    let told = desk.told();
    let check = told.checks.last().unwrap();
    let check = check["conclusion"].as_str().or(check["status"].as_str()).unwrap().to_owned();
    let status = told.statuses.last().unwrap()["state"].as_str().unwrap().to_owned();
    let own = told.comments.iter().rfind(|(_, _, own)| *own).unwrap();
    (check, status, own.1.lines().nth(1).unwrap().to_owned())
}

fn are(check: &str, status: &str, verdict: &str) -> (String, String, String) {
    (check.into(), status.into(), format!("## predeploy: {verdict}"))
}

#[test]
fn every_verdict_is_published_as_itself_and_only_a_pass_as_success() {
    let unresolved = "[gates.tests]\nreports = [\"none/*.xml\"]\n";
    for (policy, code, expected) in [
        (policies::OPEN, 0, are("success", "success", "passed")),
        (policies::SAME_KEYS, 1, are("failure", "failure", "blocked")),
        (policies::FROZEN, 4, are("in_progress", "pending", "pending")),
        (unresolved, 3, are("action_required", "error", "unresolved")),
    ] {
        let case = Case::new(policy);
        let desk = Desk::at(&case.head);
        let ran = case.publish(&desk, ALL);
        assert_eq!((ran.code, ran.stderr.as_str()), (code, ""), "{ran}");
        assert_eq!(state(&desk), expected);
        let told = desk.told();
        assert_eq!(told.checks[0]["head_sha"], case.head.as_str());
        assert_eq!(
            (&told.checks[0]["name"], &told.statuses[0]["context"]),
            (&json!("predeploy/merge"), &json!("predeploy/merge"))
        );
        assert_eq!(told.statuses[0]["sha"], case.head.as_str());
    }
}

#[test]
fn red_turns_green_in_place_and_what_was_completed_never_turns_into_a_pass_by_waiting() {
    let case = Case::new(policies::OPEN);
    let desk = Desk::at(&case.head);
    let [red, waiting, green] = [policies::SAME_KEYS, policies::FROZEN, policies::OPEN].map(|policy| {
        let mut json = Case::new(policy).json;
        // The same change, judged three times.
        json["change"]["head"] = case.head.clone().into();
        json
    });
    for (json, expected) in [
        (&red, are("failure", "failure", "blocked")),
        (&waiting, are("action_required", "pending", "pending")),
        (&green, are("success", "success", "passed")),
        (&red, are("failure", "failure", "blocked")),
    ] {
        std::fs::write(&case.report, json.to_string()).unwrap();
        let ran = case.publish(&desk, ALL);
        assert_eq!(ran.stderr, "", "{ran}");
        assert_eq!(state(&desk), expected);
        assert_eq!((desk.told().checks.len(), desk.told().comments.len()), (1, 1), "never a second one");
    }
    // The same finding is not annotated twice.
    assert_eq!(desk.told().checks[0]["annotations"].as_array().unwrap().len(), 1, "{:?}", desk.told().checks);
}

#[test]
fn a_comment_of_somebody_else_is_not_touched_and_one_that_says_the_same_is_left() {
    let case = Case::new(policies::OPEN);
    let desk = Desk::at(&case.head);
    let forged = "<!-- predeploy/merge -->\n## predeploy: passed\n";
    desk.edit(|told| {
        told.comments.extend((1..=150).map(|id| (id, "hello".to_owned(), id % 2 == 0)));
        told.comments.push((151, forged.into(), false));
        told.comments.push((152, "quoted: <!-- predeploy/merge -->\n".into(), true));
    });
    assert_eq!(case.publish(&desk, &["--comment"]).code, 0);
    let told = desk.told();
    assert_eq!((told.comments.len(), told.comments[150].1.as_str()), (153, forged));
    let again = case.publish(&desk, &["--comment"]);
    assert_eq!(again.stdout, "comment on #7: as it was\n", "{again}");
    assert_eq!(desk.told().writes, ["POST /repos/acme/shop/issues/7/comments"]);
    case.edited(|json| json["gates"][0]["reason"] = "another".into());
    case.publish(&desk, &["--comment"]);
    assert_eq!(desk.told().writes[1], "PATCH /repos/acme/shop/issues/comments/4000000152");
}

#[test]
fn each_stage_and_environment_has_one_of_its_own() {
    let case = Case::new(policies::OPEN);
    let desk = Desk::at(&case.head);
    case.publish(&desk, ALL);
    for environment in ["production", "a/b (partial) -->", "staging"] {
        case.edited(|json| (json["stage"], json["environment"]) = ("deploy".into(), environment.into()));
        case.publish(&desk, ALL);
    }
    let told = desk.told();
    let names: Vec<&str> = told.checks.iter().map(|check| check["external_id"].as_str().unwrap()).collect();
    let expected = [
        "predeploy/merge",
        "predeploy/deploy/production",
        "predeploy/deploy/a%2Fb%20%28partial%29%20--%3E",
        "predeploy/deploy/staging",
    ];
    assert_eq!(names, expected);
    let markers: Vec<&str> = told.comments.iter().map(|(_, body, _)| body.lines().next().unwrap()).collect();
    assert_eq!(markers, expected.map(|name| format!("<!-- {name} -->")));
}

#[test]
fn want_of_a_permission_is_one_warning_and_changes_no_exit_code() {
    for (policy, code) in [(policies::OPEN, 0), (policies::SAME_KEYS, 1)] {
        let case = Case::new(policy);
        for status in [403, 404] {
            for (arg, line, permission) in [
                ("--check-run", "GET /repos/acme/shop/commits/", "checks: write"),
                ("--check-run", "POST /repos/acme/shop/check-runs", "checks: write"),
                ("--status", "POST /repos/acme/shop/statuses/", "statuses: write"),
                ("--comment", "POST /repos/acme/shop/issues/7/comments", "pull-requests: write"),
                ("--comment", "POST /graphql", "pull-requests: write"),
            ] {
                let desk = Desk::at(&case.head);
                desk.refuse(line, status);
                let ran = case.publish(&desk, &[arg]);
                assert_eq!(ran.code, code, "{line} {status} {ran}");
                assert!(ran.stderr.starts_with("warning: ") && ran.stderr.lines().count() == 1, "{ran}");
                assert!(ran.stderr.contains(permission), "{ran}");
            }
            // One that is refused keeps the others not back.
            let desk = Desk::at(&case.head);
            desk.refuse("POST /repos/acme/shop/check-runs", status);
            assert_eq!(case.publish(&desk, ALL).code, code);
            assert_eq!((desk.told().statuses.len(), desk.told().comments.len()), (1, 1));
        }
    }
}

#[test]
fn another_failure_is_an_error_and_no_pass() {
    let case = Case::new(policies::OPEN);
    for (line, status, words) in [
        ("POST /repos/acme/shop/statuses/", 500, "did not take it (500"),
        ("POST /repos/acme/shop/statuses/", 422, "did not take it (422"),
        ("POST /repos/acme/shop/statuses/", 429, "takes no more requests"),
        ("POST /repos/acme/shop/statuses/", 401, "refuses the token"),
    ] {
        let desk = Desk::at(&case.head);
        desk.refuse(line, status);
        let ran = case.publish(&desk, ALL);
        assert!(
            ran.code == 3
                && ran.stderr.contains("error: the commit status is not published")
                && ran.stderr.contains(words),
            "{ran}"
        );
        assert_eq!((desk.told().checks.len(), desk.told().comments.len()), (1, 1), "the others are");
    }
}

#[test]
fn many_annotations_go_in_batches_and_what_has_no_room_is_counted() {
    let case = Case::new(policies::SAME_KEYS);
    let gate = |json: &Value| json["gates"][0]["findings"][0].clone();
    let many = |count: usize, detail: &str| {
        case.edited(|json| {
            let one = gate(json);
            let of = |n: usize| {
                let mut one = one.clone();
                (one["message"], one["detail"]) = (format!("finding {n}").into(), detail.into());
                one
            };
            json["gates"][0]["findings"] = (0..count).map(of).collect();
        });
    };
    many(120, "x");
    let desk = Desk::at(&case.head);
    assert_eq!(case.publish(&desk, &["--check-run"]).code, 1);
    assert_eq!(desk.told().writes.len(), 3);
    assert_eq!(desk.told().checks[0]["annotations"].as_array().unwrap().len(), 120);
    case.publish(&desk, &["--check-run"]);
    assert_eq!(desk.told().checks[0]["annotations"].as_array().unwrap().len(), 120, "none twice");

    many(700, &"detail\n".repeat(400));
    let desk = Desk::at(&case.head);
    let ran = case.publish(&desk, ALL);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{ran}");
    let told = desk.told();
    assert_eq!(told.checks[0]["annotations"].as_array().unwrap().len(), 500);
    let summary = told.checks[0]["summary"].as_str().unwrap();
    assert!(summary.contains("\n200 annotations are not shown at their lines; the JSON report has them all.\n"));
    let body = &told.comments[0].1;
    let shown = body.matches("\n#### ").count();
    let said = format!("\n{} of 700 findings are not shown here; the JSON report has them all.\n", 700 - shown);
    assert!(shown > 10 && body.contains(&said) && body.len() < 65_536, "{shown} {}", body.len());
}

#[test]
fn t23_what_a_stranger_wrote_is_no_markup_in_a_comment_and_ends_no_marker() {
    let case = Case::new(policies::SAME_KEYS);
    let evil = "--> <img src=x> @octocat [x](https://evil.example) ::error::x\u{1b}[2J";
    case.edited(|json| {
        json["gates"][0]["reason"] = evil.into();
        json["gates"][0]["findings"][0]["message"] = evil.into();
        json["gates"][0]["findings"][0]["help"] = evil.into();
    });
    let desk = Desk::at(&case.head);
    let ran = case.publish(&desk, ALL);
    assert_eq!(ran.code, 1, "{ran}");
    let told = desk.told();
    for text in [&told.comments[0].1, told.checks[0]["summary"].as_str().unwrap()] {
        let visible = text.strip_prefix("<!-- predeploy/merge -->\n").unwrap_or(text);
        assert!(
            !visible.contains("-->")
                && !visible.contains("<img")
                && !visible.contains("](")
                && !visible.contains('\u{1b}')
        );
        assert!(!visible.contains("@octocat"));
    }
}

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
fn a_dry_run_says_what_would_be_published_and_asks_nobody() {
    let case = Case::new(policies::OPEN);
    let desk = Desk::at(&case.head);
    desk.refuse("", 500);
    let ran = case.publish(&desk, &["--comment", "--status", "--check-run", "--dry-run"]);
    let expected = format!(
        "would be published: check run `predeploy/merge` on {0}: passed\nwould be published: commit status `predeploy/merge` on {0}: passed\n\
         would be published: comment `predeploy/merge` on #7: passed\n",
        &case.head[..12]
    );
    assert_eq!((ran.code, ran.stdout), (0, expected));
}

#[test]
fn what_cannot_be_published_is_an_error_of_usage() {
    let case = Case::new(policies::OPEN);
    let desk = Desk::at(&case.head);
    let nothing = case.publish(&desk, &[]);
    assert!(
        nothing.code == 2 && nothing.stderr.contains("ask for `--comment`, `--check-run` or `--status`"),
        "{nothing}"
    );
    let blind = case.repo.predeploy("publish").arg(&case.report).arg("--status").run_as_given();
    assert!(blind.code == 2 && blind.stderr.contains("there is no token to publish with"), "{blind}");
    std::fs::write(&case.report, "{").unwrap();
    let broken = case.publish(&desk, ALL);
    assert!(broken.code == 2 && broken.stderr.contains("is no report that can be published"), "{broken}");
}
