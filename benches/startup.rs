//! How much CPU time a run costs beyond that of a program that does nothing.
//!
//! The baseline, a hello-world that `rustc -O` makes here, runs in turns with predeploy, so that whatever else the machine
//! does meets both. User and system time are added: how the kernel splits a few milliseconds between them is a guess by
//! clock ticks, their sum is exact. Run it with `cargo bench --bench startup`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

/// Runs of each program. The median is told.
const ROUNDS: usize = 200;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::temp_dir().join(format!("predeploy-startup-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let hello = hello_world(&folder);
    let predeploy = PathBuf::from(env!("CARGO_BIN_EXE_predeploy"));
    let shop = root.join("examples/shop");
    let shop = shop.to_str().expect("a path in UTF-8");
    let programs: [(&str, &Path, Vec<&str>); 4] = [
        ("hello-world", &hello, vec![]),
        ("predeploy --version", &predeploy, vec!["--version"]),
        (
            "check, all but the rehearsal",
            &predeploy,
            vec!["check", "review", "tests", "window", "drift", "--repo", shop],
        ),
        ("check, SQLite rehearsal included", &predeploy, vec!["check", "--repo", shop]),
    ];
    let mut times = vec![Vec::new(); programs.len()];
    for _ in 0..ROUNDS {
        for (times, (_, program, arguments)) in times.iter_mut().zip(&programs) {
            times.push(cpu_time(program, arguments));
        }
    }
    std::fs::remove_dir_all(&folder).expect("the temporary folder can be removed");
    let medians: Vec<Duration> = times
        .iter_mut()
        .map(|times| {
            times.sort_unstable();
            times[times.len() / 2]
        })
        .collect();
    println!("{:<34} {:>12} {:>16}", "median of 200 runs", "CPU time", "over hello-world");
    for ((name, _, _), median) in programs.iter().zip(&medians) {
        let over = median.saturating_sub(medians[0]);
        println!("{name:<34} {:>9} µs {:>13} µs", median.as_micros(), over.as_micros());
    }
}

fn hello_world(folder: &Path) -> PathBuf {
    let source = folder.join("hello.rs");
    std::fs::write(&source, "fn main() { println!(\"hello\"); }").expect("the folder can be written");
    let program = folder.join("hello");
    let made = Command::new("rustc").arg("-O").arg(&source).arg("-o").arg(&program).status().expect("rustc is there");
    assert!(made.success(), "hello-world does not compile");
    program
}

/// The user and system time of one run, from the kernel's account of children that have ended.
fn cpu_time(program: &Path, arguments: &[&str]) -> Duration {
    let before = children();
    let mut command = Command::new(program);
    command.args(arguments).env_remove("CI").env_remove("GITHUB_ACTIONS").stdout(Stdio::null()).stderr(Stdio::null());
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
