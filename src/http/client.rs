//! Where a request comes from: the connection's other end, or who a trusted proxy says it asks for.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use ipnet::IpNet;

use crate::domain::audit::Actor;
use crate::http::context;
use crate::http::problem::Problem;
use crate::service::audit::Origin;
use crate::service::rates;

/// Hops that are looked at: a header may have thousands.
const MAX_HOPS: usize = 32;
/// Stands for a client that has no address: requests that come by no network share what one client has.
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The client's address, kept with the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client(pub(crate) IpAddr);

/// Where a request comes from, as use cases want it.
#[derive(Debug)]
pub(crate) struct Asked(pub(crate) Origin);

impl FromRequest for Asked {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(origin(request))))
    }
}

/// Where a request comes from; who asks is a stranger until they have shown who they are.
pub(crate) fn origin(request: &HttpRequest) -> Origin {
    let client = request.extensions().get::<Client>().map(|client| client.0);
    Origin { actor: Actor::Stranger, client, trace_id: Some(context::trace_id()) }
}

/// Whom a share of what the server has room for belongs to: the client, with all that it shares a network with.
pub(crate) fn household(request: &HttpRequest) -> IpAddr {
    request.extensions().get::<Client>().map_or(NOBODY, |client| rates::household(client.0))
}

/// The networks of these texts, each a network or an address; the configuration was checked when it was read.
pub(crate) fn networks(texts: &[String]) -> Vec<IpNet> {
    texts.iter().filter_map(|text| crate::config::network(text)).collect()
}

/// Whether the connection's other end is a proxy that is trusted.
pub(crate) fn is_trusted_proxy(peer: Option<SocketAddr>, trusted: &[IpNet]) -> bool {
    peer.is_some_and(|peer| is_in(&peer.ip().to_canonical(), trusted))
}

/// The client's address. A proxy adds the address that it was asked from at the end of `X-Forwarded-For`, and what stands
/// before that is what it was told: so the list is read from its end, for as long as who wrote an entry is trusted.
pub(crate) fn client(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut client = peer?.ip().to_canonical();
    // Bytes that are no text spoil the entry that they stand in, not what a proxy wrote behind it.
    let lines: Vec<_> = headers
        .get_all("x-forwarded-for")
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    let hops: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).collect();
    for hop in hops.into_iter().rev().take(MAX_HOPS) {
        if !is_in(&client, trusted) {
            break;
        }
        let Some(address) = address(hop.trim()) else {
            break;
        };
        client = address.to_canonical();
    }
    Some(client)
}

fn is_in(address: &IpAddr, networks: &[IpNet]) -> bool {
    networks.iter().any(|network| network.contains(address))
}

/// An address as proxies write it: bare, or with a port, or in brackets.
fn address(text: &str) -> Option<IpAddr> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use crate::http::client::{client, networks};

    #[track_caller]
    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let trusted = networks(&["10.0.0.0/8".to_owned(), "2001:db8::1".to_owned()]);
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(value).unwrap());
        }
        let found = client(Some(peer.parse().unwrap()), &headers, &trusted).unwrap();
        assert_eq!(found.to_string(), expected, "{forwarded:?}");
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        check("203.0.113.5:4000", &["198.51.100.1"], "203.0.113.5");
        check("10.0.0.2:4000", &["198.51.100.1"], "198.51.100.1");
        check("10.0.0.2:4000", &["1.1.1.1, 198.51.100.1, 10.3.3.3"], "198.51.100.1");
        check("10.0.0.2:4000", &["1.1.1.1", "198.51.100.1"], "198.51.100.1");
        check("[2001:db8::1]:4000", &["[2001:db8:5::7]:443"], "2001:db8:5::7");
        check("[::ffff:10.0.0.2]:4000", &["198.51.100.1:81"], "198.51.100.1");
    }

    #[test]
    fn what_is_no_address_is_where_the_trail_ends() {
        check("10.0.0.2:4000", &[], "10.0.0.2");
        check("10.0.0.2:4000", &["unknown"], "10.0.0.2");
        check("10.0.0.2:4000", &["198.51.100.1, <script>"], "10.0.0.2");
    }
}
