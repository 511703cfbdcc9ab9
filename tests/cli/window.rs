//! `predeploy window`: open or closed, why, until when; calendars and pictures; waiting.

mod calendar;
mod doubts;

use serde_json::{Value, json};

use crate::support::{Predeploy, Ran, Repo, event};

const OFFICE: &str = r#"
[gates.window]
rollout = "40m"

[[gates.window.allow]]
days = ["mon-fri"]
from = "09:00"
until = "16:00"
zone = "Europe/Berlin"

[[gates.window.deny]]
days = ["wed"]
zone = "UTC"
risk = ["low"]

[[gates.window.deny]]
days = ["fri"]
from = "12:00"
zone = "Europe/Berlin"
name = "late"
reason = "nobody is there"

[environments.staging]

[[environments.production.gates.window.deny]]
days = ["tue"]
zone = "UTC"
"#;

fn repository(policy: &str) -> Repo {
    let repo = Repo::new();
    repo.with("predeploy.toml", policy).commit("policy");
    repo
}

fn window(repo: &Repo, args: &[&str]) -> Predeploy {
    repo.predeploy("window").args(args.iter().copied())
}

#[track_caller]
fn parsed(ran: &Ran, code: i32) -> Value {
    assert_eq!(ran.code, code, "{ran}");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn open_is_told_with_the_line_that_opens_it_and_when_it_closes() {
    let ran = window(&repository(OFFICE), &["--at", "2026-11-18T12:00[Europe/Berlin]"]).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    assert_eq!(
        ran.stdout,
        "open for a rollout of 40m\n  \
         asked for   Wed 2026-11-18 12:00 +01:00 (Europe/Berlin)  2026-11-18 11:00Z\n  \
         a change    of high risk, by predeploy.toml of the working tree\n  \
         because     allow window 1 (mon-fri 09:00-16:00 Europe/Berlin)  [predeploy.toml:5]\n  \
         closes      Wed 2026-11-18 16:00 +01:00 (Europe/Berlin)  2026-11-18 15:00Z  in 4h\n  \
         opens next  Thu 2026-11-19 09:00 +01:00 (Europe/Berlin)  2026-11-19 08:00Z  in 21h\n  \
         fits        a rollout of 40m: it may start up to Wed 2026-11-18 15:20 +01:00\n"
    );
}

#[test]
fn closed_is_told_with_the_line_that_closes_it_and_when_it_opens() {
    let ran = window(&repository(OFFICE), &["--at", "2026-11-20T14:30Z", "--zone", "UTC"]).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (4, ""), "{ran}");
    assert_eq!(
        ran.stdout,
        "closed; it may start Mon 2026-11-23 08:00 +00:00\n  \
         asked for   Fri 2026-11-20 14:30 +00:00 (UTC)\n  \
         a change    of high risk, by predeploy.toml of the working tree\n  \
         because     deny window `late` (fri 12:00-24:00 Europe/Berlin): nobody is there  [predeploy.toml:16]\n  \
         opens       Mon 2026-11-23 08:00 +00:00 (UTC)  in 2d 17h\n  \
         closes next Mon 2026-11-23 15:00 +00:00 (UTC)  in 3d\n  \
         fits        a rollout of 40m: from Mon 2026-11-23 08:00 +00:00 on, in 2d 17h\n"
    );
}

#[test]
fn a_rollout_must_fit() {
    let repo = repository(OFFICE);
    // 15:30 in Berlin: 30 minutes are left.
    let asked =
        |args: &[&str]| window(&repo, &[&["--at", "2026-11-18T14:30Z", "--format", "json"], args].concat()).run();
    let told = parsed(&asked(&[]), 4);
    assert_eq!(
        (&told["open"], &told["fits"], &told["next_fit"], &told["until"]),
        (&json!(true), &json!(false), &json!("2026-11-19T08:00:00Z"), &json!("2026-11-18T15:00:00Z"))
    );
    // To the second; and longer than any opening.
    assert_eq!(parsed(&asked(&["--for", "30m"]), 0)["next_fit"], "2026-11-18T14:30:00Z");
    assert_eq!(parsed(&asked(&["--for", "30m 1s"]), 4)["fits"], false);
    let never = parsed(&asked(&["--for", "8h"]), 4);
    assert_eq!((&never["next_fit"], &never["gates"][0]["rollout_s"]), (&Value::Null, &json!(28800)));
}

