//! Which of the ways to say a time a line uses, and what is wrong with it.

use jiff::ToSpan;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::civil::{Days, TimeOfDay};
use super::interval::{Effect, Lasts};
use super::moment::{Moment, When};
use super::policy::{Around, Line};
use super::recurrence::cron::Cron;
use super::recurrence::series::expand::Instances;
use super::recurrence::series::rule::{Frequency, Rule, Until};
use super::source::CalendarSource;
use crate::Text;

/// The times of a line, in the one way that it uses.
pub(crate) enum Times<'a> {
    Weekly { days: Option<&'a [Days]>, from: TimeOfDay, until: TimeOfDay },
    Dated { from: Moment, until: Moment },
    Cron { cron: &'a Cron, lasts: Lasts },
    Rule { rule: &'a Rule, start: Moment, lasts: Lasts },
    Calendar(&'a CalendarSource),
    Holidays { codes: &'a [Text], around: &'a [Around] },
}

/// The key and a sentence.
pub(crate) type Wrong = (&'static str, String);

/// Days that are looked at for the times of one line, or of one calendar, before it is given up: less than a second.
pub(crate) const STEPS: u64 = 4_000_000;

/// What belongs to `ics` alone.
const OF_ICS: [&str; 5] = ["match", "categories", "transparent", "expect-events", "max-age"];

impl Line {
    /// Its times.
    ///
    /// # Errors
    /// The keys that are missing, do not belong together or can never hold.
    pub(crate) fn times(&self) -> Result<Times<'_>, Vec<Wrong>> {
        let ways: Vec<&'static str> = [
            ("cron", self.cron.is_some()),
            ("rrule", self.rrule.is_some()),
            ("ics", self.ics.is_some()),
            ("holidays", self.holidays.is_some()),
        ]
        .into_iter()
        .filter_map(|(way, there)| there.then_some(way))
        .collect();
        if let [_, second, ..] = ways[..] {
            return Err(vec![(
                second,
                format!("`{}` are different ways to say a time; write a line for each", ways.join("` and `")),
            )]);
        }
        let strays = self.strays(ways.first().copied());
        if !strays.is_empty() {
            return Err(strays);
        }
        if let Some(cron) = &self.cron {
            let missing = || ("cron", "`cron` says when it starts; add `duration`, such as `\"8h\"`".to_owned());
            let duration = self.duration.ok_or_else(|| vec![missing()])?;
            return Ok(Times::Cron { cron, lasts: duration.0 });
        }
        if let Some(rule) = &self.rrule {
            return self.rule(rule).map_err(|wrong| vec![wrong]);
        }
        if let Some(ics) = &self.ics {
            return Ok(Times::Calendar(ics));
        }
        if let Some(codes) = &self.holidays {
            let around = self.include.as_deref().unwrap_or_default();
            let none = || {
                vec![(
                    "holidays",
                    "`holidays` is empty, so this never comes; name a country, such as `\"DE\"`".to_owned(),
                )]
            };
            return if codes.is_empty() { Err(none()) } else { Ok(Times::Holidays { codes, around }) };
        }
        self.plain().map_err(|wrong| vec![wrong])
    }

    /// Keys that do not belong to the way it uses.
    fn strays(&self, way: Option<&str>) -> Vec<Wrong> {
        let there = [
            ("days", self.days.is_some(), &[None][..]),
            ("from", self.from.is_some(), &[None]),
            ("until", self.until.is_some(), &[None]),
            ("duration", self.duration.is_some(), &[Some("cron"), Some("rrule")]),
            ("start", self.start.is_some(), &[Some("rrule")]),
            ("match", self.matching.is_some(), &[Some("ics")]),
            ("categories", self.categories.is_some(), &[Some("ics")]),
            ("transparent", self.transparent.is_some(), &[Some("ics")]),
            ("expect-events", self.expect_events.is_some(), &[Some("ics")]),
            ("max-age", self.max_age.is_some(), &[Some("ics")]),
            ("include", self.include.is_some(), &[Some("holidays")]),
        ];
        let stray = |(key, _, ways): &(&'static str, bool, &[Option<&str>])| match ways[0] {
            None => {
                (*key, format!("`{key}` does not belong to `{}`, which says its own times", way.unwrap_or_default()))
            }
            Some(_) if OF_ICS.contains(key) => {
                (*key, format!("`{key}` chooses events of a calendar, and no `ics` names one"))
            }
            Some(one) => (*key, format!("`{key}` belongs to `{one}`, which is not given")),
        };
        there.iter().filter(|(_, there, ways)| *there && !ways.contains(&way)).map(stray).collect()
    }

    fn rule<'a>(&self, rule: &'a Rule) -> Result<Times<'a>, Wrong> {
        let start = self.start.ok_or_else(|| {
            ("rrule", "`rrule` counts from its first time; add `start`, such as `\"2026-01-30T16:00\"`".to_owned())
        })?;
        let lasts = match (self.duration, start) {
            (Some(duration), _) => duration.0,
            (None, Moment::Day(_)) => Lasts::days(1),
            (None, Moment::Time(_)) => {
                return Err(("rrule", "`rrule` says when it starts; add `duration`, such as `\"8h\"`".into()));
            }
        };
        if rule.frequency == Frequency::Secondly {
            return Err(("rrule", "`FREQ=SECONDLY` is no deployment window".into()));
        }
        if matches!(start, Moment::Day(_)) && rule.names_times() {
            return Err(("start", "the rule names times of day, and `start` is a date; give it a time".into()));
        }
        // The zone changes which instances come only by `UNTIL` as an instant.
        let instances = Instances::new(rule.clone(), start.start(), None, DateTime::MAX, &mut STEPS.clone())
            .map_err(|wrong| ("rrule", wrong))?;
        if !instances.begin_with_start() {
            let from = start.start();
            let first = instances.between(from, from.saturating_add(3653.days())).next();
            let first = first.map(|first| match start {
                Moment::Day(_) => Moment::Day(first.date()),
                Moment::Time(_) => Moment::Time(first),
            });
            let first = first.map(|first| format!(": `\"{}\"`", first.to_string().replace(' ', "T")));
            let wrong =
                "is not one of the times of `rrule`; programs disagree on whether it counts. Give the first that is";
            return Err(("start", format!("`{start}` {wrong}{}", first.unwrap_or_default())));
        }
        Ok(Times::Rule { rule, start, lasts })
    }

    /// Days with times of day, or dates.
    fn plain(&self) -> Result<Times<'_>, Wrong> {
        match (self.from, self.until) {
            (Some(When::Moment(from)), Some(When::Moment(until))) => {
                if self.days.is_some() {
                    return Err(("days", "`days` belong to times of day, and `from` is a date".into()));
                }
                if until.end() <= from.start() {
                    return Err(("until", format!("it ends ({until}) before it starts ({from})")));
                }
                Ok(Times::Dated { from, until })
            }
            (Some(When::Moment(_)), _) => Err(("from", "`from` is a date; give `until` as one too".into())),
            (_, Some(When::Moment(_))) => Err(("until", "`until` is a date; give `from` as one too".into())),
            (from, until) => {
                let time = |when: Option<When>, otherwise| match when {
                    Some(When::TimeOfDay(time)) => time,
                    Some(When::Moment(_)) | None => otherwise,
                };
                let (from, until) = (time(from, TimeOfDay::MIDNIGHT), time(until, TimeOfDay::END_OF_DAY));
                if self.days.as_ref().is_some_and(Vec::is_empty) {
                    return Err((
                        "days",
                        "`days` is empty, so this window never comes; leave it out for every day".into(),
                    ));
                }
                if from == TimeOfDay::END_OF_DAY {
                    return Err((
                        "from",
                        "a window cannot start at \"24:00\"; write \"00:00\" and the next day".into(),
                    ));
                }
                Ok(Times::Weekly { days: self.days.as_deref(), from, until })
            }
        }
    }
}

/// The last local time of a rule. Of a date beside times of day programs disagree on whether that day is still meant, and of an instant
/// beside days on whether its date is that of UTC or of the zone: closed wins.
pub(crate) fn last(until: Option<Until>, zone: &TimeZone, effect: Effect, days: bool) -> Option<DateTime> {
    until.map(|until| match (until, effect) {
        (Until::Day(date), Effect::Closes) => {
            Moment::Day(date).end().saturating_sub(jiff::SignedDuration::from_secs(1))
        }
        (Until::Day(date), Effect::Opens) => Moment::Day(date).start(),
        (Until::Local(time), _) => time,
        (Until::Instant(instant), _) => {
            let (here, utc) = (zone.to_datetime(instant), TimeZone::UTC.to_datetime(instant));
            match (days, effect) {
                (false, _) => here,
                (true, Effect::Closes) => here.max(utc),
                (true, Effect::Opens) => Moment::Day(here.date().min(utc.date())).start(),
            }
        }
    })
}
