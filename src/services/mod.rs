//! Everything behind a port: adapters that know nothing of gates.

pub(crate) mod commands;
pub(crate) mod disk;
pub(crate) mod engines;
pub(crate) mod forges;
pub(crate) mod git;
pub(crate) mod github;
pub(crate) mod marker;
pub(crate) mod mysql;
pub(crate) mod neutral;
pub(crate) mod piped;
pub(crate) mod place;
pub(crate) mod postgres;
pub(crate) mod private;
pub(crate) mod recorded;
pub(crate) mod sqlite;
pub(crate) mod trees;
pub(crate) mod watch;
pub(crate) mod web;
