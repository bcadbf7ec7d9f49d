//! The statements that a database has to offer; their parameters and columns are the same for each.
//!
//! Instants never cross this border: durations go in as milliseconds, and ages come out as milliseconds, both
//! by the database's clock. Lists go in as JSON.

/// One database's statements.
#[derive(Debug)]
pub(in crate::queue) struct Statements {
    /// `$1` id, `$2` queue, `$3` kind, `$4` priority, `$5` group, `$6` unique key, `$7` payload, `$8` delay,
    /// `$9` attempts allowed. Changes no row when an open task has the kind and key.
    pub enqueue: &'static str,
    /// `$1` kind, `$2` unique key: `id` of the open task.
    pub find_open: &'static str,
    /// `$1` queue, `$2` priority, `$3` how many, `$4` owner, `$5` lease, `$6` deadline, `$7` kinds as JSON: the
    /// columns of `COLUMNS`, in no order.
    pub claim: &'static str,
    /// `$1` JSON of `{id, seq}`, `$2` lease: `id`, `lease_seq`, `cancel_requested` of those still held.
    pub heartbeat: &'static str,
    /// `$1` id, `$2` seq: one row while the lease is held, which then is locked until the transaction ends.
    pub guard: &'static str,
    /// `$1` id, `$2` outcome, `$3` error: the attempt's line in the history.
    pub record: &'static str,
    /// `$1` id, `$2` state, `$3` delay, `$4` attempts to give back, `$5` crashes to add, `$6` error kind,
    /// `$7` error: `state` as it became, which is cancelled when that was asked for meanwhile.
    pub finish: &'static str,
    /// `$1` JSON of ids that this process runs, `$2` how long the database must have been up: whether a lease
    /// has run out.
    pub any_lost: &'static str,
    /// As `any_lost`, `$3` how many: the columns of `COLUMNS` and `past_deadline`, locked.
    pub lost: &'static str,
    /// `$1` kind, `$2` unique key.
    pub cancel_queued: &'static str,
    /// `$1` kind, `$2` unique key.
    pub cancel_running: &'static str,
    /// `$1` group.
    pub cancel_group_queued: &'static str,
    /// `$1` group.
    pub cancel_group_running: &'static str,
    /// `$1` id: cancelled when it waited, asked to stop when it ran.
    pub cancel_by_id: &'static str,
    /// `$1` id: a dead or cancelled task waits again, with all its attempts.
    pub retry: &'static str,
    /// `$1` queue: `state`, `tasks`.
    pub counts: &'static str,
    /// `$1` state or NULL, `$2` how many: newest first.
    pub list: &'static str,
    /// `$1` queue.
    pub pause: &'static str,
    /// `$1` queue.
    pub resume: &'static str,
    /// `$1` state, `$2` age, `$3` how many.
    pub prune: &'static str,
}
