//! Input that cannot be taken: each kind with its status, its code and a sentence, and nothing half-kept.

use serde_json::{Value, json};

use crate::support::api::{Answer, Api};
use crate::support::documents::{POSTING, RESUME, expected, wrong_documents};

/// Nothing of the caller's is stored.
async fn keeps_nothing(api: &Api) {
    assert_eq!(api.items("/files").await, Vec::<Value>::new());
    assert_eq!(api.items("/jobs").await, Vec::<Value>::new());
}

/// The answer names this field, and no other.
#[track_caller]
fn blames(answer: Answer, code: &str, field: &str) {
    let body = answer.expect(422).json();
    let fields: Vec<&str> =
        body["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!((body["code"].as_str().unwrap(), fields), (code, vec![field]), "{body}");
}

on_both! {
    async fn a_document_that_cannot_be_read_is_refused_with_the_reason(world) {
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let posting = [("posting_text", POSTING)];
        for wrong in wrong_documents() {
            for (path, fields) in [("/files", [].as_slice()), ("/optimize", &posting), ("/analyze", &posting)] {
                let answer = api.upload(path, wrong.name, &wrong.bytes, fields).await;
                let limit = wrong.says.trim_start_matches("at most ");
                answer.refused(wrong.status, wrong.code, &[limit]);
            }
        }
        api.upload("/files", "resume.md", RESUME.as_bytes(), &[("colour", "red")]).await.refused(422, "invalid_request", &[]);
        api.raw(reqwest::Method::POST, "/files", "text/plain", RESUME).await.refused(415, "unsupported_media_type", &[]);
        keeps_nothing(&api).await;
    }

    async fn a_request_that_makes_no_sense_names_the_field(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let long = "A platform engineer is wanted. ".repeat(2200);
        assert!(long.len() > 65_536);
        let check = async |fields: Value, code: &str, field: &str| {
            let mut body = json!({ "file_id": file, "posting_text": POSTING });
            body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            blames(api.post("/jobs", &body).await, code, field);
        };
        let invalid = "invalid_request";
        check(json!({ "job_url": "https://example.org/jobs/1" }), invalid, "posting_text").await;
        check(json!({ "posting_text": null }), invalid, "posting_text").await;
        check(json!({ "posting_text": " \n " }), invalid, "posting_text").await;
        check(json!({ "posting_text": long }), invalid, "posting_text").await;
        check(json!({ "posting_text": "Engineer wanted now" }), "posting_too_short", "posting_text").await;
        check(json!({ "posting_text": null, "job_url": "file:///etc/passwd" }), invalid, "job_url").await;
        check(json!({ "posting_text": null, "job_url": "example.org" }), invalid, "job_url").await;
        check(json!({ "company_name": "x".repeat(201) }), invalid, "company_name").await;
        check(json!({ "job_title": "two\nlines" }), invalid, "job_title").await;
        check(json!({ "options": { "template": "baroque" } }), invalid, "options.template").await;
        check(json!({ "options": { "engine": "oracle" } }), invalid, "options.engine").await;
        check(json!({ "options": { "formats": [] } }), invalid, "options.formats").await;
        check(json!({ "options": { "formats": ["odt"] } }), invalid, "options.formats[0]").await;
        check(json!({ "options": { "colour": "red" } }), invalid, "options.colour").await;
        check(json!({ "postingtext": "x" }), invalid, "postingtext").await;
        check(json!({ "file_id": 7 }), invalid, "file_id").await;
        api.raw(reqwest::Method::POST, "/jobs", "application/json", "{\"file_id\"").await.refused(400, "malformed_request", &[]);
        let huge = json!({ "file_id": file, "posting_text": "x".repeat(300_000) });
        api.post("/jobs", &huge).await.refused(413, "request_too_large", &["262144"]);
        assert_eq!(api.items("/jobs").await, Vec::<Value>::new());
    }

    async fn a_form_that_makes_no_sense_keeps_no_file(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let check = async |fields: &[(&str, &str)], code: &str, field: &str| {
            blames(api.upload("/optimize", "resume.md", RESUME.as_bytes(), fields).await, code, field);
        };
        let (posting, invalid) = (("posting_text", POSTING), "invalid_request");
        check(&[], invalid, "posting_text").await;
        check(&[posting, ("job_url", "https://example.org/jobs/1")], invalid, "posting_text").await;
        check(&[("posting_text", "Engineer wanted now")], "posting_too_short", "posting_text").await;
        check(&[posting, ("options", r#"{"template":"baroque"}"#)], invalid, "options.template").await;
        check(&[posting, ("options", "classic")], invalid, "options").await;
        check(&[posting, ("template", "classic")], invalid, "template").await;
        keeps_nothing(&api).await;
    }

    async fn an_analysis_is_answered_at_once_and_keeps_nothing(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let fields = [("posting_text", POSTING)];
        let of_form = api.upload("/analyze", "resume.md", RESUME.as_bytes(), &fields).await.expect(200).json();
        assert_eq!(of_form["match"]["score"], expected().result["scores"]["match"]["before"]);
        assert_eq!(of_form["readability"], expected().result["readability"]);
        keeps_nothing(&api).await;

        let file = api.upload_resume().await;
        let body = json!({ "file_id": file, "posting_text": POSTING });
        assert_eq!(api.post("/analyze", &body).await.expect(200).json(), of_form);
        assert_eq!(api.items("/jobs").await, Vec::<Value>::new());
        blames(api.post("/analyze", &json!({ "file_id": file })).await, "invalid_request", "posting_text");
        let body = json!({ "file_id": file, "posting_text": "Engineer wanted now" });
        blames(api.post("/analyze", &body).await, "posting_too_short", "posting_text");
        service.api().post("/analyze", &body).await.refused(401, "missing_token", &[]);
    }

    async fn an_account_gets_what_its_plan_allows(world) {
        let world = world
            .with("RESUME_OPTIMIZER__TIERS__FREE__JOBS_PER_DAY", "1")
            .with("RESUME_OPTIMIZER__TIERS__FREE__STORAGE_MB", "1");
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        api.ask().await;
        let body = json!({ "file_id": api.upload_resume().await, "posting_text": POSTING });
        api.post("/jobs", &body).await.refused(429, "quota_exceeded", &["1 jobs", "24 hours"]);
        let other = format!("{RESUME}\n- More\n");
        api.upload("/optimize", "other.md", other.as_bytes(), &[("posting_text", POSTING)])
            .await
            .refused(429, "quota_exceeded", &[]);
        assert_eq!(api.items("/files").await.len(), 1, "no file of a job that was refused");

        // Bytes that are no text: of that, less is taken.
        let large = format!("{RESUME}\n{}", " ".repeat(600_000));
        api.upload("/files", "large.md", large.as_bytes(), &[]).await.expect(201);
        let larger = format!("{large}\n- More\n");
        api.upload("/files", "larger.md", larger.as_bytes(), &[]).await.refused(429, "quota_exceeded", &["1 MB"]);
        assert_eq!(api.items("/files").await.len(), 2);
        let neighbour = service.api().register("jonas@example.org").await;
        neighbour.ask().await;
    }
}
