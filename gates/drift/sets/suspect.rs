//! Values that are probably not meant for the environment that the change goes to.

use std::collections::BTreeSet;

use globset::GlobSet;

use super::laid::{Held, Laid, at_key};
use super::matching::Matching;
use super::relations::encrypted;
use super::sorted::Table;
use crate::drift::evidence::{Origin, Type};
use crate::drift::policy::Keys;
use crate::drift::rules::{
    DEBUG_SWITCH, EMPTY_VALUE, FOREIGN_ENVIRONMENT, INVALID_VALUE, LOCAL_ADDRESS, NOT_COMPARED, SHARED_VALUE, TYPE_FLIP,
};
use crate::drift::values::{Class, Form, How, Look, Secret};
use crate::{Finding, Severity};

/// What the policy says of a key.
pub(super) struct Asked {
    /// A finding says already that it should not be there.
    pub settled: bool,
    /// How its values relate.
    pub related: bool,
}

/// What stands out in the target beside the other environments.
pub(super) fn suspect(
    environments: &[Laid<'_>],
    table: &Table<'_>,
    target: usize,
    asked: &dyn Fn(&str) -> Asked,
) -> Vec<Finding> {
    let Some(laid) = environments.get(target) else { return Vec::new() };
    let is_production = Class::of(laid.name).is_none_or(|class| class == Class::Production)
        && target + 1 == environments.len()
        || Class::of(laid.name) == Some(Class::Production);
    let before = target.checked_sub(1);
    let mut findings = Vec::new();
    for (key, cells) in table.rows() {
        let Some(held) = cells[target] else { continue };
        let asked = asked(key);
        if asked.settled {
            continue;
        }
        let others = environments.iter().zip(cells).enumerate().filter(|(index, _)| *index != target);
        let others = others.filter_map(|(_, (other, cell))| Some((other.name, (*cell)?)));
        let same =
            others.filter(|(_, other)| other.key.kind != Type::Hidden && other.key.fingerprint == held.key.fingerprint);
        findings.extend(foreign(laid.name, held, same.clone()));
        if is_production {
            findings.extend(local(key, held));
            findings.extend(debug(key, held));
        }
        if !asked.related {
            findings.extend(shared_secret(laid.name, held, same));
        }
        if let Some((name, other)) = before.and_then(|before| Some((environments[before].name, cells[before]?))) {
            if !asked.related {
                findings.extend(flipped((laid.name, held), (name, other)));
            }
            findings.extend(emptied((laid.name, held), (name, other)));
        }
    }
    findings
}

/// Values that break a rule of the policy for single values.
pub(super) fn invalid(
    laid: &Laid<'_>,
    rules: &[(GlobSet, &Keys)],
    matching: &Matching<'_>,
    severity: Severity,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut tables = BTreeSet::new();
    let of_each = |rule: &Keys| rule.form.is_some() || rule.pattern.is_some() || rule.range.is_some();
    for (key, held) in laid.keys.iter() {
        if let Some(says) = matching.get(key) {
            // Only where the value was at hand could the rules be asked.
            let unknown = held.file.origin == Origin::Snapshot || held.key.kind == Type::Hidden;
            let asked = says.direct.iter().any(|index| of_each(rules[*index].1));
            if asked && held.key.kind == Type::Ciphertext {
                findings.push(at_key(encrypted(key), held));
            } else if asked && unknown {
                let message = format!(
                    "`{key}` of {} was not at hand, so that nobody knows whether it is what the policy wants",
                    laid.name
                );
                let help = "leave the key out of the rule, or compare the file itself";
                findings.push(at_key(Finding::new(&NOT_COMPARED, message).help(help), held));
            }
            for above in says.above.iter().filter(|above| above.single && of_each(rules[above.rule].1)) {
                let (path, is_list) = (&key[..above.end], key[above.end..].starts_with('['));
                let rule = rules[above.rule].1;
                let is_wanted = is_list && rule.form == Some(Form::List) && rule.pattern.is_none();
                if !is_wanted && tables.insert((above.rule, path)) {
                    let what = if is_list { "a list of tables" } else { "a table" };
                    let message = format!("`{path}` must be {} and is {what} in {}", wanted(rule), laid.name);
                    let finding = Finding::new(&INVALID_VALUE, message).severity(severity);
                    findings.push(at_key(finding.help("give it a single value"), held).about(path));
                }
            }
        }
        for (_, rule) in held.key.facts.breaks.iter().filter_map(|index| rules.get(*index)) {
            let message = format!("`{key}` must be {} and is not in {}", wanted(rule), laid.name);
            let finding = Finding::new(&INVALID_VALUE, message).severity(severity);
            findings.push(at_key(finding.help("correct the value"), held));
        }
    }
    findings
}

/// What a rule wants of a single value, in words.
fn wanted(rule: &Keys) -> String {
    let form = rule.form.map(|form| form.word().to_owned());
    let pattern = rule.pattern.as_ref().map(|pattern| format!("a text that matches `{pattern}`"));
    let range = rule.range.map(|range| format!("a number of {}", range.words()));
    let wanted: Vec<String> = [form, pattern, range].into_iter().flatten().collect();
    wanted.join(", ")
}

fn foreign<'a>(here: &str, held: Held<'_>, mut same: impl Iterator<Item = (&'a str, Held<'a>)>) -> Option<Finding> {
    let named = held.key.facts.names.as_ref()?;
    let key = &held.key.path;
    let finding = |severity, message: String| {
        let help = format!("give {here} a value of its own; if it is meant so, waive this finding with the reason");
        Some(at_key(Finding::new(&FOREIGN_ENVIRONMENT, message).severity(severity).help(help), held))
    };
    if named.how == How::Key {
        return finding(Severity::Error, format!("`{key}` holds {} in {here}", named.word));
    }
    let copied = same.find(|(name, _)| Class::of(name) == Some(named.class));
    match copied {
        Some((name, other)) if !other.is_shared_with(&held) => {
            let severity = if named.how == How::Weak { Severity::Warning } else { Severity::Error };
            let message =
                format!("`{key}` of {here} is that of {name} ({}), and names `{}`", other.place(), named.word);
            finding(severity, message)
        }
        _ if named.how == How::Weak => None,
        _ => finding(Severity::Warning, format!("`{key}` of {here} names `{}`", named.word)),
    }
}

