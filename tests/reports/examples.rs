//! The examples say what their READMEs promise, on any day and in any zone, and write nothing.

use std::path::Path;

use crate::support::examples::{copy_of, files, source};
use crate::support::run::timeless;

fn kept(name: &str, said: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_CASES").is_some() {
        std::fs::write(&file, said).unwrap();
    }
    assert_eq!(said, std::fs::read_to_string(&file).unwrap(), "{}", file.display());
}

const EXAMPLES: [(&str, i32); 2] = [("shop", 1), ("shop-ready", 0)];

#[test]
fn each_example_says_what_it_is_kept_to_say_and_writes_nothing() {
    for (name, code) in EXAMPLES {
        let before = files(&source(name));
        let repo = copy_of(name);
        let ran = repo.predeploy("check").args(["--repo", source(name).to_str().unwrap()]).run_as_given();
        assert_eq!((ran.code, ran.stderr.as_str()), (code, ""), "{ran}");
        kept(name, &timeless(&ran.stdout));
        assert!(files(&source(name)) == before, "{name} was written to");
    }
}

#[test]
fn the_day_the_hour_and_the_zone_of_the_machine_change_no_verdict() {
    for (name, code) in EXAMPLES {
        let repo = copy_of(name);
        let plain = repo.check().run();
        for zone in ["UTC", "Pacific/Kiritimati", "America/St_Johns", "Nowhere/Land", "/etc/passwd", ":Europe/Berlin"] {
            let ran = repo.check().env("TZ", zone).env("TZDIR", "/nowhere").run();
            assert_eq!(ran.code, code, "{zone} {ran}");
            assert_eq!(timeless(&ran.stdout), timeless(&plain.stdout), "{zone}");
        }
        for at in [
            "2026-11-21T03:00Z",
            "2026-12-24T23:59:59[Europe/Berlin]",
            "2027-02-28T12:00[America/New_York]",
            "2028-02-29T00:00Z",
            "2035-06-15T16:30+02:00",
        ] {
            let ran = repo.check().args(["--at", at]).env("TZ", "Asia/Tokyo").run();
            assert_eq!(ran.code, code, "{at} {ran}");
            assert_eq!(ran.report["simulations"][0], format!("--at {at}"));
        }
    }
}
