//! Sends finished spans to the collector: in batches, from a thread of its own, within bounds. Nobody waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter,
};
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use uuid::Uuid;

use crate::config;
use crate::telemetry::traces::shape;

/// What is left to send at the end of the process may take so long: nobody restarts a service slowly for its traces.
pub(in crate::telemetry) const FLUSH: Duration = Duration::from_secs(2);
/// Spans that wait to be sent, a few kilobytes each at most; further ones are dropped.
const WAITING: usize = 4096;
/// Spans of one message.
const AT_ONCE: usize = 512;
/// Between two messages: a trace can be looked at soon after what it is about.
const EVERY: Duration = Duration::from_secs(2);
/// What sending one message may take, tries again included; longer than a healthy collector ever takes.
const MESSAGE: Duration = Duration::from_secs(5);
/// What a connection may take.
const CONNECT: Duration = Duration::from_secs(2);
/// Below the base address, as OTLP says.
const PATH: &str = "/v1/traces";

/// What makes the spans of this process and sends them.
pub(in crate::telemetry::traces) fn provider(
    settings: &config::Telemetry,
) -> Result<SdkTracerProvider, String> {
    let endpoint = format!("{}{PATH}", settings.otlp_endpoint.expose().trim_end_matches('/'));
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(client()?)
        .with_endpoint(endpoint)
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(MESSAGE)
        .build()
        // What it says repeats the address, which may have a password in it.
        .map_err(|_| "it is not an address that requests can be sent to".to_owned())?;
    let bounds = BatchConfigBuilder::default()
        .with_max_queue_size(WAITING)
        .with_max_export_batch_size(AT_ONCE)
        .with_scheduled_delay(EVERY)
        .build();
    let watched = Watched { to: exporter, is_away: AtomicBool::new(false) };
    let resource = Resource::builder()
        .with_service_name(settings.service_name.clone())
        .with_attributes([
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            // Of several processes of one name, which.
            KeyValue::new("service.instance.id", Uuid::new_v4().to_string()),
        ])
        .build();
    Ok(SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(shape::sampler(settings.sample_ratio))
        .with_span_processor(BatchSpanProcessor::builder(watched).with_batch_config(bounds).build())
        .build())
}

/// A client that waits for a bounded time and follows nobody elsewhere. Made and used outside of asynchronous work.
fn client() -> Result<Client, String> {
    // As for postings: what reqwest would bring itself finds no cryptography, and refuses all of it without roots.
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .timeout(MESSAGE)
        .connect_timeout(CONNECT)
        .build()
        .map_err(|error| format!("its client cannot be set up: {}", error.without_url()))
}

/// An exporter that says when the collector goes away and when it is back, and not with each message in between.
#[derive(Debug)]
struct Watched {
    to: opentelemetry_otlp::SpanExporter,
    is_away: AtomicBool,
}

impl SpanExporter for Watched {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        let sent = self.to.export(spans).await;
        let was_away = self.is_away.swap(sent.is_err(), Ordering::Relaxed);
        match &sent {
            Err(error) if !was_away => tracing::warn!(
                exception = %error,
                "the collector takes no traces; check that it runs and that telemetry.otlp_endpoint is its address for \
                 OTLP over HTTP. What it does not take is dropped, and nobody waits for it"
            ),
            Ok(()) if was_away => tracing::info!("the collector takes traces again"),
            _ => {}
        }
        sent
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.to.set_resource(resource);
    }
}
