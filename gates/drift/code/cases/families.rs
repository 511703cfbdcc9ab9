//! How each language reads variables.

use super::variables;

#[track_caller]
fn check(path: &str, all: &[(&str, &str)]) {
    for (text, expected) in all {
        assert_eq!(variables(path, text), *expected, "{path}: {text}");
    }
}

#[test]
fn javascript() {
    check(
        "a.ts",
        &[
            ("f(process.env.A)", "read A"),
            ("f(process.env['A'], process.env[\"B\"]!)", "read A, read B"),
            ("const a = process.env.A || 'x'", "default A"),
            ("const a = process.env.A ?? 'x'", "default A"),
            ("const a = process.env.A!", "read A"),
            ("if (process.env.A) {}", "default A"),
            ("if (process.env.A === '1') {}", "default A"),
            ("const on = !process.env.A", "default A"),
            ("const x = process.env.A ? 1 : 2", "default A"),
            ("f(process.env.A?.split(','))", "read A"),
            ("process.env.A = 'x'", ""),
            ("const { A, B: b, C = 1, ...rest } = process.env", "read A, read B, default C, all"),
            ("f(import.meta.env.VITE_A)", "read VITE_A"),
            ("f(Deno.env.get('A'), Bun.env.B)", "read A, read B"),
            ("f(process.env[name])", "all"),
            ("spawn('x', { env: process.env })", "all"),
            ("// process.env.A\n/* process.env.B */ 'process.env.C'", ""),
            ("`a ${process.env.A} b ${f(`${process.env.B}`)}`", "read A, read B"),
            ("const r = /[\"'`]/; f(process.env.A)", "read A"),
            ("it's odd\nf(process.env.A)", "read A"),
            ("a.process.env.A", ""),
        ],
    );
}

#[test]
fn python() {
    check(
        "a.py",
        &[
            ("os.environ['A']", "required A"),
            ("os.environ['A'] = 'x'", ""),
            ("os.environ['A'] == 'x'", "required A"),
            ("os.environ.get('A')", "read A"),
            ("os.environ.get('A', 'x')", "default A"),
            ("os.environ.get('A') or 'x'", "default A"),
            ("if os.getenv('A'): pass", "default A"),
            ("os.getenv(\"A\")", "read A"),
            ("from os import environ\nenviron['A']", "required A"),
            (
                "env.str('A')\nenv('B', default=1)\nconfig('C')\nconfig('logging.ini')",
                "required A, default B, required C",
            ),
            ("f\"{os.environ['A']} {{x}}\"", "required A"),
            ("'''os.environ['A']'''\n# os.environ['B']", ""),
            ("dict(os.environ)", "all"),
            ("class S(BaseSettings):\n  a: str", "all"),
            ("'A' in os.environ", ""),
            (
                "if 'A' in os.environ:\n  os.environ['A']\nif 'B' not in os.environ: os.environ['B']",
                "default A, default B",
            ),
        ],
    );
}

#[test]
fn ruby() {
    check(
        "a.rb",
        &[
            ("ENV['A']", "read A"),
            ("ENV.fetch('A')", "required A"),
            ("ENV.fetch('A', 'x')", "default A"),
            ("ENV.fetch('A') { 'x' }", "default A"),
            ("ENV['A'] || 'x'", "default A"),
            ("ENV['A'] = 'x'", ""),
            ("ENV['A'].present?", "default A"),
            ("x if ENV['A']", "default A"),
            ("\"#{ENV['A']}\"", "read A"),
            ("# ENV['A']\n'ENV[B]'", ""),
            ("ENV[name]", "all"),
        ],
    );
}

#[test]
fn rust() {
    check(
        "a.rs",
        &[
            ("std::env::var(\"A\").unwrap()", "required A"),
            ("env::var(\"A\")?", "required A"),
            ("std::env::var(\"A\").unwrap_or_default()", "default A"),
            ("if let Ok(a) = std::env::var(\"A\") {}", "default A"),
            ("env!(\"A\"); option_env!(\"B\")", "required A, default B"),
            ("#[arg(long, env = \"A\")]", "default A"),
            ("fn f<'a>(x: &'a str) { env::var(\"A\").expect(\"x\") }", "required A"),
            ("let c = '\"'; env::var(\"A\").unwrap() /* /* */ env::var(\"B\") */", "required A"),
            ("env::vars()", "all"),
        ],
    );
}

#[test]
fn go() {
    check(
        "a.go",
        &[
            ("os.Getenv(\"A\")", "read A"),
            ("x, ok := os.LookupEnv(\"A\")", "default A"),
            ("os.Getenv(name)", "all"),
            (
                "type C struct {\n A string `env:\"A,required\"`\n B string `env:\"B\" envDefault:\"1\"`\n}",
                "required A, default B",
            ),
            ("// os.Getenv(\"A\")\n`os.Getenv(\"B\")`", ""),
            ("viper.AutomaticEnv()", "all"),
        ],
    );
}

#[test]
fn the_others() {
    check(
        "a.java",
        &[
            ("System.getenv(\"A\")", "read A"),
            ("System.getenv().getOrDefault(\"A\", \"x\")", "default A"),
            ("@Value(\"${A}\") String a; @Value(\"${B:x}\") String b; @Value(\"${a.b}\")", "required A, default B"),
            ("System.getenv()", "all"),
        ],
    );
    check("a.kt", &[("System.getenv(\"A\") ?: \"x\"", "default A"), ("System.getenv()[\"A\"]", "read A")]);
    check(
        "a.php",
        &[
            ("<?php getenv('A'); $_ENV['B']; env('C', 1); $_ENV['D'] ?? 2;", "read A, read B, default C, default D"),
            ("<?php isset($_ENV['A']); # getenv('B')", "default A"),
        ],
    );
    check(
        "a.cs",
        &[
            ("Environment.GetEnvironmentVariable(\"A\")", "read A"),
            ("Environment.GetEnvironmentVariable(\"A\") ?? \"x\"", "default A"),
            ("Environment.GetEnvironmentVariable(\"A\") ?? throw new X()", "required A"),
            ("var p = @\"C:\\\"; Environment.GetEnvironmentVariable(\"A\")", "read A"),
        ],
    );
    check(
        "a.ex",
        &[(
            "System.get_env(\"A\"); System.fetch_env!(\"B\"); System.get_env(\"C\", \"x\")",
            "read A, required B, default C",
        )],
    );
    check(
        "a.sh",
        &[
            ("x ${A:?needed} ${B:-x} $C ${D}", "required A"),
            ("A=1\necho ${A:?}", ""),
            (": \"${A:?}\" # ${B:?}", "required A"),
        ],
    );
    check("application.yml", &[("a: ${A}\nb: ${B:x}\nc: ${c.d}\n# ${E}", "required A, default B")]);
}
