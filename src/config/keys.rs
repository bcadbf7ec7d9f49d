//! Every key with what it takes: the one table behind unknown keys, bad values and their sentences.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use chrono::DateTime;
use croner::parser::{CronParser, Seconds, Year};
use ipnet::IpNet;
use toml::Value;

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Any text.
    Text,
    /// A text that is not empty.
    Name,
    /// A whole number in these bounds.
    Whole(i64, i64),
    /// A number from 0 to 1.
    Fraction,
    /// `true` or `false`.
    Truth,
    /// A list of texts; by comma in the environment.
    List,
    /// A list of networks or addresses; by comma in the environment.
    Networks,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An address that starts with one of these, or nothing.
    Address(&'static [&'static str]),
    /// The same, but it may carry a password and is never repeated.
    SecretAddress(&'static [&'static str]),
    /// At least so many bytes, or nothing; never repeated.
    SecretText(usize),
    /// An IP address and a port to listen on, or nothing.
    Listen,
    /// A key of so many bytes as hexadecimal digits, or nothing; never repeated.
    SecretHex(usize),
    /// A log level or filter.
    LogFilter,
    /// A cron expression of five fields, or nothing.
    Cron,
}

const DAY: i64 = 86_400;
/// In days: for ever, as far as a service is concerned, and every date before it can still be computed.
const CENTURY: i64 = 36_500;
const GIB: i64 = 1 << 30;
const COUNT: i64 = i32::MAX as i64;
const WEB: &[&str] = &["http://", "https://"];

