//! The events of a calendar: RFC 5545, 3.6.1 and 3.8.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

use super::Wrong;
use super::lines::{Property, text, texts};
use super::written::Written;
use super::zone::Zones;
use crate::window::interval::{Effect, Interval, Lasts};
use crate::window::recurrence::series::Series;
use crate::window::recurrence::series::expand::Instances;
use crate::window::recurrence::series::rule::{Frequency, Rule, Until, until};
use crate::window::recurrence::{Dated, Recurrence};
use crate::window::times::last;

/// Days after its end for which a series may still last.
const OVER: i64 = 400;

/// Days after the instant that is asked about within which a `COUNT` must have its end: a hundred years.
const KNOWN: i64 = 36_525;

/// An event that comes, once or again.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Where it begins in the calendar, from 1.
    pub(crate) line: u32,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) categories: Vec<String>,
    /// It is marked as taking no time.
    pub(crate) transparent: bool,
    /// When it was written into the calendar.
    pub(crate) created: Option<Timestamp>,
    start: Moment,
    lasts: Long,
    rule: Option<Rule>,
    /// Times beside those of the rule.
    more: Vec<(Moment, Long)>,
    except: BTreeSet<DateTime>,
    /// Another revision of the same number says that it is cancelled.
    disputed: bool,
}

/// A point in time as a calendar writes it.
#[derive(Clone, Debug)]
struct Moment {
    local: DateTime,
    zone: TimeZone,
    /// A date, and not a time.
    day: bool,
}

impl Moment {
    fn instant(&self) -> Timestamp {
        self.zone.to_ambiguous_timestamp(self.local).compatible().unwrap_or(Timestamp::MAX)
    }

    /// Its local time where another one is; of the same zone as it is written, for a time that the clock skips would become another.
    fn on_clock_of(&self, other: &Self) -> DateTime {
        if self.day || self.zone == other.zone { self.local } else { other.zone.to_datetime(self.instant()) }
    }
}

/// How long an event lasts. A day that ends on the date on which it starts is none by RFC 5545, 3.8.2.2, and what programs write that mean
/// that day: closed wins.
#[derive(Clone, Debug)]
enum Long {
    /// Each of its times: RFC 5545, 3.8.5.3 keeps the exact duration between `DTSTART` and `DTEND`, which many programs read as that on
    /// the clock, and a `DURATION` in days by the calendar.
    Lasts(Lasts),
    /// Until a moment, of what comes once.
    Until(Moment),
}

