//! Plans as `terraform show -json` prints them.

use serde_json::{Value, json};

use crate::drift::policy::Drift;
use crate::fake::{Fake, lines};
use crate::{Outcome, Tree};

const POLICY: &str = "[[plans]]\nfiles = 'plan.json'\n";
const REFRESHED: &str = "[[plans]]\nfiles = 'plan.json'\nrefreshed = true\n";

fn change(address: &str, actions: &[&str], before: Value, after: Value) -> Value {
    let kind = address.rsplit('.').nth(1).unwrap();
    json!({
        "address": address, "mode": "managed", "type": kind, "name": "x", "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": { "actions": actions, "before": before, "after": after, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {} },
    })
}

/// A plan of one object, with some fields changed.
fn plan(fields: Value) -> Value {
    let mut plan = json!({
        "format_version": "1.2", "terraform_version": "1.9.5", "timestamp": "2026-11-18T11:00:00Z",
        "applyable": true, "complete": true, "errored": false,
        "planned_values": { "root_module": {} },
        "prior_state": { "format_version": "1.0", "values": { "root_module": {
            "resources": [{ "address": "data.aws_ami.x", "mode": "data" }],
            "child_modules": [{ "resources": [{ "address": "module.a.aws_instance.x", "mode": "managed" }] }],
        } } },
        "resource_changes": [change("aws_instance.x", &["no-op"], json!({}), json!({}))],
        "configuration": { "root_module": {} },
    });
    for (name, value) in fields.as_object().unwrap() {
        plan[name] = value.clone();
    }
    plan
}

fn ask(policy: &str, files: &[(&str, String)]) -> Outcome {
    let mut fake = files.iter().fold(Fake::new(), |fake, (path, text)| fake.file_in(Tree::Work, path, text));
    fake.at = "2026-11-18T12:00Z".parse().unwrap();
    fake.ask::<Drift>(policy).unwrap()
}

fn said(policy: &str, fields: Value) -> Vec<String> {
    let outcome = ask(policy, &[("plan.json", plan(fields).to_string())]);
    let mut said = vec![outcome.summary.clone()];
    said.extend(lines(&outcome));
    said
}

/// `drift/resource-drift`, and no value of it
#[test]
fn what_was_changed_by_hand_is_told_by_attribute() {
    let by_hand = change(
        "aws_security_group.web",
        &["update"],
        json!({ "ingress": ["canary"], "description": "a", "tags_all": {}, "password": "canary" }),
        json!({ "ingress": ["other"], "description": "a", "tags_all": {"x": "canary"}, "password": "canary2" }),
    );
    let deleted = change("aws_iam_role.x", &["delete"], json!({ "name": "canary" }), Value::Null);
    let reverted = change("aws_security_group.web", &["update"], json!({}), json!({}));
    let fields = json!({ "resource_drift": [by_hand, deleted], "resource_changes": [reverted] });
    let all = said(POLICY, fields.clone());
    assert_eq!(
        all,
        [
            "1 plan read, 3 changed by hand, 0 to be destroyed",
            "error drift/resource-drift plan.json `ingress` of `aws_security_group.web` was changed by hand, and this deployment would change it again",
            "error drift/resource-drift plan.json `password` of `aws_security_group.web` was changed by hand, and this deployment would change it again",
            "warning drift/resource-drift plan.json `aws_iam_role.x` was deleted by hand",
        ]
    );
    let ignored = format!("{POLICY}ignore = ['aws_security_group.web#ingress', 'aws_iam_role.*']");
    assert_eq!(said(&ignored, fields).len(), 2);
}