/// Every key of `config.toml`. A name that ends in `.*` stands for any one name in its place.
#[rustfmt::skip] // a table reads best as one row per line
pub(crate) const KEYS: &[(&str, Takes)] = &[
    ("data_dir", Takes::Name),
    ("server.host", Takes::Name),
    ("server.port", Takes::Whole(0, 65_535)),
    ("server.threads", Takes::Whole(0, 1024)),
    ("server.max_connections", Takes::Whole(1, 1_000_000)),
    ("server.max_event_streams", Takes::Whole(1, 1_000_000)),
    ("server.max_event_streams_per_user", Takes::Whole(1, 1_000_000)),
    ("server.request_head_seconds", Takes::Whole(1, DAY)),
    ("server.request_seconds", Takes::Whole(1, DAY)),
    ("server.unread_seconds", Takes::Whole(1, DAY)),
    ("server.max_json_bytes", Takes::Whole(1024, GIB)),
    ("server.leave_seconds", Takes::Whole(0, DAY)),
    ("server.shutdown_seconds", Takes::Whole(0, DAY)),
    ("server.public_url", Takes::Address(WEB)),
    ("server.trusted_proxies", Takes::Networks),
    ("worker.listen", Takes::Listen),
    ("database.url", Takes::SecretAddress(&["sqlite://", "postgres://", "postgresql://"])),
    ("database.max_connections", Takes::Whole(1, 10_000)),
    ("database.acquire_seconds", Takes::Whole(1, DAY)),
    ("database.statement_seconds", Takes::Whole(1, DAY)),
    ("redis.url", Takes::SecretAddress(&["redis://", "rediss://"])),
    ("redis.timeout_ms", Takes::Whole(1, 60_000)),
    ("cache.max_bytes", Takes::Whole(0, 1 << 40)),
    ("cache.reading_seconds", Takes::Whole(1, 365 * DAY)),
    ("cache.document_seconds", Takes::Whole(1, 365 * DAY)),
    ("cache.posting_seconds", Takes::Whole(1, 365 * DAY)),
    ("cache.failure_seconds", Takes::Whole(1, DAY)),
    ("auth.jwt_secret_key", Takes::SecretText(32)),
    ("auth.previous_jwt_secret_key", Takes::SecretText(32)),
    ("auth.access_token_minutes", Takes::Whole(1, 60 * 24 * 365)),
    ("auth.refresh_token_days", Takes::Whole(1, 3650)),
    ("auth.bcrypt_cost", Takes::Whole(4, 20)),
    ("auth.bcrypt_concurrency", Takes::Whole(0, 1024)),
    ("auth.bcrypt_waiting", Takes::Whole(0, 100_000)),
    ("auth.password_min_length", Takes::Whole(8, 64)),
    ("auth.sign_in_free_failures", Takes::Whole(1, 1000)),
    ("auth.sign_in_free_failures_together", Takes::Whole(1, 1_000_000)),
    ("auth.sign_in_max_delay_seconds", Takes::Whole(1, DAY)),
    ("auth.max_api_keys", Takes::Whole(0, 10_000)),
    ("auth.keep_audit_days", Takes::Whole(30, CENTURY)),
    ("limits.enabled", Takes::Truth),
    ("limits.requests_per_minute", Takes::Whole(1, COUNT)),
    ("limits.sensitive_per_minute", Takes::Whole(1, COUNT)),
    ("files.max_bytes", Takes::Whole(1024, GIB)),
    ("files.max_per_user", Takes::Whole(1, COUNT)),
    ("files.uploads_at_once", Takes::Whole(1, 10_000)),
    ("files.uploads_at_once_per_client", Takes::Whole(1, 10_000)),
    ("files.downloads_at_once", Takes::Whole(1, 10_000)),
    ("files.downloads_at_once_per_client", Takes::Whole(1, 10_000)),
    ("files.exports_at_once", Takes::Whole(1, 10_000)),
    ("files.exports_at_once_per_client", Takes::Whole(1, 10_000)),
    ("storage.kind", Takes::OneOf(&["disk", "s3"])),
    ("storage.s3_bucket", Takes::Text),
    ("storage.s3_region", Takes::Text),
    ("storage.s3_endpoint", Takes::Address(WEB)),
    ("storage.s3_prefix", Takes::Text),
    ("storage.s3_access_key_id", Takes::SecretText(1)),
    ("storage.s3_secret_access_key", Takes::SecretText(1)),
    ("storage.timeout_seconds", Takes::Whole(1, 600)),
    ("storage.retries", Takes::Whole(0, 20)),
    ("storage.encryption_key", Takes::SecretHex(32)),
    ("storage.previous_encryption_key", Takes::SecretHex(32)),
    ("storage.orphan_hours", Takes::Whole(0, 24 * CENTURY)),
    ("corrections.max_bytes", Takes::Whole(1024, GIB)),
    ("corrections.max_entries", Takes::Whole(1, 100_000)),
    ("corrections.max_text_characters", Takes::Whole(100, COUNT)),
    ("reader.max_pages", Takes::Whole(1, 100_000)),
    ("reader.max_lines", Takes::Whole(100, COUNT)),
    ("reader.max_characters", Takes::Whole(1000, COUNT)),
    ("reader.wall_seconds", Takes::Whole(1, 3600)),
    ("reader.cpu_seconds", Takes::Whole(1, 3600)),
    ("reader.memory_bytes", Takes::Whole(256 << 20, 1 << 40)),
    ("reader.max_output_bytes", Takes::Whole(1 << 20, GIB)),
    ("reader.concurrency", Takes::Whole(0, 1024)),
    ("intake.timeout_seconds", Takes::Whole(1, 600)),
    ("intake.max_bytes", Takes::Whole(1024, GIB)),
    ("intake.max_redirects", Takes::Whole(0, 20)),
    ("intake.allow_private_hosts", Takes::List),
    ("intake.max_text_bytes", Takes::Whole(1024, GIB)),
    ("intake.board_base_urls.*", Takes::Address(WEB)),
    ("queue.concurrency", Takes::Whole(0, 1024)),
    ("queue.lease_seconds", Takes::Whole(1, DAY)),
    ("queue.heartbeat_seconds", Takes::Whole(1, DAY)),
    ("queue.poll_ms", Takes::Whole(10, 60_000)),
    ("queue.max_attempts", Takes::Whole(1, 1000)),
    ("queue.max_crashes", Takes::Whole(1, 1000)),
    ("queue.group_window", Takes::Whole(1, COUNT)),
    ("queue.retry_base_seconds", Takes::Whole(0, DAY)),
    ("queue.retry_max_seconds", Takes::Whole(0, 30 * DAY)),
    ("queue.soft_limit_seconds", Takes::Whole(1, 7 * DAY)),
    ("queue.hard_limit_seconds", Takes::Whole(1, 7 * DAY)),
    ("queue.drain_seconds", Takes::Whole(0, DAY)),
    ("queue.stalled_seconds", Takes::Whole(5, DAY)),
    ("queue.old_snapshot_seconds", Takes::Whole(1, DAY)),
    ("queue.keep_completed_days", Takes::Whole(1, CENTURY)),
    ("queue.keep_dead_days", Takes::Whole(1, CENTURY)),
    ("schedules.cleanup_old_jobs", Takes::Cron),
    ("schedules.health_check", Takes::Cron),
    ("tiers.free.jobs_per_day", Takes::Whole(0, COUNT)),
    ("tiers.free.storage_mb", Takes::Whole(0, COUNT)),
    ("tiers.free.concurrent_jobs", Takes::Whole(0, COUNT)),
    ("tiers.pro.jobs_per_day", Takes::Whole(0, COUNT)),
    ("tiers.pro.storage_mb", Takes::Whole(0, COUNT)),
    ("tiers.pro.concurrent_jobs", Takes::Whole(0, COUNT)),
    ("tiers.enterprise.jobs_per_day", Takes::Whole(0, COUNT)),
    ("tiers.enterprise.storage_mb", Takes::Whole(0, COUNT)),
    ("tiers.enterprise.concurrent_jobs", Takes::Whole(0, COUNT)),
    ("jobs.max_events", Takes::Whole(10, 100_000)),
    ("jobs.max_queued_per_user", Takes::Whole(1, COUNT)),
    ("jobs.keep_days", Takes::Whole(1, CENTURY)),
    ("llm.provider", Takes::OneOf(&["none"])),
    ("llm.base_url", Takes::Address(WEB)),
    ("llm.model", Takes::Text),
    ("log.level", Takes::LogFilter),
    ("log.format", Takes::OneOf(&["json", "text", "auto"])),
    ("log.dir", Takes::Text),
    ("log.keep_files", Takes::Whole(1, 10_000)),
    ("log.max_file_mb", Takes::Whole(1, 1_000_000)),
    ("log.slow_query_ms", Takes::Whole(0, 1000 * DAY)),
    ("telemetry.otlp_endpoint", Takes::SecretAddress(WEB)),
    ("telemetry.sample_ratio", Takes::Fraction),
    ("telemetry.service_name", Takes::Name),
];

