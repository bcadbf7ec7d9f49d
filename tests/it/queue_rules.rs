//! What the queue promises, step by step: whoever lost a lease is refused, whoever claims claims alone, and what is
//! called off stays off. `FAULT_TESTS=long` takes the numbers that hours of work would bring.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rand::RngExt as _;
use resume_optimizer::queue::{
    ByHand, Cancelled, Changed, End, Enqueued, NewTask, Priority, Queue, QueueError, Registry, TaskId,
    TaskState,
};
use resume_optimizer::store::Access as _;
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::deadline::until_async;
use crate::support::ground::{Ground, long, sized};
use crate::support::service::World;

const KIND: &str = "letter";

async fn ground(world: World) -> Ground {
    Ground::of(world, |_| {}).await
}

fn letter() -> NewTask {
    NewTask::new(KIND, json!({ "to": "Mira" }))
}

fn letters(number: usize) -> Vec<NewTask> {
    (0..number).map(|_| letter()).collect()
}

/// The one task that this worker gets.
async fn claimed(hand: &ByHand) -> (TaskId, i64) {
    let taken = hand.claim(&[KIND], 1).await.unwrap();
    (taken[0].id, taken[0].lease_seq)
}

/// Everything that the holder of a lease could do is refused, and leaves the task as it is.
async fn is_refused(ground: &Ground, hand: &ByHand, (id, seq): (TaskId, i64)) {
    let before = timeless(ground, id).await;
    assert_eq!(hand.renew(&[(id, seq)]).await.unwrap(), []);
    assert_eq!(hand.complete(&[(id, seq)]).await.unwrap(), []);
    for end in [End::Retry(Duration::ZERO), End::Release, End::Dead, End::Cancelled] {
        let ended = hand.end(id, seq, end).await;
        assert!(matches!(ended, Err(QueueError::LeaseLost)), "{end:?}: {ended:?}");
    }
    assert_eq!(timeless(ground, id).await, before);
}

async fn timeless(ground: &Ground, id: TaskId) -> (String, usize) {
    let row = crate::support::ground::Row { now_us: 0, ..ground.row(id).await };
    (format!("{row:?}"), ground.queue.history(id).await.unwrap().len())
}

/// Queues in the same database, each with connections of its own where the database has more than one.
async fn queues(ground: &Ground, number: usize) -> Vec<Queue> {
    let mut queues = vec![ground.queue.clone()];
    while queues.len() < number {
        queues.push(ground.another().await.1);
    }
    queues
}

async fn cancel(ground: &Ground, key: &str) -> Cancelled {
    let tx = ground.db.begin().await.unwrap();
    let cancelled = ground.queue.cancel(&tx, KIND, key).await.unwrap();
    tx.commit().await.unwrap();
    cancelled
}

