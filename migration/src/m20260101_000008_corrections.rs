//! Resumes as their owners corrected them.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::dialect;

/// `resume_corrections`.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

// A table of its own: rows of `files` are read for every list and every job, and a resume is large. The account stands in
// it as well, so that no query needs another table to know whose it is.
const UP: &str = "
CREATE TABLE resume_corrections (
    file_id UUID NOT NULL PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    resume JSONB NOT NULL,
    corrected_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX idx_resume_corrections_user_id ON resume_corrections (user_id);
";

const DOWN: &str = "
DROP TABLE resume_corrections;
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
