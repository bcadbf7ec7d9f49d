//! SQLite's statements: there is one writer, so a claim is one update, and instants are milliseconds since 1970.

use crate::queue::sql::Statements;

/// The present moment in milliseconds since 1970. Fixed within a statement, as PostgreSQL's `now()` is.
macro_rules! now {
    () => {
        "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    };
}

/// The statements.
pub(in crate::queue) const STATEMENTS: Statements = Statements {
    enqueue: concat!(
        "INSERT INTO queue_tasks
            (id, queue, kind, priority, group_key, unique_key, payload, run_at, max_attempts, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, ", now!(), " + $8, $9, ", now!(), ")
         ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('queued', 'running') DO NOTHING"
    ),
    find_open: "
        SELECT id FROM queue_tasks WHERE kind = $1 AND unique_key = $2 AND state IN ('queued', 'running')",
    claim: concat!(
        "UPDATE queue_tasks
         SET state = 'running', attempt = attempt + 1, lease_seq = lease_seq + 1, lease_owner = $4,
             started_at = ", now!(), ", lease_expires_at = ", now!(), " + $5, deadline_at = ", now!(), " + $6
         WHERE id IN (
             SELECT id FROM queue_tasks
             WHERE state = 'queued' AND queue = $1 AND priority = $2 AND run_at <= ", now!(), "
               AND kind IN (SELECT value FROM json_each($7))
               AND NOT EXISTS (SELECT 1 FROM queues WHERE name = $1 AND paused_at IS NOT NULL)
             ORDER BY run_at, id LIMIT $3)
         RETURNING id, kind, payload, attempt, max_attempts, crash_count, lease_seq,
             ", now!(), " - run_at AS waited_ms, cancel_requested_at IS NOT NULL AS cancel_requested"
    ),
    heartbeat: concat!(
        "UPDATE queue_tasks SET lease_expires_at = ", now!(), " + $2
         FROM (SELECT json_extract(value, '$.id') AS held_id, json_extract(value, '$.seq') AS held_seq
               FROM json_each($1))
         WHERE lower(hex(id)) = held_id AND lease_seq = held_seq AND state = 'running'
         RETURNING id, lease_seq, cancel_requested_at IS NOT NULL AS cancel_requested"
    ),
    // Every transaction of ours is the writer from its beginning: nothing can change under it.
    guard: "SELECT 1 AS held FROM queue_tasks WHERE id = $1 AND lease_seq = $2 AND state = 'running'",
    record: concat!(
        "INSERT INTO queue_attempts
            (task_id, lease_seq, attempt, owner, started_at, finished_at, outcome, error)
         SELECT id, lease_seq, attempt, lease_owner, started_at, ", now!(), ", $2, $3
         FROM queue_tasks WHERE id = $1"
    ),
    finish: concat!(
        "UPDATE queue_tasks
         SET state = CASE WHEN $2 = 'queued' AND cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE $2 END,
             finished_at = CASE WHEN $2 = 'queued' AND cancel_requested_at IS NULL THEN NULL ELSE ", now!(), " END,
             run_at = CASE WHEN $2 = 'queued' THEN ", now!(), " + $3 ELSE run_at END,
             attempt = attempt - $4, crash_count = crash_count + $5, error_kind = $6,
             last_error = coalesce($7, last_error),
             lease_owner = NULL, lease_expires_at = NULL, deadline_at = NULL
         WHERE id = $1
         RETURNING state"
    ),
    any_lost: concat!(
        "SELECT 1 AS lost FROM queue_tasks
         WHERE state = 'running' AND $2 >= 0
           AND (deadline_at < ", now!(), " OR (lease_expires_at < ", now!(), "
                AND lower(hex(id)) NOT IN (SELECT value FROM json_each($1))))
         LIMIT 1"
    ),
    lost: concat!(
        "SELECT id, kind, payload, attempt, max_attempts, crash_count, lease_seq, 0 AS waited_ms,
             cancel_requested_at IS NOT NULL AS cancel_requested, deadline_at < ", now!(), " AS past_deadline
         FROM queue_tasks
         WHERE state = 'running' AND $2 >= 0
           AND (deadline_at < ", now!(), " OR (lease_expires_at < ", now!(), "
                AND lower(hex(id)) NOT IN (SELECT value FROM json_each($1))))
         ORDER BY id LIMIT $3"
    ),
    cancel_queued: concat!(
        "UPDATE queue_tasks SET state = 'cancelled', finished_at = ", now!(), ", error_kind = 'cancelled'
         WHERE kind = $1 AND unique_key = $2 AND state = 'queued'"
    ),
    cancel_running: concat!(
        "UPDATE queue_tasks SET cancel_requested_at = coalesce(cancel_requested_at, ", now!(), ")
         WHERE kind = $1 AND unique_key = $2 AND state = 'running'"
    ),
    cancel_group_queued: concat!(
        "UPDATE queue_tasks SET state = 'cancelled', finished_at = ", now!(), ", error_kind = 'cancelled'
         WHERE group_key = $1 AND state = 'queued'"
    ),
    cancel_group_running: concat!(
        "UPDATE queue_tasks SET cancel_requested_at = coalesce(cancel_requested_at, ", now!(), ")
         WHERE group_key = $1 AND state = 'running'"
    ),
    cancel_by_id: concat!(
        "UPDATE queue_tasks
         SET state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
             finished_at = CASE WHEN state = 'queued' THEN ", now!(), " END,
             cancel_requested_at = coalesce(cancel_requested_at, ", now!(), ")
         WHERE id = $1 AND state IN ('queued', 'running')"
    ),
    retry: concat!(
        "UPDATE queue_tasks
         SET state = 'queued', run_at = ", now!(), ", attempt = 0, crash_count = 0, finished_at = NULL,
             cancel_requested_at = NULL
         WHERE id = $1 AND state IN ('dead', 'cancelled')"
    ),
    counts: "SELECT state, count(*) AS tasks FROM queue_tasks WHERE queue = $1 GROUP BY state",
    list: concat!(
        "SELECT id, kind, state, attempt, max_attempts, group_key, unique_key, last_error,
             ", now!(), " - created_at AS age_ms
         FROM queue_tasks WHERE $1 IS NULL OR state = $1 ORDER BY created_at DESC, id DESC LIMIT $2"
    ),
    pause: concat!(
        "INSERT INTO queues (name, paused_at) VALUES ($1, ", now!(), ")
         ON CONFLICT (name) DO UPDATE SET paused_at = coalesce(queues.paused_at, ", now!(), ")"
    ),
    resume: "UPDATE queues SET paused_at = NULL WHERE name = $1",
    prune: concat!(
        "DELETE FROM queue_tasks WHERE id IN (
             SELECT id FROM queue_tasks
             WHERE finished_at < ", now!(), " - $2 AND state = $1
             ORDER BY finished_at LIMIT $3)"
    ),
};
