//! SimpleCov's `.resultset.json` and `coverage.json`.
//!
//! See <https://github.com/simplecov-ruby/simplecov> (`lib/simplecov/result.rb`) and
//! <https://github.com/simplecov-ruby/simplecov_json_formatter>. Of every file there is an array with the hits of each line; null is no
//! coverable line, and `"ignored"` one that a comment leaves out. Versions before 0.18 wrote the array without `lines` around it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use serde_json::Value;

use super::{Name, Read, hits};

type Files = BTreeMap<String, File>;

#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Lines { lines: Vec<Value> },
    Bare(Vec<Value>),
    Other(IgnoredAny),
}

/// What stands behind a key of the root: the run of a command, or the files themselves.
#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Run { coverage: Files, timestamp: Option<i64> },
    Files(Files),
    Other(IgnoredAny),
}

pub(super) fn read<'de, D: Deserializer<'de>>(json: D, read: &mut Read) -> Result<Result<(), String>, D::Error> {
    let root: BTreeMap<String, Part> = BTreeMap::deserialize(json)?;
    let mut any = false;
    for (key, part) in root {
        let files = match part {
            Part::Run { coverage, timestamp } => {
                timestamp.into_iter().for_each(|seconds| read.epoch(seconds));
                coverage
            }
            Part::Files(files) if key == "coverage" => files,
            Part::Files(_) | Part::Other(_) => continue,
        };
        any = true;
        for (file, lines) in files {
            if let Err(what) = add(file, lines, read) {
                return Ok(Err(what));
            }
        }
    }
    Ok(if any { Ok(()) } else { Err("it holds no `coverage` of files".into()) })
}

fn add(file: String, lines: File, read: &mut Read) -> Result<(), String> {
    let (File::Lines { lines } | File::Bare(lines)) = lines else {
        return Err(format!("`{}` has no lines", crate::tests::reports::cut(&file, 200)));
    };
    let name = Name::Path(file);
    read.know(&name);
    for (number, count) in (1..).zip(lines) {
        match count {
            Value::Null => {}
            Value::String(word) if word == "ignored" => {}
            Value::Number(count) => read.add(&name, number, hits(&count.to_string()).unwrap_or(0))?,
            _ => return Err(format!("line {number} of {name} has hits that are no number")),
        }
    }
    Ok(())
}
