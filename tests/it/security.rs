//! Whoever may not: other people's things, tokens that are none, keys beyond their scope, guesses without end.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::edge::{form_token, send, signed_in};
use crate::support::api::{Answer, Api};
use crate::support::documents::POSTING;
use crate::support::redis::Redis;
use crate::support::service::World;

const PASSWORD: &str = "a long enough passphrase 42";

/// Pages about one thing, and what is not there when it is somebody else's.
const PAGES: [(&str, &str); 5] = [
    ("/jobs/{job_id}", "job"),
    ("/jobs/{job_id}/events", "job"),
    ("/jobs/{job_id}/documents/{format}", "job"),
    ("/jobs?from={job_id}", "job"),
    ("/files/{file_id}/resume", "file"),
];

/// Forms about one thing, and what they are answered when it is somebody else's: deleted is what is not there.
const FORMS: [(&str, u16); 8] = [
    ("/jobs", 404),
    ("/jobs/{job_id}/cancel", 404),
    ("/jobs/{job_id}/retry", 404),
    ("/jobs/{job_id}/edits", 404),
    ("/jobs/{job_id}/delete", 303),
    ("/files/{file_id}/resume", 404),
    ("/files/{file_id}/resume/delete", 404),
    ("/account/keys/{key_id}/delete", 200),
];

/// A path with these values in the place of its parameters.
fn filled(path: &str, values: &[(&str, &str)]) -> String {
    let mut parts = path.split('{');
    let mut filled = parts.next().unwrap().to_owned();
    for part in parts {
        let (parameter, rest) = part.split_once('}').unwrap();
        let value = values.iter().find(|(name, _)| *name == parameter).map(|(_, value)| *value);
        filled += value.unwrap_or_else(|| {
            panic!("{path} is new here: make something of somebody's for {{{parameter}}} and tell this test of it")
        });
        filled += rest;
    }
    filled
}

/// Routes with parameters in their paths, as the OpenAPI document has them, each with a method and with these values.
fn routes_with_an_id(document: &Value, values: &[(&str, &str)]) -> Vec<(Method, String)> {
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.contains('{') {
            continue;
        }
        for method in ["get", "post", "put", "patch", "delete"] {
            if item.get(method).is_some() {
                let path = path.strip_prefix("/api/v1").unwrap();
                routes.push((method.to_uppercase().parse().unwrap(), filled(path, values)));
            }
        }
    }
    routes
}

/// What can be seen of an account's things.
async fn everything(api: &Api, job: &str, file: &str, key: &str) -> Value {
    let mut seen = vec![
        api.get(&format!("/jobs/{job}")).await.expect(200).json(),
        api.get(&format!("/jobs/{job}/result")).await.expect(200).json(),
        api.get(&format!("/files/{file}")).await.expect(200).json(),
        api.get(&format!("/files/{file}/resume")).await.expect(200).json(),
    ];
    let keys = api.items("/me/api-keys").await;
    assert!(keys.iter().any(|kept| kept["id"] == key));
    seen.extend(keys);
    json!(seen)
}

async fn sign_in(api: &Api, email: &str, password: &str) -> Answer {
    api.post("/auth/login", &json!({ "email": email, "password": password })).await
}

