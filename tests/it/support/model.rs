//! What the queue's table should hold, computed in memory by the rules alone.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use resume_optimizer::queue::{End, NewTask, Priority, TaskId, TaskState};

use crate::support::ground::Row;

/// Microseconds that two readings of the clock may be apart: SQLite's are whole milliseconds.
const CLOCK: i64 = 2_000;

/// Every task that was put in and not pruned.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) tasks: BTreeMap<TaskId, Task>,
    pub(crate) paused: bool,
    pub(crate) window: i64,
    pub(crate) max_crashes: i32,
    /// The longest pause after a crash, before it doubles, in microseconds.
    pub(crate) crash_pause_us: i64,
    /// What the database's clock said last.
    pub(crate) now_us: i64,
}

/// One task as it should be.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) kind: String,
    pub(crate) key: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) state: TaskState,
    pub(crate) seq: i64,
    pub(crate) owner: Option<usize>,
    pub(crate) cancel: bool,
    /// Unsuccessful attempts: the lease, the attempt, the outcome.
    pub(crate) history: Vec<(i64, i32, String)>,
    /// Whether its time has come.
    pub(crate) due: bool,
    pub(crate) limit: Option<i32>,
    priority: i16,
    attempt: i32,
    crashes: i32,
    in_line: bool,
    lease_lost: bool,
    overdue: bool,
    error_kind: Option<&'static str>,
    /// Where the table said that it stands; which moment that was is not the model's to know.
    place: (i64, Option<i64>),
    /// Where it may stand, from when the last step was taken, when that step placed it.
    moved: Option<Range<i64>>,
}

impl Model {
    pub(crate) fn open(&self, kind: &str, key: &str) -> Option<TaskId> {
        let open = |task: &Task| {
            task.kind == kind
                && task.key.as_deref() == Some(key)
                && matches!(task.state, TaskState::Queued | TaskState::Running)
        };
        self.tasks.iter().find(|(_, task)| open(task)).map(|(id, _)| *id)
    }

    pub(crate) fn of_state(&self, state: TaskState) -> Vec<TaskId> {
        self.tasks.iter().filter(|(_, task)| task.state == state).map(|(id, _)| *id).collect()
    }

    pub(crate) fn enqueue(&mut self, id: TaskId, new: &NewTask) {
        let delay = i64::try_from(new.delay.as_micros()).unwrap();
        let task = Task {
            kind: new.kind.clone(),
            key: new.unique_key.clone(),
            group: new.group.clone(),
            limit: new.group_limit.map(u32::cast_signed),
            state: TaskState::Queued,
            priority: match new.priority {
                Priority::High => 1,
                Priority::Normal => 0,
                Priority::Low => -1,
            },
            attempt: 0,
            crashes: 0,
            seq: 0,
            owner: None,
            in_line: new.group.is_none(),
            cancel: false,
            lease_lost: false,
            overdue: false,
            due: delay == 0,
            error_kind: None,
            history: Vec::new(),
            place: (0, None),
            moved: Some(delay..delay),
        };
        assert!(self.tasks.insert(id, task).is_none(), "{id} is new and was there already");
    }

    /// Lets tasks into the common line; which those were.
    pub(crate) fn admit(&mut self) -> Vec<TaskId> {
        let groups: BTreeSet<_> = self.tasks.values().filter_map(|task| task.group.clone()).collect();
        let mut admitted = Vec::new();
        for group in groups {
            let of = |state| {
                let stands = |task: &&Task| {
                    task.group.as_deref() == Some(group.as_str()) && task.in_line && task.state == state
                };
                i64::try_from(self.tasks.values().filter(stands).count()).unwrap()
            };
            let mut waiting: Vec<_> = self
                .tasks
                .iter()
                .filter(|(_, task)| task.group.as_deref() == Some(group.as_str()))
                .filter(|(_, task)| task.state == TaskState::Queued && !task.in_line && task.due)
                .map(|(id, task)| (task.place.0, *id, task.limit))
                .collect();
            waiting.sort_unstable();
            let Some((_, _, limit)) = waiting.first() else {
                continue;
            };
            let most = limit
                .map_or(self.window, |limit| (i64::from(limit) - of(TaskState::Running)).min(self.window));
            let room = usize::try_from(most - of(TaskState::Queued)).unwrap_or(0);
            admitted.extend(waiting.into_iter().take(room).map(|(_, id, _)| id));
        }
        for id in &admitted {
            let task = self.tasks.get_mut(id).unwrap();
            (task.in_line, task.moved) = (true, Some(0..0));
        }
        admitted
    }

