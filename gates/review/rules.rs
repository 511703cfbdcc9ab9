//! What the gate may find.

use crate::{Rule, Severity};

macro_rules! rules {
    ($($name:ident $id:literal $severity:ident $summary:literal;)*) => {
        $(pub(super) static $name: Rule = Rule { id: concat!("review/", $id), severity: Severity::$severity, summary: $summary };)*
        pub(super) const ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    CHANGES_REQUESTED "changes-requested" Error "a reviewer's latest opinion asks for changes";
    CLOSED_PULL_REQUEST "closed-pull-request" Error "the pull request was closed without being merged";
    CODEOWNERS_UNREADABLE "codeowners-unreadable" Unresolved "CODEOWNERS is asked for and cannot be read";
    DRAFT "draft" Pending "the pull request is still a draft";
    EMPTY_RANGE "empty-range" Unresolved "nothing lies between what is deployed and what is about to be, or the one does not come from the other";
    FIX_FORWARD "fix-forward" Error "after a deployment that failed or was rolled back, nobody senior approved";
    INERT_OWNERS "inert-owners" Warning "a line of CODEOWNERS does nothing";
    MISSING_OWNER "missing-owner" Error "an owner of a changed file did not approve";
    NO_PULL_REQUEST "no-pull-request" Unresolved "no pull request of the change is known";
    NOT_APPROVED "not-approved" Error "too few people approved the last revision of the pull request";
    OTHER_DECISION "other-decision" Warning "the forge's own rules come to another decision";
    OTHER_REVISION "other-revision" Unresolved "the forge's pull request is of another revision, or goes to another branch, than the change";
    RETARGETED "retargeted" Note "an approval was given before the pull request was pointed at another branch";
    RULE_NOT_MET "rule-not-met" Error "a rule of the policy asks for approvals that are missing";
    STALE_APPROVAL "stale-approval" Note "an approval that is missing was given to an earlier revision";
    TEMPLATE_ITEM_DELETED "template-item-deleted" Error "an item of the template's task list is no longer in the description";
    UNKNOWN_CONTRIBUTOR "unknown-contributor" Warning "the forge knows no account for the author of a commit, so the approval may be their own";
    UNKNOWN_FILES "unknown-files" Unresolved "which files a pull request changes cannot be told";
    UNKNOWN_PUSHER "unknown-pusher" Warning "one approval decides, and it may be by whoever pushed the last revision";
    UNREADABLE_PULL_REQUEST "unreadable-pull-request" Unresolved "the forge did not give the pull request whole";
    UNRESOLVED_THREAD "unresolved-thread" Error "a review thread about the present lines is not resolved";
    UNREVIEWED_COMMIT "unreviewed-commit" Error "a commit is deployed that came through no merged pull request";
    UNTICKED_ITEM "unticked-item" Error "an item of a task list that must be ticked is not";
}
