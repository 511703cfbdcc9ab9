//! Every renderer on a report whose every text is hostile.

mod commands;
mod excerpts;
mod interchange;
mod json;
mod markdown;
mod outputs;
mod pages;
mod pipelines;
mod read;
mod runner;
mod terminal;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use predeploy_gates::{
    Author, Change, ChangedFile, Cheaper, Direction, Excerpt, Finding, FollowUp, Place, Position, Risk, RiskLevel,
    Rule, Scope, Severity, Span, Stage, State, Status, Verdict,
};

use super::{EditedReport, ExplainedReport, GateReport, PolicySource, Report};
use crate::config::Waiver;
use crate::overrides::{Confirmation, Override};
use crate::waivers::{Candidate, Weighed};

static RULE: Rule = Rule { id: "drift/missing-key", severity: Severity::Error, summary: "a key is missing" };

/// What a stranger may write into a name, a path, a message.
const HOSTILE: &[&str] = &[
    "a,line=1\n::error title=x::y",
    "::error file=a,line=1::z",
    "  \u{a0}::warning::z",
    "\u{2060}::error::z",
    "\r::error::z\r\n::notice::z\rz",
    "::stop-commands::x",
    "::add-mask::e",
    "##[error]z ###[error]z ##[add-mask]z",
    "#",
    "##vso[task.complete result=Succeeded;]z ##teamcity[buildStatus status='SUCCESS']",
    "\u{1b}[31mred\u{1b}[0m \u{1b}]8;;https://evil.example\u{7}link\u{1b}]8;;\u{7} \u{9b}2J \u{8}\u{7f}\u{0}z",
    "\u{202e}desrever\u{2066}x\u{2069} \u{200b}\u{200d}\u{feff}\u{ad}\u{3164}\u{e0041}\u{2028}z",
    "</script><script>alert(1)</script><img src=x onerror=alert(1)><!-- z --><details open>",
    "[text](https://evil.example) ![image](https://evil.example/x.png) <https://evil.example> [z]: https://evil.example",
    "https://evil.example www.evil.example WWW.evil.example http://evil.example/z mailto:z@evil.example z@evil.example",
    "@acme/everyone @octocat #123 acme/shop#4 GH-5 gh-6 (GH-7) [^1] a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0",
    "[^1]: a footnote",
    "| a | b |\n|---|---|\n| `c` | d |\\| \\\\| e",
    "```\n````\n~~~\n# heading\n```diff\n</pre>",
    "# heading",
    "heading\n===\nheading\n---",
    "> [!CAUTION]\n> quote",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "2) item",
    "- [x] done",
    "    code",
    "\tcode",
    "***",
    "ends in a backslash\\",
    "two spaces  \nand more",
    "**bold** _emphasis_ ~~gone~~ `code` $x$ $$y$$ :rocket: {{ x }} ${{ github.token }} H~2~O ==z== ||z||",
    "%0A::error::z %0D%0A%25 %3A%2C %",
    "&lt;b&gt; &#64;octocat &amp;",
    "<br>\\\n---\ntitle: x\n---",
    "",
];

/// All of [`HOSTILE`], one of them very long, and one of several lines of everything.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = HOSTILE.iter().map(ToString::to_string).collect();
    all.push(HOSTILE.join("\n"));
    all.push("::error::[x](y) ##[error]\u{1b}[2J| ".repeat(1 << 8));
    all
}

fn at(line: u32, column: u32) -> Position {
    Position { line, column }
}

fn span(start: (u32, u32), end: (u32, u32)) -> Span {
    Span { start: at(start.0, start.1), end: at(end.0, end.1) }
}

fn weighed(finding: Finding) -> Weighed {
    Weighed::new(finding)
}

fn waived(finding: Finding, text: &str) -> Weighed {
    let waiver: Waiver = serde_json::from_value(serde_json::json!({
        "rule": "drift/missing-key", "path": null, "match": null,
        "reason": format!("{text}."), "owner": format!("{text}."), "until": date(2027, 1, 31),
    }))
    .unwrap();
    let place = Place::File { path: text.into(), span: None };
    Weighed { waived: Some(Candidate { waiver, place, lines: None, in_base: true }), ..Weighed::new(finding) }
}

