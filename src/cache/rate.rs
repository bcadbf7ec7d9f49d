//! Request rates that every process counts together, where there is a Redis.

use redis::aio::ConnectionManager;
use redis::{RedisError, Script};

/// The generic cell rate algorithm (ITU-T I.371), in one step that nobody comes between, by Redis's clock: the whole of a
/// minute's number at once, then as fast as the minute refills.
///
/// `KEYS[1]` the counter, `ARGV[1]` how many a minute; answers whether this one passes, how many would after it, and
/// milliseconds until the next one does. A counter that is full again is gone.
const SPEND: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local minute = 60000000
local each = minute / ARGV[1]
local due = tonumber(redis.call('GET', KEYS[1]) or now)
if due < now then due = now end
due = due + each
if due - minute > now then
    return {0, 0, math.ceil((due - minute - now) / 1000)}
end
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
return {1, math.floor((now + minute - due) / each), 0}
";

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
        name: &str,
        per_minute: u32,
    ) -> Result<Spent, RedisError> {
        let (passes, left, wait_ms): (u8, u32, u64) =
            self.script.key(name).arg(per_minute.max(1)).invoke_async(connection).await?;
        Ok(Spent { passes: passes == 1, left, wait_ms })
    }
}
