//! Long texts, shortened: what is cut is said.

/// Room for the sentence that says how much was cut, in UTF-16 units.
const SAID: usize = 40;

/// The text, or its beginning and how much more there is: at most `most` UTF-16 units in all.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let units = text.encode_utf16().count();
    if units <= most {
        return text.to_string();
    }
    let room = most.saturating_sub(SAID);
    let mut used = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= room
        })
        .collect();
    let rest = units - kept.encode_utf16().count();
    format!("{kept}… ({rest} characters more)")
}
