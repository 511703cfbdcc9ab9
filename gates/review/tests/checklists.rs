//! Task lists in the description of a pull request.

use super::*;
use crate::Tree;
use crate::review::checklist::{Item, items};

fn told(body: &str, policy: &str) -> Vec<String> {
    let fake = change(vec![approved(json!({ "body": body }))]);
    ask(&fake, policy)[1..].to_vec()
}

fn texts(markdown: &str) -> Vec<String> {
    let mark = |item: &Item| {
        format!("{}{} {}", if item.ticked { "x" } else { "-" }, if item.struck { "~" } else { "" }, item.text)
    };
    items(markdown).iter().map(mark).collect()
}

const NONE: [&str; 0] = [];

/// `review/unticked-item`.
#[test]
fn a_required_item_must_be_there_and_ticked() {
    let policy = "checklist = { required = ['Tested in staging'] }";
    assert_eq!(told("- [x] Tested  in **staging**", policy), NONE);
    assert_eq!(
        told("- [ ] tested in staging", policy),
        ["error review/unticked-item `Tested in staging` is not ticked in pull request #12"]
    );
    assert_eq!(
        told("nothing", policy),
        ["error review/unticked-item pull request #12 has no item `Tested in staging`"]
    );
}

#[test]
fn a_description_that_is_not_recorded_is_not_an_empty_one() {
    let ask = |policy: &str| ask(&change(vec![approved(json!({}))]), policy);
    for policy in
        ["checklist = { required = ['x'] }", "checklist = { complete = true }", "checklist = { template = true }"]
    {
        let told = ask(policy);
        let words = "unresolved review/unticked-item the description of pull request #12, and so its checklist, is not recorded";
        assert!(told[0].starts_with("unresolved") && told[1..] == [words], "{told:?}");
    }
    assert_eq!(ask(""), APPROVED);
}

#[test]
fn edge_53_comments_and_code_hold_no_items() {
    assert_eq!(texts("<!-- - [ ] hidden -->\n\n```\n- [ ] code\n```\n\n    - [ ] indented\n"), NONE);
}

#[test]
fn edge_54_what_is_struck_through_does_not_apply() {
    assert_eq!(texts("- [ ] ~~not here~~\n- [ ] ~~half~~ of it"), ["-~ not here", "- half of it"]);
    assert_eq!(told("- [ ] ~~n/a~~", "checklist = { complete = true }"), NONE);
    assert_eq!(told("- [ ] ~~must~~", "checklist = { required = ['must'] }").len(), 1, "the policy names it");
}

/// `review/template-item-deleted`.
#[test]
fn edge_56_items_of_the_template_may_not_be_deleted() {
    let told = |body: &str, template: Option<&str>| {
        let mut fake = change(vec![approved(json!({ "body": body }))]);
        if let Some(template) = template {
            fake = fake.file_in(Tree::Policy, ".github/PULL_REQUEST_TEMPLATE.md", template);
        }
        ask(&fake, "checklist = { template = true }")[1..].to_vec()
    };
    let template = Some("- [ ] Docs\n- [ ] Changelog\n");
    assert_eq!(told("- [x] docs\n- [ ] ~~Changelog~~", template), NONE);
    assert_eq!(
        told("- [x] Docs", template),
        ["error review/template-item-deleted `Changelog`, which the template asks about, is not in pull request #12"]
    );
    assert!(told("- [x] Docs", None)[0].starts_with("unresolved review/template-item-deleted"));
}

#[test]
fn edge_57_items_are_read_in_every_form() {
    assert_eq!(
        texts("- [X] a\r\n* [ ] b\r\n1. [x] c\r\n   - [ ] d\r\n     > - [ ] e\r\n+ [ ] f\n\n- no box\n- []  g\n- [ ]h"),
        ["x a", "- b", "x c", "- d", "- e", "- f"]
    );
}

/// Editors break long lines; the words are the same.
#[test]
fn an_item_may_go_over_several_lines() {
    assert_eq!(texts("- [ ] Tested\n  in\r\n  staging"), ["- Tested in staging"]);
    assert_eq!(texts("- [x] Tested  \n  in `staging`"), ["x Tested in staging"], "a hard break is one, too");
    assert_eq!(told("- [x] Tested\n  in staging", "checklist = { required = ['Tested in staging'] }"), NONE);
}

#[test]
fn edge_58_every_item_ticked_where_that_is_asked_for() {
    assert_eq!(told("- [ ] a\n- [x] b", ""), NONE);
    assert_eq!(
        told("- [ ] a\n- [x] b\n- [ ] c", "checklist = { complete = true, required = ['c'] }"),
        [
            "error review/unticked-item `c` is not ticked in pull request #12",
            "error review/unticked-item `a` is not ticked in pull request #12"
        ]
    );
}
