//! What is compiled in: explanations, the schema, the help.

use predeploy_gates::GATES;

use crate::support::{Ran, Repo};

fn run(subcommand: &str, args: &[&str]) -> Ran {
    Repo::plain_folder().predeploy(subcommand).args(args.iter().copied()).run_as_given()
}

#[test]
fn every_gate_and_every_rule_is_explained_and_listed() {
    let list = run("explain", &[]);
    assert_eq!(list.code, 0, "{list}");
    for row in GATES {
        let gate = run("explain", &[row.kind]);
        assert_eq!((gate.code, gate.stdout.as_str()), (0, row.readme));
        assert!(list.stdout.contains(row.summary), "{}", row.kind);
    }
    let listed: Vec<&str> = list.stdout.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    let of_gates = GATES.iter().flat_map(|row| row.rules).map(|rule| rule.id);
    assert!(of_gates.clone().all(|id| listed.contains(&id)));
    assert!(listed.len() > of_gates.count() && listed.contains(&"run/simulated"));
    for rule in listed {
        let text = run("explain", &[rule]);
        assert_eq!(text.code, 0, "{rule}");
        assert!(text.stdout.starts_with(&format!("### {rule}\n")) && text.stdout.contains("Good:"), "{text}");
        assert_eq!(text.stdout.matches("\n### ").count(), 0, "{rule} ends where the next rule begins");
    }
}

#[test]
fn the_schema_is_the_kept_one() {
    let printed = run("schema", &[]);
    assert_eq!((printed.code, printed.stdout.as_str()), (0, include_str!("../../schema/predeploy.schema.json")));
}

#[test]
fn a_valid_policy_is_summed_up() {
    let repo = crate::support::examples::copy_of("shop");
    let ran = repo.predeploy("validate").args(["--config", "predeploy.toml"]).run_as_given();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    assert_eq!(ran.stdout, "predeploy.toml is valid: 5 gates, 2 environments, 0 waivers\n");
    let found = repo.predeploy("validate").run_as_given();
    assert!(found.code == 0 && found.stdout.contains("predeploy.toml is valid: "), "{found}");
}

#[test]
fn the_help_says_the_exit_codes_and_the_version_is_told() {
    let help = run("--help", &[]);
    assert!(help.code == 0 && help.stderr.is_empty(), "{help}");
    assert!(help.stdout.contains("0 passed, 1 blocked, 2 usage or configuration error, 3 unresolved, 4 pending"));
    let version = run("--version", &[]);
    assert_eq!((version.code, version.stdout), (0, format!("predeploy {}\n", env!("CARGO_PKG_VERSION"))));
    assert_eq!(run("check", &["--help"]).code, 0);
}
