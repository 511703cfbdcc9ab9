//! Values that stand out without a rule of the policy, and those that break one.

use super::{ask, environments, pair, said};
use crate::drift::policy::Drift;

/// `drift/foreign-environment`, as found in `values-prod.yaml` of a public repository: the cookie's name was copied from preprod.
#[test]
fn production_that_names_another_environment() {
    assert_eq!(
        pair(
            "yaml",
            "cookie: app-session-preprod\nu: https://a.staging.example.com\n",
            "cookie: app-session-preprod\nu: https://b.staging.example.com\n",
            ""
        ),
        [
            "2 keys of 2 environments compared",
            "error drift/foreign-environment p.yaml:1 `cookie` of production is that of staging (s.yaml:1), and names `preprod`",
            "warning drift/foreign-environment p.yaml:2 `u` of production names `staging`",
        ]
    );
    // Weak words count in a host, or where the value is a copy.
    assert_eq!(
        pair("env", "A=acme-dev\nB=acme-dev\nC=x\n", "A=acme-dev-2\nB=acme\nC=https://db.dev.example.com\n", "")[1..],
        ["warning drift/foreign-environment p.env:3 `C` of production names `dev`"]
    );
    assert_eq!(
        pair("env", "K=sk_live_4eC39HqLyjWDarjtT1zdp7dc\n", "K=sk_test_4eC39HqLyjWDarjtT1zdp7dc\n", "")[1..],
        ["error drift/foreign-environment p.env:1 `K` holds a test key in production"]
    );
    let copied = "files = { dev = 'd.env', production = 'p.env' }";
    assert_eq!(
        ask(copied, &[("d.env", "BUCKET=acme-dev\n"), ("p.env", "BUCKET=acme-dev\n")])[1..],
        ["warning drift/foreign-environment p.env:1 `BUCKET` of production is that of dev (d.env:1), and names `dev`"]
    );
}

#[test]
fn what_both_take_from_one_file_is_no_copy() {
    let policy = "files = { staging = ['base.env', 's.env'], production = ['base.env', 'p.env'] }";
    assert_eq!(
        ask(
            policy,
            &[
                ("base.env", "A=acme-staging\nK=9f86d081884c7d659a2feaa0c55ad015\n"),
                ("s.env", "B=1\n"),
                ("p.env", "B=1\n")
            ]
        )[1..],
        ["warning drift/foreign-environment base.env:1 `A` of production names `staging`"]
    );
}

/// `drift/local-address`, `drift/debug-switch`
#[test]
fn addresses_and_switches_of_a_developer() {
    let staging = "SITE_URL=x\nDEBUG=false\nAPI=x\nSQL_DEBUG=0\nDEBUG_PORT=1\n";
    let production =
        "SITE_URL=http://localhost:3000\nDEBUG=True\nAPI=http://localhost:8126\nSQL_DEBUG=on\nDEBUG_PORT=9229\n";
    assert_eq!(
        pair("env", staging, production, "")[1..],
        [
            "warning drift/debug-switch p.env:2 `DEBUG` is for trying out, and switched on in production",
            "warning drift/local-address p.env:1 `SITE_URL` is an address of the machine itself, where no browser finds it",
            "warning drift/debug-switch p.env:4 `SQL_DEBUG` is for trying out, and switched on in production",
        ]
    );
    let mut fake =
        environments(&[("dev.env", "D=1\n"), ("staging.env", "D=1\nDEBUG=1\n"), ("production.env", "D=1\n")]);
    fake.change.environment = Some("staging".into());
    let all = said(
        &fake
            .ask::<Drift>("files = { dev = 'dev.env', staging = 'staging.env', production = 'production.env' }")
            .unwrap(),
    );
    assert!(all.iter().all(|line| !line.contains("debug-switch")), "{all:?}");
}

