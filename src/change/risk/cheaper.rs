//! The cheapest way into a lower class of risk: what to split off, or to add.
//!
//! It is told only where the class of what is left is known to be lower. What a part's age and authors would be is not known, so their
//! points stay.

use globset::GlobSet;
use predeploy_gates::{ChangedFile, Cheaper, Failure, RiskLevel, Status};

use super::{Given, Hit, code, counted_lines, paths, set_of, test};
use crate::config::{Matcher, RiskSettings};

/// Most files that are named.
const NAMED: usize = 2;

/// What the files of a change say to each matcher.
struct Sight<'a> {
    files: &'a [ChangedFile],
    settings: &'a RiskSettings,
    hits: &'a [Hit<'a>],
    /// Points for code without a test, where the change has one.
    untested: u32,
    /// In the order of `hits`: which files it is about, if it is about certain files.
    of: Vec<Option<Vec<bool>>>,
    /// Which files are code, and which are tests.
    code: Vec<bool>,
    test: Vec<bool>,
}

/// One of the ways.
struct Way {
    /// What it costs, to be compared: kind of work, files.
    cost: (u8, usize),
    level: RiskLevel,
    how: String,
}

/// `level` is the one that the change has, and `untested` what its code would give without its tests.
pub(super) fn way(
    files: &[ChangedFile],
    settings: &RiskSettings,
    hits: &[Hit<'_>],
    untested: u32,
    level: RiskLevel,
) -> Result<Option<Cheaper>, Failure> {
    if level == RiskLevel::Low || floor(hits) >= level {
        return Ok(None);
    }
    let mask = |set: &GlobSet| files.iter().map(|file| paths(file).any(|path| set.is_match(path))).collect();
    let mut of = Vec::new();
    for hit in hits {
        of.push(match hit.matcher {
            Matcher::Paths { globs, .. } => Some(mask(&set_of(globs)?)),
            _ => None,
        });
    }
    let here = |set: &GlobSet| {
        files.iter().map(|file| file.status != Status::Deleted && set.is_match(&file.path)).collect::<Vec<bool>>()
    };
    let sight = Sight { files, settings, hits, untested, of, code: here(&code()?), test: here(&test()?) };
    let lower = sight.ways().into_iter().filter(|way| way.level < level);
    Ok(lower.min_by_key(|way| way.cost).map(|way| Cheaper { level: way.level, how: way.how }))
}

/// What labels ask for at least.
fn floor(hits: &[Hit<'_>]) -> RiskLevel {
    let asked = hits.iter().filter_map(|hit| match hit.given {
        Given::AtLeast(level) => Some(level),
        Given::Points(_) => None,
    });
    asked.max().unwrap_or(RiskLevel::Low)
}

impl Sight<'_> {
    fn ways(&self) -> Vec<Way> {
        let all = vec![true; self.files.len()];
        let mut ways = Vec::new();
        let about: Vec<&Vec<bool>> = self.of.iter().flatten().collect();
        for (index, one) in about.iter().enumerate() {
            ways.extend(self.without(one, 0));
            for other in &about[index + 1..] {
                let both: Vec<bool> = one.iter().zip(*other).map(|(a, b)| *a || *b).collect();
                ways.extend(self.without(&both, 2));
            }
        }
        if self.hits.iter().any(|hit| matches!(hit.matcher, Matcher::UntestedCode { .. })) {
            let level = self.level(&all, |matcher| matches!(matcher, Matcher::UntestedCode { .. }));
            let how = format!("with a test of its code the risk would be {}: add one", level.word());
            ways.push(Way { cost: (1, 0), level, how });
        }
        for most in self.hits.iter().filter_map(|hit| match hit.matcher {
            Matcher::Lines { over, .. } => Some(*over),
            _ => None,
        }) {
            let level = self.level(&all, |matcher| matches!(matcher, Matcher::Lines { over, .. } if *over >= most));
            let how = format!("with at most {most} changed lines the risk would be {}: split it", level.word());
            // The more lines may stay, the less is to be done.
            ways.push(Way { cost: (3, usize::MAX - most as usize), level, how });
        }
        ways
    }

    /// The change without some of its files, if anything is left of it.
    fn without(&self, split: &[bool], kind: u8) -> Option<Way> {
        let kept: Vec<bool> = split.iter().map(|split| !split).collect();
        let count = split.iter().filter(|split| **split).count();
        if count == 0 || count == self.files.len() {
            return None;
        }
        let level = self.level(&kept, |_| false);
        let names: Vec<&str> =
            self.files.iter().zip(split).filter(|(_, split)| **split).map(|(file, _)| file.path.as_str()).collect();
        let shown = if count > NAMED { 1 } else { count };
        let more = match count - shown {
            0 => String::new(),
            more => format!(" and {more} more files"),
        };
        let (named, them) = (names[..shown].join(" and "), if count == 1 { "it" } else { "them" });
        let how = format!("without {named}{more} the risk would be {}: split {them} off", level.word());
        Some(Way { cost: (kind, count), level, how })
    }

    /// The level of those files that are kept, and without some matchers.
    fn level(&self, kept: &[bool], dropped: impl Fn(&Matcher) -> bool) -> RiskLevel {
        let any = |mask: &[bool]| mask.iter().zip(kept).any(|(about, kept)| *about && *kept);
        let files = || self.files.iter().zip(kept).filter(|(_, kept)| **kept).map(|(file, _)| file);
        let holds = |(hit, of): &(&Hit<'_>, &Option<Vec<bool>>)| {
            !dropped(hit.matcher)
                && match (hit.matcher, of) {
                    (_, Some(mask)) => any(mask),
                    (Matcher::Lines { over, .. }, _) => counted_lines(files()) > u64::from(*over),
                    (Matcher::Files { over, .. }, _) => files().count() > *over,
                    (Matcher::UntestedCode { .. }, _) => any(&self.code) && !any(&self.test),
                    _ => true,
                }
        };
        let held = self.hits.iter().zip(&self.of).filter(holds);
        let points = held.fold(0u32, |sum, (hit, _)| match hit.given {
            Given::Points(points) => sum.saturating_add(points),
            Given::AtLeast(_) => sum,
        });
        // A part that leaves the tests behind is code without a test.
        let untested = any(&self.code) && !any(&self.test) && self.test.contains(&true);
        let points = if untested { points.saturating_add(self.untested) } else { points };
        self.settings.level(points).max(floor(self.hits))
    }
}
