//! The code that runs now on the new schema: the base's own tests against a database on which the migrations of the change ran.

use super::super::evidence::Compat;
use super::bench::Bench;
use crate::{Command, Ended, Failure, ScratchDatabase, Tree};

/// Runs the policy's `compat` with the base's files. Where it fails, it is run without the migrations too: what fails there as
/// well says nothing about them.
pub(super) async fn compat(
    bench: &Bench<'_>,
    line: &str,
    database: &mut dyn ScratchDatabase,
) -> Result<Compat, Failure> {
    if bench.world.change.base.is_none() {
        return Ok(Compat::Impossible("there is no base whose code could be tried".into()));
    }
    let after = match once(bench, line, database).await {
        Ok(ended) => ended,
        Err(failure) => return stopped(bench, failure),
    };
    if after.status == Some(0) {
        return Ok(Compat::Works);
    }
    let mut plain = bench.start().await?;
    let before = match once(bench, line, &mut *plain).await {
        Ok(ended) => ended,
        Err(failure) => return stopped(bench, failure),
    };
    Ok(match before.status {
        Some(0) => Compat::Fails { status: after.status, output: after.output },
        _ => Compat::Impossible(format!("`{line}` fails without the migrations of the change too:\n{}", before.output)),
    })
}

fn stopped(bench: &Bench<'_>, failure: Failure) -> Result<Compat, Failure> {
    bench.world.cancel.check()?;
    Ok(Compat::Impossible(failure.message))
}

async fn once(bench: &Bench<'_>, line: &str, database: &mut dyn ScratchDatabase) -> Result<Ended, Failure> {
    let url = database.url().await?;
    let variable = bench.policy.url_variable();
    let command = Command {
        line,
        tree: Tree::Base,
        directory: "",
        variables: &[(variable, &url)],
        limit: bench.policy.command_limit(),
    };
    bench.world.commands.run(&command).await
}
