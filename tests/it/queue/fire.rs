//! The whole service under fire: workers are killed all the time, the database restarts, and every job comes out right.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use resume_optimizer::store::{Access as _, Db};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::queue::rig::within;
use crate::queue::worker::rescue_period;
use crate::queue::{either, figures, long};
use crate::support::api::Api;
use crate::support::documents::{POSTING, expected, timeless};
use crate::support::ground::{change, rows, select};
use crate::support::postgres::{Postgres, Shutdown};
use crate::support::service::{Service, World};

/// What one job may take, with everything that happens to it and to those before it.
const PATIENCE: Duration = Duration::from_secs(900);
/// Of the workers' tasks.
const LEASE: Duration = Duration::from_secs(3);
/// What a sweep may come late on a machine on which processes start all the time.
const SLACK: Duration = Duration::from_secs(4);
/// How long a worker stands still: past its lease, so that another one has its tasks when it goes on.
const STILL: Duration = Duration::from_secs(5);
/// Every so many kills, a worker stands still: one that was killed writes nothing that could be stale.
const KILLS_PER_STILL: usize = 10;

/// Notes which worker claimed what, and which one wrote a job's result while whose lease was in force. Each worker is a
/// role of its own, so that this does not rest on what it says of itself; and as it may have the task once more while an
/// earlier attempt of its own goes on, whoever writes has to hold the task's row, too.
const WITNESS: &str = "
CREATE TABLE claimed (task uuid, lease_seq bigint, owner uuid, worker name DEFAULT session_user);
CREATE FUNCTION claimed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO claimed (task, lease_seq, owner) VALUES (NEW.id, NEW.lease_seq, NEW.lease_owner);
    RETURN NULL;
END $$;
CREATE TRIGGER claimed AFTER UPDATE OF state ON queue_tasks FOR EACH ROW
    WHEN (OLD.state = 'queued' AND NEW.state = 'running') EXECUTE FUNCTION claimed();
CREATE TABLE written (job uuid, task uuid, lease_seq bigint, state text, held boolean,
    worker name DEFAULT session_user);
CREATE FUNCTION written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO written (job, task, lease_seq, state, held)
    SELECT NEW.id, id, lease_seq, state, xmax = pg_current_xact_id()::xid FROM queue_tasks WHERE payload ->> 'job_id' = NEW.id::text;
    RETURN NULL;
END $$;
CREATE TRIGGER written AFTER UPDATE OF result ON jobs FOR EACH ROW
    WHEN (NEW.result IS NOT NULL) EXECUTE FUNCTION written();
";

/// Something that came over a worker, and when.
struct Struck {
    worker: String,
    at: DateTime<Utc>,
}

/// A restart of the database.
struct Restart {
    stopped: DateTime<Utc>,
    accepts: DateTime<Utc>,
}

/// The workers, each known to the database by a role of its own.
struct Workers<'a> {
    world: &'a World,
    db: Db,
    url: &'a str,
    running: Vec<(String, Service)>,
    /// Which of them stands still, and since when.
    still: Option<(usize, Instant)>,
    started: usize,
    kills: usize,
    killed: Vec<Struck>,
    stood_still: Vec<String>,
}

impl<'a> Workers<'a> {
    /// So many, on the database at that address, where as many more may follow as there are kills.
    async fn start(world: &'a World, url: &'a str, number: usize, kills: usize) -> Self {
        let last = number + kills;
        change(
            world,
            &format!(
                "DO $$ BEGIN FOR n IN 0..{last} LOOP EXECUTE 'CREATE ROLE worker_' || n || ' SUPERUSER LOGIN'; END LOOP; END $$"
            ),
        )
        .await;
        let mut workers = Self {
            world,
            db: Db::connect(&world.config()).await.unwrap(),
            url,
            running: Vec::new(),
            still: None,
            started: 0,
            kills,
            killed: Vec::new(),
            stood_still: Vec::new(),
        };
        for _ in 0..number {
            let next = workers.next();
            workers.running.push(next);
        }
        workers
    }

