//! Reports that are one document of JSON: streamed, so that memory holds one test at a time.

use std::cell::Cell;
use std::io::{BufRead as _, BufReader, Error, Read};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::tally::{Tally, place};
use super::utf8::Utf8;
use super::{Format, cannot_be_read, ctrf, cucumber, jest, mocha, playwright, rspec};
use crate::{Cancel, Failure, Limits};

/// A document whose root is an object, key by key.
pub(super) trait Document {
    /// Takes the value of `key`, or ignores it; always reads it.
    fn value<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, tally: &mut Tally<'_>) -> Result<(), A::Error>;
    /// The document ended. An error says what is missing.
    fn end(self, tally: &mut Tally<'_>) -> Result<(), String>;
}

/// Whether [`read`] reads this format.
pub(super) fn is_read(format: Format) -> bool {
    use Format::{Ctrf, Cucumber, Jest, Mocha, Playwright, Rspec};
    matches!(format, Cucumber | Ctrf | Jest | Mocha | Playwright | Rspec)
}

/// Reads to the end of the report. Documents one after another are all read.
pub(super) fn read(
    format: Format,
    text: Utf8<impl Read>,
    tally: &mut Tally<'_>,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<(), Failure> {
    match format {
        Format::Ctrf => documents::<ctrf::Ctrf>(text, tally, limits, cancel),
        Format::Jest => documents::<jest::Jest>(text, tally, limits, cancel),
        Format::Mocha => documents::<mocha::Mocha>(text, tally, limits, cancel),
        Format::Playwright => documents::<playwright::Playwright>(text, tally, limits, cancel),
        Format::Rspec => documents::<rspec::Rspec>(text, tally, limits, cancel),
        Format::Cucumber => all(text, tally, limits, cancel, |json, tally| {
            each(json, |feature: cucumber::Feature| feature.tell(tally)).map(|_| Ok(()))
        }),
        _ => Err(Failure::new(format!("`{}`: {format} is no document of JSON", tally.path()))),
    }
}

type Json<'a, R> = serde_json::Deserializer<serde_json::de::IoRead<BufReader<Bounded<'a, R>>>>;

fn documents<D: Document + Default>(
    text: Utf8<impl Read>,
    tally: &mut Tally<'_>,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<(), Failure> {
    all(text, tally, limits, cancel, |json, tally| {
        let mut document = D::default();
        json.deserialize_map(Root { document: &mut document, tally })?;
        Ok(document.end(tally))
    })
}

fn all<R: Read>(
    mut text: Utf8<R>,
    tally: &mut Tally<'_>,
    limits: &Limits,
    cancel: &Cancel,
    mut one: impl for<'b> FnMut(&mut Json<'b, R>, &mut Tally<'_>) -> serde_json::Result<Result<(), String>>,
) -> Result<(), Failure> {
    let no_number = Cell::new(false);
    let path = tally.path();
    let before = text.line() - 1;
    let bounded =
        Bounded { text, cancel, most: limits.depth, depth: 0, in_text: false, escaped: false, no_number: &no_number };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(32 << 10, bounded));
    loop {
        match one(&mut json, tally) {
            Ok(Ok(())) => {}
            Ok(Err(what)) => return Err(Failure::new(format!("`{path}` is not whole: {what}"))),
            Err(e) => {
                cancel.check()?;
                if e.is_io() {
                    return Err(cannot_be_read(path, &e.into()));
                }
                let line = u32::try_from(e.line()).unwrap_or(u32::MAX).saturating_add(before);
                let why = if no_number.get() { " (`NaN` and `Infinity` are no JSON)" } else { "" };
                return Err(Failure::new(format!("`{path}` is malformed: {e}{why}")).at(place(path, line)));
            }
        }
        if json.end().is_ok() {
            return Ok(());
        }
    }
}

struct Root<'a, 'b, D> {
    document: &'a mut D,
    tally: &'a mut Tally<'b>,
}

impl<'de, D: Document> Visitor<'de> for Root<'_, '_, D> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.document.value(&key, &mut map, self.tally)?;
        }
        Ok(())
    }
}

/// Reads a value that nobody asked for.
pub(super) fn ignore<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(|_| ())
}

/// The value of a key, as an array whose items are taken one by one; null is an empty array. The answer is how many there were.
pub(super) fn items<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    map: &mut A,
    take: impl FnMut(T),
) -> Result<u64, A::Error> {
    map.next_value_seed(Items { take, of: std::marker::PhantomData })
}

/// The same of a whole value.
pub(super) fn each<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
    take: impl FnMut(T),
) -> Result<u64, D::Error> {
    Items { take, of: std::marker::PhantomData }.deserialize(from)
}

/// The value of a key, as an object of which each key is taken on its own.
pub(super) fn object<'de, A: MapAccess<'de>, D: Document>(
    map: &mut A,
    document: &mut D,
    tally: &mut Tally<'_>,
) -> Result<(), A::Error> {
    struct Seed<'a, 'b, D>(Root<'a, 'b, D>);
    impl<'de, D: Document> DeserializeSeed<'de> for Seed<'_, '_, D> {
        type Value = ();

        fn deserialize<X: Deserializer<'de>>(self, from: X) -> Result<(), X::Error> {
            from.deserialize_map(self.0)
        }
    }
    map.next_value_seed(Seed(Root { document, tally }))
}

struct Items<T, F> {
    take: F,
    of: std::marker::PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for Items<T, F> {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<u64, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Items<T, F> {
    type Value = u64;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_unit<E>(self) -> Result<u64, E> {
        Ok(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<u64, A::Error> {
        let mut count = 0;
        while let Some(item) = seq.next_element()? {
            count += 1;
            (self.take)(item);
        }
        Ok(count)
    }
}

/// Text of JSON with its limits: the depth, and the bytes of one string.
struct Bounded<'a, R> {
    text: Utf8<R>,
    cancel: &'a Cancel,
    most: usize,
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// A `N` or `I` stands outside of any text: `NaN` or `Infinity`, as some writers put it.
    no_number: &'a Cell<bool>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let mut available = self.text.fill_buf()?;
        let length = available.read(into)?;
        let mut is_between = false;
        for byte in &into[..length] {
            match byte {
                _ if std::mem::take(&mut self.escaped) => {}
                b'\\' if self.in_text => self.escaped = true,
                b'"' => self.in_text = !self.in_text,
                _ if self.in_text => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                b',' => is_between = true,
                b'N' | b'I' => self.no_number.set(true),
                _ => {}
            }
            if self.depth > self.most {
                let what = format!("objects and arrays are nested deeper than the limit `depth` of {}", self.most);
                return Err(Error::other(what));
            }
        }
        self.text.consume(length);
        if is_between {
            // Another value begins: none may be larger than a piece.
            self.text.piece();
            if self.cancel.is_set() {
                return Err(Error::other("stopped"));
            }
        }
        Ok(length)
    }
}
