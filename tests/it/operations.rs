//! What an operator relies on: starting with one sentence or not at all, readiness, metrics, and the schema.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::deadline::{until, until_async};
use crate::support::ground::change;
use crate::support::guarded::free_port;
use crate::support::postgres::Postgres;
use crate::support::program::Ended;
use crate::support::redis::Redis;
use crate::support::service::World;

/// `serve` ended with code 1 and one sentence on stderr that holds every one of `parts`.
#[track_caller]
fn did_not_start(ended: &Ended, parts: &[&str]) {
    assert_eq!((ended.code, ended.stderr.lines().count()), (Some(1), 1), "{ended:#?}");
    for part in parts {
        assert!(ended.stderr.contains(part), "{part:?} is missing in: {}", ended.stderr);
    }
    // On stdout there may be its log, and nothing else.
    for line in ended.stdout.lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
}

/// Names of the migrations and whether each is applied.
fn schema(world: &World) -> Vec<bool> {
    let status = world.program().args(["migrate", "status", "--json"]).run().json();
    let items = status["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["name"].as_str().is_some_and(|name| name.starts_with("m20"))));
    items.iter().map(|item| item["applied"].as_bool().unwrap()).collect()
}

#[test]
fn a_port_that_is_taken_is_one_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let world = World::on_sqlite().with("PORT", &port);
    did_not_start(&world.program().arg("serve").run(), &[&port, "another program listens there", "--port"]);
    assert!(!world.dir().join("data").exists(), "nothing is made by a process that cannot serve");
    let errors = std::fs::read_to_string(world.dir().join("logs/error.log")).unwrap();
    let error: Value = serde_json::from_str(errors.trim()).unwrap();
    assert_eq!(error["level"], "ERROR");
    assert!(error["message"].as_str().unwrap().contains(&port), "{error}");
}

#[test]
fn an_error_log_that_is_full_is_put_aside_within_its_day() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let world = World::on_sqlite().with("PORT", &port).with("RESUME_OPTIMIZER__LOG__MAX_FILE_MB", "1");
    let logs = world.dir().join("logs");
    fs::create_dir(&logs).unwrap();
    fs::write(logs.join("error.log"), vec![b'\n'; 1_000_000]).unwrap();
    did_not_start(&world.program().arg("serve").run(), &["another program listens there"]);
    let mut sizes: Vec<(String, u64)> = fs::read_dir(&logs)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len()))
        .collect();
    sizes.sort();
    assert!(
        matches!(&sizes[..], [(_, 1..2000), (aside, 1_000_000)] if aside.starts_with("error.log.20")),
        "{sizes:?}"
    );
}

#[test]
fn a_setting_that_is_wrong_is_one_sentence() {
    let check = |name: &str, value: &str, parts: &[&str]| {
        World::on_sqlite().with(name, value).program().arg("serve").run().refused(1, parts);
    };
    check("RESUME_OPTIMIZER__SERVER__PROT", "1", &["server.prot"]);
    check("RESUME_OPTIMIZER__QUEUE__CONCURRENCY", "many", &["queue.concurrency", "many"]);
    check("DATABASE_URL", "postgres://127.0.0.1/x", &["JWT_SECRET_KEY", "32"]);
    check("JWT_SECRET_KEY", "too short", &["32"]);
}

