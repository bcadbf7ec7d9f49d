//! Rows that somebody keeps locked, and clocks that jump: neither costs any other task anything.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use resume_optimizer::queue::{
    ByHand, End, Enqueued, Handler, NewTask, QueueError, Registry, TaskId, TaskState,
};
use resume_optimizer::store::Access as _;
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tokio::sync::Notify;

use crate::support::ground::{Ground, Started, does, notes, sized, within};
use crate::support::service::World;

const KIND: &str = "letter";
const OTHER: &str = "parcel";
/// Much less than a lease, much more than a loaded machine needs.
const SOON: Duration = Duration::from_secs(15);

async fn ground(world: World) -> Ground {
    Ground::of(world, |queue| {
        (queue.concurrency, queue.poll_ms, queue.drain_seconds) = (4, 100, 0);
        (queue.lease_seconds, queue.heartbeat_seconds) = (600, 1);
    })
    .await
}

fn letters(number: usize, group: &str) -> Vec<NewTask> {
    (0..number).map(|_| NewTask::new(KIND, json!({})).group(&group)).collect()
}

async fn claimed(hand: &ByHand, most: usize) -> Vec<(TaskId, i64)> {
    hand.admit().await.unwrap();
    let taken = hand.claim(&[KIND], most).await.unwrap();
    taken.into_iter().map(|task| (task.id, task.lease_seq)).collect()
}

/// A handler that ends when it is told to.
fn waits_for(told: &Arc<Notify>) -> impl Handler {
    let told = Arc::clone(told);
    does(move |_| {
        let told = Arc::clone(&told);
        async move {
            told.notified().await;
            Ok(())
        }
    })
}

async fn cancel_group(ground: &Ground, group: &str) -> Result<u64, QueueError> {
    let tx = ground.db.begin().await?;
    let cancelled = ground.queue.cancel_group(&tx, group).await?;
    tx.commit().await?;
    Ok(cancelled)
}

/// Puts tasks in, in a transaction of their own.
async fn put(ground: &Ground, tasks: &[NewTask]) -> Result<Vec<Enqueued>, QueueError> {
    let tx = ground.db.begin().await?;
    let enqueued = ground.queue.enqueue_all(&tx, tasks).await?;
    tx.commit().await?;
    Ok(enqueued)
}

async fn limit_group(ground: &Ground, group: &str, limit: u32) -> Result<(), QueueError> {
    let tx = ground.db.begin().await?;
    ground.queue.limit_group(&tx, group, Some(limit)).await?;
    tx.commit().await?;
    Ok(())
}

