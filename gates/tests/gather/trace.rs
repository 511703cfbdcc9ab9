//! The places that a stack trace names, innermost first: what Rust, Python, Java, Kotlin, JavaScript, TypeScript, Go, C#, PHP and Ruby
//! print.
//!
//! No language has a specification of this; the forms are those of the tests below, which the runtimes wrote or their documentation shows.

use super::names::{DEPENDENCIES, Names, is_absolute, normal, plain};

/// Frames that are looked at.
const FRAMES: usize = 200;
/// The endings of sources.
const ENDINGS: &[&str] = &[
    "rs", "py", "pyx", "java", "kt", "kts", "groovy", "scala", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx",
    "vue", "svelte", "go", "cs", "fs", "vb", "php", "phpt", "rb", "rake", "feature",
];
/// Folders of what others wrote, besides those of coverage.
const FOREIGN: &[&str] = &["vendor", "dist-newstyle", "internal:", "node:internal", ".pub-cache", "bundle"];

/// A place in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub path: String,
    /// 1-based.
    pub line: u32,
    /// The path is that of a package, below any folder of sources.
    pub is_package: bool,
}

/// The frames of a trace, innermost first.
pub(super) fn frames(text: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = text.lines().filter_map(frame).take(FRAMES).collect();
    // Python's most recent call stands last.
    if frames.iter().any(|frame| frame.path.ends_with(".py")) {
        frames.reverse();
    }
    frames
}

/// The file of the repository that a frame is in; nothing if it is in none, or may be in several.
pub(super) fn file(frame: &Frame, report: &str, names: &Names) -> Option<String> {
    let path = plain(&frame.path);
    if path.split('/').any(|part| DEPENDENCIES.contains(&part) || FOREIGN.contains(&part)) {
        return None;
    }
    if frame.is_package {
        return names.in_package(report, &path);
    }
    let path = normal(path.trim_start_matches("../"))?;
    if is_absolute(&plain(&frame.path)) {
        let parts: Vec<&str> = path.split('/').collect();
        return (0..parts.len().min(64)).map(|skipped| parts[skipped..].join("/")).find(|path| names.contains(path));
    }
    if names.contains(&path) {
        return Some(path);
    }
    names.only(report, &path)
}

fn frame(line: &str) -> Option<Frame> {
    let line = line.trim();
    python(line).or_else(|| java(line)).or_else(|| csharp(line)).or_else(|| php(line)).or_else(|| anywhere(line))
}

/// `File "/app/cart.py", line 9, in total`
fn python(line: &str) -> Option<Frame> {
    let (path, rest) = line.strip_prefix("File \"")?.split_once("\", line ")?;
    of(path, number(rest)?)
}

/// `at app//com.shop.CartTest.adds(CartTest.java:42)`
fn java(line: &str) -> Option<Frame> {
    let (called, place) = line.strip_prefix("at ")?.split_once('(')?;
    let (file, rest) = place.split_once(':')?;
    let is_jvm = [".java", ".kt", ".kts", ".groovy", ".scala"].iter().any(|ending| file.ends_with(ending));
    if !is_jvm || file.contains(['/', '\\', ' ']) || called.contains(' ') {
        return None;
    }
    let called = called.rsplit('/').next().unwrap_or(called);
    let mut parts: Vec<&str> = called.split('.').collect();
    // The method, and the class.
    parts.truncate(parts.len().saturating_sub(2));
    parts.push(file);
    Some(Frame { path: parts.join("/"), line: number(rest)?, is_package: true })
}

/// `at Shop.CartTests.Adds() in /app/CartTests.cs:line 42`; the words are those of the machine's language.
fn csharp(line: &str) -> Option<Frame> {
    let at = [".cs:", ".fs:", ".vb:"].iter().filter_map(|ending| line.find(ending)).min()? + 3;
    let digits = line[at + 1..].trim_start_matches(|c: char| c.is_alphabetic() || c == ' ');
    let before = &line[..at];
    let start = before.rfind(") ").and_then(|end| Some(end + 2 + before[end + 2..].find(' ')? + 1)).unwrap_or(0);
    of(&before[start..], number(digits)?)
}

/// `#0 /app/Cart.php(42): total()`
fn php(line: &str) -> Option<Frame> {
    let (before, rest) = line.split_once(".php(")?;
    let path = before.split_once(' ').filter(|(count, _)| count.starts_with('#')).map_or(before, |(_, path)| path);
    of(&format!("{path}.php"), number(rest)?)
}

