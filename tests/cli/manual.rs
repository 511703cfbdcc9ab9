//! Completions and manual pages.

use std::process::Command;

use crate::support::Repo;

#[test]
fn each_shell_gets_completions_of_every_command() {
    let repo = Repo::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = repo.predeploy("completions").arg(shell).run();
        assert_eq!(ran.code, 0, "{ran}");
        for word in ["check", "window", "save-evidence"] {
            assert!(ran.stdout.contains(word), "{shell} knows nothing of {word}");
        }
    }
    let ran = repo.predeploy("completions").arg("bash").run();
    let file = repo.outside().join("predeploy.bash");
    std::fs::write(&file, &ran.stdout).unwrap();
    // The commands that begin with `re`, as bash itself finds them.
    let script = format!(
        "source {}; COMP_WORDS=(predeploy re); COMP_CWORD=1; _predeploy predeploy re predeploy; echo \"${{COMPREPLY[*]}}\"",
        file.display()
    );
    let out = Command::new("bash").args(["--norc", "-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "rehearse replay\n", "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn each_command_has_a_manual_page() {
    let repo = Repo::new();
    let folder = repo.outside().join("man");
    let ran = repo.predeploy("man").arg(&folder).run();
    assert_eq!(ran.code, 0, "{ran}");
    let page = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(page("predeploy.1").contains("May this change ship"));
    assert!(page("predeploy-check.1").contains("Keep everything that was gathered"));
    assert!(page("predeploy-drift-snapshot.1").starts_with(".ie"));
}
