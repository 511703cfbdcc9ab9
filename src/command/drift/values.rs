//! Values beside the letters of the matrix, for a person at a terminal: of keys that are no secrets, read anew when they are printed.

use std::collections::BTreeMap;
use std::ops::Range;

use predeploy_gates::{
    DriftCell, DriftRow, DriftShown, NoCommands, NoForge, NoHistory, NoProgress, NoScratch, NoWeb, World, drift_values,
};

use super::ground;
use crate::cli::DriftArgs;
use crate::config::Instance;
use crate::environment::Environment;
use crate::exit::Stop;
use crate::report::harmless::line;
use crate::run::live::Ran;
use crate::run::salt;
use crate::services::trees::Trees;

/// Most characters of a value that are printed.
const WIDEST: usize = 60;

/// Refuses where a log would keep what is printed.
pub(super) fn allowed(environment: &Environment) -> Result<(), Stop> {
    if environment.in_ci() {
        return Err(Stop::usage(
            "values are not printed in CI, whose logs are kept and read by others",
            "leave `--show-values` out, or run it on your machine",
        ));
    }
    Ok(())
}

/// By the number of the set in what is printed.
#[derive(Default)]
pub(super) struct Shown(BTreeMap<usize, Vec<DriftShown>>);

impl Shown {
    /// Reads the values of a gate's sets, which are those of these numbers.
    pub(super) fn read(
        &mut self,
        args: &DriftArgs,
        environment: &Environment,
        ran: &Ran,
        gate: &Instance,
        sets: Range<usize>,
    ) -> Result<(), Stop> {
        let ground = ground(&args.asked, environment)?;
        let (root, head, cancel) = (&ground.place.root, ground.head.clone(), ground.cancel.clone());
        let trees = Trees::new(root, head.clone(), None, None, head, cancel.clone()).map_err(Stop::Usage)?;
        let salt = salt::of(environment).map_err(Stop::Usage)?;
        let why = NoForge { why: "values are read from files alone".into(), help: String::new() };
        let limits = ran.policy.as_ref().map(|policy| policy.house.limits.into()).unwrap_or_default();
        let world = World {
            change: &ran.record.change,
            in_ci: false,
            environments: &[],
            workspace: &trees,
            forge: &why,
            history: &NoHistory,
            scratch: &NoScratch,
            commands: &NoCommands,
            web: &NoWeb,
            progress: &NoProgress,
            limits: &limits,
            cancel: &cancel,
            salt: &salt,
        };
        if let Some(values) = drift_values(&*gate.asked, &world) {
            self.0.extend(sets.zip(values.map_err(Stop::Usage)?));
        }
        Ok(())
    }

    /// What is printed of a cell, if anything may be. A row of which any cell is a secret has none.
    pub(super) fn value(&self, set: usize, environment: usize, row: &DriftRow, cell: &DriftCell) -> Option<String> {
        if row.cells.iter().flatten().any(|cell| cell.secret) {
            return None;
        }
        let (place, value) = self.0.get(&set)?.get(environment)?.get(&row.key)?;
        // What is laid over the file, a snapshot or the forge, is not it.
        (*place == cell.place).then(|| {
            let shown = line(value);
            match shown.char_indices().nth(WIDEST) {
                Some((end, _)) => format!("{}…", &shown[..end]),
                None => shown,
            }
        })
    }
}
