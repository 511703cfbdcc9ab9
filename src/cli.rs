//! The command line. Others script against it: names and meanings stay.

mod drift;
mod hook;
mod merge;
mod publish;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use predeploy_gates::{Length, Stage};

pub(crate) use drift::{
    AcceptArgs, DriftArgs, DriftAsked, DriftCommand, DriftKeysArgs, MatrixFormat, Only, SnapshotArgs,
};
pub(crate) use hook::{HookCommand, InstallArgs, RunArgs};
pub(crate) use merge::MergeArgs;
pub(crate) use publish::PublishArgs;

/// May this change ship, now, to this environment?
#[derive(Debug, Parser)]
#[command(name = "predeploy", version, about, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 passed, 1 blocked, 2 usage or configuration error, 3 unresolved, 4 pending";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask the gates about a change, and report
    Check(Box<CheckArgs>),
    /// Rehearse migrations: up, down and up again on a scratch database
    Rehearse(Box<RehearseArgs>),
    /// Judge saved evidence again
    Replay(ReplayArgs),
    /// Check, at the moment of deploy, that a report is for this commit and environment and still valid
    Verify(VerifyArgs),
    /// Print whether the deployment window is open, why, until when, and when it opens next
    #[command(args_conflicts_with_subcommands = true, after_help = WINDOW_EXIT_CODES)]
    Window(Box<WindowArgs>),
    /// Print who owns files by CODEOWNERS, and which line says so
    Owners(OwnersArgs),
    /// Print which environment has which key, and what else the drift gate reads
    Drift(Box<DriftArgs>),
    /// Ask before a push: as a hook of git, or of what manages such hooks
    Hook {
        #[command(subcommand)]
        command: HookCommand,
    },
    /// Open an issue for each override in a report, once
    FollowUp(FollowUpArgs),
    /// Put the reports of several jobs of one run together into one verdict
    Merge(MergeArgs),
    /// Publish a report as a comment, a check run or a commit status
    Publish(PublishArgs),
    /// Write beside test reports from which commit they were made
    StampResults(StampResultsArgs),
    /// Look at test reports
    Tests {
        #[command(subcommand)]
        command: TestsCommand,
    },
    /// Print what a gate asks, or what a rule means
    Explain {
        /// `migrations`, `tests/failed-test`, …; nothing lists all
        topic: Option<String>,
    },
    /// Read predeploy.toml and say what is wrong with it
    Validate(ValidateArgs),
    /// Print completions for a shell
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Write manual pages, one for each command
    Man {
        /// The folder they are written into
        folder: PathBuf,
    },
    /// Print the JSON Schema of predeploy.toml, or of recorded forge evidence
    Schema {
        #[arg(value_enum, default_value_t = Described::Policy)]
        of: Described,
    },
}

/// What there is a schema of.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Described {
    /// predeploy.toml
    Policy,
    /// What `--forge-evidence` reads
    ForgeEvidence,
}