/// Environment names that everybody uses, and the keys that they stand for.
pub(crate) const CONVENTIONAL: &[(&str, &str)] = &[
    ("DATABASE_URL", "database.url"),
    ("REDIS_URL", "redis.url"),
    ("JWT_SECRET_KEY", "auth.jwt_secret_key"),
    ("LOG_LEVEL", "log.level"),
    ("PORT", "server.port"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry.otlp_endpoint"),
    ("OTEL_SERVICE_NAME", "telemetry.service_name"),
    ("AWS_ACCESS_KEY_ID", "storage.s3_access_key_id"),
    ("AWS_SECRET_ACCESS_KEY", "storage.s3_secret_access_key"),
    ("AWS_REGION", "storage.s3_region"),
    ("STORAGE_ENCRYPTION_KEY", "storage.encryption_key"),
];

/// What `key` takes; `None` when there is no such key.
pub(crate) fn takes(key: &str) -> Option<Takes> {
    KEYS.iter()
        .find(|(name, _)| match name.strip_suffix('*') {
            Some(stem) => key.strip_prefix(stem).is_some_and(|rest| !rest.is_empty() && !rest.contains('.')),
            None => *name == key,
        })
        .map(|(_, takes)| *takes)
}

/// Whether `key` is a section: some keys start with it.
pub(crate) fn is_section(key: &str) -> bool {
    KEYS.iter().any(|(name, _)| name.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

/// The key that was probably meant.
pub(crate) fn nearest(key: &str) -> Option<&'static str> {
    KEYS.iter()
        .map(|(name, _)| (strsim::damerau_levenshtein(name, key), *name))
        .min()
        .filter(|(distance, name)| *distance <= 3 || name.starts_with(key))
        .map(|(_, name)| name)
}

impl Takes {
    /// Whether its values must not be repeated.
    pub(crate) fn is_secret(self) -> bool {
        matches!(self, Self::SecretAddress(_) | Self::SecretText(_) | Self::SecretHex(_))
    }

    /// The value that a text from the environment or a flag stands for; `None` when it is not one.
    pub(crate) fn parse(self, text: &str) -> Option<Value> {
        let text = text.trim();
        match self {
            Self::Whole(..) => text.parse().ok().map(Value::Integer),
            Self::Fraction => text.parse().ok().map(Value::Float),
            Self::Truth => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Some(Value::Boolean(true)),
                "false" | "0" | "no" | "off" => Some(Value::Boolean(false)),
                _ => None,
            },
            Self::List | Self::Networks => Some(Value::Array(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(|item| Value::String(item.to_owned()))
                    .collect(),
            )),
            _ => Some(Value::String(text.to_owned())),
        }
        .filter(|value| self.accepts(value))
    }

    /// Whether `value` is one.
    pub(crate) fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text, Value::String(_)) | (Self::Truth, Value::Boolean(_)) => true,
            (Self::Name, Value::String(text)) => !text.trim().is_empty(),
            (Self::Whole(least, most), Value::Integer(number)) => (least..=most).contains(number),
            (Self::Fraction, Value::Float(number)) => (0.0..=1.0).contains(number),
            // Whoever writes 0 or 1 need not write a point.
            (Self::Fraction, Value::Integer(number)) => (0..=1).contains(number),
            (Self::List, Value::Array(items)) => items.iter().all(Value::is_str),
            (Self::Networks, Value::Array(items)) => {
                items.iter().all(|item| item.as_str().is_some_and(|item| network(item).is_some()))
            }
            (Self::OneOf(words), Value::String(text)) => words.contains(&text.as_str()),
            (Self::Address(starts) | Self::SecretAddress(starts), Value::String(text)) => {
                text.is_empty()
                    || starts.iter().any(|start| text.starts_with(start) && text.len() > start.len())
            }
            (Self::SecretText(least), Value::String(text)) => text.is_empty() || text.len() >= least,
            (Self::Listen, Value::String(text)) => text.is_empty() || text.parse::<SocketAddr>().is_ok(),
            (Self::SecretHex(bytes), Value::String(text)) => {
                text.is_empty()
                    || (text.len() == 2 * bytes && text.bytes().all(|digit| digit.is_ascii_hexdigit()))
            }
            (Self::LogFilter, Value::String(text)) => is_log_filter(text),
            (Self::Cron, Value::String(text)) => text.trim().is_empty() || is_cron(text),
            _ => false,
        }
    }
}

