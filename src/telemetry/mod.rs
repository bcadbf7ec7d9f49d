//! Logs, metrics and traces: how the process tells its operator what it does.
//!
//! Everything else logs with the `tracing` macros and counts with the `metrics` macros under the names in
//! `metrics`; here is decided where that goes and how it looks. The spans of `tracing` are what `traces` sends. Nothing
//! personal may be logged or sent: no password, token, resume text or e-mail address. Imports `config`.

mod error_file;
mod ids;
mod json;
mod lines;
pub mod metrics;
pub(crate) mod panics;
pub mod traces;

use std::io::{self, IsTerminal};
use std::path::Path;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{self, Log, LogFormat};
use crate::telemetry::error_file::ErrorFile;
use crate::telemetry::ids::Ids;
use crate::telemetry::json::JsonLines;
use crate::telemetry::lines::{Lines, is_our_span};

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
    /// Traces cannot be sent to where they should.
    #[error(
        "traces cannot be sent to telemetry.otlp_endpoint: {0}; set it to an address such as http://collector:4318, or \
         to nothing"
    )]
    Traces(String),
    /// Somebody else already took the process's logs.
    #[error("logging was started twice in one process")]
    Twice,
}

/// Writes out and sends what is still in memory when it is dropped; keep it until the end of the process.
#[derive(Debug)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
    // After the traces: their end may have something to say.
    _guards: Vec<WorkerGuard>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        let Some(traces) = self.traces.take() else {
            return;
        };
        if let Err(error) = traces.shutdown_with_timeout(traces::FLUSH) {
            tracing::warn!(exception = %error, "the last traces were not sent");
        }
    }
}

/// Starts logs on stdout and in `log.dir`, the metrics recorder, and traces where they are wanted. Once a process, and
/// before anything asynchronous.
///
/// # Errors
/// When the filter cannot be used, the error log cannot be written, or traces cannot be sent where they should.
pub fn start(log: &Log, traces: &config::Telemetry) -> Result<Telemetry, TelemetryError> {
    let mut guards = Vec::new();
    let provider = traces::provider(traces).map_err(TelemetryError::Traces)?;
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
        let file = ErrorFile::open(Path::new(&log.dir), log.keep_files, log.max_file_bytes())
            .map_err(|source| TelemetryError::ErrorLog { dir: log.dir.clone(), source })?;
        let (file, guard) = tracing_appender::non_blocking(file);
        guards.push(guard);
        Some(JsonLines::new(file).with_filter(Lines(LevelFilter::ERROR)))
    };
    let our_spans = || filter_fn(is_our_span).with_max_level_hint(LevelFilter::INFO);
    tracing_subscriber::registry()
        .with(Ids.with_filter(our_spans()))
        .with(on_stdout.with_filter(Lines(filter(&log.level)?)))
        .with(on_disk)
        .with(provider.as_ref().map(|provider| traces::layer(provider).with_filter(our_spans())))
        .try_init()
        .map_err(|_| TelemetryError::Twice)?;
    metrics::install();
    panics::watch();
    Ok(Telemetry { traces: provider, _guards: guards })
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
