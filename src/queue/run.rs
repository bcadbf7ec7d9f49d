//! The worker's loop: claim what fits, run it, write what is done, and at the end hand back what is not.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use metrics::{counter, gauge};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::queue::attempt::{self, report};
use crate::queue::call::{CALL, bounded};
use crate::queue::context::Stop;
use crate::queue::exchange::{Exchanged, Want};
use crate::queue::keeper::Keeper;
use crate::queue::pace::Pace;
use crate::queue::place::{Place, Trail};
use crate::queue::policy::{Policy, jittered, outage_pause};
use crate::queue::registry::{Kind, Registry};
use crate::queue::running::Running;
use crate::queue::table::{GROUPS_AT_ONCE, Lease};
use crate::queue::task::{Claimed, QueueError, Spot, TaskState};
use crate::queue::{Queue, Shared, alone, sql};
use crate::shutdown::Shutdown;
use crate::telemetry::metrics::{QUEUE_LEASES_LOST, QUEUE_RESCUED, QUEUE_STALE, QUEUE_STUCK, RESCUE_REASONS};

/// What letting in the tasks of one group takes: that is work, and no sign of a dear look.
const GROUP: Duration = Duration::from_millis(1);
/// What a handler has, once asked to stop, before its task is handed back over its head.
const LAST_GRACE: Duration = Duration::from_secs(15);
/// Before what somebody else keeps locked is tried again.
const LOCKED_PAUSE: Duration = Duration::from_millis(50);
/// Looks at most at whether more tasks end just now.
const SETTLING: usize = 50;
/// How long completions and claims stay apart after others were in the way: each time costs seconds, being apart a
/// commit more.
const APART: Duration = Duration::from_secs(60);

/// Too many attempts go on past their limits and cannot be stopped: the process should end and be started again.
#[derive(Debug, thiserror::Error)]
#[error(
    "{attempts} tasks ran past their hard limit and could not be stopped; the process has to be started again to get \
     their threads back"
)]
pub struct Stuck {
    /// How many.
    pub attempts: usize,
}

impl Queue {
    /// Works until the shutdown, then finishes what runs or hands it back, and returns.
    ///
    /// Survives every error of the database: it tries again, with pauses of up to five seconds. On SQLite it waits
    /// until no other process works on the file.
    ///
    /// # Errors
    /// [`Stuck`], after everything else was finished or handed back.
    pub async fn run(&self, registry: Registry, shutdown: Shutdown) -> Result<(), Stuck> {
        let shared = self.shared();
        let Some(_alone) = alone::wait(shared, &shutdown).await else {
            return Ok(());
        };
        let registry = Arc::new(registry);
        let running = Arc::new(Running::new(shared.policy.slots));
        let kinds = Arc::new(Kinds::of(&registry, &shared.policy));
        let trails = kinds.scarce.iter().map(|_| Trail::default()).collect();
        count_from_zero();
        let keeper = Keeper::start(self, &registry, &running);
        let hasty = Arc::new(Notify::new());
        let mut worker = Worker {
            shared: Arc::clone(shared),
            registry,
            running: Arc::clone(&running),
            attempts: JoinSet::new(),
            failures: 0,
            place: Place::default(),
            kinds,
            after: String::new(),
            groups: GROUPS_AT_ONCE,
            admitting: Pace::default(),
            scarce: true,
            scarce_first: false,
            trails,
            apart_until: None,
            hasty: Arc::clone(&hasty),
        };
        let _flusher = AbortOnDropHandle::new(tokio::spawn(flush(Arc::clone(shared), hasty)));
        shared.bell.work_here(true);
        worker.work(&shutdown).await;
        worker.drain().await;
        shared.bell.work_here(false);
        // Last: what still runs keeps its lease to the very end.
        keeper.stop().await;
        match running.stuck_attempts() {
            attempts if shared.unwell.is_cancelled() => Err(Stuck { attempts }),
            _ => Ok(()),
        }
    }
}

/// Has what this process counts be there from the start: the first one of a count that was not there before is no increase
/// that an alert could see.
fn count_from_zero() {
    for reason in RESCUE_REASONS {
        counter!(QUEUE_RESCUED, "reason" => reason).increment(0);
    }
    counter!(QUEUE_LEASES_LOST).increment(0);
    counter!(QUEUE_STALE).increment(0);
    gauge!(QUEUE_STUCK).increment(0.0);
}

