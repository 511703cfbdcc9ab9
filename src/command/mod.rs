//! One file a subcommand.

pub(crate) mod check;
pub(crate) mod drift;
pub(crate) mod explain;
pub(crate) mod follow_up;
pub(crate) mod hook;
pub(crate) mod manual;
pub(crate) mod merge;
pub(crate) mod owners;
pub(crate) mod publish;
pub(crate) mod rehearse;
pub(crate) mod replay;
mod reports;
pub(crate) mod stamp;
pub(crate) mod tests;
mod told;
pub(crate) mod validate;
pub(crate) mod verify;
pub(crate) mod window;
