//! Logs and metrics: how the process tells its operator what it does.
//!
//! Everything else logs with the `tracing` macros and counts with the `metrics` macros under the names in
//! `metrics`; here is decided where that goes and how it looks. Nothing personal may be logged: no
//! password, token, resume text or e-mail address. Imports `config`.

mod error_file;
mod json;
pub mod metrics;

use std::io::{self, IsTerminal};
use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{Log, LogFormat};
use crate::telemetry::error_file::ErrorFile;
use crate::telemetry::json::JsonLines;

/// Why the process cannot log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not one.
    #[error("log.level is not a filter that can be used: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The folder of the error log is not writable.
    #[error(
        "the error log in {dir} cannot be written: {source}; set log.dir to a writable folder, or to nothing"
    )]
    ErrorLog {
        /// The folder.
        dir: String,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else already took the process's logs.
    #[error("logging was started twice in one process")]
    Twice,
}

/// Writes out what is still in memory when it is dropped; keep it until the end of the process.
#[derive(Debug)]
pub struct Telemetry {
    _guards: Vec<WorkerGuard>,
}

/// Starts logs on stdout and in `log.dir`, and the metrics recorder. Once a process.
///
/// # Errors
/// When the filter cannot be used or the error log cannot be written.
pub fn start(log: &Log) -> Result<Telemetry, TelemetryError> {
    let mut guards = Vec::new();
    // Lines are written by a thread of their own, so that a reader that hangs does not stop requests.
    let (stdout, guard) = tracing_appender::non_blocking(io::stdout());
    guards.push(guard);
    let terminal = io::stdout().is_terminal();
    let as_text = match log.format {
        LogFormat::Text => true,
        LogFormat::Json => false,
        LogFormat::Auto => terminal,
    };
    let on_stdout = if as_text {
        tracing_subscriber::fmt::layer().with_ansi(terminal).with_writer(stdout).boxed()
    } else {
        JsonLines::new(stdout).boxed()
    };
    let on_disk = if log.dir.is_empty() {
        None
    } else {
        let file = ErrorFile::open(Path::new(&log.dir), log.keep_files)
            .map_err(|source| TelemetryError::ErrorLog { dir: log.dir.clone(), source })?;
        let (file, guard) = tracing_appender::non_blocking(file);
        guards.push(guard);
        Some(JsonLines::new(file).with_filter(LevelFilter::ERROR))
    };
    tracing_subscriber::registry()
        .with(filter(&log.level)?)
        .with(on_stdout)
        .with(on_disk)
        .try_init()
        .map_err(|_| TelemetryError::Twice)?;
    metrics::install();
    log_panics();
    Ok(Telemetry { _guards: guards })
}

/// Where a panic happened is logged like any error. What it says is not: it may quote a document.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a thread panicked");
    }));
}

/// A bare level is ours; other people's crates then speak at `warn` only, as some of them log the text
/// that they parse at lower levels. What is no HTTP is not ours to mend, and whoever can reach the port could fill the
/// log with it.
fn filter(level: &str) -> Result<EnvFilter, TelemetryError> {
    let level = level.trim();
    let directives = if level.contains([',', '=']) {
        level.to_owned()
    } else {
        let others = if level.eq_ignore_ascii_case("error") || level.eq_ignore_ascii_case("off") {
            level
        } else {
            "warn"
        };
        format!("{others},actix_http::h1::dispatcher=off,resume_optimizer={level}")
    };
    Ok(EnvFilter::try_new(directives)?)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::telemetry::filter;

    #[track_caller]
    fn check(level: &str, expected: &str) {
        assert_eq!(filter(level).unwrap().to_string(), expected);
    }

    #[test]
    fn a_bare_level_is_ours() {
        check("debug", "actix_http::h1::dispatcher=off,resume_optimizer=debug,warn");
        check("INFO", "actix_http::h1::dispatcher=off,resume_optimizer=info,warn");
        check("error", "actix_http::h1::dispatcher=off,resume_optimizer=error,error");
        check("info,sqlx=debug", "sqlx=debug,info");
    }
}
