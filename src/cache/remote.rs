//! The tier in Redis, which several processes share and none depends on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use metrics::counter;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands as _, RedisError};

use crate::cache::{CacheError, REQUESTS};
use crate::config::Redis;

/// How long Redis is left alone after it failed: without it, each request would wait for it once more.
const PAUSE: Duration = Duration::from_secs(2);
/// Before our keys, so that others may use the same Redis.
const PREFIX: &str = "resume-optimizer:";

pub(in crate::cache) struct Remote {
    connection: ConnectionManager,
    timeout: Duration,
    ttl_seconds: u64,
    failed_at: Mutex<Option<Instant>>,
    warned: AtomicBool,
}

impl Remote {
    pub(in crate::cache) fn new(redis: &Redis, ttl: Duration) -> Result<Self, CacheError> {
        let address = |error: RedisError| CacheError::Address(error.to_string());
        let timeout = Duration::from_millis(redis.timeout_ms);
        let client = redis::Client::open(redis.url.expose()).map_err(address)?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(timeout))
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(address)?;
        Ok(Self {
            connection,
            timeout,
            ttl_seconds: ttl.as_secs().max(1),
            failed_at: Mutex::new(None),
            warned: AtomicBool::new(false),
        })
    }

    pub(in crate::cache) async fn get(&self, key: &str) -> Option<Bytes> {
        let mut connection = self.connection.clone();
        let found = self.attempt(async move { connection.get::<_, Option<Vec<u8>>>(name(key)).await }).await;
        let outcome = match &found {
            Some(Some(_)) => "hit",
            Some(None) => "miss",
            None => "error",
        };
        counter!(REQUESTS, "tier" => "redis", "outcome" => outcome).increment(1);
        found.flatten().map(Bytes::from)
    }

    pub(in crate::cache) async fn set(&self, key: &str, value: &Bytes) {
        let mut connection = self.connection.clone();
        let ttl = self.ttl_seconds;
        self.attempt(async move { connection.set_ex::<_, _, ()>(name(key), value.as_ref(), ttl).await })
            .await;
    }

    pub(in crate::cache) async fn delete(&self, key: &str) {
        let mut connection = self.connection.clone();
        self.attempt(async move { connection.del::<_, ()>(name(key)).await }).await;
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

fn name(key: &str) -> String {
    format!("{PREFIX}{key}")
}
