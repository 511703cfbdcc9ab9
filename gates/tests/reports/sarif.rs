//! SARIF: what tools of static analysis found.
//!
//! See <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>; sections are named below. Each run is an executed test named
//! after its tool. Each result whose level is above the one that the policy accepts is a failed test; the others were skipped.

mod log;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use globset::GlobMatcher;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use self::log::{External, Found, Invocation, Provenance, Tool};
use super::cannot_be_read;
use super::tally::{NAME, Said, TRACE, Tally, Told, cut, place};
use super::utf8::{Pieces, Utf8};
use crate::tests::evidence::End;
use crate::tests::policy::Level;
use crate::{Cancel, Failure};

/// The suite of all results. Of the base's, one that is gone was repaired.
pub(in crate::tests) const RESULTS: &str = "SARIF results";
/// Most results of a run that are kept where it names its tool only behind them.
const WAITING: usize = 100_000;

/// Most errors that a run tells of itself and that are looked at.
const ERRORS: usize = 1_000;

/// What the policy says of results.
#[derive(Default)]
pub struct Accepted {
    pub max_level: Level,
    /// The tools that are accepted; all if there are none.
    pub tools: Vec<String>,
    /// Rules whose results are accepted.
    pub rules: Vec<GlobMatcher>,
}

/// Reads to the end of the report. Documents one after another are all read.
pub(super) fn read(mut text: Utf8<impl Read>, tally: &mut Tally<'_>, cancel: &Cancel) -> Result<(), Failure> {
    let path = tally.path();
    let before = text.line() - 1;
    let mut json = serde_json::Deserializer::from_reader(Pieces::new(text, cancel));
    loop {
        if let Err(e) = json.deserialize_map(Log { tally }) {
            cancel.check()?;
            if e.is_io() {
                return Err(cannot_be_read(path, &e.into()));
            }
            let line = u32::try_from(e.line()).unwrap_or(0).saturating_add(before);
            return Err(Failure::new(format!("`{path}` is malformed: {e}")).at(place(path, line)));
        }
        if json.end().is_ok() {
            return Ok(());
        }
    }
}

struct Log<'a, 'b> {
    tally: &'a mut Tally<'b>,
}

impl<'de> Visitor<'de> for Log<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a log of SARIF")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut version, mut has_runs) = (None, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "version" => version = Some(map.next_value::<String>()?),
                "inlineExternalProperties" => {
                    let files: Option<Vec<IgnoredAny>> = map.next_value()?;
                    if files.is_some_and(|files| !files.is_empty()) {
                        return Err(A::Error::custom(
                            "`inlineExternalProperties` hold parts of its runs, and are not read",
                        ));
                    }
                }
                "runs" => {
                    has_runs = true;
                    map.next_value_seed(Runs { tally: self.tally })?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match version {
            Some(version) if version.starts_with("2.") && has_runs => Ok(()),
            Some(version) if has_runs => {
                Err(A::Error::custom(format!("SARIF of version `{}` is not read, only 2.1.0", cut(&version, 40))))
            }
            _ => Err(A::Error::custom("`version` or `runs` is not there: it is not SARIF")),
        }
    }
}

struct Runs<'a, 'b> {
    tally: &'a mut Tally<'b>,
}

impl<'de> DeserializeSeed<'de> for Runs<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Runs<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of runs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Run { tally: self.tally })?.is_some() {}
        Ok(())
    }
}

struct Run<'a, 'b> {
    tally: &'a mut Tally<'b>,
}

impl<'de> DeserializeSeed<'de> for Run<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Run<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a run")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut tool: Option<Tool> = None;
        let mut waiting = Vec::new();
        let mut state = State::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "tool" => tool = Some(map.next_value()?),
                "invocations" => state.invoked(map.next_value()?, self.tally).map_err(A::Error::custom)?,
                "versionControlProvenance" => {
                    let from: Option<Vec<Provenance>> = map.next_value()?;
                    // Of several repositories nothing says which one is meant.
                    if let Some([Provenance { revision_id: Some(commit) }]) = from.as_deref() {
                        self.tally.commit(commit.trim());
                    }
                }
                "externalPropertyFileReferences" => {
                    let files: Option<External> = map.next_value()?;
                    if files.is_some_and(|files| !files.results.is_empty()) {
                        return Err(A::Error::custom("its results are in other files, which are not read"));
                    }
                }
                "results" => {
                    let known = tool.as_ref();
                    let (tally, state) = (&mut *self.tally, &mut state);
                    let take = &mut |result: Found| match known {
                        Some(tool) => {
                            state.told = true;
                            tell(&result, tool, &state.overrides, tally);
                            Ok(())
                        }
                        None if waiting.len() < WAITING => {
                            waiting.push(result);
                            Ok(())
                        }
                        None => Err(format!("a run names its tool behind more results than the limit of {WAITING}")),
                    };
                    let is_there = map.next_value_seed(Results { take })?;
                    state.looked |= is_there;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let tool = tool.ok_or_else(|| A::Error::custom("a run names no `tool`"))?;
        waiting.iter().for_each(|result| tell(result, &tool, &state.overrides, self.tally));
        state.end(&tool, self.tally);
        Ok(())
    }
}

/// What was read of a run besides its results.
#[derive(Default)]
struct State {
    /// There are results, if perhaps none.
    looked: bool,
    /// One was told already.
    told: bool,
    failed: bool,
    said: String,
    /// What the tool could not look at, although it ended well.
    errors: Vec<String>,
    overrides: BTreeMap<String, Level>,
}

