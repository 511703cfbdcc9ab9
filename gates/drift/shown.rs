//! Values of keys that are no secrets, for a person who asks to see them: read anew from the files, and kept in no evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Content, Fingerprint, Type};
use super::formats::read_set;
use super::policy::Drift;
use super::values::Values;
use crate::{Asked, Failure, World};

/// The values of one environment by their key, each with its place: `staging.env:3`.
pub type Shown = BTreeMap<String, (String, String)>;

/// What the files of each set and environment hold, in their order. `None` if it is another gate.
///
/// What is a secret in one environment, by the name of its key, the form of a token or how random it is, is shown for none, nor is a value that is
/// the same as a secret.
pub fn values(asked: &dyn Asked, world: &World<'_>) -> Option<Result<Vec<Vec<Shown>>, Failure>> {
    let policy = asked.as_any().downcast_ref::<Drift>()?;
    Some(policy.sets().iter().map(|set| of_set(set, policy, world)).collect())
}

fn of_set(set: &super::policy::Whole<'_>, policy: &Drift, world: &World<'_>) -> Result<Vec<Shown>, Failure> {
    let of = |name: &str| Values::new(set, name, &policy.placeholders).seeing();
    let values: Vec<Values> = set.names().into_iter().map(of).collect();
    let environments = read_set(set, &values, world)?;
    let keys = |content: &Content| match content {
        Content::Keys { keys, .. } => {
            keys.iter().map(|key| (key.path.clone(), key.fingerprint, is_hidden(key))).collect()
        }
        Content::Unreadable(_) | Content::Missing | Content::Vanished => Vec::new(),
    };
    let all = environments.iter().flatten().flat_map(|file| keys(&file.content));
    let (names, secrets): (BTreeSet<String>, BTreeSet<Fingerprint>) =
        all.filter(|(_, _, hidden)| *hidden).map(|(name, fingerprint, _)| (name, fingerprint)).unzip();
    let mut shown = Vec::new();
    for (files, values) in environments.iter().zip(&values) {
        let known: BTreeMap<Fingerprint, String> =
            values.seen().into_iter().map(|value| (Fingerprint::of(world.salt, &value), value)).collect();
        let mut of_environment = Shown::new();
        for file in files {
            let Content::Keys { keys, .. } = &file.content else { continue };
            for key in keys {
                of_environment.remove(&key.path);
                let value = known.get(&key.fingerprint);
                if let Some(value) = value.filter(|_| !names.contains(&key.path) && !secrets.contains(&key.fingerprint))
                {
                    let place = format!("{}:{}", file.path, key.span.start.line);
                    of_environment.insert(key.path.clone(), (place, value.clone()));
                }
            }
        }
        shown.push(of_environment);
    }
    Ok(shown)
}

fn is_hidden(key: &super::evidence::Key) -> bool {
    key.facts.secret.is_some() || matches!(key.kind, Type::Hidden | Type::Ciphertext)
}
