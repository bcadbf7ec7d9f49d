//! The tier in Redis, which several processes share and none depends on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt as _;
use metrics::counter;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::TcpSettings;
use redis::{AsyncCommands as _, Client, RedisError};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

use crate::cache::breaker::Breaker;
use crate::cache::owed::{Added, MOST, Owed, Wish};
use crate::cache::rate::{Counter, Rate, Spent};
use crate::cache::{CacheError, REQUESTS};
use crate::config::Redis;

/// How often a Redis that is left alone is asked for a sign of life, what it did not forget is tried again, and a channel
/// that broke is listened to anew.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_secs(1);
/// How long it may take to give a sign of life: a connection may have to be made first.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);
/// How long a write or a forgetting may take that nobody waits for.
const BEHIND: Duration = Duration::from_secs(2);
/// How long a forgetting may take that is tried again: hundreds of millions of keys are looked at meanwhile, and each step
/// has no longer than [`BEHIND`].
const WALK: Duration = Duration::from_secs(600);
#[cfg(target_os = "linux")]
/// How long what was sent to Redis may stay without a sign that it arrived.
const GONE: Duration = Duration::from_secs(10);
/// How often each process says something on the channel, and how long it may be silent before it is listened to anew: a
/// connection that was cut without a word looks like one on which nobody speaks.
const BEAT: Duration = Duration::from_secs(10);
const SILENT: Duration = Duration::from_secs(35);
/// What is said then; no key begins so.
const HEARTBEAT: &str = "-";
/// Writes and forgettings under way; of further ones, what is not written is computed again, and what is not forgotten is
/// owed.
const BEHIND_AT_ONCE: usize = 64;
/// Keys that are looked at in one go when some are forgotten.
const SCANNED_AT_ONCE: usize = 1000;
/// Before our keys, so that others may use the same Redis.
const PREFIX: &str = "resume-optimizer:";
/// Where processes tell each other what to forget. The database in use is part of it, as channels belong to none.
const CHANNEL: &str = "resume-optimizer:forget";

pub(in crate::cache) struct Remote {
    client: Client,
    channel: String,
    connection: Arc<OnceCell<ConnectionManager>>,
    timeout: Duration,
    breaker: Breaker,
    places: Arc<Semaphore>,
    owed: Owed,
    counter: Counter,
}

impl Remote {
    pub(in crate::cache) fn new(redis: &Redis) -> Result<Self, CacheError> {
        let address = |error: RedisError| CacheError::Address(error.to_string());
        let client = Client::open(redis.url.expose()).map_err(address)?;
        let channel = format!("{CHANNEL}:{}", client.get_connection_info().redis.db);
        Ok(Self {
            client,
            channel,
            connection: Arc::new(OnceCell::new()),
            // Half: of one request, its rate and what it wants are asked for, one after the other.
            timeout: Duration::from_millis(redis.timeout_ms) / 2,
            breaker: Breaker::new(),
            places: Arc::new(Semaphore::new(BEHIND_AT_ONCE)),
            owed: Owed::default(),
            counter: Counter::new(),
        })
    }

