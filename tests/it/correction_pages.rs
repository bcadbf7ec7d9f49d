//! The page on which a person corrects what was read: without scripts, nothing typed is lost, and what was saved is said.

use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::edge::{form_token, send, signed_in};
use crate::support::api::{Answer, Api};
use crate::support::documents::{RESUME, without_skills};

type Fields = Vec<(String, String)>;

fn at(file: &str) -> String {
    format!("/files/{file}/resume")
}

/// The fields of the page's form, as a browser would send them.
fn fields(page: &Answer, file: &str) -> Fields {
    let html = Html::parse_document(&page.text());
    let form = Selector::parse(&format!("form[action='{}']", at(file))).unwrap();
    let field = Selector::parse("input[name], textarea[name]").unwrap();
    let form = html.select(&form).next().unwrap();
    form.select(&field)
        .map(|field| {
            let value = match field.value().attr("value") {
                Some(value) => value.to_owned(),
                None => field.text().collect::<String>(),
            };
            (field.value().attr("name").unwrap().to_owned(), value)
        })
        .collect()
}

#[track_caller]
fn of<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map_or_else(|| panic!("there is no {name} in {fields:#?}"), |(_, value)| value)
}

#[track_caller]
fn set(fields: &mut Fields, name: &str, text: &str) {
    let found = fields.iter_mut().find(|(known, _)| known == name);
    text.clone_into(&mut found.unwrap_or_else(|| panic!("there is no {name}")).1);
}

/// The texts of what a selector finds.
fn texts(page: &Answer, selector: &str) -> Vec<String> {
    let html = Html::parse_document(&page.text());
    let found = Selector::parse(selector).unwrap();
    html.select(&found).map(|one| one.text().collect::<String>().trim().to_owned()).collect()
}

async fn sent(person: &Api, file: &str, fields: &Fields, button: Option<&str>) -> Answer {
    let mut pairs: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    pairs.extend(button.map(|wish| ("do", wish)));
    send(person, &at(file), &pairs).await
}

