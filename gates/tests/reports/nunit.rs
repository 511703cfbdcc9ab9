//! What NUnit 2 and NUnit 3 have in common: suites nest, cases stand anywhere in them, and a suite can fail by itself.
//!
//! A suite says of itself that it failed when a case below did. One that says so above cases of which none failed is broken: its
//! set-up or tear-down failed, or nothing in it could be run.

use super::elements::Elements;
use super::suites::{Part, Suites, file_name, is_total, say};
use super::tally::{NAME, Said, Tally, Told, cut};
use super::times::seconds;
use super::words::{Doubts, Word, word};
use super::xml::Tag;
use crate::tests::evidence::{End, Total};

/// What is particular to a version.
pub(super) trait Version: Default {
    /// Its root element; a suite may stand there as well.
    const ROOT: &'static str;
    /// Takes an attribute of a case, a suite or the root.
    fn take(&mut self, key: &str, value: &str);
    fn case(&self) -> End;
    /// The case was not run, though it need not be skipped: one that cannot be run is an error.
    fn is_not_run(&self) -> bool;
    fn suite(&self) -> Failed;
    /// When the run or suite began, if one attribute does not say it all.
    fn time(&self) -> String {
        String::new()
    }
    /// Failures and errors that the root or suite declares.
    fn declared_failed(&self, doubts: &mut Doubts) -> u64;
    /// The word for how it ended.
    fn result(&self) -> &str;
}

/// What a suite says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    No,
    /// Something below, or the suite itself.
    Perhaps,
    /// The suite itself, whatever happened below.
    Itself,
    /// Nobody knows what it says.
    Unclear,
}

impl Failed {
    /// By the word for how it ended.
    pub fn of(result: &str) -> Self {
        match word(result) {
            Word::Fine => Self::No,
            Word::Failed => Self::Perhaps,
            Word::Unknown => Self::Unclear,
        }
    }
}

#[derive(Default)]
pub(super) struct Nunit<V> {
    open: Vec<What>,
    path: Suites,
    suites: Vec<Suite>,
    case: Case<V>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Suite,
    Case,
    /// `<failure>` or `<reason>` of the innermost case or suite.
    Trouble,
    Text(Part),
    Other,
}

struct Suite {
    line: u32,
    element: String,
    total: Option<u64>,
    declared_failed: u64,
    failed: Failed,
    tests: u64,
    not_run: u64,
    seen_failed: u64,
    /// A suite below told already that totals disagree, as those around it will.
    disagrees: bool,
    said: Said,
}

#[derive(Default)]
struct Case<V> {
    line: u32,
    class: String,
    name: String,
    nanos: Option<u64>,
    failure: bool,
    said: Said,
    version: V,
}

impl<V: Version> Elements for Nunit<V> {
    fn start(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        let within = self.open.last().copied();
        let what = match (tag.name(), within) {
            ("test-suite", _) => self.suite(tag, line, tally)?,
            (root, None) if root == V::ROOT => self.suite(tag, line, tally)?,
            ("test-case", _) => self.case(tag, line)?,
            ("failure", Some(What::Case)) => {
                self.case.failure = true;
                What::Trouble
            }
            ("failure" | "reason", Some(What::Suite | What::Case)) => What::Trouble,
            ("message", Some(What::Trouble)) => What::Text(Part::Message),
            ("stack-trace", Some(What::Trouble)) => What::Text(Part::Trace),
            _ => What::Other,
        };
        self.open.push(what);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(What::Text(part)) = self.open.last() {
            let part = *part;
            let said = if self.open.contains(&What::Case) {
                Some(&mut self.case.said)
            } else {
                self.suites.last_mut().map(|suite| &mut suite.said)
            };
            if let Some(said) = said {
                say(said, part, text);
            }
        }
    }

    fn end(&mut self, tally: &mut Tally<'_>) {
        match self.open.pop() {
            Some(What::Suite) => self.end_suite(tally),
            Some(What::Case) => self.end_case(tally),
            _ => {}
        }
    }
}

