//! Whether this process can do its work now.

use std::time::Duration;

use crate::app::App;

/// Longest wait for the database: whoever asks wants to know now.
const PATIENCE: Duration = Duration::from_secs(2);

/// What keeps this process from taking requests, one sentence each; nothing when it is ready.
pub async fn obstacles(app: &App) -> Vec<String> {
    let mut obstacles = Vec::new();
    if app.shutdown.is_tripped() {
        obstacles.push("This process is shutting down.".to_owned());
    }
    match tokio::time::timeout(PATIENCE, app.db.ping()).await {
        Err(_) => obstacles.push("The database does not answer.".to_owned()),
        Ok(Err(error)) => {
            // The cause may name hosts and users: the log is the place for it, not an open endpoint.
            tracing::warn!(exception = %error, "the database is not reachable");
            obstacles.push("The database is not reachable.".to_owned());
        }
        Ok(Ok(())) => match tokio::time::timeout(PATIENCE, app.db.migrations_pending()).await {
            Ok(Ok(0)) => {}
            Ok(Ok(pending)) => {
                obstacles
                    .push(format!("{pending} migrations are pending: run `resume-optimizer migrate up`."));
            }
            Ok(Err(_)) | Err(_) => {
                obstacles.push("The schema of the database could not be checked.".to_owned());
            }
        },
    }
    obstacles
}
