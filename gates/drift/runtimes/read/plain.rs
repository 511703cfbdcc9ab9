//! Files of version managers that hold little but a version: `.nvmrc`, `.python-version`, `.tool-versions`
//! (<https://asdf-vm.com/manage/configuration.html>), `runtime.txt`, `go.mod` (<https://go.dev/ref/mod#go-mod-file>), `Gemfile`.

use super::image;
use crate::Span;
use crate::drift::runtimes::language::Language;
use crate::drift::runtimes::place::{Found, Role};
use crate::drift::runtimes::versions::{Grammar, Versions};

/// What a version manager is asked for: `20`, `v20.11.1`, `lts/iron`, `go1.22.1`, `ruby-3.3.0`, `temurin-17.0.10+7`.
pub(super) fn pinned(language: Language, text: &str) -> Option<Versions> {
    let text = text.trim();
    match language {
        Language::Node => {
            let text = text.strip_prefix("node-").or_else(|| text.strip_prefix("node/")).unwrap_or(text);
            image::line(text.strip_prefix("lts/").or_else(|| text.strip_prefix("lts-")).unwrap_or(text))
                .or_else(|| Versions::partial(text))
        }
        Language::Java => {
            // What names its own version before that of Java: `graalvm-ce-22.3.1`.
            if text.contains("graalvm") || text.contains("mandrel") {
                return None;
            }
            image::java(text.trim_start_matches(|c: char| c.is_ascii_alphabetic()))
        }
        Language::Python => {
            let text = text.strip_prefix("cpython-").or_else(|| text.strip_prefix("cpython@")).unwrap_or(text);
            Versions::partial(text.strip_prefix("python-").unwrap_or(text))
        }
        Language::Go => Versions::partial(text.strip_prefix("go").unwrap_or(text)),
        Language::Ruby => Versions::partial(text.strip_prefix("ruby-").unwrap_or(text)),
        Language::Elixir => Versions::partial(text.split("-otp").next().unwrap_or(text)),
        // `1.82.0`, not `stable` or `nightly-2026-01-01`.
        _ => Versions::partial(text),
    }
}

/// A file whose lines are versions: any of them is installed.
pub(super) fn version_file(text: &str, language: Language, role: Role) -> Vec<Found> {
    let mut lines = lines(text).filter(|(_, line)| !line.is_empty());
    let Some((at, first)) = lines.next() else { return Vec::new() };
    let mut all = vec![pinned(language, first)];
    // Only pyenv takes several.
    if language == Language::Python {
        all.extend(lines.take(50).map(|(_, line)| pinned(language, line)));
    }
    let versions = all.into_iter().collect::<Option<Vec<_>>>().and_then(Versions::any_of);
    vec![Found::new(language, role, first, versions, Span::of_bytes(text, at..at + first.len()))]
}

/// Lines without what follows `#`, and where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |offset, raw| {
        let start = *offset;
        *offset += raw.len();
        let line = raw.split('#').next().unwrap_or(raw);
        let indent = line.len() - line.trim_start().len();
        Some((start + indent, line.trim()))
    })
}

/// `.tool-versions`: a tool and its version, with others to fall back to.
pub(super) fn tool_versions(text: &str) -> Vec<Found> {
    lines(text)
        .filter_map(|(at, line)| {
            let mut words = line.split_whitespace();
            let language = Language::of_tool(words.next()?)?;
            let written = words.next()?;
            let span = Span::of_bytes(text, at..at + line.len());
            Some(Found::new(language, Role::Pins, written, pinned(language, written), span))
        })
        .take(super::MOST)
        .collect()
}

/// Heroku's: `python-3.11.4`.
pub(super) fn runtime_txt(text: &str) -> Vec<Found> {
    let Some((at, line)) = lines(text).find(|(_, line)| !line.is_empty()) else { return Vec::new() };
    let Some(version) = line.strip_prefix("python-") else { return Vec::new() };
    let span = Span::of_bytes(text, at..at + line.len());
    vec![Found::new(Language::Python, Role::Ships, line, Versions::partial(version), span)]
}

/// The least version of Go; the toolchain is a proposal.
pub(super) fn go_mod(text: &str) -> Vec<Found> {
    let mut offset = 0;
    let mut found = Vec::new();
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len();
        let line = raw.split("//").next().unwrap_or(raw).trim_end();
        let mut words = line.split_whitespace();
        let (Some(word), Some(version), None) = (words.next(), words.next(), words.next()) else { continue };
        // Not within a block such as `require (`, which is indented.
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let span = Span::of_bytes(text, start..start + line.len());
        match word {
            "go" => found.push(Found::new(Language::Go, Role::Allows, line, Versions::at_least(version), span)),
            "toolchain" => {
                let version = version.strip_prefix("go").unwrap_or(version);
                found.push(Found::new(Language::Go, Role::Aside, line, Versions::partial(version), span));
            }
            _ => {}
        }
        if found.len() >= super::MOST {
            break;
        }
    }
    found
}

/// `ruby "3.3.0"`, `ruby "~> 3.2"`, `ruby ">= 3.1", "< 3.4"`; `ruby file: ".ruby-version"` says what another file says.
pub(super) fn gemfile(text: &str) -> Vec<Found> {
    let with = lines(text).find_map(|(at, line)| {
        let rest = line.strip_prefix("ruby")?;
        let rest = rest.strip_prefix('(').unwrap_or(rest).trim_start();
        rest.starts_with(['"', '\'']).then_some((at, line, rest))
    });
    let Some((at, line, rest)) = with else { return Vec::new() };
    let mut requirements = Vec::new();
    let mut rest = rest;
    while let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let Some(end) = rest[1..].find(quote) else { break };
        requirements.push(&rest[1..=end]);
        rest = rest[end + 2..].trim_start().trim_start_matches(',').trim_start();
    }
    let written = requirements.join(", ");
    let exact = !written.starts_with(['<', '>', '=', '~', '!']);
    let versions = if exact { Versions::partial(&written) } else { Versions::range(&written, Grammar::Ruby) };
    vec![Found::new(Language::Ruby, Role::Allows, &written, versions, Span::of_bytes(text, at..at + line.len()))]
}
