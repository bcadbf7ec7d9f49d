//! A bucket of blobs: Amazon S3, or a server that speaks its protocol.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::client::{HttpClient, HttpConnector, SpawnService};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientConfigKey, ClientOptions, ObjectStore, RetryConfig};
use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;

use crate::blobs::error::BlobError;
use crate::config::Storage;

/// Where a bucket is when nothing is said.
const REGION: &str = "us-east-1";
/// What we say that we are.
const USER_AGENT: &str = concat!("resume-optimizer/", env!("CARGO_PKG_VERSION"));
/// Until a connection must stand: a store is near, and who waits for it is a person.
const CONNECT: Duration = Duration::from_secs(3);
/// Connections that stay open with nothing to do: as many as are busy in an hour of many uploads and downloads.
const IDLE: usize = 32;
/// The first pause before a request is tried again, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// How a platform tells what runs in it which role it has. These are no settings of ours: nobody writes them by hand.
const ROLES: [(&str, AmazonS3ConfigKey); 7] = [
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", AmazonS3ConfigKey::WebIdentityTokenFile),
    ("AWS_ENDPOINT_URL_STS", AmazonS3ConfigKey::StsEndpoint),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AmazonS3ConfigKey::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AmazonS3ConfigKey::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", AmazonS3ConfigKey::ContainerAuthorizationTokenFile),
];

/// Opens the bucket; asks it nothing.
///
/// # Errors
/// When what is configured makes no sense, or outside of a runtime.
pub(in crate::blobs) fn open(storage: &Storage) -> Result<(Arc<dyn ObjectStore>, Path), BlobError> {
    let prefix = Path::parse(storage.s3_prefix.trim_matches('/'))
        .map_err(|error| setup(format!("storage.s3_prefix takes names with / between them: {error}")))?;
    let timeout = Duration::from_secs(storage.timeout_seconds);
    let region = if storage.s3_region.is_empty() { REGION } else { &storage.s3_region };
    let (first, longest) = PAUSES;
    let tries = u32::try_from(storage.retries).unwrap_or(u32::MAX).saturating_add(1);
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&storage.s3_bucket)
        .with_region(region)
        // In plain where the address says so, and nowhere else.
        .with_allow_http(storage.s3_endpoint.starts_with("http://"))
        // Each provider deletes one by one; not each has Amazon's way to delete many.
        .with_disable_bulk_delete(true)
        .with_retry(RetryConfig {
            backoff: BackoffConfig { init_backoff: first, max_backoff: longest, base: 2.0 },
            max_retries: storage.retries,
            retry_timeout: timeout.saturating_mul(tries),
        })
        .with_http_connector(Connector { tls: tls()?, timeout, io: runtime()? });
    if !storage.s3_endpoint.is_empty() {
        builder = builder.with_endpoint(&storage.s3_endpoint);
    }
    if storage.s3_access_key_id.is_empty() {
        for (name, key) in ROLES {
            if let Ok(value) = std::env::var(name) {
                builder = builder.with_config(key, value);
            }
        }
    } else {
        builder = builder
            .with_access_key_id(storage.s3_access_key_id.expose())
            .with_secret_access_key(storage.s3_secret_access_key.expose());
    }
    let bucket = builder.build().map_err(|error| setup(error.to_string()))?;
    Ok((Arc::new(PrefixStore::new(bucket, prefix.clone())), prefix))
}

fn setup(reason: String) -> BlobError {
    BlobError::Setup(reason)
}

/// Where connections live. Not on the thread that happens to ask first: those of the server end before the workers'.
fn runtime() -> Result<Handle, BlobError> {
    Handle::try_current().map_err(|error| setup(error.to_string()))
}

/// How to speak TLS: by the certificates that this machine trusts. Without any, each server is refused, and plain http
/// still works.
fn tls() -> Result<ClientConfig, BlobError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let versions = builder
        .with_safe_default_protocol_versions()
        .map_err(|error| setup(format!("TLS cannot be set up: {error}")))?;
    let mut tls = versions.with_root_certificates(roots).with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
}

/// Makes clients with our TLS: the store's own would look for a provider that the process has none of.
#[derive(Debug)]
struct Connector {
    tls: ClientConfig,
    timeout: Duration,
    io: Handle,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let in_plain = options.get_config_value(&ClientConfigKey::AllowHttp).as_deref() == Some("true");
        let client = Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .https_only(!in_plain)
            .http1_only()
            // A bucket that is elsewhere is a mistake to be told of; and what is signed is signed for one place.
            .redirect(Policy::none())
            .referer(false)
            // The store above tries again, and counts.
            .retry(reqwest::retry::never())
            // Bytes as they are kept, so that their number is right.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT.min(self.timeout))
            .timeout(self.timeout)
            .pool_max_idle_per_host(IDLE)
            .build()
            .map_err(|error| object_store::Error::Generic {
                store: "S3",
                source: Box::new(error.without_url()),
            })?;
        Ok(HttpClient::new(SpawnService::new(client, self.io.clone())))
    }
}
