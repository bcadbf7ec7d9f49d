//! The tier in Redis, which several processes share and none depends on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use metrics::counter;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands as _, Client, RedisError};
use tokio::sync::OnceCell;

use crate::cache::rate::{Counter, Spent};
use crate::cache::{CacheError, REQUESTS};
use crate::config::Redis;

/// How long Redis is left alone after it failed: without it, each request would wait for it once more.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_secs(1);
/// How long it may take to give a sign of life: a connection may have to be made first.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);
/// Keys that are looked at in one go when some are forgotten.
const SCANNED_AT_ONCE: usize = 1000;
/// Before our keys, so that others may use the same Redis.
const PREFIX: &str = "resume-optimizer:";

pub(in crate::cache) struct Remote {
    client: Client,
    connection: Arc<OnceCell<ConnectionManager>>,
    timeout: Duration,
    ttl_seconds: u64,
    failed_at: Mutex<Option<Instant>>,
    warned: AtomicBool,
    counter: Counter,
}

impl Remote {
    pub(in crate::cache) fn new(redis: &Redis, ttl: Duration) -> Result<Self, CacheError> {
        let address = |error: RedisError| CacheError::Address(error.to_string());
        let timeout = Duration::from_millis(redis.timeout_ms);
        let client = Client::open(redis.url.expose()).map_err(address)?;
        Ok(Self {
            client,
            connection: Arc::new(OnceCell::new()),
            timeout,
            ttl_seconds: ttl.as_secs().max(1),
            failed_at: Mutex::new(None),
            warned: AtomicBool::new(false),
            counter: Counter::new(),
        })
    }

    pub(in crate::cache) async fn get(&self, key: &str) -> Option<Bytes> {
        let found =
            self.attempt(async { self.connected().await?.get::<_, Option<Vec<u8>>>(name(key)).await }).await;
        let outcome = match &found {
            Some(Some(_)) => "hit",
            Some(None) => "miss",
            None => "error",
        };
        counter!(REQUESTS, "tier" => "redis", "outcome" => outcome).increment(1);
        found.flatten().map(Bytes::from)
    }

    pub(in crate::cache) async fn set(&self, key: &str, value: &Bytes) {
        let ttl = self.ttl_seconds;
        self.attempt(async {
            self.connected().await?.set_ex::<_, _, ()>(name(key), value.as_ref(), ttl).await
        })
        .await;
    }

    /// Forgets all keys that begin with this, some at a time, for as long as Redis answers.
    pub(in crate::cache) async fn forget(&self, prefix: &str) {
        let pattern = format!("{}*", escaped(&name(prefix)));
        let mut cursor = 0_u64;
        loop {
            let forgotten = self.attempt(async {
                let mut connection = self.connected().await?;
                let (next, keys): (u64, Vec<String>) = redis::cmd("SCAN")
                    .arg(cursor)
                    .arg("MATCH")
                    .arg(&pattern)
                    .arg("COUNT")
                    .arg(SCANNED_AT_ONCE)
                    .query_async(&mut connection)
                    .await?;
                if !keys.is_empty() {
                    connection.unlink::<_, ()>(keys).await?;
                }
                Ok(next)
            });
            match forgotten.await {
                Some(next) if next != 0 => cursor = next,
                _ => return,
            }
        }
    }

    /// Counts a request; `None` while Redis does not answer.
    pub(in crate::cache) async fn spend(&self, key: &str, per_minute: u32) -> Option<Spent> {
        self.attempt(async { self.counter.spend(&mut self.connected().await?, &name(key), per_minute).await })
            .await
    }

    /// Asks whether it lives, however it was a moment ago; or says what is wrong.
    pub(in crate::cache) async fn ping(&self) -> Result<(), String> {
        let ask = async { redis::cmd("PING").query_async::<()>(&mut self.connected().await?).await };
        // Asked twice: after an outage, the first answer is what became of the last try to connect.
        let asked = async {
            match ask.await {
                Ok(()) => Ok(()),
                Err(_) => redis::cmd("PING").query_async::<()>(&mut self.connected().await?).await,
            }
        };
        match tokio::time::timeout(SIGN_OF_LIFE, asked).await {
            Ok(answer) => answer.map_err(|error: RedisError| error.to_string()),
            Err(_) => Err(format!("no answer in {} s", SIGN_OF_LIFE.as_secs())),
        }
    }

    /// The connection, made at its first use. Making it goes on when nobody waits any longer, or a Redis that is
    /// slow to greet would be greeted anew for ever.
    async fn connected(&self) -> Result<ConnectionManager, RedisError> {
        if let Some(connection) = self.connection.get() {
            return Ok(connection.clone());
        }
        let (cell, client) = (Arc::clone(&self.connection), self.client.clone());
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(self.timeout)
            .set_connection_timeout(CONNECT)
            .set_number_of_retries(1);
        let made = tokio::spawn(async move {
            cell.get_or_try_init(|| ConnectionManager::new_with_config(client, config)).await.cloned()
        });
        made.await.unwrap_or_else(|error| Err(std::io::Error::other(error).into()))
    }

    /// What Redis answers in time; `None` while it does not.
    async fn attempt<T>(&self, call: impl Future<Output = Result<T, RedisError>>) -> Option<T> {
        let failed_at = *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        if failed_at.is_some_and(|at| at.elapsed() < PAUSE) {
            return None;
        }
        let problem = match tokio::time::timeout(self.timeout, call).await {
            Ok(Ok(value)) => {
                self.warned.store(false, Ordering::Relaxed);
                return Some(value);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer in {} ms", self.timeout.as_millis()),
        };
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(problem, "Redis does not answer; working without it until it does");
        }
        None
    }
}

/// Without the signs that a pattern of Redis is made of.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "*?[]\\".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn name(key: &str) -> String {
    format!("{PREFIX}{key}")
}
