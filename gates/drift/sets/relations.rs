//! What the policy says of keys across environments: who must have them and who must not, which are equal, and which differ.

use std::collections::BTreeSet;

use super::judge::Set;
use super::laid::{Held, at_key};
use super::matching::Has;
use super::twins::unpaired;
use crate::drift::evidence::{Key, Type};
use crate::drift::policy::Values;
use crate::drift::rules::{FORBIDDEN_KEY, MISSING_KEY, NOT_COMPARED, SHARED_VALUE, UNEQUAL_VALUE};
use crate::{Finding, Text};

impl<'a> Set<'a> {
    /// What the policy says about who must and must not have a key. The answer is what needs no second finding.
    pub fn presence(&mut self) -> BTreeSet<(usize, &'a str)> {
        let mut settled = BTreeSet::new();
        let mut told: BTreeSet<(usize, String)> = BTreeSet::new();
        for (number, (_, rule)) in self.rules.iter().enumerate() {
            // What has no wildcard names a key, even one that nobody has; the others ask for each key that some environment has.
            let literal = |text: &&'a str| !text.contains('*');
            let mut required: BTreeSet<&str> = rule.matching.all().iter().map(Text::as_str).filter(literal).collect();
            let wildcards = required.len() < rule.matching.all().len();
            let direct = self.matching.iter().filter(|(_, says)| wildcards && says.direct.contains(&number));
            required.extend(direct.map(|(key, _)| key));
            for (index, environment) in self.environments.iter().enumerate() {
                if contains(&rule.required_in, environment.name) && environment.whole {
                    for key in &required {
                        let mut asked = self.twins.required(index, &self.environments, key);
                        match asked.as_mut_slice() {
                            [] => asked.push(((*key).to_owned(), self.matching.has(environment, key))),
                            [(called, _)] => (*key).clone_into(called),
                            _ => {}
                        }
                        for (called, has) in asked {
                            let lack = match has {
                                Has::Something => continue,
                                Has::Empty => "empty",
                                Has::Nothing => "missing",
                            };
                            settled.insert((index, *key));
                            if !told.insert((index, called.clone())) {
                                continue;
                            }
                            let message = format!("`{called}` is required in {} and {lack}", environment.name);
                            let finding = Finding::new(&MISSING_KEY, message).severity(self.weight(index));
                            let finding = finding.help(format!("set it in {}", environment.home())).about(called);
                            self.findings.push(environment.at_own(finding));
                        }
                    }
                }
                if contains(&rule.forbidden_in, environment.name) {
                    for (key, says) in self.matching.iter() {
                        let Some(end) = says.reach(key, number) else { continue };
                        let Some(held) = environment.keys.get(key) else { continue };
                        let told = &key[..end];
                        if settled.insert((index, told)) {
                            let message = format!("`{told}` must not be set in {}", environment.name);
                            let finding = Finding::new(&FORBIDDEN_KEY, message).severity(self.weight(index));
                            self.findings.push(at_key(finding.help("remove it there"), held).about(told));
                        }
                        settled.insert((index, key));
                    }
                }
            }
        }
        settled
    }

