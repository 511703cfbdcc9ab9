//! Everything that must be known before a gate can be asked: the repository, the event, the law, the change.

use std::path::Path;
use std::sync::Arc;

use predeploy_gates::{Cancel, Failure, Finding, Forge, History, NoHistory, Stage};

use crate::change::event::{self, Event};
use crate::change::range::{self, Given, Range};
use crate::change::{self, Detected};
use crate::cli::CheckArgs;
use crate::config::{self, ConfigErrors, House, Policy};
use crate::environment::Environment;
use crate::exit::Stop;
use crate::law::{self, Found, Law, Seeker};
use crate::rules;
use crate::services::disk::Disk;
use crate::services::forges;
use crate::services::git::Git;
use crate::services::github::Spent;
use crate::services::neutral::WithClone;
use crate::services::piped::Piped;
use crate::services::place::Place;
use crate::services::trees::Origin;

/// The repository as the run finds it; nothing of a policy yet.
pub(crate) struct Ground {
    pub(crate) place: Place,
    pub(crate) git: Option<Git>,
    pub(crate) event: Option<Event>,
    pub(crate) range: Range,
    pub(crate) detected: Detected,
    /// The tree that is judged.
    pub(crate) head: Origin,
    pub(crate) in_ci: bool,
    /// The event can be checked against the forge.
    pub(super) has_token: bool,
    pub(crate) cancel: Cancel,
    /// Of a rollback: the commit that one goes back from.
    pub(super) deployed: Option<String>,
    /// A file of the head that standard input holds.
    pub(crate) piped: Option<Piped>,
}

impl Ground {
    pub(crate) fn find(args: &CheckArgs, environment: &Environment) -> Result<Self, Stop> {
        let in_ci = environment.in_ci();
        let place = Place::find(args.repo.as_deref())?;
        let git = Git::open(&place.root).map_err(Stop::Usage)?;
        let mut problems = Vec::new();
        let event = asked_by(environment, &mut problems);
        let given = Given { base: args.base.as_deref(), head: args.head.as_deref(), working_tree: args.working_tree };
        let mut range = match &git {
            Some(git) => range::of(git, given, event.as_ref(), in_ci).map_err(Stop::Usage)?,
            None => no_git(&place.root, given, in_ci)?,
        };
        range.problems.extend(problems);
        if in_ci && args.working_tree {
            range.problems.push(
                Finding::new(&rules::RANGE_GIVEN, "`--working-tree` takes files that an earlier step may have edited")
                    .help("leave it out: in CI what is committed is judged"),
            );
        }
        range.problems.extend(event.as_ref().and_then(|event| another_environment(args, event)));
        let detected = change::detect(git.as_ref(), &place.root, &range, event.as_ref(), args.working_tree)
            .or_else(|failure| unknown_change(failure, &mut range, event.as_ref(), &place.root))
            .map_err(Stop::Usage)?;
        let cancel = Cancel::default();
        let head =
            head_tree(git.as_ref(), &place.root, &range, &detected, args.working_tree, &cancel).map_err(Stop::Usage)?;
        Self {
            place,
            git,
            event,
            range,
            detected,
            head,
            in_ci,
            has_token: environment.asks_forge(),
            cancel,
            deployed: None,
            piped: None,
        }
        .with_piped(args.stdin.as_deref())
    }

    /// Takes a file of the head from standard input. One that is committed is read from there and from nowhere else.
    fn with_piped(self, path: Option<&str>) -> Result<Self, Stop> {
        let Some(path) = path else { return Ok(self) };
        let is_at = |origin: &Origin| origin.open(path).map(|opened| opened.is_some()).map_err(Stop::Usage);
        let base = self.base().map_err(Stop::Usage)?;
        if is_at(&self.head)? || base.as_ref().map(is_at).transpose()? == Some(true) {
            return Err(Stop::usage(
                format!("`{path}` is in the repository, and is read from there"),
                "name a file after `--stdin` that the policy names and no commit has",
            ));
        }
        let piped = Piped::read(path, &mut std::io::stdin()).map_err(Stop::Usage)?;
        Ok(Self { piped: Some(piped), ..self })
    }

    /// The policy that decides, as text.
    pub(crate) fn law(&self, given: Option<&law::From>) -> Result<Found, Stop> {
        let seeker = Seeker {
            git: self.git.as_ref(),
            root: &self.place.root,
            below: &self.place.below,
            range: &self.range,
            head: &self.head,
            in_ci: self.in_ci,
            cancel: &self.cancel,
        };
        seeker.find(given).map_err(Stop::Usage)
    }

