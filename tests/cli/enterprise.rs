//! GitHub Enterprise Server: REST below `/api/v3`, GraphQL at `/api/graphql`, as a token or as an App.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::{Forge, Predeploy, Pull, Ran, Repo, event};

const REVIEW: &str = "[gates.review]\nlast-push = true\n";

/// Sets what a run is told of the server, by what its REST and GraphQL begin with.
type Set = fn(Predeploy, [&str; 2]) -> Predeploy;

/// A pull request that bob approved, and who pushed it last. Runs it as the server's variables are set.
fn check(pusher: &str, set: impl Fn(Predeploy, [&str; 2]) -> Predeploy) -> (Ran, Vec<(String, String)>) {
    let repo = Repo::new();
    let base = repo.with("predeploy.toml", REVIEW).commit("policy");
    repo.origin("main", &base);
    let head = repo.branch("fix").with("a.txt", "a\n").commit("a");
    let pull = Pull::new(7, &head).of_own_branch().approved("bob", &head);
    let forge = Forge::knowing().pull(pull).pushed(&head, pusher).start();
    let [rest, graphql] = forge.enterprise();
    let ran = set(repo.check().event(event::pull_request(7, &base, &head)), [&rest, &graphql]).run();
    (ran, forge.requests())
}

fn lines(requests: &[(String, String)]) -> Vec<&str> {
    requests.iter().map(|(line, _)| line.as_str()).collect()
}

const ACTIVITY: &str = "GET /api/v3/repos/acme/shop/activity?ref=refs%2Fheads%2Ffix&per_page=100";
const TOKEN: &str = "ghp_of_a_test";

#[test]
fn a_server_is_asked_by_either_of_its_addresses() {
    let both = |run: Predeploy, [rest, graphql]: [&str; 2]| {
        run.env("GITHUB_API_URL", rest).env("GITHUB_GRAPHQL_URL", graphql).env("GITHUB_TOKEN", TOKEN)
    };
    let rest = |run: Predeploy, [rest, _]: [&str; 2]| run.env("GITHUB_API_URL", rest).env("GITHUB_TOKEN", TOKEN);
    let graphql =
        |run: Predeploy, [_, graphql]: [&str; 2]| run.env("GITHUB_GRAPHQL_URL", graphql).env("GITHUB_TOKEN", TOKEN);
    let sets: [Set; 3] = [both, rest, graphql];
    for set in sets {
        let (ran, requests) = check("alice", set);
        ran.is("passed");
        assert_eq!(lines(&requests), ["POST /api/graphql", ACTIVITY], "{ran}");
        assert!(requests.iter().all(|(_, token)| token == TOKEN), "{requests:?}");
        assert_eq!(ran.report["forge"]["requests"], json!(2), "{ran}");
    }
    // What REST tells there counts: the one who approved it pushed it.
    let (ran, _) = check("bob", both);
    ran.is("blocked").says("review/not-approved", &["bob pushed the last revision"]);
}

fn key() -> String {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = STANDARD.encode(AsDer::<Pkcs8V1Der<'_>>::as_der(&key).unwrap().as_ref());
    format!("-----BEGIN PRIVATE KEY-----\\n{der}\\n-----END PRIVATE KEY-----")
}

#[test]
fn a_server_is_asked_as_an_app_by_its_id_and_key() {
    let key = key();
    let app = |run: Predeploy, [rest, _]: [&str; 2]| {
        run.env("GITHUB_API_URL", rest).env("PREDEPLOY_APP_ID", "4711").env("PREDEPLOY_APP_PRIVATE_KEY", &key)
    };
    let (ran, requests) = check("alice", app);
    ran.is("passed");
    let installation = "GET /api/v3/repos/acme/shop/installation";
    let token = "POST /api/v3/app/installations/77/access_tokens";
    assert_eq!(lines(&requests), [installation, token, "POST /api/graphql", ACTIVITY], "{ran}");
    assert!(requests[2..].iter().all(|(_, token)| token == "ghs_of_a_test"), "{requests:?}");
    let said = format!("{ran}{}{}", ran.report, ran.evidence);
    assert!(!said.contains("ghs_of_a_test") && !said.contains(&key[40..80]), "{said}");
}

/// Nobody is asked as somebody else because half of it is missing.
#[test]
fn half_an_app_and_a_key_that_is_none_ask_nothing() {
    for (name, value, says) in [
        ("PREDEPLOY_APP_ID", "4711", "PREDEPLOY_APP_ID is set, and PREDEPLOY_APP_PRIVATE_KEY is not"),
        ("PREDEPLOY_APP_PRIVATE_KEY", "secret", "PREDEPLOY_APP_PRIVATE_KEY is set, and PREDEPLOY_APP_ID is not"),
    ] {
        let (ran, requests) = check("alice", |run, [rest, _]| {
            run.env("GITHUB_API_URL", rest).env("GITHUB_TOKEN", TOKEN).env(name, value)
        });
        ran.is("unresolved").says("review/unreadable-pull-request", &[says]);
        assert_eq!(requests, [], "{ran}");
    }
    let (ran, requests) = check("alice", |run, [rest, _]| {
        let run = run.env("GITHUB_API_URL", rest).env("GITHUB_TOKEN", TOKEN);
        run.env("PREDEPLOY_APP_ID", "4711").env("PREDEPLOY_APP_PRIVATE_KEY", "secret of nobody")
    });
    ran.is("unresolved").says("review/unreadable-pull-request", &["holds no RSA key in PEM"]);
    assert!(requests.is_empty() && !format!("{ran}{}", ran.report).contains("secret of nobody"), "{ran}");
}
