//! Request rates: so many a minute for one client, fewer where guessing or reading is expensive.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, web};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

use crate::config;
use crate::http::problem::Problem;

/// Where passwords are tried: what a `POST` to any of these costs is counted together.
const SIGN_IN: &[&str] = &[
    "/api/v1/auth/register",
    "/api/v1/auth/login",
    "/api/v1/me",
    "/api/v1/me/password",
    "/signup",
    "/signin",
];
/// Where documents are read.
const UPLOAD: &[&str] = &["/api/v1/files", "/api/v1/optimize", "/api/v1/analyze", "/jobs"];

/// Requests between two looks for clients that have been quiet long enough to be forgotten.
const SWEEP_EVERY: u32 = 4096;

/// The counters of one server, shared by its threads.
#[derive(Debug)]
pub(crate) struct Limits {
    enabled: bool,
    every: DefaultKeyedRateLimiter<IpAddr>,
    sign_in: DefaultKeyedRateLimiter<IpAddr>,
    upload: DefaultKeyedRateLimiter<IpAddr>,
    requests: AtomicU32,
    uploads: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl Limits {
    /// Starts counting.
    pub(crate) fn new(config: &config::Limits, uploads_at_once: usize, streams_at_once: usize) -> Self {
        Self {
            uploads: Arc::new(Semaphore::new(uploads_at_once)),
            streams: Arc::new(Semaphore::new(streams_at_once)),
            enabled: config.enabled,
            every: RateLimiter::keyed(per_minute(config.requests_per_minute)),
            sign_in: RateLimiter::keyed(per_minute(config.sensitive_per_minute)),
            upload: RateLimiter::keyed(per_minute(config.sensitive_per_minute)),
            requests: AtomicU32::new(0),
        }
    }

    /// Slots for uploads that are held in memory.
    pub(crate) fn uploads(&self) -> Arc<Semaphore> {
        Arc::clone(&self.uploads)
    }

    /// Slots for those who watch a job.
    pub(crate) fn streams(&self) -> Arc<Semaphore> {
        Arc::clone(&self.streams)
    }

    /// Counts a request; the seconds to wait when it is one too many.
    fn refuse(&self, client: IpAddr, method: &Method, endpoint: &str) -> Option<u64> {
        if !self.enabled {
            return None;
        }
        self.sweep();
        let changes = matches!(*method, Method::POST | Method::PATCH);
        let sensitive = if changes && SIGN_IN.contains(&endpoint) {
            Some(&self.sign_in)
        } else if changes && UPLOAD.contains(&endpoint) {
            Some(&self.upload)
        } else {
            None
        };
        [Some(&self.every), sensitive].into_iter().flatten().find_map(|limiter| {
            let refused = limiter.check_key(&client).err()?;
            Some(refused.wait_time_from(DefaultClock::default().now()).as_secs().saturating_add(1))
        })
    }

    /// Without this, every address that ever asked would stay in memory.
    fn sweep(&self) {
        if self.requests.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            for limiter in [&self.every, &self.sign_in, &self.upload] {
                limiter.retain_recent();
            }
        }
    }
}

/// A full minute's worth may come at once; then as fast as the minute refills.
fn per_minute(requests: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN))
}

/// Answers 429 for one request too many.
pub(crate) async fn limit(
    limits: web::Data<Limits>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let endpoint = request.match_pattern().unwrap_or_default();
    let client = request.peer_addr().map(|address| household(address.ip()));
    let refused = client.and_then(|client| limits.refuse(client, request.method(), &endpoint));
    match refused {
        Some(seconds) => Err(Problem::rate_limited(seconds).into()),
        None => next.call(request).await,
    }
}

/// On IPv6 the first half of the address: a household has all the rest.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use actix_web::http::Method;

    use crate::config;
    use crate::http::limits::{Limits, household};

    fn limits(enabled: bool) -> Limits {
        Limits::new(&config::Limits { enabled, requests_per_minute: 5, sensitive_per_minute: 2 }, 1, 1)
    }

    #[track_caller]
    fn check(limits: &Limits, client: u8, path: &str, accepted: usize) {
        let client = IpAddr::from([10, 0, 0, client]);
        let passed = (0..10).filter(|_| limits.refuse(client, &Method::POST, path).is_none()).count();
        assert_eq!(passed, accepted, "{path}");
    }

    #[test]
    fn each_client_has_its_own_minute() {
        let limits = limits(true);
        check(&limits, 1, "/api/v1/jobs", 5);
        check(&limits, 2, "/api/v1/jobs", 5);
        check(&limits, 3, "/api/v1/auth/login", 2);
    }

    #[test]
    fn limits_can_be_off() {
        check(&limits(false), 1, "/api/v1/auth/login", 10);
    }

    #[test]
    fn a_household_is_one_client() {
        let address = |text: &str| household(text.parse().unwrap_or(IpAddr::from([0; 4])));
        assert_eq!(address("2001:db8:1:2:3:4:5:6"), address("2001:db8:1:2::1"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
    }
}
