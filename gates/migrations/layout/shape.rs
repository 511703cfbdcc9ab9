//! What a file's name says about the migration that it may be part of.

/// What the name of a file says.
pub(super) enum Shape<'a> {
    /// `<name>/up.sql` or `<name>/down.sql`.
    Folder { name: &'a str, is_up: bool },
    /// `<name>.up.sql` or `<name>.down.sql`.
    Pair { name: &'a str, is_up: bool },
    /// `<name>.up.<ext>` or `<name>.down.<ext>`, which is golang-migrate's alone.
    OddPair { name: &'a str, is_up: bool },
    /// `<name>.sql`.
    Single { name: &'a str },
}

/// The folder and the shape of a path that may be one of a migration: its name begins with a number.
pub(super) fn shape(path: &str) -> Option<(&str, Shape<'_>)> {
    let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
    let numbered = |name: &str| name.starts_with(|c: char| c.is_ascii_digit());
    if let "up.sql" | "down.sql" = file {
        let (directory, name) = directory.rsplit_once('/').unwrap_or(("", directory));
        let is_one = !name.is_empty() && !name.starts_with('.');
        return is_one.then_some((directory, Shape::Folder { name, is_up: file == "up.sql" }));
    }
    if !numbered(file) {
        return None;
    }
    let Some(name) = file.strip_suffix(".sql") else {
        return odd_pair(file).map(|(name, is_up)| (directory, Shape::OddPair { name, is_up }));
    };
    let shape = match name.rsplit_once('.') {
        Some((name, way @ ("up" | "down"))) => Shape::Pair { name, is_up: way == "up" },
        _ => Shape::Single { name },
    };
    Some((directory, shape))
}

/// The name and the way of a file such as `1_name.up.pgsql` or `1_name.up.v2.sql`. Code is found on its own.
///
/// Source: [its pattern](https://github.com/golang-migrate/migrate/blob/master/source/parse.go).
pub(super) fn odd_pair(file: &str) -> Option<(&str, bool)> {
    let (up, down) = (file.rfind(".up."), file.rfind(".down."));
    let at = up.max(down)?;
    let (_, extension) = file[at + 1..].split_once('.')?;
    let rest = file.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.starts_with('_') && !matches!(extension, "sql" | "go")).then_some((&file[..at], up > down))
}
