//! `predeploy window wait`: until a deployment may start, for a job that would else be started again and again.
//!
//! It looks at the clock before each answer and sleeps for half a minute at most, so that a machine that was asleep, or whose clock
//! was set, is not believed for longer. Calendars, labels and deployments are read again every five minutes. What cannot be read in
//! the beginning ends it: that is more likely a mistake than a moment's failure. Later it must be unreadable for a quarter of an hour;
//! nothing is open meanwhile.

use std::io::Write as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use predeploy_gates::{TimetableSpan, Verdict};

use super::answer::{Answer, Look};
use super::{look, text, words};
use crate::cli::{WaitArgs, WindowAsked};
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::run::live::stop_signal;

/// How long what was read is believed.
const REREAD: SignedDuration = SignedDuration::from_mins(5);
/// How long it may be unreadable, after it was readable.
const UNREADABLE: SignedDuration = SignedDuration::from_mins(15);
/// Longest sleep between two looks at the clock.
const LONGEST_SLEEP: SignedDuration = SignedDuration::from_secs(30);

pub(super) fn wait(args: &WaitArgs, environment: &Environment) -> Result<Verdict, Stop> {
    let mut clock = Machine::start()?;
    let mut gates = Gates { args: &args.asked, environment, look: None };
    let mut say = |text: &str| -> Result<(), Stop> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", line(text))?;
        Ok(out.flush()?)
    };
    // `--at` says what time it is when the waiting begins.
    clock.ahead = match args.asked.at {
        Some(_) => gates.read()?.duration_since(Timestamp::now()),
        None => SignedDuration::ZERO,
    };
    until_open(&mut clock, &mut gates, args.max.get(), &mut say)
}

/// The time, and a way to let it pass.
trait Clock {
    fn now(&self) -> Timestamp;
    /// Since the waiting began; it goes on evenly whatever the clock is set to.
    fn waited(&self) -> SignedDuration;
    /// Whether nobody wants it to end meanwhile.
    fn sleep(&mut self, length: SignedDuration) -> bool;
}

/// What is waited for.
trait Watched {
    /// Reads everything again; the instant of its clock reading.
    fn read(&mut self) -> Result<Timestamp, Stop>;
    /// What the gates say of an instant, by what was read last.
    fn see(&mut self, at: Timestamp) -> Result<Seen, Stop>;
    /// Says what is wrong.
    fn complain(&mut self, at: Timestamp) -> Result<(), Stop>;
}

/// What the gates say of one instant.
#[derive(Clone, Debug)]
struct Seen {
    verdict: Verdict,
    /// Everything could be read.
    complete: bool,
    next_fit: Option<Timestamp>,
    /// A later look may read something else.
    may_change: bool,
    /// One sentence.
    words: String,
}

fn until_open(
    clock: &mut dyn Clock,
    watched: &mut dyn Watched,
    max: SignedDuration,
    say: &mut dyn FnMut(&str) -> Result<(), Stop>,
) -> Result<Verdict, Stop> {
    let mut read: Option<SignedDuration> = None;
    let mut unreadable: Option<SignedDuration> = None;
    let mut begun = false;
    loop {
        let waited = clock.waited();
        if read.is_none_or(|read| waited - read >= REREAD) {
            watched.read()?;
            read = Some(waited);
        }
        let now = clock.now();
        let seen = watched.see(now)?;
        if !clock.sleep(SignedDuration::ZERO) {
            say("stopped while waiting")?;
            return Ok(Verdict::Unresolved);
        }
        let waited = clock.waited();
        let after = if begun { format!(", after {}", words::length(waited)) } else { String::new() };
        if seen.verdict == Verdict::Passed {
            say(&format!("{}{after}", seen.words))?;
            return Ok(Verdict::Passed);
        }
        let since = match seen.complete {
            true => None,
            false => Some(unreadable.unwrap_or(waited)),
        };
        if since.is_some() && unreadable.is_none() {
            watched.complain(now)?;
        }
        unreadable = since;
        let too_long = since.is_some_and(|since| !begun || waited - since >= UNREADABLE);
        // Waiting does not help.
        let hopeless = seen.complete && seen.verdict != Verdict::Pending;
        if too_long || hopeless {
            say(&format!("{}{after}", seen.words))?;
            return Ok(Verdict::Unresolved);
        }
        let left = max - waited;
        let in_time = seen.next_fit.is_some_and(|next| next.duration_since(now) <= left);
        if left <= SignedDuration::ZERO {
            say(&format!("{}: not waiting any longer{after}", seen.words))?;
            return Ok(if seen.complete { Verdict::Pending } else { Verdict::Unresolved });
        }
        if !in_time && !seen.may_change {
            say(&format!("{}: not waiting, since that is not within {}", seen.words, words::length(max)))?;
            return Ok(Verdict::Pending);
        }
        if !begun {
            say(&format!("waiting for at most {}: {}", words::length(max), seen.words))?;
            begun = true;
        }
        let to_opening = seen.next_fit.map(|next| next.duration_since(now)).filter(|d| *d > SignedDuration::ZERO);
        let to_reading = REREAD - (waited - read.unwrap_or(waited));
        let sleep = [Some(LONGEST_SLEEP), Some(left), Some(to_reading), to_opening].into_iter().flatten().min();
        // Never not at all: something else than the clock may hold it.
        clock.sleep(sleep.unwrap_or(LONGEST_SLEEP).max(SignedDuration::from_millis(1)));
    }
}

