//! `predeploy hook install`: writes the hook where git looks for it, and never over one that someone else wrote.

use std::path::{Path, PathBuf};

use predeploy_gates::Failure;

use crate::cli::InstallArgs;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::services::git::hooks_folder;
use crate::services::place::Place;

/// The line by which a hook of ours is known.
const OWN: &str = "# Written by `predeploy hook install`, which may write it again.";

/// What is to be printed.
pub(super) fn install(args: &InstallArgs) -> Result<String, Stop> {
    let place = Place::find(args.repo.as_deref())?;
    let folder = hooks_folder(&place.root).map_err(Stop::Usage)?;
    let name = args.hook.word();
    let path = folder.join(name);
    let text = script(name);
    let said = match found(&path)? {
        Found::Nothing => "is written",
        Found::Own(old) if old == text => "is there already",
        Found::Own(_) => "is written again",
        Found::Another => return Err(another(&path, name)),
    };
    write(&folder, &path, &text).map_err(|e| {
        Stop::usage(format!("`{}` cannot be written: {e}", path.display()), "check who may write there")
    })?;
    Ok(format!("{}\n", line(&format!("{} {said}", path.display()))))
}

enum Found {
    Nothing,
    /// Its text.
    Own(String),
    Another,
}

/// A link is another's, wherever it leads.
fn found(path: &Path) -> Result<Found, Stop> {
    match std::fs::symlink_metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Found::Nothing),
        Err(e) => Err(Stop::usage(format!("`{}` cannot be read: {e}", path.display()), "check who may read it")),
        Ok(metadata) if !metadata.is_file() => Ok(Found::Another),
        Ok(_) => match std::fs::read_to_string(path) {
            Ok(text) if text.lines().any(|line| line == OWN) => Ok(Found::Own(text)),
            _ => Ok(Found::Another),
        },
    }
}

fn another(path: &Path, name: &str) -> Stop {
    // husky's own files are written by husky; its user's are beside their folder.
    let of_husky = path.parent().filter(|folder| folder.ends_with(".husky/_")).and_then(Path::parent);
    let place = of_husky.map_or_else(|| path.to_path_buf(), |folder| folder.join(name));
    Stop::Usage(Failure::new(format!("`{}` is a hook that predeploy did not write, and stays as it is", path.display())).help(
        format!(
            "let it call predeploy: write `predeploy hook run {name} \"$@\" || exit` into `{}`, where standard input is still unread",
            place.display()
        ),
    ))
}

/// What git runs. Without predeploy on the machine nothing is pushed unless a person says so.
fn script(name: &str) -> String {
    format!(
        r#"#!/bin/sh
{OWN}
if ! command -v predeploy >/dev/null 2>&1; then
  echo "predeploy is not on PATH: install it, or push with --no-verify" >&2
  exit 2
fi
exec predeploy hook run {name} "$@"
"#
    )
}

/// First beside it and then in its place, so that git never runs half a hook.
fn write(folder: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o755))?;
    }
    let _: std::fs::File = file.persist(PathBuf::from(path)).map_err(|e| e.error)?;
    Ok(())
}
