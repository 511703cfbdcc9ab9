//! The schema that the migrations of a tree make, for whoever holds it against another.

use super::engine::{self, Dialect};
use super::layout::{self, Folder};
use super::rehearse;
use super::{Migrations, server};
use crate::{Engine, Failure, Place, ScratchDatabase, Tree, Wanted, World};

/// The migrations of the one folder that a tree has.
pub(crate) struct Made {
    pub engine: Engine,
    folder: Folder,
}

/// What stands against telling which schema a tree's migrations make; nothing if it has none.
pub(crate) fn find(policy: &Migrations, world: &World<'_>, tree: Tree) -> Result<Option<Made>, Failure> {
    let mut listing = layout::list(world, tree, policy)?;
    if let Some(unreadable) = listing.unreadable.into_iter().next() {
        return Err(unreadable);
    }
    if let [first, second, ..] = listing.folders.as_slice() {
        let message = format!("`{}` and `{}` both hold migrations", first.directory, second.directory);
        return Err(Failure::new(message).help("say which of them make this schema: `migrations.paths`"));
    }
    let Some(folder) = listing.folders.pop() else { return Ok(None) };
    if let Some(path) = code_of(&folder) {
        let message = format!("`{path}` is code, which only its framework can run");
        return Err(Failure::new(message).at(Place::File { path: path.into(), span: None }));
    }
    if let Some(why) = rehearse::templated(folder.migrations.iter().filter_map(|found| found.up.as_ref())) {
        return Err(why);
    }
    let dialect = match policy.engine.chosen() {
        Some(database) => Dialect::Known { database, by: "the policy".into() },
        None => engine::detect(world, tree, &folder)?,
    };
    Ok(Some(Made { engine: server::engine_of(&dialect, "")?, folder }))
}

/// A file of the schema that no database can run by itself.
fn code_of(folder: &Folder) -> Option<&str> {
    let migrations = folder.migrations.iter();
    let sources = migrations.filter_map(|found| found.source.as_ref()).map(|code| code.path.as_str());
    sources.chain(folder.code.iter().map(String::as_str)).next()
}

impl Made {
    /// How many migrations make it.
    pub fn len(&self) -> usize {
        self.folder.migrations.iter().filter(|found| found.up.is_some()).count()
    }

    pub fn directory(&self) -> &str {
        &self.folder.directory
    }

    /// Whether both run the same statements.
    pub fn is_like(&self, other: &Self) -> bool {
        let scripts = |made: &Self| -> Vec<(bool, String)> {
            let ups = made.folder.migrations.iter().filter_map(|found| found.up.as_ref());
            ups.map(|up| (up.transaction, up.sql())).collect()
        };
        self.engine == other.engine && scripts(self) == scripts(other)
    }

    /// Their ways forward: paths and texts, in the order in which they run.
    pub fn scripts(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        let ups = self.folder.migrations.iter().filter_map(|found| found.up.as_ref());
        ups.map(|up| (up.path.as_str(), &*up.text))
    }

    /// The scratch database that they are to run on.
    pub fn wanted(&self, policy: &Migrations, world: &World<'_>) -> Result<Wanted, Failure> {
        policy.wanted(world, self.engine)
    }

    /// A scratch database on which all of them ran.
    pub async fn database(
        &self,
        policy: &Migrations,
        world: &World<'_>,
        wanted: Wanted,
    ) -> Result<Box<dyn ScratchDatabase>, Failure> {
        rehearse::built(policy, world, &self.folder, wanted).await
    }
}
