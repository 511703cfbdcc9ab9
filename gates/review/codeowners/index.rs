//! All patterns at once: which is the last that matches a path?
//!
//! The patterns form a tree by their parts, so that those that begin alike are looked at once. A path walks down it, part by part, at
//! several nodes at a time where there are wildcards. Each node knows the last line below it: what cannot be later than what is found
//! already is left out.

use std::collections::BTreeMap;

use super::glob::{Glob, Letters};
use super::pattern::{End, Part, Pattern};

#[derive(Debug)]
pub(super) struct Index {
    nodes: Vec<Node>,
    /// How many nodes are of a `**`.
    deep: usize,
}

/// Lines are counted from 1; 0 is none. Nodes are places in [`Index::nodes`]; 0, the root, is nobody's child.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) names: BTreeMap<Box<str>, usize>,
    /// Those whose names all end in `.` and the key.
    pub(super) by_extension: BTreeMap<Box<str>, BTreeMap<Glob, usize>>,
    pub(super) globs: BTreeMap<Glob, usize>,
    pub(super) any: usize,
    pub(super) deep: usize,
    /// Which of the `**` it is, from 1.
    pub(super) is_deep: usize,
    exact: usize,
    here: usize,
    below: usize,
    /// The last line of all that end here or further down.
    last: usize,
}

impl Index {
    /// The patterns in the order of the file.
    pub(super) fn of<'a>(patterns: impl Iterator<Item = &'a Pattern>) -> Self {
        let mut index = Self { nodes: vec![Node::default()], deep: 0 };
        for (line, pattern) in (1..).zip(patterns) {
            index.insert(pattern, line);
        }
        index
    }

    fn insert(&mut self, pattern: &Pattern, line: usize) {
        let mut at = 0;
        for part in &pattern.parts {
            self.nodes[at].last = line;
            let new = self.nodes.len();
            let node = &mut self.nodes[at];
            let child = match part {
                Part::Name(name) => node.names.entry(name.clone()).or_default(),
                Part::Any => &mut node.any,
                Part::Deep => &mut node.deep,
                Part::Glob(glob) => match glob.extension() {
                    Some(extension) => node.by_extension.entry(extension.into()).or_default(),
                    None => &mut node.globs,
                }
                .entry(glob.clone())
                .or_default(),
            };
            if *child == 0 {
                *child = new;
            }
            at = *child;
            if at == new {
                self.deep += usize::from(*part == Part::Deep);
                let is_deep = if *part == Part::Deep { self.deep } else { 0 };
                self.nodes.push(Node { is_deep, ..Node::default() });
            }
        }
        let node = &mut self.nodes[at];
        node.last = line;
        *match pattern.end {
            End::Exact => &mut node.exact,
            End::Here => &mut node.here,
            End::Below => &mut node.below,
        } = line;
    }

    /// The last line whose pattern matches, counted from 1; 0 if none does.
    pub(super) fn last(&self, path: &str) -> usize {
        let mut walk = Walk::new(self);
        let mut parts = path.split('/').peekable();
        walk.enter(0, Rest::More);
        while let Some(name) = parts.next() {
            let rest = if parts.peek().is_some() { Rest::More } else { Rest::Nothing };
            walk.step(rest, |node, enter| node.by_name(name, enter));
        }
        walk.found
    }
}

impl Node {
    /// The children that one name leads to.
    pub(super) fn by_name(&self, name: &str, enter: &mut dyn FnMut(usize)) {
        if let Some(child) = self.names.get(name) {
            enter(*child);
        }
        if !self.by_extension.is_empty() || !self.globs.is_empty() {
            let letters = Letters::of(name);
            let extension = name.rsplit_once('.').and_then(|(_, extension)| self.by_extension.get(extension));
            let globs = extension.into_iter().flatten().chain(&self.globs);
            globs.filter(|(glob, _)| glob.matches(name, letters)).for_each(|(_, child)| enter(*child));
        }
        if self.any != 0 && !name.is_empty() {
            enter(self.any);
        }
    }
}

/// What of a path is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// It ends.
    Nothing,
    /// At least one name.
    More,
    /// It may end or go on.
    Unknown,
}

/// The nodes at which a path is, and the last line found on its way.
pub(super) struct Walk<'a> {
    index: &'a Index,
    at: Vec<usize>,
    /// The `**` that were come to: none is left again.
    deep: Vec<usize>,
    /// By number, whether it is among them.
    has: Vec<bool>,
    pub(super) found: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(index: &'a Index) -> Self {
        Self { index, at: Vec::new(), deep: Vec::new(), has: vec![false; index.deep + 1], found: 0 }
    }

    pub(super) fn enter(&mut self, at: usize, rest: Rest) {
        let node = &self.index.nodes[at];
        if node.last <= self.found {
            return;
        }
        let found = match rest {
            Rest::Nothing => node.exact,
            Rest::More => node.below,
            Rest::Unknown => 0,
        };
        self.found = self.found.max(node.here).max(found);
        if rest == Rest::Nothing || node.last <= self.found {
            return;
        }
        if node.is_deep == 0 {
            self.at.push(at);
            if node.deep != 0 {
                self.enter(node.deep, rest);
            }
        } else if !std::mem::replace(&mut self.has[node.is_deep], true) {
            self.deep.push(at);
        }
    }

    /// Goes on by one part. `children` tells for a node where it leads to.
    pub(super) fn step(&mut self, rest: Rest, children: impl Fn(&Node, &mut dyn FnMut(usize))) {
        let index = self.index;
        let at = std::mem::take(&mut self.at);
        // What is come to now is for the next step.
        let deep = self.deep.len();
        for from in at.iter().copied() {
            self.children(&index.nodes[from], rest, &children);
        }
        for i in 0..deep {
            let from = self.deep[i];
            self.children(&index.nodes[from], rest, &children);
        }
    }

    fn children(&mut self, node: &Node, rest: Rest, children: &impl Fn(&Node, &mut dyn FnMut(usize))) {
        if node.last > self.found {
            children(node, &mut |child| self.enter(child, rest));
        }
    }

    /// Goes on by any number of parts, none included: only a `**` allows for that.
    pub(super) fn step_deep(&mut self) {
        self.at.clear();
    }
}
