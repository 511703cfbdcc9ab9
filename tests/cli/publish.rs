//! `predeploy publish`: a report as a comment, a check run and a commit status, at a forge on the loopback.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Desk, Predeploy, Ran, Repo, event, policies};

mod trust;

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
fn a_queued_or_pushed_commit_is_on_no_pull_request_and_passes_all_the_same() {
    let case = Case::new(policies::OPEN);
    for event in [event::merge_group(7, &case.base, &case.head), event::push("refs/heads/fix", &case.base, &case.head)]
    {
        let (name, desk) = (event.name.clone(), Desk::at(&case.base));
        let other = event::Event { payload: event.payload.clone(), ..event::manual(&name, &case.head) };
        let ran = case.repo.check().event(event).env("GITHUB_RUN_ID", RUN).run();
        case.edited(|json| {
            *json = ran.report.clone();
            // Of a queue nobody asked the forge here.
            json["findings"] = json!([]);
            json["verdict"] = "passed".into();
            json["valid_until"] = "2999-01-01T00:00:00Z".into();
        });
        let ran = case.command(&desk, ALL).event(other).run_as_given();
        assert!(ran.code == 0 && ran.stderr.contains("warning: there is no comment"), "{name} {ran}");
        assert_eq!(desk.told().checks[0]["conclusion"], "success", "{name}");
    }
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
