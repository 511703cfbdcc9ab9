//! The checks that the policy requires at the forge.

use super::*;
use crate::{ChangedFile, CheckRun, Conclusion, Failure, Scope, Status};

const CI: &str = ".github/workflows/ci.yml";

fn run(name: &str, conclusion: Conclusion) -> CheckRun {
    CheckRun {
        name: name.into(),
        conclusion,
        app: Some("github-actions".into()),
        workflow: Some(CI.into()),
        event: None,
        run: None,
        started: None,
        url: None,
    }
}

fn ask_of(checks: Result<Vec<CheckRun>, Failure>, policy: &str) -> Vec<String> {
    let mut fake = Fake::new();
    fake.change.head = Some("0123456789abcdef0123456789abcdef01234567".into());
    fake.checks = checks;
    said(&fake.ask::<Tests>(&format!("[[check]]\n{policy}")).unwrap())
}

/// `tests/check-failed`, `tests/check-running`
#[test]
fn a_required_check_must_have_succeeded() {
    use Conclusion::*;
    let ask = |conclusion| ask_of(Ok(vec![run("build", conclusion)]), "name = 'build'").split_off(1);
    assert_eq!(ask_of(Ok(vec![run("build", Success)]), "name = 'build'"), ["1 required check succeeded"]);
    assert_eq!(ask(Running), ["pending tests/check-running the required check `build` has not ended"]);
    for (conclusion, word) in [
        (Failure, "failed"),
        (Skipped, "was skipped"),
        (Neutral, "ended as neutral"),
        (Cancelled, "was cancelled"),
        (Stale, "is stale"),
        (TimedOut, "timed out"),
        (ActionRequired, "waits for somebody's action"),
        (StartupFailure, "could not start"),
    ] {
        assert_eq!(ask(conclusion), [format!("error tests/check-failed the required check `build` {word}")]);
    }
}

#[test]
fn what_may_be_skipped_is_the_policys() {
    use Conclusion::*;
    let ask = |conclusion, skip: &str| {
        ask_of(Ok(vec![run("docs", conclusion)]), &format!("name = 'docs'\nexpected-skip = {skip}")).len()
    };
    assert_eq!(ask(Skipped, "['skipped']"), 1);
    assert_eq!(ask(Neutral, "['skipped', 'neutral']"), 1);
    assert_eq!(ask(Cancelled, "['skipped']"), 2);
    assert_eq!(ask(Failure, "['skipped', 'neutral', 'cancelled', 'stale', 'missing']"), 2);
    assert_eq!(ask_of(Ok(vec![]), "name = 'docs'\nexpected-skip = ['missing']"), ["1 required check succeeded"]);
}

/// `tests/check-missing`
#[test]
fn t09_a_check_of_the_right_name_from_elsewhere_is_none() {
    let mut other_app = run("build", Conclusion::Success);
    other_app.app = Some("somebody".into());
    let mut other_workflow = run("build", Conclusion::Success);
    other_workflow.workflow = Some(".github/workflows/mine.yml".into());
    let mut status = run("build", Conclusion::Success);
    (status.app, status.workflow) = (None, None);
    let pinned = format!("name = 'build'\napp = 'github-actions'\nworkflow = '{CI}'");
    for other in [other_app, other_workflow, status] {
        assert_eq!(
            ask_of(Ok(vec![other]), &pinned)[1..],
            [
                "unresolved tests/check-missing the commit has 0 of the 1 required checks `build`; 1 check of that name came from elsewhere"
            ]
        );
    }
    assert_eq!(ask_of(Ok(vec![run("build", Conclusion::Success)]), &pinned), ["1 required check succeeded"]);
}

#[test]
fn a_matrix_is_counted_and_each_of_it_must_succeed() {
    let matrix = |ends: &[Conclusion]| {
        let name = |number: usize| format!("test (ubuntu, {number})");
        let runs = ends.iter().enumerate().map(|(number, end)| run(&name(number), *end)).collect();
        ask_of(Ok(runs), "name = 'test (*)'\ncount = 3").split_off(1)
    };
    use Conclusion::{Failure, Success};
    assert_eq!(matrix(&[Success, Success, Success]), [""; 0]);
    assert_eq!(
        matrix(&[Success, Failure, Success]),
        ["error tests/check-failed the required check `test (ubuntu, 1)` failed"]
    );
    assert_eq!(
        matrix(&[Success, Success]),
        ["unresolved tests/check-missing the commit has 2 of the 3 required checks `test (*)`"]
    );
    assert_eq!(
        matrix(&[Success; 4]),
        ["unresolved tests/check-missing the commit has 4 checks `test (*)`, and 3 are asked for"]
    );
}

