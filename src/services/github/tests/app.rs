//! A GitHub App: what it proves itself with, what it asks for, and what comes of it when GitHub says no.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{Timestamp, ToSpan as _};
use predeploy_gates::{Failure, Forge};
use serde_json::{Value, json};

use super::super::{App, AppSettings, Endpoints, GitHub, Patience};
use super::scenario::Answer;
use super::server::{Request, serve};
use super::{block_on, patience};

/// The key of the App and its text; made anew by every run.
static KEY: LazyLock<(KeyPair, String)> = LazyLock::new(|| {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let text = pem("PRIVATE KEY", AsDer::<Pkcs8V1Der<'_>>::as_der(&key).unwrap().as_ref());
    (key, text)
});

fn pem(label: &str, der: &[u8]) -> String {
    let der = STANDARD.encode(der);
    let lines: Vec<&str> = der.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn settings<'a>(installation: Option<&'a str>) -> AppSettings<'a> {
    AppSettings { id: "4711", key: &KEY.1, installation }
}

fn github(endpoint: &str, installation: Option<&str>, patience: Patience) -> GitHub {
    let app = App::new(&settings(installation), "acme/shop").unwrap();
    GitHub::new("acme/shop", &Endpoints::of(Some(endpoint), None), app, patience).unwrap()
}

fn answers(answers: Value) -> Vec<Answer> {
    serde_json::from_value(answers).unwrap()
}

fn installed() -> Value {
    json!({ "body": { "id": 77, "suspended_at": null } })
}

/// A token that is good for so many minutes.
fn issued(minutes: i64) -> Value {
    let until = Timestamp::now().checked_add(minutes.minutes()).unwrap();
    json!({ "status": 201, "body": { "token": "ghs_sesame", "expires_at": until.to_string() } })
}

fn associated() -> Value {
    let list = json!({ "totalCount": 0, "pageInfo": { "hasNextPage": false, "endCursor": null }, "nodes": [] });
    json!({ "repository": { "id": "R", "object": { "associatedPullRequests": list } } })
}

/// Asks so often, and gives what came of the last question, the requests, and how many were counted.
fn play(given: Value, installation: Option<&str>, questions: usize) -> (Result<Vec<u64>, Failure>, Vec<Request>) {
    let given = answers(given);
    let most = given.len() as u64;
    let (endpoint, server) = serve(given);
    let forge = github(&endpoint, installation, patience());
    let mut last = Ok(vec![]);
    for _ in 0..questions {
        // Each gate gathers in a runtime of its own.
        last = block_on(forge.pull_requests_with("c0"));
    }
    // A server that waits for more would wait for ever.
    assert_eq!(forge.spent().so_far().requests, most);
    let told = format!("{forge:?} {last:?}");
    assert!(!told.contains("ghs_sesame") && !told.contains("PRIVATE KEY") && !told.contains("eyJ"), "{told}");
    (last, server.join().unwrap())
}

fn lines(requests: &[Request]) -> Vec<&str> {
    requests.iter().map(|request| request.line.as_str()).collect()
}

const INSTALLATION: &str = "GET /api/v3/repos/acme/shop/installation";
const TOKEN: &str = "POST /api/v3/app/installations/77/access_tokens";
const QUESTION: &str = "POST /api/graphql";

/// That it is a JSON Web Token which the App's key signed, and what it says.
fn signed(request: &Request) -> Value {
    let jwt = request.authorization.strip_prefix("Bearer ").unwrap();
    let (message, signature) = jwt.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, KEY.0.public_key().as_ref());
    key.verify(message.as_bytes(), &signature).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(message.split_once('.').unwrap().1).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

#[test]
fn an_app_asks_where_it_is_installed_and_for_one_token_of_this_repository() {
    let (last, requests) = play(json!([installed(), issued(60), associated(), associated()]), None, 2);
    assert_eq!(last, Ok(vec![]));
    assert_eq!(lines(&requests), [INSTALLATION, TOKEN, QUESTION, QUESTION]);
    for request in &requests[..2] {
        let claims = signed(request);
        assert_eq!(claims["iss"], 4711);
        let [from, until] = ["iat", "exp"].map(|name| claims[name].as_i64().unwrap());
        let now = Timestamp::now().as_second();
        assert!(from < now && now < until && until - from <= 600, "{claims}");
    }
    assert_eq!(requests[1].body, json!({ "repositories": ["shop"] }));
    for request in &requests[2..] {
        assert_eq!(request.authorization, "Bearer ghs_sesame");
    }
}

#[test]
fn an_installation_that_is_given_is_not_asked_for() {
    let (last, requests) = play(json!([issued(60), associated()]), Some(" 77\n"), 1);
    assert_eq!((last, lines(&requests)), (Ok(vec![]), vec![TOKEN, QUESTION]));
}

#[test]
fn a_token_that_ends_soon_is_asked_for_again() {
    let (last, requests) = play(json!([issued(1), associated(), issued(1), associated()]), Some("77"), 2);
    assert_eq!((last, lines(&requests)), (Ok(vec![]), vec![TOKEN, QUESTION, TOKEN, QUESTION]));
}

