//! Claims that the database forgot, since its server crashed before they were on the disk: the same worker may make the
//! same claim again, while what it started by the first one still runs.

use std::cell::Cell;
use std::time::Duration;

use crate::queue::rig::{Rig, within};
use crate::queue::{either, figures};
use crate::support::deadline::until;

/// What a crash leaves of a claim that did not reach the disk: nothing.
async fn forget(rig: &Rig) {
    rig.sql(
        "UPDATE queue_tasks SET state = 'queued', lease_seq = lease_seq - 1, attempt = attempt - 1, lease_owner = NULL,
             started_at = NULL, lease_expires_at = NULL, deadline_at = NULL, line_at = now()
         WHERE state = 'running'",
    )
    .await;
}

/// A task of that kind whose claim is forgotten while it runs, in a worker with two slots.
async fn is_done_once(kind: &str) {
    let mut rig = Rig::on_postgresql().await;
    rig.conditions.slots = 2;
    let mut worker = rig.worker();
    // Long enough for a lease to end, and a claim that nobody knows of to be handed back, several times.
    let ms = rig.conditions.lease * either(2000, 4000);
    let id = rig.put_for(kind, ms).await;
    rig.happened(id, 1, "start").await;
    tokio::time::sleep(Duration::from_millis(ms / 4)).await;
    forget(&rig).await;
    let claims = async || {
        let story = rig.story(id).await;
        story.iter().filter(|entry| entry.event == "queued>running" && entry.lease_seq == 1).count()
    };
    within(Duration::from_secs(20), "the same claim once more", || async {
        (claims().await == 2).then_some(())
    })
    .await;
    if kind == "sleep" {
        // The first one notices that it counts no more, and ends; the second one does not end with it.
        until("the end of the first attempt", || worker.log().contains("stopped sleep").then_some(()));
    }
    // One slot is left, for one of these after the other.
    let beside = [rig.put_for("stubborn", ms / 4).await, rig.put_for("stubborn", ms / 4).await];
    let most = Cell::new(0);
    within(Duration::from_secs(60), "the end of all tasks", || async {
        let running = rig.number("SELECT count(*) FROM queue_tasks WHERE state = 'running'").await;
        most.set(most.get().max(running));
        let open = "SELECT count(*) FROM queue_tasks WHERE state IN ('queued', 'running')";
        (rig.number(open).await == 0).then_some(())
    })
    .await;
    assert!(most.get() <= 2, "{} at once in two slots", most.get());
    let (row, story) = (rig.row(id).await, rig.story(id).await);
    assert_eq!(
        (row.state.as_str(), row.lease_seq, row.attempt, row.crashes),
        ("completed", 1, 1, 0),
        "{story:?}"
    );
    let ends = story.iter().filter(|entry| entry.event == "running>completed").count();
    assert_eq!((claims().await, ends), (2, 1), "{story:?}");
    for id in beside {
        assert_eq!(rig.row(id).await.lease_seq, 1);
    }
    assert!(worker.is_alive(), "I6");
    figures("F3", &format!("simulated loss of a claim ({kind}): made again, renewed, completed once"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f03_a_claim_that_was_forgotten_and_made_again_outlives_the_first_attempt() {
    tokio::join!(is_done_once("sleep"), is_done_once("stubborn"));
}
