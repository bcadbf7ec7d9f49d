//! Accounts: signing up and in, trading tokens, signing out, and changing one's own.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::api::{Answer, Api};

const PASSWORD: &str = "a long enough passphrase 42";

fn credentials(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

/// Trades a refresh token.
async fn traded(api: &Api, refresh_token: &Value) -> Answer {
    api.post("/auth/refresh", &json!({ "refresh_token": refresh_token })).await
}

/// The answer has a session of that address; the session.
#[track_caller]
fn session(answer: Answer, status: u16, email: &str) -> Value {
    let session = answer.expect(status).json();
    assert_eq!(session["user"]["email"], email, "{session}");
    assert_eq!((&session["token_type"], &session["expires_in"]), (&json!("Bearer"), &json!(1800)));
    for token in ["access_token", "refresh_token"] {
        assert!(session[token].as_str().is_some_and(|token| token.len() >= 32), "{session}");
    }
    assert!(!session.to_string().contains("hash"), "{session}");
    session
}

/// The answer blames exactly these fields.
#[track_caller]
fn blames(answer: Answer, fields: &[&str]) {
    let problem = answer.expect(422).json();
    let named: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(
        (problem["code"].as_str().unwrap(), named.as_slice()),
        ("invalid_request", fields),
        "{problem}"
    );
}

/// What somebody else may have taken is worth nothing once its sign-in has ended: it makes no key either.
async fn refuses_access(api: &Api, session: &Value) {
    let api = api.with_token(session["access_token"].as_str().unwrap());
    api.get("/me").await.refused(401, "invalid_token", &[]);
    api.post("/me/api-keys", &json!({ "name": "kept" })).await.refused(401, "invalid_token", &[]);
}

on_both! {
    async fn whoever_signs_up_is_signed_in(world) {
        let service = world.serve(&["--api"]);
        let api = service.api();
        let body = json!({ "email": " Mira@Example.org ", "password": PASSWORD, "first_name": "Mira", "last_name": "Holm" });
        let new = session(api.post("/auth/register", &body).await, 201, "Mira@Example.org");
        let user = &new["user"];
        assert_eq!((&user["first_name"], &user["last_name"]), (&json!("Mira"), &json!("Holm")));
        assert_eq!((&user["subscription_tier"], &user["role"]), (&json!("free"), &json!("user")));
        assert!(user["created_at"].as_str().unwrap().ends_with('Z'), "{user}");
        let mira = api.with_token(new["access_token"].as_str().unwrap());
        assert_eq!(mira.get("/me").await.expect(200).json(), *user);

        api.post("/auth/register", &credentials("mira@EXAMPLE.org", PASSWORD)).await.refused(409, "email_taken", &[]);
        blames(api.post("/auth/register", &credentials("mira", "short")).await, &["email", "password"]);
        blames(api.post("/auth/register", &credentials("jonas@example.org", "password")).await, &["password"]);
        blames(api.post("/auth/register", &json!({ "email": "jonas@example.org" })).await, &["password"]);
        let odd = json!({ "email": "jonas@example.org", "password": PASSWORD, "role": "admin" });
        blames(api.post("/auth/register", &odd).await, &["role"]);
        let both = credentials("jonas@example.org", PASSWORD);
        let (one, two) = tokio::join!(api.post("/auth/register", &both), api.post("/auth/register", &both));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "one of two at once");
    }

    async fn whoever_knows_the_password_signs_in(world) {
        let service = world.serve(&["--api"]);
        let api = service.api();
        api.register("mira@example.org").await;
        session(api.post("/auth/login", &credentials("MIRA@example.org", PASSWORD)).await, 200, "mira@example.org");
        let wrong = api.post("/auth/login", &credentials("mira@example.org", "not the password")).await.expect(401);
        let nobody = api.post("/auth/login", &credentials("nobody@example.org", PASSWORD)).await.expect(401);
        let told = |answer: &Answer| {
            let mut problem = answer.json();
            problem.as_object_mut().unwrap().remove("trace_id");
            problem
        };
        assert_eq!(told(&wrong), told(&nobody), "nobody learns whether an account exists");
        assert_eq!(told(&wrong)["code"], "invalid_credentials");
        blames(api.post("/auth/login", &json!({ "password": PASSWORD })).await, &["email"]);
    }

    async fn a_refresh_token_is_good_once(world) {
        let service = world.serve(&["--api"]);
        let api = service.api();
        let login = credentials("mira@example.org", PASSWORD);
        let first = session(api.post("/auth/register", &login).await, 201, "mira@example.org");
        let other = session(api.post("/auth/login", &login).await, 200, "mira@example.org");
        let second = session(traded(&api, &first["refresh_token"]).await, 200, "mira@example.org");
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        api.with_token(second["access_token"].as_str().unwrap()).get("/me").await.expect(200);
        let third = session(traded(&api, &second["refresh_token"]).await, 200, "mira@example.org");

        // One of its two holders is a thief: both are out.
        traded(&api, &first["refresh_token"]).await.refused(401, "invalid_refresh_token", &[]);
        traded(&api, &third["refresh_token"]).await.refused(401, "invalid_refresh_token", &[]);
        session(traded(&api, &other["refresh_token"]).await, 200, "mira@example.org");

        let mine = session(api.post("/auth/login", &login).await, 200, "mira@example.org");
        let (one, two) = tokio::join!(traded(&api, &mine["refresh_token"]), traded(&api, &mine["refresh_token"]));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "one of two at once");
        traded(&api, &json!("no token at all")).await.refused(401, "invalid_refresh_token", &[]);
        blames(api.post("/auth/refresh", &json!({})).await, &["refresh_token"]);
    }

    async fn whoever_signs_out_is_out(world) {
        let service = world.serve(&["--api"]);
        let api = service.api();
        let login = credentials("mira@example.org", PASSWORD);
        let here = session(api.post("/auth/register", &login).await, 201, "mira@example.org");
        let there = session(api.post("/auth/login", &login).await, 200, "mira@example.org");
        let body = json!({ "refresh_token": here["refresh_token"] });
        api.post("/auth/logout", &body).await.expect(204);
        traded(&api, &here["refresh_token"]).await.refused(401, "invalid_refresh_token", &[]);
        refuses_access(&api, &here).await;
        api.with_token(there["access_token"].as_str().unwrap()).get("/me").await.expect(200);
        session(traded(&api, &there["refresh_token"]).await, 200, "mira@example.org");
        api.post("/auth/logout", &body).await.expect(204);
        api.post("/auth/logout", &json!({ "refresh_token": "unknown" })).await.expect(204);
    }

    async fn an_access_token_is_ours_or_nothing(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        api.get("/me").await.expect(200);
        service.api().get("/me").await.refused(401, "missing_token", &["Authorization"]);
        let token = api.token();
        let [_, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
        // {"alg":"none","typ":"JWT"}
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        let mut changed = token.clone();
        changed.insert(token.len() - signature.len() - 2, 'x');
        for forged in ["rubbish", "a.b.c", &format!("{none}.{claims}."), &format!("{none}.{claims}.{signature}"), &changed] {
            service.api().with_token(forged).get("/me").await.refused(401, "invalid_token", &[]);
        }
    }

    async fn names_and_address_change_with_care(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        service.api().register("jonas@example.org").await;
        let changed = api.patch("/me", &json!({ "first_name": "Mira", "last_name": "Holm" })).await.expect(200).json();
        assert_eq!((&changed["first_name"], &changed["last_name"]), (&json!("Mira"), &json!("Holm")));
        let changed = api.patch("/me", &json!({ "last_name": null })).await.expect(200).json();
        assert_eq!((&changed["first_name"], &changed["last_name"]), (&json!("Mira"), &Value::Null), "absent stays");

        let to = |email: &str, password: &str| json!({ "email": email, "current_password": password });
        blames(api.patch("/me", &json!({ "email": "holm@example.org" })).await, &["current_password"]);
        blames(api.patch("/me", &to("holm@example.org", "wrong")).await, &["current_password"]);
        blames(api.patch("/me", &to("holm", PASSWORD)).await, &["email"]);
        blames(api.patch("/me", &json!({ "subscription_tier": "pro" })).await, &["subscription_tier"]);
        api.patch("/me", &to("Jonas@example.org", PASSWORD)).await.refused(409, "email_taken", &[]);
        let changed = api.patch("/me", &to("holm@example.org", PASSWORD)).await.expect(200).json();
        assert_eq!((&changed["email"], &changed["first_name"]), (&json!("holm@example.org"), &json!("Mira")));
        session(api.post("/auth/login", &credentials("holm@example.org", PASSWORD)).await, 200, "holm@example.org");
        api.post("/auth/login", &credentials("mira@example.org", PASSWORD)).await.refused(401, "invalid_credentials", &[]);
    }

    async fn a_new_password_ends_every_sign_in(world) {
        let service = world.serve(&["--api"]);
        let anybody = service.api();
        let login = credentials("mira@example.org", PASSWORD);
        let first = session(anybody.post("/auth/register", &login).await, 201, "mira@example.org");
        let second = session(anybody.post("/auth/login", &login).await, 200, "mira@example.org");
        let api = anybody.with_token(first["access_token"].as_str().unwrap());
        let change = |from: &str, to: &str| json!({ "current_password": from, "new_password": to });
        let new = "another long passphrase 43";
        blames(api.post("/me/password", &change("wrong", new)).await, &["current_password"]);
        blames(api.post("/me/password", &change(PASSWORD, "short")).await, &["new_password"]);
        anybody.post("/me/password", &change(PASSWORD, new)).await.refused(401, "missing_token", &[]);
        api.post("/me/password", &change(PASSWORD, new)).await.expect(204);
        for before in [&first, &second] {
            traded(&api, &before["refresh_token"]).await.refused(401, "invalid_refresh_token", &[]);
            refuses_access(&api, before).await;
        }
        anybody.post("/auth/login", &login).await.refused(401, "invalid_credentials", &[]);
        let login = credentials("mira@example.org", new);
        session(anybody.post("/auth/login", &login).await, 200, "mira@example.org");
    }

    async fn no_sign_in_slips_past_a_new_password(world) {
        let service = world.serve(&["--api"]);
        let api = service.api();
        let login = credentials("mira@example.org", PASSWORD);
        let first = session(api.post("/auth/register", &login).await, 201, "mira@example.org");
        let mine = api.with_token(first["access_token"].as_str().unwrap());
        let mut others = Vec::new();
        for _ in 0..8 {
            others.push(session(api.post("/auth/login", &login).await, 200, "mira@example.org"));
        }
        // Trades and sign-ins with the old password at the very moment of the change.
        let change = json!({ "current_password": PASSWORD, "new_password": "another long passphrase 43" });
        let (changed, traded_now, signed_in) = tokio::join!(
            mine.post("/me/password", &change),
            join_all(others.iter().map(|other| traded(&api, &other["refresh_token"]))),
            join_all((0..4).map(|_| api.post("/auth/login", &login))),
        );
        changed.expect(204);
        for answer in traded_now.into_iter().chain(signed_in) {
            if answer.status == 200 {
                let slipped = answer.json();
                traded(&api, &slipped["refresh_token"]).await.refused(401, "invalid_refresh_token", &[]);
                refuses_access(&api, &slipped).await;
            }
        }
    }
}
