//! Sets of versions: what a pin, a range or a tag allows, as intervals of `major.minor.patch`.
//!
//! Two places agree if some version satisfies both. The grammars are those of npm (<https://github.com/npm/node-semver#ranges>), Python
//! (<https://packaging.python.org/en/latest/specifications/version-specifiers/>), RubyGems (`~>`), Composer
//! (<https://getcomposer.org/doc/articles/versions.md>) and Poetry; pre-releases count as the release that they lead to.

use serde::{Deserialize, Serialize};

/// `[20, 11, 1]`.
pub(super) type Version = [u64; 3];

/// From a version up to, not including, another one. Without an end, any later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    pub(super) from: Version,
    pub(super) to: Option<Version>,
}

/// Any version of any of the intervals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Versions(Vec<Interval>);

/// Whose grammar a range is written in: they differ in what a tilde means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// `~1.2` is `>=1.2 <1.3`.
    Npm,
    /// `~1.2` is `>=1.2 <2`; a comma is an *and*.
    Composer,
    /// `~>1.2` is `>=1.2 <2`.
    Ruby,
    /// `~=1.2` is `>=1.2 <2`; `^` and `~` as Poetry has them; a comma is an *and*.
    Python,
}

/// Most alternatives and comparisons of one range.
const PARTS: usize = 64;

const ANY: Interval = Interval { from: [0; 3], to: None };

impl Versions {
    /// A version that may leave its end open: `20` is any 20, `20.11` any 20.11.
    pub fn partial(text: &str) -> Option<Self> {
        let (version, given) = partial(text)?;
        Some(Self(vec![Interval { from: version, to: (given > 0).then(|| next(version, given)) }]))
    }

    /// Any of a major version, or of a minor one.
    pub fn at_least(text: &str) -> Option<Self> {
        let (version, given) = partial(text)?;
        (given > 0).then(|| Self(vec![Interval { from: version, to: None }]))
    }

    pub fn major(major: u64) -> Self {
        let from = [major, 0, 0];
        Self(vec![Interval { from, to: Some(next(from, 1)) }])
    }

    /// What any of them allows.
    pub fn any_of(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        let intervals: Vec<Interval> = all.into_iter().flat_map(|versions| versions.0).collect();
        (!intervals.is_empty()).then_some(Self(intervals))
    }

    /// A range; `None` for what is no range of this grammar, or allows no version at all.
    pub fn range(text: &str, grammar: Grammar) -> Option<Self> {
        let mut intervals = Vec::new();
        // Composer had a single bar once.
        let text =
            if grammar == Grammar::Composer { text.replace("||", "|").replace('|', "||") } else { text.to_owned() };
        for alternative in text.split("||") {
            if intervals.len() >= PARTS {
                return None;
            }
            intervals.extend(all_of(alternative, grammar)?);
        }
        (!intervals.is_empty()).then_some(Self(intervals))
    }

    /// Whether some version is of both.
    pub fn agree(&self, other: &Self) -> bool {
        self.0.iter().any(|one| other.0.iter().any(|other| one.both(*other).holds_any()))
    }

    /// As in a table: `20`, `>=18.0.0`, `3.9, 3.10`.
    pub fn told(&self) -> String {
        self.0.iter().map(Interval::told).collect::<Vec<_>>().join(" || ")
    }
}

#[cfg(test)]
impl Versions {
    /// With both bounds of each interval.
    pub fn written_out(&self) -> String {
        let told = |it: &Interval| match it.to {
            None => format!(">={}", short(it.from)),
            Some(to) if it.from == [0; 3] => format!("<{}", short(to)),
            Some(to) => format!(">={} <{}", short(it.from), short(to)),
        };
        self.0.iter().map(told).collect::<Vec<_>>().join(" || ")
    }
}

impl Interval {
    fn holds_any(&self) -> bool {
        self.to.is_none_or(|to| self.from < to)
    }

    fn both(self, other: Self) -> Self {
        let to = match (self.to, other.to) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { from: self.from.max(other.from), to }
    }

    fn told(&self) -> String {
        let [major, minor, patch] = self.from;
        let exact = |given| self.to == Some(next(self.from, given));
        match self.to {
            _ if minor == 0 && patch == 0 && exact(1) => major.to_string(),
            _ if patch == 0 && exact(2) => format!("{major}.{minor}"),
            _ if exact(3) => format!("{major}.{minor}.{patch}"),
            None => format!(">={}", short(self.from)),
            Some(to) if self.from == [0; 3] => format!("<{}", short(to)),
            Some(to) => format!(">={} <{}", short(self.from), short(to)),
        }
    }
}

