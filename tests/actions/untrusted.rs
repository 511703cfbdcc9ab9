//! T23, T06: what a stranger or an earlier step wrote, in an action.

use serde_json::json;

use super::act::{ALL, Job, repository};
use crate::support::event;
use crate::support::policies::OPEN;

/// All but the tokens, which no test sends anywhere.
const INPUTS: [&str; 16] = [
    "gates",
    "environment",
    "stage",
    "args",
    "working-directory",
    "fail-on",
    "summary",
    "json-file",
    "sarif-file",
    "junit-file",
    "html-file",
    "version",
    "binary-path",
    "checksum",
    "download-url",
    "verify-attestation",
];

#[test]
fn t23_no_input_of_an_action_is_run_by_a_shell() {
    let (repo, base, head) = repository(OPEN, "A=2\n");
    let touched = repo.outside().join("touched");
    let touch = format!("touch {}", touched.display());
    for input in INPUTS {
        let text = format!(
            "x$({touch})`{touch}`\"; {touch}; \"'; {touch}; ' && {touch} | {touch}\n{touch}\n::set-output name=verdict::forged\nx"
        );
        // What tells where a release is counts only where no program is given. Nobody listens at this address.
        let job = match input {
            "version" | "checksum" | "download-url" | "verify-attestation" => {
                let job = Job::new(&repo, ALL).with("binary-path", "").with("version", "9.9.9");
                let job = job.with("checksum", &"0".repeat(64)).with("download-url", "https://127.0.0.1:9/");
                let hostile =
                    if input == "download-url" { format!("https://127.0.0.1:9/{text}") } else { text.clone() };
                job.with(input, &hostile)
            }
            _ => Job::new(&repo, ALL).with(input, &text),
        };
        let Some(ran) = job.run(event::pull_request(7, &base, &head)) else { return };
        assert!(!touched.exists(), "{input}: {text}\n{}", ran.log);
        assert_ne!(ran.outputs["verdict"], "forged", "{input}: {text}\n{}", ran.log);
    }
}

#[test]
fn t23_the_title_of_a_pull_request_is_text() {
    let (repo, base, head) = repository(&format!("{OPEN}[environments.production]\n"), "A=2\n");
    let touched = repo.outside().join("touched");
    let mut event = event::pull_request(7, &base, &head);
    let title = format!("\"; touch {}; echo \"::error::x\n::warning::forged", touched.display());
    event.payload["pull_request"]["title"] = json!(title);
    let job = Job::new(&repo, ALL).with("environment", "${{ github.event.pull_request.title }}");
    let Some(ran) = job.run(event) else { return };
    ran.is("failure", "2");
    assert!(!touched.exists(), "{}", ran.log);
    // act shows a line of a step after a bar, and what it took for a command without one.
    let mut forged = ran.log.lines().filter(|line| line.contains("forged") || line.contains("::error::x"));
    assert!(forged.all(|line| line.contains("]   | ")), "{}", ran.log);
}

#[test]
fn t06_start_up_files_and_functions_of_an_earlier_step_do_not_run() {
    let (repo, base, head) = repository(OPEN, "A=2\n");
    let (evil, log) = (repo.outside().join("evil.sh"), repo.outside().join("evil.log"));
    let ran_in = format!("echo \"ran in ${{PREDEPLOY_ACTION-a step of the test}}\" >>'{}'", log.display());
    std::fs::write(&evil, format!("{ran_in}\n")).unwrap();
    let before = format!(
        "printf 'BASH_ENV={evil}\\nENV={evil}\\nSHELLOPTS=xtrace\\n' >>\"$GITHUB_ENV\"\n\
         printf 'BASH_FUNC_dirname%%%%=() {{ {ran_in}; }}\\n' >>\"$GITHUB_ENV\"",
        evil = evil.display(),
    );
    let Some(ran) = Job::new(&repo, ALL).before(&before).run(event::pull_request(7, &base, &head)) else { return };
    ran.is("success", "0").puts_out("verdict", "passed");
    let said = std::fs::read_to_string(log).unwrap_or_default();
    assert!(!said.contains("ran in check"), "{said}");
    assert!(
        said.contains("ran in a step of the test"),
        "the trap works where nothing is done against it: {said}\n{}",
        ran.log
    );
}

#[test]
fn t24_a_program_of_the_workspace_is_refused() {
    let (repo, base, _) = repository(OPEN, "A=2\n");
    let head = repo.with("bin/predeploy", "#!/bin/sh\nexit 0\n").commit("its own predeploy");
    let run = |job: Job<'_>| {
        job.before("chmod +x bin/predeploy; echo \"$PWD/bin\" >>\"$GITHUB_PATH\"")
            .run(event::pull_request(7, &base, &head))
    };
    let Some(ran) = run(Job::new(&repo, ALL).with("binary-path", "bin/predeploy")) else { return };
    ran.says("`binary-path` `bin/predeploy` is in the workspace").puts_out("verdict", "");
    assert_eq!(ran.outcome, "failure");
    let ran = run(Job::new(&repo, ALL).with("binary-path", "").with("version", "system")).unwrap();
    ran.says("is in the workspace, which is what predeploy judges").puts_out("verdict", "");
    assert_eq!(ran.outcome, "failure");
}
