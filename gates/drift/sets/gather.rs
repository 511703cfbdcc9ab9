//! Reads the files of each environment from the commit.

use crate::drift::evidence::Evidence;
use crate::drift::formats::read_set;
use crate::drift::policy::Drift;
use crate::drift::values::Placeholders;
use crate::{Failure, World};

pub(in crate::drift) fn gather(drift: &Drift, world: &World<'_>) -> Result<Evidence, Failure> {
    let placeholders = Placeholders::new(&drift.placeholders);
    let sets = drift.sets().iter().map(|set| read_set(set, &placeholders, world)).collect::<Result<_, _>>()?;
    Ok(Evidence { sets })
}
