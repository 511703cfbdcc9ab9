//! T15, and the edge cases 47 to 52: every way to an override that must not count.

mod limits;
mod week;

use jiff::Timestamp;
use predeploy_gates::{Change, Direction, Failure, Finding, FollowUp, People, Permission, Person, Remark, Severity};

use super::said::{Said, said};
use super::{Confirmation, Contributors, Decided, Evidence, Statement, decide};
use crate::config::{self, Policy};

const HEAD: &str = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d";
const EARLIER: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";

const GATES: &str = "
[gates.window]
[[gates.window.allow]]
zone = 'UTC'
[gates.review]
[gates.tests]
reports = ['*.xml']
[gates.unit]
kind = 'tests'
reports = ['*.xml']
";

/// What is said at noon on a Wednesday, and judged at one.
struct Case {
    settings: String,
    statements: Vec<Statement>,
    evidence: Evidence,
    change: Change,
    at: Timestamp,
}

fn time(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

fn person(login: &str) -> Option<Person> {
    Some(Person { login: login.into(), bot: false })
}

fn statement(by: &str, text: &str, at: &str) -> Statement {
    Statement {
        pull_request: 7,
        by: person(by),
        text: text.into(),
        at: time(at),
        edited: false,
        url: Some(format!("https://forge.example/7#{by}")),
    }
}

fn follow_up(commit: &str, opened: &str, open: bool) -> FollowUp {
    let url = format!("https://forge.example/issues/{opened}");
    FollowUp { url, commit: commit.into(), gates: vec!["window".into()], opened: time(opened), open }
}

impl Case {
    /// By ben, who may; alice made the change.
    fn new() -> Self {
        let mut change = Change::everything("a plain folder");
        change.head = Some(HEAD.into());
        let contributors = Contributors { logins: vec!["alice".into(), "Carol".into()], anonymous: vec![] };
        Self {
            settings: "users = ['Ben', 'carol', 'dora']\ngates = ['window', 'review']\n".into(),
            statements: vec![statement("ben", &format!("override: window — it burns\n{HEAD}"), "18T12:00")],
            evidence: Evidence {
                contributors: Some(Ok(contributors)),
                follow_ups: Some(Ok(vec![])),
                remarks: Some(Ok(vec![])),
                ..Evidence::default()
            },
            change,
            at: time("18T13:00"),
        }
    }

    fn settings(mut self, more: &str) -> Self {
        self.settings.push_str(more);
        self
    }

    fn text(mut self, text: &str) -> Self {
        self.statements[0].text = text.into();
        self
    }

    fn also(mut self, statement: Statement) -> Self {
        self.statements.push(statement);
        self
    }

    fn policy(&self) -> Policy {
        config::read("predeploy.toml", &format!("[override]\n{}{GATES}", self.settings), None).unwrap()
    }

    fn decide(&self) -> Decided {
        let mut evidence = self.evidence.clone();
        evidence.statements = Some(Ok(self.statements.clone()));
        // As a replay reads it.
        let saved = serde_json::to_string(&evidence).unwrap();
        decide(&serde_json::from_str(&saved).unwrap(), &self.policy(), &self.change, self.at)
    }

    /// It counts, for these gates, until then.
    #[track_caller]
    fn counts(&self, gates: &[&str], until: &str) {
        let decided = self.decide();
        assert_eq!(lines(&decided.notes), [""; 0]);
        let found: Vec<_> = decided.overrides.iter().map(|one| (one.gates.clone(), one.until)).collect();
        assert_eq!(found, [(gates.iter().map(ToString::to_string).collect(), time(until))]);
    }

    /// Nothing counts, and this is said.
    #[track_caller]
    fn fails(&self, severity: Severity, rule: &str, words: &str) {
        let decided = self.decide();
        assert_eq!(decided.overrides, []);
        let [note] = decided.notes.as_slice() else { panic!("{:?}", lines(&decided.notes)) };
        assert_eq!((note.severity, note.rule.id), (severity, rule), "{}", note.message);
        assert!(note.message.contains(words), "`{words}` is not in `{}`", note.message);
    }

    #[track_caller]
    fn refused(&self, words: &str) {
        self.fails(Severity::Warning, "run/override-refused", words);
    }

    #[track_caller]
    fn unknown(&self, words: &str) {
        self.fails(Severity::Unresolved, "run/override-not-checked", words);
    }
}

fn lines(notes: &[Finding]) -> Vec<String> {
    notes.iter().map(|note| format!("{} {} {}", note.severity.word(), note.rule.id, note.message)).collect()
}

#[test]
fn edge_49_an_override_names_gates_a_commit_a_reason_and_an_end() {
    Case::new().counts(&["window"], "18T16:00");
    Case::new().settings("lasts = '90m'\n").counts(&["window"], "18T13:30");
    let all = [
        "override: review, window - it burns",
        "Override: `review`,window \u{2013} x",
        "override:window,review\u{2014}x",
    ];
    for text in all {
        Case::new().text(&format!("Hello\n{text}\r\n\nfor {HEAD}.")).counts(&["review", "window"], "18T16:00");
    }
    let decided = Case::new().decide();
    assert_eq!(decided.overrides[0].words(), "overridden by ben until 2026-11-18T16:00:00Z: it burns");
}

#[test]
fn edge_49_a_name_means_a_gate_and_a_kind_means_all_of_it() {
    let accepted = "i-accept-untested = true\n";
    let both = Case::new().text(&format!("override: tests - x\n{HEAD}"));
    let settings = "users = ['ben']\ngates = ['tests']\n";
    let both = Case { settings: format!("{settings}{accepted}"), ..both };
    both.counts(&["tests", "unit"], "18T16:00");
    let one = Case { settings: format!("users = ['ben']\ngates = ['unit']\n{accepted}"), ..both };
    one.refused("the policy lets nobody override `tests`");
    one.text(&format!("override: unit - x\n{HEAD}")).counts(&["unit"], "18T16:00");
}

#[test]
fn edge_49_what_is_quoted_hidden_or_code_is_not_said() {
    let not_said = [
        "> override: window - x",
        "```\noverride: window - x\n```",
        "~~~\n```\noverride: window - x\n~~~",
        "<!-- \noverride: window - x\n-->",
        "<!-- override: window - x -->",
        "    override: window - x",
        "\toverride: window - x",
        "> mallory wrote:\noverride: window - x",
        "````\n```\noverride: window - x\n````",
        "a <!-- b --> <!--\noverride: window - x\n-->",
        "<pre>\noverride: window - x\n</pre>",
        "- override: window - x",
        "# override: window - x",
        "please override: window - x",
        "override window - x",
    ];
    for text in not_said {
        assert_eq!(said(text), [], "{text}");
        let decided = Case::new().text(&format!("{text}\n{HEAD}")).decide();
        assert_eq!((decided.overrides.len(), lines(&decided.notes).len()), (0, 0), "{text}");
    }
    let reason = |text: &str| match said(text).as_slice() {
        [Said::Override { reason, gates, environment: None }] => (gates.join("+"), reason.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(reason("override: a-b, c - d - e — f"), ("a-b+c".into(), "d - e — f".into()));
    assert_eq!(reason("<!-- x -->\noverride: a"), ("a".into(), String::new()));
}

#[test]
fn t15_an_override_from_before_the_last_push_is_for_another_commit() {
    let case = Case::new().text(&format!("override: window - x\n{EARLIER}"));
    case.fails(Severity::Note, "run/override-refused", "it does not quote 1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d");
}

#[test]
fn t15_a_short_or_a_longer_id_is_no_id() {
    for id in [&HEAD[..7], &HEAD[..39], &format!("{HEAD}0"), ""] {
        let case = Case::new().text(&format!("override: window - x\n{id}"));
        case.fails(Severity::Note, "run/override-refused", "the whole id of the commit");
    }
    Case::new().text(&format!("override: window - x {}", HEAD.to_uppercase())).counts(&["window"], "18T16:00");
}

#[test]
fn t15_uncommitted_work_and_what_has_no_commit_cannot_be_overridden() {
    let mut case = Case::new();
    case.change.working_tree = true;
    case.refused("what ships is no commit");
    case.change.working_tree = false;
    case.change.head = None;
    case.refused("what ships is no commit");
}

#[test]
fn edge_51_t15_an_edited_override_does_not_count() {
    let mut case = Case::new();
    case.statements[0].edited = true;
    case.refused("its text was edited");
}

#[test]
fn t15_the_author_and_whoever_contributed_may_not() {
    let mut case = Case::new().settings("permission = 'write'\n");
    let mut people = People::default();
    people.permissions.insert("carol".into(), Some(Permission::Admin));
    case.evidence.people = Some(Ok(people));
    case.statements[0].by = person("carol");
    case.refused("carol contributed to the change");
    case.statements[0].by = person("ALICE");
    case.refused("ALICE contributed to the change");
}

#[test]
fn t15_a_commit_of_somebody_unknown_could_be_anybody_s() {
    let mut case = Case::new();
    let anonymous = vec!["commit c0ffee".to_string()];
    case.evidence.contributors = Some(Ok(Contributors { logins: vec!["alice".into()], anonymous }));
    case.refused("commit c0ffee is by somebody of whom the forge knows no account");
    case.evidence.contributors = Some(Err(Failure::new("the clone is shallow")));
    case.unknown("the clone is shallow");
    case.evidence.contributors = None;
    case.unknown("not asked who contributed");
}

#[test]
fn t15_a_machine_and_a_deleted_account_may_not() {
    let mut case = Case::new().settings("permission = 'read'\n");
    case.settings = case.settings.replace("'Ben'", "'deploy[bot]', 'ben'");
    case.statements[0].by = Some(Person { login: "ben".into(), bot: true });
    case.refused("it is a machine's");
    case.statements[0].by = person("deploy[bot]");
    case.refused("it is a machine's");
    case.statements[0].by = None;
    case.refused("its account was deleted");
}

#[test]
fn t15_somebody_whom_the_policy_does_not_name_may_not() {
    let mut case = Case::new();
    case.statements[0].by = person("eve");
    case.refused("the policy does not let eve override");
}

#[test]
fn t15_teams_and_permissions_must_be_known() {
    let with = |settings: &str, people: Option<Result<People, Failure>>| {
        let mut case = Case::new();
        case.settings = format!("gates = ['window']\n{settings}");
        case.evidence.people = people;
        case
    };
    let people = |members: Option<&[&str]>, permission: Option<Permission>| {
        let mut people = People::default();
        let members = members.map(|all| all.iter().map(ToString::to_string).collect());
        people.teams.insert("acme/on-call".into(), members);
        people.permissions.insert("ben".into(), permission);
        Some(Ok(people))
    };
    let team = "teams = ['Acme/On-Call']\n";
    with(team, people(Some(&["BEN"]), None)).counts(&["window"], "18T16:00");
    with(team, people(Some(&["dora"]), None)).refused("the policy does not let ben override");
    with(team, people(None, None)).unknown("the token cannot see who belongs to Acme/On-Call");
    with(team, Some(Ok(People::default()))).unknown("the token cannot see who belongs to");
    with(team, Some(Err(Failure::new("no token")))).unknown("no token");
    with(team, None).unknown("not asked about people");
    let write = "permission = 'write'\n";
    with(write, people(None, Some(Permission::Write))).counts(&["window"], "18T16:00");
    with(write, people(None, Some(Permission::Triage))).refused("the policy does not let ben override");
    with(write, people(None, None)).unknown("does not tell what ben may do");
    // Both are asked for where both are named.
    let both = format!("{team}{write}");
    with(&both, people(Some(&["ben"]), Some(Permission::Read))).refused("the policy does not let ben override");
    with(&both, people(Some(&[]), Some(Permission::Admin))).refused("the policy does not let ben override");
    with(&both, people(Some(&["ben"]), Some(Permission::Admin))).counts(&["window"], "18T16:00");
    // A name needs no team that can be seen.
    with(&format!("users = ['ben']\n{team}"), people(None, None)).counts(&["window"], "18T16:00");
}

#[test]
fn t15_a_gate_that_may_not_be_overridden_takes_the_others_with_it() {
    let case = |gates: &str| Case::new().text(&format!("override: {gates} - x\n{HEAD}"));
    case("window, tests").refused("the policy lets nobody override `tests`");
    case("drift").refused("the policy lets nobody override `drift`");
    case("*").refused("the policy lets nobody override `*`");
    case("").refused("it names no gate");
    Case::new().text(&format!("override: window\n{HEAD}")).refused("it gives no reason");
    Case::new().text(&format!("override: window -  \n{HEAD}")).refused("it gives no reason");
}
