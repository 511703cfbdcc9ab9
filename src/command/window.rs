//! `predeploy window`: whether it is open, by which line of the policy, until when, and when it opens next.
//!
//! It stands on the same ground as `check`: the same policy, the same change with its risk, the same calendars. What the gate would
//! say beside its times (an announcement that is missing, an override) counts here too.

mod answer;
mod calendar;
mod ics;
mod json;
mod picture;
mod text;
mod wait;
mod words;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use predeploy_gates::{NoProgress, TimetableSpan, Verdict};

use super::check;
use crate::cli::{CheckArgs, WindowArgs, WindowAsked, WindowCommand, WindowFormat};
use crate::config::Policy;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::run::live::Means;
use crate::run::record::Record;
use answer::{Answer, Look};

/// The kind of the gates that this is about.
const KIND: &str = "window";

/// How much a report shows of them.
const PICTURED: SignedDuration = SignedDuration::from_hours(4 * 7 * 24);

/// Longest calendar: as far as openings are looked for.
const LONGEST: SignedDuration = SignedDuration::from_hours(2 * 52 * 7 * 24);

/// The answer, whose exit code no format changes, and the text to print.
pub(crate) fn window(args: &WindowArgs, environment: &Environment) -> Result<(Verdict, String), Stop> {
    if let Some(WindowCommand::Wait(args)) = &args.command {
        return wait::wait(args, environment).map(|verdict| (verdict, String::new()));
    }
    let length = args.calendar.map(|length| length.get());
    usage(args, length)?;
    let mut look = look(&args.asked, environment)?;
    let zone = args.zone.as_deref().map(|name| zone(name, &look)).transpose()?;
    let at = look.at();
    let rollout = args.asked.rollout.map(|length| length.get());
    let Some(length) = length else {
        let span = TimetableSpan { rollout, from: at, until: at };
        let answer = look.answer(at, span)?;
        if args.next {
            return Ok((answer.verdict, next(&answer)));
        }
        let text = match args.format {
            WindowFormat::Json => json::answer(&answer, zone.as_ref())?,
            WindowFormat::Text | WindowFormat::Ics | WindowFormat::Svg => {
                text::answer(&answer, zone.as_ref(), args.explain)
            }
        };
        return Ok((answer.verdict, text));
    };
    // From when what holds now has held, so that a time has the same beginning in each calendar that tells of it.
    let now = look.answer(at, TimetableSpan { rollout, from: at, until: at })?;
    let from = now.tables.iter().map(predeploy_gates::Timetable::since).min().unwrap_or(at);
    let until = at.checked_add(length).unwrap_or(Timestamp::MAX);
    let answer = look.answer(at, TimetableSpan { rollout, from, until })?;
    text::problems(&answer);
    let times = calendar::Times::of(&answer, until, args.show, zone);
    if !answer.complete() {
        // A calendar without the times that are unread would say what is not so.
        let json = args.format == WindowFormat::Json;
        return Ok((Verdict::Unresolved, if json { json::calendar(&answer, &times)? } else { String::new() }));
    }
    let text = match args.format {
        WindowFormat::Text => calendar::text(&times, &text::change(&answer)),
        WindowFormat::Json => json::calendar(&answer, &times)?,
        WindowFormat::Ics => ics::calendar(&answer, &times),
        WindowFormat::Svg => picture::svg(&answer, &times),
    };
    Ok((Verdict::Passed, text))
}

/// The windows of the weeks after a run, as SVG; nothing where it asked no window gate, or something of them is not known.
pub(crate) fn picture(record: Record, policy: Option<Policy>, zones: TimeZoneDatabase) -> Option<String> {
    let mut look = Look::new(record, policy, zones);
    let at = look.at();
    let until = at.checked_add(PICTURED).ok()?;
    let answer = look.answer(at, TimetableSpan { rollout: None, from: at, until }).ok()?;
    if answer.tables.is_empty() || !answer.complete() {
        return None;
    }
    let times = calendar::Times::of(&answer, until, None, None);
    Some(picture::svg(&answer, &times))
}

fn usage(args: &WindowArgs, calendar: Option<SignedDuration>) -> Result<(), Stop> {
    match calendar {
        None if matches!(args.format, WindowFormat::Ics | WindowFormat::Svg) => {
            Err(Stop::usage("there is a calendar or picture only of a length of time", "name it: `--calendar 6w`"))
        }
        Some(length) if length > LONGEST || length < SignedDuration::from_hours(1) => Err(Stop::usage(
            format!("`--calendar` shows an hour to 104 weeks, and not {length:#}"),
            "name a length such as `6w` or `14d`",
        )),
        _ => Ok(()),
    }
}

/// One line for a program: when a deployment may start.
fn next(answer: &Answer) -> String {
    text::problems(answer);
    answer.next_fit().map_or(String::new(), |next| format!("{}\n", words::whole(next)))
}

/// Finds the policy and the change, and reads what the window gates need.
fn look(asked: &WindowAsked, environment: &Environment) -> Result<Look, Stop> {
    let checked = CheckArgs {
        gates: asked.gates.clone(),
        repo: asked.repo.clone(),
        config: asked.config.clone(),
        policy_from: asked.policy_from.clone(),
        base: asked.base.clone(),
        head: asked.head.clone(),
        working_tree: asked.working_tree,
        environment: asked.environment.clone(),
        at: asked.at.clone(),
        tzdb: asked.tzdb.clone(),
        stage: Some(asked.stage.unwrap_or(predeploy_gates::Stage::Deploy)),
        http_cache: asked.http_cache.clone(),
        forge_evidence: asked.forge_evidence.clone(),
        pull_request: asked.pull_request,
        deployed: asked.deployed.clone(),
        kind: Some(KIND),
        ..CheckArgs::default()
    };
    let (zones, _) = check::zones(checked.tzdb.as_deref())?;
    let means = Means { keep: false, progress: &NoProgress };
    let (_, ran) = check::run(&checked, environment, means, |_, found| Ok(found))?;
    Ok(Look::new(ran.record, ran.policy, zones))
}

fn zone(name: &str, look: &Look) -> Result<TimeZone, Stop> {
    // jiff knows `Etc/Unknown`, and reads it as UTC.
    let found = look.zones.get(name).ok().filter(|zone| !zone.is_unknown());
    found.ok_or_else(|| {
        Stop::usage(
            format!("`--zone {name}` is not a time zone of the IANA database"),
            "name one such as Europe/Berlin",
        )
    })
}
