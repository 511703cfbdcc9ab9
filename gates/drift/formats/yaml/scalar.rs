//! What versions of YAML and their loaders make of a plain scalar: <https://yaml.org/type/> (1.1) as PyYAML reads it
//! (<https://github.com/yaml/pyyaml/blob/main/lib/yaml/resolver.py>), YAML 1.2 as ruamel.yaml does
//! (<https://sourceforge.net/p/ruamel-yaml/code/ci/default/tree/resolver.py>), its core schema
//! (<https://yaml.org/spec/1.2.2/#103-core-schema>) as the packages `yaml` and `js-yaml` of npm do, and go-yaml v3
//! (<https://github.com/yaml/go-yaml/blob/v3/resolve.go>).

/// What a loader takes a scalar for. An integer and a float are one: which is which is spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Null,
    Boolean,
    Number,
    Date,
    Text,
    /// The loader gives up.
    Refused,
}

impl Sort {
    const fn words(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::Text => "a text",
            Self::Refused => "an error",
        }
    }
}

pub(super) const LOADERS: [&str; 5] = ["PyYAML", "ruamel.yaml", "yaml of npm", "js-yaml", "go-yaml"];

/// As each of [`LOADERS`] takes it.
pub(super) fn sorts(text: &str) -> [Sort; 5] {
    [pyyaml(text), ruamel(text), core(text), js_yaml(text), go_yaml(text)]
}

/// How loaders differ about a plain scalar, if they do.
pub(in crate::drift::formats) fn differ(text: &str) -> Option<String> {
    // Nearly all scalars are words that no loader takes for anything else.
    let first = text.bytes().next()?;
    let may = first.is_ascii_digit()
        || matches!(first, b'+' | b'-' | b'.' | b'=' | b'<' | b'y' | b'Y' | b'n' | b'N' | b'o' | b'O');
    let word = first.is_ascii_alphabetic() && !old_boolean(text) && !null(text);
    if !may || word || text.len() > 64 {
        return None;
    }
    let sorts = sorts(text);
    if sorts.iter().all(|sort| *sort == sorts[0]) {
        return None;
    }
    let mut said: Vec<(Sort, Vec<&str>)> = Vec::new();
    for (loader, sort) in LOADERS.iter().zip(sorts) {
        match said.iter_mut().find(|(known, _)| *known == sort) {
            Some((_, loaders)) => loaders.push(loader),
            None => said.push((sort, vec![loader])),
        }
    }
    said.sort_by_key(|(_, loaders)| loaders.len());
    let last = said.len() - 1;
    let parts: Vec<String> = said
        .iter()
        .enumerate()
        .map(|(number, (sort, loaders))| match loaders.as_slice() {
            _ if number == last && last > 0 => format!("others {}", sort.words()),
            [one] => format!("{one} reads {}", sort.words()),
            [all @ .., end] => format!("{} and {end} read {}", all.join(", "), sort.words()),
            [] => String::new(),
        })
        .collect();
    Some(parts.join(", "))
}

