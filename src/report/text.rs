//! For a person at a terminal or reading a log.

use std::io::{self, Write};

use jiff::SignedDuration;
use predeploy_gates::{Direction, Scope, Severity, Verdict};

use super::excerpt::show;
use super::harmless::line;
use super::style::Dress;
use super::{GateReport, Report};
use crate::change::range::short;

/// Notes of one gate beyond this many are counted, not shown; everything that matters for the verdict is shown.
const MOST_NOTES: usize = 10;

/// Columns that names of gates may widen the table to.
const WIDEST_NAME: usize = 40;

/// Without colours.
pub(crate) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    dressed(report, Dress::Plain, out)
}

/// With colours.
pub(crate) fn render_coloured(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    dressed(report, Dress::Coloured, out)
}

fn dressed(report: &Report, dress: Dress, out: &mut dyn Write) -> io::Result<()> {
    head(report, dress, out)?;
    findings(report, dress, out)?;
    edited(report, dress, out)?;
    if report.explain {
        explained(report, dress, out)?;
    }
    table(report, dress, out)?;
    conclusion(report, dress, out)
}

fn head(report: &Report, dress: Dress, out: &mut dyn Write) -> io::Result<()> {
    let mut entry = |name: &str, text: String| writeln!(out, "{} {}", dress.quiet(format!("{name:<9}")), line(&text));
    entry("change", what(report))?;
    match &report.change.direction {
        Direction::Forward => {}
        direction @ (Direction::Rollback(why) | Direction::Redeploy(why) | Direction::Hotfix(why)) => {
            entry("direction", format!("{}: {why}", direction.word()))?;
        }
    }
    let risk = &report.change.risk;
    let points = if risk.points > 0 { format!(" ({} points)", risk.points) } else { String::new() };
    entry("risk", format!("{}{points}", risk.level.word()))?;
    for reason in &risk.reasons {
        entry("", reason.clone())?;
    }
    if let Some(cheaper) = &risk.cheaper {
        entry("", cheaper.how.clone())?;
    }
    let target = report.change.environment.as_deref().map_or(String::new(), |e| format!(", to {e}"));
    entry("stage", format!("{}{target}", report.stage.word()))?;
    if !report.policy.path.is_empty() {
        entry("policy", format!("{} of {}", report.policy.path, report.policy.source))?;
    }
    for why in &report.simulated {
        entry("simulated", why.clone())?;
    }
    Ok(())
}

fn what(report: &Report) -> String {
    let change = &report.change;
    let whose = change.source_branch.as_deref().map_or(String::new(), |b| format!("{b}, "));
    let range = match (&change.base, &change.head) {
        (Some(base), Some(head)) => format!("{}..{}, ", short(base), short(head)),
        (None, Some(head)) => format!("{}, ", short(head)),
        (_, None) => String::new(),
    };
    let requests: String = change.pull_requests.iter().map(|n| format!("#{n}, ")).collect();
    let files = match &change.scope {
        Scope::Everything { why } => format!("everything was looked at, not a change: {why}"),
        Scope::Files(files) if files.len() == 1 => "1 file".into(),
        Scope::Files(files) => format!("{} files", files.len()),
    };
    let uncommitted = if change.working_tree { ", uncommitted work included" } else { "" };
    let all = if change.all { ", and what the base has already" } else { "" };
    format!("{requests}{whose}{range}{files}{uncommitted}{all}")
}

fn findings(report: &Report, dress: Dress, out: &mut dyn Write) -> io::Result<()> {
    for weighed in &report.findings {
        writeln!(out, "\n{}", show(weighed, dress))?;
    }
    for gate in &report.gates {
        let mut sorted: Vec<_> = gate.findings.iter().collect();
        sorted.sort_by_key(|w| std::cmp::Reverse(w.weight()));
        let (notes, heavy): (Vec<_>, Vec<_>) =
            sorted.into_iter().partition(|w| w.weight() == Severity::Note && !w.overridden);
        for weighed in heavy.iter().chain(notes.iter().take(MOST_NOTES)) {
            writeln!(out, "\n{}", show(weighed, dress))?;
        }
        if notes.len() > MOST_NOTES {
            writeln!(
                out,
                "\n{} more notes of {} are not shown; `--format json` has them all",
                notes.len() - MOST_NOTES,
                line(&gate.gate)
            )?;
        }
    }
    Ok(())
}

