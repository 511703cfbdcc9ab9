//! GitHub on the loopback: each file of `tests/forge/` is a question, the answers of the server, and what must come of
//! them. `{ "$repeat": [3, x] }` stands for a list, `pull-request` for `base/pull_request.json` with some fields changed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use predeploy_gates::{Failure, Forge};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{GitHub, Patience, Token, endpoint};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Scenario {
    /// Why there is such a scenario.
    #[serde(rename = "about")]
    _about: String,
    ask: Ask,
    answers: Vec<Answer>,
    /// How many requests may come.
    requests: usize,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ask {
    PullRequest(u64),
    PullRequestsWith(String),
    Deployments(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Answer {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: Map<String, Value>,
    body: Option<Value>,
    pull_request: Option<Map<String, Value>>,
    errors: Option<Value>,
    /// The connection ends after so many bytes of the body.
    cut: Option<usize>,
    /// So many spaces instead of a body.
    spaces: Option<usize>,
    /// One byte at a time.
    #[serde(default)]
    slow: bool,
}

fn ok() -> u16 {
    200
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Expect {
    pull_request: Option<Value>,
    /// Lengths of lists of the pull request.
    counts: Option<Map<String, Value>>,
    review_commits: Option<Value>,
    numbers: Option<Value>,
    deployments: Option<Value>,
    failure: Option<String>,
    help: Option<String>,
    /// Where the rest is the words of another library.
    failure_starts: Option<String>,
}

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "forge"].iter().collect()
}

fn json_file(name: &str) -> Value {
    let path = folder().join(name).with_extension("json");
    expand(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn expand(value: Value) -> Value {
    match value {
        Value::Object(object) => match object.get("$repeat") {
            Some(repeat) => {
                let times = usize::try_from(repeat[0].as_u64().unwrap()).unwrap();
                Value::Array(vec![expand(repeat[1].clone()); times])
            }
            None => object.into_iter().map(|(key, value)| (key, expand(value))).collect(),
        },
        Value::Array(array) => array.into_iter().map(expand).collect(),
        other => other,
    }
}

impl Answer {
    fn body(&self) -> Vec<u8> {
        if let Some(changes) = &self.pull_request {
            let mut of = json_file("base/pull_request");
            of.as_object_mut().unwrap().extend(changes.clone());
            let mut body = json!({ "data": { "repository": { "pullRequest": of } } });
            if let Some(errors) = &self.errors {
                body["errors"] = errors.clone();
            }
            return serde_json::to_vec(&body).unwrap();
        }
        if let Some(spaces) = self.spaces {
            return vec![b' '; spaces];
        }
        match &self.body {
            Some(Value::String(text)) => text.clone().into_bytes(),
            Some(body) => serde_json::to_vec(body).unwrap(),
            None => Vec::new(),
        }
    }

    /// The client may hang up on purpose, so nothing is said of a failed write.
    fn send(&self, mut to: TcpStream) -> std::io::Result<()> {
        let body = self.body();
        let mut head = format!("HTTP/1.1 {} -\r\nconnection: close\r\ncontent-length: {}\r\n", self.status, body.len());
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap()));
        }
        head.push_str("\r\n");
        if self.slow {
            for byte in head.bytes().chain(body) {
                to.write_all(&[byte])?;
                std::thread::sleep(Duration::from_millis(20));
            }
            return Ok(());
        }
        to.write_all(head.as_bytes())?;
        to.write_all(&body[..self.cut.unwrap_or(body.len())])
    }
}

/// What a request held.
struct Request {
    authorization: String,
    body: Value,
}

fn receive(from: &TcpStream) -> Request {
    let mut reader = BufReader::new(from);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line, "POST /api/graphql HTTP/1.1\r\n");
    let (mut authorization, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some(("authorization", value)) => authorization = value.to_owned(),
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Request { authorization, body: serde_json::from_slice(&body).unwrap() }
}

/// Answers one connection after the other, and ends with the last answer.
fn serve(answers: Vec<Answer>) -> (String, JoinHandle<Vec<Request>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let endpoint = format!("http://{}/api/graphql", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            requests.push(receive(&stream));
            _ = answer.send(stream);
        }
        requests
    });
    (endpoint, server)
}

