//! The elements of a JUnit report, and what they add up to.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};

use super::{Case, Counts, Disagreement, Problem, Results, Total, junit};

/// Most attributes of one tag.
const ATTRIBUTES: usize = 1_000;
/// Bytes that are kept of a trace, of a name and of a message.
const TRACE: usize = 4 << 10;
const NAME: usize = 500;
const MESSAGE: usize = 300;

/// How many more cases may be kept as evidence; all are counted.
pub(super) struct Room {
    pub failed: usize,
    pub flaky: usize,
    pub disagreements: usize,
}

/// What was read so far.
pub(super) struct Elements<'a> {
    path: &'a str,
    results: Results,
    open: Vec<Open>,
    begun: bool,
    room: &'a mut Room,
}

/// An element that is not closed yet.
struct Open {
    /// `<testsuite name="…">`, for messages; of elements without meaning, the name alone.
    element: String,
    line: u32,
    what: What,
}

enum What {
    Suite(Suite),
    Case(Running),
    /// An element that says what went wrong with the case or suite around it.
    Trouble,
    Other,
}

#[derive(Default)]
struct Suite {
    declared_tests: Option<u64>,
    declared_failed: u64,
    file: Option<String>,
    pytest: bool,
    direct_cases: u64,
    direct_suites: u64,
    /// Runs of cases below besides the one that counts.
    reruns: u64,
    /// Cases below that failed and may.
    todo: u64,
    below: Counts,
    broken: Said,
}

/// A case that is not closed yet.
#[derive(Default)]
struct Running {
    name: String,
    file: Option<String>,
    line: u32,
    failure: bool,
    error: bool,
    skipped: bool,
    /// Its failure is expected.
    todo: bool,
    flaky: bool,
    reruns: u64,
    said: Said,
}

/// What a runner says about trouble: the first message, and the first text.
#[derive(Default)]
struct Said {
    any: bool,
    message: String,
    text: String,
}

impl<'a> Elements<'a> {
    pub fn new(path: &'a str, room: &'a mut Room) -> Self {
        Self { path, results: Results::default(), open: Vec::new(), begun: false, room }
    }

    /// A root element of JUnit XML was seen.
    pub fn begun(&self) -> bool {
        self.begun
    }

    /// The element that is open and has no open element inside.
    pub fn innermost(&self) -> Option<&str> {
        self.open.last().map(|open| open.element.as_str())
    }

    pub fn into_results(self) -> Results {
        self.results
    }

