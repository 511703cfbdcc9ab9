//! A file of freezes: TOML, one `[[freeze]]` table each, read as strictly as the policy.

use serde::Deserialize;
use toml::Spanned;

use super::evidence::FreezeFile;
use super::policy::Freeze;
use crate::{Context, Excerpt, Failure, PolicyPath, Span, World};

pub(super) fn gather(path: &PolicyPath, world: &World<'_>) -> FreezeFile {
    let text = || {
        let source = world.read_policy(path)?.ok_or_else(|| {
            Failure::new(format!("the file of freezes `{path}` does not exist"))
                .help("create it where the policy is read (in CI: on the target branch); `freeze = []` says that there is none")
        })?;
        source.text(path.as_str()).map(str::to_owned)
    };
    let path = path.to_string();
    match text() {
        Ok(text) => FreezeFile::Read { path, text },
        Err(failure) => FreezeFile::Unreadable { path, failure },
    }
}

/// A freeze and where it is written.
pub(super) struct Entry {
    pub(super) freeze: Freeze,
    pub(super) span: Span,
    pub(super) excerpt: Excerpt,
}

/// What is wrong in the file, and where.
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) span: Span,
}

/// The freezes of the file.
///
/// # Errors
/// Every entry that is wrong; where the file is not TOML or an entry not of the form, the first such place.
pub(super) fn read(text: &str, at: &Context<'_>) -> Result<Vec<Entry>, Vec<Wrong>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        // Not optional: an empty file is more likely a broken one than a calendar without entries.
        freeze: Vec<Spanned<Freeze>>,
    }
    let file: File = toml::from_str(text).map_err(|e| {
        let span = Span::of_bytes(text, e.span().unwrap_or(0..0));
        vec![Wrong { message: e.message().replace('\n', " "), span }]
    })?;
    let mut entries = Vec::new();
    let mut wrong = Vec::new();
    for freeze in file.freeze {
        let span = Span::of_bytes(text, freeze.span());
        let freeze = freeze.into_inner();
        let mistakes = freeze.mistakes(at.zones);
        if mistakes.is_empty() {
            entries.push(Entry { freeze, span, excerpt: Excerpt::around(text, span) });
        }
        wrong.extend(mistakes.into_iter().map(|(_, message)| Wrong { message, span }));
    }
    if wrong.is_empty() { Ok(entries) } else { Err(wrong) }
}
