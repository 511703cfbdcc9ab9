//! What the agents of Azure Pipelines and TeamCity understand.

use std::collections::BTreeMap;

use predeploy_gates::{Finding, Severity, Verdict};

use super::super::{Report, azure, teamcity};
use super::{RULE, everywhere, rendered, reports, span, weighed};

type Properties = BTreeMap<String, String>;

/// The commands of a log as the agent reads them: `microsoft/azure-pipelines-agent`, `Command.cs`. The prefix counts anywhere in a line.
fn vso(log: &str, decodes_percents: bool) -> Vec<(String, Properties, String)> {
    let decode = |text: &str| {
        let mut text = text.replace("%3B", ";").replace("%0D", "\r").replace("%0A", "\n").replace("%5D", "]");
        if decodes_percents {
            text = text.replace("%AZP25", "%");
        }
        text
    };
    let command = |line: &str| {
        let rest = &line[line.find("##vso[")? + 6..];
        let (info, data) = rest.split_once(']')?;
        let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
        let pairs = properties.split(';').filter_map(|pair| pair.split_once('='));
        let properties = pairs.map(|(name, value)| (name.to_owned(), decode(value))).collect();
        Some((name.to_owned(), properties, decode(data)))
    };
    log.split(['\n', '\r']).filter_map(command).collect()
}

/// The service messages of a log, with their attributes: <https://www.jetbrains.com/help/teamcity/service-messages.html>.
fn messages(log: &str) -> Vec<(String, Properties)> {
    let mut found = Vec::new();
    for line in log.split(['\n', '\r']) {
        let Some(at) = line.find("##teamcity[") else { continue };
        let (name, mut rest) = line[at + 11..].split_once(' ').expect("a message has attributes");
        let mut attributes = Properties::new();
        while let Some((key, behind)) = rest.split_once("='") {
            let (mut units, mut characters) = (Vec::new(), behind.char_indices());
            let end = loop {
                match characters.next().expect("a value ends") {
                    (at, '\'') => break at,
                    (_, '|') => match characters.next().expect("something is escaped") {
                        (_, 'n') => units.push(u16::from(b'\n')),
                        (_, 'r') => units.push(u16::from(b'\r')),
                        (at, '0') => {
                            units.push(u16::from_str_radix(&behind[at + 2..at + 6], 16).expect("four digits"));
                            characters.nth(4);
                        }
                        (_, c @ ('|' | '\'' | '[' | ']')) => units.push(c as u16),
                        (_, c) => panic!("`|{c}` is no escape"),
                    },
                    (_, '[' | ']') => panic!("a bracket ends the message: {line}"),
                    (_, c) => units.push(u16::try_from(u32::from(c)).expect("ASCII")),
                }
            };
            attributes.insert(key.trim().into(), String::from_utf16(&units).expect("whole characters"));
            rest = &behind[end + 1..];
        }
        assert_eq!(rest, "]", "{line}");
        found.push((name.into(), attributes));
    }
    found
}

fn of(findings: Vec<Finding>, verdict: Verdict) -> Report {
    let mut report = everywhere("x");
    report.findings = Vec::new();
    report.gates.truncate(1);
    (report.verdict, report.gates[0].verdict, report.gates[0].required) = (verdict, verdict, true);
    report.gates[0].findings = findings.into_iter().map(weighed).collect();
    report
}

#[test]
fn t23_azure_understands_only_the_commands_that_were_meant() {
    for report in reports() {
        let log = rendered(azure::render, &report);
        for decodes in [false, true] {
            let found = vso(&log, decodes);
            let (last, issues) = found.split_last().expect("a command");
            assert_eq!((last.0.as_str(), last.1["result"].as_str()), ("task.complete", "Failed"));
            // Of each of four gates two errors and a warning; one error of the house.
            assert_eq!(issues.len(), 13, "{log}");
            for (name, properties, _) in issues {
                assert_eq!((name.as_str(), properties["code"].as_str()), ("task.logissue", "drift/missing-key"));
                assert!(["error", "warning"].contains(&properties["type"].as_str()));
                let known = ["code", "columnnumber", "linenumber", "sourcepath", "type"];
                assert!(properties.keys().all(|key| known.contains(&key.as_str())), "{properties:?}");
            }
        }
    }
}

#[test]
fn azure_gets_file_line_and_column_and_a_text_that_is_as_it_was() {
    let place = "a;b]c%3B.rs";
    let finding = Finding::new(&RULE, "50 %; see [x]: %0A").at(place, span((3, 5), (3, 9))).help("do it");
    let log = rendered(azure::render, &of(vec![finding], Verdict::Blocked));
    let (_, properties, data) = &vso(&log, true)[0];
    assert_eq!((&*properties["linenumber"], &*properties["columnnumber"], &*properties["type"]), ("3", "5", "error"));
    assert_eq!(properties["sourcepath"], "a;b]c%\u{2060}3B.rs");
    assert_eq!(data, "50 %; see [x]: %\u{2060}0A (help: do it)");
    let passed = rendered(azure::render, &of(vec![], Verdict::Passed));
    assert!(vso(&passed, true).is_empty(), "{passed}");
}

#[test]
fn t23_teamcity_understands_only_the_messages_that_were_meant() {
    for report in reports() {
        let found = messages(&rendered(teamcity::render, &report));
        let count = |name: &str| found.iter().filter(|(of, _)| of == name).count();
        // Every finding; all are of one rule; the gates are advisory.
        let expected = (report.all_findings().count(), 1, 1);
        assert_eq!((count("inspection"), count("inspectionType"), count("buildProblem")), expected);
        assert_eq!(found.len(), expected.0 + 2);
        let longest =
            |attribute: &str| if ["id", "name", "category", "typeId"].contains(&attribute) { 255 } else { 4000 };
        for (key, value) in found.iter().flat_map(|(_, attributes)| attributes) {
            assert!(value.encode_utf16().count() <= longest(key), "{key}");
        }
        let first = found.iter().position(|(name, _)| name == "inspection");
        assert!(
            found.iter().position(|(name, _)| name == "inspectionType") < first,
            "a type comes before its inspections"
        );
    }
}

#[test]
fn teamcity_gets_a_problem_for_each_gate_that_stands_against_the_change() {
    let finding =
        Finding::new(&RULE, "it's [50 %] | é 𝄞").at("src/a.rs", span((7, 1), (7, 2))).severity(Severity::Pending);
    let report = of(vec![finding], Verdict::Pending);
    let found = messages(&rendered(teamcity::render, &report));
    let (_, inspection) = found.iter().find(|(name, _)| name == "inspection").unwrap();
    assert_eq!(inspection["message"], "it's [50 %] | é 𝄞");
    assert_eq!((&*inspection["file"], &*inspection["line"], &*inspection["SEVERITY"]), ("src/a.rs", "7", "WARNING"));
    let problems: Vec<&str> =
        found.iter().filter(|(name, _)| name == "buildProblem").map(|(_, of)| of["description"].as_str()).collect();
    assert_eq!(problems, ["x pending: x", "predeploy: pending"]);
    assert!(messages(&rendered(teamcity::render, &of(vec![], Verdict::Passed))).is_empty());
}