/// A report with this text in each of its fields.
fn everywhere(text: &str) -> Report {
    let t = || text.to_string();
    let excerpt = Excerpt { first_line: 1, text: t() };
    let finding =
        Finding::new(&RULE, t()).help(t()).at(t(), span((1, 2), (1, 5))).excerpt(Some(excerpt)).detail(t()).about(t());
    let whole_file = Finding::new(&RULE, t()).at_file(t()).severity(Severity::Unresolved);
    let url = Finding::new(&RULE, t()).at_url(t()).severity(Severity::Warning);
    let nowhere = Finding::new(&RULE, t()).severity(Severity::Note);
    let gate = |verdict| GateReport {
        gate: t(),
        kind: t(),
        required: false,
        verdict,
        overridden: None,
        reason: t(),
        findings: vec![
            weighed(finding.clone()),
            weighed(whole_file.clone()),
            weighed(url.clone()),
            weighed(nowhere.clone()),
            waived(finding.clone(), text),
        ],
        took: SignedDuration::from_millis(3),
        until: None,
        retry_at: Some(Timestamp::UNIX_EPOCH),
        explained: vec![ExplainedReport { name: t(), state: State::Unknown, why: t(), line: Some(1) }],
    };
    let broken = |confirmation| Override {
        gates: vec![t()],
        environment: Some(t()),
        by: t(),
        reason: t(),
        at: Timestamp::UNIX_EPOCH,
        until: Timestamp::UNIX_EPOCH,
        pull_request: 7,
        url: Some(t()),
        confirmation,
        follow_up: Some(FollowUp {
            url: t(),
            commit: t(),
            gates: vec![t()],
            opened: Timestamp::UNIX_EPOCH,
            open: true,
        }),
    };
    let by_somebody = broken(Confirmation::By(t()));
    let overridden = GateReport {
        overridden: Some(by_somebody.clone()),
        findings: vec![
            Weighed { overridden: true, ..weighed(finding.clone()) },
            Weighed { overridden: true, ..weighed(whole_file.clone()) },
        ],
        ..gate(Verdict::Unresolved)
    };
    Report {
        tool: t(),
        tzdb: t(),
        started: Timestamp::UNIX_EPOCH,
        at: Timestamp::UNIX_EPOCH,
        verdict: Verdict::Blocked,
        stage: Stage::Deploy,
        run: Some(t()),
        simulated: vec![t(), t()],
        only: vec![t()],
        forge: None,
        change: Change {
            repository: Some(t()),
            event: Some(t()),
            base: Some(t()),
            head: Some(t()),
            head_tree: Some(t()),
            source_branch: Some(t()),
            target_branch: Some(t()),
            pull_requests: vec![7, 8],
            deployed: Some(t()),
            environment: Some(t()),
            all: false,
            scope: Scope::Files(vec![ChangedFile {
                path: t(),
                status: Status::Renamed { from: t() },
                added: Some(1),
                removed: None,
            }]),
            working_tree: true,
            edited: Default::default(),
            actor: Some(t()),
            authors: vec![Author { name: t(), email: t() }],
            committed: None,
            asked: None,
            target: None,
            oldest_commit: None,
            direction: Direction::Rollback(t()),
            risk: Risk {
                level: RiskLevel::High,
                points: 3,
                reasons: vec![t(), t()],
                cheaper: Some(Cheaper { level: RiskLevel::Low, how: t() }),
            },
        },
        policy: PolicySource { source: t(), path: t(), digest: t(), files: vec![t()] },
        valid_until: Some(Timestamp::UNIX_EPOCH),
        findings: vec![weighed(finding.clone())],
        gates: vec![
            gate(Verdict::Blocked),
            gate(Verdict::Unresolved),
            gate(Verdict::Pending),
            gate(Verdict::Skipped),
            overridden,
        ],
        overrides: vec![by_somebody, broken(Confirmation::Awaited(Timestamp::UNIX_EPOCH))],
        edited: Some(EditedReport {
            files: vec![t()],
            verdict: Some(Verdict::Passed),
            unreadable: None,
            gates: vec![(t(), Verdict::Passed, t())],
        }),
        explain: true,
        picture: None,
    }
}

/// The same, of a folder, where the edited policy cannot be read.
fn everywhere_else(text: &str) -> Report {
    let mut report = everywhere(text);
    report.change.scope = Scope::Everything { why: text.into() };
    report.change.base = None;
    report.change.direction = Direction::Hotfix(text.into());
    report.edited = Some(EditedReport {
        files: vec![text.into()],
        verdict: None,
        unreadable: Some(text.into()),
        gates: Vec::new(),
    });
    report
}

/// Both, for each hostile text.
fn reports() -> impl Iterator<Item = Report> {
    hostile().into_iter().flat_map(|text| [everywhere(&text), everywhere_else(&text)])
}

type Renderer = fn(&Report, &mut dyn std::io::Write) -> std::io::Result<()>;

fn rendered(renderer: Renderer, report: &Report) -> String {
    let mut out = Vec::new();
    renderer(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