/// A service beside this one may well be at `localhost`. What a browser follows is not.
fn local(key: &str, held: Held<'_>) -> Option<Finding> {
    const SEEN_BY_BROWSERS: &[&str] = &[
        "public",
        "frontend",
        "callback",
        "redirect",
        "origin",
        "origins",
        "cors",
        "site",
        "website",
        "domain",
        "homepage",
        "external",
        "baseurl",
        "appurl",
        "weburl",
        "clienturl",
        "siteurl",
    ];
    // A service that others call may run beside this one.
    let service = || key.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part.eq_ignore_ascii_case("api"));
    if !held.key.facts.local || service() {
        return None;
    }
    let plain: String = last(key).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let seen = words(key).any(|word| SEEN_BY_BROWSERS.contains(&word.as_str()))
        || SEEN_BY_BROWSERS.iter().any(|end| end.ends_with("url") && plain.ends_with(end));
    seen.then(|| {
        let message = format!("`{key}` is an address of the machine itself, where no browser finds it");
        at_key(Finding::new(&LOCAL_ADDRESS, message).help("name the public address"), held)
    })
}

fn debug(key: &str, held: Held<'_>) -> Option<Finding> {
    if !held.key.facts.on {
        return None;
    }
    const ASIDE: &[&str] = &["debug", "debugging", "debugger", "testnet", "sandbox"];
    let switch = |name: &str| {
        let words: Vec<String> = words(name).collect();
        let test_mode = words.windows(2).any(|two| two[0] == "test" && two[1] == "mode");
        test_mode || words.iter().any(|word| ASIDE.contains(&word.as_str()))
    };
    let (table, own) = key.rsplit_once('.').unwrap_or(("", key));
    let is_switch = switch(own)
        || own.eq_ignore_ascii_case("enabled") && switch(last(table))
        || own.eq_ignore_ascii_case("value") && switch(last(table));
    is_switch.then(|| {
        let message = format!("`{key}` is for trying out, and switched on in production");
        at_key(Finding::new(&DEBUG_SWITCH, message).help("switch it off in production"), held)
    })
}

