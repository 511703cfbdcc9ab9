//! Servers and frameworks that a machine may lack. A CI that must have them sets `PREDEPLOY_REQUIRE_ENGINES=1`.

use std::process::Command;

use super::Ran;

/// Says that a test cannot be made here, and fails where it must be.
pub fn missing(what: &str) {
    let required = std::env::var("PREDEPLOY_REQUIRE_ENGINES").is_ok_and(|value| value == "1");
    assert!(!required, "there is no {what} here, and PREDEPLOY_REQUIRE_ENGINES=1");
    eprintln!("skipped: there is no {what} here");
}

/// Whether a run found no server of this name. Predeploy's own word is taken, for it knows best where it looks.
pub fn lacks(ran: &Ran, server: &str) -> bool {
    let lacks = format!("{ran}").contains(&format!("there is no {server} server to rehearse on"));
    if lacks {
        missing(&format!("{server} server"));
    }
    lacks
}

/// A Python that has these modules, as the path of its program: whatever finds it here by the home of the user would not
/// find it for a command.
pub fn python(modules: &[&str]) -> Option<String> {
    let program = format!("import sys, {}; print(sys.executable)", modules.join(", "));
    let ran = Command::new("python3").args(["-c", &program]).output().ok().filter(|out| out.status.success());
    let path = ran.and_then(|out| String::from_utf8(out.stdout).ok()).map(|path| path.trim().to_owned());
    if path.is_none() {
        missing(&format!("python3 with {}", modules.join(", ")));
    }
    path
}

/// Whether a program is here.
pub fn has(program: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success());
    if !is_there {
        missing(program);
    }
    is_there
}
