//! A world as plain data, for the tests of gates.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use crate::{
    Added, Address, Answer, Cancel, Change, CheckRun, Context, Deployment, Entry, Failure, Finding, FollowUp, Forge,
    Gate, History, Kind, Labelled, Limits, NoCommands, NoProgress, NoScratch, Opened, Outcome, Page, People,
    PeopleAsked, PolicyPath, PullRequest, Queued, Remark, Running, Scratch, Settings, Shipment, Source, Stage, Tree,
    Web, Workspace, World,
};

/// Everything a gate may see. Fields are set directly.
pub(crate) struct Fake {
    pub change: Change,
    pub in_ci: bool,
    pub environments: Vec<String>,
    pub at: Timestamp,
    pub stage: Stage,
    /// Files per tree; `Policy`, `Head` and `Work` of a file given by [`Fake::file`] are the same.
    pub files: BTreeMap<(String, Rank), Vec<u8>>,
    /// Links by path: where they lead, from the root.
    pub links: BTreeMap<String, String>,
    /// Paths in `Work` that git tracks.
    pub tracked: Vec<String>,
    pub pull_requests: Vec<PullRequest>,
    pub deployments: Vec<Deployment>,
    /// What the forge says of people.
    pub people: People,
    /// Commits between base and head, as the forge tells them.
    pub shipment: Option<Shipment>,
    /// Of an earlier and a later revision: the files that they change in different ways. Any other pair is not in the clone.
    pub differing: BTreeMap<(String, String), Vec<String>>,
    /// What the change adds to files.
    pub added: BTreeMap<String, Added>,
    /// The checks of whatever commit is asked about.
    pub checks: Result<Vec<CheckRun>, Failure>,
    pub running: Result<Vec<Running>, Failure>,
    /// What is set for environments at the forge, by their names; of others nothing is known.
    pub settings: BTreeMap<String, Settings>,
    pub labels: Result<Vec<Labelled>, Failure>,
    /// By how many seconds the forge's clock is ahead.
    pub ahead: Result<i64, Failure>,
    /// Documents by their address, or by the variable that holds it.
    pub pages: BTreeMap<String, Result<Page, Failure>>,
    pub scratch: Box<dyn Scratch>,
    pub limits: Limits,
}

type Rank = u8;

fn rank(tree: Tree) -> Rank {
    match tree {
        Tree::Policy => 0,
        Tree::Base => 1,
        Tree::Head => 2,
        Tree::Work => 3,
    }
}

impl Fake {
    /// A plain folder without files, at 2026-11-18T12:00Z (a Wednesday), at the stage `deploy`.
    pub fn new() -> Self {
        Self {
            change: Change::everything("a plain folder"),
            in_ci: false,
            environments: vec![],
            at: "2026-11-18T12:00Z".parse().unwrap(),
            stage: Stage::Deploy,
            files: BTreeMap::new(),
            links: BTreeMap::new(),
            tracked: vec![],
            pull_requests: vec![],
            deployments: vec![],
            people: People::default(),
            shipment: None,
            differing: BTreeMap::new(),
            added: BTreeMap::new(),
            checks: Ok(vec![]),
            settings: BTreeMap::new(),
            running: Ok(vec![]),
            labels: Ok(vec![]),
            ahead: Ok(0),
            pages: BTreeMap::new(),
            scratch: Box::new(NoScratch),
            limits: Limits::default(),
        }
    }

    /// A file at the head, on disk and in the policy's tree.
    pub fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        for tree in [Tree::Policy, Tree::Head, Tree::Work] {
            self = self.file_in(tree, path, content.as_ref());
        }
        self
    }

    /// A file in one tree.
    pub fn file_in(mut self, tree: Tree, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files.insert((path.into(), rank(tree)), content.as_ref().into());
        self
    }

    /// Reads the policy as the configuration would, gathers, writes the evidence to JSON and judges what is read back.
    pub fn ask<G: Gate>(&self, policy: &str) -> Result<Outcome, Failure> {
        let gate = G::deserialize(toml::de::Deserializer::parse(policy).unwrap()).unwrap();
        assert_eq!(gate.mistakes(), [], "the policy itself is wrong");
        let evidence = now(gate.gather(&self.world()))?;
        let json = serde_json::to_string(&evidence).unwrap();
        let evidence = serde_json::from_str(&json).unwrap();
        Ok(gate.judge(evidence, &self.context()))
    }

    pub fn world(&self) -> World<'_> {
        World {
            change: &self.change,
            in_ci: self.in_ci,
            environments: &self.environments,
            workspace: self,
            forge: self,
            history: self,
            scratch: &*self.scratch,
            commands: &NoCommands,
            web: self,
            progress: &NoProgress,
            limits: &self.limits,
            cancel: Box::leak(Box::default()),
            salt: &[7; 32],
        }
    }

    pub fn context(&self) -> Context<'_> {
        Context {
            at: self.at,
            zones: Box::leak(Box::new(TimeZoneDatabase::bundled())),
            change: &self.change,
            stage: self.stage,
        }
    }
}