    /// The commits of the clone, if there is one.
    pub(crate) fn history(&self) -> Arc<dyn History> {
        match &self.git {
            Some(git) => Arc::new(git.clone()),
            None => Arc::new(NoHistory),
        }
    }

    /// Whether a stranger may have written the change.
    pub(crate) fn is_foreign(&self) -> bool {
        self.event.as_ref().is_some_and(|event| event.is_foreign)
    }

    /// The tree of the base, if there is one.
    pub(crate) fn base(&self) -> Result<Option<Origin>, Failure> {
        match (&self.git, self.deployed.as_ref().or(self.range.base.as_ref())) {
            (Some(git), Some(base)) => Origin::commit(git, base).map(Some),
            _ => Ok(None),
        }
    }

    /// The tree of the protected branch, whether or not it has a policy.
    pub(crate) fn protected(&self) -> Result<Option<Origin>, Failure> {
        match (&self.git, &self.range.law) {
            (Some(git), Some(commit)) => Origin::commit(git, commit).map(Some),
            _ => Ok(None),
        }
    }

    /// Which stage is asked.
    pub(crate) fn stage(&self, args: &CheckArgs, house: Option<&House>) -> Stage {
        let local = house.filter(|_| !self.in_ci).and_then(|h| h.local.stage);
        let event = self.event.as_ref();
        // Whoever names an environment for a push means to deploy it.
        let pushed = event.filter(|e| e.name == "push" && args.environment.is_some()).map(|_| Stage::Deploy);
        let stage = args.stage.or(pushed).or_else(|| event.and_then(|e| e.stage)).or(local);
        stage.unwrap_or(if self.in_ci { Stage::Merge } else { Stage::Push })
    }
}

/// That a deployment was asked for to one environment, and is judged for another, of which other windows may hold.
fn another_environment(args: &CheckArgs, event: &Event) -> Option<Finding> {
    let given = args.environment.as_deref()?;
    let asked = event.environment.as_deref().filter(|asked| *asked != given)?;
    let message = format!("the event asks for a deployment to `{asked}`, and `--environment` names `{given}`");
    Some(Finding::new(&rules::EVENT_DIFFERS, message).help("leave `--environment` out: the event names it"))
}

/// The event of GitHub Actions, if this is one of its steps.
fn asked_by(environment: &Environment, problems: &mut Vec<Finding>) -> Option<Event> {
    if !environment.on_github() {
        return None;
    }
    let lacks = |what: &str| {
        Failure::new(format!("{what} is not set")).help("run predeploy in a step of GitHub Actions as it is")
    };
    let read = || {
        let name = environment.get("GITHUB_EVENT_NAME").ok_or_else(|| lacks("GITHUB_EVENT_NAME"))?;
        let path = environment.get("GITHUB_EVENT_PATH").ok_or_else(|| lacks("GITHUB_EVENT_PATH"))?;
        event::read(name, path, environment.get("GITHUB_SHA"))
    };
    match read() {
        Ok(mut event) => {
            event.repository = event.repository.or_else(|| environment.get("GITHUB_REPOSITORY").map(String::from));
            // Who runs a job again is the one that deploys, and not whoever made it happen first. A step cannot set these for the next
            // one, unlike the payload's file.
            let actor = ["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"].into_iter().find_map(|name| environment.get(name));
            event.actor = actor.map(String::from).or(event.actor);
            let reference = environment.get("GITHUB_REF").and_then(|name| name.strip_prefix("refs/heads/"));
            // The queue's branch names the pull request: a step before this one could have put another into the payload.
            if event.name == "merge_group" && reference.is_some() && event.source_branch.as_deref() != reference {
                let message = "the event's branch of the merge queue is not the one that the runner was started for";
                problems
                    .push(Finding::new(&rules::EVENT_DIFFERS, message).help("let the event be as the forge wrote it"));
            }
            Some(event)
        }
        Err(failure) => {
            problems.push(rules::failed(&rules::UNREADABLE_EVENT, failure));
            None
        }
    }
}

/// A folder without git: everything is looked at, and in CI that is no answer.
fn no_git(root: &Path, given: Given<'_>, in_ci: bool) -> Result<Range, Stop> {
    if let Some(revision) = given.base.or(given.head) {
        return Err(Stop::usage(
            format!("`{revision}` is a revision, but `{}` is not the root of a git repository", root.display()),
            "name the repository's root after `--repo`",
        ));
    }
    let mut range =
        Range { why_everything: Some("this folder is not the root of a git repository".into()), ..Range::default() };
    if in_ci {
        range.problems.push(
            Finding::new(
                &rules::NO_GIT,
                "this folder is not the root of a git repository: the change and its base cannot be told",
            )
            .help("check the repository out with its history (actions/checkout with `fetch-depth: 0`)"),
        );
    }
    Ok(range)
}

