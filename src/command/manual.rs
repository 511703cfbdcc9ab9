//! `predeploy completions` and `predeploy man`: what a shell and `man` know of the command line, made from what reads it.

use std::path::Path;

use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::exit::Stop;

/// To be read by the shell when it starts: `predeploy completions bash > ~/.local/share/bash-completion/completions/predeploy`.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<String, Stop> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "predeploy", &mut text);
    Ok(String::from_utf8(text).map_err(std::io::Error::other)?)
}

/// `predeploy.1`, `predeploy-check.1`, ….
pub(crate) fn pages(folder: &Path) -> Result<String, Stop> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Cli::command(), folder)?;
    Ok(format!("the pages are in {}\n", crate::report::harmless::line(&folder.to_string_lossy())))
}
