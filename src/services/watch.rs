//! Watches what a stranger's script does to a server, and stops it from outside when it goes beyond its limits.

use std::time::{Duration, Instant};

use predeploy_gates::{Cancel, Failure};

/// Between two looks at whether the run was cancelled.
const LOOK: Duration = Duration::from_millis(20);
/// Between two looks at the size of the database.
const MEASURE: Duration = Duration::from_millis(250);
/// How long a statement may take to heed that it is stopped, and the server's own limit to act first.
pub(crate) const PATIENCE: Duration = Duration::from_millis(500);

/// Why a script was stopped from outside.
#[derive(Clone, Copy)]
pub(crate) enum Stop {
    Cancelled,
    Time,
    Size,
}

/// What a script runs on, as its owner sees it.
pub(crate) trait Watched {
    /// Asks the server to stop the statement that runs. It may fail: then the session is ended.
    async fn interrupt(&self);

    /// Ends the session.
    async fn end(&self) -> Result<(), Failure>;

    /// Bytes that the database takes.
    async fn size(&self) -> Result<u64, Failure>;
}

/// Waits for what runs on a server.
pub(crate) async fn watch<T>(
    work: impl Future<Output = T>,
    server: &impl Watched,
    cancel: &Cancel,
    is_late: impl Fn() -> bool,
    largest: u64,
) -> Result<(T, Option<Stop>), Failure> {
    tokio::pin!(work);
    let mut measured = Instant::now();
    let mut stopped: Option<(Stop, Instant)> = None;
    let ran = loop {
        tokio::select! {
            biased;
            ran = &mut work => break ran,
            () = tokio::time::sleep(LOOK) => {}
        }
        match stopped {
            None => {
                let mut stop = None;
                if cancel.is_set() {
                    stop = Some(Stop::Cancelled);
                } else if is_late() {
                    stop = Some(Stop::Time);
                } else if measured.elapsed() > MEASURE {
                    if server.size().await? > largest {
                        stop = Some(Stop::Size);
                    }
                    measured = Instant::now();
                }
                if let Some(stop) = stop {
                    stopped = Some((stop, Instant::now()));
                    server.interrupt().await;
                }
            }
            Some((_, at)) if at.elapsed() > PATIENCE => {
                // A statement may catch that it is stopped, not that its session ends.
                server.end().await?;
                stopped = stopped.map(|(stop, _)| (stop, Instant::now()));
            }
            Some(_) => {}
        }
        if let Some((Stop::Cancelled, _)) = stopped {
            cancel.check()?;
        }
    };
    Ok((ran, stopped.map(|(stop, _)| stop)))
}