fn edited(report: &Report, dress: Dress, out: &mut dyn Write) -> io::Result<()> {
    let Some(edited) = &report.edited else { return Ok(()) };
    let files: Vec<String> = edited.files.iter().map(|f| line(f)).collect();
    writeln!(
        out,
        "\n{}",
        dress.strong(format!("the change edits the policy ({}); it does not decide, but would say:", files.join(", ")))
    )?;
    match (edited.verdict, &edited.unreadable) {
        (Some(verdict), _) => writeln!(out, "  {}", dress.verdict(verdict, verdict.word()))?,
        (None, why) => writeln!(out, "  it cannot be read: {}", line(why.as_deref().unwrap_or("unknown")))?,
    }
    for (gate, verdict, reason) in &edited.gates {
        writeln!(
            out,
            "  {:<12} {} {}",
            line(gate),
            dress.verdict(*verdict, format!("{:<10}", verdict.word())),
            line(reason)
        )?;
    }
    Ok(())
}

fn table(report: &Report, dress: Dress, out: &mut dyn Write) -> io::Result<()> {
    if report.gates.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = report.gates.iter().map(|g| line(&g.gate)).collect();
    let width = names.iter().map(|n| n.chars().count()).max().unwrap_or(0).clamp("gate".len(), WIDEST_NAME);
    writeln!(out, "\n{}", dress.quiet(format!("{:<width$}  {:<10}  {:>7}  reason", "gate", "verdict", "time")))?;
    for (gate, name) in report.gates.iter().zip(names) {
        let verdict = dress.verdict(gate.weight(), format!("{:<10}", gate.word()));
        writeln!(out, "{name:<width$}  {verdict}  {:>7}  {}", time(gate), line(&reason(gate)))?;
    }
    Ok(())
}

/// How each thing that the policy asks for stands.
fn explained(report: &Report, dress: Dress, out: &mut dyn Write) -> io::Result<()> {
    for gate in report.gates.iter().filter(|gate| !gate.explained.is_empty()) {
        writeln!(out, "\n{}", dress.strong(format!("what the policy asks of {}:", line(&gate.gate))))?;
        for one in &gate.explained {
            let place = one.line.map_or(String::new(), |at| format!(" [{}:{at}]", report.policy.path));
            writeln!(
                out,
                "  {:<11}  {}: {}{}",
                one.state.word(),
                line(&one.name),
                line(&one.why),
                dress.quiet(line(&place))
            )?;
        }
    }
    Ok(())
}

fn reason(gate: &GateReport) -> String {
    let waived = gate.findings.iter().filter(|w| w.waived.is_some()).count();
    let waived = if waived > 0 { format!(" ({waived} waived)") } else { String::new() };
    let advisory = if gate.required { "" } else { " (advisory)" };
    let overridden =
        gate.overridden.as_ref().map(|one| format!("{}, {} by itself: ", one.words(), gate.verdict.word()));
    format!("{}{}{waived}{advisory}", overridden.unwrap_or_default(), gate.reason)
}

fn time(gate: &GateReport) -> String {
    match gate.verdict {
        Verdict::Skipped => String::new(),
        _ if gate.took < SignedDuration::from_secs(10) => format!("{} ms", gate.took.as_millis()),
        _ => format!("{} s", gate.took.as_secs()),
    }
}

fn conclusion(report: &Report, dress: Dress, out: &mut dyn Write) -> io::Result<()> {
    let of = |verdict: Verdict| -> Vec<&str> {
        report.gates.iter().filter(|g| g.weight() == verdict).map(|g| g.gate.as_str()).collect()
    };
    let overridden: Vec<&str> =
        report.gates.iter().filter(|g| g.overridden.is_some()).map(|g| g.gate.as_str()).collect();
    let named = [Verdict::Blocked, Verdict::Unresolved, Verdict::Pending]
        .map(|verdict| (verdict.word(), of(verdict)))
        .into_iter()
        .filter(|(_, gates)| !gates.is_empty())
        .map(|(word, gates)| format!("{word}: {}", gates.join(", ")))
        .chain((!overridden.is_empty()).then(|| format!("overridden: {}", overridden.join(", "))))
        .collect::<Vec<_>>()
        .join("; ");
    let detail = if named.is_empty() { String::new() } else { format!(" ({})", line(&named)) };
    writeln!(out, "\n{}: {}{detail}", dress.verdict(report.verdict, report.verdict.word()), report.answer())?;
    if let Some(until) = report.valid_until {
        writeln!(out, "valid until {until}")?;
    }
    let (pending, others): (Vec<_>, Vec<_>) = report.gates.iter().partition(|g| g.weight() == Verdict::Pending);
    if let Some(retry) = pending.iter().filter_map(|g| g.retry_at).max() {
        // By then another gate may say otherwise than now.
        let certain = others.iter().all(|g| g.until.is_none_or(|until| until > retry));
        writeln!(out, "{} {retry}", if certain { "look again at" } else { "look again, and not before" })?;
    }
    Ok(())
}
