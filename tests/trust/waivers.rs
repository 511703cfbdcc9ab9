//! T01: a change that waives itself.

use crate::support::{Forge, Pull, Ran, Repo, event, policies};

const FOREVER: &str = "2999-12-31";

fn waiver(until: &str) -> String {
    format!(
        "\n[[waiver]]\nrule = \"drift/missing-key\"\nmatch = \"B\"\nreason = \"it comes later\"\nowner = \"bob\"\nuntil = \"{until}\"\n"
    )
}

fn comment(until: &str) -> String {
    format!("# predeploy: allow drift/placeholder until={until} reason=\"filled in at start\"\nSECRET=CHANGEME\n")
}

/// A base, and a pull request that changes it.
struct Case {
    repo: Repo,
    base: String,
    head: String,
}

impl Case {
    fn new(policy: &str, base: impl FnOnce(&Repo), change: impl FnOnce(&Repo)) -> Self {
        let repo = Repo::new();
        repo.with("predeploy.toml", policy).with("a.env", "A=1\n").with("b.env", "A=1\n");
        base(&repo);
        let base = repo.commit("base");
        repo.origin("main", &base).branch("fix");
        change(&repo);
        let head = repo.commit("change");
        Self { repo, base, head }
    }

    fn check(&self) -> crate::support::Predeploy {
        self.repo.check().event(event::pull_request(7, &self.base, &self.head))
    }

    fn run(&self) -> Ran {
        self.check().run()
    }
}

/// The base allows bob and alice to approve; alice's change misses a key and brings a waiver for it.
fn proposed() -> Case {
    let policy = format!("{}[waivers]\napprovers = [\"bob\", \"alice\"]\n", policies::SAME_KEYS);
    Case::new(
        &policy,
        |_| {},
        |repo| {
            repo.with("predeploy.toml", format!("{policy}{}", waiver(FOREVER))).with("a.env", "A=1\nB=2\n");
        },
    )
}

#[test]
fn t01_a_waiver_of_the_base_is_accepted_and_shown() {
    let policy = format!("{}{}", policies::SAME_KEYS, waiver(FOREVER));
    let case = Case::new(&policy, |_| {}, |repo| _ = repo.with("a.env", "A=1\nB=2\n"));
    let ran = case.run();
    ran.is("passed").lacks("run/waiver-proposed");
    assert_eq!(ran.the("drift/missing-key")["waived"]["reason"], "it comes later");
}

#[test]
fn t01_a_waiver_that_the_change_brings_only_proposes() {
    let case = proposed();
    let forge = Forge::knowing().pull(Pull::new(7, &case.head)).start();
    let ran = case.check().forge(&forge).run();
    ran.is("blocked").says("run/waiver-proposed", &["drift/missing-key", "only proposes"]);
    assert!(ran.the("drift/missing-key")["waived"].is_null());
}

#[test]
fn t01_a_later_end_or_a_wider_match_is_another_waiver() {
    let short = format!("{}{}", policies::SAME_KEYS, waiver("2020-01-01"));
    for edited in [short.replace("2020-01-01", FOREVER), short.replace("match = \"B\"\n", "").replace("2020", "2998")] {
        let case =
            Case::new(&short, |_| {}, |repo| _ = repo.with("predeploy.toml", &edited).with("a.env", "A=1\nB=2\n"));
        case.run().is("blocked").says("run/waiver-proposed", &["only proposes"]);
    }
}

#[test]
fn t01_a_comment_of_the_base_is_accepted_and_one_of_the_change_only_proposes() {
    let known = Case::new(
        policies::SAME_KEYS,
        |repo| _ = repo.with("b.env", format!("A=1\n{}", comment(FOREVER))),
        |repo| _ = repo.with("b.env", format!("A=2\n{}", comment(FOREVER))),
    );
    known.run().is("passed");
    let brought = Case::new(
        policies::SAME_KEYS,
        |_| {},
        |repo| {
            repo.with("b.env", format!("A=1\n{}", comment(FOREVER)));
        },
    );
    brought.run().is("blocked").says("run/waiver-proposed", &["drift/placeholder"]);
}

