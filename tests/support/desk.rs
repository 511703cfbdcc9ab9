//! GitHub on the loopback, where it is told something: comments, check runs and commit statuses, with its limits.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

/// What it has.
#[derive(Clone, Debug)]
pub struct Told {
    /// Of pull request 7: who its head and its branch are.
    pub head: String,
    pub base: String,
    /// `id`, `body`, and whether the token's account wrote it.
    pub comments: Vec<(u64, String, bool)>,
    pub checks: Vec<Value>,
    pub statuses: Vec<Value>,
    /// Beginnings of `METHOD path` that are refused, with which status.
    pub refused: Vec<(String, u16)>,
    /// Method and path of each request that was a write.
    pub writes: Vec<String>,
}

/// A running server; it ends with the test.
pub struct Desk {
    address: String,
    told: Arc<Mutex<Told>>,
    ended: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

impl Desk {
    /// With pull request 7 to `main`, at this head.
    pub fn at(head: &str) -> Self {
        let told = Told {
            head: head.into(),
            base: "main".into(),
            comments: Vec::new(),
            checks: Vec::new(),
            statuses: Vec::new(),
            refused: Vec::new(),
            writes: Vec::new(),
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (told, ended) = (Arc::new(Mutex::new(told)), Arc::new(AtomicBool::new(false)));
        let (all, stop) = (Arc::clone(&told), Arc::clone(&ended));
        let server = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let stream = stream.unwrap();
                let (line, body) = receive(&stream);
                let (status, answer) = all.lock().unwrap().answer(&line, &body);
                send(&stream, status, &answer);
            }
        });
        Self { address, told, ended, server: Some(server) }
    }

    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    pub fn told(&self) -> Told {
        self.told.lock().unwrap().clone()
    }

    pub fn edit(&self, edit: impl FnOnce(&mut Told)) {
        edit(&mut self.told.lock().unwrap());
    }

    /// Whatever begins like this is answered with the status.
    pub fn refuse(&self, line: &str, status: u16) {
        self.edit(|told| told.refused.push((line.into(), status)));
    }
}

impl Told {
    fn answer(&mut self, line: &str, body: &Value) -> (u16, Value) {
        if let Some((_, status)) = self.refused.iter().find(|(begin, _)| line.starts_with(begin)) {
            let why = "Resource not accessible by integration";
            if line.ends_with("/graphql") {
                let errors = [json!({ "type": "FORBIDDEN", "message": why })];
                return (200, json!({ "data": { "repository": null }, "errors": errors }));
            }
            return (*status, json!({ "message": why }));
        }
        let (method, path) = line.split_once(' ').unwrap();
        if path == "/graphql" {
            return (200, self.conversation(body));
        }
        if method != "GET" {
            self.writes.push(line.into());
        }
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.trim_start_matches("/repos/acme/shop/").split('/').collect();
        match (method, parts.as_slice()) {
            ("POST", ["issues", "7", "comments"]) => self.comment(None, body),
            ("PATCH", ["issues", "comments", id]) => self.comment(Some(id.parse().unwrap()), body),
            ("POST", ["statuses", commit]) => self.status(commit, body),
            ("GET", ["commits", commit, "check-runs"]) => {
                assert!(query.contains("check_name=predeploy%2F"), "{query}");
                let of = |check: &&Value| check["head_sha"] == *commit;
                let runs: Vec<Value> = self.checks.iter().filter(of).map(shown).collect();
                (200, json!({ "total_count": runs.len(), "check_runs": runs }))
            }
            ("GET", ["check-runs", id, "annotations"]) => {
                let check = self.checks.iter().find(|check| check["id"].as_u64() == id.parse().ok()).unwrap();
                let page: usize = query.split("page=").last().unwrap().parse().unwrap();
                let all = check["annotations"].as_array().unwrap();
                (200, all.iter().skip((page - 1) * 100).take(100).cloned().collect())
            }
            ("POST", ["check-runs"]) => self.check(None, body),
            ("PATCH", ["check-runs", id]) => self.check(Some(id.parse().unwrap()), body),
            other => panic!("{other:?}"),
        }
    }