/// `drift/type-flip`
#[test]
fn a_number_here_and_a_text_there() {
    assert_eq!(
        pair(
            "yaml",
            "a: 1\nb: '1'\nc: 500m\nd: true\ne: x\nf: null\n",
            "a: '1'\nb: 1\nc: 1\nd: 'false'\ne: 5\nf: '1'\n",
            ""
        )[1..],
        [
            "warning drift/type-flip p.yaml:1 `a` is a string in production and a number in staging (s.yaml:1)",
            "warning drift/type-flip p.yaml:2 `b` is a number in production and a string in staging (s.yaml:2)",
            "warning drift/type-flip p.yaml:4 `d` is a string in production and a boolean in staging (s.yaml:4)",
        ]
    );
}

/// `drift/empty-value`
#[test]
fn what_is_empty_and_was_set() {
    assert_eq!(
        pair("env", "A=1\nB_TOKEN=x1\nC=\n", "A=\nB_TOKEN=\nC=\n", "")[1..],
        [
            "note drift/empty-value p.env:1 `A` is empty in production and set in staging (s.env:1)",
            "warning drift/empty-value p.env:2 `B_TOKEN` is empty in production and set in staging (s.env:2)",
        ]
    );
}

/// `drift/shared-value` without a rule
#[test]
fn a_secret_that_staging_has_too() {
    let secret = "K=9f86d081884c7d659a2feaa0c55ad015\nPASSWORD_MIN=8\nP=postgres://a:b@c/d\n";
    let found = pair("env", secret, secret, "");
    assert_eq!(
        found[1..],
        [
            "warning drift/shared-value p.env:1 `K` looks like a secret and is the same in production as in staging (s.env:1)",
            "warning drift/shared-value p.env:3 `P` looks like a secret and is the same in production as in staging (s.env:3)",
        ]
    );
    let decided = "keys = [{ match = '*', values = 'may-differ' }]";
    assert_eq!(pair("env", secret, secret, decided).len(), 1);
}

/// `drift/invalid-value`
#[test]
fn what_the_policy_wants_of_single_values() {
    let keys = "keys = [{ match = ['PORT', 'ports'], type = 'number', range = { min = 1, max = 65535 } }, { match = 'TAG', pattern = 'v[0-9.]+' }, \
        { match = 'U', type = 'url' }, { match = 'N', type = 'number' }]";
    assert_eq!(
        pair("env", "PORT=80\nTAG=v1\nU=https://a\nN=1\n", "PORT=65536\nTAG=latest v1\nU=a\nN=\n", keys)[1..],
        [
            "error drift/invalid-value p.env:4 `N` must be a number and is not in production",
            "error drift/invalid-value p.env:1 `PORT` must be a number, a number of at least 1 and at most 65535 and is not in production",
            "error drift/invalid-value p.env:2 `TAG` must be a text that matches `v[0-9.]+` and is not in production",
            "error drift/invalid-value p.env:3 `U` must be a URL and is not in production",
            "note drift/empty-value p.env:4 `N` is empty in production and set in staging (s.env:4)",
            "warning drift/not-compared the policy says what the values of `ports` must be, and no environment has that key",
        ]
    );
    // What is wrong elsewhere is a warning; typed formats must have the type, and lists are judged item by item.
    let typed = "keys = [{ match = 'n', type = 'number' }, { match = 'tags', type = 'list', pattern = 'v[0-9]+' }]";
    assert_eq!(
        pair("yaml", "n: '1'\ntags: [v1, x]\n", "n: 1\ntags: [v1, v2]\n", typed)[1..],
        [
            "warning drift/invalid-value s.yaml:1 `n` must be a number and is not in staging",
            "warning drift/invalid-value s.yaml:2 `tags` must be a list, a text that matches `v[0-9]+` and is not in staging",
            "warning drift/type-flip p.yaml:1 `n` is a number in production and a string in staging (s.yaml:1)",
        ]
    );
}

#[test]
fn a_key_that_the_template_names_is_missed_more() {
    let files = "files = { staging = 'c/s.env', production = 'c/p.env' }";
    let all = [("c/s.env", "A=1\nB=1\n"), ("c/p.env", "C=1\n"), ("c/.env.example", "# needed\nA=\nZ=\n")];
    let missing: Vec<String> = ask(files, &all).into_iter().filter(|line| line.contains("missing-key")).collect();
    assert_eq!(
        missing,
        [
            "error drift/missing-key c/p.env `A` is set in staging (c/s.env:1) and missing in production; c/.env.example:2 names it",
            "warning drift/missing-key c/p.env `B` is set in staging (c/s.env:2) and missing in production",
        ]
    );
    let declared = format!("{files}\ntemplate = 'needed.env'");
    assert!(ask(&declared, &all).iter().any(|line| line.starts_with("unresolved drift/unreadable-file needed.env")));
}

