//! The binary with an environment of its own, and what it said.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::event::Event;
use super::forge::Forge;

/// A run that is put together. Nothing of this process's environment reaches it but `PATH`.
pub struct Predeploy {
    command: Command,
    outside: PathBuf,
    report: Option<PathBuf>,
    evidence: Option<PathBuf>,
}

impl Predeploy {
    pub fn new(subcommand: &str, folder: &Path, outside: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_predeploy"));
        command
            .arg(subcommand)
            .current_dir(folder)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", outside)
            .stdin(Stdio::null());
        Self { command, outside: outside.to_path_buf(), report: None, evidence: None }
    }

    pub fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(args);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// With standard input from this file.
    pub fn stdin(mut self, file: std::fs::File) -> Self {
        self.command.stdin(file);
        self
    }

    /// In a folder below the root.
    pub fn within(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// A CI of which nothing more is known.
    pub fn in_ci(self) -> Self {
        self.env("CI", "true")
    }

    /// A step of GitHub Actions for this event, its payload file included.
    pub fn event(self, event: Event) -> Self {
        let path = self.outside.join("event.json");
        std::fs::write(&path, event.payload.to_string()).unwrap();
        let step = self
            .in_ci()
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_EVENT_NAME", event.name)
            .env("GITHUB_EVENT_PATH", path)
            .env("GITHUB_REPOSITORY", "acme/shop");
        match event.sha {
            Some(sha) => step.env("GITHUB_SHA", sha),
            None => step,
        }
    }

    /// The forge to ask, with a token for it.
    pub fn forge(self, forge: &Forge) -> Self {
        self.env("GITHUB_GRAPHQL_URL", forge.url()).env("GITHUB_TOKEN", "ghp_of_a_test")
    }

    /// Runs it. `check` and `replay` also write the JSON report, and `check` saves its evidence.
    pub fn run(mut self) -> Ran {
        let subcommand = self.command.get_args().next().and_then(|arg| arg.to_str()).unwrap_or_default().to_owned();
        // Those of an earlier run must not be read for this one's.
        let fresh = |name: &str| {
            let file = self.outside.join(name);
            std::fs::remove_file(&file).ok();
            file
        };
        if matches!(subcommand.as_str(), "check" | "replay") {
            self.report = Some(fresh("report.json"));
        }
        if subcommand == "check" {
            self.evidence = Some(fresh("evidence.json"));
        }
        if let Some(file) = &self.report {
            self.command.args(["--format", "text", "--format", &format!("json={}", file.display())]);
        }
        if let Some(file) = &self.evidence {
            self.command.arg("--save-evidence").arg(file);
        }
        self.run_as_given()
    }

    /// Starts it with no other arguments than those given.
    pub fn spawn(mut self, stdout: Stdio, stderr: Stdio) -> std::process::Child {
        self.command.stdout(stdout).stderr(stderr).spawn().unwrap()
    }

    /// Runs it with no other arguments than those given, one of which has it write a JSON report there.
    pub fn run_as_given_with_report(mut self, report: PathBuf) -> Ran {
        self.report = Some(report);
        self.run_as_given()
    }

    /// Runs it with no other arguments than those given.
    pub fn run_as_given(mut self) -> Ran {
        let out = self.command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let read = |file: Option<PathBuf>| {
            let text = file.and_then(|file| std::fs::read_to_string(file).ok());
            text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
        };
        Ran {
            code: out.status.code().unwrap(),
            stdout: text(out.stdout),
            stderr: text(out.stderr),
            report: read(self.report),
            evidence: read(self.evidence),
        }
    }
}

/// What a run said.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    /// `null` if none was written.
    pub report: Value,
    /// What `--save-evidence` saved, likewise.
    pub evidence: Value,
}

