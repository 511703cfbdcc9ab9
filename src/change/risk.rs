//! How risky a change is: points over facts of the change alone. What its author controls may only raise it.

mod cheaper;

use std::collections::BTreeSet;

use globset::GlobSet;
use jiff::{SignedDuration, Timestamp};
use predeploy_gates::{Change, ChangedFile, EvidenceGlob, Failure, Length, Risk, RiskLevel, Scope, Status, Text};

use super::Detected;
use crate::config::{Matcher, RiskSettings};
use crate::services::git::Git;
use crate::services::trees::glob_set;

/// Commits of the base's history that are looked at to know who worked where before.
const HISTORY: usize = 2_000;

/// The matchers that count unless `defaults = false`.
fn defaults() -> Vec<Matcher> {
    let paths = |name: &str, globs: &[&str], points| Matcher::Paths {
        name: Text::new(name),
        globs: globs.iter().map(|g| EvidenceGlob::new(*g)).collect(),
        points,
    };
    vec![
        paths("migrations", MIGRATIONS, 20),
        paths("infrastructure", INFRASTRUCTURE, 20),
        paths("dependencies", DEPENDENCIES, 10),
        paths("production's configuration", PRODUCTION, 20),
        paths("authentication", AUTHENTICATION, 15),
        Matcher::Lines { over: 400, points: 15 },
        Matcher::Lines { over: 1_500, points: 15 },
        Matcher::Files { over: 30, points: 10 },
        Matcher::Authors { over: 3, points: 10 },
        Matcher::FirstTimeAuthor { points: 10 },
        Matcher::Age { over: Length::from_secs(14 * 86_400), points: 10 },
        Matcher::UntestedCode { points: 15 },
    ]
}

/// Migrations, and the files in which frameworks keep the schema that they lead to.
const MIGRATIONS: &[&str] = &[
    "**/migrations/**",
    "**/migrate/**",
    "**/*.{up,down}.sql",
    "**/alembic/versions/**",
    "**/db/changelog/**",
    "**/db/{schema.rb,structure.sql}",
    "**/{schema.prisma,V[0-9]*__*.sql}",
];

const INFRASTRUCTURE: &[&str] = &[
    "**/*.{tf,tfvars,bicep}",
    "**/{Dockerfile,Containerfile}*",
    "**/{k8s,kubernetes,helm,charts,kustomize,terraform,ansible,infra}/**",
    "**/{kustomization,Chart,Pulumi}.{yml,yaml}",
    "**/{docker-compose,compose}*.{yml,yaml}",
    ".github/{workflows,actions}/**",
    "{.gitlab-ci.yml,azure-pipelines.yml,.circleci/**,.buildkite/**}",
    "**/{Jenkinsfile,Procfile}",
];

const DEPENDENCIES: &[&str] = &[
    "**/{Cargo.toml,Cargo.lock,package.json,package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock,bun.lockb}",
    "**/{go.mod,go.sum,pyproject.toml,poetry.lock,uv.lock,requirements*.txt,Pipfile,Pipfile.lock,Gemfile,Gemfile.lock}",
    "**/{pom.xml,build.gradle,build.gradle.kts,libs.versions.toml,composer.json,composer.lock,mix.exs,mix.lock}",
    "**/{*.csproj,packages.lock.json,Directory.Packages.props,Package.swift,Package.resolved}",
];

const PRODUCTION: &[&str] = &[
    "**/{prod,production}.*",
    "**/*{.,-,_}{prod,production}.*",
    "**/.env.{prod,production}",
    "**/{prod,production}/**",
];

/// Folders, and files of code that are called so. A word within another (`author.rs`) is not meant.
const AUTHENTICATION: &[&str] = &[
    "**/{auth,authn,authz,authentication,authorization,oauth,oauth2,oidc,saml,sso,permissions,rbac,iam,crypto}/**",
    "**/{auth,authn,authz,authentication,authorization,oauth,oauth2,oidc,saml,sso,login,password,passwords,permissions,rbac,jwt,crypto}.{rs,go,py,rb,js,jsx,ts,tsx,mjs,java,kt,cs,php,swift,c,cc,cpp,h,hpp,scala,ex,exs}",
];

/// What nobody runs. `CODEOWNERS` and `*.txt` steer things, and MDX is code.
const DOCUMENTATION: &[&str] =
    &["**/*.{md,markdown,rst,adoc}", "**/{LICENSE,LICENCE,COPYING,NOTICE,CHANGELOG,AUTHORS}"];

