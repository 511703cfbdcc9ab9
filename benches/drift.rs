//! How much CPU time and memory a comparison of configuration files costs, beside a bare loop over the events of `saphyr-parser` on the
//! same files in the same run.
//!
//! `cargo bench --bench drift` makes the files itself: two of YAML with 6,500 objects of Kubernetes each (10.9 MB), as documents and as
//! one list, two of a quarter of that, and two dotenv files of 50,000 keys, and of 12,500. `check drift` compares them in a plain folder. The
//! programs run in turns; user and system time are added; memory is the largest resident set of one process. Peers: `PEER="dyff between"
//! cargo bench --bench drift` runs such a command with the two YAML files as its last arguments, `PEER_DOTENV="dotenv-linter diff"` with the
//! two dotenv files.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use saphyr_parser::Parser;

/// Runs of each program. The median is told.
const ROUNDS: usize = 5;
const OBJECTS: usize = 6_500;
const KEYS: usize = 50_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--bare") => return bare(&arguments[1..]),
        Some("--measure") => return measure(&arguments[1..]),
        _ => {}
    }
    let folder = std::env::temp_dir().join(format!("predeploy-drift-{}", std::process::id()));
    let this = std::env::current_exe().expect("this program has a path").to_string_lossy().into_owned();
    let mut programs: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |name: &str, extension: &str, write: &dyn Fn(&str) -> String| {
        let at = folder.join(name.replace([' ', ','], "-"));
        let files = repository(&at, extension, write);
        let size = fs::metadata(&files[0]).expect("a file").len();
        let command =
            |program: &[&str]| program.iter().map(|part| (*part).to_owned()).chain(files.iter().cloned()).collect();
        if extension == "yaml" {
            programs.push((format!("{name}: bare saphyr-parser"), command(&[&this, "--bare"])));
        }
        let check =
            [env!("CARGO_BIN_EXE_predeploy"), "check", "drift", "--repo", &at.to_string_lossy()].map(String::from);
        programs.push((format!("{name}: check drift"), check.to_vec()));
        println!("{name}: 2 x {:.1} MB", size as f64 / 1e6);
        let peer = std::env::var(if extension == "yaml" { "PEER" } else { "PEER_DOTENV" });
        if let Ok(peer) = peer {
            programs.push((format!("{name}: peer"), command(&peer.split(' ').collect::<Vec<_>>())));
        }
    };
    add("documents", "yaml", &|environment| documents(environment, OBJECTS));
    add("documents, a quarter", "yaml", &|environment| documents(environment, OBJECTS / 4));
    add("one list", "yaml", &|environment| list(environment, OBJECTS));
    add("one list, a quarter", "yaml", &|environment| list(environment, OBJECTS / 4));
    add("dotenv", "env", &|environment| dotenv(environment, KEYS));
    add("dotenv, a quarter", "env", &|environment| dotenv(environment, KEYS / 4));
    let mut runs: Vec<Vec<Used>> = vec![Vec::new(); programs.len()];
    for _ in 0..ROUNDS {
        for (runs, (_, program)) in runs.iter_mut().zip(&programs) {
            runs.push(used(&this, program));
        }
    }
    fs::remove_dir_all(&folder).expect("the temporary folder can be removed");
    println!("{:<42} {:>10} {:>10} {:>10}", format!("median of {ROUNDS} runs"), "CPU", "wall", "memory");
    let medians: Vec<Used> = runs.iter().map(|runs| median(runs)).collect();
    for ((name, _), used) in programs.iter().zip(&medians) {
        let (cpu, wall) = (used.cpu.as_millis(), used.wall.as_millis());
        println!("{name:<42} {cpu:>7} ms {wall:>7} ms {:>6} MiB", used.memory_kib / 1024);
    }
    let of = |name: &str| {
        let found = programs.iter().position(|(known, _)| known == name).expect("a program of this name");
        medians[found].cpu.as_secs_f64()
    };
    for what in ["documents", "one list"] {
        let ratio = of(&format!("{what}: check drift")) / of(&format!("{what}: bare saphyr-parser"));
        println!("{what}: check drift / bare saphyr-parser = {ratio:.2} of CPU");
    }
    for what in ["documents", "one list", "dotenv"] {
        let ratio = of(&format!("{what}: check drift")) / of(&format!("{what}, a quarter: check drift"));
        println!("{what}: four times the size = {ratio:.1} times the CPU");
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

/// A plain folder with a policy and a file for each of two environments.
fn repository(at: &Path, extension: &str, write: &dyn Fn(&str) -> String) -> [String; 2] {
    fs::create_dir_all(at).expect("a temporary folder");
    let policy = format!(
        "[gates.drift]\nfiles = {{ staging = 'staging.{extension}', production = 'production.{extension}' }}\n"
    );
    fs::write(at.join("predeploy.toml"), policy).expect("a policy");
    ["staging", "production"].map(|environment| {
        let path: PathBuf = at.join(format!("{environment}.{extension}"));
        fs::write(&path, write(environment)).expect("a file");
        path.to_string_lossy().into_owned()
    })
}

/// A deployment, with an image and an address of its environment.
fn object(environment: &str, number: usize, indent: &str) -> String {
    let name = format!("service-{number}");
    let lines = format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: shop
    app.kubernetes.io/managed-by: kustomize
  annotations:
    example.com/description: Answers what customers ask of part {number} of the shop
spec:
  replicas: {replicas}
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
        app.kubernetes.io/part-of: shop
    spec:
      serviceAccountName: {name}
      terminationGracePeriodSeconds: 30
      containers:
        - name: app
          image: registry.example.com/shop/{name}:1.{number}.0
          args: [\"--port\", \"8080\", \"--verbose\"]
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
            - name: DATABASE_URL
              value: postgres://app@db.{environment}.internal:5432/{name}
            - name: CACHE_URL
              value: redis://cache.{environment}.internal:6379/{number}
            - name: TOKEN
              valueFrom:
                secretKeyRef:
                  name: {name}-secrets
                  key: token
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
          readinessProbe:
            httpGet:
              path: /health
              port: http
            periodSeconds: 10
          volumeMounts:
            - name: config
              mountPath: /etc/app
      volumes:
        - name: config
          configMap:
            name: {name}-config
",
        team = number % 40,
        replicas = 1 + number % 5,
    );
    lines.lines().fold(String::new(), |mut text, line| {
        writeln!(text, "{indent}{line}").expect("a string");
        text
    })
}

fn documents(environment: &str, objects: usize) -> String {
    (0..objects).map(|number| format!("---\n{}", object(environment, number, ""))).collect()
}

fn list(environment: &str, objects: usize) -> String {
    let items =
        (0..objects).map(|number| object(environment, number, "  ").replacen("  apiVersion", "- apiVersion", 1));
    std::iter::once("apiVersion: v1\nkind: List\nitems:\n".to_owned()).chain(items).collect()
}

fn dotenv(environment: &str, keys: usize) -> String {
    (0..keys)
        .map(|number| match number % 4 {
            0 => format!("SERVICE_{number}_URL=https://service-{number}.{environment}.example.com/api\n"),
            1 => format!("SERVICE_{number}_NAME=\"part {number} of the shop\"\n"),
            2 => format!("SERVICE_{number}_LIMIT={number}\n"),
            _ => format!("# of service {number}\nSERVICE_{number}_MODE=fast # or slow\n"),
        })
        .collect()
}

/// Reads files with the parser alone.
fn bare(paths: &[String]) {
    let mut events = 0_usize;
    for path in paths {
        let text = fs::read_to_string(path).expect("a file");
        let mut parser = Parser::new_from_str(&text);
        while let Some(event) = parser.next_event() {
            std::hint::black_box(event.expect("YAML"));
            events += 1;
        }
    }
    assert!(events > 0, "nothing was read");
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
