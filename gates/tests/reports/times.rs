//! How long something took, as reports write it. What cannot be read is unknown; it never spoils a report.

/// Most seconds that are believed: a century.
const MOST: f64 = 3.2e9;

/// Seconds as a decimal number, as nanoseconds: `0.03`, `1,234.5` with separators of thousands, `0,03` with a decimal comma, `1e-3`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Some(nanos) = plain(text) {
        return Some(nanos);
    }
    let number: f64 = match (text.contains('.'), text.matches(',').count()) {
        (_, 0) => text.parse().ok()?,
        (true, _) => text.replace(',', "").parse().ok()?,
        (false, 1) => text.replace(',', ".").parse().ok()?,
        (false, _) => text.replace(',', "").parse().ok()?,
    };
    nanos(number)
}

/// What nearly all producers write: digits, and up to nine behind a full stop.
fn plain(text: &str) -> Option<u64> {
    let (mut number, mut behind) = (0_u64, None);
    if text.len() > 17 {
        return None;
    }
    for byte in text.bytes() {
        match (byte, behind) {
            (b'0'..=b'9', _) => {
                number = number * 10 + u64::from(byte - b'0');
                behind = behind.map(|count| count + 1);
            }
            (b'.', None) if number <= 999_999_999 => behind = Some(0),
            _ => return None,
        }
    }
    let missing = 9_u32.checked_sub(behind.unwrap_or(0))?;
    let begins = text.as_bytes().first().is_some_and(u8::is_ascii_digit);
    number.checked_mul(10_u64.pow(missing)).filter(|_| begins)
}

/// Seconds as nanoseconds.
pub(super) fn nanos(seconds: f64) -> Option<u64> {
    // Rounded to the nanosecond, which also takes the noise of decimal fractions away.
    (0.0..MOST).contains(&seconds).then(|| (seconds * 1e9).round() as u64)
}

/// `hh:mm:ss.fffffff` of .NET, with days before a full stop, as nanoseconds.
pub(super) fn clock(text: &str) -> Option<u64> {
    let (rest, seconds) = text.trim().rsplit_once(':')?;
    let (hours, minutes) = rest.rsplit_once(':')?;
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let whole = |text: &str| text.parse::<u32>().ok().map(f64::from);
    nanos(((whole(days)? * 24.0 + whole(hours)?) * 60.0 + whole(minutes)?) * 60.0 + seconds.parse::<f64>().ok()?)
}

#[test]
fn times_are_read_as_producers_write_them() {
    let second = 1_000_000_000;
    for (text, expected) in [
        ("1", Some(second)),
        ("12.000000001", Some(12 * second + 1)),
        ("0.0000000004", Some(0)),
        ("0.03", Some(30_000_000)),
        ("0,03", Some(30_000_000)),
        ("1,234.5", Some(1_234_500_000_000)),
        ("1,234,567", Some(1_234_567 * second)),
        (" 1e-3 ", Some(1_000_000)),
        ("1.0E-4", Some(100_000)),
        ("", None),
        ("NaN", None),
        ("inf", None),
        ("-1", None),
        ("<<computed>>", None),
    ] {
        assert_eq!(seconds(text), expected, "{text}");
    }
    assert_eq!(clock("00:00:01.5000000"), Some(1_500_000_000));
    assert_eq!(clock("1.02:03:04"), Some(93_784 * second));
    assert_eq!(clock("00:01"), None);
}