#[test]
fn one_job_of_a_matrix_twice_is_not_two() {
    let two = vec![run("test (1)", Conclusion::Success), run("test (1)", Conclusion::Success)];
    assert_eq!(
        ask_of(Ok(two), "name = 'test (*)'\ncount = 2")[1..],
        ["unresolved tests/check-missing the commit has 1 of the 2 required checks `test (*)`"]
    );
    let one = vec![run("test (1)", Conclusion::Success)];
    let missing = ask_of(Ok(one), "name = 'test (*)'\ncount = 2\nexpected-skip = ['missing']");
    assert!(missing[1].starts_with("unresolved tests/check-missing"), "{missing:?}");
    // Brackets are no pattern.
    let other = vec![run("unit a", Conclusion::Success)];
    assert!(ask_of(Ok(other), "name = 'unit [a]'")[1].starts_with("unresolved tests/check-missing"));
}

/// `tests/check-edited`
#[test]
fn t09_a_workflow_that_the_change_edits_is_no_corroboration() {
    let ask = |path: &str, status: Status| {
        let mut fake = Fake::new();
        fake.change.head = Some("0123456789abcdef0123456789abcdef01234567".into());
        fake.change.scope =
            Scope::Files(vec![ChangedFile { path: path.into(), status, added: Some(1), removed: None }]);
        fake.checks = Ok(vec![run("build", Conclusion::Success)]);
        let policy = format!("[[check]]\nname = 'build'\nworkflow = '{CI}'");
        said(&fake.ask::<Tests>(&policy).unwrap()).split_off(1)
    };
    let edited = [format!(
        "unresolved tests/check-edited {CI} the change edits `{CI}`, from which the required check `build` comes"
    )];
    assert_eq!(ask(CI, Status::Modified), edited);
    assert_eq!(ask(".github/old.yml", Status::Renamed { from: CI.into() }), edited);
    assert_eq!(ask("src/lib.rs", Status::Modified), [""; 0]);
}

/// `tests/checks-unread`
#[test]
fn t19_checks_that_cannot_be_read_are_unresolved() {
    assert_eq!(
        ask_of(Err(Failure::new("the token may not read checks")), "name = 'build'"),
        ["the required checks could not be read", "unresolved tests/checks-unread the token may not read checks"]
    );
    let folder = Fake::new().ask::<Tests>("[[check]]\nname = 'build'").unwrap();
    assert_eq!(verdict(&folder), Verdict::Unresolved);
}

/// A job of run `number`, which was started so many minutes after ten.
fn of_run(number: u64, event: &str, minute: u8, conclusion: Conclusion) -> CheckRun {
    let started = format!("2026-11-18T10:{minute:02}:00Z").parse().unwrap();
    CheckRun { event: Some(event.into()), run: Some(number), started: Some(started), ..run("build", conclusion) }
}

#[test]
fn t09_a_later_run_replaces_what_did_nothing_and_no_failure() {
    use Conclusion::*;
    let ask = |runs: &[(u64, &str, u8, Conclusion)]| {
        let runs = runs.iter().map(|(number, event, minute, end)| of_run(*number, event, *minute, *end)).collect();
        ask_of(Ok(runs), "name = 'build'").split_off(1)
    };
    let failed = ["error tests/check-failed the required check `build` failed"];
    // A label was set, or it is a pull request into another branch: nobody tells, and the failure stays.
    assert_eq!(ask(&[(1, "pull_request", 1, Failure), (2, "pull_request", 2, Success)]), failed);
    for failure in [TimedOut, StartupFailure, ActionRequired] {
        assert_eq!(ask(&[(1, "pull_request", 1, failure), (2, "pull_request", 2, Success)]).len(), 1);
    }
    // Of a run that was run again the forge tells the last attempt alone.
    assert_eq!(ask(&[(1, "pull_request", 1, Success)]), [""; 0]);
    assert_eq!(ask(&[(2, "pull_request", 2, Failure), (1, "pull_request", 1, Success)]), failed);
    let running = ["pending tests/check-running the required check `build` has not ended"];
    assert_eq!(ask(&[(1, "push", 1, Success), (2, "push", 2, Running)]), running);
    // Another event is another question.
    assert_eq!(ask(&[(1, "push", 1, Failure), (2, "pull_request", 2, Success)]), failed);
    assert_eq!(ask(&[(1, "push", 1, Success), (2, "pull_request", 2, Failure)]), failed);
    assert_eq!(ask(&[(1, "push", 1, Running), (2, "push", 2, Success)]), running);
    // Cancelled because a later one took its place, or skipped while it was a draft.
    for nothing in [Cancelled, Skipped, Stale, Neutral] {
        assert_eq!(ask(&[(1, "push", 1, nothing), (2, "push", 2, Success)]), [""; 0]);
        assert_eq!(ask(&[(1, "push", 1, nothing), (2, "push", 2, Failure)]), failed);
    }
    let cancelled = ["error tests/check-failed the required check `build` was cancelled"];
    for other in ["pull_request", "workflow_dispatch", "issue_comment"] {
        assert_eq!(ask(&[(1, "push", 1, Cancelled), (2, other, 2, Success)]), cancelled);
    }
    assert_eq!(ask(&[(1, "push", 2, Cancelled), (2, "push", 1, Success)]), cancelled);
    // What did nothing replaces nothing, even where the policy lets it pass.
    for nothing in [Cancelled, Skipped] {
        let runs = vec![of_run(1, "push", 1, Failure), of_run(2, "push", 2, nothing)];
        let skip = "name = 'build'\nexpected-skip = ['skipped', 'cancelled']";
        assert_eq!(ask_of(Ok(runs), skip)[1..], failed);
    }
    assert_eq!(ask(&[(1, "push", 1, Cancelled)]), cancelled);
}

