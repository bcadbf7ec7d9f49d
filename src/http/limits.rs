//! Request rates: so many a minute for one client, fewer where guessing or reading is expensive. With Redis every replica
//! counts together; without, or while it is away, each for itself.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use governor::clock::{Clock, DefaultClock, QuantaInstant};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::app::App;
use crate::config::Config;
use crate::http::client::Client;
use crate::http::edge;
use crate::http::problem::Problem;
use crate::http::streams::Streams;
use crate::http::turns::Turns;
use crate::service::rates::{self, Rate, Spent};

/// Where passwords are tried or made: what a `POST`, `PATCH` or `DELETE` to any of these costs is counted together.
const SIGN_IN: &[&str] = &[
    "/api/v1/auth/register",
    "/api/v1/auth/login",
    "/api/v1/me",
    "/api/v1/me/password",
    "/signup",
    "/signin",
    "/account/password",
    "/account/delete",
];
/// Where documents are read or rendered anew.
const UPLOAD: &[&str] = &["/api/v1/files", "/api/v1/optimize", "/api/v1/analyze", "/jobs"];
/// Where those who look after the service ask: an answer 429 would have it restarted just when it is busy.
const UNLIMITED: &[&str] = &["/health", "/ready", "/metrics"];
/// Where everything of an account is read.
const EXPORT: &[&str] = &["/api/v1/me/export", "/account/export"];
/// Where tokens are made, and below it where they are ended: each leaves a row behind, or a line of the audit log.
const TOKEN: &[&str] = &["/api/v1/auth/refresh", "/api/v1/me/api-keys", "/account/keys"];
/// Which part of all requests may ask for tokens.
const TOKEN_SHARE: u32 = 10;

/// Requests between two looks for clients that have been quiet long enough to be forgotten.
const SWEEP_EVERY: u32 = 4096;
/// Seconds that a rate is about.
const WINDOW: u32 = 60;

type Counter = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;

/// One kind of requests, counted together.
#[derive(Debug)]
struct Class {
    name: &'static str,
    per_minute: u32,
    own: Counter,
}

/// The counters of one server, shared by its threads.
#[derive(Debug)]
pub(crate) struct Limits {
    enabled: bool,
    every: Class,
    sign_in: Class,
    upload: Class,
    export: Class,
    token: Class,
    requests: AtomicU32,
    uploads: Arc<Turns>,
    downloads: Arc<Turns>,
    exports: Arc<Turns>,
    streams: Arc<Streams>,
}

impl Limits {
    /// Starts counting.
    pub(crate) fn new(config: &Config) -> Self {
        let (limits, files, server) = (&config.limits, &config.files, &config.server);
        let (every, sensitive) = (limits.requests_per_minute, limits.sensitive_per_minute);
        Self {
            uploads: Turns::new(files.uploads_at_once, files.uploads_at_once_per_client),
            downloads: Turns::new(files.downloads_at_once, files.downloads_at_once_per_client),
            exports: Turns::new(files.exports_at_once, files.exports_at_once_per_client),
            streams: Streams::new(server.max_event_streams, server.max_event_streams_per_user),
            enabled: limits.enabled,
            every: Class::new("every", every),
            token: Class::new("token", every.div_ceil(TOKEN_SHARE)),
            sign_in: Class::new("sign-in", sensitive),
            upload: Class::new("upload", sensitive),
            export: Class::new("export", sensitive),
            requests: AtomicU32::new(0),
        }
    }

    /// Turns at sending a file, which is held in memory, by who sends it.
    pub(crate) fn uploads(&self) -> &Arc<Turns> {
        &self.uploads
    }

    /// Turns at being sent a file, which is held in memory, by who asks for it.
    pub(crate) fn downloads(&self) -> &Arc<Turns> {
        &self.downloads
    }

    /// Turns at being sent everything of an account, by who asks for it.
    pub(crate) fn exports(&self) -> &Arc<Turns> {
        &self.exports
    }

    /// Slots for those who watch a job.
    pub(crate) fn streams(&self) -> &Arc<Streams> {
        &self.streams
    }

    /// The kinds that a request belongs to, the strictest first.
    fn classes(&self, method: &Method, endpoint: &str) -> impl Iterator<Item = &Class> {
        let changes = matches!(*method, Method::POST | Method::PATCH | Method::DELETE);
        let is_below = |path: &&str| {
            endpoint.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let sensitive = if changes && SIGN_IN.contains(&endpoint) {
            Some(&self.sign_in)
        } else if changes && UPLOAD.contains(&endpoint) {
            Some(&self.upload)
        } else if changes && TOKEN.iter().any(is_below) {
            Some(&self.token)
        } else if EXPORT.contains(&endpoint) {
            Some(&self.export)
        } else {
            None
        };
        sensitive.into_iter().chain([&self.every])
    }

    /// Without this, every address that ever asked would stay in memory.
    fn sweep(&self) {
        if self.requests.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            for class in [&self.every, &self.sign_in, &self.upload, &self.export, &self.token] {
                class.own.retain_recent();
            }
        }
    }
}

