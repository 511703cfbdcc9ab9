use super::*;

const HEAD: &str = "7f3c000000000000000000000000000000000000";
const ONE: &str = r#"{ "number": 12, "url": "https://forge.example/12", "title": "Refunds", "state": "open",
    "author": null, "base-branch": "main", "head": "7f3c000000000000000000000000000000000000" }"#;

fn parse(text: &str) -> Result<Recorded, Failure> {
    Recorded::parse("forge.json", text)
}

#[test]
fn what_is_recorded_is_answered() {
    let at = |day: u8, environment: &str| {
        format!(
            r#"{{ "environment": "{environment}", "commit": "{day:040}", "tree": null, "successful": true, "creator": null, "at": "2026-11-{day:02}T10:00:00Z" }}"#
        )
    };
    let deployments = [at(1, "production"), at(3, "production"), at(2, "staging")].join(",");
    let recorded = parse(&format!(r#"{{ "pull-requests": [{ONE}], "deployments": [{deployments}] }}"#)).unwrap();
    assert_eq!(recorded.numbers(), [12]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        assert_eq!(recorded.pull_request(12).await.unwrap().title, "Refunds");
        assert_eq!(recorded.pull_request(12).await.unwrap().body, None);
        assert_eq!(recorded.pull_requests_with(HEAD).await, Ok(vec![12]));
        assert_eq!(recorded.pull_requests_with("0000").await, Ok(vec![]));
        let newest_first = recorded.deployments("production").await.unwrap();
        assert_eq!(newest_first.iter().map(|d| &d.commit[39..]).collect::<Vec<_>>(), ["3", "1"]);
        assert_eq!(
            recorded.pull_request(13).await.unwrap_err().message,
            "the recorded forge evidence holds no pull request #13"
        );
    });
}

/// An empty list is an answer, and none is not. What is recorded has no clock.
#[test]
fn deployments_in_progress_and_labels_are_told_as_they_are_recorded() {
    let running = |environment: &str| {
        format!(
            r#"{{ "environment": "{environment}", "commit": "{HEAD}", "state": "queued", "creator": {{ "login": "ben" }}, "since": "2026-11-18T10:00:00Z", "url": null }}"#
        )
    };
    let label = |number: u64| {
        format!(r#"{{ "pull-request": {number}, "label": "announced", "since": "2026-11-18T10:00:00Z", "by": null }}"#)
    };
    let text = format!(
        r#"{{ "running": [{}, {}], "labels": [{}, {}] }}"#,
        running("production"),
        running("staging"),
        label(12),
        label(13)
    );
    let (full, empty) = (parse(&text).unwrap(), parse(r#"{ "running": [], "labels": [] }"#).unwrap());
    let nothing = parse("{}").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        assert_eq!(full.running("staging").await.unwrap()[0].environment, "staging");
        assert_eq!(full.labels(13).await.unwrap().len(), 1);
        assert_eq!((empty.running("staging").await, empty.labels(12).await), (Ok(vec![]), Ok(vec![])));
        assert_eq!(
            nothing.running("staging").await.unwrap_err().message,
            "the recorded forge evidence holds no `running`"
        );
        assert_eq!(nothing.labels(12).await.unwrap_err().message, "the recorded forge evidence holds no `labels`");
        assert!(full.ahead().await.is_err());
    });
    assert!(parse(&text.replace("\"by\"", "\"who\"")).unwrap_err().message.contains("`labels[0].who`"));
}

/// A review that was not given yet is nobody's word.
#[test]
fn what_was_said_lately_is_what_is_recorded() {
    let said = r#""comments": [{ "by": { "login": "ben" }, "body": "x", "at": "2026-11-18T10:00:00Z", "edited": true },
        { "by": { "login": "ben" }, "body": "y", "at": "2026-11-10T10:00:00Z" }],
        "reviews": [{ "by": null, "opinion": "dismissed", "commit": null, "at": "2026-11-18T11:00:00Z", "body": "z" },
        { "by": null, "opinion": "pending", "commit": null, "at": "2026-11-18T11:00:00Z", "body": "z" }], "number""#;
    let recorded = parse(&format!(r#"{{ "pull-requests": [{}] }}"#, ONE.replacen("\"number\"", said, 1))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let remarks = runtime.block_on(recorded.remarks("2026-11-11T00:00:00Z".parse().unwrap())).unwrap();
    let told: Vec<_> = remarks.iter().map(|one| (one.text.as_deref().unwrap(), one.earlier.len())).collect();
    assert_eq!(told, [("z", 0), ("x", 1)]);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_its_path() {
    let wrong = |text: &str| parse(text).unwrap_err().message;
    assert_eq!(
        wrong("{\n  \"pull_requests\": []\n}"),
        "forge.json:2:17: `pull_requests`: unknown field `pull_requests`, expected one of `pull-requests`, `commits`, `people`, `deployments`, `checks`, `running`, `labels`, `follow-ups`"
    );
    assert_eq!(wrong("{"), "forge.json:1:1: EOF while parsing an object");
    assert_eq!(wrong("{} x"), "forge.json:1:4: trailing characters");
    assert_eq!(
        wrong("{ \"pull-requests\": [{ \"number\": 12 }] }"),
        "forge.json:1:36: `pull-requests[0]`: missing field `url`"
    );
    let author = ONE.replace("\"author\": null", "\"author\": { \"name\": \"alice\" }");
    assert_eq!(
        wrong(&format!("{{ \"pull-requests\": [{author}] }}")),
        "forge.json:2:22: `pull-requests[0].author.name`: unknown field `name`, expected `login` or `bot`"
    );
    assert_eq!(
        wrong(&format!("{{ \"pull-requests\": [{ONE}, {ONE}] }}")),
        "forge.json: `pull-requests[1]`: pull request #12 is there twice"
    );
}

#[test]
fn a_short_id_of_a_commit_is_refused_wherever_it_stands() {
    let refused = |text: &str, place: &str| {
        let failure = parse(text).unwrap_err();
        assert_eq!(failure.message, format!("forge.json:{place}: `7f3c9a1` is not the whole id of a commit"), "{text}");
        assert!(failure.help.unwrap().contains("40 or 64 digits"));
    };
    let one = |field: &str, value: &str| {
        format!(
            "{{ \"pull-requests\": [{}] }}",
            ONE.replacen("\"number\"", &format!("\"{field}\": {value}, \"number\""), 1)
        )
    };
    refused(&format!("{{ \"pull-requests\": [{}] }}", ONE.replace(HEAD, "7f3c9a1")), "2:52: `pull-requests[0].head`");
    let person = r#""authors": [{ "account": null }]"#;
    refused(
        &one("commits", &format!(r#"[{{ "id": "7f3c9a1", {person} }}]"#)),
        "1:43: `pull-requests[0].commits[0].id`",
    );
    refused(
        &one("commits", &format!(r#"[{{ "id": "{HEAD}", "parents": ["7f3c9a1"], {person} }}]"#)),
        "1:99: `pull-requests[0].commits[0].parents[0]`",
    );
    let review = r#"[{ "by": null, "opinion": "approved", "commit": "7f3c9a1", "at": "2026-11-18T10:00:00Z" }]"#;
    refused(&one("reviews", review), "1:82: `pull-requests[0].reviews[0].commit`");
    let merged = r#"{ "at": "2026-11-18T10:00:00Z", "commit": "7f3c9a1" }"#;
    refused(&one("merged", merged), "1:75: `pull-requests[0].merged.commit`");
    let commits = format!(r#"{{ "commits": [{{ "commit": {{ "id": "7f3c9a1", {person} }}, "pull-requests": [] }}] }}"#);
    refused(&commits, "1:35: `commits[0].commit.id`");
    let deployment = r#"{ "deployments": [{ "environment": "production", "commit": "7f3c9a1", "tree": null, "successful": true, "creator": null, "at": "2026-11-18T10:00:00Z" }] }"#;
    refused(deployment, "1:60: `deployments[0].commit`");
    let running = r#"{ "running": [{ "environment": "production", "commit": "7f3c9a1", "state": "queued", "creator": null, "since": "2026-11-18T10:00:00Z", "url": null }] }"#;
    refused(running, "1:56: `running[0].commit`");
    let follow_up = r#"{ "follow-ups": [{ "url": "x", "commit": "7f3c9a1", "gates": [], "opened": "2026-11-18T10:00:00Z", "open": true }] }"#;
    refused(follow_up, "1:42: `follow-ups[0].commit`");
}
