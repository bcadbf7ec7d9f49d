//! Statements that take long: a line each in the log, with what was asked and never with what about.

use std::time::{Duration, Instant};

use sea_orm::DatabaseConnection;
use sqlx::ConnectOptions;

/// Characters of a statement that a line has room for; the longest of ours have some thousands, and differ before that.
const MAX_CHARACTERS: usize = 1000;

/// When a statement is slow; never where it says nothing.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Slow(pub(in crate::store) Option<Duration>);

impl Slow {
    /// Has every statement of these connections watched.
    pub(in crate::store) fn watch(self, mut connection: DatabaseConnection) -> DatabaseConnection {
        if let Self(Some(limit)) = self {
            connection.set_metric_callback(move |info| {
                if info.elapsed >= limit {
                    // Its values stand beside its text, and are left there: they are somebody's.
                    warn(info.elapsed, &info.statement.sql);
                }
            });
        }
        connection
    }

    /// The same for what is no statement of ours, and has none of anybody's values in it.
    pub(in crate::store) async fn timed<T>(self, what: &'static str, work: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let done = work.await;
        if self.0.is_some_and(|limit| began.elapsed() >= limit) {
            warn(began.elapsed(), what);
        }
        done
    }
}

/// Keeps the driver from telling of them as well, in its own words and at any length.
pub(in crate::store) fn told_by_us<O: ConnectOptions>(options: O) -> O {
    match "off".parse() {
        Ok(off) => options.log_slow_statements(off, Duration::MAX),
        // Cannot be: it is a level. Then the driver says nothing at all.
        Err(_) => options.disable_statement_logging(),
    }
}

fn warn(elapsed: Duration, sql: &str) {
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::warn!(elapsed_ms, statement = shortened(sql), "a statement of the database took long");
}

/// In one line, and no longer than it has to be.
fn shortened(sql: &str) -> String {
    let mut line = String::with_capacity(sql.len().min(MAX_CHARACTERS));
    for word in sql.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if let Some((end, _)) = line.char_indices().nth(MAX_CHARACTERS) {
        line.truncate(end);
        line.push('\u{2026}');
    }
    line
}

#[cfg(test)]
mod tests {
    use crate::store::slow::{MAX_CHARACTERS, shortened};

    #[test]
    fn a_statement_is_one_bounded_line() {
        assert_eq!(
            shortened("\n    SELECT id\n    FROM jobs WHERE id = $1"),
            "SELECT id FROM jobs WHERE id = $1"
        );
        let long = shortened(&format!("SELECT {}", "\u{e9}, ".repeat(MAX_CHARACTERS)));
        assert_eq!(long.chars().count(), MAX_CHARACTERS + 1);
        assert!(long.ends_with('\u{2026}'), "{long}");
    }
}