#[test]
fn a_database_that_is_not_there_is_one_sentence() {
    let world = World::on_sqlite().with("RESUME_OPTIMIZER__DATABASE__ACQUIRE_SECONDS", "1");
    let world = world.with("JWT_SECRET_KEY", "a secret that only tests share 0123456789");
    let nowhere = world.with("DATABASE_URL", &format!("postgres://rig:hunter2@127.0.0.1:{}/x", free_port()));
    for command in [["serve", "--api"], ["serve", "--worker"], ["migrate", "up"]] {
        let ended = nowhere.program().args(command).run();
        did_not_start(&ended, &["database", "database.url"]);
        assert!(!format!("{ended:?}").contains("hunter2"), "no password in a complaint");
    }
    let world = World::on_sqlite().with("RESUME_OPTIMIZER__DATA_DIR", "occupied");
    world.file("occupied", "a file where a folder should be");
    did_not_start(&world.program().arg("serve").run(), &["occupied", "data_dir"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_a_reason_not_to_be_ready() {
    let postgres = Postgres::durable();
    let world = World::on_sqlite()
        .with("DATABASE_URL", &postgres.database().await)
        .with("JWT_SECRET_KEY", "a secret that only tests share 0123456789")
        .with("RESUME_OPTIMIZER__DATABASE__ACQUIRE_SECONDS", "1");
    let service = world.serve(&["--all"]);
    let api = service.api().register("mira@example.org").await;
    let ready = api.outside("/ready").await.expect(200).json();
    assert_eq!(ready, json!({ "status": "ready", "reasons": [] }));
    let seen = async |up: u8| {
        let line = format!("dependency_up{{dependency=\"database\"}} {up}\n");
        until_async(&line, || async {
            api.outside("/metrics").await.expect(200).text().contains(&line).then_some(())
        })
        .await;
    };
    seen(1).await;
    drop(postgres);
    let answer = api.outside("/ready").await.expect(503).json();
    assert_eq!(answer["status"], "not_ready");
    assert!(answer["reasons"][0].as_str().unwrap().contains("database"), "{answer}");
    api.outside("/health").await.expect(200);
    let refused = api.get("/jobs").await;
    assert!(!refused.header("retry-after").is_empty(), "{:?}", refused.headers);
    refused.refused(503, "unavailable", &["try again"]);
    // No check of health is done without a database; what a process sees by itself is all that there is.
    seen(0).await;
    assert!(service.stop().success());
}

#[test]
fn the_environment_chooses_the_role_and_a_flag_wins() {
    let world = World::on_sqlite().with("RESUME_OPTIMIZER_ROLE", "worker");
    let worker = world.start(&[]);
    until("the start of the worker", || {
        worker.log().iter().any(|line| line["message"] == "working").then_some(())
    });
    assert!(!worker.log().iter().any(|line| line.to_string().contains("listening")), "{:#?}", worker.log());
    assert!(worker.stop().success());
    let ended = World::on_sqlite().with("RESUME_OPTIMIZER_ROLE", "boss").program().arg("serve").run();
    assert_eq!((ended.code, ended.stderr.lines().count()), (Some(2), 1), "{ended:#?}");
    assert!(ended.stderr.contains("all, api or worker"), "{ended:#?}");
    let api = World::on_sqlite().with("RESUME_OPTIMIZER_ROLE", "api").serve(&[]);
    assert!(api.address().starts_with("http://127.0.0.1:"));
    assert!(api.log().iter().all(|line| line["message"] != "working"), "{:#?}", api.log());
    let both = World::on_sqlite().with("RESUME_OPTIMIZER_ROLE", "").serve(&[]);
    assert!(both.log().iter().any(|line| line["message"] == "working"), "both is the default");
    let world = World::on_sqlite().with("RESUME_OPTIMIZER_ROLE", "api");
    assert!(world.serve(&["--all"]).log().iter().any(|line| line["message"] == "working"));
}

on_both! {
    async fn a_worker_by_itself_says_how_it_is_where_it_is_told_to(world) {
        world.program().args(["migrate", "up"]).run().done();
        let port = free_port();
        let world = world.with("RESUME_OPTIMIZER__WORKER__LISTEN", &format!("127.0.0.1:{port}"));
        let worker = world.serve(&["--worker", "--no-migrate"]);
        let probe = Api::new(&format!("http://127.0.0.1:{port}"));
        probe.outside("/health").await.expect(200);
        probe.outside("/ready").await.expect(200);
        // What waits is counted a moment after the start.
        until_async("the queue's numbers", async || {
            let metrics = probe.outside("/metrics").await.expect(200).text();
            (metrics.contains("queue_tasks{") && metrics.contains("build_info{")).then_some(())
        })
        .await;
        probe.outside("/").await.expect(404);
        probe.get("/jobs").await.expect(404);
        let asked = world.program().arg("health").run().done();
        assert_eq!(asked.stdout, "ok\n");
        world.program().args(["health", "--ready"]).run().done();
        assert!(worker.stop().success());
        world.program().arg("health").run().refused(1, &["does not answer", "worker.listen"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_says_so_first_and_takes_requests_meanwhile() {
    let port = free_port();
    let world = World::on_sqlite()
        .with("PORT", &port.to_string())
        .with("RESUME_OPTIMIZER__SERVER__LEAVE_SECONDS", "3");
    let mut service = world.serve(&["--all"]);
    let api = service.api().register("mira@example.org").await;
    world.program().args(["health", "--ready"]).run().done();
    service.signal("TERM");
    until_async("a process that leaves to say so", async || {
        let answer = api.outside("/ready").await;
        (answer.status == 503 && answer.text().contains("shutting down")).then_some(())
    })
    .await;
    api.get("/me").await.expect(200);
    world.program().arg("health").run().done();
    world.program().args(["health", "--ready"]).run().refused(1, &["503", "shutting down"]);
    assert!(service.wait().success());
    world.program().arg("health").run().refused(1, &["does not answer", "server.port"]);
}

#[test]
fn a_worker_cannot_listen_where_somebody_else_does() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let world = World::on_sqlite().with("RESUME_OPTIMIZER__WORKER__LISTEN", &address);
    let ended = world.program().args(["serve", "--worker"]).run();
    did_not_start(&ended, &[&address, "another program listens there", "worker.listen"]);
    let wrong = World::on_sqlite().with("RESUME_OPTIMIZER__WORKER__LISTEN", "everywhere");
    wrong.program().args(["serve", "--worker"]).run().refused(1, &["worker.listen", "0.0.0.0:9000"]);
}

/// What `doctor` finds of each thing that it looks at, and how it ends.
fn doctor(world: &World) -> (Option<i32>, BTreeMap<String, String>) {
    let ended = world.program().args(["doctor", "--json"]).run();
    let findings: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap().to_owned();
    for finding in &findings {
        assert_eq!(finding["state"] == "ok", finding["mend"].is_null(), "{finding}");
    }
    (ended.code, findings.iter().map(|finding| (text(finding, "check"), text(finding, "state"))).collect())
}

on_both! {
    async fn the_doctor_finds_nothing_wrong_with_what_is_right(world) {
        world.program().args(["migrate", "up"]).run().done();
        let (code, found) = doctor(&world);
        assert_eq!(code, Some(0), "{found:#?}");
        assert!(found.values().all(|state| state == "ok"), "{found:#?}");
        for check in ["configuration", "address", "data_dir", "database", "clock", "schema", "queue", "storage", "redis", "reader", "llm"] {
            assert!(found.contains_key(check), "{check} is missing: {found:#?}");
        }
        world.program().args(["queue", "pause"]).run().done();
        assert_eq!(doctor(&world), (Some(0), found.into_iter().chain([("queue".to_owned(), "warning".to_owned())]).collect()));
    }
}

#[test]
fn the_doctor_says_the_mend_of_what_is_wrong() {
    let fresh = World::on_sqlite();
    let said = fresh.program().arg("doctor").run().done().stdout;
    assert!(said.contains("the first start makes it"), "{said}");
    assert!(!fresh.dir().join("data").exists(), "who looks makes nothing");
    let secret = "a secret that only tests share 0123456789";
    let nowhere = World::on_sqlite()
        .with("RESUME_OPTIMIZER__DATABASE__ACQUIRE_SECONDS", "1")
        .with("JWT_SECRET_KEY", secret)
        .with("DATABASE_URL", &format!("postgres://rig:hunter2@127.0.0.1:{}/x", free_port()))
        .with("REDIS_URL", &format!("redis://:hunter3@127.0.0.1:{}/0", free_port()));
    let ended = nowhere.program().arg("doctor").run();
    assert_eq!(ended.code, Some(1));
    for part in
        ["FAILED   database", "database.url", "WARNING  redis", "each process counts", "ok       reader"]
    {
        assert!(ended.stdout.contains(part), "{part:?} is missing in:\n{}", ended.stdout);
    }
    assert!(ended.stderr.contains("mend database"), "{}", ended.stderr);
    assert!(!format!("{ended:?}").contains("hunter"), "no password in what is said");
    let (code, found) = doctor(&World::on_sqlite().with("PORT", "eighty"));
    assert_eq!((code, found.len()), (Some(1), 1), "{found:#?}");
    let occupied = World::on_sqlite().with("RESUME_OPTIMIZER__DATA_DIR", "occupied");
    occupied.file("occupied", "a file where a folder should be");
    let (code, found) = doctor(&occupied);
    assert_eq!((code, found["data_dir"].as_str(), found["storage"].as_str()), (Some(1), "failed", "failed"));
    // Of this network no machine has an address; and a file is no folder.
    let elsewhere = World::on_sqlite()
        .with("RESUME_OPTIMIZER__SERVER__HOST", "192.0.2.7")
        .with("RESUME_OPTIMIZER__LOG__DIR", "occupied");
    elsewhere.file("occupied", "a file where a folder should be");
    let (code, found) = doctor(&elsewhere);
    assert_eq!((code, found["address"].as_str(), found["log.dir"].as_str()), (Some(1), "failed", "failed"));
    let spoilt = World::on_sqlite();
    fs::create_dir(spoilt.dir().join("data")).unwrap();
    spoilt.file("data/jwt_secret_key", "short");
    let (code, found) = doctor(&spoilt);
    assert_eq!((code, found["secret"].as_str(), found["data_dir"].as_str()), (Some(1), "failed", "ok"));
    // Where the service runs, its address is in use.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert_eq!(doctor(&World::on_sqlite().with("RESUME_OPTIMIZER__SERVER__PORT", &port)).0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_keep_is_for_the_services_user_alone() {
    let world = World::on_sqlite();
    let service = world.serve(&["--all"]);
    service.api().register("mira@example.org").await.upload_resume().await;
    let rights = |name: &str| fs::metadata(world.dir().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((rights("data"), rights("data/files")), (0o700, 0o700));
    for name in ["resume-optimizer.db", "resume-optimizer.db-wal", "jwt_secret_key"] {
        assert_eq!(rights(&format!("data/{name}")), 0o600, "{name}");
    }
    assert!(service.stop().success());
    // A folder that the operator made stays as it was made.
    let shared = World::on_sqlite();
    fs::create_dir(shared.dir().join("data")).unwrap();
    fs::set_permissions(shared.dir().join("data"), Permissions::from_mode(0o750)).unwrap();
    assert!(shared.serve(&["--all"]).stop().success());
    let mode = fs::metadata(shared.dir().join("data")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o750);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_helps_and_is_not_needed() {
    let redis = Redis::start();
    let world = World::on_sqlite().with("REDIS_URL", &redis.url());
    let service = world.serve(&["--all"]);
    let api = service.api().register("mira@example.org").await;
    let id = api.ask().await;
    assert_eq!(api.ended(&id).await["status"], "completed");
    let document = api.get(&format!("/jobs/{id}/documents/pdf")).await.expect(200).bytes;
    until_async("another process to find what the first one wrote", async || {
        // Written behind the answer; a process of its own each time, as what one looked for it then has.
        let other = world.serve(&["--api"]);
        let elsewhere = other.api().with_token(&api.token());
        assert!(elsewhere.get(&format!("/jobs/{id}/documents/pdf")).await.expect(200).bytes == document);
        let counts = other.api().outside("/metrics").await.text();
        counts.contains(r#"cache_requests_total{tier="redis",outcome="hit"} 1"#).then_some(())
    })
    .await;
    drop(redis);
    for format in ["pdf", "docx", "txt"] {
        api.get(&format!("/jobs/{id}/documents/{format}")).await.expect(200);
    }
    api.outside("/ready").await.expect(200);
}

on_both! {
    async fn a_schema_that_is_behind_is_a_reason_not_to_be_ready(world) {
        let service = world.serve(&["--api", "--no-migrate"]);
        let api = service.api();
        let answer = api.outside("/ready").await.expect(503).json();
        let reason = answer["reasons"][0].as_str().unwrap();
        assert!(reason.contains("migrations are pending") && reason.contains("migrate up"), "{answer}");
        api.outside("/health").await.expect(200);
        world.program().args(["migrate", "up"]).run().done();
        api.outside("/ready").await.expect(200);
        api.register("mira@example.org").await.items("/jobs").await;
    }

    async fn a_schema_that_a_newer_version_has_brought_further_is_served(world) {
        world.program().args(["migrate", "up"]).run().done();
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        change(&world, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_more', 0)").await;
        api.outside("/ready").await.expect(200);
        let id = api.ask().await;
        assert_eq!(api.ended(&id).await["status"], "completed");
        assert!(service.stop().success());
        let again = world.serve(&["--all"]);
        again.api().outside("/ready").await.expect(200);
        let said = world.program().args(["migrate", "status"]).run().done().stdout;
        assert!(said.lines().any(|line| line == "newer    m20990101_000001_more"), "{said}");
        world.program().args(["queue", "status"]).run().done();
        assert!(again.stop().success());
        world.program().args(["migrate", "down", "1", "--yes"]).run().refused(1, &["m20990101_000001_more", "version"]);
        assert!(schema(&world).iter().all(|applied| *applied), "nothing is taken back");
    }

    async fn the_schema_goes_forward_and_back(world) {
        let run = |args: &[&str]| world.program().arg("migrate").args(args).run().done().stdout;
        let none = schema(&world);
        assert!(!world.dir().join("data").exists(), "who looks makes nothing");
        let count = none.len();
        assert!(count >= 3 && none.iter().all(|applied| !applied), "{none:?}");
        assert_eq!(run(&["up"]), format!("{count} migrations applied.\n"));
        assert!(schema(&world).iter().all(|applied| *applied));
        assert_eq!(run(&["up"]), "0 migrations applied.\n");
        assert!(run(&["status"]).lines().all(|line| line.starts_with("applied  m20")));
        assert_eq!(run(&["down", "1"]), "1 migration taken back.\n");
        assert_eq!(schema(&world).iter().filter(|applied| **applied).count(), count - 1);
        assert_eq!(run(&["down", "99"]), format!("{} migrations taken back.\n", count - 1));
        let service = world.serve(&["--api"]);
        let body = json!({ "email": "mira@example.org", "password": "a long enough passphrase 42" });
        service.api().post("/auth/register", &body).await.expect(201);
        // Nobody's tables go while somebody serves them.
        for command in [&["fresh"][..], &["down", "1", "--yes"]] {
            let ended = world.program().arg("migrate").args(command).run();
            ended.refused(1, &["has the database open", "stop the service"]);
        }
        service.api().post("/auth/login", &body).await.expect(200);
        assert!(service.stop().success());
        assert!(run(&["fresh"]).contains(&format!("{count} migrations applied")));
        let service = world.serve(&["--api"]);
        service.api().post("/auth/login", &body).await.refused(401, "invalid_credentials", &[]);
        let ended = world.program().args(["migrate", "down", "0"]).run();
        assert_eq!(ended.code, Some(2), "{ended:#?}");
    }

    async fn the_metrics_have_their_names_and_no_strangers_labels(world) {
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let id = api.ask().await;
        assert_eq!(api.ended(&id).await["status"], "completed");
        api.get(&format!("/jobs/{id}/documents/pdf")).await.expect(200);
        api.delete(&format!("/jobs/{id}")).await.expect(204);
        api.get(&format!("/jobs/{id}")).await.expect(404);
        api.outside("/wp-login.php").await.expect(404);
        let wanted = [
            r#"api_requests_total{method="POST",endpoint="/api/v1/jobs",status_code="202"} 1"#,
            r#"api_requests_total{method="GET",endpoint="unmatched",status_code="404"} 1"#,
            r#"api_request_duration_seconds_bucket{method="GET",endpoint="/api/v1/jobs/{job_id}""#,
            r#"api_errors_total{error_type="not_found",endpoint="/api/v1/jobs/{job_id}"} 1"#,
            "active_optimization_jobs 0",
            r#"resume_processing_duration_seconds_count{job_type="#,
            r#"queue_tasks{queue="default",state=""#,
            "queue_wait_seconds_count{kind=",
            "queue_task_duration_seconds_count{kind=",
            r#"outcome="completed"}"#,
            r#"cache_requests_total{tier="memory",outcome="miss"}"#,
            r#"db_connections{state="used"}"#,
            r#"db_connections{state="idle"}"#,
            r#"build_info{version=""#,
        ];
        // What a process holds is looked at every few seconds.
        until_async("every metric", || async {
            let text = api.outside("/metrics").await.expect(200).text();
            wanted.iter().all(|part| text.contains(part)).then_some(())
        })
        .await;
        let text = api.outside("/metrics").await.expect(200).text();
        assert!(!text.contains(&id) && !text.contains("wp-login"), "no label has what a stranger sent");
    }
}
