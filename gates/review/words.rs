//! Short ways to name things in a message.

use crate::Person;

pub(super) fn login(person: Option<&Person>) -> &str {
    person.map_or("a deleted account", |person| &person.login)
}

/// As people write commit ids.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The first five, and how many there are more.
pub(super) fn some_of<T: AsRef<str>>(all: &[T], separator: &str) -> String {
    let (shown, rest) = all.split_at(all.len().min(5));
    let shown = shown.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(separator);
    if rest.is_empty() { shown } else { format!("{shown} and {} more", rest.len()) }
}
