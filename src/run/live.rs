//! A live run: from a policy to a record of everything that judging needs, and the judgement of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use predeploy_gates::{Change, Failure, Finding, Forge, Progress, Stage, Status, Tree, Web};

use super::gather::{Surroundings, gather};
use super::judge::{self, Judged};
use super::record::{Edited, FORM, Gathered, Note, PolicyRecord, Record};
use super::salt;
use super::setup::{self, Ground};
use crate::cli::CheckArgs;
use crate::config::{self, Policy};
use crate::environment::{self, Environment};
use crate::exit::Stop;
use crate::law::{self, Found, Law, Whose};
use crate::overrides;
use crate::rules;
use crate::services::engines::Machine;
use crate::services::trees::{Origin, Trees};
use crate::services::web::{Cache, Https, NotAsked};
use crate::waivers::{self, collect};

/// What a run begins with.
pub(crate) struct Run<'a> {
    pub(crate) args: &'a CheckArgs,
    pub(crate) environment: &'a Environment,
    pub(crate) ground: Ground,
    pub(crate) found: Found,
    pub(crate) started: Timestamp,
    pub(crate) at: Timestamp,
    pub(crate) zones: &'a TimeZoneDatabase,
    /// Version of the time-zone database.
    pub(crate) tzdb: String,
    pub(crate) means: Means,
}

/// What a command asks for beside the verdict.
pub(crate) struct Means {
    /// Leave the scratch databases there.
    pub(crate) keep: bool,
    pub(crate) progress: &'static dyn Progress,
}

/// Where a policy comes from, which says how far it is trusted.
struct Basis {
    origin: Origin,
    whose: Whose,
    /// Why no program that it names may be run, if so.
    no_commands: Option<String>,
}

/// What a run ends with.
pub(crate) struct Ran {
    pub(crate) record: Record,
    /// Nothing if there is no law to judge by.
    pub(crate) policy: Option<Policy>,
    pub(crate) judged: Judged,
    pub(crate) edited: Option<(Policy, Judged)>,
}

