//! The task queue: tasks, the history of their attempts, and which queues are paused.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::dialect;

/// `queue_tasks`, `queue_attempts`, `queues`.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

// `lease_seq` is the fence: one more with each claim, never less, so that whoever held an earlier lease is
// refused. `attempt` cannot be that: handing a task back un-counts it.
// `lease_expires_at` is in no index: heartbeats then rewrite no index entry (PostgreSQL's heap-only updates),
// and the rows that run are few.
const UP: &str = "
CREATE TABLE queue_tasks (
    id UUID NOT NULL PRIMARY KEY,
    queue TEXT NOT NULL DEFAULT 'default',
    kind TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'completed', 'dead', 'cancelled')),
    priority SMALLINT NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1 AND 1),
    group_key TEXT,
    unique_key TEXT,
    payload JSONB NOT NULL,
    run_at INSTANT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL DEFAULT 3,
    crash_count INTEGER NOT NULL DEFAULT 0,
    lease_seq BIGINT NOT NULL DEFAULT 0,
    lease_owner UUID,
    lease_expires_at INSTANT,
    started_at INSTANT,
    deadline_at INSTANT,
    cancel_requested_at INSTANT,
    error_kind TEXT,
    last_error TEXT,
    created_at INSTANT NOT NULL,
    finished_at INSTANT,
    CHECK ((state = 'running') = (lease_expires_at IS NOT NULL)),
    CHECK ((state IN ('completed', 'dead', 'cancelled')) = (finished_at IS NOT NULL))
){storage};
CREATE INDEX idx_queue_tasks_claim ON queue_tasks (queue, priority, run_at, id) WHERE state = 'queued';
CREATE INDEX idx_queue_tasks_running ON queue_tasks (id) WHERE state = 'running';
CREATE UNIQUE INDEX idx_queue_tasks_unique ON queue_tasks (kind, unique_key)
    WHERE unique_key IS NOT NULL AND state IN ('queued', 'running');
CREATE INDEX idx_queue_tasks_group ON queue_tasks (group_key) WHERE state IN ('queued', 'running');
CREATE INDEX idx_queue_tasks_finished_at ON queue_tasks (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE queue_attempts (
    task_id UUID NOT NULL REFERENCES queue_tasks (id) ON DELETE CASCADE,
    lease_seq BIGINT NOT NULL,
    attempt INTEGER NOT NULL,
    owner UUID,
    started_at INSTANT,
    finished_at INSTANT NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT,
    PRIMARY KEY (task_id, lease_seq)
);

CREATE TABLE queues (
    name TEXT NOT NULL PRIMARY KEY,
    paused_at INSTANT
);
";

// Rows change several times in a short life and the table stays small: room on each page for the new version,
// and vacuum by count, not by share.
const STORAGE_ON_POSTGRES: &str = " WITH (fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0)";

const DOWN: &str = "
DROP TABLE queues;
DROP TABLE queue_attempts;
DROP TABLE queue_tasks;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let storage = if dialect::is_postgres(manager) { STORAGE_ON_POSTGRES } else { "" };
        dialect::run(manager, &UP.replace("{storage}", storage)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await
    }
}
