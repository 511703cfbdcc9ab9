//! Against a server on the loopback, by `http`, which no policy can ask for.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use predeploy_gates::{Address, Failure, Page, Web};

use super::{Cache, Https};
use crate::services::github::Patience;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";

/// What a server gives to one request: all of its bytes. An answer to be waited for is empty.
fn answer(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

fn ok(headers: &[&str]) -> Vec<u8> {
    answer("200 OK", headers, CALENDAR)
}

/// Answers one connection after the other; gives its address, and what was asked: the first line and the headers.
fn serve(answers: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(&stream).lines().map(Result::unwrap);
            requests.push(lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"));
            if answer.is_empty() {
                std::thread::sleep(Duration::from_millis(600));
            }
            // The client may hang up on purpose.
            _ = stream.write_all(&answer);
        }
        requests
    });
    (address, server)
}

fn https(cache: Option<&Path>) -> Https {
    let cache = cache.map(|folder| Cache::new(folder, Path::new("."), false).unwrap());
    let patience = Patience {
        request: Duration::from_millis(300),
        question: Duration::from_secs(10),
        pause: Duration::from_millis(5),
    };
    Https { patience, plain_loopback: true, ..Https::new(|_| None, 1000, cache) }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn get(web: &Https, address: &str) -> Result<Page, Failure> {
    block_on(web.get(&Address::Plain(address.into())))
}

/// What comes of these answers, and what was asked.
fn play(answers: Vec<Vec<u8>>) -> (Result<Page, Failure>, Vec<String>) {
    let (address, server) = serve(answers);
    let got = get(&https(None), &format!("{address}/ops/cal.ics?key=sesame"));
    let told = format!("{got:?}");
    assert!(!told.contains("sesame"), "{told}");
    (got, server.join().unwrap())
}

fn failure(answers: Vec<Vec<u8>>) -> String {
    play(answers).0.unwrap_err().message
}

#[test]
fn a_document_is_got_once_a_run() {
    let (address, server) = serve(vec![ok(&[])]);
    let web = https(None);
    let page = get(&web, &address).unwrap();
    assert_eq!((page.text.as_str(), &page.instead), (CALENDAR, &None));
    assert!(jiff::Timestamp::now().duration_since(page.at).abs() < jiff::SignedDuration::from_secs(60));
    assert_eq!(get(&web, &address), Ok(page));
    let requests = server.join().unwrap();
    assert!(requests[0].starts_with("GET / HTTP/1.1\n") && requests[0].contains("user-agent: predeploy/"));
}

#[test]
fn trouble_is_tried_again_and_a_refusal_is_not() {
    let trouble = || answer("503 Service Unavailable", &["retry-after: 0"], "");
    assert_eq!(play(vec![trouble(), answer("429 Too Many Requests", &[], ""), ok(&[])]).0.unwrap().text, CALENDAR);
    let given_up = failure(vec![trouble(), trouble(), trouble()]);
    assert!(given_up.ends_with("/ops/cal.ics?… answers with the status 503 Service Unavailable"), "{given_up}");
    for status in ["404 Not Found", "401 Unauthorized", "204 No Content", "206 Partial Content"] {
        let refused = failure(vec![answer(status, &[], "")]);
        assert!(refused.ends_with(&format!("answers with the status {status}")), "{refused}");
    }
    // Cut within its body, and then whole.
    let mut cut = ok(&[]);
    cut.truncate(cut.len() - 5);
    assert_eq!(play(vec![cut.clone(), ok(&[])]).0.unwrap().text, CALENDAR);
    assert!(failure(vec![cut.clone(), cut.clone(), cut]).contains("could not be reached"));
    assert!(failure(vec![Vec::new()]).contains("did not answer within"));
    assert!(failure(vec![answer("304 Not Modified", &[], "")]).contains("304 for what was never got"));
}

#[test]
fn t25_what_is_too_large_or_no_text_is_refused() {
    let too_large = failure(vec![answer("200 OK", &[], "x".repeat(1001))]);
    assert!(too_large.ends_with("gives more than the limit `file-bytes` of 1000 bytes"), "{too_large}");
    assert_eq!(play(vec![answer("200 OK", &[], "x".repeat(1000))]).0.unwrap().text.len(), 1000);
    assert!(failure(vec![answer("200 OK", &[], [b'B', 0xff])]).ends_with("does not give UTF-8 text"));
}

#[test]
fn redirects_are_followed_five_times_and_by_https_alone() {
    let (address, server) = serve(vec![ok(&[])]);
    let to = |place: &str| answer("302 Found", &[&format!("location: {place}")], "");
    let (got, _) = play(vec![to(&format!("{address}/new.ics"))]);
    assert_eq!(got.unwrap().text, CALENDAR);
    assert!(server.join().unwrap()[0].starts_with("GET /new.ics "));
    let around = || to("/again?key=sesame");
    let mut five = vec![around(); 5];
    five.push(ok(&[]));
    assert_eq!(play(five).1.len(), 6);
    assert!(failure(vec![around(); 6]).ends_with("cannot be read: it redirects more than 5 times"));
    let refused = failure(vec![to("http://calendar.example/sesame")]);
    assert!(refused.ends_with("it redirects to an address that is not one of https"), "{refused}");
    // What no client follows is the answer itself.
    for place in ["ftp://127.0.0.1/sesame", "file:///etc/passwd", "http://"] {
        let refused = failure(vec![to(place)]);
        let status = refused.ends_with("answers with the status 302 Found");
        assert!(status || refused.ends_with("is not one of https"), "{refused}");
    }
}

#[test]
fn an_address_is_one_of_https() {
    let web = Https::new(|_| None, 1000, None);
    for wrong in ["http://calendar.example/x", "http://127.0.0.1/x", "ftp://calendar.example/", "file:///etc/passwd"] {
        let failure = get(&web, wrong).unwrap_err();
        assert!(failure.message.starts_with("the address is n"), "{failure}");
    }
    assert_eq!(get(&web, "calendar").unwrap_err().message, "the address is no address");
}

#[test]
fn nothing_of_a_secret_address_is_printed() {
    let secret = |variable: fn(&str) -> Option<String>| {
        let web = Https { variable, ..https(None) };
        let told = block_on(web.get(&Address::Variable("FREEZES".into()))).unwrap_err();
        let all = format!("{told:?}");
        assert!(!all.contains("sesame") && !all.contains("127.0.0.1"), "{all}");
        told.message
    };
    assert!(secret(|_| None).starts_with("the environment variable `FREEZES` is not set"));
    assert_eq!(secret(|_| Some("sesame".into())), "what `FREEZES` holds is no address");
    assert_eq!(secret(|_| Some("ftp://sesame.example".into())), "what `FREEZES` holds is not one of https");
    // Nobody listens there.
    let unreachable = "the server that `FREEZES` names could not be reached: no connection";
    assert_eq!(secret(|_| Some("http://user:sesame@127.0.0.1:1/sesame?sesame".into())), unreachable);
    assert_eq!(secret(|_| Some("https://user:sesame@127.0.0.1:1/\n".into())), unreachable);
    let plain = get(&https(None), "http://user:sesame@127.0.0.1:1/cal.ics?sesame").unwrap_err();
    assert!(plain.message.starts_with("http://127.0.0.1:1/cal.ics?… could not be reached: "), "{plain}");
    assert!(!format!("{plain:?}").contains("sesame"));
}

#[test]
fn a_copy_is_asked_about_and_stands_in_while_its_server_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let (address, server) = serve(vec![
        ok(&["etag: \"one\"", "last-modified: Sat, 21 Nov 2026 10:00:00 GMT"]),
        answer("304 Not Modified", &[], ""),
        answer("503 Service Unavailable", &[], ""),
        answer("503 Service Unavailable", &[], ""),
        answer("503 Service Unavailable", &[], ""),
        answer("404 Not Found", &[], ""),
        answer("200 OK", &[], "NEW"),
    ]);
    let again = || get(&https(Some(folder.path())), &address);
    let first = again().unwrap();
    let same = again().unwrap();
    assert_eq!((&same.text, &same.instead), (&first.text, &None));
    assert!(same.at > first.at);
    let away = again().unwrap();
    assert_eq!((&away.text, away.at), (&same.text, same.at));
    assert!(away.instead.unwrap().why.ends_with("answers with the status 503 Service Unavailable"));
    // It is not there any more: an old copy is not what it says.
    assert!(again().unwrap_err().message.contains("404"));
    assert_eq!(again().unwrap().text, "NEW");
    let requests = server.join().unwrap();
    assert!(!requests[0].contains("if-none-match"));
    assert!(requests[1].contains("if-none-match: \"one\"\nif-modified-since: Sat, 21 Nov 2026 10:00:00 GMT"));
    // Nobody listens any more.
    assert_eq!(again().unwrap().text, "NEW");
    assert!(get(&https(None), &address).is_err());
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files.len(), 1);
    assert!(!files[0].to_str().unwrap().contains("127"));
}

