//! The guard of the way out: an address is fetched only when it is a public page's, or allowed by name.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use url::{Host, Url};

use crate::intake::address::is_public;
use crate::intake::error::IntakeError;
use crate::intake::names::Names;

/// Longest address taken; longer ones carry something else than a page's name.
const MAX_URL_BYTES: usize = 2048;
/// Longest name that the DNS knows.
const MAX_HOST_BYTES: usize = 253;

/// Decides what may be fetched.
#[derive(Debug)]
pub(crate) struct Guard {
    names: Arc<dyn Names>,
    allowed: Vec<Allowed>,
    /// `is_public`, except where a test needs an inside and an outside of its own.
    is_public: fn(IpAddr) -> bool,
}

/// A host that may be private, at one port or at any.
#[derive(Debug)]
struct Allowed {
    host: Host,
    port: Option<u16>,
}

/// An address that was checked, and the only machines that may be connected to for it.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) host: String,
    pub(crate) addresses: Vec<SocketAddr>,
}

impl Guard {
    /// A guard that lets these hosts be private, each as `host` or `host:port`.
    pub(crate) fn new(allow_private_hosts: &[String], names: Arc<dyn Names>) -> Result<Self, IntakeError> {
        let allowed =
            allow_private_hosts.iter().map(|entry| Allowed::parse(entry)).collect::<Result<_, _>>()?;
        Ok(Self { names, allowed, is_public })
    }

    /// Resolves the host of the address once; what comes back is what is connected to.
    ///
    /// One address that is not public condemns all: a name that mixes them is made to slip through.
    pub(crate) async fn check(&self, url: Url) -> Result<Target, IntakeError> {
        check_form(&url)?;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(invalid("it names no host"));
        };
        let name = host.to_string();
        let may_be_private = self.allowed.iter().any(|allowed| allowed.covers(&host, port));
        let refused = || IntakeError::AddressNotAllowed { host: name.clone() };
        let addresses = match host {
            Host::Ipv4(address) => vec![SocketAddr::from((address, port))],
            Host::Ipv6(address) => vec![SocketAddr::from((address, port))],
            // Not even asked for: the answer would tell which names there are inside.
            Host::Domain(domain) if is_inner(domain) && !may_be_private => return Err(refused()),
            Host::Domain(domain) => {
                // As a whole name, which a dot ends: without, a resolver would try it below the domains of its own
                // network first, and `redis.cache.svc` be somebody inside.
                let whole = format!("{}.", domain.trim_end_matches('.'));
                let asked = if may_be_private { domain } else { &whole };
                let found = self.names.addresses(asked, port).await;
                found.map_err(|_| IntakeError::unreachable(&name, "no such host is known"))?
            }
        };
        if addresses.is_empty() {
            return Err(IntakeError::unreachable(&name, "no such host is known"));
        }
        if !may_be_private && !addresses.iter().all(|address| (self.is_public)(address.ip())) {
            return Err(refused());
        }
        Ok(Target { host: name, addresses, url })
    }
}

impl Allowed {
    fn parse(entry: &str) -> Result<Self, IntakeError> {
        let refused = || {
            IntakeError::Setup(format!(
                "intake.allow_private_hosts takes host or host:port, and {entry:?} is neither"
            ))
        };
        let is_bare_v6 = entry.matches(':').count() > 1 && !entry.starts_with('[');
        let (host, port) = match entry.rsplit_once(':') {
            _ if is_bare_v6 => (format!("[{entry}]"), None),
            Some((host, port)) if !port.ends_with(']') => {
                (host.to_owned(), Some(port.parse().map_err(|_| refused())?))
            }
            _ => (entry.to_owned(), None),
        };
        Ok(Self { host: Host::parse(&host).map_err(|_| refused())?, port })
    }

    fn covers(&self, host: &Host<&str>, port: u16) -> bool {
        self.host == *host && self.port.is_none_or(|allowed| allowed == port)
    }
}

/// The address that a person wrote. Whether it may be fetched is for [`Guard::check`] to say.
pub(crate) fn parse(text: &str) -> Result<Url, IntakeError> {
    let text = text.trim();
    if text.len() > MAX_URL_BYTES {
        return Err(invalid(&format!(
            "it has {} characters, and at most {MAX_URL_BYTES} are taken",
            text.len()
        )));
    }
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => invalid("it has to begin with https:// or http://"),
        _ => invalid("it cannot be read as one"),
    })?;
    check_form(&url)?;
    Ok(url)
}

/// What holds for every address, also for one that a page sends on to.
fn check_form(url: &Url) -> Result<(), IntakeError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("it has to begin with https:// or http://"));
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| invalid("it names no host"))?;
    if host.len() > MAX_HOST_BYTES {
        return Err(invalid("the name of its host is too long"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(&format!("there is a user name or a password before {host}")));
    }
    Ok(())
}

