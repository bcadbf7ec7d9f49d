//! Deletes the bytes of erased accounts and what the cache has of them, however often that takes.

use async_trait::async_trait;

use crate::app::App;
use crate::cache::Space;
use crate::domain::id::UserId;
use crate::domain::task::EraseTask;
use crate::queue::{Context, Handler, TaskError};
use crate::store::users;

/// The handler of [`EraseTask`].
#[derive(Debug)]
pub(in crate::worker) struct Erase {
    app: App,
}

impl Erase {
    pub(in crate::worker) fn new(app: App) -> Self {
        Self { app }
    }

    /// Once more: whoever erased the account may have ended before Redis forgot it, and what was being read or rendered
    /// then may have been kept afterwards.
    async fn forget(&self, context: &Context, user_id: UserId) -> Result<(), TaskError> {
        let space = Space::of_account(user_id.0);
        let forgotten = tokio::select! {
            forgotten = self.app.cache.forget_all_now(space.prefix()) => forgotten,
            () = context.stopped() => return Err(TaskError::Stopped),
        };
        match forgotten {
            Ok(()) => Ok(()),
            Err(error) if !context.is_last_attempt() => Err(TaskError::Retry(error.to_string())),
            Err(error) => {
                // A dead task would call an operator for what expires by itself.
                self.app.cache.forget_all(space.prefix());
                tracing::warn!(
                    exception = %error,
                    "what Redis has of an erased account stays until it answers or that expires"
                );
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Handler for Erase {
    async fn run(&self, context: &Context) -> Result<(), TaskError> {
        let EraseTask { user_id } = context.payload()?;
        // Nobody's bytes are deleted whose account is there, whatever put the task in.
        if users::find(&self.app.db, user_id).await?.is_some() {
            return Ok(());
        }
        let files = self
            .app
            .blobs
            .delete_space(user_id.0)
            .await
            .map_err(|error| TaskError::Retry(error.to_string()))?;
        tracing::info!(files, "the bytes of an erased account are gone");
        self.forget(context, user_id).await
    }
}