    fn next(&mut self) -> (String, Service) {
        let role = format!("worker_{}", self.started);
        self.started += 1;
        let url = self.url.replace("rig@", &format!("{role}@"));
        let service = self.world.start_with(&["--worker"], &[("DATABASE_URL", &url)]);
        (role, service)
    }

    /// Lets the one that stands still go on when it has done so for long enough.
    fn wake(&mut self) {
        if let Some((still, _)) = self.still.take_if(|(_, since)| since.elapsed() > STILL) {
            self.running[still].1.signal("CONT");
        }
    }

    /// Which of them has a task right now; not while the database is away.
    async fn busy(&self) -> Option<usize> {
        let busy = "SELECT worker::text FROM claimed JOIN queue_tasks AS task
            ON task.id = claimed.task AND task.lease_seq = claimed.lease_seq AND task.lease_owner = claimed.owner
            WHERE task.state = 'running' ORDER BY claimed.task DESC";
        let db = self.db.reads();
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), busy)).await.ok()?;
        let roles = rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap());
        roles.filter_map(|role| self.running.iter().position(|(running, _)| *running == role)).next()
    }

    /// Kills one of them and starts another; nothing when that one does not work yet. Now and then lets one
    /// stand still, once the database has restarted: a restart meanwhile would take the connection that it writes by.
    async fn strike(&mut self, restarts: usize) {
        let due = self.still.is_none() && self.killed.len() > self.stood_still.len() * KILLS_PER_STILL;
        if due
            && restarts > 0
            && let Some(busy) = self.busy().await
        {
            let (role, service) = &self.running[busy];
            service.signal("STOP");
            self.still = Some((busy, Instant::now()));
            self.stood_still.push(role.clone());
            return;
        }
        let victim = rand::random_range(0..self.running.len());
        let (role, service) = &self.running[victim];
        // One that works: on a machine that does much else, some would never come that far.
        let works = service.log().iter().any(|line| line["message"] == "working");
        if works && self.killed.len() < self.kills && self.still.is_none_or(|(still, _)| still != victim) {
            service.signal("KILL");
            self.killed.push(Struck { worker: role.clone(), at: Utc::now() });
            self.running[victim] = self.next();
        }
    }
}

/// How long each task that a killed worker had stayed with it, at most as long as the lease and one sweep; and since the
/// database was there again, where it was away meanwhile: nobody is lost in one that has just come up.
async fn rescues(world: &World, killed: &[Struck], restarts: &[Restart]) -> Vec<Duration> {
    let lost = "SELECT claimed.worker::text AS worker, (extract(epoch FROM finished_at) * 1000)::bigint AS taken_at
        FROM queue_attempts AS attempt JOIN claimed
            ON claimed.task = attempt.task_id AND claimed.lease_seq = attempt.lease_seq AND claimed.owner = attempt.owner
        WHERE outcome = 'worker_lost'";
    let limit = LEASE + rescue_period(LEASE) + SLACK;
    let mut rescues = Vec::new();
    for row in rows(world, lost).await {
        let worker: String = row.try_get("", "worker").unwrap();
        let taken = DateTime::from_timestamp_millis(row.try_get("", "taken_at").unwrap()).unwrap();
        let Some(struck) = killed.iter().find(|struck| struck.worker == worker) else {
            continue;
        };
        let away = restarts.iter().filter(|restart| restart.stopped < taken && restart.accepts > struck.at);
        let since = away.map(|restart| restart.accepts).max().unwrap_or(struck.at);
        let took = (taken - since).to_std().unwrap_or_default();
        assert!(took <= limit, "{worker}: its task was taken up after {took:?}, not within {limit:?}");
        rescues.push(took);
    }
    rescues
}

