//! The port to documents behind an address.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Answer, Failure};

/// Gets documents by https.
pub trait Web: Send + Sync {
    /// The text at an address, at most `limits.file_bytes` long. Tries again where that may help; where the server still does not
    /// answer, an earlier copy if there is one, which says so.
    fn get<'a>(&'a self, address: &'a Address) -> Answer<'a, Page>;
}

/// Where a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `https://…`
    Plain(String),
    /// The name of the environment variable that holds the address, which is a secret.
    Variable(String),
}

/// A document as it was got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub text: String,
    /// When its server last said that it is this.
    pub at: Timestamp,
    /// It is an earlier copy.
    pub instead: Option<Instead>,
}

/// An earlier copy of what could not be got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instead {
    /// What the server did.
    pub why: String,
    /// How old the copy was when it was taken, by this machine's clock, whatever instant the run is about. In seconds.
    pub age_s: i64,
}

/// Nothing is got.
pub struct NoWeb;

impl Web for NoWeb {
    fn get<'a>(&'a self, _: &'a Address) -> Answer<'a, Page> {
        Box::pin(async { Err(Failure::new("no address can be read here")) })
    }
}
