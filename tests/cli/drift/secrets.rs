//! No byte of a value in any output, whatever happens.

use crate::support::Repo;

/// Long enough to be none by accident; parts of it count too.
const CANARY: &str = "zQ9canaryX7";

/// Files of each format that are well-formed, and some that are not, each with the canary wherever a value can be.
fn files() -> Vec<(&'static str, String)> {
    let c = CANARY;
    vec![
        (
            "a.env",
            format!(
                "A={c}\nB='{c}'\nC=\"{c}#x\"\nD={c} # {c}\nE={c}\nE={c}2\nF=CHANGEME-{c}\nU=https://u:{c}@staging.x.com/{c}\n"
            ),
        ),
        ("bad1.env", format!("A='{c}\n")),
        ("bad2.env", format!("A={c}\n{c}!{c}\n")),
        ("bad3.env", format!("A=1\rB={c}\n")),
        ("a.yaml", format!("a: {c}\nb: [{c}, '{c}']\nc: {{d: {c}}}\ne: TODO {c}\nf: |\n  {c}\n")),
        ("bad1.yaml", format!("a: {c}\n\t{c}: 1\n")),
        ("bad2.yaml", format!("a: @{c}\nb: *{c}\n")),
        ("bad3.yaml", format!("a: \"{c}\\q{c}\"\n")),
        ("a.json", format!("{{\"a\": \"{c}\", \"b\": [\"{c}\"]}}")),
        ("bad1.json", format!("{{\"a\": {c}}}")),
        ("bad2.json", format!("{{\"a\": \"{c}\\q\"}}")),
        ("a.toml", format!("a = '{c}'\nb = ['{c}']\n")),
        ("bad1.toml", format!("a = {c}\n")),
        ("bad2.toml", format!("a = '{c}\n")),
        ("a.ini", format!("[s]\na = {c}\nb = {c} ; {c}\n")),
        ("bad1.ini", format!("[s\na = {c}\n")),
        ("a.properties", format!("a={c}\nb: {c}\nc {c}\nd={c}\\\n  {c}\n")),
        ("bad1.properties", format!("a=\\u00zz{c}\n")),
        ("a.tfvars", format!("a = \"{c}\"\nb = [\"{c}\"]\nc = {{ d = \"{c}\" }}\n")),
        ("bad1.tfvars", format!("a = \"{c}\nb = {c}{{\n")),
        ("compose.yaml", format!("services: {{api: {{image: 'x:{c}', environment: ['A={c}', B={c}]}}}}\n")),
        (
            "k8s.yaml",
            format!(
                "kind: Secret\napiVersion: v1\nmetadata: {{name: s}}\nstringData: {{a: {c}}}\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: c}}\ndata: {{a: {c}}}\n"
            ),
        ),
    ]
}

#[test]
fn no_value_is_in_any_output_log_or_evidence() {
    let all = files();
    let repo = Repo::new();
    for (path, text) in &all {
        repo.with(path, text);
        repo.with(&format!("other/{path}"), text.replace(CANARY, "zQ9canaryY8"));
    }
    let mut policy = String::from(
        "[gates.drift]\nkeys = [{ match = '*', values = 'differ' }, { match = 'a', values = 'equal', type = 'number', pattern = 'x', range = { min = 1 } }]\nruntimes = true\n[gates.drift.code]\n",
    );
    for (number, (path, _)) in all.iter().enumerate() {
        policy.push_str(&format!(
            "[gates.drift.sets.s{number}]\nfiles = {{ staging = '{path}', production = ['{path}', 'other/{path}'] }}\n"
        ));
    }
    repo.with("app.py", format!("import os\nos.environ['A']  # {CANARY}\nX = '{CANARY}'\n"))
        .with("predeploy.toml", policy)
        .commit("base");
    let mut ran: Vec<(String, String)> = Vec::new();
    for more in [&[][..], &["--explain"], &["--format", "github=out.txt"]] {
        // Its report and the evidence too.
        let check = repo.check().args(["drift", "--stage", "push"]).args(more.iter().copied()).run();
        assert_eq!(check.code, 1, "{check}");
        assert!(!check.evidence.is_null() && !check.report.is_null(), "{check}");
        ran.push((format!("check {more:?}"), format!("{check:?}")));
    }
    ran.push(("github".into(), std::fs::read_to_string(repo.path().join("out.txt")).unwrap()));
    for args in [&[][..], &["--json"], &["--format", "html"], &["keys", "--code"], &["runtimes"]] {
        ran.push((
            format!("drift {args:?}"),
            format!("{:?}", repo.predeploy("drift").args(args.iter().copied()).run()),
        ));
    }
    for (what, text) in ran {
        let lower = text.to_lowercase();
        let part = ["zq9", "canary", "ryx7", "ryy8"].into_iter().find_map(|part| lower.find(part));
        let around = part.map(|at| lower.chars().skip(at.saturating_sub(200)).take(300).collect::<String>());
        assert_eq!(around, None, "{what}");
    }
}
