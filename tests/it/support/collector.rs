//! A collector of traces of our own: OTLP over HTTP in, spans out.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate for 127.0.0.1 with its key, which protects nothing.
pub(crate) const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/collector.pem");

trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// The status of a collector that does not answer.
pub(crate) const SILENCE: u16 = 0;

/// A running collector; it ends with the test process.
pub(crate) struct Collector {
    /// The base address to give to the service.
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    status: Arc<AtomicU16>,
    messages: Arc<AtomicUsize>,
}

/// A span as it came.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    /// What it says.
    pub(crate) span: Span,
    /// What it says about who sent it.
    pub(crate) resource: Vec<KeyValue>,
}

impl Collector {
    /// Starts one that takes everything.
    pub(crate) fn start() -> Self {
        Self::listening("http", |stream| Box::new(stream))
    }

    /// The same by TLS, with the certificate of [`CERTIFICATE`].
    pub(crate) fn start_https() -> Self {
        let pem = std::fs::read(CERTIFICATE).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(&pem).unwrap()],
                PrivateKeyDer::from_pem_slice(&pem).unwrap(),
            );
        let config = Arc::new(config.unwrap());
        Self::listening("https", move |stream| {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            Box::new(rustls::StreamOwned::new(connection, stream))
        })
    }

    fn listening(scheme: &str, open: impl Fn(TcpStream) -> Box<dyn Stream> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let collector = Self {
            url,
            seen: Arc::default(),
            status: Arc::new(AtomicU16::new(200)),
            messages: Arc::default(),
        };
        let (seen, status) = (Arc::clone(&collector.seen), Arc::clone(&collector.status));
        let messages = Arc::clone(&collector.messages);
        std::thread::spawn(move || {
            let mut unanswered = Vec::new();
            for stream in listener.incoming().map_while(Result::ok) {
                stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
                let mut stream = open(stream);
                let Some(body) = body(&mut *stream) else {
                    continue;
                };
                let status = status.load(Ordering::SeqCst);
                if status == SILENCE {
                    unanswered.push(stream);
                } else {
                    let head = "content-length: 0\r\nconnection: close";
                    let _ = write!(stream, "HTTP/1.1 {status} So\r\n{head}\r\n\r\n");
                    let _ = stream.flush();
                }
                if status == 200 {
                    seen.lock().unwrap().extend(spans(&body));
                }
                messages.fetch_add(1, Ordering::SeqCst);
            }
        });
        collector
    }

    /// Answers with this status from here on, or with [`SILENCE`].
    pub(crate) fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// Messages so far, taken or not.
    pub(crate) fn messages(&self) -> usize {
        self.messages.load(Ordering::SeqCst)
    }

    /// All spans that it took.
    pub(crate) fn spans(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// The body of one message; `None` when whoever came said nothing.
fn body(stream: &mut dyn Stream) -> Option<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_ascii_lowercase());
    }
    assert_eq!(head.first()?, "post /v1/traces http/1.1");
    assert!(head.contains(&"content-type: application/x-protobuf".to_owned()), "{head:?}");
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    Some(body)
}

fn spans(body: &[u8]) -> Vec<Seen> {
    let message = ExportTraceServiceRequest::decode(body).unwrap();
    let mut seen = Vec::new();
    for part in message.resource_spans {
        let resource = part.resource.map(|resource| resource.attributes).unwrap_or_default();
        for span in part.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            seen.push(Seen { span, resource: resource.clone() });
        }
    }
    seen
}

impl Seen {
    /// Its trace, as people write it.
    pub(crate) fn trace(&self) -> String {
        hex(&self.span.trace_id)
    }

    /// An attribute as text; empty where there is none.
    pub(crate) fn attribute(&self, name: &str) -> String {
        text(&self.span.attributes, name)
    }

    /// The same of who sent it.
    pub(crate) fn sender(&self, name: &str) -> String {
        text(&self.resource, name)
    }
}

/// Bytes as people write them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(attributes: &[KeyValue], name: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    match found.and_then(|found| found.value.clone()).and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => other.map(|other| format!("{other:?}")).unwrap_or_default(),
    }
}
