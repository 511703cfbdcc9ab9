//! Lines that every loader reads alike, so that no loader needs to be asked.

/// A line of the form `KEY=value`, the value in quotes and before a comment perhaps, and the place after it.
pub(super) struct Plain<'a> {
    pub key: &'a str,
    pub value: &'a str,
    pub next: usize,
}

/// What may stand in quotes without a meaning to any loader.
const QUOTED: [bool; 256] = table(b"_./:@%+,-= ;&?*()<>|[]~^");
/// The same without quotes.
const BARE: [bool; 256] = table(b"_./:@%+,-=");

const fn table(more: &[u8]) -> [bool; 256] {
    let mut all = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        all[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut index = 0;
    while index < more.len() {
        all[more[index] as usize] = true;
        index += 1;
    }
    all
}

/// The line at a place if it is one. `quotes`: whether all loaders take quotes and comments off; `returns`: whether all take `\r\n` for a line break.
pub(super) fn plain(text: &str, at: usize, quotes: bool, returns: bool) -> Option<Plain<'_>> {
    let bytes = &text.as_bytes()[at..];
    let name = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    if name == 0 || bytes[0].is_ascii_digit() || bytes.get(name) != Some(&b'=') {
        return None;
    }
    let from = name + 1;
    let quote = bytes.get(from).copied().filter(|byte| quotes && matches!(byte, b'"' | b'\''));
    let (start, allowed) = if quote.is_some() { (from + 1, &QUOTED) } else { (from, &BARE) };
    let end = start + bytes[start..].iter().take_while(|byte| allowed[usize::from(**byte)]).count();
    let mut after = end;
    if let Some(quote) = quote {
        if bytes.get(end) != Some(&quote) {
            return None;
        }
        after += 1;
    }
    // One blank: of more, dotenvy looks for quotes in what follows.
    if quotes && bytes.get(after) == Some(&b' ') && bytes.get(after + 1) == Some(&b'#') {
        let rest = &bytes[after..];
        after += memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
    }
    if returns && bytes.get(after) == Some(&b'\r') && bytes.get(after + 1) == Some(&b'\n') {
        after += 1;
    }
    if after < bytes.len() && bytes[after] != b'\n' {
        return None;
    }
    let next = at + (after + 1).min(bytes.len());
    Some(Plain { key: &text[at..at + name], value: &text[at + start..at + end], next })
}
