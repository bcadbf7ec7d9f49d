//! SQLite's file: read by somebody for long, locked by another program, and left behind in the middle of a commit.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand::RngExt as _;
use resume_optimizer::queue::TaskId;

use crate::queue::rig::{Rig, within};
use crate::queue::worker::{Conditions, Worker};
use crate::queue::{either, figures};
use crate::support::deadline::until;

/// How long somebody who writes waits for the file before it is told of an error.
const PATIENCE: Duration = Duration::from_secs(5);

fn file(rig: &Rig) -> PathBuf {
    PathBuf::from(rig.conditions.url.strip_prefix("sqlite://").unwrap())
}

fn wal(rig: &Rig) -> u64 {
    let mut path = file(rig).into_os_string();
    path.push("-wal");
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Tasks that a process was told are in, by its log.
fn acknowledged(submitter: &Worker) -> Vec<TaskId> {
    let log = submitter.log();
    // The last line may be half of one.
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let ids = whole.lines().filter_map(|line| line.strip_prefix("ack ")?.split(' ').next());
    ids.map(|id| id.parse().unwrap()).collect()
}

/// Every one of these is in the database, which is whole.
async fn holds(rig: &Rig, ids: &[TaskId]) {
    let check = rig.ask("PRAGMA integrity_check").await.unwrap();
    assert_eq!(check[0].try_get_by_index::<String>(0).unwrap(), "ok");
    let rows = rig.rows().await.unwrap();
    let lost = ids.iter().filter(|id| !rows.contains_key(id)).count();
    assert_eq!(lost, 0, "of {} acknowledged", ids.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_a_reader_that_stays_costs_room_only_as_long_as_it_stays() {
    let rig = Rig::on_sqlite().await;
    let mut worker = rig.worker();
    let mut held = rig.hold_snapshot().await;
    let until = Instant::now() + either(Duration::from_secs(2), Duration::from_secs(300));
    while Instant::now() < until {
        rig.put_for("noop", 0).await;
    }
    let grown = wal(&rig);
    sqlx::query("COMMIT").execute(&mut held).await.unwrap();
    drop(held);
    rig.all_ended(Duration::from_secs(120)).await;
    // Checkpoints start over at its beginning now, and it grows no more.
    let before = wal(&rig);
    for _ in 0..either(150, 5000) {
        rig.put_for("noop", 0).await;
    }
    rig.all_ended(Duration::from_secs(120)).await;
    let after = wal(&rig);
    assert!(after <= before + 4_200_000, "{before} to {after} bytes");
    let states = rig.invariants().await;
    assert!(worker.is_alive(), "I6");
    figures(
        "F19",
        &format!("a reader that stays: the log grew to {grown} bytes, later to {after}, {states:?}"),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_another_program_that_keeps_the_file_locked_is_waited_for() {
    let rig = Rig::on_sqlite().await;
    let mut worker = rig.worker();
    let running = rig.put_for("sleep", 1000).await;
    rig.happened(running, 1, "start").await;
    let seconds = either(6, 10);
    let mut other = Command::new("python3");
    other.args(["-c", LOCK]).arg(file(&rig)).arg(seconds.to_string()).stdout(Stdio::piped());
    let mut other: Child = other.spawn().unwrap();
    locked(&mut other);
    // A moment into it: two waits of five seconds would else end with the lock, and one of both first.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (began, mut refusals) = (Instant::now(), 0);
    let slowest = loop {
        let asked = Instant::now();
        match rig.submit(resume_optimizer::queue::NewTask::new("noop", serde_json::json!({}))).await {
            Ok(_) => break began.elapsed(),
            Err(error) => {
                let waited = asked.elapsed();
                assert!(waited >= PATIENCE, "refused after {waited:?}: {error}");
                refusals += 1;
            }
        }
    };
    assert!(refusals <= 1, "{refusals}");
    assert!(other.wait().unwrap().success());
    rig.all_ended(Duration::from_secs(60)).await;
    rig.invariants().await;
    assert_eq!(rig.row(running).await.lease_seq, 1);
    assert!(worker.is_alive(), "I6");
    figures(
        "F19",
        &format!("locked for {seconds} s: {refusals} refusals, in after {} ms", slowest.as_millis()),
    );
}

/// Takes the write lock, says so, and keeps it.
const LOCK: &str = r#"
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
db.execute("ROLLBACK")
"#;

fn locked(other: &mut Child) {
    use std::io::BufRead as _;
    let mut line = String::new();
    std::io::BufReader::new(other.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "locked\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_what_was_acknowledged_survives_kills_and_power_cuts_in_the_middle_of_commits() {
    let rig = Rig::on_sqlite().await;
    let submits = Conditions { submits: true, ..rig.conditions.clone() };
    let (mut ids, mut copies) = (Vec::new(), 0);
    for round in 0..either(3, 30) {
        let mut submitter = Worker::start(&submits);
        let mut worker = rig.worker();
        until("some commits", || (acknowledged(&submitter).len() >= 5).then_some(()));
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..300))).await;
        if round % 3 == 1 {
            // The power goes: whoever writes stands still while we take what is in the files. What is in memory, such
            // as the index of the log, is lost; what was written to a file is taken to have reached the disk.
            for process in [&submitter, &worker] {
                process.signal("STOP");
            }
            let before = acknowledged(&submitter);
            let copy = copy(&file(&rig));
            for process in [&submitter, &worker] {
                process.signal("CONT");
            }
            let url = format!("sqlite://{}", copy.path().join("queue.db").display());
            let reopened = Rig::reopened(&url, copy).await;
            holds(&reopened, &before).await;
            holds(&reopened, &ids).await;
            copies += 1;
        }
        submitter.kill();
        worker.kill();
        ids.extend(acknowledged(&submitter));
        holds(&rig, &ids).await;
    }
    let _worker = rig.worker();
    rig.all_ended(Duration::from_secs(120)).await;
    holds(&rig, &ids).await;
    let rows = rig.rows().await.unwrap();
    assert!(ids.iter().all(|id| rows.get(id).is_some_and(|row| row.state == "completed")));
    figures("F19", &format!("{} acknowledged and done, past {copies} simulated power cuts", ids.len()));
}

// A copy of the files has what was written; that it is on the disk as well is what these two are for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_what_is_acknowledged_has_reached_the_disk() {
    let rig = Rig::on_sqlite().await;
    let mut writer = rig.db.sqlite_pool().acquire().await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *writer).await.unwrap();
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *writer).await.unwrap();
    // FULL: the log is flushed at each commit.
    assert_eq!((synchronous, journal.as_str()), (2, "wal"));
}

/// The file and its log, as a power cut leaves them.
fn copy(database: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for end in ["", "-wal"] {
        let mut from = database.as_os_str().to_owned();
        from.push(end);
        std::fs::copy(from, copy.path().join(format!("queue.db{end}"))).unwrap();
    }
    copy
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_the_next_worker_on_a_file_takes_over_at_once() {
    let mut rig = Rig::on_sqlite().await;
    // Long: nobody waits for its end.
    rig.conditions.lease = 60;
    let mut worker = rig.worker();
    let id = rig.put_for("sleep", 1500).await;
    rig.happened(id, 1, "start").await;
    let mut next = rig.worker();
    assert!(next.is_alive());
    worker.kill();
    let killed = rig.now().await;
    let again = rig.happened(id, 2, "start").await;
    assert_eq!(again.pid, next.pid());
    let took = again.at - killed;
    assert!(took < 12_000, "{took} ms");
    within(Duration::from_secs(60), "its end", || async {
        (rig.row(id).await.state == "completed").then_some(())
    })
    .await;
    rig.invariants().await;
    figures("F19", &format!("taken over {took} ms after the kill, long before its lease ended"));
}
