//! From the policy, the freezes and one clock reading to what holds now, and until when.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::calendar::{self, Entry};
use super::civil::{Days, TimeOfDay};
use super::schedule::{self, Effect, Recurrence, Schedule};
use super::{CLOSED, Calendar, Evidence, FREEZE, Freeze, NEVER_OPENS, UNREADABLE_CALENDAR, Weekly, Window};
use crate::{Context, Direction, Excerpt, Finding, Outcome, RiskLevel, Rule, Text};

/// How far a next opening or closing is looked for beyond the freezes that hold: two years of 365 days.
const HORIZON: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

pub(super) fn judge(policy: &Window, evidence: &Evidence, at: &Context<'_>) -> Outcome {
    if let Direction::Rollback(why) = &at.change.direction {
        return Outcome::new(format!("a rollback is never held by a window: {why}"), Vec::new());
    }
    let (file, mut findings) = calendar_of(evidence, at);
    let mut read = Vec::new();
    let applies = |risk: &Option<Vec<RiskLevel>>| risk.as_ref().is_none_or(|r| r.contains(&at.change.risk.level));
    for (effect, word, windows) in
        [(Effect::Opens, "allow window", &policy.allow), (Effect::Closes, "deny window", &policy.deny)]
    {
        for (index, window) in windows.iter().enumerate().filter(|(_, window)| applies(&window.risk)) {
            read.push(window.line(effect, &format!("{word} {}", index + 1), at));
        }
    }
    for (index, freeze) in policy.freeze.iter().enumerate().filter(|(_, freeze)| applies(&freeze.risk)) {
        read.push(freeze.line(&format!("freeze {}", index + 1), at));
    }
    for entry in file.iter().filter(|entry| applies(&entry.freeze.risk)) {
        read.push(entry.freeze.line("a freeze", at).map(|line| Line { entry: Some(entry), ..line }));
    }
    let mut lines = Vec::new();
    for line in read {
        match line {
            Ok(line) => lines.push(line),
            // The policy was checked against the bundled database; one given for this run may lack a zone.
            Err(unknown) => findings.push(
                Finding::new(&UNREADABLE_CALENDAR, unknown)
                    .help("name a zone of the time-zone database that this run uses"),
            ),
        }
    }
    let path = match &evidence.calendar {
        Some(Calendar::Read { path, .. }) => path.as_str(),
        Some(Calendar::Unreadable { .. }) | None => "",
    };
    decide(&lines, path, findings, at)
}

