//! Rules of the policy that hold for nothing: a key that was renamed is no longer looked at, and nobody would know.

use super::judge::Set;
use super::matching::Has;
use crate::drift::policy::{Keys, Values};
use crate::drift::rules::NOT_COMPARED;
use crate::{Finding, Severity};

/// A name in a rule, in how many sets the rule is asked, and in how many of them no environment has such a key.
struct Name<'a> {
    rule: &'a Keys,
    text: &'a str,
    asked: usize,
    idle: usize,
}

/// Names without a wildcard in rules about values. What is required is told where it is missing, and what is forbidden should not be there.
#[derive(Default)]
pub(super) struct Idle<'a>(Vec<Name<'a>>);

impl<'a> Idle<'a> {
    pub fn ask(&mut self, set: &Set<'a>) {
        for (_, rule) in &set.rules {
            let related = rule.values.is_some_and(|values| values != Values::MayDiffer);
            let of_each = rule.form.is_some() || rule.pattern.is_some() || rule.range.is_some();
            if !related && !of_each || !rule.required_in.is_empty() || !rule.forbidden_in.is_empty() {
                continue;
            }
            for text in rule.matching.all().iter().map(|text| text.as_str()).filter(|text| !text.contains('*')) {
                // What could not be read may well have it.
                let lacks = |laid| set.matching.has(laid, text) == Has::Nothing;
                let idle = usize::from(set.environments.iter().all(|laid| laid.whole && lacks(laid)));
                match self.0.iter_mut().find(|name| std::ptr::eq(name.rule, *rule) && name.text == text) {
                    Some(name) => (name.asked, name.idle) = (name.asked + 1, name.idle + idle),
                    None => self.0.push(Name { rule, text, asked: 1, idle }),
                }
            }
        }
    }

    /// Rules that hold in several sets need a key in one of them.
    pub fn findings(self) -> impl Iterator<Item = Finding> {
        self.0.into_iter().filter(|name| name.idle == name.asked).map(|Name { text, .. }| {
            let message =
                format!("the policy says what the values of `{text}` must be, and no environment has that key");
            let help = "see whether it was renamed; correct `match`, or remove the rule";
            Finding::new(&NOT_COMPARED, message).severity(Severity::Warning).help(help).about(text)
        })
    }
}
