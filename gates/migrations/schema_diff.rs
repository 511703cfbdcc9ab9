//! Differences between two schemas, in words and as a diff, and which of them do not matter.

use similar::TextDiff;

use super::evidence::{Difference, RangeRun, Way};
use super::sql::same_code;

/// At most this many objects are named in a sentence.
const NAMED: usize = 3;

impl Difference {
    /// A table whose columns merely stand in another order.
    fn is_reordered(&self) -> bool {
        let (Some(expected), Some(found)) = (&self.expected, &self.found) else { return false };
        let sorted = |definition: &str| {
            let (mut columns, rest): (Vec<String>, Vec<String>) =
                definition.lines().map(str::to_owned).partition(|line| line.starts_with("column "));
            columns.sort();
            (columns, rest)
        };
        // A text over several lines may hold one that looks like a column.
        let is_whole = |line: &str| ['\'', '"', '`'].iter().all(|quote| line.matches(*quote).count() % 2 == 0);
        self.kind == "table" && expected.lines().all(is_whole) && sorted(expected) == sorted(found)
    }

    /// The same constraint or index of the same table under another name, the other of which is lost.
    fn is_renamed_from(&self, other: &Self) -> bool {
        let owner = |name: &str| name.rsplit_once('.').map(|(owner, _)| owner.to_owned());
        // A sequence that a column owns has a name of the database's making.
        let is_owned = self.found.as_ref().is_some_and(|d| d.contains("owned by") || d.contains("identity of"));
        let named_by_the_database = match self.kind.as_str() {
            "constraint" | "index" => true,
            "sequence" => is_owned,
            _ => false,
        };
        named_by_the_database
            && self.kind == other.kind
            && self.expected.is_none()
            && other.found.is_none()
            && self.found == other.expected
            && owner(&self.name) == owner(&other.name)
    }

    /// `CREATE EXTENSION IF NOT EXISTS`, which others may use meanwhile.
    fn is_extension_left(&self) -> bool {
        self.expected.is_none() && self.kind == "extension"
    }

    /// A routine, a trigger or an event whose text is kept as it was written, and was written in another layout.
    fn is_laid_out_anew(&self) -> bool {
        let (Some(expected), Some(found)) = (&self.expected, &self.found) else { return false };
        ["function", "procedure", "trigger", "event"].contains(&self.kind.as_str()) && same_code(expected, found)
    }

    /// Why it matters to nothing that reads by name, if so.
    fn cosmetic(&self, among: &[Self]) -> Option<String> {
        let what = format!("{} `{}`", self.kind, self.name);
        if self.is_reordered() {
            return Some(format!("the columns of {what} are in another order"));
        }
        if self.is_laid_out_anew() {
            return Some(format!("{what} differs in white space or comments only"));
        }
        if self.is_extension_left() {
            return Some(format!("{what} is left"));
        }
        if let Some(old) = among.iter().find(|other| self.is_renamed_from(other)) {
            return Some(format!("{what} was `{}` before", old.name));
        }
        let renamed = among.iter().any(|other| other.is_renamed_from(self));
        renamed.then(|| format!("{what} has another name"))
    }

    fn words(&self) -> String {
        let what = format!("{} `{}`", self.kind, self.name);
        match (&self.expected, &self.found) {
            (None, _) => format!("{what} is left"),
            (_, None) => format!("{what} is lost"),
            _ => format!("{what} differs"),
        }
    }
}

impl Way {
    /// It ran to its end, and nothing differs that matters.
    pub fn is_right(&self) -> bool {
        self.ran.is_ok() && self.differences.iter().all(|d| d.cosmetic(&self.differences).is_some())
    }
}

impl RangeRun {
    /// Down and up again, and nothing differs that matters.
    pub fn is_right(&self) -> bool {
        self.down.is_right() && self.again.as_ref().is_some_and(Way::is_right)
    }
}

/// What differs, those that matter first.
pub(super) fn sentence(differences: &[Difference]) -> String {
    let (mut real, mut cosmetic) = (vec![], vec![]);
    for difference in differences {
        match difference.cosmetic(differences) {
            Some(words) => cosmetic.push(words),
            None => real.push(difference.words()),
        }
    }
    let mut words: Vec<String> = real.into_iter().chain(cosmetic).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table(expected: &str, found: &str) -> Difference {
        Difference {
            kind: "table".into(),
            name: "t".into(),
            expected: Some(expected.into()),
            found: Some(found.into()),
        }
    }

    #[test]
    fn a_text_with_lines_of_columns_is_no_order_of_columns() {
        assert!(table("column a integer\ncolumn b text", "column b text\ncolumn a integer").is_reordered());
        let [one, other] =
            ["column a text default 'x\ncolumn b\ncolumn c'", "column a text default 'x\ncolumn c'\ncolumn b"];
        assert!(!table(one, other).is_reordered());
    }
}
