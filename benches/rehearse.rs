//! What it costs to rehearse migrations on a private PostgreSQL, beside `psql` that runs the same statements and looks at nothing.
//!
//! `cargo bench --bench rehearse` makes up 285 migrations for diesel; `cargo bench --bench rehearse -- FOLDER` copies those of a
//! folder of diesel's instead, such as the `migrations` of rust-lang/crates.io. Three things are measured: all of them (up, down,
//! up, with a look at the catalogue after each, with and without rows), and a change that brings the last one, with a cold and a warm
//! cache. The baseline runs every up, its down and its up again as `psql -f` on a server of its own, each in a transaction. Server start
//! and stop are in all times; the CPU time is that of the programs that were waited for, the servers' included.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// Runs of each. The median is told.
const ROUNDS: usize = 5;
/// Migrations that are made up.
const MIGRATIONS: usize = 285;

fn main() {
    let folder = std::env::temp_dir().join(format!("predeploy-rehearse-{}", std::process::id()));
    let migrations = folder.join("migrations");
    match std::env::args().skip(1).find(|argument| !argument.starts_with("--")) {
        Some(given) => copy(Path::new(&given), &migrations),
        None => {
            (0..MIGRATIONS).for_each(|i| write(&migrations.join(format!("2026-01-01-{i:06}_m{i}")), &up(i), &down(i)))
        }
    }
    let count = fs::read_dir(&migrations).expect("the folder can be read").count();
    println!("{count} migrations");
    let policy = |data: &str| {
        let text = format!(
            "[gates.migrations]\nengine = \"postgresql\"\npaths = [\"migrations\"]\ndata = \"{data}\"\ntime-limit = \"10m\"\n"
        );
        fs::write(folder.join("predeploy.toml"), text).expect("the folder can be written");
    };
    let all = || predeploy(&["rehearse", "--json", "--all", "--repo"], &folder);
    policy("off");
    let schema = median("all, schema only", all);
    policy("auto");
    median("all, with rows", all);
    if let Some(baseline) = baseline(&folder, &migrations) {
        println!("{:<34} {:>9.2}", "schema only / psql", schema.as_secs_f64() / baseline.as_secs_f64());
    }
    git(&folder, &migrations);
    let cache = folder.join("cache");
    let last = || predeploy(&["rehearse", "--json", "--base", "HEAD~1", "--cache", "cache", "--repo"], &folder);
    median("the last one, cold", || {
        let _ = fs::remove_dir_all(&cache);
        last()
    });
    median("the last one, warm", last);
    fs::remove_dir_all(&folder).expect("the temporary folder can be removed");
}

fn predeploy(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_predeploy"));
    command.args(arguments).arg(folder).current_dir(folder);
    command
}

/// Tells and returns the median of the wall time, and tells that of the CPU time.
fn median(what: &str, command: impl Fn() -> Command) -> Duration {
    let mut times: Vec<(Duration, Duration)> = (0..ROUNDS).map(|_| time(command())).collect();
    times.sort();
    let (wall, _) = times[ROUNDS / 2];
    times.sort_by_key(|(_, cpu)| *cpu);
    println!("{what:<34} {:>6} ms wall  {:>6} ms CPU", wall.as_millis(), times[ROUNDS / 2].1.as_millis());
    wall
}

fn time(mut command: Command) -> (Duration, Duration) {
    let cpu = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the usage of children can be read");
        [usage.user_time(), usage.system_time()]
            .map(|t| Duration::new(t.tv_sec().unsigned_abs(), u32::try_from(t.tv_usec()).unwrap_or(0) * 1000))
            .iter()
            .sum::<Duration>()
    };
    let (since, before) = (Instant::now(), cpu());
    let status = command.stdout(Stdio::null()).status().expect("the program can be run");
    assert!(status.code().is_some_and(|code| code < 2 || code == 3), "{command:?}: {status}");
    (since.elapsed(), cpu().saturating_sub(before))
}

