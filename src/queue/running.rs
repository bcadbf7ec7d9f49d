//! What this process runs: its slots, and what each attempt in them is about.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::queue::context::{Stop, StopSignal};
use crate::queue::registry::CutOff;
use crate::queue::table::{Held, Lease};
use crate::queue::task::{Claimed, TaskId};

/// Attempts that ran on past their limit and were given up, for whose slots others may start. Beyond that, something
/// is wrong with the process, and it should end.
const SPARE_SLOTS: usize = 2;

/// The tasks that this process runs.
#[derive(Debug)]
pub(in crate::queue) struct Running {
    slots: usize,
    inner: Mutex<Inner>,
    /// Rung when a slot becomes free, or a task is done.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    entries: HashMap<Lease, Entry>,
    /// Done, to be written as completed.
    done: BTreeSet<Lease>,
    /// Given up, but still using a thread.
    stuck: usize,
    /// A task of a group ended: its group may have room in the common line.
    room: bool,
    /// An attempt gave its slot free by itself.
    freed: bool,
}

#[derive(Debug)]
struct Entry {
    stop: StopSignal,
    kind: String,
    grouped: bool,
    cut_off: CutOff,
    began: Instant,
    /// When its lease was asked for last, of what was answered: it lasts from then at least.
    renewed: Instant,
    /// Its end is being written: whoever does that learns by himself whether the lease is still held.
    ending: bool,
}

/// An attempt whose end was written.
#[derive(Debug)]
pub(in crate::queue) struct Left {
    pub kind: String,
    pub took: Duration,
}

impl Inner {
    /// The place of the attempt with this signal: another one may have the same lease by now.
    fn entry(&mut self, lease: Lease, stop: &StopSignal) -> Option<&mut Entry> {
        self.entries.get_mut(&lease).filter(|entry| entry.stop.is(stop))
    }
}

impl Running {
    pub(in crate::queue) fn new(slots: usize) -> Self {
        Self { slots, inner: Mutex::default(), changed: Notify::new() }
    }

    /// A task whose lease was asked for at that moment.
    pub(in crate::queue) fn insert(&self, task: &Claimed, cut_off: CutOff, asked: Instant) -> StopSignal {
        let stop = StopSignal::default();
        let entry = Entry {
            stop: stop.clone(),
            kind: task.kind.clone(),
            grouped: task.grouped,
            cut_off,
            began: Instant::now(),
            renewed: asked,
            ending: false,
        };
        let mut inner = self.inner();
        if let Some(earlier) = inner.entries.insert(task.lease(), entry) {
            // The database went back in time: it crashed before the first claim was on its disk. The first attempt has
            // no place here any more, and nothing of its end is to be taken for the second one's.
            inner.done.remove(&task.lease());
            earlier.stop.trip(Stop::LeaseLost);
        }
        drop(inner);
        stop
    }

    /// The handler is done; its completion will be written with those of others.
    pub(in crate::queue) fn done(&self, lease: Lease, stop: &StopSignal) {
        let mut inner = self.inner();
        if let Some(entry) = inner.entry(lease, stop) {
            entry.ending = true;
            inner.done.insert(lease);
        }
        drop(inner);
        self.changed.notify_one();
    }

    /// The attempt's end is about to be written by itself.
    pub(in crate::queue) fn ending(&self, lease: Lease, stop: &StopSignal) {
        if let Some(entry) = self.inner().entry(lease, stop) {
            entry.ending = true;
        }
    }

    /// What is done; it stays so until it is known to be written, however the writing ends.
    pub(in crate::queue) fn to_write(&self) -> Vec<Lease> {
        self.inner().done.iter().copied().collect()
    }

    /// How much is done.
    pub(in crate::queue) fn done_count(&self) -> usize {
        self.inner().done.len()
    }

    /// The attempt wrote its end, or it is nobody's business any more: its slot is free.
    pub(in crate::queue) fn remove(&self, lease: Lease, stop: &StopSignal) {
        if self.inner().entry(lease, stop).is_some() && self.written(lease).is_some() {
            self.inner().freed = true;
            self.changed.notify_one();
        }
    }

