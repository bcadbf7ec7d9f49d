//! What values must hold between each other, beyond what each key takes by itself.

use url::Url;

use crate::config::{Config, ConfigError, Layers, Storage, StorageKind};

/// Refuses values that contradict each other, naming both keys and where each came from.
pub(crate) fn check(config: &Config, layers: &Layers) -> Result<(), ConfigError> {
    let queue = &config.queue;
    let pairs = [
        // A heartbeat that comes after the lease's end would give every task away while it runs.
        (
            queue.heartbeat_seconds < queue.lease_seconds,
            ["queue.heartbeat_seconds", "be below", "queue.lease_seconds"],
        ),
        (
            queue.soft_limit_seconds < queue.hard_limit_seconds,
            ["queue.soft_limit_seconds", "be below", "queue.hard_limit_seconds"],
        ),
        (
            queue.retry_base_seconds <= queue.retry_max_seconds,
            ["queue.retry_base_seconds", "not exceed", "queue.retry_max_seconds"],
        ),
    ];
    let pairs = pairs.into_iter().filter(|(holds, _)| !holds).map(|(_, [low, relation, high])| {
        format!("{} must {relation} {}.", layers.with_origin(low), layers.with_origin(high))
    });
    let others = storage(&config.storage, layers).into_iter().chain(collector(config, layers));
    let problems: Vec<String> = pairs.chain(others).collect();
    if problems.is_empty() { Ok(()) } else { Err(ConfigError { problems }) }
}

/// A name or a password in the address of a collector would be left out without a word.
fn collector(config: &Config, layers: &Layers) -> Option<String> {
    let url = Url::parse(config.telemetry.otlp_endpoint.expose()).ok()?;
    let asks = !url.username().is_empty() || url.password().is_some();
    asks.then(|| {
        format!(
            "{} has a name or a password in it, which are not sent: a collector that wants to know who asks is told by \
             OTEL_EXPORTER_OTLP_HEADERS, such as authorization=Bearer%20TOKEN.",
            layers.with_origin("telemetry.otlp_endpoint")
        )
    })
}

/// What a bucket needs; a folder needs nothing.
fn storage(storage: &Storage, layers: &Layers) -> Vec<String> {
    if storage.kind == StorageKind::Disk {
        return Vec::new();
    }
    let mut problems = Vec::new();
    if storage.s3_bucket.trim().is_empty() {
        let kind = layers.with_origin("storage.kind");
        problems.push(format!("{kind} needs a bucket: set storage.s3_bucket to its name."));
    }
    if storage.s3_access_key_id.is_empty() != storage.s3_secret_access_key.is_empty() {
        problems.push(
            "storage.s3_access_key_id and storage.s3_secret_access_key belong together: set both, or neither to use the \
             role of this machine."
                .to_owned(),
        );
    }
    // Each part is the name of a folder wherever the bucket is copied to.
    let mut parts = storage.s3_prefix.trim_matches('/').split('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
    let good = |part: &str| !part.chars().all(|c| c == '.') && part.chars().all(plain);
    if !storage.s3_prefix.is_empty() && !parts.all(good) {
        let prefix = layers.with_origin("storage.s3_prefix");
        problems
            .push(format!("{prefix} takes names of letters, digits, -, _, . and = with one / between them."));
    }
    problems
}

impl Config {
    /// Whether a service may start with it; a command line tool needs less.
    ///
    /// # Errors
    /// When replicas that share a PostgreSQL database would each make a signing secret of their own, and
    /// so refuse each other's tokens.
    pub fn ready_to_serve(&self) -> Result<(), ConfigError> {
        if self.is_postgres() && self.auth.jwt_secret_key.is_empty() {
            return Err(ConfigError::one(
                "auth.jwt_secret_key is not set: with PostgreSQL, replicas must share it; set JWT_SECRET_KEY to 32 \
                 random bytes or more, such as `openssl rand -base64 48` prints."
                    .to_owned(),
            ));
        }
        Ok(())
    }
}
