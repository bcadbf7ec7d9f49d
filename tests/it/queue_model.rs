//! The queue beside a small model of it: after every step of a random schedule, the table is what the rules say.
//!
//! `FAULT_TESTS=long` takes a million steps. A failure says its seed; `FAULT_SEED` takes the same steps again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use resume_optimizer::queue::{
    ByHand, Cancelled, Changed, End, Enqueued, NewTask, Priority, QueueError, Registry, TaskId, TaskState,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::ground::{Ground, Row, long, sized};
use crate::support::model::Model;
use crate::support::service::World;

const KINDS: [&str; 2] = ["letter", "parcel"];
const OWNERS: usize = 4;
const WINDOW: u32 = 3;
const MAX_CRASHES: u32 = 4;
/// So long that nothing that waits for it comes due by itself.
const HOUR: Duration = Duration::from_secs(3600);
/// Tasks that are open at once, about.
const OPEN: usize = 50;

async fn ground(world: World) -> Ground {
    Ground::of(world, |queue| {
        queue.lease_seconds = HOUR.as_secs();
        queue.retry_base_seconds = HOUR.as_secs();
        queue.retry_max_seconds = 1000 * HOUR.as_secs();
        queue.group_window = WINDOW;
        queue.max_crashes = MAX_CRASHES;
    })
    .await
}

/// One run: the queue, the model, and what was done so far.
struct Schedule {
    ground: Ground,
    hands: Vec<ByHand>,
    owners: Vec<Option<Uuid>>,
    model: Model,
    /// Leases of every time, most of them over.
    leases: Vec<(TaskId, i64)>,
    random: StdRng,
    seed: u64,
    steps: usize,
    counts: BTreeMap<&'static str, usize>,
    last: Vec<String>,
}

impl Drop for Schedule {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let last = &self.last[self.last.len().saturating_sub(40)..];
            eprintln!("FAULT_SEED={}, step {}; the last ones:\n{}", self.seed, self.steps, last.join("\n"));
        }
    }
}

impl Schedule {
    fn new(ground: Ground) -> Self {
        let again = std::env::var("FAULT_SEED").ok();
        let seed = again.map_or_else(|| rand::rng().random(), |seed| seed.parse().unwrap());
        let model = Model {
            window: WINDOW.into(),
            max_crashes: MAX_CRASHES.cast_signed(),
            crash_pause_us: i64::try_from(HOUR.as_micros()).unwrap(),
            ..Model::default()
        };
        Self {
            hands: (0..OWNERS)
                .map(|owner| {
                    let hand = ground.queue.by_hand();
                    if owner == 0 { hand.apart() } else { hand }
                })
                .collect(),
            owners: vec![None; OWNERS],
            model,
            leases: Vec::new(),
            random: StdRng::seed_from_u64(seed),
            seed,
            steps: 0,
            counts: BTreeMap::new(),
            last: Vec::new(),
            ground,
        }
    }

    async fn step(&mut self) {
        self.steps += 1;
        let open =
            self.model.of_state(TaskState::Queued).len() + self.model.of_state(TaskState::Running).len();
        let touched = match self.random.random_range(0..100) {
            0..18 if open < OPEN => self.enqueue().await,
            0..22 => self.exchange_with(Vec::new()).await,
            22..34 => self.admit().await,
            34..46 => self.exchange().await,
            46..52 => self.renew().await,
            52..60 => self.complete().await,
            60..74 => self.end().await,
            74..78 => self.cancel_by_key().await,
            78..82 => self.cancel_task().await,
            82..86 => self.retry().await,
            86..90 => self.lose().await,
            90..93 => self.rescue().await,
            93..95 => self.pause().await,
            95..97 => self.make_due().await,
            97 => self.limit_group().await,
            98 => self.cancel_group().await,
            _ => self.prune().await,
        };
        if self.steps.is_multiple_of(50) {
            self.check_all().await;
        } else {
            self.check(&touched).await;
        }
    }