#[test]
fn t01_a_comment_does_not_travel_with_a_copy_or_to_other_code() {
    let moved = Case::new(
        &policies::SAME_KEYS.replace("b.env", "c.env"),
        |repo| _ = repo.with("b.env", format!("A=1\n{}", comment(FOREVER))).with("c.env", "A=1\n"),
        |repo| _ = repo.with("c.env", format!("A=1\n{}", comment(FOREVER))),
    );
    moved.run().is("blocked");
    let other = Case::new(
        policies::SAME_KEYS,
        |repo| _ = repo.with("b.env", format!("A=1\n{}", comment(FOREVER))),
        |repo| _ = repo.with("b.env", format!("A=1\n{}", comment(FOREVER).replace("SECRET", "TOKEN"))),
    );
    other.run().is("blocked").says("run/waiver-proposed", &["only proposes"]);
}

#[test]
fn t01_a_comment_is_no_more_believed_where_the_event_names_no_base() {
    let case = Case::new(
        policies::SAME_KEYS,
        |_| {},
        |repo| {
            repo.with("b.env", format!("A=1\n{}", comment(FOREVER)));
        },
    );
    for event in [event::manual("workflow_dispatch", &case.head), event::manual("release", &case.head)] {
        case.repo.check().event(event).run().is("blocked").says("run/waiver-proposed", &["drift/placeholder"]);
    }
}

#[test]
fn t01_a_second_push_does_not_make_the_first_ones_waiver_an_accepted_one() {
    let case = Case::new(
        policies::SAME_KEYS,
        |_| {},
        |repo| {
            repo.with("b.env", format!("A=1\n{}", comment(FOREVER)));
        },
    );
    let second = case.repo.with("README.md", "again\n").commit("push once more");
    let ran = case.repo.check().event(event::push("refs/heads/fix", &case.head, &second)).run();
    ran.is("blocked").says("run/waiver-proposed", &["drift/placeholder"]);
    assert_eq!(ran.files(), ["A README.md", "M b.env"]);
}

#[test]
fn t01_someone_named_who_approved_this_revision_makes_a_proposal_count() {
    let case = proposed();
    let forge = Forge::knowing().pull(Pull::new(7, &case.head).approved("Bob", &case.head)).start();
    let ran = case.check().forge(&forge).run();
    ran.is("passed").lacks("run/waiver-proposed");
    assert_eq!(ran.the("drift/missing-key")["waived"]["owner"], "bob");
    let comment = Case::new(
        &format!("{}[waivers]\napprovers = [\"bob\"]\n", policies::SAME_KEYS),
        |_| {},
        |repo| _ = repo.with("b.env", format!("A=1\n{}", comment(FOREVER))),
    );
    let forge = Forge::knowing().pull(Pull::new(7, &comment.head).approved("bob", &comment.head)).start();
    comment.check().forge(&forge).run().is("passed");
}

#[test]
fn t01_no_other_approval_makes_a_proposal_count() {
    let case = proposed();
    let pull = || Pull::new(7, &case.head);
    for (why, pull) in [
        ("nobody's", pull()),
        ("the author's own", pull().approved("alice", &case.head)),
        ("of an earlier revision", pull().approved("bob", &case.base)),
        ("of someone who contributed", pull().contributor("bob").approved("bob", &case.head)),
        ("of someone who contributed, in other letters", pull().contributor("BOB").approved("bob", &case.head)),
        ("of someone whom the policy does not name", pull().approved("carol", &case.head)),
        ("of a machine of that name", pull().reviewed("APPROVED", "Bot", "bob", &case.head)),
        ("withdrawn", pull().approved("bob", &case.head).reviewed("CHANGES_REQUESTED", "User", "bob", &case.head)),
        ("dismissed", pull().approved("bob", &case.head).reviewed("DISMISSED", "User", "bob", &case.head)),
        ("only a comment", pull().reviewed("COMMENTED", "User", "bob", &case.head)),
        ("not submitted", pull().reviewed("PENDING", "User", "bob", &case.head)),
    ] {
        let forge = Forge::knowing().pull(pull).start();
        let ran = case.check().forge(&forge).run();
        assert_eq!(ran.code, 1, "an approval {why}\n{ran}");
        ran.says("run/waiver-proposed", &["only proposes"]);
    }
}

