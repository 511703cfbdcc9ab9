//! Which overrides count, and why the others do not: pure, over what was collected.

use jiff::{SignedDuration, Timestamp};
use predeploy_gates::{Change, Direction, Failure, Finding, Severity};

use super::said::{Said, quotes, said};
use super::{Confirmation, Contributors, Evidence, Override, Statement, allowed, week};
use crate::change::range::short;
use crate::config::{Instance, Overdue, OverrideSettings, Policy};
use crate::rules;
use crate::services::marker;

/// Overrides are counted over this time.
pub(super) const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What there is to overrides.
#[derive(Default)]
pub(crate) struct Decided {
    /// Those that count, oldest first.
    pub(crate) overrides: Vec<Override>,
    pub(crate) notes: Vec<Finding>,
}

/// Decides by the policy, as of one reading of the clock.
pub(crate) fn decide(evidence: &Evidence, policy: &Policy, change: &Change, at: Timestamp) -> Decided {
    let settings = &policy.house.break_glass;
    let mut decided = Decided::default();
    decided.notes.extend(overdue(evidence, settings, change, at));
    let statements = match &evidence.statements {
        Some(Ok(statements)) => statements.as_slice(),
        // Without an answer there is no override, which is the strictest.
        Some(Err(failure)) => {
            decided
                .notes
                .push(rules::failed(&rules::OVERRIDE_NOT_CHECKED, failure.clone()).severity(Severity::Warning));
            &[]
        }
        None => &[],
    };
    let mut in_order: Vec<&Statement> = statements.iter().collect();
    in_order.sort_by_key(|statement| statement.at);
    let case = Case { evidence, settings, policy, change, at };
    for statement in &in_order {
        for line in said(&statement.text) {
            let Said::Override { gates, environment, reason } = line else { continue };
            let line = Line { gates: &gates, environment: environment.as_deref(), reason: &reason };
            let what = || {
                let who = statement.by.as_ref().map_or("somebody", |person| &person.login);
                format!("the override of {} by {who} does not count", list(&gates))
            };
            let about = |finding: Finding| match &statement.url {
                Some(url) => finding.at_url(url.clone()),
                None => finding,
            };
            match case.examine(statement, line, &in_order, decided.overrides.len()) {
                Ok(found) => decided.overrides.push(found),
                Err(Refusal::Elsewhere(why)) => decided.notes.push(about(
                    Finding::new(&rules::OVERRIDE_REFUSED, format!("{}: {why}", what())).severity(Severity::Note),
                )),
                Err(Refusal::No(why, help)) => decided
                    .notes
                    .push(about(Finding::new(&rules::OVERRIDE_REFUSED, format!("{}: {why}", what())).help(help))),
                Err(Refusal::Unknown(failure)) => {
                    let mut finding = Finding::new(&rules::OVERRIDE_NOT_CHECKED, format!("{}: {failure}", what()));
                    finding.help = failure.help;
                    decided.notes.push(about(finding));
                }
            }
        }
    }
    decided.notes = once(decided.notes);
    decided
}

/// What one failure means is told once, where it weighs most, and always with what to do.
fn once(notes: Vec<Finding>) -> Vec<Finding> {
    let unchecked = |note: &Finding| note.rule.id == rules::OVERRIDE_NOT_CHECKED.id;
    let mut kept: Vec<Finding> = Vec::new();
    for (n, note) in notes.iter().enumerate() {
        let says_it = |(other, at): (&Finding, usize)| {
            let more = other.severity > note.severity || at < n || other.message.len() > note.message.len();
            unchecked(other) && other.severity >= note.severity && other.message.ends_with(&note.message) && more
        };
        let elsewhere = notes.iter().enumerate().filter(|(at, _)| *at != n).any(|(at, other)| says_it((other, at)));
        if unchecked(note) && elsewhere {
            continue;
        }
        let mut note = note.clone();
        if unchecked(&note) && note.help.is_none() {
            note.help = Some(MAY_READ.into());
        }
        kept.push(note);
    }
    kept
}

/// Why an override does not count.
enum Refusal {
    /// It is for another commit, as all are once somebody pushed again, or for another environment.
    Elsewhere(String),
    /// Why, and what to do.
    No(String, &'static str),
    Unknown(Failure),
}

fn no(why: impl Into<String>, help: &'static str) -> Refusal {
    Refusal::No(why.into(), help)
}

const BY_ANOTHER: &str = "have somebody override it who may, and who had no part in the change";
const MAY_READ: &str = "ask again with a token that may read what it depends on (`contents`, `pull-requests` and `issues: read`, members of teams)";
const ONCE_MORE: &str = "write a new comment; one that was edited, or whose time is over, counts for nothing";

struct Case<'a> {
    evidence: &'a Evidence,
    settings: &'a OverrideSettings,
    policy: &'a Policy,
    change: &'a Change,
    at: Timestamp,
}

