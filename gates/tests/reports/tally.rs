//! What the cases of one report add up to, whatever its format. Every case is counted; of those that passed nothing is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::sarif::Accepted;
use super::{Base, Format, Wanted, is_test};
use crate::tests::evidence::{Case, Counts, Disagreement, End, Identity, One, Results, Suite, Total, Unclear, When};
use crate::tests::policy::Level;
use crate::{Place, Position, Span};

/// Bytes that are kept of a trace, of a name and of a message.
pub(super) const TRACE: usize = 4 << 10;
pub(in crate::tests) const NAME: usize = 500;
const MESSAGE: usize = 300;
/// Names that are kept of what was not run anew.
const CACHED: usize = 20;
/// Cases that are kept of those that took too long.
const SLOW: usize = 20;
/// Parts of a run that one report tells of.
const SHARDS: usize = 10_000;
/// Words and totals that are kept of those that cannot be understood.
const UNCLEAR: usize = 20;
/// Results that are kept of those that are suppressed in the source, and of those that nobody decided about.
const ASIDE: usize = 1_000;

/// The first instant of the year 2000: what is said to have run before did not.
const EPOCH: jiff::Timestamp = jiff::Timestamp::constant(946_684_800, 0);

/// A case, its reruns taken together, as a reader tells it.
#[derive(Default)]
pub(super) struct Told<'a> {
    /// The suites around it, outermost first, joined by ` > `.
    pub suite: &'a str,
    pub class: &'a str,
    pub name: &'a str,
    /// What else tells it from others of the same names, where the report has it.
    pub id: &'a str,
    /// The file that the report names for it, and the 1-based line there; 0 if it names none.
    pub file: Option<(&'a str, u32)>,
    /// 1-based line in the report; 0 where the reader knows none.
    pub line: u32,
    pub end: End,
    /// Nanoseconds; nothing where the report has no time that can be read.
    pub nanos: Option<u64>,
    pub said: Said,
}

/// What a runner says about trouble: a message, and the text with the trace.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub message: String,
    pub text: String,
}

impl Said {
    /// Adds to the text what there is room for.
    pub fn push(&mut self, text: &str) {
        let room = TRACE.saturating_sub(self.text.len());
        self.text.push_str(cut(text, room));
    }

    fn first_line(&self) -> &str {
        let lines = [&self.message, &self.text].into_iter().flat_map(|text| text.lines());
        lines.map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
    }
}

/// What was read so far of one report.
pub(in crate::tests) struct Tally<'a> {
    path: &'a str,
    wanted: &'a Wanted<'a>,
    results: Results,
    /// By identity, where cases of one identity are attempts at one test.
    attempts: BTreeMap<u64, Attempts>,
}

/// What is known of a case besides what its report says.
#[derive(Clone, Default)]
struct About {
    identity: Option<u64>,
    named: Vec<usize>,
    quarantine: Option<usize>,
    known: bool,
}

#[derive(Default)]
struct Attempts {
    about: About,
    failures: u64,
    errors: u64,
    passes: u64,
    others: u64,
    last: End,
}

impl<'a> Tally<'a> {
    pub fn new(path: &'a str, format: Format, wanted: &'a Wanted<'a>) -> Self {
        let results = Results {
            format,
            named: vec![Counts::default(); wanted.named.len()],
            resembling: vec![String::new(); wanted.named.len()],
            quarantined: vec![Counts::default(); wanted.quarantine.len()],
            suites: wanted.by_suite.then(BTreeMap::new),
            ..Results::default()
        };
        Self { path, wanted, results, attempts: BTreeMap::new() }
    }

