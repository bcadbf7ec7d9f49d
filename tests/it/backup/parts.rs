//! What a backup that was killed leaves, and that the next one clears it away and nothing else.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};

use sea_orm::{ConnectionTrait as _, DbBackend, Statement, TransactionTrait as _};

use crate::backup::archive::{entries, use_everything};
use crate::support::deadline::until_async;
use crate::support::service::World;

/// Names of the parts that there are.
fn parts(world: &World) -> Vec<String> {
    let names = fs::read_dir(world.dir()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut parts: Vec<String> = names
        .map(|name| name.into_string().unwrap())
        .filter(|name| name.starts_with(".all.zip") && name.ends_with(".part"))
        .collect();
    parts.sort();
    parts
}

/// Backups that wait for somebody's lock are killed, or are not: what only the dead have left goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_backup_left_is_deleted_by_the_next_and_not_while_it_lives() {
    let world = World::on_postgresql().await;
    use_everything(&world).await;
    let holder = sea_orm::Database::connect(world.config().database_url()).await.unwrap();
    let held = holder.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let waiting = async |runs: i64| {
        until_async("the wait for the lock", || async {
            let waiting = "SELECT count(*) AS found FROM pg_stat_activity
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let waiting = Statement::from_string(DbBackend::Postgres, waiting);
            let row = holder.query_one_raw(waiting).await.unwrap().unwrap();
            (row.try_get::<i64>("", "found").unwrap() >= runs).then_some(())
        })
        .await;
    };
    let start = || -> Child { world.program().args(["backup", "all.zip", "--force"]).spawn() };

    let mut killed = start();
    waiting(1).await;
    let left = parts(&world);
    assert_eq!(left.len(), 1, "{left:?}");
    let mut lives = start();
    waiting(2).await;
    assert!(
        parts(&world).len() == 2 && parts(&world).contains(&left[0]),
        "both are at it: {:?}",
        parts(&world)
    );
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(parts(&world).contains(&left[0]), "nobody was there to delete it");
    let mut next = start();
    // The killed one's connection waits until the server notices, or for ever: it is not counted on.
    until_async("the part of the next one", || async {
        let parts = parts(&world);
        (parts.len() == 2 && !parts.contains(&left[0])).then_some(())
    })
    .await;
    held.rollback().await.unwrap();
    assert!(lives.wait().unwrap().success() && next.wait().unwrap().success());
    holder.close().await.unwrap();
    assert_eq!(parts(&world), Vec::<String>::new());
    assert!(entries(&world.dir().join("all.zip")).contains_key("manifest.json"));
}

#[test]
fn a_part_that_somebody_holds_or_that_is_not_ours_stays() {
    let world = World::on_sqlite();
    world.program().args(["migrate", "up"]).run().done();
    let stays = [".all.zip.part", ".all.zipAbC12.part", ".all.zipAbC-23.part", ".all.zipHeldBy.part"];
    for name in [".all.zipAbC123.part", ".all.zipZ0z9y8.part"].iter().chain(&stays) {
        world.file(name, "half of an archive");
    }
    let held = File::options().write(true).open(world.dir().join(".all.zipHeldBy.part")).unwrap();
    held.lock().unwrap();
    let ended = world.program().args(["backup", "all.zip"]).run().done();
    assert_eq!(ended.stderr, "");
    let mut expected = stays.map(str::to_owned);
    expected.sort();
    assert_eq!(parts(&world), expected);

    // The next run of the same name, once nobody holds it.
    drop(held);
    world.program().args(["backup", "all.zip", "--force"]).run().done();
    assert_eq!(parts(&world).len(), 3, "{:?}", parts(&world));
}

/// Not even root may open to write what runs as a program.
#[test]
fn a_part_that_cannot_be_deleted_is_a_warning_and_the_backup_is_made() {
    let world = World::on_sqlite();
    world.program().args(["migrate", "up"]).run().done();
    let busy = world.dir().join(".all.zipAbC123.part");
    fs::copy("/bin/sleep", &busy).unwrap();
    let mut sleeps = Command::new(&busy).arg0("sleep").arg("600").spawn().unwrap();
    let ended = world.program().args(["backup", "all.zip", "--json"]).run();
    sleeps.kill().unwrap();
    sleeps.wait().unwrap();
    let said = ended.stderr.clone();
    assert!(said.starts_with("warning: ") && said.lines().count() == 1, "{said}");
    assert!(said.contains(".all.zipAbC123.part") && said.contains("delete it"), "{said}");
    assert_eq!(ended.json()["parts_left"].as_array().unwrap().len(), 1);
    assert!(busy.exists() && world.dir().join("all.zip").exists());
}
