//! The Test Anything Protocol, 12 to 14.
//!
//! See <https://testanything.org/tap-version-14-specification.html>, and for buffered subtests (`ok 1 - name {`)
//! <https://node-tap.org/tap-format/>. Every document and every subtest has a plan, which must be kept. The test points without a
//! subtest are the cases; one with a subtest counts only if it failed and nothing below it did. What fails below a TODO may fail. Around
//! the documents there may be what `prove -v` prints.

mod level;
mod plan;
mod prove;
mod sign;
mod syntax;
mod todo;
mod yaml;

use self::level::{Level, subtest};
pub(super) use self::sign::{is_result, is_sign};
use self::syntax::{Directive, Meaning, Plan, Point};
use self::todo::Waiting;
use self::yaml::Yaml;
use super::around;
use super::lines::{Line, Lines, said};
use super::tally::{NAME, Tally, cut};
use crate::tests::evidence::{Counts, End};

pub(super) struct Tap {
    /// The document and the subtests in it that are open, outermost first.
    levels: Vec<Level>,
    most: usize,
    strict: bool,
    /// The last test point, until what follows it shows that it is complete.
    last: Option<Held>,
    /// What was counted of the subtest that ended last, until its own test point.
    ended: Option<Ended>,
    yaml: Option<Yaml>,
    /// Indentation and name of the last `# Subtest: name`, until something stands below it.
    heading: Option<(usize, String)>,
    bailed: bool,
    /// The last line that meant something was not whole.
    is_cut: bool,
    /// `prove` printed it: what it says of the run at the end, until then nothing.
    prove: Option<Option<String>>,
    /// Where and how a comment or a tool around the runner says that something failed, if one does.
    says_fail: Option<(u32, String)>,
    /// Failures and broken suites before the document.
    failed_before: u64,
}

/// A test point that may still get details or a subtest.
struct Held {
    point: Point,
    indent: usize,
    line: u32,
    details: yaml::Details,
    /// `{` was seen.
    opened: bool,
    /// The subtest before it.
    ended: Option<Ended>,
}

struct Ended {
    name: String,
    line: u32,
    below: Counts,
    waiting: Vec<Waiting>,
}

impl Tap {
    /// Subtests are read to the depth `most`.
    pub fn new(most: usize) -> Self {
        Self {
            levels: vec![Level::default()],
            most,
            strict: false,
            last: None,
            ended: None,
            yaml: None,
            heading: None,
            bailed: false,
            is_cut: false,
            prove: None,
            says_fail: None,
            failed_before: 0,
        }
    }
}

impl Lines for Tap {
    fn line(&mut self, line: &Line<'_>, tally: &mut Tally<'_>) -> Result<(), String> {
        let text = line.text;
        let content = text.trim_start_matches(' ');
        let indent = text.len() - content.len();
        if self.bailed || content.trim().is_empty() {
            return Ok(());
        }
        if let (Some(yaml), Some(held)) = (&mut self.yaml, &mut self.last) {
            match yaml.line(indent, content.trim_end(), &mut held.details) {
                yaml::Step::Inside => return Ok(()),
                yaml::Step::End => {
                    self.yaml = None;
                    return Ok(());
                }
                yaml::Step::Outside => self.yaml = None,
            }
        }
        if let Some(held) = &self.last
            && !held.opened
            && (held.indent + 1..held.indent + 4).contains(&indent)
            && content.trim_end() == "---"
        {
            self.yaml = Some(Yaml::new(indent));
            return Ok(());
        }
        if text.split('\r').skip(1).any(|rest| is_result(rest) || rest.starts_with("not ok")) {
            return Err("a test point stands behind a carriage return, where some read a line of its own".into());
        }
        if indent == 0 && self.harness(line, tally) {
            return Ok(());
        }
        if self.says_fail.is_none() && indent == 0 && (sign::says_fail(text) || around::failed(text)) {
            self.says_fail = Some((line.number, cut(text, NAME).into()));
        }
        let mut meaning = syntax::meaning(content);
        if !indent.is_multiple_of(4) && !matches!(meaning, Meaning::Comment | Meaning::Subtest(_)) {
            meaning = Meaning::Nothing;
        }
        if matches!(meaning, Meaning::Point(_) | Meaning::Plan(_)) {
            self.is_cut = !line.is_whole;
        }
        self.meaning(meaning, indent, line, tally)
    }

    fn is_in_block(&self) -> bool {
        self.yaml.is_some()
    }

