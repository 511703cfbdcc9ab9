//! Secrets, known by the name of their key, by the form of a token, or by how random they are.
//!
//! The forms are those that their issuers document for secret scanning
//! (<https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns>).

use super::{Secret, after_scheme};

/// Parts of names, with `-`, `_`, `.` and case left out.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "privatekey",
    "accesskey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "credential",
    "connectionstring",
];
/// The letters of each of [`NAMES`].
const LETTERS: [u32; NAMES.len()] = {
    let (mut all, mut index) = ([0; NAMES.len()], 0);
    while index < NAMES.len() {
        all[index] = letters(NAMES[index]);
        index += 1;
    }
    all
};
/// Names that hold one of these and no secret: `TOKEN_URL`, `secretName`, `PASSWORD_MIN_LENGTH`.
const NOT: &[&str] = &[
    "url",
    "uri",
    "endpoint",
    "host",
    "name",
    "length",
    "ttl",
    "timeout",
    "expiry",
    "expiration",
    "expires",
    "lifetime",
    "enabled",
    "type",
    "path",
    "file",
    "limit",
    "limits",
    "policy",
    "algorithm",
    "issuer",
    "audience",
    "id",
    "ref",
    "version",
    "max",
    "min",
    "count",
    "seconds",
    "minutes",
    "days",
    "duration",
    "header",
    "field",
    "rotation",
    "provider",
    "tokens",
    "secrets",
    "required",
    "validity",
    "interval",
    "region",
    "scope",
    "prefix",
];
/// No token has fewer characters.
const SHORTEST: usize = 20;
/// How a token begins, and the fewest characters that it has.
const TOKENS: &[(&str, usize)] = &[
    ("AKIA", 20),
    ("ASIA", 20),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("ghr_", 30),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("sk_live_", 20),
    ("sk_test_", 20),
    ("rk_live_", 20),
    ("rk_test_", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("AIza", 35),
    ("SG.", 50),
    ("npm_", 30),
    ("pypi-", 40),
    ("dop_v1_", 40),
    ("hvs.", 20),
    ("shpat_", 30),
    ("whsec_", 20),
    ("sk-ant-", 30),
    ("sk-proj-", 30),
    ("eyJ", 60),
    ("-----BEGIN ", 40),
];

/// Whether the name of a key says that its value is a secret.
pub(super) fn is_name(key: &str) -> bool {
    let last = key.rsplit(['.', ']']).find(|part| !part.is_empty() && *part != "value").unwrap_or(key);
    let last = last.rsplit('[').next().unwrap_or(last);
    // Most names lack a letter of each of these, so that they need not be searched.
    let has = letters(last);
    let mut likely = NAMES.iter().zip(LETTERS).filter(|(_, letters)| letters & !has == 0).peekable();
    if likely.peek().is_none() {
        return false;
    }
    let plain: String = last.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if !likely.any(|(name, _)| plain.contains(name)) {
        return false;
    }
    let end = NOT.iter().any(|end| plain.ends_with(end));
    !end
}

/// The letters of a text, in any case, as a set of bits.
const fn letters(text: &str) -> u32 {
    let (bytes, mut set, mut at) = (text.as_bytes(), 0, 0);
    while at < bytes.len() {
        if bytes[at].is_ascii_alphabetic() {
            set |= 1 << (bytes[at].to_ascii_lowercase() - b'a');
        }
        at += 1;
    }
    set
}

/// Whether a value is a secret by itself.
pub(super) fn of(key: &str, value: &str) -> Option<Secret> {
    let value = value.trim();
    (is_one(value) && !is_id(key)).then_some(Secret::Value)
}

/// The id of a commit or an image is as random as a key, and none.
fn is_id(key: &str) -> bool {
    const IDS: &[&str] =
        &["tag", "newtag", "sha", "ref", "digest", "revision", "commit", "checksum", "hash", "version", "image"];
    let last = key.rsplit(['.', '[', ']', '_', '-']).find(|part| !part.is_empty()).unwrap_or(key);
    IDS.iter().any(|id| last.eq_ignore_ascii_case(id))
        || ["public", "publishable"].iter().any(|word| key.to_ascii_lowercase().contains(word))
}

/// Whether a text is a secret by itself.
pub(in crate::drift) fn is_one(value: &str) -> bool {
    let token = value.len() >= SHORTEST
        && TOKENS.iter().any(|(start, least)| value.len() >= *least && value.starts_with(start));
    token || has_password(value) || is_random(value)
}

/// `postgres://app:s3cret@db/app`.
fn has_password(value: &str) -> bool {
    let Some(rest) = after_scheme(value) else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    user.split_once(':')
        .is_some_and(|(_, password)| !password.is_empty() && !password.starts_with(['$', '<', '{', '*']))
}

/// At least 24 characters of hexadecimal or base64 with as much entropy as random ones have, digits among letters: no word, path or name.
fn is_random(value: &str) -> bool {
    if !(24..=512).contains(&value.len()) {
        return false;
    }
    let bytes = value.as_bytes();
    let all = |is: fn(&u8) -> bool| bytes.iter().all(is);
    if !all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-')) {
        return false;
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    if digits < 3 || letters < 3 {
        return false;
    }
    if all(u8::is_ascii_hexdigit) {
        return value.len() >= 32 && entropy(bytes) >= 3.0;
    }
    let both_cases = bytes.iter().any(u8::is_ascii_lowercase) && bytes.iter().any(u8::is_ascii_uppercase);
    both_cases && entropy(bytes) >= 4.0
}

/// Bits per byte (Shannon).
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u16; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let length = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[test]
fn secrets_by_name() {
    for key in [
        "API_KEY",
        "db.password",
        "env[STRIPE_SECRET].value",
        "oauth.clientSecret",
        "SESSION_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        assert!(is_name(key), "{key}");
    }
    for key in [
        "TOKEN_URL",
        "secretName",
        "PASSWORD_MIN_LENGTH",
        "MAX_TOKENS",
        "KEY",
        "PRIMARY_KEY",
        "auth.token.ttl",
        "secrets",
    ] {
        assert!(!is_name(key), "{key}");
    }
}

#[test]
fn secrets_by_value() {
    let random = [
        "9f86d081884c7d659a2feaa0c55ad015",
        "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12",
        "postgres://app:hunter2@db/app",
    ];
    let token = format!("ghp_{}", "a1".repeat(18));
    for value in random.into_iter().chain([token.as_str()]) {
        assert_eq!(of("A", value), Some(Secret::Value), "{value}");
    }
    for value in [
        "production",
        "https://api.example.com/v1/things",
        "a-very-long-name-of-a-service-in-a-cluster",
        "postgres://app@db/app",
        "postgres://app:${PASSWORD}@db/app",
        "00000000000000000000000000000000",
        "arn:aws:iam::123456789012:role/my-service-role",
        "my-bucket-eu-west-1-123456789012",
        "2026-11-21T00:00:00.000000000Z",
    ] {
        assert_eq!(of("A", value), None, "{value}");
    }
    assert_eq!(of("image.newTag", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"), None);
}
