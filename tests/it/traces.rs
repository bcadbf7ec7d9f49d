//! What an operator can follow: traces over all processes, the ids that lead to them, slow statements, panics.

use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::collector::{CERTIFICATE, Collector, SILENCE, Seen, hex};
use crate::support::deadline::{until, until_async};
use crate::support::documents::{POSTING, RESUME};
use crate::support::ground::select;
use crate::support::inside::Inside;
use crate::support::service::{Service, World};
use crate::support::site::Site;

const STAGES: [&str; 7] = ["read", "posting", "understand", "match", "tailor", "verify", "render"];
/// A trace that somebody else began.
const ELSEWHERE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Asks for a job with our resume and our posting and waits for its end: its id, and the id of the request.
async fn job(api: &Api) -> (String, String) {
    let body = json!({ "file_id": api.upload_resume().await, "posting_text": POSTING });
    let answer = api.post("/jobs", &body).await.expect(202);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(api.ended(&id).await["status"], "completed");
    (id, answer.header("x-request-id").to_owned())
}

/// Waits for the first line that says this.
fn line(service: &Service, message: &str) -> Value {
    until(message, || service.log().into_iter().find(|line| line["message"] == message))
}

/// The one span of that name.
#[track_caller]
fn one<'a>(spans: &'a [Seen], name: &str) -> &'a Seen {
    let named: Vec<_> = spans.iter().filter(|seen| seen.span.name == name).collect();
    let names: Vec<_> = spans.iter().map(|seen| &seen.span.name).collect();
    assert_eq!(named.len(), 1, "{name} among {names:?}");
    named[0]
}

#[track_caller]
fn is_child(child: &Seen, parent: &Seen, kind: SpanKind) {
    assert_eq!(child.span.parent_span_id, parent.span.span_id, "{} of {}", child.span.name, parent.span.name);
    assert_eq!(child.span.kind(), kind, "{}", child.span.name);
    assert!(child.span.start_time_unix_nano >= parent.span.start_time_unix_nano, "{}", child.span.name);
    assert!(child.span.end_time_unix_nano >= child.span.start_time_unix_nano, "{}", child.span.name);
}

/// The job is one trace, from the request to the last stage; the spans of it.
#[track_caller]
fn is_one_trace(all: &[Seen], job: &str, request: &str) -> Vec<Seen> {
    let spans: Vec<Seen> = all.iter().filter(|seen| seen.trace() == request).cloned().collect();
    let asked = one(&spans, "POST /api/v1/jobs");
    assert_eq!((asked.span.parent_span_id.as_slice(), asked.span.kind()), (&[] as &[u8], SpanKind::Server));
    let answered = [("http.request.method", "POST"), ("http.route", "/api/v1/jobs")];
    for (name, value) in answered.into_iter().chain([("http.response.status_code", "202")]) {
        assert_eq!(asked.attribute(name), value);
    }
    assert_eq!(asked.attribute("user_id").len(), 36);
    let enqueue = one(&spans, "enqueue optimize");
    is_child(enqueue, asked, SpanKind::Producer);
    let run = one(&spans, "run optimize");
    is_child(run, enqueue, SpanKind::Consumer);
    for message in [enqueue, run] {
        assert_eq!(message.attribute("messaging.destination.name"), "default");
        assert_eq!(message.attribute("messaging.message.id"), run.attribute("task_id"));
    }
    assert_eq!(
        (run.attribute("attempt"), run.attribute("outcome")),
        ("1".to_owned(), "completed".to_owned())
    );
    let inner = one(&spans, "job");
    is_child(inner, run, SpanKind::Internal);
    assert_eq!(
        (inner.attribute("job_id"), inner.attribute("user_id")),
        (job.to_owned(), asked.attribute("user_id"))
    );
    let within: Vec<_> =
        spans.iter().filter(|seen| seen.span.parent_span_id == inner.span.span_id).cloned().collect();
    let stages = STAGES.map(|stage| one(&within, stage));
    for stage in stages {
        is_child(stage, inner, SpanKind::Internal);
        assert!(stage.span.end_time_unix_nano <= inner.span.end_time_unix_nano, "{}", stage.span.name);
    }
    assert!(stages.is_sorted_by_key(|stage| stage.span.start_time_unix_nano));
    // The text of a posting is read before it is taken, too.
    let checked =
        spans.iter().filter(|seen| seen.span.name == "posting").find(|seen| !within.contains(seen)).unwrap();
    is_child(checked, asked, SpanKind::Internal);
    assert_eq!(spans.len(), 5 + STAGES.len(), "nothing else: {spans:#?}");
    for seen in &spans {
        assert_eq!(seen.sender("service.name"), "resume-optimizer");
        assert_eq!(seen.sender("service.version"), env!("CARGO_PKG_VERSION"));
        assert_eq!(seen.span.status.clone().unwrap_or_default().code(), StatusCode::Unset);
    }
    spans
}

