//! `predeploy`: may this change ship, now, to this environment?
//!
//! ```text
//! argv, environment, event → change → gather → evidence → judge → outcome → waivers → report → renderers
//! ```
//!
//! Everything that touches the world is in this crate; what is judged, and how, is in `predeploy-gates`.

mod change;
mod cli;
mod command;
mod config;
mod environment;
mod exit;
mod instant;
mod law;
mod overrides;
mod report;
mod rules;
mod run;
mod services;
mod waivers;

#[cfg(test)]
mod meta;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use predeploy_gates::Verdict;

use cli::{Cli, Command, Described};
use environment::Environment;
use exit::Stop;
use report::harmless::line;
use report::outputs::say;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // What it quotes came from outside, too: a step may pass the name of a branch.
        Err(error) if error.use_stderr() => {
            say(error.to_string().trim_end());
            return ExitCode::from(2);
        }
        // `--help` and `--version`.
        Err(text) => return print(&text.to_string()).map_or_else(|stop| stop.code(), |()| ExitCode::SUCCESS),
    };
    match run(cli.command, &Environment::of_process()) {
        Ok(verdict) => exit::code(verdict),
        Err(stop) => {
            // Errors of the configuration each bring a title of their own.
            let title = if matches!(stop, Stop::Config(_)) { "" } else { "error: " };
            say(&format!("{title}{stop}"));
            if let Some(help) = stop.help() {
                say(&format!("help: {help}"));
            }
            stop.code()
        }
    }
}

fn run(command: Command, environment: &Environment) -> Result<Verdict, Stop> {
    let text = match command {
        Command::Check(args) => return command::check::check(&args, environment),
        Command::Rehearse(args) => return command::rehearse::rehearse(&args, environment),
        Command::Replay(args) => return command::replay::replay(&args, environment),
        Command::Verify(args) => {
            let (verdict, text) = command::verify::verify(&args, environment)?;
            print(&text)?;
            return Ok(verdict);
        }
        Command::Window(args) => {
            let (verdict, text) = command::window::window(&args, environment)?;
            print(&text)?;
            return Ok(verdict);
        }
        Command::Owners(args) => {
            let (verdict, text) = command::owners::owners(&args, environment)?;
            print(&text)?;
            return Ok(verdict);
        }
        Command::Drift(args) => {
            let (verdict, text) = command::drift::drift(&args, environment)?;
            print(&text)?;
            return Ok(verdict);
        }
        Command::Hook { command } => {
            let (verdict, text) = command::hook::hook(&command, environment)?;
            print(&text)?;
            return Ok(verdict);
        }
        Command::FollowUp(args) => {
            let (verdict, text) = command::follow_up::follow_up(&args, environment)?;
            print(&text)?;
            return Ok(verdict);
        }
        Command::Merge(args) => return command::merge::merge(&args, environment),
        Command::Publish(args) => {
            let (verdict, text) = command::publish::publish(&args, environment)?;
            print(&text)?;
            return Ok(verdict);
        }
        Command::StampResults(args) => command::stamp::stamp(&args, environment)?,
        Command::Tests { command } => {
            let (verdict, text) = command::tests::tests(&command)?;
            print(&text)?;
            return Ok(verdict);
        }
        Command::Explain { topic } => command::explain::explain(topic.as_deref())?,
        Command::Validate(args) => format!("{}\n", line(&command::validate::validate(&args)?)),
        Command::Completions { shell } => command::manual::completions(shell)?,
        Command::Man { folder } => command::manual::pages(&folder)?,
        Command::Schema { of: Described::Policy } => format!("{:#}\n", config::json_schema()),
        Command::Schema { of: Described::ForgeEvidence } => format!("{:#}\n", services::forges::json_schema()),
    };
    print(&text)?;
    Ok(Verdict::Passed)
}

fn print(text: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Stop::Output),
    }
}
