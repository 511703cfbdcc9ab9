//! A variable that a program reads: plain data.

use serde::{Deserialize, Serialize};

use crate::Span;

/// How much a program needs a variable, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// There is a default, or the program asks whether it is there.
    Default,
    /// Neither a default nor a failure is seen where it is read.
    Read,
    /// The program fails without it.
    Required,
}

impl Need {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Read => "read",
            Self::Required => "required",
        }
    }
}

/// One place that reads a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub name: String,
    pub need: Need,
    /// In bytes.
    pub at: std::ops::Range<usize>,
}

/// A variable with the places that read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    pub name: String,
    /// The most that any place needs it.
    pub need: Need,
    /// The first ones, in the order of files; the first of all is one that needs it most.
    pub places: Vec<(String, Span)>,
    /// How many there are.
    pub count: usize,
}
