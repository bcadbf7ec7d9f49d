//! Which request a task is for, and where its trace goes on.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::dialect;

/// `queue_tasks.trace`.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

// A column and not a part of the payload: that is the handler's, of any shape, and may be as large as it may be. Nothing
// is written into it for tasks that no request asks for. An older program that still runs beside this one leaves it
// empty, and does not miss it when it claims.
const UP: &str = "
ALTER TABLE queue_tasks ADD COLUMN trace TEXT;
";

const DOWN: &str = "
ALTER TABLE queue_tasks DROP COLUMN trace;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await
    }
}
