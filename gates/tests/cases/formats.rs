//! Reports of formats other than XML: what real runners wrote, and what tries to pass.
//!
//! The samples of Go and Dart are written from `go doc test2json`, `go help buildjson` and the documentation of Dart's JSON reporter; all
//! other fixtures were written by the runner that they are named after.

use super::*;

macro_rules! fixtures {
    ($($name:ident $file:literal)*) => {
        $(const $name: &str = include_str!(concat!("../fixtures/", $file));)*
    };
}

fixtures! {
    CUCUMBER "cucumber.json"
    CUCUMBER_JS "cucumber-js.json"
    DART "dart.jsonl"
    GO "go.jsonl"
    GO_GREEN "go-green.jsonl"
    JEST "jest.json"
    LIBTEST "libtest.jsonl"
    MOCHA "mocha.json"
    MOCHA_CTRF "mocha-ctrf.json"
    MOCHA_XUNIT "mocha-xunit.xml"
    NEXTEST_LIBTEST "nextest-libtest.jsonl"
    NEXTEST_PLUS "nextest-plus.jsonl"
    NODE_TAP "node.tap"
    PERL "perl.tap"
    PERL_DONE "perl-done.tap"
    PERL_SKIP_ALL "perl-skip-all.tap"
    PLAYWRIGHT "playwright.json"
    PYTEST_CTRF "pytest-ctrf.json"
    RSPEC "rspec.json"
    RSPEC_BROKEN "rspec-broken.json"
    VITEST "vitest.json"
}

const ALL: &[(&str, &str)] = &[
    ("cucumber", CUCUMBER),
    ("cucumber", CUCUMBER_JS),
    ("dart", DART),
    ("go", GO),
    ("go", GO_GREEN),
    ("jest", JEST),
    ("libtest", LIBTEST),
    ("mocha", MOCHA),
    ("ctrf", MOCHA_CTRF),
    ("junit", MOCHA_XUNIT),
    ("libtest", NEXTEST_LIBTEST),
    ("libtest", NEXTEST_PLUS),
    ("tap", NODE_TAP),
    ("tap", PERL),
    ("tap", PERL_DONE),
    ("tap", PERL_SKIP_ALL),
    ("playwright", PLAYWRIGHT),
    ("ctrf", PYTEST_CTRF),
    ("rspec", RSPEC),
    ("rspec", RSPEC_BROKEN),
    ("jest", VITEST),
];

#[test]
fn print_all() {
    for (name, text) in ALL {
        println!("== {name}: {:#?}", said(&ask(text)));
    }
}
