//! What the forge and the clone are asked, and what they are not.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;

use super::demands::{owned, with_files};
use super::edges::touching;
use super::ranges::{DEPLOYED, FIRST, SECOND, deployment, merged, shipped};
use super::*;
use crate::fake::now;
use crate::review::words::short;
use crate::{
    Added, Answer, CheckRun, Deployment, Failure, FollowUp, Forge, Gate, History, Labelled, NoForge, People,
    PeopleAsked, Queued, Remark, Running, Shipment, Tree, World,
};

/// Answers as the fake does, and keeps the questions that cost something.
struct Heard<'a> {
    fake: &'a Fake,
    questions: Mutex<Vec<String>>,
}

impl Heard<'_> {
    fn keep(&self, question: String) {
        self.questions.lock().unwrap().push(question);
    }
}

impl Forge for Heard<'_> {
    fn pull_request(&self, number: u64) -> Answer<'_, PullRequest> {
        self.keep(format!("#{number}"));
        self.fake.pull_request(number)
    }

    fn pull_requests_with<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<u64>> {
        self.keep(format!("pull requests with {}", short(commit)));
        self.fake.pull_requests_with(commit)
    }

    fn shipped<'a>(&'a self, commits: &'a [String]) -> Answer<'a, Shipment> {
        self.keep(format!("{} commits", commits.len()));
        self.fake.shipped(commits)
    }

    fn people<'a>(&'a self, asked: &'a PeopleAsked) -> Answer<'a, People> {
        let PeopleAsked { teams, logins, codeowners } = asked;
        self.keep(format!(
            "people {logins:?}, teams {teams:?}, CODEOWNERS of {}",
            codeowners.as_deref().unwrap_or("-")
        ));
        Forge::people(self.fake, asked)
    }

    fn deployments<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Deployment>> {
        self.keep(format!("deployments to {environment}"));
        self.fake.deployments(environment)
    }

    fn merge_queue<'a>(&'a self, branch: &'a str) -> Answer<'a, Vec<Queued>> {
        self.fake.merge_queue(branch)
    }

    fn checks<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<CheckRun>> {
        self.fake.checks(commit)
    }

    fn remarks(&self, since: Timestamp) -> Answer<'_, Vec<Remark>> {
        self.fake.remarks(since)
    }

    fn settings<'a>(&'a self, environment: &'a str) -> Answer<'a, crate::Settings> {
        self.fake.settings(environment)
    }

    fn running<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Running>> {
        self.fake.running(environment)
    }

    fn labels(&self, number: u64) -> Answer<'_, Vec<Labelled>> {
        Forge::labels(self.fake, number)
    }

    fn ahead(&self) -> Answer<'_, i64> {
        Forge::ahead(self.fake)
    }

    fn follow_ups(&self, since: Timestamp) -> Answer<'_, Vec<FollowUp>> {
        self.fake.follow_ups(since)
    }
}

impl History for Heard<'_> {
    fn between(&self, base: &str, head: &str) -> Result<Vec<String>, Failure> {
        self.fake.between(base, head)
    }

    fn parents(&self, commit: &str) -> Result<Vec<String>, Failure> {
        self.fake.parents(commit)
    }

    fn is_ancestor(&self, ancestor: &str, commit: &str) -> Result<bool, Failure> {
        self.fake.is_ancestor(ancestor, commit)
    }

    fn differing(&self, onto: &str, earlier: &str, later: &str) -> Result<Vec<String>, Failure> {
        self.keep(format!("onto {}: {}..{}", short(onto), short(earlier), short(later)));
        self.fake.differing(onto, earlier, later)
    }

    fn added_lines(&self, base: &str, head: &str) -> Result<BTreeMap<String, Added>, Failure> {
        self.fake.added_lines(base, head)
    }
}

fn policy(text: &str) -> Review {
    toml::from_str(text).unwrap()
}

fn questions(fake: &Fake, text: &str) -> Vec<String> {
    let heard = Heard { fake, questions: Mutex::default() };
    let world = World { forge: &heard, history: &heard, ..fake.world() };
    now(policy(text).gather(&world)).unwrap();
    heard.questions.into_inner().unwrap()
}

/// The last question, if it is about people.
fn people(fake: &Fake, policy: &str) -> Option<String> {
    questions(fake, policy).pop()?.strip_prefix("people ").map(str::to_owned)
}

#[test]
fn people_are_asked_about_where_more_than_writing_is_needed() {
    let approved = |by: &str, day: u8| review(by, "approved", HEAD, day);
    let comment = review("eve", "commented", HEAD, 1);
    let reviews = [approved("bob", 1), approved("Carol", 2), comment, approved("Bob", 3)];
    let fake = change(vec![pull_request(json!({ "reviews": reviews }))]);
    let each = Some("[\"bob\", \"Carol\"], teams [], CODEOWNERS of -");
    for (asked, settings) in [
        (None, ""),
        (None, "permission = 'triage'"),
        (each, "permission = 'maintain'"),
        (each, "permission = 'admin'"),
        (None, "rule = [{ permission = 'write' }]"),
        (each, "rule = [{ permission = 'admin' }]"),
    ] {
        assert_eq!(people(&fake, settings).as_deref(), asked, "{settings}");
    }
    let nobody = change(vec![pull_request(json!({ "reviews": [review("eve", "commented", HEAD, 1)] }))]);
    assert_eq!(people(&nobody, "permission = 'admin'\nrule = [{ teams = ['shop/pay'] }]"), None, "nobody approved");
}

