//! Exit codes, documented in `--help` and in the README. An output format never changes one.

use std::process::ExitCode;

use predeploy_gates::{Failure, Verdict};

use crate::config::ConfigErrors;

/// Why there is no verdict at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The command line asks for something that is not there.
    #[error("{0}")]
    Usage(Failure),
    /// The report, or the evidence, could not be written.
    #[error("what was asked for cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl Stop {
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage(Failure::new(message).help(help))
    }

    pub(crate) fn code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::Usage(_) => ExitCode::from(2),
            Self::Output(_) => ExitCode::from(3),
        }
    }

    /// What to do about it.
    pub(crate) fn help(&self) -> Option<&str> {
        match self {
            Self::Usage(failure) => failure.help.as_deref(),
            Self::Config(_) | Self::Output(_) => None,
        }
    }
}

/// The exit code of a verdict. A run whose every gate was skipped is `unresolved` before it comes here.
pub(crate) fn code(verdict: Verdict) -> ExitCode {
    ExitCode::from(number(verdict))
}

/// The same as a number.
pub(crate) const fn number(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Passed => 0,
        Verdict::Blocked => 1,
        Verdict::Unresolved | Verdict::Skipped => 3,
        Verdict::Pending => 4,
    }
}