/// `psql` on a server that is started for it; nothing where its programs are not installed.
fn baseline(folder: &Path, migrations: &Path) -> Option<Duration> {
    let script = folder.join("baseline.sh");
    let mut names: Vec<PathBuf> = fs::read_dir(migrations).ok()?.filter_map(|e| Some(e.ok()?.path())).collect();
    names.sort();
    let mut text = String::from(
        "set -e\nbin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)\nPATH=$bin:$PATH\nd=$(mktemp -d)\n\
         initdb -N -A trust -D $d/data >/dev/null\n\
         pg_ctl -w -D $d/data -o \"-F -k $d -c listen_addresses=''\" -l $d/log start >/dev/null\n\
         {\n",
    );
    for name in &names {
        for way in ["up", "down", "up"] {
            let plain = fs::read_to_string(name.join("metadata.toml")).is_ok_and(|t| t.contains("false"));
            let (begin, commit) = if plain { ("", "") } else { ("BEGIN;", "COMMIT;") };
            text.push_str(&format!(
                "echo '{begin}'; cat '{}'; echo ';{commit}'\n",
                name.join(format!("{way}.sql")).display()
            ));
        }
    }
    text.push_str("} | psql -q -h $d postgres >/dev/null 2>&1 || true\npg_ctl -D $d/data -m immediate stop >/dev/null\nrm -rf $d\n");
    fs::write(&script, text).ok()?;
    let programs = Command::new("sh").args(["-c", "command -v psql && ls /usr/lib/postgresql/*/bin/initdb"]).output();
    if !programs.is_ok_and(|programs| programs.status.success()) {
        println!("psql or initdb is not installed: nothing to compare with");
        return None;
    }
    // The server refuses to run as root.
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n");
    Some(median("psql, the same statements", || {
        let mut command = Command::new(if is_root { "runuser" } else { "sh" });
        if is_root {
            command.args(["-u", "postgres", "--", "sh"]);
        }
        command.arg(&script);
        command
    }))
}

/// A repository whose last commit brings the last migration.
fn git(folder: &Path, migrations: &Path) {
    let git = |arguments: &[&str]| {
        let name = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
        let status = Command::new("git").current_dir(folder).args(name).args(arguments).stdout(Stdio::null()).status();
        assert!(status.is_ok_and(|s| s.success()), "git {arguments:?}");
    };
    let mut names: Vec<PathBuf> =
        fs::read_dir(migrations).expect("the folder can be read").filter_map(|e| Some(e.ok()?.path())).collect();
    names.sort();
    let last = names.pop().expect("there are migrations");
    let away = folder.join("last");
    fs::rename(&last, &away).expect("the folder can be moved");
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "migrations", "predeploy.toml"]);
    git(&["commit", "-qm", "all but the last"]);
    fs::rename(&away, &last).expect("the folder can be moved");
    git(&["add", "migrations"]);
    git(&["commit", "-qm", "the last"]);
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let Ok(up) = fs::read_to_string(path.join("up.sql")) else { continue };
        let name = to.join(path.file_name().expect("a folder has a name"));
        write(&name, &up, &fs::read_to_string(path.join("down.sql")).unwrap_or_default());
        let _ = fs::copy(path.join("metadata.toml"), name.join("metadata.toml"));
    }
}

fn write(folder: &Path, up: &str, down: &str) {
    fs::create_dir_all(folder).expect("a temporary folder");
    fs::write(folder.join("up.sql"), up).expect("the folder can be written");
    fs::write(folder.join("down.sql"), down).expect("the folder can be written");
}

/// Of the kinds that repositories hold.
fn up(i: usize) -> String {
    let table = i / 5 * 5;
    match i % 5 {
        0 => format!(
            "CREATE TABLE t{i} (id bigserial PRIMARY KEY, name text NOT NULL, total numeric(12, 2) NOT NULL DEFAULT 0, \
             parent bigint REFERENCES t{i} (id), made timestamptz NOT NULL DEFAULT now());\nCREATE INDEX t{i}_name ON t{i} (name);\n"
        ),
        1 => format!("ALTER TABLE t{table} ADD COLUMN note text;\nCREATE INDEX t{table}_note ON t{table} (note);\n"),
        2 => format!("ALTER TABLE t{table} ADD CONSTRAINT t{table}_total CHECK (total >= 0);\n"),
        3 => format!(
            "CREATE FUNCTION f{i}() RETURNS trigger AS $$ BEGIN NEW.made := now(); RETURN NEW; END $$ LANGUAGE plpgsql;\n\
             CREATE TRIGGER g{i} BEFORE UPDATE ON t{table} FOR EACH ROW EXECUTE FUNCTION f{i}();\n"
        ),
        _ => format!("CREATE VIEW v{i} AS SELECT id, name, total FROM t{table} WHERE total > 0;\n"),
    }
}

fn down(i: usize) -> String {
    let table = i / 5 * 5;
    match i % 5 {
        0 => format!("DROP TABLE t{i};\n"),
        1 => format!("ALTER TABLE t{table} DROP COLUMN note;\n"),
        2 => format!("ALTER TABLE t{table} DROP CONSTRAINT t{table}_total;\n"),
        3 => format!("DROP TRIGGER g{i} ON t{table};\nDROP FUNCTION f{i}();\n"),
        _ => format!("DROP VIEW v{i};\n"),
    }
}
