//! Waiting, by a clock that stands still until somebody sleeps.

use super::*;

/// What can be read from some minute on.
#[derive(Clone)]
enum State {
    /// It opens so many minutes after the beginning.
    Opens(i64),
    Unreadable,
    Never,
}

struct Fake {
    waited: SignedDuration,
    /// When somebody wants it to end.
    stop_at: Option<SignedDuration>,
    sleeps: usize,
}

impl Clock for Fake {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.waited
    }
    fn waited(&self) -> SignedDuration {
        self.waited
    }
    fn sleep(&mut self, length: SignedDuration) -> bool {
        self.sleeps += usize::from(!length.is_zero());
        self.waited += length;
        self.stop_at.is_none_or(|stop| self.waited < stop)
    }
}

/// States by the minute from which on they are read.
struct Script {
    states: Vec<(i64, State)>,
    may_change: bool,
    /// The reads and complaints, by minute.
    reads: Vec<i64>,
    complaints: usize,
    now: Option<State>,
    clock: std::rc::Rc<std::cell::Cell<i64>>,
}

/// A clock whose minutes the script knows.
struct Shared {
    fake: Fake,
    minutes: std::rc::Rc<std::cell::Cell<i64>>,
}

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.fake.now()
    }
    fn waited(&self) -> SignedDuration {
        self.fake.waited()
    }
    fn sleep(&mut self, length: SignedDuration) -> bool {
        let goes_on = self.fake.sleep(length);
        self.minutes.set(self.fake.waited.as_mins());
        goes_on
    }
}

impl Watched for Script {
    fn read(&mut self) -> Result<Timestamp, Stop> {
        let minute = self.clock.get();
        self.reads.push(minute);
        self.now = self.states.iter().rev().find(|(from, _)| *from <= minute).map(|(_, state)| state.clone());
        Ok(Timestamp::UNIX_EPOCH)
    }
    fn see(&mut self, at: Timestamp) -> Result<Seen, Stop> {
        let seen = |verdict, complete, next_fit, words: &str| Seen {
            verdict,
            complete,
            next_fit,
            may_change: self.may_change,
            words: words.into(),
        };
        Ok(match self.now.clone().unwrap() {
            State::Opens(minute) => {
                let opening = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute);
                let verdict = if at >= opening { Verdict::Passed } else { Verdict::Pending };
                seen(verdict, true, Some(opening.max(at)), if at >= opening { "open" } else { "closed" })
            }
            State::Unreadable => seen(Verdict::Unresolved, false, None, "unknown"),
            State::Never => seen(Verdict::Unresolved, true, None, "never"),
        })
    }
    fn complain(&mut self, _: Timestamp) -> Result<(), Stop> {
        self.complaints += 1;
        Ok(())
    }
}

/// The verdict, what was said, the minutes of the reads, how often it complained, and how long it took.
fn waits(
    states: &[(i64, State)],
    may_change: bool,
    max: i64,
    stop_at: Option<i64>,
) -> (Verdict, Vec<String>, Vec<i64>, usize, SignedDuration) {
    let minutes = std::rc::Rc::new(std::cell::Cell::new(0));
    let stop_at = stop_at.map(SignedDuration::from_mins);
    let fake = Fake { waited: SignedDuration::ZERO, stop_at, sleeps: 0 };
    let mut clock = Shared { fake, minutes: minutes.clone() };
    let mut script =
        Script { states: states.to_vec(), may_change, reads: vec![], complaints: 0, now: None, clock: minutes };
    let mut said = vec![];
    let mut say = |text: &str| {
        said.push(text.to_owned());
        Ok(())
    };
    let verdict = until_open(&mut clock, &mut script, SignedDuration::from_mins(max), &mut say).unwrap();
    assert!(clock.fake.sleeps < 10_000);
    (verdict, said, script.reads, script.complaints, clock.fake.waited)
}

