//! `predeploy merge`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// Reports written by `check --format json=FILE` in the jobs of this run
    #[arg(value_name = "REPORT", required = true)]
    pub(crate) reports: Vec<PathBuf>,
    /// How many reports must answer for a gate, where that is more than one: a file of the repository, read from where the policy is read
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<String>,
    /// The exact root of the repository, whose policy says which gates must answer [default: found upwards from the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// How to report, as for `check`
    #[arg(long, value_name = "NAME[=FILE]")]
    pub(crate) format: Vec<String>,
}
