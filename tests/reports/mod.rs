//! What is said in the end, and what can be done with it later: replay it, verify it.

mod cost;
mod examples;
mod hostile;
mod readers;
mod replay;
mod simulated;
mod verify;