    fn conversation(&self, question: &Value) -> Value {
        assert!(question["query"].as_str().unwrap().starts_with("query Conversation("), "{question}");
        let node = |(id, body, own): &(u64, String, bool)| {
            let url = format!("https://github.com/acme/shop/pull/7#issuecomment-{id}");
            json!({ "url": url, "body": body, "viewerDidAuthor": own })
        };
        let after: usize = question["variables"]["cursor"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
        let nodes: Vec<Value> = self.comments.iter().skip(after).take(100).map(node).collect();
        let end = after + nodes.len();
        let page = json!({ "hasNextPage": end < self.comments.len(), "endCursor": end.to_string() });
        let comments = json!({ "totalCount": self.comments.len(), "pageInfo": page, "nodes": nodes });
        let request = (question["variables"]["number"] == 7)
            .then(|| json!({ "headRefOid": self.head, "baseRefName": self.base, "comments": comments }));
        json!({ "data": { "rateLimit": { "cost": 1 }, "repository": { "pullRequest": request } } })
    }

    fn comment(&mut self, id: Option<u64>, body: &Value) -> (u16, Value) {
        let text = body["body"].as_str().unwrap().to_owned();
        if text.chars().count() > 65_536 {
            return (422, json!({ "message": "body is too long (maximum is 65536 characters)" }));
        }
        let (status, id) = match id {
            Some(id) => {
                let there = self.comments.iter_mut().find(|(known, _, own)| *known == id && *own).unwrap();
                there.1 = text;
                (200, id)
            }
            None => {
                // Larger than an `Int` of GraphQL.
                let id = 4_000_000_000 + self.comments.len() as u64;
                self.comments.push((id, text, true));
                (201, id)
            }
        };
        (status, json!({ "html_url": format!("https://github.com/acme/shop/pull/7#issuecomment-{id}") }))
    }

    fn status(&mut self, commit: &str, body: &Value) -> (u16, Value) {
        assert!(["error", "failure", "pending", "success"].contains(&body["state"].as_str().unwrap()));
        if body["description"].as_str().unwrap().chars().count() > 140 {
            return (422, json!({ "message": "description is too long (maximum is 140 characters)" }));
        }
        let mut status = body.clone();
        status["sha"] = commit.into();
        self.statuses.push(status);
        (201, body.clone())
    }

    fn check(&mut self, id: Option<u64>, body: &Value) -> (u16, Value) {
        let output = &body["output"];
        let new = output["annotations"].as_array().unwrap();
        if new.len() > 50 || output["summary"].as_str().unwrap().chars().count() > 65_535 {
            return (422, json!({ "message": "Validation Failed" }));
        }
        for one in new {
            let line = |key: &str| one[key].as_u64().unwrap();
            assert!(line("start_line") >= 1 && line("end_line") >= line("start_line"), "{one}");
            assert!(one.get("start_column").is_none() || line("start_line") == line("end_line"), "{one}");
        }
        let at = id.map(|id| self.checks.iter().position(|check| check["id"] == id).unwrap());
        let at = at.unwrap_or_else(|| {
            let id = self.checks.len() + 1;
            self.checks.push(json!({ "id": id, "head_sha": body["head_sha"], "annotations": [], "conclusion": null,
                "app": { "id": 15368 } }));
            id - 1
        });
        let check = &mut self.checks[at];
        for key in ["name", "external_id", "conclusion"] {
            if body.get(key).is_some() {
                check[key] = body[key].clone();
            }
        }
        // One that is completed stays so.
        if check["status"] != "completed" && body.get("status").is_some() {
            check["status"] = body["status"].clone();
        }
        check["title"] = output["title"].clone();
        check["summary"] = output["summary"].clone();
        check["annotations"].as_array_mut().unwrap().extend(new.iter().cloned());
        (if id.is_some() { 200 } else { 201 }, shown(&self.checks[at]))
    }
}

/// As it is given.
fn shown(check: &Value) -> Value {
    let mut shown = check.clone();
    shown["output"] = json!({ "annotations_count": check["annotations"].as_array().unwrap().len() });
    shown
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // The server waits for one more.
        TcpStream::connect(&self.address).ok();
        let ended = self.server.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))), "the server crashed");
    }
}

/// `METHOD path` and the body of a request, which must bring the token.
fn receive(from: &TcpStream) -> (String, Value) {
    let mut reader = BufReader::new(from);
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let line = first.strip_suffix(" HTTP/1.1\r\n").unwrap_or_default().to_owned();
    let (mut length, mut token) = (0, line.is_empty());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => token = value == "Bearer ghp_of_a_test",
            _ => {}
        }
    }
    assert!(token, "no token");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (line, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn send(mut to: &TcpStream, status: u16, body: &Value) {
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    to.write_all(head.as_bytes()).unwrap();
    to.write_all(body.as_bytes()).unwrap();
}
