//! Evolutions of the Play framework: `conf/evolutions/<database>/<number>.sql` with `# --- !Ups` and `# --- !Downs`, or the same
//! behind `--`. A doubled semicolon stands for one that ends no statement.
//!
//! Source: [the documentation](https://www.playframework.com/documentation/latest/Evolutions) and
//! [the reader](https://github.com/playframework/playframework/blob/main/persistence/play-jdbc-evolutions/src/main/scala/play/api/db/evolutions/EvolutionsApi.scala).

use super::{Script, masked};

pub(super) fn is_one(text: &str) -> bool {
    text.lines().any(|line| mark(line) == Some(true))
}

pub(super) fn read(path: &str, text: String) -> Result<(Script, Option<Script>), String> {
    let mut parts: [Vec<std::ops::Range<usize>>; 2] = [vec![], vec![]];
    let mut starts = [None, None];
    let mut open: Option<usize> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(is_up) = mark(line) {
            let way = usize::from(!is_up);
            open = Some(way);
            starts[way].get_or_insert(at);
        } else if let Some(way) = open
            // A comment to Play, and to MySQL alone among databases.
            && !line.trim_start().starts_with('#')
        {
            parts[way].push(at..at + line.len());
        }
        at += line.len();
    }
    let script = |way: usize| {
        let start = starts[way]?;
        let text = masked(&text, &parts[way]).replace(";;", " ;");
        let end = text.len();
        Some(Script { pieces: std::iter::once(start..end).collect(), start, ..Script::whole(path, text, false) })
    };
    let up = script(0).ok_or("there is no `!Ups`")?;
    Ok((up, script(1)))
}

/// Whether a line opens the ups or the downs.
fn mark(line: &str) -> Option<bool> {
    if !line.starts_with('#') && !line.starts_with("--") {
        return None;
    }
    match (line.contains("!Ups"), line.contains("!Downs")) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}
