//! Finds the migrations, compares them with the base's, and has those of the change rehearsed.

use super::evidence::{Deleted, Evidence, Gone, Migration, Part, Rehearsal, Set, Standing};
use super::layout::{self, Folder, Found, Framework, Listing, Script};
use super::{
    Dialect, Migrations, Rehearse, RehearseWord, code, debt, elsewhere, engine, lint, rehearse, retreat, sql, strangers,
};
use crate::{Direction, Excerpt, Failure, Place, Position, Scope, Span, Tree, World};

pub(super) async fn gather(policy: &Migrations, world: &World<'_>) -> Result<Evidence, Failure> {
    let mut head = layout::list(world, Tree::Head, policy)?;
    let has_base = world.change.base.is_some() && matches!(world.change.scope, Scope::Files(_));
    let mut base = if has_base { layout::list(world, Tree::Base, policy)? } else { Listing::default() };
    let goes_back = matches!(world.change.direction, Direction::Rollback(_));
    if goes_back {
        retreat::retreat(&mut head, &mut base);
    }
    let strangers = strangers::find(world, policy, &head, &base)?;
    let mut sets = vec![];
    let folders: Vec<&str> = head.folders.iter().map(|folder| folder.directory.as_str()).collect();
    for folder in &head.folders {
        let before = counterpart(folder, &head.folders, &mut base.folders);
        let mut set = set(policy, world, folder, before.as_ref(), &head.unreadable).await?;
        set.lint = lint::lint(policy, world, folder, &set, before.as_ref(), &folders).await?;
        sets.push(set);
    }
    let gone: Vec<Gone> = base.folders.iter().filter_map(Gone::of).collect();
    let is_open = policy.framework.chosen().is_none() || head.folders.is_empty();
    let elsewhere = if is_open { elsewhere::find(world, policy, &head)? } else { vec![] };
    let nothing = head.nothing.into_iter().filter(|place| !gone.iter().any(|g| within(&g.directory, place))).collect();
    // An old file that the change leaves alone matters to the rehearsal only, which says so itself.
    let touched = |failure: &Failure| match &failure.place {
        Some(Place::File { path, .. }) => world.change.touches(path),
        _ => true,
    };
    let unreadable = head.unreadable.into_iter().filter(touched).chain(strangers).collect();
    Ok(Evidence { sets, nothing, elsewhere, gone, baseline: debt::baseline(policy, world)?, unreadable })
}

