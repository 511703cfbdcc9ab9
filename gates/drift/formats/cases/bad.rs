//! Bytes that are no file of the format: each ends, with a place and without anything of a value.

use super::{Format, keys, reading};

const ALL: [Format; 7] =
    [Format::Dotenv, Format::Yaml, Format::Json, Format::Toml, Format::Ini, Format::Properties, Format::Hcl];

#[test]
fn t25_nesting_without_end_is_refused() {
    for (format, open) in [
        (Format::Yaml, "["),
        (Format::Yaml, "{a: "),
        (Format::Yaml, "- "),
        (Format::Json, "["),
        (Format::Json, "{\"a\":"),
        (Format::Toml, "["),
        (Format::Toml, "{a="),
        (Format::Hcl, "["),
        (Format::Hcl, "("),
        (Format::Hcl, "!"),
        (Format::Hcl, "x {"),
    ] {
        let start = if matches!(format, Format::Toml | Format::Hcl) { "a = " } else { "" };
        let said = keys(format, &format!("{start}{}", open.repeat(20_000)));
        assert_eq!(said.len(), 1, "{format:?} {open}");
        assert!(said[0].starts_with(|c: char| c.is_ascii_digit()), "{format:?} {open}: {said:?}");
    }
}

#[test]
fn no_message_holds_a_value() {
    let canary = "qZ7canary";
    for format in ALL {
        for text in [
            format!("a = {canary}\n{canary} {canary}\n"),
            format!("a: {canary}\n\t{canary}: 1\n"),
            format!("a = \"{canary}\n"),
            format!("a = '{canary}\n"),
            format!("{{\"a\": \"{canary}\\q\", {canary}"),
            format!("[{canary}\na=1\n"),
            format!("a=\\u{canary}\n"),
            format!("a = {canary}(\"{canary}\n"),
            format!("a = \"${{{canary}\"\n"),
            format!("a: *{canary}\n"),
            format!("a: !<{canary} {canary}\n"),
            format!("a: @{canary}\n"),
            format!("%{canary} {canary}\n--- x\n"),
        ] {
            if let Err(wrong) = reading(format, &text) {
                assert!(!wrong.what.contains(canary), "{format:?} {text:?}: {}", wrong.what);
                assert!(wrong.at.is_some(), "{format:?} {text:?}: {} has no place", wrong.what);
            }
        }
    }
}

#[test]
fn t25_a_long_line_is_read_in_time_in_every_format() {
    let long = "x".repeat(1 << 20);
    for (format, text) in [
        (Format::Dotenv, format!("A={long}\nB=\"{long}\nC=#{long}")),
        (Format::Yaml, format!("a: {long}\nb: '{long}'\n")),
        (Format::Json, format!("{{\"a\": \"{long}\", \"b\": \"{long}\"}}")),
        (Format::Toml, format!("a = '{long}'\nb = '{long}'\n")),
        (Format::Ini, format!("a = {long}\nb = {long}\n")),
        (Format::Properties, format!("a = {long}\nb = {long}\n")),
        (Format::Hcl, format!("a = \"{long}\"\nb = \"{long}\"\n")),
    ] {
        assert!(keys(format, &text).len() >= 2, "{format:?}");
    }
}