#[test]
fn t17_a_damaged_copy_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let (address, server) = serve(vec![ok(&["etag: \"one\""])]);
    get(&https(Some(folder.path())), &address).unwrap();
    server.join().unwrap();
    let again = || get(&https(Some(folder.path())), &address);
    assert!(again().is_ok());
    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let kept = std::fs::read_to_string(&file).unwrap();
    let year = kept.find("\"at\":\"20").unwrap() + 6;
    let mut future = kept.clone();
    future.replace_range(year..year + 4, "2999");
    let edited = [
        kept.replace("VCALENDAR", "VCALENDER"),
        kept.replace("\"form\":1", "\"form\":2"),
        kept[..kept.len() / 2].into(),
        future,
        String::new(),
    ];
    for text in edited {
        assert_ne!(text, kept);
        std::fs::write(&file, &text).unwrap();
        assert!(again().is_err(), "{text}");
    }
    // What another address gave is not this one's.
    std::fs::write(&file, &kept).unwrap();
    let (other, server) = serve(vec![]);
    server.join().unwrap();
    assert!(get(&https(Some(folder.path())), &other).is_err());
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
    assert!(again().is_err());
}

#[test]
fn t17_t24_in_ci_no_copy_lies_in_the_repository() {
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("repo");
    std::fs::create_dir(&root).unwrap();
    std::os::unix::fs::symlink(&root, outside.path().join("link")).unwrap();
    let new = |folder: &str, in_ci| Cache::new(&outside.path().join(folder), &root, in_ci).map(|_| ());
    assert_eq!(new("repo/cache", false), Ok(()));
    assert_eq!(new("cache", true), Ok(()));
    for inside in ["repo", "repo/cache", "repo/new/cache", "link/cache", "cache/../repo/cache"] {
        let refused = new(inside, true).unwrap_err();
        assert!(refused.message.contains("lies in the repository"), "{inside}: {refused}");
    }
    std::fs::write(outside.path().join("file"), "").unwrap();
    assert!(new("file", true).unwrap_err().message.starts_with("`--http-cache "));
}
