//! How long overrides count, how many there may be, and what the policy must say.

use super::*;

/// Everything that is wrong with these settings.
fn wrong(settings: &str) -> String {
    config::read("predeploy.toml", &format!("[override]\n{settings}{GATES}"), None).map(drop).unwrap_err().to_string()
}

#[test]
fn t15_tests_are_overridden_only_by_who_accepts_it() {
    for gate in ["tests", "unit"] {
        let text = wrong(&format!("users = ['ben']\ngates = ['{gate}']\n"));
        assert!(text.contains(&format!("`{gate}` may not be overridden: what ships would not be tested")), "{text}");
        assert!(text.contains("i-accept-untested = true"), "{text}");
    }
    let text = wrong("gates = ['windows']\nteams = ['on-call']\nlasts = '0s'\nconfirm-within = '0s'\n");
    for words in [
        "there is no gate `windows`",
        "did you mean `window`",
        "`on-call` is no team",
        "`lasts` leaves no time",
        "`confirm-within` leaves no time",
    ] {
        assert!(text.contains(words), "`{words}` is not in {text}");
    }
    assert!(wrong("gates = ['window']\n").contains("nobody may override these gates"));
    let alone = wrong("gates = ['window']\nusers = ['anna', 'Anna']\nconfirm-within = '1h'\n");
    assert!(alone.contains("nobody can confirm an override: one person alone may override"), "{alone}");
    let longer = wrong("gates = ['window']\nusers = ['anna', 'ben']\nconfirm-within = '24h'\n");
    assert!(longer.contains("the override ends before it must be confirmed"), "{longer}");
}

#[test]
fn edge_49_t15_an_override_ends() {
    let mut case = Case::new();
    case.at = time("18T15:59");
    case.counts(&["window"], "18T16:00");
    case.at = time("18T16:00");
    case.refused("it ended at 2026-11-18T16:00:00Z");
    case.at = time("18T11:59");
    case.refused("later than now");
}

#[test]
fn edge_49_t15_without_a_second_person_it_ends() {
    let case = || Case::new().settings("confirm-within = '2h'\n");
    let word = format!("confirm-override: {HEAD}");
    let mut awaiting = case();
    awaiting.counts(&["window"], "18T14:00");
    assert_eq!(awaiting.decide().overrides[0].confirmation, Confirmation::Awaited(time("18T14:00")));
    awaiting.at = time("18T14:00");
    awaiting.refused("no second person confirmed it before 2026-11-18T14:00:00Z");

    let mut confirmed = case().also(statement("dora", &word, "18T12:30"));
    confirmed.at = time("18T15:00");
    confirmed.counts(&["window"], "18T16:00");
    assert_eq!(confirmed.decide().overrides[0].confirmation, Confirmation::By("dora".into()));

    let late = |statement: Statement| {
        let mut case = case().also(statement);
        case.at = time("18T15:00");
        case.refused("no second person confirmed it");
    };
    late(statement("Ben", &word, "18T12:30"));
    late(statement("alice", &word, "18T12:30"));
    late(statement("eve", &word, "18T12:30"));
    late(statement("dora", &word, "18T14:00"));
    late(statement("dora", &word, "18T11:59"));
    late(statement("dora", &format!("confirm-override: {EARLIER}"), "18T12:30"));
    late(statement("dora", &format!("confirm-override: {}", &HEAD[..12]), "18T12:30"));
    late(statement("dora", &format!("> {word}"), "18T12:30"));
    late(Statement { edited: true, ..statement("dora", &word, "18T12:30") });
    late(Statement { by: None, ..statement("dora", &word, "18T12:30") });
    late(Statement { by: Some(Person { login: "dora".into(), bot: true }), ..statement("dora", &word, "18T12:30") });
    // Writing it again is no second person, whoever writes it.
    let again = |by: &str| statement(by, &format!("override: window - again\n{HEAD}"), "18T14:30");
    for by in ["Ben", "dora"] {
        let mut renewed = case().also(again(by));
        renewed.at = time("18T15:00");
        let decided = renewed.decide();
        assert_eq!(decided.overrides.len(), 0, "{by}");
        let told = lines(&decided.notes).join("\n");
        assert!(told.contains("an earlier one for this commit was confirmed by nobody"), "{told}");
    }
    let mut renewed = case().also(again("Ben")).also(statement("dora", &word, "18T14:40"));
    renewed.at = time("18T15:00");
    assert_eq!(renewed.decide().overrides.len(), 1, "but for one that is confirmed");
    // Nor one that comes only after this look.
    let mut early = case().also(statement("dora", &word, "18T13:30"));
    early.at = time("18T13:00");
    early.counts(&["window"], "18T14:00");
}

