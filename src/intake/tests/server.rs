//! A small HTTP server for tests: one answer a connection, and a count of who came.

#![expect(clippy::expect_used, reason = "a test may panic; that is how it reports")]

use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Head and body, then the end.
    Bytes(Vec<u8>),
    /// Head, and a body that goes on for as long as someone listens.
    Endless(Vec<u8>),
    /// These bytes, then nothing, on an open connection.
    Silence(Vec<u8>),
}

/// A server on a port of its own; it stops with the test's runtime.
pub(crate) struct Server {
    address: SocketAddr,
    visitors: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server on this machine's first address.
    pub(crate) async fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", answer).await
    }

    /// A server on this address.
    pub(crate) async fn start_at(
        address: &str,
        answer: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let (visitors, heads) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, seen, answer) = (Arc::clone(&visitors), Arc::clone(&heads), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, Arc::clone(&seen), Arc::clone(&answer)));
            }
        });
        Self { address, visitors, heads }
    }

    /// A server that answers everything with the same.
    pub(crate) async fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone()).await
    }

    /// `host:port`, as settings allow it.
    pub(crate) fn authority(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Fails when anybody has connected, whatever was sent. Connections are taken in their order, so once this
    /// one is answered, all earlier ones have been counted.
    pub(crate) async fn was_left_alone(&self) {
        let mut stream = TcpStream::connect(self.address).await.expect("the server listens");
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("the server reads");
        stream.read_to_end(&mut Vec::new()).await.expect("the server answers");
        assert_eq!(self.visitors.load(Ordering::SeqCst), 1, "somebody came: {:?}", self.heads());
    }

    /// The heads of all requests.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no test panics while it holds this").clone()
    }
}

async fn serve<A: Fn(&str) -> Reply>(mut stream: TcpStream, seen: Arc<Mutex<Vec<String>>>, answer: Arc<A>) {
    let mut head = Vec::new();
    let mut part = [0; 1024];
    // A greeting of TLS has no end that this server knows.
    while !head.ends_with(b"\r\n\r\n") && !head.starts_with(b"\x16") {
        match stream.read(&mut part).await {
            Ok(count) if count > 0 => head.extend(part.iter().take(count)),
            _ => break,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().expect("no test panics while it holds this").push(head);
    match answer(&path) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Endless(bytes) => {
            let _ = stream.write_all(&bytes).await;
            while stream.write_all(&[b'a'; 8192]).await.is_ok() {}
        }
        Reply::Silence(bytes) => {
            let _ = stream.write_all(&bytes).await;
            // Until the other side goes away.
            while stream.read(&mut part).await.is_ok_and(|count| count > 0) {}
        }
    }
}

/// An answer with these lines in its head.
pub(crate) fn answer(status: u16, lines: &[&str], body: &[u8]) -> Reply {
    Reply::Bytes([head(status, lines).as_slice(), body].concat())
}

/// The head of an answer whose body ends with the connection.
pub(crate) fn head(status: u16, lines: &[&str]) -> Vec<u8> {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("HTTP/1.1 {status} Test\r\nConnection: close\r\n{lines}\r\n").into_bytes()
}

/// A page.
pub(crate) fn page(body: &str) -> Reply {
    answer(200, &["Content-Type: text/html; charset=utf-8"], body.as_bytes())
}

/// An answer of an API.
pub(crate) fn json(body: &serde_json::Value) -> Reply {
    answer(200, &["Content-Type: application/json"], body.to_string().as_bytes())
}

/// A redirect.
pub(crate) fn redirect(status: u16, to: &str) -> Reply {
    answer(status, &[&format!("Location: {to}"), "Content-Length: 0"], b"")
}

/// Bytes as gzip makes them small.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}