// On SQLite nobody locks a row: whoever writes has the file to himself for a moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_kept_locked_costs_no_other_task_its_lease() {
    let ground = ground(World::on_postgresql().await).await;
    let hand = ground.queue.by_hand();
    ground.put(&letters(3, "mira")).await;
    let leases = claimed(&hand, 3).await;
    let ids: Vec<_> = leases.iter().map(|(id, _)| *id).collect();
    ground.expire(&ids).await;
    let held = ground.hold(ids[1]).await;
    let renewed = within(SOON, "a heartbeat beside a locked row", hand.renew(&leases)).await.unwrap();
    assert_eq!(renewed.len(), 3, "a lease that cannot be renewed now is not lost");
    assert_eq!(hand.rescue().await.unwrap(), 0, "two were renewed, and nobody can take the third");
    held.rollback().await.unwrap();
    assert_eq!(hand.rescue().await.unwrap(), 1);
    assert_eq!(ground.row(ids[1]).await.state, TaskState::Queued);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_done_row_that_is_kept_locked_holds_up_no_other_end_and_no_other_task() {
    let ground = ground(World::on_postgresql().await).await;
    let first = ground.put(&[NewTask::new(OTHER, json!({}))]).await[0];
    let (may_end, started) = (Arc::new(Notify::new()), Started::default());
    let worker = ground.work(Registry::new().on(OTHER, waits_for(&may_end)).on(KIND, notes(&started)));
    ground.until_state(first, TaskState::Running).await;
    let held = ground.hold(first).await;
    may_end.notify_one();
    let others: Vec<_> = (0..200).map(|_| NewTask::new(KIND, json!({}))).collect();
    ground.put(&others).await;
    within(SOON, "the end of all others", async {
        let completed = "FROM queue_tasks WHERE state = 'completed'";
        while ground.number(completed).await < 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(ground.row(first).await.state, TaskState::Running);
    held.rollback().await.unwrap();
    within(SOON, "its own end", ground.until_state(first, TaskState::Completed)).await;
    assert_eq!(ground.row(first).await.lease_seq, 1);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_completed_for_a_lock_makes_no_room_for_another() {
    let ground = ground(World::on_postgresql().await).await;
    let hand = ground.queue.by_hand().apart();
    ground.put(&letters(8, "mira")).await;
    let leases = claimed(&hand, 2).await;
    let held = ground.hold(leases[0].0).await;
    for _ in 0..2 {
        let (completed, taken) = hand.exchange(&leases[..1], &[KIND], 0).await.unwrap();
        assert_eq!((completed.len(), taken.len()), (0, 0));
    }
    let (completed, taken) = hand.exchange(&leases, &[KIND], 0).await.unwrap();
    assert_eq!((completed, taken.len()), (vec![leases[1]], 1));
    held.rollback().await.unwrap();
    assert_eq!(hand.complete(&leases).await.unwrap(), leases[..1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_let_in_while_the_group_is_cancelled_is_cancelled_too() {
    let ground = ground(World::on_postgresql().await).await;
    ground.put(&letters(12, "mira")).await;
    // Past tasks, and numbers of how many, so that statements are planned as they are in service.
    let past = "INSERT INTO queue_tasks (id, kind, state, group_key, payload, run_at, created_at, finished_at)
        SELECT gen_random_uuid(), 'letter', 'cancelled', 'jonas', '{}', now(), now(), now() FROM generate_series(1, 3600)";
    ground.run_sql(past).await;
    ground.run_sql("ANALYZE queue_tasks").await;
    let letting_in = ground.db.begin().await.unwrap();
    let lets_in = "UPDATE queue_tasks SET line_at = now() WHERE group_key = 'mira'";
    letting_in.writes().execute_unprepared(lets_in).await.unwrap();
    let (cancelled, ()) = tokio::join!(cancel_group(&ground, "mira"), async {
        ground.until_waiting(1).await;
        letting_in.commit().await.unwrap();
    });
    assert_eq!(cancelled.unwrap(), 12);
}

on_both! {
    async fn whoever_cancels_a_group_misses_nobody_that_is_claimed_or_handed_back_meanwhile(world) {
        let ground = ground(world).await;
        for round in 0..sized(15, 500) {
            let group = format!("group {round}");
            let ids = ground.put(&letters(12, &group)).await;
            let hand = ground.queue.by_hand();
            let first = claimed(&hand, 4).await;
            let claiming = async { claimed(&hand, 4).await };
            let handing_back = async {
                for (id, seq) in &first {
                    hand.end(*id, *seq, End::Release).await.unwrap();
                }
            };
            let (cancelled, second, ()) = tokio::join!(cancel_group(&ground, &group), claiming, handing_back);
            assert_eq!(cancelled.unwrap(), 12, "round {round}");
            // Some of the first may have been claimed again.
            for (id, seq) in second {
                assert_eq!(hand.end(id, seq, End::Retry(Duration::ZERO)).await.unwrap(), TaskState::Cancelled);
            }
            for id in ids {
                assert_eq!(ground.row(id).await.state, TaskState::Cancelled, "round {round}");
            }
        }
    }

    async fn heartbeats_ends_and_the_cancelling_of_their_group_never_wait_for_each_other_in_a_ring(world) {
        let ground = ground(world).await;
        let began = Instant::now();
        for round in 0..sized(10, 100) {
            let group = format!("group {round}");
            let hand = ground.queue.by_hand();
            ground.put(&letters(30, &group)).await;
            let leases = claimed(&hand, 30).await;
            let (to_end, kept) = leases.split_at(10);
            let backwards: Vec<_> = leases.iter().rev().copied().collect();
            let beating = join_all([&leases, &backwards].map(|leases| hand.renew(leases)));
            let ending = join_all(to_end.iter().map(|(id, seq)| hand.end(*id, *seq, End::Dead)));
            let (beaten, cancelled, ended, completed) =
                tokio::join!(beating, cancel_group(&ground, &group), ending, hand.complete(kept));
            // Whatever the database has to break up is an error that one of them would get.
            assert!(beaten.iter().all(Result::is_ok), "{beaten:?}");
            assert!(ended.iter().all(Result::is_ok), "{ended:?}");
            assert!(cancelled.is_ok() && completed.is_ok(), "{cancelled:?} {completed:?}");
        }
        assert!(began.elapsed() < 4 * SOON, "{:?}", began.elapsed());
    }

    async fn changes_of_a_whole_group_never_wait_for_each_other_in_a_ring(world) {
        let ground = ground(world).await;
        for round in 0..sized(10, 100) {
            let group = format!("group {round}");
            let hand = ground.queue.by_hand();
            ground.put(&letters(60, &group)).await;
            claimed(&hand, 20).await;
            let limiting = join_all((1..5).map(|limit| limit_group(&ground, &group, limit)));
            let cancelling = join_all((0..3).map(|_| cancel_group(&ground, &group)));
            let (limited, cancelled) = tokio::join!(limiting, cancelling);
            assert!(limited.iter().all(Result::is_ok), "{limited:?}");
            assert!(cancelled.iter().all(Result::is_ok), "{cancelled:?}");
        }
    }

    async fn whoever_puts_the_same_keys_in_in_another_order_waits_in_no_ring(world) {
        let ground = ground(world).await;
        for round in 0..sized(5, 50) {
            let tasks: Vec<_> =
                (0..300).map(|key| NewTask::new(KIND, json!({})).unique(&format!("{round} {key}"))).collect();
            let backwards: Vec<_> = tasks.iter().rev().cloned().collect();
            let (one, other) = tokio::join!(put(&ground, &tasks), put(&ground, &backwards));
            let (one, mut other) = (one.unwrap(), other.unwrap());
            other.reverse();
            let id = |found: &Enqueued| match found {
                Enqueued::New(id) | Enqueued::Present(id) => *id,
            };
            let ids = |found: &[Enqueued]| found.iter().map(id).collect::<Vec<_>>();
            assert_eq!(ids(&one), ids(&other), "each key has one task, and the answers are in the order asked in");
            let is_new = |found: &&Enqueued| matches!(found, Enqueued::New(_));
            assert_eq!(one.iter().chain(&other).filter(is_new).count(), 300);
        }
    }

    async fn a_machine_that_slept_for_an_hour_goes_on_with_what_it_was_at(world) {
        let ground = Ground::of(world, |queue| {
            (queue.concurrency, queue.poll_ms) = (4, 100);
            (queue.lease_seconds, queue.heartbeat_seconds) = (3, 1);
        })
        .await;
        let id = ground.put(&[NewTask::new(KIND, json!({}))]).await[0];
        let may_end = Arc::new(Notify::new());
        let worker = ground.work(Registry::new().on(KIND, waits_for(&may_end)));
        ground.until_state(id, TaskState::Running).await;
        // As the database's clock has it afterwards: every time that was in the future is over.
        ground.expire(&[id]).await;
        ground.set_past("deadline_at", &[id]).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(ground.row(id).await.state, TaskState::Running);
        may_end.notify_one();
        let row = within(SOON, "its end", ground.until_state(id, TaskState::Completed)).await;
        assert_eq!((row.lease_seq, row.crashes), (1, 0));
        worker.stop().await;
    }
}

// As after a step of the database's clock, or when a transaction took an hour to commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_stands_far_before_the_place_of_a_worker_is_all_found_by_one_look() {
    let ground = ground(World::on_postgresql().await).await;
    let hand = ground.queue.by_hand().placed();
    let letters = |number: usize| -> Vec<_> { (0..number).map(|_| NewTask::new(KIND, json!({}))).collect() };
    ground.put(&letters(2)).await;
    claimed(&hand, 1).await;
    let early = ground.put(&letters(60)).await;
    let early = ground.literals(&early);
    let an_hour_ago =
        format!("UPDATE queue_tasks SET line_at = line_at - interval '1 hour' WHERE id IN ({early})");
    ground.db.writes().execute_unprepared(&an_hour_ago).await.unwrap();
    claimed(&hand, 1).await;
    assert!(hand.claim(&[KIND], 5).await.unwrap().is_empty(), "not looked for yet");
    tokio::time::sleep(Duration::from_millis(10_200)).await;
    let began = Instant::now();
    for _ in 0..12 {
        assert_eq!(hand.claim(&[KIND], 5).await.unwrap().len(), 5);
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