/// Each job has one result, which was written by the worker that had the task in that moment. That need not be the
/// task's last one: who is killed between the result and the task's end leaves a task that has nothing left to do.
async fn none_is_stale(world: &World) {
    let twice = "SELECT count(*) AS number FROM jobs
        WHERE (SELECT count(*) FROM written WHERE written.job = jobs.id) <> 1";
    assert_eq!(select(world, twice).await, 0, "jobs whose result was not written exactly once");
    let stale = "SELECT count(*) AS number FROM written WHERE state <> 'running' OR NOT held OR NOT EXISTS (
            SELECT 1 FROM claimed WHERE claimed.task = written.task AND claimed.lease_seq = written.lease_seq
                AND claimed.worker = written.worker)";
    assert_eq!(select(world, stale).await, 0, "results of workers that did not have the task any more");
}

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

/// The service on that database, whose tasks may lose any number of workers and are missed soon.
fn world(url: &str) -> World {
    World::on_sqlite()
        .with("DATABASE_URL", url)
        .with("JWT_SECRET_KEY", "a secret that only tests share 0123456789")
        .with("RESUME_OPTIMIZER__TIERS__FREE__JOBS_PER_DAY", "0")
        .with("RESUME_OPTIMIZER__TIERS__FREE__CONCURRENT_JOBS", "0")
        .with("RESUME_OPTIMIZER__QUEUE__LEASE_SECONDS", &LEASE.as_secs().to_string())
        .with("RESUME_OPTIMIZER__QUEUE__HEARTBEAT_SECONDS", "1")
        .with("RESUME_OPTIMIZER__QUEUE__POLL_MS", "200")
        .with("RESUME_OPTIMIZER__QUEUE__RETRY_BASE_SECONDS", "1")
        .with("RESUME_OPTIMIZER__QUEUE__MAX_CRASHES", "100")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fire_every_job_that_was_acknowledged_comes_out_right() {
    let (accounts, each) = either((4, 8), (20, 100));
    let (kills, pause, restarts) = either((8, 700, 1), (2000, 1000, 2));
    let right = timeless(expected().result.clone());
    let postgres = Postgres::durable();
    let url = postgres.database().await;
    let world = world(&url);
    let service = world.serve(&["--api"]);
    change(&world, WITNESS).await;
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
    let mut workers = Workers::start(&world, &url, 3, kills).await;
    let began = Instant::now();
    let done = AtomicBool::new(false);
    let (still, restarted) = (AtomicBool::new(false), AtomicUsize::new(0));
    let killing = async {
        while workers.still.is_some() || !done.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            workers.wake();
            workers.strike(restarted.load(Ordering::SeqCst)).await;
            still.store(workers.still.is_some(), Ordering::SeqCst);
        }
    };
    let restarting = async {
        let completed = "SELECT count(*) AS number FROM jobs WHERE status = 'completed'";
        let total = accounts * each;
        let mut times = Vec::new();
        for number in 1..=restarts {
            // Spread over the work, however fast that is.
            within(PATIENCE, "enough completed jobs", || async {
                let enough = total * number / (restarts + 1);
                let completed = usize::try_from(select(&world, completed).await).unwrap();
                (completed >= enough && !still.load(Ordering::SeqCst)).then_some(())
            })
            .await;
            let stopped = Utc::now();
            postgres.stop(Shutdown::Immediate);
            postgres.start_again();
            times.push(Restart { stopped, accepts: Utc::now() });
            restarted.fetch_add(1, Ordering::SeqCst);
            let completed = usize::try_from(select(&world, completed).await).unwrap();
            assert!(completed < total, "the work was done before the database had restarted");
        }
        times
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
    let ((), restarts, jobs) = tokio::join!(killing, restarting, working);
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
    none_is_stale(&world).await;
    let rescues = rescues(&world, &workers.killed, &restarts).await;
    // Some of very many were at something; of a few, perhaps none was.
    assert!(!rescues.is_empty() || !long(), "nobody who was killed had a task");
    figures(
        "fire",
        &format!(
            "{ids} jobs, {} workers killed, {} stood still, {} restarts: all right after {took:.0?} and {attempts} starts; {} taken up after {:.1?} at most",
            workers.killed.len(),
            workers.stood_still.len(),
            restarts.len(),
            rescues.len(),
            rescues.iter().max().copied().unwrap_or_default()
        ),
    );
}