#[test]
fn a_key_that_the_code_reads_is_missed_more() {
    let policy = "files = { staging = 's.env', production = 'p.env' }\ncode = {}";
    let all = ask(policy, &[("s.env", "A=1\nB=1\n"), ("p.env", "C=1\n"), ("app.py", "import os\nos.environ['A']\n")]);
    let missing: Vec<&String> = all.iter().filter(|line| line.contains("missing-key")).collect();
    assert_eq!(
        missing,
        [
            "error drift/missing-key p.env `A` is set in staging (s.env:1) and missing in production; app.py:2 names it",
            "warning drift/missing-key p.env `B` is set in staging (s.env:2) and missing in production",
        ]
    );
}

#[test]
fn keys_that_name_their_environment_are_partners() {
    let staging = "secrets: {app-staging: {A: 1, B: 1}}\nhosts: {pre-prod-1: x}\n";
    let production = "secrets: {app-production: {A: 1}}\nhosts: {prod-1: x}\n";
    assert_eq!(
        pair("yaml", staging, production, "")[1..],
        [
            "warning drift/missing-key p.yaml `secrets.app-staging.B` is set in staging (s.yaml:1) and missing in production"
        ]
    );
}

#[test]
fn what_is_missing_on_purpose_is_a_note() {
    let staging = "OFF=false\nEMPTY=\nLOG_LEVEL=info\nscheduledDowntime=on\nREAL=x\n";
    let missing: Vec<String> =
        pair("env", staging, "A=1\n", "").into_iter().filter(|line| line.contains("missing-key")).collect();
    let weights: Vec<&str> = missing.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(weights, ["note", "note", "note", "warning", "note"], "{missing:?}");
    let lists =
        pair("yaml", "rules:\n- {weight: a}\n- {weight: b}\n- {weight: c, rate: 1}\n", "rules:\n- {weight: a}\n", "");
    assert_eq!(
        lists[1..],
        ["note drift/missing-key p.yaml `rules[…]` (3 keys) is set in staging (s.yaml:3) and missing in production"]
    );
}

