//! Values that name another environment than the one that they are for: a staging host in production's file.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::after_scheme;

/// What kind of environment a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::drift) enum Class {
    Production,
    Staging,
    Test,
    Development,
}

/// An environment that a value names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::drift) struct Named {
    /// `staging`, `preprod`: one of the known words, never a part of the value beside them.
    pub word: String,
    pub class: Class,
    pub how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::drift) enum How {
    /// A key of a payment provider and its like for trying out (`sk_test_…`), or for real.
    Key,
    /// In the name of a host.
    Host,
    /// As a word of its own within a name.
    Word,
    /// As a word that has other meanings too (`dev`, `test`).
    Weak,
}

/// Words, what they stand for, and whether they mean an environment wherever they stand.
const WORDS: &[(&str, Class, bool)] = &[
    ("prod", Class::Production, true),
    ("production", Class::Production, true),
    ("prd", Class::Production, true),
    ("staging", Class::Staging, true),
    ("stg", Class::Staging, true),
    ("preprod", Class::Staging, true),
    ("preproduction", Class::Staging, true),
    ("nonprod", Class::Staging, true),
    ("uat", Class::Staging, true),
    ("sandbox", Class::Test, true),
    ("stage", Class::Staging, false),
    ("acceptance", Class::Staging, false),
    ("test", Class::Test, false),
    ("testing", Class::Test, false),
    ("tst", Class::Test, false),
    ("qa", Class::Test, false),
    ("dev", Class::Development, false),
    ("develop", Class::Development, false),
    ("development", Class::Development, false),
];
/// How keys begin that providers issue for trying out: Stripe, Razorpay, Mollie, Braintree, Flutterwave.
const TEST_KEYS: &[&str] =
    &["sk_test_", "pk_test_", "rk_test_", "rzp_test_", "test_", "sandbox_", "FLWPUBK_TEST-", "FLWSECK_TEST-"];
const LIVE_KEYS: &[&str] = &["sk_live_", "pk_live_", "rk_live_", "rzp_live_"];
/// A longer text is no name.
const LONGEST: usize = 300;

impl Class {
    /// What an environment's name stands for; nothing of `canary`.
    pub fn of(environment: &str) -> Option<Self> {
        known_words(environment).next().map(|(_, class, _)| *class)
    }
}

/// A word of a text: in two parts where `pre` or `non` stands apart.
#[derive(Clone, Copy)]
struct Word<'a>(&'a str, &'a str);

impl Word<'_> {
    fn known(self) -> Option<&'static (&'static str, Class, bool)> {
        let is = |known: &str| {
            known.len() == self.0.len() + self.1.len()
                && known.as_bytes()[..self.0.len()].eq_ignore_ascii_case(self.0.as_bytes())
                && known.as_bytes()[self.0.len()..].eq_ignore_ascii_case(self.1.as_bytes())
        };
        WORDS.iter().find(|(known, ..)| is(known))
    }
}

/// A key with a mark in the place of the environment that it names, which may be called in several ways. Nothing if it names none.
pub(in crate::drift) fn without_environment(key: &str, environment: &str) -> Option<String> {
    let own = Class::of(environment);
    let mut found = false;
    let folded: Vec<String> = words(key)
        .map(|Word(one, two)| {
            let is = two.is_empty() && one.len() > 2 && one.eq_ignore_ascii_case(environment)
                || own.is_some() && Word(one, two).known().map(|(_, class, _)| *class) == own;
            found |= is;
            if is { "\u{0}".to_owned() } else { format!("{one}{two}") }
        })
        .collect();
    found.then(|| folded.join("."))
}

/// What stands between marks.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

fn starts_with_prod(part: &str) -> bool {
    part.as_bytes().get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"prod"))
}

/// The words of a name: its parts, and `pre-prod` as one.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut parts = parts(text).peekable();
    std::iter::from_fn(move || {
        let part = parts.next()?;
        let joins = ["pre", "non"].iter().any(|joins| part.eq_ignore_ascii_case(joins));
        let next = parts.next_if(|next| joins && starts_with_prod(next));
        Some(Word(part, next.unwrap_or_default()))
    })
}

fn known_words(text: &str) -> impl Iterator<Item = &'static (&'static str, Class, bool)> {
    words(text).filter_map(Word::known)
}

/// Whether a text can have a known word. Nearly none has.
fn may_name(text: &str) -> bool {
    parts(text).any(|part| starts_with_prod(part) || Word(part, "").known().is_some())
}

/// What would be foreign to one environment.
pub(super) struct Words {
    own: Option<Class>,
}

impl Words {
    /// Of an environment by its name; of one whose name stands for nothing known, its place: the last on the way is production.
    pub fn of<'a>(environment: &str, all: impl Iterator<Item = &'a str>) -> Self {
        let last = all.last() == Some(environment);
        Self { own: Class::of(environment).or(last.then_some(Class::Production)) }
    }

    /// The other environment that the value of a key names.
    pub fn named(&self, key: &str, value: &str) -> Option<Named> {
        let own = self.own?;
        let value = value.trim();
        let begins = |all: &[&str]| all.iter().any(|start| value.starts_with(start) && value.len() >= start.len() + 16);
        if own == Class::Production && begins(TEST_KEYS) {
            return Some(Named { word: "a test key".into(), class: Class::Test, how: How::Key });
        }
        if own != Class::Production && begins(LIVE_KEYS) {
            return Some(Named { word: "a live key".into(), class: Class::Production, how: How::Key });
        }
        let templates = value.contains(['{', '}']);
        if value.len() > LONGEST || !templates && !may_name(value) || value.contains(char::is_whitespace) {
            return None;
        }
        let plain = if templates { Cow::Owned(without_templates(value)) } else { Cow::Borrowed(value) };
        let is_foreign =
            |class: Class| if own == Class::Production { class != own } else { class == Class::Production };
        let find = |text: &str| {
            // What names its own environment, too, tells one from another.
            let ours = known_words(text).any(|(_, class, _)| *class == own);
            let foreign = known_words(text).filter(|(_, class, _)| is_foreign(*class));
            if ours { None } else { foreign.max_by_key(|(.., strong)| *strong) }
        };
        // Whose key names an environment says so itself.
        let says = || known_words(key).any(|(_, of, _)| is_foreign(*of));
        let named =
            |(word, class, _): &(&str, Class, bool), how| Named { word: (*word).to_owned(), class: *class, how };
        if let Some(found) = host(&plain).and_then(find).filter(|_| !says()) {
            return Some(named(found, How::Host));
        }
        // `NODE_ENV=production` is meant in staging, too: outside of hosts only production is judged.
        let found = find(&plain).filter(|_| own == Class::Production && !says())?;
        Some(named(found, if found.2 { How::Word } else { How::Weak }))
    }
}

