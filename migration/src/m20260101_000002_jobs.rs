//! Uploaded files, the jobs that were asked for, and how those went.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::dialect;

/// `files`, `jobs`, `job_events`, `idempotency_keys`.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

// SQLite takes a reference to a table that comes later, PostgreSQL one that is added later: files and jobs
// point at each other, so exactly one of the two ways is used for `files.job_id`.
const FILES_ON_SQLITE: &str = "job_id UUID REFERENCES jobs (id) ON DELETE SET NULL,";
const FILES_ON_POSTGRES: &str = "job_id UUID,";
const POSTGRES_ONLY: &str = "
ALTER TABLE files ADD CONSTRAINT files_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE SET NULL;
";

const UP: &str = "
CREATE TABLE files (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    {files_job_id}
    filename TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    file_path TEXT NOT NULL,
    s3_key TEXT,
    file_size BIGINT NOT NULL CHECK (file_size >= 0),
    content_type TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT files_user_id_content_hash_key UNIQUE (user_id, content_hash)
);
CREATE INDEX idx_files_hash ON files (content_hash);
CREATE INDEX idx_files_user_id ON files (user_id, created_at, id);
CREATE INDEX idx_files_job_id ON files (job_id);

CREATE TABLE jobs (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    file_id UUID REFERENCES files (id) ON DELETE SET NULL,
    job_url TEXT,
    posting_text TEXT,
    company_name TEXT,
    job_title TEXT,
    options JSONB NOT NULL,
    status TEXT NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    progress TEXT NOT NULL DEFAULT '',
    progress_percent SMALLINT NOT NULL DEFAULT 0 CHECK (progress_percent BETWEEN 0 AND 100),
    result JSONB,
    error_message TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    event_seq BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    completed_at TIMESTAMPTZ
);
CREATE INDEX idx_jobs_user_status ON jobs (user_id, status, created_at, id);
CREATE INDEX idx_jobs_created_at ON jobs (created_at);
CREATE INDEX idx_jobs_user_created_at ON jobs (user_id, created_at, id);
CREATE INDEX idx_jobs_file_id ON jobs (file_id);

CREATE TABLE job_events (
    job_id UUID NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    status TEXT NOT NULL,
    percent SMALLINT NOT NULL,
    message TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (job_id, seq)
);

CREATE TABLE idempotency_keys (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    idempotency_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    job_id UUID NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
);
CREATE INDEX idx_idempotency_keys_job_id ON idempotency_keys (job_id);
CREATE INDEX idx_idempotency_keys_created_at ON idempotency_keys (created_at);
";

const DOWN: &str = "
DROP TABLE idempotency_keys;
DROP TABLE job_events;
UPDATE files SET job_id = NULL;
UPDATE jobs SET file_id = NULL;
";
const DOWN_ON_POSTGRES: &str = "
ALTER TABLE files DROP CONSTRAINT files_job_id_fkey;
DROP TABLE jobs;
DROP TABLE files;
";
// Dropping a table deletes its rows first, which looks up every table that points at it: SQLite does not find
// the one that was dropped before, unless there is nothing left to look up from.
const DOWN_ON_SQLITE: &str = "
DELETE FROM jobs;
DELETE FROM files;
DROP TABLE jobs;
DROP TABLE files;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if dialect::is_postgres(manager) {
            dialect::run(manager, &UP.replace("{files_job_id}", FILES_ON_POSTGRES)).await?;
            dialect::run(manager, POSTGRES_ONLY).await
        } else {
            dialect::run(manager, &UP.replace("{files_job_id}", FILES_ON_SQLITE)).await
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await?;
        let tables = if dialect::is_postgres(manager) { DOWN_ON_POSTGRES } else { DOWN_ON_SQLITE };
        dialect::run(manager, tables).await
    }
}
