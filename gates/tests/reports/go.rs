//! `go test -json`: what `test2json` makes of the output of test binaries.
//!
//! See `go doc test2json` and <https://pkg.go.dev/cmd/test2json>; for builds `go help buildjson`. Tests without subtests are the cases; a
//! test with subtests counts only if it failed and none of them did. Every package that began must end: the format has no end of its own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::lines::{Line, Lines, OPEN, said};
use super::sniff::holds_event;
use super::tally::{NAME, Said, TRACE, Tally, Told, cut};
use super::times::nanos;
use super::{Format, around};
use crate::tests::evidence::End;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event<'a> {
    #[serde(borrow, default)]
    time: Cow<'a, str>,
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow, default)]
    package: Cow<'a, str>,
    #[serde(borrow, default)]
    test: Cow<'a, str>,
    #[serde(borrow, default)]
    output: Cow<'a, str>,
    #[serde(borrow, default)]
    failed_build: Cow<'a, str>,
    #[serde(borrow, default)]
    import_path: Cow<'a, str>,
    elapsed: Option<f64>,
}

#[derive(Default)]
pub(super) struct Go {
    packages: BTreeMap<String, Package>,
    /// What the compiler says of packages that failed to build, until a failed package names them.
    builds: BTreeMap<String, Build>,
    events: u64,
    /// Where a line outside of any event says that something failed.
    plain_failure: Option<u32>,
}

#[derive(Default)]
struct Package {
    is_open: bool,
    /// Something of it failed since it began.
    has_failed: bool,
    is_cached: bool,
    /// A line of its output that says that something failed.
    says_fail: Option<String>,
    /// Tests that have not ended.
    tests: BTreeMap<String, Running>,
    output: Said,
}

#[derive(Default)]
struct Running {
    line: u32,
    has_subtests: bool,
    subtest_failed: bool,
    output: Said,
}

#[derive(Default)]
struct Build {
    line: u32,
    failed: bool,
    output: Said,
}

impl Lines for Go {
    fn line(&mut self, line: &Line<'_>, tally: &mut Tally<'_>) -> Result<(), String> {
        let text = line.text.trim();
        match serde_json::from_str::<Event<'_>>(text) {
            Ok(event) => self.event(&event, line.number, tally),
            Err(e) if text.starts_with('{') && !line.is_whole => Err(format!("the last event is cut off: {e}")),
            // What tests and tools print between the events. An event that is lost in it is missed at the end.
            Err(_) if holds_event(text, Format::Go) => {
                Err("an event stands in it behind other text: let nothing else write into the report".into())
            }
            Err(_) => {
                self.plain(text, line.number, tally);
                Ok(())
            }
        }
    }

    fn end(&mut self, _: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        for (path, build) in std::mem::take(&mut self.builds) {
            if build.failed {
                tally.broken(&path, None, build.line, message("it does not build", build.output));
            }
        }
        let open: Vec<String> =
            self.packages.iter().filter(|(_, it)| it.is_open).map(|(name, _)| name.clone()).collect();
        for name in &open {
            self.close(name, tally);
        }
        if let Some(first) = open.first() {
            let others = if open.len() > 1 { format!(" and {} others", open.len() - 1) } else { String::new() };
            return Err(format!("the package `{}`{others} began and never ended", cut(first, NAME)));
        }
        if self.events == 0 {
            return Err("it holds no event of `go test -json`".into());
        }
        let counts = tally.counts();
        if let Some(line) = self.plain_failure
            && counts.failed() + counts.broken_suites == 0
        {
            tally.broken("go test", None, line, said("it says that something failed, and no event does", ""));
        }
        Ok(())
    }
}