impl Ran {
    /// The verdict, which must be that of the exit code as well.
    #[track_caller]
    pub fn is(&self, verdict: &str) -> &Self {
        let code = match verdict {
            "passed" => 0,
            "blocked" => 1,
            "unresolved" => 3,
            "pending" => 4,
            other => panic!("`{other}` is no verdict"),
        };
        assert_eq!((self.report["verdict"].as_str(), self.code), (Some(verdict), code), "{self}");
        self
    }

    /// Ended with a usage or configuration error that says all this.
    #[track_caller]
    pub fn is_usage_error(&self, words: &[&str]) -> &Self {
        assert_eq!((self.code, &self.report), (2, &Value::Null), "{self}");
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in the error\n{self}");
        }
        self
    }

    /// Every finding: the house's and the gates'.
    pub fn findings(&self) -> Vec<&Value> {
        let gates = self.report["gates"].as_array().into_iter().flatten();
        let lists = std::iter::once(&self.report["findings"]).chain(gates.map(|gate| &gate["findings"]));
        lists.filter_map(Value::as_array).flatten().collect()
    }

    /// The findings of a rule.
    pub fn of_rule(&self, rule: &str) -> Vec<&Value> {
        self.findings().into_iter().filter(|f| f["rule"] == rule).collect()
    }

    /// The one finding of a rule.
    #[track_caller]
    pub fn the(&self, rule: &str) -> &Value {
        let found = self.of_rule(rule);
        assert_eq!(found.len(), 1, "findings of {rule}\n{self}");
        found[0]
    }

    /// There is exactly one finding of the rule, and its message and help hold all these words.
    #[track_caller]
    pub fn says(&self, rule: &str, words: &[&str]) -> &Self {
        let said = self.the(rule).to_string();
        for word in words {
            let escaped = Value::from(*word).to_string();
            assert!(said.contains(escaped.trim_matches('"')), "`{word}` is not in {said}\n{self}");
        }
        self
    }

    #[track_caller]
    pub fn lacks(&self, rule: &str) -> &Self {
        assert!(self.of_rule(rule).is_empty(), "there is a finding of {rule}\n{self}");
        self
    }

    /// What one gate said.
    #[track_caller]
    pub fn gate(&self, name: &str) -> &Value {
        let mut gates = self.report["gates"].as_array().into_iter().flatten();
        gates.find(|gate| gate["gate"] == name).unwrap_or_else(|| panic!("no gate {name}\n{self}"))
    }

    /// The verdict of one gate.
    #[track_caller]
    pub fn gate_is(&self, name: &str, verdict: &str) -> &Self {
        assert_eq!(self.gate(name)["verdict"], verdict, "{name}\n{self}");
        self
    }

    /// The files of the change: `A new`, `M changed`, `D gone`, `R old > new`; nothing if everything was looked at.
    pub fn files(&self) -> Vec<String> {
        let files = self.evidence["change"]["scope"]["files"].as_array().into_iter().flatten();
        let line = |file: &Value| {
            let (path, status) = (file["path"].as_str().unwrap(), &file["status"]);
            match status.as_str() {
                Some("added") => format!("A {path}"),
                Some("modified") => format!("M {path}"),
                Some("deleted") => format!("D {path}"),
                _ => format!("R {} > {path}", status["renamed"]["from"].as_str().unwrap()),
            }
        };
        files.map(line).collect()
    }

    pub fn change(&self) -> &Value {
        &self.report["change"]
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit code {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

/// A text report without what differs from run to run: how long it took, and until when it holds.
pub fn timeless(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let Some(end) = line.strip_prefix("valid until ") else {
            out.push_str(&without_milliseconds(line));
            continue;
        };
        assert!(end.ends_with("Z\n"), "{line}");
        out.push_str("valid until TIME\n");
    }
    out
}

/// `      12 ms` as `       _ ms`.
fn without_milliseconds(line: &str) -> String {
    let Some((before, after)) = line.split_once(" ms  ") else { return line.into() };
    let kept = before.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = before.len() - kept.len();
    if digits == 0 { line.into() } else { format!("{kept}{}_ ms  {after}", " ".repeat(digits - 1)) }
}
