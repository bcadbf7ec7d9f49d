//! Get or compute: bytes that are dear to make, in memory and, where there is one, in Redis.
//!
//! Of several who ask for the same key at once, one computes. Nothing depends on what is in here: a Redis that
//! is slow or dead is a miss, and left alone until it answers again. Processes tell each other by Redis what to forget.
//! Imports config.

mod breaker;
mod key;
mod owed;
mod rate;
mod remote;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use metrics::counter;

pub use crate::cache::key::{Key, Kind, Space};
use crate::cache::owed::Wish;
pub use crate::cache::rate::{Rate, Spent};
use crate::cache::remote::Remote;
use crate::config::{self, Redis};

/// Looks into the cache, by `tier` and `outcome`; the name is the contract's.
const REQUESTS: &str = "cache_requests_total";

/// The cache of this process; clones share it.
#[derive(Clone)]
pub struct Cache {
    memory: moka::future::Cache<String, Entry>,
    remote: Option<Arc<Remote>>,
    limits: Arc<config::Cache>,
}

/// What was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Computed {
    /// Lives for as long as its kind does.
    Value(Bytes),
    /// That there is none, and won't be one in a moment either: kept here for a short while, so that not everybody asks
    /// again at once.
    Failure(Bytes),
}

#[derive(Clone)]
struct Entry {
    bytes: Bytes,
    lives: Duration,
}

/// Each entry lives for its own time.
struct Lifetimes;

