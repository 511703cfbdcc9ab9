//! A rollback across migrations: what is deployed has some that the head, to which one goes back, has not. Their downs, as the
//! deployed code has them, are what the way back runs, so they are judged and rehearsed on top of the head's.

use super::gather::same_kind;
use super::layout::{Folder, Listing};

/// Moves the migrations that only the base has to the head's folders, marked as such.
pub(super) fn retreat(head: &mut Listing, base: &mut Listing) {
    for before in &mut base.folders {
        let here =
            |folder: &Folder| folder.directory == before.directory && same_kind(folder.framework, before.framework);
        let place = head.folders.iter().position(here).unwrap_or_else(|| {
            let (directory, framework) = (before.directory.clone(), before.framework);
            head.folders.push(Folder { directory, framework, migrations: vec![], code: vec![] });
            head.folders.len() - 1
        });
        let folder = &mut head.folders[place];
        let (kept, removed): (Vec<_>, Vec<_>) = std::mem::take(&mut before.migrations)
            .into_iter()
            .partition(|old| old.up.is_none() || folder.migrations.iter().any(|m| m.version == old.version));
        before.migrations = kept;
        folder.migrations.extend(removed.into_iter().map(|mut old| {
            old.removed = true;
            old
        }));
    }
}
