//! How much an archive unpacks to, and what a member's digest is.

use std::cell::Cell;
use std::io::{Error, Read, Result};

use sha2::{Digest as _, Sha256};

use crate::Cancel;
use crate::tests::policy::Archives;

/// An archive may always unpack to so many bytes: short ones of repeated text shrink a lot.
const ALWAYS: u64 = 4 << 20;

/// Counts what all members of an archive unpack to.
pub(super) struct Meter<'a> {
    left: Cell<u64>,
    limit: String,
    cancel: &'a Cancel,
}

impl<'a> Meter<'a> {
    /// Of an archive of `size` bytes.
    pub fn new(bounds: &Archives, size: u64, cancel: &'a Cancel) -> Self {
        let by_ratio = size.saturating_mul(bounds.ratio).max(ALWAYS);
        let limit = if by_ratio < bounds.bytes {
            format!("more than the limit `archives.ratio` of {} times its size", bounds.ratio)
        } else {
            format!("more than the limit `archives.bytes` of {} bytes", bounds.bytes)
        };
        Self { left: Cell::new(by_ratio.min(bounds.bytes)), limit: format!("it unpacks to {limit}"), cancel }
    }

    /// It was asked for more than there may be; the answer is what to say.
    pub fn exceeded(&self) -> Option<&str> {
        (self.left.get() == 0).then_some(&*self.limit)
    }
}

/// A member, or the whole of an archive, unpacked.
pub(super) struct Metered<'a, R> {
    pub bytes: R,
    pub meter: &'a Meter<'a>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        self.meter.cancel.check().map_err(|failure| Error::other(failure.message))?;
        let read = self.bytes.read(into)?;
        let left = self.meter.left.get().saturating_sub(read as u64);
        self.meter.left.set(left);
        if left == 0 && read > 0 {
            return Err(Error::other(self.meter.limit.clone()));
        }
        Ok(read)
    }
}

/// Digests what is read.
pub(super) struct Hashed<R> {
    bytes: R,
    hasher: Sha256,
    count: u64,
}

impl<R: Read> Hashed<R> {
    pub fn new(bytes: R) -> Self {
        Self { bytes, hasher: Sha256::new(), count: 0 }
    }

    /// How many bytes were read, and their SHA-256 in lower-case hex.
    pub fn finish(self) -> (u64, String) {
        (self.count, self.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let read = self.bytes.read(into)?;
        self.hasher.update(&into[..read]);
        self.count += read as u64;
        Ok(read)
    }
}
