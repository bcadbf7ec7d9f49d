//! Logs, metric names and traces.
