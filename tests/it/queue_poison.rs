//! Tasks and handlers that go wrong: each ends with a reason, and costs no other task anything.

use std::time::Duration;

use async_trait::async_trait;
use resume_optimizer::queue::{Context, Ended, Handler, NewTask, Registry, TaskError, TaskState};
use resume_optimizer::store::{StoreError, Tx};
use serde_json::json;

use crate::support::deadline::until_async;
use crate::support::ground::{Ground, Started, does, notes, within};
use crate::support::service::World;

const KIND: &str = "letter";
const OTHER: &str = "parcel";
/// Much less than any poll in these tests, much more than a loaded machine needs.
const SOON: Duration = Duration::from_secs(15);

/// Four slots, and looks so seldom that whatever happens in time was not found by looking.
async fn ground(world: World) -> Ground {
    Ground::of(world, |queue| (queue.concurrency, queue.poll_ms, queue.drain_seconds) = (4, 600_000, 0)).await
}

fn letter() -> NewTask {
    NewTask::new(KIND, json!({ "to": "Mira" }))
}

fn letters(number: usize) -> Vec<NewTask> {
    (0..number).map(|_| letter()).collect()
}

/// A handler that fails and cannot note that it did.
struct Sulks {
    panics: bool,
}

#[async_trait]
impl Handler for Sulks {
    async fn run(&self, _: &Context) -> Result<(), TaskError> {
        Err(TaskError::Refuse("no".to_owned()))
    }

    async fn ended(&self, _: &Tx, _: &Ended) -> Result<(), StoreError> {
        assert!(!self.panics, "as some handler will one day");
        Err(StoreError::Orphan)
    }
}

on_both! {
    async fn f14_what_no_handler_can_do_is_dead_with_a_reason_and_the_others_are_done(world) {
        #[derive(serde::Deserialize)]
        struct Letter { to: String }
        let ground = ground(world).await;
        let mut tasks = letters(97);
        tasks.extend([
            NewTask::new(KIND, json!([1, "another shape"])),
            NewTask::new(KIND, json!({ "to": "long" })),
            NewTask::new(OTHER, json!({})),
        ]);
        let ids = ground.put(&tasks).await;
        let unreadable = if ground.on_sqlite() { "'{\"to\": '" } else { "'\"{\"'" };
        ground.run_sql(&format!("UPDATE queue_tasks SET payload = {unreadable} WHERE id IN ({})", ground.literals(&ids[..1]))).await;
        let nul = "\0a".repeat(50_000_000);
        let worker = ground.work(Registry::new().on(KIND, does(move |context| {
            let error = nul.clone();
            async move {
                match context.payload::<Letter>()?.to.as_str() {
                    "long" => Err(TaskError::Refuse(error)),
                    _ => Ok(()),
                }
            }
        })));
        until_async("the end of a hundred but one", || async {
            (ground.number("FROM queue_tasks WHERE finished_at IS NOT NULL").await == 99).then_some(())
        })
        .await;
        worker.stop().await;
        for (number, id) in ids.iter().enumerate() {
            let row = ground.row(*id).await;
            let error = row.last_error.clone().unwrap_or_default();
            match number {
                0 | 97 => {
                    assert_eq!((row.state, row.attempt, row.error_kind.as_deref()), (TaskState::Dead, 1, Some("refused")));
                    assert!(error.contains("not readable"), "{error}");
                }
                98 => assert_eq!((row.state, error.as_str()), (TaskState::Dead, "a".repeat(2000).as_str())),
                99 => assert_eq!((row.state, row.attempt, row.lease_seq), (TaskState::Queued, 0, 0)),
                _ => assert_eq!(row.state, TaskState::Completed),
            }
        }
    }

    async fn a_task_whose_end_cannot_be_noted_ends_all_the_same(world) {
        let ground = ground(world).await;
        let started = Started::default();
        let tasks: Vec<_> = letters(99).into_iter().chain([NewTask::new(OTHER, json!({}))]).collect();
        let ids = ground.put(&tasks).await;
        let worker = ground.work(Registry::new().on(KIND, notes(&started)).on(OTHER, Sulks { panics: false }));
        ground.until_idle().await;
        worker.stop().await;
        assert_eq!(started.all().len(), 99);
        let row = ground.row(ids[99]).await;
        assert_eq!((row.state, row.last_error.as_deref()), (TaskState::Dead, Some("no")));
    }

    async fn a_handler_that_breaks_down_over_an_end_takes_no_slot_with_it(world) {
        let ground = ground(world).await;
        let started = Started::default();
        let sulking: Vec<_> = (0..4).map(|_| NewTask::new(OTHER, json!({}))).collect();
        ground.put(&sulking).await;
        let worker = ground.work(Registry::new().on(KIND, notes(&started)).on(OTHER, Sulks { panics: true }));
        until_async("the claim of all four", || async {
            (ground.number("FROM queue_tasks WHERE lease_seq > 0").await == 4).then_some(())
        })
        .await;
        ground.put(&[letter()]).await;
        within(SOON, "a start in a slot that is free", started.until(1)).await;
        within(SOON, "the end of the others", ground.until_idle()).await;
        worker.stop().await;
    }

    async fn a_lost_task_whose_end_is_refused_ends_and_is_in_nobodys_way(world) {
        is_rescued_beside_another(world, Sulks { panics: false }).await;
    }

    async fn a_lost_task_whose_handler_breaks_down_over_its_end_is_in_nobodys_way(world) {
        is_rescued_beside_another(world, Sulks { panics: true }).await;
    }
}

/// A lost task of a handler that cannot note its end, and another one that was put in after it.
async fn is_rescued_beside_another(world: World, handler: Sulks) {
    let ground = Ground::of(world, |queue| {
        queue.concurrency = 4;
        queue.max_crashes = 1;
        queue.lease_seconds = 2;
    })
    .await;
    let ids = ground.put(&[NewTask::new(OTHER, json!({})), letter()]).await;
    assert_eq!(ground.queue.by_hand().claim(&[KIND, OTHER], 2).await.unwrap().len(), 2);
    ground.expire(&ids).await;
    let worker = ground.work(Registry::new().on(KIND, notes(&Started::default())).on(OTHER, handler));
    let letter = within(SOON, "the end of the other", ground.until_state(ids[1], TaskState::Dead)).await;
    assert_eq!(letter.error_kind.as_deref(), Some("worker_lost"));
    within(SOON, "the end of the lost task itself", ground.until_state(ids[0], TaskState::Dead)).await;
    worker.stop().await;
}
