//! `predeploy drift snapshot`: the keys of an environment with keyed fingerprints, to compare them where the environment is not at hand.

use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use predeploy_gates::{Limits, Verdict, drift_snapshot};

use crate::cli::SnapshotArgs;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::run::salt;

pub(super) fn snapshot(args: &SnapshotArgs, environment: &Environment) -> Result<(Verdict, String), Stop> {
    if environment.snapshot_key().is_none() {
        return Err(Stop::usage(
            "there is no key to make fingerprints with that could be compared elsewhere",
            "set `PREDEPLOY_SNAPSHOT_KEY` here and where it is compared: `openssl rand -hex 32` makes one; it is a secret",
        ));
    }
    let salt = salt::of(environment).map_err(Stop::Usage)?;
    let standard_input = args.file == Path::new("-");
    let limits = Limits::default();
    let read = |from: &mut dyn std::io::Read| {
        let mut bytes = Vec::new();
        from.take(limits.file_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    };
    let shown = args.file.display();
    let bytes = if standard_input {
        read(&mut std::io::stdin())
    } else {
        std::fs::File::open(&args.file).and_then(|mut file| read(&mut file))
    };
    let bytes =
        bytes.map_err(|e| Stop::usage(format!("`{shown}` cannot be read: {e}"), "name a readable file, or `-`"))?;
    if bytes.len() as u64 > limits.file_bytes {
        return Err(Stop::usage(
            format!("`{shown}` is larger than {} bytes", limits.file_bytes),
            "give a smaller file",
        ));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Stop::usage(format!("`{shown}` is not UTF-8 text"), "save it as UTF-8"))?;
    let own = || if standard_input { "x.env".into() } else { args.file.to_string_lossy().into_owned() };
    let name = args.name.clone().unwrap_or_else(own);
    let made =
        drift_snapshot(&args.environment, &name, &text, &salt, limits.depth, Timestamp::now()).map_err(Stop::Usage)?;
    Ok((Verdict::Passed, format!("{made}\n")))
}
