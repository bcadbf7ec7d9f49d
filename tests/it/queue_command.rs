//! What an operator sees of the queue and does with it, on the command line beside a service.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::deadline::{until, until_async};
use crate::support::ground::select;
use crate::support::inside::Inside;
use crate::support::program::Ended;
use crate::support::service::World;
use crate::support::site::{Page, Site};

/// The identifier of nothing.
const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// A world in which nothing is put into the queue by the clock during a test.
fn quiet(world: World) -> World {
    let new_year = "0 0 1 1 *";
    world
        .with("RESUME_OPTIMIZER__SCHEDULES__HEALTH_CHECK", new_year)
        .with("RESUME_OPTIMIZER__SCHEDULES__CLEANUP_OLD_JOBS", new_year)
}

/// The same, and only that site may be visited.
fn reaching(world: World, site: &Site) -> World {
    let hosts = format!("[intake]\nallow_private_hosts = [\"{}\"]\n", site.authority);
    world.file("config.toml", hosts);
    quiet(world)
}

/// `queue` with these arguments.
fn queue(world: &World, args: &[&str]) -> Ended {
    world.program().arg("queue").args(args).run()
}

/// What it says when it does what it was asked for.
#[track_caller]
fn says(world: &World, args: &[&str]) -> String {
    queue(world, args).done().stdout
}

/// Where the queue stands.
#[track_caller]
fn status(world: &World) -> Value {
    queue(world, &["status", "--json"]).json()
}

/// The task of a job.
#[track_caller]
fn task_of(world: &World, job: &str) -> Value {
    let list = queue(world, &["list", "--json"]).json();
    let tasks = list["items"].as_array().unwrap();
    tasks
        .iter()
        .find(|task| task["unique_key"] == job)
        .unwrap_or_else(|| panic!("{job} has none: {list}"))
        .clone()
}

/// The identifier of a task.
fn id(task: &Value) -> &str {
    task["id"].as_str().unwrap()
}

/// A job with the posting at this address.
async fn ask(api: &Api, url: &str) -> String {
    let body = json!({ "file_id": api.upload_resume().await, "job_url": url });
    let job = api.post("/jobs", &body).await.expect(202).json();
    job["id"].as_str().unwrap().to_owned()
}

