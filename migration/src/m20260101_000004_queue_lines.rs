//! The queue's lines: a common one that is claimed from, one of its own for each group; and its schedules.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::dialect;

/// `queue_tasks.line_at`, `queue_tasks.group_limit`, `queue_schedules`.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

// `line_at` is where a task stands in the common line; NULL while it waits in its group's own line. Claims look at
// the common line alone, so that a group's thousand waiting tasks cost them nothing.
// An older program that still runs beside this one knows no lines: what it puts in stands in the common one.
const UP: &str = "
ALTER TABLE queue_tasks ADD COLUMN line_at INSTANT DEFAULT {now};
ALTER TABLE queue_tasks ADD COLUMN group_limit INTEGER;
UPDATE queue_tasks SET line_at = run_at WHERE state = 'queued';

DROP INDEX idx_queue_tasks_claim;
DROP INDEX idx_queue_tasks_group;
CREATE INDEX idx_queue_tasks_line ON queue_tasks (queue, priority, line_at, id)
    WHERE state = 'queued' AND line_at IS NOT NULL;
CREATE INDEX idx_queue_tasks_group_line ON queue_tasks (group_key, run_at, id)
    WHERE state = 'queued' AND line_at IS NULL;
CREATE INDEX idx_queue_tasks_group_active ON queue_tasks (group_key, state)
    WHERE group_key IS NOT NULL AND state IN ('queued', 'running') AND line_at IS NOT NULL;
CREATE INDEX idx_queue_tasks_failed ON queue_tasks (state) WHERE state IN ('dead', 'cancelled');

CREATE TABLE queue_schedules (
    name TEXT NOT NULL PRIMARY KEY,
    last_tick_at INSTANT NOT NULL,
    created_at INSTANT NOT NULL
);
";

// With millions of finished rows, a vacuum after every thousand changes would read their indexes without end. By a
// hundredth of the rows, and at the usual pace: what claims leave at the head of the line they clear by themselves.
const STORAGE: &str = "ALTER TABLE queue_tasks SET (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000,
    autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 5000);
ALTER TABLE queue_tasks RESET (autovacuum_vacuum_cost_delay)";

const DOWN: &str = "
DROP TABLE queue_schedules;
DROP INDEX idx_queue_tasks_failed;
DROP INDEX idx_queue_tasks_group_active;
DROP INDEX idx_queue_tasks_group_line;
DROP INDEX idx_queue_tasks_line;
ALTER TABLE queue_tasks DROP COLUMN group_limit;
ALTER TABLE queue_tasks DROP COLUMN line_at;
CREATE INDEX idx_queue_tasks_claim ON queue_tasks (queue, priority, run_at, id) WHERE state = 'queued';
CREATE INDEX idx_queue_tasks_group ON queue_tasks (group_key) WHERE state IN ('queued', 'running');
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if dialect::is_postgres(manager) {
            dialect::run(manager, STORAGE).await?;
        }
        // SQLite adds no column with a default that is computed, and no older program runs beside this one there.
        let now = if dialect::is_postgres(manager) { "now()" } else { "0" };
        dialect::run(manager, &UP.replace("{now}", now)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await
    }
}
