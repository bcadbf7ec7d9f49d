//! What values must hold between each other, beyond what each key takes by itself.

use crate::config::{Config, ConfigError, Layers};

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
    let problems: Vec<String> = pairs
        .into_iter()
        .filter(|(holds, _)| !holds)
        .map(|(_, [low, relation, high])| {
            format!("{} must {relation} {}.", layers.with_origin(low), layers.with_origin(high))
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(ConfigError { problems }) }
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
