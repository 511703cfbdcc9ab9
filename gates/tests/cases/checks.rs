//! The checks that the policy requires at the forge.

use super::*;
use crate::{ChangedFile, CheckRun, Conclusion, Failure, Scope, Status};

const CI: &str = ".github/workflows/ci.yml";

fn run(name: &str, conclusion: Conclusion) -> CheckRun {
    CheckRun { name: name.into(), conclusion, app: Some("github-actions".into()), workflow: Some(CI.into()), url: None }
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