/// The events that come, of those that are written.
///
/// # Errors
/// What is wrong in each event.
pub(super) fn events(written: Vec<Written<'_>>, zones: &mut Zones<'_>) -> Result<Vec<Event>, Vec<Wrong>> {
    let (mut wrong, mut read) = (Vec::new(), Vec::new());
    let mut uids: BTreeMap<String, u32> = BTreeMap::new();
    for uid in written.iter().map(Written::uid) {
        *uids.entry(uid).or_default() += 1;
    }
    // Another revision, or a time of its series, that would count in its place.
    let has_others = |written: &Written<'_>| uids.get(&written.uid()).is_some_and(|count| *count > 1);
    for written in written {
        match one(&written, zones) {
            Ok(found) => read.push(found),
            // What is over for certain is not what is meant for today, whatever is wrong with it.
            Err(_) if written.is_over(zones.at()) && !has_others(&written) => {}
            Err(found) => wrong.push(found),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    latest_revisions(&mut read);
    moved(read).map_err(|found| vec![found])
}

/// An event with what ties it to others.
struct Read {
    event: Event,
    uid: Arc<str>,
    sequence: u64,
    cancelled: bool,
    /// The time of its series that it stands for.
    instead_of: Option<Moment>,
}

fn one(written: &Written<'_>, zones: &mut Zones<'_>) -> Result<Read, Wrong> {
    let at = |line: u32| move |message: String| Wrong { line, message };
    let whole = |message: &str| Wrong { line: written.line, message: message.to_owned() };
    let of =
        |name| -> Result<Option<String>, Wrong> { Ok(written.one(name)?.map(|(_, property)| text(property.value))) };

    let (line, property) = written.one("DTSTART")?.ok_or_else(|| whole("an event without `DTSTART`"))?;
    let start = moment(&property, property.value, zones).map_err(at(line))?;
    if let Some((line, _)) = written.all("EXRULE").next() {
        return Err(at(line)("`EXRULE` is no part of RFC 5545; write the dates with `EXDATE`".into()));
    }
    let mut rules = written.all("RRULE");
    let rule = rules.next().map(|(line, property)| rule(property.value, &start).map_err(at(line))).transpose()?;
    if let Some((line, _)) = rules.next() {
        return Err(at(line)("a second `RRULE`: programs disagree on what it means; write a second event".into()));
    }
    let mut event = Event {
        line: written.line,
        summary: of("SUMMARY")?.unwrap_or_default(),
        description: of("DESCRIPTION")?.unwrap_or_default(),
        categories: written.all("CATEGORIES").flat_map(|(_, property)| texts(property.value)).collect(),
        transparent: of("TRANSP")?.is_some_and(|transparent| transparent.trim().eq_ignore_ascii_case("TRANSPARENT")),
        created: of("CREATED")?.and_then(|created| match until(created.trim()) {
            Some(Until::Instant(created)) => Some(created),
            _ => None,
        }),
        lasts: long(written, &start, rule.is_some(), zones)?,
        start,
        rule,
        more: vec![],
        except: BTreeSet::new(),
        disputed: false,
    };
    for (line, property) in written.all("RDATE") {
        for value in property.value.split(',') {
            event.more.push(period(&property, value, &event, zones).map_err(at(line))?);
        }
    }
    for (line, property) in written.all("EXDATE") {
        for value in property.value.split(',') {
            let moment = moment(&property, value, zones).map_err(at(line))?;
            event.except.insert(same_kind("EXDATE", &moment, &event.start).map_err(at(line))?);
        }
    }
    let instead_of = match written.one("RECURRENCE-ID")? {
        Some((line, property)) if property.parameter("RANGE").is_some() => {
            return Err(at(line)(
                "`RANGE=THISANDFUTURE` is not read here; end the series with `UNTIL` and write a new one".into(),
            ));
        }
        Some((line, property)) => Some(moment(&property, property.value, zones).map_err(at(line))?),
        None => None,
    };
    Ok(Read {
        event,
        uid: of("UID")?.unwrap_or_default().into(),
        sequence: of("SEQUENCE")?.and_then(|sequence| sequence.trim().parse().ok()).unwrap_or(0),
        cancelled: of("STATUS")?.is_some_and(|status| status.trim().eq_ignore_ascii_case("CANCELLED")),
        instead_of,
    })
}

/// Of several revisions of one event the latest counts.
fn latest_revisions(read: &mut Vec<Read>) {
    let key = |one: &Read| (Arc::clone(&one.uid), one.instead_of.as_ref().map(Moment::instant));
    let mut latest: BTreeMap<_, u64> = BTreeMap::new();
    for one in read.iter().filter(|one| !one.uid.is_empty()) {
        let known = latest.entry(key(one)).or_default();
        *known = one.sequence.max(*known);
    }
    read.retain(|one| latest.get(&key(one)).is_none_or(|latest| one.sequence >= *latest));
    let cancelled: BTreeSet<_> = read.iter().filter(|one| one.cancelled && !one.uid.is_empty()).map(key).collect();
    for one in read.iter_mut() {
        one.event.disputed = cancelled.contains(&key(one));
    }
}

/// Takes what was moved or cancelled out of its series.
fn moved(read: Vec<Read>) -> Result<Vec<Event>, Wrong> {
    let mut replaced: BTreeMap<&str, Vec<(u32, &Moment)>> = BTreeMap::new();
    for one in &read {
        if let Some(moment) = &one.instead_of {
            replaced.entry(&one.uid).or_default().push((one.event.line, moment));
        }
    }
    let mut except = Vec::new();
    for (index, one) in read.iter().enumerate().filter(|(_, one)| one.instead_of.is_none() && one.event.comes_again()) {
        for (line, moment) in replaced.get(&*one.uid).into_iter().flatten() {
            let local = same_kind("RECURRENCE-ID", moment, &one.event.start);
            except.push((index, local.map_err(|message| Wrong { line: *line, message })?));
        }
    }
    let mut read = read;
    for (index, local) in except {
        read[index].event.except.insert(local);
    }
    Ok(read.into_iter().filter(|one| !one.cancelled).map(|one| one.event).collect())
}

/// A moment on the clock of a series.
fn same_kind(name: &str, moment: &Moment, start: &Moment) -> Result<DateTime, String> {
    match moment.day == start.day {
        true => Ok(moment.on_clock_of(start)),
        false => {
            let (one, other) = if moment.day { ("a date", "a time") } else { ("a time", "a date") };
            Err(format!(
                "`{name}` is {one} and `DTSTART` {other}: programs disagree on whether they are the same (RFC 5545, 3.8.5.1)"
            ))
        }
    }
}

fn rule(value: &str, start: &Moment) -> Result<Rule, String> {
    let rule: Rule = value.parse()?;
    if rule.frequency >= Frequency::Minutely {
        return Err("a series of minutes or seconds is not read here".into());
    }
    if start.day && rule.names_times() {
        return Err("`RRULE` names times of day, and `DTSTART` is a date: programs disagree on what that means".into());
    }
    Ok(rule)
}

/// A value of `DTSTART` and its like.
fn moment(property: &Property<'_>, value: &str, zones: &mut Zones<'_>) -> Result<Moment, String> {
    let value = value.trim();
    let wrong = || format!("`{value}` is not a date or a time such as `20261220` or `20261220T090000Z`");
    let midnight = Time::midnight();
    match until(value).ok_or_else(wrong)? {
        Until::Day(date) => Ok(Moment { local: date.to_datetime(midnight), zone: zones.floating()?, day: true }),
        Until::Instant(instant) => {
            Ok(Moment { local: Offset::UTC.to_datetime(instant), zone: TimeZone::UTC, day: false })
        }
        Until::Local(local) => {
            let zone = match property.parameter("TZID") {
                Some(name) => zones.named(name)?,
                None => zones.floating()?,
            };
            Ok(Moment { local, zone, day: false })
        }
    }
}

/// How long an event lasts, by `DTEND` or `DURATION`: a date alone for a day, a time alone for no time.
fn long(written: &Written<'_>, start: &Moment, again: bool, zones: &mut Zones<'_>) -> Result<Long, Wrong> {
    let end = written.one("DTEND")?;
    let duration = written.one("DURATION")?;
    match (end, duration) {
        (Some(_), Some((line, _))) => Err(Wrong { line, message: "`DTEND` and `DURATION` exclude each other".into() }),
        (None, None) => Ok(Long::Lasts(if start.day { Lasts::days(1) } else { Lasts::days(0) })),
        (None, Some((line, property))) => {
            let wrong =
                || Wrong { line, message: format!("`{}` is not a duration such as `PT8H` or `P1D`", property.value) };
            duration_of(property.value).map(Long::Lasts).ok_or_else(wrong)
        }
        (Some((line, property)), None) => {
            let wrong = |message: String| Wrong { line, message };
            let end = moment(&property, property.value, zones).map_err(wrong)?;
            if end.day != start.day {
                return Err(wrong("`DTEND` and `DTSTART` must both be dates or both be times".into()));
            }
            if end.instant() < start.instant() {
                return Err(wrong("the event ends before it starts".into()));
            }
            let days = start.local.date().until(end.local.date()).map_or(0, |span| span.get_days());
            Ok(match (start.day, again) {
                (true, _) => Long::Lasts(Lasts::days(days)),
                (false, true) => Long::Lasts(Lasts {
                    on_clock: Some(start.zone.to_datetime(end.instant()).duration_since(start.local)),
                    ..Lasts::exactly(end.instant().duration_since(start.instant()))
                }),
                (false, false) => Long::Until(end),
            })
        }
    }
}

/// RFC 5545, 3.3.6; never negative.
fn duration_of(value: &str) -> Option<Lasts> {
    let span: Span = value.trim().parse().ok()?;
    if span.is_negative() || span.get_months() != 0 || span.get_years() != 0 {
        return None;
    }
    let days = span.get_weeks().checked_mul(7)?.checked_add(span.get_days())?;
    Some(Lasts { days, exact: SignedDuration::try_from(span.weeks(0).days(0)).ok()?, on_clock: None })
}

/// A value of `RDATE`: a moment, which lasts as long as the event, or a period.
fn period(
    property: &Property<'_>,
    value: &str,
    event: &Event,
    zones: &mut Zones<'_>,
) -> Result<(Moment, Long), String> {
    let Some((start, end)) = value.split_once('/') else {
        let start = moment(property, value, zones)?;
        let long = match &event.lasts {
            Long::Lasts(lasts) => *lasts,
            Long::Until(end) => Lasts::exactly(end.instant().duration_since(event.start.instant())),
        };
        return Ok((start, Long::Lasts(long)));
    };
    let start = moment(property, start, zones)?;
    let long = match duration_of(end) {
        Some(lasts) => Long::Lasts(lasts),
        None => Long::Until(moment(property, end, zones)?),
    };
    Ok((start, long))
}

impl Event {
    fn comes_again(&self) -> bool {
        self.rule.is_some() || !self.more.is_empty()
    }

    /// It is of dates, and not of times.
    pub(crate) fn lasts_whole_days(&self) -> bool {
        self.start.day
    }

    /// Its times, as they are asked about at an instant. An event without any duration has none. `steps` are as of [`Instances::new`];
    /// they pay for looking at them too.
    ///
    /// # Errors
    /// A sentence: the rule does not come to its end.
    pub(crate) fn recurrence(&self, effect: Effect, at: Timestamp, steps: &mut u64) -> Result<Recurrence, String> {
        // Whether it was cancelled is not clear.
        if self.disputed && effect == Effect::Opens {
            return Ok(Recurrence::once(None));
        }
        let more = self.more.iter().filter(|(start, _)| !self.is_excepted(start));
        let mut dated: Vec<Interval> = more.filter_map(|(start, long)| interval(effect, start, long)).collect();
        let first = || interval(effect, &self.start, &self.lasts).filter(|_| !self.is_excepted(&self.start));
        let (Some(rule), Long::Lasts(lasts)) = (&self.rule, &self.lasts) else {
            dated.extend(first());
            return Ok(Recurrence::Dated(Dated::new(dated, None)));
        };
        let until = last(rule.until, &self.start.zone, effect, self.start.day);
        // Later than any time that is asked about, unless a freeze of decades holds.
        let known = self.start.zone.to_datetime(at).saturating_add(KNOWN.days());
        let instances = Instances::new(rule.clone(), self.start.local, until, known, steps)?;
        if !instances.end_before(self.start.zone.to_datetime(at).saturating_sub(OVER.days())) {
            let looked_at = instances.a_day().saturating_mul(2 * 365);
            *steps = steps
                .checked_sub(looked_at)
                .ok_or("it has more times than the limit `steps` of 4,000,000 allows to look at")?;
        }
        // Whether a start counts that the rule does not give is disputed: closed wins.
        if effect == Effect::Closes {
            dated.extend(first());
        }
        let (zone, except) = (self.start.zone.clone(), self.except.clone());
        let day = self.start.day && lasts.is_zero() && effect == Effect::Closes;
        let lasts = if day { Lasts::days(1) } else { *lasts };
        let series = Series { instances, effect, zone, lasts, except };
        Ok(Recurrence::any(vec![Recurrence::Series(Box::new(series)), Recurrence::Dated(Dated::new(dated, None))]))
    }

    fn is_excepted(&self, moment: &Moment) -> bool {
        self.except.contains(&moment.on_clock_of(&self.start))
    }
}

fn interval(effect: Effect, start: &Moment, long: &Long) -> Option<Interval> {
    match long {
        Long::Lasts(lasts) if start.day && lasts.is_zero() && effect == Effect::Closes => {
            effect.lasting(&start.zone, start.local, Lasts::days(1))
        }
        Long::Lasts(lasts) => effect.lasting(&start.zone, start.local, *lasts),
        Long::Until(end) => {
            let of_start = effect.between(&start.zone, start.local, DateTime::MAX)?;
            let of_end = effect.between(&end.zone, DateTime::MIN, end.local)?;
            Interval::new(of_start.start, of_end.end)
        }
    }
}
