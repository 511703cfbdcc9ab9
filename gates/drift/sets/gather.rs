//! Reads what each environment has: its files from the commit, a snapshot, what is set at the forge.

use super::{forge, snapshot};
use crate::drift::environments::Declared;
use crate::drift::evidence::{Environment, File, Set};
use crate::drift::formats::{Format, read_one, read_set};
use crate::drift::policy::{Drift, Whole};
use crate::drift::values::Values;
use crate::{Failure, Tree, World};

pub(in crate::drift) async fn gather(drift: &Drift, world: &World<'_>) -> Result<Vec<Set>, Failure> {
    let mut sets = Vec::new();
    for set in drift.sets() {
        let names = set.names();
        let values: Vec<Values> = names.iter().map(|name| Values::new(&set, name, &drift.placeholders)).collect();
        let read = read_set(&set, &values, world)?;
        let mut environments = Vec::new();
        for ((name, values), mut files) in names.into_iter().zip(&values).zip(read) {
            world.cancel.check()?;
            if let Some((_, path)) = set.snapshots.iter().find(|(of, _)| of.as_str() == name) {
                files.push(snapshot::read(path, name, world));
            }
            if set.forge.iter().any(|of| of.as_str() == name) {
                files.push(forge::read(name, values, world).await);
            }
            environments.push(Environment { name: name.to_owned(), files });
        }
        let template = template(&set, drift, Tree::Head, world);
        let before = || self::template(&set, drift, Tree::Base, world);
        let template_before = world.change.base.as_ref().and_then(|_| before()).filter(File::holds_keys);
        sets.push(Set { environments, template, template_before });
    }
    Ok(sets)
}

/// How the file is called beside dotenv files that lists the keys that are needed.
const TEMPLATES: &[&str] = &[".env.example", ".env.sample", ".env.template", ".env.dist", "example.env", "env.example"];

/// The template that the policy names, or one that is where such files are.
fn template(set: &Whole<'_>, drift: &Drift, tree: Tree, world: &World<'_>) -> Option<File> {
    let values = Values::new(set, "", &drift.placeholders);
    if let Some(path) = set.template {
        return Some(read_one(path.as_str(), tree, set, &values, world));
    }
    let compared: Vec<&str> = set.environments.all().flat_map(|(_, files)| files).map(Declared::path).collect();
    let own = compared.last().filter(|path| Format::of(path) == Some(Format::Dotenv))?;
    let folder = own.rfind('/').map_or("", |end| &own[..=end]);
    let mut paths =
        TEMPLATES.iter().map(|name| format!("{folder}{name}")).filter(|path| !compared.contains(&path.as_str()));
    // What nobody declared needs not be there, nor be readable.
    paths.find_map(|path| {
        let file = read_one(&path, tree, set, &values, world);
        file.holds_keys().then_some(file)
    })
}
