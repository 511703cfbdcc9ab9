//! In which order a framework applies migrations, where it is that of their versions.

use std::cmp::Ordering;

use super::{Found, Framework};

pub(super) fn by_version(framework: Framework, a: &Found, b: &Found) -> Ordering {
    let size = |v: &str| match framework {
        // diesel's versions are texts.
        Framework::Diesel => 0,
        // Numbers by size, whatever their width.
        _ => v.len(),
    };
    let key = |m: &Found| match framework {
        // The number first, then the name: https://github.com/rubenv/sql-migrate/blob/master/migrate.go
        Framework::SqlMigrate => {
            let digits: String = m.version.chars().take_while(char::is_ascii_digit).collect();
            let plain = digits.trim_start_matches('0').to_owned();
            (plain.len(), plain)
        }
        _ => (size(&m.version), m.version.clone()),
    };
    (key(a), &a.name).cmp(&(key(b), &b.name))
}

/// Versions of numbers and points: `1.2` before `1.10`, `1` and `1.0` alike.
pub(super) fn dotted(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (x, y) => (x.unwrap_or("0"), y.unwrap_or("0")),
        };
        let (x, y) = (x.trim_start_matches('0'), y.trim_start_matches('0'));
        match (x.len(), x).cmp(&(y.len(), y)) {
            Ordering::Equal => {}
            other => return other,
        }
    }
}