impl Go {
    fn event(&mut self, event: &Event<'_>, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        self.events += 1;
        let action = &*event.action;
        if matches!(action, "build-output" | "build-fail") {
            return self.build(event, line);
        }
        if !self.packages.contains_key(&*event.package) {
            if self.packages.len() >= OPEN {
                return Err(format!("there are more than the limit of {OPEN} packages"));
            }
            let package = Package { is_open: true, ..Package::default() };
            self.packages.insert(event.package.clone().into_owned(), package);
        }
        let Some(package) = self.packages.get_mut(&*event.package) else { return Ok(()) };
        match (action, event.test.is_empty()) {
            ("start", true) | ("run", false) => {
                tally.time(&event.time);
                if !package.is_open {
                    *package = Package { is_open: true, ..Package::default() };
                }
                if action == "run" {
                    package.run(&event.test, line)?;
                }
            }
            ("output", true) => package.say(event, tally),
            ("output", false) => {
                package.says_fail(&event.output, true);
                if let Some(test) = package.tests.get_mut(&*event.test)
                    && !is_frame(&event.output)
                {
                    test.output.push(&event.output);
                }
            }
            ("pass" | "bench", false) => package.end(event, End::Passed, line, tally),
            ("fail", false) => package.end(event, End::Failed, line, tally),
            ("skip", false) => package.end(event, End::Skipped, line, tally),
            ("fail", true) => {
                self.close(&event.package, tally);
                self.failed_package(event, line, tally);
            }
            ("pass" | "skip" | "bench", true) => {
                self.close(&event.package, tally);
                if let Some(package) = self.packages.get_mut(&*event.package) {
                    let output = std::mem::take(&mut package.output);
                    // `TestMain` may end with 0 whatever the tests said; older versions lose events.
                    if let Some(line_of) = package.says_fail.take().filter(|_| !package.has_failed) {
                        package.has_failed = true;
                        let message = format!("its output says `{line_of}`, and its event `{action}`");
                        tally.broken(&event.package, None, line, said(&message, &output.text));
                    }
                }
            }
            // `pause`, `cont`, `attr`, `artifacts`, and what a later Go adds.
            _ => {}
        }
        Ok(())
    }

    fn build(&mut self, event: &Event<'_>, line: u32) -> Result<(), String> {
        if self.builds.len() >= OPEN {
            return Err(format!("there are more than the limit of {OPEN} failed builds"));
        }
        let build = self.builds.entry(event.import_path.clone().into_owned()).or_default();
        build.line = line;
        build.failed |= event.action == "build-fail";
        build.output.push(&event.output);
        Ok(())
    }

    /// A package failed. If no test of it did, the reason is outside of them: it does not build, `TestMain` or `init` failed, a race …
    fn failed_package(&mut self, event: &Event<'_>, line: u32, tally: &mut Tally<'_>) {
        let build = self.builds.remove(&*event.failed_build);
        let Some(package) = self.packages.get_mut(&*event.package) else { return };
        if package.has_failed {
            return;
        }
        let output = std::mem::take(&mut package.output);
        let said = match build {
            Some(build) => message("it does not build", build.output),
            None if !event.failed_build.is_empty() => message("it does not build", output),
            None => message("it failed outside of its tests", output),
        };
        package.has_failed = true;
        tally.broken(&event.package, None, line, said);
    }

    /// The package ended. A test of it that did not was ended by what ended the package.
    fn close(&mut self, name: &str, tally: &mut Tally<'_>) {
        let Some(package) = self.packages.get_mut(name) else { return };
        package.is_open = false;
        if std::mem::take(&mut package.is_cached) {
            tally.cached(name);
        }
        // Subtests stand behind their parents.
        while let Some((test, running)) = package.tests.pop_last() {
            let mut said = running.output;
            said.message = "it began and never ended".into();
            if !running.subtest_failed {
                tally.case(told(name, &test, running.line, End::Error, None, said));
            }
            package.failed(&test);
        }
    }

