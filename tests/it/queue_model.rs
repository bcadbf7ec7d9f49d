//! The queue beside a small model of it: after every step of a random schedule, the table is what the rules say.
//!
//! `FAULT_TESTS=long` takes a million steps. A failure says its seed; `FAULT_SEED` takes the same steps again.

mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use resume_optimizer::queue::{ByHand, NewTask, Priority, TaskId, TaskState};
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
