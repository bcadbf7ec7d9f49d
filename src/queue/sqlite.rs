//! SQLite's statements: there is one writer, so a claim is one update, and instants are milliseconds since 1970.

use crate::queue::sql::{Exchange, Statements, group};

/// The present moment in milliseconds since 1970. Fixed within a statement, as PostgreSQL's `now()` is.
macro_rules! now {
    () => {
        "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    };
}

/// The leases `$1`.
macro_rules! pairs {
    () => {
        "(SELECT unhex(key, '-') AS pair_id, value AS pair_seq FROM json_each($1))"
    };
}

/// The columns of a claimed task.
macro_rules! columns {
    () => {
        concat!(
            "id, lease_seq, line_at * 1000 AS line_us, kind, payload, attempt, max_attempts, crash_count, group_key IS NOT NULL AS grouped, ",
            now!(), " - run_at AS waited_ms, cancel_requested_at IS NOT NULL AS cancel_requested, trace"
        )
    };
}

/// `waiting`: each group with a task in its own line, from one to the next through the index, however many tasks wait.
macro_rules! groups {
    ($which:literal) => {
        concat!("waiting AS (
             SELECT (SELECT min(group_key) FROM queue_tasks WHERE state = 'queued' AND line_at IS NULL AND ", $which, ")
                 AS group_key
             UNION ALL
             SELECT (SELECT min(later.group_key) FROM queue_tasks AS later
                     WHERE later.state = 'queued' AND later.line_at IS NULL AND later.group_key > waiting.group_key)
             FROM waiting WHERE waiting.group_key IS NOT NULL)")
    };
}

/// The columns of a task as an operator sees it.
macro_rules! listed {
    () => {
        concat!(
            "id, kind, state, attempt, max_attempts, group_key, unique_key, error_kind, last_error, ",
            now!(),
            " - created_at AS age_ms, run_at - ",
            now!(),
            " AS due_ms, line_at IS NULL AS in_own_line"
        )
    };
}

/// The statements.
pub(in crate::queue) const STATEMENTS: Statements = Statements {
    enqueue: concat!(
        "INSERT INTO queue_tasks (id, queue, kind, priority, group_key, group_limit, unique_key, payload, run_at,
             line_at, max_attempts, created_at, trace)
         SELECT unhex(value ->> 'id'), value ->> 'queue', value ->> 'kind', value ->> 'priority', value ->> 'group',
             value ->> 'group_limit', value ->> 'unique_key', value -> 'payload', ", now!(), " + (value ->> 'delay'),
             CASE WHEN value ->> 'group' IS NULL THEN ", now!(), " + (value ->> 'delay') END,
             value ->> 'max_attempts', ", now!(), ", value ->> 'trace'
         FROM json_each($1) WHERE true
         ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('queued', 'running') DO NOTHING
         RETURNING id"
    ),
    exchange: Exchange::InSteps {
        complete: concat!(
            "UPDATE queue_tasks
             SET state = 'completed', finished_at = ", now!(), ", lease_expires_at = NULL, deadline_at = NULL,
                 error_kind = NULL, last_error = NULL
             FROM ", pairs!(), "
             WHERE id = pair_id AND lease_seq = pair_seq AND lease_owner = $2 AND state = 'running'
             RETURNING id, lease_seq"
        ),
        claim: concat!(
            "UPDATE queue_tasks
             SET state = 'running', attempt = attempt + 1, lease_seq = lease_seq + 1, lease_owner = $4,
                 started_at = ", now!(), ", lease_expires_at = ", now!(), " + $5,
                 deadline_at = ", now!(), " + (SELECT value FROM json_each($6) WHERE key = kind)
             WHERE id IN (
                 SELECT id FROM queue_tasks
                 WHERE state = 'queued' AND line_at IS NOT NULL AND queue = $1 AND priority = $2
                   AND line_at <= ", now!(), " AND kind IN (SELECT key FROM json_each($6))
                   AND NOT EXISTS (SELECT 1 FROM queues WHERE name = $1 AND paused_at IS NOT NULL)
                 ORDER BY line_at, id LIMIT $3)
             RETURNING ", columns!()
        ),
    },
    states_under: concat!(
        "SELECT id, lease_seq, state FROM queue_tasks JOIN ", pairs!(), " ON id = pair_id AND lease_seq = pair_seq
         WHERE lease_owner = $2"
    ),
    heartbeat: concat!(
        "UPDATE queue_tasks SET lease_expires_at = ", now!(), " + $2
         FROM ", pairs!(), "
         WHERE id = pair_id AND lease_seq = pair_seq AND lease_owner = $3 AND state = 'running'
         RETURNING id, lease_seq, cancel_requested_at IS NOT NULL AS cancel_requested, 1 AS renewed"
    ),
    // Every transaction of ours is the writer from its beginning: nothing can change under it.
    guard: "
        SELECT 1 AS held FROM queue_tasks
        WHERE id = $1 AND lease_seq = $2 AND lease_owner = $3 AND state = 'running'",
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
             line_at = CASE WHEN $2 = 'queued' AND group_key IS NULL THEN ", now!(), " + $3 END,
             attempt = attempt - $4, crash_count = crash_count + $5,
             error_kind = CASE WHEN $2 = 'queued' AND cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE $6 END,
             last_error = coalesce($7, last_error),
             lease_owner = NULL, lease_expires_at = NULL, deadline_at = NULL
         WHERE id = $1
         RETURNING state"
    ),
    lost: concat!(
        "SELECT id, lease_seq FROM queue_tasks
         WHERE state = 'running' AND $2 >= 0 AND id > $3
           AND (deadline_at < ", now!(), " OR lease_expires_at < ", now!(), ")
           AND id NOT IN (SELECT unhex(value) FROM json_each($1))
         ORDER BY id LIMIT $4"
    ),
    lock_lost: concat!(
        "SELECT ", columns!(), ", coalesce(deadline_at < ", now!(), ", false) AS past_deadline
         FROM queue_tasks
         WHERE id = $1 AND lease_seq = $2 AND state = 'running'
           AND (deadline_at < ", now!(), " OR lease_expires_at < ", now!(), ")"
    ),
    owned: concat!(
        "SELECT id, lease_seq FROM queue_tasks
         WHERE state = 'running' AND lease_owner = $1 AND started_at < ", now!(), " - $2"
    ),
    disown: "
        UPDATE queue_tasks SET lease_expires_at = 0 WHERE state = 'running' AND lease_owner IS NOT $1",
    lock_lines: None,
    rooms: concat!(
        "WITH RECURSIVE ", groups!("group_key > $2"), ",
         lines AS (
             SELECT group_key,
                 (SELECT coalesce(group_limit, -1) FROM queue_tasks AS task
                  WHERE task.state = 'queued' AND task.line_at IS NULL AND task.group_key = waiting.group_key
                    AND task.run_at <= ", now!(), "
                  ORDER BY run_at, id LIMIT 1) AS most,
                 (SELECT count(*) FROM queue_tasks AS task
                  WHERE task.group_key = waiting.group_key AND task.state = 'queued' AND task.line_at IS NOT NULL)
                     AS queued,
                 (SELECT count(*) FROM queue_tasks AS task
                  WHERE task.group_key = waiting.group_key AND task.state = 'running' AND task.line_at IS NOT NULL)
                     AS running
             FROM waiting WHERE group_key IS NOT NULL),
         rooms AS (
             SELECT group_key,
                 CASE WHEN most < 0 THEN $1 ELSE min($1, most - running) END - queued AS room
             FROM lines WHERE most IS NOT NULL)
         SELECT group_key, room FROM rooms WHERE room > 0 LIMIT $3"
    ),
    admit: concat!(
        "UPDATE queue_tasks SET line_at = ", now!(), " WHERE id IN (
             SELECT id FROM queue_tasks
             WHERE state = 'queued' AND line_at IS NULL AND group_key = $1 AND run_at <= ", now!(), "
             ORDER BY run_at, id LIMIT $2)"
    ),
    lock_group: None,
    cancel_queued: concat!(
        "UPDATE queue_tasks SET state = 'cancelled', finished_at = ", now!(), ", error_kind = 'cancelled'
         WHERE kind = $1 AND unique_key = $2 AND state = 'queued'"
    ),
    cancel_running: concat!(
        "UPDATE queue_tasks SET cancel_requested_at = coalesce(cancel_requested_at, ", now!(), ")
         WHERE kind = $1 AND unique_key = $2 AND state = 'running'"
    ),
    limit_group: concat!("UPDATE queue_tasks SET group_limit = $2 WHERE id IN (", group!(), ")"),
    cancel_group_queued: concat!(
        "UPDATE queue_tasks SET state = 'cancelled', finished_at = ", now!(), ", error_kind = 'cancelled'
         WHERE id IN (", group!(), ") RETURNING id"
    ),
    cancel_group_running: concat!(
        "UPDATE queue_tasks SET cancel_requested_at = coalesce(cancel_requested_at, ", now!(), ")
         WHERE group_key = $1 AND state = 'running' RETURNING id"
    ),
    lock: concat!("SELECT ", columns!(), ", state FROM queue_tasks WHERE id = $1"),
    cancel_by_id: concat!(
        "UPDATE queue_tasks SET state = 'cancelled', finished_at = ", now!(), ", error_kind = 'cancelled'
         WHERE id = $1 AND state = 'queued'"
    ),
    ask_by_id: concat!(
        "UPDATE queue_tasks SET cancel_requested_at = coalesce(cancel_requested_at, ", now!(), ")
         WHERE id = $1 AND state = 'running'"
    ),
    retry: concat!(
        "UPDATE queue_tasks
         SET state = 'queued', run_at = ", now!(), ", line_at = CASE WHEN group_key IS NULL THEN ", now!(), " END,
             attempt = 0, crash_count = 0, finished_at = NULL, cancel_requested_at = NULL, error_kind = NULL,
             last_error = NULL
         WHERE id = $1 AND state IN ('dead', 'cancelled')"
    ),
    depths: "
        SELECT state, count(*) AS tasks FROM (
            SELECT state FROM queue_tasks WHERE state = 'queued' AND line_at IS NOT NULL AND queue = $1
            UNION ALL SELECT state FROM queue_tasks WHERE state = 'queued' AND line_at IS NULL
            UNION ALL SELECT state FROM queue_tasks WHERE state = 'running'
            UNION ALL SELECT state FROM queue_tasks WHERE state IN ('dead', 'cancelled'))
        GROUP BY state",
    oldest: concat!(
        "WITH RECURSIVE ", groups!("true"), ",
         levels (priority) AS (VALUES (1), (0), (-1)),
         heads AS (
             SELECT (SELECT run_at FROM queue_tasks AS task
                     WHERE state = 'queued' AND line_at IS NOT NULL AND queue = $1
                       AND task.priority = levels.priority AND line_at <= ", now!(), "
                     ORDER BY line_at, id LIMIT 1) AS run_at
             FROM levels
             UNION ALL
             SELECT (SELECT min(run_at) FROM queue_tasks AS task
                     WHERE state = 'queued' AND line_at IS NULL AND task.group_key = waiting.group_key)
             FROM waiting)
         SELECT ", now!(), " - min(run_at) AS ms FROM heads WHERE run_at <= ", now!()
    ),
    snapshot_age: None,
    find: concat!("SELECT ", listed!(), " FROM queue_tasks WHERE id = $1"),
    list: concat!(
        "SELECT ", listed!(), "
         FROM queue_tasks WHERE $1 IS NULL OR state = $1 ORDER BY id DESC LIMIT $2"
    ),
    history: concat!(
        "SELECT attempt, outcome, error, ", now!(), " - finished_at AS age_ms
         FROM queue_attempts WHERE task_id = $1 ORDER BY lease_seq"
    ),
    pause: concat!(
        "INSERT INTO queues (name, paused_at) VALUES ($1, ", now!(), ")
         ON CONFLICT (name) DO UPDATE SET paused_at = coalesce(queues.paused_at, ", now!(), ")"
    ),
    prune: concat!(
        "DELETE FROM queue_tasks WHERE id IN (
             SELECT id FROM queue_tasks
             WHERE finished_at < ", now!(), " - $2 AND state = $1
             ORDER BY finished_at LIMIT $3)"
    ),
    add_schedule: concat!(
        "INSERT INTO queue_schedules (name, last_tick_at, created_at) VALUES ($1, ", now!(), ", ", now!(), ")
         ON CONFLICT (name) DO NOTHING"
    ),
    schedules: concat!("SELECT name, last_tick_at AS last_ms, ", now!(), " AS now_ms FROM queue_schedules"),
    tick: "UPDATE queue_schedules SET last_tick_at = $2 WHERE name = $1 AND last_tick_at < $2",
};
