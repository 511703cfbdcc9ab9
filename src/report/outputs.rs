//! Which reports are written, and where to.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::harmless::lines;
use super::{Report, azure, github, gitlab, html, json, junit, sarif, summary, teamcity, text};
use crate::environment::Environment;
use crate::exit::Stop;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text,
    Json,
    Github,
    Gitlab,
    Azure,
    Teamcity,
    Sarif,
    Junit,
    Markdown,
    Html,
}

const FORMATS: &[(&str, Format)] = &[
    ("text", Format::Text),
    ("json", Format::Json),
    ("github", Format::Github),
    ("gitlab", Format::Gitlab),
    ("azure", Format::Azure),
    ("teamcity", Format::Teamcity),
    ("sarif", Format::Sarif),
    ("junit", Format::Junit),
    ("markdown", Format::Markdown),
    ("html", Format::Html),
];

impl Format {
    /// What the CI that this runs in reads from the log.
    fn automatic(environment: &Environment) -> Self {
        match () {
            () if environment.on_github() => Self::Github,
            () if environment.get("TF_BUILD").is_some() => Self::Azure,
            () if environment.get("TEAMCITY_VERSION").is_some() => Self::Teamcity,
            () => Self::Text,
        }
    }
}

/// The reports asked for: each format with its file, or standard output.
#[derive(Debug)]
pub(crate) struct Outputs(Vec<(Format, Option<PathBuf>)>);

impl Outputs {
    /// Reads `NAME[=FILE]` of each `--format`; nothing means `auto`.
    pub(crate) fn parse(given: &[String], environment: &Environment) -> Result<Self, Stop> {
        let automatic = Format::automatic(environment);
        if given.is_empty() {
            return Ok(Self(vec![(automatic, None)]));
        }
        let one = |text: &String| {
            let (name, file) = text.split_once('=').map_or((text.as_str(), None), |(name, file)| (name, Some(file)));
            let known = FORMATS.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
            let Some(format) = known.or((name == "auto").then_some(automatic)) else {
                let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
                let help = format!("the formats are {} and auto", names.join(", "));
                return Err(Stop::usage(format!("there is no format `{name}`"), help));
            };
            if file == Some("") {
                return Err(Stop::usage(
                    format!("`--format {text}` names no file"),
                    "write `--format json=report.json`",
                ));
            }
            Ok((format, file.map(PathBuf::from)))
        };
        let outputs = given.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        if outputs.iter().filter(|(_, file)| file.is_none()).count() > 1 {
            return Err(Stop::usage(
                "two formats would go to standard output",
                "give all but one a file: `--format json=report.json`",
            ));
        }
        let mut files: Vec<_> = outputs.iter().filter_map(|(_, file)| file.as_ref()).collect();
        files.sort_unstable();
        if let Some(twice) = files.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Stop::usage(
                format!("two formats would go to `{}`", twice[0].display()),
                "give each a file of its own",
            ));
        }
        Ok(Self(outputs))
    }

    /// Whether any of them shows the windows of the coming weeks.
    pub(crate) fn show_windows(&self) -> bool {
        self.0.iter().any(|(format, _)| *format == Format::Html)
    }

    /// Writes all of them, even if one cannot be written; then the first error.
    pub(crate) fn write(&self, report: &Report, environment: &Environment) -> Result<(), Stop> {
        let mut failed = None;
        for (format, file) in &self.0 {
            let written = match file {
                Some(path) => to_file(path, &mut |out| render(*format, report, false, out)),
                None => to_stdout(&mut |out| render(*format, report, environment.colour(), out)),
            };
            failed = failed.or(written.err().map(|e| named(e, file.as_deref())));
        }
        if self.0.iter().any(|(format, _)| *format == Format::Github) {
            publish(report, environment);
        }
        failed.map_or(Ok(()), |e| Err(Stop::Output(e)))
    }
}

fn named(error: io::Error, file: Option<&Path>) -> io::Error {
    match file {
        Some(path) => io::Error::new(error.kind(), format!("{}: {error}", path.display())),
        None => error,
    }
}

fn render(format: Format, report: &Report, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text if colour => text::render_coloured(report, out),
        Format::Text => text::render(report, out),
        Format::Github => github::render(report, &unguessable()?, out),
        Format::Json => json::render(report, out),
        Format::Gitlab => gitlab::render(report, out),
        Format::Azure => azure::render(report, out),
        Format::Teamcity => teamcity::render(report, out),
        Format::Sarif => sarif::render(report, out),
        Format::Junit => junit::render(report, out),
        Format::Markdown => summary::render(report, out),
        Format::Html => html::render(report, out),
    }
}

type Render<'a> = &'a mut dyn FnMut(&mut dyn Write) -> io::Result<()>;

fn to_stdout(render: Render<'_>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match render(&mut out).and_then(|()| out.flush()) {
        // Whoever reads has seen enough.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn to_file(path: &Path, render: Render<'_>) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    render(&mut out)?;
    out.flush()
}

/// The step summary and the step outputs. That they cannot be written is a warning, never a verdict.
fn publish(report: &Report, environment: &Environment) {
    let append = |variable: &str, render: Render<'_>| {
        let Some(path) = environment.get(variable) else { return };
        let written = OpenOptions::new().append(true).create(true).open(path).and_then(|file| {
            let mut out = BufWriter::new(file);
            render(&mut out)?;
            out.flush()
        });
        if let Err(error) = written {
            say(&format!("warning: {variable} cannot be written: {error}"));
        }
    };
    append("GITHUB_STEP_SUMMARY", &mut |out| summary::render(report, out));
    append("GITHUB_OUTPUT", &mut |out| github::outputs(report, &unguessable()?, out));
}

/// To standard error, harmless for whoever reads it; that nobody does changes nothing.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", lines(text));
}

/// 128 random bits, in hexadecimal.
fn unguessable() -> io::Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| io::Error::other(e.to_string()))?;
    Ok(format!("predeploy-{:032x}", u128::from_be_bytes(bytes)))
}
