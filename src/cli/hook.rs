//! The arguments of `predeploy hook`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Write git's hook, which calls `predeploy hook run`; a hook of someone else's is left as it is
    Install(InstallArgs),
    /// Ask the gates about what git is about to push: standard input is what git tells its hook
    Run(RunArgs),
}

/// The hooks of git that predeploy has something to say in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum HookName {
    PrePush,
}

impl HookName {
    /// As git names it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::PrePush => "pre-push",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    #[arg(value_enum, default_value_t = HookName::PrePush)]
    pub(crate) hook: HookName,
    /// The exact root of the repository [default: found upwards from the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[arg(value_enum)]
    pub(crate) hook: HookName,
    /// Name of the remote, or its address, as git gives it
    pub(crate) remote: Option<String>,
    /// Address of the remote, as git gives it
    pub(crate) url: Option<String>,
    /// The exact root of the repository [default: found upwards from the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
}
