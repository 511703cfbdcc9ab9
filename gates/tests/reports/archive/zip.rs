//! Zip archives. Only what the central directory lists is there, as for every reader of them.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::meter::Metered;
use super::{Reading, Use};
use crate::Failure;

pub(super) fn read<T>(reading: &mut Reading<'_, T>, bytes: impl Read) -> Result<(), Failure> {
    let (whole, meter) = reading.whole(bytes)?;
    let mut archive = ZipArchive::new(Cursor::new(&*whole)).map_err(|e| reading.failure(what(&e)))?;
    if archive.has_duplicate_names() {
        return Err(reading.failure("two of its files have one name, so nobody knows which one is meant"));
    }
    if archive.has_overlapping_entries().map_err(|e| reading.failure(what(&e)))? {
        return Err(reading.failure("two of its files share bytes, as in no archive that was made by storing files"));
    }
    // Other readers, which begin at the front, would find another archive there.
    const BEFORE: &str = "bytes stand before its first file: another archive, perhaps, of which nothing would be read";
    if archive.is_empty() && !whole.starts_with(b"PK\x05\x06") {
        return Err(reading.failure(BEFORE));
    }
    let mut first = u64::MAX;
    for number in 0..archive.len() {
        let member = archive.by_index_raw(number).map_err(|e| reading.failure(what(&e)))?;
        first = first.min(member.header_start());
    }
    if first != 0 && !archive.is_empty() {
        return Err(reading.failure(BEFORE));
    }
    for number in 0..archive.len() {
        reading.count()?;
        let member = archive.by_index_raw(number).map_err(|e| reading.failure(what(&e)))?;
        if !is_named(&whole, member.header_start(), member.name_raw()) {
            return Err(reading.failure("it is damaged: a file in it has two names"));
        }
        if member.is_dir() {
            continue;
        }
        let (name, plain, encrypted) = (member.name_raw().to_vec(), !member.is_symlink(), member.encrypted());
        drop(member);
        let of = reading.name(&name, plain);
        if matches!(of, Use::Nothing) {
            continue;
        }
        if encrypted {
            return Err(reading.failure("it is encrypted"));
        }
        let member = archive.by_index(number).map_err(|e| reading.failure(what(&e)))?;
        reading.member(of, Metered { bytes: member, meter: &meter });
        if let Some(exceeded) = meter.exceeded() {
            return Err(reading.failure(exceeded));
        }
    }
    Ok(())
}

/// Whether the header before a member has the name that the directory has, as whoever unpacks it as a stream reads it.
fn is_named(archive: &[u8], header: u64, name: &[u8]) -> bool {
    const FIXED: usize = 30;
    let header = usize::try_from(header).ok().and_then(|start| archive.get(start..)).unwrap_or_default();
    let length = header.get(26..28).map(|bytes| usize::from(u16::from_le_bytes([bytes[0], bytes[1]])));
    length == Some(name.len()) && header.get(FIXED..FIXED + name.len()) == Some(name)
}

fn what(error: &ZipError) -> String {
    match error {
        ZipError::InvalidArchive(what) => format!("it is cut or damaged ({what})"),
        ZipError::Io(e) => format!("it is cut or damaged ({e})"),
        other => other.to_string(),
    }
}
