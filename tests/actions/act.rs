//! A job of one workflow, run by `act` on this machine: no container, no network, nothing of this process's environment but `PATH`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::Repo;
use crate::support::event::Event;
use crate::support::examples::{files, source};
use crate::support::tools::tool;

/// What users write for `uses:`.
pub const ALL: &str = "predeploy/predeploy@v1";

/// A job that uses an action once, between a step before it and one that keeps what it put out.
pub struct Job<'a> {
    repo: &'a Repo,
    uses: String,
    with: Vec<(String, String)>,
    before: String,
    after: String,
}

/// What came of it.
#[derive(Debug)]
pub struct Ran {
    /// `success` or `failure`, of the step with the action.
    pub outcome: String,
    pub outputs: Value,
    pub log: String,
}

/// The action as others check it out: everything of the repository that it needs.
pub fn checkout(to: &Path) {
    let from = source("..");
    let mut copied = vec![PathBuf::from("action.yml"), PathBuf::from("Cargo.toml")];
    for folder in ["action", "setup"] {
        copied.extend(files(&from.join(folder)).into_iter().map(|(path, _)| Path::new(folder).join(path)));
    }
    for row in predeploy_gates::GATES {
        copied.push(Path::new("gates").join(row.kind).join("action.yml"));
    }
    for path in copied {
        let file = to.join(&path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::copy(from.join(&path), file).unwrap();
    }
}

impl<'a> Job<'a> {
    /// With predeploy as it was built for this test, from outside of the workspace.
    pub fn new(repo: &'a Repo, uses: &str) -> Self {
        let job = Self { repo, uses: uses.into(), with: Vec::new(), before: "true".into(), after: "true".into() };
        job.with("binary-path", env!("CARGO_BIN_EXE_predeploy"))
    }

    /// An input; a later one of the same name counts.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.with.retain(|(known, _)| known != name);
        self.with.push((name.into(), value.into()));
        self
    }

    /// Bash of a step before it.
    pub fn before(mut self, script: &str) -> Self {
        self.before = script.into();
        self
    }

    /// Bash of a step after it.
    pub fn after(mut self, script: &str) -> Self {
        self.after = script.into();
        self
    }

    /// Runs it; nothing where there is no `act`.
    pub fn run(self, event: Event) -> Option<Ran> {
        let act = tool("act")?;
        let outside = self.repo.outside();
        let (action, home, kept) = (outside.join("action"), outside.join("home"), outside.join("kept.json"));
        checkout(&action);
        std::fs::create_dir_all(&home).unwrap();
        std::fs::remove_file(&kept).ok();
        std::fs::write(outside.join("event.json"), event.payload.to_string()).unwrap();
        // Any JSON is YAML.
        let quoted = |text: &str| Value::from(text).to_string();
        let with: String =
            self.with.iter().map(|(name, value)| format!("          {name}: {}\n", quoted(value))).collect();
        let keep =
            format!("printf '{{\"outcome\":\"%s\",\"outputs\":%s}}' \"$OUTCOME\" \"$OUTPUTS\" >'{}'", kept.display());
        let workflow = format!(
            "on: [{}]\npermissions: {{}}\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      \
             - uses: actions/checkout@v4\n      - run: {}\n      - id: predeploy\n        uses: {}\n        \
             continue-on-error: true\n        with:\n{with}      - run: {}\n        env:\n          \
             OUTCOME: ${{{{ steps.predeploy.outcome }}}}\n          OUTPUTS: ${{{{ toJSON(steps.predeploy.outputs) }}}}\n      - run: {}\n",
            event.name,
            quoted(&self.before),
            self.uses,
            quoted(&keep),
            quoted(&self.after),
        );
        std::fs::write(outside.join("workflow.yml"), workflow).unwrap();
        let ran = Command::new(act)
            .current_dir(self.repo.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", &home)
            .args([&event.name, "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "-W"])
            .arg(outside.join("workflow.yml"))
            .arg("-e")
            .arg(outside.join("event.json"))
            .arg("--local-repository")
            .arg(format!("{ALL}={}", action.display()))
            .output()
            .unwrap();
        let log = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        let kept = std::fs::read_to_string(&kept).unwrap_or_else(|e| panic!("{e}\n{log}"));
        assert!(ran.status.success(), "the other steps succeed\n{log}");
        let kept: Value = serde_json::from_str(&kept).unwrap();
        Some(Ran { outcome: kept["outcome"].as_str().unwrap().into(), outputs: kept["outputs"].clone(), log })
    }
}

impl Ran {
    /// The step's outcome and predeploy's exit code.
    #[track_caller]
    pub fn is(&self, outcome: &str, exit_code: &str) -> &Self {
        assert_eq!((self.outcome.as_str(), &self.outputs["exit-code"]), (outcome, &exit_code.into()), "{}", self.log);
        self
    }

    #[track_caller]
    pub fn puts_out(&self, name: &str, value: &str) -> &Self {
        assert_eq!(self.outputs[name], value, "{name}\n{}", self.log);
        self
    }

    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.log.contains(words), "`{words}` is not in\n{}", self.log);
        self
    }
}

/// A repository at the forge, with this policy on `main`, and the branch `fix` with a change; base and head.
pub fn repository(policy: &str, env: &str) -> (Repo, String, String) {
    let repo = Repo::new();
    repo.git(&["remote", "add", "origin", "https://github.com/acme/shop"]);
    repo.with("a.env", "A=1\n").with("b.env", "A=1\n").with("predeploy.toml", policy);
    let base = repo.commit("base");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("b.env", env).with("c.txt", "c\n").commit("a change");
    (repo, base, head)
}
