//! What the window gates of a policy say together, at one instant.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use predeploy_gates::{Finding, LineSource, Severity, Stretch, Timetable, TimetableSpan, Together, Verdict, timetable};

use crate::config::{self, Policy};
use crate::exit::Stop;
use crate::report::{GateReport, Report};
use crate::rules;
use crate::run::judge;
use crate::run::record::{Answer as Gathered, Record};

/// What was read, which can be asked about more than one instant.
pub(super) struct Look {
    record: Record,
    policy: Option<Policy>,
    pub(super) zones: TimeZoneDatabase,
    written: Written,
}

impl Look {
    pub(super) fn new(record: Record, policy: Option<Policy>, zones: TimeZoneDatabase) -> Self {
        let written = Written::of(&record);
        Self { record, policy, zones, written }
    }

    /// The clock reading of the run.
    pub(super) fn at(&self) -> Timestamp {
        self.record.at
    }

    pub(super) fn answer(&mut self, at: Timestamp, span: TimetableSpan) -> Result<Answer<'_>, Stop> {
        self.record.at = at;
        let context = judge::context(&self.record, &self.zones);
        let judged = match &self.policy {
            Some(policy) => judge::judge(&self.record.gates, policy, &context),
            None => judge::Judged::nothing(),
        };
        let report = judge::report(&self.record, self.policy.as_ref(), judged, None);
        let (mut gates, mut tables, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for gathered in &self.record.gates {
            let said = report.gates.iter().find(|gate| gate.gate == gathered.gate);
            let instance = self.policy.iter().flat_map(|policy| &policy.gates).find(|gate| gate.name == gathered.gate);
            let (Some(said), Some(instance)) = (said, instance) else { continue };
            match &gathered.answer {
                Gathered::Evidence(evidence) => match timetable(&*instance.asked, evidence, &context, span) {
                    Some(Ok(table)) => {
                        gates.push(Gate::of(said, &table, span.rollout));
                        tables.push(table);
                    }
                    Some(Err(failure)) => problems.push(rules::failed(&rules::NOT_JUDGED, failure)),
                    None => {}
                },
                Gathered::Failed(failure) => problems.push(rules::failed(&rules::NOT_GATHERED, failure.clone())),
                Gathered::Skipped(_) => {}
            }
        }
        let by_change = tables.iter().any(|table| table.by_change);
        problems.extend(of_the_run(&report, by_change || self.record.in_ci));
        let of_gates = Verdict::of_all(gates.iter().map(|gate| gate.verdict));
        // What each gate lets through at some time, and all of them never: waiting does not help.
        let together = Together(&tables);
        let counts = gates.iter().all(|gate: &Gate| gate.accepted.is_none()) && !tables.iter().any(|table| table.held);
        let never = of_gates == Verdict::Pending
            && tables.len() > 1
            && counts
            && together.complete()
            && together.next_fit().is_none();
        let own = if problems.is_empty() && !never { Verdict::Passed } else { Verdict::Unresolved };
        Ok(Answer { at, verdict: of_gates.max(own), gates, tables, problems, written: &self.written, report })
    }
}

/// What the house found that leaves the answer in doubt. That nothing ships leaves it in doubt where it matters what ships: in a CI always.
fn of_the_run(report: &Report, by_change: bool) -> Vec<Finding> {
    let doubtful = report.findings.iter().filter(|weighed| weighed.weight() == Severity::Unresolved);
    let matters = |finding: &&Finding| by_change || finding.rule.id != rules::EMPTY_RANGE.id;
    doubtful.map(|weighed| &weighed.finding).filter(matters).cloned().collect()
}

/// What the window gates say.
pub(super) struct Answer<'a> {
    pub(super) at: Timestamp,
    pub(super) verdict: Verdict,
    pub(super) gates: Vec<Gate>,
    /// One for each gate.
    pub(super) tables: Vec<Timetable>,
    /// What could not be read beside what the gates could not read.
    pub(super) problems: Vec<Finding>,
    pub(super) report: Report,
    written: &'a Written,
}

/// One window gate.
pub(super) struct Gate {
    pub(super) name: String,
    pub(super) verdict: Verdict,
    /// Why it does not hold the change although its times do: an override, a waiver, a rollback.
    pub(super) accepted: Option<String>,
}

