//! Archives of tar within gzip, read as a stream.
//!
//! The end is two blocks of zeros (POSIX `pax`, "ustar Interchange Format"); an archive without them was cut before it was compressed,
//! and what stands after them would be hidden from other readers.

use std::cell::Cell;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType, PaxExtensions};

use super::Reading;
use super::meter::Metered;
use crate::Failure;

/// Longest name, and all that stands with it, in bytes.
const NAME_BYTES: u64 = 64 << 10;
/// The blocks that end an archive.
const END: u64 = 1024;

pub(super) fn read<T>(reading: &mut Reading<'_, T>, bytes: impl Read) -> Result<(), Failure> {
    let (whole, meter) = reading.whole(bytes)?;
    let zeros = Cell::new(0);
    let bytes = Metered { bytes: MultiGzDecoder::new(&*whole), meter: &meter };
    let mut archive = Archive::new(Zeros { bytes, count: &zeros });
    let members = members(reading, &mut archive);
    if let Some(exceeded) = meter.exceeded() {
        return Err(reading.failure(exceeded));
    }
    members?;
    let before = zeros.get();
    let rest = std::io::copy(&mut archive.into_inner(), &mut std::io::sink());
    if let Some(exceeded) = meter.exceeded() {
        return Err(reading.failure(exceeded));
    }
    let rest = rest.map_err(|e| reading.failure(format!("it is cut or damaged ({e})")))?;
    if zeros.get() < END {
        return Err(reading.failure("it is cut: the blocks that end it are missing"));
    }
    if zeros.get() != before.saturating_add(rest) {
        return Err(reading.failure("something follows the blocks that end it"));
    }
    Ok(())
}

fn members<T>(reading: &mut Reading<'_, T>, archive: &mut Archive<impl Read>) -> Result<(), Failure> {
    // The name of the member that follows, where its own header has no room for it.
    let mut long: Option<Vec<u8>> = None;
    // Raw: the library would read names of any length.
    for entry in archive.entries().map_err(|e| reading.failure(e))?.raw(true) {
        let mut entry = entry.map_err(|e| reading.failure(format!("it is cut, damaged, or no tar ({e})")))?;
        match entry.header().entry_type() {
            EntryType::GNULongName => {
                let mut name = text(reading, &mut entry)?;
                while name.last() == Some(&0) {
                    name.pop();
                }
                long = Some(name);
            }
            EntryType::XHeader => {
                let text = text(reading, &mut entry)?;
                for pair in PaxExtensions::new(&text) {
                    let pair = pair.map_err(|e| reading.failure(e))?;
                    match pair.key_bytes() {
                        b"path" => long = Some(pair.value_bytes().to_vec()),
                        b"size" => return Err(reading.failure("a file in it is larger than 8 GiB")),
                        key if key.starts_with(b"GNU.sparse") => return Err(reading.failure("a file in it is sparse")),
                        _ => {}
                    }
                }
            }
            EntryType::XGlobalHeader | EntryType::GNULongLink => {}
            EntryType::Directory => {
                reading.count()?;
                long = None;
            }
            kind => {
                reading.count()?;
                let name = long.take().unwrap_or_else(|| entry.path_bytes().into_owned());
                let plain = matches!(kind, EntryType::Regular | EntryType::Continuous);
                let of = reading.name(&name, plain);
                reading.member(of, &mut entry);
            }
        }
    }
    Ok(())
}

fn text<T>(reading: &Reading<'_, T>, entry: &mut impl Read) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    entry.take(NAME_BYTES + 1).read_to_end(&mut text).map_err(|e| reading.failure(e))?;
    if text.len() as u64 > NAME_BYTES {
        return Err(reading.failure(format!("a name in it is longer than the limit of {NAME_BYTES} bytes")));
    }
    Ok(text)
}

/// Counts the zeros that the bytes end with.
struct Zeros<'a, R> {
    bytes: R,
    count: &'a Cell<u64>,
}

impl<R: Read> Read for Zeros<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(into)?;
        match into[..read].iter().rposition(|byte| *byte != 0) {
            Some(last) => self.count.set((read - last - 1) as u64),
            None => self.count.set(self.count.get() + read as u64),
        }
        Ok(read)
    }
}