on_both! {
    async fn somebody_elses_things_are_not_there_whatever_is_done_to_them(world) {
        let service = world.serve(&["--all"]);
        let (mira, jonas) = (service.api().register("mira@example.org").await, service.api().register("jonas@example.org").await);
        let job = mira.ask().await;
        assert_eq!(mira.ended(&job).await["status"], "completed");
        let file = mira.items("/files").await[0]["id"].as_str().unwrap().to_owned();
        let key = mira.post("/me/api-keys", &json!({ "name": "script" })).await.expect(201).json();
        let key = key["id"].as_str().unwrap().to_owned();
        let read = mira.get(&format!("/files/{file}/resume")).await.expect(200).json();
        mira.put(&format!("/files/{file}/resume"), &json!({ "resume": read["resume"] })).await.expect(200);
        let before = everything(&mira, &job, &file, &key).await;
        let edit = before[1]["edits"][0]["id"].as_str().unwrap();

        let theirs = [("job_id", job.as_str()), ("file_id", file.as_str()), ("key_id", key.as_str()), ("format", "pdf")];
        let document = service.api().outside("/openapi.json").await.expect(200).json();
        let routes = routes_with_an_id(&document, &theirs);
        assert!(routes.len() >= 15, "{routes:?}");
        for (method, path) in routes {
            let body = json!({ "decisions": [], "confirmed_facts": [] }).to_string();
            jonas.raw(method.clone(), &path, "application/json", &body).await.refused(404, "not_found", &[]);
            let stranger = service.api().raw(method, &path, "application/json", &body).await;
            stranger.refused(401, "missing_token", &[]);
        }
        let fields = [("file_id", file.as_str()), ("posting_text", POSTING)];
        for path in ["/jobs", "/analyze"] {
            let body = json!({ "file_id": file, "posting_text": POSTING });
            jonas.post(path, &body).await.refused(404, "not_found", &["file"]);
        }
        send(&jonas, "/api/v1/analyze", &fields).await.refused(404, "not_found", &["file"]);

        let person = signed_in(&service.api(), "jonas@example.org").await;
        for (path, what) in PAGES {
            let path = filled(path, &theirs);
            person.outside(&path).await.refused(404, "not_found", &[what]);
            service.api().outside(&path).await.refused(401, "not_signed_in", &[]);
        }
        let token = form_token(&person.outside("/account").await.expect(200));
        let form = [("form_token", token.as_str()), ("edit_id", edit), ("decision", "reject")];
        let form = [form.as_slice(), &fields].concat();
        for (path, status) in FORMS {
            let path = filled(path, &theirs);
            send(&person, &path, &form).await.expect(status);
            send(&service.api(), &path, &form).await.refused(401, "not_signed_in", &[]);
        }
        assert!(jonas.items("/jobs").await.is_empty() && jonas.items("/files").await.is_empty());
        assert_eq!(everything(&mira, &job, &file, &key).await, before, "nothing changed");
    }

    async fn a_key_does_what_its_scope_says_and_nothing_to_the_account(world) {
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        let make = async |scope: &str| {
            let made = mira.post("/me/api-keys", &json!({ "name": scope, "scope": scope })).await.expect(201).json();
            assert!(made["key"].as_str().unwrap().starts_with(made["prefix"].as_str().unwrap()), "{made}");
            (made["id"].as_str().unwrap().to_owned(), mira.with_token(made["key"].as_str().unwrap()))
        };
        let ((reads_id, reads), (_, writes)) = (make("read").await, make("write").await);
        let file = writes.upload_resume().await;
        reads.get(&format!("/files/{file}")).await.expect(200);
        reads.delete(&format!("/files/{file}")).await.refused(403, "key_scope", &["only read"]);
        assert_eq!(reads.get("/me").await.expect(200).json()["email"], "mira@example.org");
        for key in [&reads, &writes] {
            key.delete("/me").await.refused(403, "person_needed", &["sign in"]);
            key.get("/me/export").await.refused(403, "person_needed", &[]);
            key.get("/me/api-keys").await.refused(403, "person_needed", &[]);
            key.patch("/me", &json!({ "first_name": "M" })).await.refused(403, "person_needed", &[]);
        }
        let kept = mira.items("/me/api-keys").await;
        assert!(kept.iter().all(|key| key["last_used_at"].is_string() && key.get("key").is_none()), "{kept:?}");
        mira.delete(&format!("/me/api-keys/{reads_id}")).await.expect(204);
        reads.get("/me").await.refused(401, "invalid_token", &[]);
        mira.with_token("ro_nobodys").get("/me").await.refused(401, "invalid_token", &[]);
        for (body, field) in [(json!({ "name": " " }), "name"), (json!({ "name": "x", "expires_in_days": 0 }), "expires_in_days")] {
            let problem = mira.post("/me/api-keys", &body).await.expect(422).json();
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
    }

    async fn no_token_but_ours_lets_anybody_in(world) {
        let service = world.serve(&["--api"]);
        let api = service.api();
        let mira = api.register("mira@example.org").await;
        let good = mira.token();
        let [head, body, mark] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
        let header = |json: &str| base64(json.as_bytes());
        let kid: Value = serde_json::from_slice(&unbase64(head)).unwrap();
        let none = header(&json!({ "alg": "none", "kid": kid["kid"] }).to_string());
        let other = header(&json!({ "alg": "HS512", "typ": "JWT", "kid": kid["kid"] }).to_string());
        let mut changed: Value = serde_json::from_slice(&unbase64(body)).unwrap();
        changed["exp"] = json!(9_999_999_999_u64);
        let longer = base64(changed.to_string().as_bytes());
        let tokens = [
            format!("{none}.{body}."),
            format!("{other}.{body}.{mark}"),
            format!("{head}.{longer}.{mark}"),
            format!("{head}.{body}.{}", base64(b"not the signature at all, is it?")),
            format!("{head}.{body}"),
            String::from("x"),
        ];
        for token in tokens {
            api.with_token(&token).get("/me").await.refused(401, "invalid_token", &[]);
        }
        mira.get("/me").await.expect(200);
    }

    async fn a_token_counts_within_its_time_alone(world) {
        let secret = "a secret that only this test knows 0123456789";
        let world = world.with("JWT_SECRET_KEY", secret);
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let [head, body] = api.token().splitn(3, '.').take(2).map(unbase64).collect::<Vec<_>>().try_into().unwrap();
        let head: jsonwebtoken::Header = serde_json::from_slice(&head).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
        let now = body["iat"].as_i64().unwrap();
        let signed = |changes: Value| {
            let mut claims = body.clone();
            claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            api.with_token(&jsonwebtoken::encode(&head, &claims, &key).unwrap())
        };
        signed(json!({})).get("/me").await.expect(200);
        for changes in [
            json!({ "iat": now - 7200, "nbf": now - 7200, "exp": now - 3600 }),
            json!({ "nbf": now + 3600 }),
            json!({ "iat": now + 3600, "nbf": now + 3600, "exp": now + 7200 }),
            json!({ "exp": null }),
            json!({ "sub": "00000000-0000-4000-8000-000000000000" }),
            json!({ "sub": "nobody" }),
        ] {
            signed(changes.clone()).get("/me").await.refused(401, "invalid_token", &[]);
        }
    }

    async fn a_changed_secret_signs_nobody_out(world) {
        let [old, new] = ["the secret before, of 32 bytes and more", "the secret after, of 32 bytes and more"];
        let world = world.with("JWT_SECRET_KEY", old);
        let service = world.serve(&["--api"]);
        let made = json!({ "email": "mira@example.org", "password": PASSWORD });
        let session = service.api().post("/auth/register", &made).await.expect(201).json();
        let before = session["access_token"].as_str().unwrap();
        service.stop();

        let world = world.with("JWT_SECRET_KEY", new).with("RESUME_OPTIMIZER__AUTH__PREVIOUS_JWT_SECRET_KEY", old);
        let service = world.serve(&["--api"]);
        service.api().with_token(before).get("/me").await.expect(200);
        let during = sign_in(&service.api(), "mira@example.org", PASSWORD).await.expect(200).json();
        service.stop();

        let world = world.with("RESUME_OPTIMIZER__AUTH__PREVIOUS_JWT_SECRET_KEY", "");
        let service = world.serve(&["--api"]);
        let api = service.api();
        api.with_token(before).get("/me").await.refused(401, "invalid_token", &[]);
        api.with_token(during["access_token"].as_str().unwrap()).get("/me").await.expect(200);
        // Sign-ins from before go on all the same: they were never signed, only kept.
        let refreshed = api.post("/auth/refresh", &json!({ "refresh_token": session["refresh_token"] })).await;
        api.with_token(refreshed.expect(200).json()["access_token"].as_str().unwrap()).get("/me").await.expect(200);
    }

    async fn tokens_of_an_account_that_is_gone_are_nobodys(world) {
        let service = world.serve(&["--api"]);
        let api = service.api();
        let made = api.post("/auth/register", &json!({ "email": "mira@example.org", "password": PASSWORD })).await.expect(201).json();
        let mira = api.with_token(made["access_token"].as_str().unwrap());
        let key = mira.post("/me/api-keys", &json!({ "name": "script" })).await.expect(201).json();
        mira.delete("/me").await.expect(204);
        mira.get("/me").await.refused(401, "invalid_token", &[]);
        api.with_token(key["key"].as_str().unwrap()).get("/me").await.refused(401, "invalid_token", &[]);
        let refresh = json!({ "refresh_token": made["refresh_token"] });
        api.post("/auth/refresh", &refresh).await.refused(401, "invalid_refresh_token", &[]);
        sign_in(&api, "mira@example.org", PASSWORD).await.refused(401, "invalid_credentials", &[]);
        api.register("mira@example.org").await;
    }

    async fn guessing_is_slowed_and_the_right_password_works_after_the_delay(world) {
        let world = world
            .with("RESUME_OPTIMIZER__AUTH__BCRYPT_COST", "10")
            .with("RESUME_OPTIMIZER__AUTH__SIGN_IN_MAX_DELAY_SECONDS", "4");
        let service = world.serve(&["--api"]);
        let api = service.api();
        api.register("mira@example.org").await;
        for email in ["nobody@example.org", "mira@example.org"] {
            let guesses = join_all((0..60).map(|guess| {
                let api = api.clone();
                async move { sign_in(&api, email, &format!("wrong password {guess}")).await }
            }));
            let answers = guesses.await;
            let (wrong, slowed): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 401);
            // Five, and one more for each pause that ends while the others come in.
            assert!((5..=12).contains(&wrong.len()), "{} of {email}", wrong.len());
            for answer in slowed {
                assert!((1..=4).contains(&answer.header("retry-after").parse::<u64>().unwrap()));
                answer.refused(429, "too_many_attempts", &["with this address"]);
            }
        }
        let mut answer = sign_in(&api, "Mira@Example.org", PASSWORD).await;
        if answer.status == 429 {
            tokio::time::sleep(Duration::from_secs(answer.header("retry-after").parse().unwrap())).await;
            answer = sign_in(&api, "Mira@Example.org", PASSWORD).await;
        }
        answer.expect(200);
        sign_in(&api, "mira@example.org", "wrong again").await.refused(401, "invalid_credentials", &[]);
        sign_in(&api, "mira@example.org", PASSWORD).await.expect(200);
    }

    async fn who_guesses_elsewhere_keeps_no_owner_out(world) {
        let world = world
            .with("RESUME_OPTIMIZER__AUTH__BCRYPT_COST", "4")
            .with("RESUME_OPTIMIZER__AUTH__SIGN_IN_FREE_FAILURES_TOGETHER", "8")
            .with("RESUME_OPTIMIZER__AUTH__SIGN_IN_MAX_DELAY_SECONDS", "1")
            .with("RESUME_OPTIMIZER__SERVER__TRUSTED_PROXIES", "127.0.0.0/8");
        let service = world.serve(&["--api"]);
        let from = |client: u8| service.api().with_header("x-forwarded-for", &format!("203.0.113.{client}"));
        from(1).register("mira@example.org").await;
        let guess = async |client| sign_in(&from(client), "mira@example.org", "a wrong guess").await;
        for _ in 0..5 {
            guess(7).await.refused(401, "invalid_credentials", &[]);
        }
        guess(7).await.refused(429, "too_many_attempts", &[]);
        sign_in(&from(2), "mira@example.org", PASSWORD).await.expect(200);
        // Whoever goes on guessing there is heard once a pause, and counts for nobody else.
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(1100)).await;
            guess(7).await.refused(401, "invalid_credentials", &[]);
        }
        sign_in(&from(3), "mira@example.org", PASSWORD).await.expect(200);
        // From many places, one guess each: soon nobody is heard but where she was signed in before.
        for client in 11..14 {
            guess(client).await.refused(401, "invalid_credentials", &[]);
        }
        guess(30).await.refused(429, "too_many_attempts", &[]);
        sign_in(&from(1), "mira@example.org", PASSWORD).await.expect(200);
        guess(31).await.refused(429, "too_many_attempts", &[]);
    }

    async fn odd_signs_are_somebody_unknown(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        sign_in(&api, "mira\0@example.org", PASSWORD).await.refused(401, "invalid_credentials", &[]);
        let long_ago = base64(&[[0x80_u8, 0, 0, 0, 0, 0, 0, 1].as_slice(), &[1; 16]].concat());
        api.get(&format!("/jobs?cursor={long_ago}")).await.refused(422, "invalid_request", &[]);
        let stone_age = base64(&[(-250_000_000_000_000_000_i64).to_be_bytes().as_slice(), &[1; 16]].concat());
        api.get(&format!("/jobs?cursor={stone_age}")).await.refused(422, "invalid_request", &[]);
    }

    async fn a_sign_in_that_ended_watches_no_more(world) {
        // Nobody works: the job waits, and its events would go on.
        let service = world.serve(&["--api"]);
        let body = json!({ "email": "mira@example.org", "password": PASSWORD });
        let session = service.api().post("/auth/register", &body).await.expect(201).json();
        let mira = service.api().with_token(session["access_token"].as_str().unwrap());
        let job = mira.ask().await;
        let mut watch = mira.watch(&job).await;
        let token = json!({ "refresh_token": session["refresh_token"] });
        service.api().post("/auth/logout", &token).await.expect(204);
        while let Some(seen) = watch.next().await {
            assert_eq!(seen.name, "progress");
        }
    }

    async fn a_quota_by_the_day_outlives_deleted_jobs_and_holds_over_two_processes(world) {
        let world = world
            .with("RESUME_OPTIMIZER__TIERS__FREE__JOBS_PER_DAY", "7")
            .with("RESUME_OPTIMIZER__JOBS__MAX_QUEUED_PER_USER", "1000");
        let processes = [world.serve(&["--api"]), world.serve(&["--api"])];
        let mira = processes[0].api().register("mira@example.org").await;
        let body = json!({ "file_id": mira.upload_resume().await, "posting_text": POSTING });
        let asked = join_all((0..100).map(|number| {
            let api = processes[number % 2].api().with_token(&mira.token());
            let body = body.clone();
            async move { api.post("/jobs", &body).await }
        }));
        let (taken, refused): (Vec<_>, Vec<_>) = asked.await.into_iter().partition(|answer| answer.status == 202);
        assert_eq!(taken.len(), 7);
        for answer in refused {
            let seconds: u64 = answer.header("retry-after").parse().unwrap();
            assert!((86_000..=86_401).contains(&seconds), "{seconds}");
            answer.refused(429, "quota_exceeded", &["7 jobs", "24 h"]);
        }
        let id = taken[0].json()["id"].as_str().unwrap().to_owned();
        mira.delete(&format!("/jobs/{id}")).await.expect(204);
        mira.post("/jobs", &body).await.refused(429, "quota_exceeded", &[]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_with_one_redis_count_together_and_alone_when_it_is_gone() {
    let redis = Redis::start();
    let world = World::on_postgresql()
        .await
        .with("RESUME_OPTIMIZER__LIMITS__ENABLED", "true")
        .with("RESUME_OPTIMIZER__LIMITS__REQUESTS_PER_MINUTE", "30")
        // A machine that stands still for a moment is no Redis that is gone.
        .with("RESUME_OPTIMIZER__REDIS__TIMEOUT_MS", "3000")
        .with("REDIS_URL", &redis.url());
    let processes = [world.serve(&["--api"]), world.serve(&["--api"])];
    let began = Instant::now();
    let asked = join_all((0..100).map(|number| {
        let api = processes[number % 2].api();
        async move { api.outside("/static/forms.js").await }
    }));
    let (passed, refused): (Vec<_>, Vec<_>) =
        asked.await.into_iter().partition(|answer| answer.status == 200);
    // One refills every two seconds.
    let refilled = usize::try_from(began.elapsed().as_secs() / 2).unwrap();
    assert!((30..=30 + refilled).contains(&passed.len()), "{} passed in {:?}", passed.len(), began.elapsed());
    for answer in passed.iter().chain(&refused) {
        assert_eq!(answer.header("ratelimit-policy"), "\"every\";q=30;w=60");
        assert!(answer.header("ratelimit").starts_with("\"every\";r="), "{}", answer.header("ratelimit"));
    }
    for answer in refused {
        assert!((1..=3).contains(&answer.header("retry-after").parse::<u64>().unwrap()));
        answer.refused(429, "rate_limited", &["try again"]);
    }
    drop(redis);
    for process in &processes {
        let passed = join_all(
            (0..40).map(|_| async { process.api().outside("/static/forms.js").await.status == 200 }),
        );
        assert!(passed.await.into_iter().filter(|passed| *passed).count() >= 30, "each counts for itself");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_trusted_proxy_each_client_has_its_own_minute() {
    let world = World::on_sqlite()
        .with("RESUME_OPTIMIZER__LIMITS__ENABLED", "true")
        .with("RESUME_OPTIMIZER__LIMITS__REQUESTS_PER_MINUTE", "2");
    let count = async |world: &World| {
        let service = world.serve(&["--api"]);
        let mut passed = 0;
        for client in 1..=5 {
            let api = service.api().with_header("x-forwarded-for", &format!("203.0.113.{client}"));
            passed += u32::from(api.outside("/static/forms.js").await.status == 200);
        }
        passed
    };
    assert_eq!(count(&world).await, 2, "nobody is believed");
    let world = world.with("RESUME_OPTIMIZER__SERVER__TRUSTED_PROXIES", "127.0.0.0/8");
    assert_eq!(count(&world).await, 5);
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn unbase64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}
