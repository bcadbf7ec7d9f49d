//! What comes of each kind of answer.

use std::time::{Duration, Instant};

use crate::config;
use crate::intake::IntakeError;
use crate::intake::client::{client, tls};
use crate::intake::guard::Target;
use crate::intake::tests::server::{Reply, Server, answer, gzip, head, page, redirect};
use crate::intake::tests::{Script, fetch, intake, limits};

const HTML: &str = "Content-Type: text/html";

async fn error_of(reply: Reply) -> IntakeError {
    let error = fetch(&Server::always(reply).await, "/job?token=secret").await.unwrap_err();
    let said = error.to_string();
    assert!(said.contains("127.0.0.1") && said.contains("paste the posting's text"), "{said}");
    assert!(!said.contains("secret"), "{said}");
    error
}

#[tokio::test]
async fn a_page_is_fetched_as_it_is_and_we_say_who_asks() {
    let server = Server::always(page("<h1>Rust developer, Zürich</h1>")).await;
    let fetched = fetch(&server, "/jobs/1?lang=de").await.unwrap();
    assert_eq!(fetched.url, server.url("/jobs/1?lang=de"));
    assert_eq!(fetched.filename, "page.html");
    assert_eq!(fetched.bytes, "<h1>Rust developer, Zürich</h1>".as_bytes());
    let head = server.heads().remove(0).to_lowercase();
    assert!(
        head.contains(&format!("user-agent: resume-optimizer/{}\r\n", env!("CARGO_PKG_VERSION"))),
        "{head}"
    );
    for absent in ["cookie", "referer", "authorization"] {
        assert!(!head.contains(absent), "{head}");
    }
}

#[tokio::test]
async fn kinds_are_told_by_the_content_type() {
    for (lines, path, expected) in [
        (&["Content-Type: application/pdf"] as &[&str], "/a", "posting.pdf"),
        (&["Content-Type: text/plain; charset=utf-8"], "/a", "posting.txt"),
        (&["Content-Type: text/markdown"], "/a", "posting.md"),
        (&["Content-Type: application/xhtml+xml"], "/a", "page.html"),
        (&["Content-Type: application/octet-stream"], "/ad.docx", "posting.docx"),
        (&[], "/ad.pdf", "posting.pdf"),
        (&[], "/ad", "posting"),
    ] {
        let server = Server::always(answer(200, lines, b"text")).await;
        assert_eq!(fetch(&server, path).await.unwrap().filename, expected, "{lines:?}");
    }
}

#[tokio::test]
async fn another_kind_is_refused_by_name() {
    for content_type in ["image/png", "application/json", "application/zip", "video/mp4"] {
        let error = error_of(answer(200, &[&format!("Content-Type: {content_type}")], b"x")).await;
        assert_eq!(error.code(), "posting_unsupported_type");
        assert!(error.to_string().contains(content_type), "{error}");
    }
}

#[tokio::test]
async fn a_page_in_another_encoding_comes_as_utf_8() {
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode("<p>Разработчик</p>");
    let server =
        Server::always(answer(200, &["Content-Type: text/html; charset=windows-1251"], &bytes)).await;
    assert_eq!(fetch(&server, "/").await.unwrap().bytes, "<p>Разработчик</p>".as_bytes());
}

#[tokio::test]
async fn each_status_has_its_own_answer() {
    for (status, code, is_transient) in [
        (401, "posting_forbidden", false),
        (403, "posting_forbidden", false),
        (999, "posting_forbidden", false),
        (404, "posting_not_found", false),
        (410, "posting_not_found", false),
        (418, "posting_unreachable", false),
        (429, "posting_unreachable", true),
        (500, "posting_unreachable", true),
        (503, "posting_unreachable", true),
    ] {
        let error = error_of(answer(status, &[HTML], b"<p>no</p>")).await;
        assert_eq!((error.code(), error.is_transient()), (code, is_transient), "{status}: {error}");
    }
}

#[tokio::test]
async fn too_much_is_noticed_before_it_has_come() {
    let announced = answer(200, &[HTML, "Content-Length: 100001"], b"");
    let endless = Reply::Endless(head(200, &[HTML]));
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000);
    let bomb = answer(200, &[HTML, "Content-Encoding: gzip"], &bomb);
    for reply in [announced, endless, bomb] {
        let error = error_of(reply).await;
        assert_eq!((error.code(), error.is_transient()), ("posting_too_large", false));
        assert!(error.to_string().contains("97 KiB"), "{error}");
    }
}

#[tokio::test]
async fn compressed_pages_are_read() {
    let body = gzip("<p>engineer</p>".repeat(100).as_bytes());
    let server = Server::always(answer(200, &[HTML, "Content-Encoding: gzip"], &body)).await;
    assert_eq!(fetch(&server, "/").await.unwrap().bytes.len(), 1500);
}

