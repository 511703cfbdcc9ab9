//! 73 files as five loaders read them, in `drift/dotenv-dialects.json` of the corpus, which lies beside the repository and is not part
//! of it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Dialect;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/drift/dotenv-dialects.json");

#[derive(Deserialize)]
struct Corpus {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    input: String,
    results: BTreeMap<String, Expected>,
}

#[derive(Deserialize)]
struct Expected {
    values: Option<BTreeMap<String, Option<String>>>,
    error: Option<String>,
    stderr: Option<String>,
    skipped: Option<String>,
}

/// Where this differs from what was recorded, and why.
const ARGUED: &[(&str, &str, &str)] = &[
    ("interp_escape", "bash", "`$$` is the number of the shell's process: another one in every run"),
    ("tilde", "bash", "`~` is the home folder of whoever recorded it"),
    (
        "nul",
        "bash",
        "nothing was recorded, as bash drops the zero byte; a file with one is refused before any loader is asked",
    ),
];

type Values = BTreeMap<String, Option<String>>;

/// What a loader sets with an empty environment, and whether a value depends on the machine.
fn load(dialect: Dialect, text: &str) -> Result<(Values, bool), &'static str> {
    let mut loader = dialect.loader(text);
    let (mut values, mut at, mut depends) = (Values::new(), 0, false);
    while at < text.len() {
        let statement = loader.statement(at).map_err(|refusal| refusal.what)?;
        assert!(statement.next > at, "{dialect:?} stands still at {at} of {text:?}");
        at = statement.next;
        if let Some(entry) = statement.entry {
            depends |= entry.value.as_ref().is_some_and(|made| made.depends);
            values.insert(entry.key.into(), entry.value.map(|made| made.text));
        }
    }
    if dialect != Dialect::Python {
        values.retain(|_, value| value.is_some());
    }
    Ok((values, depends))
}

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
    let corpus: Corpus = serde_json::from_str(&text).unwrap();
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for Case { id, input, results } in &corpus.cases {
        for (name, dialect) in [
            ("compose-go", Dialect::Compose),
            ("motdotla", Dialect::Motdotla),
            ("python-dotenv", Dialect::Python),
            ("dotenvy", Dialect::Dotenvy),
            ("bash", Dialect::Shell),
        ] {
            let Expected { values, error, stderr, skipped } = &results[name];
            let read = load(dialect, input);
            let refuses = error.is_some() || stderr.is_some();
            let agrees = match (&read, values) {
                (Err(_), _) => refuses || skipped.is_some(),
                // The recording ran no command; here it is only read.
                (Ok((_, depends)), None) => skipped.is_some() && *depends,
                (Ok((read, _)), Some(values)) => !refuses && read == values,
            };
            compared += 1;
            if !agrees && !ARGUED.iter().any(|(case, of, _)| (*case, *of) == (id, name)) {
                wrong.push(format!("{id} {name}: {:?}, and not {values:?} {error:?} {stderr:?}", read.map(|it| it.0)));
            }
        }
    }
    assert_eq!((wrong.join("\n"), compared), (String::new(), 365));
}