/// As found in values of Helm, Compose files and overlays of public repositories.
#[test]
fn what_environments_differ_in_is_a_note() {
    let missing = |environment: &str, file: &str, before: &str, target: &str| -> Vec<String> {
        let policy = format!("files = {{ {environment} = 'b/{file}', production = 'p/{file}' }}");
        let (b, p) = (format!("b/{file}"), format!("p/{file}"));
        let said = ask(&policy, &[(b.as_str(), before), (p.as_str(), target)]);
        let missing = said.into_iter().filter(|line| line.contains("missing-key"));
        missing
            .map(|line| {
                line.split('`')
                    .take(2)
                    .collect::<Vec<_>>()
                    .join("")
                    .replace(&format!(" drift/missing-key p/{file} "), " ")
            })
            .collect()
    };
    assert_eq!(
        missing("staging", "v.yaml", "flag: true\npdb: {minAvailable: 1}\nphase: PRE\nhost: x\n", "a: 1\n"),
        ["note flag", "warning host", "note pdb.minAvailable", "note phase"]
    );
    // A table is as much missed as what is missed most of it, unless it is off.
    assert_eq!(
        missing(
            "staging",
            "v.yaml",
            "a: {on: true, cpu: 1, host: x}\nb: {enabled: false, a: x}\nc: {cpu: 1, on: true}\n",
            "z: 1\n"
        ),
        ["warning a.*", "note b.*", "note c.*"]
    );
    assert_eq!(
        missing("staging", "v.yaml", "devUrlRoot: x\nkong-staging: {a: 1, b: 2}\ndevice: x\n", "a: 1\n"),
        ["note devUrlRoot", "warning device", "note kong-staging.*"]
    );
    // Production often has no name.
    assert_eq!(
        missing("staging", "v.yaml", "app-staging: {a: 1, b: 2}\nweb: {url: x}\n", "app: {a: 1}\nweb: {url: x}\n"),
        ["warning app-staging.b"]
    );
    let binding = |name: &str, namespace: &str| format!("app-{name}: {{of-{namespace}: {{a: 1}}}}\n");
    assert_eq!(missing("staging", "v.yaml", &binding("staging", "staging"), &binding("production", "web")).len(), 1);
    assert_eq!(
        missing("staging", "v.yaml", "app-staging: {of-staging: {a: 1}}\n", "app-production: {of: {a: 1}}\n").len(),
        0
    );
    assert_eq!(missing("staging", "a.env", "DB_URL=x\nA=1\n", "PRODUCTION_DB_URL=x\nA=1\n"), ["warning DB_URL"]);
    let compose = "services:\n  web: {image: x, tty: x, command: x, environment: {A: 1}}\n  mail: {image: x, environment: {B: 1}}\n";
    let target = "services:\n  web: {image: x, environment: {B: 1}}\n";
    assert_eq!(
        missing("dev", "docker-compose.yml", compose, target),
        [
            "note services.mail.*",
            "note services.web.command",
            "warning services.web.environment.A",
            "note services.web.tty"
        ]
    );
    assert_eq!(
        missing("staging", "docker-compose.yml", compose, target)[..2],
        ["warning services.mail.*", "warning services.web.command"]
    );
    assert_eq!(missing("staging", "service-patch.yaml", "spec: {type: x}\n", "a: 1\n"), ["note spec.type"]);
    let steps = |revision: &str| format!("jobs: {{a: {{steps: [{{uses: acme/deploy@{revision}, env: {{A: 1}}}}]}}}}\n");
    let policy = "files = { dev = '.github/workflows/d.yml', production = '.github/workflows/p.yml' }";
    assert_eq!(
        ask(policy, &[(".github/workflows/d.yml", &steps("v1")), (".github/workflows/p.yml", &steps("v2"))])[1..],
        [] as [&str; 0]
    );
    let steps = |step: &str| format!("jobs: {{a: {{steps: [{{name: {step}, uses: acme/deploy, env: {{A: 1}}}}]}}}}\n");
    let said = ask(policy, &[(".github/workflows/d.yml", &steps("Dev")), (".github/workflows/p.yml", &steps("Ship"))]);
    assert!(said[1].starts_with("note drift/missing-key"), "{said:?}");
}

#[test]
fn placeholders_of_a_file_that_environments_share_are_one_finding() {
    let policy = "files = { staging = ['base.yaml', 's.yaml'], production = ['base.yaml', 'p.yaml'] }";
    let base = "a: changeme\nb: changeme\nc: changeme\nd: changeme\n";
    let files = [("base.yaml", base), ("s.yaml", "c: 1\nd: 1\n"), ("p.yaml", "c: 2\n")];
    let said = ask(policy, &files);
    let placeholders: Vec<&String> = said.iter().filter(|line| line.contains("/placeholder")).collect();
    assert_eq!(
        placeholders,
        [
            "note drift/placeholder base.yaml:1 `a`, and 1 value more of this file, is a placeholder in `base.yaml`, and nothing is laid over it",
            "warning drift/placeholder base.yaml:4 `d` is a placeholder in `base.yaml`, and production lays nothing over it as others do",
        ]
    );
}

#[test]
fn a_publishable_key_is_public() {
    let said = |key: &str, start: &str| {
        // In two parts, so that nobody takes it for a real one.
        let text = format!("{key}={start}_live_{}\n", "51Hxq8LkT2mNvBz7RwYcA4pDs");
        pair("env", &text, &text, "").iter().any(|line| line.contains("looks like a secret"))
    };
    assert!(!said("STRIPE_PUBLISHABLE_KEY", "pk"));
    assert!(said("STRIPE_KEY", "pk"));
    assert!(said("STRIPE_SECRET", "sk"));
}
