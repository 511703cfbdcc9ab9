//! What the runner makes of gates that do not behave.

use jiff::tz::TimeZoneDatabase;
use predeploy_gates::{Change, Context, Stage, Verdict};
use serde_json::value::to_raw_value;

use super::judge;
use super::record::{Answer, Gathered};
use crate::config;

#[test]
fn evidence_of_another_form_is_unresolved_and_harms_no_other_gate() {
    let policy = config::read(
        "predeploy.toml",
        "[gates.tests]\nreports = ['*.xml']\n[[gates.window.deny]]\nzone = 'UTC'\nfrom = '03:00'\nuntil = '04:00'\n",
        None,
    )
    .unwrap();
    let (change, zones) = (Change::everything("a plain folder"), TimeZoneDatabase::bundled());
    let at = "2026-11-18T12:00Z".parse().unwrap();
    let context = Context { at, zones: &zones, change: &change, stage: Stage::Deploy };
    let gathered = |gate: &str, evidence: serde_json::Value| Gathered {
        gate: gate.into(),
        answer: Answer::Evidence(to_raw_value(&evidence).unwrap()),
        took_ms: 0,
    };
    let gates = [
        gathered("tests", serde_json::json!({ "edited": "by hand" })),
        gathered("window", serde_json::json!({ "calendar": null })),
        gathered("no-such-gate", serde_json::json!({})),
    ];
    let judged = judge::judge(&gates, &policy, &context);
    let found: Vec<(&str, &str)> = judged.findings().map(|f| (f.rule.id, f.severity.word())).collect();
    assert_eq!(found, [("run/not-judged", "unresolved"), ("run/not-judged", "unresolved")]);
}

#[test]
fn nothing_asked_is_never_a_pass() {
    assert_eq!(Verdict::of_all([]), Verdict::Unresolved);
    assert_eq!(Verdict::of_all([Verdict::Skipped, Verdict::Skipped]), Verdict::Unresolved);
    assert_eq!(Verdict::of_all([Verdict::Skipped, Verdict::Passed]), Verdict::Passed);
    let worst = [Verdict::Passed, Verdict::Pending, Verdict::Unresolved, Verdict::Blocked];
    for (index, verdict) in worst.iter().enumerate() {
        assert_eq!(Verdict::of_all(worst[..=index].iter().copied()), *verdict);
    }
}
