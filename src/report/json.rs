//! JSON, version 1. These types are the promise to whoever reads it: fields are added, never renamed or removed.
//! Times are RFC 3339 in UTC; lines and columns are 1-based, columns in UTF-8 bytes, ends exclusive.

use std::io::{self, Write};

use jiff::Timestamp;
use predeploy_gates::{Place, Position, Scope};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::harmless::is_hidden;
use super::{GateReport, Report};
use crate::overrides::Confirmation;
use crate::waivers::Weighed;

/// The version of this form.
pub(crate) const VERSION: u32 = 1;

#[derive(Serialize)]
struct Root<'a> {
    version: u32,
    tool: Tool<'a>,
    /// `passed`, `pending`, `unresolved` or `blocked`.
    verdict: &'a str,
    stage: &'a str,
    environment: Option<&'a str>,
    simulated: bool,
    /// Why, if it is.
    simulations: &'a [String],
    /// Only some of the gates were asked.
    partial: bool,
    /// Those that were named, then.
    only: &'a [String],
    /// The id of the run at the CI, where it tells one.
    run: Option<&'a str>,
    change: Change<'a>,
    policy: Policy<'a>,
    started: Timestamp,
    /// The clock reading that everything was judged by.
    at: Timestamp,
    valid_until: Option<Timestamp>,
    /// What the house itself found.
    findings: Vec<Finding<'a>>,
    gates: Vec<Gate<'a>>,
    /// Those without which the verdict would be worse.
    overrides: Vec<Override<'a>>,
    edited_policy: Option<EditedPolicy<'a>>,
    /// Absent if there is no forge to ask, or a recording answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    forge: Option<Asked>,
}

/// What the answers of the forge cost.
#[derive(Serialize)]
struct Asked {
    requests: u64,
    /// Of its hourly limit, as far as it names them.
    points: u64,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    version: &'a str,
    time_zones: &'a str,
}

#[derive(Serialize)]
struct Change<'a> {
    repository: Option<&'a str>,
    event: Option<&'a str>,
    base: Option<&'a str>,
    head: Option<&'a str>,
    head_tree: Option<&'a str>,
    source_branch: Option<&'a str>,
    target_branch: Option<&'a str>,
    pull_requests: &'a [u64],
    /// The account that asked for the run, as the CI tells it.
    actor: Option<&'a str>,
    working_tree: bool,
    /// Nothing if there was no base to compare with; then `everything` says why.
    files_changed: Option<usize>,
    everything: Option<&'a str>,
    direction: Direction<'a>,
    risk: Risk<'a>,
}

#[derive(Serialize)]
struct Direction<'a> {
    /// `forward`, `rollback`, `redeploy` or `hotfix`.
    kind: &'a str,
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct Risk<'a> {
    /// `low`, `medium` or `high`.
    level: &'a str,
    points: u32,
    reasons: &'a [String],
    /// The cheapest way into a lower class, where one is known.
    cheaper: Option<&'a str>,
}

#[derive(Serialize)]
struct Policy<'a> {
    source: &'a str,
    path: &'a str,
    digest: &'a str,
    files: &'a [String],
}

#[derive(Serialize)]
struct Gate<'a> {
    gate: &'a str,
    kind: &'a str,
    required: bool,
    /// As above, `skipped` or `overridden`.
    verdict: &'a str,
    overridden: Option<Overridden<'a>>,
    reason: &'a str,
    took_ms: i64,
    until: Option<Timestamp>,
    retry_at: Option<Timestamp>,
    findings: Vec<Finding<'a>>,
    explained: Vec<Explained<'a>>,
}

/// How one thing that the policy asks for stands.
#[derive(Serialize)]
struct Explained<'a> {
    name: &'a str,
    /// `satisfied`, `unsatisfied`, `unknown` or `vanished`.
    state: &'a str,
    why: &'a str,
    /// Line of the policy that asks for it.
    line: Option<u32>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    /// `note`, `warning`, `pending`, `unresolved` or `error`.
    severity: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    location: Option<Location<'a>>,
    /// What it is about, where that is no file.
    subject: Option<&'a str>,
    detail: Option<&'a str>,
    waived: Option<Waived<'a>>,
    /// Its gate is.
    overridden: bool,
}

