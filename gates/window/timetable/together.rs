//! Several window gates: it is open where all of them are.

use jiff::Timestamp;

use super::{Stretch, Timetable};

/// The timetables of several gates at one instant.
#[derive(Clone, Copy)]
pub struct Together<'a>(pub &'a [Timetable]);

impl Together<'_> {
    pub fn open(&self) -> bool {
        self.0.iter().all(|one| one.open)
    }

    pub fn fits(&self) -> bool {
        self.0.iter().all(|one| one.fits)
    }

    /// Whether everything could be read.
    pub fn complete(&self) -> bool {
        self.0.iter().all(|one| one.problems.is_empty())
    }

    /// The next opening and the next closing, one after the other: first the one that changes what holds now.
    pub fn next(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        if !self.complete() {
            return (None, None);
        }
        let Some(at) = self.0.first().map(|one| one.at) else { return (None, None) };
        if self.open() {
            let closing = self.closing(at);
            (closing.and_then(|closing| self.opening(closing)), closing)
        } else {
            let opening = self.opening(at);
            (opening, opening.and_then(|opening| self.closing(opening)))
        }
    }

    /// When a deployment may start that is done before any of them closes. Nothing within two years.
    pub fn next_fit(&self) -> Option<Timestamp> {
        // Each must know a time by itself: it counts announcements in, which the schedules do not know.
        let first: Option<Vec<Timestamp>> = self.0.iter().map(|one| one.next_fit).collect();
        self.agreed(first?.into_iter().max()?, |one, at| one.schedule.ready(at, one.needs))
    }

    fn opening(&self, from: Timestamp) -> Option<Timestamp> {
        self.agreed(from, |one, at| one.schedule.next_opening(at))
    }

    fn closing(&self, from: Timestamp) -> Option<Timestamp> {
        self.0.iter().filter_map(|one| one.schedule.next_closing(from)).min()
    }

    /// The first instant that suits each: `next` tells, for one, the first from an instant on.
    fn agreed(&self, from: Timestamp, next: impl Fn(&Timetable, Timestamp) -> Option<Timestamp>) -> Option<Timestamp> {
        let mut at = from;
        loop {
            let all: Option<Vec<Timestamp>> = self.0.iter().map(|one| next(one, at)).collect();
            let latest = all?.into_iter().max()?;
            if latest == at {
                return Some(at);
            }
            at = latest;
        }
    }

    /// Open and closed in turn. Each time has the reasons of all that are so then; `names` tells whose they are.
    pub fn spans(&self, names: &[&str]) -> Vec<Stretch> {
        if let [one] = self.0 {
            return one.spans.clone();
        }
        let mut bounds: Vec<Timestamp> =
            self.0.iter().flat_map(|one| &one.spans).flat_map(|span| [span.start, span.end]).collect();
        bounds.sort_unstable();
        bounds.dedup();
        let mut next = vec![0; self.0.len()];
        let mut together: Vec<Stretch> = Vec::new();
        for bound in bounds.windows(2) {
            let (start, end) = (bound[0], bound[1]);
            let mut open = true;
            let mut reasons: Vec<(bool, String)> = Vec::new();
            for (index, one) in self.0.iter().enumerate() {
                while one.spans.get(next[index]).is_some_and(|span| span.end <= start) {
                    next[index] += 1;
                }
                // What one does not tell of is not open.
                let span = one.spans.get(next[index]).filter(|span| span.start <= start);
                open &= span.is_some_and(|span| span.open);
                let name = names.get(index).copied().unwrap_or_default();
                reasons.extend(
                    span.into_iter().flat_map(|span| span.why.iter().map(|why| (span.open, format!("{name}: {why}")))),
                );
            }
            let why = reasons.into_iter().filter(|(of_open, _)| *of_open == open).map(|(_, why)| why);
            match together.last_mut() {
                Some(last) if last.open == open && last.end == start => {
                    last.end = end;
                    for one in why {
                        if !last.why.contains(&one) {
                            last.why.push(one);
                        }
                    }
                }
                _ => together.push(Stretch { start, end, open, why: why.collect() }),
            }
        }
        together
    }
}
