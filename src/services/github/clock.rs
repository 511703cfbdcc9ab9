//! The forge's clock: the `Date` of its answers (RFC 9110, section 6.6.1).

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use predeploy_gates::Failure;
use reqwest::header::{DATE, HeaderMap};
use tokio::time::Instant;

use super::transport::Transport;

/// By how many seconds the forge's clock is ahead of this machine's, as far as answers told.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Option<i64>>);

impl Clock {
    /// An answer that came just now to what was asked then.
    pub(super) fn hear(&self, headers: &HeaderMap, asked: Instant) {
        let (at, took) = (Timestamp::now(), SignedDuration::try_from(asked.elapsed()).unwrap_or(SignedDuration::MAX));
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) else { return };
        let ahead = at_least(date.timestamp(), at, took);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Each is a least difference, so the largest says most.
        if known.is_none_or(|known| known.abs() < ahead.abs()) {
            *known = Some(ahead);
        }
    }

    fn told(&self) -> Option<i64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// By how many seconds the forge's clock is ahead of this machine's, at least. Nothing is asked where other questions were answered
/// before; else it is asked for the rate limit, which takes nothing off it:
/// <https://docs.github.com/en/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user>.
///
/// # Errors
/// If GitHub does not answer, or without a date.
pub(super) async fn ahead(transport: &Transport) -> Result<i64, Failure> {
    if let Some(told) = transport.clock.told() {
        return Ok(told);
    }
    transport.session()?.hear(&["rate_limit"]).await?;
    transport.clock.told().ok_or_else(|| Failure::new("GitHub's answer has no date, which tells its clock"))
}

/// The date has whole seconds: it was read at that second or before the next, and between question and answer, which was at `at`.
fn at_least(date: Timestamp, at: Timestamp, took: SignedDuration) -> i64 {
    let least = date.duration_since(at);
    let most = least.saturating_add(SignedDuration::from_secs(1)).saturating_add(took);
    if least.is_positive() {
        least.as_secs()
    } else if most.is_negative() {
        most.as_secs()
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_is_no_wrong_clock() {
        let check = |at: &str, took_ms: i64, expected: i64| {
            let date = jiff::fmt::rfc2822::parse("Sat, 21 Nov 2026 10:00:00 GMT").unwrap().timestamp();
            let told = at_least(date, at.parse().unwrap(), SignedDuration::from_millis(took_ms));
            assert_eq!(told, expected, "{at} {took_ms}");
        };
        check("2026-11-21T10:00:00Z", 100, 0);
        check("2026-11-21T10:00:00.9Z", 100, 0);
        // It may have been read when the question came.
        check("2026-11-21T10:00:20Z", 20_000, 0);
        check("2026-11-21T10:00:20Z", 10_000, -9);
        check("2026-11-21T10:05:00.5Z", 200, -299);
        check("2026-11-21T09:55:00Z", 200, 300);
        check("2026-11-21T09:55:00Z", 20_000, 300);
    }
}
