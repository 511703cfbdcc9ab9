//! Dockerfiles (<https://docs.docker.com/reference/dockerfile/>): which images the last stage is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::image;
use crate::Span;
use crate::drift::runtimes::language::Language;
use crate::drift::runtimes::place::{Found, Role};
use crate::drift::runtimes::versions::Versions;

/// Most stages of one file, images that files are copied from included.
const STAGES: usize = 500;

/// A stage, or an image that files are copied from.
struct Stage<'t> {
    name: Option<&'t str>,
    /// With `ARG`s put in; nothing where one has no default.
    image: Option<String>,
    /// Where the image is written.
    at: Range<usize>,
    /// Stages that it takes something from, with the one that it stands on.
    takes: Vec<usize>,
    stands_on: Option<usize>,
    /// It is no stage.
    outside: bool,
}

/// `local`: the file is not for what ships, as its name says.
pub(super) fn read(text: &str, local: bool) -> Vec<Found> {
    let stages = stages(text);
    let Some(last) = stages.iter().rposition(|stage| !stage.outside) else { return Vec::new() };
    let aside = local || stages[last].name.is_some_and(is_local);
    let taken = taken(&stages, last);
    // The image that the last stage stands on in the end.
    let mut bottom = last;
    while let Some(below) = stages[bottom].stands_on {
        bottom = below;
    }
    let held: Vec<(usize, Language, Option<Versions>)> = stages
        .iter()
        .enumerate()
        .filter(|(_, stage)| stage.stands_on.is_none())
        .filter_map(|(number, stage)| {
            let (language, versions) = image::of(stage.image.as_deref()?)?;
            Some((number, language, versions))
        })
        .collect();
    let decides = |language: Language| {
        let of_language = || held.iter().filter(|(number, of, _)| *of == language && taken.contains(number));
        let at_the_bottom = of_language().find(|(number, ..)| *number == bottom && !language.is_compiled());
        at_the_bottom.or_else(|| of_language().next_back()).map(|(number, ..)| *number)
    };
    held.iter()
        .map(|(number, language, versions)| {
            let stage = &stages[*number];
            let role = match () {
                () if aside || !taken.contains(number) => Role::Aside,
                () if decides(*language) == Some(*number) => Role::Ships,
                () => Role::Builds,
            };
            let span = Span::of_bytes(text, stage.at.clone());
            Found::new(*language, role, stage.image.as_deref().unwrap_or(""), versions.clone(), span)
        })
        .collect()
}

/// Names of stages and files that are not for what ships.
pub(super) fn is_local(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.split(['-', '_', '.', '/']).any(|word| {
        matches!(
            word,
            "dev"
                | "develop"
                | "development"
                | "devel"
                | "devcontainer"
                | "pytest"
                | "test"
                | "tests"
                | "testing"
                | "lint"
                | "ci"
                | "docs"
                | "doc"
                | "debug"
                | "local"
                | "e2e"
                | "bench"
                | "benchmark"
                | "example"
                | "examples"
                | "tools"
                | "tool"
                | "build-env"
                | "cypress"
                | "playwright"
        )
    })
}

/// The stages that the last one is made of.
fn taken(stages: &[Stage<'_>], last: usize) -> BTreeSet<usize> {
    let (mut taken, mut open) = (BTreeSet::new(), vec![last]);
    while let Some(number) = open.pop() {
        if taken.insert(number) {
            open.extend(stages[number].takes.iter().copied());
        }
    }
    taken
}

fn stages(text: &str) -> Vec<Stage<'_>> {
    let mut stages: Vec<Stage<'_>> = Vec::new();
    let mut arguments: BTreeMap<&str, Option<String>> = BTreeMap::new();
    let mut current: Option<usize> = None;
    for instruction in instructions(text) {
        if stages.len() >= STAGES {
            break;
        }
        let words = words(text, instruction);
        let Some(first) = words.first() else { continue };
        let word = |range: &Range<usize>| &text[range.clone()];
        match word(first).to_ascii_uppercase().as_str() {
            "ARG" if current.is_none() => {
                for range in &words[1..] {
                    let (name, value) = word(range).split_once('=').map_or((word(range), None), |(n, v)| (n, Some(v)));
                    let value = value.and_then(|value| put_in(unquoted(value), &arguments));
                    arguments.insert(name, value);
                }
            }
            "FROM" => {
                let Some(at) = words[1..].iter().position(|range| !word(range).starts_with("--")) else { continue };
                let at = words[at + 1].clone();
                let name =
                    words.windows(2).find(|two| word(&two[0]).eq_ignore_ascii_case("as")).map(|two| word(&two[1]));
                let image = put_in(unquoted(&text[at.clone()]), &arguments);
                let below = image.as_deref().and_then(|image| find(&stages, image, false));
                let takes = below.into_iter().collect();
                stages.push(Stage { name, image, at, takes, stands_on: below, outside: false });
                current = Some(stages.len() - 1);
            }
            "COPY" | "ADD" | "RUN" => {
                let Some(current) = current else { continue };
                for range in &words[1..] {
                    let Some(from) = source(word(range)) else { continue };
                    let Some(image) = put_in(from, &arguments) else { continue };
                    let number = find(&stages, &image, true).unwrap_or_else(|| {
                        let image = Some(image);
                        stages.push(Stage {
                            name: None,
                            image,
                            at: range.clone(),
                            takes: vec![],
                            stands_on: None,
                            outside: true,
                        });
                        stages.len() - 1
                    });
                    stages[current].takes.push(number);
                }
            }
            _ => {}
        }
    }
    stages
}

