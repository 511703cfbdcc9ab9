//! From the policy and what was gathered to lines with instants: those that apply to the change.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::calendar::{self, Entry};
use super::civil::{Days, TimeOfDay};
use super::events::{self, Calendars, Named};
use super::evidence::{Evidence, FreezeFile};
use super::holidays::Holidays;
use super::interval::{Effect, Interval};
use super::moment::Moment;
use super::policy::{Freeze, Line as Written, Window};
use super::recurrence::cron::Fires;
use super::recurrence::series::Series;
use super::recurrence::series::expand::Instances;
use super::recurrence::{Dated, Recurrence, weekly};
use super::scope::{self, of_environment, of_paths, of_risk};
use super::times::{STEPS, Times, last};
use super::{CLOSED, FREEZE, UNREADABLE_CALENDAR};
use crate::{Change, Context, Excerpt, Finding, Length, Rule, Severity, Text};

/// A line of the policy, or of the file of freezes, that applies to the change.
pub(crate) struct Line<'a> {
    pub(super) effect: Effect,
    pub(super) rule: &'static Rule,
    pub(crate) recurrence: Recurrence,
    pub(crate) zone: TimeZone,
    /// What it is, in words: ``deny window `weekend` ``, `freeze 2`.
    pub(crate) title: String,
    /// Its times, in words: `fri 12:00-24:00 Europe/Berlin`.
    pub(crate) times: String,
    pub(crate) name: Option<&'a Text>,
    pub(crate) reason: Option<&'a Text>,
    pub(super) region: Option<&'a Text>,
    /// What it is only for, in words.
    pub(crate) only_for: Vec<String>,
    /// What its single times are called, where they have names.
    named: Names,
    /// Where it is written, from the gate's settings on: `["deny", "0"]`.
    pub(crate) key: [String; 2],
    /// Where it is written, if in the file of freezes.
    pub(super) entry: Option<&'a Entry>,
    /// What should be known of it, and leaves nothing in doubt.
    pub(super) notes: Vec<Finding>,
}

enum Names {
    None,
    Holidays(Holidays),
    /// In the order of the line's recurrences.
    Events(Vec<Named>),
}

impl Line<'_> {
    pub(crate) fn closes(&self) -> bool {
        self.effect == Effect::Closes
    }

    /// Whether it holds at some time that matters to a deployment at an instant.
    fn holds_about(&self, at: Timestamp, policy: &Window) -> bool {
        let length = |length: Option<Length>| length.map_or(SignedDuration::ZERO, Length::get);
        let first = at.checked_sub(length(policy.settle)).unwrap_or(Timestamp::MIN);
        let last = at.checked_add(length(policy.rollout)).unwrap_or(Timestamp::MAX);
        let last = last.checked_add(1.second()).unwrap_or(Timestamp::MAX);
        let state = self.recurrence.look(first, last);
        state.holds || state.until < last
    }

    /// What holds at an instant, by name: events of a calendar, a holiday. At most three.
    pub(crate) fn named(&self, at: Timestamp) -> Vec<String> {
        match (&self.named, &self.recurrence) {
            (Names::Holidays(holidays), _) => holidays.on(self.zone.to_datetime(at).date()).into_iter().collect(),
            (Names::Events(names), Recurrence::Any(several)) => {
                let holding = names.iter().zip(&several.each).filter(|(_, recurrence)| recurrence.holds(at));
                holding.map(|(named, _)| named.to_string()).take(3).collect()
            }
            _ => vec![],
        }
    }
}

/// The lines that apply to a change, and what could not be read.
pub(crate) fn all<'a>(
    policy: &'a Window,
    evidence: &'a Evidence,
    file: &'a [Entry],
    at: &Context<'_>,
) -> (Vec<Line<'a>>, Vec<Finding>) {
    let (mut lines, mut findings) = (Vec::new(), Vec::new());
    let calendars = Calendars::default();
    for (effect, word, written) in
        [(Effect::Opens, "allow window", &policy.allow), (Effect::Closes, "deny window", &policy.deny)]
    {
        for (index, line) in written.iter().enumerate() {
            let unknown = match line.applies(effect, evidence, at) {
                Ok(false) => continue,
                Ok(true) => None,
                Err(unknown) => Some(*unknown),
            };
            match (line.line(effect, (word, index), evidence, &calendars, at), unknown) {
                (Ok(line), None) => lines.push(line),
                // Whether it applies matters only while it holds. Later times are told as if it did.
                (Ok(mut line), Some(unknown)) if !line.holds_about(at.at, policy) => {
                    let message = format!("{}: {} is counted, and may not apply", unknown.message, line.title);
                    line.notes.push(Finding { message, ..unknown }.severity(Severity::Warning));
                    lines.push(line);
                }
                (Ok(_), Some(unknown)) => findings.push(unknown),
                (Err(unreadable), unknown) => findings.extend(unknown.into_iter().chain(unreadable)),
            }
        }
    }
    for (index, freeze) in policy.freeze.iter().enumerate().filter(|(_, freeze)| freeze.applies(at.change)) {
        lines.extend(or_finding(freeze.line(Some(index), at), &mut findings));
    }
    for entry in file {
        findings.extend(unknown_names(policy, evidence, entry));
    }
    for entry in file.iter().filter(|entry| entry.freeze.applies(at.change)) {
        let line = or_finding(entry.freeze.line(None, at), &mut findings);
        lines.extend(line.map(|line| Line { entry: Some(entry), ..line }));
    }
    (lines, findings)
}

