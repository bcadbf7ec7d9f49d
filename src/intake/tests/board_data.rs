//! Pages of boards, made of the boards' data where that is to be had.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use url::Url;

use crate::config;
use crate::intake::content::Kind;
use crate::intake::fetch::Answer;
use crate::intake::tests::server::{Reply, Server, answer, json, page};
use crate::intake::tests::{Script, intake, limits};
use crate::intake::{IntakeError, behind};

const POSTING: &str = "/acme/jobs/42";

fn greenhouse(server: &Server) -> config::Intake {
    config::Intake {
        board_base_urls: BTreeMap::from([("greenhouse".to_owned(), server.url("/"))]),
        ..limits(&[&server.authority(), "boards.greenhouse.io:80", "careers.example"])
    }
}

#[tokio::test]
async fn a_boards_page_comes_from_its_data() {
    let server =
        Server::always(json(&json!({ "title": "Engineer", "content": "&lt;p&gt;Go&lt;/p&gt;" }))).await;
    let intake = intake(&greenhouse(&server), Script::new(&[]));
    let fetched = intake.fetch(&format!("https://boards.greenhouse.io{POSTING}")).await.unwrap();
    assert_eq!(fetched.url, format!("https://boards.greenhouse.io{POSTING}"));
    assert_eq!(fetched.filename, "page.html");
    let page = String::from_utf8(fetched.bytes.to_vec()).unwrap();
    assert!(page.contains("<h1>Engineer</h1>") && page.contains("<p>Go</p>"), "{page}");
    let head = server.heads().remove(0);
    assert!(head.starts_with("GET /v1/boards/acme/jobs/42 HTTP/1.1"), "{head}");
}

#[tokio::test]
async fn a_posting_that_its_board_does_not_know_is_gone() {
    let server = Server::always(answer(404, &[], b"{}")).await;
    let intake = intake(&greenhouse(&server), Script::new(&[]));
    let error = intake.fetch(&format!("http://boards.greenhouse.io{POSTING}")).await.unwrap_err();
    assert_eq!(error, IntakeError::NotFound { host: "boards.greenhouse.io".to_owned() });
    assert_eq!(server.heads().len(), 1, "the page is not asked for");
}

#[tokio::test]
async fn without_its_data_a_boards_page_is_fetched() {
    let huge = answer(200, &[], &vec![b' '; 100_001]);
    for reply in [answer(500, &[], b""), page("no JSON"), json(&json!({})), json(&json!([1])), huge] {
        let board = Server::always(reply).await;
        let names = Script::new(&[&[]]);
        let intake = intake(&greenhouse(&board), Arc::clone(&names));
        let error = intake.fetch(&format!("http://boards.greenhouse.io{POSTING}")).await.unwrap_err();
        assert_eq!(error.code(), "posting_unreachable", "in this test the page has no address");
        assert_eq!(board.heads().len(), 1);
        assert_eq!(*names.names.lock().unwrap(), ["boards.greenhouse.io"]);
    }
}

#[tokio::test]
async fn a_board_address_that_is_not_allowed_is_not_asked() {
    let board = Server::always(json(&json!({ "content": "secret" }))).await;
    let limits = config::Intake { allow_private_hosts: Vec::new(), ..greenhouse(&board) };
    let error = intake(&limits, Script::new(&[&["10.0.0.1"]]))
        .fetch(&format!("http://boards.greenhouse.io{POSTING}"))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "address_not_allowed");
    board.was_left_alone().await;
}

#[tokio::test]
async fn a_companys_own_page_leads_to_its_board() {
    let server = Server::start(|path| match path {
        "/v1/boards/acme/jobs/42" => json(&json!({ "title": "Engineer", "content": "<p>Rust</p>" })),
        _ => page("<script src='https://boards.greenhouse.io/embed/job_board/js?for=acme&b=1'></script>"),
    })
    .await;
    let names = Script::new(&[&["127.0.0.1"]]);
    let intake = intake(&greenhouse(&server), names);
    let at = |query: &str| format!("http://careers.example:{}/jobs?{query}", server.port());
    let page = intake.fetch(&at("gh_jid=42")).await.unwrap();
    assert_eq!(page.url, at("gh_jid=42"));
    assert!(String::from_utf8_lossy(&page.bytes).contains("<h1>Engineer</h1>"));
    let page = intake.fetch(&at("gh_jid=43")).await.unwrap();
    assert!(String::from_utf8_lossy(&page.bytes).contains("<script src"), "its board says nothing of 43");
    let page = intake.fetch(&at("id=42")).await.unwrap();
    assert!(String::from_utf8_lossy(&page.bytes).contains("<script src"));
}

#[tokio::test]
async fn a_board_that_never_answers_leaves_time_for_its_page() {
    let board = Server::always(Reply::Silence(Vec::new())).await;
    let names = Script::new(&[&[]]);
    let limits = config::Intake { timeout_seconds: 2, ..greenhouse(&board) };
    let error = intake(&limits, Arc::clone(&names))
        .fetch(&format!("http://boards.greenhouse.io{POSTING}"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no such host"), "{error}");
    assert_eq!(*names.names.lock().unwrap(), ["boards.greenhouse.io"]);
}

#[test]
fn a_short_address_leads_to_its_board() {
    let page: Url = "https://boards.greenhouse.io/acme/jobs/42".parse().unwrap();
    let answer = Answer { url: page.clone(), kind: Kind::Html, content_type: None, bytes: Bytes::new() };
    let short: Url = "https://short.example/x".parse().unwrap();
    assert!(behind(&short, &answer).is_some());
    assert!(behind(&page, &answer).is_none(), "its board has been asked already");
}
