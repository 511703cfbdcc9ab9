//! Values of keys that are no secrets, for a person who asks to see them: read anew from the files, and kept in no evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Content, Fingerprint, Key, Type};
use super::formats::read_set;
use super::policy::Drift;
use super::values::Values;
use crate::{Asked, Failure, World};

/// The values of one environment by their key, each with its place: `staging.env:3`.
pub type Shown = BTreeMap<String, (String, String)>;

/// What the files of each set and environment hold, in their order. `None` if it is another gate.
///
/// What is a secret in one environment, by the name of its key, the form of a token or how random it is, or only may be one, is shown for none, nor is a
/// value that is the same as such a one.
pub fn values(asked: &dyn Asked, world: &World<'_>) -> Option<Result<Vec<Vec<Shown>>, Failure>> {
    let policy = asked.as_any().downcast_ref::<Drift>()?;
    Some(policy.sets().iter().map(|set| of_set(set, policy, world)).collect())
}

fn of_set(set: &super::policy::Whole<'_>, policy: &Drift, world: &World<'_>) -> Result<Vec<Shown>, Failure> {
    let of = |name: &str| Values::new(set, name, &policy.placeholders).seeing();
    let values: Vec<Values> = set.names().into_iter().map(of).collect();
    let environments = read_set(set, &values, world)?;
    let known: Vec<BTreeMap<Fingerprint, String>> = values
        .iter()
        .map(|values| values.seen().into_iter().map(|value| (Fingerprint::of(world.salt, &value), value)).collect())
        .collect();
    let (mut names, mut secrets) = (BTreeSet::new(), BTreeSet::new());
    for (files, known) in environments.iter().zip(&known) {
        for key in files.iter().flat_map(|file| keys(&file.content)) {
            let value = known.get(&key.fingerprint);
            if is_hidden(key) || value.is_some_and(|value| may_be_secret(&key.path, value)) {
                names.insert(key.path.as_str());
                // What half of all keys hold gives nothing away.
                if !value.is_some_and(|value| is_common(value)) {
                    secrets.insert(key.fingerprint);
                }
            }
        }
    }
    let mut shown = Vec::new();
    for (files, known) in environments.iter().zip(&known) {
        let mut of_environment = Shown::new();
        for file in files {
            for key in keys(&file.content) {
                of_environment.remove(&key.path);
                let is_open = !names.contains(key.path.as_str()) && !secrets.contains(&key.fingerprint);
                if let Some(value) = known.get(&key.fingerprint).filter(|_| is_open) {
                    let place = format!("{}:{}", file.path, key.span.start.line);
                    of_environment.insert(key.path.clone(), (place, value.clone()));
                }
            }
        }
        shown.push(of_environment);
    }
    Ok(shown)
}

fn keys(content: &Content) -> &[Key] {
    match content {
        Content::Keys { keys, .. } => keys,
        Content::Unreadable(_) | Content::Missing | Content::Vanished | Content::Emptied => &[],
    }
}

/// Parts of names of keys whose value is shown to nobody: more than those of which it is known.
const NAMES: &[&str] = &[
    "pass", "pwd", "salt", "pepper", "key", "cred", "auth", "cookie", "cert", "priv", "secret", "token", "sign",
    "hash", "dsn", "session", "jwt", "pem", "seed", "hook", "conn", "nonce", "license", "bearer", "code", "psw", "psk",
    "hmac", "mnemonic", "phrase", "crypt", "login", "vault", "senha", "kennwort", "parol", "clave", "contras",
];
/// The same, as a word of their own.
const WORDS: &[&str] =
    &["pin", "sas", "sig", "otp", "user", "pgp", "gpg", "ssh", "sid", "pw", "admin", "bot", "client", "cvv", "mdp"];
/// Parts of values that speak of one.
const PARTS: &[&str] = &[
    "pass",
    "pwd",
    "pw=",
    "secret",
    "token",
    "bearer",
    "basic ",
    "key",
    "sig=",
    "signature",
    "credential",
    "auth",
    "-----begin",
];

/// Whether a value may be, or hold, a secret: where a rule must not cry wolf, showing must not tell one.
fn may_be_secret(key: &str, value: &str) -> bool {
    let (key, lower) = (key.to_ascii_lowercase(), value.to_ascii_lowercase());
    let named = NAMES.iter().any(|part| key.contains(part))
        || key.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word));
    let is_long = |run: &str| {
        let mixed = run.contains(|c: char| c.is_ascii_digit()) && run.contains(|c: char| c.is_ascii_alphabetic());
        run.len() >= 20 || run.len() >= 10 && mixed
    };
    // `user:password`, and not `host:5432`.
    let is_pair = value.split(|c: char| c.is_whitespace() || c == ',').any(|word| {
        let pair = word.split_once(':').filter(|(name, rest)| !name.is_empty() && !rest.starts_with("//"));
        pair.is_some_and(|(_, rest)| rest.contains(|c: char| c.is_ascii_alphabetic()))
    });
    // `scott/tiger@db`.
    let is_login = lower.find('@').is_some_and(|at| lower[..at].contains('/'));
    let has = |what: fn(&char) -> bool| value.chars().any(|c| what(&c));
    let is_random = has(|c| matches!(c, '!' | '#' | '$' | '%' | '^' | '&' | '*' | '~' | '?'))
        && has(char::is_ascii_digit)
        && has(char::is_ascii_alphabetic);
    let address = lower.contains("://") && lower.contains(['@', '?', '#']);
    let opaque = value.split(|c: char| !c.is_ascii_alphanumeric()).any(is_long);
    let paired = is_pair || is_login || is_random;
    named
        || address
        || opaque
        || paired
        || value.contains(['\n', '\r'])
        || PARTS.iter().any(|part| lower.contains(part))
}

/// A switch, or a number of few digits.
fn is_common(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    matches!(value.as_str(), "" | "true" | "false" | "yes" | "no" | "on" | "off")
        || value.len() <= 2 && value.bytes().all(|b| b.is_ascii_digit())
}

fn is_hidden(key: &Key) -> bool {
    key.facts.secret.is_some() || matches!(key.kind, Type::Hidden | Type::Ciphertext)
}
