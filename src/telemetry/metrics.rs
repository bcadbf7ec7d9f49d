//! Metric names, what they mean, and the recorder behind `/metrics`.
//!
//! Labels come from small closed sets: a route pattern, a status code, a task kind. Never a path, an
//! identifier or anything a person wrote, or the number of series has no bound.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Requests answered, by `method`, `endpoint` (route pattern) and `status_code`.
pub const API_REQUESTS: &str = "api_requests_total";
/// Seconds to answer a request, by `method` and `endpoint`.
pub const API_REQUEST_DURATION: &str = "api_request_duration_seconds";
/// Answers with an error, by `error_type` (the problem's code) and `endpoint`.
pub const API_ERRORS: &str = "api_errors_total";
/// Jobs that this process is working on.
pub const ACTIVE_JOBS: &str = "active_optimization_jobs";
/// Seconds to process one resume, by `job_type`.
pub const RESUME_PROCESSING: &str = "resume_processing_duration_seconds";
/// Tasks in the table, by `queue` and `state`.
pub const QUEUE_TASKS: &str = "queue_tasks";
/// Seconds from when a task could have started to its start, by `kind`.
pub const QUEUE_WAIT: &str = "queue_wait_seconds";
/// Seconds of one attempt, by `kind` and `outcome`.
pub const QUEUE_TASK_DURATION: &str = "queue_task_duration_seconds";
/// Seconds that the first waiting task could have been running, by `queue`.
pub const QUEUE_OLDEST: &str = "queue_oldest_seconds";
/// Leases that were taken away, by `reason` (`worker_lost`, `hard_limit`, `stray`).
pub const QUEUE_RESCUED: &str = "queue_rescued_total";
/// The reasons of [`QUEUE_RESCUED`].
pub const RESCUE_REASONS: [&str; 3] = ["worker_lost", "hard_limit", "stray"];
/// Leases that this process lost while it worked on their tasks.
pub const QUEUE_LEASES_LOST: &str = "queue_leases_lost_total";
/// Ends of attempts that were refused because their lease was lost.
pub const QUEUE_STALE: &str = "queue_stale_ends_total";
/// Attempts that were given up and cannot be stopped.
pub const QUEUE_STUCK: &str = "queue_stuck_attempts";
/// 1 while this process hears PostgreSQL's notifications; without them it polls.
pub const QUEUE_LISTENER: &str = "queue_listener_up";
/// Seconds since the oldest transaction began that keeps PostgreSQL from removing rows.
pub const QUEUE_SNAPSHOT: &str = "queue_snapshot_age_seconds";
/// Looks into the cache, by `tier` (`memory`, `redis`) and `outcome` (`hit`, `miss`, `error`, and `skipped` while Redis is
/// left alone).
pub const CACHE_REQUESTS: &str = "cache_requests_total";
/// 1 while this process leaves Redis alone, as it did not answer.
pub const CACHE_BREAKER: &str = "cache_breaker_open";
/// Database connections of this process, by `state` (`used`, `idle`).
pub const DB_CONNECTIONS: &str = "db_connections";
/// Whether what the service depends on gave a sign of life, by `dependency` (`database`, `redis`, `files`): 1 or 0, as
/// this process saw it when it last did the health check. Of several workers each minute another one does.
pub const DEPENDENCY_UP: &str = "dependency_up";
/// Panics: in a request, which answers 500, in an attempt of a task, which fails, or anywhere else.
pub const PANICS: &str = "panics_total";
/// Always 1; its label `version` is the program's version.
pub const BUILD_INFO: &str = "build_info";

/// Bounds for what answers a person: from a cached page to the request timeout.
const REQUEST_SECONDS: &[f64] =
    &[0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// Bounds for work in the background: from one resume by rules to the hard limit of a task.
const WORK_SECONDS: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 1800.0];
/// Bounds for waiting in the queue: from "at once" to "somebody should look".
const WAIT_SECONDS: &[f64] =
    &[0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0];

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Makes this process's recorder and describes every metric. Later calls change nothing.
pub fn install() {
    HANDLE.get_or_init(|| {
        // The bounds above are constants that a test builds with; the fallback keeps the counters.
        let recorder = builder().unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder();
        let handle = recorder.handle();
        // Somebody else's recorder only means that this one stays empty.
        let _ = metrics::set_global_recorder(recorder);
        describe();
        gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        // There from the start, or the first one would be no increase that an alert could see.
        counter!(PANICS).increment(0);
        handle
    });
}