/// The exit code says open or closed whatever is printed: `--next` alone is no pass.
#[test]
fn next_prints_one_instant() {
    let repo = repository(OFFICE);
    for (at, code, next) in [
        ("2026-11-18T11:00Z", 0, "2026-11-18T11:00:00Z\n"),
        ("2026-11-18T14:30Z", 4, "2026-11-19T08:00:00Z\n"),
        ("2026-11-20T20:00Z", 4, "2026-11-23T08:00:00Z\n"),
    ] {
        let ran = window(&repo, &["--next", "--at", at]).run();
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (code, next, ""), "{at}");
    }
}

/// Version 1: others read these names.
#[test]
fn the_json_is_what_it_was() {
    let told = parsed(&window(&repository(OFFICE), &["--at", "2026-11-20T14:30Z", "--format", "json"]).run(), 4);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let sorted = |text: &str| {
        let mut words: Vec<&str> = text.split(' ').collect();
        words.sort_unstable();
        words.join(" ")
    };
    assert_eq!(
        sorted(&keys(&told)),
        "at environment fits gates next_close next_fit next_open open policy problems risk simulated tzdb until verdict version why zone"
    );
    let gate = &told["gates"][0];
    assert_eq!(
        sorted(&keys(gate)),
        "accepted beside fits gate lines next_close next_fit next_open open problems regions rollout_s settle_s until verdict why zone"
    );
    assert_eq!(
        sorted(&keys(&gate["lines"][0])),
        "applies effect holds left_out line named only_for place reason region times until"
    );
    assert_eq!(
        (&told["version"], &told["verdict"], &told["zone"]),
        (&json!(1), &json!("pending"), &json!("Europe/Berlin"))
    );
    assert_eq!(told["why"], json!(["deny window `late` (fri 12:00-24:00 Europe/Berlin): nobody is there"]));
    assert_eq!(gate["why"][0]["places"], json!([{ "path": "predeploy.toml", "line": 16 }]));
    assert_eq!(
        (&told["next_open"], &told["next_close"]),
        (&json!("2026-11-23T08:00:00Z"), &json!("2026-11-23T15:00:00Z"))
    );
    assert!(told["tzdb"].as_str().unwrap().starts_with("20"), "{told}");
}

#[test]
fn explain_tells_every_line_also_those_that_do_not_apply() {
    let ran = window(&repository(OFFICE), &["--explain", "--at", "2026-11-18T11:00Z"]).run();
    assert_eq!(ran.code, 0, "{ran}");
    let lines = ran.stdout.split_once("lines of window:\n").unwrap().1;
    assert_eq!(
        lines,
        "  opens it        allow window 1 (mon-fri 09:00-16:00 Europe/Berlin), until Wed 2026-11-18 16:00 +01:00  [predeploy.toml:5]\n  \
         not now         deny window `late` (fri 12:00-24:00 Europe/Berlin): nobody is there, next Fri 2026-11-20 12:00 +01:00  [predeploy.toml:16]\n  \
         does not apply  deny window 1 for low risk: it is for another risk  [predeploy.toml:11]\n"
    );
}

