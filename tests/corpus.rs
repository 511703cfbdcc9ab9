//! The public data of the corpus, where it lies beside the repository, read as its expected results say.

mod migrations;
mod window;

use std::collections::BTreeMap;
use std::future::Future;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use predeploy_gates::{
    Cancel, Change, Entry, Failure, GATES, Kind, Limits, NoForge, NoScratch, NoWeb, Opened, PolicyPath, Source, Tree,
    Workspace, World,
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

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// What a gate gathers, with a salt of zeros.
fn evidence(kind: &str, policy: &str, workspace: &dyn Workspace) -> Value {
    let row = GATES.iter().find(|row| row.kind == kind).unwrap();
    let gate = (row.read)(toml::de::ValueDeserializer::parse(policy).unwrap()).unwrap();
    let evidence = now(gate.gather(&World {
        change: &Change::everything("a plain folder"),
        in_ci: false,
        environments: &[],
        workspace,
        forge: &NoForge { why: "there is no forge".into(), help: String::new() },
        history: &predeploy_gates::NoHistory,
        scratch: &NoScratch,
        commands: &predeploy_gates::NoCommands,
        web: &NoWeb,
        progress: &predeploy_gates::NoProgress,
        limits: &Limits::default(),
        cancel: &Cancel::default(),
        salt: &[0; 32],
    }));
    serde_json::from_str(evidence.unwrap().get()).unwrap()
}

/// A file of the corpus as JSON; nothing where there is no corpus.
fn expected<T: serde::de::DeserializeOwned>(path: &str) -> Option<(PathBuf, T)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus").join(path);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no {}", path.display());
        return None;
    };
    Some((path.parent().unwrap().into(), serde_json::from_str(&text).unwrap()))
}

/// Where the expected count is not followed.
const DISPUTED: &[(&str, &str)] = &[
    // `result="skipped"` without a child is how GoogleTest writes GTEST_SKIP; the expected count misses it.
    ("xunit-plugin/googletest/testcase4/input.xml", "skipped"),
    // Mocha does not tell errors from failures; the peer guesses by the shape of what was thrown.
    ("publish-unit-test-result-action/mocha/tests.json", "failures"),
    ("publish-unit-test-result-action/mocha/tests.json", "errors"),
    // A test point after `1..0` is not in the plan; the peer stops reading there.
    ("tapjs/skip-all-with-assert.tap", "ok"),
    ("tapjs/skip-all-with-assert.tap", "tests"),
    // A plan between the tests is wrong to both, and the peer stops counting there.
    ("tapjs/out_of_order.tap", "tests"),
    // `not ok # SKIP` failed: what was skipped cannot fail, so something else did.
    ("tapjs/indent.tap", "ok"),
    // `# TODOORNOTTODO` is no directive: a blank follows the word.
    ("tapjs/todo_misparse.tap", "ok"),
    // A blank after the plan changes nothing.
    ("tapjs/space_after_plan.tap", "ok"),
    // A subtest at the end that no test point closes may be cut.
    ("tapjs/subtest-unfinished.tap", "ok"),
    // A test that cannot be run (`NotRunnable`, `Invalid`) is an error to NUnit itself since version 3; the peer skips it.
    ("publish-unit-test-result-action/nunit/nunit3/jenkins/NUnit-correct.xml", "errors"),
    ("publish-unit-test-result-action/nunit/nunit3/jenkins/NUnit-correct.xml", "skipped"),
    ("xunit-plugin/nunit/testcase8/input.xml", "errors"),
    ("xunit-plugin/nunit/testcase8/input.xml", "skipped"),
    ("xunit-plugin/nunit3/testcase3/input.xml", "errors"),
    ("xunit-plugin/nunit3/testcase3/input.xml", "skipped"),
    // So is one that was aborted because the host died, and one that is `NotRunnable`; the peer skips both.
    ("publish-unit-test-result-action/trx/yami_YAMILEX_2015-10-24_04_18_59.trx", "errors"),
    ("publish-unit-test-result-action/trx/yami_YAMILEX_2015-10-24_04_18_59.trx", "skipped"),
    // `success="Turue"` is no word for a pass.
    ("publish-unit-test-result-action/nunit/nunit3/jenkins/NUnit-multinamespace.xml", "errors"),
    ("xunit-plugin/nunit/testcase3/input.xml", "errors"),
    // An inconclusive test proved nothing; the peer passes it here and skips others.
    ("publish-unit-test-result-action/nunit/nunit3/jenkins/NUnit-issue17521.xml", "skipped"),
];

