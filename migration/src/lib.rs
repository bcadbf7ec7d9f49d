//! The one migration set, for PostgreSQL and SQLite.
