//! The database: one file a table, every query, the owner always first.