/// `--from=build`, `--mount=type=bind,from=build,…`.
fn source(word: &str) -> Option<&str> {
    if let Some(from) = word.strip_prefix("--from=") {
        return Some(unquoted(from));
    }
    word.strip_prefix("--mount=")?.split(',').find_map(|part| part.strip_prefix("from="))
}

/// A stage by its name, or by its number where that may stand.
fn find(stages: &[Stage<'_>], name: &str, numbers: bool) -> Option<usize> {
    let named = |stage: &Stage<'_>| stage.name.is_some_and(|of| of.eq_ignore_ascii_case(name));
    if let Some(found) = stages.iter().rposition(named) {
        return Some(found);
    }
    let number: usize = name.parse().ok().filter(|_| numbers)?;
    stages.iter().enumerate().filter(|(_, stage)| !stage.outside).nth(number).map(|(at, _)| at)
}

fn unquoted(text: &str) -> &str {
    let inner = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// `$NAME`, `${NAME}`, `${NAME:-default}`; nothing where a value is not known.
fn put_in(text: &str, arguments: &BTreeMap<&str, Option<String>>) -> Option<String> {
    let mut whole = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        whole.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let value = if let Some(braced) = after.strip_prefix('{') {
            let end = braced.find('}')?;
            rest = &braced[end + 1..];
            let (name, default) = match braced[..end].split_once([':', '-']) {
                Some((name, default)) => {
                    (name, default.strip_prefix('-').or(braced[..end].contains(":-").then_some(default)))
                }
                None => (&braced[..end], None),
            };
            let known = arguments.get(name).cloned().flatten();
            known.or_else(|| default.map(str::to_owned))?
        } else {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            rest = &after[end..];
            arguments.get(&after[..end]).cloned().flatten()?
        };
        if whole.len() + value.len() > 1000 {
            return None;
        }
        whole.push_str(&value);
    }
    whole.push_str(rest);
    Some(whole)
}

/// The instructions as ranges of the text, continued lines together, without comments and here-documents.
fn instructions(text: &str) -> Vec<Vec<Range<usize>>> {
    let escape = if text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .any(|line| line.replace(' ', "").eq_ignore_ascii_case("#escape=`"))
    {
        '`'
    } else {
        '\\'
    };
    let (mut all, mut open): (Vec<Vec<Range<usize>>>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
    let mut ends: Vec<&str> = Vec::new();
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end();
        let start = at;
        at += raw.len();
        if let Some(end) = ends.first() {
            if line.trim_start_matches('\t') == *end {
                ends.remove(0);
            }
            continue;
        }
        if line.trim_start().starts_with('#') || (line.trim().is_empty() && !open.is_empty()) {
            continue;
        }
        let continued = line.ends_with(escape);
        open.push(start..start + line.len() - usize::from(continued));
        if !continued {
            ends = here_documents(&text[open[0].start..start + line.len()]);
            all.push(std::mem::take(&mut open));
        }
    }
    all.push(open);
    all
}

/// The words that end the here-documents of an instruction: `RUN <<EOF`.
fn here_documents(instruction: &str) -> Vec<&str> {
    let first = instruction.split_whitespace().next().unwrap_or("");
    if !["RUN", "COPY", "ADD"].iter().any(|word| first.eq_ignore_ascii_case(word)) {
        return Vec::new();
    }
    let word = |after: &'_ str| -> usize {
        after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len())
    };
    instruction
        .match_indices("<<")
        .filter(|(at, _)| !instruction[..*at].ends_with('<') && !instruction[at + 2..].starts_with('<'))
        .filter_map(|(at, _)| {
            let after = instruction[at + 2..].trim_start_matches('-').trim_start_matches(['"', '\'']);
            let name = &after[..word(after)];
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_').then_some(name)
        })
        .collect()
}

/// The words of an instruction.
fn words(text: &str, lines: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    for line in lines {
        let mut start = None;
        for (at, c) in text[line.clone()].char_indices() {
            match (c.is_whitespace(), start) {
                (true, Some(from)) => {
                    words.push(line.start + from..line.start + at);
                    start = None;
                }
                (false, None) => start = Some(at),
                _ => {}
            }
        }
        words.extend(start.map(|from| line.start + from..line.end));
    }
    words
}
