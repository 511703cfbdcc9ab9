//! What can be told of a value while it is read. The value itself is kept nowhere.

mod placeholder;

pub(in crate::drift) use placeholder::Placeholders;
