//! From differences to findings.

use globset::GlobSet;

use super::{Difference, Evidence, Found, How, Schema};
use crate::drift::part::Said;
use crate::drift::pattern::globs;
use crate::drift::rules::{
    NOT_CHECKED, SCHEMA_DIFFERENCE, SCHEMA_EXTRA, SCHEMA_MISSING, UNREADABLE_FILE, VANISHED_SOURCE,
};
use crate::{Context, Failure, Finding, Length, Severity};

/// How old a dump may be where the policy does not say.
const DAY: Length = Length::from_secs(86_400);
/// By so many seconds a clock may be ahead.
const AHEAD: i64 = 300;

pub(in crate::drift) fn judge(policy: &[Schema], evidence: &[Evidence], at: &Context<'_>) -> Said {
    let mut said = Said::default();
    if policy.len() != evidence.len() {
        let finding = Finding::new(&UNREADABLE_FILE, "the evidence does not hold the schemas of the policy");
        said.findings.push(finding.help("gather it again with this policy"));
        return said;
    }
    let mut summaries = Vec::new();
    for (policy, evidence) in policy.iter().zip(evidence) {
        match &evidence.found {
            None => {}
            Some(Err(failure)) => said.findings.push(unreadable(failure)),
            Some(Ok(found)) => {
                let ignored = globs(&policy.ignore);
                let differences = found.differences.iter().filter(|it| !ignored.is_match(it.subject())).count();
                summaries.push(summary(found, differences));
                said.findings.extend(doubts(policy, found, at));
                said.findings.extend(findings(found, &ignored));
            }
        }
    }
    said.summary = Some(summaries.join("; ")).filter(|all| !all.is_empty());
    said
}

fn summary(found: &Found, differences: usize) -> String {
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let mut summary = format!(
        "{} of the live schema against {} on {}, {}",
        plural(found.live, "object"),
        plural(found.migrations, "migration"),
        found.server,
        plural(differences, "difference")
    );
    if found.partitions > 0 {
        summary.push_str(&format!(", {} beside", plural(found.partitions, "partition")));
    }
    if !found.left_out.is_empty() {
        summary.push_str(&format!(" (not compared: {})", found.left_out.join(", ")));
    }
    summary
}

fn unreadable(failure: &Failure) -> Finding {
    let mut finding = Finding::new(&NOT_CHECKED, failure.message.clone());
    finding.help.clone_from(&failure.help);
    finding.place.clone_from(&failure.place);
    finding
}

/// Why the dump may not tell all.
fn doubts(policy: &Schema, found: &Found, at: &Context<'_>) -> Vec<Finding> {
    let path = &found.path;
    let mut doubts = Vec::new();
    let mut doubt = |message: String, help: &str| {
        doubts.push(Finding::new(&NOT_CHECKED, message).help(help).at_file(path));
    };
    for what in &found.unknown {
        doubt(
            format!("the migrations make {what}, and `{path}` was written without them"),
            "write it with `mariadb-dump --no-data --routines --events`",
        );
    }
    let max = policy.max_age.unwrap_or(DAY);
    match found.made.map(|made| at.at.as_second().saturating_sub(made.as_second())) {
        None if policy.max_age.is_some() => doubt(
            format!("`{path}` does not tell when it was made"),
            "write it with `pg_dump --verbose` or without `--skip-dump-date`, in UTC, or drop `max-age`",
        ),
        None => {}
        Some(age) if age < -AHEAD => doubt(
            format!("`{path}` says that it was made in the future"),
            "set the clock, and the zone of the job to UTC: the dump names none",
        ),
        Some(age) if age > max.get().as_secs() => doubt(
            format!("`{path}` was made more than {max} ago"),
            "write it anew in the job that asks; a dump names no zone, and is taken to be in UTC",
        ),
        Some(_) => {}
    }
    if let Some(directory) = &found.vanished {
        let message = format!("the change removes the migrations in `{directory}`, which make the schema");
        doubts.push(
            Finding::new(&VANISHED_SOURCE, message)
                .help("keep them; a move is a change of the policy too: let someone waive this finding")
                .about(directory),
        );
    }
    doubts
}

fn findings(found: &Found, ignored: &GlobSet) -> Vec<Finding> {
    let told = found.differences.iter().filter(|it| !ignored.is_match(it.subject()));
    told.map(|difference| {
        let what = difference.what();
        // Without the change's start, the change itself may make the difference.
        let weight = if found.base { Severity::Error } else { Severity::Warning };
        let (rule, severity, message) = match &difference.how {
            // What an extension brings is not used by itself, and servers come with some.
            How::Extra if difference.kind == "extension" => {
                (&SCHEMA_EXTRA, Severity::Note, format!("{what} is live, and no migration makes it"))
            }
            How::Extra => (&SCHEMA_EXTRA, weight, format!("{what} is live, and no migration makes it")),
            How::Missing => (&SCHEMA_MISSING, weight, format!("{what} is made by the migrations, and not live")),
            How::Changed => (&SCHEMA_DIFFERENCE, weight, format!("{what} is not as the migrations make it")),
            How::Tuned => {
                (&SCHEMA_DIFFERENCE, Severity::Warning, format!("{what} is stored otherwise than the migrations say"))
            }
            How::Renamed(name) => {
                (&SCHEMA_DIFFERENCE, Severity::Warning, format!("{what} is `{name}` in the migrations"))
            }
        };
        let mut finding =
            Finding::new(rule, message).severity(severity).help(help(&difference.how)).about(difference.subject());
        finding.place.clone_from(&difference.place);
        let detail = difference.detail();
        if detail.is_empty() { finding } else { finding.detail(detail) }
    })
    .collect()
}

const fn help(how: &How) -> &'static str {
    match how {
        How::Extra => {
            "take it over into a migration that makes it where it is not there, drop it, or waive this finding with the reason"
        }
        How::Missing => {
            "find out who dropped it, and make it again or drop it in a migration; what was merged and is not deployed yet is to be deployed first"
        }
        How::Changed | How::Tuned => "take it over into a migration, undo it, or waive this finding with the reason",
        How::Renamed(_) => "rename it: a migration that names it would fail here",
    }
}

impl Difference {
    /// `table/orders#note`, `index/orders_created`.
    pub(super) fn subject(&self) -> String {
        let column = self.column.as_ref().map_or_else(String::new, |column| format!("#{column}"));
        format!("{}/{}{column}", self.kind, self.name)
    }

    fn what(&self) -> String {
        match &self.column {
            Some(column) => format!("the column `{column}` of {} `{}`", self.kind, self.name),
            None => format!("{} `{}`", self.kind, self.name),
        }
    }

    /// From what the migrations make to what is live.
    fn detail(&self) -> String {
        let lines = |mark: &str, lines: &[String]| -> String {
            lines.iter().flat_map(|line| line.lines()).map(|line| format!("{mark}{line}\n")).collect()
        };
        (lines("-", &self.expected) + &lines("+", &self.found)).trim_end().to_owned()
    }
}
