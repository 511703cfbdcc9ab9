//! What fingerprints of values are made with.

use predeploy_gates::Failure;
use sha2::{Digest as _, Sha256};

use crate::environment::Environment;

/// A shorter key could be found by trying.
const SHORTEST: usize = 20;

/// Of the snapshots' key where there is one, so that fingerprints can be compared with those made elsewhere; else random bytes of the
/// operating system.
///
/// # Errors
/// If the key is too short, or the system gives no random bytes.
pub(crate) fn of(environment: &Environment) -> Result<[u8; 32], Failure> {
    if let Some(key) = environment.snapshot_key() {
        if key.len() < SHORTEST {
            return Err(Failure::new(format!(
                "the key in `PREDEPLOY_SNAPSHOT_KEY` has less than {SHORTEST} characters"
            ))
            .help("make one by `openssl rand -hex 32`, and keep it as a secret of the CI"));
        }
        return Ok(Sha256::new().chain_update("predeploy snapshot\0").chain_update(key).finalize().into());
    }
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(|e| Failure::new(format!("the system gives no random bytes: {e}")))?;
    Ok(salt)
}
