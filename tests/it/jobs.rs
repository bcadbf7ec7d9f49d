//! The main job over HTTP: a resume up, a posting with it, progress to watch, documents down.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::api::{Api, Seen};
use crate::support::documents::{POSTING, RESUME, STEM, expected, timeless};

/// What follows a job sees: progress that never falls, numbers that rise, one end.
#[track_caller]
fn check_events(seen: &[Seen], status: &str) {
    assert!(seen.iter().is_sorted_by(|a, b| a.id < b.id), "{seen:#?}");
    let percents: Vec<u64> = seen.iter().map(|event| event.data["percent"].as_u64().unwrap()).collect();
    assert!(percents.is_sorted() && percents.iter().all(|percent| *percent <= 100), "{percents:?}");
    let (last, before) = seen.split_last().unwrap();
    assert_eq!((last.name.as_str(), &last.data["status"]), ("done", &json!(status)), "{seen:#?}");
    assert!(before.iter().all(|event| event.name == "progress"), "{seen:#?}");
    assert!(seen.iter().all(|event| event.data["message"].as_str().is_some_and(|text| !text.is_empty())));
}

/// The documents of a completed job are those of the command line.
async fn check_documents(api: &Api, id: &str) {
    let described = api.outside("/openapi.json").await.expect(200).json();
    let kinds =
        &described["paths"]["/api/v1/jobs/{job_id}/documents/{format}"]["get"]["responses"]["200"]["content"];
    for (format, bytes) in &expected().documents {
        let answer = api.get(&format!("/jobs/{id}/documents/{format}")).await.expect(200);
        assert!(answer.bytes == *bytes, "the {format} differs");
        let kind = match *format {
            "pdf" => "application/pdf",
            "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "md" => "text/markdown; charset=utf-8",
            "txt" => "text/plain; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            _ => "application/json",
        };
        assert_eq!(answer.header("content-type"), kind);
        let promised = kind.split(';').next().unwrap();
        assert!(kinds[promised].is_object(), "{promised} is not described: {kinds:#}");
        let disposition = format!("attachment; filename=\"{STEM}.{format}\"");
        assert_eq!(answer.header("content-disposition"), disposition);
    }
    api.get(&format!("/jobs/{id}/documents/odt")).await.refused(404, "not_found", &[]);
}

/// Follows `next_cursor` to the end; the ids of each page.
async fn pages(api: &Api, path: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("{path}{cursor}")).await.expect(200).json();
        let items = page["items"].as_array().unwrap();
        pages.push(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
    }
}