/// Brings claims to the disk that did not wait for it, while their tasks run already.
async fn flush(shared: Arc<Shared>, hasty: Arc<Notify>) {
    loop {
        hasty.notified().await;
        // When it fails, the server is away, and what it knew of the claims shows when it is back.
        if let Err(error) = bounded(CALL, shared.table.flush()).await {
            tracing::debug!(exception = %error, "claims were not brought to the disk");
        }
    }
}

struct Worker {
    shared: Arc<Shared>,
    registry: Arc<Registry>,
    running: Arc<Running>,
    attempts: JoinSet<()>,
    failures: u32,
    place: Place,
    kinds: Arc<Kinds>,
    /// The last group that tasks were let in from, where there may be others after it.
    after: String,
    /// Of how many groups at once: fewer where that took too long.
    groups: usize,
    /// When groups may be looked through for room.
    admitting: Pace,
    /// Whether tasks of the scarce kinds may be waiting that may run.
    scarce: bool,
    /// Whether they are looked for before the others the next time.
    scarce_first: bool,
    /// Where each of the scarce kinds is looked for, in their order.
    trails: Vec<Trail>,
    /// Until when completions and claims are made apart, since others were in the way.
    apart_until: Option<Instant>,
    /// Rung after claims that did not wait for the disk.
    hasty: Arc<Notify>,
}

/// The kinds of a registry, as claims ask for them.
struct Kinds {
    /// Those that may fill every slot.
    free: serde_json::Value,
    scarce: Vec<Scarce>,
}

/// A kind of which only so many run at once.
struct Scarce {
    name: String,
    at_once: usize,
    kind: serde_json::Value,
}

impl Kinds {
    fn of(registry: &Registry, policy: &Policy) -> Self {
        let deadline = |kind: &Kind| policy.times(&kind.limits).deadline();
        let free = registry.kinds().filter(|(_, kind)| kind.limits.at_once.is_none());
        let scarce = registry.kinds().filter_map(|(name, kind)| {
            let at_once = kind.limits.at_once?;
            Some(Scarce { name: name.to_owned(), at_once, kind: sql::kinds([(name, deadline(kind))]) })
        });
        Self { free: sql::kinds(free.map(|(name, kind)| (name, deadline(kind)))), scarce: scarce.collect() }
    }
}

impl Worker {
    async fn work(&mut self, shutdown: &Shutdown) {
        let shared = Arc::clone(&self.shared);
        let mut poll_at = Instant::now();
        // Whether tasks may be waiting that were not looked for yet, and whether groups may have room.
        let (mut more, mut room) = (true, true);
        while !shutdown.is_tripped() && !shared.unwell.is_cancelled() {
            if poll_at <= Instant::now() {
                (more, room, self.scarce) = (true, true, true);
                poll_at = Instant::now() + jittered(shared.policy.poll);
            }
            let turn = self.turn(more, room || self.running.take_room()).await;
            match turn {
                Ok(found) => {
                    self.failures = 0;
                    (more, room) = found;
                }
                Err(error) => {
                    self.failures += 1;
                    tracing::warn!(exception = %error, failures = self.failures, "the queue was not reached; trying again");
                    (more, room, self.scarce) = (true, true, true);
                    let pause = tokio::time::sleep(outage_pause(self.failures));
                    tokio::select! { () = shutdown.tripped() => {} () = pause => {} }
                    continue;
                }
            }
            if more && self.running.free() > 0 {
                continue;
            }
            tokio::select! {
                () = shutdown.tripped() => {}
                () = shared.unwell.cancelled() => {}
                () = self.running.changed() => {}
                () = shared.bell.tasks() => (more, room) = (true, true),
                () = sleep_until(poll_at) => {}
                () = sleep_until(self.admitting.at()), if room && !self.admitting.is_due() => {}
            }
            self.settled().await;
        }
    }

    /// What was started together tends to end together: all of it is written at once, and shares a commit.
    async fn settled(&self) {
        let mut done = 0;
        for _ in 0..SETTLING {
            tokio::task::yield_now().await;
            let now = self.running.done_count();
            if now == done {
                break;
            }
            done = now;
        }
    }