    fn end(&mut self, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        if self.bailed {
            return Ok(());
        }
        let announced = self.last.as_ref().is_some_and(|held| held.opened || held.point.opens);
        let in_yaml = self.yaml.is_some();
        let is_open = self.levels.iter().any(|level| level.point.is_some());
        self.flush(tally);
        self.close_to(0, tally);
        self.orphan(tally);
        let level = self.levels.pop().unwrap_or_default();
        if announced || is_open {
            return Err("a buffered subtest is not closed".into());
        }
        if in_yaml {
            return Err("a block of YAML is not closed".into());
        }
        if level.plan.is_none() {
            return Err(format!("it has no plan, so nobody knows whether {} test points are all", level.points));
        }
        if self.is_cut {
            return Err("its last line is cut off: no line break follows".into());
        }
        level.check(line, tally);
        if let Some((line, what)) = &self.says_fail
            && failed(tally) == 0
        {
            tally.broken("the report", None, *line, said(&format!("no test failed, and it says `{what}`"), ""));
        }
        match &self.prove {
            Some(None) => Err("what `prove` says of the run, `Result: …`, is not there".into()),
            Some(Some(result)) if result != "PASS" && failed(tally) == 0 => {
                tally.broken("prove", None, line, said(&format!("Result: {result}"), ""));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn failed(tally: &Tally<'_>) -> u64 {
    tally.counts().failed() + tally.counts().broken_suites
}

impl Tap {
    fn meaning(
        &mut self,
        meaning: Meaning<'_>,
        indent: usize,
        line: &Line<'_>,
        tally: &mut Tally<'_>,
    ) -> Result<(), String> {
        match meaning {
            Meaning::Comment => Ok(()),
            Meaning::Nothing => {
                if self.strict {
                    let message = "it says `pragma +strict`, and this line is not TAP";
                    tally.broken("the report", None, line.number, said(message, line.text));
                }
                Ok(())
            }
            Meaning::Open => {
                if let Some(held) = self.last.as_mut().filter(|held| held.indent == indent) {
                    held.opened = true;
                }
                Ok(())
            }
            Meaning::Close => {
                self.close_buffered(indent, tally);
                Ok(())
            }
            // It stands at the indentation of the subtest or, since TAP 14, at that of the document around it. A heading that stands
            // deeper than another one is inside of what that one announces.
            Meaning::Subtest(name) => {
                if indent.is_multiple_of(4) {
                    if self.heading.as_ref().is_some_and(|(above, _)| *above < indent) && indent > self.top().indent {
                        self.at(indent, line.number, tally)?;
                    }
                    self.heading = Some((indent, cut(name, NAME).into()));
                }
                Ok(())
            }
            Meaning::Bail(reason) => {
                self.flush(tally);
                self.bailed = true;
                let waiting = self.levels.iter_mut().flat_map(|level| std::mem::take(&mut level.waiting));
                let ended = self.ended.take().into_iter().flat_map(|ended| ended.waiting);
                waiting.chain(ended).for_each(|it| it.tell(End::Failed, tally));
                tally.broken("the report", None, line.number, said(&format!("Bail out! {reason}"), ""));
                Ok(())
            }
            Meaning::Pragma(pragma) => {
                self.at(indent, line.number, tally)?;
                match pragma {
                    "+strict" => self.strict = true,
                    "-strict" => self.strict = false,
                    _ => {}
                }
                Ok(())
            }
            Meaning::Version => {
                self.at(indent, line.number, tally)?;
                if indent == 0 && self.levels.len() == 1 && self.top().is_complete() {
                    self.next_document(line.number, tally);
                }
                Ok(())
            }
            Meaning::Plan(plan) => {
                self.at(indent, line.number, tally)?;
                self.plan(plan, line.number, tally);
                Ok(())
            }
            Meaning::Point(point) => {
                self.at(indent, line.number, tally)?;
                self.point(point, indent, line.number, tally)
            }
        }
    }

    fn top(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// Makes the level of this indentation the innermost one.
    fn at(&mut self, indent: usize, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        if indent > self.top().indent {
            return self.open(indent, line, tally);
        }
        self.close_to(indent, tally);
        if indent > self.top().indent { self.open(indent, line, tally) } else { Ok(()) }
    }

    fn open(&mut self, indent: usize, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        let opens = self.last.as_ref().is_some_and(|held| held.opened || held.point.opens);
        let point = if opens { self.last.take() } else { None };
        self.flush(tally);
        if let Some(held) = point {
            // What stands deeper than the subtest that was opened is a subtest of it.
            let (own, name) = (held.indent + 4, held.point.name.clone());
            self.push(Level { indent: own, name, line, point: Some(held), ..Level::default() })?;
            if own >= indent {
                return Ok(());
            }
        }
        let heading = self.heading.take().filter(|(at, _)| *at == indent || *at + 4 == indent);
        let name = heading.map(|(_, name)| name).unwrap_or_default();
        self.push(Level { indent, name, line, ..Level::default() })
    }

    fn push(&mut self, level: Level) -> Result<(), String> {
        if self.levels.len() >= self.most {
            return Err(format!("subtests are nested deeper than the limit `depth` of {}", self.most));
        }
        self.levels.push(level);
        Ok(())
    }

    /// Closes the levels that are indented deeper.
    fn close_to(&mut self, indent: usize, tally: &mut Tally<'_>) {
        while self.levels.len() > 1 && self.top().indent > indent {
            self.flush(tally);
            self.orphan(tally);
            let Some(mut level) = self.levels.pop() else { return };
            let (point, waiting) = (level.point.take(), std::mem::take(&mut level.waiting));
            let (name, line) = (level.name.clone(), level.line);
            let below = level.check(line, tally);
            let ended = Ended { name, line, below, waiting };
            match point {
                Some(mut held) => {
                    held.ended = Some(ended);
                    self.last = Some(held);
                    self.flush(tally);
                }
                None => self.ended = Some(ended),
            }
        }
    }

    fn close_buffered(&mut self, indent: usize, tally: &mut Tally<'_>) {
        if self.levels.iter().any(|level| level.point.as_ref().is_some_and(|held| held.indent == indent)) {
            self.close_to(indent, tally);
        } else {
            self.flush(tally);
        }
    }

    /// A subtest ended that no test point of its own follows.
    fn orphan(&mut self, tally: &mut Tally<'_>) {
        let Some(ended) = self.ended.take() else { return };
        ended.waiting.into_iter().for_each(|it| it.tell(End::Failed, tally));
        let message = "the test point of this subtest is not there";
        tally.broken(&subtest(&ended.name), None, ended.line, said(message, ""));
        let mut below = ended.below;
        below.broken_suites += 1;
        self.top().below.add(&below);
    }

    fn plan(&mut self, plan: Plan, line: u32, tally: &mut Tally<'_>) {
        self.flush(tally);
        self.orphan(tally);
        let level = self.top();
        level.plan_at = level.points;
        if let Some(before) = level.plan.replace(plan) {
            level.plan = Some(before);
            level.trouble(line, "it has more than one plan", tally);
        }
    }

    fn point(&mut self, point: Point, indent: usize, line: u32, tally: &mut Tally<'_>) -> Result<(), String> {
        self.flush(tally);
        self.heading = None;
        // A subtest stands before its own point.
        let ended = self.ended.take();
        let level = self.top();
        level.points += 1;
        if !level.ids.add(point.id.unwrap_or(level.points))? {
            level.trouble(line, &format!("the test {} is there twice", point.id.unwrap_or_default()), tally);
        }
        self.last = Some(Held { point, indent, line, details: yaml::Details::default(), opened: false, ended });
        Ok(())
    }

    /// The last test point is complete.
    fn flush(&mut self, tally: &mut Tally<'_>) {
        self.yaml = None;
        let Some(held) = self.last.take() else { return };
        let Held { point, line, details, ended, .. } = held;
        let is_todo = !point.ok && point.directive == Some(Directive::Todo);
        let failed = !point.ok && !is_todo;
        let (mut counts, waiting) = ended.map(|ended| (ended.below, ended.waiting)).unwrap_or_default();
        let own = match (point.ok, point.directive) {
            (_, Some(Directive::Skip)) if !failed => End::Skipped,
            (false, Some(Directive::Todo)) => End::Skipped,
            (false, _) => End::Failed,
            (true, _) => End::Passed,
        };
        let is_case = counts.tests == 0 || (failed && counts.failed() + counts.broken_suites == 0);
        if is_todo {
            todo::excuse(&mut counts, waiting.len());
        }
        for it in waiting {
            self.tell(it, if is_todo { End::Skipped } else { End::Failed }, tally);
        }
        if is_case {
            counts.add(&Counts::of(own));
            let suites: Vec<&str> =
                self.levels.iter().map(|level| level.name.as_str()).filter(|name| !name.is_empty()).collect();
            let suite = suites.join(" > ");
            let name = if point.name.is_empty() { format!("test {}", self.top_points(&point)) } else { point.name };
            let case = Waiting {
                suite: cut(&suite, NAME).into(),
                name: cut(&name, NAME).into(),
                file: details.file.map(|file| (file, details.line)),
                line,
                nanos: point.nanos.or(details.nanos),
                said: details.said,
            };
            self.tell(case, own, tally);
        }
        self.top().below.add(&counts);
    }

    /// What a test point without a name is called by.
    fn top_points(&self, point: &Point) -> u64 {
        point.id.or(self.levels.last().map(|level| level.points)).unwrap_or_default()
    }

    /// Another document begins.
    fn next_document(&mut self, line: u32, tally: &mut Tally<'_>) {
        self.flush(tally);
        self.orphan(tally);
        let level = std::mem::take(self.top());
        level.check(line, tally);
        self.strict = false;
        self.is_cut = false;
    }
}
