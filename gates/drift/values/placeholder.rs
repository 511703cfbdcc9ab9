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
/// Anywhere in a value, in any case: inside of a URL, before an explanation. They begin with `c` or `r`.
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
        if !self.0.is_empty() && self.0.is_match(value) {
            return true;
        }
        // The usual ones are short; a certificate is not searched for them.
        if value.len() > 500 {
            return false;
        }
        WORDS.iter().any(|word| plain(value).eq(word.bytes()))
            || has_inside(value)
            || ["todo:", "fixme:", "tbd:"].iter().any(|word| starts(value, word))
            || only_x(value)
            || in_brackets(value)
            || your_own(value)
            || ["填写", "请填", "你的"].iter().any(|words| value.contains(words))
    }
}

/// Keys whose values are patterns, and items that bear such a name.
pub(super) fn is_pattern(key: &str) -> bool {
    const ENDS: &[&str] = &["pattern", "regex", "regexp", "match_values", "match"];
    let last = key.rsplit('.').next().unwrap_or(key).as_bytes();
    let ends =
        |end: &str| last.len() >= end.len() && last[last.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes());
    key.ends_with("].name") || ENDS.iter().any(|end| ends(end))
}

/// In lower case, with `-`, `_` and blanks left out.
fn plain(value: &str) -> impl Iterator<Item = u8> {
    value.bytes().filter(|byte| !matches!(byte, b'-' | b'_' | b' ')).map(|byte| byte.to_ascii_lowercase())
}

/// In any case.
fn starts(value: &str, word: &str) -> bool {
    value.as_bytes().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

fn has_inside(value: &str) -> bool {
    let bytes = value.as_bytes();
    let starts = |(at, byte): (usize, &u8)| {
        matches!(byte, b'c' | b'C' | b'r' | b'R')
            && INSIDE.iter().any(|word| {
                let end = at + word.len();
                bytes.get(at..end).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
                    // `REPLACEMENT` is none.
                    && !bytes.get(end).is_some_and(u8::is_ascii_alphabetic)
            })
    };
    bytes.iter().enumerate().any(starts)
}

/// `xxx`, `XXXX-XXXX`.
fn only_x(value: &str) -> bool {
    plain(value).all(|byte| byte == b'x') && plain(value).count() >= 3
}

/// `<your-api-key>`, `<TOKEN>`, but no markup with a slash or attributes.
fn in_brackets(value: &str) -> bool {
    const ELEMENTS: &[&str] =
        &["script", "iframe", "svg", "img", "object", "style", "html", "body", "div", "span", "form"];
    value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).is_some_and(|name| {
        name.len() >= 3
            && !ELEMENTS.iter().any(|element| name.eq_ignore_ascii_case(element))
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b' ' | b'.'))
    })
}

/// `your-api-key`, `YOUR_TOKEN_HERE`, `insert-key-here`, `your appId`.
fn your_own(value: &str) -> bool {
    if starts(value, "your ") {
        let words = value.split(' ').count();
        return words <= 3 && !value.contains(['.', '!', '?', ',']) && !value.ends_with(" own");
    }
    let beginnings = ["your-", "your_", "insert-", "insert_", "replace-with", "replace_with"];
    beginnings.iter().any(|start| starts(value, start))
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
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