/// Facts beyond the change itself.
struct Facts<'a> {
    detected: &'a Detected,
    git: Option<&'a Git>,
    labels: &'a [String],
    at: Timestamp,
}

/// Computes the risk of a change at an instant. Without a base nobody knows what changes, and so it is high.
pub(crate) fn of(
    detected: &Detected,
    git: Option<&Git>,
    settings: &RiskSettings,
    labels: &[String],
    at: Timestamp,
) -> Result<Risk, Failure> {
    if let Scope::Everything { .. } = detected.change.scope {
        let reasons = vec!["what changes is not known, so it counts as high".into()];
        return Ok(Risk { level: RiskLevel::High, points: 0, reasons, cheaper: None });
    }
    let facts = Facts { detected, git, labels, at };
    let files = detected.change.files();
    let documentation = settings.defaults && only_documentation(files)?;
    let built_in = if settings.defaults && !documentation { defaults() } else { Vec::new() };
    let mut hits = Vec::new();
    let (mut points, mut reasons, mut floor) = (0u32, Vec::new(), RiskLevel::Low);
    if documentation {
        reasons.push("only documentation changes".into());
    }
    for matcher in built_in.iter().chain(&settings.matcher) {
        let Some((what, given)) = facts.matched(matcher)? else { continue };
        match given {
            Given::Points(given) => {
                points = points.saturating_add(given);
                reasons.push(format!("+{given} {what}"));
            }
            Given::AtLeast(level) => {
                floor = floor.max(level);
                reasons.push(format!("at least {}: {what}", level.word()));
            }
        }
        hits.push(Hit { matcher, given });
    }
    let level = settings.level(points).max(floor);
    let untested = built_in.iter().chain(&settings.matcher).fold(0u32, |sum, matcher| match matcher {
        Matcher::UntestedCode { points } => sum.saturating_add(*points),
        _ => sum,
    });
    let cheaper = cheaper::way(files, settings, &hits, untested, level)?;
    Ok(Risk { level, points, reasons, cheaper })
}

/// Whether all of it, by its old names, too, is documentation.
fn only_documentation(files: &[ChangedFile]) -> Result<bool, Failure> {
    let set = glob_set(DOCUMENTATION)?;
    Ok(!files.is_empty() && files.iter().flat_map(paths).all(|path| set.is_match(path)))
}

impl RiskSettings {
    fn level(&self, points: u32) -> RiskLevel {
        match points {
            p if p >= self.high => RiskLevel::High,
            p if p >= self.medium => RiskLevel::Medium,
            _ => RiskLevel::Low,
        }
    }
}

/// A matcher whose fact holds.
struct Hit<'a> {
    matcher: &'a Matcher,
    given: Given,
}

#[derive(Clone, Copy)]
enum Given {
    Points(u32),
    AtLeast(RiskLevel),
}

