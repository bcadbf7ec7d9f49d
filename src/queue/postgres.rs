//! PostgreSQL's statements: rows that somebody else is at are skipped, never waited for.

use crate::queue::sql::{Exchange, Statements, group};

/// Settings of the connections that claim. A plan that reads the whole table is never wanted, however small the table
/// was when it was last analyzed: these make the planner take an index wherever there is one, and rows in its order, so
/// that of two statements over the same rows none waits for the other while the other waits for it.
pub(in crate::queue) const SETTINGS: &[(&str, &str)] = &[
    ("enable_seqscan", "off"),
    ("enable_sort", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_bitmapscan", "off"),
    // Planning a claim takes longer than running it, and so does compiling it; what is planned once is right for any values.
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
    // What is counted now and then must not take every core for it.
    ("max_parallel_workers_per_gather", "0"),
    // Longer than any of ours keeps a row. An exchange that waited for so long is tried again around what is locked.
    ("lock_timeout", "2s"),
    // A process that was stopped inside a transaction keeps what it locked from all others: none of ours rests for so long.
    ("idle_in_transaction_session_timeout", "10s"),
];

/// Sets of `queue_tasks` when a task is claimed; `$4` owner, `$5` lease, `$6` deadlines by kind.
macro_rules! claimed {
    () => {
        "state = 'running', attempt = attempt + 1, lease_seq = lease_seq + 1, lease_owner = $4,
         started_at = now(), lease_expires_at = now() + $5 * interval '1 millisecond',
         deadline_at = now() + ($6 ->> kind)::bigint * interval '1 millisecond'"
    };
}

/// The tasks whose last leases are `$1`. Looked up by identifier, in its order, whatever the planner believes of how many
/// run: a join compared every one with every other.
macro_rules! under {
    () => {
        "task.id = ANY (ARRAY(SELECT jsonb_object_keys($1)::uuid))
           AND ($1 ->> task.id::text)::bigint = task.lease_seq"
    };
}

/// Those of them that run, for this owner: a claim that was lost with the server had the number of the next one.
macro_rules! held {
    ($owner:literal) => {
        concat!(under!(), " AND task.state = 'running' AND task.lease_owner = ", $owner)
    };
}

/// Those of them that nobody else is at, locked: whoever keeps one of them locked keeps no other waiting.
macro_rules! free {
    ($owner:literal) => {
        concat!(
            "task.id = ANY (ARRAY(SELECT id FROM queue_tasks AS task WHERE ",
            held!($owner),
            "
                 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED))"
        )
    };
}

/// Sets of `queue_tasks` when a task is completed.
macro_rules! completed {
    () => {
        "state = 'completed', finished_at = now(), lease_expires_at = NULL, deadline_at = NULL, error_kind = NULL,
         last_error = NULL"
    };
}

/// The columns of a claimed task. `date_part` and not `extract`, which reckons in decimals: a twentieth of the time of an
/// exchange. For an instant of this century it is right to the microsecond, as it must be: `line_at` is compared with it.
macro_rules! columns {
    () => {
        "task.id, lease_seq,
         CASE WHEN priority = 0 THEN (date_part('epoch', line_at) * 1000000)::bigint END AS line_us, kind, payload, attempt, max_attempts, crash_count, group_key IS NOT NULL AS grouped,
         (date_part('epoch', now() - run_at) * 1000)::bigint AS waited_ms,
         cancel_requested_at IS NOT NULL AS cancel_requested, trace"
    };
}

/// One priority's part of the common line, up to a number of tasks, locked.
macro_rules! line {
    ($priority:literal, $from:literal, $limit:literal) => {
        concat!(
            "SELECT id FROM queue_tasks
             WHERE state = 'queued' AND line_at IS NOT NULL AND queue = $2 AND priority = ",
            $priority,
            " AND line_at <= now() AND ",
            $from,
            " AND $6 ? kind ORDER BY line_at, id LIMIT (",
            $limit,
            ") FOR UPDATE SKIP LOCKED"
        )
    };
}

/// `waiting`: each group with a task in its own line, from one to the next through the index, however many tasks wait.
macro_rules! groups {
    ($which:literal) => {
        concat!("waiting AS (
             (SELECT group_key FROM queue_tasks WHERE state = 'queued' AND line_at IS NULL AND ", $which, "
              ORDER BY group_key LIMIT 1)
             UNION ALL
             SELECT (SELECT later.group_key FROM queue_tasks AS later
                     WHERE later.state = 'queued' AND later.line_at IS NULL AND later.group_key > waiting.group_key
                     ORDER BY later.group_key LIMIT 1)
             FROM waiting WHERE waiting.group_key IS NOT NULL)")
    };
}

