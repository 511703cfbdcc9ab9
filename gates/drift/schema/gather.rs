//! Loads the dump beside what the migrations make, and reads both.

use super::compare::Compared;
use super::dump::{Dump, program};
use super::places::Places;
use super::units::{LEFT_OUT_OF_DUMPS, Units};
use super::{Evidence, Found, How, Schema};
use crate::migrations::lexer::Word;
use crate::migrations::made::{self, Made};
use crate::{Engine, Failure, Place, Position, ScratchDatabase, Span, Tree, Wanted, World};

pub(in crate::drift) async fn gather(all: &[Schema], world: &World<'_>) -> Result<Vec<Evidence>, Failure> {
    let to = world.change.environment.as_deref();
    let mut evidence = Vec::new();
    for schema in all {
        world.cancel.check()?;
        let found = if schema.applies(to) { Some(found(schema, world).await) } else { None };
        // Stopped from outside: nothing is known.
        world.cancel.check()?;
        evidence.push(Evidence { found });
    }
    Ok(evidence)
}

/// The dump, which must have been made in this run.
fn text_of(policy: &Schema, world: &World<'_>) -> Result<String, Failure> {
    let path = policy.dump.as_str();
    let entry = world.find(Tree::Work, &[&globset::escape(path)])?.into_iter().find(|entry| entry.path == path);
    let entry = entry.ok_or_else(|| {
        Failure::new(format!("`{path}` is not there"))
            .help("write it before: `pg_dump --schema-only`, `mariadb-dump --no-data --routines --events`, `sqlite3 FILE .schema`")
    })?;
    if entry.tracked || world.workspace.is_copy_of_tracked(path)? {
        return Err(Failure::new(format!("`{path}` is in the repository, and so was not made in this run"))
            .help(
                "write it in the job that asks, and do not commit it; one that is the same as a file of the repository, byte for byte, needs a line of its \
                 own, such as `-- $(date)`",
            )
            .at(Place::File { path: path.to_owned(), span: None }));
    }
    let source = world.read(Tree::Work, path)?.ok_or_else(|| Failure::new(format!("`{path}` is gone")))?;
    Ok(source.text(path)?.to_owned())
}

/// The migrations that what is live may come from.
struct Ends {
    /// Where the change starts from if that is known, else where it ends; then those that make something else.
    all: Vec<Made>,
    base: bool,
    vanished: Option<String>,
}

impl Ends {
    fn of(policy: &Schema, world: &World<'_>) -> Result<Self, Failure> {
        let of = |tree| made::find(&policy.migrations, world, tree);
        let has_base = world.change.base.is_some();
        let base = if has_base { of(Tree::Base)? } else { None };
        let head = of(Tree::Head)?;
        // One that cannot be read excuses nothing.
        let tip = if has_base { of(Tree::Policy).ok().flatten() } else { None };
        let vanished = base.as_ref().filter(|_| head.is_none()).map(|base| base.directory().to_owned());
        let mut all: Vec<Made> = Vec::new();
        for end in [base, head, tip].into_iter().flatten() {
            if !all.iter().any(|known| known.is_like(&end)) {
                all.push(end);
            }
        }
        Ok(Self { all, base: has_base, vanished })
    }
}

