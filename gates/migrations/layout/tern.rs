//! tern: the down stands below `---- create above / drop below ----`.
//!
//! Source: [its loader](https://github.com/jackc/tern/blob/master/migrate/migrate.go).

use super::Script;

const MARK: &str = "---- create above / drop below ----";
const WITHOUT_TRANSACTION: &str = "---- tern: disable-tx ----";

pub(super) fn is_one(text: &str) -> bool {
    text.contains(MARK)
}

/// The up and the down of a file, or what tern would refuse it for.
pub(super) fn read(path: &str, text: String) -> Result<(Script, Option<Script>), String> {
    let up_end = text.find(MARK).unwrap_or(text.len());
    let without_up = text[..up_end].lines().all(|line| line.trim().is_empty() || line.trim().starts_with("--"));
    if without_up {
        return Err("there is no SQL in the forward step".into());
    }
    let transaction = !text.contains(WITHOUT_TRANSACTION);
    let part = |start: usize, end: usize| Script {
        pieces: std::iter::once(start..end).collect(),
        start,
        // Go's templates are filled in first.
        templated: text[start..end].contains("{{"),
        ..Script::whole(path, text.clone(), transaction)
    };
    let down = (up_end < text.len()).then(|| part(up_end + MARK.len(), text.len()));
    // Only blanks: tern says that the migration is irreversible.
    let down = down.filter(|script| !text[script.pieces[0].clone()].trim().is_empty());
    Ok((part(0, up_end), down))
}