on_both! {
    async fn f11_an_end_counts_once(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        ground.put(&letters(5)).await;
        let lease = claimed(&hand).await;
        assert_eq!(hand.complete(&[lease]).await.unwrap(), [lease]);
        is_refused(&ground, &hand, lease).await;
        for end in [End::Retry(Duration::from_secs(3600)), End::Dead, End::Cancelled] {
            let (id, seq) = claimed(&hand).await;
            hand.end(id, seq, end).await.unwrap();
            is_refused(&ground, &hand, (id, seq)).await;
        }
        let lease = claimed(&hand).await;
        ground.expire(&[lease.0]).await;
        assert_eq!(hand.rescue().await.unwrap(), 1);
        assert_eq!(hand.rescue().await.unwrap(), 0);
        is_refused(&ground, &hand, lease).await;
        assert_eq!(ground.row(lease.0).await.crashes, 1);
    }

    async fn f11_an_old_end_is_refused_after_a_new_claim(world) {
        let ground = ground(world).await;
        let (dead, alive) = (ground.queue.by_hand(), ground.queue.by_hand());
        ground.put(&[letter()]).await;
        let old = claimed(&dead).await;
        ground.expire(&[old.0]).await;
        alive.rescue().await.unwrap();
        let new = claimed(&alive).await;
        assert_eq!((new.0, new.1), (old.0, old.1 + 1));
        is_refused(&ground, &dead, old).await;
        assert_eq!(alive.renew(&[new]).await.unwrap(), [(new.0, new.1, false)]);
        assert_eq!(alive.complete(&[new]).await.unwrap(), [new]);
        is_refused(&ground, &dead, old).await;
    }

    async fn f11_an_old_end_is_refused_after_the_task_was_handed_back_though_the_attempt_is_the_same(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        ground.put(&[letter()]).await;
        let (id, old) = claimed(&hand).await;
        hand.end(id, old, End::Release).await.unwrap();
        let again = hand.claim(&[KIND], 1).await.unwrap();
        assert_eq!((again[0].id, again[0].attempt, again[0].lease_seq), (id, 1, old + 1));
        is_refused(&ground, &hand, (id, old)).await;
        assert_eq!(hand.complete(&[(id, old + 1)]).await.unwrap(), [(id, old + 1)]);
    }

    async fn a_lease_that_ran_out_but_was_not_taken_away_is_still_held(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        ground.put(&letters(2)).await;
        let (renewed, done) = (claimed(&hand).await, claimed(&hand).await);
        ground.expire(&[renewed.0, done.0]).await;
        assert_eq!(hand.renew(&[renewed]).await.unwrap().len(), 1);
        assert_eq!(hand.complete(&[done]).await.unwrap(), [done]);
        assert_eq!(hand.rescue().await.unwrap(), 0);
    }

    // What claims by themselves leave to chance for a moment: a server that crashes then knows nothing of them.
    async fn of_two_owners_of_the_same_number_only_the_one_that_the_database_knows_may_write(world) {
        let ground = ground(world).await;
        let (forgotten, known) = (ground.queue.by_hand(), ground.queue.by_hand());
        let id = ground.put(&[letter()]).await[0];
        let first = claimed(&forgotten).await;
        let as_before = "UPDATE queue_tasks SET state = 'queued', lease_seq = 0, attempt = 0, lease_owner = NULL,
            started_at = NULL, lease_expires_at = NULL, deadline_at = NULL";
        ground.db.writes().execute_unprepared(as_before).await.unwrap();
        let second = claimed(&known).await;
        assert_eq!(first, second, "the same task and number");
        assert!(forgotten.renew(&[first]).await.unwrap().is_empty());
        assert!(forgotten.complete(&[first]).await.unwrap().is_empty());
        let ended = forgotten.end(first.0, first.1, End::Dead).await;
        assert!(matches!(ended, Err(QueueError::LeaseLost)), "{ended:?}");
        assert_eq!(known.renew(&[second]).await.unwrap(), [(id, 1, false)]);
        assert_eq!(known.complete(&[second]).await.unwrap(), [second]);
    }

    // A process that lost a lease may claim the task again while the first attempt has not yet ended.
    async fn the_lease_that_is_held_counts_whatever_other_leases_of_the_task_are_named_beside_it(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        ground.put(&[letter()]).await;
        let (id, old) = claimed(&hand).await;
        ground.expire(&[id]).await;
        ground.queue.by_hand().rescue().await.unwrap();
        let (_, new) = claimed(&hand).await;
        for both in [[(id, old), (id, new)], [(id, new), (id, old)]] {
            assert_eq!(hand.renew(&both).await.unwrap(), [(id, new, false)], "{both:?}");
        }
        assert_eq!(hand.complete(&[(id, new), (id, old)]).await.unwrap(), [(id, new)]);
    }

    async fn f12_every_task_is_claimed_by_exactly_one(world) {
        let ground = ground(world).await;
        let (tasks, claimers) = (sized(2_000, 100_000), sized(8, 64));
        for _ in 0..tasks / 1000 {
            ground.put(&letters(1000)).await;
        }
        // Of a SQLite file, each has one writer, which waits for those of the others.
        let queues = queues(&ground, if ground.on_sqlite() { 4 } else { claimers / 4 }).await;
        let began = Instant::now();
        let claimers = (0..claimers).map(|number| {
            let hand = queues[number % queues.len()].by_hand();
            let crowded = long() && !ground.on_sqlite();
            tokio::spawn(async move {
                let (mut taken, mut done) = (Vec::new(), Vec::new());
                loop {
                    let some = rand::rng().random_range(1..10);
                    let (completed, claimed) = hand.exchange(&done, &[KIND], some).await.unwrap();
                    // Of 64 on two cores, some are in the way of others: that is stepped around, and offered again.
                    assert!(crowded || completed.len() == done.len());
                    done.retain(|lease| !completed.contains(lease));
                    if claimed.is_empty() && done.is_empty() {
                        return taken;
                    }
                    let claimed: Vec<_> = claimed.into_iter().map(|task| (task.id, task.lease_seq)).collect();
                    done.extend(&claimed);
                    taken.extend(claimed);
                }
            })
        });
        let mut times: BTreeMap<TaskId, usize> = BTreeMap::new();
        let mut shares = Vec::new();
        for taken in join_all(claimers).await {
            let taken = taken.unwrap();
            shares.push(taken.len());
            for (id, seq) in taken {
                assert_eq!(seq, 1);
                *times.entry(id).or_default() += 1;
            }
        }
        assert_eq!(times.len(), tasks, "none is left");
        assert!(times.values().all(|times| *times == 1));
        assert_eq!(ground.number("FROM queue_tasks WHERE state = 'completed' AND lease_seq = 1").await, tasks as i64);
        if long() {
            eprintln!(
                "F12: {:?}, {tasks} tasks, {} claimers, {} connections, {:?}; shares from {:?} to {:?}",
                ground.db.backend(), shares.len(), queues.len(), began.elapsed(), shares.iter().min(), shares.iter().max()
            );
        }
    }

    async fn f21_of_an_end_and_a_cancellation_at_the_same_moment_exactly_one_wins(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
        for round in 0..sized(200, 5_000) {
            let key = round.to_string();
            ground.put(&[letter().unique(&key)]).await;
            let (id, seq) = claimed(&hand).await;
            let end = [None, Some(End::Release), Some(End::Dead), Some(End::Retry(Duration::ZERO))][round % 4];
            let ending = async {
                match end {
                    None => assert_eq!(hand.complete(&[(id, seq)]).await.unwrap(), [(id, seq)]),
                    Some(end) => drop(hand.end(id, seq, end).await.unwrap()),
                }
            };
            let ((), cancelled) = if rand::rng().random() {
                tokio::join!(ending, cancel(&ground, &key))
            } else {
                let (cancelled, ()) = tokio::join!(cancel(&ground, &key), ending);
                ((), cancelled)
            };
            let row = ground.row(id).await;
            let should = match end {
                // Done is done, and given up is given up, whatever was asked for meanwhile.
                None => TaskState::Completed,
                Some(End::Dead) => TaskState::Dead,
                Some(_) => TaskState::Cancelled,
            };
            assert_eq!(row.state, should, "{end:?} and {cancelled:?}");
            let open = !matches!(should, TaskState::Completed | TaskState::Dead);
            assert!(!open || cancelled != Cancelled::NotOpen, "{end:?}: it was open all the time");
            assert!(hand.claim(&[KIND], 1).await.unwrap().is_empty());
            assert!(ground.queue.history(id).await.unwrap().len() <= 1);
            *outcomes.entry(format!("{end:?}/{cancelled:?}")).or_default() += 1;
        }
        if long() {
            eprintln!("F21: {:?}, {outcomes:?}", ground.db.backend());
        }
    }

    async fn f21_what_was_called_off_before_its_worker_vanished_is_cancelled(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        let ids = ground.put(&[letter().unique(&"running"), letter().unique(&"waiting")]).await;
        claimed(&hand).await;
        assert_eq!(cancel(&ground, "running").await, Cancelled::Asked);
        assert_eq!(cancel(&ground, "waiting").await, Cancelled::Waiting);
        assert_eq!(cancel(&ground, "nobody").await, Cancelled::NotOpen);
        ground.expire(&ids[..1]).await;
        assert_eq!(hand.rescue().await.unwrap(), 1);
        for id in ids {
            assert_eq!(ground.row(id).await.state, TaskState::Cancelled);
        }
        assert!(hand.claim(&[KIND], 2).await.unwrap().is_empty());
        assert_eq!(cancel(&ground, "running").await, Cancelled::NotOpen);
    }

    async fn a_wish_of_the_operator_that_changes_nothing_leaves_the_task_to_be_claimed(world) {
        let ground = ground(world).await;
        let hand = ground.another().await.1.by_hand();
        for round in 0..50 {
            let id = ground.put(&[letter()]).await[0];
            let changed = ground.queue.retry(&Registry::new(), id).await.unwrap();
            assert_eq!(changed, Changed::Is(TaskState::Queued));
            assert_eq!(hand.claim(&[KIND], 1).await.unwrap().len(), 1, "round {round}");
        }
    }

    async fn while_a_task_with_the_key_is_open_there_is_no_second_one(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        let queues = queues(&ground, 2).await;
        for round in 0..3 {
            let at_once = (0..16).map(|number| queues[number % 2].submit(letter().unique(&"key")));
            let ids: Vec<_> = join_all(at_once).await.into_iter().map(Result::unwrap).collect();
            let new = ids.iter().filter(|enqueued| matches!(enqueued, Enqueued::New(_))).count();
            assert_eq!(new, 1, "round {round}: {ids:?}");
            let same: BTreeSet<_> = ids.iter().map(|(Enqueued::New(id) | Enqueued::Present(id))| *id).collect();
            assert_eq!(same.len(), 1);
            // Another kind's key is another one.
            assert!(matches!(
                queues[0].submit(NewTask::new("parcel", json!({})).unique(&round)).await.unwrap(),
                Enqueued::New(_)
            ));
            let (id, seq) = claimed(&hand).await;
            assert!(matches!(queues[1].submit(letter().unique(&"key")).await.unwrap(), Enqueued::Present(open) if open == id));
            match round {
                0 => drop(hand.complete(&[(id, seq)]).await.unwrap()),
                1 => drop(hand.end(id, seq, End::Dead).await.unwrap()),
                _ => drop(hand.end(id, seq, End::Cancelled).await.unwrap()),
            }
        }
    }

    async fn what_is_put_in_by_a_transaction_that_never_happens_is_not_there(world) {
        let ground = ground(world).await;
        let tx = ground.db.begin().await.unwrap();
        ground.queue.enqueue_all(&tx, &letters(3)).await.unwrap();
        tx.rollback().await.unwrap();
        let tx = ground.db.begin().await.unwrap();
        ground.queue.enqueue(&tx, letter()).await.unwrap();
        drop(tx);
        ground.queue.ring();
        assert!(ground.queue.by_hand().claim(&[KIND], 5).await.unwrap().is_empty());
        assert_eq!(ground.rows().await, []);
    }

    async fn a_payload_that_is_too_large_keeps_no_other_task_out(world) {
        let ground = ground(world).await;
        let large = NewTask::new(KIND, json!("x".repeat(65_535)));
        let fits = NewTask::new(KIND, json!("x".repeat(65_534)));
        let tasks = (0..20).map(|number| if number == 7 { large.clone() } else { fits.clone() });
        let submitted = join_all(tasks.map(|task| ground.queue.submit(task))).await;
        for (number, submitted) in submitted.iter().enumerate() {
            match submitted {
                Err(QueueError::PayloadTooLarge { size: 65_537, limit: 65_536 }) => assert_eq!(number, 7),
                other => assert!(matches!(other, Ok(Enqueued::New(_))), "{other:?}"),
            }
        }
        let tx = ground.db.begin().await.unwrap();
        let all = ground.queue.enqueue_all(&tx, &[letter(), large]).await;
        assert!(matches!(all, Err(QueueError::PayloadTooLarge { .. })));
        drop(tx);
        assert_eq!(ground.rows().await.len(), 19);
    }

    async fn high_goes_before_normal_before_low_and_in_each_the_older_one(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        let mut should = Vec::new();
        for _ in 0..2 {
            for (place, priority) in [(2, Priority::Low), (1, Priority::Normal), (0, Priority::High)] {
                should.push((place, ground.put(&[letter().priority(priority)]).await[0]));
            }
        }
        should.sort();
        let first: BTreeSet<_> = hand.claim(&[KIND], 3).await.unwrap().into_iter().map(|task| task.id).collect();
        assert_eq!(first, should[..3].iter().map(|(_, id)| *id).collect());
        for (_, id) in &should[3..] {
            assert_eq!(claimed(&hand).await.0, *id);
        }
    }

    async fn nothing_starts_before_its_time_by_the_database(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        let delay = Duration::from_millis(700);
        let own = letter().delay(delay).group(&"mira");
        let ids = ground.put(&[letter().delay(delay), own, letter()]).await;
        assert_eq!(claimed(&hand).await.0, ids[2]);
        let later = until_async("its time", || async {
            hand.admit().await.unwrap();
            let taken = hand.claim(&[KIND], 1).await.unwrap();
            (!taken.is_empty()).then_some(taken)
        })
        .await;
        let row = ground.row(later[0].id).await;
        assert!(row.started_us.unwrap() >= row.run_us, "{row:?}");
        let created = ground.row(ids[2]).await.run_us;
        assert!(row.run_us - created >= 700_000, "{row:?}");
    }

    async fn a_group_has_no_more_in_the_common_line_than_its_window_and_limit_allow(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        let many: Vec<_> = (0..1000).map(|_| letter().group(&"mira")).collect();
        for _ in 0..10 {
            ground.put(&many).await;
        }
        let few: Vec<_> = (0..5).map(|_| letter().group(&"jonas").group_limit(2)).collect();
        ground.put(&few).await;
        assert_eq!(hand.admit().await.unwrap(), 32 + 2);
        assert_eq!(hand.admit().await.unwrap(), 0);
        assert_eq!(ground.number("FROM queue_tasks WHERE line_at IS NOT NULL").await, 34);
        // Ten thousand that wait are not in the way of who waits with nobody: those 34 are, and no more.
        ground.put(&letters(5)).await;
        let taken = hand.claim(&[KIND], 40).await.unwrap();
        assert_eq!(taken.len(), 39);
        // While 32 of the one run, 32 more may wait in the common line; of the other none, until one ends.
        assert_eq!(hand.admit().await.unwrap(), 32);
        let jonas = ground.rows_where("group_key = 'jonas' AND state = 'running'").await;
        hand.complete(&[(jonas[0].id, jonas[0].lease_seq)]).await.unwrap();
        assert_eq!(hand.admit().await.unwrap(), 1);
    }

    async fn only_what_ended_long_ago_is_pruned(world) {
        let ground = ground(world).await;
        let hand = ground.queue.by_hand();
        let day = Duration::from_secs(86_400);
        ground.put(&letters(9)).await;
        let taken = hand.claim(&[KIND], 8).await.unwrap();
        for (number, task) in taken.iter().enumerate() {
            match number {
                0 | 1 => drop(hand.complete(&[(task.id, task.lease_seq)]).await.unwrap()),
                2 | 3 => drop(hand.end(task.id, task.lease_seq, End::Dead).await.unwrap()),
                4 | 5 => drop(hand.end(task.id, task.lease_seq, End::Cancelled).await.unwrap()),
                6 => drop(hand.end(task.id, task.lease_seq, End::Retry(Duration::ZERO)).await.unwrap()),
                _ => {}
            }
        }
        let old: Vec<_> = [0, 2, 4].map(|number| taken[number].id).into();
        let earlier = if ground.on_sqlite() { "finished_at - 86400000" } else { "finished_at - interval '1 day'" };
        ground.run_sql(&format!("UPDATE queue_tasks SET finished_at = {earlier} WHERE id IN ({})", ground.literals(&old))).await;
        // What still is open is of no age, however long ago it was put in.
        let all: Vec<_> = ground.rows().await.into_iter().map(|row| row.id).collect();
        ground.set_past("created_at", &all).await;
        for end in [TaskState::Completed, TaskState::Dead, TaskState::Cancelled] {
            assert_eq!(ground.queue.prune(end, day).await.unwrap(), 1, "{end:?}");
            assert_eq!(ground.queue.prune(end, day).await.unwrap(), 0, "{end:?}");
        }
        let left: BTreeSet<_> = ground.rows().await.into_iter().map(|row| row.id).collect();
        assert_eq!(left.len(), 6);
        assert!(old.iter().all(|id| !left.contains(id)));
        assert_eq!(ground.number("FROM queue_attempts").await, 3, "its history goes with it");
    }
}

