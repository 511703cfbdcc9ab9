//! A run: gather, record, judge.

mod complete;
pub(crate) mod gather;
pub(crate) mod judge;
pub(crate) mod live;
mod queue;
pub(crate) mod record;
pub(crate) mod salt;
pub(crate) mod setup;

#[cfg(test)]
mod tests;