#[derive(Debug, Default, Args)]
pub(crate) struct CheckArgs {
    /// Ask only these gates, by their names in predeploy.toml
    #[arg(value_name = "GATE")]
    pub(crate) gates: Vec<String>,
    /// The same, as an option
    #[arg(long, value_name = "GATE")]
    pub(crate) only: Vec<String>,
    /// The exact root of the repository [default: found upwards from the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// Read the policy from this file; in CI the verdict is then at best unresolved
    #[arg(long, value_name = "FILE", conflicts_with = "policy_from")]
    pub(crate) config: Option<String>,
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
    /// The file whose content is standard input: `predeploy drift` alone knows it.
    #[arg(skip)]
    pub(crate) stdin: Option<String>,
    /// Judge as of this instant: 2026-12-18T16:30[Europe/Berlin] or 2026-12-18T15:30Z; marks the run as simulated
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<String>,
    /// Read time zones from this folder instead of the bundled database; marks the run as simulated
    #[arg(long, value_name = "DIR")]
    pub(crate) tzdb: Option<PathBuf>,
    /// Ask the gates of this stage [default: the event's, or push]
    #[arg(long, value_name = "push|merge|deploy", value_parser = stage)]
    pub(crate) stage: Option<Stage>,
    /// Where the policy is read from: base, head, or a file [default: base in CI, else the working tree]
    #[arg(long, value_name = "base|head|PATH")]
    pub(crate) policy_from: Option<String>,
    /// Recorded answers of the forge; marks the run as simulated
    #[arg(long, value_name = "FILE")]
    pub(crate) forge_evidence: Option<PathBuf>,
    /// The pull request, where no event tells it
    #[arg(long, value_name = "NUMBER")]
    pub(crate) pull_request: Option<u64>,
    /// Judge what the base has already, too
    #[arg(long)]
    pub(crate) all: bool,
    /// The commit that runs in the environment now [default: the last successful deployment by `[deployments] creators`]
    #[arg(long, value_name = "REV")]
    pub(crate) deployed: Option<String>,
    /// Show how each thing that the policy asks for stands, and where it stands in the policy
    #[arg(long)]
    pub(crate) explain: bool,
    /// Keep scratch databases here between runs, so that only what is new must be applied
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// Keep copies of calendars that are behind an address here, for when their server cannot be reached; in CI outside of the
    /// repository
    #[arg(long, value_name = "DIR")]
    pub(crate) http_cache: Option<PathBuf>,
    /// How to report: text, json, github, gitlab, azure, teamcity, sarif, junit, markdown, html, auto; several may be given, each to a file
    /// of its own
    #[arg(long, value_name = "NAME[=FILE]")]
    pub(crate) format: Vec<String>,
    /// Keep everything that was gathered, to judge it again with `replay`
    #[arg(long, value_name = "FILE")]
    pub(crate) save_evidence: Option<PathBuf>,
    /// Ask only gates of this kind: for the commands that are about one
    #[arg(skip)]
    pub(crate) kind: Option<&'static str>,
    /// Ask them whatever the stage
    #[arg(skip)]
    pub(crate) every_stage: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RehearseArgs {
    /// The folder of the migrations [default: those of the policy's migrations gates, or all that are found]
    pub(crate) path: Option<String>,
    /// Rehearse all migrations, not only those that the change brings
    #[arg(long)]
    pub(crate) all: bool,
    /// Leave the scratch database there at the end, and say where it is
    #[arg(long)]
    pub(crate) keep: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// Write what is wrong now as a `baseline` for the policy
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Keep scratch databases here between runs, so that only what is new must be applied
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// The exact root of the repository [default: found upwards from the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// Where the change starts [default: the merge base with the upstream or default branch]
    #[arg(long, value_name = "REV")]
    pub(crate) base: Option<String>,
    /// What would ship [default: HEAD]
    #[arg(long, value_name = "REV")]
    pub(crate) head: Option<String>,
    /// Take uncommitted work as part of the change
    #[arg(long, conflicts_with = "head")]
    pub(crate) working_tree: bool,
    /// Target environment, as predeploy.toml names it
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
}

const WINDOW_EXIT_CODES: &str = "Exit codes: 0 open, and the rollout fits; 4 closed, or it does not fit; \
    3 something could not be read; 2 usage or configuration error";

#[derive(Debug, Args)]
pub(crate) struct WindowArgs {
    #[command(subcommand)]
    pub(crate) command: Option<WindowCommand>,
    #[command(flatten)]
    pub(crate) asked: WindowAsked,
    /// Tell times in this time zone [default: that of the first line that applies]
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// Print only when a deployment may start next, as one line; that is the instant itself if it may start then
    #[arg(long, conflicts_with_all = ["calendar", "explain", "format"])]
    pub(crate) next: bool,
    /// Print all times of the coming days or weeks: 14d, 6w; at most 104w
    #[arg(long, value_name = "LENGTH", conflicts_with_all = ["explain", "rollout"])]
    pub(crate) calendar: Option<Length>,
    /// Print only the open times of `--calendar`, or only the closed ones
    #[arg(long, value_enum, requires = "calendar")]
    pub(crate) show: Option<Shown>,
    /// Show every line of the policy: whether it applies and holds, until when, and what each region says
    #[arg(long)]
    pub(crate) explain: bool,
    /// How to print: text, json; with `--calendar` also ics, svg
    #[arg(long, value_enum, default_value_t = WindowFormat::Text)]
    pub(crate) format: WindowFormat,
}

/// What is asked of the window gates: by which policy, about which change, when.
#[derive(Debug, Args)]
pub(crate) struct WindowAsked {
    /// Ask only these window gates, by their names in predeploy.toml
    #[arg(value_name = "GATE")]
    pub(crate) gates: Vec<String>,
    /// How long the deployment takes [default: `rollout` of the policy]
    #[arg(long = "for", value_name = "LENGTH")]
    pub(crate) rollout: Option<Length>,
    /// As of this instant instead of now; in CI the answer is then at best unresolved
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<String>,
    /// Read time zones from this folder instead of the bundled database; in CI the answer is then at best unresolved
    #[arg(long, value_name = "DIR")]
    pub(crate) tzdb: Option<PathBuf>,
    /// The exact root of the repository [default: found upwards from the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// Read the policy from this file; in CI the answer is then at best unresolved
    #[arg(long, value_name = "FILE", conflicts_with = "policy_from")]
    pub(crate) config: Option<String>,
    /// Where the policy is read from: base, head, or a file [default: base in CI, else the working tree]
    #[arg(long, value_name = "base|head|PATH")]
    pub(crate) policy_from: Option<String>,
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
    /// Ask the window gates of this stage [default: deploy]
    #[arg(long, value_name = "push|merge|deploy", value_parser = stage)]
    pub(crate) stage: Option<Stage>,
    /// Keep copies of calendars that are behind an address here, for when their server cannot be reached; in CI outside of the
    /// repository
    #[arg(long, value_name = "DIR")]
    pub(crate) http_cache: Option<PathBuf>,
    /// Recorded answers of the forge; in CI the answer is then at best unresolved
    #[arg(long, value_name = "FILE")]
    pub(crate) forge_evidence: Option<PathBuf>,
    /// The pull request, where no event tells it
    #[arg(long, value_name = "NUMBER")]
    pub(crate) pull_request: Option<u64>,
    /// The commit that runs in the environment now [default: the last successful deployment by `[deployments] creators`]
    #[arg(long, value_name = "REV")]
    pub(crate) deployed: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WindowCommand {
    /// Wait until a deployment may start: one line when it begins and one when it ends
    #[command(after_help = WINDOW_EXIT_CODES)]
    Wait(Box<WaitArgs>),
}

#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    #[command(flatten)]
    pub(crate) asked: WindowAsked,
    /// Wait at most so long: 30m, 2h
    #[arg(long, value_name = "LENGTH")]
    pub(crate) max: Length,
}

/// Which times a calendar shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Shown {
    Open,
    Closed,
}