/// As questions are, and what came of it is not asked for again by the next question.
#[test]
fn the_token_is_asked_for_within_the_same_patience() {
    let trouble = json!({ "status": 502, "body": "" });
    let (last, requests) = play(json!([trouble, installed(), trouble, issued(60), associated()]), None, 1);
    assert_eq!((last, lines(&requests)), (Ok(vec![]), vec![INSTALLATION, INSTALLATION, TOKEN, TOKEN, QUESTION]));
    let (last, _) = play(json!([trouble, trouble, trouble]), None, 2);
    assert_eq!(last.unwrap_err().message, "GitHub has trouble (502 Bad Gateway)");
    let (last, _) = play(json!([{ "spaces": 100, "slow": true }]), None, 2);
    assert_eq!(last.unwrap_err().message, "GitHub did not answer within 1.5s");
    let limited = json!({ "status": 403, "headers": { "retry-after": "3600" }, "body": { "message": "wait" } });
    let (last, _) = play(json!([installed(), limited]), None, 1);
    assert_eq!(last.unwrap_err().message, "GitHub's rate limit for this token is used up");
}

#[test]
fn whatever_github_refuses_an_app_is_told_and_is_no_answer() {
    let refused = |status: u16, message: &str| json!({ "status": status, "body": { "message": message } });
    let check = |given: Value, expected: &str, help: &str| {
        let (last, _) = play(given, None, 2);
        let failure = last.unwrap_err();
        assert_eq!(failure.message, expected);
        assert!(failure.help.as_ref().is_some_and(|text| text.contains(help)), "{failure:?}");
    };
    check(
        json!([refused(401, "A JSON web token could not be decoded")]),
        "GitHub does not believe the App's key (401 Unauthorized): A JSON web token could not be decoded",
        "must be of one App",
    );
    check(
        json!([refused(404, "Not Found")]),
        "the App is not installed at this repository (404 Not Found): Not Found",
        "install it there",
    );
    check(
        json!([{ "body": { "id": 77, "suspended_at": "2026-01-05T10:00:00Z" } }]),
        "the App's installation is suspended: GitHub says that it is",
        "unsuspend",
    );
    check(
        json!([installed(), refused(403, "This installation has been suspended")]),
        "the App's installation is suspended: This installation has been suspended",
        "unsuspend",
    );
    check(
        json!([installed(), refused(403, "Resource not accessible by integration")]),
        "GitHub gives the App no token (403 Forbidden): Resource not accessible by integration",
        "permissions",
    );
    check(
        json!([installed(), refused(404, "Not Found")]),
        "the App has no such installation (404 Not Found): Not Found",
        "PREDEPLOY_APP_INSTALLATION_ID",
    );
    let message =
        "There is at least one repository that does not exist or is not accessible to the parent installation.";
    check(
        json!([installed(), refused(422, message)]),
        &format!("GitHub gives the App no token for this repository (422 Unprocessable Entity): {message}"),
        "add the repository",
    );
    let (last, _) = play(json!([installed(), { "status": 201, "body": { "token": "ghs_sesame" } }]), None, 1);
    assert!(last.unwrap_err().message.starts_with("GitHub's answer is not of the form that is read: "));
    let bad = json!({ "status": 201, "body": { "token": "ghs sesame", "expires_at": "2126-01-01T00:00:00Z" } });
    let (last, _) = play(json!([installed(), bad]), None, 1);
    assert_eq!(last.unwrap_err().message, "the token for GitHub is empty or holds characters that no token has");
}

#[test]
fn what_is_set_must_be_an_app_and_is_never_told() {
    let new = |id: &str, key: &str, installation: Option<&str>| {
        let made = App::new(&AppSettings { id, key, installation }, "acme/shop");
        made.map(|app| format!("{app:?}")).map_err(|failure| format!("{failure:?}"))
    };
    let key = &KEY.1;
    let shown = new("4711", key, None).unwrap();
    assert!(shown.contains("4711") && shown.contains("***") && !shown.contains("BEGIN"), "{shown}");
    // As it is written where a variable has one line only.
    assert!(new("4711", &key.replace('\n', "\\n"), Some("77")).is_ok());
    let cut = &key[..key.len() / 2];
    let public = pem("RSA PUBLIC KEY", KEY.0.public_key().as_ref());
    for (id, key, installation, expected) in [
        ("Iv23sesame", key.as_str(), None, "PREDEPLOY_APP_ID is not a number"),
        ("4711", key, Some("sesame"), "PREDEPLOY_APP_INSTALLATION_ID is not a number"),
        ("4711", cut, None, "PREDEPLOY_APP_PRIVATE_KEY holds no RSA key in PEM"),
        ("4711", "sesame", None, "PREDEPLOY_APP_PRIVATE_KEY holds no RSA key in PEM"),
        ("4711", &public, None, "PREDEPLOY_APP_PRIVATE_KEY holds no RSA key in PEM"),
    ] {
        let failure = new(id, key, installation).unwrap_err();
        assert!(failure.contains(expected), "{failure}");
        assert!(!failure.contains("sesame") && !failure.contains(&KEY.1[40..60]), "{failure}");
    }
}
