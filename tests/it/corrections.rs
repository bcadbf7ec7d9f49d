//! The person corrects what was read: jobs and analyses use it, it counts as their own words, and nobody else's business.

use std::io::{Cursor, Read as _};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, Api};
use crate::support::documents::{POSTING, RESUME, without_skills};
use crate::support::ground::select;

fn at(file: &str) -> String {
    format!("/files/{file}/resume")
}

/// What jobs use of a file, and the tag of that state.
async fn seen(api: &Api, file: &str) -> (Value, String) {
    let answer = api.get(&at(file)).await.expect(200);
    (answer.json(), answer.header("etag").to_owned())
}

/// Changes what a file says and sends it.
async fn correct(api: &Api, file: &str, change: impl FnOnce(&mut Value)) -> Value {
    let (mut shown, _) = seen(api, file).await;
    change(&mut shown["resume"]);
    let answer = api.put(&at(file), &json!({ "resume": shown["resume"] })).await;
    answer.expect(200).json()
}

/// A job with this file and our posting, completed: its id and its result.
async fn completed(api: &Api, file: &str) -> (String, Value) {
    let body = json!({ "file_id": file, "posting_text": POSTING });
    let job = api.post("/jobs", &body).await.expect(202).json();
    let id = job["id"].as_str().unwrap().to_owned();
    let job = api.ended(&id).await;
    assert_eq!(job["status"], "completed", "{job}");
    let result = api.get(&format!("/jobs/{id}/result")).await.expect(200).json();
    (id, result)
}

async fn text_of(api: &Api, job: &str) -> String {
    api.get(&format!("/jobs/{job}/documents/txt")).await.expect(200).text()
}

/// How the posting's requirement with these words is met.
#[track_caller]
fn met<'a>(result: &'a Value, words: &str) -> &'a Value {
    let requirements = result["requirements"].as_array().unwrap();
    let found = requirements.iter().find(|one| one["text"].as_str().unwrap().contains(words));
    found.unwrap_or_else(|| panic!("nothing asks for {words:?}: {requirements:#?}"))
}

/// The fields that a refused request names.
#[track_caller]
fn blamed(answer: Answer) -> Vec<String> {
    let body = answer.expect(422).json();
    assert_eq!(body["code"], "invalid_request", "{body}");
    body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect()
}