    /// Writes what is done and claims what fits; says whether there may be more than was claimed, and whether groups may
    /// have room for more of theirs in the common line.
    async fn turn(&mut self, more: bool, room: bool) -> Result<(bool, bool), QueueError> {
        while self.attempts.try_join_next().is_some() {}
        let (admitted, room) = if room && self.admitting.is_due() { self.admit().await? } else { (0, room) };
        let mut done = self.running.to_write();
        // Of a kind that may not fill every slot, the next one may have waited for this end.
        let freed = self.running.take_freed();
        self.scarce = (self.scarce || freed) && !self.kinds.scarce.is_empty();
        let more = more || freed || !done.is_empty() || admitted > 0;
        if !more || (self.running.free() == 0 && done.is_empty()) {
            return Ok((more, room));
        }
        let scarce_first = std::mem::take(&mut self.scarce_first);
        if scarce_first {
            if self.running.free() == 0 {
                self.write(std::mem::take(&mut done)).await?;
            }
            self.claim_scarce().await?;
        }
        // Never more than can start now: a task that waits in a busy process waits for no good. What is done gives its
        // slot free in the same transaction.
        let free = self.running.free();
        let mut full = (free > 0 || !done.is_empty()) && self.claim(free, done).await?;
        if self.scarce && self.running.free() > 0 {
            self.claim_scarce().await?;
        }
        // Where the others left them no slot, they come first the next time, and not the time after: so would they.
        self.scarce_first = self.scarce && !scarce_first;
        full |= self.scarce && self.running.free() > 0;
        // Those that were admitted have left the line by now, and others of their groups may follow them.
        let again = admitted > 0 && self.running.free() > 0;
        Ok((full || again, again || room))
    }

    /// Writes what is done, claims into the free slots and those that it leaves; says whether there may be more.
    async fn claim(&mut self, free: usize, done: Vec<Lease>) -> Result<bool, QueueError> {
        let want = self.want(Some(free), &self.kinds.free, self.place.from());
        let began = Instant::now();
        let exchanged = self.exchange(done, &want).await?;
        // What was not found behind the place where the last claim ended may stand before it.
        let again = self.place.note(&want, &exchanged.claimed, exchanged.more, began);
        self.start(exchanged.claimed, began);
        Ok(exchanged.more || again)
    }

    /// Claims tasks of the kinds of which only so many run at once.
    async fn claim_scarce(&mut self) -> Result<(), QueueError> {
        self.scarce = false;
        let kinds = Arc::clone(&self.kinds);
        for (index, scarce) in kinds.scarce.iter().enumerate() {
            let room = scarce.at_once.saturating_sub(self.running.of_kind(&scarce.name));
            let most = room.min(self.running.free());
            if most == 0 {
                self.scarce |= room > 0;
                continue;
            }
            let from = self.trails.get(index).map_or_else(Spot::default, Trail::from);
            let (began, front) = (Instant::now(), self.place.reached());
            let want = self.want(Some(most), &scarce.kind, from);
            let exchanged = self.exchange(Vec::new(), &want).await?;
            if let Some(trail) = self.trails.get_mut(index) {
                trail.note(&want, &exchanged.claimed, exchanged.more, began, front);
            }
            self.scarce |= exchanged.more;
            self.start(exchanged.claimed, began);
        }
        Ok(())
    }

    /// Lets tasks of groups into the common line; says how many, and whether further groups may have room.
    async fn admit(&mut self) -> Result<(u64, bool), QueueError> {
        let mut tasks = 0;
        loop {
            let began = Instant::now();
            let admitting = self.shared.table.admit(self.shared.policy.window, &self.after, self.groups);
            let admitted = bounded(CALL, admitting).await;
            let groups = admitted.as_ref().map_or(0, |admitted| admitted.groups);
            self.admitting
                .took(began.elapsed().saturating_sub(GROUP * u32::try_from(groups).unwrap_or(u32::MAX)));
            let admitted = match admitted {
                // Somebody else gives places out for long; what is done is written meanwhile.
                Err(error) if error.is_busy() => return Ok((tasks, true)),
                Err(QueueError::TimedOut) => {
                    self.groups = (self.groups / 2).max(1);
                    return Ok((tasks, true));
                }
                admitted => admitted?,
            };
            self.groups = (self.groups * 2).min(GROUPS_AT_ONCE);
            tasks += admitted.tasks;
            // From the end of the groups on to their beginning: none of them is passed over for ever.
            let from_the_beginning = self.after.is_empty();
            self.after = admitted.up_to.unwrap_or_default();
            if from_the_beginning || !self.after.is_empty() || !self.admitting.is_due() {
                return Ok((tasks, !from_the_beginning || !self.after.is_empty()));
            }
        }
    }

