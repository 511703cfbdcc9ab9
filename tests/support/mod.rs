//! What the end-to-end tests stand on: repositories, events, a forge on the loopback, and the binary itself.
//!
//! ```ignore
//! let repo = Repo::new().with("predeploy.toml", OPEN);
//! let base = repo.commit("policy");
//! let head = repo.branch("fix").with("a.txt", "a").commit("a change");
//! let ran = repo.check().event(event::pull_request(7, &base, &head)).run();
//! ran.is("passed");
//! ```

pub mod desk;
pub mod engines;
pub mod event;
pub mod examples;
pub mod forge;
pub mod issues;
pub mod policies;
pub mod repo;
pub mod run;
pub mod tools;

pub use desk::Desk;
pub use forge::{Forge, Knows, Pull};
pub use issues::Issues;
pub use repo::Repo;
pub use run::{Predeploy, Ran};
