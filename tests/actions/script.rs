//! Where `action/run.sh` takes predeploy from, with everything that it would fetch or build put in its way.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::act::checkout;

/// The digest of no archive.
const ANOTHER: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A runner's folders, and an archive as a release has it, whose predeploy says only that it ran.
struct Machine {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

struct Said {
    code: i32,
    log: String,
}

impl Machine {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for name in ["bin", "temp", "tools", "workspace", "action", "mirror"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        checkout(&folder.path().join("action"));
        let machine = Self { folder, variables: Vec::new() };
        machine.program("mirror/predeploy", "echo \"released: $*\"");
        let packed = Command::new("tar")
            .args(["-czf", "predeploy.tar.gz", "predeploy"])
            .current_dir(machine.path("mirror"))
            .status()
            .unwrap();
        assert!(packed.success());
        // A curl that has the mirror for a network, and says what it was asked for.
        machine.program(
            "bin/curl",
            &format!(
                "echo \"curl $*\" >>'{0}/asked'\nwhile [ $# -gt 1 ]; do [ \"$1\" = --output ] && to=$2; shift; done\n\
                 [ -e '{0}/offline' ] && exit 6\ncp '{0}/mirror/predeploy.tar.gz' \"$to\"",
                machine.folder.path().display()
            ),
        );
        machine.program(
            "bin/cargo",
            &format!(
                "echo \"cargo in $PWD: $* (${{RUSTC_WRAPPER-no wrapper}})\" >>'{}'\n\
                 while [ $# -gt 1 ]; do [ \"$1\" = --root ] && to=$2; shift; done\n\
                 mkdir -p \"$to/bin\"\nprintf '#!/bin/sh\\necho \"built: $*\"\\n' >\"$to/bin/predeploy\"\nchmod +x \"$to/bin/predeploy\"",
                machine.path("asked").display()
            ),
        );
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, path: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path(path);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn with(mut self, input: &str, value: &str) -> Self {
        let name = format!("PREDEPLOY_INPUT_{}", input.to_uppercase().replace('-', "_"));
        self.variables.push((name, value.into()));
        self
    }

    fn env(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.variables.push((name.into(), value.as_ref().display().to_string()));
        self
    }

    fn digest(&self) -> String {
        let out = Command::new("sha256sum").arg(self.path("mirror/predeploy.tar.gz")).output().unwrap();
        String::from_utf8(out.stdout).unwrap()[..64].to_owned()
    }

    /// Writes the digest down as the commit after a release does.
    fn released(&self, version: &str, digest: &str) {
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let line = format!("# released\n{digest}  predeploy-{version}-{target}.tar.gz\n");
        std::fs::write(self.path("action/action/checksums.txt"), line).unwrap();
    }

    fn asked(&self) -> String {
        std::fs::read_to_string(self.path("asked")).unwrap_or_default()
    }

    fn run(&self) -> Said {
        let path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        let out = Command::new("bash")
            .args(["--noprofile", "--norc", "-p", "-eo", "pipefail"])
            .arg(self.path("action/action/run.sh"))
            .current_dir(self.path("workspace"))
            .env_clear()
            .env("PATH", path)
            .env("RUNNER_TEMP", self.path("temp"))
            .env("RUNNER_TOOL_CACHE", self.path("tools"))
            .env("RUNNER_ARCH", "X64")
            .env("GITHUB_WORKSPACE", self.path("workspace"))
            .env("GITHUB_OUTPUT", self.path("output"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap();
        let log = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        Said { code: out.status.code().unwrap(), log }
    }
}

impl Said {
    #[track_caller]
    fn is(&self, code: i32, words: &str) -> &Self {
        assert!(
            self.code == code && self.log.contains(words),
            "expected {code} and `{words}`: {} {}",
            self.code,
            self.log
        );
        self
    }
}

const OWN: &str = env!("CARGO_PKG_VERSION");

/// Archives are made for these machines.
fn is_linux() -> bool {
    cfg!(target_os = "linux")
}

#[test]
fn a_release_is_downloaded_once_and_checked_at_every_use() {
    if !is_linux() {
        return;
    }
    let machine = Machine::new();
    machine.released(OWN, &machine.digest());
    machine.run().is(0, "released: check --format=auto --format=json=");
    let asked = machine.asked();
    assert!(asked.contains("--proto =https --tlsv1.2 --fail"), "{asked}");
    assert!(
        asked.contains(&format!("https://github.com/predeploy/predeploy/releases/download/v{OWN}/predeploy-{OWN}-"))
    );
    std::fs::write(machine.path("offline"), "").unwrap();
    machine.run().is(0, "released: check");
    assert_eq!(machine.asked(), asked, "the second run asks nobody");
    // Whoever may write to the cache does not choose what runs.
    let cached = machine.path(&format!("tools/predeploy/{OWN}/X64"));
    let archive = std::fs::read_dir(cached).unwrap().next().unwrap().unwrap().path();
    std::fs::write(archive, "another").unwrap();
    machine.run().is(2, "it is not used");
}

#[test]
fn t24_an_archive_of_another_digest_is_not_used() {
    if !is_linux() {
        return;
    }
    let machine = Machine::new();
    machine.released(OWN, ANOTHER);
    let said = machine.run();
    said.is(2, "it is not used");
    assert!(!said.log.contains("released:"), "{}", said.log);
    let machine = Machine::new().with("version", "9.9.9").with("checksum", ANOTHER);
    machine.run().is(2, ANOTHER);
    let machine = Machine::new();
    let digest = machine.digest();
    let machine =
        machine.with("version", "v9.9.9").with("checksum", &digest).with("download-url", "https://mirror.example/x/");
    machine.run().is(0, "released: check");
    assert!(machine.asked().contains("-- https://mirror.example/x/predeploy-9.9.9-"), "{}", machine.asked());
}

#[test]
fn t24_a_cache_in_the_workspace_is_not_used() {
    if !is_linux() {
        return;
    }
    let machine = Machine::new();
    machine.released(OWN, &machine.digest());
    let inside = machine.path("workspace/tools");
    let machine = machine.env("RUNNER_TOOL_CACHE", inside);
    machine.run().is(2, "is in the workspace, which is what predeploy judges");
}

#[test]
fn t24_a_link_into_the_workspace_leads_into_the_workspace() {
    let machine = Machine::new();
    machine.program("workspace/predeploy", "echo judged");
    std::os::unix::fs::symlink(machine.path("workspace/predeploy"), machine.path("temp/predeploy")).unwrap();
    let link = machine.path("temp/predeploy").display().to_string();
    let machine = machine.with("binary-path", &link);
    let said = machine.run();
    said.is(2, "is in the workspace");
    assert!(!said.log.contains("judged\n"), "{}", said.log);
}

#[test]
fn without_a_digest_nothing_is_downloaded() {
    let machine = Machine::new().with("version", "9.9.9");
    machine.run().is(2, "there is no SHA-256 for predeploy-9.9.9-");
    assert_eq!(machine.asked(), "");
    let machine = Machine::new().with("version", "latest");
    machine.run().is(2, "`version` is a number as 1.2.3, system or source, not `latest`");
    let machine = Machine::new().with("version", "9.9.9").with("checksum", "abc");
    machine.run().is(2, "`checksum` must be a SHA-256");
}

#[test]
fn a_revision_without_a_release_is_built_from_itself() {
    let machine = Machine::new().env("RUSTC_WRAPPER", "/evil").with("environment", "production");
    // A stranger's configuration of cargo, which counts for whoever starts it below.
    std::fs::create_dir(machine.path("workspace/.cargo")).unwrap();
    machine.run().is(0, "built: check --format=auto");
    let asked = machine.asked();
    let root = machine.path("action").canonicalize().unwrap();
    assert!(asked.starts_with(&format!("cargo in {}: install --locked", root.display())), "{asked}");
    assert!(
        asked.contains("--path . --bin predeploy") && asked.contains("(no wrapper)") && !asked.contains("curl"),
        "{asked}"
    );
    let machine = Machine::new().with("version", "source");
    machine.released(OWN, ANOTHER);
    machine.run().is(0, "built: check");
}

#[test]
fn the_machine_s_own_predeploy_is_taken_where_asked_for() {
    let machine = Machine::new().with("version", "system");
    machine.run().is(2, "there is no predeploy on PATH");
    machine.program("bin/predeploy", "echo \"system: $*\"");
    machine.run().is(0, "system: check");
    assert_eq!(machine.asked(), "");
}

#[test]
fn an_attestation_that_does_not_hold_stops_it() {
    if !is_linux() {
        return;
    }
    let make = |wanted: &str| {
        let machine = Machine::new().with("github-token", "t").env("GITHUB_SERVER_URL", "https://github.com");
        machine.released(OWN, &machine.digest());
        machine.with("verify-attestation", wanted)
    };
    let machine = make("required");
    machine.run().is(2, "needs gh on PATH");
    machine.program("bin/gh", "echo \"gh $*\"; exit 1");
    let said = machine.run();
    said.is(2, "the archive's attestation does not hold")
        .is(2, "--signer-workflow predeploy/predeploy/.github/workflows/release.yml");
    let machine = make("auto");
    machine.run().is(0, "released: check");
    machine.program("bin/gh", "exit 1");
    machine.run().is(2, "the archive's attestation does not hold");
    let machine = make("off");
    machine.program("bin/gh", "exit 1");
    machine.run().is(0, "released: check");
}

#[test]
fn a_token_reaches_predeploy_by_its_own_name_and_is_not_said() {
    let machine =
        Machine::new().with("version", "system").with("github-token", " ghs_$(id)\n").with("org-token", "ghp_b");
    machine.program("bin/predeploy", "[ \"$1\" = --version ] || env");
    let said = machine.run();
    said.is(0, "GITHUB_TOKEN=ghs_$(id)\n").is(0, "PREDEPLOY_ORG_TOKEN=ghp_b\n");
    assert_eq!(said.log.matches("ghs_").count(), 1, "{}", said.log);
    assert_eq!(said.log.matches("ghp_b").count(), 1, "{}", said.log);
    let machine = Machine::new().with("version", "system").env("GITHUB_TOKEN", "of the job");
    machine.program("bin/predeploy", "[ \"$1\" = --version ] || env");
    machine.run().is(0, "GITHUB_TOKEN=of the job\n");
}

#[test]
fn t23_no_value_ends_an_output_early_or_is_a_command() {
    let machine = Machine::new().with("version", "1\n::set-output name=verdict::passed\r::warning::x%0A");
    let said = machine.run();
    said.is(2, "%0A::set-output name=verdict::passed%0D::warning::x%250A");
    assert_eq!(said.log.lines().count(), 1, "{}", said.log);
    let machine = Machine::new().with("version", "system").with("json-file", "a\npredeploy-0\nverdict=passed");
    machine.program("bin/predeploy", "true");
    machine.run().is(0, "");
    let output = std::fs::read_to_string(machine.path("output")).unwrap();
    let (first, rest) = output.split_once('\n').unwrap();
    let delimiter = first.strip_prefix("json-file<<predeploy-").unwrap();
    assert!(delimiter.len() == 32 && delimiter.bytes().all(|b| b.is_ascii_hexdigit()), "{output}");
    assert!(rest.starts_with(&format!("a\npredeploy-0\nverdict=passed\npredeploy-{delimiter}\n")), "{output}");
}