/// The columns of a task as an operator sees it.
macro_rules! listed {
    () => {
        "id, kind, state, attempt, max_attempts, group_key, unique_key, error_kind, last_error,
         (extract(epoch FROM now() - created_at) * 1000)::bigint AS age_ms,
         (extract(epoch FROM run_at - now()) * 1000)::bigint AS due_ms, line_at IS NULL AS in_own_line"
    };
}

/// Whether nothing may be claimed.
macro_rules! closed {
    () => {
        "$3::bigint IS NULL OR EXISTS (SELECT 1 FROM queues WHERE name = $2 AND paused_at IS NOT NULL)"
    };
}

/// `claimed`: the first of the lines, as many as `room` has.
///
/// The lines are common table expressions, which the planner runs once each: a sub-query with a limit may be run more than
/// once, and then claims more than the limit. A level at a time: with the priority fixed, the index is bounded by
/// `line_at`, and tasks for later that stand before are not walked through.
macro_rules! claims {
    () => {
        concat!(
            "high AS MATERIALIZED (",
            line!("1", "true", "SELECT free FROM room"),
            "),
             normal AS MATERIALIZED (",
            line!(
                "0",
                "(line_at, id) >= (to_timestamp($7::bigint / 1000000.0), $8::uuid)",
                "SELECT free - (SELECT count(*) FROM high) FROM room"
            ),
            "),
             low AS MATERIALIZED (",
            line!(
                "-1",
                "true",
                "SELECT free - (SELECT count(*) FROM high) - (SELECT count(*) FROM normal) FROM room"
            ),
            "),
             claimed AS (
                 UPDATE queue_tasks AS task SET ",
            claimed!(),
            "
                 WHERE task.id = ANY (ARRAY(
                     SELECT id FROM high UNION ALL SELECT id FROM normal UNION ALL SELECT id FROM low))
                 RETURNING ",
            columns!(),
            ")"
        )
    };
}

/// The exchange; `$which` is true of the tasks that are done.
macro_rules! exchange {
    ($which:expr) => {
        concat!(
            "WITH completed AS (UPDATE queue_tasks AS task SET ",
            completed!(),
            " WHERE ",
            $which,
            " RETURNING task.id),
             room AS (
                 SELECT CASE WHEN ",
            closed!(),
            " THEN 0
                     ELSE $3::bigint + (SELECT count(*) FROM completed) END AS free),
             ",
            claims!(),
            "
             SELECT *, NULL AS completed FROM claimed
             UNION ALL
             SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                 string_agg(uuid_send(id), '')
             FROM completed"
        )
    };
}

/// The statements.
pub(in crate::queue) const STATEMENTS: Statements = Statements {
    enqueue: "
        INSERT INTO queue_tasks (id, queue, kind, priority, group_key, group_limit, unique_key, payload, run_at,
            line_at, max_attempts, created_at, trace)
        SELECT id, queue, kind, priority, \"group\", group_limit, unique_key, payload,
            now() + delay * interval '1 millisecond',
            CASE WHEN \"group\" IS NULL THEN now() + delay * interval '1 millisecond' END, max_attempts, now(), trace
        FROM jsonb_to_recordset($1) AS new (id uuid, queue text, kind text, priority smallint, \"group\" text,
            group_limit integer, unique_key text, payload jsonb, delay bigint, max_attempts integer, trace text)
        ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('queued', 'running') DO NOTHING
        RETURNING id",
    exchange: Exchange::AtOnce {
        waiting: exchange!(held!("$4")),
        around: exchange!(free!("$4")),
        claim: concat!(
            "WITH hasty AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) WHERE $1::jsonb IS NOT NULL),
             room AS (SELECT CASE WHEN ", closed!(), " THEN 0 ELSE $3::bigint END AS free FROM hasty),
             ", claims!(), "
             SELECT *, NULL::bytea AS completed FROM claimed"
        ),
        flush: "SELECT pg_logical_emit_message(true, 'resume-optimizer', '')",
    },
    states_under: concat!(
        "SELECT id, lease_seq, state FROM queue_tasks AS task WHERE ", under!(), " AND task.lease_owner = $2"
    ),
    heartbeat: concat!(
        "WITH renewed AS (
             UPDATE queue_tasks AS task SET lease_expires_at = now() + $2 * interval '1 millisecond'
             WHERE ", free!("$3"), " RETURNING task.id)
         SELECT task.id, task.lease_seq, task.cancel_requested_at IS NOT NULL AS cancel_requested,
             task.id IN (SELECT id FROM renewed) AS renewed
         FROM queue_tasks AS task WHERE ", held!("$3")
    ),
    guard: "
        SELECT 1 AS held FROM queue_tasks
        WHERE id = $1 AND lease_seq = $2 AND lease_owner = $3 AND state = 'running' FOR NO KEY UPDATE",
    record: "
        INSERT INTO queue_attempts
            (task_id, lease_seq, attempt, owner, started_at, finished_at, outcome, error)
        SELECT id, lease_seq, attempt, lease_owner, started_at, now(), $2, $3 FROM queue_tasks WHERE id = $1",
    finish: "
        UPDATE queue_tasks
        SET state = CASE WHEN $2 = 'queued' AND cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE $2 END,
            finished_at = CASE WHEN $2 = 'queued' AND cancel_requested_at IS NULL THEN NULL ELSE now() END,
            run_at = CASE WHEN $2 = 'queued' THEN now() + $3 * interval '1 millisecond' ELSE run_at END,
            line_at = CASE WHEN $2 = 'queued' AND group_key IS NULL
                THEN now() + $3 * interval '1 millisecond' END,
            attempt = attempt - $4, crash_count = crash_count + $5,
            error_kind = CASE WHEN $2 = 'queued' AND cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE $6 END,
            last_error = coalesce($7, last_error),
            lease_owner = NULL, lease_expires_at = NULL, deadline_at = NULL
        WHERE id = $1
        RETURNING state",
    // After a restart of the database, owners need a moment to renew: nobody is lost before that.
    lost: "
        SELECT id, lease_seq FROM queue_tasks
        WHERE state = 'running' AND id > $3
          AND now() - pg_postmaster_start_time() > $2 * interval '1 millisecond'
          AND (deadline_at < now() OR lease_expires_at < now())
          AND id NOT IN (SELECT jsonb_array_elements_text($1)::uuid)
        ORDER BY id LIMIT $4",
    lock_lost: concat!(
        "SELECT ", columns!(), ", coalesce(deadline_at < now(), false) AS past_deadline
         FROM queue_tasks AS task
         WHERE id = $1 AND lease_seq = $2 AND state = 'running'
           AND (deadline_at < now() OR lease_expires_at < now())
         FOR UPDATE SKIP LOCKED"
    ),
    owned: "
        SELECT id, lease_seq FROM queue_tasks
        WHERE state = 'running' AND lease_owner = $1 AND started_at < now() - $2 * interval '1 millisecond'",
    disown: "
        UPDATE queue_tasks SET lease_expires_at = to_timestamp(0)
        WHERE state = 'running' AND lease_owner IS DISTINCT FROM $1",
    // Any fixed number of ours. Two processes that counted at once would both fill the same room.
    lock_lines: Some("SELECT pg_advisory_xact_lock(8243118316933118)"),
    // Not sorted: from one group to the next they come in order, and none is looked at beyond the last that is wanted.
    rooms: concat!(
        "WITH RECURSIVE ", groups!("group_key > $2"), ",
        rooms AS (
            SELECT waiting.group_key,
                least($1, first.group_limit - active.running) - active.queued AS room
            FROM waiting
            CROSS JOIN LATERAL (
                SELECT group_limit FROM queue_tasks AS task
                WHERE task.state = 'queued' AND task.line_at IS NULL AND task.group_key = waiting.group_key
                  AND task.run_at <= now()
                ORDER BY run_at, id LIMIT 1) AS first
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE state = 'queued') AS queued,
                    count(*) FILTER (WHERE state = 'running') AS running
                FROM queue_tasks AS task
                WHERE task.group_key = waiting.group_key AND task.state IN ('queued', 'running')
                  AND task.line_at IS NOT NULL) AS active)
        SELECT group_key, room FROM rooms WHERE room > 0 LIMIT $3"
    ),
    admit: "
        UPDATE queue_tasks SET line_at = clock_timestamp() WHERE id = ANY (ARRAY(
            SELECT id FROM queue_tasks
            WHERE state = 'queued' AND line_at IS NULL AND group_key = $1 AND run_at <= now()
            ORDER BY run_at, id LIMIT $2 FOR UPDATE SKIP LOCKED))",
    // Their rows come to hand in any order: two such changes would each wait for what the other has. They name them by an
    // array, as a join would lose some: PostgreSQL 15 looks again at a row that somebody else has just changed, and where it
    // planned the join with Memoize, passes over all but the first.
    lock_group: Some("SELECT pg_advisory_xact_lock(hashtextextended($1, 8243118316933118))"),
    cancel_queued: "
        UPDATE queue_tasks SET state = 'cancelled', finished_at = now(), error_kind = 'cancelled'
        WHERE kind = $1 AND unique_key = $2 AND state = 'queued'",
    cancel_running: "
        UPDATE queue_tasks SET cancel_requested_at = coalesce(cancel_requested_at, now())
        WHERE kind = $1 AND unique_key = $2 AND state = 'running'",
    limit_group: concat!(
        "UPDATE queue_tasks SET group_limit = $2 WHERE id = ANY (ARRAY(", group!(), ")) AND state = 'queued'"
    ),
    cancel_group_queued: concat!("
        UPDATE queue_tasks SET state = 'cancelled', finished_at = now(), error_kind = 'cancelled'
        WHERE id = ANY (ARRAY(", group!(), ")) AND state = 'queued'
        RETURNING id"),
    // In the order of heartbeats: of the two, none waits for the other while the other waits for it.
    cancel_group_running: "
        UPDATE queue_tasks SET cancel_requested_at = coalesce(cancel_requested_at, now())
        WHERE id = ANY (ARRAY(
            SELECT id FROM queue_tasks WHERE group_key = $1 AND state = 'running' ORDER BY id FOR NO KEY UPDATE))
        RETURNING id",
    lock: concat!("SELECT ", columns!(), ", state FROM queue_tasks AS task WHERE id = $1 FOR UPDATE"),
    cancel_by_id: "
        UPDATE queue_tasks SET state = 'cancelled', finished_at = now(), error_kind = 'cancelled'
        WHERE id = $1 AND state = 'queued'",
    ask_by_id: "
        UPDATE queue_tasks SET cancel_requested_at = coalesce(cancel_requested_at, now())
        WHERE id = $1 AND state = 'running'",
    retry: "
        UPDATE queue_tasks
        SET state = 'queued', run_at = now(), line_at = CASE WHEN group_key IS NULL THEN now() END,
            attempt = 0, crash_count = 0, finished_at = NULL, cancel_requested_at = NULL, error_kind = NULL,
            last_error = NULL
        WHERE id = $1 AND state IN ('dead', 'cancelled')",
    depths: "
        SELECT state, count(*) AS tasks FROM (
            SELECT state FROM queue_tasks WHERE state = 'queued' AND line_at IS NOT NULL AND queue = $1
            UNION ALL SELECT state FROM queue_tasks WHERE state = 'queued' AND line_at IS NULL
            UNION ALL SELECT 'running' FROM queue_tasks WHERE state = 'running'
            UNION ALL SELECT state FROM queue_tasks WHERE state IN ('dead', 'cancelled')) AS of
        GROUP BY state",
    oldest: concat!(
        "WITH RECURSIVE ", groups!("true"), "
         SELECT (extract(epoch FROM now() - min(run_at)) * 1000)::bigint AS ms FROM (
             SELECT head.run_at FROM (VALUES (1), (0), (-1)) AS level (priority) CROSS JOIN LATERAL (
                 SELECT run_at FROM queue_tasks AS task
                 WHERE state = 'queued' AND line_at IS NOT NULL AND queue = $1 AND task.priority = level.priority
                   AND line_at <= now()
                 ORDER BY line_at, id LIMIT 1) AS head
             UNION ALL
             SELECT head.run_at FROM waiting CROSS JOIN LATERAL (
                 SELECT run_at FROM queue_tasks AS task
                 WHERE state = 'queued' AND line_at IS NULL AND task.group_key = waiting.group_key
                 ORDER BY run_at, id LIMIT 1) AS head) AS heads
         WHERE run_at <= now()"
    ),
    snapshot_age: Some("
        SELECT coalesce(extract(epoch FROM now() - min(xact_start)), 0)::double precision AS seconds
        FROM pg_stat_activity
        WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
          AND coalesce(backend_type, 'client backend') = 'client backend' AND datname = current_database()
          AND xact_start < now()"),
    find: concat!("SELECT ", listed!(), " FROM queue_tasks WHERE id = $1"),
    list: concat!(
        "SELECT ", listed!(), "
         FROM queue_tasks WHERE $1::text IS NULL OR state = $1 ORDER BY id DESC LIMIT $2"
    ),
    history: "
        SELECT attempt, outcome, error, (extract(epoch FROM now() - finished_at) * 1000)::bigint AS age_ms
        FROM queue_attempts WHERE task_id = $1 ORDER BY lease_seq",
    pause: "
        INSERT INTO queues (name, paused_at) VALUES ($1, now())
        ON CONFLICT (name) DO UPDATE SET paused_at = coalesce(queues.paused_at, now())",
    prune: "
        DELETE FROM queue_tasks WHERE id = ANY (ARRAY(
            SELECT id FROM queue_tasks
            WHERE finished_at < now() - $2 * interval '1 millisecond' AND state = $1
            ORDER BY finished_at LIMIT $3))",
    add_schedule: "
        INSERT INTO queue_schedules (name, last_tick_at, created_at) VALUES ($1, now(), now())
        ON CONFLICT (name) DO NOTHING",
    schedules: "
        SELECT name, (extract(epoch FROM last_tick_at) * 1000)::bigint AS last_ms,
            (extract(epoch FROM now()) * 1000)::bigint AS now_ms
        FROM queue_schedules",
    tick: "
        UPDATE queue_schedules SET last_tick_at = to_timestamp($2 / 1000.0)
        WHERE name = $1 AND last_tick_at < to_timestamp($2 / 1000.0)",
};