#[test]
fn who_wrote_it_together_is_asked_about_where_pairing_counts() {
    let account = |login: &str, bot: bool| json!({ "account": { "login": login, "bot": bot } });
    let authors = json!([account("alice", false), account("bob", false), account("helper", true)]);
    let fake = change(vec![pull_request(json!({ "commits": [{ "id": HEAD, "authors": authors }] }))]);
    assert_eq!(
        people(&fake, "rule = [{ pairing = true }]").as_deref(),
        Some("[\"alice\", \"bob\"], teams [], CODEOWNERS of -")
    );
}

#[test]
fn teams_are_asked_about_that_the_policy_does_not_know() {
    let fake = change(vec![approved(json!({}))]);
    let rules = "rule = [{ teams = ['@Shop/Pay', 'shop/data'] }, { teams = ['shop/pay'] }]";
    assert_eq!(people(&fake, rules).as_deref(), Some("[], teams [\"shop/data\", \"shop/pay\"], CODEOWNERS of -"));
    let data = format!("{rules}\nteams = {{ '@shop/PAY' = ['bob'] }}");
    assert_eq!(people(&fake, &data).as_deref(), Some("[], teams [\"shop/data\"], CODEOWNERS of -"));
}

#[test]
fn owners_are_asked_about_where_they_decide() {
    let text = "* @root\nsrc/ @shop/pay @ann\ndb/ @shop/data\ndocs/\n.github/ @shop/ops\nx/ @bob\n";
    let asked = |files: &[&str], policy: &str| people(&owned(with_files(&["bob"], files), text), policy);
    let of = |teams: &str| Some(format!("[], teams [{teams}], CODEOWNERS of main"));
    assert_eq!(asked(&["src/a", "docs/a"], "owners = 'any'"), of("\"shop/pay\""));
    assert_eq!(asked(&["src/a", "db/a"], "owners = 'any'"), of("\"shop/data\", \"shop/pay\""));
    assert_eq!(asked(&["x/a"], "owners = 'any'"), of(""), "whether the forge obeys the line");
    assert_eq!(asked(&["docs/a"], "owners = 'any'"), None, "nobody owns it");
    assert_eq!(asked(&["src/a"], ""), None, "no demand asks who owns it");
    assert_eq!(asked(&["src/a", ".github/a"], ""), of("\"shop/ops\""));
    assert_eq!(asked(&["predeploy.toml"], ""), None, "its owners need no question, and the line is not worth one");
    assert_eq!(
        asked(&["predeploy.toml"], "permission = 'admin'").as_deref(),
        Some("[\"bob\"], teams [], CODEOWNERS of main")
    );
    assert_eq!(asked(&["src/a", "db/a"], "rule = [{ paths = ['db/**'], owners = true }]"), of("\"shop/data\""));
    let handed = owned(with_files(&["bob"], &[".github/CODEOWNERS"]), "* @ann\n");
    let handed = handed.file_in(Tree::Head, ".github/CODEOWNERS", "* @shop/new\n");
    assert_eq!(people(&handed, ""), of("\"shop/new\""), "those who would own it");
}

/// The branch of one that was given up is not where the change goes.
#[test]
fn codeowners_are_those_of_the_branch_that_the_change_goes_to() {
    let given_up = json!({ "number": 13, "state": "closed", "base-branch": "scratch" });
    let fake = touching(change(vec![approved(given_up), approved(json!({}))]), &["a"]);
    let mut fake = owned(fake, "* @ann\n");
    fake.differing.insert(("base".into(), HEAD.into()), vec!["a".into()]);
    assert_eq!(people(&fake, "owners = 'any'").as_deref(), Some("[], teams [], CODEOWNERS of main"));
}

/// An approval of the last revision needs no comparison, and one that must be of that very commit neither.
#[test]
fn revisions_are_compared_where_that_decides() {
    let reviews = [
        review("bob", "approved", EARLIER, 1),
        review("eve", "commented", MERGE, 1),
        review("ann", "approved", HEAD, 1),
    ];
    let fake = touching(change(vec![pull_request(json!({ "reviews": reviews }))]), &["a"]);
    assert_eq!(questions(&fake, ""), ["#12", "onto base: 11ab000..7f3c000"]);
    assert_eq!(questions(&fake, "freshness = 'commit'"), ["#12"]);
}