/// Waits until the job stands so.
async fn stands(api: &Api, job: &str, status: &str) -> Value {
    until_async(status, || async {
        let job = api.get(&format!("/jobs/{job}")).await.expect(200).json();
        (job["status"] == status).then_some(job)
    })
    .await
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

on_both! {
    async fn a_paused_queue_keeps_what_waits_and_lets_it_go(world) {
        let world = quiet(world);
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let nothing = json!({ "queued": 0, "running": 0, "completed": 0, "dead": 0, "cancelled": 0 });
        assert_eq!(status(&world), json!({ "tasks": nothing, "paused": false, "oldest_seconds": 0.0 }));
        assert!(says(&world, &["pause"]).contains("paused"));
        assert!(says(&world, &["pause"]).contains("paused"), "twice is no mistake");
        let job = api.ask().await;

        // Also while it stands in its account's own line.
        let seen = until("some waiting", || Some(status(&world)).filter(|seen| seen["oldest_seconds"].as_f64() > Some(0.0)));
        assert_eq!((&seen["tasks"]["queued"], &seen["paused"]), (&json!(1), &json!(true)), "{seen}");
        let table = says(&world, &["status"]);
        let row = |label: &str| table.lines().find(|line| line.starts_with(label)).unwrap().split_whitespace().last();
        assert_eq!((row("queued"), row("paused"), row("longest wait")), (Some("1"), Some("yes"), Some("s")), "{table}");

        let task = task_of(&world, &job);
        assert_eq!((&task["kind"], &task["state"], &task["attempt"]), (&json!("optimize"), &json!("queued"), &json!(0)));
        let list = says(&world, &["list", "--state", "queued", "--limit", "1"]);
        assert_eq!(list.lines().count(), 2, "{list}");
        for part in [id(&task), "optimize", "queued", "0/3", task["group"].as_str().unwrap()] {
            assert!(list.contains(part), "{part:?} is missing in: {list}");
        }
        assert_eq!(says(&world, &["list", "--state", "dead"]).lines().count(), 1, "its heading alone");
        let shown = says(&world, &["show", id(&task)]);
        assert!(shown.contains(&job) && shown.contains("0 of 3"), "{shown}");
        assert_eq!(queue(&world, &["show", id(&task), "--json"]).json()["history"], json!([]));

        assert!(says(&world, &["resume"]).contains("goes on"));
        assert_eq!(api.ended(&job).await["status"], "completed");
        until("the end of the task", || (task_of(&world, &job)["state"] == "completed").then_some(()));
        for what in ["cancel", "retry"] {
            queue(&world, &[what, id(&task)]).refused(1, &[id(&task), "is completed", "only one that"]);
        }
    }

    async fn a_waiting_task_that_is_called_off_takes_its_job_along(world) {
        let world = quiet(world);
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        says(&world, &["pause"]);
        let job = api.ask().await;
        let task = task_of(&world, &job);
        assert_eq!(says(&world, &["cancel", id(&task)]), format!("Task {} is cancelled.\n", id(&task)));
        assert_eq!(api.get(&format!("/jobs/{job}")).await.expect(200).json()["status"], "cancelled");
        queue(&world, &["cancel", id(&task)]).refused(1, &["is cancelled", "only one that waits or runs"]);
        assert!(says(&world, &["retry", id(&task)]).contains("waits again"));
        assert_eq!(api.get(&format!("/jobs/{job}")).await.expect(200).json()["status"], "queued");
        queue(&world, &["retry", id(&task)]).refused(1, &["is queued", "only one that is dead or cancelled"]);
        let noted = "SELECT count(*) AS number FROM audit_events WHERE actor = 'operator' AND (user_id IS NULL AND action = 'queue_paused' OR user_id IS NOT NULL AND action IN ('task_cancelled', 'task_retried'))";
        assert_eq!(select(&world, noted).await, 3);

        // Its owner calls it off and asks again: the first task is then no longer what the job waits for.
        api.post(&format!("/jobs/{job}/cancel"), &json!({})).await.expect(202);
        api.post(&format!("/jobs/{job}/retry"), &json!({})).await.expect(202);
        queue(&world, &["retry", id(&task)]).refused(1, &["left as it is", "another task for the same thing"]);
        says(&world, &["resume"]);
        assert_eq!(api.ended(&job).await["status"], "completed");
    }

    async fn a_running_task_that_is_called_off_is_asked_to_stop(world) {
        let site = Site::start(|_| Some(Page::Silence));
        let world = reaching(world, &site).with("RESUME_OPTIMIZER__QUEUE__HEARTBEAT_SECONDS", "1");
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let job = ask(&api, &site.url("/silent")).await;
        stands(&api, &job, "running").await;
        let said = says(&world, &["cancel", id(&task_of(&world, &job))]);
        // On PostgreSQL its worker may hear of it before the command is at its end.
        assert!(said.contains("asked to stop") || said.contains("is cancelled"), "{said}");
        assert_eq!(api.ended(&job).await["status"], "cancelled");
    }

    async fn a_dead_task_is_tried_again_with_its_job(world) {
        let site = Site::start(|_| None);
        let world = reaching(world, &site);
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let (job, gone) = (ask(&api, &site.url("/gone")).await, ask(&api, &site.url("/away")).await);
        for job in [&job, &gone] {
            assert_eq!(api.ended(job).await["status"], "failed");
        }
        let (task, other) = (task_of(&world, &job), task_of(&world, &gone));
        assert_eq!((&task["state"], &task["error_kind"]), (&json!("dead"), &json!("refused")));
        let shown = queue(&world, &["show", id(&task), "--json"]).json();
        assert_eq!((&shown["id"], &shown["history"][0]["outcome"]), (&task["id"], &json!("dead")), "{shown}");
        assert!(says(&world, &["show", id(&task)]).contains("attempt 1     dead, "));
        assert!(says(&world, &["list"]).contains("refused: "));

        says(&world, &["pause"]);
        assert!(says(&world, &["retry", id(&task)]).contains("waits again"));
        let waiting = api.get(&format!("/jobs/{job}")).await.expect(200).json();
        assert_eq!((&waiting["status"], &waiting["error_message"]), (&json!("queued"), &Value::Null));
        says(&world, &["resume"]);
        assert_eq!(stands(&api, &job, "failed").await["status"], "failed");
        assert_eq!(site.visits("/gone"), 2, "it ran again");

        api.delete(&format!("/jobs/{gone}")).await.expect(204);
        queue(&world, &["retry", id(&other)]).refused(1, &["left as it is", "is gone"]);
        assert_eq!(task_of(&world, &gone)["state"], "dead");
        let said = until("both to be dead", || {
            (status(&world)["tasks"]["dead"] == 2).then(|| says(&world, &["retry", "--all-dead"]))
        });
        assert!(said.contains("1 dead task waits again") && said.contains("1 stay"), "{said}");
        assert_eq!(stands(&api, &job, "failed").await["status"], "failed");
        until("the third visit", || (site.visits("/gone") == 3).then_some(()));
    }

    async fn what_ended_long_ago_is_pruned(world) {
        let world = quiet(world);
        let service = world.serve(&["--api"]);
        let inside = Inside::of(&world).await;
        let api = service.api().register("mira@example.org").await;
        let job = api.ask().await;
        says(&world, &["cancel", id(&task_of(&world, &job))]);
        let waiting = api.ask().await;
        let none = "0 tasks deleted: 0 completed, 0 cancelled, 0 dead.\n";
        inside.age_tasks(6).await;
        assert_eq!(says(&world, &["prune"]), none);
        assert_eq!(says(&world, &["prune", "--older-than", "7"]), none);
        assert_eq!(says(&world, &["prune", "--older-than", "5"]), "1 task deleted: 0 completed, 1 cancelled, 0 dead.\n");
        assert_eq!(says(&world, &["prune", "--older-than", "0"]), none);
        assert_eq!(task_of(&world, &waiting)["state"], "queued", "what waits stays");
    }

    async fn a_watcher_sees_the_queue_each_second_until_told_to_stop(world) {
        let world = quiet(world);
        world.program().args(["migrate", "up"]).run().done();
        let watch = |args: &[&str]| {
            let mut child = world.program().args(["queue", "status", "--watch"]).args(args).spawn();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            (child, lines)
        };
        let (mut text, mut lines) = watch(&[]);
        let (mut objects, mut values) = watch(&["--json"]);
        let mut line = || lines.next().unwrap().unwrap();
        let (first, second) = (line(), line());
        assert!(first.starts_with("0 queued, 0 running, ") && !first.contains("completed/s"), "{first}");
        assert!(second.ends_with("0.0 completed/s"), "{second}");
        let mut value = || serde_json::from_str::<Value>(&values.next().unwrap().unwrap()).unwrap();
        let (first, second) = (value(), value());
        assert_eq!((&first["tasks"]["dead"], &first["completed_per_second"]), (&json!(0), &Value::Null), "{first}");
        assert_eq!(second["completed_per_second"], json!(0.0), "{second}");
        signal(&text, "TERM");
        signal(&objects, "INT");
        for child in [&mut text, &mut objects] {
            let ended = until("the end of the watcher", || child.try_wait().unwrap());
            assert_eq!(ended.code(), Some(0));
        }
        // Whoever has read enough hangs up.
        let (mut left, lines) = watch(&[]);
        drop(lines);
        assert_eq!(until("the end of the watcher", || left.try_wait().unwrap()).code(), Some(0));
    }

    async fn a_task_that_is_none_is_one_sentence(world) {
        world.program().args(["migrate", "up"]).run().done();
        for what in ["show", "retry", "cancel"] {
            queue(&world, &[what, NOBODY]).refused(1, &[NOBODY, "queue list"]);
            let ended = queue(&world, &[what, "4711"]);
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:#?}");
            assert!(ended.stderr.contains("4711") && ended.stderr.contains("a task's ID is"), "{ended:#?}");
        }
        let wrong: [&[&str]; 4] =
            [&["list", "--state", "lost"], &["list", "--limit", "0"], &["retry"], &["retry", NOBODY, "--all-dead"]];
        for args in wrong {
            assert_eq!(queue(&world, args).code, Some(2), "{args:?}");
        }
        let ended = queue(&world, &["list", "--state", "lost"]);
        assert!(ended.stderr.contains("lost") && ended.stderr.contains("cancelled"), "{ended:#?}");
    }

    async fn a_schema_that_is_behind_is_one_sentence(world) {
        world.program().args(["migrate", "up"]).run().done();
        world.program().args(["migrate", "down", "1", "--yes"]).run().done();
        for args in [["status"].as_slice(), &["status", "--watch"], &["pause"], &["retry", NOBODY]] {
            queue(&world, args).refused(1, &["1 migration pending", "resume-optimizer migrate up"]);
        }
        // What only a service needs is not asked for.
        world.program().args(["migrate", "up"]).run().done();
        let ended = world.program().env("JWT_SECRET_KEY", "").args(["queue", "retry", NOBODY]).run();
        ended.refused(1, &["There is no task"]);
        assert!(!world.dir().join("data/files").exists() && !world.dir().join("data/jwt_secret_key").exists());
    }
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let world = World::on_sqlite();
    for args in [["status"].as_slice(), &["status", "--watch"], &["resume"], &["prune"]] {
        queue(&world, args).refused(1, &["data/resume-optimizer.db", "data_dir"]);
    }
    assert!(!world.dir().join("data").exists());
}
