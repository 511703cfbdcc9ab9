//! The instances of a recurrence rule, on the clock on the wall.
//!
//! RFC 5545, 3.3.10: a period (a year, a month, …) is expanded to the days that the rule keeps and those to times; `BYSETPOS` chooses
//! among them. A period is reached by arithmetic and never by way of those before it.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, Weekday};

use super::rule::{Frequency, Rule};

/// How long a rule with `COUNT` may take to come to its end.
const YEARS: i64 = 250;

/// A rule with its start. Instances before the start or after the end are none.
#[derive(Clone, Debug)]
pub(crate) struct Instances {
    /// With what RFC 5545 takes from the start where the rule is silent.
    rule: Rule,
    start: DateTime,
    end: DateTime,
    /// The times of an instance's day, where the period is not shorter than a day.
    times: Vec<Time>,
}

impl Instances {
    /// The instances from a start on, up to and including `until`. `steps` are the days that may be looked at to find where a `COUNT`
    /// ends; those that were are taken off. It is not looked for where that is later than `known`.
    ///
    /// # Errors
    /// A sentence: its `COUNT` is not reached within 250 years, or not within the steps.
    pub(crate) fn new(
        mut rule: Rule,
        start: DateTime,
        until: Option<DateTime>,
        known: DateTime,
        steps: &mut u64,
    ) -> Result<Self, String> {
        take_from_start(&mut rule, start);
        let times = if rule.frequency < Frequency::Hourly { times(&rule) } else { vec![] };
        let mut all = Self { rule, start, end: until.unwrap_or(DateTime::MAX), times };
        if let Some(count) = all.rule.count {
            all.end = all.nth(count, known, steps)?;
        }
        Ok(all)
    }

    /// The last of so many instances; the end of time where that is certainly later than `known`.
    fn nth(&self, count: u32, known: DateTime, steps: &mut u64) -> Result<DateTime, String> {
        let a_day = self.a_day();
        let days = i64::from(count) / i64::try_from(a_day).unwrap_or(1).max(1);
        if self.start.checked_add(days.min(7_000_000).days()).is_ok_and(|earliest| earliest > known) {
            return Ok(DateTime::MAX);
        }
        let last = self.start.saturating_add(YEARS.years()).date();
        let mut left = usize::try_from(count).unwrap_or(usize::MAX);
        for date in (0..).map_while(|period| self.beginning(period)).take_while(|date| *date <= last) {
            let days: u64 = match self.rule.frequency {
                Frequency::Yearly => 366,
                Frequency::Monthly => 31,
                Frequency::Weekly => 7,
                _ => 1,
            };
            *steps = steps
                .checked_sub(days.max(a_day))
                .ok_or("more days than the limit `steps` of 4,000,000 would have to be looked at")?;
            let found: Vec<DateTime> = self.expand(date).into_iter().filter(|time| *time >= self.start).collect();
            match left.checked_sub(1).and_then(|nth| found.get(nth)) {
                Some(end) => return Ok(*end),
                None => left -= found.len(),
            }
        }
        Err(format!("`COUNT={count}` is not reached within {YEARS} years; leave it out, or give the dates"))
    }

    /// Whether none comes from a local time on.
    pub(crate) fn end_before(&self, local: DateTime) -> bool {
        self.end < local
    }

    /// Not fewer than the instances of any day.
    pub(crate) fn a_day(&self) -> u64 {
        let rule = &self.rule;
        let of = |list: &[i16], all: usize| if list.is_empty() { all } else { list.len() };
        let instances = match rule.frequency {
            Frequency::Hourly => of(&rule.by_hour, 24) * of(&rule.by_minute, 1) * of(&rule.by_second, 1),
            Frequency::Minutely | Frequency::Secondly => 86_400,
            _ => self.times.len(),
        };
        u64::try_from(instances).unwrap_or(u64::MAX)
    }

    /// Whether the start is an instance by the rule itself.
    pub(crate) fn begin_with_start(&self) -> bool {
        self.between(self.start, self.start).next().is_some()
    }

    /// Those between two local times, both included, rising.
    pub(crate) fn between(&self, first: DateTime, last: DateTime) -> impl Iterator<Item = DateTime> {
        let (first, last) = (first.max(self.start), last.min(self.end));
        (self.period_of(first.date())..)
            .map_while(|period| self.beginning(period))
            .take_while(move |date| *date <= last.date())
            .flat_map(|date| self.expand(date))
            .skip_while(move |time| *time < first)
            .take_while(move |time| *time <= last)
    }

