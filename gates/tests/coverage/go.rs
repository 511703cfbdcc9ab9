//! What `go test -coverprofile` writes.
//!
//! See <https://pkg.go.dev/golang.org/x/tools/cover#Profile>: `name.go:line.column,line.column statements count`, after a line `mode: …`
//! that stands there again where profiles were put one after another. A line counts as hit if any block on it was. A profile that ends
//! between two lines looks whole: nothing in the format tells.

use super::{Name, Read};

/// Most lines of one block.
const BLOCK: u32 = 1_000_000;

#[derive(Default)]
pub(super) struct Go {
    begun: bool,
}

impl Go {
    /// Takes a line without its break.
    pub fn line(&mut self, line: &str, read: &mut Read) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() {
            return Ok(());
        }
        if let Some(mode) = line.strip_prefix("mode: ") {
            self.begun = true;
            return match mode.trim() {
                "set" | "count" | "atomic" => Ok(()),
                _ => Err(format!("`{}` is no mode of coverage", crate::tests::reports::cut(mode, 60))),
            };
        }
        let block = block(line).filter(|_| self.begun);
        let (name, first, last, statements, count) = block
            .ok_or_else(|| format!("`{}` is no block of a coverprofile", crate::tests::reports::cut(line, 100)))?;
        let file = Name::Import(name.into());
        read.know(&file);
        if statements == 0 {
            return Ok(());
        }
        if last.checked_sub(first).is_none_or(|lines| lines > BLOCK) {
            return Err(format!("a block from line {first} to {last} is longer than the limit of {BLOCK} lines"));
        }
        (first..=last).try_for_each(|line| read.add(&file, line, count))
    }
}

/// Name, first line, last line, statements, count.
fn block(line: &str) -> Option<(&str, u32, u32, u64, u64)> {
    let (name, rest) = line.rsplit_once(':')?;
    let mut parts = rest.split(' ');
    let (start, end) = parts.next()?.split_once(',')?;
    let line = |position: &str| {
        position.split_once('.').and_then(|(line, column)| {
            column.parse::<u32>().ok()?;
            line.parse::<u32>().ok()
        })
    };
    let (first, last) = (line(start)?, line(end)?);
    let (statements, count) = (parts.next()?.parse().ok()?, super::hits(parts.next()?)?);
    (parts.next().is_none() && !name.is_empty()).then_some((name, first, last, statements, count))
}
