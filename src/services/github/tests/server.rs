//! A server on the loopback that gives prepared answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use super::scenario::Answer;

/// What a request held.
pub(super) struct Request {
    /// `GET /api/v3/…` or `POST /api/graphql`.
    pub(super) line: String,
    pub(super) authorization: String,
    /// Nothing if it had none.
    pub(super) body: Value,
}

fn receive(from: &TcpStream) -> Request {
    let mut reader = BufReader::new(from);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let line = line.strip_suffix(" HTTP/1.1\r\n").unwrap().to_owned();
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
    Request { line, authorization, body: serde_json::from_slice(&body).unwrap_or_default() }
}

impl Answer {
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

/// Answers one connection after the other, and ends with the last answer. Gives the address of its GraphQL.
pub(super) fn serve(answers: Vec<Answer>) -> (String, JoinHandle<Vec<Request>>) {
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
