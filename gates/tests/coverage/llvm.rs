//! The JSON of `llvm-cov export`, which `cargo llvm-cov --json` writes too.
//!
//! See `llvm/tools/llvm-cov/CoverageExporterJson.cpp` for the form, and `LineCoverageStats` in
//! `llvm/lib/ProfileData/Coverage/CoverageMapping.cpp` for how lines follow from segments. Functions are passed over.

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use super::{Hits, Name, Read};

#[derive(Deserialize)]
struct Export {
    data: Vec<Data>,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Data {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    /// With `--summary-only` there are none.
    #[serde(default, deserialize_with = "lines")]
    segments: Option<Hits>,
    /// Since LLVM 12: line, column, end, times true, times false, …
    #[serde(default)]
    branches: Vec<Vec<serde_json::Value>>,
    summary: Option<Summary>,
}

#[derive(Deserialize)]
struct Summary {
    lines: Option<Total>,
}

#[derive(Deserialize)]
struct Total {
    count: Option<u64>,
}

/// From a line and column on; the column orders, and nothing else.
struct Segment {
    line: u32,
    count: u64,
    has_count: bool,
    is_entry: bool,
    is_gap: bool,
}

pub(super) fn read<'de, D: Deserializer<'de>>(json: D, read: &mut Read) -> Result<Result<(), String>, D::Error> {
    let export = Export::deserialize(json)?;
    if export.kind != "llvm.coverage.json.export" {
        return Ok(Err("its `type` is not `llvm.coverage.json.export`".into()));
    }
    for file in export.data.into_iter().flat_map(|data| data.files) {
        let Some(hits) = file.segments else {
            return Ok(Err("it holds totals and no lines: leave out `--summary-only`".into()));
        };
        let name = Name::Path(file.filename);
        read.know(&name);
        let number = |it: Option<&serde_json::Value>| it.and_then(serde_json::Value::as_u64);
        for branch in &file.branches {
            let (line, column) = (number(branch.first()), number(branch.get(1)));
            let Some((line, column)) =
                line.zip(column).and_then(|(line, column)| Some((u32::try_from(line).ok()?, column)))
            else {
                return Ok(Err("a branch is no array of line, column and counts".into()));
            };
            for (way, count) in [(0, branch.get(4)), (1, branch.get(5))] {
                let key = column.saturating_mul(2).saturating_add(way);
                if let Err(what) = read.branch(&name, line, key, number(count) > Some(0)) {
                    return Ok(Err(what));
                }
            }
        }
        if let Some(lines) = file.summary.and_then(|summary| summary.lines?.count) {
            read.declared(name.text(), lines, hits.len() as u64);
        }
        for (line, count) in hits {
            if let Err(what) = read.add(&name, line, count) {
                return Ok(Err(what));
            }
        }
    }
    Ok(Ok(()))
}

/// Lines of one file at a time: segments are not kept.
fn lines<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Hits>, D::Error> {
    struct Segments;
    impl<'de> Visitor<'de> for Segments {
        type Value = Vec<Segment>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("segments")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut segments = Vec::new();
            while let Some(segment) = seq.next_element()? {
                segments.push(segment);
            }
            Ok(segments)
        }
    }
    let segments = from.deserialize_seq(Segments)?;
    of_segments(&segments).map(Some).map_err(D::Error::custom)
}

impl<'de> Deserialize<'de> for Segment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // Counters wrap below zero in damaged profiles; the sixth was added in LLVM 11.
        let all: Vec<serde_json::Value> = Vec::deserialize(from)?;
        let flag = |at: usize| all.get(at).is_some_and(|it| it.as_bool() == Some(true) || it.as_u64() == Some(1));
        let line = all.first().and_then(serde_json::Value::as_u64).and_then(|line| u32::try_from(line).ok());
        let count = all.get(2).and_then(|count| count.as_u64().or_else(|| count.as_i64().map(|_| 0)));
        match (line, count, all.len()) {
            (Some(line), Some(count), 5..) => {
                Ok(Self { line, count, has_count: flag(3), is_entry: flag(4), is_gap: flag(5) })
            }
            _ => Err(D::Error::custom("a segment is no array of line, column, count and flags")),
        }
    }
}

/// Most lines that one segment may reach over.
const REACH: u32 = 1_000_000;

fn of_segments(segments: &[Segment]) -> Result<Hits, String> {
    let mut hits = Hits::new();
    let mut before: Option<&Segment> = None;
    for here in segments.chunk_by(|a, b| a.line == b.line) {
        let line = here[0].line;
        if let Some(before) = before {
            if line.checked_sub(before.line).is_none_or(|lines| lines > REACH) {
                return Err(format!(
                    "a segment from line {} to {line} is longer than the limit of {REACH}",
                    before.line
                ));
            }
            if before.has_count {
                hits.extend((before.line + 1..line).map(|between| (between, before.count)));
            }
        }
        let starts = |it: &&Segment| !it.is_gap && it.has_count && it.is_entry;
        let most = here.iter().filter(starts).map(|it| it.count).max();
        let skipped = !here[0].has_count && here[0].is_entry;
        let around = before.filter(|before| before.has_count);
        let mapped =
            !skipped && (around.is_some() || most.is_some()) || here.iter().any(|it| it.has_count && it.is_entry);
        if mapped {
            let count = before.map_or(0, |before| before.count);
            hits.insert(line, most.map_or(count, |most| most.max(count)));
        }
        before = here.last();
    }
    Ok(hits)
}

#[test]
fn lines_follow_from_segments_as_llvm_says() {
    let segment = |line, count, has_count, is_entry| Segment { line, count, has_count, is_entry, is_gap: false };
    // fn f(x) { if x { a } else { b } }, over six lines
    let segments = [
        segment(1, 3, true, true),
        segment(2, 0, true, true),
        segment(4, 3, true, true),
        segment(6, 0, false, false),
        segment(8, 0, true, true),
        segment(8, 0, false, false),
    ];
    let lines: Vec<(u32, u64)> = of_segments(&segments).unwrap().into_iter().collect();
    assert_eq!(lines, [(1, 3), (2, 3), (3, 0), (4, 3), (5, 3), (6, 3), (8, 0)]);
    assert!(of_segments(&[segment(1, 1, true, true), segment(4_000_000_000, 0, false, false)]).is_err());
}
