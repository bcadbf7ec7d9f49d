//! The part of the configuration that is about work in the background: the queue, schedules, quotas, jobs.

use serde::Deserialize;

use crate::config::tree::cores;

/// The queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Tasks at once in this process; 0 is one per core.
    pub concurrency: usize,
    /// Seconds that a claim is valid without a heartbeat.
    pub lease_seconds: u64,
    /// Seconds between heartbeats.
    pub heartbeat_seconds: u64,
    /// Milliseconds between looks at the queue.
    pub poll_ms: u64,
    /// Starts of one task before it is given up.
    pub max_attempts: u32,
    /// Times that a worker may vanish under one task before it is given up.
    pub max_crashes: u32,
    /// Tasks of one group that stand in the common line at once.
    pub group_window: u32,
    /// Seconds before the second start.
    pub retry_base_seconds: u64,
    /// Longest wait between starts, in seconds.
    pub retry_max_seconds: u64,
    /// Seconds after which a task is asked to stop.
    pub soft_limit_seconds: u64,
    /// Seconds after which it is stopped.
    pub hard_limit_seconds: u64,
    /// Seconds between SIGTERM and handing unfinished tasks back.
    pub drain_seconds: u64,
    /// Seconds that every thread may compute without a pause before the process ends.
    pub stalled_seconds: u64,
    /// Seconds that a transaction may keep its snapshot of the database before the log warns of it.
    pub old_snapshot_seconds: u64,
    /// Days that a task stays after it was completed or cancelled.
    pub keep_completed_days: u32,
    /// Days that a task stays after it was given up.
    pub keep_dead_days: u32,
}

impl Queue {
    /// How many tasks this process runs at once.
    #[must_use]
    pub fn slots(&self) -> usize {
        if self.concurrency == 0 { cores() } else { self.concurrency }
    }
}

/// What is done by the clock: cron expressions of five fields in UTC, checked when they were read; empty is never.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedules {
    /// When what was kept for its time is deleted.
    pub cleanup_old_jobs: String,
    /// When what the service depends on is asked for a sign of life.
    pub health_check: String,
}

/// Quotas by tier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    /// Where every account starts.
    pub free: Tier,
    /// Higher limits.
    pub pro: Tier,
    /// No limits by default.
    pub enterprise: Tier,
}

/// Quotas of one tier; 0 is no limit.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Jobs in 24 hours.
    pub jobs_per_day: u32,
    /// Megabytes (10^6 bytes) of uploads.
    pub storage_mb: u64,
    /// Jobs running at once.
    pub concurrent_jobs: u32,
}

/// Bounds of jobs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Events kept for one job.
    pub max_events: u32,
    /// Waiting jobs of one account.
    pub max_queued_per_user: u32,
    /// Days that a job stays after it ended, and a file that no job refers to.
    pub keep_days: u32,
}
