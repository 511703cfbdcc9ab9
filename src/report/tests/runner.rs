//! How the runner of GitHub Actions reads what a step prints and writes: `actions/runner`, `ActionCommand.cs`,
//! `ActionCommandManager.cs` and `FileCommandManager.cs`.

use std::collections::BTreeMap;

/// Commands that the runner knows.
const REGISTERED: &[&str] = &[
    "set-env",
    "set-output",
    "save-state",
    "add-mask",
    "add-path",
    "add-matcher",
    "remove-matcher",
    "debug",
    "warning",
    "error",
    "notice",
    "group",
    "endgroup",
    "echo",
    "stop-commands",
    "internal-set-repo-path",
    "command",
];

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) name: String,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) data: String,
}

/// The commands that the runner would execute, in their order; nothing while commands are stopped.
pub(super) fn commands(output: &str) -> Vec<Command> {
    let mut found = Vec::new();
    let mut stopped: Option<String> = None;
    // The runner's readers of a process's output break lines at CR, too.
    for line in output.split(['\n', '\r']) {
        let known = |name: &str| REGISTERED.contains(&name) || stopped.as_deref() == Some(name);
        let Some(command) = second_form(line, &known).or_else(|| first_form(line, &known)) else { continue };
        if let Some(token) = &stopped {
            if command.name == *token {
                stopped = None;
            }
            continue;
        }
        if command.name == "stop-commands" {
            stopped = Some(command.data.clone());
        }
        found.push(command);
    }
    assert_eq!(stopped, None, "commands stay stopped");
    found
}

/// `::name key=value,…::data`
fn second_form(line: &str, known: &dyn Fn(&str) -> bool) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (info, data) = rest.split_once("::")?;
    let (name, given) = info.split_once(' ').unwrap_or((info, ""));
    known(name).then(|| Command {
        name: name.into(),
        properties: properties(given.trim(), ',', unescape_property),
        data: unescape(data),
    })
}

/// `##[name key=value;…]data`, anywhere in a line.
fn first_form(line: &str, known: &dyn Fn(&str) -> bool) -> Option<Command> {
    let (_, rest) = line.split_once("##[")?;
    let (info, data) = rest.split_once(']')?;
    let (name, given) = info.split_once(' ').unwrap_or((info, ""));
    known(name).then(|| Command { name: name.into(), properties: properties(given, ';', unescape), data: data.into() })
}

fn properties(text: &str, separator: char, unescape: fn(&str) -> String) -> BTreeMap<String, String> {
    text.split(separator)
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, value)| !key.is_empty() && !value.is_empty())
        .map(|(key, value)| (key.to_lowercase(), unescape(value)))
        .collect()
}

pub(super) fn unescape(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

pub(super) fn unescape_property(text: &str) -> String {
    let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
    text.replace("%25", "%")
}

/// The pairs of a `GITHUB_OUTPUT` file, in their order. What the runner refuses is an error.
pub(super) fn outputs(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let line = line.strip_suffix('\n').unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        match (line.find('='), line.find("<<")) {
            (Some(equals), heredoc) if heredoc.is_none_or(|at| equals < at) => {
                found.push((line[..equals].into(), line[equals + 1..].into()));
            }
            (_, Some(at)) => {
                let (name, delimiter) = (&line[..at], &line[at + 2..]);
                if name.is_empty() || delimiter.is_empty() {
                    return Err(format!("invalid format {line:?}"));
                }
                let mut value: Vec<&str> = Vec::new();
                loop {
                    let next = lines.next().ok_or(format!("matching delimiter not found {delimiter:?}"))?;
                    let next = next.strip_suffix('\n').unwrap_or(next);
                    if next == delimiter {
                        break;
                    }
                    value.push(next);
                }
                found.push((name.into(), value.join("\n")));
            }
            _ => return Err(format!("invalid format {line:?}")),
        }
    }
    Ok(found)
}

#[test]
fn the_reader_sees_what_must_not_be_printed() {
    for text in ["::error file=a,line=1::z", " \u{a0}\t::error::z", "z ##[error]z", "ok\r::debug::z"] {
        assert_eq!(commands(text).len(), 1, "{text:?}");
    }
    assert_eq!(commands("::z::::error::\nx ::error::\n::stop-commands::t\n::error::z\n::t::").len(), 1);
    assert_eq!(unescape_property(&super::super::harmless::command_property("100%,\n:%3A%0A")), "100%,\n:%3A%0A");
    assert_eq!(outputs("a<<E\n1\nE\nb=2\n").unwrap().len(), 2);
    assert!(outputs("a<<E\n1\n").is_err());
}
