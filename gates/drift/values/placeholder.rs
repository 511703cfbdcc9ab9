//! Values that somebody meant to fill in.

use globset::{GlobSet, GlobSetBuilder};

use crate::Text;
use crate::drift::pattern::pattern;

/// Stand for themselves, in any case, with `-`, `_` and blanks left out.
const WORDS: &[&str] = &[
    "todo",
    "fixme",
    "tbd",
    "changeme",
    "replaceme",
    "fillme",
    "fillmein",
    "setme",
    "placeholder",
    "notset",
    "insertvalue",
];
/// Anywhere in a value, in any case: inside of a URL, before an explanation.
const INSIDE: &[&str] = &["changeme", "change_me", "change-me", "replaceme", "replace_me", "replace-me"];

pub(in crate::drift) struct Placeholders(GlobSet);

impl Placeholders {
    /// `more` are patterns of the policy; what is no pattern was refused when the policy was read.
    pub fn new(more: &[Text]) -> Self {
        let mut globs = GlobSetBuilder::new();
        for glob in more.iter().filter_map(|text| pattern(text, true).ok()) {
            globs.add(glob);
        }
        Self(globs.build().unwrap_or_else(|_| GlobSet::empty()))
    }

    pub fn is_one(&self, value: &str) -> bool {
        let value = value.trim();
        if value.is_empty() {
            return false;
        }
        if self.0.is_match(value) {
            return true;
        }
        // The usual ones are short; a certificate is not searched for them.
        if value.len() > 500 {
            return false;
        }
        let lower = value.to_ascii_lowercase();
        let plain: String = lower.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
        WORDS.contains(&plain.as_str())
            || INSIDE.iter().any(|word| holds(&lower, word))
            || ["todo:", "fixme:", "tbd:"].iter().any(|word| lower.starts_with(word))
            || only_x(&plain)
            || in_brackets(&lower)
            || your_own(&lower)
            || ["填写", "请填", "你的"].iter().any(|words| lower.contains(words))
    }
}

/// Keys whose values are patterns, and items that bear such a name.
pub(super) fn is_pattern(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or(key).to_ascii_lowercase();
    key.ends_with("].name")
        || ["pattern", "regex", "regexp", "match_values", "match"].iter().any(|end| last.ends_with(end))
}

/// `CHANGEME` as such, and not the beginning of `REPLACEMENT`.
fn holds(lower: &str, word: &str) -> bool {
    lower
        .match_indices(word)
        .any(|(at, found)| !lower[at + found.len()..].starts_with(|c: char| c.is_ascii_lowercase()))
}

/// `xxx`, `XXXX-XXXX`.
fn only_x(plain: &str) -> bool {
    plain.len() >= 3 && plain.bytes().all(|byte| byte == b'x')
}

/// `<your-api-key>`, `<TOKEN>`, but no markup with a slash or attributes.
fn in_brackets(lower: &str) -> bool {
    const ELEMENTS: &[&str] =
        &["script", "iframe", "svg", "img", "object", "style", "html", "body", "div", "span", "form"];
    lower.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).is_some_and(|name| {
        name.len() >= 3
            && !ELEMENTS.contains(&name)
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b' ' | b'.'))
    })
}

/// `your-api-key`, `YOUR_TOKEN_HERE`, `insert-key-here`, `your appId`.
fn your_own(lower: &str) -> bool {
    if lower.strip_prefix("your ").is_some_and(|rest| rest.split(' ').count() <= 2 && rest.is_ascii()) {
        return !rest_is_speech(lower);
    }
    let one_word = lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let starts = ["your-", "your_", "insert-", "insert_", "replace-with", "replace_with"];
    one_word && starts.iter().any(|start| lower.starts_with(start))
}

/// `your own`, which is said and not filled in.
fn rest_is_speech(lower: &str) -> bool {
    lower.ends_with(" own") || lower.contains(['.', '!', '?', ','])
}

#[test]
fn placeholders_are_known_and_nothing_else() {
    let usual = Placeholders::new(&[]);
    for value in [
        "CHANGEME",
        "change-me",
        "Change_Me",
        "todo",
        "TODO: ask Kim",
        "FIXME",
        "tbd",
        "xxx",
        "XXXX-XXXX",
        "<your-api-key>",
        "<TOKEN>",
        "YOUR_TOKEN_HERE",
        "your-api-key",
        "replace_with_real_value",
        "postgres://app:CHANGEME@db/app",
        " PLACEHOLDER ",
        "REPLACE_ME",
        "your appId",
        "your alipay key",
        "请填写密钥",
    ] {
        assert!(usual.is_one(value), "{value}");
    }
    for value in [
        "",
        " ",
        "x",
        "xx",
        "todos",
        "https://todo.example.com",
        "${TOKEN}",
        "{{ token }}",
        "<p>hello</p>",
        "<b>",
        "<script>",
        "A_REPLACEMENT",
        "your order, please",
        "info",
        "exchange",
        "maxxx-1",
        "your own",
        "0",
        "false",
        "null",
        "None",
        "dummy",
        "<%= token %>",
        "changing",
        "method",
    ] {
        assert!(!usual.is_one(value), "{value}");
    }
    let more = Placeholders::new(&[Text::new("fill-*")]);
    assert!(more.is_one("FILL-in-later") && !more.is_one("refill-1"));
}
