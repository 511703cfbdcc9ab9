//! What the tools of the field say of the actions, the workflows, the script and the examples for other CIs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::examples::{files, source};
use crate::support::tools::tool;

fn root() -> PathBuf {
    source("..").canonicalize().unwrap()
}

/// Runs it in the repository's root; it must have nothing to say against it.
fn agrees(program: &Path, args: &[&str], files: &[String]) {
    let out = Command::new(program).args(args).args(files).current_dir(root()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{} {args:?} {files:?}\n{said}", program.display());
}

fn actions() -> Vec<String> {
    let of_gates = predeploy_gates::GATES.iter().map(|row| format!("gates/{}/action.yml", row.kind));
    of_gates.chain(["action.yml", "setup/action.yml"].map(String::from)).collect()
}

fn workflows() -> Vec<String> {
    let folder = ".github/workflows";
    let all: Vec<String> =
        files(&root().join(folder)).into_iter().map(|(path, _)| format!("{folder}/{path}")).collect();
    assert!(!all.is_empty());
    all
}

#[test]
fn the_script_is_clean_for_shellcheck() {
    let Some(shellcheck) = tool("shellcheck") else { return };
    agrees(&shellcheck, &["--severity=style"], &["action/run.sh".into(), ".ci/run".into()]);
}

#[test]
fn actions_and_workflows_are_what_their_schemas_say() {
    let Some(check) = tool("check-jsonschema") else { return };
    agrees(&check, &["--builtin-schema", "vendor.github-actions"], &actions());
    agrees(&check, &["--builtin-schema", "vendor.github-workflows"], &workflows());
}

#[test]
fn examples_for_other_cis_are_what_their_schemas_say() {
    let Some(check) = tool("check-jsonschema") else { return };
    agrees(&check, &["--builtin-schema", "vendor.gitlab-ci"], &["examples/ci/gitlab/.gitlab-ci.yml".into()]);
    // Of a component, the part below what it asks for.
    let component = std::fs::read_to_string(root().join("examples/ci/gitlab/templates/predeploy.yml")).unwrap();
    let (_, job) = component.split_once("\n---\n").unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("job.yml");
    std::fs::write(&file, job).unwrap();
    agrees(&check, &["--builtin-schema", "vendor.gitlab-ci"], &[file.display().to_string()]);
    // The expressions in that schema are not all of ECMAScript.
    agrees(
        &check,
        &["--regex-variant", "python", "--builtin-schema", "vendor.azure-pipelines"],
        &["examples/ci/azure-pipelines.yml".into()],
    );
}

#[test]
fn actions_and_workflows_are_clean_for_zizmor() {
    let Some(zizmor) = tool("zizmor") else { return };
    let all: Vec<String> = actions().into_iter().chain(workflows()).collect();
    agrees(&zizmor, &["--offline", "--persona=auditor", "--no-progress", "--quiet"], &all);
}
