//! The steps of a schedule: each is done to the queue and to the model, and returns what the table is looked at for.

use std::collections::BTreeSet;
use std::time::Duration;

use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use resume_optimizer::queue::{Cancelled, Changed, End, Enqueued, QueueError, Registry, TaskId, TaskState};

use crate::queue_model::{HOUR, KINDS, Schedule};

impl Schedule {
    pub(super) async fn enqueue(&mut self) -> Vec<TaskId> {
        let tasks: Vec<_> = (0..self.random.random_range(1..4)).map(|_| self.new_task()).collect();
        let tx = self.ground.db.begin().await.unwrap();
        let enqueued = self.ground.queue.enqueue_all(&tx, &tasks).await.unwrap();
        self.note("enqueue", &(&tasks, &enqueued));
        if self.random.random_bool(0.1) {
            tx.rollback().await.unwrap();
            return Vec::new();
        }
        tx.commit().await.unwrap();
        let mut touched = Vec::new();
        for (task, enqueued) in tasks.iter().zip(enqueued) {
            let open = task.unique_key.as_ref().and_then(|key| self.model.open(&task.kind, key));
            let id = match (enqueued, open) {
                (Enqueued::New(id), None) => {
                    self.model.enqueue(id, task);
                    id
                }
                (Enqueued::Present(id), Some(open)) if id == open => id,
                other => panic!("{task:?}: {other:?}"),
            };
            touched.push(id);
        }
        touched
    }

    pub(super) async fn exchange(&mut self) -> Vec<TaskId> {
        let done = self.some_leases(5);
        self.exchange_with(done).await
    }

    pub(super) async fn exchange_with(&mut self, done: Vec<(TaskId, i64)>) -> Vec<TaskId> {
        let (kinds, most) = (self.some_kinds(), self.random.random_range(0..7));
        let owner = self.some_owner(&done);
        let (completed, taken) = self.hands[owner].exchange(&done, &kinds, most).await.unwrap();
        self.note("exchange", &(owner, &done, &kinds, most, &taken));
        let should: BTreeSet<_> =
            done.iter().copied().filter(|(id, seq)| self.model.complete(owner, *id, *seq)).collect();
        let claimed = self.model.claim(&kinds, most + should.len(), owner);
        assert_eq!(completed.into_iter().collect::<BTreeSet<_>>(), should, "what was completed");
        assert_eq!(taken.iter().map(|taken| taken.id).collect::<BTreeSet<_>>(), claimed, "what was claimed");
        for taken in &taken {
            let attempt = u32::try_from(self.model.attempt(taken.id)).unwrap();
            assert_eq!((taken.lease_seq, taken.attempt), (self.model.tasks[&taken.id].seq, attempt));
            self.leases.push((taken.id, taken.lease_seq));
        }
        if self.leases.len() > 400 {
            self.leases.drain(..200);
        }
        // A task of `done` may be pruned already.
        let touched = done.into_iter().map(|(id, _)| id).filter(|id| self.model.tasks.contains_key(id));
        touched.chain(claimed).collect()
    }

    pub(super) async fn admit(&mut self) -> Vec<TaskId> {
        let admitted = self.hands[0].admit().await.unwrap();
        let should = self.model.admit();
        self.note("admit", &should);
        assert_eq!(admitted, should.len() as u64, "{should:?}");
        should
    }