/// Whether a folder is the place or lies in it. A place with wildcards is taken to be another.
fn within(directory: &str, place: &str) -> bool {
    directory.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Takes the base's folder that a folder of the head was: the one of the same name, else one that is gone from its place
/// and has more than half of its versions in common with this one, which is then new in its place.
fn counterpart(folder: &Folder, heads: &[Folder], bases: &mut Vec<Folder>) -> Option<Folder> {
    let here = |a: &Folder, b: &Folder| a.directory == b.directory && same_kind(a.framework, b.framework);
    let common = |base: &Folder| {
        let has = |v: &str| folder.migrations.iter().any(|m| m.version == v);
        base.migrations.iter().filter(|m| has(&m.version)).count()
    };
    let found = bases.iter().position(|base| here(base, folder)).or_else(|| {
        bases
            .iter()
            .position(|base| !heads.iter().any(|head| here(base, head)) && common(base) * 2 > base.migrations.len())
    });
    found.map(|i| bases.remove(i))
}

/// Some are told apart by the project around them or by a mark in one file, which may change.
pub(super) fn same_kind(a: Framework, b: Framework) -> bool {
    const ALIKE: &[&[Framework]] = &[
        &[Framework::GolangMigrate, Framework::Sqlx, Framework::Morph, Framework::Bun],
        &[Framework::Diesel, Framework::Hasura],
        &[Framework::Flyway, Framework::Refinery],
    ];
    a == b || ALIKE.iter().any(|alike| alike.contains(&a) && alike.contains(&b))
}

impl Gone {
    fn of(folder: &Folder) -> Option<Self> {
        let of = |m: &Found| m.forward_path().or(m.down.as_ref().map(|s| s.path.as_str())).map(str::to_owned);
        let path = folder.migrations.iter().find_map(of)?;
        Some(Self {
            directory: folder.directory.clone(),
            framework: folder.framework,
            migrations: folder.migrations.len(),
            path,
        })
    }
}

async fn set(
    policy: &Migrations,
    world: &World<'_>,
    folder: &Folder,
    before: Option<&Folder>,
    unreadable: &[Failure],
) -> Result<Set, Failure> {
    let dialect = match policy.engine.chosen() {
        Some(database) => Dialect::Known { database, by: "the policy".into() },
        None => dialect(world, folder, before)?,
    };
    let old = |found: &Found| before.and_then(|b| b.migrations.iter().find(|m| m.version == found.version));
    let mut migrations = vec![];
    for found in &folder.migrations {
        // Of two with one version, the one that the base has is the one of the same name.
        let twin = folder.migrations.iter().filter(|m| m.version == found.version).count() > 1;
        let base = old(found).filter(|base| !twin || base.name == found.name);
        migrations.push(migration(folder.framework, found, base, world.change.all));
    }
    let is_there =
        |path: &str| unreadable.iter().any(|f| matches!(&f.place, Some(Place::File { path: p, .. }) if p == path));
    let deleted = before.into_iter().flat_map(|b| &b.migrations).filter_map(|base| {
        let path = base.forward_path()?;
        let kept = folder.migrations.iter().any(|m| m.version == base.version && m.forward_path().is_some());
        (!kept && !is_there(path)).then(|| Deleted { name: base.name.clone(), path: path.into() })
    });
    let mut code = code::compare(world, folder, before);
    if matches!(world.change.direction, Direction::Rollback(_)) {
        // What the way back would have to run, and nobody can read.
        code.unknown.extend(code.deleted.drain(..).map(|deleted| deleted.path));
    }
    let mut set = Set {
        directory: folder.directory.clone(),
        framework: folder.framework,
        dialect,
        migrations,
        deleted: deleted.chain(code.deleted).collect(),
        code: code.unknown,
        edited_code: code.edited,
        rehearsal: Rehearsal::Needless,
        lint: vec![],
    };
    let runs = set.migrations.iter().any(|m| m.is_judged() && m.up.is_some());
    set.rehearsal = match &policy.rehearse {
        Rehearse::Word(RehearseWord::Off) => Rehearsal::Off,
        _ if !runs => Rehearsal::Needless,
        _ => rehearse::rehearse(policy, world, folder, &set, unreadable).await?,
    };
    Ok(set)
}

/// A change does not choose the database that it is rehearsed on: where the base says which it is, that holds.
fn dialect(world: &World<'_>, folder: &Folder, before: Option<&Folder>) -> Result<Dialect, Failure> {
    let head = engine::detect(world, Tree::Head, folder)?;
    let base = before.map(|before| engine::detect(world, Tree::Base, before)).transpose()?;
    Ok(match (base, &head) {
        // Whatever says it now, the change brought it.
        (Some(Dialect::Unknown), _) => Dialect::Unknown,
        (Some(Dialect::Known { database, by }), Dialect::Known { database: now, .. }) if database != *now => {
            Dialect::Known { database, by: format!("{by} at the base") }
        }
        _ => head,
    })
}

fn migration(framework: Framework, found: &Found, base: Option<&Found>, all: bool) -> Migration {
    let standing = match standing(framework, found, base) {
        Standing::Unchanged if all => Standing::Debt,
        standing => standing,
    };
    let judged = !matches!(standing, Standing::Unchanged);
    let part = |script: &Script| Part::of(script, judged);
    Migration {
        version: found.version.clone(),
        name: found.name.clone(),
        up: found.source.as_ref().map(|code| Part::forward(code, judged)).or_else(|| found.up.as_ref().map(part)),
        down: found.source.as_ref().and_then(|code| Part::back(code, judged)).or_else(|| found.down.as_ref().map(part)),
        code: found.code,
        undo: found.undo.clone().filter(|_| judged),
        standing,
    }
}

fn standing(framework: Framework, found: &Found, base: Option<&Found>) -> Standing {
    if found.removed {
        return Standing::Removed;
    }
    let Some(base) = base else { return Standing::New };
    if let (Some(now), Some(before)) = (&found.source, &base.source) {
        return now.standing(before, found.repeatable);
    }
    match (&found.up, &base.up) {
        (Some(now), Some(before)) => {
            // sqlx refuses to go on when a single byte of an applied file differs.
            let same = match framework {
                Framework::Sqlx => now.text == before.text,
                _ => sql::same_words(&now.sql(), &before.sql()),
            };
            if !same && found.repeatable {
                return Standing::New;
            }
            if !same {
                return Standing::Edited { before: before.text.to_string(), after: now.text.to_string() };
            }
        }
        (None, None) => {}
        (Some(_), None) | (None, Some(_)) => return Standing::New,
    }
    let transactions = |m: &Found| m.up.iter().chain(&m.down).map(|s| s.transaction).collect::<Vec<_>>();
    let same_down = match (&found.down, &base.down) {
        (Some(now), Some(before)) => sql::same_words(&now.sql(), &before.sql()),
        (now, before) => now.is_none() && before.is_none(),
    };
    if same_down && transactions(found) == transactions(base) { Standing::Unchanged } else { Standing::DownChanged }
}

impl Part {
    fn of(script: &Script, judged: bool) -> Self {
        let span = script.span();
        Self {
            path: script.path.clone(),
            span,
            excerpt: judged.then(|| Excerpt::around(&script.text, span)),
            blank: script.is_blank(),
            may_change_schema: sql::may_change_schema(&script.sql()),
        }
    }
}

impl Script {
    /// The line of its first statement from the statement on, or the line on which it begins.
    fn span(&self) -> Span {
        let first = self.pieces.iter().find_map(|piece| {
            let first = sql::words(&self.text[piece.clone()]).into_iter().find(|word| word.text != ";")?;
            Some(piece.start + first.at)
        });
        self.span_from(first.unwrap_or(self.start))
    }

    /// From an offset to the end of its line.
    pub(super) fn span_from(&self, offset: usize) -> Span {
        let start = Position::of_byte(&self.text, offset);
        Span { start, end: Span::of_line(&self.text, start.line).end.max(start) }
    }
}
