//! What asking GitHub cost.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// Counts of a run, for all tokens together.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    requests: AtomicU64,
    points: AtomicU64,
}

/// [`Spent`] at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Cost {
    /// Requests that were sent, repetitions included.
    pub(crate) requests: u64,
    /// What GitHub says that its GraphQL took off the hourly limit. An Enterprise Server without limits names none.
    /// <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>
    pub(crate) points: u64,
}

impl Spent {
    pub(super) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn points(&self, points: u64) {
        self.points.fetch_add(points, Ordering::Relaxed);
    }

    pub(crate) fn so_far(&self) -> Cost {
        Cost { requests: self.requests.load(Ordering::Relaxed), points: self.points.load(Ordering::Relaxed) }
    }
}
