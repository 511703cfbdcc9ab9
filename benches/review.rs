//! What it costs to judge a recorded change of 3,000 files by a CODEOWNERS of 500 lines and 100 reviews, beside reading the same
//! evidence as JSON of no form (`serde_json::Value`) in the same run.
//!
//! `cargo bench --bench review`. What is judged is the text of the evidence, as in every run and every replay: reading it is part
//! of judging. Each file has owners, who are teams; a rule of paths and the guarded files ask, too. The two take turns; the
//! medians are told.

use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::tz::TimeZoneDatabase;
use predeploy_gates::{Change, Context, GATES, Stage};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Turns of each. The median is told.
const ROUNDS: usize = 51;
const FILES: usize = 3_000;
const LINES: usize = 500;
const REVIEWS: usize = 100;
const HEAD: &str = "7f3c000000000000000000000000000000000000";
const POLICY: &str = "{ owners = 'any', approvals = 2, rule = [{ paths = ['services/s1*/**'], approvals = 3 }] }";

fn main() {
    let row = GATES.iter().find(|row| row.kind == "review").expect("there is such a gate");
    let table = toml::de::ValueDeserializer::parse(POLICY).expect("it is TOML");
    let gate = (row.read)(table).expect("it is a policy");
    let text = evidence().to_string();
    let evidence = RawValue::from_string(text.clone()).expect("it is JSON");
    let change = change();
    let zones = TimeZoneDatabase::bundled();
    let context = Context {
        at: "2026-11-18T12:00Z".parse().expect("a time"),
        zones: &zones,
        change: &change,
        stage: Stage::Deploy,
    };
    let (mut judging, mut reading) = (vec![], vec![]);
    let mut findings = 0;
    for _ in 0..ROUNDS {
        judging.push(timed(|| {
            let outcome = gate.judge(black_box(&evidence), &context).expect("it is of the form");
            findings = outcome.findings.len();
        }));
        reading.push(timed(|| drop(black_box(serde_json::from_str::<Value>(&text)))));
    }
    let [judging, reading] = [judging, reading].map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    println!(
        "{FILES} files, {LINES} lines of CODEOWNERS, {REVIEWS} reviews, {} bytes; {findings} findings",
        text.len()
    );
    println!("judge                      {:>8.2} ms", ms(judging));
    println!("serde_json::Value alone    {:>8.2} ms", ms(reading));
    println!("judge / Value              {:>8.2}", ms(judging) / ms(reading));
}

fn change() -> Change {
    let mut change = Change::everything("made up");
    change.head = Some(HEAD.into());
    change.pull_requests = vec![12];
    change
}

fn evidence() -> Value {
    let files: Vec<String> =
        (0..FILES).map(|i| format!("services/s{}/module{}/src/file{i}.rs", i % 40, i % 13)).collect();
    let lines: String =
        (0..LINES).map(|i| format!("/services/s{}/module{}/ @shop/team{}\n", i % 40, i % 13, i % 25)).collect();
    let opinions = ["approved", "commented", "changes-requested", "dismissed"];
    let reviews: Vec<Value> = (0..REVIEWS)
        .map(|i| {
            json!({ "by": { "login": format!("person{}", i % 30) }, "opinion": opinions[i % 4], "commit": HEAD, "may-write": true,
                    "at": format!("2026-11-{:02}T10:{:02}:00Z", i / 60 + 1, i % 60) })
        })
        .collect();
    let teams: serde_json::Map<String, Value> =
        (0..25).map(|i| (format!("shop/team{i}"), json!([format!("person{i}"), format!("person{}", i + 4)]))).collect();
    let read = json!({
        "number": 12, "url": "https://forge.example/12", "title": "x", "state": "open", "author": { "login": "alice" },
        "base-branch": "main", "head": HEAD, "reviews": reviews,
        "commits": [{ "id": HEAD, "authors": [{ "account": { "login": "alice" } }] }],
    });
    json!({
        "pull-requests": [{ "number": 12, "answer": { "given": read }, "files": { "given": files } }],
        "owners": { "base": { "given": { "path": ".github/CODEOWNERS", "text": lines } } },
        "people": { "given": { "teams": teams } },
        "in-ci": true,
    })
}

fn timed(work: impl FnOnce()) -> Duration {
    let since = Instant::now();
    work();
    since.elapsed()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
