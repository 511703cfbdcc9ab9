//! What other tools make of the reports: real ones, on the reports of the example that is blocked.
//!
//! The tools come from npm, PyPI and Debian. `PREDEPLOY_REPORT_READERS` is the folder of `node_modules` that has those of npm.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::Repo;
use crate::support::engines::{has, missing, python};
use crate::support::examples::copy_of;

/// A copy of the example with a report of this name beside it.
fn reported(format: &str) -> (Repo, PathBuf) {
    let repo = copy_of("shop");
    let path = repo.path().join("report");
    let to = format!("{format}={}", path.display());
    let ran = repo.predeploy("check").args(["--format", &to]).run_as_given();
    assert_eq!(ran.code, 1, "{ran}");
    (repo, path)
}

fn of_npm(program: &str) -> Option<PathBuf> {
    let found = std::env::var_os("PREDEPLOY_REPORT_READERS").map(|folder| Path::new(&folder).join(program));
    let found = found.filter(|path| path.exists());
    if found.is_none() {
        missing(&format!("{program} below PREDEPLOY_REPORT_READERS"));
    }
    found
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The rules of SARIF and those of GitHub's code scanning. The validator always exits with 0.
#[test]
fn the_sarif_multitool_finds_no_error() {
    let Some(multitool) = of_npm("@microsoft/sarif-multitool-linux/Sarif.Multitool") else { return };
    let (repo, report) = reported("sarif");
    let log = repo.path().join("report.sarif");
    std::fs::rename(report, &log).unwrap();
    let found = repo.path().join("found.sarif");
    let ran = Command::new(multitool)
        .args(["validate".as_ref(), log.as_os_str(), "--rule-kind".as_ref(), "Sarif;Ghas".as_ref(), "-o".as_ref()])
        .args([found.as_os_str(), "--log".as_ref(), "ForceOverwrite".as_ref()])
        .output()
        .unwrap();
    let found: Value =
        serde_json::from_slice(&std::fs::read(&found).unwrap_or_else(|_| panic!("{}", said(&ran)))).unwrap();
    let results = found["runs"][0]["results"].as_array().unwrap();
    // Without a level it is a warning.
    let errors: Vec<&Value> = results.iter().filter(|one| one["level"] == "error").collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(found["runs"][0]["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn html_validate_finds_nothing() {
    let Some(validator) = of_npm(".bin/html-validate") else { return };
    let (repo, report) = reported("html");
    let page = repo.path().join("report.html");
    std::fs::rename(report, &page).unwrap();
    let ran = Command::new(validator).arg(&page).output().unwrap();
    assert!(ran.status.success(), "{}", said(&ran));
}

#[test]
fn junit_to_ctrf_counts_what_stands_against_the_change() {
    let Some(converter) = of_npm(".bin/junit-to-ctrf") else { return };
    let (repo, report) = reported("junit");
    let out = repo.path().join("ctrf.json");
    let ran = Command::new(converter).arg(&report).arg("-o").arg(&out).output().unwrap();
    let read: Value =
        serde_json::from_slice(&std::fs::read(&out).unwrap_or_else(|_| panic!("{}", said(&ran)))).unwrap();
    let summary = &read["results"]["summary"];
    // The run, three gates, and what each of them found; two gates pass.
    assert_eq!(
        (&summary["tests"], &summary["failed"], &summary["passed"]),
        (&11.into(), &9.into(), &2.into()),
        "{read}"
    );
}

#[test]
fn junitparser_reads_the_suites() {
    let Some(python) = python(&["junitparser"]) else { return };
    let (_repo, report) = reported("junit");
    let program = "import sys, junitparser; print([(s.name, s.tests, s.failures, s.errors) for s in junitparser.JUnitXml.fromfile(sys.argv[1])])";
    let ran = Command::new(python).args(["-c", program]).arg(report).output().unwrap();
    let expected = "('predeploy.migrations', 3, 3, 0), ('predeploy.window', 2, 0, 2), ('predeploy.drift', 3, 3, 0)]";
    assert!(said(&ran).trim().ends_with(expected), "{}", said(&ran));
}

/// What the page says after this was done to it in a browser.
fn after(page: &str, done: &str) -> Option<String> {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".into());
    if !has(&chromium) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let script = format!("<script>{done}; document.title = 'done';</script></body>");
    std::fs::write(&file, page.replace("</body>", &script)).unwrap();
    let ran = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "--virtual-time-budget=2000"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(dom.contains("<title>done</title>"), "{}", said(&ran));
    Some(dom)
}

/// How many findings the page shows, of how many.
fn shown(dom: &str) -> (usize, usize) {
    let articles: Vec<&str> = dom.match_indices("<article").map(|(at, _)| &dom[at..]).collect();
    let hidden = |text: &&&str| text[..text.find('>').unwrap()].contains(" hidden");
    let all = articles.len();
    (all - articles.iter().filter(hidden).count(), all)
}

#[test]
fn a_browser_filters_the_page_by_gate_and_by_severity() {
    let (_repo, report) = reported("html");
    let page = std::fs::read_to_string(report).unwrap();
    let Some(untouched) = after(&page, "") else { return };
    let (all, of) = shown(&untouched);
    assert!(all == of && all >= 5, "{all} of {of}");
    let chosen = "const g = document.getElementById('gate'); g.value = 'drift'; g.dispatchEvent(new Event('input', { bubbles: true }))";
    let of_drift = after(&page, chosen).unwrap();
    assert_eq!(shown(&of_drift), (2, all));
    assert!(of_drift.contains(&format!(">2 of {all}</span>")));
    let clicked = "document.querySelector('input.severity[value=error]').click()";
    let without_errors = after(&page, clicked).unwrap();
    assert_eq!(
        shown(&without_errors).0,
        page.matches("<article class=\"").count() - page.matches("<article class=\"error\"").count()
    );
}

/// T23: what a stranger named is text in the page, and runs nothing.
#[test]
fn t23_a_browser_runs_nothing_of_a_hostile_name() {
    let repo = copy_of("shop");
    let hostile = "<img src=x onerror=document.body.remove()>";
    let freezes = std::fs::read_to_string(repo.path().join("ops/freezes.toml")).unwrap();
    repo.with("ops/freezes.toml", freezes.replace("name = \"payment provider\"", &format!("name = \"{hostile}\"")));
    let path = repo.path().join("report.html");
    repo.predeploy("check").args(["--format", &format!("html={}", path.display())]).run_as_given();
    let page = std::fs::read_to_string(path).unwrap();
    assert!(page.contains("onerror"), "the name is in the page");
    let Some(dom) = after(&page, "") else { return };
    assert!(dom.contains("&lt;img src=x onerror") && !dom.contains("<img"), "{dom}");
}
