//! Many at once, each at random: afterwards every lease was claimed once and ended once, and nobody was told of an error.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use resume_optimizer::queue::{End, NewTask, Queue, QueueError, Registry, TaskId, TaskState};
use resume_optimizer::store::Db;
use serde_json::json;

use crate::support::ground::{Ground, long, sized};

const KIND: &str = "letter";
const GROUPS: [&str; 3] = ["mira", "jonas", "ada"];
const LIMIT: u32 = 3;

/// What happened, as those were told who did it.
#[derive(Default)]
struct Ledger {
    claimed: BTreeSet<(TaskId, i64)>,
    completed: BTreeSet<(TaskId, i64)>,
    ended: BTreeSet<(TaskId, i64)>,
    errors: BTreeMap<String, usize>,
}

/// One who does whatever comes to mind.
struct Actor {
    db: Db,
    queue: Queue,
    hand: resume_optimizer::queue::ByHand,
    ledger: Arc<Mutex<Ledger>>,
    random: StdRng,
    held: Vec<(TaskId, i64)>,
    /// Leases that were held once.
    old: Vec<(TaskId, i64)>,
    /// What it does now.
    does: u32,
}

impl Actor {
    async fn act(&mut self, ground: &Ground) -> Result<(), QueueError> {
        self.does = self.random.random_range(0..100);
        match self.does {
            0..22 => {
                let tasks: Vec<_> = (0..self.random.random_range(1..4)).map(|_| self.task()).collect();
                let tx = self.db.begin().await?;
                self.queue.enqueue_all(&tx, &tasks).await?;
                tx.commit().await?;
            }
            22..34 => drop(self.hand.admit().await?),
            34..64 => {
                let done: Vec<_> = if self.random.random() { self.some(3) } else { Vec::new() };
                let (completed, taken) =
                    self.hand.exchange(&done, &[KIND], self.random.random_range(0..6)).await?;
                let mut ledger = self.ledger.lock().unwrap();
                for lease in completed {
                    assert!(ledger.completed.insert(lease), "completed twice: {lease:?}");
                }
                for lease in taken.iter().map(|task| (task.id, task.lease_seq)) {
                    assert!(ledger.claimed.insert(lease), "claimed twice: {lease:?}");
                    self.held.push(lease);
                }
            }
            64..72 => drop(self.hand.renew(&self.held).await?),
            72..84 => {
                let ends = [End::Retry(Duration::ZERO), End::Release, End::Dead, End::Cancelled];
                let end = *ends.choose(&mut self.random).unwrap();
                for (id, seq) in self.some(1) {
                    match self.hand.end(id, seq, end).await {
                        Ok(_) => assert!(self.ledger.lock().unwrap().ended.insert((id, seq)), "ended twice"),
                        Err(QueueError::LeaseLost) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            84..88 => {
                let lost: Vec<_> = self.some(1).into_iter().map(|(id, _)| id).collect();
                if !lost.is_empty() {
                    // Only what runs has a lease.
                    let running = format!("id IN ({}) AND state = 'running'", ground.literals(&lost));
                    ground.set_past_where("lease_expires_at", &running).await;
                }
            }
            88..92 => drop(self.hand.rescue().await?),
            92..94 => {
                let group = *GROUPS.choose(&mut self.random).unwrap();
                let tx = self.db.begin().await?;
                match self.queue.cancel_group(&tx, group).await {
                    Ok(_) => tx.commit().await?,
                    // Of two that wait for each other PostgreSQL ends one, which asks again.
                    Err(error) if error.is_transient() => tx.rollback().await?,
                    Err(error) => return Err(error),
                }
            }
            94 => {
                let group = *GROUPS.choose(&mut self.random).unwrap();
                let tx = self.db.begin().await?;
                self.queue.limit_group(&tx, group, Some(LIMIT)).await?;
                tx.commit().await?;
            }
            95 | 96 => {
                if let Some((id, _)) = self.old.choose(&mut self.random) {
                    self.queue.cancel_task(&Registry::new(), *id).await?;
                }
            }
            _ => {
                if let Some((id, _)) = self.old.choose(&mut self.random) {
                    match self.queue.retry(&Registry::new(), *id).await {
                        Err(error) if error.to_string().contains("already") => {}
                        other => drop(other?),
                    }
                }
            }
        }
        Ok(())
    }

    fn task(&mut self) -> NewTask {
        let task = NewTask::new(KIND, json!({}));
        match self.random.random_range(0..4) {
            0 => task.unique(&self.random.random_range(0..10)),
            1 => task,
            _ => task.group(GROUPS.choose(&mut self.random).unwrap()).group_limit(LIMIT),
        }
    }

    /// Leases to end: those that it holds, and at times one that it held before.
    fn some(&mut self, most: usize) -> Vec<(TaskId, i64)> {
        if self.random.random_bool(0.1) {
            return self.old.choose(&mut self.random).copied().into_iter().collect();
        }
        let some = self.random.random_range(1..=most).min(self.held.len());
        let some: BTreeMap<_, _> = self.held.drain(..some).collect();
        self.old.extend(some.clone());
        if self.old.len() > 50 {
            self.old.drain(..25);
        }
        some.into_iter().collect()
    }
}

on_both! {
    async fn f26_in_a_storm_every_lease_is_claimed_once_and_ends_once(world) {
        let ground = Arc::new(Ground::of(world, |queue| {
            (queue.lease_seconds, queue.retry_base_seconds, queue.max_crashes) = (3600, 0, 3);
        }).await);
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let (actors, steps) = (sized(8, 16), sized(80, 5_000));
        let seed: u64 = rand::rng().random();
        eprintln!("seed {seed}");
        let began = Instant::now();
        let mut acting = Vec::new();
        for number in 0..actors {
            let (db, queue) = ground.another().await;
            let mut actor = Actor {
                hand: queue.by_hand(),
                db,
                queue,
                ledger: Arc::clone(&ledger),
                random: StdRng::seed_from_u64(seed + number as u64),
                held: Vec::new(),
                old: Vec::new(),
                does: 0,
            };
            let ground = Arc::clone(&ground);
            acting.push(tokio::spawn(async move {
                for _ in 0..steps {
                    if let Err(error) = actor.act(&ground).await {
                        let error = format!("{}: {error}", actor.does);
                        *actor.ledger.lock().unwrap().errors.entry(error).or_default() += 1;
                    }
                }
            }));
        }
        let storm = tokio::spawn(join_all(acting));
        while !storm.is_finished() {
            let crowded = ground
                .number("FROM (SELECT 1 AS one FROM queue_tasks WHERE state IN ('queued', 'running')
                     AND line_at IS NOT NULL AND group_key IS NOT NULL GROUP BY group_key HAVING count(*) > 3) AS groups")
                .await;
            assert_eq!(crowded, 0, "more of a group than its limit");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for acted in storm.await.unwrap() {
            acted.unwrap();
        }
        let ledger = std::mem::take(&mut *ledger.lock().unwrap());
        assert!(ledger.errors.is_empty(), "{:?}", ledger.errors);
        let mut ends: BTreeMap<TaskId, BTreeSet<i64>> = BTreeMap::new();
        for row in ground.select("SELECT task_id, lease_seq FROM queue_attempts").await {
            let (id, seq) = (TaskId(row.try_get("", "task_id").unwrap()), row.try_get("", "lease_seq").unwrap());
            assert!(ends.entry(id).or_default().insert(seq));
        }
        assert!(ledger.ended.iter().all(|(id, seq)| ends[id].contains(seq)), "each end is in the history");
        for (id, seq) in &ledger.completed {
            assert!(ends.entry(*id).or_default().insert(*seq), "{id} was completed and ended otherwise");
        }
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for row in ground.rows().await {
            let over = row.lease_seq - i64::from(row.state == TaskState::Running);
            let ended = ends.remove(&row.id).unwrap_or_default();
            assert!(ended.into_iter().eq(1..=over), "each lease ended once: {row:?}");
            assert!((1..=row.lease_seq).all(|seq| ledger.claimed.contains(&(row.id, seq))), "{row:?}");
            *states.entry(row.state.as_str()).or_default() += 1;
        }
        if long() {
            eprintln!(
                "F26: {:?}, {actors} at once, {} steps in {:?}: {} claims, {} completed, {} ended otherwise, {states:?}",
                ground.db.backend(), actors * steps, began.elapsed(), ledger.claimed.len(), ledger.completed.len(), ledger.ended.len()
            );
        }
    }
}