impl Run<'_> {
    /// Without a law nothing can be asked: the record says why.
    pub(crate) fn without_law(self) -> Result<Ran, Stop> {
        if !self.ground.in_ci {
            return Err(Stop::usage(
                format!("there is no {} here", config::FILE_NAME),
                "write one (the README shows how), or name the repository's root after `--repo`",
            ));
        }
        let mut notes: Vec<Finding> = self.ground.range.problems.clone();
        notes.extend(self.found.notes.clone());
        if !rules::weigh(&notes) {
            notes.push(
                Finding::new(&rules::NO_POLICY, format!("neither the base nor the head has a {}", config::FILE_NAME))
                    .help("add one; the README shows how"),
            );
        }
        let mut change = self.ground.detected.change.clone();
        change.environment = self.args.environment.clone().or(change.environment);
        let none = PolicyRecord {
            source: "none".into(),
            path: String::new(),
            text: String::new(),
            digest: String::new(),
            files: Vec::new(),
        };
        let record = self.record(change, none, self.ground.stage(self.args, None), self.simulated(None), notes);
        Ok(Ran { record, policy: None, judged: Judged::nothing(), edited: None })
    }

    /// Asks every gate and records what is needed to judge.
    pub(crate) async fn ask(mut self, law: &Law) -> Result<Ran, Stop> {
        let environment = setup::environment(self.args, &self.ground, law)?;
        let policy = setup::policy(law, environment.as_deref())?;
        let only = self.only(&policy)?;
        self.ground.detected.change.environment = environment.clone();
        let stage = self.ground.stage(self.args, Some(&policy.house));
        let answering = setup::forge(self.args, &self.ground, &policy.house, self.environment)?;
        let forge = &answering.forge;
        let (mut change, found) = self.ground.complete(self.args, &policy.house, &answering, stage, self.at).await;
        change.all = self.args.all;
        let mut notes = self.ground.range.problems.clone();
        notes.extend(self.found.notes.iter().cloned());
        notes.extend(found);

        let no_commands = self.no_commands(law, &change);
        let basis = Basis { origin: law.origin.clone(), whose: law.whose, no_commands };
        let around = self.surroundings(&policy, basis, &change, forge, stage).map_err(Stop::Usage)?;
        let (gathered, stopped) = gather(policy.gates.clone(), &only, &around, stop_signal()).await;
        if stopped {
            notes.push(
                Finding::new(&rules::INTERRUPTED, "the run was stopped before every gate had looked")
                    .help("run it again"),
            );
        }
        let files = around.trees.consulted();
        let digest = law::digest(law, &files).map_err(Stop::Usage)?;
        let kept =
            PolicyRecord { source: law.source.clone(), path: law.path.clone(), text: law.text.clone(), digest, files };
        let edited = if stopped {
            None
        } else {
            self.edited(&kept, environment.as_deref(), &change, forge, stage, &only).await?
        };
        let mut record = self.record(change, kept, stage, self.simulated(answering.simulated), notes);
        record.only = only;
        record.gates = gathered;
        let judged = judge::judge(&record.gates, &policy, &judge::context(&record, self.zones));
        let proposed = collect::Texts {
            law: &law.text,
            base: self.found.base.as_deref(),
            head: self.head_policy(law),
            path: &law.path,
        };
        // On a developer's machine the policy's tree is the working tree, which accepts nothing.
        let accepted = if self.ground.in_ci || around.trees.base.is_none() { Tree::Policy } else { Tree::Base };
        let waivers = collect::all(&proposed, &policy, &around, accepted, &judged);
        record.waivers = waivers.candidates;
        record.malformed_waivers = waivers.malformed.into_iter().map(Note::from).collect();
        if waivers::proposes(&record.waivers, &judged.findings().collect::<Vec<_>>()) {
            record.approved_by = Some(collect::approved_by(&record.change, &policy, &**forge).await);
        }
        record.overrides = overrides::collect::collect(
            &policy,
            &judged,
            &record.change,
            record.stage,
            record.at,
            &**forge,
            &*around.history,
        )
        .await;
        let edited_judged = edited.map(|(edited, policy)| {
            let judged = policy.map(|policy| {
                let judged = judge::judge(
                    edited.gates.as_deref().unwrap_or_default(),
                    &policy,
                    &judge::context(&record, self.zones),
                );
                (policy, judged)
            });
            record.edited = Some(edited);
            judged
        });
        record.forge = answering.spent.map(|spent| spent.so_far());
        Ok(Ran { record, policy: Some(policy), judged, edited: edited_judged.flatten() })
    }

    /// The record of a run, empty but for what is known from the start.
    fn record(
        &self,
        change: Change,
        policy: PolicyRecord,
        stage: Stage,
        simulated: Vec<String>,
        notes: Vec<Finding>,
    ) -> Record {
        Record {
            form: FORM,
            tool: env!("CARGO_PKG_VERSION").into(),
            tzdb: self.tzdb.clone(),
            started: self.started,
            at: self.at,
            in_ci: self.ground.in_ci,
            stage,
            change,
            policy,
            simulated,
            only: Vec::new(),
            notes: notes.into_iter().map(Note::from).collect(),
            gates: Vec::new(),
            waivers: Vec::new(),
            malformed_waivers: Vec::new(),
            approved_by: None,
            overrides: None,
            edited: None,
            forge: None,
            replayed_in_ci: None,
        }
    }

    /// The gates named on the command line; a name that the policy does not know is an error.
    fn only(&self, policy: &Policy) -> Result<Vec<String>, Stop> {
        let named: BTreeSet<&String> = self.args.gates.iter().chain(&self.args.only).collect();
        for name in &named {
            if !policy.gates.iter().any(|gate| &&gate.name == name) {
                let known: Vec<&str> = policy.gates.iter().map(|g| g.name.as_str()).collect();
                let meant = config::meant(name, known.iter().copied());
                let slip = meant.map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
                return Err(Stop::usage(
                    format!("the policy configures no gate `{name}`"),
                    match known.as_slice() {
                        [] => "it configures none".into(),
                        known => format!("{slip}it configures {}", known.join(", ")),
                    },
                ));
            }
        }
        let Some(kind) = self.args.kind else { return Ok(named.into_iter().cloned().collect()) };
        let of_kind = policy.gates.iter().filter(|gate| gate.row.kind == kind).map(|gate| &gate.name);
        let of_kind: BTreeSet<&String> = of_kind.collect();
        if let Some(other) = named.iter().find(|name| !of_kind.contains(*name)) {
            return Err(Stop::usage(format!("`{other}` is no {kind} gate"), "leave it out to ask them all"));
        }
        if of_kind.is_empty() {
            return Err(Stop::usage(
                format!("the policy has no {kind} gate"),
                format!("add `[gates.{kind}]`; `predeploy explain {kind}` shows how"),
            ));
        }
        Ok(if named.is_empty() { of_kind } else { named }.into_iter().cloned().collect())
    }

    /// Why programs that the policy names may not be run: in a CI only those of the base's policy, and not for events that bring a
    /// stranger's code together with the project's secrets.
    fn no_commands(&self, law: &Law, change: &Change) -> Option<String> {
        if !self.ground.in_ci {
            return None;
        }
        if law.whose != Whose::Base {
            return Some("in CI only the base's policy may name programs".into());
        }
        let event = privileged(change)?;
        Some(format!("the event `{event}` gives a stranger's change the rights of the project"))
    }

    /// Who gets documents by https. What a stranger's policy names could be an address that only the CI can reach, or a variable
    /// that is a secret; and what a stranger's run may have left in a folder is not used (T17).
    fn web(&self, policy: &Policy, change: &Change, whose: Whose) -> Result<Arc<dyn Web>, Failure> {
        let stranger = self.ground.in_ci && (self.ground.is_foreign() || privileged(change).is_some());
        if stranger && whose != Whose::Base {
            let why = "a stranger may have written the policy that names it, so no address is asked";
            return Ok(Arc::new(NotAsked { why: why.into() }));
        }
        let cache = |folder| Cache::new(folder, &self.ground.place.root, self.ground.in_ci);
        let cache = self.args.http_cache.as_deref().map(cache).transpose()?.filter(|_| !stranger);
        let variable: fn(&str) -> Option<String> =
            if self.ground.in_ci && whose != Whose::Base { |_: &str| None } else { environment::address };
        let limits: predeploy_gates::Limits = policy.house.limits.into();
        Ok(Arc::new(Https::new(variable, limits.file_bytes, cache)))
    }

    fn simulated(&self, forge: Option<String>) -> Vec<String> {
        let at = self.args.at.as_ref().map(|at| format!("--at {at}"));
        let tzdb = self.args.tzdb.as_ref().map(|dir| format!("--tzdb {}", dir.display()));
        at.into_iter().chain(tzdb).chain(forge).collect()
    }

    fn surroundings(
        &self,
        policy: &Policy,
        basis: Basis,
        change: &Change,
        forge: &Arc<dyn Forge>,
        stage: Stage,
    ) -> Result<Arc<Surroundings>, Failure> {
        let Basis { origin, whose, no_commands } = basis;
        let (base, protected) = (self.ground.base()?, self.ground.protected()?);
        let (head, cancel) = (self.ground.head.clone(), self.ground.cancel.clone());
        let trees = Trees::new(&self.ground.place.root, origin, protected, base, head, cancel)?;
        let trees = trees.with(self.ground.piped.clone());
        Ok(Arc::new(Surroundings {
            change: change.clone(),
            in_ci: self.ground.in_ci,
            environments: policy.environments.clone(),
            stage,
            every_stage: self.args.every_stage,
            trees: Arc::new(trees),
            root: self.ground.place.root.clone(),
            forge: Arc::clone(forge),
            history: self.ground.history(),
            web: self.web(policy, change, whose)?,
            machine: Machine {
                variable: environment::address,
                // T17: what a stranger's run may have left there is not used.
                cache: self.args.cache.clone().filter(|_| no_commands.is_none() && !self.ground.is_foreign()),
                keep: self.means.keep,
                private_only: no_commands.is_some(),
            },
            no_commands,
            progress: self.means.progress,
            limits: policy.house.limits.into(),
            salt: salt::of(self.environment)?,
        }))
    }

    /// The policy as the head has it, where that is not the law itself. One that cannot be read proposes nothing.
    fn head_policy(&self, law: &Law) -> Option<String> {
        if law.whose == Whose::CommandLine {
            return None;
        }
        self.ground.head.text(&law.path, law::LARGEST).ok().flatten()
    }

    /// What the head's policy, and the files that it names, would decide, if the change edits them. It decides nothing.
    async fn edited(
        &self,
        kept: &PolicyRecord,
        environment: Option<&str>,
        change: &Change,
        forge: &Arc<dyn Forge>,
        stage: Stage,
        only: &[String],
    ) -> Result<Option<(Edited, Option<Policy>)>, Stop> {
        let steering = |path: &str| path == kept.path || kept.files.iter().any(|f| f == path);
        let touched = change.files().iter().flat_map(|file| {
            let from = match &file.status {
                Status::Renamed { from } => Some(from.clone()),
                Status::Added | Status::Modified | Status::Deleted => None,
            };
            std::iter::once(file.path.clone()).chain(from)
        });
        let files: Vec<String> = touched.filter(|path| steering(path)).collect();
        // Where the head's own policy decides there is nothing to compare.
        if files.is_empty() || !self.found.law.as_ref().is_some_and(|law| law.whose == Whose::Base) {
            return Ok(None);
        }
        let head = self.ground.head.text(&kept.path, law::LARGEST);
        let mut policy = PolicyRecord { source: "the change".into(), text: String::new(), ..kept.clone() };
        let unreadable = |policy, why| Edited { files: files.clone(), policy, gates: None, unreadable: Some(why) };
        match head {
            Ok(Some(text)) if !text.is_empty() => policy.text = text,
            Ok(_) => return Ok(Some((unreadable(policy, "the change removes the policy".into()), None))),
            Err(failure) => return Ok(Some((unreadable(policy, failure.message), None))),
        }
        let read = match config::read(&policy.path, &policy.text, environment) {
            Ok(read) => read,
            Err(errors) => return Ok(Some((unreadable(policy, errors.to_string()), None))),
        };
        let no_commands = Some("the change brings this policy".to_owned());
        let basis = Basis { origin: self.ground.head.clone(), whose: Whose::Head, no_commands };
        let around = self.surroundings(&read, basis, change, forge, stage).map_err(Stop::Usage)?;
        let (gates, _): (Vec<Gathered>, bool) = gather(read.gates.clone(), only, &around, stop_signal()).await;
        policy.files = around.trees.consulted();
        Ok(Some((Edited { files, policy, gates: Some(gates), unreadable: None }, Some(read))))
    }
}

/// The event, if it brings a stranger's code together with the project's secrets.
fn privileged(change: &Change) -> Option<&str> {
    const PRIVILEGED: &[&str] = &["pull_request_target", "workflow_run", "issue_comment"];
    change.event.as_deref().filter(|event| PRIVILEGED.contains(event))
}

/// Resolves when someone wants the run to end: Ctrl-C, or a CI that cancels its job.
pub(crate) async fn stop_signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    interrupted.await;
}
