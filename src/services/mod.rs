//! Adapters behind the ports of the gates. None knows a gate.

pub(crate) mod absent;
pub(crate) mod github;
pub(crate) mod recorded;
