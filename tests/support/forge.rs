//! GitHub on the loopback: answers the questions that predeploy asks.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

/// A pull request as GitHub's GraphQL gives it.
#[derive(Clone)]
pub struct Pull(Value);

fn list(nodes: Vec<Value>) -> Value {
    json!({ "totalCount": nodes.len(), "pageInfo": { "hasNextPage": false, "endCursor": null }, "nodes": nodes })
}

fn push(connection: &mut Value, node: Value) {
    connection["nodes"].as_array_mut().unwrap().push(node);
    connection["totalCount"] = json!(connection["nodes"].as_array().unwrap().len());
}

fn commit(oid: &str, login: &str) -> Value {
    let person = json!({ "email": format!("{login}@example.com"), "user": { "login": login } });
    json!({ "commit": {
        "oid": oid, "messageHeadline": "Refund in parts", "committedViaWeb": false, "parents": list(vec![]),
        "committer": person, "authors": list(vec![person.clone()]),
    } })
}

impl Pull {
    /// Open, to `main`, by alice, from a fork, one commit.
    pub fn new(number: u64, head: &str) -> Self {
        Self(json!({
            "number": number, "url": format!("https://github.com/acme/shop/pull/{number}"), "title": "Refunds",
            "body": "", "state": "OPEN", "isDraft": false, "baseRefName": "main", "headRefName": "fix",
            "headRefOid": head, "isCrossRepository": true, "author": { "__typename": "User", "login": "alice" },
            "mergedAt": null, "mergedBy": null, "mergeCommit": null, "reviewDecision": null,
            "retargeted": { "nodes": [] }, "forced": { "nodes": [] }, "reviewRequests": list(vec![]),
            "labels": list(vec![]), "reviews": list(vec![]), "reviewThreads": list(vec![]), "comments": list(vec![]),
            "commits": list(vec![commit(head, "alice")]),
        }))
    }

    /// Merged, by this commit.
    pub fn merged(mut self, commit: &str) -> Self {
        self.0["state"] = json!("MERGED");
        self.0["mergedAt"] = json!("2026-01-07T10:00:00Z");
        self.0["mergeCommit"] = json!({ "oid": commit });
        self
    }

    pub fn label(mut self, name: &str) -> Self {
        push(&mut self.0["labels"], json!({ "name": name }));
        self
    }

    pub fn to(mut self, branch: &str) -> Self {
        self.0["baseRefName"] = json!(branch);
        self
    }

    /// Another commit, by somebody else.
    pub fn contributor(self, login: &str) -> Self {
        self.with("c0ffee0000000000000000000000000000000000", login)
    }

    /// Another commit, by whom.
    pub fn with(mut self, id: &str, login: &str) -> Self {
        push(&mut self.0["commits"], commit(id, login));
        self
    }

    /// That commit of it was made by somebody else than alice.
    pub fn by_somebody_else(mut self, id: &str, login: &str) -> Self {
        let nodes = self.0["commits"]["nodes"].as_array_mut().unwrap();
        *nodes.iter_mut().find(|node| node["commit"]["oid"] == id).unwrap() = commit(id, login);
        self
    }

    /// From a branch of the repository itself, so that it is asked who pushed it.
    pub fn of_own_branch(mut self) -> Self {
        self.0["isCrossRepository"] = json!(false);
        self
    }

    pub fn approved(self, by: &str, commit: &str) -> Self {
        self.reviewed("APPROVED", "User", by, commit)
    }

    pub fn commented(mut self, by: &str, body: &str, at: &str) -> Self {
        let id = format!("IC_{}_{}", self.0["number"], self.0["comments"]["totalCount"]);
        let node = json!({
            "id": id, "url": "https://github.com/acme/shop/pull/7#c", "body": body, "createdAt": at, "lastEditedAt": null,
            "includesCreatedEdit": false, "author": { "__typename": "User", "login": by },
        });
        push(&mut self.0["comments"], node);
        self
    }

    /// As it is told where what was said lately is asked for.
    fn lately(&self) -> Value {
        let last = |nodes: &Value| json!({ "pageInfo": { "hasPreviousPage": false }, "nodes": nodes });
        json!({
            "number": self.0["number"], "updatedAt": "2026-01-06T11:40:00Z", "author": self.0["author"],
            "comments": last(&self.0["comments"]["nodes"]), "reviews": last(&json!([])), "deleted": last(&json!([])),
        })
    }

