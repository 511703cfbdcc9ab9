//! JUnit XML.
//!
//! There is no binding schema; this follows what producers write: Ant's and Surefire's
//! (<https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd>), and the dialects collected at
//! <https://github.com/testmoapp/junitxml>. Cases are counted at any depth, each once; totals that the report declares are never
//! believed, only compared.

use super::elements::Elements;
use super::tally::{NAME, Said, TRACE, Tally, Told, cut};
use super::times::seconds;
use super::words::{Doubts, Word, word};
use super::xml::Tag;
use crate::tests::evidence::{Counts, End, Total};

/// The elements that are open.
#[derive(Default)]
pub(super) struct Junit {
    open: Vec<What>,
    suites: Vec<Suite>,
    /// The names of the suites that are open, joined by ` > `.
    path: String,
    /// Those that are open, and behind them spent ones, whose memory is used again.
    cases: Vec<Running>,
    open_cases: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Suite,
    Case,
    /// An element that says what went wrong with the case around it.
    Trouble,
    /// The same, with the suite around it.
    SuiteTrouble,
    Other,
}

#[derive(Default)]
struct Suite {
    line: u32,
    /// `<testsuite name="…">`, for messages.
    element: String,
    /// How long the path is without its name.
    path: usize,
    declared_tests: Option<u64>,
    declared_failed: u64,
    /// The word that says that it failed, if one does.
    failed: Option<String>,
    file: Option<String>,
    pytest: bool,
    direct_cases: u64,
    /// Those directly below that hold cases.
    direct_suites: u64,
    /// Runs of cases below besides the one that counts.
    reruns: u64,
    /// Cases below that failed and may.
    todo: u64,
    below: Counts,
    is_broken: bool,
    said: Said,
}

#[derive(Default)]
struct Running {
    at: u32,
    class: String,
    name: String,
    file: String,
    line: u32,
    nanos: Option<u64>,
    failure: bool,
    error: bool,
    skipped: bool,
    /// Its failure is expected.
    todo: bool,
    flaky: bool,
    reruns: u64,
    /// Some of them failed, and some ended with an error.
    rerun_failure: bool,
    rerun_error: bool,
    said_something: bool,
    said: Said,
}

impl Running {
    fn begin(&mut self, at: u32) {
        let Self { class, name, file, .. } = self;
        class.clear();
        name.clear();
        file.clear();
        let (class, name, file) = (std::mem::take(class), std::mem::take(name), std::mem::take(file));
        *self = Self { at, class, name, file, ..Self::default() };
    }

    fn status(&mut self, status: &str) {
        match status.trim().to_ascii_lowercase().as_str() {
            "notrun" | "not run" | "notexecuted" | "disabled" | "ignored" | "skipped" | "skip" | "suppressed"
            | "pending" => self.skipped = true,
            "failed" | "fail" | "failure" => self.failure = true,
            "error" | "errored" | "broken" | "timeout" | "timedout" | "timed out" | "timed_out" | "aborted"
            | "crashed" | "killed" | "cancelled" | "canceled" | "interrupted" => self.error = true,
            "" | "run" | "ran" | "completed" | "complete" | "passed" | "pass" | "success" | "successful"
            | "succeeded" | "ok" | "executed" | "finished" | "done" | "true" | "fixed" | "expected" | "flaky" => {}
            // A word that nobody knows is no word for a pass.
            _ => self.error = true,
        }
    }

    /// Dialects that say `success="false"`.
    fn success(&mut self, yes: &str) {
        match yes.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => {}
            "false" | "no" | "0" => self.failure = true,
            _ => self.error = true,
        }
    }

    /// Dialects that say `failed="true"`.
    fn failed(&mut self, yes: &str) {
        match yes.trim().to_ascii_lowercase().as_str() {
            "" | "false" | "no" | "0" => {}
            "true" | "yes" | "1" => self.failure = true,
            _ => self.error = true,
        }
    }

    fn end(&self) -> End {
        // A rerun that failed stands beside the failure itself; alone it is no sign of a pass.
        let is_alone = !self.failure && !self.error;
        if self.error || (is_alone && self.rerun_error) {
            End::Error
        } else if (self.failure && !self.todo) || (is_alone && self.rerun_failure) {
            End::Failed
        } else if self.skipped {
            End::Skipped
        } else if self.flaky {
            End::Flaky
        } else {
            End::Passed
        }
    }
}

