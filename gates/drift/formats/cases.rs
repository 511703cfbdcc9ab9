//! Files as the real tools write them, and the keys that are read of them.

mod bad;
mod declared;
mod shapes;
mod spring;
mod suite;
mod written;

use super::{Beside, Format, Read, Reader, Reading, Tool, Wrong, read};
use crate::drift::values::Values;

/// Everything that is read of a text.
pub(super) fn reading(format: Format, text: &str) -> Result<Read, Wrong> {
    reading_of("a.file", format, text)
}

/// The same, of a file of this name.
pub(super) fn reading_of(path: &str, format: Format, text: &str) -> Result<Read, Wrong> {
    let values = Values::without_policy("production");
    let (reader, tool, beside) = (Reader::of(path, None, "production"), Tool::of(path), Beside::default());
    let reading = Reading { depth: 128, salt: &[0; 32], values: &values, loaders: &[], reader, tool, beside };
    read(format, text, reading).map_err(|refused| refused.wrong)
}

/// `1:1 a.b Number`, or where and why it is not well-formed.
pub(super) fn keys(format: Format, text: &str) -> Vec<String> {
    keys_of("a.file", format, text)
}

/// The same, of a file of this name.
pub(super) fn keys_of(path: &str, format: Format, text: &str) -> Vec<String> {
    match reading_of(path, format, text) {
        Ok(read) => read
            .keys
            .iter()
            .map(|key| format!("{}:{} {} {:?}", key.span.start.line, key.span.start.column, key.path, key.kind))
            .collect(),
        Err(Wrong { what, at }) => {
            vec![at.map_or_else(|| what.clone(), |at| format!("{}:{} {what}", at.line, at.column))]
        }
    }
}

#[test]
fn ini_sections_values_that_go_on_and_comments() {
    let text =
        "; c\ntop = 1\n[db]\nhost: h\n  url = a=b ; not a comment\n[long]\nlist =\n    one\n    two\nflag\n# c\n";
    assert_eq!(
        keys(Format::Ini, text),
        ["2:1 top Untyped", "4:1 db.host Untyped", "7:1 long.list Untyped", "10:1 long.flag Null"]
    );
    let text = "[a]\nHost = 1\n[DEFAULT]\nhost = 2\nDebug = 3\n[b]\n";
    assert_eq!(
        keys(Format::Ini, text),
        [
            "2:1 a.host Untyped",
            "4:1 DEFAULT.host Untyped",
            "5:1 DEFAULT.debug Untyped",
            "5:1 a.debug Untyped",
            "5:1 b.debug Untyped",
            "4:1 b.host Untyped",
        ]
    );
    assert_eq!(keys(Format::Ini, "[a]\n\tx = 1\n\ty = 2\n"), ["2:2 a.x Untyped", "3:2 a.y Untyped"]);
    assert_eq!(keys(Format::Ini, "a = 1\n[b\n"), ["2:1 a section is opened here and never closed"]);
    assert_eq!(
        keys(Format::Ini, "a = 1\nnot a line\n"),
        ["2:1 it is neither a section nor a line of the form key = value"]
    );
}

#[test]
fn properties_escapes_separators_and_lines_that_go_on() {
    let text = "# c\n! c\na=1\nb : 2\nc   3\nd\\ e = \\u00e4\\\n   more\nf\n  g\\:h=i\\=j\n";
    assert_eq!(
        keys(Format::Properties, text),
        ["3:1 a Untyped", "4:1 b Untyped", "5:1 c Untyped", "6:1 d e Untyped", "8:1 f Untyped", "9:3 g:h Untyped"]
    );
    let value =
        |text: &str| reading(Format::Properties, text).ok().and_then(|read| Some(read.keys.first()?.fingerprint));
    assert_eq!(value("a=\\u00e4\\\n    b\n"), value("a : \u{e4}b"));
    assert_eq!(value("a=\\ud83d\\ude00\n"), value("a=\u{1f600}\n"));
    assert_ne!(value("a=b \n"), value("a=b\n"), "blanks at the end belong to the value");
    assert_eq!(keys(Format::Properties, "a=1\nb=\\u12\n"), ["2:3 `\\u` is not followed by four hexadecimal digits"]);
}

#[test]
fn hcl_attributes_blocks_and_expressions() {
    let text = "# c\nregion = \"eu\"\ncount  = 3\ntags = { Name = \"x\", \"a b\" = true }\nazs = [\"a\", \"b\"]\nvpc = var.vpc_id\nresource \"aws_x\" \"y\" {\n  size = -1\n  ingress { from = 1 }\n  ingress { from = 2 }\n}\n";
    assert_eq!(
        keys(Format::Hcl, text),
        [
            "2:1 region String",
            "3:1 count Number",
            "4:10 tags.Name String",
            "4:22 tags.a b Boolean",
            "5:1 azs List",
            "6:1 vpc Untyped",
            "8:3 resource.aws_x.y.size Number",
            "9:13 resource.aws_x.y.ingress[0].from Number",
            "10:13 resource.aws_x.y.ingress[1].from Number",
        ]
    );
    assert_eq!(keys(Format::Hcl, "a = 1\nb { c = 1 }\na = 2\n"), ["3:1 an argument is set twice, first at line 1"]);
    assert!(keys(Format::Hcl, "a = 1\nb = [\n")[0].starts_with("2:"), "{:?}", keys(Format::Hcl, "a = 1\nb = [\n"));
}

#[test]
fn scalars_that_loaders_take_for_different_things() {
    let differ = |text: &str| -> Vec<String> {
        let Ok(read) = reading_of(".github/workflows/a.yml", Format::Yaml, text) else { panic!("{text}") };
        read.ambiguous.iter().map(|it| format!("{} {}: {}", it.span.start.line, it.key, it.how)).collect()
    };
    assert_eq!(
        differ("a: yes\nb: 'yes'\nc: [12:30, x]\nd: !!str no\non: push\n"),
        ["1 a: PyYAML reads a boolean, others a text", "3 c: PyYAML reads a number, others a text"]
    );
    assert_eq!(differ("services:\n  api:\n    image: x\n    environment: {A: yes}\n"), [] as [&str; 0]);
    assert_eq!(differ("on: push\njobs: {a: {env: {A: no}}}\n"), [] as [&str; 0]);
}
