//! From the keys of each environment to findings.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobSet;

use super::laid::{Ages, Held, Laid, at_key, lay, same_files, unreadable};
use super::meant::Meant;
use super::neighbours::{Alone, Group, groups};
use super::placeholders::placeholders;
use super::sorted::Table;
use super::suspect::{Asked, invalid, suspect};
use crate::drift::code::CodeEvidence;
use crate::drift::evidence::{self, Content, Key, Type};
use crate::drift::part::Said;
use crate::drift::pattern::globs;
use crate::drift::policy::{Keys, Values, Whole};
use crate::drift::rules::{
    EXTRA_KEY, FORBIDDEN_KEY, MISSING_KEY, NOT_COMPARED, SHARED_VALUE, UNEQUAL_VALUE, UNREADABLE_FILE,
};
use crate::{Context, Finding, Severity, Text};

pub(in crate::drift) fn judge(
    sets: &[Whole<'_>],
    evidence: &[evidence::Set],
    code: Option<&CodeEvidence>,
    at: &Context<'_>,
) -> Said {
    let mut findings = Vec::new();
    let mut summaries = Vec::new();
    for (number, set) in sets.iter().enumerate() {
        let declared = set.names();
        let names = |gathered: &evidence::Set| {
            gathered.environments.iter().map(|it| it.name.as_str()).eq(declared.iter().copied())
        };
        let summary = if let Some(gathered) = evidence.get(number).filter(|gathered| names(gathered)) {
            let judged = Set::of(set, gathered, at).with(code).judge();
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
    let summary = (!summaries.is_empty()).then(|| summaries.join("; "));
    Said { summary, findings }
}

pub(super) struct Set<'a> {
    rules: Vec<(GlobSet, &'a Keys)>,
    pub environments: Vec<Laid<'a>>,
    pub table: Table<'a>,
    /// The keys that the template names, each with its place.
    needed: BTreeMap<&'a str, Held<'a>>,
    /// Files of several environments.
    shared: BTreeSet<&'a str>,
    /// The variables that the code reads.
    code: Option<&'a CodeEvidence>,
    /// Index of the environment that the change goes to.
    target: usize,
    findings: Vec<Finding>,
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
        findings.extend(same_files(&gathered.environments, target));
        let rules = set.keys.iter().map(|rule| (globs(rule.matching.all()), *rule)).collect();
        Self { rules, environments, table, needed, shared: shared(gathered), code: None, target, findings }
    }

    fn with(self, code: Option<&'a CodeEvidence>) -> Self {
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

    /// What the policy says about who must and must not have a key. The answer is what needs no second finding.
    fn presence(&mut self) -> BTreeSet<(usize, &'a str)> {
        let mut settled = BTreeSet::new();
        for (matching, rule) in &self.rules {
            let mut required: BTreeSet<&str> = self.table.keys().filter(|key| matching.is_match(key)).collect();
            // What has no wildcard names a key, even one that nobody has.
            let named = rule.matching.all().iter().map(Text::as_str).filter(|text| !text.contains('*'));
            required.extend(named);
            for (index, environment) in self.environments.iter().enumerate() {
                if contains(&rule.required_in, environment.name) && environment.whole {
                    let is_empty = |key: &str| environment.keys.get(key).is_some_and(|held| held.key.facts.empty);
                    for key in required.iter().filter(|key| !environment.has(key) || is_empty(key)) {
                        if settled.insert((index, *key)) {
                            let message = format!(
                                "`{key}` is required in {} and {}",
                                environment.name,
                                if is_empty(key) { "empty" } else { "missing" }
                            );
                            self.findings.push(
                                environment.at_own(
                                    Finding::new(&MISSING_KEY, message)
                                        .severity(self.weight(index))
                                        .help(format!("set it in {}", environment.home()))
                                        .about(*key),
                                ),
                            );
                        }
                    }
                }
                if contains(&rule.forbidden_in, environment.name) {
                    for (key, held) in environment.keys.iter().filter(|(key, _)| matching.is_match(key)) {
                        if settled.insert((index, key)) {
                            let message = format!("`{key}` must not be set in {}", environment.name);
                            let finding = Finding::new(&FORBIDDEN_KEY, message).severity(self.weight(index));
                            self.findings.push(at_key(finding.help("remove it there"), held));
                        }
                    }
                }
            }
        }
        settled
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
        let mut rest = lacking.as_slice();
        for Group { name, first, count } in groups(&lacking, target) {
            let (members, after) = rest.split_at(count.min(rest.len()));
            rest = after;
            let Some(held) = before.keys.get(first) else { continue };
            let (place, keys) = (held.place(), of(count));
            let needed = members.iter().find_map(|key| self.needed(key));
            let named = needed.as_ref().map(|by| format!("; {by} names it")).unwrap_or_default();
            let message =
                format!("{name}{keys} is set in {} ({}) and missing in {}{named}", before.name, place, target.name);
            let help = format!(
                "set it in {}; if {} does without it on purpose, list it under `ignore`",
                target.home(),
                target.name
            );
            let severity = meant.weight(members, needed.is_some());
            let finding = Finding::new(&MISSING_KEY, message).severity(severity).help(help);
            // A waiver for one key is none for those beside it.
            let subject = if count == 1 { first.to_owned() } else { name.trim_matches('`').to_owned() };
            self.findings.push(target.at_own(finding.about(subject)));
        }
        for Group { name, first, count } in groups(&adding, before) {
            let message = format!("{name}{} is set in {} and not in {} before it", of(count), target.name, before.name);
            let help = format!("set it in {} as well, so that it is tried there first", before.home());
            let finding = Finding::new(&EXTRA_KEY, message).help(help);
            self.findings.extend(target.keys.get(first).map(|held| at_key(finding, held)));
        }
        (lacking.len(), adding.len())
    }

    /// Where the template or the code names a key.
    fn needed(&self, key: &str) -> Option<String> {
        let by_code = || {
            let name = variable(key);
            // Under another path, or of another form, the target may well have it.
            if self.environments[self.target].keys.iter().any(|(key, _)| variable(key) == name) {
                return None;
            }
            let (path, line) = self.code?.needed_at(name)?;
            Some(format!("{path}:{line}"))
        };
        self.needed.get(key).map(Held::place).or_else(by_code)
    }

    /// Values that must be equal, and those that must differ.
    fn values(&mut self) {
        // The target first: what it shares with or has apart from others is what would ship.
        let mut order: Vec<usize> = (0..self.environments.len()).collect();
        order.sort_by_key(|index| (*index != self.target, std::cmp::Reverse(*index)));
        let mut findings = Vec::new();
        for (key, cells) in self.table.rows() {
            let says = |(matching, rule): &(GlobSet, &Keys)| rule.values.filter(|_| matching.is_match(key));
            let Some(relation) = self.rules.iter().rev().find_map(says) else { continue };
            let held: Vec<(usize, Held<'_>)> =
                order.iter().filter_map(|index| Some((*index, cells[*index]?))).collect();
            match relation {
                Values::MayDiffer => {}
                _ if held.len() > 1 && held.iter().any(|(_, held)| held.key.kind == Type::Hidden) => {
                    findings.push(not_compared(key));
                }
                Values::Equal => findings.extend(self.must_be_equal(key, &held)),
                Values::Differ => findings.extend(self.must_differ(key, &held)),
            }
        }
        self.findings.extend(findings);
    }

    /// What the policy says of single values, and what stands out without it.
    fn single_values(&mut self, settled: &BTreeSet<(usize, &'a str)>) {
        for (index, laid) in self.environments.iter().enumerate() {
            self.findings.extend(invalid(laid, &self.rules, self.weight(index)));
        }
        let target = self.target;
        let asked = |key: &str| Asked {
            settled: settled.contains(&(target, key)),
            related: self.rules.iter().any(|(matching, rule)| rule.values.is_some() && matching.is_match(key)),
        };
        self.findings.extend(suspect(&self.environments, &self.table, target, &asked));
    }

    fn must_be_equal(&self, key: &str, held: &[(usize, Held<'a>)]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let Some(((reference, first), others)) = held.split_first() else { return findings };
        for (index, other) in self.environments.iter().enumerate() {
            // A table where others have a single value. What is absent is another rule's.
            if other.keys.get(key).is_some() || !other.has(key) {
                continue;
            }
            let message = format!("`{key}` must be equal and is a table in {}", other.name);
            let severity = self.weight(if index == self.target { index } else { *reference });
            let help = format!("give it one form; in {} it is a single value", self.environments[*reference].name);
            findings.push(at_key(Finding::new(&UNEQUAL_VALUE, message).severity(severity).help(help), *first));
        }
        for (index, other) in others.iter().filter(|(_, other)| !equal(first.key, other.key)) {
            let (here, there) = (self.environments[*reference].name, self.environments[*index].name);
            let why = if first.key.fingerprint == other.key.fingerprint { "another type" } else { "another value" };
            let message = format!("`{key}` must be equal and has {why} in {here} than in {there} ({})", other.place());
            let finding = Finding::new(&UNEQUAL_VALUE, message)
                .severity(self.weight(*reference))
                .help("make them equal, or say `values = \"may-differ\"` for this key");
            findings.push(at_key(finding, *first));
        }
        findings
    }

    fn must_differ(&self, key: &str, held: &[(usize, Held<'a>)]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (number, (index, one)) in held.iter().enumerate() {
            let same =
                |(_, other): &&(usize, Held<'_>)| !one.key.facts.empty && one.key.fingerprint == other.key.fingerprint;
            let Some((other_index, other)) = held[number + 1..].iter().find(same) else { continue };
            let (here, there) = (self.environments[*index].name, self.environments[*other_index].name);
            let message =
                format!("`{key}` must differ and has the same value in {here} as in {there} ({})", other.place());
            let finding = Finding::new(&SHARED_VALUE, message)
                .severity(self.weight(*index))
                .help(format!("give {here} a value of its own"));
            findings.push(at_key(finding, *one));
        }
        findings
    }

    /// What concerns the target blocks; elsewhere it is a warning.
    fn weight(&self, index: usize) -> Severity {
        if index == self.target { Severity::Error } else { Severity::Warning }
    }
}

/// The name of the variable that a key sets: `A` of `services.api.environment.A` and of `env[A].value`.
fn variable(key: &str) -> &str {
    let key = key.strip_suffix(".value").unwrap_or(key);
    let key = key.strip_suffix(']').unwrap_or(key);
    key.rsplit(['.', '[']).next().unwrap_or(key)
}

fn not_compared(key: &str) -> Finding {
    let message = format!("`{key}` is a secret at the forge, which tells nobody its value: it cannot be compared");
    let help = "give a snapshot of both environments instead (`predeploy drift snapshot`), or say `values = \"may-differ\"` for this key";
    Finding::new(&NOT_COMPARED, message).help(help).about(key)
}

/// The files that more than one environment has.
fn shared(gathered: &evidence::Set) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    let files = gathered.environments.iter().flat_map(|environment| &environment.files);
    files.map(|file| file.path.as_str()).filter(|path| !seen.insert(*path)).collect()
}

/// The keys of the template; what is wrong with it, if the policy names it.
fn needed<'a>(gathered: &'a evidence::Set, findings: &mut Vec<Finding>) -> BTreeMap<&'a str, Held<'a>> {
    let Some(template) = &gathered.template else { return BTreeMap::new() };
    match &template.content {
        Content::Keys { keys, .. } => {
            keys.iter().map(|key| (key.path.as_str(), Held { key, file: template })).collect()
        }
        _ => {
            findings.extend(unreadable(template, "the template"));
            BTreeMap::new()
        }
    }
}

fn equal(one: &Key, other: &Key) -> bool {
    let types = one.kind == other.kind || one.kind == Type::Untyped || other.kind == Type::Untyped;
    types && one.fingerprint == other.fingerprint
}

fn contains(names: &[Text], name: &str) -> bool {
    names.iter().any(|text| text.as_str() == name)
}

fn of(count: usize) -> String {
    if count == 1 { String::new() } else { format!(" ({count} keys)") }
}

fn number(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
