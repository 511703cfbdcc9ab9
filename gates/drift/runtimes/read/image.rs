//! Names of container images: which runtime they hold, and its version (<https://github.com/opencontainers/distribution-spec>, the tags of
//! <https://github.com/docker-library/official-images>).

use crate::drift::runtimes::language::{Language, NODE_LINES};
use crate::drift::runtimes::versions::Versions;

/// A runtime in an image; no versions where the tag does not tell them.
pub(super) type Held = (Language, Option<Versions>);

/// The runtime of an image, if it is one that is known.
pub(super) fn of(reference: &str) -> Option<Held> {
    let (name, digest) = reference.split_once('@').map_or((reference, false), |(name, _)| (name, true));
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let (path, tag) = match name[slash..].split_once(':') {
        Some((last, tag)) => (&name[..slash + last.len()], tag),
        None => (name, ""),
    };
    // A digest without a tag names one version, and does not tell it.
    let tag = if tag.is_empty() && digest { "@" } else { tag };
    let path = path.to_ascii_lowercase();
    let mut parts: Vec<&str> = path.split('/').collect();
    let host = (parts.len() > 1 && (parts[0].contains(['.', ':']) || parts[0] == "localhost")).then(|| parts.remove(0));
    let last = parts.pop()?;
    let namespace = parts.join("/");
    match (host, namespace.as_str()) {
        (Some("mcr.microsoft.com"), "dotnet" | "dotnet/core" | "dotnet/nightly") => return microsoft(last, tag),
        (Some("gcr.io"), "distroless") => return distroless(last),
        (Some("public.ecr.aws"), "lambda") => return lambda(last, tag),
        (_, "ubi7" | "ubi8" | "ubi9" | "ubi10" | "rhel8" | "rhel9") => return redhat(last),
        (_, "astral-sh") if last == "uv" => return within(tag, "python").map(|it| (Language::Python, Some(it))),
        (_, "tiangolo") => return within(tag, "python").map(|it| (Language::Python, Some(it))),
        _ => {}
    }
    let end = namespace.rsplit('/').next().unwrap_or("");
    let known = matches!(
        end,
        "" | "library"
            | "bitnami"
            | "bitnamilegacy"
            | "chainguard"
            | "cimg"
            | "circleci"
            | "oven"
            | "denoland"
            | "amd64"
            | "arm64v8"
            | "docker"
            | "bitnamisecure"
    );
    if !known {
        return None;
    }
    official(last, tag)
}

fn official(name: &str, tag: &str) -> Option<Held> {
    let language = match name {
        "node" => Language::Node,
        "python" => Language::Python,
        "golang" | "go" => Language::Go,
        "ruby" => Language::Ruby,
        "php" | "php-fpm" => Language::Php,
        "rust" => Language::Rust,
        "bun" => Language::Bun,
        "deno" => Language::Deno,
        "elixir" => Language::Elixir,
        "eclipse-temurin" | "openjdk" | "amazoncorretto" | "ibm-semeru-runtimes" | "sapmachine" | "adoptopenjdk" => {
            Language::Java
        }
        // `3.9-eclipse-temurin-17`, `8.5-jdk17-alpine`: the first number is Maven's or Gradle's.
        "maven" | "gradle" => {
            let java = ["temurin-", "jdk", "jdk-", "corretto-", "sapmachine-", "jre", "openj9-"];
            return Some((Language::Java, java.iter().find_map(|before| within(tag, before))));
        }
        _ => return None,
    };
    Some((language, of_tag(language, tag)))
}

/// A tag that begins with a version, or is the name of a release line.
fn of_tag(language: Language, tag: &str) -> Option<Versions> {
    let first = tag.split('-').next().unwrap_or("");
    match language {
        Language::Node => line(first).or_else(|| Versions::partial(first)),
        // `17-jdk`, `17.0.10_7-jre`, `8u392-jdk`, `jdk-17`, `open-17-jdk`.
        Language::Java => java(tag),
        _ => Versions::partial(first),
    }
}

/// `iron` is 20.
pub(super) fn line(name: &str) -> Option<Versions> {
    let (_, major) = NODE_LINES.iter().find(|(line, _)| line.eq_ignore_ascii_case(name))?;
    Some(Versions::major(*major))
}

/// `17`, `17.0.10_7`, `8u392`, `1.8.0_392`, `temurin-17.0.2+8`.
pub(super) fn java(text: &str) -> Option<Versions> {
    let word = text.split(['-', ' ']).find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let word = word.split(['u', '_', '+']).next().unwrap_or(word);
    // Until Java 9 the second number was the version.
    match word.strip_prefix("1.") {
        Some(rest) => Versions::partial(rest.split('.').next().unwrap_or(rest)),
        None => Versions::partial(word),
    }
}

fn microsoft(name: &str, tag: &str) -> Option<Held> {
    let language = match name {
        "sdk" => Language::DotnetSdk,
        "aspnet" | "runtime" | "runtime-deps" => Language::Dotnet,
        _ => return None,
    };
    let version = Versions::partial(tag.split('-').next().unwrap_or(""));
    Some((language, version))
}

/// `nodejs20-debian12`, `java17-debian12`: the version is in the name (<https://github.com/GoogleContainerTools/distroless>).
fn distroless(name: &str) -> Option<Held> {
    let first = name.split('-').next().unwrap_or(name);
    let number = first.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let language = match &first[..first.len() - number.len()] {
        "nodejs" => Language::Node,
        "java" => Language::Java,
        // The version is that of the Debian release.
        "python" => return Some((Language::Python, None)),
        _ => return None,
    };
    Some((language, Versions::partial(number)))
}

/// `public.ecr.aws/lambda/python:3.12`.
fn lambda(name: &str, tag: &str) -> Option<Held> {
    let language = match name {
        "nodejs" => Language::Node,
        "python" => Language::Python,
        "java" => Language::Java,
        "ruby" => Language::Ruby,
        "dotnet" => Language::Dotnet,
        _ => return None,
    };
    Some((language, of_tag(language, tag)))
}

/// `ubi9/python-311`, `ubi8/nodejs-18`, `ubi9/openjdk-17-runtime`.
fn redhat(name: &str) -> Option<Held> {
    let (word, rest) = name.split_once('-')?;
    let number = rest.split('-').next().unwrap_or(rest);
    match word {
        "nodejs" => Some((Language::Node, Versions::partial(number))),
        "openjdk" => Some((Language::Java, java(number))),
        "python" => Some((Language::Python, squeezed(number))),
        "ruby" => Some((Language::Ruby, squeezed(number))),
        "php" => Some((Language::Php, squeezed(number))),
        _ => None,
    }
}

/// `311` is 3.11.
pub(super) fn squeezed(number: &str) -> Option<Versions> {
    if number.contains('.') {
        return Versions::partial(number);
    }
    let all_digits = number.len() > 1 && number.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| Versions::partial(&format!("{}.{}", &number[..1], &number[1..]))).flatten()
}

/// The version that follows a word in a tag: `python3.12-bookworm`, `0.5-python3.12`.
fn within(tag: &str, before: &str) -> Option<Versions> {
    let (_, rest) = tag.split_once(before)?;
    let rest = rest.trim_start_matches('-');
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    Versions::partial(&rest[..end])
}