fn shared_secret<'a>(
    here: &str,
    held: Held<'_>,
    mut same: impl Iterator<Item = (&'a str, Held<'a>)>,
) -> Option<Finding> {
    let facts = &held.key.facts;
    if facts.secret != Some(Secret::Value) || facts.placeholder {
        return None;
    }
    let (name, other) = same.find(|(_, other)| !other.is_shared_with(&held))?;
    let message =
        format!("`{}` looks like a secret and is the same in {here} as in {name} ({})", held.key.path, other.place());
    let help = format!("give {here} a secret of its own, or say `values = \"may-differ\"` for this key if it is none");
    Some(at_key(Finding::new(&SHARED_VALUE, message).severity(Severity::Warning).help(help), held))
}

/// `"1"` here and `1` there.
fn flipped((here, held): (&str, Held<'_>), (there, other): (&str, Held<'_>)) -> Option<Finding> {
    let looks = |text: &Held<'_>, kind: Type| {
        text.key.kind == Type::String
            && match kind {
                Type::Number => text.key.facts.look == Look::Number,
                Type::Boolean => text.key.facts.look == Look::Boolean,
                _ => false,
            }
    };
    // Quantities of Kubernetes are written either way.
    let quantity = matches!(last(&held.key.path), "cpu" | "memory" | "ephemeral-storage" | "storage");
    if quantity || !looks(&held, other.key.kind) && !looks(&other, held.key.kind) {
        return None;
    }
    let message = format!(
        "`{}` is {} in {here} and {} in {there} ({})",
        held.key.path,
        held.key.kind.word(),
        other.key.kind.word(),
        other.place()
    );
    Some(at_key(Finding::new(&TYPE_FLIP, message).help("write it the same way in both: with quotes, or without"), held))
}

fn emptied((here, held): (&str, Held<'_>), (there, other): (&str, Held<'_>)) -> Option<Finding> {
    let scalar = |held: Held<'_>| !matches!(held.key.kind, Type::Table | Type::List);
    if !held.key.facts.empty || other.key.facts.empty || held.is_shared_with(&other) || !scalar(held) || !scalar(other)
    {
        return None;
    }
    let message = format!("`{}` is empty in {here} and set in {there} ({})", held.key.path, other.place());
    // Switched off by leaving it empty is common; a secret that is empty is rarely meant.
    let severity = if other.key.facts.secret.is_some() { Severity::Warning } else { Severity::Note };
    Some(at_key(
        Finding::new(&EMPTY_VALUE, message).severity(severity).help("set it, or remove it if it is not needed"),
        held,
    ))
}

/// The last name of a key: `LOG_LEVEL` of `env[LOG_LEVEL]`, `level` of `log.level`.
fn last(key: &str) -> &str {
    let key = key.strip_suffix(']').unwrap_or(key);
    key.rsplit(['.', '[']).next().unwrap_or(key)
}

/// Its words, in lower case: `SITE_URL`, `siteUrl`, `site-url`.
fn words(key: &str) -> impl Iterator<Item = String> {
    let name = last(key);
    let mut all = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || c.is_ascii_uppercase() && lower {
            all.push(String::new());
        }
        lower = c.is_ascii_lowercase();
        if let Some(word) = all.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
    }
    all.into_iter().filter(|word| !word.is_empty())
}

#[test]
fn names_fall_into_words() {
    let all = |key: &str| words(key).collect::<Vec<_>>();
    assert_eq!(all("env[SITE_URL]"), ["site", "url"]);
    assert_eq!(all("app.siteUrl"), ["site", "url"]);
    assert_eq!(all("a.DB-host2"), ["db", "host2"]);
}
