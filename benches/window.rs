//! What CPU time it costs to read a calendar and to decide by many lines, beside the bare work in the same run.
//!
//! `cargo bench --bench window`. A calendar of 10 MB is read beside a split of the same text into lines; of calendars of 1,000, 10,000 and
//! 100,000 events the time for each event is told. Then 200 lines, 20 of them calendars of 1,000 events, decide about an instant whose
//! next opening is two years away, beside as many conversions of instants to local times as there are changes on the way: once with
//! office hours all of which other lines deny, and once with denies of an hour each that follow on one another. Each pair takes turns;
//! the medians are told.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use jiff::tz::TimeZoneDatabase;
use jiff::{Timestamp, ToSpan};
use nix::sys::resource::{UsageWho, getrusage};
use predeploy_gates::{Asked, Change, Context, GATES, Stage, calendar_events, decider};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

/// Turns of each. The median is told.
const ROUNDS: usize = 15;
const START: &str = "2026-11-18T12:00Z";

fn main() {
    let zones = TimeZoneDatabase::bundled();
    let change = Change::everything("made up");
    let at = START.parse().expect("a time");
    let context = Context { at, zones: &zones, change: &change, stage: Stage::Deploy };
    reading(&context);
    println!();
    deciding("office hours, each of them denied", &office(), &context);
    deciding("a deny for each hour of the week", &hours(), &context);
}

fn reading(context: &Context<'_>) {
    let mut tens = calendar(40_000, "notes");
    while tens.len() < 10_000_000 {
        tens = calendar(40_000 * 10_000_000 / tens.len() + 1, "notes");
    }
    let (mut ours, mut bare) = (vec![], vec![]);
    let mut found = 0;
    for _ in 0..ROUNDS {
        ours.push(timed(|| found = calendar_events(black_box(&tens), context).expect("it is a calendar")));
        bare.push(timed(|| {
            black_box(black_box(&tens).lines().filter(|line| !line.is_empty()).count());
        }));
    }
    let (ours, bare) = (median(ours), median(bare));
    println!("{:<44} {:>9.2} ms  ({found} events)", format!("a calendar of {} bytes", tens.len()), ms(ours));
    println!("{:<44} {:>9.2} ms", "str::lines of the same text", ms(bare));
    println!("{:<44} {:>9.2}", "read / lines", ms(ours) / ms(bare));
    for count in [1_000, 10_000, 100_000] {
        let text = calendar(count, "");
        let times = (0..ROUNDS).map(|_| timed(|| drop(black_box(calendar_events(&text, context))))).collect();
        let each = median(times).as_nanos() / count as u128;
        println!("{:<44} {each:>9} ns", format!("each of {count} events"));
    }
}

fn deciding(what: &str, policy: &str, context: &Context<'_>) {
    let gate = settings(policy);
    let evidence = evidence();
    let begun = own();
    decider(&*gate, &evidence, context, |decide| {
        let reading = own().saturating_sub(begun);
        let next = decide(context.at).opens.expect("it opens");
        assert!(!decide(context.at).open && next > context.at + (700 * 24).hours(), "{next}");
        let zone = context.zones.get("Europe/Berlin").expect("there is such a zone");
        // Two boundaries of each hour until then.
        let instants: Vec<Timestamp> = (0..2 * 730 * 24).map(|i| context.at + (i * 30).minutes()).collect();
        let (mut ours, mut bare) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            ours.push(timed(|| {
                black_box(decide(black_box(context.at)));
            }));
            bare.push(timed(|| {
                for instant in &instants {
                    black_box(zone.to_datetime(black_box(*instant)));
                }
            }));
        }
        // `decide` asks three questions; each but the first walks the whole way.
        let (ours, bare) = (median(ours), median(bare));
        println!("{what}: 200 lines, 20,000 events, opens {next}; read in {:.1} ms", ms(reading));
        println!("{:<44} {:>9.2} ms", "open now, opens next, fits next", ms(ours));
        println!("{:<44} {:>9.2} ms", "as many local times by jiff", ms(bare));
        println!("{:<44} {:>9.2}", "decide / local times", ms(ours) / ms(bare));
    })
    .expect("it is a window gate")
    .unwrap_or_else(|e| panic!("{}", e.message));
}

const ZONES: [&str; 6] =
    ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns"];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn calendars(policy: &mut String) {
    for number in 0..20 {
        writeln!(policy, "[[deny]]\nics = \"{number}.ics\"\nzone = \"{}\"", ZONES[number % 6]).expect("a string grows");
    }
}

