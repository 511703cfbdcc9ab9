//! The port to the commits of the repository.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::Failure;

/// What a change adds to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// These lines of the later file, 1-based, in order.
    Lines(Vec<RangeInclusive<u32>>),
    /// The file is binary or very large: any of its lines may be new.
    Everything,
}

impl Added {
    /// Whether this line of the later file was added.
    pub fn holds(&self, line: u32) -> bool {
        match self {
            Self::Lines(ranges) => {
                let after = ranges.partition_point(|range| *range.end() < line);
                ranges.get(after).is_some_and(|range| range.contains(&line))
            }
            Self::Everything => true,
        }
    }

    /// The first `most` of its lines; the first one of a file of which all may be new.
    pub fn first_lines(&self, most: usize) -> Vec<u32> {
        match self {
            Self::Lines(ranges) => ranges.iter().cloned().flatten().take(most).collect(),
            Self::Everything => vec![1],
        }
    }
}

/// Questions to the clone. One that it cannot answer, because a commit is not in it, is a failure that says which.
pub trait History: Send + Sync {
    /// Full ids of the commits that `head` has and `base` lacks, through all parents, newest first.
    fn between(&self, base: &str, head: &str) -> Result<Vec<String>, Failure>;

    /// Full ids of the commits that a commit was made from, the first of them first.
    fn parents(&self, commit: &str) -> Result<Vec<String>, Failure>;

    /// Whether `ancestor` is `commit` or one of those that it was made from.
    fn is_ancestor(&self, ancestor: &str, commit: &str) -> Result<bool, Failure>;

    /// The files that `earlier` and `later` change in different ways: each is compared with where it left `onto`, file by file and
    /// without regard to line numbers. What only came along from `onto` makes no difference, and what a merge adds of its own
    /// does. Both names of a renamed file are told. Sorted.
    fn differing(&self, onto: &str, earlier: &str, later: &str) -> Result<Vec<String>, Failure>;

    /// The lines that `head` has and `base` lacks, by path at the head. A file that only lost lines, was only renamed, or is no file, is
    /// left out.
    fn added_lines(&self, base: &str, head: &str) -> Result<BTreeMap<String, Added>, Failure>;
}

/// There is no clone.
pub struct NoHistory;

impl NoHistory {
    fn refuse<T>() -> Result<T, Failure> {
        Err(Failure::new("there is no clone to look at the commits of")
            .help("check the repository out with its history (`fetch-depth: 0`)"))
    }
}

impl History for NoHistory {
    fn between(&self, _: &str, _: &str) -> Result<Vec<String>, Failure> {
        Self::refuse()
    }

    fn parents(&self, _: &str) -> Result<Vec<String>, Failure> {
        Self::refuse()
    }

    fn is_ancestor(&self, _: &str, _: &str) -> Result<bool, Failure> {
        Self::refuse()
    }

    fn differing(&self, _: &str, _: &str, _: &str) -> Result<Vec<String>, Failure> {
        Self::refuse()
    }

    fn added_lines(&self, _: &str, _: &str) -> Result<BTreeMap<String, Added>, Failure> {
        Self::refuse()
    }
}
