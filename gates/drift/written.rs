//! The keys of a file as evidence writes them: a row each, in which a path is told by how many of its first bytes are those of the path
//! before, and by the rest. `[22, "replicas", [13, 3, 13, 11], "number", "6c1f…"]`, and after that the facts, if there are any.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::evidence::{Fingerprint, Key, Type, four};
use super::values::Facts;
use crate::Span;

#[derive(Serialize)]
struct Written<'a>(
    usize,
    &'a str,
    #[serde(with = "four")] Span,
    Type,
    Fingerprint,
    #[serde(skip_serializing_if = "Facts::is_plain")] &'a Facts,
);

#[derive(Deserialize)]
struct Row<'a>(
    usize,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(with = "four")] Span,
    Type,
    Fingerprint,
    #[serde(default)] Facts,
);

pub(super) fn serialize<S: Serializer>(keys: &[Key], serializer: S) -> Result<S::Ok, S::Error> {
    let mut rows = serializer.serialize_seq(Some(keys.len()))?;
    let mut before = "";
    for Key { path, span, kind, fingerprint, facts } in keys {
        let shared = shared(before, path);
        rows.serialize_element(&Written(shared, &path[shared..], *span, *kind, *fingerprint, facts))?;
        before = path;
    }
    rows.end()
}

/// How many of the first bytes are the same, as whole characters.
fn shared(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    (0..=same).rev().find(|at| other.is_char_boundary(*at)).unwrap_or(0)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Key>, D::Error> {
    struct Rows;
    impl<'de> Visitor<'de> for Rows {
        type Value = Vec<Key>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of keys")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Vec<Key>, A::Error> {
            let mut keys: Vec<Key> = Vec::new();
            while let Some(Row(shared, rest, span, kind, fingerprint, facts)) = rows.next_element()? {
                let before = keys.last().map_or("", |key| &key.path).get(..shared);
                let before = before.ok_or_else(|| A::Error::custom("a path shares more than the one before it has"))?;
                let mut path = String::with_capacity(before.len() + rest.len());
                path.push_str(before);
                path.push_str(&rest);
                keys.push(Key { path, span, kind, fingerprint, facts });
            }
            Ok(keys)
        }
    }
    deserializer.deserialize_seq(Rows)
}

#[test]
fn paths_share_whole_characters() {
    assert_eq!(shared("db.host", "db.port"), 3);
    assert_eq!(shared("", "db"), 0);
    assert_eq!(shared("db", "db.host"), 2);
    // `é` and `è` begin with the same byte.
    assert_eq!(shared("caf\u{e9}", "caf\u{e8}"), 3);
}
