//! Everything behind a port: adapters that know nothing of gates.

pub(crate) mod disk;
pub(crate) mod forges;
pub(crate) mod git;
pub(crate) mod place;
pub(crate) mod sqlite;
pub(crate) mod trees;