/// `drift/not-checked`: `-refresh=false` leaves out the drift, and nothing in the plan tells.
#[test]
fn no_drift_is_believed_only_where_somebody_looked() {
    assert_eq!(
        said(POLICY, json!({})),
        [
            "1 plan read, 0 changed by hand, 0 to be destroyed",
            "unresolved drift/not-checked plan.json `plan.json` tells of no drift, and does not tell whether anybody looked: a plan with `-refresh=false` says the same",
        ]
    );
    assert_eq!(said(REFRESHED, json!({})).len(), 1);
    // Where nothing was there before, nothing can have been changed.
    assert_eq!(said(POLICY, json!({ "prior_state": null })).len(), 1);
    let logged = format!("{POLICY}log = 'plan.log'");
    let with =
        |log: &str| lines(&ask(&logged, &[("plan.json", plan(json!({})).to_string()), ("plan.log", log.to_owned())]));
    let version = r#"{"@level":"info","@message":"Terraform 1.9.5","type":"version","terraform":"1.9.5","ui":"1.2"}"#;
    let looked =
        r#"{"@level":"info","type":"refresh_complete","hook":{"resource":{"addr":"module.a.aws_instance.x"}}}"#;
    assert_eq!(with(&format!("+ terraform plan\n{version}\n{looked}\n")), [""; 0]);
    assert!(with(version)[0].starts_with("unresolved drift/not-checked"));
    let of_two = plan(json!({ "prior_state": { "values": { "root_module": { "resources": [
            { "mode": "managed", "address": "module.a.aws_instance.x" }, { "mode": "managed", "address": "aws_db_instance.y" },
        ] } } } }));
    let some = lines(&ask(&logged, &[("plan.json", of_two.to_string()), ("plan.log", looked.to_owned())]));
    assert!(some[0].ends_with("looked at `aws_db_instance.y`"), "one of two was looked at: {some:?}");
    // As many as there are, and others.
    let other = looked.replace("module.a.", "");
    assert!(with(&format!("{other}\n{other}\n"))[0].ends_with("looked at `module.a.aws_instance.x`"));
    assert!(
        with("Terraform will perform the following actions")[0].contains("is not what `terraform plan -json` prints")
    );
}

/// `drift/destructive-change`
#[test]
fn what_would_be_destroyed() {
    let mut replaced = change("aws_db_instance.main", &["delete", "create"], json!({ "identifier": "a" }), json!({}));
    replaced["change"]["replace_paths"] = json!([["identifier"], ["storage", 0, "type"]]);
    let gone = change("module.a.aws_instance.web[\"x\"]", &["delete"], json!({}), Value::Null);
    let routine = change("aws_ecs_task_definition.app", &["create", "delete"], json!({}), json!({}));
    let mut deposed = change("aws_db_instance.old", &["delete"], json!({}), Value::Null);
    deposed["deposed"] = json!("12ab");
    let forgotten = change("aws_s3_bucket.kept", &["forget"], json!({}), Value::Null);
    let fields = json!({ "resource_changes": [replaced, gone, routine, deposed, forgotten] });
    assert_eq!(
        said(REFRESHED, fields.clone())[1..],
        [
            "error drift/destructive-change plan.json `aws_db_instance.main` would be destroyed and made anew, since `identifier`, `storage` cannot be changed in place",
            "warning drift/destructive-change plan.json `module.a.aws_instance.web[\"x\"]` would be destroyed",
            "note drift/destructive-change plan.json `aws_ecs_task_definition.app` would be destroyed and made anew",
            "note drift/destructive-change plan.json `aws_s3_bucket.kept` would be forgotten, and stays as it is",
        ]
    );
    let policy = format!("{REFRESHED}replaceable = ['aws_db_*']\nprotected = ['module.a.*']");
    assert_eq!(
        said(&policy, fields)[1],
        "error drift/destructive-change plan.json `module.a.aws_instance.web[\"x\"]` would be destroyed"
    );
}

/// `drift/destructive-change`
#[test]
fn another_address_does_not_take_the_protection_away() {
    let mut destroyed = change("aws_instance.b", &["delete", "create"], json!({}), json!({}));
    destroyed["previous_address"] = json!("module.dns.aws_instance.a");
    let policy = format!("{REFRESHED}protected = ['module.dns.*']\nreplaceable = ['aws_instance.*']");
    assert_eq!(
        said(&policy, json!({ "resource_changes": [destroyed] }))[1..],
        [
            "error drift/destructive-change plan.json `aws_instance.b` would be destroyed and made anew",
            "error drift/destructive-change plan.json `module.dns.aws_instance.a` is protected, and becomes `aws_instance.b`, which is not",
        ]
    );
    let mut moved = change("module.dns.aws_instance.b", &["no-op"], json!({}), json!({}));
    moved["previous_address"] = json!("module.dns.aws_instance.a");
    assert_eq!(said(&policy, json!({ "resource_changes": [moved] })).len(), 1);
}