/// Everything recorded so far in Prometheus' text format; empty before [`install`].
#[must_use]
pub fn render() -> String {
    HANDLE.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Folds recorded values together every few seconds, for ever: without it they would pile up in memory
/// while nobody reads `/metrics`.
pub async fn upkeep() {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        if let Some(handle) = HANDLE.get() {
            handle.run_upkeep();
        }
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    let bounds = [
        (API_REQUEST_DURATION, REQUEST_SECONDS),
        (RESUME_PROCESSING, WORK_SECONDS),
        (QUEUE_TASK_DURATION, WORK_SECONDS),
        (QUEUE_WAIT, WAIT_SECONDS),
    ];
    bounds.into_iter().try_fold(PrometheusBuilder::new(), |builder, (name, bounds)| {
        builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds)
    })
}

fn describe() {
    describe_counter!(API_REQUESTS, "Requests answered");
    describe_histogram!(API_REQUEST_DURATION, Unit::Seconds, "Time to answer a request");
    describe_counter!(API_ERRORS, "Answers with an error");
    describe_gauge!(ACTIVE_JOBS, "Jobs that this process is working on");
    describe_histogram!(RESUME_PROCESSING, Unit::Seconds, "Time to process one resume");
    describe_gauge!(QUEUE_TASKS, "Tasks in the queue's table");
    describe_histogram!(QUEUE_WAIT, Unit::Seconds, "Time that a task waited after it could have started");
    describe_histogram!(QUEUE_TASK_DURATION, Unit::Seconds, "Time of one attempt of a task");
    describe_gauge!(QUEUE_OLDEST, Unit::Seconds, "Time that the first waiting task could have been running");
    describe_counter!(QUEUE_RESCUED, "Leases that were taken away");
    describe_counter!(QUEUE_LEASES_LOST, "Leases that this process lost while it worked");
    describe_counter!(QUEUE_STALE, "Ends of attempts that were refused because their lease was lost");
    describe_gauge!(QUEUE_STUCK, "Attempts that were given up and cannot be stopped");
    describe_gauge!(QUEUE_LISTENER, "Whether this process hears PostgreSQL's notifications");
    describe_gauge!(
        QUEUE_SNAPSHOT,
        Unit::Seconds,
        "Age of the oldest transaction that keeps PostgreSQL from removing rows"
    );
    describe_counter!(CACHE_REQUESTS, "Looks into the cache");
    describe_gauge!(CACHE_BREAKER, "Whether Redis is left alone: 1 or 0");
    describe_gauge!(DB_CONNECTIONS, "Database connections of this process");
    describe_gauge!(DEPENDENCY_UP, "Whether it gave a sign of life when this process last asked: 1 or 0");
    describe_counter!(PANICS, "Panics, wherever they were caught");
    describe_gauge!(BUILD_INFO, "The program's version, as a label");
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use metrics::histogram;

    use crate::telemetry::metrics::{API_REQUEST_DURATION, API_REQUESTS, builder, counter, describe};

    #[test]
    fn what_was_recorded_is_rendered_with_its_labels_and_bounds() {
        let recorder = builder().unwrap().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            describe();
            counter!(API_REQUESTS, "method" => "GET", "endpoint" => "/health", "status_code" => "200")
                .increment(1);
            histogram!(API_REQUEST_DURATION, "method" => "GET", "endpoint" => "/health").record(0.003);
        });
        let text = recorder.handle().render();
        for part in [
            "# HELP api_requests_total Requests answered",
            r#"api_requests_total{method="GET",endpoint="/health",status_code="200"} 1"#,
            r#"api_request_duration_seconds_bucket{method="GET",endpoint="/health",le="0.005"} 1"#,
        ] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