impl Gate {
    fn of(said: &GateReport, table: &Timetable, rollout: Option<SignedDuration>) -> Self {
        let by_times = match table {
            _ if !table.problems.is_empty() => Verdict::Unresolved,
            _ if table.fits => Verdict::Passed,
            // Waiting does not help.
            _ if !table.open && (table.next_open.is_none() || table.next_fit.is_none() && !table.held) => {
                Verdict::Unresolved
            }
            // What holds it says more than that.
            _ if table.held => Verdict::Passed,
            _ => Verdict::Pending,
        };
        let own = by_times.max(table.beside.iter().collect());
        let advisory = || (!said.required && own == Verdict::Pending).then(|| "the gate is advisory".to_owned());
        let waived = || {
            // What was weighed is what the gate says of the policy's rollout.
            (rollout.is_none() && own == Verdict::Pending && said.verdict == Verdict::Passed)
                .then(|| "what it found is waived".to_owned())
        };
        let overridden = || said.overridden.as_ref().map(crate::overrides::Override::words);
        let rollback = || table.exempt.as_ref().map(|why| format!("a rollback is never held by a window: {why}"));
        let accepted = if own == Verdict::Passed {
            None
        } else {
            rollback().or_else(overridden).or_else(advisory).or_else(waived)
        };
        let verdict = if accepted.is_some() { Verdict::Passed } else { own };
        Self { name: said.gate.clone(), verdict, accepted }
    }
}

impl Answer<'_> {
    pub(super) fn together(&self) -> Together<'_> {
        Together(&self.tables)
    }

    /// Whether everything could be read.
    pub(super) fn complete(&self) -> bool {
        self.problems.is_empty() && !self.tables.is_empty() && self.together().complete()
    }

    pub(super) fn open(&self) -> bool {
        self.complete() && self.together().open()
    }

    pub(super) fn fits(&self) -> bool {
        self.complete() && self.together().fits()
    }

    /// When a deployment may start; at once where nothing that holds it counts.
    pub(super) fn next_fit(&self) -> Option<Timestamp> {
        if self.verdict == Verdict::Passed {
            return Some(self.at);
        }
        if self.complete() { self.together().next_fit() } else { None }
    }

    /// Whether something beside the times holds it, and it is not known until when.
    pub(super) fn held(&self) -> bool {
        self.gates.iter().zip(&self.tables).any(|(gate, table)| table.held && gate.accepted.is_none())
    }

    /// The next opening and the next closing.
    pub(super) fn next(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        if self.complete() { self.together().next() } else { (None, None) }
    }

    pub(super) fn spans(&self) -> Vec<Stretch> {
        let names: Vec<&str> = self.gates.iter().map(|gate| gate.name.as_str()).collect();
        self.together().spans(&names)
    }

    /// The zone of the first line that applies.
    pub(super) fn zone(&self) -> TimeZone {
        self.tables.first().map_or(TimeZone::UTC, |table| table.zone.clone())
    }

    /// The file and the line where a line of a gate's policy is written.
    pub(super) fn place(&self, gate: &str, source: &LineSource) -> (String, Option<u32>) {
        match source {
            LineSource::File { path, line } => (path.clone(), Some(*line)),
            LineSource::Policy(key) => (self.report.policy.path.clone(), self.written.line(gate, key)),
        }
    }

    /// All that could not be read.
    pub(super) fn all_problems(&self) -> impl Iterator<Item = &Finding> {
        self.problems.iter().chain(self.tables.iter().flat_map(|table| &table.problems))
    }

    /// Whether a later look may find something else than the clock.
    pub(super) fn may_change(&self) -> bool {
        !self.complete() || self.tables.iter().any(|table| table.may_change)
    }
}

/// The policy's text, to tell lines of.
struct Written {
    text: String,
    table: toml::Table,
    environment: Option<String>,
}

impl Written {
    fn of(record: &Record) -> Self {
        let text = record.policy.text.clone();
        // It was read before; what is no TOML has no lines to tell.
        let table = toml::from_str(&text).unwrap_or_default();
        Self { text, table, environment: record.change.environment.clone() }
    }

    /// Where an entry is written: in the part about the environment if it is there, for lists replace one another.
    fn line(&self, gate: &str, key: &[String; 2]) -> Option<u32> {
        let path = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<String>>();
        let overlay =
            self.environment.iter().map(|name| path(&["environments", name, "gates", gate, &key[0], &key[1]]));
        let mut all = overlay.chain([path(&["gates", gate, &key[0], &key[1]])]);
        let found = all.find(|path| {
            let list = path[..path.len() - 1].iter().try_fold(None, |at: Option<&toml::Value>, part| {
                let table = at.map_or(Some(&self.table), toml::Value::as_table);
                table.and_then(|table| table.get(part)).map(Some).ok_or(())
            });
            list.is_ok()
        });
        config::line_of(&self.text, &found?)
    }
}
