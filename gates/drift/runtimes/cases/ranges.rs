//! Ranges of five grammars, and files of version managers.

use super::named;
use crate::drift::runtimes::versions::{Grammar, Versions};

#[test]
fn ranges_are_read_by_their_grammar() {
    for (grammar, text, told) in [
        (Grammar::Npm, "20", ">=20 <21"),
        (Grammar::Npm, "^18.12.0 || >=20.5", ">=18.12 <19 || >=20.5"),
        (Grammar::Npm, ">= 18 < 21", ">=18 <21"),
        (Grammar::Npm, "<=20", "<21"),
        (Grammar::Npm, ">16", ">=17"),
        (Grammar::Npm, "~1.2", ">=1.2 <1.3"),
        (Grammar::Npm, "~>3.2.1", ">=3.2.1 <3.3"),
        (Grammar::Npm, "1.2 - 3.4", ">=1.2 <3.5"),
        (Grammar::Npm, "20.x", ">=20 <21"),
        (Grammar::Npm, "^0.2.3", ">=0.2.3 <0.3"),
        (Grammar::Npm, "^0.0.3", ">=0.0.3 <0.0.4"),
        (Grammar::Npm, "*", ">=0"),
        (Grammar::Npm, "v20.1.0-rc.1", ">=20.1 <20.1.1"),
        (Grammar::Python, ">=3.8,<4", ">=3.8 <4"),
        (Grammar::Python, "~=3.8", ">=3.8 <4"),
        (Grammar::Python, "~=3.8.1", ">=3.8.1 <3.9"),
        (Grammar::Python, "==3.11.*", ">=3.11 <3.12"),
        (Grammar::Python, "^3.10", ">=3.10 <4"),
        (Grammar::Python, ">=3.9,!=3.9.7", ">=3.9 <3.9.7 || >=3.9.8"),
        (Grammar::Python, ">=3.9, !=3.10.*, <3.13", ">=3.9 <3.10 || >=3.11 <3.13"),
        (Grammar::Python, ">3.8", ">=3.8.1"),
        (Grammar::Ruby, "~> 3.2", ">=3.2 <4"),
        (Grammar::Ruby, "~> 3.2.0", ">=3.2 <3.3"),
        (Grammar::Ruby, ">= 2.7, < 3.4", ">=2.7 <3.4"),
        (Grammar::Composer, "^8.1 || ~8.3.0", ">=8.1 <9 || >=8.3 <8.4"),
        (Grammar::Composer, "^7.4|^8.0", ">=7.4 <8 || >=8 <9"),
        (Grammar::Composer, "~8.1", ">=8.1 <9"),
        (Grammar::Composer, ">=8.1 <8.4", ">=8.1 <8.4"),
    ] {
        let range = Versions::range(text, grammar);
        let told = told.to_owned();
        // Written out, so that the short forms of whole releases do not hide a bound.
        assert_eq!(range.map(|it| it.written_out()), Some(told), "{text}");
    }
    for wrong in
        ["lts/*", "latest", "node", "", "||", "^", ">=", "1.2.3.4.5 foo", "workspace:*", "99999999999999999999"]
    {
        let read = Versions::range(wrong, Grammar::Npm).map(|it| it.told());
        assert!(read.is_none() || wrong.trim_matches('|').is_empty(), "{wrong}: {read:?}");
    }
    assert_eq!(Versions::range(">=20 <18", Grammar::Npm), None, "no version satisfies it");
}

#[test]
fn a_range_and_a_pin_inside_of_it_agree() {
    let agree = |one: &str, other: &str| {
        let of = |text| Versions::range(text, Grammar::Npm).unwrap();
        let (one, other) = (of(one), of(other));
        assert_eq!(one.agree(&other), other.agree(&one));
        one.agree(&other)
    };
    assert!(agree("20", "20.11.1"));
    assert!(agree("^18 || ^20", "20.1"));
    assert!(agree(">=18", "22"));
    assert!(agree("<=20", "20.11.1"), "npm reads `<=20` as `<21`");
    assert!(!agree("18", "20"));
    assert!(!agree("^18.12", "18.11"));
    assert!(!agree("<18", "18.0.0"));
}