#[tokio::test]
async fn half_an_answer_is_none() {
    for reply in [
        answer(200, &[HTML, "Content-Length: 500"], b"<p>half"),
        answer(200, &[HTML, "Content-Encoding: gzip"], b"no gzip at all"),
        Reply::Bytes(Vec::new()),
        Reply::Bytes(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()),
    ] {
        let error = error_of(reply).await;
        assert_eq!((error.code(), error.is_transient()), ("posting_unreachable", true), "{error}");
    }
}

#[tokio::test]
async fn one_deadline_stands_over_head_body_and_redirects() {
    let server = Server::start(|path| match path {
        "/silent" => Reply::Silence(Vec::new()),
        "/half" => Reply::Silence([head(200, &[HTML]).as_slice(), b"<p>"].concat()),
        _ => redirect(302, "/silent"),
    })
    .await;
    let limits = config::Intake { timeout_seconds: 1, ..limits(&[&server.authority()]) };
    let intake = intake(&limits, Script::new(&[]));
    let began = Instant::now();
    let (silent, half, away) = (server.url("/silent"), server.url("/half"), server.url("/away"));
    let (silent, half, away) = tokio::join!(intake.fetch(&silent), intake.fetch(&half), intake.fetch(&away));
    for error in [silent.unwrap_err(), half.unwrap_err(), away.unwrap_err()] {
        assert_eq!((error.code(), error.is_transient()), ("posting_unreachable", true));
        assert!(error.to_string().contains("within 1 seconds"), "{error}");
    }
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_name_that_nobody_knows_and_a_closed_port_are_unreachable() {
    let limits = limits(&["127.0.0.1:9"]);
    let unknown = intake(&limits, Script::new(&[])).fetch("http://nobody.example/").await.unwrap_err();
    let empty = intake(&limits, Script::new(&[&[]])).fetch("http://empty.example/").await.unwrap_err();
    let closed = intake(&limits, Script::new(&[])).fetch("http://127.0.0.1:9/").await.unwrap_err();
    for (error, expected) in
        [(unknown, "no such host is known"), (empty, "no such host"), (closed, "it refuses connections")]
    {
        assert_eq!((error.code(), error.is_transient()), ("posting_unreachable", true));
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn tls_with_whom_does_not_speak_it_is_unreachable() {
    let server = Server::always(page("plain")).await;
    let intake = intake(&limits(&[&server.authority()]), Script::new(&[]));
    let error = intake.fetch(&format!("https://{}/", server.authority())).await.unwrap_err();
    assert_eq!((error.code(), error.is_transient()), ("posting_unreachable", true), "{error}");
    assert!(error.to_string().contains("no secure connection"), "{error}");
}

#[tokio::test]
async fn without_certificates_plain_http_still_works() {
    let server = Server::always(page("plain")).await;
    let url: url::Url = server.url("/").parse().unwrap();
    let address = server.authority().parse().unwrap();
    let target = Target { host: "127.0.0.1".to_owned(), addresses: vec![address], url: url.clone() };
    let tls = tls(rustls::RootCertStore::empty()).unwrap();
    let client = client(&tls, &target, Duration::from_secs(5)).unwrap();
    assert_eq!(client.get(url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn redirects_are_followed_to_their_end() {
    let server = Server::start(|path| match path {
        "/one" => redirect(301, "/two?x=1"),
        "/two?x=1" => redirect(303, "three"),
        "/three" => redirect(308, "//127.0.0.1:0/"),
        _ => page("end"),
    })
    .await;
    let error = fetch(&server, "/one").await.unwrap_err();
    assert_eq!(error.code(), "address_not_allowed", "port 0 is not the allowed one");
    let server = Server::start(|path| match path {
        "/one" => redirect(301, "/two?x=1"),
        "/two?x=1" => redirect(307, "three"),
        "/three" => redirect(302, "/end"),
        _ => page("end"),
    })
    .await;
    let fetched = fetch(&server, "/one").await.unwrap();
    assert_eq!((fetched.url, &*fetched.bytes), (server.url("/end"), b"end" as &[u8]));
    assert!(server.heads().iter().all(|head| !head.to_lowercase().contains("referer")));
}

#[tokio::test]
async fn a_circle_of_redirects_is_left() {
    let server = Server::always(redirect(302, "/again")).await;
    let error = fetch(&server, "/").await.unwrap_err();
    assert_eq!((error.code(), error.is_transient()), ("too_many_redirects", false));
    assert_eq!(server.heads().len(), 4, "the first address and three redirects");
}
