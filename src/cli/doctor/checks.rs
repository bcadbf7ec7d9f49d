//! One function a thing that the service needs; each asks it as the service would, within a bound.

use std::convert::Infallible;
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;

use crate::blobs::Blobs;
use crate::cache::Cache;
use crate::cli::doctor::{Finding, folders};
use crate::config::{Config, StorageKind};
use crate::pipeline::Pipeline;
use crate::queue::Queue;
use crate::store::{Db, health, migrate};
use crate::worker::in_time;

/// Longest wait for one of them; the database has `database.acquire_seconds` for its first connection besides.
pub(in crate::cli::doctor) const PATIENCE: Duration = Duration::from_secs(10);
/// Milliseconds that two clocks may differ without anybody's noticing; tokens and leases are in seconds.
const CLOCKS_DIFFER: i64 = 2_000;
/// Seconds that a task may wait before somebody should see why.
const WAITS_LONG: f64 = 300.0;
/// What is read to see that documents can be read.
const DOCUMENT: &str = "Jane Doe\njane@example.org\n\nExperience\nEngineer, Example Ltd, 2019 - 2024\n";

/// Everything, in the order in which it is needed.
pub(in crate::cli::doctor) async fn all(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("configuration", "every key is known, and every value fits")];
    findings.push(address("address", &config.server_address(), "server.host and server.port").await);
    if !config.worker.listen.is_empty() {
        findings.push(address("worker.listen", &config.worker.listen, "worker.listen").await);
    }
    findings.extend(folders::log(config).await);
    findings.extend(folders::data(config).await);
    findings.extend(folders::secret(config).await);
    findings.extend(database(config).await);
    findings.push(storage(config).await);
    findings.push(redis(config).await);
    findings.push(reader(config).await);
    findings.push(language_model(config));
    findings
}

/// Whether somebody may listen there. That somebody does is as it should be where the service runs.
async fn address(check: &'static str, address: &str, setting: &str) -> Finding {
    match in_time(PATIENCE, async { Ok::<_, Infallible>(TcpListener::bind(address).await) }).await {
        Ok(Ok(_)) => Finding::ok(check, format!("{address} is free")),
        Ok(Err(error)) if error.kind() == io::ErrorKind::AddrInUse => {
            Finding::ok(check, format!("{address} is in use, by the service or by somebody else"))
        }
        Ok(Err(error)) if error.kind() == io::ErrorKind::PermissionDenied => Finding::warning(
            check,
            format!("this user may not listen on {address}"),
            "see that the service may: ports below 1024 take root or CAP_NET_BIND_SERVICE",
        ),
        Ok(Err(error)) => no_address(check, address, &error, setting),
        Err(error) => no_address(check, address, &error, setting),
    }
}

fn no_address(check: &'static str, address: &str, error: &impl Display, setting: &str) -> Finding {
    Finding::failed(
        check,
        format!("nobody can listen on {address}: {error}"),
        format!("set {setting} to an address of this machine, 0.0.0.0 for all, and a port"),
    )
}

async fn database(config: &Config) -> Vec<Finding> {
    match Db::missing_file(config) {
        Ok(None) => {}
        // Looking must not make it.
        Ok(Some(file)) => {
            let there = format!("{} is not there yet: the first start makes it", file.display());
            return vec![Finding::ok("database", there)];
        }
        Err(error) => return vec![no_database(config, &error)],
    }
    let db = match Db::connect(config).await {
        Ok(db) => db,
        Err(error) => return vec![no_database(config, &error)],
    };
    let mut findings = match in_time(PATIENCE, health::about(&db)).await {
        Ok(about) => vec![version(&about), clock(&about)],
        Err(error) => vec![no_database(config, &error)],
    };
    findings.push(schema(&db).await);
    if findings.iter().all(|found| found.mend.is_none()) {
        findings.push(queue(config, &db).await);
    }
    db.close().await;
    findings
}

fn no_database(config: &Config, error: &impl Display) -> Finding {
    let mend = if config.is_postgres() {
        "check that it runs, that this machine reaches it, and that database.url has the right host, name and password"
    } else {
        "check that the service's user may write the file and its folder, and that their disk is not full; a file that \
         is damaged is replaced by `restore`"
    };
    Finding::failed("database", error.to_string(), mend)
}

fn version(about: &health::About) -> Finding {
    if about.is_too_old {
        return Finding::failed(
            "database",
            format!("{} answers", about.version),
            "use PostgreSQL 14 or newer",
        );
    }
    Finding::ok("database", format!("{} answers", about.version))
}

