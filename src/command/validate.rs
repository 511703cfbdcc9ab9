//! `predeploy validate`: read the policy and say what is wrong with it.

use std::io::ErrorKind;

use crate::cli::ValidateArgs;
use crate::config::{self, FILE_NAME};
use crate::exit::Stop;
use crate::law;
use crate::services::place::Place;

/// The sentence that says that nothing is wrong.
pub(crate) fn validate(args: &ValidateArgs) -> Result<String, Stop> {
    let path = match &args.config {
        Some(path) => path.clone(),
        // The one that `check` would find on disk.
        None => {
            let place = Place::find(args.repo.as_deref())?;
            let found =
                law::candidates(&place.below).into_iter().map(|path| place.root.join(path)).find(|path| path.exists());
            found.unwrap_or_else(|| place.root.join(FILE_NAME))
        }
    };
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(&path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => Stop::usage(
            format!("there is no `{shown}`"),
            "write one (the README shows how), or name the policy after `--config`",
        ),
        ErrorKind::InvalidData => Stop::usage(format!("`{shown}` is not UTF-8 text"), "save it as UTF-8"),
        _ => Stop::usage(format!("`{shown}` cannot be read: {e}"), "name the policy after `--config`"),
    })?;
    let policy = config::read(&shown, &text, None)?;
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    Ok(format!(
        "{shown} is valid: {}, {}, {}",
        count(policy.gates.len(), "gate"),
        count(policy.environments.len(), "environment"),
        count(policy.house.waiver.len(), "waiver"),
    ))
}
