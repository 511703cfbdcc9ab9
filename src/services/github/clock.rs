//! The forge's clock: the `Date` of an answer (RFC 9110, section 6.6.1).

use jiff::{SignedDuration, Timestamp};
use predeploy_gates::Failure;
use reqwest::header::{DATE, HeaderMap};

use super::transport::Transport;

/// An answer, and when it came.
pub(super) struct Heard {
    pub(super) headers: HeaderMap,
    /// When its first line was there, by this machine.
    pub(super) at: Timestamp,
    /// How long that took.
    pub(super) took: SignedDuration,
}

/// By how many seconds the forge's clock is ahead of this machine's: at least by so many, whenever between question and answer it was
/// read.
///
/// The question is for the rate limit, which costs nothing of it:
/// <https://docs.github.com/en/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user>.
///
/// # Errors
/// If GitHub does not answer, or without a date.
pub(super) async fn ahead(transport: &Transport) -> Result<i64, Failure> {
    let heard = transport.session()?.heard(&["rate_limit"]).await?;
    let date = heard.headers.get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let date = date.ok_or_else(|| Failure::new("GitHub's answer has no date, which tells its clock"))?.timestamp();
    Ok(at_least(date, &heard))
}

/// The date has whole seconds: it was read at that second or before the next, and between question and answer.
fn at_least(date: Timestamp, heard: &Heard) -> i64 {
    let least = date.duration_since(heard.at);
    let most = least + SignedDuration::from_secs(1) + heard.took;
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
        let check = |date: &str, at: &str, took_ms: i64, expected: i64| {
            let at: Timestamp = at.parse().unwrap();
            let heard = Heard { headers: HeaderMap::new(), at, took: SignedDuration::from_millis(took_ms) };
            let date = jiff::fmt::rfc2822::parse(date).unwrap().timestamp();
            assert_eq!(at_least(date, &heard), expected, "{date} {at} {took_ms}");
        };
        let date = "Sat, 21 Nov 2026 10:00:00 GMT";
        check(date, "2026-11-21T10:00:00Z", 100, 0);
        check(date, "2026-11-21T10:00:00.9Z", 100, 0);
        // It was at 10:00:00.0 at the latest that the question was sent.
        check(date, "2026-11-21T10:00:20Z", 20_000, 0);
        check(date, "2026-11-21T10:00:20Z", 10_000, -9);
        check(date, "2026-11-21T10:05:00.5Z", 200, -299);
        check(date, "2026-11-21T09:55:00Z", 200, 300);
        check(date, "2026-11-21T09:55:00Z", 20_000, 300);
    }
}
