//! The cases that are known to go wrong elsewhere, by their numbers in the research, as far as asking GitHub decides them.
//! What is read and what is answered is in the scenario; here is what must have been asked.

use serde_json::Value;

use super::play;

fn query(request: &super::Request) -> &str {
    request.body["query"].as_str().unwrap()
}

#[test]
fn edge_02_a_dismissed_review_keeps_its_place_in_the_order() {
    play("kinds_of_accounts");
}

#[test]
fn edge_06_a_review_whose_commit_was_lost_has_none() {
    play("null_review_commit");
}

#[test]
fn edge_07_when_it_was_merged_is_told() {
    play("merged");
}

#[test]
fn edge_08_when_it_was_pointed_at_another_branch_is_told() {
    let requests = play("merged");
    // Also where the forge did it because the branch went away.
    assert!(query(&requests[0]).contains("[BASE_REF_CHANGED_EVENT, AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT]"));
}

#[test]
fn edge_15_who_pushed_is_what_the_forge_tells() {
    let requests = play("ordinary");
    let line = "GET /api/v3/repos/acme/shop/activity?ref=refs%2Fheads%2Frefunds&per_page=100";
    assert_eq!(requests[1].line, line);
    for told in ["pusher_by_forced_push", "pusher_after_forced_push", "pusher_is_a_bot"] {
        play(told);
    }
}

#[test]
fn edge_15_who_pushed_is_left_open_where_it_is_not_told() {
    let open = [
        "pusher_of_a_fork",
        "pusher_not_told",
        "activity_forbidden",
        "activity_in_trouble",
        "activity_of_another_form",
    ];
    for open in open {
        play(open);
    }
}

#[test]
fn edge_16_co_authors_are_among_the_authors() {
    play("ordinary");
    play("shipped_co_authors");
}

#[test]
fn edge_17_logins_and_organizations_have_no_upper_and_lower_case() {
    play("people");
}

#[test]
fn edge_18_an_author_without_an_account_is_told_as_such() {
    play("ordinary");
    play("deleted_accounts");
}

#[test]
fn edge_20_a_rebase_by_another_names_both() {
    play("rebased_by_another");
}

#[test]
fn edge_21_machines_and_placeholders_are_no_people() {
    play("kinds_of_accounts");
    play("bot_author");
}

#[test]
fn edge_22_who_may_write_is_told_with_the_review() {
    let requests = play("kinds_of_accounts");
    assert_eq!(requests.len(), 1);
}

#[test]
fn edge_23_members_of_the_teams_below_are_members() {
    let requests = play("people");
    let asked = query(&requests[0]).matches("members(first: 100, membership: ALL)").count();
    assert_eq!(asked, 3);
}

#[test]
fn edge_23_a_secret_team_is_unknown_and_not_empty() {
    play("team_null");
    play("organization_null");
}

#[test]
fn edge_24_a_token_that_may_not_read_members_tells_nothing_of_them() {
    play("team_forbidden");
    play("scope_missing");
    play("permission_unknown");
}

#[test]
fn edge_24_a_second_token_reads_members() {
    play("organization_token");
    play("organization_token_without_permissions");
}

#[test]
fn edge_28_what_the_forge_finds_wrong_with_codeowners_is_told_or_a_failure() {
    play("people");
    play("codeowners_forbidden");
}

#[test]
fn edge_35_a_list_is_whole_or_a_failure() {
    for paged in ["paged_reviews", "paged_comments", "team_paged"] {
        play(paged);
    }
    let cut = [
        "more_than_250_commits",
        "total_differs",
        "page_vanished",
        "comments_vanished",
        "team_page_vanished",
        "labels_cut",
        "shipped_cut_again",
    ];
    for cut in cut {
        play(cut);
    }
}

/// A next page of a team asks for that team alone, from where the first ended.
#[test]
fn edge_35_a_next_page_of_members_starts_where_the_first_ended() {
    let requests = play("team_paged");
    let variables = &requests[1].body["variables"];
    let expected = serde_json::json!({ "o0": "acme", "t0": "all", "a0": "p100" });
    assert_eq!(*variables, expected);
}

#[test]
fn edge_36_a_last_commit_that_is_not_listed_is_asked_for_again() {
    play("head_listed_later");
    play("head_not_listed");
    play("shipped_head_missing");
}

#[test]
fn edge_38_pull_requests_of_forks_are_others() {
    play("associated");
    play("shipped_whole");
    play("shipped_by_many");
}

#[test]
fn edge_38_a_range_costs_a_request_for_fifty_commits() {
    let requests = play("shipped");
    let commits = requests.iter().map(|request| {
        let variables = request.body["variables"].as_object().unwrap();
        variables.iter().filter(|(name, _)| name.starts_with('c')).count()
    });
    assert_eq!(commits.collect::<Vec<_>>(), [50, 50, 20]);
    assert_eq!(requests[1].body["variables"]["c0"], Value::from(format!("{:040}", 51)));
}
