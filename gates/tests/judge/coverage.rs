//! How much of the code the tests reached.

use std::collections::BTreeMap;

use globset::GlobSet;

use super::super::coverage::evidence::{Changed, Content, Coverage, Excluded, Found, Lines, Report, Unmapped};
use super::super::coverage::policy::Coverage as Policy;
use super::super::gather::globs;
use super::super::rules::{
    CHANGED_LINES_UNKNOWN, COMMITTED_REPORT, COVERAGE_DROPPED, COVERAGE_TOO_LOW, COVERAGE_TOTALS, EXCLUDED_LINES,
    NO_BASE_COVERAGE, NO_COVERAGE, TOO_FEW_BRANCHES, UNCOVERED_LINES, UNMAPPED_COVERAGE, UNREADABLE_COVERAGE,
};
use super::super::share::Percent;
use super::binding::Bindings;
use super::{listed, number};
use crate::{Failure, Finding, Position, Rule, Severity, Span};

/// Judges the coverage. The answer is its summary.
pub(super) fn judge(
    policy: &Policy,
    gathered: Result<Coverage, Failure>,
    bindings: &mut Bindings<'_>,
    findings: &mut Vec<Finding>,
) -> String {
    const NOT: &str = "the coverage could not be looked at";
    let judged = gathered.and_then(|coverage| Ok((coverage, globs(&policy.exclude)?)));
    let (mut coverage, exclude) = match judged {
        Ok(judged) => judged,
        Err(failure) => {
            findings.push(of_failure(&UNREADABLE_COVERAGE, failure));
            return NOT.into();
        }
    };
    let (mut read, mut unsure) = (0_u64, Vec::new());
    for report in &coverage.reports {
        match &report.content {
            Content::Read(_) => {
                read += 1;
                // Lines that are declared and not there might all be uncovered.
                unsure.extend(short(&report.path, &report.short, report.all_short));
                bindings.add_said(&report.path, report.stamped.as_ref(), &report.commits, report.earliest);
            }
            Content::Unreadable(failure) => {
                let mut finding = of_failure(&UNREADABLE_COVERAGE, failure.clone());
                finding
                    .help
                    .get_or_insert_with(|| "see that the tool ended properly, and write the report again".into());
                findings.push(if finding.place.is_none() { finding.at_file(&report.path) } else { finding });
            }
            Content::Committed => findings.push(committed(&report.path)),
        }
    }
    findings.extend(coverage.without.iter().map(|glob| {
        Finding::new(&NO_COVERAGE, format!("no report of coverage is there: nothing matches `{glob}`"))
            .help("run the tests with coverage before predeploy in the same job, or download the report")
    }));
    if read == 0 {
        return NOT.into();
    }
    let total = sum(&coverage.found, |path| !exclude.is_match(path));
    if total.coverable == 0 {
        let message = format!("the reports of coverage hold no line of the repository ({})", number(read, "report"));
        findings.push(Finding::new(&NO_COVERAGE, message).help(MAPPED).detail(names(&coverage.found)));
        return "no line is coverable".into();
    }
    let shorts = coverage.reports.iter().filter(|report| report.all_short > 0);
    for (finding, report) in unsure.into_iter().zip(shorts) {
        let depends = depends(policy, report, total, &coverage, &exclude);
        findings.push(if depends { finding.severity(Severity::Unresolved) } else { finding });
    }
    let before = findings.len();
    if let Some(minimum) = policy.minimum {
        findings.extend(too_low("the code", minimum, total, &coverage.found));
    }
    if let Some(minimum) = policy.minimum_branches {
        findings.extend(branches(minimum, &coverage.found, &exclude));
        findings.extend(in_several(coverage.found.in_several));
    }
    for part in &policy.path {
        findings.extend(of_path(&part.paths, part.minimum, &exclude, &coverage.found));
    }
    let unsure = findings[before..].iter().any(|finding| finding.severity == Severity::Unresolved);
    findings.extend(unmapped(&coverage.found).filter(|_| !unsure));
    findings.extend(excluded(&coverage.excluded, coverage.all_excluded));
    let missing = |what: &str| Failure::new(format!("the evidence does not hold {what}"));
    bindings.add_base(std::mem::take(&mut coverage.base_ties));
    if let Some(most) = policy.max_drop {
        let base = coverage.base.unwrap_or_else(|| Err(missing("the coverage of the base")));
        findings.extend(dropped(most, total, base, &exclude));
    }
    let mut summary = format!("{} of {} covered", shown(total), number(total.coverable, "line"));
    if let Some(minimum) = policy.changed_lines {
        let changed = coverage.changed.unwrap_or_else(|| Err(missing("the changed lines")));
        summary.push_str(&changed_lines(minimum, changed, &coverage.found.ambiguous, findings));
    }
    summary
}