    pub(super) async fn renew(&mut self) -> Vec<TaskId> {
        let asked = self.some_leases(6);
        let owner = self.some_owner(&asked);
        let held = self.hands[owner].renew(&asked).await.unwrap();
        self.note("renew", &(owner, &asked));
        let should: BTreeSet<_> = asked
            .iter()
            .filter_map(|(id, seq)| self.model.renew(owner, *id, *seq).map(|cancel| (*id, *seq, cancel)))
            .collect();
        assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), should);
        should.into_iter().map(|(id, ..)| id).collect()
    }

    pub(super) async fn complete(&mut self) -> Vec<TaskId> {
        let done = self.some_leases(4);
        for time in 0..2 {
            let owner = self.some_owner(&done);
            let completed = self.hands[owner].complete(&done).await.unwrap();
            self.note("complete", &(owner, time, &done));
            let should: BTreeSet<_> =
                done.iter().copied().filter(|(id, seq)| self.model.complete(owner, *id, *seq)).collect();
            assert_eq!(completed.into_iter().collect::<BTreeSet<_>>(), should);
        }
        done.into_iter().map(|(id, _)| id).filter(|id| self.model.tasks.contains_key(id)).collect()
    }

    pub(super) async fn end(&mut self) -> Vec<TaskId> {
        let Some((id, seq)) = self.some_leases(1).pop() else {
            return Vec::new();
        };
        let ends = [End::Retry(Duration::ZERO), End::Retry(HOUR), End::Release, End::Dead, End::Cancelled];
        let end = *ends.choose(&mut self.random).unwrap();
        for _ in 0..2 {
            let owner = self.some_owner(&[(id, seq)]);
            let ended = self.hands[owner].end(id, seq, end).await;
            self.note("end", &(owner, id, seq, end));
            match (ended, self.model.end(owner, id, seq, end)) {
                (Ok(state), Some(should)) => assert_eq!(state, should),
                (Err(QueueError::LeaseLost), None) => {}
                other => panic!("{id} {seq} {end:?}: {other:?}"),
            }
        }
        [id].into_iter().filter(|id| self.model.tasks.contains_key(id)).collect()
    }

    pub(super) async fn cancel_by_key(&mut self) -> Vec<TaskId> {
        let kind = *KINDS.choose(&mut self.random).unwrap();
        let key = self.random.random_range(0..8).to_string();
        let tx = self.ground.db.begin().await.unwrap();
        let cancelled = self.ground.queue.cancel(&tx, kind, &key).await.unwrap();
        tx.commit().await.unwrap();
        let open = self.model.open(kind, &key);
        self.note("cancel by key", &(kind, &key, open));
        let should = match open.map(|id| self.model.cancel(id)) {
            None => Cancelled::NotOpen,
            Some(TaskState::Queued) => Cancelled::Waiting,
            Some(_) => Cancelled::Asked,
        };
        assert_eq!(cancelled, should);
        open.into_iter().collect()
    }

    pub(super) async fn cancel_task(&mut self) -> Vec<TaskId> {
        let Some(id) = self.any_task() else { return Vec::new() };
        let changed = self.ground.queue.cancel_task(&Registry::new(), id).await.unwrap();
        self.ground.until_released().await;
        let was = self.model.cancel(id);
        self.note("cancel task", &(id, was));
        let open = matches!(was, TaskState::Queued | TaskState::Running);
        assert_eq!(changed, if open { Changed::Done } else { Changed::Is(was) });
        vec![id]
    }

    pub(super) async fn retry(&mut self) -> Vec<TaskId> {
        let Some(id) = self.any_task() else { return Vec::new() };
        let changed = self.ground.queue.retry(&Registry::new(), id).await;
        self.ground.until_released().await;
        let task = self.model.tasks[&id].clone();
        self.note("retry", &(id, task.state));
        let taken = task.key.as_ref().and_then(|key| self.model.open(&task.kind, key)).is_some();
        match (changed, task.state) {
            (Err(QueueError::Store(_)), TaskState::Dead | TaskState::Cancelled) if taken => {}
            (Ok(Changed::Done), TaskState::Dead | TaskState::Cancelled) if !taken => self.model.retry(id),
            (Ok(Changed::Is(state)), _) if state == task.state => {}
            other => panic!("{id}: {other:?}"),
        }
        vec![id]
    }

    pub(super) async fn lose(&mut self) -> Vec<TaskId> {
        let mut ids: Vec<_> = self.some_leases(3).into_iter().map(|(id, _)| id).collect();
        ids.retain(|id| self.model.tasks.get(id).is_some_and(|task| task.state == TaskState::Running));
        if ids.is_empty() {
            return ids;
        }
        let column = if self.random.random_bool(0.8) { "lease_expires_at" } else { "deadline_at" };
        self.ground.set_past(column, &ids).await;
        self.model.lose(&ids, column);
        self.note("lose", &(column, &ids));
        ids
    }

    pub(super) async fn rescue(&mut self) -> Vec<TaskId> {
        for _ in 0..2 {
            let rescued = self.hands[1].rescue().await.unwrap();
            let should = self.model.rescue();
            self.note("rescue", &should);
            assert_eq!(rescued, should.len());
            self.check(&should).await;
        }
        Vec::new()
    }

    pub(super) async fn pause(&mut self) -> Vec<TaskId> {
        self.model.paused = self.random.random_bool(0.3);
        if self.model.paused {
            self.ground.queue.pause().await.unwrap();
        } else {
            self.ground.queue.resume().await.unwrap();
        }
        self.note("pause", &());
        Vec::new()
    }

    pub(super) async fn make_due(&mut self) -> Vec<TaskId> {
        let later = self.model.tasks.iter().filter(|(_, task)| task.state == TaskState::Queued && !task.due);
        let later: Vec<_> = later.map(|(id, _)| *id).take(4).collect();
        if later.is_empty() {
            return later;
        }
        self.ground.set_past("run_at", &later).await;
        let (own, common): (Vec<_>, Vec<_>) =
            later.iter().copied().partition(|id| self.model.tasks[id].group.is_some());
        if !common.is_empty() {
            self.ground.set_past("line_at", &common).await;
        }
        self.model.due(&later);
        self.note("due", &(own, common));
        later
    }

    pub(super) async fn limit_group(&mut self) -> Vec<TaskId> {
        let (group, limit) = (self.random.random_range(0..4).to_string(), self.random.random_range(0..4));
        let limit = (limit > 0).then_some(limit);
        let tx = self.ground.db.begin().await.unwrap();
        self.ground.queue.limit_group(&tx, &group, limit).await.unwrap();
        tx.commit().await.unwrap();
        self.note("limit group", &(&group, limit));
        let mut touched = Vec::new();
        for (id, task) in &mut self.model.tasks {
            if task.state == TaskState::Queued && task.group.as_ref() == Some(&group) {
                task.limit = limit.map(u32::cast_signed);
                touched.push(*id);
            }
        }
        touched
    }

    pub(super) async fn cancel_group(&mut self) -> Vec<TaskId> {
        let group = self.random.random_range(0..4).to_string();
        let tx = self.ground.db.begin().await.unwrap();
        let cancelled = self.ground.queue.cancel_group(&tx, &group).await.unwrap();
        tx.commit().await.unwrap();
        self.note("cancel group", &group);
        let open = self.model.tasks.iter().filter(|(_, task)| {
            matches!(task.state, TaskState::Queued | TaskState::Running)
                && task.group.as_ref() == Some(&group)
        });
        let open: Vec<_> = open.map(|(id, _)| *id).collect();
        assert_eq!(cancelled, open.len() as u64);
        for id in &open {
            self.model.cancel(*id);
        }
        open
    }

    pub(super) async fn prune(&mut self) -> Vec<TaskId> {
        let end =
            *[TaskState::Completed, TaskState::Dead, TaskState::Cancelled].choose(&mut self.random).unwrap();
        // What ended within this millisecond is not older than nothing.
        tokio::time::sleep(Duration::from_millis(3)).await;
        let pruned = self.ground.queue.prune(end, Duration::ZERO).await.unwrap();
        let gone = self.model.of_state(end);
        self.note("prune", &(end, &gone));
        assert_eq!(pruned, gone.len() as u64);
        for id in gone {
            self.model.tasks.remove(&id);
        }
        Vec::new()
    }
}
