//! What every answer carries and what the log says about it: ids, headers, cookies, problems, and nothing personal.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::support::api::{Answer, Api};
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
    for part in ["default-src 'none'", "script-src 'self';", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{part:?} is missing in: {policy}");
    }
    for name in ["cross-origin-opener-policy", "cross-origin-resource-policy"] {
        assert_eq!(answer.header(name), "same-origin");
    }
    let shared = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
    assert_eq!(shared, None, "no other site may read anything");
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

/// Sends a form as a page does.
pub(crate) async fn send(api: &Api, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    // The client posts below /api/v1, from where two steps up lead to the pages.
    api.raw(Method::POST, &format!("/../..{path}"), "application/x-www-form-urlencoded", &body).await
}

/// The token of a page's forms.
#[track_caller]
pub(crate) fn form_token(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text.split_once("name=\"form_token\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// Goes on as somebody who signed in on the page.
pub(crate) async fn signed_in(api: &Api, email: &str) -> Api {
    let (page, answer) = enter(api, "/signin", email).await;
    api.with_header("cookie", &format!("{}; {}", cookie(&page).0, cookie(&answer).0))
}

/// Opens the page to sign up or in and sends its form: the page, and the answer.
async fn enter(api: &Api, path: &str, email: &str) -> (Answer, Answer) {
    let page = api.outside(path).await.expect(200);
    let (visitor, token) = (api.with_header("cookie", cookie(&page).0), form_token(&page));
    let fields = [("form_token", token.as_str()), ("email", email), ("password", PASSWORD)];
    let answer = send(&visitor, path, &fields).await.expect(303);
    (page, answer)
}

/// The cookie that an answer sets: what a browser sends back, and how it keeps it.
#[track_caller]
fn cookie(answer: &Answer) -> (&str, Vec<&str>) {
    let (pair, kept) = answer.header("set-cookie").split_once("; ").unwrap();
    (pair, kept.split("; ").collect())
}

/// The answer sets a cookie of that name, which no script reads and no other site has sent along with its forms.
#[track_caller]
fn sets(answer: &Answer, name: &str) {
    let (pair, kept) = cookie(answer);
    assert!(pair.starts_with(&format!("{name}=")), "{pair}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(kept.contains(&part), "{part} is missing in: {kept:?}");
    }
    assert_eq!(kept.contains(&"Secure"), name.starts_with("__Host-"), "{kept:?}");
    assert!(!kept.iter().any(|part| part.starts_with("Domain")), "it is for this host alone: {kept:?}");
}

/// Pages, data, downloads, streams, and what is refused in one way or another.
async fn answers_of_every_kind(service: &Service) -> Vec<Answer> {
    let (api, mira) = (service.api(), service.api().register("mira@example.org").await);
    let job = format!("/jobs/{}", mira.ask().await);
    mira.ended(job.trim_start_matches("/jobs/")).await;
    let person = signed_in(&api, "mira@example.org").await;
    let browser = api.with_header("accept", "text/html");
    let (document, events) = (format!("{job}/documents/pdf"), format!("{job}/events"));
    let mut answers = Vec::new();
    for path in ["/", "/signup", "/static/app.css", "/docs", "/jobs", "/nowhere"] {
        answers.extend([api.outside(path).await, browser.outside(path).await]);
    }
    for path in ["/jobs", "/account", "/account/export", &job, &document, &events] {
        answers.push(person.outside(path).await);
    }
    for path in ["/me", "/jobs/nothing", &format!("{job}/result"), &document, &events] {
        answers.push(mira.get(path).await);
    }
    for (kind, body) in [("application/json", "{"), ("application/json", "{}"), ("text/plain", "{}")] {
        answers.push(mira.raw(Method::POST, "/jobs", kind, body).await);
    }
    answers.push(mira.post("/jobs", &json!("x".repeat(300_000))).await);
    answers.push(mira.put("/jobs", &json!({})).await);
    for form in ["/signin", "/signout"] {
        answers.push(send(&person, form, &[]).await);
    }
    answers
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
async fn whoever_asks_for_the_head_alone_gets_it() {
    let world = World::on_sqlite();
    let service = world.serve(&["--api"]);
    let api = service.api().register("mira@example.org").await;
    let file = api.upload_resume().await;
    let content = format!("/api/v1/files/{file}/content");
    for path in ["/", "/health", "/ready", "/openapi.json", "/docs/", "/api/v1/me", content.as_str()] {
        let (whole, head) = (api.outside(path).await.expect(200), api.head(path).await.expect(200));
        assert!(!whole.bytes.is_empty() && head.bytes.is_empty(), "{path}");
        assert_eq!(head.header("content-type"), whole.header("content-type"), "{path}");
        is_hardened(&head);
    }
    api.head("/nowhere").await.expect(404);
    let refused = api.head("/api/v1/auth/login").await.expect(405);
    assert_eq!(refused.header("allow"), "POST");
    let refused = api.put("/jobs", &json!({})).await.expect(405);
    assert_eq!(refused.header("allow"), "GET, HEAD, POST");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kind_of_answer_does_without_its_headers() {
    for (address, https_alone) in [("", ""), ("https://resume.example.org", "max-age=31536000")] {
        let world = World::on_sqlite().with("RESUME_OPTIMIZER__SERVER__PUBLIC_URL", address);
        let answers = answers_of_every_kind(&world.serve(&["--all"])).await;
        let statuses: BTreeSet<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        for status in [200, 303, 308, 400, 401, 403, 404, 405, 413, 415, 422] {
            assert!(statuses.contains(&status), "{status} is missing in: {statuses:?}");
        }
        for answer in answers {
            is_hardened(&answer);
            let policy = answer.header("content-security-policy");
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(answer.header("strict-transport-security"), https_alone);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_other_site_is_let_in() {
    let world = World::on_sqlite();
    let service = world.serve(&["--api"]);
    let mira = service.api().register("mira@example.org").await;
    for origin in ["https://elsewhere.example", "null"] {
        let elsewhere = mira.with_header("origin", origin);
        let asking = elsewhere
            .with_header("access-control-request-method", "POST")
            .with_header("access-control-request-headers", "authorization, content-type");
        for path in ["/me", "/jobs", "/auth/login", "/../../signin", "/../../jobs"] {
            is_hardened(&elsewhere.get(path).await);
            is_hardened(&asking.raw(Method::OPTIONS, path, "text/plain", "").await.expect(405));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cookies_are_kept_from_scripts_and_with_https_from_other_hosts() {
    for (address, prefix) in [("", ""), ("https://resume.example.org", "__Host-")] {
        let world = World::on_sqlite().with("RESUME_OPTIMIZER__SERVER__PUBLIC_URL", address);
        let service = world.serve(&["--api"]);
        let (api, session) = (service.api(), format!("{prefix}session"));
        for path in ["/signup", "/signin"] {
            let (page, answer) = enter(&api, path, "mira@example.org").await;
            sets(&page, &format!("{prefix}visit"));
            sets(&answer, &session);
            let (pair, kept) = cookie(&answer);
            assert!(kept.contains(&"Max-Age=2592000"), "{kept:?}");
            let (_, value) = pair.split_once('=').unwrap();
            for name in ["session", "__Host-session"] {
                let status =
                    api.with_header("cookie", &format!("{name}={value}")).outside("/account").await.status;
                assert_eq!(status == 200, name == session, "{name}: {status}");
            }
        }
        let mira = signed_in(&api, "mira@example.org").await;
        let token = form_token(&mira.outside("/account").await.expect(200));
        let answer = send(&mira, "/signout", &[("form_token", token.as_str())]).await.expect(303);
        sets(&answer, &session);
        assert!(cookie(&answer).1.contains(&"Max-Age=0"), "{:?}", answer.headers);
        mira.outside("/account").await.refused(401, "not_signed_in", &[]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_counts_from_a_page_of_its_senders_own_alone() {
    let world = World::on_sqlite();
    let service = world.serve(&["--api"]);
    let (api, mira) = (service.api(), service.api().register("mira@example.org").await);
    api.register("jonas@example.org").await;
    let (job, file) = (format!("/jobs/{}", mira.ask().await), mira.upload_resume().await);
    let key = mira.post("/me/api-keys", &json!({ "name": "script" })).await.expect(201).json();
    let key = format!("/account/keys/{}/delete", key["id"].as_str().unwrap());
    let (person, jonas) =
        (signed_in(&api, "mira@example.org").await, signed_in(&api, "jonas@example.org").await);
    let seen = async || {
        let (account, jobs) = (mira.get("/me").await.expect(200).json(), mira.items("/jobs").await);
        json!([account, jobs, mira.items("/me/api-keys").await])
    };
    let before = seen().await;

    let harm = [
        ("email", "mira@example.org"),
        ("password", PASSWORD),
        ("current_password", PASSWORD),
        ("new_password", "another long passphrase 43"),
        ("name", "theirs"),
        ("file_id", file.as_str()),
        ("posting_text", POSTING),
        ("edit_id", "e1"),
        ("decision", "reject"),
    ];
    let of_jonas = form_token(&jonas.outside("/account").await.expect(200));
    let of_nobody = form_token(&api.outside("/signin").await.expect(200));
    // What other sites can have a browser send: its cookies, and no token of a page that was made for it.
    let elsewhere =
        person.with_header("origin", "https://elsewhere.example").with_header("sec-fetch-site", "cross-site");
    for token in [None, Some("no token"), Some(of_jonas.as_str()), Some(of_nobody.as_str())] {
        let fields: Vec<_> = token.map(|token| ("form_token", token)).into_iter().chain(harm).collect();
        for path in ["/signup", "/signin", "/account/password", "/account/keys", "/account/delete", "/jobs"] {
            let answer = send(&elsewhere, path, &fields).await.expect(422);
            assert!(answer.text().contains("This page was open for too long"), "{path}: {}", answer.text());
            assert_eq!(answer.header("set-cookie"), "", "{path}");
        }
        send(&elsewhere, "/signout", &fields).await.refused(403, "stale_form", &[]);
        send(&elsewhere, &key, &fields).await.refused(403, "stale_form", &[]);
        for button in ["cancel", "retry", "edits", "delete"] {
            let answer = send(&elsewhere, &format!("{job}/{button}"), &fields).await;
            answer.refused(403, "stale_form", &[]);
        }
    }
    // Nor can they have it sign in as somebody who is not its owner.
    let fields = [("form_token", of_nobody.as_str()), ("email", "jonas@example.org"), ("password", PASSWORD)];
    let answer = send(&api, "/signin", &fields).await.expect(422);
    assert!(cookie(&answer).0.starts_with("visit="), "{:?}", answer.headers);
    person.get("/me").await.refused(401, "missing_token", &["Authorization"]);
    assert_eq!(seen().await, before, "nothing changed");

    let token = form_token(&person.outside("/account").await.expect(200));
    let fields = [("form_token", token.as_str())];
    send(&api, &key, &fields).await.refused(401, "not_signed_in", &[]);
    send(&person, &key, &fields).await.expect(200);
    assert!(mira.items("/me/api-keys").await.is_empty());
    send(&person, &format!("{job}/cancel"), &fields).await.expect(303);
    assert_eq!(mira.get(&job).await.expect(200).json()["status"], "cancelled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_downloads_and_refusals_are_kept_by_no_browser() {
    let world = World::on_sqlite();
    let service = world.serve(&["--all"]);
    let mira = service.api().register("mira@example.org").await;
    let id = mira.ask().await;
    mira.ended(&id).await;
    let person = signed_in(&service.api(), "mira@example.org").await;
    let (job, document, events) =
        (format!("/jobs/{id}"), format!("/jobs/{id}/documents/pdf"), format!("/jobs/{id}/events"));
    let file = format!("/files/{}/content", mira.upload_resume().await);
    let mut answers = vec![mira.post("/me/api-keys", &json!({ "name": "script" })).await.expect(201)];
    for path in ["/jobs", "/account", "/account/export", &job, &document, &events] {
        answers.push(person.outside(path).await.expect(200));
    }
    for path in ["/me", "/jobs", "/files", "/me/export", &file, &document, &events] {
        answers.push(mira.get(path).await.expect(200));
    }
    answers.push(mira.get("/jobs/nothing").await.expect(404));
    answers.push(person.outside("/signin").await.expect(303));
    for answer in answers {
        assert!(answer.header("cache-control").ends_with("no-store"), "{:?}", answer.headers);
    }
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
    is_hardened(&answer);
    answer.refused(429, "rate_limited", &["try again"]);
    // However the address is written.
    api.post("/auth/%6Cogin", &wrong).await.refused(429, "rate_limited", &[]);
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
