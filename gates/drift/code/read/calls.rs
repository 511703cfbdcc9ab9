//! The calls by which programs read variables.

use super::lexer::{Placed, Token};
use super::lines::{placeholder, put_in};
use super::{Family, Seen, is_name, is_shouted};
use crate::drift::code::reads::{Need, Read};

pub(super) fn read(family: Family, tokens: &[Placed<'_>]) -> Seen {
    let mut program = Program { tokens, seen: Seen::default(), asked: Vec::new() };
    for at in 0..tokens.len() {
        match family {
            Family::JavaScript => program.javascript(at),
            Family::Python => program.python(at),
            Family::Ruby => program.ruby(at),
            Family::Rust => program.rust(at),
            Family::Go => program.go(at),
            Family::Php => program.php(at),
            Family::CSharp => program.named_call(at, &["Environment", ".", "GetEnvironmentVariable", "("], Need::Read),
            Family::Java => program.java(at),
            Family::Elixir => program.elixir(at),
            Family::Shell | Family::Spring => {}
        }
    }
    // Where a file asks whether a variable is there, it can do without it.
    let Program { mut seen, asked, .. } = program;
    for read in seen.reads.iter_mut().filter(|read| asked.contains(&read.name.as_str())) {
        read.need = Need::Default;
    }
    seen
}

struct Program<'t> {
    tokens: &'t [Placed<'t>],
    seen: Seen,
    /// Names that the program asks about: `"X" in os.environ`.
    asked: Vec<&'t str>,
}