#[test]
fn explain_tells_what_a_line_is_only_for() {
    let scoped = "[[gates.window.deny]]\nzone = \"UTC\"\nname = \"all\"\nrisk = [\"high\", \"medium\"]\npaths = [\"ops\", \"**/*.toml\"]\n\
                  environments = [\"production\"]\n[environments.production]\n";
    let ran =
        window(&repository(scoped), &["--explain", "--environment", "production", "--at", "2026-11-18T11:00Z"]).run();
    let told = "closes it       deny window `all` for high or medium risk, production, files `ops` or `**/*.toml` (";
    assert!(ran.stdout.contains(told), "{ran}");
}

/// A calendar shows all times, also those that are too short: a length would be asked for and not heard.
#[test]
fn a_calendar_takes_no_rollout() {
    let ran = window(&repository(OFFICE), &["--calendar", "1w", "--for", "30m"]).run();
    assert!(ran.code == 2 && ran.stderr.contains("cannot be used with"), "{ran}");
}

#[test]
fn a_line_of_an_environment_is_told_where_it_is_written() {
    let repo = repository(OFFICE);
    let ask = |environment: &str| {
        let args = ["--environment", environment, "--at", "2026-11-24T10:00Z", "--format", "json"];
        window(&repo, &args).run()
    };
    let told = parsed(&ask("production"), 4);
    assert_eq!(
        (&told["environment"], &told["gates"][0]["why"][0]["places"][0]["line"]),
        (&json!("production"), &json!(25))
    );
    assert_eq!(parsed(&ask("staging"), 0)["open"], true);
    assert_eq!(ask("nowhere").code, 2);
}

#[test]
fn regions_are_told_one_by_one() {
    let policy = "[[gates.window.allow]]\nfrom = \"09:00\"\nuntil = \"17:00\"\nzone = \"Europe/Berlin\"\nregion = \"eu\"\n\
                  [[gates.window.allow]]\nfrom = \"09:00\"\nuntil = \"17:00\"\nzone = \"America/New_York\"\nregion = \"us\"\n";
    let repo = repository(policy);
    let args = ["--explain", "--at", "2026-11-18T10:00Z"];
    let ran = window(&repo, &args).run();
    assert!(
        ran.code == 4 && ran.stdout.contains("region eu: open\n") && ran.stdout.contains("region us: closed\n"),
        "{ran}"
    );
    let told = parsed(&window(&repo, &["--format", "json", "--at", "2026-11-18T10:00Z"]).run(), 4);
    let regions = &told["gates"][0]["regions"];
    assert_eq!(
        (&regions[0]["until"], &regions[1]["until"]),
        (&json!("2026-11-18T16:00:00Z"), &json!("2026-11-18T14:00:00Z"))
    );
    assert_eq!(
        (&told["next_open"], &told["next_close"]),
        (&json!("2026-11-18T14:00:00Z"), &json!("2026-11-18T16:00:00Z"))
    );
}

const TWO: &str = "[gates.eu]\nkind = \"window\"\n[gates.us]\nkind = \"window\"\n\
                   [[gates.eu.allow]]\nfrom = \"08:00\"\nuntil = \"16:00\"\nzone = \"UTC\"\n\
                   [[gates.us.allow]]\nfrom = \"14:00\"\nuntil = \"22:00\"\nzone = \"UTC\"\n\
                   [gates.drift]\nfiles = { a = \"a.env\", b = \"b.env\" }\n";