fn null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn boolean(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

/// The booleans of 1.1 that PyYAML keeps: not `y` and `n`.
fn old_boolean(text: &str) -> bool {
    matches!(text, "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF")
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn all(text: &str, test: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(test)
}

fn special(text: &str) -> bool {
    matches!(unsigned(text), ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// `[0-9][0-9_]*`.
fn grouped(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// Mantissa and exponent, without `e`.
fn exponent(text: &str) -> (&str, Option<&str>) {
    text.split_once(['e', 'E']).map_or((text, None), |(mantissa, exponent)| (mantissa, Some(exponent)))
}

fn pyyaml(text: &str) -> Sort {
    let plain = unsigned(text);
    let digits = |text: &str, test: fn(u8) -> bool| all(text, |byte| test(byte) || byte == b'_');
    let integer = plain == "0"
        || plain.strip_prefix("0b").is_some_and(|rest| digits(rest, |byte| matches!(byte, b'0' | b'1')))
        || plain.strip_prefix("0x").is_some_and(|rest| digits(rest, |byte| byte.is_ascii_hexdigit()))
        || plain.strip_prefix('0').is_some_and(|rest| digits(rest, |byte| matches!(byte, b'0'..=b'7')))
        || (grouped(plain) && !plain.starts_with('0'))
        || sexagesimal(plain, false);
    let (mantissa, exponent) = exponent(plain);
    let signed = exponent.is_none_or(|exponent| {
        exponent.strip_prefix(['+', '-']).is_some_and(|digits| all(digits, |byte| byte.is_ascii_digit()))
    });
    let float = signed
        && mantissa.split_once('.').is_some_and(|(whole, rest)| {
            let rest_is_digits = rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
            let unsigned_fraction = whole.is_empty() && grouped(rest) && plain.len() == text.len();
            (grouped(whole) && rest_is_digits) || unsigned_fraction
        });
    match text {
        _ if null(text) => Sort::Null,
        _ if boolean(text) || old_boolean(text) => Sort::Boolean,
        _ if integer || float || special(text) || sexagesimal(plain, true) => Sort::Number,
        _ if date(text) => Sort::Date,
        "=" | "<<" => Sort::Refused,
        _ => Sort::Text,
    }
}

/// `12:30:45`, to the base of 60.
fn sexagesimal(text: &str, fraction: bool) -> bool {
    let (whole, rest) = match text.split_once('.') {
        Some((whole, rest)) if fraction => (whole, rest),
        None if !fraction => (text, ""),
        _ => return false,
    };
    let mut parts = whole.split(':');
    let first = parts.next().is_some_and(|first| grouped(first) && (fraction || !first.starts_with('0')));
    let minute = |part: &str| {
        matches!(part.as_bytes(), [digit] if digit.is_ascii_digit())
            || matches!(part.as_bytes(), [b'0'..=b'5', digit] if digit.is_ascii_digit())
    };
    let mut others = parts.peekable();
    first
        && others.peek().is_some()
        && others.all(minute)
        && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// `2026-01-31`, and that with a time and a zone.
fn date(text: &str) -> bool {
    let number = |part: &str, least: usize, most: usize| {
        (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (day, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start_matches([' ', '\t']))),
        None => (text, None),
    };
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let Some(time) = time else { return number(year, 4, 4) && number(month, 2, 2) && number(day, 2, 2) };
    if !(number(year, 4, 4) && number(month, 1, 2) && number(day, 1, 2)) {
        return false;
    }
    let zone = time.find(['Z', '+', '-', ' ', '\t']).unwrap_or(time.len());
    let (clock, zone) = (&time[..zone], time[zone..].trim_start_matches([' ', '\t']));
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let parts: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = parts[..] else { return false };
    let offset = zone.strip_prefix(['+', '-']).is_some_and(|offset| {
        let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "00"));
        number(hours, 1, 2) && number(minutes, 2, 2)
    });
    number(hour, 1, 2)
        && number(minute, 2, 2)
        && number(second, 2, 2)
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && (zone.is_empty() || zone == "Z" || offset)
}

fn ruamel(text: &str) -> Sort {
    let plain = unsigned(text);
    let digits = |text: &str, test: fn(u8) -> bool| all(text, |byte| test(byte) || byte == b'_');
    let integer = plain.strip_prefix("0b").is_some_and(|rest| digits(rest, |byte| matches!(byte, b'0' | b'1')))
        || plain.strip_prefix("0x").is_some_and(|rest| digits(rest, |byte| byte.is_ascii_hexdigit()))
        || plain.strip_prefix("0o").is_some_and(|rest| digits(rest, |byte| matches!(byte, b'0'..=b'7')))
        || grouped(plain);
    let (mantissa, exponent) = exponent(plain);
    let exponent_is_one = exponent.is_none_or(|exponent| all(unsigned(exponent), |byte| byte.is_ascii_digit()));
    let float = exponent_is_one
        && match mantissa.split_once('.') {
            Some((whole, rest)) => {
                let rest_is_digits = rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
                rest_is_digits && (grouped(whole) || (whole.is_empty() && !rest.is_empty()))
            }
            None => exponent.is_some() && grouped(mantissa),
        };
    match text {
        _ if null(text) => Sort::Null,
        _ if boolean(text) => Sort::Boolean,
        _ if integer || float || special(text) => Sort::Number,
        _ if date(text) => Sort::Date,
        "=" | "<<" => Sort::Refused,
        _ => Sort::Text,
    }
}

/// A decimal number with a fraction or an exponent, perhaps.
fn decimal(text: &str) -> bool {
    let (mantissa, exponent) = exponent(unsigned(text));
    let digit = |byte: u8| byte.is_ascii_digit();
    let fraction = match mantissa.split_once('.') {
        Some((whole, rest)) => {
            whole.bytes().all(digit) && rest.bytes().all(digit) && !(whole.is_empty() && rest.is_empty())
        }
        None => all(mantissa, digit),
    };
    fraction && exponent.is_none_or(|exponent| all(unsigned(exponent), digit))
}

pub(super) fn core(text: &str) -> Sort {
    let may = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    let number = may && is_number(text);
    match text {
        _ if null(text) => Sort::Null,
        _ if boolean(text) => Sort::Boolean,
        _ if number => Sort::Number,
        _ => Sort::Text,
    }
}

/// A number of the core schema.
fn is_number(text: &str) -> bool {
    decimal(text)
        || text.strip_prefix("0o").is_some_and(|rest| all(rest, |byte| matches!(byte, b'0'..=b'7')))
        || text.strip_prefix("0x").is_some_and(|rest| all(rest, |byte| byte.is_ascii_hexdigit()))
        || special(text)
}

/// A number that does not fit is none.
fn fits(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn js_yaml(text: &str) -> Sort {
    if decimal(text) && !fits(text) { Sort::Text } else { core(text) }
}

fn go_yaml(text: &str) -> Sort {
    let plain: String = unsigned(text).replace('_', "");
    let starts_well = unsigned(text).starts_with(|c: char| c.is_ascii_digit());
    let radix = |prefixes: [&str; 2], radix: u32| {
        let rest = prefixes.iter().find_map(|prefix| plain.strip_prefix(prefix));
        rest.is_some_and(|rest| all(rest, |byte| char::from(byte).is_digit(radix)))
    };
    let integer = starts_well
        && (all(&plain, |byte| byte.is_ascii_digit())
            || radix(["0b", "0B"], 2)
            || radix(["0o", "0O"], 8)
            || radix(["0x", "0X"], 16));
    match text {
        _ if null(text) => Sort::Null,
        _ if boolean(text) => Sort::Boolean,
        _ if integer || special(text) || (decimal(text) && fits(text)) => Sort::Number,
        _ if date(text) => Sort::Date,
        _ => Sort::Text,
    }
}

#[test]
fn what_differs_names_the_loaders_and_the_types() {
    assert_eq!(differ("yes").as_deref(), Some("PyYAML reads a boolean, others a text"));
    assert_eq!(differ("12:30").as_deref(), Some("PyYAML reads a number, others a text"));
    assert_eq!(differ("2024-01-01").as_deref(), Some("yaml of npm and js-yaml read a text, others a date"));
    for same in ["y", "n", "3.10", "1.0", "010", "info", "1.2.3", "true", "-", "on-call", "nothing", "", "~"] {
        assert_eq!(differ(same), None, "{same}");
    }
}

#[cfg(test)]
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/drift/yaml-scalars.json");

/// Where this differs from what was recorded, and why.
#[cfg(test)]
const ARGUED: &[(&str, usize, &str)] = &[
    ("0x1F", 4, "the program that recorded go-yaml writes JSON, and failed at this number only then"),
    ("0o10", 4, "the same"),
    ("0b101", 4, "the same"),
    ("1_000", 4, "the same"),
    ("1__0", 4, "the same"),
    (".inf", 4, "JSON has no such number"),
    ("-.INF", 4, "the same"),
    (".nan", 4, "the same"),
    ("<<", 4, "it failed at a merge key without a table, and not at the scalar"),
    ("2024-01-01", 4, "a date that was written to JSON as a text, with a time that the input does not have"),
    ("2024-01-01T00:00:00Z", 4, "the same"),
    ("2024-01-01 10:00:00", 4, "the same"),
];

/// 65 scalars as five loaders type them, in `drift/yaml-scalars.json` of the corpus, which lies beside the repository and is not part of it.
#[test]
fn five_loaders_on_the_corpus() {
    #[expect(clippy::disallowed_methods, reason = "the corpus is on disk")]
    let Ok(text) = std::fs::read_to_string(CORPUS) else {
        #[expect(clippy::disallowed_macros, reason = "what is skipped is said")]
        {
            println!("skipped: there is no {CORPUS}");
        }
        return;
    };
    let corpus: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for case in corpus["cases"].as_array().unwrap() {
        let scalar = case["scalar"].as_str().unwrap();
        // Quoted and tagged ones are not resolved, and `-` is none.
        if scalar.starts_with(['"', '\'', '!']) || scalar == "-" {
            continue;
        }
        let recorded = ["pyyaml_1.1", "ruamel_1.2", "js_yaml_pkg_1.2core", "js-yaml", "go-yaml_v3(dyff json)"];
        for (loader, (name, sort)) in recorded.iter().zip(sorts(scalar.trim())).enumerate() {
            let expected = match case["results"][name][0].as_str().unwrap() {
                "null" => Sort::Null,
                "bool" => Sort::Boolean,
                "int" | "float" => Sort::Number,
                "timestamp" => Sort::Date,
                "str" => Sort::Text,
                _ => Sort::Refused,
            };
            compared += 1;
            if sort != expected && !ARGUED.iter().any(|(of, number, _)| (*of, *number) == (scalar, loader)) {
                wrong.push(format!("{scalar} {name}: {sort:?}, and not {expected:?}"));
            }
        }
    }
    assert_eq!((wrong.join("\n"), compared), (String::new(), 300));
}