impl<'t> Program<'t> {
    fn token(&self, at: usize) -> Option<Token<'t>> {
        self.tokens.get(at).map(|(token, _)| *token)
    }

    fn is(&self, at: usize, what: &str) -> bool {
        match self.token(at) {
            Some(Token::Word(word)) => word == what,
            Some(Token::Sign(sign)) => what.as_bytes() == [sign],
            Some(Token::Text { .. }) | None => false,
        }
    }

    /// Where what follows begins, if these words and signs stand here. One of a method is none: `x.os.environ`.
    fn after(&self, at: usize, pattern: &[&str]) -> Option<usize> {
        let stands = pattern.iter().enumerate().all(|(number, what)| self.is(at + number, what));
        let member = at > 0 && self.is(at - 1, ".") && pattern[0] != ".";
        (stands && !member).then_some(at + pattern.len())
    }

    /// A whole text that may be a name.
    fn name(&self, at: usize) -> Option<&'t str> {
        match self.token(at)? {
            Token::Text { text, whole: true } if is_name(text) => Some(text),
            _ => None,
        }
    }

    fn word(&self, at: usize) -> Option<&'t str> {
        match self.token(at)? {
            Token::Word(word) if is_name(word) => Some(word),
            _ => None,
        }
    }

    fn push(&mut self, name: &str, need: Need, at: usize) {
        let from = self.tokens[at].1;
        self.seen.reads.push(Read { name: name.to_owned(), need, at: from..from + name.len() });
    }

    fn computes(&mut self, at: usize) {
        let offset = self.tokens[at].1;
        self.seen.computed.get_or_insert(offset);
    }

    /// `pattern` and then a name in parentheses; a second argument is a default.
    fn named_call(&mut self, at: usize, pattern: &[&str], alone: Need) {
        let Some(from) = self.after(at, pattern) else { return };
        let Some(name) = self.name(from) else { return self.computes(at) };
        let need = if self.is(from + 1, ",") { Need::Default } else { self.used(at, from + 2, alone) };
        self.push(name, need, from);
    }

    /// What is done with what stands from `start` up to `next`: a default, a comparison or a test make it need less.
    fn used(&self, start: usize, next: usize, alone: Need) -> Need {
        if let Some(after) = self.converted(start, next) {
            return self.used(start - 2, after, alone);
        }
        let fails = |at| self.is(at, "throw") || self.is(at, "raise") || self.is(at, "panic");
        let (one, two) = (self.token(next), self.token(next + 1));
        let sign = |token, what: u8| token == Some(Token::Sign(what));
        let doubled = |what| sign(one, what) && sign(two, what);
        if doubled(b'|') || doubled(b'?') || (sign(one, b'?') && sign(two, b':')) || self.is(next, "or") {
            let at = next + 1 + usize::from(!self.is(next, "or"));
            return if fails(at) { Need::Required } else { Need::Default };
        }
        let compared = (doubled(b'=') || (sign(one, b'!') && sign(two, b'=')))
            || doubled(b'&')
            || self.is(next, "and")
            || self.is(next, "is");
        let asked = sign(one, b'?') && !sign(two, b'.');
        let negated = start > 0
            && (self.is(start - 1, "!")
                || self.is(start - 1, "not")
                || self.is(start - 1, "typeof")
                || self.is(start - 1, "delete"));
        let tested = ["if", "elsif", "elif", "unless", "while"].iter().any(|word| {
            (start > 0 && self.is(start - 1, word))
                || (start > 1 && self.is(start - 1, "(") && self.is(start - 2, word))
        });
        let converted = start > 1 && self.is(start - 1, "(") && self.is(start - 2, "Boolean");
        if compared || asked || negated || tested || converted { Need::Default } else { alone }
    }

    /// Behind a conversion around it, such as `Number(…)` or `parseInt(…, 10)`: what is done with the number is done with it.
    fn converted(&self, start: usize, next: usize) -> Option<usize> {
        let called = start.checked_sub(2).filter(|_| self.is(start - 1, "("))?;
        let known = ["Number", "parseInt", "parseFloat", "String", "int", "float", "str"];
        let end = (next..next + 3).find(|at| self.is(*at, ")"))?;
        known.iter().any(|name| self.is(called, name)).then_some(end + 1)
    }

    /// Whether what ends before `next` is written to: `=` and not `==`, `=>`, `=~`.
    fn is_written(&self, next: usize) -> bool {
        let follows = |what: &str| self.is(next + 1, what);
        self.is(next, "=") && !follows("=") && !follows(">") && !follows("~")
    }

    fn javascript(&mut self, at: usize) {
        self.named_call(at, &["Deno", ".", "env", ".", "get", "("], Need::Read);
        let bases: [&[&str]; 4] = [
            &["process", ".", "env"],
            &["process", "?", ".", "env"],
            &["import", ".", "meta", ".", "env"],
            &["Bun", ".", "env"],
        ];
        let Some(from) = bases.iter().find_map(|base| self.after(at, base)) else { return };
        let optional = usize::from(self.is(from, "?") && self.is(from + 1, "."));
        let (name, place, next) = if self.is(from + optional, ".") && self.word(from + optional + 1).is_some() {
            (self.word(from + optional + 1), from + optional + 1, from + optional + 2)
        } else if let Some(inside) =
            Some(from).filter(|_| self.is(from + 2 * optional, "[")).map(|_| from + 2 * optional + 1)
        {
            (self.name(inside), inside, inside + 2)
        } else {
            return self.whole_environment(at, from);
        };
        let Some(name) = name else { return self.computes(at) };
        // `X!` says to TypeScript that it is there.
        let next = if self.is(next, "!") && !self.is(next + 1, "=") { next + 1 } else { next };
        if !self.is_written(next) {
            self.push(name, self.used(at, next, Need::Read), place);
        }
    }

    /// `const { A, B: b, C = 1 } = process.env`; else all of it is taken.
    fn whole_environment(&mut self, at: usize, after: usize) {
        let destructured = at >= 2 && self.is(at - 1, "=") && self.is(at - 2, "}");
        if !destructured {
            let tested = self.used(at, after, Need::Read) == Need::Default || (at > 0 && self.is(at - 1, "in"));
            if !tested {
                self.computes(at);
            }
            return;
        }
        let close = at - 2;
        let Some(open) = (close.saturating_sub(400)..close).rev().find(|at| self.is(*at, "{")) else { return };
        let mut from = open + 1;
        while from < close {
            let end = (from..close).find(|at| self.is(*at, ",")).unwrap_or(close);
            match self.word(from) {
                Some(name) => {
                    let default = (from..end).any(|at| self.is(at, "="));
                    self.push(name, if default { Need::Default } else { Need::Read }, from);
                }
                // `...rest`.
                None if from < end => self.computes(from),
                None => {}
            }
            from = end + 1;
        }
    }

    fn python(&mut self, at: usize) {
        for base in [&["os", ".", "environ"][..], &["environ"]] {
            let Some(from) = self.after(at, base) else { continue };
            if base.len() == 1 && at > 0 && self.is(at - 1, "import") {
                continue;
            }
            if self.is(from, "[") {
                match self.name(from + 1) {
                    Some(_) if self.is_written(from + 3) => {}
                    Some(_) if at > 0 && self.is(at - 1, "del") => {}
                    Some(name) => self.push(name, Need::Required, from + 1),
                    None => self.computes(at),
                }
            } else if self.is(from, ".") && self.is(from + 2, "(") {
                match self.word(from + 1) {
                    Some("get" | "pop") => self.named_call(
                        at,
                        &[base, &[".", self.word(from + 1).unwrap_or(""), "("]].concat(),
                        Need::Read,
                    ),
                    Some("setdefault") => {}
                    _ => self.computes(at),
                }
            } else if at > 0 && self.is(at - 1, "in") {
                // `"X" in`, `"X" not in`.
                let before = [2, 3].into_iter().filter_map(|back| self.name(at.checked_sub(back)?)).next();
                self.asked.extend(before);
            } else if base.len() > 1 {
                self.computes(at);
            }
        }
        self.named_call(at, &["os", ".", "getenv", "("], Need::Read);
        self.named_call(at, &["getenv", "("], Need::Read);
        if self.is(at, "BaseSettings") && self.is(at + 1, ")") {
            self.computes(at);
        }
        // django-environ, environs, python-decouple.
        let call = self.after(at, &["env", "("]).or_else(|| self.after(at, &["config", "("])).or_else(|| {
            let typed = self.after(at, &["env", "."])?;
            (self.word(typed).is_some() && self.is(typed + 1, "(")).then_some(typed + 2)
        });
        if let Some(from) = call
            && let Some(name) = self.name(from).filter(|name| is_shouted(name))
        {
            let default = if self.is(from + 1, ",") { Need::Default } else { Need::Required };
            self.push(name, default, from);
        }
    }

    fn ruby(&mut self, at: usize) {
        let Some(from) = self.after(at, &["ENV"]) else { return };
        if self.is(from, "[") {
            match self.name(from + 1) {
                Some(_) if self.is_written(from + 3) => {}
                // `ENV["X"] ||= "y"`.
                Some(name) => {
                    let need = if self.is(from + 3, ".") && self.asks(from + 4) {
                        Need::Default
                    } else {
                        self.used(at, from + 3, Need::Read)
                    };
                    self.push(name, need, from + 1);
                }
                None => self.computes(at),
            }
        } else if self.is(from, ".") && self.is(from + 1, "fetch") {
            let open = from + 2 + usize::from(self.is(from + 2, "("));
            match self.name(open) {
                Some(name) => {
                    let next = open + 1;
                    let block = self.is(next, ")") && (self.is(next + 1, "{") || self.is(next + 1, "do"));
                    let default = self.is(next, ",") || block;
                    self.push(name, if default { Need::Default } else { Need::Required }, open);
                }
                None => self.computes(at),
            }
        } else if self.is(from, ".")
            && matches!(self.word(from + 1), Some("to_h" | "each" | "select" | "slice" | "map" | "to_hash"))
        {
            self.computes(at);
        }
    }

    fn asks(&self, at: usize) -> bool {
        matches!(self.word(at), Some("present" | "blank" | "nil" | "presence" | "to_s" | "to_i" | "empty" | "try"))
    }

    fn rust(&mut self, at: usize) {
        if let Some(from) = self.after(at, &["env", "!", "("]) {
            return if let Some(name) = self.name(from) {
                self.push(name, Need::Required, from)
            };
        }
        if let Some(from) = self.after(at, &["option_env", "!", "("]) {
            return if let Some(name) = self.name(from) {
                self.push(name, Need::Default, from)
            };
        }
        // `#[arg(env = "X")]` of clap has a flag beside it.
        if let Some(from) = self.after(at, &["env", "="])
            && let Some(name) = self.name(from).filter(|name| is_shouted(name))
        {
            return self.push(name, Need::Default, from);
        }
        let call = ["var", "var_os"].iter().find_map(|name| self.after(at, &["env", ":", ":", name, "("]));
        let Some(from) = call else {
            if self.after(at, &["env", ":", ":", "vars", "("]).is_some() {
                self.computes(at);
            }
            return;
        };
        let Some(name) = self.name(from) else { return self.computes(at) };
        let next = from + 2;
        let need = match self.word(next + 1).filter(|_| self.is(next, ".")) {
            Some("unwrap" | "expect" | "context" | "with_context") => Need::Required,
            Some(_) => Need::Default,
            None if self.is(next, "?") => Need::Required,
            // Matched, or asked with `let Ok(…)`.
            None => Need::Default,
        };
        self.push(name, need, from);
    }

    fn go(&mut self, at: usize) {
        self.named_call(at, &["os", ".", "Getenv", "("], Need::Read);
        if let Some(from) = self.after(at, &["os", ".", "LookupEnv", "("]) {
            match self.name(from) {
                Some(name) => self.push(name, Need::Default, from),
                None => self.computes(at),
            }
        }
        if self.after(at, &["os", ".", "Environ", "("]).is_some() || self.is(at, "AutomaticEnv") {
            self.computes(at);
        }
        // Tags of fields: `env:"X,required"` of caarlos0/env, `envconfig:"X"` of kelseyhightower's.
        let Some(Token::Text { text, .. }) = self.token(at) else { return };
        for key in ["env:\"", "envconfig:\""] {
            let Some(begin) = text.find(key).map(|at| at + key.len()) else { continue };
            if text[..begin - key.len()].ends_with(|c: char| c.is_ascii_alphanumeric()) {
                continue;
            }
            let Some(end) = text[begin..].find('"') else { continue };
            let tag = &text[begin..begin + end];
            let (name, options) = tag.split_once(',').unwrap_or((tag, ""));
            if !is_shouted(name) {
                continue;
            }
            let required =
                options.contains("required") || options.contains("notEmpty") || text.contains("required:\"true\"");
            let default = text.contains("envDefault:") || text.contains("default:\"") || options.contains("default");
            let need = if default {
                Need::Default
            } else if required {
                Need::Required
            } else {
                Need::Read
            };
            let from = self.tokens[at].1 + begin;
            self.seen.reads.push(Read { name: name.to_owned(), need, at: from..from + name.len() });
        }
    }

    fn php(&mut self, at: usize) {
        self.named_call(at, &["getenv", "("], Need::Read);
        if let Some(from) = self.after(at, &["env", "("])
            && let Some(name) = self.name(from).filter(|name| is_shouted(name))
        {
            let need = if self.is(from + 1, ",") { Need::Default } else { self.used(at, from + 2, Need::Read) };
            self.push(name, need, from);
        }
        if let Some(from) = self.after(at, &["$_ENV", "["])
            && let Some(name) = self.name(from)
            && !self.is_written(from + 2)
        {
            let tested = at > 1 && self.is(at - 1, "(") && (self.is(at - 2, "isset") || self.is(at - 2, "empty"));
            let need = if tested { Need::Default } else { self.used(at, from + 2, Need::Read) };
            self.push(name, need, from);
        }
    }

    fn java(&mut self, at: usize) {
        if let Some(from) = self.after(at, &["System", ".", "getenv", "("]) {
            match self.name(from) {
                Some(name) => self.push(name, self.used(at, from + 2, Need::Read), from),
                // `System.getenv().getOrDefault("X", …)`, `System.getenv()["X"]`.
                None if self.is(from, ")") => {
                    let of = |at| self.name(at).map(|name| (name, at));
                    let default =
                        self.after(from + 1, &[".", "getOrDefault", "("]).and_then(of).map(|it| (it, Need::Default));
                    let plain = || {
                        let open = self.after(from + 1, &[".", "get", "("]).or_else(|| self.after(from + 1, &["["]))?;
                        let (name, place) = of(open)?;
                        Some(((name, place), self.used(at, place + 2, Need::Read)))
                    };
                    match default.or_else(plain) {
                        Some(((name, place), need)) => self.push(name, need, place),
                        None => self.computes(at),
                    }
                }
                None => self.computes(at),
            }
        }
        // `@Value("${X:default}")`.
        if self.is(at, "@")
            && self.is(at + 1, "Value")
            && self.is(at + 2, "(")
            && let Some((Token::Text { text, .. }, from)) = self.tokens.get(at + 3)
        {
            self.seen.reads.extend(put_in(text).filter_map(|(at, inner)| placeholder(inner, from + at)));
        }
    }

    fn elixir(&mut self, at: usize) {
        self.named_call(at, &["System", ".", "get_env", "("], Need::Read);
        if let Some(from) = self.after(at, &["System", ".", "fetch_env", "!", "("])
            && let Some(name) = self.name(from)
        {
            self.push(name, Need::Required, from);
        }
        if let Some(from) = self.after(at, &["System", ".", "fetch_env", "("])
            && let Some(name) = self.name(from)
        {
            self.push(name, Need::Default, from);
        }
    }
}