    fn note(&mut self, what: &'static str, detail: &dyn std::fmt::Debug) {
        *self.counts.entry(what).or_default() += 1;
        self.last.push(format!("{}: {what} {detail:?}", self.steps));
        if self.last.len() > 1000 {
            self.last.drain(..900);
        }
    }

    async fn check(&mut self, touched: &[TaskId]) {
        let ids: Vec<_> = touched.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        if ids.is_empty() {
            return;
        }
        let rows = self.ground.rows_where(&format!("id IN ({})", self.ground.literals(&ids))).await;
        assert_eq!(rows.len(), ids.len(), "a task is lost: {ids:?}");
        self.compare(&rows);
    }

    async fn check_all(&mut self) {
        let rows = self.ground.rows().await;
        assert_eq!(
            rows.iter().map(|row| row.id).collect::<Vec<_>>(),
            self.model.tasks.keys().copied().collect::<Vec<_>>(),
            "the tasks that are there",
        );
        self.compare(&rows);
        let lines = self
            .ground
            .select(
                "SELECT task_id, lease_seq, attempt, outcome FROM queue_attempts ORDER BY task_id, lease_seq",
            )
            .await;
        let mut history: BTreeMap<TaskId, Vec<(i64, i32, String)>> = BTreeMap::new();
        for line in lines {
            let id = TaskId(line.try_get("", "task_id").unwrap());
            let (seq, attempt) =
                (line.try_get("", "lease_seq").unwrap(), line.try_get("", "attempt").unwrap());
            history.entry(id).or_default().push((seq, attempt, line.try_get("", "outcome").unwrap()));
        }
        for (id, task) in &self.model.tasks {
            assert_eq!(history.remove(id).unwrap_or_default(), task.history, "the history of {id}");
        }
        assert!(history.is_empty(), "history of nobody: {history:?}");
    }

    fn compare(&mut self, rows: &[Row]) {
        self.model.check(rows);
        for row in rows {
            let Some(owner) = self.model.tasks[&row.id].owner else {
                continue;
            };
            let known = *self.owners[owner].get_or_insert_with(|| row.owner.unwrap());
            assert_eq!(row.owner, Some(known), "the owner of {}", row.id);
            assert_eq!(self.owners.iter().filter(|other| **other == row.owner).count(), 1);
        }
    }