/// Parts of the history are missing: the report says so, and nothing is known of the change.
fn unknown_change(
    failure: Failure,
    range: &mut Range,
    event: Option<&Event>,
    root: &Path,
) -> Result<Detected, Failure> {
    range.problems.push(rules::failed(&rules::MISSING_COMMIT, failure.clone()));
    let unknown = Range { why_everything: Some(failure.message), ..Range::default() };
    change::detect(None, root, &unknown, event, false)
}

fn head_tree(
    git: Option<&Git>,
    root: &Path,
    range: &Range,
    detected: &Detected,
    working_tree: bool,
    cancel: &Cancel,
) -> Result<Origin, Failure> {
    let disk = Disk::new(root, cancel.clone())?;
    match (git, &range.head) {
        (Some(git), Some(head)) if working_tree => Ok(Origin::Over {
            git: git.clone(),
            listing: Arc::new(git.listing(head)?),
            disk,
            changed: Arc::new(detected.uncommitted.clone()),
        }),
        (Some(git), Some(head)) => Origin::commit(git, head),
        _ => Ok(Origin::Folder(disk)),
    }
}

/// Reads the policy for the environment that is asked for; one that it does not know is an error of the command line.
pub(crate) fn policy(law: &Law, environment: Option<&str>) -> Result<Policy, Stop> {
    let policy = config::read(&law.path, &law.text, environment)?;
    if let Some(name) = environment.filter(|name| !policy.environments.iter().any(|known| known == name)) {
        let known = match policy.environments.as_slice() {
            [] => "it names none: add `[environments.production]`".to_string(),
            names => {
                let meant = config::meant(name, names.iter().map(String::as_str));
                let slip = meant.map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
                format!("{slip}it knows {}", names.join(", "))
            }
        };
        return Err(Stop::usage(format!("`{}` knows no environment `{name}`", law.path), known));
    }
    Ok(policy)
}

/// The environment that is asked about: of the command line, the event, or, outside CI, the policy's own default.
pub(crate) fn environment(args: &CheckArgs, ground: &Ground, law: &Law) -> Result<Option<String>, ConfigErrors> {
    let told = args.environment.clone().or_else(|| ground.event.as_ref().and_then(|e| e.environment.clone()));
    if told.is_some() || ground.in_ci {
        return Ok(told);
    }
    let house = config::read(&law.path, &law.text, None)?.house;
    Ok(house.local.environment.map(|name| name.as_str().to_string()))
}

/// Who answers for the forge.
pub(crate) struct Answering {
    pub(crate) forge: Arc<dyn Forge>,
    /// Why the answers are not the real ones, if they are not.
    pub(crate) simulated: Option<String>,
    /// The pull requests of a recording.
    pub(crate) recorded: Vec<u64>,
    /// What asking costs, where it costs something.
    pub(crate) spent: Option<Arc<Spent>>,
}

/// The forge: a recording if one is given, else the real one, if it can be asked.
pub(crate) fn forge(
    args: &CheckArgs,
    ground: &Ground,
    house: &House,
    environment: &Environment,
) -> Result<Answering, Stop> {
    let local = house.local.forge_evidence.as_ref().filter(|_| !ground.in_ci);
    let given = match (&args.forge_evidence, local) {
        (Some(path), _) => Some((path.clone(), "--forge-evidence".to_string())),
        (None, Some(path)) => {
            Some((ground.place.root.join(path.as_str()), format!("the forge's answers are recorded in {path}")))
        }
        (None, None) => None,
    };
    if let Some((path, why)) = given {
        let (forge, recorded) = forges::recorded(&path)?;
        let forge = with_clone(forge, ground);
        return Ok(Answering { forge, simulated: Some(why), recorded, spent: None });
    }
    let told =
        ground.detected.change.repository.clone().or_else(|| environment.get("GITHUB_REPOSITORY").map(String::from));
    let repository = told.or_else(|| ground.git.as_ref().and_then(Git::repository_at_github));
    let (forge, spent) = forges::real(environment, repository.as_deref());
    Ok(Answering { forge: with_clone(forge, ground), simulated: None, recorded: Vec::new(), spent })
}

fn with_clone(forge: Arc<dyn Forge>, ground: &Ground) -> Arc<dyn Forge> {
    match &ground.git {
        Some(git) => Arc::new(WithClone { forge, git: git.clone() }),
        None => forge,
    }
}