    /// A review; later ones are newer.
    pub fn reviewed(mut self, state: &str, kind: &str, by: &str, commit: &str) -> Self {
        let at = format!("2026-01-06T10:{:02}:00Z", self.0["reviews"]["totalCount"].as_u64().unwrap());
        let node = json!({
            "state": state, "createdAt": at, "submittedAt": at, "url": "https://github.com/acme/shop/pull/7#r",
            "body": "", "lastEditedAt": null, "includesCreatedEdit": false, "authorCanPushToRepository": true,
            "author": { "__typename": kind, "login": by }, "commit": { "oid": commit },
        });
        push(&mut self.0["reviews"], node);
        self
    }
}

/// What the forge knows.
#[derive(Default)]
pub struct Knows {
    pulls: Vec<Pull>,
    deployments: Vec<Value>,
    /// Commit and the pull requests that brought it.
    associated: Vec<(String, Vec<u64>)>,
    shipped: BTreeMap<String, (Value, Vec<u64>)>,
    /// Entries of the merge queue of `main`.
    queue: Vec<Value>,
    /// The token may not read deployments.
    without_deployments: bool,
    /// Commit and who pushed it.
    pushed: Vec<(String, String)>,
    /// By how many seconds its clock is ahead.
    ahead: i64,
}

impl Knows {
    /// Its clock is ahead of this machine's by so many seconds.
    pub fn ahead(self, ahead: i64) -> Self {
        Self { ahead, ..self }
    }

    pub fn pull(mut self, pull: Pull) -> Self {
        self.pulls.push(pull);
        self
    }

    /// A successful deployment to production; later ones are newer.
    pub fn deployed(self, by: &str, commit: &str, tree: &str) -> Self {
        self.deployed_and_told(by, by, commit, tree)
    }

    /// The same, where the record and its success are told by different accounts.
    pub fn deployed_and_told(mut self, by: &str, told_by: &str, commit: &str, tree: &str) -> Self {
        let told_by = json!({ "__typename": "User", "login": told_by });
        let at = format!("2026-01-06T11:{:02}:00Z", self.deployments.len());
        let node = json!({
            "environment": "production", "commitOid": commit, "createdAt": at, "commit": { "tree": { "oid": tree } },
            "creator": { "__typename": "User", "login": by }, "statuses": { "nodes": [{ "state": "SUCCESS", "creator": told_by }] },
        });
        self.deployments.insert(0, node);
        self
    }

    pub fn brought(mut self, commit: &str, by: &[u64]) -> Self {
        self.associated.push((commit.into(), by.to_vec()));
        self
    }

    /// A commit of alice and the pull requests that brought it, for whoever asks for many.
    pub fn shipped(mut self, commit: &str, parents: &[&str], by: &[u64]) -> Self {
        let mut node = self::commit(commit, "alice")["commit"].take();
        node["parents"] = list(parents.iter().map(|id| json!({ "oid": id })).collect());
        self.shipped.insert(commit.into(), (node, by.to_vec()));
        self
    }

    pub fn without_deployments(mut self) -> Self {
        self.without_deployments = true;
        self
    }

    pub fn pushed(mut self, commit: &str, by: &str) -> Self {
        self.pushed.push((commit.into(), by.into()));
        self
    }

    /// An entry of the merge queue of `main`: what it made of the pull request's last revision, and onto what.
    pub fn queued(mut self, number: u64, revision: &str, base: &str, head: &str) -> Self {
        self.queue.push(json!({
            "headCommit": { "oid": head }, "baseCommit": { "oid": base },
            "pullRequest": { "number": number, "headRefOid": revision },
        }));
        self
    }

    fn shipment(&self, with: &Value) -> Value {
        let mut answer = json!({ "id": "R_shop" });
        let asked = with.as_object().unwrap().iter().filter(|(name, _)| !["owner", "name"].contains(&name.as_str()));
        for (alias, id) in asked {
            let known = self.shipped.get(id.as_str().unwrap());
            answer[alias] = known.map_or(Value::Null, |(commit, numbers)| {
                let of = |number: &u64| {
                    let mut pull = self.pulls.iter().find(|pull| pull.0["number"] == *number).unwrap().0.clone();
                    pull["repository"] = json!({ "id": "R_shop" });
                    for node in pull["commits"]["nodes"].as_array_mut().unwrap() {
                        node["commit"]["message"] = node["commit"]["messageHeadline"].clone();
                        node["commit"]["author"] = node["commit"]["committer"].clone();
                    }
                    pull
                };
                let mut node = commit.clone();
                node["associatedPullRequests"] = list(numbers.iter().map(of).collect());
                node
            });
        }
        answer
    }

    pub fn start(self) -> Forge {
        Forge::start(self)
    }