    pub fn path(&self) -> &'a str {
        self.path
    }

    pub fn format(&mut self, format: Format) {
        self.results.format = format;
    }

    pub fn told(&self) -> Format {
        self.results.format
    }

    pub fn counts(&self) -> &Counts {
        &self.results.counts
    }

    /// What the policy accepts of the results of SARIF.
    pub fn accepted(&self) -> &'a Accepted {
        static USUAL: Accepted = Accepted { max_level: Level::Note, tools: Vec::new(), rules: Vec::new() };
        self.wanted.accepted.unwrap_or(&USUAL)
    }

    /// Counts a case.
    pub fn case(&mut self, told: Told<'_>) {
        self.case_known_by(told, None);
    }

    /// Counts a case that is told from others by this text instead of its name.
    pub fn case_known_by(&mut self, told: Told<'_>, key: Option<&str>) {
        let identity = self.wanted.identities.then(|| identity(&told, key.unwrap_or(told.name)));
        let counts = Counts::of(told.end);
        self.results.counts.add(&counts);
        self.results.nanos = self.results.nanos.saturating_add(told.nanos.unwrap_or(0));
        let mut about = About { identity, ..About::default() };
        // Most policies name no test, and then nothing is to be done for one that passed.
        if !self.wanted.named.is_empty() {
            let named = (0..).zip(self.wanted.named).filter(|(_, it)| it.matches(&told));
            about.named = named.map(|(number, _)| number).collect();
            for (near, named) in self.results.resembling.iter_mut().zip(self.wanted.named) {
                if near.is_empty() && named.resembles(&told) {
                    *near = shown(&told);
                }
            }
        }
        about.quarantine =
            self.wanted.quarantine.iter().position(|it| it.as_ref().is_some_and(|glob| is_test(glob, &told)));
        let in_base = |base: &Base| identity.and_then(|hash| base.get(&hash)).is_some_and(|one| one.end.is_failure());
        about.known = about.quarantine.is_none() && self.wanted.base.is_some_and(in_base);
        for number in &about.named {
            self.results.named[*number].add(&counts);
        }
        if let Some(number) = about.quarantine {
            self.results.quarantined[number].add(&counts);
        }
        if about.known {
            self.results.known_failures += counts.failed();
        }
        if let Some(suites) = &mut self.results.suites {
            let name = if told.suite.is_empty() { told.class } else { told.suite };
            suites.entry(name.into()).or_insert_with(Suite::default).add(&counts, told.nanos);
        }
        if let Some(hash) = identity {
            self.results.identities.push(Identity { hash, end: told.end, nanos: told.nanos.unwrap_or(0) });
            if self.wanted.attempts {
                self.attempts.entry(hash).or_insert_with(|| Attempts::new(&about)).add(told.end);
            }
            if self.wanted.cases {
                self.results.cases.push((hash, one(&told)));
            }
        }
        self.keep(told, about);
    }

    /// An error of a suite, a file or the whole run, outside of any case.
    pub fn broken(&mut self, name: &str, file: Option<&str>, line: u32, said: Said) {
        self.results.counts.add(&Counts::of(End::BrokenSuite));
        let told =
            Told { name, file: file.map(|file| (file, 0)), line, end: End::BrokenSuite, said, ..Told::default() };
        self.keep(told, About::default());
    }

    /// Totals that the report declares at `line` for `element` and that its cases do not add up to.
    pub fn disagree(&mut self, line: u32, element: &str, what: Total, declared: u64, counted: u64) {
        self.results.counts.disagreements += 1;
        if self.results.disagreements.len() < self.wanted.disagreements {
            let element = cut(element, NAME).into();
            self.results.disagreements.push(Disagreement { line, element, what, declared, counted });
        }
    }

    /// What nobody understands of how something ended.
    pub fn unclear(&mut self, it: Unclear) {
        self.results.unclear += 1;
        if self.results.unclear_words.len() < UNCLEAR {
            self.results.unclear_words.push(it);
        }
    }

    /// A test, package or suite whose result was taken from an earlier run.
    pub fn cached(&mut self, name: &str) {
        self.results.cached += 1;
        if self.results.cached_names.len() < CACHED {
            self.results.cached_names.push(cut(name, NAME).into());
        }
    }

    /// The report says that it was made from this commit. What cannot be an id (`unknown`, `${GITHUB_SHA}`, `…-dirty`) names none.
    pub fn commit(&mut self, id: &str) {
        let id = id.trim();
        if (7..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            self.results.commits.insert(id.into());
        }
    }

    /// The report says that it is this part of a run.
    pub fn shard(&mut self, id: &str) {
        if self.results.shards.len() < SHARDS {
            self.results.shards.insert(cut(id, NAME).into());
        }
    }

    /// A result that nobody has decided about: neither a failure nor a pass.
    pub fn undecided(&mut self, told: &Told<'_>) {
        self.results.undecided += 1;
        if self.results.undecided_cases.len() < ASIDE {
            self.results.undecided_cases.push(kept(self.path, told, &About::default()));
        }
    }

    /// A result that would fail, and that a comment in the source suppresses.
    pub fn suppressed(&mut self, told: &Told<'_>) {
        self.results.suppressed += 1;
        if self.results.suppressed_cases.len() < ASIDE {
            self.results.suppressed_cases.push(kept(self.path, told, &About::default()));
        }
    }

    /// The report says that something ran at this time. What cannot be read says nothing.
    pub fn time(&mut self, text: &str) {
        // The year 1, or 1970, is how producers write that they do not know.
        let Some(when) = When::parse(text).filter(|when| when.at >= EPOCH) else { return };
        let results = &mut self.results;
        results.earliest = Some(results.earliest.map_or(when, |other| other.min(when)));
    }

    pub fn finish(mut self) -> Results {
        self.heal();
        self.results.slowest.sort_by(slower);
        self.results.slowest.truncate(self.wanted.slowest);
        self.results
    }

    fn keep(&mut self, told: Told<'_>, about: About) {
        let (wanted, results) = (self.wanted, &mut self.results);
        if wanted.slowest > 0 && told.nanos.is_some() {
            // Twice the room, sorted when it is full, is as good as a heap.
            if results.slowest.len() >= 2 * wanted.slowest {
                results.slowest.sort_by(slower);
                results.slowest.truncate(wanted.slowest);
            }
            results.slowest.push(kept(self.path, &told, &about));
        }
        if told.nanos > wanted.slow && wanted.slow.is_some() {
            results.slow += 1;
            if results.slow_cases.len() < SLOW {
                results.slow_cases.push(kept(self.path, &told, &about));
            }
        }
        let (room, list) = match told.end {
            End::Passed | End::Skipped => return,
            End::Flaky => (wanted.flaky, &mut results.flaky),
            End::Failed | End::Error | End::BrokenSuite => (wanted.failed, &mut results.failed),
        };
        if list.len() < room {
            list.push(kept(self.path, &told, &about));
        }
    }

    /// Where repeated cases are attempts, failures that one pass follows and nothing else become one flaky test. Cases of one identity
    /// that passed before, or twice, are different tests, which never heal each other.
    fn heal(&mut self) {
        self.attempts.retain(|_, of| of.is_healed());
        let results = &mut self.results;
        for of in self.attempts.values() {
            results.counts.heal(of.failures, of.errors);
            for number in &of.about.named {
                results.named[*number].heal(of.failures, of.errors);
            }
            if let Some(number) = of.about.quarantine {
                results.quarantined[number].heal(of.failures, of.errors);
            }
            if of.about.known {
                results.known_failures = results.known_failures.saturating_sub(of.failures + of.errors);
            }
        }
        let healed = |identity: Option<u64>| identity.is_some_and(|identity| self.attempts.contains_key(&identity));
        let (flaky, failed): (Vec<Case>, Vec<Case>) =
            std::mem::take(&mut results.failed).into_iter().partition(|case| healed(case.identity));
        results.failed = failed;
        let mut seen = BTreeSet::new();
        let once = flaky.into_iter().filter(|case| seen.insert(case.identity));
        results.flaky.extend(once.map(|case| Case { end: End::Flaky, ..case }));
        results.flaky.truncate(self.wanted.flaky);
        results.identities.retain_mut(|it| keep_healed(&self.attempts, it.hash, &mut it.end));
        results.cases.retain_mut(|(hash, it)| keep_healed(&self.attempts, *hash, &mut it.end));
    }
}