impl fmt::Display for Takes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => out.write_str("a text"),
            Self::Name => out.write_str("a text that is not empty"),
            Self::Whole(least, most) => write!(out, "a whole number from {least} to {most}"),
            Self::Fraction => out.write_str("a number from 0 to 1"),
            Self::Truth => out.write_str("true or false"),
            Self::List => out.write_str("a list of texts"),
            Self::Networks => out.write_str("a list of addresses or networks, such as 10.0.0.0/8"),
            Self::OneOf(words) => out.write_str(&listed(words)),
            Self::Address(starts) | Self::SecretAddress(starts) => {
                write!(out, "an address that starts with {}, or nothing", listed(starts))
            }
            Self::SecretText(least) => write!(out, "{least} bytes or more, or nothing"),
            Self::Listen => out.write_str("an IP address and a port, such as 0.0.0.0:9000, or nothing"),
            Self::SecretHex(bytes) => write!(
                out,
                "{} hexadecimal digits, such as `openssl rand -hex {bytes}` prints, or nothing",
                2 * bytes
            ),
            Self::LogFilter => {
                out.write_str("error, warn, info, debug or trace, or a filter such as info,sqlx=warn")
            }
            Self::Cron => out.write_str(
                "a cron expression of five fields that comes due at some time, such as \"0 2 * * *\" for each day at \
                 02:00 UTC, or nothing for never",
            ),
        }
    }
}

/// `a`, `a or b`, `a, b or c`.
fn listed(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// The network of a text: a network, or an address by itself.
#[must_use]
pub fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn is_log_filter(text: &str) -> bool {
    const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];
    !text.trim().is_empty()
        && text.split(',').all(|part| {
            let level = part.rsplit_once('=').map_or(part, |(_, level)| level);
            LEVELS.contains(&level.trim().to_ascii_lowercase().as_str())
        })
}

/// Whether it is a cron expression of five fields that ever comes due: the thirty-first of February is a mistake.
fn is_cron(text: &str) -> bool {
    // Nicknames such as @daily hide the time of the day, which is what an operator has to see.
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    !text.contains('@')
        && parser.parse(text).is_ok_and(|cron| cron.find_next_occurrence(&DateTime::UNIX_EPOCH, true).is_ok())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::config::DEFAULTS;
    use crate::config::keys::{CONVENTIONAL, KEYS, takes};
    use crate::config::layers::leaves;

    #[test]
    fn the_table_and_the_embedded_file_name_the_same_keys() {
        let defaults: toml::Table = DEFAULTS.parse().unwrap();
        let mut in_file: Vec<String> = leaves(&defaults).into_iter().map(|(key, _)| key).collect();
        let mut in_table: Vec<String> =
            KEYS.iter().filter(|(key, _)| !key.ends_with('*')).map(|(key, _)| (*key).to_owned()).collect();
        in_file.sort();
        in_table.sort();
        assert_eq!(in_file, in_table);
        assert!(CONVENTIONAL.iter().all(|(_, key)| takes(key).is_some()));
    }
}