fn branches(minimum: Percent, found: &Found, exclude: &GlobSet) -> Option<Finding> {
    let mut sum = Lines::default();
    found.branches.iter().filter(|(path, _)| !exclude.is_match(path)).for_each(|(_, branches)| sum.add(*branches));
    if sum.coverable == 0 {
        let message = "the reports of coverage tell of no branch";
        let help = "let the tool measure branches, or leave `minimum-branches` out: a coverprofile of Go holds none, and of SimpleCov's none are read";
        return Some(Finding::new(&NO_COVERAGE, message).help(help));
    }
    minimum.is_missed(sum.covered, sum.coverable).then(|| {
        let (covered, all) = (sum.covered, sum.coverable);
        let (noun, is) = (if all == 1 { "branch" } else { "branches" }, if covered == 1 { "is" } else { "are" });
        let message = format!("{covered} of {all} {noun} {is} covered, less than the {minimum} asked for");
        Finding::new(&TOO_FEW_BRANCHES, message)
            .help(format!("it is {}; test the other way through them, too", shown(sum)))
    })
}

/// What is not added up, for information.
fn in_several(files: u64) -> Option<Finding> {
    (files > 0).then(|| {
        let message = format!(
            "branches of {} are told in several formats: of each file those of the format that tells of most count",
            number(files, "file")
        );
        let help = "name the reports of one format if it is one run";
        Finding::new(&COVERAGE_TOTALS, message).help(help).severity(Severity::Note)
    })
}

/// Whether a bound would be missed if the lines that a report declares and does not hold were uncovered.
fn depends(policy: &Policy, report: &Report, total: Lines, coverage: &Coverage, exclude: &GlobSet) -> bool {
    let counted: Vec<_> = report.short.iter().filter(|(name, ..)| !exclude.is_match(name)).collect();
    if report.all_short > report.short.len() as u64 {
        return true;
    }
    let missing =
        counted.iter().fold(0_u64, |sum, (_, declared, there)| sum.saturating_add(declared - there.min(declared)));
    let asks = |minimum: &Percent| minimum.is_missed(0, 1);
    let total_missed =
        policy.minimum.is_some_and(|it| it.is_missed(total.covered, total.coverable.saturating_add(missing)));
    let others = policy.path.iter().map(|part| &part.minimum).chain(&policy.minimum_branches);
    // Of the changed files, those that the name may stand for.
    let changed = || {
        let all = coverage.changed.iter().flatten().flatten();
        let is_it = |path: &str, name: &str| name.starts_with('<') || name.ends_with(path) || path.ends_with(name);
        all.into_iter().any(|file| counted.iter().any(|(name, ..)| is_it(&file.path, name)))
    };
    missing > 0
        && (total_missed
            || others.into_iter().any(asks)
            || (policy.changed_lines.as_ref().is_some_and(asks) && changed()))
}

/// More lines are declared than are there.
fn short(path: &str, short: &[(String, u64, u64)], all: u64) -> Option<Finding> {
    let (what, declared, there) = short.first()?;
    let more = match all.saturating_sub(1) {
        0 => String::new(),
        more => format!(", and so do {} of its", number(more, "more section")),
    };
    let message = format!("`{what}` declares {} and holds {there}{more}", number(*declared, "line"));
    let help = "see whether the report was cut or put together from parts; what is not there counts as not coverable";
    Some(Finding::new(&COVERAGE_TOTALS, message).help(help).at_file(path))
}

/// What the change takes out of the coverage.
fn excluded(first: &[Excluded], all: u64) -> Vec<Finding> {
    let mut findings: Vec<Finding> = first
        .iter()
        .map(|it| {
            let message = format!("the change adds `{}`, which takes lines out of the coverage", it.mark);
            let start = Position { line: it.line, column: 1 };
            let finding = Finding::new(&EXCLUDED_LINES, message).at(&it.path, Span { start, end: start });
            finding.help("test them, or let whoever reviews the change see why they need no test")
        })
        .collect();
    let more = all.saturating_sub(first.len() as u64);
    if more > 0 {
        let message = format!("and {} not listed here", number(more, "more such line"));
        findings.push(Finding::new(&EXCLUDED_LINES, message));
    }
    findings
}