impl moka::Expiry<String, Entry> for Lifetimes {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.lives)
    }
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
    /// When the address of Redis is not one.
    pub fn new(limits: &config::Cache, redis: &Redis) -> Result<Self, CacheError> {
        let remote = if redis.url.is_empty() { None } else { Some(Arc::new(Remote::new(redis)?)) };
        Ok(Self { remote, ..Self::in_memory(limits) })
    }

    /// An empty cache of this process alone.
    #[must_use]
    pub fn in_memory(limits: &config::Cache) -> Self {
        let memory = moka::future::Cache::builder()
            .max_capacity(limits.max_bytes)
            .weigher(|key: &String, entry: &Entry| {
                u32::try_from(key.len() + entry.bytes.len()).unwrap_or(u32::MAX)
            })
            .expire_after(Lifetimes)
            .support_invalidation_closures()
            .build();
        Self { memory, remote: None, limits: Arc::new(limits.clone()) }
    }

    /// Hears for ever what other processes forget, where there is a Redis. Without it, what they forgot is kept here until
    /// it expires.
    pub async fn follow(&self) {
        if let Some(remote) = &self.remote {
            remote.listen(|prefix| self.drop_from_memory(prefix.unwrap_or_default())).await;
        }
    }

    /// Counts a request by each of these rates, up to the first that refuses it, together with every other process; `None`
    /// where there is no Redis, or none that answers, and each process has to count for itself.
    pub async fn spend(&self, rates: &[Rate]) -> Option<Vec<Spent>> {
        self.remote.as_ref()?.spend(rates).await
    }

    /// The value of this key, computed when nobody has it. An error is shared by those who waited, and not kept.
    ///
    /// # Errors
    /// What `compute` failed with.
    pub async fn get_or_compute<E, F>(&self, key: &Key, compute: F) -> Result<Bytes, Arc<E>>
    where
        F: Future<Output = Result<Computed, E>>,
        E: Send + Sync + 'static,
    {
        let lives = self.lifetime(key.kind);
        let look = async {
            if let Some(remote) = &self.remote
                && let Some(bytes) = remote.get(&key.text).await
            {
                return Ok(Entry { bytes, lives });
            }
            match compute.await? {
                Computed::Value(bytes) => {
                    if let Some(remote) = &self.remote {
                        remote.set(&key.text, bytes.clone(), lives);
                    }
                    Ok(Entry { bytes, lives })
                }
                Computed::Failure(bytes) => Ok(Entry { bytes, lives: self.lifetime_of_failures() }),
            }
        };
        // Boxed: what is computed may be large, and every caller's future would carry it.
        let entry = self.memory.entry_by_ref(&key.text).or_try_insert_with(Box::pin(look)).await?;
        let outcome = if entry.is_fresh() { "miss" } else { "hit" };
        counter!(REQUESTS, "tier" => "memory", "outcome" => outcome).increment(1);
        Ok(entry.into_value().bytes)
    }

    fn lifetime(&self, kind: Kind) -> Duration {
        Duration::from_secs(match kind {
            Kind::Reading => self.limits.reading_seconds,
            Kind::Document => self.limits.document_seconds,
            Kind::Posting => self.limits.posting_seconds,
        })
    }

    fn lifetime_of_failures(&self) -> Duration {
        Duration::from_secs(self.limits.failure_seconds)
    }

    /// Asks Redis for a sign of life; `None` where there is none.
    pub async fn ping(&self) -> Option<Result<(), CacheError>> {
        Some(self.remote.as_ref()?.ping().await.map_err(CacheError::Unreachable))
    }

    /// Forgets one thing: here at once, in Redis and in other processes that hear of it within moments, elsewhere when it
    /// expires. While Redis is away, it is owed; where too much is, or this process ends first, it expires there.
    pub fn forget(&self, key: &Key) {
        self.forget_behind(Wish::One(key.text.clone()));
    }

    /// Forgets all keys that begin with this, likewise.
    pub fn forget_all(&self, prefix: &str) {
        self.forget_behind(Wish::All(prefix.to_owned()));
    }

    /// Forgets all keys that begin with this, and waits until Redis has: for minutes where that has very many keys, so this
    /// is for no request.
    ///
    /// # Errors
    /// When Redis does not do it; other processes may have them still.
    pub async fn forget_all_now(&self, prefix: &str) -> Result<(), CacheError> {
        self.drop_from_memory(prefix.to_owned());
        match &self.remote {
            Some(remote) => {
                remote.forget_now(&Wish::All(prefix.to_owned())).await.map_err(CacheError::Unreachable)
            }
            None => Ok(()),
        }
    }

    fn forget_behind(&self, wish: Wish) {
        self.drop_from_memory(wish.beginning().to_owned());
        if let Some(remote) = &self.remote {
            remote.forget(wish);
        }
    }

    /// Forgets one thing in this process alone, so that it is computed anew.
    pub async fn forget_here(&self, key: &Key) {
        self.memory.invalidate(&key.text).await;
    }

    fn drop_from_memory(&self, prefix: String) {
        // Fails for a cache that was not built for it, which this one was.
        let _ = self.memory.invalidate_entries_if(move |key, _| key.starts_with(&prefix));
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::future::{Ready, ready};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use bytes::Bytes;

    use crate::cache::{Cache, Computed, Key, Kind, Space};
    use crate::config::{Config, Secret};

    fn cache(redis: &str) -> Cache {
        let mut config = Config::defaults().unwrap();
        config.redis.url = Secret::new(redis.to_owned());
        Cache::new(&config.cache, &config.redis).unwrap()
    }

    fn key(name: &str) -> Key {
        Space::of_all().key(Kind::Document, "v1", name)
    }

    fn value(text: &'static str) -> Ready<Result<Computed, ()>> {
        ready(Ok(Computed::Value(Bytes::from_static(text.as_bytes()))))
    }

    #[tokio::test]
    async fn one_computes_and_the_others_get_it() {
        let cache = cache("");
        let (key, computed) = (key("key"), AtomicUsize::new(0));
        let ask = || {
            cache.get_or_compute(&key, async {
                computed.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok::<_, ()>(Computed::Value(Bytes::from_static(b"value")))
            })
        };
        let (one, two, three) = tokio::join!(ask(), ask(), ask());
        assert_eq!([one.unwrap(), two.unwrap(), three.unwrap()], ["value"; 3]);
        assert_eq!(computed.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn an_error_is_not_kept() {
        let cache = cache("");
        let key = key("key");
        assert_eq!(*cache.get_or_compute(&key, async { Err("no") }).await.unwrap_err(), "no");
        assert_eq!(cache.get_or_compute(&key, value("yes")).await.unwrap(), "yes");
    }

    #[tokio::test]
    async fn a_failure_is_kept_for_a_shorter_time_than_a_value() {
        let mut config = Config::defaults().unwrap();
        config.cache.failure_seconds = 1;
        let cache = Cache::in_memory(&config.cache);
        let (gone, there) = (key("gone"), key("there"));
        let failure = async { Ok::<_, ()>(Computed::Failure(Bytes::from_static(b"gone"))) };
        assert_eq!(cache.get_or_compute(&gone, failure).await.unwrap(), "gone");
        cache.get_or_compute(&there, value("there")).await.unwrap();
        assert_eq!(cache.get_or_compute(&gone, value("back")).await.unwrap(), "gone");
        let waited = Instant::now();
        while cache.get_or_compute(&gone, value("back")).await.unwrap() == "gone" {
            assert!(waited.elapsed() < Duration::from_secs(10));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(cache.get_or_compute(&there, value("other")).await.unwrap(), "there");
    }

    #[tokio::test]
    async fn what_begins_alike_is_forgotten_together() {
        let cache = cache("");
        for name in ["a/1", "a/2", "b/1"] {
            cache.get_or_compute(&key(name), value("old")).await.unwrap();
        }
        cache.forget_all(key("a/").as_text());
        for (name, expected) in [("a/1", "new"), ("a/2", "new"), ("b/1", "old")] {
            assert_eq!(cache.get_or_compute(&key(name), value("new")).await.unwrap(), expected, "{name}");
        }
    }

    #[tokio::test]
    async fn a_dead_redis_is_a_miss_and_costs_no_time() {
        // Port 9 is "discard": nobody listens there, and nothing else may.
        let cache = cache("redis://127.0.0.1:9/0");
        let began = Instant::now();
        for name in 0..50 {
            assert_eq!(cache.get_or_compute(&key(&name.to_string()), value("v")).await.unwrap(), "v");
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
