//! Get or compute: bytes that are dear to make, in memory and, where there is one, in Redis.
//!
//! Of several who ask for the same key at once, one computes. Nothing depends on what is in here: a Redis that
//! is slow or dead is a miss. Keys carry the version of whatever made the value. Imports config.

mod rate;
mod remote;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use metrics::counter;

pub use crate::cache::rate::Spent;
use crate::cache::remote::Remote;
use crate::config::{Cache as Limits, Redis};

/// Looks into the cache, by `tier` and `outcome`; the name is the contract's.
const REQUESTS: &str = "cache_requests_total";

/// The cache of this process; clones share it.
#[derive(Clone)]
pub struct Cache {
    memory: moka::future::Cache<String, Bytes>,
    remote: Option<Arc<Remote>>,
}

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The address of Redis is not one.
    #[error("redis.url is not usable: {0}; it has the form redis://HOST:PORT/N.")]
    Address(String),
    /// Redis gives no sign of life.
    #[error("Redis does not answer: {0}; check that it runs and that redis.url is right.")]
    Unreachable(String),
}

impl fmt::Debug for Cache {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Cache")
            .field("entries", &self.memory.entry_count())
            .field("redis", &self.remote.is_some())
            .finish_non_exhaustive()
    }
}

impl Cache {
    /// An empty cache. Redis is not spoken to yet: whether it lives shows with each use.
    ///
    /// # Errors
    /// When the address of Redis is not one. Must be called within the runtime when there is one.
    pub fn new(limits: &Limits, redis: &Redis) -> Result<Self, CacheError> {
        let ttl = Duration::from_secs(limits.ttl_seconds);
        let memory = moka::future::Cache::builder()
            .max_capacity(limits.max_bytes)
            .weigher(|key: &String, value: &Bytes| u32::try_from(key.len() + value.len()).unwrap_or(u32::MAX))
            .time_to_live(ttl)
            .build();
        let remote = if redis.url.is_empty() { None } else { Some(Arc::new(Remote::new(redis, ttl)?)) };
        Ok(Self { memory, remote })
    }

    /// Counts a request of so many a minute together with every other process; `None` where there is no Redis, or none
    /// that answers, and each process has to count for itself.
    pub async fn spend(&self, key: &str, per_minute: u32) -> Option<Spent> {
        self.remote.as_ref()?.spend(key, per_minute).await
    }

    /// The value of this key, computed when nobody has it; a failure is shared by those who waited, not kept.
    ///
    /// # Errors
    /// What `compute` failed with.
    pub async fn get_or_compute<E, F>(&self, key: &str, compute: F) -> Result<Bytes, Arc<E>>
    where
        F: Future<Output = Result<Bytes, E>>,
        E: Send + Sync + 'static,
    {
        let look = async {
            if let Some(remote) = &self.remote
                && let Some(found) = remote.get(key).await
            {
                return Ok(found);
            }
            let value = compute.await?;
            if let Some(remote) = &self.remote {
                remote.set(key, &value).await;
            }
            Ok(value)
        };
        // Boxed: what is computed may be large, and every caller's future would carry it.
        let entry = self.memory.entry_by_ref(key).or_try_insert_with(Box::pin(look)).await?;
        let outcome = if entry.is_fresh() { "miss" } else { "hit" };
        counter!(REQUESTS, "tier" => "memory", "outcome" => outcome).increment(1);
        Ok(entry.into_value())
    }

    /// Asks Redis for a sign of life; `None` where there is none.
    pub async fn ping(&self) -> Option<Result<(), CacheError>> {
        Some(self.remote.as_ref()?.ping().await.map_err(CacheError::Unreachable))
    }

    /// Forgets all keys that begin with this: here at once, in Redis soon after; other processes may keep them until they
    /// expire. Reads every key, so for what happens rarely.
    pub async fn forget(&self, prefix: &str) {
        let known = self.memory.iter().map(|(key, _)| key).filter(|key| key.starts_with(prefix));
        for key in known.collect::<Vec<_>>() {
            self.memory.invalidate(&*key).await;
        }
        if let Some(remote) = &self.remote {
            // Nobody waits for it: it walks over whatever else is in there.
            let (remote, prefix) = (Arc::clone(remote), prefix.to_owned());
            tokio::spawn(async move { remote.forget(&prefix).await });
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use bytes::Bytes;

    use crate::cache::Cache;
    use crate::config::{Config, Secret};

    fn cache(redis: &str) -> Cache {
        let mut config = Config::defaults().unwrap();
        config.redis.url = Secret::new(redis.to_owned());
        Cache::new(&config.cache, &config.redis).unwrap()
    }

    #[tokio::test]
    async fn one_computes_and_the_others_get_it() {
        let cache = cache("");
        let computed = AtomicUsize::new(0);
        let ask = || {
            cache.get_or_compute("key", async {
                computed.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok::<_, ()>(Bytes::from_static(b"value"))
            })
        };
        let (one, two, three) = tokio::join!(ask(), ask(), ask());
        assert_eq!([one.unwrap(), two.unwrap(), three.unwrap()], ["value"; 3]);
        assert_eq!(computed.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let cache = cache("");
        assert_eq!(*cache.get_or_compute("key", async { Err("no") }).await.unwrap_err(), "no");
        let value = cache.get_or_compute("key", async { Ok::<_, ()>(Bytes::from_static(b"yes")) }).await;
        assert_eq!(value.unwrap(), "yes");
    }

    #[tokio::test]
    async fn what_begins_alike_is_forgotten_together() {
        let cache = cache("");
        let value = |text: &'static str| async move { Ok::<_, ()>(Bytes::from_static(text.as_bytes())) };
        for key in ["a/1", "a/2", "b/1"] {
            cache.get_or_compute(key, value("old")).await.unwrap();
        }
        cache.forget("a/").await;
        for (key, expected) in [("a/1", "new"), ("a/2", "new"), ("b/1", "old")] {
            assert_eq!(cache.get_or_compute(key, value("new")).await.unwrap(), expected, "{key}");
        }
    }

    #[tokio::test]
    async fn a_dead_redis_is_a_miss_and_costs_no_time() {
        // Port 9 is "discard": nobody listens there, and nothing else may.
        let cache = cache("redis://127.0.0.1:9/0");
        let began = Instant::now();
        for key in 0..50 {
            let compute = async { Ok::<_, ()>(Bytes::from_static(b"v")) };
            assert_eq!(cache.get_or_compute(&key.to_string(), compute).await.unwrap(), "v");
        }
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_redis_that_is_not_there_gives_no_sign_of_life() {
        assert!(cache("").ping().await.is_none(), "none to ask");
        let error = cache("redis://127.0.0.1:9/0").ping().await.unwrap().unwrap_err();
        assert!(error.to_string().contains("redis.url"), "{error}");
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        let mut config = Config::defaults().unwrap();
        config.redis.url = Secret::new("not an address".to_owned());
        assert!(Cache::new(&config.cache, &config.redis).unwrap_err().to_string().contains("redis.url"));
    }
}