async fn found(policy: &Schema, world: &World<'_>) -> Result<Found, Failure> {
    let path = policy.dump.as_str();
    let text = text_of(policy, world)?;
    let Ends { all, base, vanished } = Ends::of(policy, world)?;
    let Some(first) = all.first() else {
        return Err(Failure::new("no migrations are found that make the schema")
            .help("name their folder: `migrations.paths` of this table"));
    };
    let engine = first.engine;
    if all.iter().any(|made| made.engine != engine) {
        return Err(Failure::new("the change makes its migrations those of another database")
            .help("say which it is: `migrations.engine`"));
    }
    let dump = Dump::read(engine, path, &text)?;
    let mut wanted = first.wanted(&policy.migrations, world)?;
    if let (Engine::Mysql, Some(default)) = (engine, dump.default_collation()) {
        // What tables have that do not say it is the server's setting, not the migrations'.
        let prelude = wanted.prelude.take().unwrap_or_default();
        wanted.prelude = Some(format!("ALTER DATABASE {default};\n{prelude}"));
    }
    let mut made = Vec::new();
    for (number, end) in all.iter().enumerate() {
        world.progress.tell(&format!("the schema of {}", end.directory()));
        match schema_of(end, policy, world, wanted.clone()).await {
            Ok(schema) => made.push(Units::of(engine, &schema)),
            // That the change's own migrations do not run is another gate's to tell.
            Err(_) if number > 0 && !world.cancel.is_set() => {}
            Err(why) => return Err(why),
        }
    }
    world.progress.tell(path);
    let mut database = world.scratch.create(&wanted).await?;
    let server = database.server();
    same_server(&dump, &server, path)?;
    load(engine, &dump, path, &text, &mut *database).await?;
    let live = Units::of(engine, &database.schema().await?);
    let (mut left_out, mut unknown) = (dump.left_out.clone(), Vec::new());
    let mut units = live;
    for (kinds, is_told, word) in [
        (&["function", "procedure", "package", "package body"][..], dump.routines, "routines"),
        (&["event"][..], dump.events, "events"),
    ] {
        if !is_told && !units.has(kinds) {
            if made.iter().any(|made| made.has(kinds)) {
                unknown.push(word.to_owned());
            } else {
                left_out.push(word.to_owned());
            }
            made.iter_mut().chain([&mut units]).for_each(|all| all.leave_out(kinds));
        }
    }
    if units.tables().is_empty() {
        return Err(Failure::new(format!("`{path}` makes no table: there is nothing to compare"))
            .help(format!("write it with `{}`, and see that it asks the right database", program(engine))));
    }
    if made.iter().all(|made| made.all.is_empty()) {
        return Err(Failure::new("the migrations make nothing: there is nothing to compare with")
            .help("name their folder: `migrations.paths` of this table"));
    }
    left_out.extend(LEFT_OUT_OF_DUMPS.iter().filter(|(of, _)| *of == engine).map(|(_, what)| (*what).to_owned()));
    let mut differences = Compared::new(engine, &units, &made).differences();
    let (in_dump, in_scripts) =
        (Places::of_dump(path, &text, &dump.statements), Places::of_scripts(engine, first.scripts()));
    for difference in &mut differences.all {
        let found =
            if difference.how == How::Missing { in_scripts.last(difference) } else { in_dump.first(difference) };
        difference.place = Some(found.unwrap_or_else(|| Place::File { path: path.to_owned(), span: None }));
    }
    Ok(Found {
        path: path.to_owned(),
        server,
        made: dump.made,
        live: units.objects(),
        migrations: first.len(),
        base,
        vanished,
        differences: differences.all,
        partitions: differences.partitions,
        left_out,
        unknown,
    })
}

async fn schema_of(
    made: &Made,
    policy: &Schema,
    world: &World<'_>,
    wanted: Wanted,
) -> Result<Vec<crate::SchemaObject>, Failure> {
    made.database(&policy.migrations, world, wanted).await?.schema().await
}

/// Servers of another major version write the same schema otherwise.
fn same_server(dump: &Dump<'_>, server: &str, path: &str) -> Result<(), Failure> {
    let major = |name: &str| -> String {
        let (product, version) = name.split_once(' ').unwrap_or((name, ""));
        format!("{product} {}", version.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default())
    };
    match &dump.server {
        _ if server.starts_with("SQLite") => Ok(()),
        Some(of) if major(of) == major(server) => Ok(()),
        Some(of) => {
            Err(Failure::new(format!("`{path}` is of {}, and the migrations run on {}", major(of), major(server)))
                .help("install that version, or name a scratch server that has it: `migrations.database-url`"))
        }
        None => Err(Failure::new(format!("`{path}` does not tell which version of the server it is of"))
            .help("write it with its comments")),
    }
}

/// What the server says of a statement, without the texts in it: they may be anything.
fn harmless(message: &str, words: &[Word<'_>]) -> String {
    let texts = words.iter().filter(|word| word.is_text()).map(|word| word.text.trim_matches('\''));
    texts.filter(|text| text.len() > 2).fold(message.to_owned(), |message, text| message.replace(text, "…"))
}

async fn load(
    engine: Engine,
    dump: &Dump<'_>,
    path: &str,
    text: &str,
    database: &mut dyn ScratchDatabase,
) -> Result<(), Failure> {
    for statement in &dump.statements {
        let Err(error) = database.run(&statement.sql(engine, text)).await? else { continue };
        let start = Position::of_byte(text, statement.range.start);
        let verb: Vec<&str> = statement.words.iter().take(3).map(|word| word.text).collect();
        let first = harmless(error.message.lines().next().unwrap_or_default(), &statement.words);
        let message = format!("`{path}` cannot be loaded: line {}, `{} …`: {first}", start.line, verb.join(" "));
        return Err(Failure::new(message)
            .help(
                "what it needs beforehand can be given with `extensions` and `prelude` of `migrations`, in this table; what is not compared may \
                 be left out of the dump",
            )
            .at(Place::File { path: path.to_owned(), span: Some(Span { start, end: start }) }));
    }
    Ok(())
}
