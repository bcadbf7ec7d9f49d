//! Each board: which pages are its own, where its data is, and what the engine understands of it.

#![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;

use crate::domain::posting::Posting;
use crate::engine::read::{Limits, Purpose, read_for};
use crate::engine::understand::posting::{PostingHints, understand};
use crate::intake::boards::{Boards, embedded, find};

const ID: &str = "0b5a9f6e-3c1d-4a57-9d0e-1f2a3b4c5d6e";

fn address(page: &str) -> Option<String> {
    let found = find(&Url::parse(page).unwrap())?;
    Boards::new(&BTreeMap::new()).unwrap().address(&found).map(|address| address.to_string())
}

/// What the engine understands of a board's answer.
fn understood(page: &str, answer: &Value) -> Posting {
    let found = find(&Url::parse(page).unwrap()).unwrap();
    let page = found.page(answer.to_string().as_bytes()).unwrap();
    let source = read_for(Purpose::Posting, &page, "page.html", &Limits::default()).unwrap();
    understand(&source, &PostingHints::default()).unwrap()
}

#[track_caller]
fn check(posting: &Posting, company: &str, location: &str, employment_type: Option<&str>) {
    assert_eq!(posting.title.as_deref(), Some("Backend Engineer"));
    assert_eq!(posting.company.as_deref(), Some(company));
    assert_eq!(posting.location.as_deref(), Some(location));
    assert_eq!(posting.employment_type.as_deref(), employment_type);
    let asked: Vec<&str> = posting.requirements.iter().map(|one| one.text.as_str()).collect();
    for wanted in ["5 years of experience with Rust & SQL", "Kubernetes in production"] {
        assert!(asked.iter().any(|text| text.contains(wanted)), "{wanted} is not in {asked:?}");
    }
}

const INTRO: &str = "<p>We build the tools that hospitals use every day to plan their nights and their \
    weekends, and we look for people who like to keep things simple and to talk with each other.</p>";
const ASKED: &str = "<li>5 years of experience with Rust &amp; SQL</li><li>Kubernetes in production</li>";

fn whole() -> String {
    format!("{INTRO}<h3>Requirements</h3><ul>{ASKED}</ul>")
}

#[test]
fn pages_lead_to_data() {
    for (page, expected) in [
        (
            "https://boards.greenhouse.io/acme/jobs/42",
            "https://boards-api.greenhouse.io/v1/boards/acme/jobs/42",
        ),
        (
            "https://job-boards.greenhouse.io/acme/jobs/42?gh_src=x#app",
            "https://boards-api.greenhouse.io/v1/boards/acme/jobs/42",
        ),
        (
            "https://job-boards.eu.greenhouse.io/acme/jobs/42",
            "https://boards-api.greenhouse.io/v1/boards/acme/jobs/42",
        ),
        (
            "https://boards.greenhouse.io/embed/job_app?for=acme&token=42",
            "https://boards-api.greenhouse.io/v1/boards/acme/jobs/42",
        ),
        (
            "https://boards.greenhouse.io/acme?gh_jid=42",
            "https://boards-api.greenhouse.io/v1/boards/acme/jobs/42",
        ),
        (
            &format!("https://jobs.lever.co/acme/{ID}/apply"),
            &format!("https://api.lever.co/v0/postings/acme/{ID}?mode=json"),
        ),
        (
            &format!("https://jobs.eu.lever.co/acme/{ID}"),
            &format!("https://api.eu.lever.co/v0/postings/acme/{ID}?mode=json"),
        ),
        (
            &format!("https://jobs.ashbyhq.com/The%20Firm/{ID}/application"),
            "https://api.ashbyhq.com/posting-api/job-board/The%20Firm?includeCompensation=true",
        ),
        (
            "https://jobs.smartrecruiters.com/Acme/743999-backend-engineer",
            "https://api.smartrecruiters.com/v1/companies/Acme/postings/743999",
        ),
        (
            "https://apply.workable.com/acme/j/AB12CD34/",
            "https://apply.workable.com/api/v1/widget/accounts/acme?details=true",
        ),
        ("https://acme.recruitee.com/l/en/o/backend-engineer", "https://acme.recruitee.com/api/offers/"),
    ] as [(&str, &str); _]
    {
        assert_eq!(address(page).as_deref(), Some(expected), "{page}");
    }
}

