//! Text from strangers, made harmless where it goes. Every renderer passes everything that it did not write itself
//! through one of these.

/// Stands before or inside of what a log reader would take for a command: no width, and no line breaks at it.
const JOINER: char = '\u{2060}';

/// For a terminal or a log: control characters, bidirectional overrides and invisible characters become visible escapes,
/// and what a CI's log reader would take for a command (`##[`, `##vso[`, `##teamcity[`, `::name::` at the start) does not
/// look like one any more. The result is one line.
pub(crate) fn line(text: &str) -> String {
    let out = visible(text);
    if out.trim_start().starts_with("::") { format!("{JOINER}{out}") } else { out }
}

/// Where the byte `at` of `text` comes to lie in [`line()`] of it. `at` must be between two characters.
pub(crate) fn position(text: &str, at: usize) -> usize {
    let guard = line(text).len() - visible(text).len();
    guard + visible(&text[..at]).len()
}

/// [`line()`] but for its start.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Most text is harmless as it stands.
    while let Some(at) = rest.bytes().position(|b| !matches!(b, b' '..=b'~') || b == b'#') {
        out.push_str(&rest[..at]);
        let mut characters = rest[at..].chars();
        match characters.next() {
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push(' '),
            Some('#') if characters.as_str().starts_with('#') => out.extend(['#', JOINER]),
            Some(c) if is_hidden(c) => out.extend(c.escape_unicode()),
            Some(c) => out.push(c),
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out
}

/// [`line()`] of each line, with the line breaks kept.
pub(crate) fn lines(text: &str) -> String {
    text.split('\n').map(|l| line(l.strip_suffix('\r').unwrap_or(l))).collect::<Vec<_>>().join("\n")
}

/// Whether a character is not what a reader sees, or moves what is around it.
/// Unicode categories Cc and the bidirectional and invisible ones of Cf (UAX #9, UTS #39), and others that have no glyph
/// (Default_Ignorable_Code_Point but for the variation selectors that emoji are written with).
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// For the message of a workflow command, after [`lines`]: `%`, CR and LF as percent escapes.
/// `actions/runner`, `ActionCommand.cs`: the runner unescapes `%25` last.
pub(crate) fn command_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// For a property of a workflow command, after [`line()`]: [`command_data`], and `:` and `,`.
pub(crate) fn command_property(text: &str) -> String {
    command_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// For the data of a logging command of Azure Pipelines, after [`line()`]: what its agent would decode is broken, since it decodes `%`
/// itself only where a variable says so (`microsoft/azure-pipelines-agent`, `Command.cs`).
pub(crate) fn vso_data(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        if ["3B", "0D", "0A", "5D", "AZP25"].iter().any(|code| rest.starts_with(code)) {
            out.push(JOINER);
        }
    }
    out.push_str(rest);
    out
}

/// For a property of a logging command, after [`line()`].
pub(crate) fn vso_property(text: &str) -> String {
    vso_data(text).replace(';', "%3B").replace(']', "%5D")
}

/// For a value of a service message of TeamCity, after [`line()`].
pub(crate) fn service_message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\'' | '[' | ']' => out.extend(['|', c]),
            '\n' => out.push_str("|n"),
            '\r' => out.push_str("|r"),
            c if c.is_ascii() => out.push(c),
            // By UTF-16 unit: it knows four digits.
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("|0x{unit:04X}"))),
        }
    }
    out
}

/// For GitHub's Markdown, inside a line or as a paragraph: everything that could start markup, a mention, a reference or
/// HTML is escaped.
///
/// GitHub looks for mentions, references and mail addresses in the text that is left when escapes and entities are
/// undone, so those are broken by a joiner.
pub(crate) fn markdown(text: &str) -> String {
    let text = line(text);
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text.trim().chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' => out.push_str("&#124;"),
            // A bare link.
            ':' => out.push_str("&#58;"),
            '@' => out.extend(['@', JOINER]),
            '#' => out.extend(['\\', '#', JOINER]),
            // `GH-1` is a reference too.
            '-' if ends_with_gh(&out) && rest.peek().is_some_and(char::is_ascii_digit) => out.extend(['-', JOINER]),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '+' | '!' | '~' | '$' | '-' | '=' | '^'
            | '.' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

fn ends_with_gh(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len().checked_sub(2).is_some_and(|at| bytes[at..].eq_ignore_ascii_case(b"gh"))
}

/// For a fenced block of Markdown: a fence longer than any in the text, and the text.
pub(crate) fn fenced(text: &str, language: &str) -> String {
    let text = lines(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}
