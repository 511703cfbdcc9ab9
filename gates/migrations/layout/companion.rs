//! Downs of frameworks that have none. They are written by hand and run by hand; the framework never sees them:
//!
//! - Prisma: `down.sql` in the folder of the migration, beside `migration.sql`, where its own
//!   [guide](https://www.prisma.io/docs/orm/prisma-migrate/workflows/generating-down-migrations) puts it.
//! - drizzle and refinery: `<name>.down.sql` beside `<name>.sql`. drizzle reads only what its journal lists, and refinery takes no
//!   point in a name.
//! - Atlas and Supabase take every SQL file of the folder for a migration, so theirs is `down/<name>.sql`. The others may be there too.

use super::finder::{Finder, directory, stem};
use super::{Folder, Framework, Gap, GapKind, Script, Undo, join};
use crate::Failure;

/// The down of a single file.
pub(super) fn of(
    finder: &mut Finder<'_, '_>,
    path: &str,
    beside: bool,
    transaction: bool,
) -> Result<Option<Script>, Failure> {
    let (folder, name) = (directory(path), stem(path));
    let mut places = vec![join(folder, &format!("down/{name}.sql"))];
    if beside {
        places.push(join(folder, &format!("{name}.down.sql")));
    }
    for place in places {
        if finder.is_free(&place) {
            return Ok(finder.text(&place)?.map(|text| Script::whole(&place, text, transaction)));
        }
    }
    Ok(None)
}

/// Says of each migration without a down where one would be found.
pub(super) fn ask_for(folder: &mut Folder) {
    let where_to = match folder.framework {
        Framework::Prisma => "has no downs, and no `down.sql` lies beside `migration.sql`",
        Framework::Drizzle | Framework::Refinery => "has no downs, and no `.down.sql` of this name lies beside it",
        Framework::Atlas | Framework::Supabase => "has no downs, and no file of this name lies in `down/`",
        _ => return,
    };
    let what = format!("{} {where_to}", folder.framework.word());
    for migration in folder.migrations.iter_mut().filter(|m| m.down.is_none() && m.undo.is_none()) {
        if let Some(up) = &migration.up {
            let gap = Gap::new(GapKind::Missing, what.clone(), &up.text, up.start);
            migration.undo = Some(Undo { gaps: vec![gap] });
        }
    }
}