/// Runs a future that never waits, as those of fakes do.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("a fake port waited"),
    }
}

/// One line a finding: `error migrations/missing-down db/2_b.up.sql:1 message`. For inline comparison.
pub(crate) fn lines(outcome: &Outcome) -> Vec<String> {
    outcome.findings.iter().map(line).collect()
}

fn line(finding: &Finding) -> String {
    let place = match finding.file_and_line() {
        Some((path, Some(line))) => format!("{path}:{line} "),
        Some((path, None)) => format!("{path} "),
        None => String::new(),
    };
    format!("{} {} {place}{}", finding.severity.word(), finding.rule.id, finding.message)
}

impl Workspace for Fake {
    fn find(&self, tree: Tree, globs: &[&str]) -> Result<Vec<Entry>, Failure> {
        let mut set = globset::GlobSetBuilder::new();
        for glob in globs {
            set.add(
                globset::GlobBuilder::new(glob)
                    .literal_separator(true)
                    .build()
                    .map_err(|e| Failure::new(e.to_string()))?,
            );
        }
        let set = set.build().map_err(|e| Failure::new(e.to_string()))?;
        let tracked = |path: &String| match tree {
            Tree::Work => self.tracked.contains(path),
            Tree::Policy | Tree::Base | Tree::Head => self.change.head.is_some(),
        };
        let files = self.files.keys().filter(|(_, of)| *of == rank(tree)).map(|(path, _)| (path, Kind::File));
        let mut found: Vec<Entry> = files
            .chain(self.links.keys().map(|path| (path, Kind::Link)))
            .filter(|(path, _)| set.is_match(path))
            .map(|(path, kind)| Entry { path: path.clone(), kind, tracked: tracked(path) })
            .collect();
        found.sort();
        Ok(found)
    }

    fn open(&self, tree: Tree, path: &str) -> Result<Option<Opened>, Failure> {
        let resolved = self.links.get(path).map_or(path, String::as_str);
        if resolved.starts_with("..") {
            return Err(Failure::new(format!("`{path}` is a link that leaves the repository")));
        }
        Ok(self.files.get(&(resolved.into(), rank(tree))).map(|bytes| Opened {
            resolved: resolved.into(),
            size: bytes.len() as u64,
            reader: Box::new(std::io::Cursor::new(bytes.clone())),
        }))
    }

    fn is_copy_of_tracked(&self, path: &str) -> Result<bool, Failure> {
        let resolved = self.links.get(path).map_or(path, String::as_str);
        let Some(bytes) = self.files.get(&(resolved.into(), rank(Tree::Work))) else { return Ok(false) };
        let trees = [Tree::Policy, Tree::Base, Tree::Head].map(rank);
        let same = |((_, tree), other): (&(String, Rank), &Vec<u8>)| trees.contains(tree) && other == bytes;
        Ok(self.change.head.is_some() && !bytes.is_empty() && self.files.iter().any(same))
    }

    fn folder(&self, link: &str) -> Result<Option<String>, Failure> {
        let Some(target) = self.links.get(link) else { return Ok(None) };
        if target.starts_with("..") {
            return Err(Failure::new(format!("`{link}` is a link that leaves the repository")));
        }
        let work = || self.files.keys().filter(|(_, of)| *of == rank(Tree::Work)).map(|(path, _)| path);
        if work().any(|path| path == target) {
            return Ok(None);
        }
        let below = format!("{target}/");
        let is_folder = work().any(|path| path.starts_with(&below));
        is_folder.then(|| Some(target.clone())).ok_or_else(|| Failure::new(format!("`{link}` leads nowhere")))
    }

    fn read_policy(&self, path: &PolicyPath, limit: u64) -> Result<Option<Source>, Failure> {
        self.read(Tree::Policy, path.as_str(), limit)
    }
}

