//! Task lists in Markdown.
//!
//! A [CommonMark](https://spec.commonmark.org/) parser with GitHub's
//! [task lists](https://github.github.com/gfm/#task-list-items-extension-) reads them: comments and code hold none.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// An item of a task list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub text: String,
    pub ticked: bool,
    /// All of its text is struck through: it does not apply.
    pub struck: bool,
}

/// The items in their order, those inside others included.
pub(super) fn items(markdown: &str) -> Vec<Item> {
    let mut items = vec![];
    // Items that are open, the innermost last; nothing for one without a box.
    let mut open: Vec<Option<Item>> = vec![];
    let mut struck = false;
    let extensions = Options::ENABLE_TASKLISTS.union(Options::ENABLE_STRIKETHROUGH);
    for event in Parser::new_ext(markdown, extensions) {
        match event {
            Event::Start(Tag::Item) => open.push(None),
            Event::TaskListMarker(ticked) => {
                if let Some(last) = open.last_mut() {
                    *last = Some(Item { text: String::new(), ticked, struck: true });
                }
            }
            Event::Start(Tag::Strikethrough) => struck = true,
            Event::End(TagEnd::Strikethrough) => struck = false,
            Event::Text(text) | Event::Code(text) => {
                if let Some(Some(item)) = open.last_mut() {
                    item.struck &= struck || text.trim().is_empty();
                    item.text.push_str(&text);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(Some(item)) = open.last_mut() {
                    item.text.push(' ');
                }
            }
            // What comes below an item is its own list, not its text.
            Event::Start(Tag::List(_)) => items.extend(open.last_mut().and_then(Option::take)),
            Event::End(TagEnd::Item) => items.extend(open.pop().flatten()),
            _ => {}
        }
    }
    for item in &mut items {
        item.text = item.text.split_whitespace().collect::<Vec<_>>().join(" ");
        item.struck &= !item.text.is_empty();
    }
    items.retain(|item| !item.text.is_empty());
    items
}

/// Whether two items are about the same: their words, whatever the case.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    words(one) == words(other)
}
