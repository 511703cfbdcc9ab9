//! What Maven and Gradle compile for (<https://maven.apache.org/plugins/maven-compiler-plugin/>,
//! <https://docs.gradle.org/current/userguide/toolchains.html>), and target frameworks of .NET: text between known words.

use super::image;
use crate::Span;
use crate::drift::runtimes::language::Language;
use crate::drift::runtimes::place::{Found, Role};
use crate::drift::runtimes::versions::Versions;

/// `maven.compiler.release` and what stands for it in older files.
pub(super) fn pom(text: &str) -> Vec<Found> {
    let text = &without_comments(text, "<!--", "-->");
    // The strictest first: `release` rules over `target`.
    let names = ["maven.compiler.release", "release", "maven.compiler.target", "target", "java.version"];
    let first = names.iter().find_map(|name| {
        let (at, written) = element(text, name)?;
        let least = least(written)?;
        Some((at, written, least))
    });
    let Some((at, written, versions)) = first else { return Vec::new() };
    let span = Span::of_bytes(text, at..at + written.len());
    vec![Found::new(Language::Java, Role::Allows, &format!(">={written}"), Some(versions), span)]
}

/// Compiled for a version is run by that and later ones.
fn least(written: &str) -> Option<Versions> {
    let plain = written.strip_prefix("1.").unwrap_or(written);
    let digits = !plain.is_empty() && plain.len() < 4 && plain.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Versions::at_least(plain)).flatten()
}

/// The text of the first element of a name, and where it begins.
fn element<'t>(text: &'t str, name: &str) -> Option<(usize, &'t str)> {
    let open = format!("<{name}>");
    let start = text.find(&open)? + open.len();
    let inner = &text[start..start + text[start..].find("</")?];
    let indent = inner.len() - inner.trim_start().len();
    Some((start + indent, inner.trim()))
}

/// The text with as many blanks in the place of comments.
fn without_comments(text: &str, open: &str, close: &str) -> String {
    let (mut whole, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(open) {
        let end = rest[at..].find(close).map_or(rest.len(), |length| at + length + close.len());
        whole.push_str(&rest[..at]);
        whole.extend(rest[at..end].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    whole.push_str(rest);
    whole
}

/// `languageVersion = JavaLanguageVersion.of(17)`, `sourceCompatibility = JavaVersion.VERSION_17`, `jvmToolchain(17)`, `options.release = 17`.
pub(super) fn gradle(text: &str) -> Vec<Found> {
    let mut offset = 0;
    let (mut found, mut rank) = (None, usize::MAX);
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len();
        let line = raw.split("//").next().unwrap_or(raw);
        let words =
            ["options.release", "targetCompatibility", "JavaLanguageVersion.of", "jvmToolchain", "sourceCompatibility"];
        let Some((order, at)) =
            words.iter().enumerate().find_map(|(order, word)| Some((order, line.find(word)? + word.len())))
        else {
            continue;
        };
        let rest = line[at..].trim_start_matches([' ', '\t', '=', '(', '"', '\'', '.']);
        let rest = rest.strip_prefix("set(").unwrap_or(rest);
        let rest = rest.strip_prefix("JavaVersion.VERSION_").unwrap_or(rest);
        let rest = rest.strip_prefix("JavaVersion.toVersion(").unwrap_or(rest).trim_start_matches(['"', '\'']);
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(rest.len());
        let written = rest[..end].trim_end_matches('.').replace('_', ".");
        if let Some(versions) = least(&written)
            && order < rank
        {
            let trimmed = line.trim();
            let indent = line.len() - line.trim_start().len();
            let span = Span::of_bytes(text, start + indent..start + indent + trimmed.len());
            rank = order;
            found = Some(Found::new(Language::Java, Role::Allows, &format!(">={written}"), Some(versions), span));
        }
    }
    found.into_iter().collect()
}

/// `<TargetFramework>net8.0</TargetFramework>`: a later runtime of the same major version runs it.
pub(super) fn project(text: &str) -> Vec<Found> {
    let text = &without_comments(text, "<!--", "-->");
    let Some((at, written)) = element(text, "TargetFramework").or_else(|| element(text, "TargetFrameworks")) else {
        return Vec::new();
    };
    let of = |name: &str| {
        let number = name.trim().strip_prefix("netcoreapp").or_else(|| name.trim().strip_prefix("net"))?;
        let number = number.split('-').next().unwrap_or(number);
        // `net48` and `netstandard2.0` are others.
        if !number.contains('.') {
            return None;
        }
        Versions::range(&format!("^{number}"), crate::drift::runtimes::versions::Grammar::Npm)
    };
    let versions = Versions::any_of(written.split(';').filter_map(of));
    let Some(versions) = versions else { return Vec::new() };
    vec![Found::new(
        Language::Dotnet,
        Role::Allows,
        written,
        Some(versions),
        Span::of_bytes(text, at..at + written.len()),
    )]
}

/// SDKMAN's `.sdkmanrc`: `java=17.0.10-tem`.
pub(super) fn sdkman(text: &str) -> Vec<Found> {
    let mut offset = 0;
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len();
        if let Some(version) = raw.trim().strip_prefix("java=") {
            let span = Span::of_bytes(text, start..start + raw.trim_end().len());
            return vec![Found::new(Language::Java, Role::Pins, version, image::java(version), span)];
        }
    }
    Vec::new()
}