    /// Claims; which tasks those are.
    pub(crate) fn claim(&mut self, kinds: &[&str], most: usize, owner: usize) -> BTreeSet<TaskId> {
        let mut line: Vec<_> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.state == TaskState::Queued && task.in_line && task.due)
            .filter(|(_, task)| kinds.contains(&task.kind.as_str()))
            .map(|(id, task)| (-task.priority, task.place.1.unwrap(), *id))
            .collect();
        line.sort_unstable();
        let most = if self.paused { 0 } else { most };
        let claimed: BTreeSet<_> = line.into_iter().take(most).map(|(_, _, id)| id).collect();
        for id in &claimed {
            let task = self.tasks.get_mut(id).unwrap();
            task.state = TaskState::Running;
            (task.attempt, task.seq, task.owner) = (task.attempt + 1, task.seq + 1, Some(owner));
            (task.lease_lost, task.overdue) = (false, false);
        }
        claimed
    }

    pub(crate) fn attempt(&self, id: TaskId) -> i32 {
        self.tasks[&id].attempt
    }

    /// Whether this owner's lease of that number is the one that counts.
    pub(crate) fn holds(&self, owner: usize, id: TaskId, seq: i64) -> bool {
        self.tasks.get(&id).is_some_and(|task| {
            task.state == TaskState::Running && task.seq == seq && task.owner == Some(owner)
        })
    }

    pub(crate) fn renew(&mut self, owner: usize, id: TaskId, seq: i64) -> Option<bool> {
        if !self.holds(owner, id, seq) {
            return None;
        }
        let task = self.tasks.get_mut(&id).unwrap();
        task.lease_lost = false;
        Some(task.cancel)
    }

    pub(crate) fn complete(&mut self, owner: usize, id: TaskId, seq: i64) -> bool {
        if !self.holds(owner, id, seq) {
            return false;
        }
        let task = self.tasks.get_mut(&id).unwrap();
        (task.state, task.error_kind) = (TaskState::Completed, None);
        true
    }

    pub(crate) fn end(&mut self, owner: usize, id: TaskId, seq: i64, end: End) -> Option<TaskState> {
        if !self.holds(owner, id, seq) {
            return None;
        }
        let task = self.tasks.get_mut(&id).unwrap();
        match end {
            End::Retry(delay) => {
                let delay = i64::try_from(delay.as_micros()).unwrap();
                task.finish(TaskState::Queued, "error", 0, delay..delay);
            }
            End::Release => task.finish(TaskState::Queued, "released", 1, 0..0),
            End::Dead => task.finish(TaskState::Dead, "error", 0, 0..0),
            End::Cancelled => task.finish(TaskState::Cancelled, "cancelled", 0, 0..0),
        }
        Some(task.state)
    }

    /// Takes lost leases away; which tasks those are.
    pub(crate) fn rescue(&mut self) -> Vec<TaskId> {
        let mut lost = Vec::new();
        for (id, task) in &mut self.tasks {
            if task.state != TaskState::Running || !(task.lease_lost || task.overdue) {
                continue;
            }
            lost.push(*id);
            if task.cancel {
                task.finish(TaskState::Cancelled, "cancelled", 0, 0..0);
            } else if task.overdue {
                task.finish(TaskState::Dead, "hard_limit", 0, 0..0);
            } else {
                let state =
                    if task.crashes + 1 >= self.max_crashes { TaskState::Dead } else { TaskState::Queued };
                let pause = match task.crashes {
                    ..2 => 0..0,
                    more => {
                        let most = self.crash_pause_us << (more - 2);
                        most / 10..most
                    }
                };
                task.finish(state, "worker_lost", 1, pause);
                task.crashes += 1;
            }
        }
        lost
    }

    pub(crate) fn lose(&mut self, tasks: &[TaskId], column: &str) {
        for id in tasks {
            let task = self.tasks.get_mut(id).unwrap();
            match column {
                "lease_expires_at" => task.lease_lost = true,
                _ => task.overdue = true,
            }
        }
    }

    /// Cancels a task that waits or asks one that runs; the state that it was in.
    pub(crate) fn cancel(&mut self, id: TaskId) -> TaskState {
        let task = self.tasks.get_mut(&id).unwrap();
        let was = task.state;
        match was {
            TaskState::Queued => (task.state, task.error_kind) = (TaskState::Cancelled, Some("cancelled")),
            TaskState::Running => task.cancel = true,
            _ => {}
        }
        was
    }

    pub(crate) fn retry(&mut self, id: TaskId) {
        let task = self.tasks.get_mut(&id).unwrap();
        task.state = TaskState::Queued;
        (task.attempt, task.crashes, task.cancel, task.error_kind) = (0, 0, false, None);
        (task.in_line, task.due, task.moved) = (task.group.is_none(), true, Some(0..0));
    }

    pub(crate) fn due(&mut self, tasks: &[TaskId]) {
        for id in tasks {
            let task = self.tasks.get_mut(id).unwrap();
            (task.due, task.moved) = (true, Some(-1_000_000..-1_000_000));
        }
    }

    /// Compares what the table says of these tasks, and learns where they stand.
    pub(crate) fn check(&mut self, rows: &[Row]) {
        for row in rows {
            let task = self.tasks.get_mut(&row.id).unwrap_or_else(|| panic!("{row:?} should not be there"));
            let should = format!(
                "{} {} {:?} {:?} {:?} attempt {} crashes {} lease {} asked {} {:?}",
                task.kind,
                task.priority,
                task.group,
                task.limit,
                task.key,
                task.attempt,
                task.crashes,
                task.seq,
                task.cancel,
                (task.state, task.error_kind),
            );
            let is = format!(
                "{} {} {:?} {:?} {:?} attempt {} crashes {} lease {} asked {} {:?}",
                row.kind,
                row.priority,
                row.group,
                row.group_limit,
                row.unique_key,
                row.attempt,
                row.crashes,
                row.lease_seq,
                row.cancel_requested,
                (row.state, row.error_kind.as_deref()),
            );
            assert_eq!(is, should, "{}", row.id);
            assert_eq!(row.owner.is_some(), task.owner.is_some(), "the owner of {}", row.id);
            if task.state == TaskState::Queued {
                assert_eq!(row.line_us.is_some(), task.in_line, "the line of {}", row.id);
                match task.moved.take() {
                    None => assert_eq!((row.run_us, row.line_us), task.place, "the place of {}", row.id),
                    Some(moved) => {
                        let moved = self.now_us + moved.start - CLOCK..=row.now_us + moved.end + CLOCK;
                        let place = row.line_us.unwrap_or(row.run_us);
                        assert!(moved.contains(&place), "{} stands at {place}, not in {moved:?}", row.id);
                    }
                }
                task.place = (row.run_us, row.line_us);
            }
            task.moved = None;
        }
        self.now_us = rows.iter().map(|row| row.now_us).max().unwrap_or(self.now_us);
    }
}

impl Task {
    /// `back` is how many attempts are given back.
    fn finish(&mut self, state: TaskState, kind: &'static str, back: i32, delay: Range<i64>) {
        let outcome = if state == TaskState::Queued { kind } else { state.as_str() };
        self.history.push((self.seq, self.attempt, outcome.to_owned()));
        let called_off = state == TaskState::Queued && self.cancel;
        self.state = if called_off { TaskState::Cancelled } else { state };
        self.attempt -= back;
        self.error_kind = Some(if called_off { "cancelled" } else { kind });
        (self.owner, self.in_line) = (None, self.group.is_none());
        (self.due, self.moved) = (delay.start == 0, Some(delay));
    }
}
