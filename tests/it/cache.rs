//! The cache and its Redis: one asks for many, processes forget together, and a Redis that is away costs nobody anything.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use resume_optimizer::cache::{Cache, Computed, Key, Kind, Space};
use resume_optimizer::config::Secret;
use serde_json::json;
use uuid::Uuid;

use crate::support::api::Api;
use crate::support::deadline::{until, until_async};
use crate::support::documents::{POSTING, RESUME};
use crate::support::ground::{long, select, sized};
use crate::support::guarded::free_port;
use crate::support::redis::Redis;
use crate::support::service::World;
use crate::support::site::{Page, Site};

/// The cache of a process that shares this Redis, hearing what others forget.
fn cache(redis: &Redis) -> Cache {
    let mut config = World::on_sqlite().config();
    config.redis.url = Secret::new(redis.url());
    // A machine that stands still for a moment is no Redis that is gone.
    config.redis.timeout_ms = 4000;
    let cache = Cache::new(&config.cache, &config.redis).unwrap();
    let follower = cache.clone();
    tokio::spawn(async move { follower.follow().await });
    cache
}

async fn look(cache: &Cache, key: &Key, text: &'static str) -> Bytes {
    let compute = async { Ok::<_, ()>(Computed::Value(Bytes::from_static(text.as_bytes()))) };
    cache.get_or_compute(key, compute).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_forgets_all_forget_within_a_second() {
    let redis = Redis::start();
    let (one, other) = (cache(&redis), cache(&redis));
    let (mine, theirs) = (Space::of_account(Uuid::now_v7()), Space::of_account(Uuid::now_v7()));
    let [mine, theirs] = [mine, theirs].map(|space| space.key(Kind::Reading, "v1", "file"));
    assert_eq!(look(&one, &mine, "old").await, "old");
    until_async("what one process keeps, another one finds", async || {
        // Under a key of its own each time: what this one computed it would find itself.
        let key = Space::of_all().key(Kind::Reading, "v1", &Uuid::now_v7().to_string());
        look(&one, &key, "one").await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        (look(&other, &key, "other").await == "one").then_some(())
    })
    .await;
    assert_eq!(look(&other, &mine, "other").await, "old");
    assert_eq!(look(&other, &theirs, "kept").await, "kept");
    // Both listen within moments of their start, and until then keep nothing for sure.
    until_async("what one forgets, the other one forgets", async || {
        look(&one, &mine, "old").await;
        look(&other, &mine, "old").await;
        one.forget(&mine);
        let began = Instant::now();
        while look(&other, &mine, "new").await != "new" {
            if began.elapsed() > Duration::from_secs(1) {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Some(())
    })
    .await;
    assert_eq!(look(&other, &theirs, "new").await, "kept", "nothing else");
}

/// So many keys of this space, each with something in Redis.
fn kept(redis: &Redis, space: &Space, number: usize) -> Vec<Key> {
    let keys = (0..number).map(|number| space.key(Kind::Reading, "v1", &number.to_string()));
    keys.inspect(|key| redis.put(&format!("resume-optimizer:{}", key.as_text()))).collect()
}

/// Waits until Redis has nothing more of this space.
async fn until_gone(redis: &Redis, space: &Space) {
    let pattern = format!("*{}*", space.prefix());
    until_async("the end of what Redis has", async || (!redis.has(&pattern)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_forgotten_while_redis_is_away_is_gone_from_it_once_it_is_back() {
    let redis = Redis::start();
    let mut config = World::on_sqlite().config();
    config.redis.url = Secret::new(redis.url());
    let cache = Cache::new(&config.cache, &config.redis).unwrap();
    let [one, whole, theirs] = [(); 3].map(|()| Space::of_account(Uuid::now_v7()));
    let file = kept(&redis, &one, 1);
    kept(&redis, &whole, 5);
    kept(&redis, &theirs, 1);
    redis.freeze();
    // Until it is left alone: from then on, nothing that is sent waits for it at its door.
    for number in 0..10 {
        look(&cache, &Space::of_all().key(Kind::Reading, "v1", &number.to_string()), "new").await;
    }
    cache.forget(&file[0]);
    cache.forget_all(whole.prefix());
    redis.thaw();
    until_gone(&redis, &one).await;
    until_gone(&redis, &whole).await;
    assert!(redis.has(&format!("*{}*", theirs.prefix())), "nothing else");
}

/// On one thread, so that none is done before all are wished.
#[tokio::test]
async fn however_much_is_forgotten_at_once_all_of_it_goes() {
    let (redis, space) = (Redis::start(), Space::of_account(Uuid::now_v7()));
    let cache = cache(&redis);
    let keys = kept(&redis, &space, 300);
    for key in &keys {
        cache.forget(key);
    }
    until_gone(&redis, &space).await;
    assert_eq!(redis.calls("scan"), 0, "what has a name is found without a look at all the others");
    kept(&redis, &space, 300);
    cache.forget_all_now(space.prefix()).await.unwrap();
    assert!(!redis.has("*account*"), "once it says so");
    assert!(redis.calls("scan") > 0);
}

/// A site whose one posting comes slowly, so that everybody who wants it waits for it together.
fn slow_site() -> Site {
    Site::start(|path| {
        std::thread::sleep(Duration::from_millis(500));
        (path == "/careers/42").then(|| Page::Body("200 OK", "text/plain", POSTING.to_owned()))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_posting_that_many_wait_for_is_fetched_once() {
    let site = slow_site();
    let world = World::on_sqlite()
        .with("RESUME_OPTIMIZER__INTAKE__ALLOW_PRIVATE_HOSTS", &site.authority)
        .with("RESUME_OPTIMIZER__SERVER__REQUEST_SECONDS", "600");
    let service = world.serve(&["--api"]);
    let api = service.api().register("mira@example.org").await;
    let file = api.upload_resume().await;
    let ask = |path: &str| {
        let body = json!({ "file_id": file, "job_url": site.url(path) });
        let api = &api;
        async move { api.post("/analyze", &body).await }
    };
    let many = sized(40, 1000);
    for answer in join_all((0..many).map(|_| ask("/careers/42"))).await {
        answer.expect(200);
    }
    assert_eq!(site.visits("/careers/42"), 1, "{many} waited");
    for answer in join_all((0..many / 4).map(|_| ask("/gone"))).await {
        answer.refused(422, "posting_not_found", &["no posting at this address"]);
    }
    ask("/gone").await.refused(422, "posting_not_found", &[]);
    assert_eq!(site.visits("/gone"), 1, "that it is not there is kept for a moment as well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_posting_is_fetched_once_for_all_processes_of_a_redis() {
    let (site, redis) = (slow_site(), Redis::start());
    let world = World::on_sqlite()
        .with("RESUME_OPTIMIZER__INTAKE__ALLOW_PRIVATE_HOSTS", &site.authority)
        .with("RESUME_OPTIMIZER__REDIS__TIMEOUT_MS", "4000")
        .with("REDIS_URL", &redis.url());
    let services = [world.serve(&["--api"]), world.serve(&["--api"])];
    let api = services[0].api().register("mira@example.org").await;
    let body = json!({ "file_id": api.upload_resume().await, "job_url": site.url("/careers/42") });
    let first = api.post("/analyze", &body).await.expect(200).json();
    let elsewhere = services[1].api().with_token(&api.token());
    // What is written to Redis is written behind the answer.
    until("the page to be in Redis", || redis.has("*/posting/*").then_some(()));
    let second = elsewhere.post("/analyze", &body).await.expect(200).json();
    assert_eq!(second["requirements"], first["requirements"]);
    assert_eq!(site.visits("/careers/42"), 1);
}

/// Asks for a page that is counted and for a document that is kept, so many a second, until it is told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    times: Arc<Mutex<Vec<Duration>>>,
    failures: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Load {
    fn start(api: &Api, paths: [String; 2], each_second: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::new(AtomicUsize::new(0));
        let (times, failures) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let shared = (api.clone(), stop.clone(), asked.clone(), times.clone(), failures.clone());
        let task = tokio::spawn(async move {
            let (api, stop, asked, times, failures) = shared;
            let mut every = tokio::time::interval(Duration::from_secs(1) / each_second);
            let mut answers = tokio::task::JoinSet::new();
            while !stop.load(Ordering::Relaxed) {
                every.tick().await;
                let number = asked.fetch_add(1, Ordering::Relaxed);
                let (api, path) = (api.clone(), paths[number % 2].clone());
                let (times, failures) = (times.clone(), failures.clone());
                answers.spawn(async move {
                    let began = Instant::now();
                    let answer = api.get(&path).await;
                    times.lock().unwrap().push(began.elapsed());
                    if answer.status != 200 {
                        failures.lock().unwrap().push(format!("{path}: {}", answer.status));
                    }
                });
            }
            while answers.join_next().await.is_some() {}
        });
        Self { stop, asked, times, failures, task }
    }

    /// How many were asked, none of which failed, and the time that 99 of 100 stayed below.
    async fn end(self) -> (usize, Duration) {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap();
        assert_eq!(*self.failures.lock().unwrap(), Vec::<String>::new());
        let mut times = std::mem::take(&mut *self.times.lock().unwrap());
        times.sort();
        let asked = self.asked.load(Ordering::Relaxed);
        assert_eq!(times.len(), asked);
        (asked, times[asked * 99 / 100])
    }
}

/// Whether the process leaves Redis alone, as its metrics say.
async fn breaker_is(api: &Api, open: bool) {
    let line = format!("cache_breaker_open {}\n", u8::from(open));
    until_async(&line, async || api.outside("/metrics").await.text().contains(&line).then_some(())).await;
}

/// Frozen, thawed, killed and started again; nobody's request fails, and none waits for it. How long they take is
/// looked at in the long form alone: what is not optimized and shares its machine with other tests is slow for reasons of
/// its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_freezes_dies_and_comes_back_costs_no_request() {
    let port = free_port();
    let redis = Redis::start_at(port);
    let world = World::on_sqlite()
        .with("REDIS_URL", &redis.url())
        .with("RESUME_OPTIMIZER__LIMITS__ENABLED", "true")
        .with("RESUME_OPTIMIZER__LIMITS__REQUESTS_PER_MINUTE", "100000");
    let service = world.serve(&["--all"]);
    let api = service.api().register("mira@example.org").await;
    let id = api.ask().await;
    api.ended(&id).await;
    let paths = [format!("/jobs/{id}/documents/md"), "/me".to_owned()];
    let load = Load::start(&api, paths, u32::try_from(sized(50, 200)).unwrap());
    let pause = Duration::from_secs(sized(1, 8) as u64);
    breaker_is(&api, false).await;
    tokio::time::sleep(pause).await;
    redis.freeze();
    breaker_is(&api, true).await;
    tokio::time::sleep(pause).await;
    redis.thaw();
    breaker_is(&api, false).await;
    tokio::time::sleep(pause).await;
    drop(redis);
    breaker_is(&api, true).await;
    tokio::time::sleep(pause).await;
    let redis = Redis::start_at(port);
    breaker_is(&api, false).await;
    tokio::time::sleep(pause).await;
    let (asked, slow) = load.end().await;
    eprintln!("{asked} requests while Redis froze, died and came back; 99 of 100 within {slow:?}");
    if long() {
        assert!(slow < Duration::from_millis(100), "{slow:?}");
    }
    drop(redis);
    let is_warning = |line: &serde_json::Value| {
        line["message"].as_str().is_some_and(|text| text.contains("Redis does not answer"))
    };
    let warned = service.log().iter().filter(|line| is_warning(line)).count();
    // Once each time, not with each request; a machine that stands still for a moment is another time.
    assert!(warned >= 2 && warned < asked / 5, "{warned} warnings for {asked} requests");
}

on_both! {
    async fn what_a_person_changes_at_one_process_is_so_at_another_one(world) {
        let redis = Redis::start();
        let world = world.with("REDIS_URL", &redis.url());
        let (here, there) = (world.serve(&["--all"]), world.serve(&["--api"]));
        let mira = here.api().register("mira@example.org").await;
        let elsewhere = there.api().with_token(&mira.token());
        let id = mira.ask().await;
        mira.ended(&id).await;
        let document = format!("/jobs/{id}/documents/md");
        let before = elsewhere.get(&document).await.expect(200).text();
        let result = mira.get(&format!("/jobs/{id}/result")).await.expect(200).json();
        let edits = result["edits"].as_array().unwrap();
        let decisions: Vec<_> =
            edits.iter().map(|edit| json!({ "edit_id": edit["id"], "decision": "reject" })).collect();
        mira.put(&format!("/jobs/{id}/edits"), &json!({ "decisions": decisions })).await.expect(200);
        let after = elsewhere.get(&document).await.expect(200).text();
        assert_ne!(after, before, "at once");
        let file = mira.upload("/files", "second.md", RESUME.replace("Mira", "Mina").as_bytes(), &[]).await;
        let file = format!("/files/{}", file.expect(201).json()["id"].as_str().unwrap());
        elsewhere.get(&format!("{file}/resume")).await.expect(200);
        mira.delete(&file).await.expect(204);
        elsewhere.get(&format!("{file}/resume")).await.expect(404);
    }

    async fn what_redis_has_of_an_erased_account_goes_also_when_the_process_that_erased_it_does(world) {
        let redis = Redis::start();
        let world = world
            .with("REDIS_URL", &redis.url())
            // A machine that stands still for a moment is no Redis that is gone.
            .with("RESUME_OPTIMIZER__REDIS__TIMEOUT_MS", "4000")
            .with("RESUME_OPTIMIZER__LIMITS__ENABLED", "true");
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        let file = mira.upload_resume().await;
        mira.get(&format!("/files/{file}/resume")).await.expect(200);
        let reading = "*account/*/reading/*";
        until("what was read to be in Redis", || redis.has(reading).then_some(()));
        redis.freeze();
        join_all((0..5).map(|_| mira.get("/me"))).await;
        breaker_is(&mira, true).await;
        mira.delete("/me").await.expect(204);
        drop(service);
        redis.thaw();
        assert!(redis.has(reading), "nobody could tell it");
        let _worker = world.serve(&["--worker"]);
        until("the end of what was read", || (!redis.has(reading)).then_some(()));
    }

    async fn an_account_is_erased_to_its_end_without_redis(world) {
        let world = world
            .with("REDIS_URL", &format!("redis://127.0.0.1:{}/0", free_port()))
            .with("RESUME_OPTIMIZER__QUEUE__RETRY_BASE_SECONDS", "1")
            .with("RESUME_OPTIMIZER__QUEUE__RETRY_MAX_SECONDS", "1");
        let service = world.serve(&["--all"]);
        let mira = service.api().register("mira@example.org").await;
        mira.upload_resume().await;
        mira.delete("/me").await.expect(204);
        until_async("the end of the task", async || {
            let done = "SELECT count(*) AS number FROM queue_tasks WHERE kind = 'erase-account' AND state = 'completed'";
            (select(&world, done).await == 1).then_some(())
        })
        .await;
        let is_warning = |line: &serde_json::Value| line["message"].as_str().is_some_and(|text| text.contains("what Redis has"));
        assert_eq!(service.log().iter().filter(|line| is_warning(line)).count(), 1, "each try before was silent");
    }
}