/// What one line of a statement says.
#[derive(Clone, Copy)]
struct Line<'a> {
    gates: &'a [String],
    environment: Option<&'a str>,
    reason: &'a str,
}

impl Case<'_> {
    /// `before` is how many already count for this commit.
    fn examine(
        &self,
        statement: &Statement,
        line: Line<'_>,
        all: &[&Statement],
        before: usize,
    ) -> Result<Override, Refusal> {
        // Uncommitted work belongs to the change.
        let Some(head) = self.change.head.as_deref().filter(|_| !self.change.working_tree) else {
            return Err(no("what ships is no commit", "commit it"));
        };
        if !quotes(&statement.text, head) {
            let why = format!("it does not quote {head}, the whole id of the commit that ships");
            return Err(Refusal::Elsewhere(why));
        }
        if statement.edited {
            return Err(no("its text was edited", ONCE_MORE));
        }
        if line.reason.is_empty() {
            return Err(no("it gives no reason", "write `override: <gate>, <gate> — <reason>`"));
        }
        let resolved = self.gates(line.gates)?;
        if let Some(only) = line.environment.filter(|only| self.change.environment.as_deref() != Some(*only)) {
            let of = self.change.environment.as_deref().unwrap_or("no environment");
            return Err(Refusal::Elsewhere(format!("it is for `{only}` alone, and this run is for {of}")));
        }
        let by = self.outsider(statement)?;
        if statement.at > self.at {
            return Err(no(format!("it was given at {}, later than now", statement.at), "look again then"));
        }
        let end = |length: predeploy_gates::Length| statement.at.checked_add(length.get()).unwrap_or(Timestamp::MAX);
        let mut until = end(self.settings.lasts);
        let confirmation = match self.settings.confirm_within.map(end) {
            None => Confirmation::NotAsked,
            Some(last) => match self.confirmed(by, statement.at, last, head, all) {
                Some(who) => Confirmation::By(who),
                None if self.has_lapsed(statement, head, all) => {
                    let help = "have the second person confirm it: `confirm-override: <the whole id>`";
                    return Err(no("an earlier one for this commit was confirmed by nobody", help));
                }
                None if self.at < last => {
                    until = until.min(last);
                    Confirmation::Awaited(last)
                }
                None => {
                    let why = format!("no second person confirmed it before {last}");
                    return Err(no(why, ONCE_MORE));
                }
            },
        };
        if until <= self.at {
            return Err(no(format!("it ended at {until}"), ONCE_MORE));
        }
        self.count(statement, head, before)?;
        let follow_up = self.evidence.follow_ups.as_ref().and_then(|known| known.as_ref().ok()).and_then(|known| {
            let of_this = |one: &&predeploy_gates::FollowUp| {
                one.commit.eq_ignore_ascii_case(head) && one.gates == marker::names(&resolved)
            };
            known.iter().find(of_this).cloned()
        });
        Ok(Override {
            gates: resolved,
            environment: line.environment.map(String::from),
            by: by.to_owned(),
            reason: line.reason.to_owned(),
            at: statement.at,
            until,
            pull_request: statement.pull_request,
            url: statement.url.clone(),
            confirmation,
            follow_up,
        })
    }

    /// The policy's gates that the names mean; each must be one that may be overridden.
    fn gates(&self, named: &[String]) -> Result<Vec<String>, Refusal> {
        const NAME: &str = "name gates that are in `gates` under `[override]` of the base's policy";
        let mut resolved = Vec::new();
        for name in named {
            let of_name = |gate: &&Instance| gate.name == *name || gate.row.kind == name;
            let meant: Vec<&Instance> = self.policy.gates.iter().map(AsRef::as_ref).filter(of_name).collect();
            if meant.is_empty() || !meant.iter().all(|gate| self.settings.allows(&gate.name, gate.row.kind)) {
                return Err(no(format!("the policy lets nobody override `{name}`"), NAME));
            }
            resolved.extend(meant.into_iter().map(|gate| gate.name.clone()));
        }
        resolved.sort();
        resolved.dedup();
        if resolved.is_empty() { Err(no("it names no gate", NAME)) } else { Ok(resolved) }
    }

    /// The login of whoever made a statement, if it is somebody who may and who had no part in the change.
    fn outsider<'s>(&self, statement: &'s Statement) -> Result<&'s str, Refusal> {
        if let Some(why) = allowed::nobody(statement.by.as_ref()) {
            return Err(no(why, BY_ANOTHER));
        }
        let Some(login) = statement.by.as_ref().map(|person| person.login.as_str()) else {
            return Err(no("its account was deleted", BY_ANOTHER));
        };
        let contributors: &Contributors = match &self.evidence.contributors {
            Some(Ok(contributors)) => contributors,
            Some(Err(failure)) => return Err(Refusal::Unknown(failure.clone())),
            None => return Err(Refusal::Unknown(Failure::new("it was not asked who contributed to the change"))),
        };
        if contributors.has(login) {
            return Err(no(format!("{login} contributed to the change"), BY_ANOTHER));
        }
        if let Some(what) = contributors.anonymous.first() {
            return Err(no(
                format!("{what} is by somebody of whom the forge knows no account, who could be {login}"),
                "have the commit's address added to an account, or the commit made again",
            ));
        }
        match allowed::may(login, self.settings, self.evidence.people.as_ref()) {
            Ok(true) => Ok(login),
            Ok(false) => Err(no(format!("the policy does not let {login} override"), BY_ANOTHER)),
            Err(failure) => Err(Refusal::Unknown(failure)),
        }
    }

    /// Whether one for this commit that was given before ended without a second person: writing it again does not renew it.
    fn has_lapsed(&self, statement: &Statement, head: &str, all: &[&Statement]) -> bool {
        let within = self.settings.confirm_within.map_or(jiff::SignedDuration::ZERO, predeploy_gates::Length::get);
        let lapsed = |earlier: &&&Statement| {
            let overrides = said(&earlier.text).iter().any(|line| matches!(line, Said::Override { .. }));
            let last = earlier.at.checked_add(within).unwrap_or(Timestamp::MAX);
            overrides && last <= self.at && earlier.at < statement.at && quotes(&earlier.text, head)
        };
        let by = |earlier: &Statement| earlier.by.as_ref().map_or("", |by| by.login.as_str()).to_owned();
        let last = |earlier: &Statement| earlier.at.checked_add(within).unwrap_or(Timestamp::MAX);
        let alone = |one: &&&Statement| self.confirmed(&by(one), one.at, last(one), head, all).is_none();
        all.iter().filter(lapsed).any(|one| alone(&one))
    }

    /// Who else confirms it in time.
    fn confirmed(&self, by: &str, from: Timestamp, last: Timestamp, head: &str, all: &[&Statement]) -> Option<String> {
        let confirms = |statement: &&&Statement| {
            let in_time = from <= statement.at && statement.at < last && statement.at <= self.at;
            in_time
                && !statement.edited
                && said(&statement.text)
                    .iter()
                    .any(|line| matches!(line, Said::Confirm { commit } if commit.eq_ignore_ascii_case(head)))
        };
        let who = all.iter().filter(confirms).filter_map(|statement| self.outsider(statement).ok());
        who.filter(|who| !who.eq_ignore_ascii_case(by)).map(String::from).next()
    }

    /// Whether the week has room for one more.
    fn count(&self, statement: &Statement, head: &str, before: usize) -> Result<(), Refusal> {
        let Some(most) = self.settings.per_week else { return Ok(()) };
        let since = statement.at.checked_sub(WEEK).unwrap_or(Timestamp::MIN);
        let others = week::others(self.evidence, self.policy, head, since, statement.at).map_err(Refusal::Unknown)?;
        if others.len() + before >= most as usize {
            let some = others.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
            let which = if some.is_empty() {
                some
            } else {
                format!(" ({some}{})", if others.len() > 3 { "; …" } else { "" })
            };
            let count = others.len() + before;
            return Err(no(
                format!("there were {count} in the seven days before it{which}, and the policy allows {most}"),
                "wait, or have `per-week` under `[override]` raised in the base's policy",
            ));
        }
        Ok(())
    }
}

