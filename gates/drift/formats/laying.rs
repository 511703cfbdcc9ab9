//! What a file says itself of how it is laid over others: the tags `!reset` and `!override` of Compose
//! (<https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#reset-value>), and the directives of a strategic merge patch
//! (<https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md>).

use super::tree::{Flat, Node, Value, Wrong};

/// What a tag says of what earlier files have at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::drift) enum Tag {
    /// Nothing.
    #[default]
    Over,
    /// It is taken out.
    Reset,
    /// This takes its place.
    Override,
    /// Nobody knows: the tag is one of a loader's own.
    Unknown,
}

/// Functions that take a list or a table, which is compared as it is written: those of CloudFormation
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>), and `!reference` of GitLab
/// (<https://docs.gitlab.com/ci/yaml/yaml_optimization/#reference-tags>).
const FUNCTIONS: &[&str] = &[
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "reference",
];

impl Tag {
    /// Of a local tag, without its `!`.
    pub fn of(name: &str) -> Self {
        match name {
            "reset" => Self::Reset,
            "override" => Self::Override,
            "" | "!" => Self::Over,
            name if FUNCTIONS.binary_search(&name).is_ok() => Self::Over,
            _ => Self::Unknown,
        }
    }
}

impl Flat<'_> {
    /// Remembers that the node takes the place of what earlier files have there. The answer is whether nothing is left there.
    ///
    /// # Errors
    /// If it says so in a way that is not known, or that needs what it is laid over.
    pub(super) fn is_taken_out(&mut self, node: &Node<'_>) -> Result<bool, Wrong> {
        match (node.tag, &node.value) {
            (Tag::Unknown, Value::Table(_) | Value::List(_)) => {
                return Err(self.refuse(
                    "a table or list has a tag of its own, and only its loader knows what that makes of it",
                    node.span.start,
                    "give what it becomes when it is loaded, or write it without the tag",
                ));
            }
            (Tag::Reset | Tag::Override, _) => self.replacing.push((self.path.clone(), self.keys.len())),
            _ => {}
        }
        if let Value::Table(entries) = &node.value
            && let Some(directive) = entries.iter().find(|entry| is_directive(&entry.key, &entry.node))
        {
            return Err(self.refuse(
                "a patch of Kubernetes takes something out there, and what is left is known once it is applied",
                directive.span.start,
                "give what it becomes when it is rendered, such as the output of `kustomize build`",
            ));
        }
        Ok(node.tag == Tag::Reset)
    }
}

/// Whether an entry of a table is none, and says what becomes of what the table is laid over.
fn is_directive(key: &str, node: &Node<'_>) -> bool {
    match key {
        "$patch" => node.scalar().is_some_and(|what| what != "merge"),
        "$retainKeys" => true,
        _ => key.starts_with("$deleteFromPrimitiveList/"),
    }
}

#[test]
fn functions_are_sorted() {
    assert!(FUNCTIONS.is_sorted());
}