on_both! {
    async fn a_job_gives_what_the_command_line_gives(world) {
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;

        let upload = api.upload("/files", "resume.md", RESUME.as_bytes(), &[]).await.expect(201);
        let file = upload.json();
        assert_eq!(upload.header("location"), format!("/api/v1/files/{}", file["id"].as_str().unwrap()));
        assert_eq!(file["filename"], "resume.md");
        assert_eq!(file["content_hash"], expected().result["receipt"]["resume_sha256"]);
        assert_eq!((&file["file_size"], &file["content_type"]), (&json!(RESUME.len()), &json!("text/markdown")));

        let options = json!({ "formats": ["pdf", "txt"], "engine": "rules" });
        let body = json!({ "file_id": file["id"], "posting_text": POSTING, "options": options });
        let answer = api.post("/jobs", &body).await.expect(202);
        let asked = answer.json();
        let id = asked["id"].as_str().unwrap().to_owned();
        assert_eq!(answer.header("location"), format!("/api/v1/jobs/{id}"));
        assert_eq!((&asked["status"], &asked["attempts"]), (&json!("queued"), &json!(0)));
        assert_eq!((&asked["job_url"], &asked["error_message"]), (&Value::Null, &Value::Null));

        let seen = api.events(&id, None).await;
        check_events(&seen, "completed");
        assert!(seen.len() > 5, "the stages are seen: {seen:#?}");
        assert_eq!(api.events(&id, Some(seen[2].id)).await, seen[3..], "a broken stream goes on");
        check_events(&api.events(&id, Some(seen.last().unwrap().id)).await, "completed");

        let job = api.get(&format!("/jobs/{id}")).await.expect(200).json();
        assert_eq!((&job["status"], &job["progress"]["percent"]), (&json!("completed"), &json!(100)));
        assert_eq!((&job["attempts"], &job["file_id"]), (&json!(1), &file["id"]));
        assert_eq!(job["company_name"], "Havbris Energy", "learned from the posting");
        assert_eq!(job["job_title"], "Senior Platform Engineer");
        assert!(job["completed_at"].as_str() >= job["created_at"].as_str(), "{job}");
        let links: BTreeSet<&String> = job["links"]["documents"].as_object().unwrap().keys().collect();
        assert!(links.into_iter().eq(["pdf", "txt"]), "those that were asked for: {job:#}");

        let result = api.get(&format!("/jobs/{id}/result")).await.expect(200).json();
        assert_eq!(timeless(result), timeless(expected().result.clone()));
        check_documents(&api, &id).await;
    }

    async fn a_resume_and_a_posting_in_one_call_are_a_job(world) {
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let fields = [("posting_text", POSTING), ("company_name", "Fjellbris"), ("options", r#"{"formats":["md"]}"#)];
        let answer = api.upload("/optimize", "resume.md", RESUME.as_bytes(), &fields).await.expect(202);
        let job = answer.json();
        let id = job["id"].as_str().unwrap();
        assert_eq!(answer.header("location"), format!("/api/v1/jobs/{id}"));
        let job = api.ended(id).await;
        assert_eq!((&job["status"], &job["company_name"]), (&json!("completed"), &json!("Fjellbris")));
        let document = api.get(&format!("/jobs/{id}/documents/md")).await.expect(200);
        assert_eq!(document.header("content-disposition"), "attachment; filename=\"Mira_Holm_Fjellbris.md\"");
        assert_eq!(api.items("/files").await.len(), 1, "the resume is kept");
    }

    async fn the_same_bytes_are_the_same_file_for_one_person(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload("/files", "resume.md", RESUME.as_bytes(), &[]).await.expect(201).json();
        let again = api.upload("/files", "other name.md", RESUME.as_bytes(), &[]).await.expect(200).json();
        assert_eq!(file, again);
        api.upload("/optimize", "resume.md", RESUME.as_bytes(), &[("posting_text", POSTING)]).await.expect(202);
        assert_eq!(api.items("/files").await, std::slice::from_ref(&file));
        let (other_file, at_once) = (format!("{RESUME}\n- More\n"), "more.md");
        let upload = || api.upload("/files", at_once, other_file.as_bytes(), &[]);
        let (one, two) = tokio::join!(upload(), upload());
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!((statuses, one.json()), ([200, 201], two.json()), "two at once");
        let other = service.api().register("jonas@example.org").await;
        let theirs = other.upload("/files", "resume.md", RESUME.as_bytes(), &[]).await.expect(201).json();
        assert_ne!(file["id"], theirs["id"]);

        let path = format!("/files/{}", file["id"].as_str().unwrap());
        assert_eq!(api.get(&path).await.expect(200).json(), file);
        let content = api.get(&format!("{path}/content")).await.expect(200);
        assert_eq!(content.text(), RESUME);
        assert_eq!(content.header("content-disposition"), "attachment; filename=\"resume.md\"");
        let mut parsed = api.get(&format!("{path}/resume")).await.expect(200).json();
        let proof = parsed["resume"].as_object_mut().unwrap().remove("x-provenance").unwrap();
        assert!(proof["/work/0/name"]["sources"][0]["line"].is_u64(), "{proof}");
        parsed["resume"].as_object_mut().unwrap().remove("x-furniture");
        parsed["resume"]["basics"].as_object_mut().unwrap().remove("x-phone");
        assert_eq!(parsed["resume"], expected().result["source_resume"]);
        api.delete(&path).await.expect(204);
        api.get(&path).await.refused(404, "not_found", &["file"]);
        api.upload("/files", "resume.md", RESUME.as_bytes(), &[]).await.expect(201);
    }

    async fn a_key_makes_one_job_of_one_request(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let body = json!({ "file_id": file, "posting_text": POSTING });
        let key = api.with_header("idempotency-key", "c0ffee-1");
        let (one, two) = tokio::join!(key.post("/jobs", &body), key.post("/jobs", &body));
        let job = one.expect(202).json();
        assert_eq!(job["id"], two.expect(202).json()["id"]);
        assert_eq!(key.post("/jobs", &body).await.expect(202).json()["id"], job["id"]);
        let other = json!({ "file_id": file, "posting_text": POSTING, "company_name": "Another" });
        key.post("/jobs", &other).await.refused(422, "idempotency_key_reused", &["Idempotency-Key"]);
        let upload = key.upload("/optimize", "resume.md", RESUME.as_bytes(), &[("posting_text", POSTING)]).await;
        upload.refused(422, "idempotency_key_reused", &[]);
        assert_eq!(api.items("/jobs").await.len(), 1);
        api.delete(&format!("/jobs/{}", job["id"].as_str().unwrap())).await.expect(204);
        assert_ne!(key.post("/jobs", &body).await.expect(202).json()["id"], job["id"], "a deleted job is forgotten");

        let once = api.with_header("idempotency-key", "c0ffee-2");
        let fields = [("posting_text", POSTING)];
        let first = once.upload("/optimize", "resume.md", RESUME.as_bytes(), &fields).await.expect(202).json();
        let again = once.upload("/optimize", "resume.md", RESUME.as_bytes(), &fields).await.expect(202).json();
        assert_eq!(first["id"], again["id"]);
        let unusable = api.with_header("idempotency-key", &"x".repeat(256));
        unusable.post("/jobs", &body).await.refused(422, "invalid_request", &["255"]);

        let theirs = service.api().register("jonas@example.org").await.with_header("idempotency-key", "c0ffee-1");
        let body = json!({ "file_id": theirs.upload_resume().await, "posting_text": POSTING });
        assert_ne!(theirs.post("/jobs", &body).await.expect(202).json()["id"], job["id"]);
    }

    async fn lists_come_in_pages_newest_first(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.insert(0, api.ask().await);
        }
        api.post(&format!("/jobs/{}/cancel", ids[4]), &json!({})).await.expect(202);
        assert_eq!(pages(&api, "/jobs?limit=2").await, [&ids[..2], &ids[2..4], &ids[4..]]);
        assert_eq!(pages(&api, "/jobs?limit=5").await, [&ids[..]]);
        assert_eq!(pages(&api, "/jobs?status=queued&limit=3").await, [&ids[..3], &ids[3..4]]);
        assert_eq!(pages(&api, "/jobs?status=cancelled").await, [&ids[4..]]);
        assert_eq!(pages(&api, "/jobs?status=completed").await, [Vec::<String>::new()]);
        for number in 0..3 {
            let text = format!("{RESUME}\n- {number}\n");
            api.upload("/files", "resume.md", text.as_bytes(), &[]).await.expect(201);
        }
        let files = pages(&api, "/files?limit=3").await;
        assert_eq!(files.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
        for query in ["limit=0", "limit=101", "limit=many", "cursor=rubbish", "status=paused", "page=2"] {
            api.get(&format!("/jobs?{query}")).await.refused(422, "invalid_request", &[]);
        }
        for query in ["limit=0", "cursor=rubbish", "status=queued"] {
            api.get(&format!("/files?{query}")).await.refused(422, "invalid_request", &[]);
        }
    }
}
