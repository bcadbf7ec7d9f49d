//! Changing one's mind: edits decided, jobs called off, tried again and deleted; and nobody else's business.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::documents::{POSTING, RESUME, expected, timeless};

/// What a resume says, as one text.
fn words(resume: &Value) -> String {
    resume.to_string()
}

on_both! {
    async fn an_edit_that_is_rejected_leaves_the_resume_and_comes_back(world) {
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let id = api.ask().await;
        assert_eq!(api.ended(&id).await["status"], "completed");
        let (result, edits) = (format!("/jobs/{id}/result"), format!("/jobs/{id}/edits"));
        let before = api.get(&result).await.expect(200).json();
        let summary = before["edits"].as_array().unwrap().iter().find(|edit| edit["section"] == "basics").unwrap();
        let (edit, after) = (summary["id"].as_str().unwrap(), summary["after"].as_str().unwrap());
        assert!(words(&before["resume"]).contains(after), "{before:#}");

        let decide = |decision: &str| json!({ "decisions": [{ "edit_id": edit, "decision": decision }] });
        let without = api.put(&edits, &decide("reject")).await.expect(200).json();
        assert!(!words(&without["resume"]).contains(after), "{:#}", without["resume"]);
        assert_eq!(timeless(api.get(&result).await.expect(200).json()), timeless(without));
        let text = api.get(&format!("/jobs/{id}/documents/txt")).await.expect(200).text();
        assert!(!text.contains(after), "{text}");

        let again = api.put(&edits, &decide("accept")).await.expect(200).json();
        assert_eq!(timeless(again), timeless(expected().result.clone()));
        let text = api.get(&format!("/jobs/{id}/documents/txt")).await.expect(200);
        assert!(text.bytes == expected().documents["txt"]);

        let unknown = json!({ "decisions": [
            { "edit_id": edit, "decision": "reject" }, { "edit_id": "e999", "decision": "reject" }
        ]});
        api.put(&edits, &unknown).await.refused(422, "unknown_edit", &["e999"]);
        api.put(&edits, &decide("perhaps")).await.refused(422, "invalid_request", &[]);
        api.put(&edits, &json!({ "verdicts": [] })).await.refused(422, "invalid_request", &[]);
        let kept = api.get(&result).await.expect(200).json();
        assert_eq!(timeless(kept), timeless(expected().result.clone()), "all or nothing");
    }

    async fn a_confirmed_fact_becomes_part_of_the_resume(world) {
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let id = api.ask().await;
        api.ended(&id).await;
        let edits = format!("/jobs/{id}/edits");
        let fact = "Ran three Kubernetes clusters on AWS";
        let body = json!({ "confirmed_facts": [{ "text": fact, "item": "/work/0" }] });
        let result = api.put(&edits, &body).await.expect(200).json();
        assert!(words(&result["resume"]["work"][0]).contains(fact), "{:#}", result["resume"]);
        assert!(result["scores"]["match"]["after"].as_f64() > expected().result["scores"]["match"]["after"].as_f64());
        let text = api.get(&format!("/jobs/{id}/documents/txt")).await.expect(200).text();
        assert!(text.contains("AWS"), "{text}");
        let result = api.put(&edits, &json!({ "confirmed_facts": [] })).await.expect(200).json();
        assert_eq!(timeless(result), timeless(expected().result.clone()), "taken back");
        let body = json!({ "confirmed_facts": [{ "text": fact, "item": "/work/99" }] });
        api.put(&edits, &body).await.refused(422, "invalid_fact", &[]);
    }

    async fn a_job_is_called_off_tried_again_and_completed(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let id = api.ask().await;
        let at = |part: &str| format!("/jobs/{id}/{part}");
        let nothing = json!({});
        for part in ["result", "documents/pdf"] {
            api.get(&at(part)).await.refused(409, "job_not_completed", &["queued"]);
        }
        api.put(&at("edits"), &json!({ "decisions": [] })).await.refused(409, "job_not_completed", &[]);
        api.post(&at("retry"), &nothing).await.refused(409, "job_not_retryable", &["queued"]);

        let cancelled = api.post(&at("cancel"), &nothing).await.expect(202).json();
        assert_eq!(cancelled["status"], "cancelled");
        api.post(&at("cancel"), &nothing).await.refused(409, "job_not_cancellable", &["cancelled"]);
        api.get(&at("result")).await.refused(409, "job_not_completed", &["cancelled"]);
        let seen = api.events(&id, None).await;
        assert_eq!((seen.last().unwrap().name.as_str(), &seen.last().unwrap().data["status"]), ("done", &json!("cancelled")));

        let retried = api.post(&at("retry"), &nothing).await.expect(202).json();
        assert_eq!((&retried["status"], &retried["completed_at"]), (&json!("queued"), &Value::Null));
        let worker = world.serve(&["--worker"]);
        assert_eq!(api.ended(&id).await["status"], "completed");
        let last = seen.last().unwrap().id;
        let again = api.events(&id, Some(last)).await;
        assert!(again.iter().all(|event| event.id > last), "numbers go on: {again:#?}");
        assert_eq!(again.last().unwrap().data["status"], "completed");
        let result = api.get(&at("result")).await.expect(200).json();
        assert_eq!(timeless(result), timeless(expected().result.clone()));
        api.post(&at("cancel"), &nothing).await.refused(409, "job_not_cancellable", &["completed"]);
        api.post(&at("retry"), &nothing).await.refused(409, "job_not_retryable", &["completed"]);
        drop(worker);
    }

    async fn who_watches_a_job_sees_it_happen(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let id = api.ask().await;
        let (mut one, mut two) = (api.watch(&id).await, api.watch(&id).await);
        let first = one.next().await.unwrap();
        assert_eq!((first.name.as_str(), &first.data["status"]), ("progress", &json!("queued")));
        assert_eq!(two.next().await.unwrap(), first, "before the job has ended");
        api.post(&format!("/jobs/{id}/cancel"), &json!({})).await.expect(202);
        let began = std::time::Instant::now();
        for watch in [&mut one, &mut two] {
            let last = watch.next().await.unwrap();
            assert_eq!((last.name.as_str(), &last.data["status"]), ("done", &json!("cancelled")));
            assert_eq!(watch.next().await, None);
        }
        // Promised within one second; the rest is for a loaded machine.
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
        let odd = api.with_header("last-event-id", "yesterday");
        assert_eq!(odd.events(&id, None).await.len(), 2, "from the start");

        // A stream must not keep a process that is asked to stop.
        let waiting = api.ask().await;
        let mut watch = api.watch(&waiting).await;
        watch.next().await.unwrap();
        assert!(service.stop().success());
        assert_eq!(watch.next().await, None);
    }

    async fn what_is_deleted_is_gone_and_never_run(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let (gone, orphan) = (api.ask().await, api.ask().await);
        api.delete(&format!("/jobs/{gone}")).await.expect(204);
        for part in ["", "/events", "/result", "/documents/pdf"] {
            api.get(&format!("/jobs/{gone}{part}")).await.refused(404, "not_found", &["job"]);
        }
        api.delete(&format!("/jobs/{gone}")).await.refused(404, "not_found", &["job"]);
        assert_eq!(api.items("/jobs").await.len(), 1);

        // A job whose resume was deleted before a worker came to it ends with the reason.
        let file = api.upload_resume().await;
        api.delete(&format!("/files/{file}")).await.expect(204);
        let worker = world.serve(&["--worker"]);
        let job = api.ended(&orphan).await;
        assert_eq!((&job["status"], &job["file_id"]), (&json!("failed"), &Value::Null));
        assert!(job["error_message"].as_str().unwrap().contains("upload it again"), "{job}");
        api.post(&format!("/jobs/{orphan}/retry"), &json!({})).await.refused(409, "job_not_retryable", &["deleted"]);

        // A result outlives the resume that it was made from.
        let id = api.ask().await;
        assert_eq!(api.ended(&id).await["status"], "completed");
        let file = api.upload_resume().await;
        api.delete(&format!("/files/{file}")).await.expect(204);
        api.get(&format!("/jobs/{id}/documents/pdf")).await.expect(200);
        drop(worker);
    }

    async fn a_resume_whose_bytes_are_lost_is_said_so(world) {
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        std::fs::remove_dir_all(world.dir().join("data/files")).unwrap();
        for part in ["content", "resume"] {
            api.get(&format!("/files/{file}/{part}")).await.refused(409, "file_damaged", &[]);
        }
        let body = json!({ "file_id": file, "posting_text": POSTING });
        let job = api.post("/jobs", &body).await.expect(202).json();
        let job = api.ended(job["id"].as_str().unwrap()).await;
        assert_eq!((&job["status"], &job["attempts"]), (&json!("failed"), &json!(1)), "{job}");
        assert!(job["error_message"].as_str().unwrap().len() > 20, "{job}");
        api.delete(&format!("/files/{file}")).await.expect(204);
    }

    async fn what_is_somebody_elses_is_not_there(world) {
        let service = world.serve(&["--all"]);
        let mira = service.api().register("mira@example.org").await;
        let (file, id) = (mira.upload_resume().await, mira.ask().await);
        mira.ended(&id).await;
        let other = service.api().register("jonas@example.org").await;
        let unknown = "01890000-0000-7000-8000-000000000000";
        let routes = |file: &str, job: &str| {
            let file = ["", "/content", "/resume"].map(|part| (Method::GET, format!("/files/{file}{part}")));
            let job_parts = ["", "/events", "/result", "/documents/pdf"];
            let read = job_parts.map(|part| (Method::GET, format!("/jobs/{job}{part}")));
            let act = ["cancel", "retry"].map(|part| (Method::POST, format!("/jobs/{job}/{part}")));
            let change = (Method::PUT, format!("/jobs/{job}/edits"));
            [file.to_vec(), read.to_vec(), act.to_vec(), vec![change]].concat()
        };
        for (file, id) in [(file.as_str(), id.as_str()), (unknown, unknown), ("1", "..%2f")] {
            for (method, path) in routes(file, id) {
                other.raw(method, &path, "application/json", "{}").await.refused(404, "not_found", &[]);
            }
            other.delete(&format!("/files/{file}")).await.refused(404, "not_found", &[]);
            other.delete(&format!("/jobs/{id}")).await.refused(404, "not_found", &[]);
        }
        let body = json!({ "file_id": file, "posting_text": POSTING });
        for path in ["/jobs", "/analyze"] {
            other.post(path, &body).await.refused(404, "not_found", &["file"]);
        }
        for (method, path) in routes(&file, &id) {
            service.api().raw(method, &path, "application/json", "{}").await.refused(401, "missing_token", &[]);
        }
        assert!(other.items("/jobs").await.is_empty() && other.items("/files").await.is_empty());
        assert_eq!(mira.get(&format!("/files/{file}/content")).await.expect(200).text(), RESUME);
        mira.get(&format!("/jobs/{id}/result")).await.expect(200);
    }
}
