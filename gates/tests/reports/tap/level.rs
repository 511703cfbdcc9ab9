//! A document of TAP or a subtest, and whether its plan was kept.

use super::Held;
use super::plan::Ids;
use super::syntax::Plan;
use super::todo::Waiting;
use crate::tests::evidence::Counts;
use crate::tests::reports::lines::said;
use crate::tests::reports::tally::Tally;

/// A document or a subtest.
#[derive(Default)]
pub(super) struct Level {
    pub indent: usize,
    pub name: String,
    pub line: u32,
    pub plan: Option<Plan>,
    /// Something is wrong with its plan, and was told.
    pub is_told: bool,
    pub points: u64,
    /// Test points before the plan.
    pub plan_at: u64,
    pub ids: Ids,
    pub below: Counts,
    /// The test point that opened it, of a buffered one.
    pub point: Option<Held>,
    /// Failures below, until the test point of the subtest says whether they may be.
    pub waiting: Vec<Waiting>,
}

impl Level {
    /// As many test points as planned are there.
    pub fn is_complete(&self) -> bool {
        self.plan.is_some_and(|plan| plan.count() == self.points)
    }

    /// Its plan was not kept; told once.
    pub fn trouble(&mut self, line: u32, message: &str, tally: &mut Tally<'_>) {
        if std::mem::replace(&mut self.is_told, true) {
            return;
        }
        self.below.broken_suites += 1;
        let called = if self.indent == 0 { "the report".into() } else { subtest(&self.name) };
        tally.broken(&called, None, line, said(message, ""));
    }

    /// Checks the plan at the end; the answer is what was counted.
    pub fn check(mut self, line: u32, tally: &mut Tally<'_>) -> Counts {
        if self.is_told {
            return self.below;
        }
        match self.plan {
            None => self.trouble(line, "it has no plan", tally),
            Some(plan) => {
                let (planned, points) = (plan.count(), self.points);
                if planned != points {
                    let message = format!("the plan is not kept: {planned} planned, {points} there");
                    self.trouble(line, &message, tally);
                } else if self.plan_at != 0 && self.plan_at != points {
                    self.trouble(line, "the plan stands between the tests", tally);
                } else if let Some(id) = self.ids.outside(plan) {
                    self.trouble(line, &format!("the test {id} is not in the plan"), tally);
                }
            }
        }
        self.below
    }
}

/// What a subtest is called in messages.
pub(super) fn subtest(name: &str) -> String {
    if name.is_empty() { "a subtest".into() } else { format!("the subtest `{name}`") }
}
