//! What the formats of .NET's runners share: suites that nest, and failures of a message and a stack trace.

use super::tally::{NAME, Said, TRACE, cut};

/// The names of the suites that are open, joined by ` > `.
#[derive(Default)]
pub(super) struct Suites {
    path: String,
    lengths: Vec<usize>,
}

impl Suites {
    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn open(&mut self, name: &str) {
        let name = cut(name, NAME);
        self.lengths.push(self.path.len());
        self.path.push_str(if self.path.is_empty() || name.is_empty() { "" } else { " > " });
        self.path.push_str(name);
    }

    pub fn close(&mut self) {
        if let Some(length) = self.lengths.pop() {
            self.path.truncate(length);
        }
    }
}

/// The last part of a path of any system: an assembly is called by its file, since its folder is the machine's.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Which text of a failure is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Message,
    Trace,
}

/// Adds a piece of text to what a runner says.
pub(super) fn say(said: &mut Said, part: Part, text: &str) {
    match part {
        Part::Message => {
            let room = TRACE.saturating_sub(said.message.len());
            said.message.push_str(cut(text, room));
        }
        Part::Trace => said.push(text),
    }
}

/// Whether a total that is declared can be meant: producers count all cases, or only those that ran.
pub(super) fn is_total(declared: u64, tests: u64, not_run: u64) -> bool {
    (tests.saturating_sub(not_run)..=tests).contains(&declared)
}

#[test]
fn suites_are_called_by_their_names_and_assemblies_by_their_files() {
    let mut suites = Suites::default();
    for name in ["a", "", "b"] {
        suites.open(name);
    }
    assert_eq!(suites.path(), "a > b");
    suites.close();
    suites.close();
    assert_eq!(suites.path(), "a");
    assert_eq!(file_name(r"C:\build\Cart.dll"), "Cart.dll");
    assert_eq!(file_name("/build/Cart.dll"), "Cart.dll");
    assert!(is_total(3, 5, 2) && is_total(5, 5, 2) && !is_total(6, 5, 2) && !is_total(2, 5, 2));
}