fn or_finding<T>(line: Result<T, String>, findings: &mut Vec<Finding>) -> Option<T> {
    line.map_err(|unknown| findings.push(unknown_zone(unknown))).ok()
}

/// Names in the file of freezes that the policy does not know: what is meant for one of its own would not apply.
fn unknown_names(policy: &Window, evidence: &Evidence, entry: &Entry) -> Vec<Finding> {
    let path = match &evidence.calendar {
        Some(FreezeFile::Read { path, .. } | FreezeFile::Unreadable { path, .. }) => path.as_str(),
        None => "",
    };
    let wrong = |what: &str, name: &Text, known: &[&str]| {
        Finding::new(&UNREADABLE_CALENDAR, format!("the {what} `{name}` is not one that the policy knows"))
            .at(path, entry.span)
            .excerpt(Some(entry.excerpt.clone()))
            .help(format!("the {what}s are `{}`", known.join("`, `")))
    };
    let environments: Vec<&str> = evidence.environments.iter().map(String::as_str).collect();
    let named = entry.freeze.environments.iter().flatten();
    let strange = named.filter(|name| !environments.is_empty() && !environments.contains(&name.as_str()));
    let mut findings: Vec<Finding> = strange.map(|name| wrong("environment", name, &environments)).collect();
    let lines = policy.allow.iter().chain(&policy.deny).filter_map(|line| line.region.as_ref());
    let mut regions: Vec<&str> =
        lines.chain(policy.freeze.iter().filter_map(|freeze| freeze.region.as_ref())).map(Text::as_str).collect();
    regions.sort_unstable();
    regions.dedup();
    let region = entry.freeze.region.as_ref();
    let strange = region.filter(|name| !regions.is_empty() && !regions.contains(&name.as_str()));
    findings.extend(strange.map(|name| wrong("region", name, &regions)));
    findings
}

/// The policy was checked against the bundled database; one given for this run may lack a zone.
fn unknown_zone(unknown: String) -> Finding {
    Finding::new(&UNREADABLE_CALENDAR, unknown).help("name a zone of the time-zone database that this run uses")
}

/// The entries of the file of freezes, and what is wrong with it.
pub(crate) fn file(evidence: &Evidence, at: &Context<'_>) -> (Vec<Entry>, Vec<Finding>) {
    match &evidence.calendar {
        None => (Vec::new(), Vec::new()),
        Some(FreezeFile::Unreadable { path, failure }) => {
            let help = failure.help.as_deref().unwrap_or("make the file readable where the policy is read");
            (Vec::new(), vec![Finding::new(&UNREADABLE_CALENDAR, failure.message.clone()).at_file(path).help(help)])
        }
        Some(FreezeFile::Read { path, text }) => match calendar::read(text, at) {
            Ok(entries) => (entries, Vec::new()),
            Err(wrong) => {
                let finding = |wrong: calendar::Wrong| {
                    Finding::new(&UNREADABLE_CALENDAR, wrong.message)
                        .at(path, wrong.span)
                        .excerpt(Some(Excerpt::around(text, wrong.span)))
                        .help("each entry is a `[[freeze]]` with `from`, `until` and `zone`; `freeze = []` says that there is none")
                };
                (Vec::new(), wrong.into_iter().map(finding).collect())
            }
        },
    }
}

/// A line that does not apply to the change.
pub(crate) struct LeftOut<'a> {
    pub(crate) title: String,
    pub(crate) key: [String; 2],
    pub(crate) region: Option<&'a Text>,
    pub(crate) only_for: Vec<String>,
    pub(crate) effect: Effect,
    pub(crate) why: &'static str,
}

