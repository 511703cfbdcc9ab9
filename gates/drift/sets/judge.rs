//! From the keys of each environment to findings.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobSet;

use super::idle::Idle;
use super::laid::{Ages, Held, Laid, at_key, lay, same_files, unreadable};
use super::matching::Matching;
use super::meant::Meant;
use super::neighbours::{Alone, Group, groups};
use super::placeholders::placeholders;
use super::sorted::Table;
use super::suspect::{Asked, invalid, suspect};
use super::twins::Twins;
use crate::drift::code::CodeEvidence;
use crate::drift::evidence::{self, Content, Type};
use crate::drift::part::Said;
use crate::drift::pattern::globs;
use crate::drift::policy::{Keys, Whole};
use crate::drift::rules::{EXTRA_KEY, MISSING_KEY, UNREADABLE_FILE};
use crate::{Context, Finding, Severity};

pub(in crate::drift) fn judge(
    sets: &[Whole<'_>],
    evidence: &[evidence::Set],
    code: Option<&CodeEvidence>,
    at: &Context<'_>,
) -> Said {
    let mut findings = Vec::new();
    let mut summaries = Vec::new();
    let mut idle = Idle::default();
    for (number, set) in sets.iter().enumerate() {
        let declared = set.names();
        let names = |gathered: &evidence::Set| {
            gathered.environments.iter().map(|it| it.name.as_str()).eq(declared.iter().copied())
        };
        let summary = if let Some(gathered) = evidence.get(number).filter(|gathered| names(gathered)) {
            let asked = Set::of(set, gathered, at).with(code);
            idle.ask(&asked);
            let judged = asked.judge();
            findings.extend(judged.findings);
            judged.summary
        } else {
            findings.push(
                Finding::new(&UNREADABLE_FILE, "the evidence does not hold the environments of the policy")
                    .help("gather it again with this policy"),
            );
            "not determined".into()
        };
        summaries.push(match set.name {
            Some(name) => format!("{name}: {summary}"),
            None => summary,
        });
    }
    findings.extend(idle.findings());
    let summary = (!summaries.is_empty()).then(|| summaries.join("; "));
    Said { summary, findings }
}

pub(super) struct Set<'a> {
    pub rules: Vec<(GlobSet, &'a Keys)>,
    pub matching: Matching<'a>,
    pub twins: Twins<'a>,
    pub environments: Vec<Laid<'a>>,
    pub table: Table<'a>,
    /// The keys that the template names, each with its place.
    needed: BTreeMap<&'a str, Needed<'a>>,
    /// Files of several environments.
    shared: BTreeSet<&'a str>,
    /// The variables that the code reads, and those that the target sets.
    code: Option<(&'a CodeEvidence, BTreeSet<&'a str>)>,
    /// Index of the environment that the change goes to.
    pub target: usize,
    pub findings: Vec<Finding>,
}

struct Judged {
    summary: String,
    findings: Vec<Finding>,
}

impl<'a> Set<'a> {
    pub fn of(set: &Whole<'a>, gathered: &'a evidence::Set, at: &Context<'_>) -> Self {
        let ignored = globs(set.ignore.iter().copied());
        let ages = Ages { now: at.at, most: set.max_age };
        let mut findings = Vec::new();
        let environments: Vec<Laid<'_>> =
            gathered.environments.iter().map(|it| lay(it, &ignored, ages, &mut findings)).collect();
        let table = Table::of(&environments);
        let needed = needed(gathered, &mut findings);
        let named = at.change.environment.as_deref();
        let target = environments.iter().position(|environment| Some(environment.name) == named);
        let target = target.unwrap_or(environments.len().saturating_sub(1));
        findings.extend(same_files(set, &gathered.environments, target));
        let rules: Vec<(GlobSet, &Keys)> = set.keys.iter().map(|rule| (globs(rule.matching.all()), *rule)).collect();
        let matching = Matching::of(&rules, gathered, &environments, &table);
        let twins = Twins::of(gathered);
        Self {
            rules,
            matching,
            twins,
            environments,
            table,
            needed,
            shared: shared(gathered),
            code: None,
            target,
            findings,
        }
    }

    fn with(self, code: Option<&'a CodeEvidence>) -> Self {
        let set = |index: usize| self.environments[index].keys.iter().map(|(key, _)| variable(key)).collect();
        let code = code.filter(|_| !self.environments.is_empty()).map(|code| (code, set(self.target)));
        Self { code, ..self }
    }

    fn judge(mut self) -> Judged {
        if self.environments.is_empty() {
            return Judged { summary: "nothing was compared".into(), findings: self.findings };
        }
        let settled = self.presence();
        let (missing, extra) = self.neighbours(&settled);
        self.values();
        self.single_values(&settled);
        let (placeholders, found) = placeholders(&self.environments, self.target, &self.shared);
        self.findings.extend(found);
        let target = &self.environments[self.target];
        let mut parts =
            vec![format!("{} of {} environments compared", number(self.table.len(), "key"), self.environments.len())];
        for (count, what) in [(missing, "missing in"), (extra, "only in"), (placeholders, "left as placeholder in")] {
            if count > 0 {
                parts.push(format!("{count} {what} {}", target.name));
            }
        }
        let unread: Vec<&str> = self.environments.iter().filter(|it| !it.whole).map(|it| it.name).collect();
        if !unread.is_empty() {
            parts.push(format!("{} could not be read", unread.join(" and ")));
        }
        Judged { summary: parts.join(", "), findings: self.findings }
    }

    /// Compares the target with the environment before it. The answer is how many keys are missing and extra.
    fn neighbours(&mut self, settled: &BTreeSet<(usize, &'a str)>) -> (usize, usize) {
        let Some(before_it) = self.target.checked_sub(1) else { return (0, 0) };
        let (before, target) = (&self.environments[before_it], &self.environments[self.target]);
        if !before.whole || !target.whole || before.keys.is_empty() || target.keys.is_empty() {
            return (0, 0);
        }
        let open = |key: &&str| !settled.contains(&(self.target, *key));
        let only = |there: usize, here: &Laid<'_>, not_here: usize| -> Vec<&'a str> {
            let rows = self.table.rows().filter(|(_, cells)| cells[there].is_some() && cells[not_here].is_none());
            rows.map(|(key, _)| key).filter(|key| !here.has(key)).filter(open).collect()
        };
        let alone =
            Alone { lacking: only(before_it, target, self.target), adding: only(self.target, before, before_it) };
        let Alone { lacking, adding } = alone.without_pairs(before.name, target.name);
        let meant = Meant::new(before, target);
        let unmet = self.table.rows().filter(|(_, cells)| is_emptied(cells[before_it], cells[self.target]));
        let unmet = unmet.map(|(key, _)| key).filter(open);
        let needed: Vec<(&'a str, String)> =
            lacking.iter().copied().chain(unmet).filter_map(|key| Some((key, self.needed(key)?))).collect();
        let is_needed: BTreeSet<&str> = needed.iter().map(|(key, _)| *key).collect();
        let others: Vec<&'a str> = lacking.iter().copied().filter(|key| !is_needed.contains(key)).collect();
        let mut told: Vec<(Group<'a>, &[&'a str], Option<&str>)> = Vec::new();
        let mut rest = others.as_slice();
        for group in groups(&others, target) {
            let (members, after) = rest.split_at(group.count.min(rest.len()));
            rest = after;
            told.push((group, members, None));
        }
        // What is named weighs by itself: nothing beside it says that it is meant.
        for (key, by) in &needed {
            told.push((Group::of_one(key), std::slice::from_ref(key), Some(by)));
        }
        told.sort_by_key(|(group, ..)| group.first);
        for (group, members, by) in told {
            let Some(held) = before.keys.get(group.first) else { continue };
            let Group { name, first, count, .. } = &group;
            let (place, keys) = (held.place(), of(*count));
            let named = by.map(|by| format!("; {by} names it")).unwrap_or_default();
            let message =
                format!("{name}{keys} is set in {} ({}) and missing in {}{named}", before.name, place, target.name);
            let help = format!(
                "set it in {}; if {} does without it on purpose, list it under `ignore`",
                target.home(),
                target.name
            );
            let severity = meant.weight(members, group.table, by.is_some());
            let finding = Finding::new(&MISSING_KEY, message).severity(severity).help(help);
            // A waiver for one key is none for those beside it.
            let subject = if *count == 1 { (*first).to_owned() } else { name.trim_matches('`').to_owned() };
            self.findings.push(target.at_own(finding.about(subject)));
        }
        for Group { name, first, count, .. } in groups(&adding, before) {
            let message = format!("{name}{} is set in {} and not in {} before it", of(count), target.name, before.name);
            let help = format!("set it in {} as well, so that it is tried there first", before.home());
            let finding = Finding::new(&EXTRA_KEY, message).help(help);
            self.findings.extend(target.keys.get(first).map(|held| at_key(finding, held)));
        }
        (lacking.len() + is_needed.difference(&lacking.iter().copied().collect()).count(), adding.len())
    }

    /// Where the template or the code names a key.
    fn needed(&self, key: &str) -> Option<String> {
        let by_code = || {
            let (code, set) = self.code.as_ref()?;
            // Under another path, or of another form, the target may well have it.
            let name = Some(variable(key)).filter(|name| !set.contains(name))?;
            let (path, line) = code.needed_at(name)?;
            Some(format!("{path}:{line}"))
        };
        let place = |(held, before): &Needed<'_>| {
            if *before { format!("{} before this change", held.place()) } else { held.place() }
        };
        self.needed.get(key).map(place).or_else(by_code)
    }

    /// What the policy says of single values, and what stands out without it.
    fn single_values(&mut self, settled: &BTreeSet<(usize, &'a str)>) {
        for (index, laid) in self.environments.iter().enumerate() {
            self.findings.extend(invalid(laid, &self.rules, &self.matching, self.weight(index)));
        }
        let target = self.target;
        let asked =
            |key: &str| Asked { settled: settled.contains(&(target, key)), related: self.relation(key).is_some() };
        self.findings.extend(suspect(&self.environments, &self.table, target, &asked));
    }

    /// What concerns the target blocks; elsewhere it is a warning.
    pub fn weight(&self, index: usize) -> Severity {
        if index == self.target { Severity::Error } else { Severity::Warning }
    }
}

/// The name of the variable that a key sets: `A` of `services.api.environment.A` and of `env[A].value`.
fn variable(key: &str) -> &str {
    let key = key.strip_suffix(".value").unwrap_or(key);
    let key = key.strip_suffix(']').unwrap_or(key);
    key.rsplit(['.', '[']).next().unwrap_or(key)
}

/// The files that more than one environment has.
fn shared(gathered: &evidence::Set) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    let files = gathered.environments.iter().flat_map(|environment| &environment.files);
    files.map(|file| file.path.as_str()).filter(|path| !seen.insert(*path)).collect()
}

/// The keys of the template, as it is and as it was where the change starts from; what is wrong with it, if the policy names it.
fn needed<'a>(gathered: &'a evidence::Set, findings: &mut Vec<Finding>) -> BTreeMap<&'a str, Needed<'a>> {
    let mut needed = BTreeMap::new();
    for (template, before) in [(&gathered.template_before, true), (&gathered.template, false)] {
        let Some(template) = template else { continue };
        match &template.content {
            Content::Keys { keys, .. } => {
                needed.extend(keys.iter().map(|key| (key.path.as_str(), (Held { key, file: template }, before))));
            }
            _ => findings.extend(unreadable(template, "the template")),
        }
    }
    needed
}

/// Whether the latter has an empty table where the former has something.
fn is_emptied(before: Option<Held<'_>>, target: Option<Held<'_>>) -> bool {
    let is_table = |held: Held<'_>| held.key.kind == Type::Table;
    before.is_some_and(|held| !is_table(held)) && target.is_some_and(is_table)
}

/// What names a key, and whether it only did so before the change.
type Needed<'a> = (Held<'a>, bool);

fn of(count: usize) -> String {
    if count == 1 { String::new() } else { format!(" ({count} keys)") }
}

fn number(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
