//! Differences between two schemas, in words and as a diff, and which of them do not matter.

use similar::TextDiff;

use super::evidence::{Difference, Way};

/// At most this many objects are named in a sentence.
const NAMED: usize = 3;

impl Difference {
    /// A table whose columns merely stand in another order.
    pub fn is_cosmetic(&self) -> bool {
        let (Some(expected), Some(found)) = (&self.expected, &self.found) else { return false };
        let sorted = |definition: &str| {
            let (mut columns, rest): (Vec<String>, Vec<String>) =
                definition.lines().map(str::to_owned).partition(|line| line.starts_with("column "));
            columns.sort();
            (columns, rest)
        };
        self.kind == "table" && sorted(expected) == sorted(found)
    }

    fn words(&self) -> String {
        let what = format!("{} `{}`", self.kind, self.name);
        match (&self.expected, &self.found) {
            (None, _) => format!("{what} is left"),
            (_, None) => format!("{what} is lost"),
            _ if self.is_cosmetic() => format!("the columns of {what} are in another order"),
            _ => format!("{what} differs"),
        }
    }
}

impl Way {
    /// It ran to its end, and nothing differs that matters.
    pub fn is_right(&self) -> bool {
        self.ran.is_ok() && self.differences.iter().all(Difference::is_cosmetic)
    }
}

/// What differs, those that matter first.
pub(super) fn sentence(differences: &[Difference]) -> String {
    let (cosmetic, real): (Vec<_>, Vec<_>) = differences.iter().partition(|d| d.is_cosmetic());
    let mut words: Vec<String> = real.into_iter().chain(cosmetic).map(Difference::words).collect();
    if words.len() > NAMED {
        let more = words.len() - NAMED;
        words.truncate(NAMED);
        words.push(format!("{more} more"));
    }
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// A unified diff of readable definitions.
pub(super) fn diff(differences: &[Difference], expected: &str, found: &str) -> String {
    let text = |side: fn(&Difference) -> Option<&String>| -> String {
        let object = |d: &Difference| {
            side(d).map(|definition| format!("{} {}\n  {}\n", d.kind, d.name, definition.replace('\n', "\n  ")))
        };
        differences.iter().filter_map(object).collect()
    };
    unified(&text(|d| d.expected.as_ref()), &text(|d| d.found.as_ref()), expected, found)
}

pub(super) fn unified(before: &str, after: &str, before_name: &str, after_name: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff().context_radius(3).header(before_name, after_name).to_string()
}