impl Elements for Junit {
    fn start(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        let what = match known(tag.name()) {
            name @ ("testsuites" | "testsuite") => self.suite(name, tag, line, tally)?,
            "testcase" => self.case(tag, line, tally)?,
            "property" if self.open_cases == 0 => {
                property(tag, tally)?;
                What::Other
            }
            "skipped" | "ignored" => {
                if let Some(case) = self.cases[..self.open_cases].last_mut() {
                    case.skipped = true;
                    // https://nodejs.org/api/test.html: a test marked `todo` runs, and its failure is not one of the run.
                    tag.for_each(|key, value| case.todo |= key == "type" && value == "todo")?;
                }
                What::Other
            }
            name @ ("failure" | "error" | "flakyFailure" | "flakyError" | "rerunFailure" | "rerunError") => {
                self.trouble(name, tag)?
            }
            _ => What::Other,
        };
        self.open.push(what);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let said = match self.open.last() {
            Some(What::Trouble) => self.cases[..self.open_cases].last_mut().map(|case| &mut case.said),
            Some(What::SuiteTrouble) => self.suites.last_mut().map(|suite| &mut suite.said),
            _ => None,
        };
        if let Some(said) = said {
            said.push(text);
        }
    }

    fn end(&mut self, tally: &mut Tally<'_>) {
        match self.open.pop() {
            Some(What::Suite) => self.end_suite(tally),
            Some(What::Case) => self.end_case(tally),
            Some(What::Trouble | What::SuiteTrouble | What::Other) | None => {}
        }
    }
}