    /// REST, below `/api/v3` of an Enterprise Server.
    fn rest(&self, line: &str) -> Value {
        let path = line.split(' ').nth(1).unwrap();
        let path = path.strip_prefix("/api/v3").unwrap_or(path);
        if path.starts_with("/repos/acme/shop/activity?ref=refs%2Fheads%2Ffix&") {
            let of =
                |(commit, by): &(String, String)| json!({ "after": commit, "actor": { "login": by, "type": "User" } });
            return self.pushed.iter().map(of).collect();
        }
        match path {
            "/rate_limit" => json!({}),
            "/repos/acme/shop/installation" => json!({ "id": 77, "suspended_at": null }),
            "/app/installations/77/access_tokens" => {
                json!({ "token": "ghs_of_a_test", "expires_at": "2126-01-01T00:00:00Z" })
            }
            other => panic!("{other}"),
        }
    }

    fn answer(&self, question: &Value) -> Value {
        let (query, with) = (question["query"].as_str().unwrap(), &question["variables"]);
        let repository = if query.starts_with("query PullRequest(") {
            let pull = self.pulls.iter().find(|pull| pull.0["number"] == with["number"]);
            json!({ "pullRequest": pull.map(|pull| &pull.0) })
        } else if query.starts_with("query PullRequestsWith(") {
            let known = self.associated.iter().find(|(commit, _)| with["oid"] == **commit);
            let numbers = known.map_or(&[][..], |(_, numbers)| numbers);
            let ours = json!({ "id": "R_shop" });
            let nodes = numbers.iter().map(|number| json!({ "number": number, "repository": ours })).collect();
            json!({ "id": "R_shop", "object": { "__typename": "Commit", "associatedPullRequests": list(nodes) } })
        } else if query.starts_with("query MergeQueue(") {
            let has_one = with["branch"] == "main" && !self.queue.is_empty();
            json!({ "mergeQueue": has_one.then(|| json!({ "entries": list(self.queue.clone()) })) })
        } else if query.starts_with("query Shipped(") {
            self.shipment(with)
        } else if query.starts_with("query FollowUps(") {
            json!({ "changed": list(vec![]), "open": list(vec![]) })
        } else if query.starts_with("query Remarks(") {
            let nodes: Vec<Value> = self.pulls.iter().map(Pull::lately).collect();
            json!({ "pullRequests": { "pageInfo": { "hasNextPage": false, "endCursor": null }, "nodes": nodes } })
        } else {
            assert!(query.starts_with("query Deployments("), "{query}");
            if self.without_deployments {
                let errors = [json!({ "type": "FORBIDDEN", "message": "Resource not accessible by integration" })];
                return json!({ "data": { "repository": null }, "errors": errors });
            }
            json!({ "deployments": { "nodes": self.deployments } })
        };
        json!({ "data": { "rateLimit": { "cost": 1 }, "repository": repository } })
    }
}

/// A running forge; it ends with the test.
pub struct Forge {
    address: String,
    /// First line and token of each request.
    requests: Arc<Mutex<Vec<(String, String)>>>,
    ended: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

impl Forge {
    pub fn knowing() -> Knows {
        Knows::default()
    }

    fn start(knows: Knows) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (requests, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (heard, stop) = (Arc::clone(&requests), Arc::clone(&ended));
        let server = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let stream = stream.unwrap();
                let (line, token, question) = receive(&stream);
                let answer = if question["query"].is_string() { knows.answer(&question) } else { knows.rest(&line) };
                send(&stream, &answer, knows.ahead);
                heard.lock().unwrap().push((line, token));
            }
        });
        Self { address, requests, ended, server: Some(server) }
    }

    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// The same server as that of an enterprise: what REST and GraphQL begin with.
    pub fn enterprise(&self) -> [String; 2] {
        ["v3", "graphql"].map(|name| format!("http://{}/api/{name}", self.address))
    }

    /// How many questions came.
    pub fn asked(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// What came: `POST /graphql`, and the token of each.
    pub fn requests(&self) -> Vec<(String, String)> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // The server waits for one more.
        TcpStream::connect(&self.address).ok();
        let ended = self.server.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))), "the forge crashed");
    }
}

fn receive(from: &TcpStream) -> (String, String, Value) {
    let mut reader = BufReader::new(from);
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let (mut length, mut token) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                token = value.trim_start_matches("Bearer ").to_owned();
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let line = first.trim_end().strip_suffix(" HTTP/1.1").unwrap_or_default().to_owned();
    (line, token, serde_json::from_slice(&body).unwrap_or_default())
}

fn send(mut to: &TcpStream, body: &Value, ahead: i64) {
    let body = body.to_string();
    let now = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(ahead)).unwrap();
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT");
    let head =
        format!("HTTP/1.1 200 OK\r\nconnection: close\r\ndate: {date}\r\ncontent-length: {}\r\n\r\n", body.len());
    to.write_all(head.as_bytes()).unwrap();
    to.write_all(body.as_bytes()).unwrap();
}
