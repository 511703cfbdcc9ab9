//! End to end: the binary, as others run it, on real repositories, events and answers of a forge.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod actions;
mod cases;
mod change;
mod cli;
mod corpus;
mod hooks;
mod rehearsal;
mod reports;
mod support;
mod trust;