/// `path.ext:42` between blanks, brackets and quotes.
fn anywhere(line: &str) -> Option<Frame> {
    let mut from = 0;
    while let Some(colon) = line[from..].find(':').map(|at| from + at) {
        from = colon + 1;
        let Some(number) = number(&line[from..]) else { continue };
        let start =
            line[..colon].rfind([' ', '\t', '(', '[', '"', '\'', '`', '<', '@', ',', '=']).map_or(0, |at| at + 1);
        if let Some(frame) = of(&line[start..colon], number) {
            return Some(frame);
        }
    }
    None
}

fn of(path: &str, line: u32) -> Option<Frame> {
    // The module loader's: `file:///app/a.mjs`, `webpack:///./src/a.ts`, `http://localhost:3000/src/a.ts?t=1`.
    let path = match path.split_once("://") {
        Some(("file", path)) => path,
        Some((_, rest)) => rest.split_once('/').map_or(rest, |(_, path)| path),
        None => path,
    };
    let ending = path.split(['?', '#']).next()?.rsplit_once('.')?.1;
    (ENDINGS.contains(&ending) && line > 0).then(|| Frame { path: path.into(), line, is_package: false })
}

/// The number that a text begins with.
fn number(text: &str) -> Option<u32> {
    let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Language, trace, the repository's files, and the place that is pointed at.
    type Trace<'a> = (&'a str, &'a str, &'a [&'a str], Option<(&'a str, u32)>);

    const TRACES: &[Trace<'_>] = &[
        (
            "Rust",
            "thread 'tests::adds' (12) panicked at src/cart.rs:10:9:\nassertion `left == right` failed\nstack backtrace:\n   0: __rustc::rust_begin_unwind\n             at /rustc/5980/library/std/src/panicking.rs:689:5",
            &["src/cart.rs", "src/panicking.rs"],
            Some(("src/cart.rs", 10)),
        ),
        (
            "Rust before 1.73",
            "thread 'adds' panicked at 'no', crates/a/src/lib.rs:3:5",
            &["crates/a/src/lib.rs"],
            Some(("crates/a/src/lib.rs", 3)),
        ),
        (
            "Rust, a dependency",
            "panicked at /root/.cargo/registry/src/index.crates.io-1/tokio-1.0/src/lib.rs:3:5:\n   5: shop::total\n             at ./src/lib.rs:8:5",
            &["src/lib.rs"],
            Some(("src/lib.rs", 8)),
        ),
        (
            "Python",
            "Traceback (most recent call last):\n  File \"/usr/lib/python3.11/unittest/case.py\", line 57, in run\n    self._call()\n  File \"/ci/shop/tests/test_cart.py\", line 9, in test_total\n    total([1])\n  File \"/ci/shop/shop/cart.py\", line 4, in total\n    raise ValueError\n  File \"/ci/v/lib/python3.11/site-packages/shop/cart.py\", line 99, in x\nValueError",
            &["tests/test_cart.py", "shop/cart.py"],
            Some(("shop/cart.py", 4)),
        ),
        (
            "pytest",
            "def test_total():\n>       assert total([1]) == 2\nE       assert 1 == 2\n\ntests/test_cart.py:9: AssertionError",
            &["tests/test_cart.py"],
            Some(("tests/test_cart.py", 9)),
        ),
        (
            "Java",
            "org.opentest4j.AssertionFailedError: expected: <3> but was: <4>\n\tat org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:55)\n\tat app//com.shop.CartTest.adds(CartTest.java:42)\n\tat java.base/java.lang.reflect.Method.invoke(Method.java:568)",
            &["api/src/test/java/com/shop/CartTest.java", "web/src/test/java/com/web/CartTest.java"],
            Some(("api/src/test/java/com/shop/CartTest.java", 42)),
        ),
        (
            "Kotlin",
            "java.lang.AssertionError\n\tat com.shop.cart.CartTest$adds$1.invokeSuspend(CartTest.kt:17)",
            &["src/test/kotlin/cart/CartTest.kt"],
            Some(("src/test/kotlin/cart/CartTest.kt", 17)),
        ),
        (
            "JavaScript",
            "AssertionError [ERR_ASSERTION]: 3 !== 4\n    at TestContext.<anonymous> (/ci/shop/node_modules/chai/lib/a.js:2:1)\n    at async Test.run (node:internal/test_runner/test:1113:7)\n    at Object.<anonymous> (/ci/shop/test/cart.test.js:12:10)",
            &["test/cart.test.js", "lib/a.js"],
            Some(("test/cart.test.js", 12)),
        ),
        (
            "ES modules",
            "Error: no\n    at file:///C:/ci/shop/src/cart.mjs:4:11",
            &["src/cart.mjs"],
            Some(("src/cart.mjs", 4)),
        ),
        (
            "TypeScript",
            "expected 3 to be 4\n    at total (webpack:///./src/cart.ts:7:3)\n    at http://localhost:5173/src/other.ts?t=17:9:1",
            &["src/cart.ts"],
            Some(("src/cart.ts", 7)),
        ),
        ("Firefox", "total@http://localhost:3000/src/cart.ts:8:2", &["src/cart.ts"], Some(("src/cart.ts", 8))),
        ("Go", "    cart_test.go:12: got 3, want 4", &["cart/cart_test.go"], Some(("cart/cart_test.go", 12))),
        (
            "Go, a panic",
            "panic: runtime error: index out of range [1]\n\ngoroutine 7 [running]:\ntesting.tRunner.func1.2({0x5})\n\t/usr/local/go/src/testing/testing.go:1632 +0x230\nexample.com/shop.Total(...)\n\t/home/runner/work/shop/shop/cart.go:10\n",
            &["cart.go", "cart_test.go"],
            Some(("cart.go", 10)),
        ),
        (
            "C#",
            "   at Xunit.Assert.Equal[T](T expected) in C:\\Dev\\xunit\\Asserts.cs:line 40\n   at Shop.Tests.CartTests.Adds() in C:\\agent\\my work\\shop\\tests\\CartTests.cs:line 42",
            &["tests/CartTests.cs"],
            Some(("tests/CartTests.cs", 42)),
        ),
        (
            "C#, in German",
            "   bei Shop.CartTests.Adds(Int32 a) in /ci/shop/CartTests.cs:Zeile 7.",
            &["CartTests.cs"],
            Some(("CartTests.cs", 7)),
        ),
        (
            "PHPUnit",
            "CartTest::testAdds\nFailed asserting that 3 matches expected 4.\n\n/ci/shop/tests/CartTest.php:21",
            &["tests/CartTest.php"],
            Some(("tests/CartTest.php", 21)),
        ),
        (
            "PHP",
            "Exception: no\n#0 /ci/shop/vendor/phpunit/TestCase.php(9): x()\n#1 /ci/shop/src/Cart.php(33): total()",
            &["src/Cart.php", "TestCase.php"],
            Some(("src/Cart.php", 33)),
        ),
        (
            "Ruby",
            "expected: 4\n# ./spec/cart_spec.rb:12:in `block (2 levels) in <top (required)>'\n# /usr/lib/ruby/gems/3.1/gems/rspec/lib/x.rb:1:in `run'",
            &["spec/cart_spec.rb"],
            Some(("spec/cart_spec.rb", 12)),
        ),
        (
            "Minitest",
            "Failure:\nTestCart#test_adds [test/cart_test.rb:10]:\nExpected: 4",
            &["test/cart_test.rb"],
            Some(("test/cart_test.rb", 10)),
        ),
        ("two of that name", "    cart_test.go:12: got 3", &["a/cart_test.go", "b/cart_test.go"], None),
        ("none", "it failed at 12:30:45, see http://ci/x.html:80\n10:20 foo.txt:3", &["foo.txt", "x.html"], None),
        ("hostile", "File \"\", line 99999999999\n:::\nat (:1)\n.rs:1\n\u{e4}.php(\u{e4}", &["a.rs"], None),
    ];

    #[test]
    fn traces_of_every_language_lead_to_the_line() {
        for (language, trace, files, expected) in TRACES {
            let names = Names::of_files(files);
            let found = frames(trace).iter().find_map(|it| Some((file(it, "out/r.xml", &names)?, it.line)));
            assert_eq!(found.as_ref().map(|(path, line)| (path.as_str(), *line)), *expected, "{language}");
        }
    }

    #[test]
    fn of_two_suffixes_the_one_beside_the_report_is_meant() {
        let names = Names::of_files(&["a/cart_test.go", "b/cart_test.go"]);
        let found = |report: &str| frames("cart_test.go:12: no").iter().find_map(|it| file(it, report, &names));
        assert_eq!(found("b/r.xml").as_deref(), Some("b/cart_test.go"));
        assert_eq!(found("r.xml"), None);
    }
}