impl Class {
    fn new(name: &'static str, per_minute: u32) -> Self {
        // A full minute's worth may come at once; then as fast as the minute refills.
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        let own = RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>();
        Self { name, per_minute, own }
    }

    fn spend_own(&self, client: IpAddr, now: QuantaInstant) -> Spent {
        match self.own.check_key(&client) {
            Ok(state) => Spent { passes: true, left: state.remaining_burst_capacity(), wait_ms: 0 },
            Err(refused) => {
                let wait = refused.wait_time_from(now).as_millis();
                Spent { passes: false, left: 0, wait_ms: u64::try_from(wait).unwrap_or(u64::MAX) }
            }
        }
    }
}

/// Answers 429 for one request too many, and says with each answer how many are left.
pub(crate) async fn limit(
    app: web::Data<App>,
    limits: web::Data<Limits>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let client = request.extensions().get::<Client>().map(|client| rates::household(client.0));
    let endpoint = edge::route(&request).unwrap_or_default();
    let Some(client) = client.filter(|_| limits.enabled && !UNLIMITED.contains(&endpoint.as_str())) else {
        return next.call(request).await;
    };
    limits.sweep();
    let mut told = None;
    let classes: Vec<&Class> = limits.classes(request.method(), &endpoint).collect();
    for (class, spent) in classes.iter().copied().zip(spend(&app, &classes, client).await) {
        let seconds = spent.wait_ms.div_ceil(1000).max(1);
        if !spent.passes {
            let mut response = actix_web::ResponseError::error_response(&Problem::rate_limited(seconds));
            tell(response.headers_mut(), class, spent);
            return Err(InternalError::from_response("rate limited", response).into());
        }
        // The strictest is the one to know of.
        told.get_or_insert((class, spent));
    }
    let mut outcome = next.call(request).await;
    if let (Ok(response), Some((class, spent))) = (&mut outcome, told) {
        tell(response.headers_mut(), class, spent);
    }
    outcome
}

/// What comes of counting a request by each of these, up to the first that refuses it.
async fn spend(app: &App, classes: &[&Class], client: IpAddr) -> Vec<Spent> {
    let rate =
        |class: &&Class| Rate { key: format!("rate/{}/{client}", class.name), per_minute: class.per_minute };
    let counted: Vec<Rate> = classes.iter().map(rate).collect();
    if let Some(spent) = rates::spend(app, &counted).await {
        return spent;
    }
    let now = DefaultClock::default().now();
    let mut spent = Vec::new();
    for class in classes {
        let own = class.spend_own(client, now);
        spent.push(own);
        if !own.passes {
            break;
        }
    }
    spent
}

/// `RateLimit` and `RateLimit-Policy`, as draft-ietf-httpapi-ratelimit-headers has them.
fn tell(headers: &mut HeaderMap, class: &Class, spent: Spent) {
    let Class { name, per_minute, .. } = class;
    let full_in = u64::from(per_minute.saturating_sub(spent.left)) * u64::from(WINDOW)
        / u64::from((*per_minute).max(1));
    let fields = [
        ("ratelimit-policy", format!("\"{name}\";q={per_minute};w={WINDOW}")),
        ("ratelimit", format!("\"{name}\";r={};t={full_in}", spent.left)),
    ];
    for (field, value) in fields {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(field), value);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::net::IpAddr;

    use actix_web::http::Method;
    use governor::clock::{Clock, DefaultClock};

    use crate::config::{self, Config};
    use crate::http::limits::Limits;

    #[track_caller]
    fn check(limits: &Limits, client: u8, path: &str, accepted: usize) {
        let client = IpAddr::from([10, 0, 0, client]);
        let passes = |_: &usize| {
            let now = DefaultClock::default().now();
            limits.classes(&Method::POST, path).all(|class| class.spend_own(client, now).passes)
        };
        assert_eq!((0..10).filter(passes).count(), accepted, "{path}");
    }

    #[test]
    fn each_client_has_its_own_minute() {
        let limits = config::Limits { enabled: true, requests_per_minute: 5, sensitive_per_minute: 2 };
        let limits = Limits::new(&Config { limits, ..Config::defaults().unwrap() });
        check(&limits, 1, "/api/v1/jobs", 5);
        check(&limits, 2, "/api/v1/jobs", 5);
        check(&limits, 3, "/api/v1/auth/login", 2);
        check(&limits, 4, "/api/v1/auth/refresh", 1);
        check(&limits, 5, "/account/keys", 1);
        check(&limits, 6, "/account/keys/1/delete", 1);
    }
}