    /// Takes in one event that began at `line`; an error says what is malformed.
    pub fn event(&mut self, event: Event<'_>, line: u32, depth: usize) -> Result<(), String> {
        match event {
            Event::Start(start) => {
                if self.open.len() >= depth {
                    return Err(format!("elements are nested deeper than the limit `depth` of {depth}"));
                }
                self.start(&start, line)
            }
            Event::Empty(start) => {
                self.start(&start, line)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.text(&text),
            Event::CData(text) => self.text(&text),
            Event::GeneralRef(name) => {
                let written = format!("&{};", &*name);
                self.text(&plain(&written))
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, line: u32) -> Result<(), String> {
        let name = start.local_name();
        let name = name.as_ref();
        let (element, what) = match name {
            "testsuites" | "testsuite" => self.suite(name, start)?,
            "testcase" => self.case(start)?,
            _ if self.open.is_empty() => {
                return Err(format!(
                    "its root element is `<{}>`, not `<testsuites>`, `<testsuite>` or `<testcase>`",
                    cut(name, NAME)
                ));
            }
            _ => (format!("<{}>", cut(name, NAME)), self.inside(name, start)?),
        };
        self.begun = true;
        self.open.push(Open { element, line, what });
        Ok(())
    }

    fn suite(&self, element: &str, start: &BytesStart<'_>) -> Result<(String, What), String> {
        let mut suite = Suite::default();
        let mut shown = format!("<{element}>");
        for_each_attribute(start, |key, value| match key {
            "name" => {
                suite.pytest = value == "pytest";
                shown = format!("<{element} name=\"{}\">", cut(&value, NAME));
            }
            "tests" => suite.declared_tests = value.trim().parse().ok(),
            "failures" | "errors" => {
                let declared: u64 = value.trim().parse().unwrap_or(0);
                suite.declared_failed = suite.declared_failed.saturating_add(declared);
            }
            "file" | "filepath" => suite.file = Some(value.into_owned()),
            _ => {}
        })?;
        Ok((shown, What::Suite(suite)))
    }

    fn case(&self, start: &BytesStart<'_>) -> Result<(String, What), String> {
        let mut case = Running::default();
        let (mut class, mut name) = (String::new(), String::new());
        for_each_attribute(start, |key, value| match key {
            "name" => name = cut(&value, NAME).into(),
            "classname" | "class" => class = cut(&value, NAME).into(),
            "file" => case.file = Some(value.into_owned()),
            "line" | "lineno" => case.line = value.trim().parse().unwrap_or(0),
            "status" | "result" => match value.trim().to_ascii_lowercase().as_str() {
                "notrun" | "not run" | "notexecuted" | "disabled" | "ignored" | "skipped" | "skip" | "suppressed"
                | "pending" => case.skipped = true,
                "failed" | "fail" | "failure" => case.failure = true,
                "error" | "errored" | "broken" | "timeout" | "timedout" | "timed out" | "timed_out" | "aborted"
                | "crashed" | "killed" | "cancelled" | "canceled" | "interrupted" => case.error = true,
                _ => {}
            },
            _ => {}
        })?;
        case.name = match (class.as_str(), name.as_str()) {
            ("", "") => "a test without a name".into(),
            ("", only) | (only, "") => only.into(),
            (class, name) if class == name => name.into(),
            (class, name) => format!("{class}::{name}"),
        };
        Ok((format!("<testcase name=\"{name}\">"), What::Case(case)))
    }

    /// An element inside of a suite or case: what it says counts for the nearest case, else for the nearest suite.
    fn inside(&mut self, name: &str, start: &BytesStart<'_>) -> Result<What, String> {
        if !matches!(
            name,
            "failure" | "error" | "skipped" | "ignored" | "flakyFailure" | "flakyError" | "rerunFailure" | "rerunError"
        ) {
            return Ok(What::Other);
        }
        let nearest = self.open.iter_mut().rev().find_map(|open| match &mut open.what {
            What::Case(case) => Some(Ok(case)),
            What::Suite(suite) => Some(Err(suite)),
            What::Trouble | What::Other => None,
        });
        let said = match (nearest, name) {
            (None, _) | (Some(Err(_)), "skipped" | "ignored" | "flakyFailure" | "flakyError") => {
                return Ok(What::Other);
            }
            (Some(Err(suite)), _) => &mut suite.broken,
            (Some(Ok(case)), "skipped" | "ignored") => {
                case.skipped = true;
                // https://nodejs.org/api/test.html: a test marked `todo` runs, and its failure is not one of the run.
                for_each_attribute(start, |key, value| case.todo |= key == "type" && value == "todo")?;
                return Ok(What::Other);
            }
            (Some(Ok(case)), "flakyFailure" | "flakyError") => {
                case.flaky = true;
                case.reruns += 1;
                &mut case.said
            }
            // A rerun that failed stands beside the failure itself; alone it is no sign of a pass.
            (Some(Ok(case)), _) => {
                case.reruns += u64::from(name.starts_with("rerun"));
                case.error |= name.ends_with("rror");
                case.failure |= name.ends_with("ailure");
                &mut case.said
            }
        };
        if said.any {
            return Ok(What::Other);
        }
        said.any = true;
        for_each_attribute(start, |key, value| match key {
            "message" => said.message = cut(&value, TRACE).into(),
            "type" if said.message.is_empty() => said.message = cut(&value, TRACE).into(),
            _ => {}
        })?;
        Ok(What::Trouble)
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        let Some(open) = self.open.last() else {
            // A byte-order mark stands before a second document.
            let blank = text.chars().all(|c| c.is_ascii_whitespace() || c == '\u{feff}');
            return if blank { Ok(()) } else { Err("there is text outside of the root element".into()) };
        };
        if !matches!(open.what, What::Trouble) {
            return Ok(());
        }
        let said = self.open.iter_mut().rev().find_map(|open| match &mut open.what {
            What::Case(case) => Some(&mut case.said),
            What::Suite(suite) => Some(&mut suite.broken),
            What::Trouble | What::Other => None,
        });
        if let Some(said) = said {
            let room = TRACE.saturating_sub(said.text.len());
            said.text.push_str(cut(text, room));
        }
        Ok(())
    }

    fn end(&mut self) {
        let Some(Open { element, line, what }) = self.open.pop() else { return };
        match what {
            What::Suite(suite) => self.end_suite(element, line, suite),
            What::Case(case) => self.end_case(line, case),
            What::Trouble | What::Other => {}
        }
    }

    fn end_case(&mut self, line: u32, case: Running) {
        let mut counts = Counts { tests: 1, ..Counts::default() };
        let problem = if case.error {
            counts.errors = 1;
            Some(Problem::Error)
        } else if case.failure && !case.todo {
            counts.failures = 1;
            Some(Problem::Failure)
        } else if case.skipped {
            counts.skipped = 1;
            None
        } else if case.flaky {
            counts.flaky = 1;
            Some(Problem::Flaky)
        } else {
            None
        };
        self.results.counts.add(&counts);
        let suite = self.nearest_suite();
        let (mut file, mut pytest) = (case.file, false);
        if let Some(suite) = suite {
            suite.direct_cases += 1;
            suite.reruns += case.reruns;
            suite.todo += u64::from(case.failure && case.todo);
            suite.below.add(&counts);
            pytest = suite.pytest;
            file = file.or_else(|| problem.and(suite.file.clone()));
        }
        if let Some(problem) = problem {
            // pytest counts lines from 0.
            let at = if pytest && file.is_some() { case.line.saturating_add(1) } else { case.line };
            self.keep(problem, case.name, case.said, file.map(|file| (cut(&file, TRACE).into(), at)), line);
        }
    }

    fn end_suite(&mut self, element: String, line: u32, suite: Suite) {
        let mut counts = suite.below;
        if suite.broken.any {
            counts.broken_suites += 1;
            self.results.counts.broken_suites += 1;
            let file = suite.file.clone().map(|file| (file, 0));
            self.keep(Problem::BrokenSuite, element.clone(), suite.broken, file, line);
        }
        if let Some(parent) = self.nearest_suite() {
            parent.direct_suites += 1;
            parent.reruns += suite.reruns;
            parent.todo += suite.todo;
            parent.below.add(&counts);
        }
        // Producers count all cases below, the executed ones, every run (Surefire), those directly below, or these with the suites
        // beside them (Node).
        let fine = [
            counts.tests,
            counts.executed(),
            counts.tests.saturating_add(suite.reruns),
            suite.direct_cases,
            suite.direct_cases.saturating_add(suite.direct_suites),
        ];
        if let Some(declared) = suite.declared_tests.filter(|declared| !fine.contains(declared)) {
            self.disagree(line, &element, Total::Tests, declared, counts.tests);
        }
        // A flaky case may stand for each of its runs, and for no failure beside them.
        let flaky = if counts.flaky > 0 { counts.flaky.saturating_add(suite.reruns) } else { 0 };
        let excused = flaky.saturating_add(suite.todo);
        if suite.declared_failed > excused && counts.failed() + counts.broken_suites == 0 {
            self.disagree(line, &element, Total::Failed, suite.declared_failed, 0);
        }
    }

    fn nearest_suite(&mut self) -> Option<&mut Suite> {
        self.open.iter_mut().rev().find_map(|open| match &mut open.what {
            What::Suite(suite) => Some(suite),
            What::Case(_) | What::Trouble | What::Other => None,
        })
    }

    fn keep(&mut self, problem: Problem, name: String, said: Said, reported: Option<(String, u32)>, line: u32) {
        let (room, kept) = match problem {
            Problem::Flaky => (&mut self.room.flaky, &mut self.results.flaky),
            Problem::Failure | Problem::Error | Problem::BrokenSuite => {
                (&mut self.room.failed, &mut self.results.failed)
            }
        };
        if *room == 0 {
            return;
        }
        *room -= 1;
        let first =
            [&said.message, &said.text].into_iter().flat_map(|text| text.lines()).find(|l| !l.trim().is_empty());
        kept.push(Case {
            problem,
            name,
            message: cut(first.unwrap_or_default().trim(), MESSAGE).into(),
            trace: said.text,
            reported,
            place: junit::place(self.path, line),
            excerpt: None,
        });
    }

    fn disagree(&mut self, line: u32, element: &str, what: Total, declared: u64, counted: u64) {
        self.results.counts.disagreements += 1;
        if self.room.disagreements > 0 {
            self.room.disagreements -= 1;
            self.results.disagreements.push(Disagreement { line, element: element.into(), what, declared, counted });
        }
    }
}

/// Names are local; a value that cannot be unescaped stays as it stands.
fn for_each_attribute(start: &BytesStart<'_>, mut take: impl FnMut(&str, Cow<'_, str>)) -> Result<(), String> {
    for (number, attribute) in start.attributes().enumerate() {
        if number >= ATTRIBUTES {
            return Err(format!("a tag has more than the limit of {ATTRIBUTES} attributes"));
        }
        let attribute = attribute.map_err(|e| e.to_string())?;
        take(attribute.key.local_name().as_ref(), plain(&attribute.value));
    }
    Ok(())
}

/// Character references and the five entities of XML are resolved; where there is another, all stays as it stands.
fn plain(text: &str) -> Cow<'_, str> {
    quick_xml::escape::unescape(text).unwrap_or(Cow::Borrowed(text))
}

fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
