//! When two scalars mean the same to Kubernetes.
//!
//! The server writes quantities in their canonical form
//! (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>), durations as Go does (`1h` becomes `1h0m0s`,
//! <https://pkg.go.dev/time#Duration.String>), and `kubectl` reads YAML 1.1 (<https://github.com/kubernetes-sigs/yaml>): `0644` is 420, and `yes` is true.

use crate::drift::evidence::Type;

/// How a scalar is read, which its place tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The text counts as it stands.
    Text,
    Quantity,
    /// A number, a boolean or a duration may be written in several ways.
    Plain,
    /// Base64, whose lines may be broken.
    Bytes,
}

/// Whether the scalar of a manifest, and that of the live object, are one.
pub(super) fn same(declared: (Type, &str), live: (Type, &str), reading: Reading) -> bool {
    let ((declared_type, one), (live_type, other)) = (declared, live);
    if one == other {
        return true;
    }
    match reading {
        Reading::Text => false,
        Reading::Bytes => {
            let digits = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            digits(one) == digits(other)
        }
        Reading::Quantity => quantity(one).zip(quantity(other)).is_some_and(|(one, other)| one == other),
        Reading::Plain => {
            // Untyped is what loaders of YAML take for different things.
            let loose = |kind| matches!(declared_type, Type::Untyped) || declared_type == kind;
            let numbers = loose(Type::Number) && live_type == Type::Number;
            let booleans = loose(Type::Boolean) && live_type == Type::Boolean;
            (numbers && number(one).zip(number(other)).is_some_and(|(one, other)| one == other))
                || (booleans && boolean(one) == Some(other == "true"))
                || duration(one).zip(duration(other)).is_some_and(|(one, other)| one == other)
        }
    }
}

/// What counts as not said: the server leaves out what is empty.
pub(super) fn is_zero(kind: Type, text: &str) -> bool {
    match kind {
        Type::Null => true,
        Type::Boolean => text == "false",
        Type::Number => number(text).is_some_and(|value| value == Exact { digits: 0, exponent: 0 }),
        _ => text.is_empty(),
    }
}

/// `digits` times ten to the power of `exponent`, without zeros at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exact {
    digits: i128,
    exponent: i32,
}

impl Exact {
    fn new(mut digits: i128, mut exponent: i32) -> Self {
        if digits == 0 {
            return Self { digits: 0, exponent: 0 };
        }
        while digits % 10 == 0 {
            digits /= 10;
            exponent = exponent.saturating_add(1);
        }
        Self { digits, exponent }
    }

    fn times(self, factor: i128) -> Option<Self> {
        Some(Self::new(self.digits.checked_mul(factor)?, self.exponent))
    }

    /// `12`, `-0.5`, `.5`, `1.`.
    fn decimal(text: &str) -> Option<Self> {
        let (negative, text) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if (whole.is_empty() && fraction.is_empty()) || whole.len() + fraction.len() > 36 {
            return None;
        }
        let mut digits: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            digits = digits * 10 + i128::from(byte.is_ascii_digit().then(|| byte - b'0')?);
        }
        let exponent = i32::try_from(fraction.len()).ok()?;
        Some(Self::new(if negative { -digits } else { digits }, -exponent))
    }

    /// With `e3` or `E-3` at the end.
    fn scientific(text: &str) -> Option<Self> {
        let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return Self::decimal(text) };
        let Self { digits, exponent: own } = Self::decimal(mantissa)?;
        let exponent: i32 = exponent.parse().ok()?;
        Some(Self::new(digits, own.checked_add(exponent)?))
    }
}

fn quantity(text: &str) -> Option<Exact> {
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
    let (amount, suffix) = text.split_at(end);
    let binary = |power: u32| Exact::decimal(amount)?.times(1_i128.checked_shl(10 * power)?);
    let decimal = |exponent: i32| {
        let amount = Exact::decimal(amount)?;
        Some(Exact::new(amount.digits, amount.exponent + exponent))
    };
    match suffix {
        "" => decimal(0),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => Exact::scientific(text),
    }
}