#[test]
fn other_pages_are_nobodys() {
    for page in [
        "https://boards.greenhouse.io/acme",
        "https://boards.greenhouse.io/acme/jobs/abc",
        "https://boards.greenhouse.io/ac%2Fme/jobs/42",
        "https://boards.greenhouse.io/%2e%2e/jobs/42",
        "https://boards.greenhouse.io:8443/acme/jobs/42",
        "https://boards.greenhouse.io.evil.example/acme/jobs/42",
        "https://notboards.greenhouse.io/acme/jobs/42",
        "https://evil.example/boards.greenhouse.io/acme/jobs/42",
        "https://boards.greenhouse.io/embed/job_app?for=../..&token=42",
        "https://jobs.lever.co/acme",
        "https://jobs.lever.co/acme/a/b/c",
        "https://jobs.ashbyhq.com/acme",
        "https://jobs.smartrecruiters.com/Acme/backend-engineer",
        "https://apply.workable.com/acme/",
        "https://a.b.recruitee.com/o/backend-engineer",
        "https://recruitee.com/o/backend-engineer",
        "https://evilrecruitee.com/o/backend-engineer",
    ] {
        assert_eq!(address(page), None, "{page}");
    }
}

#[test]
fn a_base_address_stands_before_the_path_once() {
    let found = find(&Url::parse("https://boards.greenhouse.io/acme/jobs/42").unwrap()).unwrap();
    for base in [
        "http://127.0.0.1:9",
        "http://127.0.0.1:9/",
        "http://127.0.0.1:9/v1/boards",
        "http://127.0.0.1:9/v1/",
    ] {
        let bases = BTreeMap::from([("greenhouse".to_owned(), base.to_owned())]);
        let address = Boards::new(&bases).unwrap().address(&found).unwrap();
        assert_eq!(address.as_str(), "http://127.0.0.1:9/v1/boards/acme/jobs/42", "{base}");
    }
    let bases = BTreeMap::from([("greenhouse".to_owned(), "http://proxy.example/boards?key=1".to_owned())]);
    let address = Boards::new(&bases).unwrap().address(&found).unwrap();
    assert_eq!(address.as_str(), "http://proxy.example/boards/v1/boards/acme/jobs/42");
}

#[test]
fn greenhouse_is_understood() {
    let content = whole().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let answer = json!({
        "id": 42, "title": "Backend Engineer", "company_name": "Acme Health",
        "location": { "name": "Zürich, Switzerland" }, "content": content,
        "absolute_url": "https://boards.greenhouse.io/acme/jobs/42", "departments": [], "metadata": null,
    });
    let posting = understood("https://boards.greenhouse.io/acme/jobs/42", &answer);
    check(&posting, "Acme Health", "Zürich, Switzerland", None);
}

#[test]
fn lever_is_understood_with_its_lists() {
    let answer = json!({
        "id": ID, "text": "Backend Engineer", "workplaceType": "remote",
        "categories": { "location": "Berlin", "commitment": "Full-time", "allLocations": ["Berlin", "Hamburg"] },
        "description": INTRO, "descriptionPlain": "not used",
        "lists": [{ "text": "Requirements", "content": ASKED }, { "text": null }, 7],
        "additionalPlain": "We are an equal\nopportunity employer.",
    });
    let posting = understood(&format!("https://jobs.lever.co/acme-health/{ID}"), &answer);
    check(&posting, "Acme Health", "Berlin; Hamburg; Remote", Some("FULL_TIME"));
    assert!(!posting.text.contains("not used") && posting.text.contains("opportunity employer"));
}

#[test]
fn ashby_is_understood_by_its_id() {
    let answer = json!({ "apiVersion": "1", "jobs": [
        { "id": "another", "title": "Accountant", "descriptionHtml": "<p>Numbers</p>" },
        {
            "id": ID.to_uppercase(), "title": "Backend Engineer", "location": "Berlin",
            "secondaryLocations": [{ "location": "Paris" }, {}], "isRemote": false,
            "employmentType": "FullTime", "descriptionHtml": whole(),
        },
    ] });
    let posting = understood(&format!("https://jobs.ashbyhq.com/acme/{ID}"), &answer);
    check(&posting, "Acme", "Berlin; Paris", Some("FULL_TIME"));
}