#[test]
fn t01_approvers_whom_the_change_names_itself_do_not_count() {
    let case = Case::new(
        policies::SAME_KEYS,
        |_| {},
        |repo| {
            let approvers = "[waivers]\napprovers = [\"mallory\"]\n";
            repo.with("predeploy.toml", format!("{}{approvers}{}", policies::SAME_KEYS, waiver(FOREVER)));
            repo.with("a.env", "A=1\nB=2\n");
        },
    );
    let forge = Forge::knowing().pull(Pull::new(7, &case.head).approved("mallory", &case.head)).start();
    case.check().forge(&forge).run().is("blocked").says("run/waiver-proposed", &["only proposes"]);
}

#[test]
fn t01_without_a_forge_to_ask_a_proposal_does_not_count() {
    let case = proposed();
    let ran = case.run();
    ran.is("blocked").says("run/waiver-not-checked", &["there is no token"]);
    assert!(ran.the("drift/missing-key")["waived"].is_null(), "{ran}");
}

#[test]
fn t01_the_last_day_counts_to_its_end_and_after_it_the_finding_is_back() {
    let policy = format!("{}{}", policies::SAME_KEYS, waiver("2026-03-31"));
    let repo = Repo::new();
    repo.with("predeploy.toml", policy).with("a.env", "A=1\nB=2\n").with("b.env", "A=1\n").commit("base");
    let at = |at: &str| repo.check().args(["--at", at]).run();
    at("2026-03-31T23:59:59Z").is("passed").lacks("run/waiver-expired");
    let over = at("2026-04-01T00:00:00Z");
    over.is("blocked").says("run/waiver-expired", &["ended on 2026-03-31", "bob"]);
}

#[test]
fn t01_an_unused_waiver_is_a_note_of_full_runs_only() {
    let policy = format!("{}{}{}", policies::SAME_KEYS, waiver(FOREVER), policies::FROZEN);
    let repo = Repo::new();
    repo.with("predeploy.toml", policy).with("a.env", "A=1\n").with("b.env", "A=1\n").commit("base");
    let full = repo.check().run();
    full.is("pending").says("run/waiver-unused", &["drift/missing-key"]);
    assert_eq!(full.the("run/waiver-unused")["severity"], "note");
    repo.check().args(["drift"]).run().is("passed").lacks("run/waiver-unused");
}

#[test]
fn t01_a_waiver_without_reason_owner_end_or_rule_is_an_error() {
    let whole = waiver(FOREVER);
    let repo = Repo::new();
    repo.with("a.env", "A=1\n").with("b.env", "A=1\n");
    for key in ["rule", "reason", "owner", "until"] {
        let lacking: String =
            whole.lines().filter(|line| !line.starts_with(key)).map(|line| format!("{line}\n")).collect();
        repo.with("predeploy.toml", format!("{}{lacking}", policies::SAME_KEYS));
        repo.check().run().is_usage_error(&[&format!("`{key}` is missing in `[waiver]`"), "predeploy.toml:"]);
    }
    repo.with("predeploy.toml", format!("{}{}", policies::SAME_KEYS, waiver("soon")));
    repo.check().run().is_usage_error(&["predeploy.toml:"]);
}

#[test]
fn t01_a_malformed_comment_blocks_and_waives_nothing() {
    for (words, why) in [
        ("allow drift/placeholder until=2999-12-31", "it has no reason"),
        ("allow drift/placeholder reason=\"r\"", "it has no end"),
        ("allow until=2999-12-31 reason=\"r\"", "it names no rule"),
    ] {
        let case = Case::new(
            policies::SAME_KEYS,
            |_| {},
            |repo| {
                repo.with("b.env", format!("A=1\n# predeploy: {words}\nB=CHANGEME\n"));
            },
        );
        let ran = case.run();
        ran.is("blocked").says("run/waiver-malformed", &[why]).says("drift/placeholder", &["`B`"]);
    }
}

#[test]
fn t01_what_could_not_be_determined_cannot_be_waived() {
    let policy = format!(
        "{}{}",
        policies::SAME_KEYS,
        waiver(FOREVER).replace("drift/missing-key", "drift/unreadable-file").replace("match = \"B\"\n", "")
    );
    let case = Case::new(&policy, |_| {}, |repo| _ = repo.with("b.env", [0xff, 0xfe, 0x00]));
    case.run().is("unresolved").says("drift/unreadable-file", &["b.env"]);
}