/// The clocks of this machine, and the signals that end a run.
struct Machine {
    began: Instant,
    /// What is added to the time of the machine.
    ahead: SignedDuration,
    stops: Receiver<()>,
    stopped: bool,
}

impl Machine {
    fn start() -> Result<Self, Stop> {
        let (stop, stops) = channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || {
            runtime.block_on(stop_signal());
            // Nobody listens any more where the answer was there first.
            let _ = stop.send(());
        });
        Ok(Self { began: Instant::now(), ahead: SignedDuration::ZERO, stops, stopped: false })
    }
}

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::now().checked_add(self.ahead).unwrap_or(Timestamp::MAX)
    }

    fn waited(&self) -> SignedDuration {
        SignedDuration::try_from(self.began.elapsed()).unwrap_or(SignedDuration::MAX)
    }

    fn sleep(&mut self, length: SignedDuration) -> bool {
        match self.stops.recv_timeout(length.unsigned_abs()) {
            Ok(()) => self.stopped = true,
            Err(RecvTimeoutError::Timeout) => {}
            // The thread that listens ended without a word: time passes all the same.
            Err(RecvTimeoutError::Disconnected) if !self.stopped => std::thread::sleep(length.unsigned_abs()),
            Err(RecvTimeoutError::Disconnected) => {}
        }
        !self.stopped
    }
}

/// The window gates of the policy.
struct Gates<'a> {
    args: &'a WindowAsked,
    environment: &'a Environment,
    look: Option<Look>,
}

impl Gates<'_> {
    fn answered<T>(&mut self, at: Timestamp, then: impl FnOnce(&Answer<'_>) -> T) -> Result<Option<T>, Stop> {
        let rollout = self.args.rollout.map(|length| length.get());
        let Some(look) = &mut self.look else { return Ok(None) };
        let answer = look.answer(at, TimetableSpan { rollout, from: at, until: at })?;
        Ok(Some(then(&answer)))
    }
}

impl Watched for Gates<'_> {
    fn read(&mut self) -> Result<Timestamp, Stop> {
        let look = look(self.args, self.environment)?;
        let at = look.at();
        self.look = Some(look);
        Ok(at)
    }

    fn see(&mut self, at: Timestamp) -> Result<Seen, Stop> {
        let seen = self.answered(at, |answer| Seen {
            verdict: answer.verdict,
            complete: answer.complete(),
            next_fit: answer.next_fit(),
            may_change: answer.may_change(),
            words: text::sentence(answer),
        })?;
        Ok(seen.unwrap_or_else(|| Seen {
            verdict: Verdict::Unresolved,
            complete: false,
            next_fit: None,
            may_change: true,
            words: "nothing was read".into(),
        }))
    }

    fn complain(&mut self, at: Timestamp) -> Result<(), Stop> {
        self.answered(at, text::problems).map(|_| ())
    }
}

#[cfg(test)]
mod tests;
