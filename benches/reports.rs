//! How much CPU time and memory test reports cost, beside a bare loop over the events of `quick-xml` on the same files in the same
//! run.
//!
//! `cargo bench --bench reports` makes the reports itself: a JUnit file of 110 MB (400,000 cases in 2,000 suites, 1 % failed with a
//! trace of 22 lines), 2,000 files of 50 KB, and one of 1 MB. `check tests` reads and judges them in a plain folder. The programs
//! run in turns; user and system time are added; memory is the largest resident set of one process. With `taskset` on PATH the
//! 2,000 files are read on one core, too. Peers: `PEER="python3 count.py" cargo bench --bench reports` runs such a command with the
//! big file as its last argument beside the others.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use quick_xml::Reader;
use quick_xml::events::Event;

/// Runs of each program. The median is told.
const ROUNDS: usize = 5;
/// What a trace looks like: 22 lines.
const FRAME: &str = "    at com.example.shop.cart.CartService.addItemToCartOfCustomer(CartService.java:123)\n";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--bare") => return bare(Path::new(&arguments[1])),
        Some("--measure") => return measure(&arguments[1..]),
        _ => {}
    }
    let folder = std::env::temp_dir().join(format!("predeploy-reports-{}", std::process::id()));
    let (big, many, small) = (folder.join("big"), folder.join("many"), folder.join("small"));
    repository(&big, &[(2_000, 200, 2_000)]);
    repository(&many, &vec![(1, 185, 2_000); 2_000]);
    repository(&small, &[(20, 185, 2_000)]);
    let this = std::env::current_exe().expect("this program has a path").to_string_lossy().into_owned();
    let predeploy = env!("CARGO_BIN_EXE_predeploy");
    let check = |at: &Path| [predeploy, "check", "tests", "--repo", &at.to_string_lossy()].map(String::from).to_vec();
    let loop_over = |at: &Path| [this.clone(), "--bare".into(), at.join("out").to_string_lossy().into_owned()].to_vec();
    let one_core = |command: Vec<String>| [["taskset", "-c", "0"].map(String::from).to_vec(), command].concat();
    let mut programs = vec![
        ("110 MB: bare quick-xml", loop_over(&big)),
        ("110 MB: check tests", check(&big)),
        ("2,000 x 50 KB: bare quick-xml", loop_over(&many)),
        ("2,000 x 50 KB: check tests", check(&many)),
        ("1 MB: bare quick-xml", loop_over(&small)),
        ("1 MB: check tests", check(&small)),
    ];
    if Command::new("taskset").arg("--version").stdout(Stdio::null()).status().is_ok() {
        programs.push(("2,000 x 50 KB: check, one core", one_core(check(&many))));
    }
    if let Ok(peer) = std::env::var("PEER") {
        let file = big.join("out/0.xml").to_string_lossy().into_owned();
        programs.push(("110 MB: peer", peer.split(' ').map(String::from).chain([file]).collect()));
    }
    let mut runs: Vec<Vec<Used>> = vec![Vec::new(); programs.len()];
    for _ in 0..ROUNDS {
        for (runs, (_, program)) in runs.iter_mut().zip(&programs) {
            runs.push(used(&this, program));
        }
    }
    fs::remove_dir_all(&folder).expect("the temporary folder can be removed");
    println!("{:<34} {:>10} {:>10} {:>10}", format!("median of {ROUNDS} runs"), "CPU", "wall", "memory");
    let medians: Vec<Used> = runs.iter().map(|runs| median(runs)).collect();
    for ((name, _), used) in programs.iter().zip(&medians) {
        let (cpu, wall) = (used.cpu.as_millis(), used.wall.as_millis());
        println!("{name:<34} {cpu:>7} ms {wall:>7} ms {:>6} MiB", used.memory_kib / 1024);
    }
    for (what, bare, check) in [("110 MB", 0, 1), ("2,000 x 50 KB", 2, 3), ("1 MB", 4, 5)] {
        let ratio = medians[check].cpu.as_secs_f64() / medians[bare].cpu.as_secs_f64();
        println!("{what}: check tests / bare quick-xml = {ratio:.2} of CPU");
    }
}