/// The text without what is filled in later: `${…}`, `{{…}}`.
fn without_templates(value: &str) -> String {
    let (mut plain, mut depth) = (String::with_capacity(value.len()), 0_usize);
    for c in value.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// The host of an address, or a host alone: `api.staging.example.com:443`.
fn host(value: &str) -> Option<&str> {
    if let Some(rest) = after_scheme(value) {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        return Some(host.split(':').next().unwrap_or(host));
    }
    let host = value.split([':', '/']).next().unwrap_or(value);
    let labels = host.split('.').count() >= 2 && host.split('.').all(|label| !label.is_empty());
    let letters =
        host.rsplit('.').next().is_some_and(|top| top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()));
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    (labels && letters && plain && !is_file_or_package(host)).then_some(host)
}

/// `dev.yaml`, `com.example.test`: dots, and no host.
fn is_file_or_package(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or(name);
    let files = [
        "yaml",
        "yml",
        "json",
        "toml",
        "env",
        "js",
        "ts",
        "py",
        "rb",
        "sh",
        "xml",
        "conf",
        "cfg",
        "ini",
        "properties",
        "pem",
        "crt",
        "key",
        "log",
        "db",
        "html",
        "png",
        "jar",
        "zip",
        "txt",
        "csv",
        "sql",
    ];
    files.contains(&last) || matches!(first, "com" | "org" | "net" | "io" | "uk" | "de")
}

/// An address of the machine itself, by http.
pub(super) fn is_local(value: &str) -> bool {
    let value = value.trim();
    let Some(rest) = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://")) else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0")
}

#[cfg(test)]
mod tests {
    use super::{Class, How, Words, is_local};

    fn named(environment: &str, key: &str, value: &str) -> Option<(String, How)> {
        let words = Words::of(environment, ["dev", "staging", "production"].into_iter());
        words.named(key, value).map(|named| (named.word, named.how))
    }

    #[test]
    fn production_names_another_environment() {
        for (value, word, how) in [
            ("hmpps-session-preprod", "preprod", How::Word),
            ("https://api.staging.example.com/v1", "staging", How::Host),
            ("https://api-pre-prod.example.com", "preprod", How::Host),
            ("db.dev.internal:5432", "dev", How::Host),
            ("postgres://app:x@db-test.example.com/app", "test", How::Host),
            ("acme-assets-dev", "dev", How::Weak),
            ("sk_test_4eC39HqLyjWDarjtT1zdp7dc", "a test key", How::Key),
            ("https://sandbox.provider.com", "sandbox", How::Host),
            ("arn:aws:s3:::acme-staging", "staging", How::Word),
        ] {
            assert_eq!(named("production", "A", value), Some((word.into(), how)), "{value}");
        }
    }

    #[test]
    fn what_names_no_other_environment() {
        for (key, value) in [
            ("A", "https://api.example.com"),
            ("A", "production"),
            ("A", "latest"),
            ("A", "https://contest.example.com"),
            ("A", "dev,staging,production"),
            ("STAGING_URL", "https://staging.example.com"),
            ("sandbox.host", "sandbox.example.com"),
            ("A", "Test mode is for people who want to test"),
            ("A", "https://${STAGING}.example.com"),
            ("A", "developer"),
        ] {
            assert_eq!(named("production", key, value), None, "{key} {value}");
        }
        assert_eq!(named("staging", "NODE_ENV", "production"), None);
        assert_eq!(named("staging", "A", "https://api.prod.example.com"), Some(("prod".into(), How::Host)));
        assert_eq!(named("staging", "A", "https://api.dev.example.com"), None);
        assert_eq!(named("canary", "A", "https://api.dev.example.com"), None);
    }

    #[test]
    fn environments_by_name() {
        let class = |name| Class::of(name);
        assert_eq!(class("eu-production"), Some(Class::Production));
        assert_eq!(class("pre-prod"), Some(Class::Staging));
        assert_eq!(class("DEV"), Some(Class::Development));
        assert_eq!(class("canary"), None);
        // The last on the way is production, whatever it is called.
        assert!(Words::of("blue", ["test", "blue"].into_iter()).named("A", "a-staging").is_some());
    }

    #[test]
    fn addresses_of_the_machine_itself() {
        for value in ["http://localhost:3000", "https://127.0.0.1/", "http://[::1]:80/x", "http://u@localhost"] {
            assert!(is_local(value), "{value}");
        }
        for value in ["localhost:8126", "redis://localhost", "http://localhost.example.com", "http://10.0.0.1"] {
            assert!(!is_local(value), "{value}");
        }
    }
}