impl Facts<'_> {
    fn change(&self) -> &Change {
        &self.detected.change
    }

    /// What the matcher saw, and what it gives; `None` if its fact does not hold.
    fn matched(&self, matcher: &Matcher) -> Result<Option<(String, Given)>, Failure> {
        let files = self.change().files();
        let (what, given) = match matcher {
            Matcher::Paths { name, globs, points } => {
                let set = set_of(globs)?;
                (first_match(files, &set).map(|path| format!("touches {name} ({path})")), *points)
            }
            Matcher::Lines { over, points } => {
                let lines = counted_lines(files.iter());
                ((lines > u64::from(*over)).then(|| format!("{lines} lines changed, more than {over}")), *points)
            }
            Matcher::Files { over, points } => {
                ((files.len() > *over).then(|| format!("{} files changed, more than {over}", files.len())), *points)
            }
            Matcher::Authors { over, points } => {
                let count = self.change().authors.len();
                ((count > *over).then(|| format!("{count} authors, more than {over}")), *points)
            }
            Matcher::FirstTimeAuthor { points } => (self.first_time_author()?, *points),
            Matcher::Age { over, points } => {
                let age = self.change().oldest_commit.map(|oldest| self.at.duration_since(oldest));
                let old = age.filter(|age| *age > over.get());
                (old.map(|age| format!("its oldest commit is {} days old", days(age))), *points)
            }
            Matcher::UntestedCode { points } => (untested(files)?, *points),
            Matcher::Labels { labels, points } => (self.label(labels), *points),
            Matcher::AtLeast { labels, level } => {
                return Ok(self.label(labels).map(|what| (what, Given::AtLeast(*level))));
            }
        };
        Ok(what.map(|what| (what, Given::Points(given))))
    }

    fn label(&self, labels: &[Text]) -> Option<String> {
        let found = labels.iter().find(|l| self.labels.iter().any(|have| have == l.as_str()))?;
        Some(format!("labelled `{found}`"))
    }

    /// An author of the change and a top-level folder that none of their earlier commits touched.
    fn first_time_author(&self) -> Result<Option<String>, Failure> {
        let (Some(git), Some(base)) = (self.git, &self.change().base) else { return Ok(None) };
        // Of a folder that is new everyone is a first-time author.
        let known = git.folders(base)?;
        let area = |path: &str| path.split_once('/').map_or(".", |(top, _)| top).to_string();
        let touched: BTreeSet<String> = self.change().files().iter().map(|f| area(&f.path)).collect();
        let touched: Vec<&String> = touched.iter().filter(|area| *area == "." || known.contains(*area)).collect();
        let authors = &self.change().authors;
        let mut unknown: BTreeSet<(&str, &str)> =
            authors.iter().flat_map(|a| touched.iter().map(|area| (a.email.as_str(), area.as_str()))).collect();
        let before = git.commits(None, base, HISTORY)?;
        let theirs = before.iter().filter(|commit| authors.iter().any(|a| a.email == commit.author.email));
        for found in git.areas(theirs) {
            let (commit, areas) = found?;
            unknown.retain(|(email, area)| !(*email == commit.author.email && areas.contains(*area)));
            if unknown.is_empty() {
                return Ok(None);
            }
        }
        // The name, and not the address, which would end in logs.
        let name = |email: &str| authors.iter().find(|a| a.email == email).map_or("someone", |a| a.name.as_str());
        let place = |area: &str| if area == "." { "files at the top".into() } else { format!("`{area}`") };
        Ok(unknown.first().map(|(email, area)| format!("{} changes {} for the first time", name(email), place(area))))
    }
}

fn days(age: SignedDuration) -> i64 {
    age.as_hours() / 24
}

fn set_of(globs: &[EvidenceGlob]) -> Result<GlobSet, Failure> {
    glob_set(&globs.iter().map(EvidenceGlob::as_str).collect::<Vec<_>>())
}

/// Lines added and removed, where they are counted.
fn counted_lines<'a>(files: impl Iterator<Item = &'a ChangedFile>) -> u64 {
    files.flat_map(|f| [f.added, f.removed]).flatten().map(u64::from).sum()
}

/// Both paths of a rename.
fn paths(file: &ChangedFile) -> impl Iterator<Item = &str> {
    let from = match &file.status {
        Status::Renamed { from } => Some(from.as_str()),
        Status::Added | Status::Modified | Status::Deleted => None,
    };
    std::iter::once(file.path.as_str()).chain(from)
}

/// The first path, old or new, that matches.
fn first_match<'a>(files: &'a [ChangedFile], set: &GlobSet) -> Option<&'a str> {
    files.iter().flat_map(paths).find(|path| set.is_match(path))
}

fn code() -> Result<GlobSet, Failure> {
    glob_set(&["**/*.{rs,go,py,rb,js,jsx,ts,tsx,mjs,java,kt,cs,php,swift,c,cc,cpp,h,hpp,scala,ex,exs}"])
}

fn test() -> Result<GlobSet, Failure> {
    glob_set(&[
        "**/{test,tests,spec,specs,__tests__,testdata}/**",
        "**/*{_,-,.}{test,tests,spec}.*",
        "**/{test,spec}{_,-}*",
        "**/*{Test,Tests,Spec}.{java,kt,cs,php,scala,swift}",
    ])
}

/// Code changed and no file that looks like a test did.
fn untested(files: &[ChangedFile]) -> Result<Option<String>, Failure> {
    let (code, test) = (code()?, test()?);
    let mut changed = files.iter().filter(|f| f.status != Status::Deleted).map(|f| f.path.as_str());
    if changed.clone().any(|path| test.is_match(path)) {
        return Ok(None);
    }
    Ok(changed.find(|path| code.is_match(path)).map(|path| format!("code changed and no test did ({path})")))
}

#[cfg(test)]
mod tests;
