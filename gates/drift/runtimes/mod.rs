//! Versions of runtimes: what ships, what is pinned, what the project allows and what CI tests with.

#[cfg(test)]
mod cases;
mod folders;
mod gather;
mod judge;
mod language;
mod place;
mod policy;
mod read;
pub(super) mod rules;
mod table;
mod versions;

pub(super) use folders::is_aside;
pub(super) use gather::{RuntimesEvidence, gather};
pub(super) use judge::judge;
pub(super) use policy::Switch;
pub use table::{Row, Table, runtimes};
