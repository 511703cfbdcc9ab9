//! The command line of `predeploy drift`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DriftArgs {
    #[command(subcommand)]
    pub(crate) command: Option<DriftCommand>,
    #[command(flatten)]
    pub(crate) asked: DriftAsked,
    /// Print only some keys
    #[arg(long, value_enum)]
    pub(crate) only: Option<Only>,
    /// How to print
    #[arg(long, value_enum, default_value_t = MatrixFormat::Text, conflicts_with = "json")]
    pub(crate) format: MatrixFormat,
    /// Take the content of this file, as the policy names it, from standard input: rendered output that no commit has
    #[arg(long, value_name = "PATH")]
    pub(crate) stdin: Option<String>,
    /// Print values of keys that are no secrets, too: as text, and never in CI
    #[arg(long, conflicts_with_all = ["json", "format", "stdin"])]
    pub(crate) show_values: bool,
}

/// Which keys are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Only {
    /// That some environment lacks
    Missing,
    /// That do not have one value everywhere, or that some environment lacks
    Different,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum MatrixFormat {
    Text,
    Json,
    /// A page of its own
    Html,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    /// The file that the environment is configured by, or `-` for standard input
    pub(crate) file: PathBuf,
    /// The environment, as predeploy.toml names it
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: String,
    /// A name that tells the format: `x.env`, `x.yaml` [default: the file's own; of standard input `x.env`]
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// What the findings are about: keys, or `ADDRESS#ATTRIBUTE` of a plan
    #[arg(required = true, value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Why it is accepted
    #[arg(long)]
    pub(crate) reason: String,
    /// Who answers for it
    #[arg(long)]
    pub(crate) owner: String,
    /// The last day on which it counts, in UTC
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) until: jiff::civil::Date,
    /// Only findings of this rule: drift/missing-key
    #[arg(long)]
    pub(crate) rule: Option<String>,
    #[command(flatten)]
    pub(crate) asked: DriftAsked,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DriftCommand {
    /// Print which file names which version of which runtime
    Runtimes(DriftAsked),
    /// Print which variables the code reads, where, and which environments declare them
    Keys(DriftKeysArgs),
    /// Print the keys of an environment with keyed fingerprints of their values, to compare them elsewhere
    Snapshot(SnapshotArgs),
    /// Accept findings about keys: write waivers for them into the policy
    Accept(AcceptArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DriftKeysArgs {
    /// The variables that the code reads
    #[arg(long)]
    pub(crate) code: bool,
    #[command(flatten)]
    pub(crate) asked: DriftAsked,
}

/// What is asked of the drift gates: by which policy, about which tree.
#[derive(Debug, Args)]
pub(crate) struct DriftAsked {
    /// Print JSON instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// The exact root of the repository [default: found upwards from the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// Where the change starts [default: the event's base, or the merge base with the upstream or default branch]
    #[arg(long, value_name = "REV")]
    pub(crate) base: Option<String>,
    /// What would ship [default: the event's head, or HEAD]
    #[arg(long, value_name = "REV")]
    pub(crate) head: Option<String>,
    /// Take uncommitted work as part of the change
    #[arg(long, conflicts_with = "head")]
    pub(crate) working_tree: bool,
    /// Target environment, as predeploy.toml names it
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
}