#[test]
fn edge_49_t15_the_week_has_room_for_so_many() {
    let case = |known: Vec<FollowUp>| {
        let mut case = Case::new().settings("per-week = 2\n");
        case.evidence.follow_ups = Some(Ok(known));
        case
    };
    let other = |opened| follow_up(EARLIER, opened, false);
    case(vec![other("17T10:00")]).counts(&["window"], "18T16:00");
    case(vec![other("17T10:00"), other("11T12:00")]).refused("there were 2 in the seven days before it");
    case(vec![other("17T10:00"), other("11T11:59")]).counts(&["window"], "18T16:00");
    // Its own follow-up is not another one.
    let own = case(vec![other("17T10:00"), follow_up(HEAD, "18T12:30", true)]);
    own.counts(&["window"], "18T16:00");
    assert_eq!(own.decide().overrides[0].follow_up, Some(follow_up(HEAD, "18T12:30", true)));
    // Several for one commit count each.
    let review = statement("dora", &format!("override: review - x\n{HEAD}"), "18T12:10");
    let decided = case(vec![other("17T10:00")]).also(review.clone()).decide();
    assert_eq!((decided.overrides.len(), decided.notes.len()), (1, 1));
    assert_eq!(case(vec![]).also(review).decide().overrides.len(), 2);
    let none = Case::new().settings("per-week = 0\n");
    none.refused("the policy allows 0");
}

#[test]
fn t15_what_cannot_be_counted_is_not_counted_as_none() {
    let mut case = Case::new().settings("per-week = 2\n");
    case.evidence.follow_ups = None;
    case.unknown("earlier overrides were not counted");
    case.evidence.follow_ups = Some(Err(Failure::new("no token")));
    let decided = case.decide();
    assert_eq!(decided.overrides, []);
    // Once, where it weighs, and with what to do.
    let words = "the override of `window` by ben does not count: earlier overrides cannot be counted: no token";
    assert_eq!(lines(&decided.notes), [format!("unresolved run/override-not-checked {words}")]);
    assert!(decided.notes[0].help.as_deref().unwrap().contains("`issues: read`"));
}

#[test]
fn t15_that_nothing_could_be_asked_is_told_once() {
    let case = Case::new();
    let failure = || Failure::new("there is no token").help("give one");
    let evidence =
        Evidence { statements: Some(Err(failure())), follow_ups: Some(Err(failure())), ..Evidence::default() };
    let told = |settings: &str| {
        let case = Case { settings: format!("{}{settings}", case.settings), statements: vec![], ..Case::new() };
        let decided = decide(&evidence, &case.policy(), &case.change, case.at);
        let help = decided.notes.iter().all(|note| note.help.as_deref() == Some("give one"));
        assert!(help && decided.overrides.is_empty());
        lines(&decided.notes)
    };
    assert_eq!(told(""), ["warning run/override-not-checked there is no token"]);
    assert_eq!(told("overdue = 'block'\n"), ["unresolved run/override-not-checked there is no token"]);
}

#[test]
fn t15_pull_requests_that_cannot_be_read_override_nothing() {
    let case = Case::new();
    let evidence = Evidence { statements: Some(Err(Failure::new("no token"))), ..Evidence::default() };
    let decided = decide(&evidence, &case.policy(), &case.change, case.at);
    assert_eq!(decided.overrides, []);
    assert_eq!(lines(&decided.notes), ["warning run/override-not-checked no token"]);
}

#[test]
fn edge_49_a_follow_up_that_is_overdue_is_told_and_may_block() {
    let with = |settings: &str, opened: &str, open: bool| {
        let mut case = Case::new().settings(settings);
        case.statements.clear();
        case.evidence.follow_ups = Some(Ok(vec![follow_up(EARLIER, opened, open)]));
        case
    };
    let message = "`window` of 0a0a0a0a0a0a were overridden, and the follow-up was due at 2026-11-18T13:00:00Z";
    with("", "15T13:00", true).fails(Severity::Warning, "run/follow-up-overdue", message);
    let block = "overdue = 'block'\n";
    with(block, "15T13:00", true).fails(Severity::Error, "run/follow-up-overdue", message);
    assert_eq!(with(block, "15T13:01", true).decide().notes, []);
    assert_eq!(with(block, "15T13:00", false).decide().notes, []);
    let mut back = with(block, "15T13:00", true);
    back.change.direction = Direction::Rollback("it ran before".into());
    back.fails(Severity::Warning, "run/follow-up-overdue", message);
    let mut unknown = with(block, "15T13:00", true);
    unknown.evidence.follow_ups = Some(Err(Failure::new("no token")));
    unknown.unknown("no token");
}
