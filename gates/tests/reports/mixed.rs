//! Lines that were written in another encoding than the ones before them.
//!
//! The `>>` of Windows PowerShell 5.1 appends UTF-16 to whatever a file holds (`about_Character_Encoding`), and a shell appends UTF-8 to
//! what PowerShell wrote: decoded as the rest of the file, tests in such lines would be text that a test printed. Wrong bytes in what a
//! test says are no sign of it.

use super::{Format, tap};

/// Bytes of this many units of UTF-16 that all read as ASCII are no text by chance.
const UNITS: usize = 8;

/// What is wrong with a line of a report in `format`, if it hides what it says.
pub(super) fn trouble(text: &str, format: Format, is_wide: bool) -> Option<String> {
    if text.is_ascii() && !text.as_bytes().contains(&0) {
        return None;
    }
    if is_wide {
        if text.contains(char::REPLACEMENT_CHARACTER) || is_of_bytes(text) {
            return Some("it begins as UTF-16, and this line is written in another encoding".into());
        }
        return None;
    }
    let zeros = memchr::memchr_iter(0, text.as_bytes()).count();
    // No writer of JSON writes a zero as it is; of UTF-16 every blank and every break has one.
    let is_utf16 = zeros > 0 && (format != Format::Tap || text.starts_with('\0') || zeros >= text.len() / 4);
    if is_utf16 {
        return Some("it holds zero bytes, as UTF-16 does that was appended to another encoding".into());
    }
    let is_wrong = |c: char| c == char::REPLACEMENT_CHARACTER || c == '\0';
    let is_own = |text: &str| match format {
        Format::Tap => tap::is_result(text),
        _ => text.trim_start().starts_with('{'),
    };
    if !is_own(text) && text.contains(is_wrong) && is_own(&text.replace(is_wrong, "")) {
        return Some("wrong bytes stand in the way of what it says".into());
    }
    None
}

/// Whether it is single bytes that were read as UTF-16, a line break among them.
fn is_of_bytes(text: &str) -> bool {
    let is_ascii = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    let (mut run, mut breaks) = (0, false);
    let mut from_start = true;
    for unit in text.encode_utf16() {
        let bytes = unit.to_le_bytes();
        if !bytes.into_iter().all(is_ascii) {
            (run, breaks, from_start) = (0, false, false);
            continue;
        }
        run += 1;
        breaks |= bytes.into_iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        if breaks && run >= if from_start { UNITS / 2 } else { UNITS } {
            return true;
        }
    }
    false
}
