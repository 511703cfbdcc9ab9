//! How many overrides a week has seen: what was said counts, whoever followed up on it or hid it.

use super::*;

/// Somebody's remark on another pull request, of alice.
fn remark(by: &str, text: Option<&str>, at: &str) -> Remark {
    Remark {
        pull_request: 4,
        opened_by: person("alice"),
        by: person(by),
        text: text.map(String::from),
        at: time(at),
        earlier: vec![],
        url: None,
    }
}

/// As many as this are known of the week, and one may be more.
#[track_caller]
fn counted(remarks: Vec<Remark>, follow_ups: Vec<FollowUp>, count: usize) {
    let mut case = Case::new();
    case.evidence.remarks = Some(Ok(remarks));
    case.evidence.follow_ups = Some(Ok(follow_ups));
    let case = |most: usize| Case {
        settings: format!("{}per-week = {most}\n", case.settings),
        statements: case.statements.clone(),
        evidence: case.evidence.clone(),
        change: case.change.clone(),
        at: case.at,
    };
    case(count + 1).counts(&["window"], "18T16:00");
    case(count).refused(&format!("there were {count} in the seven days before it"));
}

fn over(gates: &str, commit: &str) -> String {
    format!("override: {gates} — it burns\n{commit}")
}

#[test]
fn t15_edge_49_an_override_counts_whether_or_not_somebody_followed_up() {
    let other = over("window", EARLIER);
    let said = |at| remark("ben", Some(&other), at);
    counted(vec![], vec![], 0);
    counted(vec![said("17T10:00")], vec![], 1);
    // With its issue, whose marker names the commit and the gate, it is still the one.
    counted(vec![said("17T10:00")], vec![follow_up(EARLIER, "17T11:00", true)], 1);
    counted(vec![said("17T10:00"), said("17T12:00")], vec![], 1);
    // Another gate of the same commit is another one; both gates in one line are one.
    let review = remark("dora", Some(&over("review", EARLIER)), "17T10:00");
    counted(vec![said("17T10:00"), review.clone()], vec![], 2);
    counted(vec![review], vec![follow_up(EARLIER, "17T11:00", false)], 2);
    let both = remark("dora", Some(&over("window, review", EARLIER)), "17T10:00");
    counted(vec![both], vec![follow_up(EARLIER, "17T11:00", false)], 1);
    // A week before it and after it are other weeks.
    counted(vec![said("11T12:00")], vec![], 1);
    counted(vec![said("11T11:59"), said("18T12:00")], vec![], 0);
    // For this commit it is the one that is looked at.
    counted(vec![remark("ben", Some(&over("window", HEAD)), "18T11:00")], vec![], 0);
}

#[test]
fn t15_only_what_may_have_been_an_override_counts() {
    let text = over("window", EARLIER);
    let by = |who: &str| remark(who, Some(&text), "17T10:00");
    let bot = Remark { by: Some(Person { login: "ben".into(), bot: true }), ..by("ben") };
    counted(vec![by("eve"), by("deploy[bot]"), bot], vec![], 0);
    let own = Remark { opened_by: person("BEN"), ..by("ben") };
    counted(vec![own], vec![], 0);
    let says = |text: &str| remark("ben", Some(text), "17T10:00");
    let no_id = says(&over("window", &EARLIER[..12]));
    let no_reason = says(&format!("override: window\n{EARLIER}"));
    counted(vec![no_id, no_reason, says(&format!("> {text}")), says("override: - x")], vec![], 0);
    // An account that is gone may have been anybody's.
    counted(vec![Remark { by: None, ..by("ben") }], vec![], 1);
    counted(vec![says(&over("no-longer-a-gate", EARLIER))], vec![], 1);
}

#[test]
fn t15_what_was_edited_or_deleted_still_counts() {
    let edited = |now: &str, earlier: &[Option<&str>]| {
        let earlier = earlier.iter().map(|text| text.map(String::from)).collect();
        Remark { earlier, ..remark("ben", Some(now), "17T10:00") }
    };
    let text = over("window", EARLIER);
    counted(vec![edited("never mind", &[Some("never mind"), Some(&text)])], vec![], 1);
    // Where the history tells only what changed, or is gone, nobody can tell for which commit.
    counted(vec![edited("never mind", &[Some("- override: window\n+ never mind")])], vec![], 1);
    counted(vec![edited("never mind", &[None])], vec![], 1);
    counted(vec![edited("a typo", &[Some("a tpyo")])], vec![], 0);
    counted(vec![edited(&text, &[Some(&text), Some("x")])], vec![], 1);
    counted(vec![remark("ben", None, "17T10:00")], vec![], 1);
    counted(vec![remark("ben", None, "18T12:30")], vec![], 1);
    counted(vec![remark("eve", None, "17T10:00")], vec![], 0);
    // An issue without its label or marker is not found: what was said is.
    counted(vec![remark("ben", Some(&text), "17T10:00")], vec![], 1);
}

#[test]
fn t15_what_was_said_and_cannot_be_read_is_not_counted_as_none() {
    let mut case = Case::new().settings("per-week = 2\n");
    case.evidence.remarks = None;
    case.unknown("what was said this week was not asked for");
    case.evidence.remarks = Some(Err(Failure::new("more than 1000 pull requests changed")));
    case.unknown("earlier overrides cannot be counted: more than 1000 pull requests changed");
    // Whether somebody may is not known: whether theirs counts is not either.
    let mut case = Case::new().settings("per-week = 2\nteams = ['acme/on-call']\n");
    case.evidence.remarks = Some(Ok(vec![remark("eve", Some(&over("window", EARLIER)), "17T10:00")]));
    case.unknown("not asked about people");
}

#[test]
fn t11_t15_an_override_for_one_environment_is_for_no_other() {
    let case = |environment: Option<&str>| {
        let mut case = Case::new().text(&format!("override: window (`production`) — it burns\n{HEAD}"));
        case.change.environment = environment.map(String::from);
        case
    };
    case(Some("production")).counts(&["window"], "18T16:00");
    assert_eq!(case(Some("production")).decide().overrides[0].environment.as_deref(), Some("production"));
    let elsewhere = |environment, words: &str| case(environment).fails(Severity::Note, "run/override-refused", words);
    elsewhere(Some("staging"), "it is for `production` alone, and this run is for staging");
    elsewhere(Some("Production"), "this run is for Production");
    elsewhere(None, "this run is for no environment");
    // What is in brackets elsewhere is part of a name that no gate has.
    for gates in ["window (production), review", "(production) window", "window production)"] {
        Case::new().text(&format!("override: {gates} — x\n{HEAD}")).refused("the policy lets nobody override");
    }
    Case::new().text(&format!("override: (production) — x\n{HEAD}")).refused("it names no gate");
}