/// What each pull request of a deployment was made for: the branch as it was before it was merged.
#[test]
fn revisions_are_compared_onto_what_they_were_made_for() {
    let told = |commits: Value, commit: &str| {
        let reviews = [review("bob", "approved", HEAD, 1)];
        let of = json!({ "merged": { "at": "2026-11-10T10:00:00Z", "commit": commit }, "reviews": reviews });
        let mut fake = deployment(commits, json!([merged(1, of)]));
        fake.differing.insert((FIRST.into(), SECOND.into()), vec![]);
        fake.differing.insert((DEPLOYED.into(), FIRST.into()), vec![]);
        questions(&fake, "")
    };
    let since = |onto: &str| format!("onto {onto}: 7f3c000..11ab000");
    // Rebased, the branch before it is below the first of its commits.
    assert_eq!(
        told(json!([shipped(SECOND, &[FIRST], &[1]), shipped(FIRST, &[DEPLOYED], &[1])]), SECOND),
        ["2 commits", "onto aaaa000: aaaa000..bbbb000", "onto dddd000: dddd000..aaaa000", &since("dddd000")]
    );
    // Merged, it is the first parent of the merge, whatever the branch merged itself.
    let inner = "cccc000000000000000000000000000000000000";
    let commits = json!([
        shipped(MERGE, &[SECOND, inner], &[1]),
        shipped(inner, &[FIRST, SECOND], &[1]),
        shipped(SECOND, &[DEPLOYED], &[]),
        shipped(FIRST, &[DEPLOYED], &[1]),
    ]);
    let told = told(commits, MERGE);
    assert_eq!(told[told.len() - 2..], ["onto bbbb000: bbbb000..99d0000".to_owned(), since("bbbb000")]);
}

/// What the forge tells of many commits at once lacks threads and who pushed last.
#[test]
fn pull_requests_of_a_deployment_are_asked_for_whole_where_that_decides() {
    let told = |changes: Value, policy: &str| {
        let fake = deployment(json!([shipped(FIRST, &[DEPLOYED], &[1])]), json!([merged(1, changes)]));
        questions(&fake, policy).contains(&"#1".to_owned())
    };
    assert!(!told(json!({}), ""));
    assert!(told(json!({ "state": "open", "merged": null, "head": FIRST }), ""));
    let suggested = json!({ "id": EARLIER, "on-web": true, "headline": "Apply suggestion from @bob", "authors": [] });
    assert!(told(json!({ "commits": [suggested] }), ""));
    let exempt = |author: &str| format!("exempt = [{{ authors = ['{author}'], paths = ['a'] }}]");
    assert!(told(json!({}), &exempt("alice")));
    assert!(told(json!({}), &exempt("alice[bot]")));
    assert!(!told(json!({}), &exempt("eve")));
}

#[test]
fn a_deployment_of_pull_requests_that_it_names_is_one_of_all_its_commits() {
    let mut fake = deployment(json!([shipped(FIRST, &[DEPLOYED], &[1])]), json!([merged(1, json!({}))]));
    fake.change.pull_requests = vec![12];
    assert_eq!(questions(&fake, "")[0], "1 commits");
    fake.change.deployed = None;
    fake.change.base = Some(DEPLOYED.into());
    assert_eq!(questions(&fake, "")[0], "#12");
}

#[test]
fn nothing_is_asked_about_a_rollback_or_about_no_commits() {
    let mut fake = deployment(json!([]), json!([]));
    fake.change.head = Some(DEPLOYED.into());
    assert_eq!(questions(&fake, ""), [""; 0]);
    let mut fake = change(vec![approved(json!({}))]);
    fake.change.direction = Direction::Rollback("it ran here".into());
    assert_eq!(questions(&fake, ""), [""; 0]);
}

#[test]
fn commits_that_cannot_be_read_are_unresolved() {
    let fake = deployment(json!([shipped(FIRST, &[DEPLOYED], &[1])]), json!([merged(1, json!({}))]));
    let forge = NoForge { why: "no token was given".into(), help: "set GITHUB_TOKEN".into() };
    let gate = policy("");
    let evidence = now(gate.gather(&World { forge: &forge, ..fake.world() })).unwrap();
    let told = answer(&gate.judge(evidence, &fake.context()));
    let unread =
        "unresolved review/unreadable-pull-request the commits since dddd000 could not be read: no token was given";
    assert!(told[0].starts_with("unresolved") && told.contains(&unread.to_owned()), "{told:?}");
}

/// A range is read whole, or it is no evidence at all.
#[test]
fn more_commits_than_are_asked_for_are_unresolved() {
    let told = |commits: usize| {
        let id = |n: usize| format!("{n:040}");
        let commits: Vec<Value> = (0..commits).map(|n| shipped(&id(n), &[&id(n + 1)], &[])).collect();
        ask(&deployment(commits.into(), json!([])), "direct-pushes = 'warn'")
    };
    assert!(told(2_000)[0].starts_with("passed: 2000 commits since dddd000"));
    let more = told(2_001);
    assert!(more[0].starts_with("unresolved"), "{more:?}");
    assert!(more[1].contains("2001 commits lie between"), "{more:?}");
}
