//! The conformance suite of the queue: every test runs on a SQLite file, and on PostgreSQL where one is found.