impl<V: Version> Nunit<V> {
    fn suite(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<What, String> {
        let (mut name, mut kind, mut total, mut version) = (String::new(), String::new(), None, V::default());
        let mut doubts = Doubts::default();
        tag.for_each(|key, value| {
            match key {
                "name" => name = cut(&value, NAME).into(),
                "type" => kind = cut(&value, NAME).into(),
                "total" => total = doubts.total("total", &value),
                _ => {}
            }
            version.take(key, &value);
        })?;
        tally.time(&version.time());
        let is_root = tag.name() != "test-suite";
        // An assembly is called by its path, and so was the outermost suite before suites had types.
        if (self.path.path().is_empty() && self.suites.len() <= 1)
            || matches!(&*kind, "Assembly" | "Project" | "Test Project")
        {
            name = file_name(&name).into();
        }
        let element = format!("<{} name=\"{name}\">", tag.name());
        // The run's own name says which run it is, not which test.
        self.path.open(if is_root { "" } else { &name });
        let failed = version.suite();
        if failed == Failed::Unclear {
            doubts.word("result", version.result());
        }
        let declared_failed = version.declared_failed(&mut doubts);
        doubts.tell(line, &element, tally);
        self.suites.push(Suite {
            line,
            element,
            total,
            declared_failed,
            failed,
            tests: 0,
            not_run: 0,
            seen_failed: 0,
            disagrees: false,
            said: Said::default(),
        });
        Ok(What::Suite)
    }

    fn case(&mut self, tag: &Tag<'_>, line: u32) -> Result<What, String> {
        self.case = Case { line, ..Case::default() };
        let case = &mut self.case;
        tag.for_each(|key, value| {
            match key {
                "name" => case.name = cut(&value, NAME).into(),
                "classname" => case.class = cut(&value, NAME).into(),
                "duration" | "time" => case.nanos = seconds(&value),
                _ => {}
            }
            case.version.take(key, &value);
        })?;
        Ok(What::Case)
    }

    fn end_case(&mut self, tally: &mut Tally<'_>) {
        let case = &mut self.case;
        let end = match case.version.case() {
            End::Passed | End::Skipped if case.failure => End::Failed,
            end => end,
        };
        if let Some(suite) = self.suites.last_mut() {
            suite.tests += 1;
            suite.not_run += u64::from(end == End::Skipped || case.version.is_not_run());
            suite.seen_failed += u64::from(end.is_failure());
        }
        tally.case(Told {
            suite: self.path.path(),
            class: &case.class,
            name: &case.name,
            line: case.line,
            end,
            nanos: case.nanos,
            said: std::mem::take(&mut case.said),
            ..Told::default()
        });
    }

    fn end_suite(&mut self, tally: &mut Tally<'_>) {
        self.path.close();
        let Some(mut suite) = self.suites.pop() else { return };
        if suite.failed == Failed::Itself || (suite.failed == Failed::Perhaps && suite.seen_failed == 0) {
            suite.seen_failed += 1;
            tally.broken(&suite.element, None, suite.line, std::mem::take(&mut suite.said));
        }
        // Those around it declare the same once more. Fewer than are there are told of the outermost one alone.
        let told = suite.disagrees;
        let is_outermost = self.suites.is_empty();
        let differs = |declared: &u64| {
            !is_total(*declared, suite.tests, suite.not_run) && !told && (is_outermost || *declared > suite.tests)
        };
        if let Some(declared) = suite.total.filter(differs) {
            suite.disagrees = true;
            tally.disagree(suite.line, &suite.element, Total::Tests, declared, suite.tests);
        }
        if suite.declared_failed > suite.seen_failed && !told {
            suite.disagrees = true;
            tally.disagree(suite.line, &suite.element, Total::Failed, suite.declared_failed, suite.seen_failed);
        }
        if let Some(parent) = self.suites.last_mut() {
            parent.tests += suite.tests;
            parent.not_run += suite.not_run;
            parent.seen_failed += suite.seen_failed;
            parent.disagrees |= suite.disagrees;
        }
    }
}
