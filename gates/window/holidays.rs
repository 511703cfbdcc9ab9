//! Public holidays by country and part of a country: a table that PyPI `holidays` (MIT) wrote, with its version.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::policy::Around;

/// Written by `generate.py`, which says what its lines are.
const TABLE: &str = include_str!("holidays/data.txt");

/// Days without deployments, each with what it is.
#[derive(Clone, Debug)]
pub(crate) struct Holidays {
    pub(crate) days: BTreeMap<Date, String>,
    /// The first date that is known: before it the table says nothing.
    pub(crate) from: Date,
    /// The first date after it that is not known.
    pub(crate) until: Date,
}

/// What the table is of.
struct Edition {
    /// Of PyPI `holidays`.
    version: &'static str,
    first: i16,
    last: i16,
}

fn edition() -> Edition {
    let line = TABLE.lines().find_map(|line| line.strip_prefix("= ")).unwrap_or_default();
    let mut words = line.split(' ');
    let version = words.next().unwrap_or_default();
    let mut year = || words.next().and_then(|year| year.parse().ok()).unwrap_or_default();
    Edition { version, first: year(), last: year() }
}

/// The holidays of a country or a part of one, as the table has them.
struct Place {
    days: BTreeMap<Date, String>,
    weekend: Vec<Weekday>,
}

impl Holidays {
    /// The holidays of some places, and the days around them.
    ///
    /// # Errors
    /// A sentence about each code that the table does not have.
    pub(crate) fn of<'a>(codes: impl Iterator<Item = &'a str>, around: &[Around]) -> Result<Self, Vec<String>> {
        let mut all = BTreeMap::new();
        let mut unknown = Vec::new();
        for code in codes {
            match place(code) {
                Ok(place) => all.extend(place.with(around)),
                Err(wrong) => unknown.push(wrong),
            }
        }
        // What lies beside a day that is not known is not known either.
        let has = |kinds: &[Around]| i64::from(around.iter().any(|kind| kinds.contains(kind)));
        let from = Date::new(edition().first, 1, 1).unwrap_or(Date::MIN);
        let from = from.saturating_add(has(&[Around::DayAfter]).days());
        let until = Date::new(edition().last + 1, 1, 1).unwrap_or(Date::MAX);
        let until = until.saturating_sub(has(&[Around::DayBefore, Around::Bridge]).days());
        if unknown.is_empty() { Ok(Self { days: all, from, until }) } else { Err(unknown) }
    }

    /// What a day is: a holiday, or one of which nothing is known.
    pub(crate) fn on(&self, day: Date) -> Option<String> {
        let Edition { version, first, last } = edition();
        let unknown =
            |when: String| format!("the holidays {when} are not known to this version (table of `holidays` {version})");
        let before = (day < self.from).then(|| unknown(format!("before {first}")));
        let after = (day >= self.until).then(|| unknown(format!("after {last}")));
        self.days.get(&day).cloned().or(before).or(after)
    }
}

impl Place {
    fn with(self, around: &[Around]) -> BTreeMap<Date, String> {
        let off = |date: Date| self.weekend.contains(&date.weekday()) || self.days.contains_key(&date);
        let mut all = self.days.clone();
        let mut add = |date: Date, what: String| {
            all.entry(date).or_insert(what);
        };
        for (date, name) in &self.days {
            let (Ok(before), Ok(after)) = (date.yesterday(), date.tomorrow()) else { continue };
            for kind in around {
                match kind {
                    Around::DayBefore => add(before, format!("the day before {name}")),
                    Around::DayAfter => add(after, format!("the day after {name}")),
                    Around::Bridge => {
                        let single = |day: Date, next: Date| !off(day) && off(next);
                        let (earlier, later) = (before.saturating_sub(1.day()), after.saturating_add(1.day()));
                        for day in [(before, earlier), (after, later)]
                            .into_iter()
                            .filter(|(d, n)| single(*d, *n))
                            .map(|(d, _)| d)
                        {
                            add(day, format!("a single working day beside {name}"));
                        }
                    }
                }
            }
        }
        all
    }
}

/// The lines of a place, after the one that names it, and that line.
fn section(code: &str) -> Option<(&'static str, impl Iterator<Item = &'static str>)> {
    let mut lines = TABLE.lines();
    let named = lines
        .by_ref()
        .filter_map(|line| line.strip_prefix('@'))
        .find(|head| head.split(' ').next().is_some_and(|name| name.eq_ignore_ascii_case(code)))?;
    Some((named, lines.take_while(|line| !line.starts_with('@'))))
}

fn place(code: &str) -> Result<Place, String> {
    let code = code.trim();
    let country = code.split_once('-').map_or(code, |(country, _)| country);
    let unknown = || match section(country) {
        Some(_) => {
            let prefix = format!("@{}-", country.to_ascii_uppercase());
            let parts: Vec<&str> =
                TABLE.lines().filter(|l| l.starts_with(&prefix)).filter_map(|l| l[1..].split(' ').next()).collect();
            match parts.is_empty() {
                true => format!("`{code}`: no part of {country} is known; name the country"),
                false => format!("`{code}` is not a part of {country} that is known: one of {}", parts.join(", ")),
            }
        }
        None => {
            format!("`{code}` is not a country by its ISO 3166 code, such as `DE`, or a part of one, such as `DE-BE`")
        }
    };
    let (head, lines) = section(country).ok_or_else(unknown)?;
    let mut days = BTreeMap::new();
    read(lines, &mut days);
    let mut head = head;
    if code.len() > country.len() {
        let (own, lines) = section(code).ok_or_else(unknown)?;
        for lost in own.split(' ').filter_map(|word| word.strip_prefix('-')?.parse::<Date>().ok()) {
            days.remove(&lost);
        }
        read(lines, &mut days);
        head = own;
    }
    let weekend = head.split(' ').find_map(|word| word.strip_prefix('~')).unwrap_or("56");
    let weekday = |digit: char| Weekday::from_monday_zero_offset(i8::try_from(digit.to_digit(10)?).ok()?).ok();
    Ok(Place { days, weekend: weekend.chars().filter_map(weekday).collect() })
}

/// A name after the dates or the day of each year.
fn read(lines: impl Iterator<Item = &'static str>, days: &mut BTreeMap<Date, String>) {
    let Edition { first, last, .. } = edition();
    for line in lines {
        let mut rest = line;
        let mut dates = Vec::new();
        while let Some((word, after)) = rest.split_once(' ') {
            let yearly = |year: i16| format!("{year:04}-{word}").parse::<Date>();
            if let (10, Ok(date)) = (word.len(), word.parse()) {
                dates.push(date);
            } else if word.len() == 5 && yearly(first).is_ok() {
                dates.extend((first..=last).filter_map(|year| yearly(year).ok()));
            } else {
                break;
            }
            rest = after;
        }
        for date in dates {
            days.entry(date).or_insert_with(|| rest.to_owned());
        }
    }
}