fn github(endpoint: &str) -> GitHub {
    let patience = Patience {
        request: Duration::from_millis(1500),
        question: Duration::from_secs(20),
        pause: Duration::from_millis(5),
    };
    GitHub::new("acme/shop", endpoint, Token::new("sesame\n").unwrap(), patience).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn value<T: Serialize>(answer: Result<T, Failure>) -> Result<Value, Failure> {
    answer.map(|answer| serde_json::to_value(answer).unwrap())
}

/// Plays a scenario and gives the requests that came.
fn play(name: &str) -> Vec<Request> {
    let scenario: Scenario = serde_json::from_value(json_file(name)).unwrap();
    let (endpoint, server) = serve(scenario.answers);
    let forge = github(&endpoint);
    let answer = block_on(async {
        match &scenario.ask {
            Ask::PullRequest(number) => value(forge.pull_request(*number).await),
            Ask::PullRequestsWith(commit) => value(forge.pull_requests_with(commit).await),
            Ask::Deployments(environment) => value(forge.deployments(environment).await),
        }
    });
    let expect = scenario.expect;
    match answer {
        Ok(answer) => {
            assert_eq!(expect.failure.or(expect.failure_starts), None, "it answered {answer}");
            for whole in [expect.pull_request, expect.numbers, expect.deployments].into_iter().flatten() {
                assert_eq!(answer, whole);
            }
            for (list, count) in expect.counts.into_iter().flatten() {
                assert_eq!(json!(answer[&list].as_array().unwrap().len()), count, "{list}");
            }
            if let Some(commits) = expect.review_commits {
                let reviews = answer["reviews"].as_array().unwrap();
                assert_eq!(reviews.iter().map(|review| review["commit"].clone()).collect::<Value>(), commits);
            }
        }
        Err(failure) => {
            if let Some(start) = expect.failure_starts {
                assert!(failure.message.starts_with(&start), "{failure}");
            } else {
                assert_eq!(Some(&failure.message), expect.failure.as_ref());
                assert_eq!(failure.help, expect.help);
            }
            assert!(!format!("{failure:?}").contains("sesame"));
        }
    }
    let requests = server.join().unwrap();
    assert_eq!(requests.len(), scenario.requests);
    for request in &requests {
        assert_eq!(request.authorization, "Bearer sesame");
    }
    requests
}

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            play(stringify!($name));
        })*

        #[test]
        fn every_scenario_is_played() {
            let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
            let mut names: Vec<String> = files
                .filter(|path| path.is_file())
                .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            names.sort();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

scenarios! {
    associated
    associated_cut
    associated_unknown
    bot_author
    deployments
    forbidden
    head_not_listed
    list_missing
    no_repository
    no_such_pull_request
    not_found
    not_json
    null_node
    null_review_commit
    ordinary
    other_form
    page_vanished
    page_without_progress
    paged_reviews
    partial_error
    primary_limit
    pushed_between_pages
    rate_limited_in_200
    redirect
    reset_in_body
    secondary_limit
    server_error_once
    server_errors
    slow_loris
    too_large
    too_many_requests
    total_differs
    unauthorized
    waits_as_told
}

/// The second page asks for what is missing, from where the first ended.
#[test]
fn a_next_page_asks_for_the_unfinished_lists_alone() {
    let requests = play("paged_reviews");
    let [first, second] = [0, 1].map(|n: usize| &requests[n].body["variables"]);
    assert_eq!(first["reviews"], Value::Null);
    assert_eq!(second["reviews"], "c100");
    let more = |variables: &Value| ["moreReviews", "moreThreads", "moreCommits"].map(|more| variables[more].clone());
    assert_eq!(more(first), [true, true, true].map(Value::Bool));
    assert_eq!(more(second), [true, false, false].map(Value::Bool));
}

#[test]
fn a_pull_request_is_asked_for_once_a_run() {
    let scenario: Scenario = serde_json::from_value(json_file("ordinary")).unwrap();
    let (endpoint, server) = serve(scenario.answers);
    let forge = github(&endpoint);
    // Each gate gathers in a runtime of its own.
    let first = block_on(forge.pull_request(12)).unwrap();
    assert_eq!(server.join().unwrap().len(), 1);
    assert_eq!(block_on(forge.pull_request(12)).unwrap(), first);
}

#[test]
fn nobody_there_is_a_failure() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for scheme in ["http", "https"] {
        let failure = block_on(github(&format!("{scheme}://{address}/graphql")).pull_request(12)).unwrap_err();
        assert!(failure.message.starts_with("GitHub could not be reached: "), "{failure}");
    }
}

#[test]
fn a_token_is_never_printed() {
    let token = Token::new("sesame").unwrap();
    assert_eq!(format!("{token:?}"), "***");
    let forge = format!("{:?}", github("http://127.0.0.1:1/graphql"));
    assert!(forge.contains("***") && !forge.contains("sesame"), "{forge}");
    for wrong in ["", " ", "open sesame", "sesame\nx: y", "sesam\u{e9}"] {
        let failure = Token::new(wrong).unwrap_err();
        assert!(!failure.message.contains("sesam"), "{failure}");
    }
}

/// A token in the clear could be read by anyone on the way.
#[test]
fn a_token_is_sent_over_https_or_the_loopback_only() {
    let new = |endpoint: &str| {
        GitHub::new("acme/shop", endpoint, Token::new("sesame").unwrap(), Patience::default())
            .map(|_| ())
            .map_err(|failure| failure.message)
    };
    assert_eq!(new("https://github.example/api/graphql"), Ok(()));
    assert_eq!(new("http://127.0.0.1:8080/graphql"), Ok(()));
    for endpoint in ["http://github.example/api/graphql", "ftp://github.example/", "http://127.0.0.1.example/graphql"] {
        let expected = format!("`{endpoint}` is no address of GitHub's GraphQL: a token is sent over https only");
        assert_eq!(new(endpoint), Err(expected));
    }
    assert!(new("github.example").is_err());
}

#[test]
fn a_repository_has_an_owner_and_a_name() {
    for wrong in ["shop", "/shop", "acme/"] {
        let made = GitHub::new(wrong, "https://api.github.com/graphql", Token::new("x").unwrap(), Patience::default());
        assert_eq!(made.unwrap_err().message, format!("`{wrong}` is not a repository at GitHub, such as `owner/name`"));
    }
}

#[test]
fn endpoints_of_github_and_of_an_enterprise_server() {
    assert_eq!(endpoint(None, None), "https://api.github.com/graphql");
    assert_eq!(endpoint(None, Some("https://api.github.com")), "https://api.github.com/graphql");
    assert_eq!(endpoint(None, Some("https://ghe.example/api/v3/")), "https://ghe.example/api/graphql");
    assert_eq!(endpoint(None, Some("https://api.acme.ghe.com")), "https://api.acme.ghe.com/graphql");
    assert_eq!(endpoint(Some("https://ghe.example/api/graphql"), Some("x")), "https://ghe.example/api/graphql");
}