// While its statement waits for one row, another one that it saw waiting is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_a_group_leaves_what_was_started_or_done_meanwhile() {
    for done in [true, false] {
        let ground = ground(World::on_postgresql().await).await;
        let hand = ground.queue.by_hand();
        ground.put(&[letter().group(&"mira"), letter().group(&"mira")]).await;
        hand.admit().await.unwrap();
        let first = ground.rows().await[0].id;
        let held = ground.hold(first).await;
        let cancelling = cancelling(&ground, "mira");
        ground.until_waiting(1).await;
        let (second, seq) = claimed(&hand).await;
        if done {
            assert_eq!(hand.complete(&[(second, seq)]).await.unwrap().len(), 1);
        }
        held.commit().await.unwrap();
        assert_eq!(cancelling.await.unwrap().unwrap(), if done { 1 } else { 2 });
        assert_eq!(ground.row(first).await.state, TaskState::Cancelled);
        let row = ground.row(second).await;
        let should = if done { TaskState::Completed } else { TaskState::Running };
        assert_eq!((row.state, row.cancel_requested), (should, !done));
    }
}

/// Cancels that group meanwhile.
fn cancelling(ground: &Ground, group: &'static str) -> JoinHandle<Result<u64, QueueError>> {
    let (queue, db) = (ground.queue.clone(), ground.db.clone());
    tokio::spawn(async move {
        let tx = db.begin().await?;
        let cancelled = queue.cancel_group(&tx, group).await?;
        tx.commit().await?;
        Ok(cancelled)
    })
}