/// The lines of the policy that do not apply to the change, each with the first reason.
pub(crate) fn left_out<'a>(policy: &'a Window, evidence: &Evidence, at: &Context<'_>) -> Vec<LeftOut<'a>> {
    let mut all = Vec::new();
    for (effect, word, written) in
        [(Effect::Opens, "allow window", &policy.allow), (Effect::Closes, "deny window", &policy.deny)]
    {
        for (index, line) in written.iter().enumerate() {
            let Ok(false) = line.applies(effect, evidence, at) else { continue };
            let why = match line {
                _ if !of_risk(line.risk.as_deref(), at.change) => "it is for another risk",
                _ if !of_environment(line.environments.as_deref(), at.change, effect) => {
                    "it is for another environment"
                }
                _ if !of_paths(line.paths.as_deref(), at.change, effect) => "it is for other files",
                _ => "the change has none of its labels",
            };
            let title = title(&format!("{word} {}", index + 1), line.name.as_ref());
            let region = line.region.as_ref();
            let only_for = line.only_for();
            all.push(LeftOut { title, key: key(list(effect), index), region, only_for, effect, why });
        }
    }
    for (index, freeze) in policy.freeze.iter().enumerate().filter(|(_, freeze)| !freeze.applies(at.change)) {
        let risk = of_risk(freeze.risk.as_deref(), at.change);
        let why = if risk { "it is for another environment" } else { "it is for another risk" };
        let title = title(&format!("freeze {}", index + 1), freeze.name.as_ref());
        let (effect, only_for) = (Effect::Closes, freeze.only_for());
        all.push(LeftOut { title, key: key("freeze", index), region: freeze.region.as_ref(), only_for, effect, why });
    }
    all
}

/// The list of the policy that a window stands in.
fn list(effect: Effect) -> &'static str {
    match effect {
        Effect::Opens => "allow",
        Effect::Closes => "deny",
    }
}

fn key(list: &str, index: usize) -> [String; 2] {
    [list.to_owned(), index.to_string()]
}

impl Written {
    fn applies(&self, effect: Effect, evidence: &Evidence, at: &Context<'_>) -> Result<bool, Box<Finding>> {
        let change = at.change;
        let otherwise = of_risk(self.risk.as_deref(), change)
            && of_environment(self.environments.as_deref(), change, effect)
            && of_paths(self.paths.as_deref(), change, effect);
        let Some(wanted) = self.labels.as_ref().filter(|_| otherwise) else { return Ok(otherwise) };
        match &evidence.labels {
            Some(Ok(labels)) => {
                Ok(labels.labels.iter().any(|have| wanted.iter().any(|label| label.as_str() == have.label)))
            }
            Some(Err(failure)) => Err(Box::new(super::unknown(failure, "which labels the change has is not known"))),
            // Without a pull request there are no labels.
            None => Ok(false),
        }
    }