fn short([major, minor, patch]: Version) -> String {
    match (minor, patch) {
        (0, 0) => major.to_string(),
        (_, 0) => format!("{major}.{minor}"),
        _ => format!("{major}.{minor}.{patch}"),
    }
}

/// The version after all that begin with the first `given` numbers.
fn next([major, minor, patch]: Version, given: usize) -> Version {
    match given {
        0 | 1 => [major.saturating_add(1), 0, 0],
        2 => [major, minor.saturating_add(1), 0],
        _ => [major, minor, patch.saturating_add(1)],
    }
}

/// The numbers of a version and how many there are; `x`, `X` and `*` end them, and what follows `-` or `+`, or a letter (`3.13rc1`), is not
/// looked at.
fn partial(text: &str) -> Option<(Version, usize)> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V', '=']).unwrap_or(text).trim();
    let (mut version, mut given) = ([0; 3], 0);
    for (number, part) in text.split('.').enumerate() {
        if number >= 3 {
            break;
        }
        if matches!(part, "x" | "X" | "*") {
            return Some((version, given));
        }
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let rest = &part[digits..];
        let ends =
            rest.is_empty() || rest.starts_with(['-', '+', '_']) || rest.starts_with(|c: char| c.is_ascii_lowercase());
        if digits == 0 || !ends {
            return None;
        }
        version[number] = part[..digits].parse().ok()?;
        given = number + 1;
        if !rest.is_empty() {
            break;
        }
    }
    (given > 0).then_some((version, given))
}

/// Comparisons that hold together. `Some(vec![])` where no version satisfies them.
fn all_of(text: &str, grammar: Grammar) -> Option<Vec<Interval>> {
    let text = text.trim();
    if let Some((from, to)) = text.split_once(" - ") {
        let (from, _) = partial(from)?;
        let (to, given) = partial(to)?;
        return Some(vec![Interval { from, to: Some(next(to, given)) }]);
    }
    let spread = text.replace(',', " ");
    let mut words = spread.split_whitespace();
    let mut all = vec![ANY];
    let mut count = 0;
    while let Some(word) = words.next() {
        count += 1;
        let operator = word.len() - word.trim_start_matches(['<', '>', '=', '^', '~', '!']).len();
        let (operator, version) = word.split_at(operator);
        // `>= 18`.
        let version = if version.is_empty() { words.next()? } else { version };
        let allowed = compare(operator, version, grammar)?;
        all = all
            .iter()
            .flat_map(|one| allowed.iter().map(|other| one.both(*other)))
            .filter(Interval::holds_any)
            .collect();
        if count > PARTS || all.len() > PARTS {
            return None;
        }
    }
    Some(all)
}

fn compare(operator: &str, text: &str, grammar: Grammar) -> Option<Vec<Interval>> {
    if operator.is_empty() && matches!(text, "*" | "x" | "X") {
        return Some(vec![ANY]);
    }
    let (version, given) = partial(text)?;
    if given == 0 {
        return Some(vec![ANY]);
    }
    let after = next(version, given);
    // In Python a version without a wildcard stands for itself with zeros: `>3.8` allows 3.8.1, and `<=3.8` does not.
    let exact = grammar == Grammar::Python || grammar == Grammar::Ruby;
    let whole = |given| Interval { from: version, to: Some(next(version, given)) };
    let one = match operator {
        "" if grammar == Grammar::Python && !text.contains('*') => whole(given),
        "" | "=" => whole(given),
        // `==3.11` names 3.11.0, but whoever writes it for a runtime means all of 3.11.
        "==" | "===" => whole(given),
        ">=" => Interval { from: version, to: None },
        ">" => Interval { from: if exact { next(version, 3) } else { after }, to: None },
        "<" => Interval { from: [0; 3], to: Some(version) },
        "<=" => Interval { from: [0; 3], to: Some(if exact { next(version, 3) } else { after }) },
        "^" => whole(if version[0] > 0 || given == 1 {
            1
        } else if version[1] > 0 || given == 2 {
            2
        } else {
            3
        }),
        "~>" if grammar == Grammar::Npm => whole(given.min(2)),
        "~" if matches!(grammar, Grammar::Npm | Grammar::Python) => whole(given.min(2)),
        "~" | "~>" | "~=" => whole(given.saturating_sub(1).max(1)),
        "!=" => {
            let before = Interval { from: [0; 3], to: Some(version) };
            let after =
                Interval { from: if text.contains('*') || !exact { after } else { next(version, 3) }, to: None };
            return Some([before, after].into_iter().filter(Interval::holds_any).collect());
        }
        _ => return None,
    };
    Some(vec![one])
}