impl State {
    fn invoked(&mut self, invocations: Option<Vec<Invocation>>, tally: &mut Tally<'_>) -> Result<(), &'static str> {
        for invocation in invocations.unwrap_or_default() {
            if let Some(time) = &invocation.start_time_utc {
                tally.time(time);
            }
            if invocation.has_failed() {
                self.failed = true;
                let notes = invocation.notifications().filter_map(|note| note.message.words());
                let words = [&invocation.process_start_failure_message, &invocation.exit_code_description];
                let words = words.into_iter().flatten().cloned().chain(notes);
                self.said = words.collect::<Vec<_>>().join("\n");
            } else {
                let room = ERRORS.saturating_sub(self.errors.len());
                let words = |note: &log::Notification| note.message.words().unwrap_or_default();
                self.errors.extend(invocation.errors().map(words).take(room));
            }
            for it in invocation.rule_configuration_overrides {
                if let (Some(id), Some(level)) = (it.descriptor.id, it.configuration.level) {
                    if self.told {
                        return Err("levels are overridden behind the results");
                    }
                    self.overrides.insert(id, level);
                }
            }
        }
        Ok(())
    }

    /// The run itself, as a test.
    fn end(self, tool: &Tool, tally: &mut Tally<'_>) {
        let tools = &tally.accepted().tools;
        let name = tool.driver.name.as_str();
        let (end, message) = if !tools.is_empty() && !tools.iter().any(|it| it == name) {
            (End::Error, "the policy's `tools` do not name this tool".into())
        } else if self.failed {
            (End::Error, "the tool did not end successfully".into())
        } else if !self.looked {
            (End::Error, "the run holds no `results`: nothing was looked for".into())
        } else {
            (End::Passed, String::new())
        };
        for error in &self.errors {
            let what = format!("an error of the tool: {}", cut(error, NAME));
            tally.undecided(&Told { class: name, name: &what, end: End::Skipped, ..Told::default() });
        }
        let mut said = Said { message, text: String::new() };
        said.push(&self.said);
        tally.case(Told { name, end, said, ..Told::default() });
    }
}

/// The array of results, one by one. The answer is whether there is one: null says that nothing was looked for (3.14.23).
struct Results<'a> {
    take: &'a mut dyn FnMut(Found) -> Result<(), String>,
}

impl<'de> DeserializeSeed<'de> for Results<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Results<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of results")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        while let Some(result) = seq.next_element()? {
            (self.take)(result).map_err(A::Error::custom)?;
        }
        Ok(true)
    }
}

/// Counts a result.
fn tell(result: &Found, tool: &Tool, overrides: &BTreeMap<String, Level>, tally: &mut Tally<'_>) {
    let rule = tool.rule(result);
    let id = result.rule_id().or(rule.map(|rule| rule.id.as_str())).unwrap_or("a result without a rule");
    // 3.27.10: what is no failure has no level; else the override's, the rule's own, `warning`.
    let level = if result.is_no_failure() {
        Level::None
    } else {
        let default = || rule.and_then(log::Rule::level);
        result.level.or_else(|| overrides.get(id).copied()).or_else(default).unwrap_or(Level::Warning)
    };
    let accepted = tally.accepted();
    let is_here =
        result.baseline_state.as_deref() != Some("absent") && !accepted.rules.iter().any(|glob| glob.is_match(id));
    let would_fail = level > accepted.max_level && is_here;
    let counts = would_fail && !result.is_suppressed();
    // 3.27.9: `open` says that the tool could not tell, `review` that a person must.
    let is_undecided = is_here && !result.is_suppressed() && matches!(result.kind.as_deref(), Some("open" | "review"));
    let location = result.locations.iter().find_map(|location| location.physical_location.as_ref());
    let file = location.and_then(|it| it.artifact_location.as_ref()?.uri.as_deref()).map(decoded);
    let line = location.and_then(|it| it.region.as_ref()?.start_line).unwrap_or(0);
    let name = match (&file, line) {
        (None, _) => id.to_owned(),
        (Some(file), 0) => format!("{} {}", cut(id, NAME / 2), cut(file, NAME / 2)),
        (Some(file), line) => format!("{} {}:{line}", cut(id, NAME / 2), cut(file, NAME / 2)),
    };
    let message = result.message.words().unwrap_or_default();
    // The line is no part of what a result is: it moves with what is written above it.
    let prints: Vec<String> =
        result.partial_fingerprints.iter().map(|(name, print)| format!("{name}={print}")).collect();
    let known_by = if prints.is_empty() { format!("{id}\n{message}") } else { format!("{id}\n{}", prints.join("\n")) };
    let told = Told {
        suite: RESULTS,
        class: &tool.driver.name,
        name: &name,
        file: file.as_deref().map(|file| (file, line)),
        end: if counts { End::Failed } else { End::Skipped },
        said: Said { message: cut(&message, TRACE).into(), text: String::new() },
        ..Told::default()
    };
    if is_undecided {
        tally.undecided(&told);
    }
    if would_fail && !counts && result.is_suppressed_in_source() {
        tally.suppressed(&told);
    }
    tally.case_known_by(told, Some(&known_by));
}

/// A URI without its scheme, `%41` resolved.
fn decoded(uri: &str) -> String {
    let uri = uri.strip_prefix("file://").unwrap_or(uri);
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high * 16 + low));
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