/// Nothing of a person, of what they sent or of where it lies is in what was sent.
#[track_caller]
fn is_nobodys(all: &[Seen], world: &World) {
    let sent = format!("{all:#?}").to_lowercase();
    let dir = world.dir().display().to_string().to_lowercase();
    for word in ["mira", "example.org", "passphrase", "resume.md", "127.0.0.1", "reqwest", &dir] {
        assert!(!sent.contains(word), "{word}");
    }
    // Our own words are short or common; documents have others.
    let words = |text: &str| {
        text.to_lowercase().split(|c: char| !c.is_alphabetic()).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let ours = [
        "service",
        "services",
        "optimize",
        "resume",
        "version",
        "default",
        "completed",
        "process",
        "internal",
        "optimizer",
    ];
    for word in words(RESUME)
        .iter()
        .chain(&words(POSTING))
        .filter(|word| word.len() > 6 && !ours.contains(&word.as_str()))
    {
        assert!(!sent.contains(word.as_str()), "{word}");
    }
    for seen in all {
        assert!(seen.span.events.is_empty(), "lines of the log stay there: {seen:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_one_trace_over_two_processes() {
    let collector = Collector::start();
    let world = World::on_postgresql().await.with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url);
    let (service, worker) = (world.serve(&["--api"]), world.serve(&["--worker"]));
    let api = service.api().register("mira@example.org").await;
    api.outside("/health").await.expect(200);
    let (id, request) = job(&api).await;
    let done = line(&worker, "a job was completed");
    assert_eq!((&done["trace_id"], &done["otel_trace_id"]), (&json!(request), &Value::Null), "{done}");
    assert!(service.stop().success() && worker.stop().success());
    let all = collector.spans();
    let spans = is_one_trace(&all, &id, &request);
    let senders =
        ["POST /api/v1/jobs", "run optimize"].map(|name| one(&spans, name).sender("service.instance.id"));
    assert_ne!(senders[0], senders[1]);
    is_nobodys(&all, &world);
    assert!(all.iter().all(|seen| !seen.span.name.contains("health")), "probes are no traces");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_one_trace_in_one_process() {
    let collector = Collector::start();
    // As a base address with a path is written, and under a name of its own.
    let world =
        World::on_sqlite().with("RESUME_OPTIMIZER__TELEMETRY__OTLP_ENDPOINT", &format!("{}/", collector.url));
    let site = Site::start(|_| None);
    let world = world.with("RESUME_OPTIMIZER__INTAKE__ALLOW_PRIVATE_HOSTS", &site.authority);
    let service = world.serve(&["--all"]);
    let api = service.api().register("mira@example.org").await;
    let (id, request) = job(&api).await;
    let long = api.with_header("x-request-id", "from-the-balancer-0042");
    let (_, kept) = job(&long).await;
    assert_eq!(kept, "from-the-balancer-0042");
    let body = json!({ "file_id": api.upload_resume().await, "job_url": site.url("/nowhere") });
    let answer = api.post("/jobs", &body).await.expect(202);
    let failed = (answer.json()["id"].as_str().unwrap().to_owned(), answer.header("x-request-id").to_owned());
    assert_eq!(api.ended(&failed.0).await["status"], "failed");
    api.get("/jobs/00000000-0000-0000-0000-000000000000").await.expect(404);
    api.raw(Method::from_bytes(b"BREW").unwrap(), "/pots", "text/plain", "").await.expect(404);
    // What a client called its request leads to the trace of it.
    let trace = |message: &str, of: &dyn Fn(&Value) -> bool| {
        let is_it = |line: &Value| line["trace_id"] == kept && line["message"] == message && of(line);
        let line = until(message, || service.log().into_iter().find(is_it));
        line["otel_trace_id"].as_str().unwrap().to_owned()
    };
    let asked = trace("answered", &|line| line["status"] == 202);
    let trace = trace("a job was completed", &|_| true);
    assert_eq!(asked, trace);
    assert!(service.stop().success());
    let all = collector.spans();
    is_one_trace(&all, &id, &request);
    is_nobodys(&all, &world);
    let run = all.iter().find(|seen| seen.span.name == "run optimize" && seen.trace() == trace).unwrap();
    assert_eq!(run.attribute("trace_id"), kept);
    let missed: Vec<_> =
        all.iter().filter(|seen| seen.attribute("http.response.status_code") == "404").collect();
    assert_eq!(missed.len(), 2);
    assert_eq!(missed[0].span.name, "GET /api/v1/jobs/{job_id}");
    assert_eq!(
        missed[0].span.status.clone().unwrap_or_default().code(),
        StatusCode::Unset,
        "it is the client's"
    );
    // A posting that is not there is refused.
    let (id, request) = failed;
    let spans: Vec<_> = all.iter().filter(|seen| seen.trace() == request).cloned().collect();
    assert_eq!(one(&spans, "job").attribute("job_id"), id);
    let run = one(&spans, "run optimize");
    assert_eq!(
        (run.attribute("outcome"), run.attribute("error.type")),
        ("dead".to_owned(), "dead".to_owned())
    );
    assert_eq!(run.span.status.clone().unwrap_or_default().code(), StatusCode::Error);
    is_child(one(&spans, "fetch"), one(&spans, "posting"), SpanKind::Internal);
    let odd = one(&all, "HTTP");
    assert_eq!(
        (odd.attribute("http.request.method"), odd.attribute("http.route")),
        ("_OTHER".to_owned(), String::new())
    );
}

on_both! {
    async fn where_traces_are_off_nothing_is_sent_and_lines_still_tell_who_asked(world) {
        let collector = Collector::start();
        // The libraries' own name for it, which is not ours.
        let world = world.with("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &format!("{}/v1/traces", collector.url));
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let (id, request) = job(&api).await;
        for message in ["a job was asked for", "a job was completed"] {
            let line = line(&service, message);
            assert_eq!((&line["trace_id"], &line["job_id"]), (&json!(request), &json!(id)), "{line}");
            assert_eq!(line["otel_trace_id"], Value::Null);
        }
        let carried = format!("SELECT count(*) AS number FROM queue_tasks WHERE trace = '{request}'");
        assert_eq!(select(&world, &carried).await, 1);
        // What no request asks for takes nothing along.
        Inside::of(&world).await.run("health-check").await;
        let bare = "SELECT count(*) AS number FROM queue_tasks WHERE kind = 'health-check' AND trace IS NULL";
        assert!(select(&world, bare).await > 0);
        assert!(service.stop().success());
        assert_eq!(collector.messages(), 0);
    }

    async fn counts_are_there_before_anything_is_counted(world) {
        let service = world.serve(&["--all"]);
        let text = service.api().outside("/metrics").await.expect(200).text();
        for reason in ["worker_lost", "hard_limit", "stray"] {
            assert!(text.contains(&format!("queue_rescued_total{{reason=\"{reason}\"}} 0\n")), "{text}");
        }
        for count in ["panics_total", "queue_leases_lost_total", "queue_stale_ends_total", "queue_stuck_attempts"] {
            assert!(text.contains(&format!("\n{count} 0\n")), "{count} in: {text}");
        }
        let odd = Method::from_bytes(b"BREW").unwrap();
        service.api().raw(odd, "/pots", "text/plain", "").await.expect(404);
        let text = service.api().outside("/metrics").await.expect(200).text();
        assert!(text.contains(r#"method="_OTHER""#) && !text.contains("BREW"), "{text}");
        let idle = world.serve(&["--api"]).api().outside("/metrics").await.expect(200).text();
        assert!(idle.contains("\npanics_total 0\n") && !idle.contains("queue_rescued_total"), "{idle}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_trusted_proxy_says_where_a_trace_goes_on() {
    let told = |flags: &str| format!("00-{ELSEWHERE}-00f067aa0ba902b7-{flags}");
    let collector = Collector::start();
    let world = World::on_sqlite().with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url);
    let world = world.with("OTEL_SERVICE_NAME", "careers");
    let stranger = world.serve(&["--api"]);
    let answer = stranger.api().with_header("traceparent", &told("01")).get("/me").await.expect(401);
    assert_ne!(answer.header("x-request-id"), ELSEWHERE);
    assert!(stranger.stop().success());
    let spans = collector.spans();
    let own = one(&spans, "GET /api/v1/me");
    assert_eq!((own.trace().as_str(), own.span.parent_span_id.len()), (answer.header("x-request-id"), 0));
    assert_eq!(own.sender("service.name"), "careers");

    let world = world
        .with("RESUME_OPTIMIZER__SERVER__TRUSTED_PROXIES", "127.0.0.0/8")
        .with("RESUME_OPTIMIZER__TELEMETRY__SAMPLE_RATIO", "0");
    let trusting = world.serve(&["--api"]);
    let api = trusting.api();
    let answer = api.with_header("traceparent", &told("01")).get("/me").await.expect(401);
    assert_eq!(answer.header("x-request-id"), ELSEWHERE, "one id for all of it");
    assert_eq!(answer.json()["trace_id"], ELSEWHERE);
    // Not to be sent, says the proxy; says the ratio; and is no trace at all.
    api.with_header("traceparent", &told("00")).get("/jobs").await.expect(401);
    api.get("/jobs").await.expect(401);
    let odd = api.with_header("traceparent", "00-00000000000000000000000000000000-00f067aa0ba902b7-01");
    assert_eq!(odd.get("/jobs").await.expect(401).header("x-request-id").len(), 32);
    assert!(trusting.stop().success());
    let spans = collector.spans();
    let sent: Vec<_> = spans.iter().filter(|seen| seen.trace() == ELSEWHERE).collect();
    assert_eq!((spans.len(), sent.len()), (2, 1), "{spans:#?}");
    assert_eq!(hex(&sent[0].span.parent_span_id), "00f067aa0ba902b7");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_refuses_is_warned_of_once_and_again_when_it_is_back() {
    let collector = Collector::start();
    collector.answers(500);
    let world = World::on_sqlite().with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url);
    let service = world.serve(&["--api"]);
    let api = service.api();
    let said = |text: &str| {
        let found = |line: &Value| line["message"].as_str().is_some_and(|message| message.contains(text));
        service.log().into_iter().filter(found).collect::<Vec<_>>()
    };
    until_async("three refused messages", || async {
        api.get("/me").await.expect(401);
        (collector.messages() >= 3).then_some(())
    })
    .await;
    let warnings = said("takes no traces");
    assert_eq!((warnings.len(), &warnings[0]["level"]), (1, &json!("WARN")), "{warnings:#?}");
    assert!(warnings[0]["message"].as_str().unwrap().contains("telemetry.otlp_endpoint"));
    assert!(said("takes traces again").is_empty());
    collector.answers(200);
    until_async("the word that it is back", || async {
        api.get("/me").await.expect(401);
        (said("takes traces again").len() == 1).then_some(())
    })
    .await;
    assert!(!collector.spans().is_empty());
    assert_eq!(said("takes no traces").len(), 1);
    assert!(service.stop().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_silent_keeps_nobody_waiting() {
    let collector = Collector::start();
    collector.answers(SILENCE);
    let world = World::on_sqlite().with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url);
    let mut service = world.serve(&["--all"]);
    let api = service.api().register("mira@example.org").await;
    job(&api).await;
    let unanswered = |more: usize| {
        let messages = collector.messages() + more;
        let (api, collector) = (&api, &collector);
        until_async("a message that is not answered", move || async move {
            api.get("/me").await.expect(200);
            (collector.messages() >= messages).then_some(())
        })
    };
    unanswered(1).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..50 {
        let began = Instant::now();
        api.get("/me").await.expect(200);
        slowest = slowest.max(began.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    // Whoever waited for what is under way now would do so for five seconds.
    unanswered(1).await;
    service.signal("TERM");
    assert!(service.wait().success());
    line(&service, "the last traces were not sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_is_reached_over_https() {
    let collector = Collector::start_https();
    let world = World::on_sqlite().with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url);
    let asked = async |world: &World| {
        let service = world.serve(&["--api"]);
        service.api().get("/me").await.expect(401);
        assert!(service.stop().success());
        collector.spans()
    };
    // Its certificate is nobody's that this machine knows.
    assert_eq!(asked(&world).await, []);
    let trusting = world.with("SSL_CERT_FILE", CERTIFICATE);
    one(&asked(&trusting).await, "GET /api/v1/me");
}

#[test]
fn an_address_that_takes_no_requests_is_one_sentence() {
    // A password in the address would never be sent: whoever wrote it there has to hear of that.
    for (address, mend) in [
        ("http://me:hunter2@[nowhere", "http://collector:4318"),
        ("http://me:hunter2@collector:4318", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("http://hunter2@collector:4318", "OTEL_EXPORTER_OTLP_HEADERS"),
    ] {
        let world = World::on_sqlite().with("OTEL_EXPORTER_OTLP_ENDPOINT", address);
        let ended = world.program().arg("serve").run();
        ended.refused(1, &["telemetry.otlp_endpoint", mend]);
        assert!(!format!("{ended:?}").contains("hunter2"));
        let shown = world.program().args(["config", "show"]).run();
        assert!(!format!("{shown:?}").contains("hunter2"), "{shown:#?}");
    }
    World::on_sqlite()
        .with("RESUME_OPTIMIZER__TELEMETRY__SAMPLE_RATIO", "1.5")
        .program()
        .arg("serve")
        .run()
        .refused(1, &["telemetry.sample_ratio", "from 0 to 1"]);
}

/// The lines of a process that is told this many milliseconds and has a statement wait for longer, and those of them that
/// are about the request which waited.
async fn with_a_statement_that_waits(ms: &str) -> (Vec<Value>, Vec<Value>) {
    let world = World::on_postgresql().await.with("RESUME_OPTIMIZER__LOG__SLOW_QUERY_MS", ms);
    let service = world.serve(&["--api"]);
    let api = service.api().register("mira@example.org").await;
    let held = Inside::of(&world).await.hold("SELECT 1 FROM users FOR UPDATE").await;
    let renaming = tokio::spawn({
        let api = api.clone();
        async move { api.patch("/me", &json!({ "first_name": "Zebedee" })).await.expect(200) }
    });
    let waiting = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event_type = 'Lock' AND now() - query_start > interval '60 milliseconds'";
    until_async("a statement that waits", || async { (select(&world, waiting).await > 0).then_some(()) })
        .await;
    held.rollback().await.unwrap();
    let answer = renaming.await.unwrap();
    // It is the last line about it.
    let about = until("the line of the answer", || {
        let log = service.log().into_iter();
        let about: Vec<_> = log.filter(|line| line["trace_id"] == answer.header("x-request-id")).collect();
        about.iter().any(|line| line["message"] == "answered").then_some(about)
    });
    (service.log(), about)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_statement_is_warned_of_without_its_values() {
    let (log, about) = with_a_statement_that_waits("40").await;
    let slow = about.iter().find(|line| line["statement"].is_string()).unwrap();
    assert_eq!((&slow["level"], &slow["logger"]), (&json!("WARN"), &json!("resume_optimizer::store::slow")));
    assert!(slow["elapsed_ms"].as_u64().unwrap() >= 40, "{slow}");
    let statement = slow["statement"].as_str().unwrap();
    assert!(statement.contains("users") && statement.contains("$1"), "{slow}");
    let log = serde_json::to_string(&log).unwrap();
    for value in ["Zebedee", "mira@example.org", "passphrase", "$2b$"] {
        assert!(!log.contains(value), "{value} in {log}");
    }
    assert!(!log.contains("sqlx"), "told once, by us: {log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_are_not_watched_where_that_is_off() {
    let (log, _) = with_a_statement_that_waits("0").await;
    assert!(log.iter().all(|line| line["level"] == "INFO"), "{log:#?}");
}
