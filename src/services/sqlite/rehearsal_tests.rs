//! The gate `migrations` on a real database: repositories as data, and every line it has to say about them.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use predeploy_gates::{
    Answer, Cancel, Change, ChangedFile, Context, Deployment, Direction, Entry, Failure, Finding, Forge, GATES, Kind,
    Limits, Opened, Outcome, PolicyPath, PullRequest, Risk, RiskLevel, Scope, Scratch, Source, Stage, Status, Tree,
    Workspace, World,
};

use super::Sqlite;
use super::tests::now;

/// A repository: files at the base and at the head. Without a base everything is judged.
#[derive(Default)]
pub(super) struct Repository {
    base: Option<BTreeMap<String, Vec<u8>>>,
    head: BTreeMap<String, Vec<u8>>,
}

impl Repository {
    /// A file that both have.
    fn old(mut self, path: &str, content: &str) -> Self {
        self.base.get_or_insert_default().insert(path.into(), content.into());
        self.new(path, content)
    }

    /// A file that the head alone has, or has another content of.
    pub(super) fn new(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.head.insert(path.into(), content.into());
        self
    }

    fn change(&self) -> Change {
        let scope = match &self.base {
            None => Scope::Everything { why: "a plain folder".into() },
            Some(base) => {
                let differs = |path: &&String| base.get(*path) != self.head.get(*path);
                let file = |path: &String| ChangedFile {
                    path: path.clone(),
                    status: Status::Modified,
                    added: None,
                    removed: None,
                };
                Scope::Files(base.keys().chain(self.head.keys()).filter(differs).map(file).collect())
            }
        };
        Change {
            repository: None,
            event: None,
            base: self.base.is_some().then(|| "b".repeat(40)),
            head: self.base.is_some().then(|| "a".repeat(40)),
            head_tree: None,
            target_branch: None,
            source_branch: None,
            pull_requests: vec![],
            environment: None,
            scope,
            working_tree: false,
            authors: vec![],
            oldest_commit: None,
            direction: Direction::Forward,
            risk: Risk { level: RiskLevel::Low, points: 0, reasons: vec![] },
        }
    }

    pub(super) fn judge_with(&self, policy: &str, scratch: &dyn Scratch, cancel: &Cancel) -> Result<Outcome, Failure> {
        let row = GATES.iter().find(|row| row.kind == "migrations").unwrap();
        let gate = (row.read)(toml::de::ValueDeserializer::parse(policy).unwrap()).unwrap();
        let change = self.change();
        let limits = Limits::default();
        let world = World {
            change: &change,
            in_ci: true,
            workspace: self,
            forge: &Absent,
            scratch,
            limits: &limits,
            cancel,
            salt: &[7; 32],
        };
        let evidence = now(gate.gather(&world))?;
        let zones = TimeZoneDatabase::bundled();
        let context = Context { at: Timestamp::UNIX_EPOCH, zones: &zones, change: &change, stage: Stage::Merge };
        gate.judge(&evidence, &context)
    }

    pub(super) fn judge(&self, policy: &str) -> Outcome {
        let cancel = Cancel::default();
        self.judge_with(policy, &Sqlite::new(cancel.clone(), Duration::from_secs(5)), &cancel).unwrap()
    }

    /// The findings, one a line, and the summary.
    fn says(&self, policy: &str) -> Vec<String> {
        let outcome = self.judge(policy);
        outcome.findings.iter().map(line).chain([outcome.summary.replace(rusqlite::version(), "3.x")]).collect()
    }
}

/// `error migrations/down-fails db/1_a.down.sql:2:4 the message`.
pub(super) fn line(finding: &Finding) -> String {
    let place = match &finding.place {
        Some(predeploy_gates::Place::File { path, span: Some(span) }) => {
            format!("{path}:{}:{} ", span.start.line, span.start.column)
        }
        Some(predeploy_gates::Place::File { path, span: None }) => format!("{path} "),
        _ => String::new(),
    };
    format!("{} {} {place}{}", finding.severity.word(), finding.rule.id, finding.message)
}

impl Workspace for Repository {
    fn find(&self, tree: Tree, globs: &[&str]) -> Result<Vec<Entry>, Failure> {
        let mut set = globset::GlobSetBuilder::new();
        for glob in globs {
            set.add(globset::GlobBuilder::new(glob).literal_separator(true).build().unwrap());
        }
        let set = set.build().unwrap();
        let files = if tree == Tree::Base { self.base.as_ref().unwrap() } else { &self.head };
        let found = files.keys().filter(|path| set.is_match(path));
        Ok(found.map(|path| Entry { path: path.clone(), kind: Kind::File, tracked: true }).collect())
    }

    fn open(&self, tree: Tree, path: &str) -> Result<Option<Opened>, Failure> {
        let files = if tree == Tree::Base { self.base.as_ref().unwrap() } else { &self.head };
        Ok(files.get(path).map(|bytes| Opened {
            resolved: path.into(),
            size: bytes.len() as u64,
            reader: Box::new(std::io::Cursor::new(bytes.clone())),
        }))
    }

    fn read_policy(&self, _: &PolicyPath, _: u64) -> Result<Option<Source>, Failure> {
        Ok(None)
    }
}

struct Absent;

impl Forge for Absent {
    fn pull_request(&self, _: u64) -> Answer<'_, PullRequest> {
        Box::pin(async { Err(Failure::new("no forge")) })
    }

    fn pull_requests_with<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<u64>> {
        Box::pin(async { Err(Failure::new("no forge")) })
    }

    fn deployments<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<Deployment>> {
        Box::pin(async { Err(Failure::new("no forge")) })
    }
}
