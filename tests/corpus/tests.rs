//! Every public JUnit report of the corpus, where the corpus lies beside the repository, counted as an independent count says.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use predeploy_gates::{
    Answer, Cancel, Change, Deployment, Direction, Entry, Failure, Forge, GATES, Kind, Limits, NoScratch, Opened,
    PolicyPath, PullRequest, Risk, RiskLevel, Scope, Source, Tree, Workspace, World,
};
use serde_json::Value;

/// A folder without git. The globs that it is asked for are plain paths.
struct Folder(PathBuf);

impl Workspace for Folder {
    fn find(&self, _: Tree, globs: &[&str]) -> Result<Vec<Entry>, Failure> {
        Ok(globs.iter().map(|path| Entry { path: path.to_string(), kind: Kind::File, tracked: false }).collect())
    }

    fn open(&self, _: Tree, path: &str) -> Result<Option<Opened>, Failure> {
        let Ok(file) = std::fs::File::open(self.0.join(path)) else { return Ok(None) };
        let size = file.metadata().map_err(|e| Failure::new(e.to_string()))?.len();
        let reader: Box<dyn Read + Send> = Box::new(file);
        Ok(Some(Opened { resolved: path.into(), size, reader }))
    }

    fn read_policy(&self, _: &PolicyPath, _: u64) -> Result<Option<Source>, Failure> {
        Ok(None)
    }
}

struct NoForge;

impl Forge for NoForge {
    fn pull_request(&self, _: u64) -> Answer<'_, PullRequest> {
        Box::pin(async { Err(Failure::new("there is no forge")) })
    }

    fn pull_requests_with<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<u64>> {
        Box::pin(async { Ok(vec![]) })
    }

    fn deployments<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<Deployment>> {
        Box::pin(async { Ok(vec![]) })
    }
}

fn change() -> Change {
    Change {
        repository: None,
        event: None,
        base: None,
        head: None,
        head_tree: None,
        target_branch: None,
        source_branch: None,
        pull_requests: vec![],
        environment: None,
        scope: Scope::Everything { why: "a plain folder".into() },
        working_tree: false,
        authors: vec![],
        oldest_commit: None,
        direction: Direction::Forward,
        risk: Risk { level: RiskLevel::Low, points: 0, reasons: vec![] },
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// What the evidence of the tests gate holds about one report.
fn content(corpus: &Path, path: &str) -> Value {
    let row = GATES.iter().find(|row| row.kind == "tests").unwrap();
    let policy = format!("{{ reports = [{}] }}", toml::Value::from(path));
    let gate = (row.read)(toml::de::ValueDeserializer::parse(&policy).unwrap()).unwrap();
    let evidence = now(gate.gather(&World {
        change: &change(),
        in_ci: false,
        workspace: &Folder(corpus.into()),
        forge: &NoForge,
        scratch: &NoScratch,
        limits: &Limits::default(),
        cancel: &Cancel::default(),
        salt: &[0; 32],
    }));
    let evidence: Value = serde_json::from_str(evidence.unwrap().get()).unwrap();
    evidence["layers"][0]["reports"]["Ok"][0]["content"].clone()
}

/// Where the expected count is not followed.
const DISPUTED: &[(&str, &str)] = &[
    // `result="skipped"` without a child is how GoogleTest writes GTEST_SKIP; the expected count misses it.
    ("xunit-plugin/googletest/testcase4/input.xml", "skipped"),
];

#[test]
fn every_junit_report_of_the_corpus_is_counted_as_expected() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/tests");
    let Ok(expected) = std::fs::read_to_string(corpus.join("expected.json")) else {
        println!("skipped: there is no {}", corpus.display());
        return;
    };
    let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).unwrap();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (path, entry) in &expected {
        let content = content(&corpus, path);
        let counts = &content["results"]["counts"];
        if entry["unreadable"] == true {
            compared += 1;
            if !content["unreadable"].is_object() {
                wrong.push(format!("{path}: read, but is broken"));
            }
        } else if entry["format"] == "junit" {
            compared += 1;
            for total in ["tests", "failures", "errors", "skipped"] {
                if DISPUTED.contains(&(path.as_str(), total)) {
                    continue;
                }
                if counts[total] != entry["expected"][total] {
                    wrong.push(format!("{path}: {total} {} instead of {}", counts[total], entry["expected"][total]));
                }
            }
        }
    }
    assert!(compared > 200, "only {compared} reports were compared");
    assert_eq!(wrong, Vec::<String>::new());
}
