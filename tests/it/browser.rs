//! The pages in a real browser, from signing up to the downloaded PDF.

use std::process::Command;

use crate::support::browser::Browser;
use crate::support::service::World;

const RESUME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/quickstart/resume.pdf");
const POSTING: &str = include_str!("../../docs/quickstart/posting.txt");

async fn signed_up(browser: &Browser, address: &str, email: &str) {
    browser.open(&format!("{address}/signup")).await;
    browser.fill("email", email).await;
    browser.fill("password", "orange bicycle seventeen").await;
    browser.press("main button").await;
    browser.see("#new-job").await;
}

async fn choose_and_paste(browser: &Browser) {
    browser.fill("file", RESUME).await;
    browser
        .ask(&format!("document.querySelector('#posting_text').value = {}", serde_json::json!(POSTING)))
        .await;
    browser.fill("company_name", "Havsbris Pay").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_up_and_downloads_a_tailored_pdf() {
    let world = World::on_sqlite();
    let service = world.serve(&["--all"]);
    let (address, browser) = (service.address(), Browser::start().await);

    browser.open(address).await;
    browser.picture("1-start.png").await;
    browser.press("a[href='/signup']").await;
    browser.see("[name=password]").await;
    browser.picture("2-sign-up.png").await;
    signed_up(&browser, address, "mara@example.org").await;

    choose_and_paste(&browser).await;
    browser.picture("3-new-job.png").await;
    browser.press("main form[action='/jobs'] button").await;
    let pdf = browser.see(".downloads a[href$='/pdf']").await;
    browser.picture("5-result.png").await;
    let text = browser.text().await;
    for part in [
        "Platform Engineer, Payments at Havsbris Pay",
        "Match",
        "Readable",
        "Writing",
        "Solid knowledge of Rust or Go",
        "What readers get from your file",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    pdf.click().await.unwrap();
    let file = browser.downloaded("Mara_Lindqvist_Havsbris_Pay.pdf");
    let words = Command::new("pdftotext").arg(&file).arg("-").output().unwrap().stdout;
    let words = String::from_utf8(words).unwrap();
    for part in
        ["Mara Lindqvist", "mara.lindqvist@example.org", "Fjordbank AB", "Nordkap Logistics", "Tallbyrå"]
    {
        assert!(words.contains(part), "{part:?} is missing in:\n{words}");
    }

    browser.open(&format!("{address}/jobs")).await;
    browser.see("ul.jobs a").await;
    browser.picture("6-jobs.png").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_is_shown_while_a_job_waits_and_it_can_be_called_off() {
    // Without a worker the job stays where it is.
    let world = World::on_sqlite();
    let service = world.serve(&["--api"]);
    let (address, browser) = (service.address(), Browser::start().await);
    signed_up(&browser, address, "mara@example.org").await;
    choose_and_paste(&browser).await;
    browser.press("main form[action='/jobs'] button").await;
    browser.see("progress").await;
    assert!(browser.text().await.contains("Waiting for a worker"));
    browser.picture("4-progress.png").await;
    browser.press("form[action$='/cancel'] button").await;
    browser.see(".chip.cancelled").await;
    browser.picture("7-called-off.png").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_can_be_rejected_and_taken_back() {
    let world = World::on_sqlite();
    let service = world.serve(&["--all"]);
    let (address, browser) = (service.address(), Browser::start().await);
    signed_up(&browser, address, "mara@example.org").await;
    choose_and_paste(&browser).await;
    browser.press("main form[action='/jobs'] button").await;
    browser.press("#edits li:first-child button[value=reject]").await;
    browser.see("#edits li.rejected button[value=accept]").await;
    browser.press("#edits li.rejected button[value=accept]").await;
    browser.see("#edits li:first-child button[value=reject]").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    let world = World::on_sqlite();
    let service = world.serve(&["--all"]);
    let (address, browser) = (service.address(), Browser::start().await);
    browser.open(&format!("{address}/jobs")).await;
    assert_eq!(browser.path().await, "/signin", "who is not signed in is asked to");
    signed_up(&browser, address, "mara@example.org").await;
    browser.fill("posting_text", "three short words").await;
    browser.fill("company_name", "Havsbris Pay").await;
    browser.press("main form[action='/jobs'] button").await;
    browser.see("#file-error").await;
    assert!(browser.text().await.contains("Choose the file of your resume."));
    browser.fill("file", RESUME).await;
    browser.press("main form[action='/jobs'] button").await;
    let error = browser.see("#posting_text-error").await.text().await.unwrap();
    assert!(error.contains("25 words"), "{error}");
    let typed = browser.ask("return document.querySelector('#company_name').value").await;
    assert_eq!(typed, "Havsbris Pay");
    let chosen = browser
        .ask("const s = document.querySelector('#file_id'); return s.options[s.selectedIndex].text")
        .await;
    assert!(chosen.as_str().unwrap().starts_with("resume.pdf, uploaded"), "{chosen}");
    browser.picture("8-refused.png").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_outlives_the_sign_in() {
    let world = World::on_sqlite();
    let service = world.serve(&["--api"]);
    let (address, browser) = (service.address(), Browser::start().await);
    signed_up(&browser, address, "mara@example.org").await;
    choose_and_paste(&browser).await;
    for act in ["deactivate", "activate"] {
        world.program().args(["user", act, "mara@example.org"]).run().done();
    }
    browser.press("main form[action='/jobs'] button").await;
    browser.see("section.narrow code").await;
    assert!(browser.text().await.contains("sign in in another tab"), "{}", browser.text().await);
    browser
        .in_another_tab(async {
            browser.open(&format!("{address}/signin")).await;
            browser.fill("email", "mara@example.org").await;
            browser.fill("password", "orange bicycle seventeen").await;
            browser.press("main button").await;
            browser.see("#new-job").await;
        })
        .await;
    browser.load_again().await;
    browser.see("main form[action='/jobs']").await;
    assert!(browser.text().await.contains("choose the file once more"), "{}", browser.text().await);
    let typed = browser.ask("return document.querySelector('#posting_text').value").await;
    assert_eq!(typed.as_str().unwrap().split_whitespace().count(), POSTING.split_whitespace().count());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_title_that_is_corrected_is_in_the_next_result() {
    let world = World::on_sqlite();
    let service = world.serve(&["--all"]);
    let (address, browser) = (service.address(), Browser::start().await);
    signed_up(&browser, address, "mara@example.org").await;
    choose_and_paste(&browser).await;
    browser.press("main form[action='/jobs'] button").await;
    browser.see(".downloads").await;

    browser.press("main a[href^='/files/'][href*='/resume?job=']").await;
    let title = browser.see("[name='work.0.position']").await;
    browser.picture("9-what-was-read.png").await;
    title.clear().await.unwrap();
    title.send_keys("Chief of Quiet Ledgers").await.unwrap();
    browser.press("button[value='add certificates']").await;
    browser.see("[name='certificates.0.name']").await.send_keys("Certified Ledger Keeper").await.unwrap();
    let typed = browser.ask("return document.querySelector(\"[name='work.0.position']\").value").await;
    assert_eq!(typed, "Chief of Quiet Ledgers", "adding an entry loses nothing");
    browser.press("#save").await;
    browser.see("#take-back").await;
    assert!(
        browser.text().await.contains("Saved. Corrected: Work, Certificates."),
        "{}",
        browser.text().await
    );
    browser.picture("10-corrected.png").await;

    browser.press("#again").await;
    let text = browser.see(".downloads a[href$='/txt']").await;
    text.click().await.unwrap();
    let file = browser.downloaded("Mara_Lindqvist_Havsbris_Pay.txt");
    let words = std::fs::read_to_string(file).unwrap();
    assert!(words.contains("Chief of Quiet Ledgers") && words.contains("Certified Ledger Keeper"), "{words}");
    browser.close().await;
}
