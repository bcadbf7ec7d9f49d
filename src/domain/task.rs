//! What tasks of the queue are told: one kind, one payload, references only.

use serde::{Deserialize, Serialize};

use crate::domain::id::{JobId, UserId};

/// Runs a job. Its unique key is the job's id, its group the owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptimizeTask {
    /// Whose job it is.
    pub user_id: UserId,
    /// Which job.
    pub job_id: JobId,
}

impl OptimizeTask {
    /// The name of the kind in the queue and in the metrics; stable, as rows carry it.
    pub const KIND: &str = "optimize";
}

/// Deletes what was kept for its time. Whatever it carries says nothing: what is old is seen when it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CleanupTask;

impl CleanupTask {
    /// The name of the kind in the queue and in the metrics; stable, as rows carry it.
    pub const KIND: &str = "cleanup-old-jobs";
}

/// Deletes the bytes of an account that was erased, and what the cache has of it. Its unique key is the account's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseTask {
    /// Whose they were.
    pub user_id: UserId,
}

impl EraseTask {
    /// The name of the kind in the queue and in the metrics; stable, as rows carry it.
    pub const KIND: &str = "erase-account";
}

/// Asks what the service depends on for a sign of life. Whatever it carries says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthTask;

impl HealthTask {
    /// The name of the kind in the queue and in the metrics; stable, as rows carry it.
    pub const KIND: &str = "health-check";
}