#[test]
fn one_that_is_open_does_not_wait() {
    let (verdict, said, reads, _, waited) = waits(&[(0, State::Opens(0))], true, 120, None);
    assert_eq!((verdict, said, reads, waited), (Verdict::Passed, vec!["open".into()], vec![0], SignedDuration::ZERO));
}

#[test]
fn it_ends_at_the_opening_to_the_second_and_reads_every_five_minutes() {
    let (verdict, said, reads, _, waited) = waits(&[(0, State::Opens(17))], true, 120, None);
    assert_eq!(verdict, Verdict::Passed);
    assert_eq!(said, ["waiting for at most 2h: closed", "open, after 17m"]);
    assert_eq!((reads, waited), (vec![0, 5, 10, 15], SignedDuration::from_mins(17)));
}

#[test]
fn a_freeze_that_is_lifted_meanwhile_is_seen() {
    let states = [(0, State::Opens(600)), (12, State::Opens(0))];
    let (verdict, said, _, _, waited) = waits(&states, true, 120, None);
    assert_eq!((verdict, waited), (Verdict::Passed, SignedDuration::from_mins(15)), "{said:?}");
    // And one that comes holds it.
    let states = [(0, State::Opens(8)), (3, State::Opens(600))];
    assert_eq!(waits(&states, true, 30, None).0, Verdict::Pending);
}

#[test]
fn its_time_is_over() {
    let (verdict, said, _, _, waited) = waits(&[(0, State::Opens(600))], true, 30, None);
    assert_eq!((verdict, waited), (Verdict::Pending, SignedDuration::from_mins(30)));
    assert_eq!(said, ["waiting for at most 30m: closed", "closed: not waiting any longer, after 30m"]);
}

#[test]
fn what_cannot_change_is_not_waited_for_in_vain() {
    let (verdict, said, _, _, waited) = waits(&[(0, State::Opens(600))], false, 30, None);
    assert_eq!((verdict, waited), (Verdict::Pending, SignedDuration::ZERO));
    assert_eq!(said, ["closed: not waiting, since that is not within 30m"]);
    // The last moment is in time.
    assert_eq!(waits(&[(0, State::Opens(30))], false, 30, None).0, Verdict::Passed);
}

#[test]
fn what_cannot_be_read_in_the_beginning_ends_it_at_once() {
    let (verdict, said, reads, complaints, waited) = waits(&[(0, State::Unreadable)], true, 120, None);
    assert_eq!((verdict, complaints, waited), (Verdict::Unresolved, 1, SignedDuration::ZERO));
    assert_eq!((said, reads), (vec!["unknown".into()], vec![0]));
    assert_eq!(waits(&[(0, State::Never)], true, 120, None).0, Verdict::Unresolved);
}

#[test]
fn later_it_must_be_unreadable_for_a_quarter_of_an_hour_and_is_never_open_meanwhile() {
    let states = [(0, State::Opens(7)), (4, State::Unreadable), (16, State::Opens(0))];
    let (verdict, said, reads, complaints, waited) = waits(&states, true, 120, None);
    assert_eq!((verdict, waited, complaints), (Verdict::Passed, SignedDuration::from_mins(20), 1));
    assert_eq!((said.len(), reads), (2, vec![0, 5, 10, 15, 20]));
    let states = [(0, State::Opens(7)), (4, State::Unreadable)];
    let (verdict, said, _, complaints, waited) = waits(&states, true, 120, None);
    assert_eq!((verdict, waited, complaints), (Verdict::Unresolved, SignedDuration::from_mins(20), 1));
    assert_eq!(said[1], "unknown, after 20m");
    // Its time is over while nothing can be read.
    assert_eq!(waits(&states, true, 10, None).0, Verdict::Unresolved);
}

#[test]
fn it_stops_when_somebody_wants_it_to() {
    let (verdict, said, _, _, waited) = waits(&[(0, State::Opens(600))], true, 1200, Some(3));
    assert_eq!((verdict, waited), (Verdict::Unresolved, SignedDuration::from_mins(3)));
    assert_eq!(said[1], "stopped while waiting");
}
