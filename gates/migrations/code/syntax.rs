//! Programs as trees, by the grammars of [tree-sitter](https://tree-sitter.github.io/).

use std::ops::Range;

use tree_sitter::{Language, Node, Parser, Tree};

#[derive(Clone, Copy)]
pub(super) enum Grammar {
    Python,
    Ruby,
    TypeScript,
}

/// A program and its tree.
pub(super) struct Program {
    pub text: String,
    tree: Tree,
}

impl Program {
    /// `None` where the parser gives up, which it does for no text that is known.
    pub fn parse(grammar: Grammar, text: String) -> Option<Self> {
        let language: Language = match grammar {
            Grammar::Python => tree_sitter_python::LANGUAGE.into(),
            Grammar::Ruby => tree_sitter_ruby::LANGUAGE.into(),
            Grammar::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        };
        let mut parser = Parser::new();
        parser.set_language(&language).ok()?;
        let tree = parser.parse(&text, None)?;
        Some(Self { text, tree })
    }

    pub fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    pub fn of(&self, node: Node<'_>) -> &str {
        &self.text[node.byte_range()]
    }

    /// The text of a field of a node; empty if it has none.
    pub fn field(&self, node: Node<'_>, name: &str) -> &str {
        node.child_by_field_name(name).map_or("", |child| self.of(child))
    }

    /// The first place that is not of the language.
    pub fn error(&self) -> Option<usize> {
        if !self.root().has_error() {
            return None;
        }
        let wrong = |node: &Node<'_>| node.is_error() || node.is_missing();
        Some(descendants(self.root(), |node| node.has_error()).into_iter().find(wrong)?.start_byte())
    }

    /// The words of the program in their order, without comments and without what stands in some ranges.
    pub fn words(&self, without: &[Range<usize>]) -> String {
        let mut words = String::new();
        let docstring = docstring(self.root()).map(|node| node.id());
        let mut open = vec![self.root()];
        while let Some(node) = open.pop() {
            let range = node.byte_range();
            let left_out = without.iter().any(|w| w.start <= range.start && range.end <= w.end);
            if left_out || node.kind() == "comment" || docstring == Some(node.id()) {
                continue;
            }
            // What stands in a text is no layout; what stands in a block is in it.
            if node.kind() == "block" {
                words.push_str("{ ");
            }
            if node.child_count() == 0 || is_text(node) {
                words.push_str(self.of(node));
                words.push(' ');
                continue;
            }
            let mut cursor = node.walk();
            let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
            open.extend(children.into_iter().rev());
        }
        words
    }
}

/// A module of Python begins with a text that says what it is, with a date in Alembic's.
fn docstring(root: Node<'_>) -> Option<Node<'_>> {
    let first = children(root).into_iter().next().filter(|_| root.kind() == "module")?;
    let is_text = children(first).first().is_some_and(|child| child.kind() == "string");
    (first.kind() == "expression_statement" && is_text).then_some(first)
}

fn is_text(node: Node<'_>) -> bool {
    matches!(node.kind(), "string" | "template_string" | "heredoc_body" | "regex")
}

/// The children that have a name in the grammar, without comments.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// The node and all below it, in the order of the text; below a node only where `enter` says so.
pub(super) fn descendants<'t>(node: Node<'t>, enter: impl Fn(Node<'t>) -> bool) -> Vec<Node<'t>> {
    let (mut found, mut open) = (vec![], vec![node]);
    while let Some(node) = open.pop() {
        found.push(node);
        if enter(node) {
            let mut cursor = node.walk();
            let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
            open.extend(children.into_iter().rev());
        }
    }
    found
}
