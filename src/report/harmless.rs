//! Text from strangers, made harmless where it goes. Every renderer passes everything that it did not write itself
//! through one of these.

/// For a terminal or a log: control characters, bidirectional overrides and invisible characters become visible escapes,
/// and what a CI's log reader would take for a command (`##[`, `##vso[`, `##teamcity[`, `::name::` at the start) does not
/// look like one any more. The result is one line.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push(' '),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            '#' if rest.peek() == Some(&'#') => out.push_str("#\u{2060}"),
            c => out.push(c),
        }
    }
    if out.trim_start().starts_with("::") { format!("\u{2060}{out}") } else { out }
}

/// [`line`] of each line, with the line breaks kept.
pub(crate) fn lines(text: &str) -> String {
    text.split('\n').map(|l| line(l.strip_suffix('\r').unwrap_or(l))).collect::<Vec<_>>().join("\n")
}

/// Whether a character is not what a reader sees, or moves what is around it.
/// Unicode categories Cc and the bidirectional and invisible ones of Cf (UAX #9, UTS #39).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2061}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// For the message of a workflow command: `%`, CR and LF as percent escapes, after [`line`] for all else.
/// `actions/runner`, `ActionCommand.cs`: the runner unescapes `%25` last.
pub(crate) fn command_data(text: &str) -> String {
    let shown: Vec<String> = text.split('\n').map(|l| line(l.strip_suffix('\r').unwrap_or(l))).collect();
    shown.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// For a property of a workflow command: [`command_data`], and `:` and `,`.
pub(crate) fn command_property(text: &str) -> String {
    command_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// For GitHub's Markdown, inside a line: everything that could start markup, a mention, a reference or HTML is escaped.
pub(crate) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A mention or a reference to an issue is broken by an entity, and so is a bare link.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '+' | '!' | '|' | '~' | '$' | '-' | '='
            | '^' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // `1.` opens a list and `www.` is a link.
    out.replace("www.", "www&#46;")
}

/// For a fenced block of Markdown: a fence longer than any in the text, and the text.
pub(crate) fn fenced(text: &str, language: &str) -> String {
    let text = lines(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}
