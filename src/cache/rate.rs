//! Request rates that every process counts together, where there is a Redis.

use redis::aio::ConnectionManager;
use redis::{RedisError, Script};

/// The generic cell rate algorithm (ITU-T I.371), in one step that nobody comes between, by Redis's clock: the whole of a
/// minute's number at once, then as fast as the minute refills.
///
/// `KEYS` are the counters, `ARGV` how many a minute each; answers for each of them, up to the first that refuses, whether
/// this one passes, how many would after it, and milliseconds until the next one does. A counter that is full again is gone.
const SPEND: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local minute = 60000000
local answers = {}
for at, key in ipairs(KEYS) do
    local each = minute / ARGV[at]
    local due = tonumber(redis.call('GET', key) or now)
    if due < now then due = now end
    due = due + each
    if due - minute > now then
        answers[at] = {0, 0, math.ceil((due - minute - now) / 1000)}
        break
    end
    redis.call('SET', key, string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
    answers[at] = {1, math.floor((now + minute - due) / each), 0}
end
return answers
";

/// So many requests a minute, under the name of a counter.
#[derive(Debug, Clone)]
pub struct Rate {
    /// The counter.
    pub key: String,
    /// How many a minute.
    pub per_minute: u32,
}

/// What came of one request's being counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Whether it passes.
    pub passes: bool,
    /// How many more would pass now.
    pub left: u32,
    /// Milliseconds until one passes again; 0 when it does now.
    pub wait_ms: u64,
}

pub(in crate::cache) struct Counter {
    script: Script,
}

impl Counter {
    pub(in crate::cache) fn new() -> Self {
        Self { script: Script::new(SPEND) }
    }

    pub(in crate::cache) async fn spend(
        &self,
        connection: &mut ConnectionManager,
        names: &[String],
        rates: &[Rate],
    ) -> Result<Vec<Spent>, RedisError> {
        let mut call = self.script.prepare_invoke();
        for (name, rate) in names.iter().zip(rates) {
            call.key(name).arg(rate.per_minute.max(1));
        }
        let answers: Vec<(u8, u32, u64)> = call.invoke_async(connection).await?;
        let spent = |(passes, left, wait_ms): (u8, u32, u64)| Spent { passes: passes == 1, left, wait_ms };
        Ok(answers.into_iter().map(spent).collect())
    }
}
