//! When the audit log last told of a key.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::dialect;

/// `api_keys.audited_at`, `api_keys.audited_client`.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

// Apart from `last_used_at`, which moves with every use: measured from that, a key in steady use would be told of once.
const UP: &str = "
ALTER TABLE api_keys ADD COLUMN audited_at TIMESTAMPTZ;
ALTER TABLE api_keys ADD COLUMN audited_client TEXT;
";

const DOWN: &str = "
ALTER TABLE api_keys DROP COLUMN audited_client;
ALTER TABLE api_keys DROP COLUMN audited_at;
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
