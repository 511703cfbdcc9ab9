//! GitHub on the loopback: each file of `tests/forge/` is a scenario.

mod app;
mod edges;
mod queries;
mod scenario;
mod server;

use std::net::TcpListener;
use std::time::Duration;

use predeploy_gates::{Failure, Forge};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Endpoints, GitHub, Patience, Token};
use scenario::{Ask, Scenario, folder};
use server::{Request, serve};

fn patience() -> Patience {
    Patience {
        request: Duration::from_millis(1500),
        question: Duration::from_secs(20),
        pause: Duration::from_millis(5),
    }
}

fn github(endpoint: &str) -> GitHub {
    let endpoints = Endpoints::of(Some(endpoint), None);
    GitHub::new("acme/shop", &endpoints, Token::new("sesame\n").unwrap(), patience()).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn value<T: Serialize>(answer: Result<T, Failure>) -> Result<Value, Failure> {
    answer.map(|answer| serde_json::to_value(answer).unwrap())
}

/// Plays a scenario and gives the requests that came.
fn play(name: &str) -> Vec<Request> {
    let scenario = Scenario::read(name);
    let (endpoint, server) = serve(scenario.answers);
    let mut forge = github(&endpoint);
    if scenario.organization_token {
        let token = Token::new("poppy").unwrap();
        forge = forge.for_organizations(&Endpoints::of(Some(&endpoint), None), token, patience()).unwrap();
    }
    let answer = block_on(async {
        match &scenario.ask {
            Ask::PullRequest(number) => value(forge.pull_request(*number).await),
            Ask::PullRequestsWith(commit) => value(forge.pull_requests_with(commit).await),
            Ask::Checks(commit) => value(forge.checks(commit).await),
            Ask::MergeQueue(branch) => value(forge.merge_queue(branch).await),
            Ask::Deployments(environment) => value(forge.deployments(environment).await),
            Ask::Shipped(commits) => value(forge.shipped(commits).await),
            Ask::People(asked) => value(forge.people(asked).await),
            Ask::Remarks(since) => value(forge.remarks(*since).await),
            Ask::Running(environment) => value(forge.running(environment).await),
            Ask::Settings(environment) => {
                let settings = forge.settings(environment).await;
                settings.map(|told| json!({ "variables": told.variables, "secrets": told.secrets }))
            }
            Ask::Labels(number) => value(forge.labels(*number).await),
            Ask::Ahead => value(forge.ahead().await),
        }
    });
    let expect = scenario.expect;
    match answer {
        Ok(answer) => {
            assert_eq!(expect.failure.or(expect.failure_starts), None, "it answered {answer}");
            let whole = [
                expect.pull_request,
                expect.numbers,
                expect.deployments,
                expect.shipment,
                expect.checks,
                expect.queued,
                expect.people,
                expect.remarks,
                expect.running,
                expect.settings,
                expect.labels,
            ];
            for whole in whole.into_iter().flatten() {
                assert_eq!(answer, whole, "{answer:#}");
            }
            for (field, expected) in expect.fields.into_iter().flatten() {
                assert_eq!(answer[&field], expected, "{field}");
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
            let told = format!("{failure:?}");
            assert!(!told.contains("canary") && !told.contains("sesame") && !told.contains("poppy"));
        }
    }
    let spent = forge.spent().so_far();
    // A server that waits for more would wait for ever.
    assert_eq!(spent.requests, scenario.requests as u64, "requests");
    let requests = server.join().unwrap();
    assert_eq!(requests.len(), scenario.requests);
    let tokens = expect.tokens.unwrap_or_else(|| vec!["sesame".into(); requests.len()]);
    let with: Vec<&str> = requests.iter().map(|request| request.authorization.trim_start_matches("Bearer ")).collect();
    assert_eq!(with, tokens);
    if let Some(cost) = expect.cost {
        assert_eq!(serde_json::to_value(spent).unwrap(), cost);
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
    activity_forbidden
    activity_in_trouble
    activity_of_another_form
    associated
    associated_cut
    associated_unknown
    bot_author
    checks
    checks_cut
    checks_none
    checks_unknown
    clock_refused
    clock_without_a_date
    codeowners_forbidden
    comments_vanished
    deleted_accounts
    deployments
    forbidden
    head_listed_later
    head_not_listed
    kinds_of_accounts
    label_of_no_event
    label_taken_off_meanwhile
    labelled
    labelled_never
    labelled_on_two_pages
    labelled_while_read
    labels_cut
    labels_of_no_pull_request
    list_missing
    merge_queue
    merge_queue_changed
    merge_queue_none
    merge_queue_paged
    merged
    merged_at_no_time
    more_than_250_commits
    no_repository
    no_such_pull_request
    not_found
    not_json
    null_node
    null_review_commit
    ordinary
    organization_null
    organization_token
    organization_token_without_permissions
    other_form
    page_vanished
    page_without_progress
    paged_comments
    paged_reviews
    partial_error
    people
    people_in_trouble
    people_of_no_repository
    people_of_nobody
    people_partly_unanswered
    permission_unknown
    primary_limit
    pushed_between_pages
    pusher_after_forced_push
    pusher_by_forced_push
    pusher_is_a_bot
    pusher_not_told
    pusher_of_a_fork
    rate_limited_in_200
    rebased_by_another
    redirect
    remarks
    remarks_cut
    remarks_of_a_changing_list
    requests_null
    reset_in_body
    running
    running_null
    running_of_many_pages
    running_too_many
    scope_missing
    secondary_limit
    server_error_once
    server_errors
    settings
    settings_changed
    settings_forbidden
    settings_of_another_form
    shipped
    shipped_by_many
    shipped_changed
    shipped_co_authors
    shipped_co_authors_unknown
    shipped_cut
    shipped_cut_again
    shipped_head_missing
    shipped_no_commit
    shipped_partial
    shipped_pull_requests_null
    shipped_second_page_fails
    shipped_unknown
    shipped_whole
    slow_loris
    team_forbidden
    team_null
    team_page_vanished
    team_paged
    too_large
    too_many_requests
    total_differs
    unauthorized
    wait_with_a_date
    waits_as_told
}

/// The second page asks for what is missing, from where the first ended.
#[test]
fn a_next_page_asks_for_the_unfinished_lists_alone() {
    let requests = play("paged_reviews");
    let [first, second] = [0, 1].map(|n: usize| &requests[n].body["variables"]);
    assert_eq!(first["reviews"], Value::Null);
    assert_eq!(second["reviews"], "c100");
    let lists = ["moreReviews", "moreThreads", "moreComments", "moreCommits"];
    let more = |variables: &Value| lists.map(|more| variables[more].clone());
    assert_eq!(more(first), [true, true, true, true].map(Value::Bool));
    assert_eq!(more(second), [true, false, false, false].map(Value::Bool));
}

#[test]
fn a_pull_request_is_asked_for_once_a_run() {
    let scenario = Scenario::read("ordinary");
    let (endpoint, server) = serve(scenario.answers);
    let forge = github(&endpoint);
    // Each gate gathers in a runtime of its own.
    let first = block_on(forge.pull_request(12)).unwrap();
    assert_eq!(server.join().unwrap().len(), 2);
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

/// Also what has no rate limits tells its clock.
#[test]
fn the_forges_clock_is_compared_to_this_machines() {
    for (ahead, status) in [(300_i64, 200_u16), (-300, 200), (3600, 404)] {
        let then = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(ahead)).unwrap();
        let date = then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let answer = json!([{ "status": status, "headers": { "date": date }, "body": {} }]);
        let (endpoint, server) = serve(serde_json::from_value(answer).unwrap());
        let told = block_on(github(&endpoint).ahead()).unwrap();
        assert!((told - ahead).abs() <= 2, "{told} instead of {ahead}");
        assert_eq!(server.join().unwrap()[0].line, "GET /api/v3/rate_limit");
    }
}

/// What was asked anyway has told the clock.
#[test]
fn the_forges_clock_is_asked_for_only_if_nothing_else_was() {
    let then = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(300)).unwrap();
    let date = then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let answer = json!([{ "headers": { "date": date }, "repository": { "deployments": { "nodes": [] } } }]);
    let (endpoint, server) = serve(serde_json::from_value(answer).unwrap());
    let forge = github(&endpoint);
    assert_eq!(block_on(forge.deployments("production")), Ok(vec![]));
    assert_eq!(server.join().unwrap().len(), 1);
    assert!((block_on(forge.ahead()).unwrap() - 300).abs() <= 2);
}

/// A token in the clear could be read by anyone on the way.
#[test]
fn a_token_is_sent_over_https_or_the_loopback_only() {
    let new = |endpoint: &str| {
        let endpoints = Endpoints::of(Some(endpoint), None);
        GitHub::new("acme/shop", &endpoints, Token::new("sesame").unwrap(), Patience::default())
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
    let rest = Endpoints { rest: "http://github.example".into(), ..Endpoints::of(None, None) };
    let made = GitHub::new("acme/shop", &rest, Token::new("sesame").unwrap(), Patience::default());
    let message = "`http://github.example` is no address of GitHub's REST: a token is sent over https only";
    assert_eq!(made.unwrap_err().message, message);
}

#[test]
fn a_repository_has_an_owner_and_a_name() {
    for wrong in ["shop", "/shop", "acme/"] {
        let made = GitHub::new(wrong, &Endpoints::of(None, None), Token::new("x").unwrap(), Patience::default());
        assert_eq!(made.unwrap_err().message, format!("`{wrong}` is not a repository at GitHub, such as `owner/name`"));
    }
}
