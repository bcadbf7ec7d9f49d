//! PostgreSQL's statements: rows that somebody else is at are skipped, never waited for.

use crate::queue::sql::Statements;

/// The statements.
pub(in crate::queue) const STATEMENTS: Statements = Statements {
    enqueue: "
        INSERT INTO queue_tasks
            (id, queue, kind, priority, group_key, unique_key, payload, run_at, max_attempts, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, now() + $8 * interval '1 millisecond', $9, now())
        ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('queued', 'running') DO NOTHING",
    find_open: "
        SELECT id FROM queue_tasks WHERE kind = $1 AND unique_key = $2 AND state IN ('queued', 'running')",
    // The common table expression is a fence for the planner: a sub-query with a limit may be run more than
    // once, and then claims more than the limit.
    claim: "
        WITH ready AS (
            SELECT id FROM queue_tasks
            WHERE state = 'queued' AND queue = $1 AND priority = $2 AND run_at <= now()
              AND kind IN (SELECT jsonb_array_elements_text($7))
              AND NOT EXISTS (SELECT 1 FROM queues WHERE name = $1 AND paused_at IS NOT NULL)
            ORDER BY run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
        UPDATE queue_tasks AS task
        SET state = 'running', attempt = attempt + 1, lease_seq = lease_seq + 1, lease_owner = $4,
            started_at = now(), lease_expires_at = now() + $5 * interval '1 millisecond',
            deadline_at = now() + $6 * interval '1 millisecond'
        FROM ready WHERE task.id = ready.id
        RETURNING task.id, kind, payload, attempt, max_attempts, crash_count, lease_seq,
            (extract(epoch FROM now() - run_at) * 1000)::bigint AS waited_ms,
            cancel_requested_at IS NOT NULL AS cancel_requested",
    heartbeat: "
        UPDATE queue_tasks AS task SET lease_expires_at = now() + $2 * interval '1 millisecond'
        FROM jsonb_to_recordset($1) AS held (id uuid, seq bigint)
        WHERE task.id = held.id AND task.lease_seq = held.seq AND task.state = 'running'
        RETURNING task.id, task.lease_seq, task.cancel_requested_at IS NOT NULL AS cancel_requested",
    guard: "
        SELECT 1 AS held FROM queue_tasks
        WHERE id = $1 AND lease_seq = $2 AND state = 'running' FOR NO KEY UPDATE",
    record: "
        INSERT INTO queue_attempts
            (task_id, lease_seq, attempt, owner, started_at, finished_at, outcome, error)
        SELECT id, lease_seq, attempt, lease_owner, started_at, now(), $2, $3 FROM queue_tasks WHERE id = $1",
    finish: "
        UPDATE queue_tasks
        SET state = CASE WHEN $2 = 'queued' AND cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE $2 END,
            finished_at = CASE WHEN $2 = 'queued' AND cancel_requested_at IS NULL THEN NULL ELSE now() END,
            run_at = CASE WHEN $2 = 'queued' THEN now() + $3 * interval '1 millisecond' ELSE run_at END,
            attempt = attempt - $4, crash_count = crash_count + $5, error_kind = $6,
            last_error = coalesce($7, last_error),
            lease_owner = NULL, lease_expires_at = NULL, deadline_at = NULL
        WHERE id = $1
        RETURNING state",
    // After a restart of the database, owners need a moment to renew: nobody is lost before that.
    any_lost: "
        SELECT 1 AS lost FROM queue_tasks
        WHERE state = 'running' AND now() - pg_postmaster_start_time() > $2 * interval '1 millisecond'
          AND (deadline_at < now() OR (lease_expires_at < now()
               AND id NOT IN (SELECT jsonb_array_elements_text($1)::uuid)))
        LIMIT 1",
    lost: "
        SELECT id, kind, payload, attempt, max_attempts, crash_count, lease_seq, 0::bigint AS waited_ms,
            cancel_requested_at IS NOT NULL AS cancel_requested, deadline_at < now() AS past_deadline
        FROM queue_tasks
        WHERE state = 'running' AND now() - pg_postmaster_start_time() > $2 * interval '1 millisecond'
          AND (deadline_at < now() OR (lease_expires_at < now()
               AND id NOT IN (SELECT jsonb_array_elements_text($1)::uuid)))
        ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED",
    cancel_queued: "
        UPDATE queue_tasks SET state = 'cancelled', finished_at = now(), error_kind = 'cancelled'
        WHERE kind = $1 AND unique_key = $2 AND state = 'queued'",
    cancel_running: "
        UPDATE queue_tasks SET cancel_requested_at = coalesce(cancel_requested_at, now())
        WHERE kind = $1 AND unique_key = $2 AND state = 'running'",
    cancel_group_queued: "
        UPDATE queue_tasks SET state = 'cancelled', finished_at = now(), error_kind = 'cancelled'
        WHERE group_key = $1 AND state = 'queued'",
    cancel_group_running: "
        UPDATE queue_tasks SET cancel_requested_at = coalesce(cancel_requested_at, now())
        WHERE group_key = $1 AND state = 'running'",
    cancel_by_id: "
        UPDATE queue_tasks
        SET state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
            finished_at = CASE WHEN state = 'queued' THEN now() END,
            cancel_requested_at = coalesce(cancel_requested_at, now())
        WHERE id = $1 AND state IN ('queued', 'running')",
    retry: "
        UPDATE queue_tasks
        SET state = 'queued', run_at = now(), attempt = 0, crash_count = 0, finished_at = NULL,
            cancel_requested_at = NULL
        WHERE id = $1 AND state IN ('dead', 'cancelled')",
    counts: "SELECT state, count(*) AS tasks FROM queue_tasks WHERE queue = $1 GROUP BY state",
    list: "
        SELECT id, kind, state, attempt, max_attempts, group_key, unique_key, last_error,
            (extract(epoch FROM now() - created_at) * 1000)::bigint AS age_ms
        FROM queue_tasks WHERE $1::text IS NULL OR state = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
    pause: "
        INSERT INTO queues (name, paused_at) VALUES ($1, now())
        ON CONFLICT (name) DO UPDATE SET paused_at = coalesce(queues.paused_at, now())",
    resume: "UPDATE queues SET paused_at = NULL WHERE name = $1",
    prune: "
        DELETE FROM queue_tasks WHERE id IN (
            SELECT id FROM queue_tasks
            WHERE finished_at < now() - $2 * interval '1 millisecond' AND state = $1
            ORDER BY finished_at LIMIT $3)",
};
