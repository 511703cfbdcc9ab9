//! Frameworks that are told by the shape of the names of numbered files and by what is written in them.

use std::collections::BTreeMap;

use super::finder::Finder;
use super::project;
use super::shape::{Shape, odd_pair, shape};
use super::{
    Folder, Found, Framework, Script, bun, dbmate, diesel, file_name, goose, morph, node_pg_migrate, order, play,
    shown, sql_migrate, tern, version,
};
use crate::Failure;

/// Both directions of one file, or what its framework would refuse it for.
type Read = fn(&str, String) -> Result<(Script, Option<Script>), String>;

/// Whether a text is one of a framework.
type Tell = fn(&str) -> bool;

/// Frameworks that have both directions in one file: how one is told, and how it is read.
const SECTIONED: &[(Framework, Tell, Read)] = &[
    (Framework::Goose, goose::is_one, goose::read),
    (Framework::Dbmate, dbmate::is_one, dbmate::read),
    (Framework::SqlMigrate, sql_migrate::is_one, sql_migrate::read),
    (Framework::Tern, tern::is_one, tern::read),
    (Framework::NodePgMigrate, node_pg_migrate::is_one, node_pg_migrate::read),
    (Framework::PlayEvolutions, play::is_one, play::read),
];

/// Frameworks that have a file for each direction.
const PAIRED: &[Framework] = &[Framework::GolangMigrate, Framework::Sqlx, Framework::Morph, Framework::Bun];

/// The files of one folder that may be migrations.
#[derive(Default)]
struct Candidates {
    folders: Vec<(String, bool, String)>,
    pairs: Vec<(String, bool, String)>,
    odd_pairs: Vec<(String, bool, String)>,
    singles: Vec<(String, String)>,
}

pub(super) fn folders(finder: &mut Finder<'_, '_>) -> Result<Vec<Folder>, Failure> {
    let mut directories: BTreeMap<String, Candidates> = BTreeMap::new();
    for path in finder.free(|path| shape(path).is_some()) {
        let Some((directory, shape)) = shape(&path) else { continue };
        let candidates = directories.entry(directory.into()).or_default();
        match shape {
            Shape::Folder { name, is_up } => candidates.folders.push((name.into(), is_up, path)),
            Shape::Pair { name, is_up } => candidates.pairs.push((name.into(), is_up, path)),
            Shape::OddPair { name, is_up } => candidates.odd_pairs.push((name.into(), is_up, path)),
            Shape::Single { name } => {
                let odd = odd_pair(file_name(&path)).map(|(name, is_up)| (name.into(), is_up, path.clone()));
                candidates.odd_pairs.extend(odd);
                candidates.singles.push((name.into(), path));
            }
        }
    }
    let mut folders = vec![];
    for (directory, candidates) in directories {
        folders.extend(Reader { finder, directory: &directory }.folders(candidates)?);
    }
    Ok(folders)
}

/// Reads the candidates of one folder.
struct Reader<'f, 'a, 'w> {
    finder: &'f mut Finder<'a, 'w>,
    directory: &'f str,
}

