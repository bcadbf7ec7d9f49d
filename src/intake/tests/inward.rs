//! Nothing leads inward: listeners on this machine would see who comes.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use crate::intake::Intake;
use crate::intake::guard::Guard;
use crate::intake::tests::server::{Server, answer, page, redirect};
use crate::intake::tests::{Script, fetch, intake, limits};

#[tokio::test]
async fn no_redirect_leads_inward() {
    let inside = Server::always(page("secret")).await;
    let port = inside.port();
    for to in [
        format!("http://127.0.0.1:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://0177.0.0.1:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://inside.example:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("http://user:password@127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
        "gopher://127.0.0.1:6379/_INFO".to_owned(),
        "data:text/html,secret".to_owned(),
        "http://[bad".to_owned(),
    ] {
        let outside = Server::always(redirect(302, &to)).await;
        let limits = limits(&[&outside.authority()]);
        let intake = intake(&limits, Script::new(&[&["127.0.0.1"]]));
        let error = intake.fetch(&outside.url("/")).await.unwrap_err();
        assert_eq!((error.code(), error.is_transient()), ("address_not_allowed", false), "{to}: {error}");
        assert!(!error.to_string().contains("password"), "{error}");
    }
    let nowhere = Server::always(answer(302, &[], b"")).await;
    assert_eq!(fetch(&nowhere, "/").await.unwrap_err().code(), "address_not_allowed");
    inside.was_left_alone().await;
}

/// One inside and one outside on this machine, at the same port.
async fn two_servers() -> (Server, Server) {
    let outside = Server::start(|path| match path {
        "/away" => redirect(302, "/page"),
        _ => page("outside"),
    })
    .await;
    let inside = Server::start_at(&format!("127.0.0.2:{}", outside.port()), |_| page("secret")).await;
    (outside, inside)
}

fn first_is_public(address: IpAddr) -> bool {
    address == IpAddr::V4(Ipv4Addr::LOCALHOST)
}

fn rebinding(names: Arc<Script>) -> Intake {
    let guard = Guard::new(&[], names).unwrap().with_public(first_is_public);
    Intake::build(&limits(&[]), guard).unwrap()
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_asked_once_a_hop() {
    let (outside, inside) = two_servers().await;
    let names = Script::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let url = format!("http://rebind.example:{}/page", outside.port());
    let fetched = rebinding(Arc::clone(&names)).fetch(&url).await.unwrap();
    assert_eq!(fetched.bytes, "outside");
    assert_eq!(*names.names.lock().unwrap(), ["rebind.example."]);

    let names = Script::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let url = format!("http://rebind.example:{}/away", outside.port());
    let error = rebinding(names).fetch(&url).await.unwrap_err();
    assert_eq!(error.code(), "address_not_allowed", "the second hop asks again and is refused");
    inside.was_left_alone().await;
}

#[tokio::test]
async fn one_private_address_among_public_ones_condemns_a_name() {
    let (outside, inside) = two_servers().await;
    for answers in [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"]] {
        let url = format!("http://mixed.example:{}/page", outside.port());
        let error = rebinding(Script::new(&[&answers])).fetch(&url).await.unwrap_err();
        assert_eq!(error.code(), "address_not_allowed");
    }
    outside.was_left_alone().await;
    inside.was_left_alone().await;
}
