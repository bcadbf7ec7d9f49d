//! Several processes on one database: the API here, the workers there, and none of them indispensable.

use std::time::Duration;

use serde_json::json;

use crate::support::api::Api;
use crate::support::deadline::until_async;
use crate::support::documents::{POSTING, RESUME, expected, timeless};
use crate::support::service::World;

/// Asks for `count` jobs with our resume and posting; their ids.
async fn ask(api: &Api, count: usize) -> Vec<String> {
    let body = json!({ "file_id": api.upload_resume().await, "posting_text": POSTING });
    let mut ids = Vec::new();
    for _ in 0..count {
        let job = api.post("/jobs", &body).await.expect(202).json();
        ids.push(job["id"].as_str().unwrap().to_owned());
    }
    ids
}

/// Every job is completed with what the command line says.
async fn completes(api: &Api, ids: &[String]) {
    for id in ids {
        let job = api.ended(id).await;
        assert_eq!(job["status"], "completed", "{job}");
        let result = api.get(&format!("/jobs/{id}/result")).await.expect(200).json();
        assert_eq!(timeless(result), timeless(expected().result.clone()));
    }
    assert_eq!(api.items("/jobs?status=completed&limit=100").await.len(), ids.len());
}

/// Claims end soon after their holder did.
fn hasty(world: World) -> World {
    world
        .with("RESUME_OPTIMIZER__QUEUE__LEASE_SECONDS", "2")
        .with("RESUME_OPTIMIZER__QUEUE__HEARTBEAT_SECONDS", "1")
        .with("RESUME_OPTIMIZER__QUEUE__POLL_MS", "100")
        .with("RESUME_OPTIMIZER__QUEUE__RETRY_BASE_SECONDS", "1")
        .with("RESUME_OPTIMIZER__QUEUE__CONCURRENCY", "1")
}

/// A resume that keeps a worker busy for a while.
fn long_resume() -> String {
    let bullets: String = (0..1500)
        .map(|number| format!("- Moved service number {number} to Kubernetes with Terraform\n"))
        .collect();
    RESUME.replace("- Moved 40 services", &format!("{bullets}- Moved 40 services"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_share_the_jobs_of_one_api() {
    let world = World::on_postgresql().await;
    let service = world.serve(&["--api"]);
    let api = service.api().register("mira@example.org").await;
    let workers = [world.serve(&["--worker"]), world.serve(&["--worker"])];
    let ids = ask(&api, 10).await;
    completes(&api, &ids).await;
    for id in &ids {
        assert_eq!(
            api.get(&format!("/jobs/{id}")).await.expect(200).json()["attempts"],
            1,
            "no job ran twice"
        );
    }
    for worker in workers {
        assert!(worker.stop().success());
    }
    assert!(service.stop().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_killed_loses_nothing() {
    let world = hasty(World::on_postgresql().await);
    let service = world.serve(&["--api"]);
    let api = service.api().register("mira@example.org").await;
    let long = api.upload("/files", "long.md", long_resume().as_bytes(), &[]).await.expect(201).json();
    let body = json!({ "file_id": long["id"], "posting_text": POSTING });
    let job = api.post("/jobs", &body).await.expect(202).json();
    let id = job["id"].as_str().unwrap().to_owned();
    let ids = ask(&api, 3).await;
    let killed = world.serve(&["--worker"]);
    until_async("the start of the job", || async {
        let job = api.get(&format!("/jobs/{id}")).await.expect(200).json();
        assert_ne!(job["status"], "completed", "too fast to be killed half-way");
        (job["status"] == "running").then_some(())
    })
    .await;
    killed.signal("KILL");
    drop(killed);
    let job = api.get(&format!("/jobs/{id}")).await.expect(200).json();
    assert_eq!(job["status"], "running", "nobody has noticed yet");

    let _other = world.serve(&["--worker"]);
    let job = api.ended(&id).await;
    assert_eq!((&job["status"], &job["attempts"]), (&json!("completed"), &json!(2)), "{job}");
    api.get(&format!("/jobs/{id}/documents/pdf")).await.expect(200);
    for id in ids {
        assert_eq!(api.ended(&id).await["status"], "completed");
    }
}

on_both! {
    async fn a_service_that_is_asked_to_stop_ends_well_and_loses_nothing(world) {
        let world = hasty(world).with("RESUME_OPTIMIZER__QUEUE__DRAIN_SECONDS", "1");
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let token = api.token();
        let ids = ask(&api, 8).await;
        until_async("the start of a job", || async {
            (!api.items("/jobs?status=running").await.is_empty()).then_some(())
        })
        .await;
        assert!(service.stop().success(), "exit code 0");

        let service = world.serve(&["--all"]);
        let api = service.api().with_token(&token);
        completes(&api, &ids).await;
        for id in &ids {
            let job = api.get(&format!("/jobs/{id}")).await.expect(200).json();
            assert!(job["error_message"].is_null(), "{job}");
        }
    }

    async fn a_job_that_is_called_off_while_it_runs_stops(world) {
        let world = hasty(world);
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let long = api.upload("/files", "long.md", long_resume().as_bytes(), &[]).await.expect(201).json();
        let body = json!({ "file_id": long["id"], "posting_text": POSTING });
        let job = api.post("/jobs", &body).await.expect(202).json();
        let path = format!("/jobs/{}", job["id"].as_str().unwrap());
        until_async("the start of the job", || async {
            (api.get(&path).await.expect(200).json()["status"] == "running").then_some(())
        })
        .await;
        let job = api.post(&format!("{path}/cancel"), &json!({})).await.expect(202).json();
        assert_eq!(job["status"], "cancelled");
        // The worker's only slot is free again, and what ran does not come back.
        check_next(&api).await;
        assert_eq!(api.get(&path).await.expect(200).json()["status"], "cancelled");
        api.get(&format!("{path}/result")).await.refused(409, "job_not_completed", &["cancelled"]);
    }
}

async fn check_next(api: &Api) {
    let began = std::time::Instant::now();
    let id = api.ask().await;
    assert_eq!(api.ended(&id).await["status"], "completed");
    assert!(began.elapsed() < Duration::from_secs(45), "{:?}", began.elapsed());
}