#[test]
fn files_of_version_managers() {
    for (path, text, expected) in [
        (".nvmrc", "lts/iron\n", "1:1 pins Node.js 20 lts/iron"),
        (".nvmrc", "lts/*\n", "1:1 pins Node.js ? lts/*"),
        (".nvmrc", "# why\n\n  v20.11.1\n", "3:3 pins Node.js 20.11.1 v20.11.1"),
        (".node-version", "22", "1:1 pins Node.js 22 22"),
        (".python-version", "3.12.1\n3.11\n", "1:1 pins Python 3.12.1 || 3.11 3.12.1"),
        (".python-version", "pypy3.10-7.3\n", "1:1 pins Python ? pypy3.10-7.3"),
        (".ruby-version", "ruby-3.3.0\n", "1:1 pins Ruby 3.3.0 ruby-3.3.0"),
        (".ruby-version", "jruby-9.4\n", "1:1 pins Ruby ? jruby-9.4"),
        (".java-version", "17.0\n", "1:1 pins Java 17.0 17.0"),
        (".tool-versions", "java temurin-21.0.2+13.0.LTS\n", "1:1 pins Java 21.0.2 temurin-21.0.2+13.0.LTS"),
        (".tool-versions", "terraform 1.5\ngolang 1.22.1\n", "2:1 pins Go 1.22.1 1.22.1"),
        (".sdkmanrc", "# x\njava=17.0.10-tem\n", "2:1 pins Java 17.0.10 17.0.10-tem"),
        ("mise.toml", "[tools]\nnode = '20'\n", "2:8 pins Node.js 20 20"),
        ("mise.toml", "[tools]\npython = ['3.12', '3.11']\n", "2:11 pins Python 3.12 3.12"),
        ("rust-toolchain.toml", "[toolchain]\nchannel = '1.82.0'\n", "2:11 pins Rust 1.82.0 1.82.0"),
        ("rust-toolchain", "nightly-2026-01-01\n", "1:1 pins Rust ? nightly-2026-01-01"),
        ("runtime.txt", "python-3.11.4\n", "1:1 ships Python 3.11.4 python-3.11.4"),
        ("go.mod", "module a\n\ngo 1.22.1 // x\n", "3:1 allows Go >=1.22.1 go 1.22.1"),
        ("Gemfile", "source 'x'\nruby \"~> 3.2\"\n", "2:1 allows Ruby >=3.2 <4 ~> 3.2"),
        ("Gemfile", "ruby '>= 3.1', '< 3.4'\n", "1:1 allows Ruby >=3.1 <3.4 >= 3.1, < 3.4"),
        ("package.json", "{\"volta\": {\"node\": \"20.1.0\"}}", "1:20 pins Node.js 20.1.0 20.1.0"),
        ("composer.json", "{\"require\": {\"php\": \"^8.2\"}}", "1:21 allows PHP >=8.2 <9 ^8.2"),
        ("global.json", "{\"sdk\": {\"version\": \"8.0.204\"}}", "1:21 pins .NET SDK 8.0 8.0.204"),
        (
            "global.json",
            "{\"sdk\": {\"version\": \"8.0.204\", \"rollForward\": \"latestMajor\"}}",
            "1:21 pins .NET SDK >=8.0.204 8.0.204",
        ),
        ("Cargo.toml", "[package]\nrust-version = '1.85'\n", "2:16 allows Rust >=1.85 >=1.85"),
        ("pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.10'\n", "2:10 allows Python >=3.10 <4 ^3.10"),
        ("Pipfile", "[requires]\npython_version = '3.11'\n", "2:18 pins Python 3.11 3.11"),
        (
            "pom.xml",
            "<p>\n<!-- <java.version>8</java.version> -->\n<java.version>17</java.version></p>",
            "3:15 allows Java >=17 >=17",
        ),
        ("pom.xml", "<maven.compiler.target>1.8</maven.compiler.target>", "1:24 allows Java >=8 >=1.8"),
        (
            "build.gradle.kts",
            "java {\n  toolchain { languageVersion = JavaLanguageVersion.of(21) }\n}",
            "2:3 allows Java >=21 >=21",
        ),
        ("build.gradle", "sourceCompatibility = JavaVersion.VERSION_1_8\n", "1:1 allows Java >=8 >=1.8"),
        ("a.csproj", "<TargetFramework>net8.0</TargetFramework>", "1:18 allows .NET 8 net8.0"),
        (
            "main.tf",
            "resource \"aws_lambda_function\" \"a\" {\n  runtime = \"nodejs20.x\"\n}\n",
            "2:3 ships Node.js 20 nodejs20.x",
        ),
        ("serverless.yml", "provider:\n  runtime: python3.12\n", "2:12 ships Python 3.12 python3.12"),
        (
            "template.yaml",
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Runtime: java21, Role: !Ref R}\n",
            "4:27 ships Java 21 java21",
        ),
        ("app.yaml", "runtime: python312\n", "1:10 ships Python 3.12 python312"),
    ] {
        assert_eq!(named(path, text), [expected], "{path} {text}");
    }
    for (path, text) in [
        ("Gemfile", "ruby file: '.ruby-version'\n"),
        ("main.tf", "  # runtime = \"nodejs18.x\"\n  runtime = var.runtime\n"),
        ("pom.xml", "<java.version>${other}</java.version>"),
        ("package.json", "{}"),
        ("a.csproj", "<TargetFramework>netstandard2.0</TargetFramework>"),
        ("runtime.txt", "something else\n"),
        ("requirements.txt", "python==3\n"),
    ] {
        assert_eq!(named(path, text), [] as [&str; 0], "{path} {text}");
    }
}
