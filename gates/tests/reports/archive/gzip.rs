//! A report that was compressed alone: `report.xml.gz`.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::meter::Metered;
use super::{Reading, Use};
use crate::Failure;

/// Reads the report, which is called `name` unpacked.
pub(super) fn read<T>(reading: &mut Reading<'_, T>, name: &str, bytes: impl Read) -> Result<(), Failure> {
    let (whole, meter) = reading.whole(bytes)?;
    reading.count()?;
    let path = format!("{}!/{name}", reading.path);
    reading.member(Use::Report(path), Metered { bytes: MultiGzDecoder::new(&*whole), meter: &meter });
    match meter.exceeded() {
        Some(exceeded) => Err(reading.failure(exceeded)),
        None => Ok(()),
    }
}