const MAPPED: &str =
    "run the tool in the checkout of this repository; name generated files and dependencies in the tool's own settings";

fn sum(found: &Found, counts: impl Fn(&str) -> bool) -> Lines {
    let mut sum = Lines::default();
    found.files.iter().filter(|(path, _)| counts(path)).for_each(|(_, lines)| sum.add(*lines));
    sum
}

/// `81.25 %`, rounded down: a bound that is missed is never shown as reached.
fn shown(lines: Lines) -> String {
    let hundredths = hundredths(lines);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

fn hundredths(lines: Lines) -> u64 {
    let share = u128::from(lines.covered) * 10_000 / u128::from(lines.coverable.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// A bound that is missed, or that would be if lines that cannot be mapped were the repository's.
fn too_low(what: &str, minimum: Percent, lines: Lines, found: &Found) -> Option<Finding> {
    let missed = |lines: Lines| minimum.is_missed(lines.covered, lines.coverable);
    if missed(lines) {
        let message = format!(
            "{} of {} of {what} {} covered, less than the {minimum} asked for",
            lines.covered,
            number(lines.coverable, "line"),
            if lines.covered == 1 { "is" } else { "are" },
        );
        let help = format!("it is {}; test what is not reached, or remove it", shown(lines));
        return Some(Finding::new(&COVERAGE_TOO_LOW, message).help(help));
    }
    let mut with = lines;
    with.add(found.ambiguous.lines);
    if !missed(with) {
        return None;
    }
    let message = format!(
        "whether {minimum} of {what} is covered depends on {} that may stand for several of the repository: {}",
        number(found.ambiguous.files, "file"),
        listed::names(&found.ambiguous.names, found.ambiguous.files)
    );
    Some(Finding::new(&UNMAPPED_COVERAGE, message).severity(Severity::Unresolved).help(AMBIGUOUS))
}

const AMBIGUOUS: &str =
    "put each module's report into the module's own folder, or let the tool write paths from the repository's root";

fn of_path(paths: &[crate::EvidenceGlob], minimum: Percent, exclude: &GlobSet, found: &Found) -> Option<Finding> {
    let words: Vec<String> = paths.iter().map(|glob| format!("`{glob}`")).collect();
    let words = words.join(", ");
    let globs = match globs(paths) {
        Ok(globs) => globs,
        Err(failure) => return Some(of_failure(&UNREADABLE_COVERAGE, failure)),
    };
    let lines = sum(found, |path| globs.is_match(path) && !exclude.is_match(path));
    if lines.coverable == 0 {
        let message = format!("the reports of coverage hold no line of {words}");
        let help = "see that the tests of this part ran with coverage; correct `paths` if it was moved";
        return Some(Finding::new(&NO_COVERAGE, message).help(help));
    }
    too_low(&words, minimum, lines, found)
}

/// What is said of files that are not the repository's, for information.
fn unmapped(found: &Found) -> Option<Finding> {
    let told = |unmapped: &Unmapped, what: &str| {
        let names = listed::names(&unmapped.names, unmapped.files);
        (unmapped.files > 0).then(|| format!("{} {what}: {names}", number(unmapped.files, "file")))
    };
    let parts: Vec<String> = [
        told(&found.foreign, "of the reports not in the repository and left out"),
        told(&found.ambiguous, "that may stand for several and left out"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| Finding::new(&UNMAPPED_COVERAGE, parts.join("; ")).help(MAPPED))
}

fn names(found: &Found) -> String {
    found.foreign.names.iter().chain(&found.ambiguous.names).cloned().collect::<Vec<_>>().join("\n")
}

fn dropped(most: Percent, total: Lines, base: Result<Found, Failure>, exclude: &GlobSet) -> Option<Finding> {
    let base = match base {
        Ok(base) => sum(&base, |path| !exclude.is_match(path)),
        Err(failure) => return Some(of_failure(&NO_BASE_COVERAGE, failure)),
    };
    if base.coverable == 0 {
        let message = "the reports of the base's coverage hold no line: nothing can be compared with them";
        return Some(Finding::new(&NO_BASE_COVERAGE, message).help("see what the target branch's run wrote"));
    }
    // covered/coverable < base - most, without rounding
    let [covered, coverable, base_covered, base_coverable] =
        [total.covered, total.coverable, base.covered, base.coverable].map(u128::from);
    let here = covered * base_coverable * 10_000;
    let there = base_covered * coverable * 10_000;
    if here + u128::from(most.hundredths()) * coverable * base_coverable >= there {
        return None;
    }
    let message =
        format!("{} of the code is covered, and {} on the base: {most} less is allowed", shown(total), shown(base));
    Some(Finding::new(&COVERAGE_DROPPED, message).help("test what was added, or see which tests no longer run"))
}

fn changed_lines(
    minimum: Percent,
    changed: Result<Vec<Changed>, Failure>,
    ambiguous: &Unmapped,
    findings: &mut Vec<Finding>,
) -> String {
    let changed = match changed {
        Ok(changed) => changed,
        Err(failure) => {
            findings.push(of_failure(&CHANGED_LINES_UNKNOWN, failure));
            return ", which lines are changed is not known".into();
        }
    };
    let (changed, unmeasured): (Vec<_>, Vec<_>) = changed.into_iter().partition(|file| file.is_measured);
    findings.extend(not_measured(&unmeasured));
    let mut lines = Lines::default();
    for file in &changed {
        lines.add(Lines { covered: file.covered, coverable: file.covered.saturating_add(file.uncovered) });
    }
    if lines.coverable == 0 {
        return ", no changed line is coverable".into();
    }
    let summary = format!(", {} of {}", shown(lines), number(lines.coverable, "changed line"));
    if !minimum.is_missed(lines.covered, lines.coverable) {
        return summary;
    }
    let asked = format!("{} are, and {minimum} is asked for", shown(lines));
    let mut listed = 0;
    let unsure = ambiguous.files > 0 && changed.iter().all(|file| !file.is_known || file.uncovered == 0);
    for file in changed {
        for span in &file.spans {
            listed += u64::from(span.last - span.first) + 1;
            let place = Span {
                start: Position { line: span.first, column: 1 },
                end: Position { line: span.last, column: span.width + 1 },
            };
            let lines = match span.last - span.first {
                0 => format!("changed line {} is not covered", span.first),
                _ => format!("changed lines {} to {} are not covered", span.first, span.last),
            };
            let why = if file.is_known { "" } else { " (no report of coverage names a line of the file)" };
            let finding = Finding::new(&UNCOVERED_LINES, format!("{lines}{why}: of all changed lines {asked}"));
            let finding = finding.help("test them").at(&file.path, place).excerpt(span.excerpt.clone());
            findings.push(if unsure { finding.severity(Severity::Unresolved).help(AMBIGUOUS) } else { finding });
        }
    }
    let uncovered = lines.coverable - lines.covered;
    if uncovered > listed {
        let message = format!("and {} more not listed here", number(uncovered - listed, "uncovered changed line"));
        findings.push(Finding::new(&UNCOVERED_LINES, message));
    }
    summary
}

/// Changed sources of languages that no report tells of: one finding for each language.
fn not_measured(files: &[Changed]) -> Vec<Finding> {
    let mut by_ending: BTreeMap<&str, Vec<&Changed>> = BTreeMap::new();
    for file in files {
        by_ending.entry(file.path.rsplit('.').next().unwrap_or_default()).or_default().push(file);
    }
    let told = by_ending.into_iter().map(|(ending, files)| {
        let count = files.len() as u64;
        let names: Vec<String> = files.iter().take(20).map(|file| file.path.clone()).collect();
        let message = format!(
            "the reports of coverage hold no file in `.{ending}`: whether what the change adds to {} is covered is not known",
            listed::names(&names, count)
        );
        let help = format!(
            "let their tests run with coverage, too; if this language is not to be measured, say so on the target branch: `exclude = [\"**/*.{ending}\"]`"
        );
        let finding = Finding::new(&NO_COVERAGE, message).help(help);
        if let [only] = &*files { finding.at_file(&only.path) } else { finding }
    });
    told.collect()
}

fn committed(path: &str) -> Finding {
    let message =
        format!("`{path}` is tracked by git: a committed report says nothing about this run and was not counted");
    Finding::new(&COMMITTED_REPORT, message)
        .help(format!("remove it with `git rm --cached '{path}'`, ignore it, and let the test run write it"))
        .at_file(path)
}

fn of_failure(rule: &'static Rule, failure: Failure) -> Finding {
    let mut finding = Finding::new(rule, failure.message);
    finding.help = failure.help;
    finding.place = failure.place;
    finding
}
