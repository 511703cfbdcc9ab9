//! xUnit.net XML, v1 (<https://xunit.net/docs/format-xml-v1>) and v2 with what v3 added to it (<https://xunit.net/docs/format-xml-v2>).
//!
//! An `<error>` of an assembly stands for what happened outside of any test: a clean-up that failed, a fixture that could not be made.
//! What was not run, or was told to be skipped, is skipped.

use super::elements::Elements;
use super::suites::{Part, Suites, file_name, is_total, say};
use super::tally::{NAME, Said, TRACE, Tally, Told, cut};
use super::times::seconds;
use super::words::Doubts;
use super::xml::Tag;
use crate::tests::evidence::{End, Total};

/// The elements that are open.
#[derive(Default)]
pub(super) struct Xunit {
    open: Vec<What>,
    suites: Suites,
    /// The assembly, and in it a collection or class.
    groups: Vec<Group>,
    test: Test,
    /// What stands outside of tests went wrong.
    trouble: Trouble,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Assembly,
    /// `<collection>` (v2), `<class>` (v1)
    Group,
    Test,
    /// `<failure>` of a test.
    Failure,
    /// `<error>` of an assembly, `<failure>` of a class, and either of a collection.
    Trouble,
    Text(Part),
    Other,
}

/// An assembly, a collection or a class.
#[derive(Default)]
struct Group {
    line: u32,
    element: String,
    total: Option<u64>,
    /// Failures and errors that are declared.
    failed: u64,
    tests: u64,
    not_run: u64,
    seen_failed: u64,
    /// One inside of it told already that totals disagree, as this one will.
    disagrees: bool,
}

#[derive(Default)]
struct Test {
    line: u32,
    class: String,
    name: String,
    file: String,
    at: u32,
    nanos: Option<u64>,
    result: Option<End>,
    failure: bool,
    said: Said,
}

#[derive(Default)]
struct Trouble {
    line: u32,
    name: String,
    said: Said,
}

impl Elements for Xunit {
    fn start(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        let within = self.open.last().copied();
        let what = match (tag.name(), within) {
            ("assembly", _) => self.assembly(tag, line, tally)?,
            ("assemblies", _) => {
                tag.for_each(|key, value| match key {
                    "start-rtf" | "timestamp" => tally.time(&value),
                    _ => {}
                })?;
                What::Other
            }
            ("class" | "collection", Some(What::Assembly)) => self.group(tag, line, tally)?,
            ("test", _) => self.test(tag, line)?,
            ("failure" | "error", Some(What::Test)) => {
                self.test.failure = true;
                type_of(tag, &mut self.test.said)?;
                What::Failure
            }
            ("failure", Some(What::Trouble)) => {
                type_of(tag, &mut self.trouble.said)?;
                What::Failure
            }
            ("error" | "failure", Some(What::Other | What::Assembly | What::Group))
                if !self.open.contains(&What::Test) =>
            {
                self.trouble(tag, line)?
            }
            ("message", Some(What::Failure | What::Trouble)) => {
                self.said().message.clear();
                What::Text(Part::Message)
            }
            ("stack-trace", Some(What::Failure | What::Trouble)) => What::Text(Part::Trace),
            _ => What::Other,
        };
        self.open.push(what);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(What::Text(part)) = self.open.last() {
            let part = *part;
            say(self.said(), part, text);
        }
    }

    fn end(&mut self, tally: &mut Tally<'_>) {
        match self.open.pop() {
            Some(What::Assembly) => {
                self.suites.close();
                self.end_group(tally);
            }
            Some(What::Group) => self.end_group(tally),
            Some(What::Test) => self.end_test(tally),
            Some(What::Trouble) => {
                if let Some(group) = self.groups.last_mut() {
                    group.seen_failed += 1;
                }
                let Trouble { line, name, said } = &mut self.trouble;
                tally.broken(name, None, *line, std::mem::take(said));
            }
            _ => {}
        }
    }
}

impl Xunit {
    /// Whose failure is read.
    fn said(&mut self) -> &mut Said {
        if self.open.contains(&What::Test) { &mut self.test.said } else { &mut self.trouble.said }
    }