impl Forge for Fake {
    fn pull_request(&self, number: u64) -> Answer<'_, PullRequest> {
        let found = self.pull_requests.iter().find(|p| p.number == number).cloned();
        Box::pin(async move { found.ok_or_else(|| Failure::new(format!("there is no pull request #{number}"))) })
    }

    fn pull_requests_with<'a>(&'a self, commit: &'a str) -> Answer<'a, Vec<u64>> {
        let numbers = self.pull_requests.iter().filter(|p| p.head == commit).map(|p| p.number).collect();
        Box::pin(async move { Ok(numbers) })
    }

    /// No gate asks for it: the house does.
    fn merge_queue<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<Queued>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn shipped<'a>(&'a self, commits: &'a [String]) -> Answer<'a, Shipment> {
        let mut found = self.shipment.clone().ok_or_else(|| Failure::new("the forge tells nothing of commits"));
        if let Ok(shipment) = &mut found {
            shipment.commits.retain(|shipped| commits.contains(&shipped.commit.id));
        }
        Box::pin(async move { found })
    }

    /// As a forge, it tells of nobody who is not asked about.
    fn people<'a>(&'a self, asked: &'a PeopleAsked) -> Answer<'a, People> {
        let is_among = |all: &[String], name: &str| all.iter().any(|one| one.eq_ignore_ascii_case(name));
        let mut people = self.people.clone();
        people.teams.retain(|team, _| is_among(&asked.teams, team));
        people.permissions.retain(|login, _| is_among(&asked.logins, login));
        people.codeowners.retain(|_| asked.codeowners.is_some());
        Box::pin(async move { Ok(people) })
    }

    fn deployments<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Deployment>> {
        let found = self.deployments.iter().filter(|d| d.environment == environment).cloned().collect();
        Box::pin(async move { Ok(found) })
    }

    fn checks<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<CheckRun>> {
        Box::pin(async { self.checks.clone() })
    }

    fn running<'a>(&'a self, environment: &'a str) -> Answer<'a, Vec<Running>> {
        let found = self.running.clone();
        let there = move |all: Vec<Running>| all.into_iter().filter(|r| r.environment == environment).collect();
        Box::pin(async move { found.map(there) })
    }

    fn settings<'a>(&'a self, environment: &'a str) -> Answer<'a, Settings> {
        let found = self.settings.get(environment).cloned();
        Box::pin(async move { found.ok_or_else(|| Failure::new(format!("there is no environment `{environment}`"))) })
    }

    fn labels(&self, number: u64) -> Answer<'_, Vec<Labelled>> {
        let found = self.labels.clone();
        let there = move |all: Vec<Labelled>| all.into_iter().filter(|l| l.pull_request == number).collect();
        Box::pin(async move { found.map(there) })
    }

    fn ahead(&self) -> Answer<'_, i64> {
        Box::pin(async { self.ahead.clone() })
    }

    /// No gate asks for them: the house does.
    fn follow_ups(&self, _: Timestamp) -> Answer<'_, Vec<FollowUp>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// The same.
    fn remarks(&self, _: Timestamp) -> Answer<'_, Vec<Remark>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl Web for Fake {
    fn get<'a>(&'a self, address: &'a Address) -> Answer<'a, Page> {
        let (Address::Plain(name) | Address::Variable(name)) = address;
        let found = self.pages.get(name).cloned();
        Box::pin(async move { found.unwrap_or_else(|| Err(Failure::new(format!("nothing answers at {name}")))) })
    }
}

/// The first commit of the shipment is the newest.
impl History for Fake {
    fn between(&self, base: &str, _: &str) -> Result<Vec<String>, Failure> {
        let commits = self.shipment.iter().flat_map(|shipment| &shipment.commits);
        Ok(commits.map(|shipped| shipped.commit.id.clone()).take_while(|id| id != base).collect())
    }

    fn parents(&self, commit: &str) -> Result<Vec<String>, Failure> {
        let mut commits = self.shipment.iter().flat_map(|shipment| &shipment.commits);
        let found = commits.find(|shipped| shipped.commit.id == commit);
        found
            .map(|shipped| shipped.commit.parents.clone())
            .ok_or_else(|| Failure::new(format!("`{commit}` is unknown")))
    }

    fn is_ancestor(&self, ancestor: &str, commit: &str) -> Result<bool, Failure> {
        let known = self.shipment.iter().flat_map(|shipment| &shipment.commits);
        let id = |id: &str| known.clone().position(|shipped| shipped.commit.id == id);
        Ok(ancestor == commit || id(ancestor).zip(id(commit)).is_some_and(|(ancestor, commit)| ancestor > commit))
    }

    fn differing(&self, _: &str, earlier: &str, later: &str) -> Result<Vec<String>, Failure> {
        if earlier == later {
            return Ok(vec![]);
        }
        let pair = (earlier.to_owned(), later.to_owned());
        self.differing.get(&pair).cloned().ok_or_else(|| Failure::new(format!("`{earlier}` is not in this clone")))
    }

    fn added_lines(&self, _: &str, _: &str) -> Result<BTreeMap<String, Added>, Failure> {
        Ok(self.added.clone())
    }
}

/// Keeps `Cancel` part of what fakes offer: none is ever cancelled unless a test does it.
#[test]
fn a_cancelled_world_reads_nothing() {
    let fake = Fake::new().file("a", "x");
    let world = fake.world();
    assert!(world.read(Tree::Head, "a").unwrap().is_some());
    let cancel: &Cancel = world.cancel;
    cancel.set();
    assert!(world.read(Tree::Head, "a").is_err());
}