/// Of the attempts at a healed test only the last one stays, as flaky.
fn keep_healed(healed: &BTreeMap<u64, Attempts>, hash: u64, end: &mut End) -> bool {
    let is_healed = healed.contains_key(&hash);
    let stays = !is_healed || *end == End::Passed;
    if is_healed && stays {
        *end = End::Flaky;
    }
    stays
}

impl Attempts {
    fn new(about: &About) -> Self {
        Self { about: about.clone(), ..Self::default() }
    }

    fn is_healed(&self) -> bool {
        self.failures + self.errors > 0 && self.passes == 1 && self.others == 0 && self.last == End::Passed
    }

    fn add(&mut self, end: End) {
        match end {
            End::Passed => self.passes += 1,
            End::Failed => self.failures += 1,
            End::Error => self.errors += 1,
            End::Flaky | End::Skipped | End::BrokenSuite => self.others += 1,
        }
        self.last = end;
    }
}

fn slower(a: &Case, b: &Case) -> std::cmp::Ordering {
    b.nanos.cmp(&a.nanos).then_with(|| a.name.cmp(&b.name))
}

fn kept(path: &str, told: &Told<'_>, about: &About) -> Case {
    Case {
        end: told.end,
        suite: cut(told.suite, NAME).into(),
        name: shown(told),
        message: cut(told.said.first_line(), MESSAGE).into(),
        trace: told.said.text.clone(),
        reported: told.file.map(|(file, line)| (cut(file, TRACE).into(), line)),
        place: place(path, told.line),
        nanos: told.nanos,
        identity: about.identity,
        quarantine: about.quarantine,
        known: about.known,
        excerpt: None,
    }
}

fn one(told: &Told<'_>) -> One {
    One {
        suite: cut(told.suite, NAME).into(),
        class: cut(told.class, NAME).into(),
        name: cut(told.name, NAME).into(),
        id: cut(told.id, NAME).into(),
        file: told.file.map(|(file, _)| cut(file, NAME).into()),
        end: told.end,
        nanos: told.nanos,
    }
}

/// `class::name`, or `suite::name` where there is no class; cut.
fn shown(told: &Told<'_>) -> String {
    let around = if told.class.is_empty() { told.suite } else { told.class };
    let (class, name) = (cut(around, NAME), cut(told.name, NAME));
    match (class, name) {
        ("", "") => "a test without a name".into(),
        ("", only) | (only, "") => only.into(),
        // pytest's CTRF gives names that begin with the file, as the suites do.
        (class, name) if class == name || name.strip_prefix(class).is_some_and(|rest| rest.starts_with("::")) => {
            name.into()
        }
        (class, name) => format!("{class}::{name}"),
    }
}

/// Suite, class, name, file and id together, hashed. Tests of one identity cannot be told apart.
fn identity(told: &Told<'_>, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (told.suite, told.class, name, told.file.map(|(file, _)| file)).hash(&mut hasher);
    if !told.id.is_empty() {
        told.id.hash(&mut hasher);
    }
    hasher.finish()
}

/// A line of the report; the whole report where the line is 0.
pub(in crate::tests) fn place(path: &str, line: u32) -> Place {
    let start = Position { line, column: 1 };
    Place::File { path: path.into(), span: (line > 0).then_some(Span { start, end: start }) }
}

pub(in crate::tests) fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
