//! What every answer carries and what the log says about it: ids, headers, problems, and nothing personal.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::api::Answer;
use crate::support::deadline::until;
use crate::support::documents::{POSTING, RESUME};
use crate::support::program::Program;
use crate::support::service::{Service, World};

const PASSWORD: &str = "a long enough passphrase 42";

#[track_caller]
fn is_hardened(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    let policy = answer.header("content-security-policy");
    for part in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{part:?} is missing in: {policy}");
    }
    assert!(answer.header("x-request-id").len() >= 16, "{:?}", answer.headers);
}

/// Addresses that a page loads scripts, styles and pictures from.
fn loaded(page: &str) -> BTreeSet<String> {
    let after = |attribute: &'static str| {
        page.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned())
    };
    after("src=\"").chain(after("href=\"")).collect()
}

/// Waits for the log line about `trace_id`.
fn line_of(service: &Service, trace_id: &str) -> Value {
    until("the log line of the request", || {
        service.log().into_iter().find(|line| line["trace_id"] == trace_id && line["message"] == "answered")
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_has_an_id_and_is_hardened() {
    let world = World::on_sqlite();
    let service = world.serve(&["--api"]);
    let api = service.api();
    for path in ["/", "/signin", "/health", "/ready", "/metrics", "/openapi.json", "/nowhere"] {
        is_hardened(&api.outside(path).await);
    }
    let refused = api.get("/jobs").await.expect(401);
    is_hardened(&refused);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    let problem = refused.json();
    assert_eq!(problem["trace_id"], refused.header("x-request-id"));
    assert_eq!((&problem["status"], &problem["title"]), (&json!(401), &json!("Unauthorized")));
    assert!(problem["type"].is_string() && problem["detail"].is_string(), "{problem}");

    let kept = api.with_header("x-request-id", "from-the-balancer-0042").outside("/health").await;
    assert_eq!(kept.header("x-request-id"), "from-the-balancer-0042");
    let odd = api.with_header("x-request-id", "a\" onmouseover=\"x").outside("/health").await;
    assert!(!odd.header("x-request-id").contains('"'));
    api.put("/jobs", &json!({})).await.refused(405, "method_not_allowed", &[]);
    api.get("/nowhere").await.refused(404, "not_found", &["/docs"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documentation_is_ours_alone() {
    let world = World::on_sqlite();
    let service = world.serve(&["--api"]);
    let api = service.api();
    let served = api.outside("/openapi.json").await.expect(200).json();
    assert_eq!(served, Program::new(world.dir()).arg("openapi").run().json());
    assert_eq!(api.outside("/docs").await.expect(308).header("location"), "/docs/");
    let page = api.outside("/docs/").await.expect(200);
    is_hardened(&page);
    let addresses = loaded(&page.text());
    assert!(addresses.iter().any(|address| address.ends_with(".js")), "{addresses:?}");
    for address in addresses {
        assert!(!address.contains("//"), "{address} is somebody else's");
        let path = address.trim_start_matches("./").trim_start_matches("/docs/");
        api.outside(&format!("/docs/{path}")).await.expect(200);
    }
    api.outside("/docs/nothing.js").await.expect(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_client_may_not_ask_for_ever() {
    let world = World::on_sqlite()
        .with("RESUME_OPTIMIZER__LIMITS__ENABLED", "true")
        .with("RESUME_OPTIMIZER__LIMITS__SENSITIVE_PER_MINUTE", "3");
    let service = world.serve(&["--api"]);
    let api = service.api().register("mira@example.org").await;
    let wrong = json!({ "email": "mira@example.org", "password": "a guess" });
    for _ in 0..2 {
        api.post("/auth/login", &wrong).await.refused(401, "invalid_credentials", &[]);
    }
    let answer = api.post("/auth/login", &wrong).await;
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds));
    answer.refused(429, "rate_limited", &["try again"]);
    api.items("/jobs").await;
}

on_both! {
    async fn the_log_says_who_and_what_and_nothing_personal(world) {
        let world = world.with("LOG_LEVEL", "trace");
        let service = world.serve(&["--all"]);
        let body = json!({ "email": "mira.holm@example.org", "password": PASSWORD, "first_name": "Mira" });
        let session = service.api().post("/auth/register", &body).await.expect(201).json();
        let (access, refresh) = (session["access_token"].as_str().unwrap(), session["refresh_token"].as_str().unwrap());
        let api = service.api().with_token(access);
        let fields = [("posting_text", POSTING)];
        let answer = api.upload("/optimize", "mira holm.md", RESUME.as_bytes(), &fields).await.expect(202);
        let (job, trace) = (answer.json()["id"].as_str().unwrap().to_owned(), answer.header("x-request-id"));
        api.ended(&job).await;
        for part in ["result", "documents/pdf"] {
            api.get(&format!("/jobs/{job}/{part}")).await.expect(200);
        }
        api.upload("/files", "mira holm.pdf", b"%PDF-1.4 Mira Holm of Fjordline", &[]).await.expect(422);
        api.post("/auth/login", &json!({ "email": "mira.holm@example.org", "password": "wrong guess" })).await.expect(401);
        api.post("/auth/refresh", &json!({ "refresh_token": refresh })).await.expect(200);
        api.post("/auth/refresh", &json!({ "refresh_token": refresh })).await.expect(401);
        let odd = json!({ "email": "mira.holm@example.org", "password": 7, "secret": "Fjordline" });
        api.post("/auth/login", &odd).await.expect(422);

        let line = line_of(&service, trace);
        for key in ["timestamp", "level", "logger", "message", "module", "line"] {
            assert!(!line[key].is_null(), "{key} is missing in: {line}");
        }
        assert_eq!((&line["user_id"], &line["job_id"]), (&session["user"]["id"], &json!(job)), "{line}");
        let worked = until("the log line of the worker", || {
            service.log().into_iter().find(|line| line["message"] == "a job was completed")
        });
        assert_eq!((&worked["user_id"], &worked["job_id"]), (&session["user"]["id"], &json!(job)), "{worked}");
        assert!(worked["task_id"].is_string(), "{worked}");

        let everything: String = service.log().iter().map(Value::to_string).collect();
        let everything = everything + &service.complaints();
        let secret = [PASSWORD, access, refresh, "wrong guess"];
        let personal = ["@example.org", "Mira", "mira holm", "Fjordline", "Nordlys", "Havbris", "+47"];
        for text in secret.into_iter().chain(personal) {
            assert!(!everything.contains(text), "{text:?} was logged");
        }
    }
}