    /// The number of the period that holds a date, or of the last one before it that counts.
    fn period_of(&self, date: Date) -> i64 {
        let (start, interval) = (self.start.date(), i64::from(self.rule.interval));
        let months = |d: Date| i64::from(d.year()) * 12 + i64::from(d.month());
        let passed = match self.rule.frequency {
            Frequency::Yearly => i64::from(date.year()) - i64::from(start.year()),
            Frequency::Monthly => months(date) - months(start),
            Frequency::Weekly => days_between(self.week(start), self.week(date)) / 7,
            Frequency::Daily => days_between(start, date),
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => return days_between(start, date),
        };
        passed.max(0) / interval
    }

    /// The first date of a period. None past the end of time.
    fn beginning(&self, period: i64) -> Option<Date> {
        let start = self.start.date();
        let passed = period.checked_mul(i64::from(self.rule.interval))?;
        match self.rule.frequency {
            Frequency::Yearly => start.first_of_year().checked_add(span(passed, 19_998)?.years()).ok(),
            Frequency::Monthly => start.first_of_month().checked_add(span(passed, 239_976)?.months()).ok(),
            Frequency::Weekly => self.week(start).checked_add(span(passed, 1_043_497)?.weeks()).ok(),
            Frequency::Daily => start.checked_add(span(passed, 7_304_484)?.days()).ok(),
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                start.checked_add(span(period, 7_304_484)?.days()).ok()
            }
        }
    }

    /// The first day of a date's week.
    fn week(&self, date: Date) -> Date {
        date.saturating_sub(i64::from(self.rule.week_start.until(date.weekday())).days())
    }

    /// The instances of the period that begins with a date.
    fn expand(&self, beginning: Date) -> Vec<DateTime> {
        let days = match self.rule.frequency {
            Frequency::Yearly => i64::from(beginning.days_in_year()),
            Frequency::Monthly => i64::from(beginning.days_in_month()),
            Frequency::Weekly => 7,
            Frequency::Daily => 1,
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => return self.within(beginning),
        };
        let dates = (0..days).filter_map(|day| beginning.checked_add(day.days()).ok()).filter(|date| self.keeps(*date));
        let all: Vec<DateTime> =
            dates.flat_map(|date| self.times.iter().map(move |time| date.to_datetime(*time))).collect();
        self.chosen(all)
    }

    /// Those of one day, of a rule whose periods are shorter than that.
    fn within(&self, date: Date) -> Vec<DateTime> {
        if !self.keeps(date) {
            return vec![];
        }
        let rule = &self.rule;
        let passed = days_between(self.start.date(), date);
        let (unit, first) = match rule.frequency {
            Frequency::Hourly => (3600, i64::from(self.start.hour())),
            Frequency::Minutely => (60, i64::from(self.start.hour()) * 60 + i64::from(self.start.minute())),
            _ => (1, second_of_day(self.start)),
        };
        let periods = 86_400 / unit;
        let counts = |period: &i64| (passed * periods + period - first).rem_euclid(i64::from(rule.interval)) == 0;
        let second = |list: &[i16], number: i64| list.is_empty() || list.iter().any(|n| i64::from(*n) == number);
        let mut all = Vec::new();
        for period in (0..periods).filter(counts) {
            let (hour, minute) = (period * unit / 3600, period * unit / 60 % 60);
            if !second(&rule.by_hour, hour) || unit < 3600 && !second(&rule.by_minute, minute) {
                continue;
            }
            let minutes = if unit == 3600 { rule.by_minute.clone() } else { vec![minute as i16] };
            let seconds = match unit {
                1 if !second(&rule.by_second, period % 60) => continue,
                1 => vec![(period % 60) as i16],
                _ => rule.by_second.clone(),
            };
            all.extend(
                self.chosen(product(&[hour as i16], &minutes, &seconds).map(|time| date.to_datetime(time)).collect()),
            );
        }
        all
    }

    /// What `BYSETPOS` chooses of a period.
    fn chosen(&self, all: Vec<DateTime>) -> Vec<DateTime> {
        if self.rule.by_set_pos.is_empty() {
            return all;
        }
        let count = all.len() as i64;
        let place = |pos: &i16| if *pos > 0 { i64::from(*pos) - 1 } else { count + i64::from(*pos) };
        let mut places: Vec<usize> =
            self.rule.by_set_pos.iter().filter_map(|pos| usize::try_from(place(pos)).ok()).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| all.get(place).copied()).collect()
    }

    /// Whether the rule keeps a day.
    fn keeps(&self, date: Date) -> bool {
        let rule = &self.rule;
        let (day, month_days) = (i16::from(date.day()), i16::from(date.days_in_month()));
        let (year_day, year_days) = (date.day_of_year(), date.days_in_year());
        let has = |list: &[i16], number: i16, of: i16| {
            list.is_empty() || list.contains(&number) || list.contains(&(number - of - 1))
        };
        let nth_of_month = rule.frequency == Frequency::Monthly || !rule.by_month.is_empty();
        let (number, of) = if nth_of_month { (day, month_days) } else { (year_day, year_days) };
        let nth = |nth: i16| nth == 0 || nth == (number - 1) / 7 + 1 || nth == -((of - number) / 7 + 1);
        let on_day = |(which, weekday): &(i16, Weekday)| *weekday == date.weekday() && nth(*which);
        (rule.by_month.is_empty() || rule.by_month.contains(&i16::from(date.month())))
            && has(&rule.by_month_day, day, month_days)
            && has(&rule.by_year_day, year_day, year_days)
            && (rule.by_day.is_empty() || rule.by_day.iter().any(on_day))
            && (rule.by_week_no.is_empty() || self.in_week(date))
    }

    /// Whether a date's week has one of the numbers: a week is of the year that holds at least four of its days.
    fn in_week(&self, date: Date) -> bool {
        let middle = |date: Date| self.week(date).saturating_add(3.days());
        let number = |middle: Date| (middle.day_of_year() - 1) / 7 + 1;
        let middle_day = middle(date);
        let Ok(late) = Date::new(middle_day.year(), 12, 28) else { return false };
        let (week, weeks) = (number(middle_day), number(middle(late)));
        self.rule.by_week_no.iter().any(|n| *n == week || *n == week - weeks - 1)
    }
}

