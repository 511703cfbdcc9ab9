//! Paths of keys in which a secret stands: one that was written as a key, or by which an item of a list is known.

use crate::drift::evidence::Fingerprint;
use crate::drift::values::is_secret;

/// A shorter part is no token that could be known as one.
const SHORTEST: usize = 20;

/// The path as it may be shown: in the place of a secret stands a mark, the same one for the same secret in one run.
pub(super) fn shown(path: &str, salt: &[u8; 32]) -> String {
    if path.len() < SHORTEST {
        return path.to_owned();
    }
    let mark = |secret: &str| format!("(secret {:.8})", Fingerprint::of(salt, secret).digits());
    // An address with a password has dots and brackets of its own.
    if let Some(scheme) = path.find("://") {
        let from = path[..scheme].rfind(['.', '[']).map_or(0, |at| at + 1);
        let rest = &path[from..];
        return if is_secret(rest) || rest.contains('@') {
            format!("{}{}", &path[..from], mark(rest))
        } else {
            path.to_owned()
        };
    }
    let mut shown = String::with_capacity(path.len());
    for part in path.split_inclusive(['.', '[', ']']) {
        let word = part.trim_end_matches(['.', '[', ']']);
        if word.len() >= SHORTEST && is_secret(word) {
            shown.push_str(&mark(word));
            shown.push_str(&part[word.len()..]);
        } else {
            shown.push_str(part);
        }
    }
    shown
}

#[test]
fn a_secret_in_a_path_is_not_shown() {
    let salt = &[7; 32];
    for path in [
        "tokens.ghp_a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
        "api[sk_live_4eC39HqLyjWDarjtT1zdp7dc].owner",
        "a.postgres://u:pw@h.x/db",
        "9f86d081884c7d659a2feaa0c55ad015",
    ] {
        let shown = shown(path, salt);
        assert!(shown.contains("(secret "), "{shown}");
        assert!(
            !shown.contains("a1a1") && !shown.contains("4eC3") && !shown.contains("pw@") && !shown.contains("9f86"),
            "{shown}"
        );
    }
    for path in [
        "services.api.environment.A_RATHER_LONG_NAME_OF_A_VARIABLE",
        "Deployment/a-long-name-of-a-deployment.spec.template",
    ] {
        assert_eq!(shown(path, salt), path);
    }
}