/// Ten allows for office hours; what denies them each week until two years are over stands after 170 lines that do not.
fn office() -> String {
    let mut policy = String::new();
    let mut line = |text: String| writeln!(policy, "{text}").expect("a string grows");
    for number in 0..10 {
        let zone = ZONES[number % 6];
        line(format!("[[allow]]\ndays = [\"mon-fri\"]\nfrom = \"09:00\"\nuntil = \"17:00\"\nzone = \"{zone}\""));
    }
    for number in 0..169 {
        let (zone, hour, minute) = (ZONES[number % 6], number % 24, number % 60);
        line(match number % 4 {
            0 => format!(
                "[[deny]]\ndays = [\"{}\"]\nfrom = \"{hour:02}:00\"\nuntil = \"{hour:02}:30\"\nzone = \"{zone}\"",
                DAYS[number % 7]
            ),
            1 => format!(
                "[[deny]]\ncron = \"{minute} {hour} * * {}\"\nduration = \"40m\"\nzone = \"{zone}\"",
                number % 7
            ),
            2 => format!(
                "[[deny]]\nrrule = \"FREQ=MONTHLY;BYDAY=2TU\"\nstart = \"2026-01-13T{hour:02}:{minute:02}\"\nduration = \"2h\"\nzone = \"{zone}\""
            ),
            _ => format!(
                "[[deny]]\nfrom = \"2027-{:02}-{:02}\"\nuntil = \"2027-{:02}-{:02}\"\nzone = \"{zone}\"",
                number % 12 + 1,
                number % 27 + 1,
                number % 12 + 1,
                number % 27 + 2
            ),
        });
    }
    line("[[deny]]\nrrule = \"FREQ=DAILY;UNTIL=20281101T000000Z\"\nstart = \"2026-01-01\"\nzone = \"UTC\"".into());
    calendars(&mut policy);
    policy
}

/// The hours of the week, each denied by a line of its own until two years are over.
fn hours() -> String {
    let mut policy = String::new();
    for hour in 0..180 {
        let (day, hour) = (hour / 24 % 7 + 5, hour % 24);
        let rule = "FREQ=WEEKLY;UNTIL=20281101T000000Z";
        writeln!(
            policy,
            "[[deny]]\nrrule = \"{rule}\"\nstart = \"2026-01-{day:02}T{hour:02}:00\"\nduration = \"1h\"\nzone = \"Europe/Berlin\""
        )
        .expect("a string grows");
    }
    calendars(&mut policy);
    policy
}

/// Events of an hour or a day over three years; one in twenty comes each month.
fn calendar(count: usize, notes: &str) -> String {
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//\r\n");
    for number in 0..count {
        let (year, month, day, hour) = (2026 + number % 3, number / 3 % 12 + 1, number / 36 % 28 + 1, number % 23);
        let again = if number % 20 == 0 { "RRULE:FREQ=MONTHLY\r\n" } else { "" };
        let (note, line) = if notes.is_empty() {
            ("", "")
        } else {
            ("DESCRIPTION:What is done in it\\, and by whom\\; see the\r\n  runbook.\r\n", "LOCATION:Room 3\r\n")
        };
        write!(
            text,
            "BEGIN:VEVENT\r\nUID:{number}@bench\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:{year}{month:02}{day:02}T{hour:02}0000\r\n\
             DTEND;TZID=Europe/Berlin:{year}{month:02}{day:02}T{hour:02}3000\r\n{again}SUMMARY:Event number {number}\r\n{note}{line}END:VEVENT\r\n"
        )
        .expect("a string grows");
    }
    text + "END:VCALENDAR\r\n"
}

fn evidence() -> Box<RawValue> {
    let calendars: serde_json::Map<String, serde_json::Value> = (0..20)
        .map(|number| {
            (format!("{number}.ics"), json!({ "read": { "text": calendar(1_000, ""), "at": null, "instead": null } }))
        })
        .collect();
    to_raw_value(&json!({ "calendars": calendars })).expect("it is JSON")
}

fn settings(policy: &str) -> Box<dyn Asked> {
    let row = GATES.iter().find(|row| row.kind == "window").expect("there is such a gate");
    let table = toml::de::DeTable::parse(policy).expect("it is TOML");
    let value = toml::Spanned::new(table.span(), toml::de::DeValue::Table(table.into_inner()));
    (row.read)(toml::de::ValueDeserializer::from(value)).unwrap_or_else(|e| panic!("{e}"))
}

/// The user and system time of one run.
fn timed(run: impl FnOnce()) -> Duration {
    let before = own();
    run();
    own().saturating_sub(before)
}

fn own() -> Duration {
    let used = getrusage(UsageWho::RUSAGE_SELF).expect("the kernel tells");
    [used.user_time(), used.system_time()].map(duration).into_iter().sum()
}

fn duration(time: nix::sys::time::TimeVal) -> Duration {
    Duration::new(u64::try_from(time.tv_sec()).unwrap_or(0), u32::try_from(time.tv_usec()).unwrap_or(0) * 1000)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
