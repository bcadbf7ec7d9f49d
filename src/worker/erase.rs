//! Deletes the bytes of erased accounts, however often that takes.

use async_trait::async_trait;

use crate::app::App;
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
        Ok(())
    }
}