    /// Its end was written with those of others: its slot is free.
    pub(in crate::queue) fn written(&self, lease: Lease) -> Option<Left> {
        let mut inner = self.inner();
        let entry = inner.entries.remove(&lease)?;
        inner.done.remove(&lease);
        inner.room |= entry.grouped;
        drop(inner);
        self.changed.notify_one();
        Some(Left { kind: entry.kind, took: entry.began.elapsed() })
    }

    /// Whether an attempt gave its slot free by itself since this was last asked.
    pub(in crate::queue) fn take_freed(&self) -> bool {
        std::mem::take(&mut self.inner().freed)
    }

    /// Whether a task of a group ended since this was last asked.
    pub(in crate::queue) fn take_room(&self) -> bool {
        std::mem::take(&mut self.inner().room)
    }

    /// Returns once something is done or a slot became free since the last time.
    pub(in crate::queue) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Slots that nothing runs in.
    pub(in crate::queue) fn free(&self) -> usize {
        let inner = self.inner();
        let in_use = inner.entries.len() + inner.stuck.saturating_sub(SPARE_SLOTS);
        self.slots.saturating_sub(in_use)
    }

    /// How many tasks of that kind run.
    pub(in crate::queue) fn of_kind(&self, kind: &str) -> usize {
        self.inner().entries.values().filter(|entry| entry.kind == kind).count()
    }

    pub(in crate::queue) fn is_empty(&self) -> bool {
        self.inner().entries.is_empty()
    }

    pub(in crate::queue) fn len(&self) -> usize {
        self.inner().entries.len()
    }

    pub(in crate::queue) fn ids(&self) -> Vec<TaskId> {
        self.inner().entries.keys().map(|lease| lease.id).collect()
    }

    pub(in crate::queue) fn leases(&self) -> Vec<Lease> {
        self.inner().entries.keys().copied().collect()
    }

    pub(in crate::queue) fn holds(&self, lease: Lease) -> bool {
        self.inner().entries.contains_key(&lease)
    }

    /// An attempt that was given up goes on all the same; says whether the process can bear it.
    pub(in crate::queue) fn stuck(&self) -> bool {
        let mut inner = self.inner();
        inner.stuck += 1;
        inner.stuck <= SPARE_SLOTS
    }

    /// It ended after all.
    pub(in crate::queue) fn unstuck(&self) {
        let mut inner = self.inner();
        inner.stuck = inner.stuck.saturating_sub(1);
        drop(inner);
        self.changed.notify_one();
    }

    /// How many attempts are stuck.
    pub(in crate::queue) fn stuck_attempts(&self) -> usize {
        self.inner().stuck
    }

    pub(in crate::queue) fn stop_all(&self, stop: Stop) {
        for entry in self.inner().entries.values() {
            entry.stop.trip(stop);
        }
    }

    /// Stops what must not run twice at once and whose lease was not renewed for so long.
    pub(in crate::queue) fn cut_off(&self, after: Duration) {
        for entry in self.inner().entries.values() {
            if entry.cut_off == CutOff::Stop && !entry.ending && entry.renewed.elapsed() > after {
                entry.stop.trip(Stop::LeaseLost);
            }
        }
    }

    /// Passes on what a heartbeat over `asked`, sent at that moment, learned; says how many leases are lost.
    pub(in crate::queue) fn note(&self, asked: &[Lease], held: &[Held], sent: Instant) -> u64 {
        let held: HashMap<Lease, &Held> = held.iter().map(|held| (held.lease, held)).collect();
        let mut inner = self.inner();
        let mut lost = 0;
        for lease in asked {
            let Some(entry) = inner.entries.get_mut(lease) else {
                continue;
            };
            match held.get(lease) {
                None if entry.ending => {}
                None => {
                    tracing::warn!(task_id = %lease.id, "the lease is lost; the result will be dropped");
                    entry.stop.trip(Stop::LeaseLost);
                    lost += 1;
                }
                Some(held) => {
                    if held.renewed {
                        entry.renewed = sent;
                    }
                    if held.cancel_requested {
                        entry.stop.trip(Stop::Cancelled);
                    }
                }
            }
        }
        lost
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