/// A number as YAML 1.1 has it.
fn number(text: &str) -> Option<Exact> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let (sign, digits) = plain.strip_prefix('-').map_or((1, plain.trim_start_matches('+')), |rest| (-1, rest));
    let in_base = |digits: &str, base| Some(Exact::new(i128::from_str_radix(digits, base).ok()?.checked_mul(sign)?, 0));
    match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => in_base(&digits[2..], 16),
        [b'0', b'o' | b'O', ..] => in_base(&digits[2..], 8),
        [b'0', b'b' | b'B', ..] => in_base(&digits[2..], 2),
        [b'0', rest @ ..] if !rest.is_empty() && rest.iter().all(|byte| matches!(byte, b'0'..=b'7')) => {
            in_base(digits, 8)
        }
        _ => Exact::scientific(&plain),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A duration of Go in nanoseconds. What has no unit is none.
fn duration(text: &str) -> Option<Exact> {
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    let mut all: i128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount = Exact::decimal(&rest[..end])?;
        rest = &rest[end..];
        let units = [("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000)];
        let longer = [("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000_i128)];
        let (unit, size) = units.into_iter().chain(longer).find(|(unit, _)| rest.starts_with(unit))?;
        rest = &rest[unit.len()..];
        let Exact { mut digits, exponent } = amount.times(size)?;
        for _ in 0..exponent.unsigned_abs().min(40) {
            digits = if exponent < 0 { digits / 10 } else { digits.checked_mul(10)? };
        }
        all = all.checked_add(digits)?;
    }
    Some(Exact::new(if text.starts_with('-') { -all } else { all }, 0))
}

#[test]
fn scalars_that_are_one_and_that_are_not() {
    let ask = |one: (Type, &str), other: (Type, &str), reading| same(one, other, reading);
    let text = |text: &'static str| (Type::String, text);
    let number = |text: &'static str| (Type::Number, text);
    for (one, other) in [
        ("0.5", "500m"),
        ("1000m", "1"),
        ("1024Mi", "1Gi"),
        ("1e3", "1k"),
        ("1E", "1000000000000000000"),
        ("0.5Gi", "512Mi"),
        ("1.5", "1500m"),
        ("100000u", "100m"),
    ] {
        assert!(ask(text(one), text(other), Reading::Quantity), "{one} {other}");
        assert!(!ask(text(one), text(other), Reading::Text), "{one} {other}");
    }
    for (one, other) in [("1G", "1Gi"), ("500m", "5"), ("1Mi", "1M"), ("", "0"), ("Mi", "1"), ("1x", "1")] {
        assert!(!ask(text(one), text(other), Reading::Quantity), "{one} {other}");
    }
    for (one, other) in [("0644", "420"), ("0o644", "420"), ("0x1F", "31"), ("1.0", "1"), ("-0", "0")] {
        assert!(ask(number(one), number(other), Reading::Plain), "{one} {other}");
    }
    assert!(!ask(number("0644"), number("644"), Reading::Plain));
    assert!(!ask(text("0644"), text("420"), Reading::Plain));
    let odd = |text: &'static str| (Type::Untyped, text);
    assert!(ask(odd("1_000"), number("1000"), Reading::Plain));
    assert!(ask(odd("yes"), (Type::Boolean, "true"), Reading::Plain));
    assert!(!ask(odd("no"), (Type::Boolean, "true"), Reading::Plain));
    assert!(!ask(text("yes"), (Type::Boolean, "true"), Reading::Plain), "it is quoted");
    for (one, other) in [("2160h", "2160h0m0s"), ("90m", "1h30m0s"), ("1.5s", "1500ms"), ("-1h", "-60m")] {
        assert!(ask(text(one), text(other), Reading::Plain), "{one} {other}");
    }
    for (one, other) in [("5m", "5s"), ("1h", "1"), ("1d", "24h"), ("-1h", "1h")] {
        assert!(!ask(text(one), text(other), Reading::Plain), "{one} {other}");
    }
    assert!(ask(text("YW\nJj\n"), text("YWJj"), Reading::Bytes));
}