on_both! {
    async fn a_corrected_employer_is_in_the_documents_and_in_the_result(world) {
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let (read, first_tag) = seen(&api, &file).await;
        assert_eq!((&read["corrected_at"], read.get("read")), (&Value::Null, None), "{read}");
        assert_eq!(read["resume"]["work"][0]["name"], "Fjordline Systems");
        let (earlier, before) = completed(&api, &file).await;
        assert_eq!(before["receipt"].get("correction_sha256"), None);

        let corrected = correct(&api, &file, |resume| {
            resume["work"][0]["name"] = json!("Nordfjord Maritime");
            resume["work"][0]["startDate"] = json!("2019-11");
        })
        .await;
        assert_eq!(corrected["resume"]["work"][0]["name"], "Nordfjord Maritime");
        assert_eq!(corrected["read"], read["resume"], "what was read stays");
        assert_eq!((&corrected["readability"], &corrected["notes"]), (&read["readability"], &read["notes"]));
        assert!(corrected["corrected_at"].as_str().unwrap().ends_with('Z'), "{corrected}");
        let (shown, tag) = seen(&api, &file).await;
        assert_eq!(shown, corrected);
        assert_ne!(tag, first_tag);

        let (job, result) = completed(&api, &file).await;
        assert_eq!(result["source_resume"], corrected["resume"]);
        assert_eq!(result["resume"]["work"][0]["name"], "Nordfjord Maritime");
        assert_eq!(result["receipt"]["resume_sha256"], before["receipt"]["resume_sha256"]);
        assert_eq!(result["receipt"]["correction_sha256"].as_str().unwrap().len(), 64);
        assert_eq!(result["readability"], before["readability"], "of the file as it is");
        assert_eq!(result["scores"]["readable"]["before"], before["scores"]["readable"]["before"]);
        assert_eq!(result["certificate"]["passed"], true, "{:#}", result["certificate"]);
        for (words, there) in [("Nordfjord Maritime", true), ("Nov 2019", true), ("Fjordline", false), ("March 2020", false)] {
            assert_eq!(text_of(&api, &job).await.contains(words), there, "{words}");
        }
        let pdf = api.get(&format!("/jobs/{job}/documents/pdf")).await.expect(200);
        let again = api.upload("/files", "tailored.pdf", &pdf.bytes, &[]).await.expect(201).json();
        let (printed, _) = seen(&api, again["id"].as_str().unwrap()).await;
        assert_eq!(printed["resume"]["work"][0]["name"], "Nordfjord Maritime");
        assert!(text_of(&api, &earlier).await.contains("Fjordline Systems"), "an earlier job keeps its result");

        // A decision about an edit starts from the resume that the job used, whatever becomes of the correction.
        api.delete(&at(&file)).await.expect(204);
        let decided = api.put(&format!("/jobs/{job}/edits"), &json!({ "decisions": [] })).await.expect(200).json();
        assert_eq!((&decided["resume"], &decided["receipt"]), (&result["resume"], &result["receipt"]));
    }

    async fn a_skill_that_is_added_counts_and_what_nobody_says_does_not(world) {
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let (_, before) = completed(&api, &file).await;
        for words in ["AWS", "Kafka"] {
            assert_eq!(met(&before, words)["status"], "missing", "{words}");
        }
        correct(&api, &file, |resume| {
            resume["skills"][1]["keywords"].as_array_mut().unwrap().push(json!("AWS"));
            resume["work"][0]["highlights"].as_array_mut().unwrap().push(json!("Ran three clusters on AWS"));
        })
        .await;
        let (job, result) = completed(&api, &file).await;
        let requirement = met(&result, "AWS");
        assert_eq!(requirement["status"], "demonstrated", "{requirement:#}");
        for evidence in requirement["evidence"].as_array().unwrap() {
            let place = result["resume"].pointer(evidence["item"].as_str().unwrap()).unwrap();
            assert!(place.as_str().unwrap().contains(evidence["quote"].as_str().unwrap()), "{evidence}");
        }
        assert!(!result["refused"].to_string().contains("AWS"), "{:#}", result["refused"]);
        assert!(result["scores"]["match"]["before"].as_f64() > before["scores"]["match"]["before"].as_f64());
        assert_eq!(met(&result, "Kafka")["status"], "missing", "nobody said so");
        let text = text_of(&api, &job).await;
        assert!(text.contains("AWS") && !text.contains("Kafka"), "{text}");

        let body = json!({ "file_id": file, "posting_text": POSTING });
        let analysis = api.post("/analyze", &body).await.expect(200).json();
        assert_eq!(analysis["match"]["score"], result["scores"]["match"]["before"]);
        assert_eq!(analysis["receipt"], result["receipt"]);
        let fields = [("posting_text", POSTING)];
        let upload = api.upload("/analyze", "resume.md", RESUME.as_bytes(), &fields).await.expect(200).json();
        assert_eq!(upload["receipt"], before["receipt"], "what comes along is looked at as it is");
    }

    async fn skills_of_running_text_are_the_persons_once_they_say_so(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload("/files", "resume.md", without_skills().as_bytes(), &[]).await.expect(201).json();
        let file = file["id"].as_str().unwrap();
        let (read, _) = seen(&api, file).await;
        assert_eq!(read["resume"]["x-skillsFromText"], true, "{read}");
        let named = read["resume"]["skills"].as_array().unwrap();
        assert!(named.len() > 1, "{named:?}");

        let left_alone = correct(&api, file, |resume| resume["basics"]["name"] = json!("Mira Aurora Holm")).await;
        assert_eq!(left_alone["resume"].get("skills"), None, "sent back as they came they are nobody's list");
        let mut with = read["resume"].clone();
        with.as_object_mut().unwrap().remove("x-skillsFromText");
        let confirmed = api.put(&at(file), &json!({ "resume": with })).await.expect(200).json();
        assert_eq!(confirmed["resume"]["skills"], read["resume"]["skills"]);
        with["x-skillsFromText"] = json!(false);
        let confirmed = api.put(&at(file), &json!({ "resume": with })).await.expect(200).json();
        assert_eq!(confirmed["resume"]["skills"], read["resume"]["skills"]);
        assert_eq!(confirmed["resume"].get("x-skillsFromText"), None);
        with["x-skillsFromText"] = json!(true);
        with["skills"].as_array_mut().unwrap().remove(0);
        let changed = api.put(&at(file), &json!({ "resume": with })).await.expect(200).json();
        assert_eq!(changed["resume"]["skills"], with["skills"], "whoever changes them has looked at them");
    }

    async fn each_field_that_does_not_fit_is_named(world) {
        let world = world
            .with("RESUME_OPTIMIZER__CORRECTIONS__MAX_BYTES", "2000")
            .with("RESUME_OPTIMIZER__CORRECTIONS__MAX_ENTRIES", "3")
            .with("RESUME_OPTIMIZER__CORRECTIONS__MAX_TEXT_CHARACTERS", "1500");
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let check = async |resume: Value, fields: &[&str]| {
            assert_eq!(blamed(api.put(&at(&file), &json!({ "resume": resume })).await), fields);
        };
        check(
            json!({
                "basics": { "email": "mira", "pronouns": "she", "location": { "town": "Bergen" } },
                "work": [{ "startDate": "March 2020", "highlights": "one" }, { "endDate": "2020-13", "highlights": [1] }],
            }),
            &[
                "resume.basics.email",
                "resume.basics.pronouns",
                "resume.basics.location.town",
                "resume.work[0].startDate",
                "resume.work[0].highlights",
                "resume.work[1].endDate",
                "resume.work[1].highlights[0]",
            ],
        )
        .await;
        check(json!([]), &["resume"]).await;
        check(json!({ "work": [] }), &["resume"]).await;
        check(json!({ "skills": [{}, {}, {}, {}] }), &["resume.skills"]).await;
        check(json!({ "basics": { "summary": "x".repeat(1501) } }), &["resume.basics.summary"]).await;
        check(json!({ "interests": [{ "name": "x".repeat(1500) }, { "name": "y".repeat(1500) }] }), &["resume"]).await;
        assert_eq!(blamed(api.put(&at(&file), &json!({})).await), ["resume"]);
        let extra = json!({ "resume": { "basics": { "name": "M" } }, "why": "x" });
        assert_eq!(blamed(api.put(&at(&file), &extra).await), ["why"]);
        let huge = json!({ "resume": { "basics": { "name": "x".repeat(300_000) } } });
        api.put(&at(&file), &huge).await.refused(413, "request_too_large", &["262144"]);
        let raw = async |kind: &str, body: &str| api.raw(Method::PUT, &at(&file), kind, body).await;
        raw("application/json", "{\"resume\":").await.refused(400, "malformed_request", &[]);
        raw("text/plain", "{}").await.refused(415, "unsupported_media_type", &[]);
        assert_eq!(seen(&api, &file).await.0["corrected_at"], Value::Null, "nothing of it is kept");
        let kept = json!({ "resume": { "basics": { "name": " Mira\u{0} " , "label": null }, "work": [{}] } });
        let kept = api.put(&at(&file), &kept).await.expect(200).json();
        assert_eq!(kept["resume"], json!({ "basics": { "name": "Mira" } }), "and what says nothing neither");
    }

    async fn a_stale_editor_overwrites_nothing(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let (_, first) = seen(&api, &file).await;
        let named = |name: &str| json!({ "resume": { "basics": { "name": name } } });
        let only = |tag: &str| api.with_header("if-match", tag);
        let answer = only(&first).put(&at(&file), &named("Mira One")).await.expect(200);
        let second = answer.header("etag").to_owned();
        only(&first).put(&at(&file), &named("Mira Two")).await.refused(412, "resume_changed", &["corrected"]);
        only(&first).delete(&at(&file)).await.refused(412, "resume_changed", &[]);
        only("\"nobody's\"").put(&at(&file), &named("Mira Two")).await.refused(412, "resume_changed", &[]);
        assert_eq!(seen(&api, &file).await, (answer.json(), second.clone()), "it is as it was");

        let weak = only(&format!("\"x\", W/{second}"));
        let (body, path) = (named("Mira Three"), at(&file));
        let (one, two) = tokio::join!(weak.put(&path, &body), weak.put(&path, &body));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "of two at once one hears of the other");
        only("*").put(&at(&file), &named("Mira Four")).await.expect(200);
        api.put(&at(&file), &named("Mira Five")).await.expect(200);
        let (shown, last) = seen(&api, &file).await;
        assert_eq!(shown["resume"]["basics"]["name"], "Mira Five", "without a condition the last one wins");

        only(&last).delete(&at(&file)).await.expect(204);
        api.delete(&at(&file)).await.expect(204);
        let (shown, tag) = seen(&api, &file).await;
        assert_eq!((&shown["corrected_at"], shown.get("read"), tag), (&Value::Null, None, first));
    }

    async fn every_process_sees_it_at_once_and_a_job_uses_what_stands_when_it_begins(world) {
        let (one, two) = (world.serve(&["--api"]), world.serve(&["--api"]));
        let mira = one.api().register("mira@example.org").await;
        let there = two.api().with_token(&mira.token());
        let file = mira.upload_resume().await;
        seen(&mira, &file).await;
        seen(&there, &file).await;
        let body = json!({ "file_id": file, "posting_text": POSTING });
        let waiting = mira.post("/jobs", &body).await.expect(202).json();
        let corrected = correct(&mira, &file, |resume| resume["work"][0]["name"] = json!("Nordfjord Maritime")).await;
        assert_eq!(seen(&there, &file).await.0, corrected);
        let worker = world.serve(&["--worker"]);
        let id = waiting["id"].as_str().unwrap();
        assert_eq!(mira.ended(id).await["status"], "completed");
        let result = mira.get(&format!("/jobs/{id}/result")).await.expect(200).json();
        assert_eq!(result["source_resume"], corrected["resume"]);
        there.delete(&at(&file)).await.expect(204);
        assert_eq!(seen(&mira, &file).await.0["corrected_at"], Value::Null);
        drop(worker);
    }

    async fn a_correction_is_its_owners_and_goes_with_its_file(world) {
        let service = world.serve(&["--api"]);
        let (mira, jonas) = (service.api().register("mira@example.org").await, service.api().register("jonas@example.org").await);
        let file = mira.upload_resume().await;
        correct(&mira, &file, |resume| resume["basics"]["name"] = json!("Mira Aurora Holm")).await;
        for body in [json!({ "resume": { "basics": { "name": "Jonas" } } }), json!({ "decisions": [] })] {
            jonas.put(&at(&file), &body).await.refused(404, "not_found", &["file"]);
        }
        jonas.get(&at(&file)).await.refused(404, "not_found", &["file"]);
        jonas.delete(&at(&file)).await.refused(404, "not_found", &["file"]);
        let key = mira.post("/me/api-keys", &json!({ "name": "script", "scope": "read" })).await.expect(201).json();
        let reads = mira.with_token(key["key"].as_str().unwrap());
        assert_eq!(seen(&reads, &file).await.0["resume"]["basics"]["name"], "Mira Aurora Holm");
        reads.put(&at(&file), &json!({ "resume": {} })).await.refused(403, "key_scope", &[]);
        reads.delete(&at(&file)).await.refused(403, "key_scope", &[]);
        let again = mira.upload("/files", "resume.md", RESUME.as_bytes(), &[]).await.expect(200).json();
        assert_eq!(again["id"], file.as_str(), "the same bytes are the same file, with its correction");

        let document = service.api().outside("/openapi.json").await.expect(200).json();
        let route = &document["paths"]["/api/v1/files/{file_id}/resume"];
        assert!(route["put"]["requestBody"]["content"]["application/json"]["example"]["resume"].is_object(), "{route:#}");
        assert!(route["get"]["responses"]["200"]["content"]["application/json"]["example"].is_object(), "{route:#}");
        assert!(route["put"]["responses"]["412"].is_object() && route["delete"].is_object(), "{route:#}");

        let answer = mira.get("/me/export").await.expect(200);
        let mut zip = zip::ZipArchive::new(Cursor::new(answer.bytes)).unwrap();
        let mut text = String::new();
        zip.by_name(&format!("files/{file}/correction.json")).unwrap().read_to_string(&mut text).unwrap();
        assert!(text.contains("Mira Aurora Holm"), "{text}");
        let count = "SELECT count(*) AS number FROM resume_corrections";
        assert_eq!(select(&world, count).await, 1);
        mira.delete(&format!("/files/{file}")).await.expect(204);
        assert_eq!(select(&world, count).await, 0);
        mira.get(&at(&file)).await.refused(404, "not_found", &["file"]);
        let anew = mira.upload_resume().await;
        assert_eq!(seen(&mira, &anew).await.0["corrected_at"], Value::Null, "deleted is deleted");
        let log = serde_json::to_string(&service.log()).unwrap();
        assert!(!log.contains("Aurora"), "{log}");
    }
}