/// Told by its root element as TRX, and of CppUnit and AUnit, which are not read: an empty answer would be wrong, some hold failures.
fn is_cppunit(path: &str) -> bool {
    ["xunit-plugin/aunit/", "xunit-plugin/cppunit/", "xunit-plugin/customTool/"].iter().any(|of| path.starts_with(of))
}

/// Of the formats of the expected results, those that are compared here.
const FORMATS: &[&str] =
    &["junit", "trx", "nunit2", "nunit3", "xunit-v1", "xunit-v2", "dart-json", "mocha-json", "other"];

#[test]
fn every_report_of_the_corpus_is_counted_as_expected() {
    let Some((corpus, expected)) = expected::<BTreeMap<String, Value>>("tests/expected.json") else { return };
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (path, entry) in &expected {
        let policy = format!("{{ reports = [{}] }}", toml::Value::from(path.as_str()));
        let evidence = evidence("tests", &policy, &Folder(corpus.clone()));
        let content = &evidence["layers"][0]["reports"]["Ok"][0]["content"];
        let counts = &content["results"]["counts"];
        let is_other = entry["format"] == "other" && entry["expected"].is_null();
        let of_trx = entry["format"] == "trx" && is_cppunit(path);
        if entry["unreadable"] == true || is_other || of_trx {
            compared += 1;
            if !content["unreadable"].is_object() {
                wrong.push(format!("{path}: read, but is broken or of no format"));
            }
        } else if entry["format"] == "tap" {
            compared += 1;
            wrong.extend(disagrees_on_tap(&corpus, path, entry, content));
        } else if entry["expected"].is_object() && FORMATS.iter().any(|format| entry["format"] == *format) {
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
    assert!(compared > 300, "only {compared} reports were compared");
    assert_eq!(wrong, Vec::<String>::new());
}

/// The peer counts the test points of the outermost level, and takes each fault of a plan for a failure among them. Here tests without
/// subtests are counted, so only the verdict can be compared where there are subtests.
fn disagrees_on_tap(corpus: &Path, path: &str, entry: &Value, content: &Value) -> Option<String> {
    let counts = &content["results"]["counts"];
    let number = |total: &str| counts[total].as_u64().unwrap_or(0);
    let ok = counts.is_object() && number("failures") + number("errors") + number("broken_suites") == 0;
    if entry["ok"] != ok && !DISPUTED.contains(&(path, "ok")) {
        return Some(format!("{path}: ok {ok} instead of {}: {content}", entry["ok"]));
    }
    let text = std::fs::read_to_string(corpus.join(path)).unwrap();
    let has_subtests =
        text.lines().any(|line| line.starts_with("    ") && line.trim_start().starts_with(['o', 'n', '1']));
    if !counts.is_object() || has_subtests || DISPUTED.contains(&(path, "tests")) {
        return None;
    }
    let expected = |total: &str| entry["expected"][total].as_u64().unwrap();
    let not_ok = expected("count") - expected("pass");
    let may_be = not_ok.saturating_sub(expected("todo") + expected("skip"))..=not_ok;
    let agrees = number("tests") == expected("count") && may_be.contains(&number("failures"));
    (!agrees).then(|| format!("{path}: {counts} instead of {}", entry["expected"]))
}
