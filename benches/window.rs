//! How long it takes to say who owns 100,000 paths by a CODEOWNERS of 1,000 lines, beside `ignore`'s matcher of gitignore on the same
//! patterns in the same run.
//!
//! `cargo bench --bench codeowners`. `ignore` is asked twice: by `matched`, which looks at the path alone and so finds no line about a
//! folder above it, and by `matched_path_or_any_parents`, which answers what CODEOWNERS asks. Building is told apart from matching. The
//! three take turns; the medians are told.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use predeploy_gates::codeowners::Codeowners;

/// Turns of each matcher. The median is told.
const ROUNDS: usize = 9;
const LINES: usize = 1_000;
const PATHS: usize = 100_000;

const EXTENSIONS: [&str; 12] = ["rs", "ts", "tsx", "go", "py", "sql", "md", "yml", "json", "proto", "css", "test.ts"];

fn main() {
    let patterns: Vec<String> = (0..LINES).map(pattern).collect();
    let paths: Vec<String> = (0..PATHS).map(path).collect();
    let text: String = patterns.iter().map(|pattern| format!("{pattern} @shop/team\n")).collect();
    let (building, ours) = timed(|| Codeowners::parse(&text));
    assert!(ours.mistakes().is_empty() && ours.lines().len() == LINES, "every line counts");
    let (building_theirs, theirs) = timed(|| gitignore(&patterns));

    let mut times = [vec![], vec![], vec![]];
    let mut matched = [0; 3];
    for _ in 0..ROUNDS {
        let lines = || paths.iter().filter(|path| ours.of(black_box(path)).line().is_some()).count();
        let alone = || paths.iter().filter(|path| theirs.matched(black_box(path), false).is_ignore()).count();
        let parents = || {
            paths.iter().filter(|path| theirs.matched_path_or_any_parents(black_box(path), false).is_ignore()).count()
        };
        let ran = [timed(lines), timed(alone), timed(parents)];
        for (i, (time, count)) in ran.into_iter().enumerate() {
            times[i].push(time);
            matched[i] = count;
        }
    }
    let [ours, alone, parents] = times.map(median);
    println!("{PATHS} paths, {LINES} lines; median of {ROUNDS} turns");
    println!("{:<44} {:>9} {:>9} {:>9}", "", "build", "match", "matched");
    let row = |name: &str, build: Duration, time: Duration, matched: usize| {
        println!("{name:<44} {:>6.1} ms {:>6.1} ms {matched:>9}", ms(build), ms(time));
    };
    row("predeploy", building, ours, matched[0]);
    row("ignore, Gitignore::matched", building_theirs, alone, matched[1]);
    row("ignore, matched_path_or_any_parents", building_theirs, parents, matched[2]);
    println!("{:<44} {:>19.2}", "predeploy / matched", ms(ours) / ms(alone));
    println!("{:<44} {:>19.2}", "predeploy / matched_path_or_any_parents", ms(ours) / ms(parents));
}

/// The kinds that repositories hold, most of them folders from the root.
fn pattern(i: usize) -> String {
    match i % 20 {
        0..=8 => format!("/services/s{:02}/module{:02}/", i % 97, i % 89),
        9..=11 => format!("/services/s{:02}/module{:02}/src/file{}.rs", i % 97, i % 89, i % 50),
        12 => format!("/docs/d{i}/*"),
        13 => format!("fixtures{i}/"),
        14 => format!("owner{i}.md"),
        15 => format!("*.ext{i}"),
        16 => format!("*.{}", EXTENSIONS[i / 20 % 3]),
        17 => format!("/services/*/api{i}/**/*.proto"),
        18 => format!("/libs/lib{i}"),
        _ => format!("**/generated{i}/*.g.ts"),
    }
}

fn path(i: usize) -> String {
    let extension = EXTENSIONS[i % EXTENSIONS.len()];
    match i % 10 {
        0..=5 => format!("services/s{:02}/module{:02}/src/file{}.{extension}", i % 97, i % 89, i % 50),
        6 => format!("docs/d{}/page{i}.{extension}", i % 1_000),
        7 => format!("libs/lib{}/src/a/b/c/file{i}.{extension}", i % 1_000),
        8 => format!("web/app/components/c{}/generated{}/x{i}.g.ts", i % 300, i % 1_000),
        _ => format!("services/s{:02}/api{}/v1/x{i}.proto", i % 97, i % 1_000),
    }
}

fn gitignore(patterns: &[String]) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    for pattern in patterns {
        builder.add_line(None, pattern).expect("the pattern is one of gitignore");
    }
    builder.build().expect("the patterns compile")
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = black_box(work());
    (start.elapsed(), result)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
