//! An update of what is running: the old and the new program side by side on one PostgreSQL, and nobody notices.
//!
//! `OLD_PROGRAM` names the program that is replaced; without it, it is this one, which shows the way of the update and not
//! what changed between the two.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::api::{Api, ready_for_tls};
use crate::support::deadline::until_async;
use crate::support::documents::POSTING;
use crate::support::ground::sized;
use crate::support::service::{Service, World};

/// Sends requests to those who say that they are ready, as a balancer does.
#[derive(Clone)]
struct Balancer {
    known: Arc<Mutex<Vec<String>>>,
    ready: Arc<Mutex<Vec<String>>>,
    next: Arc<AtomicUsize>,
}

impl Balancer {
    fn new() -> Self {
        ready_for_tls();
        let balancer = Self { known: Arc::default(), ready: Arc::default(), next: Arc::default() };
        let looking = balancer.clone();
        tokio::spawn(async move {
            loop {
                let known = looking.known.lock().unwrap().clone();
                let says = join_all(known.iter().map(|address| is_ready(address))).await;
                let ready: Vec<String> = known
                    .into_iter()
                    .zip(says)
                    .filter(|(_, ready)| *ready)
                    .map(|(address, _)| address)
                    .collect();
                // Where nobody seems to be ready, a balancer goes on with those that were.
                if !ready.is_empty() {
                    *looking.ready.lock().unwrap() = ready;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        balancer
    }

    fn add(&self, service: &Service) {
        self.known.lock().unwrap().push(service.address().to_owned());
    }

    fn take_away(&self, address: &str) {
        self.known.lock().unwrap().retain(|known| known != address);
    }

    /// Whoever's turn it is, and somebody always is there.
    fn api(&self, token: &str) -> Api {
        let ready = self.ready.lock().unwrap();
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        assert!(!ready.is_empty(), "nobody is ready");
        Api::new(&ready[turn % ready.len()]).with_token(token)
    }

    async fn until_ready(&self, address: &str) {
        let is_in = async || self.ready.lock().unwrap().iter().any(|ready| ready == address).then_some(());
        until_async("a new process to be ready", is_in).await;
    }

    async fn until_left(&self, address: &str) {
        let is_out = async || self.ready.lock().unwrap().iter().all(|ready| ready != address).then_some(());
        until_async("an old process to say that it leaves", is_out).await;
    }
}

async fn is_ready(address: &str) -> bool {
    match reqwest::get(format!("{address}/ready")).await {
        Ok(answer) => answer.status() == 200,
        Err(_) => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_under_load_fails_no_request_and_loses_no_job() {
    let world = World::on_postgresql()
        .await
        .with("RESUME_OPTIMIZER__SERVER__LEAVE_SECONDS", "5")
        .with("RESUME_OPTIMIZER__TIERS__FREE__JOBS_PER_DAY", "0")
        .with("RESUME_OPTIMIZER__TIERS__FREE__CONCURRENT_JOBS", "0")
        .with("RESUME_OPTIMIZER__QUEUE__LEASE_SECONDS", "5")
        .with("RESUME_OPTIMIZER__QUEUE__HEARTBEAT_SECONDS", "1");
    let old_program = std::env::var_os("OLD_PROGRAM").map(PathBuf::from);
    let old = |flags: &[&str]| match &old_program {
        Some(program) => world.serve_by(program, flags),
        None => world.serve(flags),
    };
    let balancer = Balancer::new();
    let (old_apis, mut old_workers) =
        ([old(&["--api"]), old(&["--api"])], vec![old(&["--worker"]), old(&["--worker"])]);
    for api in &old_apis {
        balancer.add(api);
        balancer.until_ready(api.address()).await;
    }
    let mira = old_apis[0].api().register("mira@example.org").await;
    let (token, file) = (mira.token(), mira.upload_resume().await);
    let stop = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn(load(balancer.clone(), token.clone(), file, stop.clone()));
    let pause = Duration::from_millis(sized(300, 5000) as u64);
    tokio::time::sleep(pause).await;

    // As docs/deploying.md has it: the schema, then the API one process at a time, then the workers.
    world.program().args(["migrate", "up"]).run().done();
    let mut new_apis = Vec::new();
    for mut old in old_apis {
        let new = world.serve(&["--api", "--no-migrate"]);
        balancer.add(&new);
        balancer.until_ready(new.address()).await;
        tokio::time::sleep(pause).await;
        let address = old.address().to_owned();
        old.signal("TERM");
        balancer.until_left(&address).await;
        balancer.take_away(&address);
        assert!(old.wait().success());
        new_apis.push(new);
    }
    let mut new_workers = Vec::new();
    while let Some(old) = old_workers.pop() {
        new_workers.push(world.serve(&["--worker", "--no-migrate"]));
        tokio::time::sleep(pause).await;
        assert!(old.stop().success());
    }
    tokio::time::sleep(pause).await;
    stop.store(true, Ordering::Relaxed);
    let (asked, jobs) = load.await.unwrap();
    let api = balancer.api(&token);
    for job in &jobs {
        let ended = api.ended(job).await;
        assert_eq!(ended["status"], "completed", "{ended}");
        api.get(&format!("/jobs/{job}/result")).await.expect(200);
    }
    eprintln!("{asked} requests and {} jobs during the update", jobs.len());
    assert!(asked > 20 && jobs.len() > 5, "{asked} requests, {} jobs", jobs.len());
}

/// Asks for jobs and for what they are until it is told to stop; how often it asked, and which jobs were taken.
async fn load(
    balancer: Balancer,
    token: String,
    file: String,
    stop: Arc<AtomicBool>,
) -> (usize, Vec<String>) {
    let (mut asked, mut jobs) = (0, Vec::new());
    let body = json!({ "file_id": file, "posting_text": POSTING });
    while !stop.load(Ordering::Relaxed) {
        let job = balancer.api(&token).post("/jobs", &body).await.expect(202).json();
        let id = job["id"].as_str().unwrap().to_owned();
        balancer.api(&token).get(&format!("/jobs/{id}")).await.expect(200);
        balancer.api(&token).get("/jobs?limit=5").await.expect(200);
        balancer.api(&token).get("/me").await.expect(200);
        asked += 4;
        jobs.push(id);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (asked, jobs)
}
