//! What a database that is kept for later runs is known by: everything that went into it.

use sha2::{Digest, Sha256};

use super::super::layout::Folder;
use crate::Wanted;

/// A digest, in hexadecimal, of the engine, what its owner does beforehand, and the scripts that are applied, as they are run.
pub(super) fn of(wanted: &Wanted, folder: &Folder, applied: &[usize]) -> String {
    let mut hash = Sha256::new();
    // Each part with its length, so that no two lists of parts read the same.
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    part(wanted.engine.word());
    part(folder.framework.word());
    part(wanted.prelude.as_deref().unwrap_or_default());
    part(&wanted.extensions.join("\n"));
    for script in applied.iter().filter_map(|i| folder.migrations[*i].up.as_ref()) {
        part(if script.transaction { "transaction" } else { "plain" });
        for piece in &script.pieces {
            part(&script.text[piece.clone()]);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
