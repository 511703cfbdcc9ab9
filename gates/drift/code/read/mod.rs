//! Which files are programs, and which variables each reads.

mod calls;
mod lexer;
mod lines;

use super::reads::Read;
use lexer::{Backtick, Dialect, lex};

/// A language, as far as it reads variables in a way of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    CSharp,
    Elixir,
    Go,
    Java,
    JavaScript,
    Php,
    Python,
    Ruby,
    Rust,
    Shell,
    /// Configuration of Spring.
    Spring,
}

/// What is found in one file.
#[derive(Default)]
pub(super) struct Seen {
    pub reads: Vec<Read>,
    /// Where the program takes all variables, or one whose name it computes: in bytes.
    pub computed: Option<usize>,
}

/// Endings of the files that are looked at, for [`Family::of`].
pub(super) const GLOBS: &[&str] = &[
    "**/*.{js,jsx,ts,tsx,mjs,cjs,mts,cts,vue,svelte,astro}",
    "**/*.{py,rb,rake,ru,erb,rs,go,php,cs,java,kt,kts,scala,groovy,ex,exs,sh,bash}",
    "**/{Gemfile,Rakefile}",
    "**/application*.{yml,yaml,properties}",
];

impl Family {
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        Some(match extension {
            "js" | "jsx" | "ts" | "tsx" | "mjs" | "cjs" | "mts" | "cts" | "vue" | "svelte" | "astro" => {
                Self::JavaScript
            }
            "py" => Self::Python,
            "rb" | "rake" | "ru" | "erb" => Self::Ruby,
            "rs" => Self::Rust,
            "go" => Self::Go,
            "php" => Self::Php,
            "cs" => Self::CSharp,
            "java" | "kt" | "kts" | "scala" | "groovy" => Self::Java,
            "ex" | "exs" => Self::Elixir,
            "sh" | "bash" => Self::Shell,
            "yml" | "yaml" | "properties" if name.starts_with("application") => Self::Spring,
            _ if matches!(name, "Gemfile" | "Rakefile") => Self::Ruby,
            _ => return None,
        })
    }
}

/// The variables that a program reads, in its order.
pub(super) fn read(family: Family, text: &str) -> Seen {
    // Most files read none; what they would read them by is a word that is quickly looked for.
    if !words(family).iter().any(|word| text.contains(word)) {
        return Seen::default();
    }
    match family {
        Family::Shell => lines::shell(text),
        Family::Spring => lines::spring(text),
        _ => calls::read(family, &lex(text, &dialect(family))),
    }
}

const fn words(family: Family) -> &'static [&'static str] {
    match family {
        Family::CSharp => &["Environment"],
        Family::Elixir => &["System"],
        Family::Go => &["os.", "env", "Automatic"],
        Family::Java => &["getenv", "${"],
        Family::JavaScript => &["env"],
        Family::Php => &["env", "_ENV"],
        Family::Python => &["env", "config", "BaseSettings"],
        Family::Ruby => &["ENV"],
        Family::Rust => &["env", "var"],
        Family::Shell | Family::Spring => &["${"],
    }
}

const fn dialect(family: Family) -> Dialect {
    let c = Dialect {
        line_comments: &["//"],
        block_comment: Some(("/*", "*/")),
        nested: false,
        single: false,
        backtick: Backtick::Sign,
        triple: false,
        put_in: None,
        put_in_after: None,
        long: false,
        regex: false,
    };
    match family {
        Family::CSharp => Dialect { triple: true, put_in_after: Some((b'$', "{")), ..c },
        Family::Java => Dialect { triple: true, nested: true, ..c },
        Family::Go => Dialect { backtick: Backtick::Raw, ..c },
        Family::JavaScript => Dialect { single: true, backtick: Backtick::Template, regex: true, ..c },
        Family::Php => Dialect { line_comments: &["//", "#"], single: true, long: true, ..c },
        Family::Python => Dialect {
            line_comments: &["#"],
            block_comment: None,
            single: true,
            triple: true,
            put_in_after: Some((b'f', "{")),
            ..c
        },
        Family::Ruby | Family::Elixir => Dialect {
            line_comments: &["#"],
            block_comment: Some(("\n=begin", "\n=end")),
            single: true,
            put_in: Some("#{"),
            long: true,
            regex: true,
            ..c
        },
        Family::Rust => Dialect { nested: true, long: true, ..c },
        Family::Shell | Family::Spring => c,
    }
}

/// `JWT_SECRET`, `port`: what may be the name of a variable.
fn is_name(name: &str) -> bool {
    name.len() <= 200
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `JWT_SECRET`: in capitals, as variables are where the call could be about something else.
fn is_shouted(name: &str) -> bool {
    is_name(name)
        && name.bytes().any(|byte| byte.is_ascii_uppercase())
        && !name.bytes().any(|byte| byte.is_ascii_lowercase())
}
