//! Calls of the database that come to an end even where their answer never comes: a connection that was cut without a
//! word looks like a slow one for a quarter of an hour.

use std::time::Duration;

use crate::queue::task::QueueError;

/// Longer than a healthy database ever takes: whoever waits longer has lost the answer.
pub(in crate::queue) const CALL: Duration = Duration::from_secs(10);

/// What the call answers within that time, else [`QueueError::TimedOut`]. What it did by then is undone or not: the
/// caller has to bear either.
pub(in crate::queue) async fn bounded<T>(
    patience: Duration,
    call: impl Future<Output = Result<T, QueueError>>,
) -> Result<T, QueueError> {
    tokio::time::timeout(patience, call).await.unwrap_or(Err(QueueError::TimedOut))
}