impl Junit {
    fn suite(&mut self, element: &str, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<What, String> {
        let mut suite = Suite { line, element: format!("<{element}>"), path: self.path.len(), ..Suite::default() };
        let path = &mut self.path;
        let (mut doubts, mut declared_failed, mut also_failed) = (Doubts::default(), 0_u64, 0);
        tag.for_each(|key, value| match key {
            "name" => {
                suite.pytest = value == "pytest";
                let name = cut(&value, NAME);
                suite.element = format!("<{element} name=\"{name}\">");
                // The collection's own name says which run it is, not which test.
                if element == "testsuite" {
                    path.push_str(if path.is_empty() || name.is_empty() { "" } else { " > " });
                    path.push_str(name);
                }
            }
            "tests" => suite.declared_tests = doubts.total(key, &value),
            "failures" | "errors" => {
                declared_failed = declared_failed.saturating_add(doubts.total(key, &value).unwrap_or(0));
            }
            // Dialects that count both in one, and those that say it in a word.
            "failed" if word(&value) == Word::Unknown => also_failed = doubts.total(key, &value).unwrap_or(0),
            "failed" if is_yes(&value) => suite.failed = Some("failed".into()),
            _ if says_end(key) => match word(&value) {
                Word::Fine => {}
                Word::Failed => suite.failed = Some(format!("{key}=\"{}\"", cut(&value, NAME))),
                // So many passed.
                Word::Unknown if key == "passed" && is_number(&value) => {}
                Word::Unknown if key == "success" && value.trim() == "1" => {}
                Word::Unknown => doubts.word(key, &value),
            },
            "file" | "filepath" => suite.file = Some(value.into_owned()),
            "timestamp" => tally.time(&value),
            _ => {}
        })?;
        doubts.tell(line, &suite.element, tally);
        suite.declared_failed = declared_failed.max(also_failed);
        self.suites.push(suite);
        Ok(What::Suite)
    }

    fn case(&mut self, tag: &Tag<'_>, line: u32, tally: &mut Tally<'_>) -> Result<What, String> {
        if self.open_cases == self.cases.len() {
            self.cases.push(Running::default());
        }
        let case = &mut self.cases[self.open_cases];
        self.open_cases += 1;
        case.begin(line);
        tag.for_each(|key, value| match key.as_bytes() {
            b"name" => case.name.push_str(cut(&value, NAME)),
            b"classname" | b"class" => {
                case.class.clear();
                case.class.push_str(cut(&value, NAME));
            }
            b"file" => case.file.push_str(cut(&value, TRACE)),
            b"line" | b"lineno" => case.line = value.trim().parse().unwrap_or(0),
            b"time" => case.nanos = seconds(&value),
            b"timestamp" => tally.time(&value),
            b"status" | b"result" | b"outcome" => case.status(&value),
            b"success" | b"passed" => case.success(&value),
            b"failed" => case.failed(&value),
            _ if says_end(key) => case.status(&value),
            _ => {}
        })?;
        Ok(What::Case)
    }

    /// What it says counts for the nearest case, else for the nearest suite.
    fn trouble(&mut self, name: &str, tag: &Tag<'_>) -> Result<What, String> {
        let (said_something, said, what) = match self.cases[..self.open_cases].last_mut() {
            Some(case) => {
                match name {
                    "failure" => case.failure = true,
                    "error" => case.error = true,
                    "rerunFailure" => case.rerun_failure = true,
                    "rerunError" => case.rerun_error = true,
                    _ => case.flaky = true,
                }
                case.reruns += u64::from(!matches!(name, "failure" | "error"));
                (&mut case.said_something, &mut case.said, What::Trouble)
            }
            None if name.starts_with("flaky") => return Ok(What::Other),
            None => match self.suites.last_mut() {
                Some(suite) => (&mut suite.is_broken, &mut suite.said, What::SuiteTrouble),
                None => return Ok(What::Other),
            },
        };
        if std::mem::replace(said_something, true) {
            return Ok(What::Other);
        }
        tag.for_each(|key, value| match key {
            "message" => said.message = cut(&value, TRACE).into(),
            "type" if said.message.is_empty() => said.message = cut(&value, TRACE).into(),
            _ => {}
        })?;
        Ok(what)
    }

    fn end_case(&mut self, tally: &mut Tally<'_>) {
        self.open_cases -= 1;
        let case = &mut self.cases[self.open_cases];
        let end = case.end();
        let mut file = Some((case.file.as_str(), case.line)).filter(|(file, _)| !file.is_empty());
        if let Some(suite) = self.suites.last_mut() {
            suite.direct_cases += 1;
            suite.reruns += case.reruns;
            suite.todo += u64::from(case.failure && case.todo);
            suite.below.add(&Counts::of(end));
            if suite.pytest {
                // pytest counts lines from 0.
                file = file.map(|(file, line)| (file, line.saturating_add(1)));
            }
            file = file.or_else(|| suite.file.as_deref().map(|file| (file, case.line)));
        }
        tally.case(Told {
            suite: &self.path,
            class: &case.class,
            name: &case.name,
            file,
            line: case.at,
            end,
            nanos: case.nanos,
            said: std::mem::take(&mut case.said),
            ..Told::default()
        });
    }

    fn end_suite(&mut self, tally: &mut Tally<'_>) {
        let Some(mut suite) = self.suites.pop() else { return };
        self.path.truncate(suite.path);
        if suite.is_broken {
            suite.below.broken_suites += 1;
            tally.broken(&suite.element, suite.file.as_deref(), suite.line, std::mem::take(&mut suite.said));
        }
        if let Some(parent) = self.suites.last_mut() {
            parent.direct_suites += u64::from(suite.below.tests > 0);
            parent.reruns += suite.reruns;
            parent.todo += suite.todo;
            parent.below.add(&suite.below);
        }
        let counts = &suite.below;
        let excused = counts.flaky + suite.reruns + suite.todo;
        if let Some(word) = suite.failed.filter(|_| counts.failed() + counts.broken_suites + excused == 0) {
            let message = format!("it says `{word}`, and nothing in it failed");
            suite.below.broken_suites += 1;
            tally.broken(&suite.element, suite.file.as_deref(), suite.line, Said { message, ..Said::default() });
        }
        let counts = &suite.below;
        // Node counts the cases directly below and the suites beside them. Nobody counts suites where they are only collected.
        let is_collection = suite.element.starts_with("<testsuites");
        let beside = if is_collection { 0 } else { suite.direct_suites };
        // Producers count all cases below, the executed ones, every run (Surefire), or those directly below.
        let fine = [
            counts.tests,
            counts.executed(),
            counts.tests.saturating_add(suite.reruns),
            suite.direct_cases,
            suite.direct_cases.saturating_add(beside),
        ];
        if let Some(declared) = suite.declared_tests.filter(|declared| !fine.contains(declared)) {
            tally.disagree(suite.line, &suite.element, Total::Tests, declared, counts.tests);
        }
        // A flaky case may stand for each of its runs, and for no failure beside them; one that is still to be done failed too.
        let flaky = if counts.flaky > 0 { counts.flaky.saturating_add(suite.reruns) } else { 0 };
        let excused = flaky.saturating_add(suite.todo);
        let seen = counts.failed() + counts.broken_suites;
        if suite.declared_failed > excused.saturating_add(seen) {
            tally.disagree(suite.line, &suite.element, Total::Failed, suite.declared_failed, seen);
        }
    }
}

/// The elements that say something. Their names are taken in any case: nothing else is called `<Failure>`.
const KNOWN: &[&str] = &[
    "testsuites",
    "testsuite",
    "testcase",
    "property",
    "skipped",
    "ignored",
    "failure",
    "error",
    "flakyFailure",
    "flakyError",
    "rerunFailure",
    "rerunError",
];

/// The name of an element as it is known. Words for a failure that no producer is known to write are one, too.
fn known(name: &str) -> &str {
    // Nearly all elements.
    if matches!(name, "testcase" | "failure" | "skipped" | "system-out") {
        return name;
    }
    if ["fail", "failed"].iter().any(|it| it.eq_ignore_ascii_case(name)) {
        return "failure";
    }
    if ["exception", "timeout", "aborted", "crash"].iter().any(|it| it.eq_ignore_ascii_case(name)) {
        return "error";
    }
    KNOWN.iter().find(|it| it.eq_ignore_ascii_case(name)).copied().unwrap_or(name)
}

/// Attributes by which dialects say how something ended, in any case.
fn says_end(key: &str) -> bool {
    key.len() <= 7
        && ["status", "result", "outcome", "state", "success", "passed"].iter().any(|it| it.eq_ignore_ascii_case(key))
}

fn is_yes(text: &str) -> bool {
    ["true", "yes"].iter().any(|it| it.eq_ignore_ascii_case(text.trim()))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.trim().bytes().all(|b| b.is_ascii_digit())
}

/// What a property of a suite says about the commit: names that producers and CIs use.
fn property(tag: &Tag<'_>, tally: &mut Tally<'_>) -> Result<(), String> {
    let (mut is_commit, mut commit) = (false, String::new());
    tag.for_each(|key, value| match key {
        "name" => {
            let name = value.to_ascii_lowercase();
            is_commit = matches!(
                name.as_str(),
                "git.commit.sha"
                    | "git.commit.id"
                    | "github_sha"
                    | "env.github_sha"
                    | "ci_commit_sha"
                    | "env.ci_commit_sha"
            );
        }
        "value" => commit = cut(&value, NAME).into(),
        _ => {}
    })?;
    if is_commit {
        tally.commit(commit.trim());
    }
    Ok(())
}