    fn some_kinds(&mut self) -> Vec<&'static str> {
        if self.random.random_bool(0.7) {
            KINDS.to_vec()
        } else {
            vec![*KINDS.choose(&mut self.random).unwrap()]
        }
    }

    /// Leases, most of them held, each of another task.
    fn some_leases(&mut self, most: usize) -> Vec<(TaskId, i64)> {
        let held: Vec<_> = self.model.of_state(TaskState::Running);
        let mut some = BTreeMap::new();
        for _ in 0..self.random.random_range(1..=most) {
            let lease = if self.random.random_bool(0.7) {
                held.choose(&mut self.random).map(|id| (*id, self.model.tasks[id].seq))
            } else {
                self.leases.choose(&mut self.random).copied()
            };
            some.extend(lease);
        }
        some.into_iter().collect()
    }

    /// Most often the owner of one of them.
    fn some_owner(&mut self, leases: &[(TaskId, i64)]) -> usize {
        let owners: Vec<_> = leases.iter().filter_map(|(id, _)| self.model.tasks.get(id)?.owner).collect();
        match owners.choose(&mut self.random) {
            Some(owner) if self.random.random_bool(0.8) => *owner,
            _ => self.random.random_range(0..OWNERS),
        }
    }

    fn any_task(&mut self) -> Option<TaskId> {
        let ids: Vec<_> = self.model.tasks.keys().copied().collect();
        ids.choose(&mut self.random).copied()
    }

    fn new_task(&mut self) -> NewTask {
        let kind = *KINDS.choose(&mut self.random).unwrap();
        let mut task = NewTask::new(kind, json!({ "step": self.steps }))
            .priority(*[Priority::High, Priority::Normal, Priority::Low].choose(&mut self.random).unwrap());
        if self.random.random_bool(0.2) {
            task = task.delay(HOUR);
        }
        if self.random.random_bool(0.4) {
            task = task.unique(&self.random.random_range(0..8));
        }
        if self.random.random_bool(0.5) {
            task = task.group(&self.random.random_range(0..4));
            let limit = self.random.random_range(0..4);
            if limit > 0 {
                task = task.group_limit(limit);
            }
        }
        task
    }

    async fn enqueue(&mut self) -> Vec<TaskId> {
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

    async fn exchange(&mut self) -> Vec<TaskId> {
        let done = self.some_leases(5);
        self.exchange_with(done).await
    }

    async fn exchange_with(&mut self, done: Vec<(TaskId, i64)>) -> Vec<TaskId> {
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

    async fn admit(&mut self) -> Vec<TaskId> {
        let admitted = self.hands[0].admit().await.unwrap();
        let should = self.model.admit();
        self.note("admit", &should);
        assert_eq!(admitted, should.len() as u64, "{should:?}");
        should
    }

    async fn renew(&mut self) -> Vec<TaskId> {
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

    async fn complete(&mut self) -> Vec<TaskId> {
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

    async fn end(&mut self) -> Vec<TaskId> {
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

    async fn cancel_by_key(&mut self) -> Vec<TaskId> {
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

    async fn cancel_task(&mut self) -> Vec<TaskId> {
        let Some(id) = self.any_task() else { return Vec::new() };
        let changed = self.ground.queue.cancel_task(&Registry::new(), id).await.unwrap();
        self.ground.until_released().await;
        let was = self.model.cancel(id);
        self.note("cancel task", &(id, was));
        let open = matches!(was, TaskState::Queued | TaskState::Running);
        assert_eq!(changed, if open { Changed::Done } else { Changed::Is(was) });
        vec![id]
    }

    async fn retry(&mut self) -> Vec<TaskId> {
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

    async fn lose(&mut self) -> Vec<TaskId> {
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

    async fn rescue(&mut self) -> Vec<TaskId> {
        for _ in 0..2 {
            let rescued = self.hands[1].rescue().await.unwrap();
            let should = self.model.rescue();
            self.note("rescue", &should);
            assert_eq!(rescued, should.len());
            self.check(&should).await;
        }
        Vec::new()
    }

    async fn pause(&mut self) -> Vec<TaskId> {
        self.model.paused = self.random.random_bool(0.3);
        if self.model.paused {
            self.ground.queue.pause().await.unwrap();
        } else {
            self.ground.queue.resume().await.unwrap();
        }
        self.note("pause", &());
        Vec::new()
    }

    async fn make_due(&mut self) -> Vec<TaskId> {
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

    async fn limit_group(&mut self) -> Vec<TaskId> {
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

    async fn cancel_group(&mut self) -> Vec<TaskId> {
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

    async fn prune(&mut self) -> Vec<TaskId> {
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

on_both! {
    async fn f26_after_every_step_the_table_is_what_the_model_says(world) {
        let mut schedule = Schedule::new(ground(world).await);
        let short = if schedule.ground.on_sqlite() { 2_500 } else { 1_500 };
        let (steps, began) = (sized(short, 1_000_000), Instant::now());
        while schedule.steps < steps {
            schedule.step().await;
            if long() && schedule.steps.is_multiple_of(50_000) {
                eprintln!("F26: {} steps in {:?}", schedule.steps, began.elapsed());
            }
        }
        schedule.check_all().await;
        if long() {
            let backend = schedule.ground.db.backend();
            eprintln!("F26: {backend:?}, {steps} steps in {:?}, seed {}: {:?}", began.elapsed(), schedule.seed, schedule.counts);
        }
    }
}
