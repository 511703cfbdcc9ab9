//! Colours are for terminals, and a reader that leaves is no error.

use std::fs::File;
use std::io::Read;
use std::process::{Child, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::Repo;
use crate::support::examples::copy_of;
use crate::support::policies::OPEN;
use crate::support::run::Predeploy;

/// Runs with a terminal as standard output; what it got to see.
fn on_terminal(run: Predeploy) -> (i32, String) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let other = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut child: Child = run.spawn(Stdio::from(other), Stdio::null());
    let mut seen = Vec::new();
    // Linux ends the reading with an error when the last writer is gone.
    let _ = File::from(terminal).read_to_end(&mut seen);
    (child.wait().unwrap().code().unwrap(), String::from_utf8(seen).unwrap())
}

#[test]
fn colour_is_for_a_terminal_that_wants_it() {
    let repo = copy_of("shop");
    let coloured = |run: Predeploy| {
        let (code, seen) = on_terminal(run);
        assert!(code == 1 && seen.contains("this change may not ship"), "{seen}");
        seen.contains('\u{1b}')
    };
    assert!(coloured(repo.check().env("TERM", "xterm")));
    assert!(coloured(repo.check().env("TERM", "xterm").env("NO_COLOR", "")), "an empty NO_COLOR is none");
    assert!(!coloured(repo.check().env("TERM", "xterm").env("NO_COLOR", "1")));
    assert!(!coloured(repo.check().env("TERM", "dumb")));
    let file = repo.path().join("out.txt");
    on_terminal(repo.check().env("TERM", "xterm").args(["--format", "text=out.txt"]));
    assert!(!std::fs::read_to_string(file).unwrap().contains('\u{1b}'), "a file is no terminal");
    assert!(!repo.check().env("TERM", "xterm").run_as_given().stdout.contains('\u{1b}'), "neither is a pipe");
}

#[test]
fn a_reader_that_leaves_changes_no_exit_code() {
    let repo = copy_of("shop");
    let open = Repo::plain_folder();
    open.with("predeploy.toml", OPEN);
    for (repo, code) in [(&repo, 1), (&open, 0)] {
        for format in ["text", "json", "github"] {
            for both in [false, true] {
                let closed = || {
                    let (reader, writer) = std::io::pipe().unwrap();
                    drop(reader);
                    Stdio::from(writer)
                };
                let other = if both { closed() } else { Stdio::null() };
                // A summary that cannot be written is a warning that nobody reads.
                let run = repo.check().args(["--format", format]).env("GITHUB_STEP_SUMMARY", "/no/such/file");
                assert_eq!(run.spawn(closed(), other).wait().unwrap().code(), Some(code), "{format} {both}");
            }
        }
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(open.predeploy("explain").spawn(Stdio::from(writer), Stdio::null()).wait().unwrap().code(), Some(0));
}

#[test]
fn a_full_disk_is_no_pass() {
    let open = Repo::plain_folder();
    open.with("predeploy.toml", OPEN);
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    assert_eq!(open.check().spawn(full(), Stdio::null()).wait().unwrap().code(), Some(3));
    assert_eq!(open.check().args(["--format", "json"]).spawn(full(), full()).wait().unwrap().code(), Some(3));
}
