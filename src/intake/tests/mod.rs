//! Intake against small servers on this machine: what is fetched, what is refused, and who is never asked.

#![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

mod board_data;
mod inward;
mod pages;
mod server;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::config;
use crate::intake::guard::Guard;
use crate::intake::names::Names;
use crate::intake::tests::server::Server;
use crate::intake::{Fetched, Intake, IntakeError};

fn limits(allowed: &[&str]) -> config::Intake {
    config::Intake {
        timeout_seconds: 5,
        max_bytes: 100_000,
        max_redirects: 3,
        allow_private_hosts: allowed.iter().map(|host| (*host).to_owned()).collect(),
        max_text_bytes: 65_536,
        board_base_urls: BTreeMap::new(),
    }
}

/// Names as this test has them; each lookup gives the next answer, and the last one for ever.
#[derive(Debug)]
struct Script {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
    names: Mutex<Vec<String>>,
}

impl Script {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |addresses: &&[&str]| addresses.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self {
            answers: answers.iter().map(parse).collect(),
            asked: AtomicUsize::new(0),
            names: Mutex::default(),
        })
    }
}

#[async_trait]
impl Names for Script {
    async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.names.lock().unwrap().push(host.to_owned());
        let at = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len().saturating_sub(1));
        let found = self.answers.get(at).ok_or(io::ErrorKind::NotFound)?;
        Ok(found.iter().map(|address| SocketAddr::from((*address, port))).collect())
    }
}

fn intake(limits: &config::Intake, names: Arc<Script>) -> Intake {
    Intake::build(limits, Guard::new(&limits.allow_private_hosts, names).unwrap()).unwrap()
}

/// Fetches from a server that is allowed; names are unknown.
async fn fetch(server: &Server, path: &str) -> Result<Fetched, IntakeError> {
    intake(&limits(&[&server.authority()]), Script::new(&[])).fetch(&server.url(path)).await
}

#[test]
fn settings_that_cannot_be_used_stop_the_start() {
    let refused = |limits: config::Intake| Intake::new(&limits).unwrap_err().to_string();
    assert!(refused(limits(&["a b"])).contains("intake.allow_private_hosts"));
    assert!(refused(limits(&["host:99999"])).contains("host:99999"));
    for address in ["nowhere", "ftp://board.example", "http://user:hunter2@board.example"] {
        let board_base_urls = BTreeMap::from([("lever".to_owned(), address.to_owned())]);
        let error = refused(config::Intake { board_base_urls, ..limits(&[]) });
        assert!(error.contains("board_base_urls.lever") && !error.contains("hunter2"), "{error}");
    }
    assert!(format!("{:?}", Intake::new(&limits(&["db:5432"])).unwrap()).contains("5432"));
}

#[test]
fn a_fetch_may_go_on_on_another_thread() {
    fn check(_: impl Send) {}
    check(Intake::new(&limits(&[])).unwrap().fetch("https://example.com/"));
}
