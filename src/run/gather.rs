//! All gates gather at the same time, each on a thread of its own, each with a limit. What one does harms no other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use predeploy_gates::{Cancel, Change, Commands, Failure, Forge, History, Limits, Progress, Stage, Web, World};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::record::{Answer, Gathered};
use crate::config::Instance;
use crate::services::commands::{Programs, Refused};
use crate::services::engines::{Engines, Machine};
use crate::services::trees::Trees;

/// How long gates may still run after they were told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// What all gates of a run share.
pub(crate) struct Surroundings {
    pub(crate) change: Change,
    pub(crate) in_ci: bool,
    /// The environments that the policy knows.
    pub(crate) environments: Vec<String>,
    pub(crate) stage: Stage,
    /// Whether gates are asked that speak at another one.
    pub(crate) every_stage: bool,
    pub(crate) trees: Arc<Trees>,
    /// The root of the repository on disk.
    pub(crate) root: PathBuf,
    pub(crate) progress: &'static dyn Progress,
    /// Why no program of the project may be run, if so.
    pub(crate) no_commands: Option<String>,
    pub(crate) forge: Arc<dyn Forge>,
    pub(crate) history: Arc<dyn History>,
    pub(crate) web: Arc<dyn Web>,
    pub(crate) machine: Machine,
    pub(crate) limits: Limits,
    pub(crate) salt: [u8; 32],
}

/// Asks the gates. `only` narrows to names from the command line; `stop` resolves when someone wants the run to end.
/// The second value says whether it was stopped.
pub(crate) async fn gather(
    gates: Vec<Arc<Instance>>,
    only: &[String],
    around: &Arc<Surroundings>,
    stop: impl Future<Output = ()>,
) -> (Vec<Gathered>, bool) {
    let asked: Vec<Asking> = gates.into_iter().map(|gate| Asking::start(gate, only, around)).collect();
    let cancels: Vec<Cancel> = asked.iter().filter_map(|a| a.cancel().cloned()).collect();
    let stopped = Cancel::default();
    let all = async {
        let mut gathered = Vec::new();
        for asking in asked {
            gathered.push(asking.end(&stopped).await);
        }
        gathered
    };
    tokio::pin!(all);
    tokio::pin!(stop);
    let gathered = tokio::select! {
        gathered = &mut all => gathered,
        () = &mut stop => {
            stopped.set();
            cancels.iter().for_each(Cancel::set);
            all.await
        }
    };
    (gathered, stopped.is_set())
}

/// A gate that is gathering, or why it is not.
enum Asking {
    Skipped { gate: String, why: String },
    Running { gate: Arc<Instance>, since: Instant, cancel: Cancel, answer: JoinHandle<Answer> },
}

impl Asking {
    fn start(gate: Arc<Instance>, only: &[String], around: &Arc<Surroundings>) -> Self {
        if let Some(why) = not_asked(&gate, only, around) {
            return Self::Skipped { gate: gate.name.clone(), why };
        }
        let cancel = Cancel::default();
        let (handle, around) = (Handle::current(), Arc::clone(around));
        let (its_gate, its_cancel) = (Arc::clone(&gate), cancel.clone());
        let answer = tokio::task::spawn_blocking(move || ask(&handle, &its_gate, &around, &its_cancel));
        Self::Running { gate, since: Instant::now(), cancel, answer }
    }

    fn cancel(&self) -> Option<&Cancel> {
        match self {
            Self::Skipped { .. } => None,
            Self::Running { cancel, .. } => Some(cancel),
        }
    }

    /// Waits for the answer, the gate's limit, or, once the run is stopped, a moment of grace.
    async fn end(self, stopped: &Cancel) -> Gathered {
        let (gate, since, cancel, mut answer) = match self {
            Self::Skipped { gate, why } => return Gathered { gate, answer: Answer::Skipped(why), took_ms: 0 },
            Self::Running { gate, since, cancel, answer } => (gate, since, cancel, answer),
        };
        let limit = gate.house.time_limit.get().unsigned_abs();
        let left = if stopped.is_set() { GRACE } else { limit.saturating_sub(since.elapsed()) };
        let ended = tokio::select! {
            ended = tokio::time::timeout(left, &mut answer) => ended,
            () = after(stopped) => tokio::time::timeout(GRACE, &mut answer).await,
        };
        let answer = match ended {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Answer::Failed(
                Failure::new(format!("the gate crashed: {panic}"))
                    .help("this is a defect of predeploy: please report it"),
            ),
            Err(_) if stopped.is_set() => Answer::Failed(Failure::new("the run was stopped before it could finish")),
            Err(_) => {
                cancel.set();
                Answer::Failed(
                    Failure::new(format!("it did not finish within its `time-limit` of {}", gate.house.time_limit))
                        .help(format!(
                            "raise `time-limit` under `[gates.{}]`, or find out what it waits for",
                            gate.name
                        )),
                )
            }
        };
        let took_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        Gathered { gate: gate.name.clone(), answer, took_ms }
    }
}

/// Resolves a little after the flag is set.
async fn after(stopped: &Cancel) {
    while !stopped.is_set() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Why a gate is not asked.
fn not_asked(gate: &Instance, only: &[String], around: &Surroundings) -> Option<String> {
    if !only.is_empty() && !only.contains(&gate.name) {
        return Some("not named on the command line".into());
    }
    if !gate.house.enabled {
        return Some("switched off by the policy (`enabled = false`)".into());
    }
    if !around.every_stage && !gate.stages().contains(&around.stage) {
        let speaks: Vec<&str> = gate.stages().iter().map(|s| s.word()).collect();
        return Some(format!("speaks at {}, this is {}", speaks.join(" and "), around.stage.word()));
    }
    None
}

/// On the gate's thread.
fn ask(handle: &Handle, gate: &Instance, around: &Surroundings, cancel: &Cancel) -> Answer {
    let scratch = Engines::new(cancel.clone(), &around.machine);
    let commands: Box<dyn Commands> = match &around.no_commands {
        Some(why) => Box::new(Refused { why: why.clone() }),
        None => {
            Box::new(Programs { trees: Arc::clone(&around.trees), root: around.root.clone(), cancel: cancel.clone() })
        }
    };
    let world = World {
        change: &around.change,
        in_ci: around.in_ci,
        environments: &around.environments,
        workspace: &*around.trees,
        forge: &*around.forge,
        history: &*around.history,
        scratch: &scratch,
        commands: &*commands,
        web: &*around.web,
        progress: around.progress,
        limits: &around.limits,
        cancel,
        salt: &around.salt,
    };
    match handle.block_on(gate.asked.gather(&world)) {
        Ok(evidence) if evidence.get().len() > around.limits.evidence_bytes => Answer::Failed(
            Failure::new(format!(
                "the evidence has {} bytes, more than the limit `evidence-bytes` of {}",
                evidence.get().len(),
                around.limits.evidence_bytes
            ))
            .help("narrow what the gate reads, or raise `evidence-bytes` under `[limits]`"),
        ),
        Ok(evidence) => Answer::Evidence(evidence),
        Err(failure) => Answer::Failed(failure),
    }
}
