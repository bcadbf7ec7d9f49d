//! Everything of an account: handed out on request, gone on request, and kept out of everything else.

use std::io::{Cursor, Read as _};

use serde_json::{Value, json};

use crate::support::deadline::until_async;
use crate::support::documents::RESUME;
use crate::support::ground::select;
use crate::support::service::World;

/// Where an account has rows of its own, as a statement counts them.
const OWN: [&str; 11] = [
    "users",
    "files",
    "resume_corrections",
    "jobs",
    "job_events",
    "job_starts",
    "refresh_tokens",
    "api_keys",
    "idempotency_keys",
    "sign_in_throttles",
    "queue_tasks WHERE group_key IS NOT NULL",
];

async fn count(world: &World, rows: &str) -> i64 {
    select(world, &format!("SELECT count(*) AS number FROM {rows}")).await
}

/// Files below a folder, however deep.
fn files_below(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let each = entries.map(|entry| entry.unwrap().path());
    each.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}

on_both! {
    async fn an_export_has_everything(world) {
        let service = world.serve(&["--all"]);
        let mira = service.api().register("mira@example.org").await;
        let job = mira.ask().await;
        mira.ended(&job).await;
        mira.post("/me/api-keys", &json!({ "name": "script" })).await.expect(201);
        let file = mira.items("/files").await[0]["id"].as_str().unwrap().to_owned();
        let corrected = json!({ "resume": { "basics": { "name": "Mira Aurora Holm" } } });
        mira.put(&format!("/files/{file}/resume"), &corrected).await.expect(200);
        let answer = mira.get("/me/export").await.expect(200);
        assert_eq!(answer.header("content-type"), "application/zip");
        assert!(answer.header("content-disposition").starts_with("attachment"));
        let mut zip = zip::ZipArchive::new(Cursor::new(answer.bytes)).unwrap();
        let mut text = |name: &str| {
            let mut text = String::new();
            zip.by_name(name).unwrap_or_else(|_| panic!("{name}")).read_to_string(&mut text).unwrap();
            text
        };
        let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let account = json(text("account.json"));
        assert_eq!(account["email"], "mira@example.org");
        assert!(!account.to_string().contains("hash"));
        assert_eq!(text(&format!("files/{file}/resume.md")), RESUME);
        let correction = json(text(&format!("files/{file}/correction.json")));
        assert_eq!(correction["resume"], corrected["resume"]);
        assert!(correction["corrected_at"].is_string(), "{correction}");
        assert_eq!(json(text(&format!("jobs/{job}/job.json")))["status"], "completed");
        assert!(json(text(&format!("jobs/{job}/result.json")))["scores"].is_object());
        let keys = json(text("api_keys.json"));
        assert_eq!(keys[0]["name"], "script");
        let log = json(text("audit_log.json"));
        let actions: Vec<_> = log.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["signed_up", "api_key_created", "resume_corrected", "account_exported"]);
        assert!(!log.to_string().contains("Aurora"), "{log}");
    }

    async fn an_erased_account_leaves_nothing(world) {
        let service = world.serve(&["--all"]);
        let mira = service.api().register("mira@example.org").await;
        let job = mira.with_header("idempotency-key", "once").ask().await;
        mira.ended(&job).await;
        mira.get(&format!("/jobs/{job}/documents/pdf")).await.expect(200);
        mira.post("/me/api-keys", &json!({ "name": "script" })).await.expect(201);
        let wrong = json!({ "email": "mira@example.org", "password": "not the password" });
        mira.post("/auth/login", &wrong).await.expect(401);
        let file = mira.items("/files").await[0]["id"].as_str().unwrap().to_owned();
        let corrected = json!({ "resume": { "basics": { "name": "Mira Aurora Holm" } } });
        mira.put(&format!("/files/{file}/resume"), &corrected).await.expect(200);
        // One that waits or runs while the account goes.
        mira.ask().await;
        for rows in OWN {
            assert!(count(&world, rows).await > 0, "nothing could be left of {rows}");
        }
        let uploads = world.dir().join("data/files");
        assert!(files_below(&uploads) > 0);
        let audited = count(&world, "audit_events WHERE user_id IS NOT NULL").await;

        mira.delete("/me").await.expect(204);
        until_async("the end of the last task", || async {
            let left = count(&world, "queue_tasks WHERE state IN ('queued', 'running')").await;
            (left == 0).then_some(())
        })
        .await;
        for rows in OWN {
            assert_eq!(count(&world, rows).await, 0, "{rows}");
        }
        assert_eq!(files_below(&uploads), 0);
        let kept = count(&world, "audit_events WHERE action = 'account_deleted'").await;
        assert_eq!(kept, 1, "that it was erased stays known");
        let kept = count(&world, "audit_events WHERE user_id IS NOT NULL").await;
        assert_eq!(kept, audited + 1, "and what was done before, until its time is over");
        let log = serde_json::to_string(&service.log()).unwrap();
        assert!(!log.contains("mira@example.org") && !log.contains("passphrase"), "{log}");
        assert!(!log.contains("Aurora"), "{log}");
    }

    async fn the_audit_log_only_grows(world) {
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        mira.post("/auth/login", &json!({ "email": "mira@example.org", "password": "not the password" })).await.expect(401);
        let failed = select(&world, "SELECT count(*) AS number FROM audit_events WHERE action = 'sign_in_failed' AND user_id IS NOT NULL AND client IS NOT NULL AND client NOT LIKE '127%'").await;
        assert_eq!(failed, 1);
        for statement in ["UPDATE audit_events SET action = 'signed_in'", "DELETE FROM audit_events"] {
            assert!(crate::support::ground::refuses(&world, statement).await, "{statement}");
        }
    }
}
