//! A unified diff as two columns.

/// A line of one side: its text, and whether the other side lacks it. Nothing where the other side has more lines.
pub(super) type Side = Option<(String, bool)>;

/// The rows of a unified diff; none where the text is no diff.
pub(super) fn sides(text: &str) -> Vec<(Side, Side)> {
    let is_diff = text.starts_with("--- ") && text.lines().nth(1).is_some_and(|line| line.starts_with("+++ "));
    if !is_diff {
        return Vec::new();
    }
    let mut rows = Vec::new();
    let (mut removed, mut added): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut lines = text.lines();
    let name = |line: Option<&str>| line.and_then(|line| line.get(4..)).map(|name| (name.trim_end().to_owned(), false));
    rows.push((name(lines.next()), name(lines.next())));
    for line in lines {
        match line.as_bytes().first() {
            Some(b'-') => removed.push(&line[1..]),
            Some(b'+') => added.push(&line[1..]),
            _ => {
                pair(&mut removed, &mut added, &mut rows);
                let same = Some((line.strip_prefix(' ').unwrap_or(line).to_owned(), false));
                rows.push((same.clone(), same));
            }
        }
    }
    pair(&mut removed, &mut added, &mut rows);
    rows
}

/// What was removed beside what was added in its place.
fn pair(removed: &mut Vec<&str>, added: &mut Vec<&str>, rows: &mut Vec<(Side, Side)>) {
    let changed = |text: &&str| Some(((*text).to_owned(), true));
    for index in 0..removed.len().max(added.len()) {
        rows.push((removed.get(index).and_then(changed), added.get(index).and_then(changed)));
    }
    removed.clear();
    added.clear();
}

#[test]
fn a_diff_stands_side_by_side() {
    let text = "--- expected\n+++ found\n@@ -1,3 +1,3 @@\n same\n-old\n-gone\n+new\n same too\n+more\n";
    let row = |one: Side| one.map_or("·".to_owned(), |(text, changed)| if changed { format!("*{text}") } else { text });
    let shown: Vec<String> = sides(text).into_iter().map(|(a, b)| format!("{}|{}", row(a), row(b))).collect();
    let expected = [
        "expected|found",
        "@@ -1,3 +1,3 @@|@@ -1,3 +1,3 @@",
        "same|same",
        "*old|*new",
        "*gone|·",
        "same too|same too",
        "·|*more",
    ];
    assert_eq!(shown, expected);
    assert!(sides("no diff\n-at all").is_empty());
}