fn clock(about: &health::About) -> Finding {
    let milliseconds = about.ahead.num_milliseconds();
    let differ =
        format!("the clocks of this machine and of the database differ by {} ms", milliseconds.abs());
    if milliseconds.abs() <= CLOCKS_DIFFER {
        return Finding::ok("clock", differ);
    }
    Finding::warning(
        "clock",
        differ,
        "have both keep time by NTP: the queue goes by the database's clock, tokens by this machine's",
    )
}

async fn schema(db: &Db) -> Finding {
    let steps = match in_time(PATIENCE, migrate::status(db)).await {
        Ok(steps) => steps,
        Err(error) => return Finding::failed("schema", error, "see what is said of the database"),
    };
    match (migrate::pending(&steps), migrate::newer(&steps)) {
        (0, None) => Finding::ok("schema", "every migration is applied"),
        (0, Some(newest)) => Finding::warning(
            "schema",
            format!("a newer version brought it further ({}); this one works beside it", newest.name),
            "use the newer version before long: this one makes no backup of such a database and restores none over it",
        ),
        (pending, _) => Finding::warning(
            "schema",
            format!("{pending} migrations are pending"),
            "run `resume-optimizer migrate up`, or start the service without --no-migrate",
        ),
    }
}

async fn queue(config: &Config, db: &Db) -> Finding {
    let status = match in_time(PATIENCE, Queue::new(db, &config.queue).status()).await {
        Ok(status) => status,
        Err(error) => return Finding::failed("queue", error, "see what is said of the database"),
    };
    let waits = format!(
        "{} tasks wait, {} run, {} were given up",
        status.tasks.queued, status.tasks.running, status.tasks.dead
    );
    if status.paused {
        return Finding::warning(
            "queue",
            format!("{waits}; it is paused"),
            "`resume-optimizer queue resume` lets it go on",
        );
    }
    if status.oldest_seconds > WAITS_LONG {
        let first = format!("{waits}; the first one has waited for {:.0} s", status.oldest_seconds);
        return Finding::warning("queue", first, "see that workers run, and start more of them");
    }
    Finding::ok("queue", waits)
}

/// A disk that does not answer counts as there: what is asked next says so.
async fn is_there(folder: &Path) -> bool {
    let asked = tokio::fs::try_exists(folder);
    in_time(PATIENCE, asked).await.unwrap_or(true)
}

async fn storage(config: &Config) -> Finding {
    let folder = config.files_dir();
    if config.storage.kind == StorageKind::Disk && !is_there(&folder).await {
        return match folders::tried(&folder).await {
            Ok(found) => Finding::ok("storage", found),
            Err(error) => Finding::failed("storage", error, "set data_dir to a folder that can be written"),
        };
    }
    let blobs = match Blobs::open(config) {
        Ok(blobs) => blobs,
        Err(error) => return Finding::failed("storage", error.to_string(), "mend [storage], or data_dir"),
    };
    match in_time(PATIENCE, blobs.ping()).await {
        Ok(()) => Finding::ok("storage", format!("files are kept in {}", config.files_place())),
        Err(error) => Finding::failed("storage", format!("no files are kept: {error}"), blobs.mend()),
    }
}

async fn redis(config: &Config) -> Finding {
    let cache = match Cache::new(&config.cache, &config.redis) {
        Ok(cache) => cache,
        Err(error) => return Finding::failed("redis", error.to_string(), "mend redis.url"),
    };
    match cache.ping().await {
        None => Finding::ok("redis", "none is configured, and none is needed"),
        Some(Ok(())) => Finding::ok("redis", format!("{} answers", config.redis.url.masked())),
        Some(Err(error)) => Finding::warning(
            "redis",
            error.to_string(),
            "start it; until then each process counts requests and caches by itself",
        ),
    }
}

/// A document is read as one that somebody uploads: in a child process that shuts itself off.
async fn reader(config: &Config) -> Finding {
    let tried = async {
        let cache = Cache::in_memory(&config.cache);
        let pipeline = Pipeline::new(config, cache).map_err(|error| error.to_string())?;
        in_time(PATIENCE, pipeline.read(Bytes::from_static(DOCUMENT.as_bytes()), "resume.txt")).await
    };
    match tried.await {
        Ok(_) => Finding::ok("reader", "documents are read in a process of their own"),
        Err(error) => Finding::failed(
            "reader",
            format!("documents cannot be read: {error}"),
            "let the service's user start processes, with reader.memory_bytes of address space each",
        ),
    }
}

fn language_model(config: &Config) -> Finding {
    match config.llm.provider.as_str() {
        "none" => Finding::ok("llm", "none is configured, and none is needed"),
        provider => Finding::ok("llm", format!("{provider} is configured")),
    }
}
