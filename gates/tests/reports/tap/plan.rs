//! Which test points were seen, in memory that does not grow while they stand in order.

use std::collections::BTreeSet;

use super::syntax::Plan;

/// Most test points that may be ahead of their turn.
const AHEAD: usize = 100_000;

#[derive(Default)]
pub(super) struct Ids {
    /// The ids `first..next` were all seen.
    first: u64,
    next: u64,
    ahead: BTreeSet<u64>,
}

impl Ids {
    /// Whether the id was not seen before.
    pub fn add(&mut self, id: u64) -> Result<bool, String> {
        if self.next == 0 {
            (self.first, self.next) = (id, id.saturating_add(1));
            return Ok(true);
        }
        if id == self.next {
            self.next = self.next.saturating_add(1);
            while self.ahead.remove(&self.next) {
                self.next = self.next.saturating_add(1);
            }
            return Ok(true);
        }
        if (self.first..self.next).contains(&id) {
            return Ok(false);
        }
        if self.ahead.len() >= AHEAD {
            return Err(format!("more than the limit of {AHEAD} tests are out of order"));
        }
        Ok(self.ahead.insert(id))
    }

    /// An id that is not in the plan.
    pub fn outside(&self, plan: Plan) -> Option<u64> {
        let seen = (self.next > 0).then(|| [self.first, self.next - 1]).into_iter().flatten();
        let ahead = [self.ahead.first(), self.ahead.last()].into_iter().flatten().copied();
        seen.chain(ahead).find(|id| !(plan.first..=plan.last).contains(id))
    }
}

#[test]
fn ids_may_be_out_of_order_and_stand_once() {
    let mut ids = Ids::default();
    for (id, is_new) in [(3, true), (1, true), (2, true), (4, true), (3, false), (1, false), (9, true), (9, false)] {
        assert_eq!(ids.add(id), Ok(is_new), "{id}");
    }
    assert_eq!(ids.outside(Plan { first: 1, last: 9 }), None);
    assert_eq!(ids.outside(Plan { first: 1, last: 8 }), Some(9));
    assert_eq!(ids.outside(Plan { first: 2, last: 9 }), Some(1));
}