    /// Before Go 1.24 a package that does not build is told in plain text only.
    fn plain(&mut self, text: &str, line: u32, tally: &mut Tally<'_>) {
        // `go vet`, which `go test` runs before; a tool that ended with an error; a test whose event is lost; a crash.
        let signs = ["vet: ", "exit status ", "--- FAIL: ", "panic: "];
        if signs.iter().any(|sign| text.starts_with(sign)) || around::failed(text) {
            self.plain_failure = self.plain_failure.or(Some(line));
        }
        let Some(rest) = text.strip_prefix("FAIL") else { return };
        match rest.trim_start_matches(['\t', ' ']).split_once(" [") {
            Some((package, why)) if rest.starts_with(['\t', ' ']) && why.ends_with(" failed]") => {
                let known = self.packages.get(package).is_some_and(|it| it.has_failed);
                if !known {
                    tally.broken(package, None, line, said(why.trim_end_matches(']'), ""));
                }
            }
            _ if rest.is_empty() || rest.starts_with(['\t', ' ', ':']) => {
                self.plain_failure = self.plain_failure.or(Some(line))
            }
            _ => {}
        }
    }
}

impl Package {
    fn run(&mut self, test: &str, line: u32) -> Result<(), String> {
        if self.tests.len() >= OPEN {
            return Err(format!("more than the limit of {OPEN} tests have begun and not ended"));
        }
        for parent in parents(test) {
            if let Some(parent) = self.tests.get_mut(parent) {
                parent.has_subtests = true;
            }
        }
        self.tests.insert(test.into(), Running { line, ..Running::default() });
        Ok(())
    }

    fn end(&mut self, event: &Event<'_>, end: End, line: u32, tally: &mut Tally<'_>) {
        let running = self.tests.remove(&*event.test).unwrap_or_default();
        let failed = end == End::Failed;
        let is_case = !running.has_subtests || (failed && !running.subtest_failed);
        if is_case {
            let time = event.elapsed.and_then(nanos);
            tally.case(told(&event.package, &event.test, line, end, time, running.output));
        }
        if failed {
            self.failed(&event.test);
        }
    }

    fn failed(&mut self, test: &str) {
        self.has_failed = true;
        for parent in parents(test) {
            if let Some(parent) = self.tests.get_mut(parent) {
                parent.subtest_failed = true;
            }
        }
    }

    fn say(&mut self, event: &Event<'_>, tally: &mut Tally<'_>) {
        let output = event.output.trim_end();
        let is_cached = output.starts_with("ok") && output.split('\t').any(|part| part.trim() == "(cached)");
        if is_cached && !self.is_open {
            tally.cached(&event.package);
        }
        self.is_cached |= is_cached && self.is_open;
        self.says_fail(output, false);
        if self.is_open {
            self.output.push(&event.output);
        }
    }
}

impl Package {
    /// Remembers what `go test` and the testing package say of a failure; what a test itself prints of one stands indented in its log.
    fn says_fail(&mut self, output: &str, of_test: bool) {
        let output = output.trim_end();
        let says = output.starts_with("--- FAIL: ") || (!of_test && (output == "FAIL" || output.starts_with("FAIL\t")));
        if says && self.is_open && self.says_fail.is_none() {
            self.says_fail = Some(cut(output, NAME).into());
        }
    }
}

/// The tests that a subtest may belong to. Its own name may hold slashes, too.
fn parents(test: &str) -> impl Iterator<Item = &str> {
    test.match_indices('/').map(|(at, _)| &test[..at])
}

fn told<'a>(package: &'a str, test: &'a str, line: u32, end: End, nanos: Option<u64>, said: Said) -> Told<'a> {
    Told { suite: package, class: package, name: test, file: None, line, end, nanos, said, ..Told::default() }
}

/// Lines of the runner around what the test itself says.
fn is_frame(output: &str) -> bool {
    let output = output.trim_start();
    output.starts_with("=== ") || output.starts_with("--- ")
}

fn message(message: &str, mut said: Said) -> Said {
    let first = said.text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    said.message = cut(&first.map_or_else(|| message.to_owned(), |first| format!("{message}: {first}")), TRACE).into();
    said
}