    /// Values that must be equal, and those that must differ.
    pub fn values(&mut self) {
        // The target first: what it shares with or has apart from others is what would ship.
        let mut order: Vec<usize> = (0..self.environments.len()).collect();
        order.sort_by_key(|index| (*index != self.target, std::cmp::Reverse(*index)));
        let mut findings = Vec::new();
        let mut tables = BTreeSet::new();
        let twins = self.twins.rows(&self.table);
        let mut seen = BTreeSet::new();
        for (key, cells) in self.table.rows() {
            let Some((relation, end)) = self.relation(key) else { continue };
            let mut held: Vec<(usize, Held<'_>)> =
                order.iter().filter_map(|index| Some((*index, cells[*index]?))).collect();
            let plain = self.twins.plain(key);
            if let Some(rows) = twins.get(&*plain).filter(|_| held.len() < cells.len()) {
                // All of them are compared at once.
                if !seen.insert(plain.into_owned()) {
                    continue;
                }
                held = unpaired(rows, &order);
            }
            let is = |kind| held.len() > 1 && held.iter().any(|(_, held)| held.key.kind == kind);
            let same = || held.windows(2).all(|two| two[0].1.key.fingerprint == two[1].1.key.fingerprint);
            match relation {
                Values::MayDiffer => {}
                // Some of it may well be the same.
                Values::Differ if end < key.len() => {
                    if let Some((_, first)) = held.first().filter(|_| tables.insert(&key[..end])) {
                        findings.push(at_key(table(&key[..end]), *first).about(&key[..end]));
                    }
                }
                _ if is(Type::Hidden) => findings.push(not_compared(key)),
                _ if held.len() > 1 && held.iter().any(|(_, held)| held.key.facts.refers) => {
                    findings.extend(
                        held.iter().find(|(_, held)| held.key.facts.refers).map(|(_, held)| referring(key, *held)),
                    );
                }
                Values::Equal if is(Type::Ciphertext) && same() => {}
                _ if is(Type::Ciphertext) => {
                    if relation == Values::Differ {
                        findings.extend(self.must_differ(key, &held));
                    }
                    if !same() {
                        findings.extend(held.first().map(|(_, first)| at_key(encrypted(key), *first)));
                    }
                }
                Values::Equal => findings.extend(self.must_be_equal(key, &held)),
                Values::Differ => findings.extend(self.must_differ(key, &held)),
            }
        }
        self.findings.extend(findings);
    }

    /// What the last rule that says something wants of the values of a key, and the length of the path that it says it of.
    pub fn relation(&self, key: &str) -> Option<(Values, usize)> {
        let says = self.matching.get(key)?;
        let rules = self.rules.iter().enumerate().rev();
        let reach = |number: usize| {
            if says.direct.contains(&number) {
                return Some(key.len());
            }
            says.above.iter().find(|above| above.rule == number && above.single).map(|above| above.end)
        };
        rules.filter_map(|(number, (_, rule))| Some((rule.values?, reach(number)?))).next()
    }

    fn must_be_equal(&self, key: &str, held: &[(usize, Held<'a>)]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let Some(((reference, _), _)) = held.split_first() else { return findings };
        // Several objects of one environment need not be equal among themselves.
        for (_, first) in held.iter().filter(|(index, _)| index == reference) {
            let others = held.iter().filter(|(index, _)| index != reference).copied();
            findings.extend(self.must_equal(key, (*reference, *first), &others.collect::<Vec<_>>()));
        }
        findings
    }

    fn must_equal(
        &self,
        key: &str,
        (reference, first): (usize, Held<'a>),
        others: &[(usize, Held<'a>)],
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, other) in self.environments.iter().enumerate() {
            // A table where others have a single value. What is absent is another rule's.
            if other.keys.get(key).is_some() || !other.has(key) {
                continue;
            }
            let message = format!("`{key}` must be equal and is a table in {}", other.name);
            let severity = self.weight(if index == self.target { index } else { reference });
            let help = format!("give it one form; in {} it is a single value", self.environments[reference].name);
            findings.push(at_key(Finding::new(&UNEQUAL_VALUE, message).severity(severity).help(help), first));
        }
        for (index, other) in others.iter().filter(|(_, other)| !equal(first.key, other.key)) {
            let (here, there) = (self.environments[reference].name, self.environments[*index].name);
            let why = if first.key.fingerprint == other.key.fingerprint { "another type" } else { "another value" };
            let message = format!("`{key}` must be equal and has {why} in {here} than in {there} ({})", other.place());
            let finding = Finding::new(&UNEQUAL_VALUE, message)
                .severity(self.weight(reference))
                .help("make them equal, or say `values = \"may-differ\"` for this key");
            findings.push(at_key(finding, first));
        }
        findings
    }

    fn must_differ(&self, key: &str, held: &[(usize, Held<'a>)]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (number, (index, one)) in held.iter().enumerate() {
            let same = |(other_index, other): &&(usize, Held<'_>)| {
                other_index != index && !one.key.facts.empty && one.key.fingerprint == other.key.fingerprint
            };
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
}

fn not_compared(key: &str) -> Finding {
    let message = format!("`{key}` is a secret at the forge, which tells nobody its value: it cannot be compared");
    let help = "give a snapshot of both environments instead (`predeploy drift snapshot`), or say `values = \"may-differ\"` for this key";
    Finding::new(&NOT_COMPARED, message).help(help).about(key)
}

fn referring(key: &str, held: Held<'_>) -> Finding {
    let message = format!("`{key}` refers to what its file sets, and only its loader knows what that makes of it");
    let help = "say which loader reads the file: `dialect`; or write the value out";
    at_key(Finding::new(&NOT_COMPARED, message).help(help), held)
}

/// Of values of which one at least is encrypted.
pub(super) fn encrypted(key: &str) -> Finding {
    let message = format!("`{key}` is encrypted, so that nobody knows here what it says");
    let help = "give snapshots that are made where it is decrypted (`predeploy drift snapshot`), or leave the key out of the rule";
    Finding::new(&NOT_COMPARED, message).help(help)
}

fn table(path: &str) -> Finding {
    let message = format!("`{path}` must differ and is a table, some of which may well be the same");
    Finding::new(&NOT_COMPARED, message)
        .help(format!("name the keys below it that must differ, such as `{path}.password`"))
}

/// Whether two keys have one value of one type, as far as their formats have types.
pub(super) fn equal(one: &Key, other: &Key) -> bool {
    let types = one.kind == other.kind || one.kind == Type::Untyped || other.kind == Type::Untyped;
    types && one.fingerprint == other.fingerprint
}

fn contains(names: &[Text], name: &str) -> bool {
    names.iter().any(|text| text.as_str() == name)
}