#[derive(Serialize)]
struct Location<'a> {
    path: Option<&'a str>,
    start: Option<Point>,
    end: Option<Point>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Waived<'a> {
    reason: &'a str,
    owner: &'a str,
    until: String,
}

/// Why a gate's verdict does not weigh.
#[derive(Serialize)]
struct Overridden<'a> {
    /// The verdict of the gate by itself.
    said: &'a str,
    by: &'a str,
    reason: &'a str,
    until: Timestamp,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Override<'a> {
    gates: &'a [String],
    /// The environment that it is for; nothing if it is for all.
    environment: Option<&'a str>,
    by: &'a str,
    reason: &'a str,
    at: Timestamp,
    until: Timestamp,
    pull_request: u64,
    url: Option<&'a str>,
    confirmed_by: Option<&'a str>,
    /// A second person has to confirm it before this.
    confirm_until: Option<Timestamp>,
    /// The issue that follows up on it.
    follow_up: Option<&'a str>,
}

#[derive(Serialize)]
struct EditedPolicy<'a> {
    files: &'a [String],
    verdict: Option<&'a str>,
    unreadable: Option<&'a str>,
    gates: Vec<EditedGate<'a>>,
}

#[derive(Serialize)]
struct EditedGate<'a> {
    gate: &'a str,
    verdict: &'a str,
    reason: &'a str,
}

/// Writes the report as one JSON object.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    root(report).serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Harmless::default()))?;
    writeln!(out)
}

/// One object in the same form, for the answers of other commands.
pub(crate) fn written(value: &impl Serialize) -> io::Result<String> {
    let mut out = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Harmless::default()))?;
    out.push(b'\n');
    String::from_utf8(out).map_err(io::Error::other)
}

/// Indents, and writes as `\uXXXX` what a terminal or a CI's log reader would act on (`##[` anywhere in a line is a command),
/// and `<` and `>`, for whoever puts it into a page: the same JSON.
#[derive(Default)]
struct Harmless(PrettyFormatter<'static>);

impl Formatter for Harmless {
    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }
    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }
    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }
    fn end_array_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }
    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }
    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }
    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }
    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }
    fn end_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let mut after_hash = false;
        for c in text.chars() {
            if is_hidden(c) || matches!(c, '<' | '>') || (c == '#' && after_hash) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            } else {
                out.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
            after_hash = c == '#';
        }
        Ok(())
    }
}

fn root(report: &Report) -> Root<'_> {
    Root {
        version: VERSION,
        tool: Tool { name: "predeploy", version: &report.tool, time_zones: &report.tzdb },
        verdict: report.verdict.word(),
        stage: report.stage.word(),
        environment: report.change.environment.as_deref(),
        simulated: !report.simulated.is_empty(),
        simulations: &report.simulated,
        partial: !report.only.is_empty(),
        only: &report.only,
        run: report.run.as_deref(),
        change: change(report),
        policy: Policy {
            source: &report.policy.source,
            path: &report.policy.path,
            digest: &report.policy.digest,
            files: &report.policy.files,
        },
        started: report.started,
        at: report.at,
        valid_until: report.valid_until,
        findings: report.findings.iter().map(finding).collect(),
        gates: report.gates.iter().map(gate).collect(),
        overrides: report.overrides.iter().map(one_override).collect(),
        edited_policy: report.edited.as_ref().map(|edited| EditedPolicy {
            files: &edited.files,
            verdict: edited.verdict.map(predeploy_gates::Verdict::word),
            unreadable: edited.unreadable.as_deref(),
            gates: edited
                .gates
                .iter()
                .map(|(gate, verdict, reason)| EditedGate { gate, verdict: verdict.word(), reason })
                .collect(),
        }),
        forge: report.forge.map(|cost| Asked { requests: cost.requests, points: cost.points }),
    }
}

