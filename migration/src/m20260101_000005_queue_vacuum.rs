//! Vacuum of the queue's table less often where it is large.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::dialect;

/// Storage settings of `queue_tasks`.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

// A vacuum reads the indexes of every finished row. With millions of them, one after each hundredth of the rows took a
// third of the speed; what it would clear at the head of the line, workers remember to begin behind.
const UP: &str = "ALTER TABLE queue_tasks SET (
    autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.1)";

const DOWN: &str = "ALTER TABLE queue_tasks SET (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.05)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if dialect::is_postgres(manager) { dialect::run(manager, UP).await } else { Ok(()) }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if dialect::is_postgres(manager) { dialect::run(manager, DOWN).await } else { Ok(()) }
    }
}
