//! Variables that the code reads, against what the environments declare.

#[cfg(test)]
mod cases;
mod deployed;
mod gather;
mod judge;
mod known;
mod policy;
mod read;
mod reads;
pub(super) mod rules;
mod table;

pub(super) use gather::{CodeEvidence, gather};
pub(super) use judge::judge;
pub(super) use policy::Code;
pub use table::{KeyRow, keys_of_code};