    fn assembly(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<What, String> {
        let (mut date, mut time, mut zoned) = (String::new(), String::new(), false);
        let mut assembly = Group { line, element: "<assembly>".into(), ..Group::default() };
        let mut doubts = Doubts::default();
        let mut name = String::new();
        tag.for_each(|key, value| match key {
            "name" => {
                name = cut(file_name(&value), NAME).into();
                assembly.element = format!("<assembly name=\"{name}\">");
            }
            "total" => assembly.total = doubts.total(key, &value),
            "failed" | "errors" => {
                assembly.failed = assembly.failed.saturating_add(doubts.total(key, &value).unwrap_or(0));
            }
            "run-date" => date = cut(&value, NAME).into(),
            "run-time" => time = cut(&value, NAME).into(),
            "start-rtf" => {
                zoned = true;
                tally.time(&value);
            }
            _ => {}
        })?;
        if !zoned {
            tally.time(&format!("{date}T{time}"));
        }
        doubts.tell(line, &assembly.element, tally);
        self.groups = vec![assembly];
        self.suites.open(&name);
        Ok(What::Assembly)
    }

    fn group(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<What, String> {
        let mut group = Group { line, element: format!("<{}>", tag.name()), ..Group::default() };
        let mut doubts = Doubts::default();
        tag.for_each(|key, value| match key {
            "name" => group.element = format!("<{} name=\"{}\">", tag.name(), cut(&value, NAME)),
            "total" => group.total = doubts.total(key, &value),
            "failed" => group.failed = doubts.total(key, &value).unwrap_or(0),
            _ => {}
        })?;
        doubts.tell(line, &group.element, tally);
        self.groups.push(group);
        Ok(What::Group)
    }

    fn test(&mut self, tag: &Tag<'_>, line: u32) -> Result<What, String> {
        self.test = Test { line, ..Test::default() };
        let test = &mut self.test;
        tag.for_each(|key, value| match key {
            "name" => test.name = cut(&value, NAME).into(),
            "type" => test.class = cut(&value, NAME).into(),
            "time" => test.nanos = seconds(&value),
            "source-file" => test.file = cut(&value, TRACE).into(),
            "source-line" => test.at = value.trim().parse().unwrap_or(0),
            "result" => test.result = Some(end(&value)),
            _ => {}
        })?;
        Ok(What::Test)
    }

    fn trouble(&mut self, tag: &Tag<'_>, line: u32) -> Result<What, String> {
        self.trouble.line = line;
        self.trouble.said = Said::default();
        self.trouble.name = self.groups.last().map(|group| group.element.clone()).unwrap_or_default();
        if tag.name() == "error" {
            tag.for_each(|key, value| {
                // What could not be made or cleaned up: a class, a collection, a test.
                if key == "name" && !value.is_empty() {
                    self.trouble.name = format!("<error name=\"{}\">", cut(&value, NAME));
                }
            })?;
        }
        type_of(tag, &mut self.trouble.said)?;
        Ok(What::Trouble)
    }

    fn end_test(&mut self, tally: &mut Tally<'_>) {
        let test = &mut self.test;
        // A test without a result never came to its end.
        let end = if test.failure { End::Failed } else { test.result.unwrap_or(End::Error) };
        if let Some(group) = self.groups.last_mut() {
            group.tests += 1;
            group.not_run += u64::from(end == End::Skipped);
            group.seen_failed += u64::from(end.is_failure());
        }
        // A test is called by its class first, unless it was given a name of its own.
        let own = test.name.strip_prefix(&*test.class).and_then(|rest| rest.strip_prefix('.'));
        tally.case(Told {
            suite: self.suites.path(),
            class: &test.class,
            name: own.unwrap_or(&test.name),
            file: Some((&*test.file, test.at)).filter(|(file, _)| !file.is_empty()),
            line: test.line,
            end,
            nanos: test.nanos,
            said: std::mem::take(&mut test.said),
            ..Told::default()
        });
    }

    fn end_group(&mut self, tally: &mut Tally<'_>) {
        let Some(group) = self.groups.pop() else { return };
        let Group { line, element, total, failed, tests, not_run, seen_failed, mut disagrees } = group;
        if !disagrees {
            let is_outermost = self.groups.is_empty();
            let differs = |declared: &u64| !is_total(*declared, tests, not_run) && (is_outermost || *declared > tests);
            if let Some(declared) = total.filter(differs) {
                disagrees = true;
                tally.disagree(line, &element, Total::Tests, declared, tests);
            }
            if failed > seen_failed {
                disagrees = true;
                tally.disagree(line, &element, Total::Failed, failed, seen_failed);
            }
        }
        if let Some(around) = self.groups.last_mut() {
            around.tests += tests;
            around.not_run += not_run;
            around.seen_failed += seen_failed;
            around.disagrees |= disagrees;
        }
    }
}

fn type_of(tag: &Tag<'_>, said: &mut Said) -> Result<(), String> {
    tag.for_each(|key, value| {
        if key == "exception-type" {
            said.message = cut(&value, NAME).into();
        }
    })
}

/// What is none of the known ends is no pass.
fn end(result: &str) -> End {
    match result.trim().to_ascii_lowercase().as_str() {
        "pass" => End::Passed,
        "fail" => End::Failed,
        "skip" | "notrun" | "not-run" => End::Skipped,
        _ => End::Error,
    }
}