fn change(report: &Report) -> Change<'_> {
    use predeploy_gates::Direction as D;
    let change = &report.change;
    let (files_changed, everything) = match &change.scope {
        Scope::Everything { why } => (None, Some(why.as_str())),
        Scope::Files(files) => (Some(files.len()), None),
    };
    let why = match &change.direction {
        D::Forward => None,
        D::Rollback(why) | D::Redeploy(why) | D::Hotfix(why) => Some(why.as_str()),
    };
    Change {
        repository: change.repository.as_deref(),
        event: change.event.as_deref(),
        base: change.base.as_deref(),
        head: change.head.as_deref(),
        head_tree: change.head_tree.as_deref(),
        source_branch: change.source_branch.as_deref(),
        target_branch: change.target_branch.as_deref(),
        pull_requests: &change.pull_requests,
        actor: change.actor.as_deref(),
        working_tree: change.working_tree,
        files_changed,
        everything,
        direction: Direction { kind: change.direction.word(), why },
        risk: Risk {
            level: change.risk.level.word(),
            points: change.risk.points,
            reasons: &change.risk.reasons,
            cheaper: change.risk.cheaper.as_ref().map(|cheaper| cheaper.how.as_str()),
        },
    }
}

fn gate(gate: &GateReport) -> Gate<'_> {
    Gate {
        gate: &gate.gate,
        kind: &gate.kind,
        required: gate.required,
        verdict: gate.word(),
        overridden: gate.overridden.as_ref().map(|one| Overridden {
            said: gate.verdict.word(),
            by: &one.by,
            reason: &one.reason,
            until: one.until,
            url: one.url.as_deref(),
        }),
        reason: &gate.reason,
        took_ms: i64::try_from(gate.took.as_millis()).unwrap_or(i64::MAX),
        until: gate.until,
        retry_at: gate.retry_at,
        findings: gate.findings.iter().map(finding).collect(),
        explained: gate
            .explained
            .iter()
            .map(|one| Explained { name: &one.name, state: one.state.word(), why: &one.why, line: one.line })
            .collect(),
    }
}

fn one_override(one: &crate::overrides::Override) -> Override<'_> {
    let (confirmed_by, confirm_until) = match &one.confirmation {
        Confirmation::NotAsked => (None, None),
        Confirmation::By(who) => (Some(who.as_str()), None),
        Confirmation::Awaited(until) => (None, Some(*until)),
    };
    Override {
        gates: &one.gates,
        environment: one.environment.as_deref(),
        by: &one.by,
        reason: &one.reason,
        at: one.at,
        until: one.until,
        pull_request: one.pull_request,
        url: one.url.as_deref(),
        confirmed_by,
        confirm_until,
        follow_up: one.follow_up.as_ref().map(|issue| issue.url.as_str()),
    }
}

fn finding(weighed: &Weighed) -> Finding<'_> {
    let finding = &weighed.finding;
    let point = |position: Position| Point { line: position.line, column: position.column };
    let location = finding.place.as_ref().map(|place| match place {
        Place::File { path, span } => Location {
            path: Some(path),
            start: span.map(|s| point(s.start)),
            end: span.map(|s| point(s.end)),
            url: None,
        },
        Place::Url(url) => Location { path: None, start: None, end: None, url: Some(url) },
    });
    Finding {
        rule: finding.rule.id,
        severity: finding.severity.word(),
        message: &finding.message,
        help: finding.help.as_deref(),
        location,
        subject: finding.subject.as_deref(),
        detail: finding.detail.as_deref(),
        waived: weighed.waived.as_ref().map(|candidate| Waived {
            reason: candidate.waiver.reason.as_str(),
            owner: candidate.waiver.owner.as_str(),
            until: candidate.waiver.until.to_string(),
        }),
        overridden: weighed.overridden,
    }
}
