//! The tracefiles of lcov, 1.x and 2.x.
//!
//! See `geninfo(1)`, "TRACEFILE FORMAT": <https://github.com/linux-test-project/lcov/blob/master/man/geninfo.1>. Sections of one file may
//! stand there several times, and are added up. A tracefile that ends between two sections looks whole: nothing in the format tells.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{Name, Read};

#[derive(Default)]
pub(super) struct Lcov {
    file: Option<Name>,
    /// A section began, of which nothing but the test's name may have been read.
    begun: bool,
    lines: BTreeSet<u32>,
    declared: u64,
}

impl Lcov {
    /// Takes a line without its break.
    pub fn line(&mut self, line: &str, read: &mut Read) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line == "end_of_record" {
            return self.end(read);
        }
        let Some((record, value)) = line.split_once(':') else {
            return Err(format!("`{}` is no record of lcov", crate::tests::reports::cut(line, 60)));
        };
        self.begun = true;
        match record {
            "SF" if self.file.is_some() => return Err("a file begins before the one before it has ended".into()),
            "SF" => self.file = Some(Name::Path(value.trim().into())),
            "DA" => {
                let Some(file) = &self.file else { return Err("a line stands outside of any file".into()) };
                let mut parts = value.split(',');
                let number = parts.next().and_then(|number| number.trim().parse().ok());
                let hits = parts.next().and_then(super::hits);
                let (Some(number), Some(hits)) = (number, hits) else {
                    return Err(format!("`{}` is no line with its hits", crate::tests::reports::cut(line, 60)));
                };
                self.lines.insert(number);
                read.add(file, number, hits)?;
            }
            "LF" => self.declared = value.trim().parse().unwrap_or(0),
            "BRDA" => {
                let Some(file) = &self.file else { return Err("a branch stands outside of any file".into()) };
                let Some((line, key, taken)) = branch(value) else {
                    return Err(format!("`{}` is no branch", crate::tests::reports::cut(line, 60)));
                };
                read.branch(file, line, key, taken)?;
            }
            // TN, VER, FN, FNL, FNA, FNDA, FNF, FNH, BRF, BRH, MCDC, MRF, MRH, LH, and what later versions add.
            _ if record.len() <= 8 && record.bytes().all(|b| b.is_ascii_uppercase()) => {}
            _ => return Err(format!("`{}` is no record of lcov", crate::tests::reports::cut(line, 60))),
        }
        Ok(())
    }

    /// The file was read to its end.
    pub fn finish(&self) -> Result<(), String> {
        if self.begun { Err("it ends inside of a section, before `end_of_record`".into()) } else { Ok(()) }
    }

    fn end(&mut self, read: &mut Read) -> Result<(), String> {
        let ended = std::mem::take(self);
        let Some(file) = ended.file else { return Err("a file ends that did not begin".into()) };
        if ended.lines.is_empty() && ended.declared > 0 {
            let lines = if ended.declared == 1 { "line" } else { "lines" };
            return Err(format!(
                "it declares {} {lines} of {file} and names none: it is only a summary",
                ended.declared
            ));
        }
        read.declared(file.text(), ended.declared, ended.lines.len() as u64);
        read.know(&file);
        Ok(())
    }
}

/// `line,block,branch,taken`: the branch may be an expression with commas, and `-` says that its block was never reached.
fn branch(value: &str) -> Option<(u32, u64, bool)> {
    let (line, rest) = value.split_once(',')?;
    let (key, taken) = rest.rsplit_once(',')?;
    let taken = match taken.trim() {
        "-" => false,
        taken => super::hits(taken)? > 0,
    };
    let mut hasher = DefaultHasher::new();
    key.trim().hash(&mut hasher);
    Some((line.trim().parse().ok()?, hasher.finish(), taken))
}
