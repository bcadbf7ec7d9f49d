//! Very many accounts that wait for their turn: none of them waits for ever, and nobody waits for all of them.

use std::time::{Duration, Instant};

use resume_optimizer::queue::{NewTask, Priority, Registry};
use serde_json::json;

use crate::queue::{either, figures};
use crate::support::deadline::until_async;
use crate::support::ground::{Ground, Started, does, notes};
use crate::support::service::World;

const KIND: &str = "letter";
const URGENT: &str = "telegram";
/// What somebody with no line to wait in waits at most while others wait in theirs.
const PROMPT: Duration = Duration::from_secs(2);

async fn ground(world: World) -> Ground {
    Ground::of(world, |queue| (queue.concurrency, queue.poll_ms) = (50, 200)).await
}

/// A task of that account.
fn of(account: &str) -> NewTask {
    NewTask::new(KIND, json!({})).group(&account)
}

/// Puts a task in that goes before all others; how long until it starts.
async fn urgent(ground: &Ground, started: &Started) -> Duration {
    let began = Instant::now();
    let [id] = ground.put(&[NewTask::new(URGENT, json!({})).priority(Priority::High)]).await[..] else {
        panic!("one was put in");
    };
    until_async("the start of what is urgent", || async { started.all().contains(&id).then_some(()) }).await;
    began.elapsed()
}

on_both! {
    async fn thousands_of_accounts_are_served_and_what_is_urgent_does_not_wait_for_them(world) {
        let ground = ground(world).await;
        let accounts = either(2_000, 20_000);
        ground.queue.pause().await.unwrap();
        for first in (0..accounts).step_by(1000) {
            let some: Vec<_> = (first..first + 1000).map(|number| of(&format!("account {number:05}"))).collect();
            ground.put(&some).await;
        }
        let (began, started) = (Instant::now(), Started::default());
        let slow = does(|_| async { tokio::time::sleep(Duration::from_millis(50)).await; Ok(()) });
        let worker = ground.work(Registry::new().on(KIND, slow).on(URGENT, notes(&started)));
        ground.queue.resume().await.unwrap();
        let mut waits = Vec::new();
        let waiting = format!("FROM queue_tasks WHERE kind = '{KIND}' AND state = 'queued'");
        loop {
            waits.push(urgent(&ground, &started).await);
            if ground.number(&waiting).await == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        ground.until_idle().await;
        let took = began.elapsed();
        worker.stop().await;
        let done = ground.number("FROM queue_tasks WHERE state = 'completed' AND lease_seq = 1").await;
        assert_eq!(done, i64::try_from(accounts + waits.len()).unwrap());
        let longest = *waits.iter().max().unwrap();
        assert!(longest < PROMPT, "{waits:?}");
        figures("groups", &format!(
            "{:?}: {accounts} accounts with a task each done in {took:.1?}, {} urgent tasks meanwhile in {longest:.2?} at most",
            ground.db.backend(), waits.len()
        ));
    }

    async fn accounts_that_come_last_are_served_though_those_before_them_have_ever_more_to_do(world) {
        let ground = Ground::of(world, |queue| {
            // So many that those who come first have room again whenever places are given out.
            (queue.concurrency, queue.poll_ms) = (500, 200);
        })
        .await;
        let (crowd, each, last) = (1_000, either(8, 50), 5);
        let accounts = |prefix: char, number: usize| -> Vec<_> {
            (0..number).map(|number| of(&format!("{prefix} {number:05}")).group_limit(1)).collect()
        };
        for _ in 0..each {
            ground.put(&accounts('a', crowd)).await;
        }
        let late = ground.put(&accounts('z', last)).await;
        let worker = ground.work(Registry::new().on(KIND, does(|_| async { Ok(()) })));
        let late = format!("FROM queue_tasks WHERE state <> 'completed' AND id IN ({})", ground.literals(&late));
        until_async("the end of what came last", || async { (ground.number(&late).await == 0).then_some(()) })
            .await;
        let before = ground.number("FROM queue_tasks WHERE state = 'completed'").await;
        worker.stop().await;
        // Each in turn, it would be one task of each.
        assert!(before < i64::try_from(crowd * each / 2).unwrap(), "{before} tasks were done before them");
        figures("groups", &format!(
            "{:?}: {last} accounts that came last served after {before} of {} tasks of {crowd} others",
            ground.db.backend(), crowd * each
        ));
    }
}