/// How the answer about a window is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum WindowFormat {
    Text,
    Json,
    /// A calendar to subscribe to
    Ics,
    /// A picture
    Svg,
}

#[derive(Debug, Args)]
pub(crate) struct OwnersArgs {
    /// Files or folders, from the working directory [default: what the change touches, or all tracked files]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// Print the lines of CODEOWNERS that do nothing instead; exit with 1 if there are any
    #[arg(long, conflicts_with = "paths")]
    pub(crate) lint: bool,
    /// Print JSON instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// The exact root of the repository [default: found upwards from the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// Where the change starts [default: the event's base, or the merge base with the upstream or default branch]
    #[arg(long, value_name = "REV")]
    pub(crate) base: Option<String>,
    /// Recorded answers of the forge, for `--lint`
    #[arg(long, value_name = "FILE")]
    pub(crate) forge_evidence: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Evidence saved by `check --save-evidence`
    pub(crate) file: PathBuf,
    /// How to report, as for `check`
    #[arg(long, value_name = "NAME[=FILE]")]
    pub(crate) format: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A report written by `check --format json=FILE`
    pub(crate) report: PathBuf,
    /// Full id of the commit that is about to be deployed
    #[arg(long, value_name = "COMMIT")]
    pub(crate) sha: String,
    /// The environment that it is about to be deployed to
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: String,
    /// The root of the repository, whose policy must be the one that judged
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// As of this instant instead of now; in CI the answer is then at best unresolved
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FollowUpArgs {
    /// A report written by `check --format json=FILE`
    pub(crate) report: PathBuf,
    /// Say what would be opened, and open nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StampResultsArgs {
    /// Reports: files, folders with all reports in them, or globs, from the working directory
    #[arg(value_name = "REPORT", required = true)]
    pub(crate) reports: Vec<String>,
    /// The exact root of the repository [default: found upwards from the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TestsCommand {
    /// Print totals, and what each file and suite adds to them
    Summarize(SummarizeArgs),
    /// Print tests
    List(ListArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SummarizeArgs {
    #[command(flatten)]
    pub(crate) reports: ReportsArgs,
    /// Print every test, for `base-summary` and `base-results`; as JSON
    #[arg(long)]
    pub(crate) cases: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) reports: ReportsArgs,
    /// Those that failed; so without any of these
    #[arg(long)]
    pub(crate) failed: bool,
    /// Those that passed only when they were run again
    #[arg(long)]
    pub(crate) flaky: bool,
    /// The slowest, slowest first
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, require_equals = true, default_missing_value = "20")]
    pub(crate) slowest: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct ReportsArgs {
    /// Reports: files, folders with all reports in them, or globs, from the working directory; `-` is standard input
    #[arg(value_name = "REPORT", required = true)]
    pub(crate) paths: Vec<String>,
    /// Their format, where it is not told by what they hold: junit, trx, tap, …
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// How to print: text or json
    #[arg(long = "format", value_name = "text|json", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) output: String,
}

#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// The root of the repository [default: found upwards from the working directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) repo: Option<PathBuf>,
    /// The file to read [default: the repository's predeploy.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

fn stage(text: &str) -> Result<Stage, String> {
    Stage::ALL
        .iter()
        .copied()
        .find(|stage| stage.word() == text)
        .ok_or_else(|| "the stages are push, merge and deploy".into())
}
