//! dbmate: `-- migrate:up` and `-- migrate:down`, each with options behind it.
//!
//! Source: [dbmate's parser](https://github.com/amacneil/dbmate/blob/main/pkg/dbmate/migration.go).

use std::ops::Range;

use super::Script;

pub(super) fn is_one(text: &str) -> bool {
    text.lines().any(|line| directive(line).is_some_and(|(is_up, _)| is_up))
}

/// The up and the down of a file, or what dbmate would refuse it for.
pub(super) fn read(path: &str, text: String) -> Result<(Script, Option<Script>), String> {
    let mut ups = Section::default();
    let mut downs = Section::default();
    // The block that is open: its direction and where it begins.
    let mut open: Option<(bool, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        if let Some((is_up, transaction)) = directive(line) {
            if let Some((was_up, from)) = open {
                if was_up { &mut ups } else { &mut downs }.blocks.push(from..at);
            }
            if !is_up && ups.start.is_none() {
                return Err("`-- migrate:down` comes before any `-- migrate:up`".into());
            }
            let section = if is_up { &mut ups } else { &mut downs };
            section.start.get_or_insert(at);
            section.without_transaction |= !transaction;
            open = Some((is_up, next));
        } else if open.is_none() && !line.trim().is_empty() && !line.trim_start().starts_with("--") {
            return Err("a statement stands before `-- migrate:up`".into());
        }
        at = next;
    }
    match open {
        Some((is_up, from)) => if is_up { &mut ups } else { &mut downs }.blocks.push(from..at),
        None => return Err("there is no `-- migrate:up`".into()),
    }
    // Since 2.27 a file may hold several blocks, each with a down of its own, which are undone from the last to the first.
    if ups.blocks.len() > 1 && ups.blocks.len() != downs.blocks.len() {
        return Err("one of several `-- migrate:up` has no `-- migrate:down` of its own".into());
    }
    downs.blocks.reverse();
    let down = downs.start.is_some().then(|| downs.script(path, text.clone()));
    Ok((ups.script(path, text), down))
}

#[derive(Default)]
struct Section {
    blocks: Vec<Range<usize>>,
    start: Option<usize>,
    without_transaction: bool,
}

impl Section {
    fn script(self, path: &str, text: String) -> Script {
        Script {
            path: path.into(),
            text: text.into(),
            pieces: self.blocks,
            transaction: !self.without_transaction,
            start: self.start.unwrap_or(0),
            templated: false,
        }
    }
}

/// Whether a line opens an up, and whether in a transaction.
fn directive(line: &str) -> Option<(bool, bool)> {
    let rest = line.strip_prefix("--")?.trim_start().strip_prefix("migrate:")?;
    let (is_up, options) = match (rest.strip_prefix("up"), rest.strip_prefix("down")) {
        (Some(options), _) => (true, options),
        (None, Some(options)) => (false, options),
        (None, None) => return None,
    };
    let ends = options.is_empty() || options.starts_with(char::is_whitespace);
    ends.then(|| (is_up, !options.split_whitespace().any(|option| option == "transaction:false")))
}
