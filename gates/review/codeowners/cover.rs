//! Which line, if any, matches everything that a pattern matches, as far as their parts tell.
//!
//! The pattern walks down the tree of all patterns in the place of a path. A part of it is passed by what matches whatever it matches: a
//! name by that name and by what matches it, a glob by the same glob and by `*`, a `**` by a `**` alone. So a line that is found covers
//! the pattern; one that covers it for other reasons (two lines together, a glob inside a wider one) is not found.

use super::index::{Index, Node, Rest, Walk};
use super::pattern::{End, Part, Pattern};

/// The last line that plainly covers the pattern, its own among them, counted from 1.
pub(super) fn last(index: &Index, pattern: &Pattern) -> usize {
    let mut walk = Walk::new(index);
    // What is sure to follow after so many parts.
    let rest = |behind: usize| {
        let names = pattern.parts[behind..].iter().any(|part| *part != Part::Deep);
        match pattern.end {
            _ if names => Rest::More,
            End::Exact => Rest::Nothing,
            End::Here => Rest::Unknown,
            End::Below => Rest::More,
        }
    };
    walk.enter(0, rest(0));
    for (behind, part) in (1..).zip(&pattern.parts) {
        match part {
            Part::Deep => walk.step_deep(),
            part => walk.step(rest(behind), |node, enter| passes(node, part, enter)),
        }
    }
    walk.found
}

fn passes(node: &Node, part: &Part, enter: &mut dyn FnMut(usize)) {
    match part {
        Part::Name(name) => return node.by_name(name, enter),
        Part::Glob(glob) => {
            let globs = glob.extension().map_or(Some(&node.globs), |extension| node.by_extension.get(extension));
            if let Some(child) = globs.and_then(|globs| globs.get(glob)) {
                enter(*child);
            }
        }
        Part::Any | Part::Deep => {}
    }
    if node.any != 0 {
        enter(node.any);
    }
}
