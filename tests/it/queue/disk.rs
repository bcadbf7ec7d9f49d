//! Disks that are full: nothing is acknowledged that was not kept, and work goes on once there is room.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use resume_optimizer::queue::NewTask;
use serde_json::json;

use crate::queue::rig::{Rig, within};
use crate::queue::worker::Worker;
use crate::queue::{either, figures};
use crate::support::deadline::until;
use crate::support::guarded::{Guarded, folder};
use crate::support::postgres::Postgres;

/// What a worker may need to work again once there is room.
const RESUME: Duration = Duration::from_secs(10);

/// Makes a small file system of a folder, until its guard ends. Not by a shell: that cannot catch what its guard ignores.
const MOUNT: &str = r#"
import os, signal, subprocess, sys
os.mkdir("room")
room = os.path.abspath("room")
def leave(*_):
    subprocess.run(["umount", "-l", room])
    os._exit(0)
signal.signal(signal.SIGQUIT, leave)
made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={sys.argv[1]}m", "none", room]).returncode == 0
print("mounted" if made else "refused", flush=True)
while True:
    signal.pause()
"#;

/// A small file system; it ends with its guard.
struct Space {
    guard: Guarded,
}

impl Space {
    /// One of so many megabytes; `None` where we may not.
    fn mount(megabytes: u32) -> Option<Self> {
        let dir = folder(None);
        let guard = Guarded::start(&dir, None, &["python3", "-c", MOUNT, &megabytes.to_string()]);
        let mounted = until("a small file system", || {
            let log = guard.log();
            (log.contains("mounted") || log.contains("refused")).then(|| log.contains("mounted"))
        });
        mounted.then_some(Self { guard })
    }

    fn folder(&self) -> PathBuf {
        self.guard.dir.join("room")
    }
}

/// Takes what room there is.
fn fill(folder: &Path) -> PathBuf {
    let ballast = folder.join("ballast");
    let mut file = File::create(&ballast).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    ballast
}

/// What is put in while there is no room: refused, and never acknowledged for nothing.
async fn refused(rig: &Rig, patience: Duration) -> usize {
    let mut refused = 0;
    let payload = json!({ "mark": "x".repeat(20_000) });
    within(patience, "a refusal", || async {
        rig.submit(NewTask::new("noop", payload.clone()).max_attempts(20)).await.is_err().then_some(())
    })
    .await;
    for _ in 0..either(5, 50) {
        refused +=
            usize::from(rig.submit(NewTask::new("noop", payload.clone()).max_attempts(20)).await.is_err());
    }
    refused
}

/// What must hold once there is room again.
async fn resumes(rig: &Rig, worker: &mut Worker, fault: &str, refused: usize) {
    let room = Instant::now();
    let id = within(RESUME, "an acknowledgement", || async {
        rig.submit(NewTask::new("noop", json!({})).max_attempts(20)).await.ok()
    })
    .await;
    // By a connection of its own, or it may be there for us alone.
    let other = Rig::reopened(&rig.conditions.url, tempfile::tempdir().unwrap()).await;
    assert!(other.rows().await.unwrap().contains_key(&id), "it was acknowledged and is not there");
    within(RESUME, "work", || async {
        rig.rows().await.ok()?.get(&id).is_some_and(|row| row.state == "completed").then_some(())
    })
    .await;
    let took = room.elapsed();
    assert!(took < RESUME, "{took:?}");
    rig.all_ended(Duration::from_secs(60)).await;
    let states = rig.invariants().await;
    assert!(worker.is_alive(), "I6: {}", worker.log());
    assert!(!worker.log().contains("panicked"));
    let rows = rig.rows().await.unwrap();
    let lost = rows.values().filter(|row| row.crashes > 0).count();
    assert_eq!(lost, 0, "a lease was lost");
    figures(
        "F16",
        &format!(
            "{fault}: {refused} refused after the first, work again after {} ms, {states:?}",
            took.as_millis()
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_postgresql_without_room_refuses_and_resumes() {
    let Some(postgres) = Postgres::cramped(90) else {
        figures("F16", "left out on PostgreSQL: only root can make a small file system");
        return;
    };
    let rig = Rig::on(&postgres).await;
    let mut worker = rig.worker();
    for _ in 0..4 {
        rig.put_for("sleep", either(3000, 10_000)).await;
    }
    for id in rig.acknowledged() {
        rig.happened(id, 1, "start").await;
    }
    // It may give up altogether; then somebody starts it again.
    postgres.stays_down();
    let ballast = fill(&postgres.data());
    let refused = refused(&rig, Duration::from_secs(60)).await;
    tokio::time::sleep(rig.conditions.lease() * 2).await;
    fs::remove_file(ballast).unwrap();
    postgres.may_start();
    resumes(&rig, &mut worker, "PostgreSQL", refused).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_sqlite_without_room_refuses_and_resumes() {
    let Some(space) = Space::mount(3) else {
        figures("F16", "left out on SQLite: only root can make a small file system");
        return;
    };
    let rig =
        Rig::at(&format!("sqlite://{}/queue.db", space.folder().display()), tempfile::tempdir().unwrap())
            .await;
    let mut worker = rig.worker();
    for _ in 0..4 {
        rig.put_for("sleep", either(3000, 10_000)).await;
    }
    for id in rig.acknowledged() {
        rig.happened(id, 1, "start").await;
    }
    let ballast = fill(&space.folder());
    let refused = refused(&rig, Duration::from_secs(60)).await;
    tokio::time::sleep(rig.conditions.lease() * 2).await;
    fs::remove_file(ballast).unwrap();
    resumes(&rig, &mut worker, "SQLite", refused).await;
    let rows = rig.ask("PRAGMA integrity_check").await.unwrap();
    assert_eq!(rows[0].try_get_by_index::<String>(0).unwrap(), "ok");
}
