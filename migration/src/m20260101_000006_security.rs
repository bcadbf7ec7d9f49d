//! Keys for scripts, slowed sign-ins, job starts that quotas count, and the audit log.

use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::dialect;

/// `api_keys`, `sign_in_throttles`, `job_starts`, `audit_events`.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

// `sign_in_throttles` knows addresses by their hash alone, and those of no account as well: whether one exists must not
// show. `job_starts` outlives its job: a quota that forgot deleted jobs would be none. `audit_events` refers to accounts
// without a foreign key: what was done stays known when they are gone.
const UP: &str = "
CREATE TABLE api_keys (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ
);
CREATE INDEX idx_api_keys_user_id ON api_keys (user_id, created_at);

CREATE TABLE sign_in_throttles (
    key TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    blocked_until TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX idx_sign_in_throttles_updated_at ON sign_in_throttles (updated_at);

CREATE TABLE job_starts (
    job_id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    started_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX idx_job_starts_user_id ON job_starts (user_id, started_at);
CREATE INDEX idx_job_starts_started_at ON job_starts (started_at);
INSERT INTO job_starts (job_id, user_id, started_at) SELECT id, user_id, created_at FROM jobs;

CREATE TABLE audit_events (
    id UUID NOT NULL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL CHECK (actor IN ('person', 'api_key', 'operator', 'stranger')),
    user_id UUID,
    subject_id UUID,
    client TEXT,
    trace_id TEXT
);
CREATE INDEX idx_audit_events_at ON audit_events (at);
CREATE INDEX idx_audit_events_user_id ON audit_events (user_id, at);
";

// Nobody changes what is written, and nobody but retention deletes it, which keeps thirty days at least.
const APPEND_ONLY_POSTGRES: &str = "
CREATE FUNCTION audit_events_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < now() - interval '30 days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_events_append_only();
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_append_only();
";
const APPEND_ONLY_SQLITE: &str = "
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
WHEN datetime(OLD.at) >= datetime('now', '-30 days')
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
";

const DOWN: &str = "
DROP TABLE audit_events;
DROP TABLE job_starts;
DROP TABLE sign_in_throttles;
DROP TABLE api_keys;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await?;
        let postgres = dialect::is_postgres(manager);
        dialect::run(manager, if postgres { APPEND_ONLY_POSTGRES } else { APPEND_ONLY_SQLITE }).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await?;
        if dialect::is_postgres(manager) {
            dialect::run(manager, "DROP FUNCTION audit_events_append_only()").await?;
        }
        Ok(())
    }
}
