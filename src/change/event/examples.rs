//! The payloads that GitHub's community publishes: `index.json` of the npm package `@octokit/webhooks-examples`, in the folder
//! of each version that `PREDEPLOY_WEBHOOK_EXAMPLES` names. CI installs it; elsewhere this test says that it skips.

use std::path::PathBuf;

use serde_json::Value;

use super::{From, parse};

const SHA: &str = "1111111111111111111111111111111111111111";

/// Name of the event and payload, all versions of GitHub together.
fn examples() -> Option<Vec<(String, Value)>> {
    let Some(folder) = std::env::var_os("PREDEPLOY_WEBHOOK_EXAMPLES").map(PathBuf::from) else {
        eprintln!("skipped: PREDEPLOY_WEBHOOK_EXAMPLES names no folder (CONTRIBUTING.md tells how to get it)");
        return None;
    };
    let mut examples = Vec::new();
    for version in ["api.github.com", "ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35"] {
        let path = folder.join(version).join("index.json");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let events: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert!(events.len() > 45, "{}", path.display());
        for event in events {
            let name = event["name"].as_str().unwrap();
            examples
                .extend(event["examples"].as_array().unwrap().iter().map(|payload| (name.to_owned(), payload.clone())));
        }
    }
    Some(examples)
}

#[test]
fn published_payloads_are_read() {
    let Some(examples) = examples() else { return };
    let (mut pull_requests, mut pushes, mut groups, mut others) = (0, 0, 0, 0);
    for (name, payload) in &examples {
        let event = parse(name, &payload.to_string(), Some(SHA)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let is = |told: Option<&str>, place: &str| {
            assert_eq!(told, payload.pointer(place).unwrap().as_str(), "{name} {place}")
        };
        match name.as_str() {
            "pull_request" | "pull_request_review" | "pull_request_review_comment" => {
                pull_requests += 1;
                assert_eq!(event.pull_request, payload["pull_request"]["number"].as_u64(), "{name}");
                is(event.head.as_deref(), "/pull_request/head/sha");
                let From::Target { branch, tip } = &event.from else { panic!("{name}: {event:?}") };
                is(Some(branch), "/pull_request/base/ref");
                is(Some(tip), "/pull_request/base/sha");
            }
            "push" => {
                pushes += 1;
                is(event.head.as_deref(), "/after");
                let reference = payload["ref"].as_str().unwrap();
                let branch = match &event.from {
                    From::Before { branch, commit } => {
                        is(Some(commit), "/before");
                        branch
                    }
                    From::FirstPush { branch } => {
                        assert_eq!(payload["created"], true);
                        branch
                    }
                    From::Tag { tag } => {
                        assert_eq!(*reference, format!("refs/tags/{tag}"));
                        tag
                    }
                    From::Deleted { branch } => {
                        assert_eq!(payload["deleted"], true);
                        branch
                    }
                    other => panic!("{other:?}"),
                };
                assert!(reference.ends_with(branch.as_str()) && reference.len() > branch.len());
            }
            "merge_group" => {
                groups += 1;
                is(event.head.as_deref(), "/merge_group/head_sha");
                let From::Protected { branch } = &event.from else { panic!("{event:?}") };
                assert_eq!(payload["merge_group"]["base_ref"], format!("refs/heads/{branch}"));
                let number = format!("/pr-{}-", event.pull_request.unwrap());
                assert!(payload["merge_group"]["head_ref"].as_str().unwrap().contains(&number));
            }
            "deployment" => is(event.head.as_deref(), "/deployment/sha"),
            _ => {
                others += 1;
                assert_eq!((event.head.as_deref(), &event.from), (Some(SHA), &From::Nothing), "{name}");
            }
        }
    }
    eprintln!("{pull_requests} of pull requests, {pushes} pushes, {groups} merge groups, {others} others");
    assert!(pull_requests > 30 && pushes > 5 && groups > 1 && others > 100);
}

/// Payloads cut short, and of one event under the name of another: read or refused, and never a crash.
#[test]
fn published_payloads_in_pieces_are_refused_or_read() {
    let Some(examples) = examples() else { return };
    for (_, payload) in &examples {
        let text = payload.to_string();
        for cut in [1, text.len() / 3, text.len() - 1] {
            assert!(parse("push", &text[..text.floor_char_boundary(cut)], None).is_err());
        }
        for name in ["pull_request", "push", "merge_group", "deployment", "schedule"] {
            let read = parse(name, &text, Some(SHA));
            assert!(read.is_err() || read.is_ok_and(|event| event.head.is_some()));
        }
    }
}