/// Issues that follow up on earlier overrides and are open for too long. A rollback is not held by them.
fn overdue(evidence: &Evidence, settings: &OverrideSettings, change: &Change, at: Timestamp) -> Vec<Finding> {
    let blocks = settings.overdue == Overdue::Block && !matches!(change.direction, Direction::Rollback(_));
    let known = match &evidence.follow_ups {
        Some(Ok(known)) => known,
        Some(Err(failure)) => {
            let severity = if blocks { Severity::Unresolved } else { Severity::Warning };
            return vec![rules::failed(&rules::OVERRIDE_NOT_CHECKED, failure.clone()).severity(severity)];
        }
        None => return Vec::new(),
    };
    let severity = if blocks { Severity::Error } else { Severity::Warning };
    let late = known.iter().filter_map(|one| {
        let due = one.opened.checked_add(settings.follow_up_within.get()).ok()?;
        (one.open && due <= at).then(|| {
            let message = format!(
                "{} of {} were overridden, and the follow-up was due at {due}",
                list(&one.gates),
                short(&one.commit)
            );
            Finding::new(&rules::FOLLOW_UP_OVERDUE, message)
                .severity(severity)
                .help("do what it asks for, and close it")
                .at_url(one.url.clone())
        })
    });
    late.collect()
}

fn list(gates: &[String]) -> String {
    let quoted: Vec<String> = gates.iter().map(|gate| format!("`{gate}`")).collect();
    if quoted.is_empty() { "nothing".into() } else { quoted.join(", ") }
}
