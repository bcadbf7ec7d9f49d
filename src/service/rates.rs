//! Counting requests together with every other process.

use crate::app::App;
pub use crate::cache::Spent;

/// Counts a request of so many a minute; `None` where each process has to count for itself.
pub async fn spend(app: &App, key: &str, per_minute: u32) -> Option<Spent> {
    app.cache.spend(key, per_minute).await
}