    pub(in crate::cache) async fn get(self: &Arc<Self>, key: &str) -> Option<Bytes> {
        if self.breaker.is_open() {
            counter!(REQUESTS, "tier" => "redis", "outcome" => "skipped").increment(1);
            return None;
        }
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

    /// Keeps it, behind whoever computed it.
    pub(in crate::cache) fn set(self: &Arc<Self>, key: &str, value: Bytes, lives: Duration) {
        let Some(place) = self.place() else {
            return;
        };
        let (remote, key) = (Arc::clone(self), name(key));
        tokio::spawn(async move {
            let write = async {
                let seconds = lives.as_secs().max(1);
                remote.connected().await?.set_ex::<_, _, ()>(key, value.as_ref(), seconds).await
            };
            // A failure is not counted: it is large values that are written here, and requests notice soon.
            let _ = tokio::time::timeout(BEHIND, write).await;
            drop(place);
        });
    }

    /// Forgets this, behind whoever wishes it; what cannot be forgotten now is tried again until it is.
    pub(in crate::cache) fn forget(self: &Arc<Self>, wish: Wish) {
        let Some(place) = self.place() else {
            self.owe(wish);
            return;
        };
        let remote = Arc::clone(self);
        tokio::spawn(async move {
            let done = tokio::time::timeout(BEHIND, remote.meet(&wish)).await;
            drop(place);
            if !matches!(done, Ok(Ok(()))) {
                remote.owe(wish);
            }
        });
    }

    /// Forgets this now, or says why not.
    pub(in crate::cache) async fn forget_now(&self, wish: &Wish) -> Result<(), String> {
        match tokio::time::timeout(WALK, self.meet(wish)).await {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(_) => Err(format!("it did not forget everything in {} s", WALK.as_secs())),
        }
    }

    fn owe(self: &Arc<Self>, wish: Wish) {
        match self.owed.add(wish) {
            Added::First => {
                let remote = Arc::clone(self);
                tokio::spawn(async move { remote.settle().await });
            }
            Added::Kept => {}
            Added::Refused => {
                tracing::warn!(
                    owed = MOST,
                    "too much is to be forgotten in Redis; something stays there until it expires"
                );
            }
        }
    }

    /// Sees to it that everything that is owed is forgotten, one after the other.
    async fn settle(self: Arc<Self>) {
        while let Some(wish) = self.owed.take() {
            if self.breaker.is_open() || self.forget_now(&wish).await.is_err() {
                self.owe(wish);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Forgets it, and has the other processes forget it: at once, and again when it is gone, as one of them may have looked
    /// in between.
    async fn meet(&self, wish: &Wish) -> Result<(), RedisError> {
        self.tell(wish.beginning()).await?;
        match wish {
            // Without a look at all the others, of which there may be millions.
            Wish::One(key) => self.connected().await?.unlink::<_, ()>(name(key)).await?,
            Wish::All(prefix) => self.unlink_all(prefix).await?,
        }
        self.tell(wish.beginning()).await
    }

    async fn tell(&self, prefix: &str) -> Result<(), RedisError> {
        self.connected().await?.publish(&self.channel, prefix).await
    }

    /// Some keys at a time, so that Redis answers others in between.
    async fn unlink_all(&self, prefix: &str) -> Result<(), RedisError> {
        let pattern = format!("{}*", escaped(&name(prefix)));
        let mut connection = self.connected().await?;
        let mut cursor = 0_u64;
        loop {
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
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }

    /// Counts a request by each of these, up to the first that refuses it; `None` while Redis does not answer.
    pub(in crate::cache) async fn spend(self: &Arc<Self>, rates: &[Rate]) -> Option<Vec<Spent>> {
        let names: Vec<String> = rates.iter().map(|rate| name(&rate.key)).collect();
        let spent = async {
            let mut connection = self.connected().await?;
            self.counter.spend(&mut connection, &names, rates).await
        };
        self.attempt(spent).await
    }

    /// Hears for ever what other processes forget. `told` gets how the keys begin, or nothing for all of them: while nobody
    /// listened, anything may have been forgotten.
    pub(in crate::cache) async fn listen(&self, told: impl Fn(Option<String>)) {
        loop {
            let heard = async {
                let mut channel = self.client.get_async_pubsub().await?;
                channel.subscribe(&self.channel).await?;
                Ok::<_, RedisError>(channel.into_on_message())
            };
            if let Ok(Ok(mut messages)) = tokio::time::timeout(SIGN_OF_LIFE, heard).await {
                told(None);
                let (mut beat, mut heard_at) = (tokio::time::interval(BEAT), Instant::now());
                while heard_at.elapsed() < SILENT {
                    tokio::select! {
                        message = messages.next() => {
                            let Some(message) = message else { break };
                            heard_at = Instant::now();
                            match message.get_payload::<String>() {
                                Ok(prefix) if prefix != HEARTBEAT => told(Some(prefix)),
                                _ => {}
                            }
                        }
                        _ = beat.tick() => {
                            // Whether it was heard shows above.
                            let _ = tokio::time::timeout(BEHIND, self.tell(HEARTBEAT)).await;
                        }
                    }
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
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
        let tcp = noticing(TcpSettings::default().set_nodelay(true));
        let config = ConnectionManagerConfig::new()
            // Requests wait for less, and say so themselves.
            .set_response_timeout(BEHIND)
            .set_connection_timeout(CONNECT)
            .set_tcp_settings(tcp)
            .set_number_of_retries(1);
        let made = tokio::spawn(async move {
            cell.get_or_try_init(|| ConnectionManager::new_with_config(client, config)).await.cloned()
        });
        made.await.unwrap_or_else(|error| Err(std::io::Error::other(error).into()))
    }

    /// What Redis answers in time; `None` while it does not.
    async fn attempt<T>(self: &Arc<Self>, call: impl Future<Output = Result<T, RedisError>>) -> Option<T> {
        if self.breaker.is_open() {
            return None;
        }
        let problem = match tokio::time::timeout(self.timeout, call).await {
            Ok(Ok(value)) => {
                self.breaker.succeeded();
                return Some(value);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer in {} ms", self.timeout.as_millis()),
        };
        if self.breaker.failed() {
            tracing::warn!(problem, "Redis does not answer; working without it until it does");
            let remote = Arc::clone(self);
            tokio::spawn(async move { remote.wait_for_it().await });
        }
        None
    }

    async fn wait_for_it(&self) {
        loop {
            tokio::time::sleep(PAUSE).await;
            // A Redis that answers and takes no writes is of no use: rates are counted in it.
            if self.ping().await.is_ok() && self.takes_writes().await {
                break;
            }
        }
        self.breaker.close();
        tracing::info!("Redis answers again");
    }

    async fn takes_writes(&self) -> bool {
        let write = async { self.connected().await?.set_ex::<_, _, ()>(name(HEARTBEAT), "", 60).await };
        matches!(tokio::time::timeout(SIGN_OF_LIFE, write).await, Ok(Ok(())))
    }

    /// A place for what nobody waits for; none while Redis is left alone, or there is too much of it.
    fn place(&self) -> Option<OwnedSemaphorePermit> {
        if self.breaker.is_open() {
            return None;
        }
        Arc::clone(&self.places).try_acquire_owned().ok()
    }
}

/// Of a machine that is gone without a word, Linux finds out in time; elsewhere it takes as long as it takes.
fn noticing(tcp: TcpSettings) -> TcpSettings {
    #[cfg(target_os = "linux")]
    let tcp = tcp.set_user_timeout(GONE);
    tcp
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
