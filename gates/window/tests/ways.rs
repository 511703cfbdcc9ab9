//! What is told beside the answer: that a copy of a calendar is used, and what would be open for less risk.

use super::answers::{answer, at};
use crate::fake::Fake;
use crate::window::Window;
use crate::{Cheaper, Instead, Page, RiskLevel, Severity};

const FRIDAYS: &str = "[[deny]]\ndays = [\"fri\"]\nzone = \"UTC\"\nrisk = [\"high\"]\n";

fn high(instant: &str, level: RiskLevel) -> Fake {
    let mut fake = at(instant);
    fake.change.risk.level = RiskLevel::High;
    fake.change.risk.cheaper =
        Some(Cheaper { level, how: "without db/3.sql the risk would be medium: split it off".into() });
    fake
}

#[test]
fn what_would_be_open_for_less_risk_is_told() {
    let friday = "2026-11-20T12:00Z";
    let help = |fake: Fake, policy: &str| {
        let outcome = fake.ask::<Window>(policy).unwrap();
        outcome.findings.into_iter().find(|found| found.severity == Severity::Pending).unwrap().help.unwrap()
    };
    let told = help(high(friday, RiskLevel::Medium), FRIDAYS);
    assert_eq!(
        told,
        "ask again from Sat 2026-11-21 00:00 +00:00 (UTC) on; or now: without db/3.sql the risk would be medium: split it off"
    );
    // Also one that does not fit, and one that misses an opening.
    let rollout = format!("rollout = \"2h\"\n{FRIDAYS}");
    assert!(help(high("2026-11-19T23:00Z", RiskLevel::Medium), &rollout).contains("split it off"));
    let opening = "[[allow]]\nzone = \"UTC\"\ndays = [\"mon\"]\nrisk = [\"high\"]\n[[allow]]\nzone = \"UTC\"\nrisk = [\"medium\"]";
    assert!(help(high(friday, RiskLevel::Medium), opening).contains("split it off"));
    // Where it would be closed all the same, there is no such way.
    for policy in [FRIDAYS.replace("\"high\"", "\"high\", \"medium\""), FRIDAYS.replace("risk = [\"high\"]\n", "")] {
        assert!(!help(high(friday, RiskLevel::Medium), &policy).contains("split it off"), "{policy}");
    }
    // Nor while a calendar cannot be read.
    let unread = format!("{FRIDAYS}[[deny]]\nics = \"none.ics\"\nzone = \"UTC\"");
    assert!(!help(high(friday, RiskLevel::Medium), &unread).contains("split it off"));
}

#[test]
fn that_a_copy_of_a_calendar_is_used_is_told() {
    let address = "https://ben:sesame@calendar.example/ops.ics?key=sesame";
    let policy = format!("[[deny]]\nics = \"{address}\"\nzone = \"UTC\"\nexpect-events = false\nmax-age = \"2h\"");
    let mut fake = at("2026-11-18T12:00Z");
    let text = "BEGIN:VCALENDAR\nEND:VCALENDAR\n".to_owned();
    let page = Page {
        text,
        at: "2026-11-18T10:30Z".parse().unwrap(),
        instead: Some(Instead { why: "it answers with 503".into(), age_s: 5400 }),
    };
    fake.pages.insert(address.into(), Ok(page.clone()));
    assert_eq!(
        answer(&fake.ask::<Window>(&policy).unwrap()),
        [
            "passed: open, and nothing closes it within two years",
            "warning window/unreadable-calendar there is only a copy of the calendar https://calendar.example/ops.ics?… of 2026-11-18T10:30:00Z, 1h 30m old: it answers with 503",
        ]
    );
    let older = Page { instead: Some(Instead { why: "it answers with 503".into(), age_s: 7201 }), ..page };
    fake.pages.insert(address.into(), Ok(older));
    let told = answer(&fake.ask::<Window>(&policy).unwrap());
    assert!(
        told[0].starts_with("unresolved") && told[1].contains("older than `max-age` (2h): it answers with 503"),
        "{told:?}"
    );
}