/// Names that no public page has: those of one label, and those below the labels that are kept for networks of one's own
/// (RFC 6761, 6762, 8375, and ICANN's `internal`) or that lead to addresses (RFC 3172).
fn is_inner(domain: &str) -> bool {
    const LAST: &[&str] =
        &["localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa"];
    let domain = domain.trim_end_matches('.');
    match domain.rsplit_once('.') {
        None => true,
        Some((_, last)) => LAST.iter().any(|inner| last.eq_ignore_ascii_case(inner)),
    }
}

fn invalid(reason: &str) -> IntakeError {
    IntakeError::InvalidUrl { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::io;
    use std::net::{IpAddr, SocketAddr};
    use std::sync::Arc;

    use async_trait::async_trait;

    use crate::intake::error::IntakeError;
    use crate::intake::guard::{Guard, parse};
    use crate::intake::names::Names;

    impl Guard {
        /// The same guard with another opinion of what is public.
        pub(crate) fn with_public(self, is_public: fn(IpAddr) -> bool) -> Self {
            Self { is_public, ..self }
        }
    }

    /// Some names that lead inward, and all others outward.
    #[derive(Debug)]
    struct FewNames;

    #[async_trait]
    impl Names for FewNames {
        async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
            let all = match host.trim_end_matches('.') {
                "one.example" => "10.0.0.1",
                // Somebody inside, unless the whole name is asked for.
                "db.prod.svc" if !host.ends_with('.') => "10.0.0.2",
                "two.example" => "8.8.8.8 192.168.1.1",
                "three.example" => "8.8.8.8 2606:4700::1 fd00::1",
                "metadata.google.internal" => "169.254.169.254",
                "mapped.example" => "::ffff:10.0.0.1",
                "nat64.example" => "64:ff9b::a00:1",
                "127.0.0.1.nip.example" | "localtest.example" | "machine" => "127.0.0.1",
                "six.example" => "::1",
                "both.example" => "1.1.1.1 2606:4700::1",
                "nobody.example" | "db.prod.svc" => "",
                _ => "93.184.216.34",
            };
            Ok(all.split_whitespace().map(|ip| SocketAddr::new(ip.parse().unwrap(), port)).collect())
        }
    }

    async fn code(allowed: &[&str], address: &str) -> &'static str {
        let allowed: Vec<String> = allowed.iter().map(|host| (*host).to_owned()).collect();
        let guard = Guard::new(&allowed, Arc::new(FewNames)).unwrap();
        let checked = match parse(address) {
            Ok(url) => guard.check(url).await,
            Err(error) => Err(error),
        };
        match checked {
            Ok(target) => {
                assert!(!target.addresses.is_empty());
                "ok"
            }
            Err(error) => {
                assert!(error.to_string().contains("paste the posting's text"), "{error}");
                assert!(!error.to_string().contains("hunter2"), "{error}");
                error.code()
            }
        }
    }

    #[tokio::test]
    async fn every_spelling_of_an_inner_address_is_refused() {
        for address in [
            "http://127.0.0.1/",
            "http://127.0.0.1:8000/",
            "http://127.0.0.1./",
            "http://127.1/",
            "http://127.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7F.0x0.0x0.0x1/",
            "http://017700000001/",
            "http://0177.0.0.01/",
            "http://0177.0x0.1/",
            "http://00000177.0.0.1/",
            "http://127.0.0.1\t/",
            "http:127.0.0.1/",
            "http:/127.0.0.1/",
            "http:\\\\127.0.0.1\\",
            "http:////127.0.0.1/",
            "HTTP://127.0.0.1/",
            "  http://127.0.0.1/  ",
            "https://127.0.0.1/",
            "http://①②⑦.⓪.⓪.①/",
            "http://127。0。0。1/",
            "http://１２７.0.0.1/",
            "http://%31%32%37.0.0.1/",
            "http://0/",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://[::1]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[0000::0001]/",
            "http://[::127.0.0.1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::FFFF:127.0.0.1]:80/",
            "http://[0:0:0:0:0:ffff:10.0.0.1]/",
            "http://[64:ff9b::127.0.0.1]/",
            "http://[64:ff9b:1::10.0.0.1]/",
            "http://[2002:7f00:1::]/",
            "http://[2001:0:53aa:64c::1]/",
            "http://[fe80::1]/",
            "http://[fd00:ec2::254]/",
            "http://[ff02::1]/",
            "http://10.0.0.1/",
            "http://10.1/",
            "http://167772161/",
            "http://172.16.5.4/",
            "http://192.168.0.1/",
            "http://3232235521/",
            "http://0xC0A80001/",
            "http://169.254.169.254/latest/meta-data/",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://0251.0376.0251.0376/",
            "http://[::ffff:169.254.169.254]/",
            "http://100.100.100.200/",
            "http://168.63.129.16/",
            "http://192.0.0.192/",
            "http://198.18.0.1/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://localhost/",
            "http://LOCALHOST/",
            "http://localhost./",
            "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
            "http://a.localhost/",
            "http://public.example.localhost:80/",
            "http://one.example/",
            "http://two.example/",
            "http://three.example/",
            "http://six.example/",
            "http://metadata.google.internal/",
            "http://mapped.example/",
            "http://nat64.example/",
            "http://127.0.0.1.nip.example/",
            "http://localtest.example/",
            "http://machine/",
            "http://redis/",
            "http://nothing.internal/",
            "http://printer.local./",
            "http://1.0.0.10.in-addr.arpa/",
        ] {
            assert_eq!(code(&[], address).await, "address_not_allowed", "{address}");
        }
    }

    #[tokio::test]
    async fn what_is_no_pages_address_is_refused_by_its_form() {
        for address in [
            "",
            " ",
            "job",
            "jobs.example.com/42",
            "//example.com/",
            "/etc/passwd",
            "http://",
            "http:///",
            "https://?x",
            "file:///etc/passwd",
            "file://localhost/etc/passwd",
            "ftp://example.com/",
            "gopher://127.0.0.1:6379/_INFO",
            "dict://127.0.0.1:11211/stat",
            "ldap://127.0.0.1/",
            "ws://example.com/",
            "data:text/html,hunter2",
            "javascript:alert(1)",
            "mailto:jobs@example.com",
            "view-source:http://example.com/",
            "jar:http://example.com!/",
            "unix:/var/run/docker.sock",
            "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
            "http://user:hunter2@example.com/",
            "http://user@example.com/",
            "http://:hunter2@example.com/",
            "http://example.com:80@127.0.0.1/",
            "http://example.com%40127.0.0.1/",
            "http://127.0.0.1:6379\\@example.com:80@evil.example/",
            "http://[::1%25eth0]/",
            "http://[fe80::1%eth0]/",
            "http://[::1/",
            "http://1.2.3.4.5/",
            "http://256.0.0.1/",
            "http://0x100000000/",
            "http://127.0.0.1:99999/",
            "http://exa mple.com/",
            "http://example.com:port/",
            "http://a^b.example/",
        ] {
            let found = code(&[], address).await;
            // A backslash ends the host as a slash does, so what follows is a path: the host decides.
            let expected = if address.contains("6379\\@") { "address_not_allowed" } else { "invalid_url" };
            assert_eq!(found, expected, "{address}");
        }
        let long = format!("https://example.com/{}", "a".repeat(2048));
        assert_eq!(code(&[], &long).await, "invalid_url");
        assert_eq!(code(&[], &format!("https://{}.example/", "a.".repeat(200))).await, "invalid_url");
    }

    #[tokio::test]
    async fn public_pages_pass() {
        for address in [
            "https://example.com/jobs/1?x=%40#top",
            "http://example.com:8080/",
            "http://EXAMPLE.com./",
            "https://bücher.example/",
            "http://8.8.8.8/",
            "http://[2606:4700::6810:84e5]/",
            "http://[::ffff:8.8.8.8]/",
            "http://both.example/",
            "http://notlocalhost.example/",
            "http://@example.com/",
        ] {
            assert_eq!(code(&[], address).await, "ok", "{address}");
        }
        assert_eq!(code(&[], "http://nobody.example/").await, "posting_unreachable");
        assert_eq!(
            code(&[], "http://db.prod.svc/").await,
            "posting_unreachable",
            "it tells nobody who is inside"
        );
    }

    #[tokio::test]
    async fn a_private_host_passes_by_its_very_name_and_port() {
        let allowed = &[
            "machine",
            "db.prod.svc",
            "One.Example:8080",
            "127.0.0.1:9000",
            "[::1]:9000",
            "fd00::1",
            "localhost:9000",
        ];
        for address in [
            "http://machine/",
            "http://db.prod.svc/",
            "http://machine:1234/",
            "http://one.example:8080/",
            "http://127.0.0.1:9000/",
            "http://0x7f.1:9000/",
            "http://[::1]:9000/",
            "http://[fd00::1]/",
            "http://localhost:9000/",
        ] {
            assert_eq!(code(allowed, address).await, "ok", "{address}");
        }
        for address in [
            "http://one.example/",
            "http://127.0.0.1/",
            "http://127.0.0.1:9001/",
            "http://127.0.0.2:9000/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]:9000/",
            "http://six.example:9000/",
            "http://localhost:9001/",
            "http://a.localhost:9000/",
            "http://machine.one.localhost/",
        ] {
            assert_eq!(code(allowed, address).await, "address_not_allowed", "{address}");
        }
    }

    #[test]
    fn a_setting_that_is_no_host_is_refused() {
        for entry in
            ["", ":80", "a b", "host:", "host:http", "host:70000", "http://host", "[::1", "1.2.3.4.5"]
        {
            let error = Guard::new(&[entry.to_owned()], Arc::new(FewNames)).unwrap_err();
            assert!(matches!(error, IntakeError::Setup(_)), "{entry}");
        }
    }
}
