//! The whole service under fire: workers are killed all the time, the database restarts, and every job comes out right.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::queue::{either, figures};
use crate::support::api::Api;
use crate::support::documents::{POSTING, expected, timeless};
use crate::support::postgres::{Postgres, Shutdown};
use crate::support::service::World;

/// What one job may take, with everything that happens to it.
const PATIENCE: Duration = Duration::from_secs(300);

/// Asks until it is acknowledged: before, it does not count. The key makes a question that was asked twice one job.
async fn ask(api: &Api, file: &str, key: &str) -> String {
    let keyed = api.with_header("idempotency-key", key);
    let body = json!({ "file_id": file, "posting_text": POSTING });
    let began = Instant::now();
    loop {
        let answer = keyed.post("/jobs", &body).await;
        if answer.status == 202 {
            return answer.json()["id"].as_str().unwrap().to_owned();
        }
        assert!(matches!(answer.status.as_u16(), 409 | 500..=599), "{}: {}", answer.status, answer.text());
        assert!(began.elapsed() < PATIENCE, "{}", answer.text());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// What is read, however often the database is away meanwhile.
async fn read(api: &Api, path: &str) -> Value {
    let began = Instant::now();
    loop {
        let answer = api.get(path).await;
        if answer.status == 200 {
            return answer.json();
        }
        assert!(answer.status.is_server_error(), "{}: {}", answer.status, answer.text());
        assert!(began.elapsed() < PATIENCE, "{}", answer.text());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn completes(api: &Api, id: &str) -> Value {
    let began = Instant::now();
    loop {
        let job = read(api, &format!("/jobs/{id}")).await;
        match job["status"].as_str() {
            Some("completed") => return job,
            Some("queued" | "running") => {}
            _ => panic!("{job}"),
        }
        assert!(began.elapsed() < PATIENCE, "{job}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fire_every_job_that_was_acknowledged_comes_out_right() {
    let (accounts, each) = either((4, 6), (20, 100));
    let (kills, pause, restarts) = either((8, 700, 1), (10_000, 1000, 2));
    let right = timeless(expected().result.clone());
    let postgres = Postgres::durable();
    let world = World::on_sqlite()
        .with("DATABASE_URL", &postgres.database().await)
        .with("JWT_SECRET_KEY", "a secret that only tests share 0123456789")
        .with("RESUME_OPTIMIZER__TIERS__FREE__JOBS_PER_DAY", "0")
        .with("RESUME_OPTIMIZER__TIERS__FREE__CONCURRENT_JOBS", "0")
        .with("RESUME_OPTIMIZER__QUEUE__LEASE_SECONDS", "3")
        .with("RESUME_OPTIMIZER__QUEUE__HEARTBEAT_SECONDS", "1")
        .with("RESUME_OPTIMIZER__QUEUE__POLL_MS", "200")
        .with("RESUME_OPTIMIZER__QUEUE__RETRY_BASE_SECONDS", "1")
        .with("RESUME_OPTIMIZER__QUEUE__MAX_CRASHES", "100");
    let service = world.serve(&["--api"]);
    let mut apis = Vec::new();
    for account in 0..accounts {
        // Each request by a connection of its own: one that was kept may be closed in the moment that it is used.
        let api = service
            .api()
            .with_header("connection", "close")
            .register(&format!("account{account}@example.org"))
            .await;
        let file = api.upload_resume().await;
        apis.push((api, file));
    }
    let mut workers: Vec<_> = (0..3).map(|_| world.start(&["--worker"])).collect();
    let began = Instant::now();
    let done = AtomicBool::new(false);
    let killing = async {
        let mut killed = 0;
        while killed < kills && !done.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let victim = rand::random_range(0..workers.len());
            // One that works: on a machine that does much else, some would never come that far.
            if workers[victim].log().iter().any(|line| line["message"] == "working") {
                workers[victim].signal("KILL");
                workers[victim] = world.start(&["--worker"]);
                killed += 1;
            }
        }
        killed
    };
    let restarting = async {
        for _ in 0..restarts {
            tokio::time::sleep(either(Duration::from_secs(3), Duration::from_secs(60))).await;
            postgres.stop(Shutdown::Immediate);
            postgres.start_again();
        }
    };
    let working = async {
        let working = apis.iter().enumerate().map(|(account, (api, file))| async move {
            let mut ids = Vec::new();
            for number in 0..each {
                ids.push(ask(api, file, &format!("job-{account}-{number}")).await);
            }
            let mut attempts = 0;
            for id in &ids {
                attempts += completes(api, id).await["attempts"].as_i64().unwrap();
            }
            (ids, attempts)
        });
        let jobs = futures_util::future::join_all(working).await;
        done.store(true, Ordering::SeqCst);
        jobs
    };
    let (killed, (), jobs) = tokio::join!(killing, restarting, working);
    let took = began.elapsed();
    let (mut ids, mut attempts) = (0, 0);
    for ((api, _), (jobs, starts)) in apis.iter().zip(&jobs) {
        for id in jobs {
            let result = read(api, &format!("/jobs/{id}/result")).await;
            assert_eq!(timeless(result), right, "{id}");
        }
        let failed = read(api, "/jobs?status=failed&limit=100").await;
        assert!(failed["items"].as_array().unwrap().is_empty(), "{failed}");
        ids += jobs.len();
        attempts += starts;
    }
    assert_eq!(ids, accounts * each);
    figures(
        "fire",
        &format!(
            "{ids} jobs, {killed} workers killed, {restarts} restarts: all right after {took:.0?} and {attempts} starts"
        ),
    );
}