    fn want(&self, free: Option<usize>, kinds: &serde_json::Value, from: Spot) -> Want {
        let lease = self.shared.policy.lease;
        let apart = self.apart_until.is_some_and(|until| Instant::now() < until);
        Want { apart, free, kinds: kinds.clone(), lease, from }
    }

    /// Writes what is done and claims nothing.
    async fn write(&mut self, done: Vec<Lease>) -> Result<Exchanged, QueueError> {
        self.exchange(done, &self.want(None, &sql::kinds([]), Spot::default())).await
    }

    /// The exchange with the table; what could not be written is tried again with the next one.
    async fn exchange(&mut self, done: Vec<Lease>, want: &Want) -> Result<Exchanged, QueueError> {
        // Not raced against the shutdown: a claim that is dropped half-way would strand its tasks for a while.
        let exchanging = self.shared.table.exchange(&done, want);
        let exchanged = bounded(CALL, exchanging).await;
        // Whatever an error was, it may have been a locked row.
        if exchanged.as_ref().map_or(true, |exchanged| exchanged.crowded) {
            self.apart_until = Some(Instant::now() + APART);
        }
        let exchanged = exchanged?;
        if exchanged.hasty {
            self.hasty.notify_one();
        }
        self.settle(&done, &exchanged.completed).await;
        Ok(exchanged)
    }

    /// Gives the slots of what is done free.
    async fn settle(&mut self, done: &[Lease], completed: &[Lease]) {
        for lease in completed {
            self.left(*lease, "completed");
        }
        if completed.len() == done.len() {
            return;
        }
        let written: HashSet<_> = completed.iter().collect();
        let rest: Vec<_> = done.iter().copied().filter(|lease| !written.contains(lease)).collect();
        // When that is not answered either, they are offered again with the next exchange.
        let Ok(states) = bounded(CALL, self.shared.table.states_under(&rest)).await else {
            return;
        };
        for lease in rest {
            match states.get(&lease) {
                // By an earlier try, whose answer was lost.
                Some(TaskState::Completed) => self.left(lease, "completed"),
                // Still held; somebody keeps the row locked for a while.
                Some(TaskState::Running) => {}
                _ => {
                    counter!(QUEUE_STALE).increment(1);
                    tracing::warn!(task_id = %lease.id, "the lease was lost before the end was written");
                    self.left(lease, "lease_lost");
                }
            }
        }
    }

    fn left(&mut self, lease: Lease, outcome: &'static str) {
        if let Some(left) = self.running.written(lease) {
            self.scarce |= self.kinds.scarce.iter().any(|kind| kind.name == left.kind);
            report(&left.kind, outcome, left.took);
        }
    }

    /// Starts what was claimed by a statement that was sent at that moment.
    fn start(&mut self, claimed: Vec<Claimed>, asked: Instant) {
        for task in claimed {
            // Only kinds that are registered are claimed.
            let Some(kind) = self.registry.kind(&task.kind) else {
                continue;
            };
            let stop = self.running.insert(&task, kind.limits.when_cut_off, asked.into_std());
            let (shared, running) = (Arc::clone(&self.shared), Arc::clone(&self.running));
            self.attempts.spawn(attempt::make(shared, running, kind.clone(), task, stop));
        }
    }

    async fn drain(&mut self) {
        if timeout(self.shared.policy.drain, self.write_out()).await.is_ok() {
            return;
        }
        tracing::info!(tasks = self.running.len(), "handing unfinished tasks back");
        self.running.stop_all(Stop::Shutdown);
        if timeout(LAST_GRACE, self.write_out()).await.is_err() {
            tracing::warn!(
                tasks = self.running.len(),
                "tasks could not be handed back; their leases run out instead"
            );
        }
    }

    /// Until nothing runs any more and everything is written.
    async fn write_out(&mut self) {
        while !self.running.is_empty() {
            let done = self.running.to_write();
            if done.is_empty() {
                self.running.changed().await;
                continue;
            }
            match self.write(done).await {
                Ok(exchanged) => {
                    self.failures = 0;
                    if exchanged.completed.is_empty() {
                        tokio::time::sleep(LOCKED_PAUSE).await;
                    }
                }
                Err(error) => {
                    self.failures += 1;
                    tracing::warn!(exception = %error, "the end of attempts was not written; trying again");
                    tokio::time::sleep(outage_pause(self.failures)).await;
                }
            }
        }
    }
}
