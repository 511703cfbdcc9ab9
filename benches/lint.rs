//! How much CPU time the static rules cost on 3,000 SQL files, beside `squawk` on the same files in the same run.
//!
//! `cargo bench --bench lint` writes files of its own; `cargo bench --bench lint -- FOLDER` takes the `.sql` files below a folder
//! instead. Each becomes the up or the down of a migration in a repository of its own, which `predeploy check migrations` judges
//! with the rehearsal switched off: reading, parsing, judging and rendering. `squawk` is the one on PATH; where there is none, that
//! is said, and there is nothing to compare with. The programs run in turns; user and system time are added.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

/// Runs of each program. The median is told.
const ROUNDS: usize = 9;

/// Migrations that are made up: an up and a down each.
const MIGRATIONS: usize = 1_500;

fn main() {
    let folder = std::env::temp_dir().join(format!("predeploy-lint-{}", std::process::id()));
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let texts = given.map_or_else(made_up, |folder| found(Path::new(&folder)));
    let (files, bytes) = (texts.len(), texts.iter().map(String::len).sum::<usize>());
    let paths = write(&folder, &texts);
    println!("{files} files, {bytes} bytes");
    let predeploy = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_predeploy"));
        command.args(["check", "migrations", "--repo"]).arg(&folder);
        command
    };
    let squawk = || {
        let mut command = Command::new("squawk");
        command.args(&paths);
        command
    };
    let has_squawk = Command::new("squawk").arg("--version").stdout(Stdio::null()).status().is_ok();
    let mut times = [vec![], vec![]];
    for _ in 0..ROUNDS {
        times[0].push(cpu_time(predeploy()));
        if has_squawk {
            times[1].push(cpu_time(squawk()));
        }
    }
    fs::remove_dir_all(&folder).expect("the temporary folder can be removed");
    let [ours, theirs] = times.map(median);
    println!("{:<28} {:>9}", format!("median of {ROUNDS} runs"), "CPU time");
    println!("{:<28} {:>6} ms", "predeploy check migrations", ours.unwrap_or_default().as_millis());
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            println!("{:<28} {:>6} ms", "squawk", theirs.as_millis());
            println!("{:<28} {:>9.2}", "predeploy / squawk", ours.as_secs_f64() / theirs.as_secs_f64());
        }
        _ => println!("squawk is not on PATH: nothing to compare with (pip install squawk-cli)"),
    }
}

/// Ups and downs in turns, of the kinds that repositories hold.
fn made_up() -> Vec<String> {
    let up = |i: usize| match i % 6 {
        0 => format!(
            "CREATE TABLE orders_{i} (\n    id bigserial PRIMARY KEY,\n    customer_id bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,\n    \
             status text NOT NULL DEFAULT 'new',\n    total numeric(12, 2) NOT NULL DEFAULT 0,\n    created_at timestamptz NOT NULL DEFAULT now()\n);\n\
             CREATE INDEX orders_{i}_customer ON orders_{i} (customer_id);\nCREATE INDEX orders_{i}_status ON orders_{i} (status) WHERE status <> 'done';\n"
        ),
        1 => format!(
            "-- What the shop shows.\nALTER TABLE customers ADD COLUMN note_{i} text;\nCREATE INDEX customers_note_{i} ON customers (note_{i});\n"
        ),
        2 => format!(
            "CREATE OR REPLACE FUNCTION touch_{i}() RETURNS trigger AS $$\nBEGIN\n    NEW.updated_at := now();\n    RETURN NEW;\nEND;\n$$ LANGUAGE plpgsql;\n\
             CREATE TRIGGER touch_{i} BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION touch_{i}();\n"
        ),
        3 => format!(
            "ALTER TABLE customers ADD CONSTRAINT name_{i} CHECK (char_length(name) < {}) NOT VALID;\nALTER TABLE customers VALIDATE CONSTRAINT name_{i};\n",
            i + 10
        ),
        4 => format!(
            "UPDATE customers SET status = 'old' WHERE id IN (SELECT customer_id FROM orders_0 WHERE total > {i} GROUP BY customer_id HAVING count(*) > 3);\n"
        ),
        _ => format!(
            "ALTER TABLE orders_0 ALTER COLUMN total TYPE numeric(14, 2), ADD COLUMN tax_{i} numeric(12, 2) NOT NULL DEFAULT 0;\nCOMMENT ON COLUMN orders_0.tax_{i} IS 'in the currency of the order';\n"
        ),
    };
    let down = |i: usize| match i % 6 {
        0 => format!("DROP TABLE orders_{i};\n"),
        1 => format!("DROP INDEX customers_note_{i};\nALTER TABLE customers DROP COLUMN note_{i};\n"),
        2 => format!("DROP TRIGGER touch_{i} ON customers;\nDROP FUNCTION touch_{i}();\n"),
        3 => format!("ALTER TABLE customers DROP CONSTRAINT name_{i};\n"),
        4 => "UPDATE customers SET status = NULL WHERE status = 'old';\n".into(),
        _ => format!("ALTER TABLE orders_0 DROP COLUMN tax_{i}, ALTER COLUMN total TYPE numeric(12, 2);\n"),
    };
    (0..MIGRATIONS).flat_map(|i| [up(i), down(i)]).collect()
}

/// The SQL files below a folder, in the order of their paths.
fn found(folder: &Path) -> Vec<String> {
    let mut open = vec![folder.to_owned()];
    let mut paths = vec![];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.iter().filter_map(|path| fs::read_to_string(path).ok()).collect()
}

/// A repository of migrations for golang-migrate: ups and downs in turns.
fn write(folder: &Path, texts: &[String]) -> Vec<PathBuf> {
    let migrations = folder.join("migrations");
    fs::create_dir_all(&migrations).expect("a temporary folder");
    let policy = "[gates.migrations]\nrehearse = \"off\"\nengine = \"postgresql\"\n";
    fs::write(folder.join("predeploy.toml"), policy).expect("the folder can be written");
    let one = |(i, text): (usize, &String)| {
        let way = if i % 2 == 0 { "up" } else { "down" };
        let path = migrations.join(format!("{}_x.{way}.sql", i / 2 + 1));
        fs::write(&path, text).expect("the folder can be written");
        path
    };
    texts.iter().enumerate().map(one).collect()
}

fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// The user and system time of one run, from the kernel's account of children that have ended.
fn cpu_time(mut command: Command) -> Duration {
    let before = children();
    command.env_remove("CI").env_remove("GITHUB_ACTIONS").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().expect("the program starts");
    children().saturating_sub(before)
}

fn children() -> Duration {
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel tells");
    [used.user_time(), used.system_time()].map(duration).into_iter().sum()
}

fn duration(time: nix::sys::time::TimeVal) -> Duration {
    Duration::new(u64::try_from(time.tv_sec()).unwrap_or(0), u32::try_from(time.tv_usec()).unwrap_or(0) * 1000)
}
