//! Configuration files of several environments, compared key by key.

mod forge;
mod gather;
mod idle;
mod judge;
mod laid;
mod matching;
mod matrix;
mod meant;
mod neighbours;
mod placeholders;
mod relations;
mod snapshot;
mod sorted;
mod suspect;
mod twins;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod hidden;

pub(super) use gather::gather;
pub(super) use judge::judge;
pub use matrix::{Cell, Matrix, Row, matrix};
pub use snapshot::made as snapshot;
