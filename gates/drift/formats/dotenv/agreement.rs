//! Several loaders side by side on one file: what they read alike, and how they differ.

use std::borrow::Cow;

use super::Dialect;
use super::plain::{Plain, plain};
use super::statement::{Entry, Loader, Refusal, is_name};

/// A variable that a file sets.
pub(super) struct Line<'a> {
    pub at: usize,
    pub key: &'a str,
    /// Nothing if it is taken over from the surrounding environment.
    pub value: Option<Cow<'a, str>>,
    /// How the loaders differ, if they do.
    pub differ: Option<String>,
    /// It is the value as it is written, with a reference to what the file sets.
    pub refers: bool,
}

/// What happens to a file that one of the loaders refuses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is a difference like others as long as another one reads the line.
    Differs,
    Fails,
}

struct Reader<'a> {
    dialect: Dialect,
    loader: Box<dyn Loader<'a> + 'a>,
    /// Where its next statement begins, and the same without blanks and comments.
    next: usize,
    place: usize,
    refusal: Option<Refusal>,
}

const NO_LINE: &str = "it is not a line of the form KEY=value";

/// Reads a file as several loaders do. `each` is given what they set, in the order of the file.
pub(super) fn read<'a, E: From<Refusal>>(
    text: &'a str,
    dialects: &[Dialect],
    refused: Refused,
    mut each: impl FnMut(Line<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let mut readers: Vec<Reader<'a>> = dialects
        .iter()
        .map(|dialect| Reader { dialect: *dialect, loader: dialect.loader(text), next: 0, place: 0, refusal: None })
        .collect();
    let has = |dialect| dialects.contains(&dialect);
    let (quotes, returns, refers) = (!has(Dialect::Docker), !has(Dialect::Shell), text.contains('$'));
    // What was read since all of them stood at the same place.
    let mut region: Vec<(usize, Entry<'a>)> = Vec::new();
    let mut from = 0;
    loop {
        let live = || readers.iter().filter(|reader| reader.refusal.is_none());
        let place = live().map(|reader| reader.place).min().unwrap_or(text.len());
        if live().all(|reader| reader.place == place) {
            finish(text, &mut readers, &mut region, from, refused, &mut each)?;
            let (mut place, mut after) = (place, None);
            while let Some(Plain { key, value, next }) =
                plain(text, place, quotes, returns).filter(|it| is_name(it.key))
            {
                each(Line { at: place, key, value: Some(Cow::Borrowed(value)), differ: None, refers: false })?;
                if refers {
                    readers.iter_mut().for_each(|reader| reader.loader.learn(key, value));
                }
                (place, after) = (past_comments(text, next), Some(next));
            }
            if let Some(next) = after {
                readers.iter_mut().for_each(|reader| (reader.next, reader.place) = (next, place));
            }
            from = place;
            if place == text.len() {
                return Ok(());
            }
        }
        let place = readers.iter().filter(|reader| reader.refusal.is_none()).map(|reader| reader.place).min();
        for (number, reader) in readers.iter_mut().enumerate() {
            if reader.refusal.is_some() || Some(reader.place) != place {
                continue;
            }
            match reader.loader.statement(reader.next) {
                Ok(statement) => {
                    reader.next = further(text, statement.next.max(reader.next + 1));
                    reader.place = past_comments(text, reader.next);
                    let Some(entry) = statement.entry else { continue };
                    if is_name(entry.key) && (entry.value.is_some() || is_plain(entry.key)) {
                        region.push((number, entry));
                    } else if entry.value.is_some() || !entry.key.contains(char::is_whitespace) {
                        return Err(Refusal::new(NO_LINE, entry.at).into());
                    }
                }
                Err(refusal) if refused == Refused::Fails => return Err(refusal.into()),
                Err(refusal) => reader.refusal = Some(refusal),
            }
        }
    }
}

/// What stands alone in a line is shown only if it looks like a variable: it may be a line of a secret.
fn is_plain(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A place that is one between two characters.
fn further(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// The next place at which something stands. Blanks and whole comments mean nothing to any loader.
fn past_comments(text: &str, at: usize) -> usize {
    let mut at = at;
    loop {
        let rest = text[at..].trim_start();
        at = text.len() - rest.len();
        if !rest.starts_with('#') {
            return at;
        }
        let bytes = text.as_bytes();
        let end = memchr::memchr2(b'\r', b'\n', &bytes[at..]).map_or(text.len(), |length| at + length);
        at = match bytes.get(end..) {
            // At a lone carriage return the comment ends for some.
            Some([b'\r', next, ..]) if *next != b'\n' => return at,
            Some([b'\r', ..]) => end + 1,
            _ => end,
        };
    }
}

/// Says what was read in a stretch of the file.
fn finish<'a, E: From<Refusal>>(
    text: &str,
    readers: &mut Vec<Reader<'a>>,
    region: &mut Vec<(usize, Entry<'a>)>,
    from: usize,
    refused: Refused,
    each: &mut impl FnMut(Line<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let refusals: Vec<(&'static str, &'static str)> =
        readers.iter().filter_map(|it| Some((it.dialect.word(), it.refusal.as_ref()?.what))).collect();
    let mut refusals = (!refusals.is_empty()).then_some(refusals);
    if refusals.is_some() && region.is_empty() {
        let at = past_comments(text, from);
        return Err(Refusal::new(NO_LINE, at).into());
    }
    region.sort_by_key(|(_, entry)| entry.at);
    let several = readers.len() > 1;
    let mut rest = std::mem::take(region).into_iter().peekable();
    while let Some((number, entry)) = rest.next() {
        let mut group = vec![(number, entry)];
        while let Some(next) = rest.next_if(|(_, next)| next.at == group[0].1.at) {
            group.push(next);
        }
        let mut differ = if several { differences(readers, &group) } else { None };
        if let Some(refusals) = refusals.take() {
            let words: Vec<&str> = refusals.iter().map(|(word, _)| *word).collect();
            let verb = if words.len() == 1 { "refuses" } else { "refuse" };
            differ = Some(format!("{} {verb} the file here ({})", and(&words), refusals[0].1));
        }
        let set = group.iter().any(|(_, entry)| entry.value.is_some());
        let refers = group.iter().filter_map(|(_, entry)| entry.value.as_ref());
        let refers = refers.into_iter().any(|made| made.refers && (several || made.depends));
        let mut said: Vec<&str> = Vec::new();
        for (_, entry) in group {
            if said.contains(&entry.key) || set && entry.value.is_none() {
                continue;
            }
            said.push(entry.key);
            let value = entry.value.map(|made| if several { made.written() } else { made.value() });
            each(Line { at: entry.at, key: entry.key, value: value.map(Cow::Owned), differ: differ.take(), refers })?;
        }
    }
    if refused == Refused::Differs {
        readers.retain(|reader| reader.refusal.is_none());
    }
    Ok(())
}

/// How loaders differ about one place, if they do.
fn differences(readers: &[Reader<'_>], group: &[(usize, Entry<'_>)]) -> Option<String> {
    let live: Vec<(&'static str, Option<&Entry<'_>>)> = readers
        .iter()
        .enumerate()
        .filter(|(_, reader)| reader.refusal.is_none())
        .map(|(number, reader)| {
            let entry = group.iter().find(|(of, _)| *of == number).map(|(_, entry)| entry);
            (reader.dialect.word(), entry)
        })
        .collect();
    let first = group.first().map(|(_, entry)| entry)?;
    // A name alone is nobody's value, whether a loader mentions it or not.
    let alike = |entry: &Option<&Entry<'_>>| match entry {
        Some(entry) => {
            entry.key == first.key
                && entry.value.as_ref().map(|made| &made.compared) == first.value.as_ref().map(|made| &made.compared)
        }
        None => first.value.is_none(),
    };
    if live.iter().all(|(_, entry)| alike(entry)) {
        return None;
    }
    let traits: [fn(Option<&Entry<'_>>) -> &'static str; 7] =
        [presence, lines, hash, reference, dollars, quotes, backslashes];
    let differing = traits.iter().find(|says| live.iter().any(|(_, entry)| says(*entry) != says(live[0].1)));
    // The same words for those that read another key.
    let other_key =
        |entry: Option<&Entry<'_>>| if entry.is_some_and(|it| it.key == first.key) { "" } else { "another name" };
    let mut said: Vec<(&'static str, Vec<&str>)> = Vec::new();
    for (word, entry) in &live {
        let how = match differing {
            Some(says) => says(*entry),
            None => other_key(*entry),
        };
        match said.iter_mut().find(|(known, _)| *known == how) {
            Some((_, words)) => words.push(word),
            None => said.push((how, vec![word])),
        }
    }
    if said.len() < 2 || differing.is_none() {
        let words: Vec<&str> = live.iter().map(|(word, _)| *word).collect();
        return Some(format!("{} each read something else", and(&words)));
    }
    let parts: Vec<String> = said
        .iter()
        .map(|(how, words)| {
            let how = if words.len() == 1 { singular(how) } else { (*how).to_owned() };
            format!("{} {how}", and(words))
        })
        .collect();
    Some(parts.join(", "))
}

/// The first word of what is said is a verb in the plural.
fn singular(how: &str) -> String {
    match how.split_once(' ') {
        Some(("do", rest)) => format!("does {rest}"),
        Some((verb, rest)) => format!("{verb}s {rest}"),
        None => how.to_owned(),
    }
}

fn and(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

fn value<'e>(entry: Option<&'e Entry<'_>>) -> &'e str {
    entry.and_then(|entry| entry.value.as_ref()).map_or("", |made| made.compared.as_str())
}

fn presence(entry: Option<&Entry<'_>>) -> &'static str {
    match entry {
        None => "do not see a variable here",
        Some(Entry { value: None, .. }) => "see no value",
        Some(_) => "see a value",
    }
}

fn lines(entry: Option<&Entry<'_>>) -> &'static str {
    if value(entry).contains(['\n', '\r']) { "read a value of several lines" } else { "read one line" }
}

fn hash(entry: Option<&Entry<'_>>) -> &'static str {
    if value(entry).contains('#') { "keep what follows `#`" } else { "cut the value at `#`" }
}

fn reference(entry: Option<&Entry<'_>>) -> &'static str {
    if entry.and_then(|entry| entry.value.as_ref()).is_some_and(super::statement::Made::replaces) {
        "put a variable in the place of `$`"
    } else {
        "take `$` for itself"
    }
}

fn dollars(entry: Option<&Entry<'_>>) -> &'static str {
    if value(entry).contains('$') { "keep `$`" } else { "drop `$`" }
}

fn quotes(entry: Option<&Entry<'_>>) -> &'static str {
    if value(entry).contains(['"', '\'', '`']) { "keep a quote" } else { "take quotes off" }
}

fn backslashes(entry: Option<&Entry<'_>>) -> &'static str {
    match value(entry).matches('\\').count() {
        0 => "take `\\` for an escape",
        1 => "keep one `\\`",
        _ => "keep each `\\`",
    }
}
