//! The issues of a repository at GitHub, on the loopback: they are listed, and more are opened.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

/// A running server; it ends with the test.
pub struct Issues {
    address: String,
    opened: Arc<Mutex<Vec<Value>>>,
    ended: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

impl Issues {
    /// `status` is the answer to whoever would open one: 201, or a refusal. `labelled` says whether labels are kept.
    pub fn start(status: u16, labelled: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (opened, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (all, stop) = (Arc::clone(&opened), Arc::clone(&ended));
        let server = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let stream = stream.unwrap();
                let (path, body) = receive(&stream);
                let mut all = all.lock().unwrap();
                match path.as_str() {
                    "/graphql" => send(&stream, 200, &listed(&body, &all)),
                    "/repos/acme/shop/issues" if status == 201 => {
                        let url = format!("https://github.com/acme/shop/issues/{}", all.len() + 1);
                        let names = body["labels"].as_array().unwrap().iter().filter(|_| labelled);
                        let labels: Vec<Value> = names.map(|name| json!({ "name": name })).collect();
                        send(&stream, 201, &json!({ "html_url": url, "labels": labels }));
                        all.push(json!({ "url": url, "title": body["title"], "body": body["body"] }));
                    }
                    "/repos/acme/shop/issues" => send(&stream, status, &json!({ "message": "no" })),
                    other => panic!("{other}"),
                }
            }
        });
        Self { address, opened, ended, server: Some(server) }
    }

    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// What was opened: `url`, `title` and `body` of each.
    pub fn opened(&self) -> Vec<Value> {
        self.opened.lock().unwrap().clone()
    }
}

fn listed(question: &Value, all: &[Value]) -> Value {
    assert!(question["query"].as_str().unwrap().starts_with("query FollowUps("), "{question}");
    assert_eq!(question["variables"]["labels"], json!(["predeploy-override"]));
    let node = |issue: &Value| json!({ "url": issue["url"], "body": issue["body"], "createdAt": "2026-01-06T12:00:00Z", "state": "OPEN" });
    let nodes: Vec<Value> = all.iter().map(node).collect();
    let list =
        json!({ "totalCount": nodes.len(), "pageInfo": { "hasNextPage": false, "endCursor": null }, "nodes": nodes });
    json!({ "data": { "repository": { "changed": list, "open": list } } })
}

impl Drop for Issues {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // The server waits for one more.
        TcpStream::connect(&self.address).ok();
        let ended = self.server.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))), "the server crashed");
    }
}

/// The path and the body of a request, which must bring the token.
fn receive(from: &TcpStream) -> (String, Value) {
    let mut reader = BufReader::new(from);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let path = line.strip_prefix("POST ").and_then(|rest| rest.strip_suffix(" HTTP/1.1\r\n")).unwrap().to_owned();
    let (mut length, mut token) = (0, false);
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
    (path, serde_json::from_slice(&body).unwrap())
}

fn send(mut to: &TcpStream, status: u16, body: &Value) {
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    to.write_all(head.as_bytes()).unwrap();
    to.write_all(body.as_bytes()).unwrap();
}
