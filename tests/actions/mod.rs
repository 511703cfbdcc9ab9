//! The actions: as `act` runs them in a workflow, their one script by itself, and what linters say of them.

mod act;
mod elsewhere;
mod events;
mod lint;
mod script;
mod table;
mod untrusted;
