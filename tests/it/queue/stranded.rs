//! Connections that die without a sound, as behind a firewall that forgot them: whoever asks on one waits for ever.

use std::time::{Duration, Instant};

use resume_optimizer::queue::{NewTask, TaskId};
use serde_json::json;

use crate::queue::network::through;
use crate::queue::proxy::Proxy;
use crate::queue::rig::{Rig, within};
use crate::queue::worker::{Conditions, Worker};
use crate::queue::{either, figures};
use crate::support::postgres::Postgres;
use crate::support::service::World;

/// Until everything goes on that went on before.
const RECOVERY: Duration = Duration::from_secs(30);
/// So many answers one after the other say that all connections work.
const ROW: usize = 5;

/// Puts a task in that somebody claimed and left.
async fn left(rig: &Rig) -> TaskId {
    let later = NewTask::new("noop", json!({})).delay(Duration::from_secs(3600));
    let id = rig.submit(later).await.unwrap();
    rig.sql(&format!(
        "UPDATE queue_tasks SET state = 'running', attempt = 1, lease_seq = 1, lease_owner = gen_random_uuid(),
             started_at = now(), lease_expires_at = now() - interval '1 second', deadline_at = now() + interval '1 hour'
         WHERE id = '{id}'"
    ))
    .await;
    id
}

/// How long until the schedule has ticked, and what came of it has been done, once more than now.
async fn ticks(rig: &Rig) -> Duration {
    let began = Instant::now();
    let done = "SELECT count(*) FROM queue_tasks WHERE unique_key = 'beat' AND state = 'completed'";
    let before = rig.number(done).await;
    within(RECOVERY, "a tick", || async { (rig.number(done).await > before).then_some(()) }).await;
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_a_worker_whose_connections_die_without_a_sound_goes_on_by_others() {
    let mut rig = Rig::on_postgresql().await;
    rig.conditions.lease = 6;
    let proxy = Proxy::to(Postgres::shared().port());
    let beat = ("beat".to_owned(), "* * * * * *".to_owned(), true);
    let conditions = Conditions { schedules: vec![beat], ..through(&proxy, &rig) };
    let mut worker = Worker::start(&conditions);
    // Past the end of the leases that they have at the cut.
    let ms = rig.conditions.lease * either(1500, 5000);
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(rig.put_for("sleep", ms).await);
    }
    for id in &ids {
        rig.happened(*id, 1, "start").await;
    }
    ticks(&rig).await;
    assert!(proxy.strand() > 0);
    let cut = Instant::now();
    let keeps = async {
        let lost = "SELECT count(*) FROM queue_tasks
                    WHERE kind = 'sleep' AND (lease_seq > 1 OR state = 'running' AND lease_expires_at < now())";
        let running = "SELECT count(*) FROM queue_tasks WHERE kind = 'sleep' AND state = 'running'";
        while rig.number(running).await > 0 {
            assert_eq!(
                rig.number(lost).await,
                0,
                "anybody could take them {:?} after the cut",
                cut.elapsed()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let claims = async {
        let id = rig.put_for("noop", 0).await;
        assert_eq!(rig.happened(id, 1, "finish").await.pid, worker.pid());
        cut.elapsed()
    };
    let rescues = async {
        let id = left(&rig).await;
        rig.happened(id, 1, "running>queued").await;
        cut.elapsed()
    };
    let ((), claimed, ticked, rescued) = tokio::join!(keeps, claims, ticks(&rig), rescues);
    let slowest = claimed.max(ticked).max(rescued);
    assert!(slowest < RECOVERY, "claims after {claimed:?}, ticks after {ticked:?}, rescue after {rescued:?}");
    assert!(worker.is_alive(), "I6");
    worker.signal("TERM");
    assert!(worker.wait().success());
    let _other = rig.worker();
    rig.all_ended(Duration::from_secs(60)).await;
    let states = rig.invariants().await;
    for id in &ids {
        assert_eq!(rig.row(*id).await.lease_seq, 1);
    }
    figures(
        "F6",
        &format!(
            "every connection dead without a sound: 4 leases kept, claims after {claimed:.1?}, ticks after {ticked:.1?}, rescue after {rescued:.1?}, {states:?}"
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_a_service_whose_connections_die_without_a_sound_is_ready_again_by_others() {
    let proxy = Proxy::to(Postgres::shared().port());
    let url = proxy.url(&Postgres::shared().database().await);
    let world = World::on_sqlite()
        .with("DATABASE_URL", &url)
        .with("JWT_SECRET_KEY", "a secret that only tests share 0123456789");
    let service = world.serve(&["--api"]);
    let api = service.api();
    let ready = || async { api.outside("/ready").await.status == 200 };
    // Side by side, so that there is more than one connection to die.
    let all = futures_util::future::join_all((0..either(2, 10)).map(|_| ready())).await;
    assert!(all.into_iter().all(|ready| ready));
    let stranded = proxy.strand();
    assert!(stranded > 0);
    let cut = Instant::now();
    let mut row = 0;
    while row < ROW {
        row = if ready().await { row + 1 } else { 0 };
        assert!(cut.elapsed() < RECOVERY, "not ready after {:?}", cut.elapsed());
    }
    let again = cut.elapsed();
    figures("F6", &format!("a service on {stranded} dead connections: ready again after {again:.1?}"));
}