    fn line(
        &self,
        effect: Effect,
        (word, index): (&str, usize),
        evidence: &Evidence,
        calendars: &Calendars,
        at: &Context<'_>,
    ) -> Result<Line<'_>, Vec<Finding>> {
        let zone = self.zone.as_ref().map(|zone| zone.find(at.zones)).transpose();
        let zone = zone.map_err(|unknown| vec![unknown_zone(unknown)])?;
        let utc = || zone.clone().unwrap_or(TimeZone::UTC);
        let wrong = |message: String| vec![Finding::new(&UNREADABLE_CALENDAR, message)];
        let times = self
            .times()
            .map_err(|wrongs| wrongs.into_iter().flat_map(|(_, message)| wrong(message)).collect::<Vec<_>>())?;
        let mut rule = &CLOSED;
        let mut names = Names::None;
        let mut notes = Vec::new();
        let (recurrence, spoken) = match times {
            Times::Weekly { days, from, until } => {
                let spoken = weekly_words(days, from, until);
                let days = days.map_or_else(|| vec![Days::ALL], <[Days]>::to_vec);
                (Recurrence::Weekly(weekly::Weekly { effect, zone: utc(), days, from, until }), spoken)
            }
            Times::Dated { from, until } => {
                if effect == Effect::Closes {
                    rule = &FREEZE;
                }
                (Recurrence::once(effect.between(&utc(), from.start(), until.end())), format!("{from} to {until}"))
            }
            Times::Cron { cron, lasts } => {
                let spoken = format!("`{cron}` for {}", self.lasting());
                (Recurrence::Cron(Box::new(Fires { cron: cron.clone(), effect, zone: utc(), lasts })), spoken)
            }
            Times::Rule { rule, start, lasts } => {
                let until = last(rule.until, &utc(), effect, matches!(start, Moment::Day(_)));
                let instances = Instances::new(rule.clone(), start.start(), until, DateTime::MAX, &mut STEPS.clone())
                    .map_err(wrong)?;
                let except = Default::default();
                let spoken = format!("`{rule}` from {start}");
                (Recurrence::Series(Box::new(Series { instances, effect, zone: utc(), lasts, except })), spoken)
            }
            Times::Calendar(source) => {
                let chosen = events::of(calendars, self, source, effect, zone.clone(), evidence, at)?;
                names = Names::Events(chosen.names);
                notes.extend(chosen.none);
                (Recurrence::any(chosen.recurrences), format!("events of {source}"))
            }
            Times::Holidays { codes, around } => {
                let holidays = Holidays::of(codes.iter().map(Text::as_str), around)
                    .map_err(|wrongs| wrongs.into_iter().flat_map(wrong).collect::<Vec<_>>())?;
                let day = |date: &jiff::civil::Date| {
                    let midnight = date.to_datetime(jiff::civil::Time::midnight());
                    effect.lasting(&utc(), midnight, super::interval::Lasts::days(1))
                };
                let known = day(&holidays.from).and_then(|from| Interval::new(Timestamp::MIN, from.start));
                let days = holidays.days.keys().filter_map(day).chain(known).collect();
                let known = effect.lasting(
                    &utc(),
                    holidays.until.to_datetime(jiff::civil::Time::midnight()),
                    super::interval::Lasts::days(1),
                );
                let spoken = codes.iter().map(Text::as_str).collect::<Vec<_>>().join(", ");
                names = Names::Holidays(holidays);
                (
                    Recurrence::Dated(Dated::new(days, known.map(|known| known.start))),
                    format!("public holidays of {spoken}"),
                )
            }
        };
        let in_zone = self.zone.as_ref().map(|zone| format!(" {zone}")).unwrap_or_default();
        Ok(Line {
            effect,
            rule,
            recurrence,
            zone: utc(),
            title: title(&format!("{word} {}", index + 1), self.name.as_ref()),
            times: format!("{spoken}{in_zone}"),
            name: self.name.as_ref(),
            reason: self.reason.as_ref(),
            region: self.region.as_ref(),
            only_for: self.only_for(),
            named: names,
            key: key(list(effect), index),
            entry: None,
            notes,
        })
    }

    fn only_for(&self) -> Vec<String> {
        let (risk, environments) = (self.risk.as_deref(), self.environments.as_deref());
        scope::words(risk, environments, self.paths.as_deref(), self.labels.as_deref())
    }

    fn lasting(&self) -> String {
        self.duration.map_or_else(|| "1d".into(), |duration| duration.to_string())
    }
}

fn weekly_words(days: Option<&[Days]>, from: TimeOfDay, until: TimeOfDay) -> String {
    let days = match days {
        Some(days) => days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        None => "every day".into(),
    };
    match (from, until) {
        (TimeOfDay::MIDNIGHT, TimeOfDay::END_OF_DAY) => days,
        (from, until) => format!("{days} {from}-{until}"),
    }
}

impl Freeze {
    fn only_for(&self) -> Vec<String> {
        scope::words(self.risk.as_deref(), self.environments.as_deref(), None, None)
    }

    fn applies(&self, change: &Change) -> bool {
        of_risk(self.risk.as_deref(), change) && of_environment(self.environments.as_deref(), change, Effect::Closes)
    }

    /// Of the policy by its index; of the file of freezes without one.
    fn line(&self, index: Option<usize>, at: &Context<'_>) -> Result<Line<'_>, String> {
        let numbered = index.map_or("a freeze".into(), |index| format!("freeze {}", index + 1));
        let zone = self.zone.find(at.zones)?;
        let interval = Effect::Closes.between(&zone, self.from.start(), self.until.end());
        Ok(Line {
            effect: Effect::Closes,
            rule: &FREEZE,
            recurrence: Recurrence::once(interval),
            zone,
            title: title(&numbered, self.name.as_ref()),
            times: format!("{} to {} {}", self.from, self.until, self.zone),
            name: self.name.as_ref(),
            reason: self.reason.as_ref(),
            region: self.region.as_ref(),
            only_for: self.only_for(),
            named: Names::None,
            key: index.map_or_else(|| ["freezes".into(), String::new()], |index| key("freeze", index)),
            entry: None,
            notes: vec![],
        })
    }
}

fn title(numbered: &str, name: Option<&Text>) -> String {
    match name {
        // ``deny window `weekend` ``: a name says more than a number.
        Some(name) => format!("{} `{name}`", numbered.trim_end_matches(|c: char| c == ' ' || c.is_ascii_digit())),
        None => numbered.to_owned(),
    }
}
