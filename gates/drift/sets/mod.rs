//! Configuration files of several environments, compared key by key.

mod gather;
mod judge;
mod laid;
mod suspect;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod hidden;

pub(super) use gather::gather;
pub(super) use judge::judge;