#[test]
fn of_several_gates_all_must_be_open() {
    let repo = repository(TWO);
    let ask = |args: &[&str]| window(&repo, &[&["--at", "2026-11-18T10:00Z"], args].concat()).run();
    let told = parsed(&ask(&["--format", "json"]), 4);
    assert_eq!(
        (&told["open"], &told["next_open"], &told["next_close"], &told["next_fit"]),
        (&json!(false), &json!("2026-11-18T14:00:00Z"), &json!("2026-11-18T16:00:00Z"), &json!("2026-11-18T14:00:00Z"))
    );
    assert_eq!(told["why"], json!(["outside every allow window (every day 14:00-22:00 UTC)"]));
    let gates: Vec<&Value> = told["gates"].as_array().unwrap().iter().map(|gate| &gate["open"]).collect();
    assert_eq!(gates, [true, false]);
    // One of them; and what is not one.
    assert_eq!(parsed(&ask(&["eu", "--format", "json"]), 0)["next_close"], "2026-11-18T16:00:00Z");
    let other = ask(&["drift"]);
    assert!(other.code == 2 && other.stderr.contains("`drift` is no window gate"), "{other}");
    // The two together in a calendar: open where both are.
    let calendar = ask(&["--calendar", "1d", "--show", "open", "--format", "json"]);
    let spans = &parsed(&calendar, 0)["spans"];
    assert_eq!(
        spans,
        &json!([{ "start": "2026-11-18T14:00:00Z", "end": "2026-11-18T16:00:00Z", "open": true, "why": ["eu: allow window 1", "us: allow window 1"] }])
    );
    let text = ask(&[]);
    assert!(text.stdout.contains("\neu: open\n") && text.stdout.contains("\nus: closed\n"), "{text}");
}

/// What cannot be read is never open, and no time is promised.
#[test]
fn an_unreadable_calendar_is_unresolved_in_every_form() {
    let repo = repository("[gates.window]\nfreezes = \"ops/freezes.toml\"\n");
    let ask = |args: &[&str]| window(&repo, &[&["--at", "2026-11-18T10:00Z"], args].concat()).run();
    for args in [
        &[][..],
        &["--next"],
        &["--calendar", "2w"],
        &["--calendar", "2w", "--format", "ics"],
        &["--calendar", "2w", "--format", "svg"],
    ] {
        let ran = ask(args);
        assert_eq!(ran.code, 3, "{args:?} {ran}");
        assert!(ran.stderr.contains("unresolved[window/unreadable-calendar]: ops/freezes.toml: "), "{args:?} {ran}");
        assert!(ran.stdout.is_empty() || args.is_empty(), "{args:?} {ran}");
    }
    let told = parsed(&ask(&["--format", "json"]), 3);
    assert_eq!((&told["open"], &told["until"], &told["next_fit"]), (&json!(false), &Value::Null, &Value::Null));
    assert_eq!(
        (&told["problems"][0]["rule"], &told["problems"][0]["path"]),
        (&json!("window/unreadable-calendar"), &json!("ops/freezes.toml"))
    );
    let calendar = parsed(&ask(&["--calendar", "2w", "--format", "json"]), 3);
    assert_eq!((&calendar["spans"], calendar["problems"].as_array().unwrap().len()), (&json!([]), 1));
    let wait = window(&repo, &["wait", "--max", "1h", "--at", "2026-11-18T10:00Z"]).run();
    assert!(wait.code == 3 && wait.stderr.contains("window/unreadable-calendar"), "{wait}");
}

#[test]
fn windows_that_leave_nothing_open_are_unresolved() {
    let repo = repository("[[gates.window.freeze]]\nfrom = \"2026-01-01\"\nuntil = \"9999-12-30\"\nzone = \"UTC\"\n");
    let ran = window(&repo, &["--at", "2026-11-18T10:00Z"]).run();
    assert!(ran.code == 3 && ran.stdout.starts_with("closed, and nothing opens within two years\n"), "{ran}");
}

/// T12: who names the instant does not get a pass by it in CI.
#[test]
fn t12_an_instant_of_the_command_line_passes_nothing_in_ci() {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", "[[gates.window.deny]]\ndays = [\"sat\"]\nzone = \"UTC\"\n").commit("base");
    repo.origin("main", &base).branch("fix");
    let head = repo.with("a", "a\n").commit("change");
    let ask = |args: &[&str]| window(&repo, args).event(event::pull_request(7, &base, &head)).run();
    let ran = ask(&["--at", "2026-11-18T10:00Z"]);
    assert!(ran.code == 3 && ran.stderr.contains("run/simulated"), "{ran}");
    let next = ask(&["--next", "--at", "2026-11-18T10:00Z"]);
    assert_eq!((next.code, next.stdout.as_str()), (3, ""), "{next}");
    // T02: and the change's own policy does not decide.
    let head = repo.with("predeploy.toml", "[gates.window]\n").commit("mine");
    let ran = window(&repo, &["--format", "json"]).event(event::pull_request(7, &base, &head)).run();
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(told["policy"]["source"], format!("the base, {}", &base[..12]));
    assert_eq!(told["gates"][0]["lines"].as_array().unwrap().len(), 1);
}

