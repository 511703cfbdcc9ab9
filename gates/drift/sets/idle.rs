//! Rules of the policy that hold for nothing: a key that was renamed is no longer looked at, and nobody would know.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::judge::Set;
use super::laid::Laid;
use super::matching::Has;
use crate::drift::policy::{Keys, Values};
use crate::drift::rules::NOT_COMPARED;
use crate::{Finding, Severity};

/// A name or pattern in a rule, in how many sets the rule is asked, and in how many of them it holds for nothing.
struct Name<'a> {
    rule: &'a Keys,
    text: &'a str,
    asked: usize,
    idle: usize,
    /// Why it does in the last of them.
    why: String,
}

/// Names in rules about values, and patterns of which some keys are. What is required is told where it is missing, and what is forbidden
/// should not be there.
#[derive(Default)]
pub(super) struct Idle<'a>(Vec<Name<'a>>);

impl<'a> Idle<'a> {
    pub fn ask(&mut self, set: &Set<'a>) {
        for (number, (_, rule)) in set.rules.iter().enumerate() {
            let related = rule.values.is_some_and(|values| values != Values::MayDiffer);
            let of_each = rule.form.is_some() || rule.pattern.is_some() || rule.range.is_some();
            if !related && !of_each || !rule.required_in.is_empty() || !rule.forbidden_in.is_empty() {
                continue;
            }
            // A relation holds between two.
            let related = related && set.environments.len() > 1;
            let mut patterns = false;
            for text in rule.matching.all().iter().map(|text| text.as_str()) {
                if text.contains('*') {
                    patterns = true;
                } else {
                    self.count(rule, text, of_name(set, text, related));
                }
            }
            if patterns && related {
                let text = rule.matching.all().iter().map(|text| text.as_str()).find(|text| text.contains('*'));
                self.count(rule, text.unwrap_or_default(), of_pattern(set, number));
            }
        }
    }

    fn count(&mut self, rule: &'a Keys, text: &'a str, why: Option<String>) {
        let idle = usize::from(why.is_some());
        match self.0.iter_mut().find(|name| std::ptr::eq(name.rule, rule) && name.text == text) {
            Some(name) => {
                (name.asked, name.idle) = (name.asked + 1, name.idle + idle);
                name.why = why.unwrap_or_default();
            }
            None => self.0.push(Name { rule, text, asked: 1, idle, why: why.unwrap_or_default() }),
        }
    }

    /// Rules that hold in several sets need a key in one of them.
    pub fn findings(self) -> impl Iterator<Item = Finding> {
        self.0.into_iter().filter(|name| name.idle == name.asked).map(|Name { text, why, .. }| {
            let message = format!("the policy says what the values of `{text}` must be, and {why}");
            let help = "see whether it was renamed; correct `match`, or remove the rule";
            Finding::new(&NOT_COMPARED, message).severity(Severity::Warning).help(help).about(text)
        })
    }
}

/// Why a rule for this key holds for nothing.
fn of_name(set: &Set<'_>, text: &str, related: bool) -> Option<String> {
    // What could not be read may well have it.
    let has = |laid: &Laid<'_>| !laid.whole || set.matching.has(laid, text) != Has::Nothing;
    let having: Vec<&str> = set.environments.iter().filter(|laid| has(laid)).map(|laid| laid.name).collect();
    let target = set.environments.get(set.target)?.name;
    match having.as_slice() {
        [] => Some("no environment has that key".to_owned()),
        [only] if related => Some(format!("{only} alone has that key, so that nothing is compared")),
        having if related && !having.contains(&target) => Some(format!("{target} does not have that key")),
        _ => None,
    }
}

/// Why a rule that says how the values of keys relate compares none of them; nothing if there are none.
fn of_pattern(set: &Set<'_>, number: usize) -> Option<String> {
    if set.environments.iter().any(|laid| !laid.whole) {
        return None;
    }
    let mut all: BTreeMap<Cow<'_, str>, BTreeSet<usize>> = BTreeMap::new();
    for (key, cells) in set.table.rows() {
        if set.matching.get(key).is_some_and(|says| says.reach(key, number).is_some()) {
            let having = cells.iter().enumerate().filter(|(_, cell)| cell.is_some()).map(|(index, _)| index);
            all.entry(set.twins.plain(key)).or_default().extend(having);
        }
    }
    let none = !all.is_empty() && all.values().all(|having| having.len() < 2);
    none.then(|| "no two environments have a key of that name, so that nothing is compared".to_owned())
}