#[test]
fn smartrecruiters_is_understood_with_its_sections() {
    let answer = json!({
        "id": "743999", "name": "Backend Engineer", "company": { "name": "Acme Health" },
        "location": { "city": "Berlin", "country": "de", "remote": true },
        "typeOfEmployment": { "label": "Part-time" },
        "jobAd": { "sections": {
            "companyDescription": { "title": "Company Description", "text": INTRO },
            "qualifications": { "title": "Qualifications", "text": format!("<ul>{ASKED}</ul>") },
            "videos": { "urls": [] },
        } },
    });
    let posting = understood("https://jobs.smartrecruiters.com/Acme/743999-backend", &answer);
    check(&posting, "Acme Health", "Berlin, de; Remote", Some("PART_TIME"));
}

#[test]
fn workable_is_understood_by_its_code() {
    let answer = json!({ "name": "Acme Health", "jobs": [
        { "shortcode": "ZZ", "title": "Accountant", "description": "<p>Numbers</p>" },
        {
            "shortcode": "AB12", "title": "Backend Engineer", "description": whole(), "city": "Athens",
            "country": "Greece", "telecommuting": false, "employment_type": "Contract",
        },
    ] });
    let posting = understood("https://apply.workable.com/acme/j/ab12", &answer);
    check(&posting, "Acme Health", "Athens, Greece", Some("CONTRACTOR"));
}

#[test]
fn recruitee_is_understood_by_its_slug() {
    let answer = json!({ "offers": [
        { "slug": "accountant", "title": "Accountant", "description": "<p>Numbers</p>" },
        {
            "slug": "backend", "title": "Backend Engineer", "company_name": "Acme Health",
            "description": INTRO, "requirements": format!("<ul>{ASKED}</ul>"), "city": "Gent",
            "country": "Belgium", "employment_type_code": "fulltime_permanent",
        },
    ] });
    let posting = understood("https://acme.recruitee.com/o/backend", &answer);
    check(&posting, "Acme Health", "Gent, Belgium", Some("FULL_TIME"));
}

#[test]
fn answers_without_the_posting_or_of_another_shape_say_nothing() {
    for page in [
        "https://boards.greenhouse.io/acme/jobs/42".to_owned(),
        format!("https://jobs.lever.co/acme/{ID}"),
        format!("https://jobs.ashbyhq.com/acme/{ID}"),
        "https://jobs.smartrecruiters.com/Acme/743999-backend".to_owned(),
        "https://apply.workable.com/acme/j/AB12".to_owned(),
        "https://acme.recruitee.com/o/backend".to_owned(),
    ] {
        let found = find(&Url::parse(&page).unwrap()).unwrap();
        let deep = "[".repeat(100_000);
        let odd =
            r#"{"jobs":[{"id":7,"shortcode":null}],"offers":{"slug":1},"content":5,"lists":"x","jobAd":[]}"#;
        for answer in ["", "null", "[]", "{}", "7", "{\"ok\":false,\"error\":\"x\"}", odd, &deep, "<html>"] {
            assert_eq!(found.page(answer.as_bytes()), None, "{page}: {answer:.40}");
        }
    }
}

#[test]
fn a_frame_names_its_company() {
    let page = Url::parse("https://acme.example/careers?gh_jid=42&x=1").unwrap();
    let frame = b"<iframe src=\"https://boards.greenhouse.io/embed/job_app?for=acme&amp;token=42\">";
    let found = embedded(&page, frame).unwrap();
    let address = Boards::new(&BTreeMap::new()).unwrap().address(&found).unwrap();
    assert_eq!(address.as_str(), "https://boards-api.greenhouse.io/v1/boards/acme/jobs/42");
    assert!(embedded(&page, b"<p>nothing framed</p>").is_none());
    assert!(embedded(&page, b"greenhouse.io/embed/job_board/js?for=../../x").is_none());
}
