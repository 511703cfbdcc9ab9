//! Local times around transitions of 83 zones, resolved to instants by Python's zoneinfo: a freeze that starts or ends at
//! such a time must start or end at that instant. The corpus lies beside the repository and is not part of it.

use jiff::tz::TimeZoneDatabase;
use jiff::{Timestamp, ToSpan};
use predeploy_gates::{Change, Context, GATES, Outcome, Stage};
use serde::Deserialize;
use serde_json::value::to_raw_value;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus/window/local_resolve.json");

#[derive(Deserialize)]
struct Corpus {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    tz: String,
    local: String,
    kind: Kind,
    /// The instant; the first of two; in a gap by the offset before it.
    compatible: Timestamp,
    /// The second of two.
    later: Option<Timestamp>,
    /// When the clock skips the local time.
    transition: Option<Timestamp>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Unambiguous,
    Gap,
    Fold,
}

/// The corpus has the rules of 2026f; jiff brings 2026e, which does not know yet what 2026f says of Cuba's winter of 2026.
const NEWER_RULES: &str = "America/Havana 2026-12-15T12:00:00";

#[test]
fn boundaries_are_the_instants_of_the_corpus() {
    let Ok(corpus) = std::fs::read_to_string(CORPUS) else {
        println!("skipped: there is no {CORPUS}");
        return;
    };
    let corpus: Corpus = serde_json::from_str(&corpus).unwrap();
    let zones = TimeZoneDatabase::bundled();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for case in &corpus.cases {
        let (start, end) = match case.kind {
            Kind::Unambiguous => (case.compatible, case.compatible),
            Kind::Gap => (case.transition.unwrap(), case.transition.unwrap()),
            Kind::Fold => (case.compatible, case.later.unwrap()),
        };
        let starts = format!("from = \"{}\"\nuntil = \"2040-01-01\"", case.local);
        let ends = format!("from = \"2000-01-01\"\nuntil = \"{}\"", case.local);
        for (freeze, instant, then) in [(starts, start, true), (ends, end, false)] {
            let closed = |at| closed(&format!("[[freeze]]\n{freeze}\nzone = \"{}\"", case.tz), at, &zones);
            checked += 1;
            if closed(instant - 1.second()) == then || closed(instant) != then {
                wrong.push(format!("{} {}", case.tz, case.local));
            }
        }
    }
    wrong.retain(|case| case != NEWER_RULES);
    assert_eq!(wrong, [""; 0]);
    assert!(checked > 4000, "only {checked} boundaries were checked");
}

fn closed(policy: &str, at: Timestamp, zones: &TimeZoneDatabase) -> bool {
    let row = GATES.iter().find(|row| row.kind == "window").unwrap();
    let table = toml::de::DeValue::Table(toml::de::DeTable::parse(policy).unwrap().into_inner());
    let gate = (row.read)(toml::Spanned::new(0..policy.len(), table).into()).unwrap();
    let evidence = to_raw_value(&serde_json::json!({ "calendar": null })).unwrap();
    let change = Change::everything("a plain folder");
    let outcome: Outcome =
        gate.judge(&evidence, &Context { at, zones, change: &change, stage: Stage::Deploy }).unwrap();
    !outcome.findings.is_empty()
}