on_both! {
    async fn saving_says_what_was_saved_and_takes_it_back(world) {
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        let person = signed_in(&service.api(), "mira@example.org").await;
        let file = mira.upload_resume().await;
        let page = person.outside(&at(&file)).await.expect(200);
        assert!(!page.text().contains("style=") && !page.text().contains("<script>"), "no inline style or script");
        let mut typed = fields(&page, &file);
        assert_eq!(of(&typed, "work.0.name"), "Fjordline Systems");
        assert_eq!(of(&typed, "work.0.highlights").lines().count(), 4);
        assert!(texts(&page, ".read dd").contains(&"Fjordline Systems".to_owned()));

        set(&mut typed, "work.0.position", "Staff Engineer");
        set(&mut typed, "skills.0.keywords", "Python\r\n\r\nRust & Go\r\n");
        let answer = sent(&person, &file, &typed, None).await.expect(303);
        assert_eq!(answer.header("location"), format!("{}?did=saved", at(&file)));
        let page = person.outside(&format!("{}?did=saved", at(&file))).await.expect(200);
        assert!(texts(&page, ".notice.good p")[0].starts_with("Saved. Corrected: Work, Skills."), "{}", page.text());
        assert_eq!(texts(&page, ".chip.accepted").len(), 2);
        let shown = mira.get(&at(&file)).await.expect(200).json();
        assert_eq!(shown["resume"]["work"][0]["position"], "Staff Engineer");
        assert_eq!(shown["resume"]["skills"][0]["keywords"], json!(["Python", "Rust & Go"]));
        for section in ["education", "languages", "basics", "x-sectionOrder"] {
            assert_eq!(shown["resume"][section], shown["read"][section], "{section} is as it was read");
        }

        let (token, tag) = (form_token(&page), of(&fields(&page, &file), "tag").to_owned());
        let stale = [("form_token", token.as_str()), ("tag", "another")];
        send(&person, &format!("{}/delete", at(&file)), &stale).await.expect(422);
        let form = [("form_token", token.as_str()), ("tag", tag.as_str())];
        send(&person, &format!("{}/delete", at(&file)), &form).await.expect(303);
        assert_eq!(mira.get(&at(&file)).await.expect(200).json()["corrected_at"], Value::Null);
        let page = person.outside(&format!("{}?did=taken-back", at(&file))).await.expect(200);
        assert!(texts(&page, ".notice.good p")[0].contains("are gone"), "{}", page.text());
    }

    async fn wrong_input_is_marked_and_nothing_typed_is_lost(world) {
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        let person = signed_in(&service.api(), "mira@example.org").await;
        let file = mira.upload_resume().await;
        let mut typed = fields(&person.outside(&at(&file)).await.expect(200), &file);
        set(&mut typed, "basics.email", "mira at example");
        set(&mut typed, "work.1.startDate", "August 2016");
        set(&mut typed, "work.0.highlights", &format!("First\nSecond \"quoted\" <b>\n{}", "x".repeat(10_001)));
        set(&mut typed, "basics.summary", "\n Two lines\nof it");
        let page = sent(&person, &file, &typed, None).await.expect(422);
        let again = fields(&page, &file);
        for (name, value) in typed.iter().filter(|(name, _)| name != "form_token") {
            assert_eq!(of(&again, name), value, "{name}");
        }
        let html = Html::parse_document(&page.text());
        let marked = Selector::parse("[aria-invalid]").unwrap();
        let marked: Vec<_> = html.select(&marked).map(|field| field.value().attr("name").unwrap()).collect();
        assert_eq!(marked, ["basics.email", "work.0.highlights", "work.1.startDate"]);
        let errors = texts(&page, "p.error");
        assert!(errors[1].starts_with("Line 3: ") && errors[2].contains("2021-03"), "{errors:?}");
        assert_eq!(mira.get(&at(&file)).await.expect(200).json()["corrected_at"], Value::Null);

        // A form from elsewhere counts for nothing, and loses nothing.
        set(&mut typed, "form_token", "forged");
        let page = sent(&person, &file, &typed, None).await.expect(422);
        assert_eq!(of(&fields(&page, &file), "basics.email"), "mira at example");
        assert!(texts(&page, ".notice.bad")[0].contains("open for too long"), "{}", page.text());
    }

    async fn entries_are_added_moved_and_removed_and_kept_once_they_are_saved(world) {
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        let person = signed_in(&service.api(), "mira@example.org").await;
        let resume = format!("{RESUME}\n## Boats\n\n- A small one\n\n## Orchards\n\n- Plum trees\n");
        let file = mira.upload("/files", "resume.md", resume.as_bytes(), &[]).await.expect(201).json();
        let file = file["id"].as_str().unwrap();
        let mut typed = fields(&person.outside(&at(file)).await.expect(200), file);
        set(&mut typed, "work.0.name", "Typed before");
        typed = fields(&sent(&person, file, &typed, Some("add work")).await.expect(200), file);
        assert_eq!(of(&typed, "work.0.name"), "Typed before");
        set(&mut typed, "work.2.name", "Harbour Works");
        set(&mut typed, "work.2.startDate", "2014");
        typed = fields(&sent(&person, file, &typed, Some("remove work 1")).await.expect(200), file);
        assert_eq!(of(&typed, "work.1.name"), "Harbour Works", "the others move up");
        typed = fields(&sent(&person, file, &typed, Some("raise work 1")).await.expect(200), file);
        typed = fields(&sent(&person, file, &typed, Some("raise work 0")).await.expect(200), file);
        assert_eq!(of(&typed, "work.0.name"), "Harbour Works", "before the one above it");
        typed = fields(&sent(&person, file, &typed, Some("add basics.profiles")).await.expect(200), file);
        typed = fields(&sent(&person, file, &typed, Some("remove x-sections 0")).await.expect(200), file);
        typed = fields(&sent(&person, file, &typed, Some("remove nonsense 7")).await.expect(200), file);
        assert_eq!(mira.get(&at(file)).await.expect(200).json()["corrected_at"], Value::Null, "not saved yet");

        sent(&person, file, &typed, None).await.expect(303);
        let shown = mira.get(&at(file)).await.expect(200).json();
        let names: Vec<&Value> = shown["resume"]["work"].as_array().unwrap().iter().map(|job| &job["name"]).collect();
        assert_eq!(names, [&json!("Harbour Works"), &json!("Typed before")]);
        assert_eq!(shown["resume"]["x-sections"].as_array().unwrap().len(), 1);
        let order = shown["resume"]["x-sectionOrder"].as_array().unwrap();
        let own = order.iter().find(|heading| heading["section"] == "x-sections/0").unwrap();
        assert_eq!((own["heading"].as_str(), shown["resume"]["x-sections"][0]["heading"].as_str()), (Some("Orchards"), Some("Orchards")));
    }

    async fn a_page_that_others_have_overtaken_says_so_and_keeps_what_was_typed(world) {
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        let person = signed_in(&service.api(), "mira@example.org").await;
        let file = mira.upload_resume().await;
        let mut typed = fields(&person.outside(&at(&file)).await.expect(200), &file);
        let mut elsewhere = mira.get(&at(&file)).await.expect(200).json()["resume"].take();
        elsewhere["basics"]["name"] = json!("Corrected elsewhere");
        elsewhere["work"][0]["position"] = json!("Harbour master");
        elsewhere["languages"] = json!([]);
        let elsewhere = mira.put(&at(&file), &json!({ "resume": elsewhere })).await.expect(200).json();
        set(&mut typed, "basics.name", "Mira of this page");
        let page = sent(&person, &file, &typed, None).await.expect(422);
        assert!(texts(&page, ".notice.bad")[0].contains("in another window"), "{}", page.text());
        let again = fields(&page, &file);
        assert_eq!(of(&again, "basics.name"), "Mira of this page");
        // What the other window saved stands beside what is typed here, and beside nothing else.
        let differing = ["You", "Work", "Languages"];
        assert_eq!(texts(&page, "#overtaken li"), differing);
        assert_eq!(texts(&page, "details.saved summary"), ["What is saved now"; 3]);
        let saved = texts(&page, "details.saved dd");
        assert!(saved.contains(&"Corrected elsewhere".to_owned()) && saved.contains(&"Harbour master".to_owned()), "{saved:?}");
        assert_eq!(texts(&page, "#part-languages details.saved p"), ["Nothing."]);
        assert_eq!(texts(&page, "#overtaken p").len(), 2, "the order of the sections is the same");
        assert!(texts(&page, "details.read dd").contains(&"Fjordline Systems".to_owned()), "and what was read");
        assert_eq!(mira.get(&at(&file)).await.expect(200).json()["resume"], elsewhere["resume"]);

        // It stays there while somebody goes on typing.
        let page = sent(&person, &file, &again, Some("add work")).await.expect(200);
        assert_eq!(texts(&page, "#overtaken li"), differing);
        let mut again = fields(&page, &file);
        set(&mut again, "work.0.position", "Harbour master");
        let third = json!({ "resume": { "basics": { "name": "Corrected a third time" } } });
        mira.put(&at(&file), &third).await.expect(200);
        let page = sent(&person, &file, &again, None).await.expect(422);
        assert!(texts(&page, "details.saved dd").contains(&"Corrected a third time".to_owned()), "{}", page.text());
        sent(&person, &file, &fields(&page, &file), None).await.expect(303);
        let shown = mira.get(&at(&file)).await.expect(200).json();
        assert_eq!(shown["resume"]["basics"]["name"], "Mira of this page", "whoever has been told may");
        assert_eq!(shown["resume"]["work"][0]["position"], "Harbour master");
        let page = person.outside(&at(&file)).await.expect(200);
        assert!(texts(&page, "#overtaken, details.saved").is_empty(), "it is settled");
    }

    async fn a_page_confirms_no_skills_that_it_does_not_show(world) {
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        let person = signed_in(&service.api(), "mira@example.org").await;
        let file = mira.upload("/files", "resume.md", without_skills().as_bytes(), &[]).await.expect(201).json();
        let file = file["id"].as_str().unwrap();
        assert_eq!(mira.get(&at(file)).await.expect(200).json()["resume"]["x-skillsFromText"], true);
        let mut typed = fields(&person.outside(&at(file)).await.expect(200), file);
        set(&mut typed, "basics.name", "Mira Aurora Holm");
        sent(&person, file, &typed, None).await.expect(303);
        let shown = mira.get(&at(file)).await.expect(200).json();
        assert_eq!(shown["resume"]["basics"]["name"], "Mira Aurora Holm");
        assert_eq!(shown["resume"].get("skills"), None, "{shown}");
        assert!(shown["read"]["skills"].is_array(), "{shown}");
    }
}