/// The entries of the file of freezes, and what is wrong with it.
fn calendar_of(evidence: &Evidence, at: &Context<'_>) -> (Vec<Entry>, Vec<Finding>) {
    match &evidence.calendar {
        None => (Vec::new(), Vec::new()),
        Some(Calendar::Unreadable { path, failure }) => {
            let help = failure.help.as_deref().unwrap_or("make the file readable where the policy is read");
            (Vec::new(), vec![Finding::new(&UNREADABLE_CALENDAR, failure.message.clone()).at_file(path).help(help)])
        }
        Some(Calendar::Read { path, text }) => match calendar::read(text, at) {
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

/// A line of the policy, or of the file of freezes, that applies to the change.
struct Line<'a> {
    effect: Effect,
    rule: &'static Rule,
    recurrence: Recurrence,
    zone: TimeZone,
    /// What it is, in words: ``deny window `weekend` ``, `freeze 2`.
    title: String,
    /// Its times, in words: `fri 12:00-24:00 Europe/Berlin`.
    times: String,
    name: Option<&'a Text>,
    reason: Option<&'a Text>,
    /// Where it is written, if in the file of freezes.
    entry: Option<&'a Entry>,
}

impl Weekly {
    fn line(&self, effect: Effect, numbered: &str, at: &Context<'_>) -> Result<Line<'_>, String> {
        let zone = self.zone.find(at.zones)?;
        let days = self.days.clone().unwrap_or_else(|| vec![Days::ALL]);
        let spoken = match &self.days {
            Some(days) => days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            None => "every day".into(),
        };
        let hours = match (self.from(), self.until()) {
            (TimeOfDay::MIDNIGHT, TimeOfDay::END_OF_DAY) => String::new(),
            (from, until) => format!(" {from}-{until}"),
        };
        Ok(Line {
            effect,
            rule: &CLOSED,
            recurrence: Recurrence::Weekly(schedule::Weekly {
                effect,
                zone: zone.clone(),
                days,
                from: self.from(),
                until: self.until(),
            }),
            zone,
            title: title(numbered, self.name.as_ref()),
            times: format!("{spoken}{hours} {}", self.zone),
            name: self.name.as_ref(),
            reason: self.reason.as_ref(),
            entry: None,
        })
    }
}

impl Freeze {
    fn line(&self, numbered: &str, at: &Context<'_>) -> Result<Line<'_>, String> {
        let zone = self.zone.find(at.zones)?;
        let interval = Effect::Closes.interval(&zone, self.from.start(), self.until.end());
        Ok(Line {
            effect: Effect::Closes,
            rule: &FREEZE,
            recurrence: interval.map_or(Recurrence::Never, Recurrence::Once),
            zone,
            title: title(numbered, self.name.as_ref()),
            times: format!("{} to {} {}", self.from, self.until, self.zone),
            name: self.name.as_ref(),
            reason: self.reason.as_ref(),
            entry: None,
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

fn decide(lines: &[Line<'_>], file: &str, mut findings: Vec<Finding>, at: &Context<'_>) -> Outcome {
    let with = |effect| lines.iter().filter(move |line| line.effect == effect);
    let schedule = Schedule {
        allow: with(Effect::Opens).map(|line| line.recurrence.clone()).collect(),
        close: with(Effect::Closes).map(|line| line.recurrence.clone()).collect(),
    };
    let frozen_until = with(Effect::Closes).filter_map(|line| line.recurrence.once_until(at.at)).max();
    let horizon = frozen_until.unwrap_or(at.at).checked_add(HORIZON).unwrap_or(Timestamp::MAX);
    // While a file is unreadable, any time that is told may be wrong.
    let complete = findings.is_empty();
    let unread = "not every freeze could be read";
    let zone = lines.first().map_or(TimeZone::UTC, |line| line.zone.clone());

    if schedule.is_open(at.at) {
        let until = schedule.next_closing(at.at, horizon).filter(|_| complete);
        let summary = match until {
            Some(until) => format!("open until {}", spoken(until, &zone)),
            None if complete => "open, and nothing closes it within two years".into(),
            None => unread.into(),
        };
        return Outcome { until, ..Outcome::new(summary, findings) };
    }

    let opening = schedule.next_opening(at.at, horizon);
    let retry_at = opening.filter(|_| complete);
    let opens = |zone: &TimeZone| match retry_at {
        Some(opening) => format!("; opens {}", spoken(opening, zone)),
        None => String::new(),
    };
    let help = |zone: &TimeZone| match retry_at {
        Some(opening) => format!("ask again from {} on", spoken(opening, zone)),
        None if complete => "change the windows in the policy".into(),
        None => "make the file of freezes readable first".into(),
    };
    for line in with(Effect::Closes).filter(|line| line.recurrence.holds(at.at)) {
        let reason = line.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let mut finding =
            Finding::new(line.rule, format!("closed by {} ({}){reason}{}", line.title, line.times, opens(&line.zone)))
                .help(help(&line.zone));
        finding.subject = line.name.map(ToString::to_string);
        if let Some(entry) = line.entry {
            finding = finding.at(file, entry.span).excerpt(Some(entry.excerpt.clone()));
        }
        findings.push(finding);
    }
    if !schedule.is_allowed(at.at) {
        let times: Vec<&str> = with(Effect::Opens).map(|line| line.times.as_str()).collect();
        let message = format!("outside every allow window ({}){}", times.join("; "), opens(&zone));
        findings.push(Finding::new(&CLOSED, message).help(help(&zone)));
    }
    if opening.is_none() && complete {
        let message = format!("nothing opens before {}", spoken(horizon, &zone));
        findings.push(Finding::new(&NEVER_OPENS, message).help(
            "compare the allow windows with the denies and freezes: together they leave no time for this change",
        ));
    }
    let summary = match retry_at {
        Some(opening) => format!("closed until {}", spoken(opening, &zone)),
        None if complete => "closed, with no opening within two years".into(),
        None => format!("closed; {unread}"),
    };
    Outcome { retry_at, ..Outcome::new(summary, findings) }
}

/// `Mon 2026-11-23 09:00 +01:00 (Europe/Berlin)`, with seconds where there are any.
fn spoken(instant: Timestamp, zone: &TimeZone) -> String {
    let local = instant.to_zoned(zone.clone());
    let form = if local.second() == 0 { "%a %Y-%m-%d %H:%M %:z" } else { "%a %Y-%m-%d %H:%M:%S %:z" };
    match zone.iana_name() {
        Some(name) => format!("{} ({name})", local.strftime(form)),
        None => local.strftime(form).to_string(),
    }
}