impl Reader<'_, '_, '_> {
    fn folders(&mut self, candidates: Candidates) -> Result<Vec<Folder>, Failure> {
        let mut folders = vec![];
        folders.extend(self.diesel(&candidates)?);
        let texts = self.peek(&candidates.singles)?;
        let framework = self.framework(&candidates, &texts)?;
        if let Some((_, _, read)) = SECTIONED.iter().find(|(f, ..)| *f == framework) {
            let texts = self.texts(&candidates.singles)?;
            if !texts.is_empty() {
                folders.push(self.sectioned(framework, *read, texts)?);
            }
            // Pairs of another framework may lie beside.
            if self.finder.chosen.is_none() {
                folders.extend(self.paired(Framework::GolangMigrate, &candidates)?);
            }
        } else {
            folders.extend(self.paired(framework, &candidates)?);
        }
        Ok(folders)
    }

    /// diesel takes a folder of any name; beside one that only it would name so, all are its own.
    fn diesel(&mut self, candidates: &Candidates) -> Result<Option<Folder>, Failure> {
        let dated =
            |(name, ..): &(String, bool, String)| name.starts_with(|c: char| c.is_ascii_digit()) && name.contains('_');
        let is_diesel = match self.finder.chosen {
            Some(framework) => framework == Framework::Diesel,
            None => candidates.folders.iter().any(dated),
        };
        if !is_diesel || candidates.folders.is_empty() {
            return Ok(None);
        }
        let single = diesel::without_transaction(self.finder, self.directory)?;
        let scripts = self.scripts(&candidates.folders, |name| !single.contains(name))?;
        Ok(Some(self.folder(Framework::Diesel, scripts)?))
    }

    /// Who runs what is no folder.
    fn framework(&self, candidates: &Candidates, texts: &[Option<String>]) -> Result<Framework, Failure> {
        if let Some(chosen) = self.finder.chosen {
            return Ok(chosen);
        }
        let is_marked = |is_one: Tell| texts.iter().flatten().any(|text| is_one(text));
        let marked = SECTIONED.iter().find(|(_, is_one, _)| is_marked(*is_one));
        let is_sqlx = self.is_sqlx(candidates)?;
        if let Some((framework, is_one, _)) = marked {
            // sqlx knows no marks: in its project, a mark in some of the files is a comment.
            let all = texts.iter().flatten().all(|text| is_one(text));
            if all || !is_sqlx {
                return Ok(*framework);
            }
        }
        if is_sqlx {
            return Ok(Framework::Sqlx);
        }
        let pairs: Vec<&str> = candidates.pairs.iter().map(|(_, _, path)| path.as_str()).collect();
        Ok(if bun::are_some(self.finder, &pairs)? {
            Framework::Bun
        } else if morph::are_some(self.finder, &pairs)? {
            Framework::Morph
        } else {
            Framework::GolangMigrate
        })
    }

    /// Pairs look alike; files without a down are sqlx's only where they lie as sqlx wants them.
    fn is_sqlx(&self, candidates: &Candidates) -> Result<bool, Failure> {
        let usual = self.directory.rsplit('/').next().is_some_and(|name| name.contains("migration"));
        if candidates.pairs.is_empty() && (candidates.singles.is_empty() || !usual) {
            return Ok(false);
        }
        project::uses(self.finder, self.directory, "sqlx")
    }

    fn paired(&mut self, framework: Framework, candidates: &Candidates) -> Result<Option<Folder>, Failure> {
        if !PAIRED.contains(&framework) {
            return Ok(None);
        }
        let mut pairs = candidates.pairs.clone();
        let is_chosen = self.finder.chosen.is_some();
        if framework == Framework::GolangMigrate && (is_chosen || !pairs.is_empty()) {
            pairs.extend(candidates.odd_pairs.iter().filter(|(_, _, path)| self.finder.is_free(path)).cloned());
        }
        let mut scripts = self.scripts(&pairs, |_| true)?;
        if framework == Framework::Sqlx {
            let simple = |(name, path, text): (String, String, String)| (name, true, Script::whole(&path, text, true));
            scripts.extend(self.texts(&candidates.singles)?.into_iter().map(simple));
        }
        for (name, _, script) in &mut scripts {
            match framework {
                // https://docs.rs/sqlx/latest/sqlx/migrate: the file begins with it.
                Framework::Sqlx => script.transaction = !script.text.starts_with("-- no-transaction"),
                Framework::Morph => script.transaction = morph::in_transaction(&script.text),
                Framework::Bun => bun::as_it_runs(name, script),
                _ => {}
            }
        }
        if scripts.is_empty() { Ok(None) } else { self.folder(framework, scripts).map(Some) }
    }

    fn peek(&self, files: &[(String, String)]) -> Result<Vec<Option<String>>, Failure> {
        files.iter().map(|(_, path)| self.finder.peek(path)).collect()
    }

    fn texts(&mut self, files: &[(String, String)]) -> Result<Vec<(String, String, String)>, Failure> {
        let mut texts = vec![];
        for (name, path) in files {
            if let Some(text) = self.finder.text(path)? {
                texts.push((name.clone(), path.clone(), text));
            }
        }
        Ok(texts)
    }

    fn scripts(
        &mut self,
        files: &[(String, bool, String)],
        transaction: impl Fn(&str) -> bool,
    ) -> Result<Vec<(String, bool, Script)>, Failure> {
        let mut scripts = vec![];
        for (name, is_up, path) in files {
            if let Some(text) = self.finder.text(path)? {
                scripts.push((name.clone(), *is_up, Script::whole(path, text, transaction(name))));
            }
        }
        Ok(scripts)
    }

    fn folder(&mut self, framework: Framework, scripts: Vec<(String, bool, Script)>) -> Result<Folder, Failure> {
        let migrations = paired(framework, scripts);
        self.sorted(framework, migrations)
    }

    fn sectioned(
        &mut self,
        framework: Framework,
        read: Read,
        texts: Vec<(String, String, String)>,
    ) -> Result<Folder, Failure> {
        let mut migrations = vec![];
        for (name, path, text) in texts {
            match read(&path, text) {
                Ok((up, down)) => migrations.push(Found {
                    version: version(framework, &name),
                    name,
                    up: Some(up),
                    down,
                    ..Found::default()
                }),
                Err(why) => self.finder.refused_by(framework, &path, &why),
            }
        }
        self.sorted(framework, migrations)
    }

    fn sorted(&self, framework: Framework, mut migrations: Vec<Found>) -> Result<Folder, Failure> {
        let pattern = match framework {
            Framework::Goose | Framework::Bun => Some("[0-9]*_*.go"),
            Framework::GolangMigrate => Some("[0-9]*_*.{up,down}.go"),
            _ => None,
        };
        let code = match pattern {
            Some(pattern) => project::code(self.finder, self.directory, pattern)?,
            None => vec![],
        };
        for migration in migrations.iter_mut().filter(|_| framework == Framework::GolangMigrate) {
            let missing = if migration.up.is_none() { ".up.go" } else { ".down.go" };
            let is_it =
                |path: &&String| path.ends_with(missing) && version(framework, file_name(path)) == migration.version;
            migration.code = (migration.up.is_none() || migration.down.is_none()) && code.iter().any(|p| is_it(&p));
        }
        migrations.sort_by(|a, b| order::by_version(framework, a, b));
        Ok(Folder { directory: shown(self.directory), framework, migrations, code })
    }
}

/// Puts ups and downs together. Two ups of one version stay two migrations.
pub(super) fn paired(framework: Framework, scripts: Vec<(String, bool, Script)>) -> Vec<Found> {
    let mut migrations: Vec<Found> = vec![];
    let (ups, downs): (Vec<_>, Vec<_>) = scripts.into_iter().partition(|(_, is_up, _)| *is_up);
    for (name, _, script) in ups {
        migrations.push(Found { version: version(framework, &name), name, up: Some(script), ..Found::default() });
    }
    for (name, _, script) in downs {
        let version = version(framework, &name);
        let free = |m: &&mut Found| m.version == version && m.down.is_none();
        // The names of an up and its down may differ; where there is a choice, the same name goes first.
        let partner = match migrations.iter_mut().filter(free).position(|m| m.name == name) {
            Some(i) => migrations.iter_mut().filter(free).nth(i),
            None => migrations.iter_mut().find(free),
        };
        match partner {
            Some(migration) => migration.down = Some(script),
            None => migrations.push(Found { version, name, down: Some(script), ..Found::default() }),
        }
    }
    migrations
}
