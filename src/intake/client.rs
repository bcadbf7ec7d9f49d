//! The client of one request: it can connect to the checked machines and to nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tracing::warn;

use crate::intake::error::IntakeError;
use crate::intake::guard::Target;

/// What we say that we are: the truth.
const USER_AGENT: &str = concat!("resume-optimizer/", env!("CARGO_PKG_VERSION"));

/// The certificates that this machine trusts. Reads files, so once and at the start.
pub(crate) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        warn!("this machine trusts no certificates, so no posting can be fetched over https");
    }
    roots
}

/// How to speak TLS. Without roots every certificate is refused, and plain http still works: the verifier
/// that reqwest would bring fails as a whole instead, and so does its way to find a provider.
pub(crate) fn tls(roots: RootCertStore) -> Result<ClientConfig, IntakeError> {
    let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| IntakeError::Setup(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A resumed session would tell the server who came before.
    tls.resumption = Resumption::disabled();
    Ok(tls)
}

/// A client that follows nothing, remembers nothing, goes through no proxy and knows no other address.
pub(crate) fn client(
    tls: &ClientConfig,
    target: &Target,
    connect_timeout: Duration,
) -> Result<Client, IntakeError> {
    Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .dns_resolver(Pinned(target.addresses.clone()))
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .user_agent(USER_AGENT)
        .connect_timeout(connect_timeout)
        .pool_max_idle_per_host(0)
        .build()
        .map_err(|error| IntakeError::Setup(format!("the client cannot be set up: {}", error.without_url())))
}

/// Answers every name with the checked addresses. A map from the name would be asked with another spelling
/// one day, and fall through to the system.
#[derive(Debug)]
struct Pinned(Vec<SocketAddr>);

impl Resolve for Pinned {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::net::SocketAddr;

    use reqwest::dns::Resolve;

    use crate::intake::client::Pinned;

    #[tokio::test]
    async fn any_name_leads_to_the_checked_addresses() {
        let checked: Vec<SocketAddr> =
            vec!["192.0.2.1:443".parse().unwrap(), "192.0.2.2:443".parse().unwrap()];
        for name in ["a.example", "A.EXAMPLE.", "localhost", "xn--bcher-kva.example"] {
            let found = Pinned(checked.clone()).resolve(name.parse().unwrap()).await.unwrap();
            assert_eq!(found.collect::<Vec<_>>(), checked, "{name}");
        }
    }
}