#[test]
fn t09_two_jobs_of_one_name_do_not_replace_each_other() {
    use Conclusion::{Cancelled, Failure, Success};
    let failed = "error tests/check-failed the required check `build` failed";
    let later = CheckRun { started: Some("2026-11-18T11:00:00Z".parse().unwrap()), ..of_run(1, "push", 1, Success) };
    assert_eq!(ask_of(Ok(vec![of_run(1, "push", 1, Failure), later]), "name = 'build'")[1..], [failed]);
    // Nor where the forge tells no run, or the workflow is another one.
    let unknown = CheckRun { run: None, ..of_run(1, "push", 1, Failure) };
    assert_eq!(ask_of(Ok(vec![unknown, of_run(2, "push", 2, Success)]), "name = 'build'")[1..], [failed]);
    let other = CheckRun { workflow: Some(".github/workflows/b.yml".into()), ..of_run(2, "push", 2, Success) };
    assert_eq!(ask_of(Ok(vec![of_run(1, "push", 1, Failure), other.clone()]), "name = 'build'")[1..], [failed]);
    let cancelled = "error tests/check-failed the required check `build` was cancelled";
    assert_eq!(ask_of(Ok(vec![of_run(1, "push", 1, Cancelled), other]), "name = 'build'")[1..], [cancelled]);
    // Two workflows whose files nobody tells.
    let unknown = [of_run(1, "push", 1, Cancelled), of_run(2, "push", 2, Success)];
    let unknown = unknown.map(|run| CheckRun { workflow: None, ..run });
    assert_eq!(ask_of(Ok(unknown.into()), "name = 'build'")[1..], [cancelled]);
}

#[test]
fn t09_what_a_pinned_workflow_uses_is_part_of_it() {
    const TESTS: &str = ".github/workflows/tests.yml";
    let ask = |changed: &str, workflow: &str| {
        let mut fake = Fake::new()
            .file_in(Tree::Head, CI, workflow)
            .file_in(Tree::Head, TESTS, "jobs:\n  t:\n    steps:\n      - uses: ./.github/actions/setup\n")
            .file_in(
                Tree::Head,
                ".github/actions/setup/action.yml",
                "runs: { using: composite, steps: [{uses: './ci/run'}] }",
            )
            .file_in(Tree::Head, "ci/run/action.yaml", "runs: { using: node20, main: index.js }");
        fake.change.head = Some("0123456789abcdef0123456789abcdef01234567".into());
        let file = ChangedFile { path: changed.into(), status: Status::Modified, added: Some(1), removed: None };
        fake.change.scope = Scope::Files(vec![file]);
        fake.checks = Ok(vec![run("build", Conclusion::Success)]);
        said(&fake.ask::<Tests>(&format!("[[check]]\nname = 'build'\nworkflow = '{CI}'")).unwrap()).split_off(1)
    };
    let calls = format!("jobs:\n  test:\n    uses: ./{TESTS}\n");
    for part in [TESTS, ".github/actions/setup/action.yml", ".github/actions/setup/index.js", "ci/run/index.js"] {
        assert_eq!(
            ask(part, &calls),
            [format!(
                "unresolved tests/check-edited {part} the change edits `{part}`, which is part of `{CI}`, from which the required check `build` comes"
            )]
        );
    }
    for other in [".github/workflows/docs.yml", "ci/other.js", "src/lib.rs"] {
        assert_eq!(ask(other, &calls), [""; 0], "{other}");
    }
    // What cannot be found may be any of them.
    for unknown in ["steps: [{ uses: ./gone }]", "jobs: {t: {uses: ./.github/workflows/gone.yml}}"] {
        assert_eq!(ask(".github/workflows/docs.yml", unknown).len(), 1, "{unknown}");
        assert_eq!(ask("src/lib.rs", unknown), [""; 0]);
    }
    // Checked out into a folder.
    assert_eq!(ask("ci/run/index.js", "steps: [{ uses: ./checkout/ci/run }]").len(), 1);
}
