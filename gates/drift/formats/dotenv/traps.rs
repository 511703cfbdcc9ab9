//! What loaders read differently, line by line.

use crate::drift::formats::{Format, Reading, Wrong, read};
use crate::drift::values::Values;

use super::Dialect;

/// Keys, and how loaders differ, each with its line.
fn said(loaders: &[Dialect], text: &str) -> Vec<String> {
    let values = Values::without_policy("");
    match read(Format::Dotenv, text, Reading::alone(128, &[0; 32], &values, loaders)).map_err(|refused| refused.wrong) {
        Ok(read) => {
            let differ = |line, key: &str| {
                let found = read.ambiguous.iter().find(|it| it.span.start.line == line && it.key == key);
                found.map_or_else(String::new, |it| format!(": {}", it.how))
            };
            let line = |key: &crate::drift::evidence::Key| {
                format!("{} {}{}", key.span.start.line, key.path, differ(key.span.start.line, &key.path))
            };
            read.keys.iter().map(line).collect()
        }
        Err(Wrong { what, at }) => vec![format!("{}: {what}", at.map_or(0, |at| at.line))],
    }
}

#[test]
fn what_all_common_loaders_read_alike_is_not_ambiguous() {
    for text in [
        "A=1\nB=two\n",
        "A=\nB=\"\"\nC=''\n",
        "A\nexport A\n",
        "export A=1\nexport B=\"2\"\n  export   C=3\n",
        "A = 1\nB= 2\nC =3\n",
        "A=1 # c\nB=\"1 # no\" # c\nC='1 # no'\nD=1 # it's \"q\nE=2\n",
        "A=1\r\nB=\"x y\"\r\n",
        "A=\"l1\nl2\"\nB='l1\nl2'\n",
        "A=b=c==\nB={\"a\": 1}\n",
        "U=http://${HOST}:${PORT:-80}/x\nV=\"${HOST}\"\n",
        "A=\"one\\ntwo\"\n",
        "\n# A=1\n   # indented\n\nA=pa ss   \n",
        "a.b-c=1\n1A=2\n",
    ] {
        assert!(said(&[], text).iter().all(|line| !line.contains(':')), "{text:?}: {:?}", said(&[], text));
    }
}

#[test]
fn each_trap_names_the_loaders_and_how_they_differ() {
    for (text, expected) in [
        ("A=pa#ss\n", &["1 A: compose and python keep what follows `#`, motdotla cuts the value at `#`"][..]),
        ("A=p$ss\n", &["1 A: compose puts a variable in the place of `$`, motdotla and python take `$` for itself"]),
        ("A='${B}'\n", &["1 A"]),
        ("A=`x`\n", &["1 A: compose and python keep a quote, motdotla takes quotes off"]),
        ("A=\"x\\\"y\"\n", &["1 A: compose and python take `\\` for an escape, motdotla keeps one `\\`"]),
        (
            "A=1\n# c\rB=2\nC=3\n",
            &["1 A", "2 B: compose does not see a variable here, motdotla and python see a value", "3 C"],
        ),
        ("A: 1\n", &["1 A: compose and motdotla see a value, python does not see a variable here"]),
    ] {
        assert_eq!(said(&[], text), expected, "{text:?}");
    }
}

#[test]
fn a_declared_dialect_alone_counts() {
    use Dialect::{Compose, Docker, Dotenvy, Motdotla, Python, Shell, Strict};
    for (loaders, text, expected) in [
        (&[Motdotla][..], "A=pa#ss\nB=`x`\nnot a line\n", &["1 A", "2 B"][..]),
        (&[Docker], "A=\"x\" # y\nB\n", &["1 A", "2 B"]),
        (&[Docker], "A B=1\n", &["1: a name with a blank in it"]),
        (&[Shell], "A=1; B=2 # c\nexport C=3 D\nset -a\nE=$(date)\n", &["1 A", "1 B", "2 C", "2 D", "4 E"]),
        (&[Shell], "A = 1\n", &["1: it is no assignment, so that a shell runs it as a command"]),
        (&[Shell], "A=1\nB=a&b\n", &["2: an operator of the shell"]),
        (&[Dotenvy], "A=b c\n", &["1: a blank in a value without quotes"]),
        (&[Python], "A='x\nB=2\n", &["2 B"]),
        (&[Compose], "A='x\nB=2\n", &["1: a quote is opened here and never closed"]),
        (&[Strict], "A=1\nB='x y'\n", &["1 A", "2 B"]),
        (
            &[Strict],
            "A=1\nB=a#b\n",
            &[
                "2: loaders differ about this line: compose, python, dotenvy and shell keep what follows `#`, motdotla cuts the value at `#`",
            ],
        ),
        (&[Compose, Shell], "A=a\\b\n", &["1 A: compose keeps one `\\`, shell takes `\\` for an escape"]),
        (&[Compose, Docker], "A=\"x\"\n", &["1 A: compose takes quotes off, docker keeps a quote"]),
    ] {
        assert_eq!(said(loaders, text), expected, "{loaders:?} {text:?}");
    }
}

#[test]
fn a_line_of_a_secret_is_not_taken_for_a_key() {
    let line = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnNl1tL3QjKp3DZWM0T3u";
    for text in
        [format!("K=-----BEGIN KEY-----\n{line}\n"), format!("K=x\n{line}==\n"), "K=x\nhttps://a:b@c/?d=1\n".into()]
    {
        assert_eq!(said(&[], &text), ["2: it is not a line of the form KEY=value"], "{text}");
    }
}

#[test]
fn a_reference_is_resolved_within_the_file_and_else_compared_as_written() {
    let fingerprints = |text: &str| {
        let values = Values::without_policy("");
        let reading = Reading::alone(128, &[0; 32], &values, &[Dialect::Compose]);
        let Ok(read) = read(Format::Dotenv, text, reading) else { panic!("{text}") };
        read.keys.last().map(|key| key.fingerprint)
    };
    assert_eq!(fingerprints("A=1\nB=x${A}\n"), fingerprints("B=x1\n"));
    assert_ne!(fingerprints("A=1\nB=x$A\n"), fingerprints("A=2\nB=x$A\n"));
    assert_eq!(fingerprints("B=x$A\n"), fingerprints("C=2\nB=x$A\n"));
    assert_ne!(fingerprints("B=x$A\n"), fingerprints("B=x\n"));
}
