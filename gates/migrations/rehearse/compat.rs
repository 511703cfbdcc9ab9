//! The code that runs now on the new schema: the base's own tests against a database on which the migrations of the change ran.

use super::super::Migrations;
use super::super::evidence::Compat;
use crate::{Command, Ended, Failure, ScratchDatabase, Tree, World};

/// Runs the policy's `compat` with the base's files. Where it fails, it is run on the schema that the change starts from too, which
/// `plain` gives: what fails there as well says nothing about the migrations.
pub(super) async fn compat(
    policy: &Migrations,
    world: &World<'_>,
    line: &str,
    database: &mut dyn ScratchDatabase,
    plain: impl AsyncFnOnce() -> Result<Box<dyn ScratchDatabase>, Failure>,
) -> Result<Compat, Failure> {
    if world.change.base.is_none() {
        return Ok(Compat::Impossible("there is no base whose code could be tried".into()));
    }
    let after = match once(policy, world, line, database).await {
        Ok(ended) => ended,
        Err(failure) => return stopped(world, failure),
    };
    if after.status == Some(0) {
        return Ok(Compat::Works);
    }
    let mut plain = plain().await?;
    let before = match once(policy, world, line, &mut *plain).await {
        Ok(ended) => ended,
        Err(failure) => return stopped(world, failure),
    };
    Ok(match before.status {
        Some(0) => Compat::Fails { status: after.status, output: after.output },
        _ => Compat::Impossible(format!("`{line}` fails without the migrations of the change too:\n{}", before.output)),
    })
}

fn stopped(world: &World<'_>, failure: Failure) -> Result<Compat, Failure> {
    world.cancel.check()?;
    Ok(Compat::Impossible(failure.message))
}

async fn once(
    policy: &Migrations,
    world: &World<'_>,
    line: &str,
    database: &mut dyn ScratchDatabase,
) -> Result<Ended, Failure> {
    let url = database.url().await?;
    let variable = policy.url_variable();
    let command = Command {
        line,
        tree: Tree::Base,
        directory: "",
        variables: &[(variable, &url)],
        limit: policy.command_limit(),
    };
    world.commands.run(&command).await
}
