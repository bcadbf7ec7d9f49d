//! A network that loses what it carries: between one worker and PostgreSQL, in one direction, or for one answer.

use std::time::{Duration, Instant};

use resume_optimizer::queue::NewTask;
use resume_optimizer::telemetry::metrics::{QUEUE_LISTENER, QUEUE_STALE};
use serde_json::json;

use crate::queue::deeds::Told;
use crate::queue::proxy::Proxy;
use crate::queue::rig::{Rig, within};
use crate::queue::worker::{Conditions, Worker};
use crate::queue::{either, figures, long};
use crate::support::postgres::Postgres;

/// What a loaded machine may take for what takes no time.
const SLACK: Duration = Duration::from_secs(4);

/// What a process may need to come to what is due, beyond the time that it is due after.
const SCHEDULING: Duration = Duration::from_secs(1);
/// When a listener that hears nothing is told of: it is asked after 10 s, and has 5 s to answer.
const NOTICED: Duration = Duration::from_secs(15);

/// Conditions of a worker that reaches its database only through the proxy.
pub(super) fn through(proxy: &Proxy, rig: &Rig) -> Conditions {
    Conditions { url: proxy.url(&rig.conditions.url), ..rig.conditions.clone() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_what_a_worker_does_that_is_cut_off_is_done_by_another_and_counts_once() {
    let rig = Rig::on_postgresql().await;
    let proxy = Proxy::to(Postgres::shared().port());
    let mut cut_off = Worker::start(&through(&proxy, &rig));
    let lease = u64::try_from(rig.conditions.lease().as_millis()).unwrap();
    let mut ids = Vec::new();
    for _ in 0..either(2, 4) {
        ids.push(rig.put_for("stubborn", lease * 3 / 2).await);
    }
    let careful = rig.put_for("careful", lease * 20).await;
    // It does not listen, and is stopped all the same.
    let deaf = rig.put_for("deaf", lease * 20).await;
    for id in ids.iter().chain([&careful, &deaf]) {
        assert_eq!(rig.happened(*id, 1, "start").await.pid, cut_off.pid());
    }
    let others = [rig.worker(), rig.worker()];
    proxy.hold();
    let held = rig.now().await;
    // Nobody needs the careful one to last that long once another has it.
    rig.sql("UPDATE queue_tasks SET payload = '{\"ms\": 1}' WHERE kind IN ('careful', 'deaf')").await;
    let mut longest = 0;
    for id in ids.iter().chain([&careful, &deaf]) {
        let again = rig.happened(*id, 2, "start").await;
        assert!(others.iter().any(|other| other.pid() == again.pid));
        longest = longest.max(again.at - held);
    }
    let limit = rig.conditions.lease() + either(SLACK, Duration::from_secs(2));
    assert!(u128::try_from(longest).unwrap() <= limit.as_millis(), "{longest} ms");
    within(rig.conditions.lease() * 5, "leases without a network", || async {
        (rig.now().await - held > i64::try_from(lease * either(2, 4)).unwrap()).then_some(())
    })
    .await;
    proxy.release();
    for id in &ids {
        assert_eq!(rig.happened(*id, 1, "refused").await.pid, cut_off.pid());
    }
    rig.all_ended(Duration::from_secs(60)).await;
    let states = rig.invariants().await;
    assert!(cut_off.is_alive(), "I6");
    // Each of them, whether its end was refused or it was stopped before it could be.
    let late = f64::from(u32::try_from(ids.len() + 2).unwrap());
    let stale = within(SLACK, "the count of every late end", || async {
        cut_off.counted(QUEUE_STALE).filter(|stale| *stale >= late)
    })
    .await;

    let log = cut_off.log();
    let mut early = i64::MAX;
    for (kind, id) in [("careful", careful), ("deaf", deaf)] {
        let stopped = format!("stopped {kind} {id} Some(LeaseLost) ");
        let stopped: i64 = log.lines().find_map(|line| line.strip_prefix(&stopped)).unwrap().parse().unwrap();
        early = early.min(rig.happened(id, 2, "start").await.at - stopped);
    }
    assert!(early > 0, "one that must not run twice stopped {} ms after the other began", -early);
    figures(
        "F6",
        &format!(
            "done by another after {longest} ms, {} late ends refused, {stale} counted, what must not run twice stopped {early} ms before, {states:?}",
            ids.len()
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f07_an_ear_that_hears_nothing_any_more_is_noticed_and_replaced() {
    let rig = Rig::on_postgresql().await;
    let proxy = Proxy::to(Postgres::shared().port());
    let poll = Duration::from_secs(2);
    let conditions = Conditions { poll_ms: 2000, ..through(&proxy, &rig) };
    let worker = Worker::start(&conditions);
    let hears = || async { (proxy.ears() == 1).then_some(()) };
    within(Duration::from_secs(60), "an ear", hears).await;
    let pick_up = async || {
        let began = Instant::now();
        let id = rig.put_for("noop", 0).await;
        rig.happened(id, 1, "queued>running").await;
        began.elapsed()
    };
    let heard = pick_up().await;
    assert_eq!(proxy.deafen(), 1);
    let deafened = Instant::now();
    let polled = pick_up().await;
    assert!(polled < poll + either(SLACK, SCHEDULING), "{polled:?}");
    if !long() {
        // It takes a quarter of a minute until that is noticed.
        figures("F7", &format!("picked up in {} ms, deaf in {} ms", heard.as_millis(), polled.as_millis()));
        return;
    }
    let up = async |wanted: f64| {
        within(NOTICED * 2, "news of the listener", || async {
            worker.counted(QUEUE_LISTENER).filter(|up| *up == wanted)
        })
        .await;
    };
    up(0.0).await;
    let noticed = deafened.elapsed();
    assert!(noticed <= NOTICED + SCHEDULING, "{noticed:?}");
    proxy.let_hear();
    within(Duration::from_secs(15), "another ear", hears).await;
    let replaced = deafened.elapsed();
    up(1.0).await;
    let mut again = Vec::new();
    for _ in 0..3 {
        again.push(pick_up().await);
    }
    let again = *again.iter().min().unwrap();
    assert!(again < poll / 2, "the new ear hears nothing: {again:?}");
    rig.all_ended(Duration::from_secs(60)).await;
    rig.invariants().await;
    let [heard, polled, noticed, replaced, again] =
        [heard, polled, noticed, replaced, again].map(|time| time.as_millis());
    figures(
        "F7",
        &format!(
            "picked up in {heard} ms, deaf in {polled} ms, told of after {noticed} ms, heard again after {replaced} ms in {again} ms"
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f24_a_claim_whose_answer_is_lost_is_handed_back_uncharged() {
    let rig = Rig::on_postgresql().await;
    let proxy = Proxy::to(Postgres::shared().port());
    let mut worker = Worker::start(&through(&proxy, &rig));
    let mut longest = 0;
    for round in 0..either(2, 20) {
        let mark = format!("swallow number {round}");
        proxy.swallow(mark.as_bytes(), 0);
        let id = rig.put("noop", Told { mark, ..Told::default() }).await;
        let claimed = rig.happened(id, 1, "queued>running").await.at;
        let back = rig.happened(id, 1, "running>queued").await.at;
        longest = longest.max(back - claimed);
        rig.happened(id, 2, "running>completed").await;
        assert_eq!(proxy.swallowed(), round + 1);
        let row = rig.row(id).await;
        assert_eq!((row.attempt, row.crashes), (1, 0), "{row:?}");
    }
    let limit = rig.conditions.lease() + either(SLACK, Duration::ZERO);
    assert!(u128::try_from(longest).unwrap() < limit.as_millis(), "{longest} ms");
    let released = rig.number("SELECT count(*) FROM queue_attempts WHERE outcome = 'released'").await;
    assert_eq!(released, i64::try_from(proxy.swallowed()).unwrap());
    rig.invariants().await;
    assert!(worker.is_alive(), "I6");
    figures("F24", &format!("{released} answers lost, handed back after {longest} ms at most"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f23_an_end_whose_answer_is_lost_is_written_once_and_frees_its_slot() {
    let mut rig = Rig::on_postgresql().await;
    rig.conditions.slots = 1;
    let proxy = Proxy::to(Postgres::shared().port());
    let mut worker = Worker::start(&through(&proxy, &rig));
    for round in 0..either(2, 20) {
        // Later, so that the trap is there before anything is said of it.
        let told = json!(Told { ms: 100, ..Told::default() });
        let id = rig.submit(NewTask::new("sleep", told).delay(Duration::from_secs(1))).await.unwrap();
        // The second answer about it: the first is its claim's, and it is too short for a heartbeat.
        proxy.swallow(id.0.as_bytes(), 1);
        rig.happened(id, 1, "running>completed").await;
        within(Duration::from_secs(10), "the loss of the answer", || async {
            (proxy.swallowed() > round).then_some(())
        })
        .await;
        let next = rig.put_for("noop", 0).await;
        rig.happened(next, 1, "running>completed").await;
        assert_eq!(rig.row(id).await.lease_seq, 1);
    }
    rig.invariants().await;
    assert!(worker.is_alive(), "I6");
    assert!(!worker.log().contains("the lease was lost"), "what was written is known to be written");
    figures("F23", &format!("{} answers lost, every slot free again", proxy.swallowed()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f23_an_end_that_cannot_be_written_is_tried_again_while_heartbeats_go_on() {
    let failures = either(4, 10);
    let rig = Rig::on_postgresql().await;
    // A sequence does not go back with its transaction: so many fail, then all succeed.
    rig.sql(&format!(
        "CREATE SEQUENCE hurdles;
         CREATE FUNCTION hurdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('hurdles') <= {failures} THEN RAISE EXCEPTION 'not yet' USING ERRCODE = '57014'; END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER hurdle BEFORE UPDATE OF state ON queue_tasks FOR EACH ROW
             WHEN (NEW.state = 'completed') EXECUTE FUNCTION hurdle();"
    ))
    .await;
    let mut worker = rig.worker();
    let long = rig.put_for("sleep", 4000).await;
    rig.happened(long, 1, "start").await;
    let short = rig.put_for("noop", 0).await;
    let began = Instant::now();
    rig.happened(short, 1, "running>completed").await;
    let took = began.elapsed();
    rig.all_ended(Duration::from_secs(120)).await;
    rig.invariants().await;
    assert!(rig.rows().await.unwrap().values().all(|row| row.lease_seq == 1), "a lease was lost");
    assert!(rig.number("SELECT last_value FROM hurdles").await > failures);
    assert!(worker.is_alive(), "I6");
    figures("F23", &format!("{failures} failures, then written after {} ms", took.as_millis()));
}
