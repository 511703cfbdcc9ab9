//! The port to programs of the project: a framework that runs its own migrations, the tests of the code that runs now.

use std::time::Duration;

use crate::{Answer, Failure, Tree};

/// A command of the policy.
#[derive(Clone, Debug)]
pub struct Command<'a> {
    /// As a shell takes it.
    pub line: &'a str,
    /// The files that it runs on: a copy of this tree, made for it.
    pub tree: Tree,
    /// The working directory, from the repository's root.
    pub directory: &'a str,
    /// Variables on top of the few that every command gets. No token is ever among them.
    pub variables: &'a [(&'a str, &'a str)],
    /// A command that runs longer is stopped, with everything that it started.
    pub limit: Duration,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Nothing if it was stopped, by its limit or a signal.
    pub status: Option<i32>,
    /// The end of what it wrote, to both outputs, as text.
    pub output: String,
    pub took: Duration,
}

/// Runs commands that the policy names.
pub trait Commands: Send + Sync {
    /// The error means that it could not be run at all.
    fn run<'a>(&'a self, command: &'a Command<'a>) -> Answer<'a, Ended>;
}

/// No command can be run.
pub struct NoCommands;

impl Commands for NoCommands {
    fn run<'a>(&'a self, _: &'a Command<'a>) -> Answer<'a, Ended> {
        Box::pin(async { Err(Failure::new("no command can be run here")) })
    }
}
