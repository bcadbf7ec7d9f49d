//! No spelling of an address leads inward: a listener on every address of this machine would see who comes.

use std::net::UdpSocket;

use serde_json::json;

use crate::support::documents::POSTING;
use crate::support::service::World;
use crate::support::site::{Page, Site};

/// Ways to write an address that means this machine, each followed by a port and a path.
const HOSTS: [&str; 46] = [
    "http://127.0.0.1",
    "http://127.0.0.1.",
    "http://127.0.0.2",
    "http://127.255.255.254",
    "http://127.1",
    "http://127.0.1",
    "http://0",
    "http://0.0.0.0",
    "http://00.0.0",
    "http://2130706433",
    "http://0x7f000001",
    "http://0X7F000001",
    "http://0x7F.0x0.0x0.0x1",
    "http://0x7f.1",
    "http://017700000001",
    "http://0177.0.0.01",
    "http://00000177.0.0.1",
    "http://0177.0x0.1",
    "http://127.0.0x1",
    "http://①②⑦.⓪.⓪.①",
    "http://127。0。0。1",
    "http://１２７.0.0.1",
    "http://%31%32%37.0.0.1",
    "http://127%2E0%2E0%2E1",
    "http://[::]",
    "http://[::1]",
    "http://[0:0:0:0:0:0:0:1]",
    "http://[0000::0001]",
    "http://[::127.0.0.1]",
    "http://[::ffff:127.0.0.1]",
    "http://[::FFFF:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://[0:0:0:0:0:ffff:127.0.0.2]",
    "http://[64:ff9b::127.0.0.1]",
    "http://[2002:7f00:1::]",
    "http://localhost",
    "http://LOCALHOST",
    "http://localhost.",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "http://inner.localhost",
    "https://127.0.0.1",
    "https://localhost",
    "http:\\\\127.0.0.1",
    "http:////127.0.0.1",
    "http://127.0.0.1\t",
    "hTTp:127.0.0.1",
];

/// Addresses that no page has, and one that hides another.
const FORMS: [&str; 20] = [
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "gopher://127.0.0.1:{port}/_GET",
    "ftp://127.0.0.1:{port}/",
    "dict://127.0.0.1:{port}/stat",
    "ldap://127.0.0.1:{port}/",
    "tftp://127.0.0.1:{port}/",
    "ws://127.0.0.1:{port}/",
    "netdoc://127.0.0.1:{port}/",
    "jar:http://127.0.0.1:{port}!/",
    "view-source:http://127.0.0.1:{port}/",
    "unix:/var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
    "data:text/html,secret",
    "javascript:fetch('http://127.0.0.1:{port}/')",
    "http://user@127.0.0.1:{port}/",
    "http://user:hunter2@127.0.0.1:{port}/",
    "http://example.com:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@example.com/",
    "http://[::1%25lo]:{port}/",
];

/// The address under which others know this machine, if there is one. No packet is sent for it.
fn outward() -> Option<String> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    let private = matches!(address, std::net::IpAddr::V4(address) if address.is_private());
    private.then(|| format!("http://{address}"))
}

fn tricks(port: &str) -> Vec<String> {
    let hosts = HOSTS.iter().map(ToString::to_string).chain(outward());
    let hosts = hosts.map(|host| format!("{host}:{port}/inside"));
    hosts.chain(FORMS.iter().map(|form| form.replace("{port}", port))).collect()
}

#[tokio::test]
async fn nothing_written_and_nothing_sent_on_to_leads_inward() {
    // On every address of both families, so that whatever slips through arrives somewhere.
    let inside = Site::start_at("[::]:0", |_| Some(Page::Body("200 OK", "text/plain", POSTING.to_owned())));
    let port = inside.authority.rsplit(':').next().unwrap().to_owned();
    let tricks = tricks(&port);
    assert!(tricks.len() >= 60);
    let elsewhere = tricks.clone();
    let outside = Site::start(move |path| {
        let number = path.strip_prefix("/on/")?.parse::<usize>().ok()?;
        Some(Page::Redirect(elsewhere.get(number)?.clone()))
    });

    let world = World::on_sqlite();
    let allowed = format!("[intake]\nallow_private_hosts = [\"{}\"]\n", outside.authority);
    world.file("config.toml", allowed);
    let service = world.serve(&["--all"]);
    let api = service.api().register("mira@example.org").await;
    let file = api.upload_resume().await;
    let analyze = |url: String| {
        let body = json!({ "file_id": file, "job_url": url });
        let api = &api;
        async move { api.post("/analyze", &body).await }
    };
    for (number, trick) in tricks.iter().enumerate() {
        let answer = analyze(trick.clone()).await;
        let code = answer.json()["code"].clone();
        assert!(code == "address_not_allowed" || code == "invalid_request", "{trick}: {code}");
        assert!(!answer.text().contains("hunter2"), "{trick}");
        let code = analyze(outside.url(&format!("/on/{number}"))).await.expect(422).json()["code"].clone();
        // Without slashes it is a path of the site that sends there.
        let expected = if trick.starts_with("hTTp:1") { "posting_not_found" } else { "address_not_allowed" };
        assert_eq!(code, expected, "{trick}");
    }
    assert_eq!(outside.visits("/on/0"), 1);
    assert_eq!(inside.connections(), 0, "somebody came in");

    // The listener hears: what an operator allows by name and port is visited.
    drop(service);
    world.file("config.toml", format!("[intake]\nallow_private_hosts = [\"127.0.0.1:{port}\"]\n"));
    let service = world.serve(&["--all"]);
    let api = service.api().register("nils@example.org").await;
    let body =
        json!({ "file_id": api.upload_resume().await, "job_url": format!("http://127.0.0.1:{port}/inside") });
    api.post("/analyze", &body).await.expect(200);
    assert_eq!((inside.visits("/inside"), inside.connections()), (1, 1));
}
