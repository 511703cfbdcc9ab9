//! Rehearsals end to end: alone, by the framework's own commands, on real servers.

mod alembic;
mod alone;
mod baseline;
mod commands;
mod compat;
mod locks;