/// What a silent rule takes from its start: RFC 5545, 3.3.10.
fn take_from_start(rule: &mut Rule, start: DateTime) {
    let of_days = [&rule.by_week_no, &rule.by_year_day, &rule.by_month_day];
    if of_days.iter().all(|list| list.is_empty()) && rule.by_day.is_empty() {
        match rule.frequency {
            Frequency::Yearly => {
                if rule.by_month.is_empty() {
                    rule.by_month = vec![i16::from(start.month())];
                }
                rule.by_month_day = vec![i16::from(start.day())];
            }
            Frequency::Monthly => rule.by_month_day = vec![i16::from(start.day())],
            Frequency::Weekly => rule.by_day = vec![(0, start.weekday())],
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {}
        }
    }
    let times = [
        (&mut rule.by_hour, start.hour(), Frequency::Hourly),
        (&mut rule.by_minute, start.minute(), Frequency::Minutely),
        (&mut rule.by_second, start.second(), Frequency::Secondly),
    ];
    for (list, number, unit) in times {
        if list.is_empty() && rule.frequency < unit {
            *list = vec![i16::from(number)];
        }
        list.sort_unstable();
        list.dedup();
    }
}

fn times(rule: &Rule) -> Vec<Time> {
    product(&rule.by_hour, &rule.by_minute, &rule.by_second).collect()
}

/// The times of sorted lists, rising.
fn product(hours: &[i16], minutes: &[i16], seconds: &[i16]) -> impl Iterator<Item = Time> {
    let all =
        hours.iter().flat_map(move |h| minutes.iter().flat_map(move |m| seconds.iter().map(move |s| (*h, *m, *s))));
    all.filter_map(|(h, m, s)| Time::new(h as i8, m as i8, s as i8, 0).ok())
}

fn second_of_day(time: DateTime) -> i64 {
    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}

/// Not negative: `last` is not before `first` where this is asked.
fn days_between(first: Date, last: Date) -> i64 {
    first.until(last).map_or(0, |span| i64::from(span.get_days()))
}

/// A number that jiff takes as a span of a unit.
fn span(passed: i64, most: i64) -> Option<i64> {
    (passed <= most).then_some(passed)
}