/// `drift/failed-check`
#[test]
fn checks_that_do_not_hold() {
    let check = |name: &str, status: &str| json!({ "address": { "kind": "check", "to_display": name }, "status": status, "instances": [] });
    assert_eq!(
        said(
            REFRESHED,
            json!({ "checks": [check("check.a", "pass"), check("check.b", "fail"), check("check.c", "unknown"), check("check.d", "error")] })
        )[1..],
        [
            "error drift/failed-check plan.json the check `check.b` does not hold",
            "note drift/failed-check plan.json the check `check.c` is not known before it is applied",
            "error drift/failed-check plan.json the check `check.d` does not hold",
        ]
    );
}

#[test]
fn a_plan_that_does_not_tell_all_is_unresolved() {
    for (fields, why) in [
        (json!({ "errored": true }), "is a plan that failed half way"),
        (json!({ "complete": false }), "is not complete: 0 changes"),
        (json!({ "deferred_changes": [{}] }), "is not complete: 1 changes"),
        (json!({ "timestamp": "2026-11-17T11:59:59Z" }), "longer ago than `max-age` (24h)"),
        (json!({ "timestamp": "2026-11-18T12:02:01Z" }), "which is to come"),
        (json!({ "timestamp": null }), "does not tell when it was made"),
    ] {
        let all = said(REFRESHED, fields);
        assert!(all[1].starts_with("unresolved drift/not-checked") && all[1].contains(why), "{all:?}");
    }
}

#[test]
fn what_is_no_plan_is_unresolved() {
    let whole = plan(json!({})).to_string();
    for end in (0..whole.len()).step_by(7) {
        let outcome = ask(REFRESHED, &[("plan.json", whole[..end].to_owned())]);
        assert!(lines(&outcome)[0].starts_with("unresolved drift/unreadable-file"), "cut at {end}");
    }
    for (text, why) in [
        ("{}", "it has no `format_version`"),
        (r#"{"format_version":"2.0","planned_values":{}}"#, "its `format_version` is not known"),
        (r#"{"format_version":"1.0","values":{"root_module":{}}}"#, "it is a state and no plan"),
        (
            r#"{"format_version":"1.0","planned_values":{},"resource_changes":"canary"}"#,
            "it has another form than a plan's, at line 1",
        ),
    ] {
        let all = lines(&ask(REFRESHED, &[("plan.json", text.to_owned())]));
        assert!(all[0].contains(why) && !all[0].contains("canary"), "{all:?}");
    }
    assert!(lines(&ask(REFRESHED, &[]))[0].starts_with("unresolved drift/unreadable-file no plan matches `plan.json`"));
}

#[test]
fn t08_a_committed_plan_never_counts() {
    let mut fake = Fake::new().file_in(Tree::Work, "plan.json", plan(json!({})).to_string());
    fake.tracked.push("plan.json".into());
    let all = lines(&fake.ask::<Drift>(REFRESHED).unwrap());
    assert_eq!(
        all,
        ["unresolved drift/unreadable-file plan.json `plan.json` is in the repository, and so is no plan of this run"]
    );
}

#[test]
fn plans_are_for_environments() {
    let mut fake = Fake::new();
    fake.change.environment = Some("staging".into());
    let policy = "[[plans]]\nfiles = 'plan.json'\nenvironments = ['production']\n[[plans]]\nfiles = 'other.json'";
    assert_eq!(
        lines(&fake.ask::<Drift>(policy).unwrap()),
        ["unresolved drift/unreadable-file no plan matches `other.json`"]
    );
    let outcome = fake.ask::<Drift>("[[plans]]\nfiles = 'plan.json'\nenvironments = ['production']").unwrap();
    assert_eq!(outcome.summary, "nothing that the policy names is for where the change goes");
}
