//! What an environment has at the forge: variables, whose values become fingerprints here, and the names of its secrets.

use std::collections::BTreeMap;

use crate::drift::evidence::{Content, File, Fingerprint, Key, Layer, Origin, Type};
use crate::drift::values::{Facts, Secret, Values};
use crate::{Position, Span, World};

/// The forge has no lines.
const NOWHERE: Span = Span { start: Position { line: 1, column: 1 }, end: Position { line: 1, column: 1 } };

pub(super) async fn read(name: &str, values: &Values, world: &World<'_>) -> File {
    world.progress.tell(&format!("reading the environment {name} of the forge"));
    let content = match world.forge.settings(name).await {
        Err(failure) => Content::Unreadable(failure),
        Ok(settings) => {
            let key = |path: String, kind, value: &str, facts| Key {
                path,
                span: NOWHERE,
                kind,
                fingerprint: Fingerprint::of(world.salt, value),
                facts,
            };
            let variables = settings.variables.into_iter().map(|(name, value)| {
                let facts = values.facts(&name, Type::Untyped, &value);
                key(name, Type::Untyped, &value, facts)
            });
            let hidden = Facts { secret: Some(Secret::Name), ..Facts::default() };
            let secrets = settings.secrets.into_iter().map(|name| key(name, Type::Hidden, "", hidden.clone()));
            let keys = variables.chain(secrets).collect();
            Content::Keys {
                resolved: name.to_owned(),
                made: None,
                keys,
                ambiguous: Vec::new(),
                names: BTreeMap::new(),
                layer: Layer::default(),
            }
        }
    };
    File { path: name.to_owned(), origin: Origin::Forge, content }
}