#[test]
fn it_waits_until_it_opens_and_no_longer() {
    let repo = repository(OFFICE);
    // A second before nine in Berlin.
    let ran = window(&repo, &["wait", "--max", "1h", "--at", "2026-11-18T07:59:59Z"]).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines.len() == 1 || lines.len() == 2, "{ran}");
    assert!(lines.last().unwrap().starts_with("open for a rollout of 40m"), "{ran}");
    let already = window(&repo, &["wait", "--max", "1h", "--at", "2026-11-18T11:00Z"]).run();
    assert_eq!((already.code, already.stdout.as_str()), (0, "open for a rollout of 40m\n"));
    // Nothing that is read here can open it earlier.
    let vain = window(&repo, &["wait", "--max", "1h", "--at", "2026-11-20T20:00Z"]).run();
    assert!(vain.code == 4 && vain.stdout.ends_with("not waiting, since that is not within 1h\n"), "{vain}");
    assert_eq!(window(&repo, &["wait", "--max", "1h", "--for", "8h", "--at", "2026-11-18T11:00Z"]).run().code, 4);
}

#[test]
fn what_is_asked_wrongly_is_a_usage_error() {
    let repo = repository(OFFICE);
    for args in [
        &["nowhere"][..],
        &["--format", "ics"],
        &["--format", "svg"],
        &["--calendar", "105w"],
        &["--calendar", "soon"],
        &["--show", "open"],
        &["--next", "--calendar", "1w"],
        &["--for", "-1h"],
        &["--zone", "Mars/Olympus"],
        &["--zone", "Etc/Unknown"],
        &["--at", "2026-11-18T12:00"],
        &["wait"],
    ] {
        let ran = window(&repo, args).run();
        assert!(ran.code == 2 && ran.stdout.is_empty(), "{args:?} {ran}");
    }
    let none = window(&repository("[gates.drift]\nfiles = { a = \"a.env\", b = \"b.env\" }\n"), &[]).run();
    assert!(none.code == 2 && none.stderr.contains("the policy has no window gate"), "{none}");
}

/// `examples/windows`, as its README tells it.
#[test]
fn the_example_answers() {
    let repo = crate::support::examples::copy_of("windows");
    let ask = |at: &str| window(&repo, &["--at", at, "--format", "json"]).run();
    // New York opens at 15:00 in Berlin; ten minutes later people have arrived.
    assert_eq!(parsed(&ask("2026-12-07T14:05Z"), 4)["next_fit"], "2026-12-07T14:10:00Z");
    assert_eq!(parsed(&ask("2026-12-07T14:10Z"), 0)["next_close"], "2026-12-07T17:00:00Z");
    // The last start before the inventory.
    assert_eq!(parsed(&ask("2026-12-08T14:20Z"), 0)["until"], "2026-12-08T15:00:00Z");
    let told = parsed(&ask("2026-12-08T15:30Z"), 4);
    assert_eq!(
        told["why"],
        json!([
            r#"deny window `sales` (events of ops/freezes.ics America/New_York; "Freeze for the inventory" in line 11)"#
        ])
    );
    assert_eq!(told["next_fit"], "2026-12-09T14:10:00Z");
    // Thanksgiving and Black Friday.
    assert_eq!(parsed(&ask("2026-11-26T15:00Z"), 4)["next_open"], "2026-12-01T14:00:00Z");
}
