//! End to end: the binary, as others run it, on real repositories, events and answers of a forge.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod change;
mod corpus;
mod support;
mod trust;
