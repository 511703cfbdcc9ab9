//! The actions against the table of gates, and against what is documented.

use std::collections::BTreeMap;

use predeploy_gates::GATES;

use crate::support::examples::source;

fn read(path: &str) -> String {
    std::fs::read_to_string(source("..").join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Names below `section:`, with their description.
fn names(text: &str, section: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut name = None;
    let below = text.lines().skip_while(|line| *line != format!("{section}:")).skip(1);
    for line in below.take_while(|line| line.is_empty() || line.starts_with(' ')) {
        if let Some(key) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) {
            name = key.strip_suffix(':').map(String::from);
        } else if let (Some(name), Some(text)) = (&name, line.trim().strip_prefix("description: ")) {
            found.insert(name.clone(), text.to_owned());
        }
    }
    found
}

#[test]
fn every_gate_has_an_action_like_that_of_all() {
    let all = read("action.yml");
    let (inputs, outputs) = (names(&all, "inputs"), names(&all, "outputs"));
    assert!(inputs.len() > 10 && outputs.len() > 10);
    for row in GATES {
        let path = format!("gates/{}/action.yml", row.kind);
        let text = read(&path);
        let mut own = names(&text, "inputs");
        assert!(own.remove("gates").is_some_and(|text| text.contains(row.kind)), "{path}: the input `gates`");
        let others = inputs.iter().filter(|(name, _)| *name != "gates");
        assert!(others.eq(own.iter()), "{path}: its inputs are not those of action.yml");
        assert_eq!(names(&text, "outputs"), outputs, "{path}: its outputs are not those of action.yml");
    }
}

#[test]
fn every_input_reaches_the_script_by_the_environment_alone() {
    for path in GATES
        .iter()
        .map(|row| format!("gates/{}/action.yml", row.kind))
        .chain(["action.yml", "setup/action.yml"].map(String::from))
    {
        let text = read(&path);
        for input in names(&text, "inputs").keys() {
            let variable = input.to_uppercase().replace('-', "_");
            let line = format!("        PREDEPLOY_INPUT_{variable}: ${{{{ inputs.{input} }}}}\n");
            assert!(text.contains(&line), "{path}: {line}");
            assert_eq!(
                text.matches(&format!("inputs.{input} }}}}")).count(),
                1,
                "{path}: {input} is used elsewhere, too"
            );
            let by_loop = ["environment", "stage", "sarif-file", "junit-file", "html-file"].contains(&input.as_str());
            assert!(
                by_loop
                    || read("action/run.sh").contains(&format!("input {variable})"))
                    || variable.ends_with("_TOKEN"),
                "{input} is not read"
            );
        }
        let run: Vec<&str> = text.lines().filter(|line| line.trim_start().starts_with("run:")).collect();
        assert!(run.len() == 1 && !run[0].contains("${{"), "{path}: {run:?}");
        assert!(!text.contains("uses:"), "{path}");
    }
}

#[test]
fn every_input_and_output_is_documented() {
    let (all, setup, docs) = (read("action.yml"), read("setup/action.yml"), read("docs/actions.md"));
    for text in [all, setup] {
        for name in names(&text, "inputs").keys().chain(names(&text, "outputs").keys()) {
            assert!(docs.contains(&format!("| `{name}` |")), "docs/actions.md has no line for `{name}`");
        }
    }
}
