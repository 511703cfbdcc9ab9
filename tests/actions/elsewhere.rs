//! What the examples for other CIs run, in a clone as such a CI makes it.

use std::process::Command;

use super::act::repository;
use crate::support::Repo;
use crate::support::examples::source;
use crate::support::policies::SAME_KEYS;
use crate::support::repo::git_in;

fn example(path: &str) -> String {
    std::fs::read_to_string(source("ci").join(path)).unwrap()
}

/// The lines after `first`, as long as they are further in than `indent` spaces, without those spaces.
fn block(text: &str, first: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let below = text.lines().skip_while(|line| *line != first).skip(1);
    let lines: Vec<&str> = below.map_while(|line| line.strip_prefix(&margin)).collect();
    assert!(!lines.is_empty(), "no `{first}` in\n{text}");
    lines.join("\n")
}

/// Runs it where the branch `fix` is checked out as a commit, and the remote has it and `main`; exit code and output.
fn run(script: &str, variables: &[(&str, &str)], env: &str) -> (Repo, i32, String) {
    let (repo, _, head) = repository(SAME_KEYS, env);
    let bare = repo.outside().join("remote.git");
    git_in(repo.outside(), &["clone", "-q", "--bare", "repo", "remote.git"]);
    let clone = Repo::new();
    clone.git(&["remote", "add", "origin", &format!("file://{}", bare.display())]);
    // Only the branch of the change is fetched, and nothing says which one is the default.
    clone.git(&["fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    clone.git(&["switch", "-q", "--detach", &head]);
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_predeploy")).parent().unwrap();
    let out = Command::new("bash")
        .args(["-eo", "pipefail", "-c", script])
        .current_dir(clone.path())
        .env_clear()
        .env("PATH", format!("{}:{}", binary.display(), std::env::var("PATH").unwrap()))
        .env("HOME", clone.outside())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (clone, out.status.code().unwrap(), said)
}

/// It blocks what is broken, passes what is not, and has written these files.
fn works(script: &str, variables: &[(&str, &str)], words: &str, written: &[&str]) {
    let (clone, code, said) = run(script, variables, "A=CHANGEME\n");
    assert!(code == 1 && said.contains(words), "{code}\n{said}");
    for name in written {
        assert!(std::fs::metadata(clone.path().join(name)).unwrap().len() > 0, "{name}");
    }
    let (_, code, said) = run(script, variables, "A=2\n");
    assert_eq!(code, 0, "{said}");
}

#[test]
fn the_job_for_gitlab_works() {
    let steps = |text: &str| {
        let lines = block(text, "  script:", 4);
        lines.lines().filter_map(|line| line.strip_prefix("- ")).collect::<Vec<_>>().join("\n")
    };
    let variables = [("CI", "true"), ("GITLAB_CI", "true"), ("CI_DEFAULT_BRANCH", "main")];
    let written = ["predeploy.codequality.json", "predeploy.junit.xml"];
    works(&steps(&example("gitlab/.gitlab-ci.yml")), &variables, "drift/placeholder", &written);
    let component = steps(&example("gitlab/templates/predeploy.yml"));
    let [ci, gitlab, branch] = variables;
    let asked = [ci, gitlab, branch, ("PREDEPLOY_STAGE", "merge"), ("PREDEPLOY_GATES", "")];
    works(&component, &asked, "drift/placeholder", &written);
    let asked = [ci, gitlab, branch, ("PREDEPLOY_STAGE", "merge"), ("PREDEPLOY_GATES", "drift")];
    works(&component, &asked, "only `drift` was asked", &[]);
}

#[test]
fn the_pipeline_for_azure_works() {
    let script = block(&example("azure-pipelines.yml"), "  - bash: |", 6);
    let variables = [("TF_BUILD", "True")];
    works(&script, &variables, "##vso[task.logissue type=error;", &["predeploy.junit.xml"]);
}

#[test]
fn the_jenkinsfile_works() {
    let text = example("Jenkinsfile");
    let script = block(&text, "        sh '''", 10);
    let variables = [("JENKINS_URL", "https://ci.example"), ("BUILD_ID", "7")];
    works(&script, &variables, "drift/placeholder", &["predeploy.junit.xml", "predeploy.sarif"]);
}
