//! `predeploy publish`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// A report written by `check --format json=FILE` in this run, or by `merge`
    pub(crate) report: PathBuf,
    /// Comment on the pull request, or edit the comment that is there (permission `pull-requests: write`)
    #[arg(long)]
    pub(crate) comment: bool,
    /// Make the commit's check run, or change the one that is there (permission `checks: write`)
    #[arg(long)]
    pub(crate) check_run: bool,
    /// Set the commit status (permission `statuses: write`)
    #[arg(long)]
    pub(crate) status: bool,
    /// The pull request [default: the event's, or the one of the report]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) pull_request: Option<u64>,
    /// Print what would be published, and publish nothing; needs no token
    #[arg(long)]
    pub(crate) dry_run: bool,
}
