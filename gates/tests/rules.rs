//! What the gate can find wrong.

use crate::{Rule, Severity};

macro_rules! rules {
    ($($name:ident $id:literal $severity:ident $summary:literal)*) => {
        $(pub static $name: Rule = Rule { id: concat!("tests/", $id), severity: Severity::$severity, summary: $summary };)*
        pub(super) static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    FAILED_TEST "failed-test" Error "a test failed or ended with an error"
    FAILED_SUITE "failed-suite" Error "a suite or the run reports an error outside of its tests"
    FLAKY_TEST "flaky-test" Warning "a test passed only when it was run again"
    KNOWN_FAILURE "known-failure" Warning "a test failed that failed in the base's results too"
    NOTHING_MATCHED "nothing-matched" Unresolved "no report is where one is declared"
    NOTHING_EXECUTED "nothing-executed" Unresolved "the reports hold no executed test"
    MINIMUM_NOT_REACHED "minimum-not-reached" Error "fewer tests were executed than the policy asks for"
    TOO_MANY_SKIPPED "too-many-skipped" Error "more tests were skipped than the policy allows"
    REQUIRED_NOT_EXECUTED "required-not-executed" Error "a test or suite that the policy requires was not executed"
    MISSING_SHARD "missing-shard" Unresolved "there are fewer reports than jobs that the tests are split over"
    UNREADABLE_REPORT "unreadable-report" Unresolved "a report is truncated, malformed, empty or of no known format"
    TOTALS_DISAGREE "totals-disagree" Unresolved "a report declares other totals than its cases add up to"
    UNCLEAR_RESULT "unclear-result" Unresolved "a report says something of an end or a total that is not understood"
    EMPTY_REPORT "empty-report" Warning "a report holds no test, beside others that do"
    COPIED_REPORT "copied-report" Warning "a report is there twice and counts once"
    COMMITTED_REPORT "committed-report" Error "a report is tracked by git and so was not made by this run"
    EDITED_CHECKOUT "edited-checkout" Unresolved "the checkout differed from its commit when its reports were stamped"
    UNBOUND_BASE "unbound-base" Unresolved "nothing ties a report of the base to the base"
    UNBOUND_REPORT "unbound-report" Unresolved "nothing ties a report to the commit"
    OTHER_COMMIT "other-commit" Error "a report was made from another commit"
    STALE_REPORT "stale-report" Error "a report is older than the commit"
    STAMP_DIFFERS "stamp-differs" Error "a report is not the one that was stamped"
    UNREADABLE_STAMP "unreadable-stamp" Unresolved "the stamp beside a report cannot be read"
    CACHED_RESULT "cached-result" Unresolved "results were taken from an earlier run"
    TOO_SLOW "too-slow" Error "the tests took longer than the policy allows"
    SLOW_TEST "slow-test" Warning "a test took longer than the policy allows for one"
    UNDECIDED_RESULT "undecided-result" Warning "a tool left a result open, or for review"
    SUPPRESSED_RESULT "suppressed-result" Warning "the change suppresses a result in the source"
    QUARANTINED_TEST "quarantined-test" Warning "a test failed that the policy lets fail for now"
    QUARANTINE_OVERDUE "quarantine-overdue" Warning "a quarantine has ended"
    QUARANTINE_UNUSED "quarantine-unused" Note "a quarantined test passed, or is gone"
    NO_BASE_RESULTS "no-base-results" Unresolved "the results of the base cannot be read"
    DISAPPEARED_TEST "disappeared-test" Warning "a test of the base is gone"
    NEWLY_SKIPPED_TEST "newly-skipped-test" Warning "a test that was executed on the base is skipped"
    SLOWER_THAN_BASE "slower-than-base" Error "the tests took longer than on the base by more than the policy allows"
    NO_COVERAGE "no-coverage" Unresolved "no report of coverage is where one is declared, or none holds a line"
    UNREADABLE_COVERAGE "unreadable-coverage" Unresolved "a report of coverage is truncated, malformed, empty or of no known format"
    UNMAPPED_COVERAGE "unmapped-coverage" Note "files of a report of coverage are none of the repository, or may be several"
    COVERAGE_TOO_LOW "coverage-too-low" Error "less of the code is covered than the policy asks for"
    COVERAGE_DROPPED "coverage-dropped" Error "less of the code is covered than on the base, by more than the policy allows"
    NO_BASE_COVERAGE "no-base-coverage" Unresolved "the coverage of the base cannot be read"
    UNCOVERED_LINES "uncovered-lines" Error "less of the changed lines is covered than the policy asks for"
    EXCLUDED_LINES "excluded-lines" Warning "the change takes lines out of the coverage by a comment"
    COVERAGE_TOTALS "coverage-totals" Warning "a report of coverage declares other totals than its lines add up to"
    TOO_FEW_BRANCHES "too-few-branches" Error "fewer branches are covered than the policy asks for"
    CHANGED_LINES_UNKNOWN "changed-lines-unknown" Unresolved "which lines the change adds cannot be told"
    CHECK_FAILED "check-failed" Error "a required check of the forge did not succeed"
    CHECK_MISSING "check-missing" Unresolved "a required check is not there"
    CHECK_RUNNING "check-running" Pending "a required check has not ended"
    CHECK_EDITED "check-edited" Unresolved "the change edits the workflow that a required check comes from"
    CHECKS_UNREAD "checks-unread" Unresolved "the checks of the commit cannot be read"
}