#[derive(Clone, Copy, Default)]
struct Used {
    cpu: Duration,
    wall: Duration,
    memory_kib: u64,
}

fn median(runs: &[Used]) -> Used {
    let middle = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    Used {
        cpu: middle(runs.iter().map(|run| run.cpu).collect()),
        wall: middle(runs.iter().map(|run| run.wall).collect()),
        memory_kib: runs.iter().map(|run| run.memory_kib).max().unwrap_or(0),
    }
}

/// A plain folder with a policy and reports of so many suites, cases in each, and bytes of output in each.
fn repository(at: &Path, reports: &[(usize, usize, usize)]) {
    fs::create_dir_all(at.join("out")).expect("a temporary folder");
    fs::write(at.join("predeploy.toml"), "[gates.tests]\nreports = ['out/*.xml']\n").expect("a policy");
    for (number, (suites, cases, output)) in reports.iter().enumerate() {
        let path = at.join(format!("out/{number}.xml"));
        let mut file = File::create(path).expect("a report");
        writeln!(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>").expect("a report");
        for suite in 0..*suites {
            file.write_all(suite_of(number, suite, *cases, *output).as_bytes()).expect("a report");
        }
        writeln!(file, "</testsuites>").expect("a report");
    }
}

fn suite_of(report: usize, suite: usize, cases: usize, output: usize) -> String {
    let mut text =
        format!("<testsuite name=\"com.example.shop.Suite{report}x{suite}\" timestamp=\"2026-11-18T10:00:00\">\n");
    for case in 0..cases {
        let number = suite * cases + case;
        let class = format!("com.example.shop.module{}.CartServiceIntegrationTest{suite}", suite % 40);
        let name = format!("adds an item to the cart of a customer and recomputes the totals #{report}/{number}");
        write!(text, "  <testcase classname=\"{class}\" name=\"{name}\" time=\"0.{:03}\" file=\"src/test/java/com/example/shop/cart/CartServiceIntegrationTest{suite}.java\" line=\"{case}\"", number % 1000).expect("a string");
        match number % 500 {
            0..=3 => writeln!(
                text,
                "><failure message=\"expected 3 &lt; 4\" type=\"AssertionError\"><![CDATA[{}]]></failure></testcase>",
                FRAME.repeat(22)
            ),
            4 => writeln!(
                text,
                "><error message=\"boom\" type=\"RuntimeException\">{}</error></testcase>",
                FRAME.repeat(22)
            ),
            5..=14 => writeln!(text, "><skipped message=\"not now\"/></testcase>"),
            _ => writeln!(text, "/>"),
        }
        .expect("a string");
    }
    write!(
        text,
        "<system-out><![CDATA[{}]]></system-out>\n</testsuite>\n",
        "lorem ipsum dolor sit amet\n".repeat(output / 27)
    )
    .expect("a string");
    text
}

/// Reads every report of a folder and counts events.
fn bare(folder: &Path) {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    paths.sort_unstable();
    let mut events = 0_u64;
    let mut buffer = Vec::new();
    for path in paths {
        let file = BufReader::with_capacity(256 << 10, File::open(path).expect("a report"));
        let mut reader = Reader::from_reader(file);
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer).expect("well-formed") {
                Event::Eof => break,
                _ => events += 1,
            }
        }
    }
    println!("{events}");
}

/// Runs a program and prints what it used, alone in a process so that the account of its children is its own.
fn measure(program: &[String]) {
    let begun = Instant::now();
    let status = Command::new(&program[0])
        .args(&program[1..])
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.is_ok(), "{} does not start", program[0]);
    let wall = begun.elapsed();
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel tells");
    let micros = [used.user_time(), used.system_time()]
        .iter()
        .map(|time| time.tv_sec() * 1_000_000 + time.tv_usec())
        .sum::<i64>();
    println!("{micros} {} {}", wall.as_micros(), used.max_rss());
}

fn used(this: &str, program: &[String]) -> Used {
    let output = Command::new(this).arg("--measure").args(program).output().expect("this program starts");
    let text = String::from_utf8(output.stdout).expect("numbers");
    let numbers: Vec<u64> = text.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    Used { cpu: Duration::from_micros(numbers[0]), wall: Duration::from_micros(numbers[1]), memory_kib: numbers[2] }
}
