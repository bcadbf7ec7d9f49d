//! What happens to a job as Server-Sent Events: `progress` until `done`, numbered, so that a broken stream goes on.

use std::time::Duration;

use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use tokio::time::Instant;

use crate::app::App;
use crate::domain::id::{JobId, UserId};
use crate::domain::job::JobStatus;
use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::service::audit::Origin;
use crate::service::auth;
use crate::service::jobs::{self, Event};

/// Between two looks at the events of a job that runs: progress is visible well within a second.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Between two looks at one that waits, of which there may be many.
const LOOK_WAITING: Duration = Duration::from_millis(750);
/// Between signs of life, for proxies that cut silent connections.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// Between two looks whether who watches may still: a sign-in that was ended sees no more than this.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// After this the client connects anew, and shows its token again.
const LONGEST: Duration = Duration::from_secs(900);
/// What a client waits before it connects anew, in milliseconds.
const RECONNECT_MS: u64 = 1000;

/// What somebody showed who may watch, to look at again.
#[derive(Debug)]
pub(crate) enum Shown {
    /// An access token or an API key.
    Token(String, Origin),
    /// The session of a browser.
    Session(String),
}

impl Shown {
    async fn is_good(&self, app: &App) -> bool {
        match self {
            Self::Token(token, origin) => auth::caller(app, token, origin).await.is_ok(),
            Self::Session(token) => matches!(auth::visitor(app, token).await, Ok(Some(_))),
        }
    }
}

/// The stream of the owner's job, for as long as what they showed is good.
///
/// # Errors
/// `not_found`, `rate_limited`, `unavailable`, before anything is sent.
pub(crate) async fn follow(
    app: web::Data<App>,
    owner: UserId,
    shown: Shown,
    id: JobId,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let given = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
    let mut seen: i64 = given.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    let mut events = jobs::events_since(&app, owner, id, seen).await?;
    let limits = request.app_data::<web::Data<Limits>>().ok_or_else(Problem::internal)?;
    let slot = limits.streams().open(owner)?;
    let stream = async_stream::stream! {
        yield Ok::<_, std::convert::Infallible>(Bytes::from(format!("retry: {RECONNECT_MS}\n\n")));
        let _slot = slot;
        let began = Instant::now();
        let (mut spoke, mut asked) = (began, began);
        let mut waits = false;
        loop {
            for event in &events {
                seen = seen.max(event.seq);
                spoke = Instant::now();
                waits = event.status == JobStatus::Queued;
                yield Ok(written(event));
            }
            let is_over = events.last().is_some_and(|event| event.status.is_final());
            if is_over || began.elapsed() > LONGEST {
                break;
            }
            if spoke.elapsed() > SIGN_OF_LIFE {
                spoke = Instant::now();
                yield Ok(Bytes::from_static(b": still there\n\n"));
            }
            tokio::select! {
                () = tokio::time::sleep(if waits { LOOK_WAITING } else { LOOK_EVERY }) => {}
                () = app.shutdown.tripped() => break,
            }
            if asked.elapsed() > ASK_AGAIN {
                asked = Instant::now();
                if !shown.is_good(&app).await {
                    break;
                }
            }
            match jobs::events_since(&app, owner, id, seen).await {
                Ok(more) => events = more,
                // Deleted meanwhile, or the database is away: the client asks again and hears which.
                Err(_) => break,
            }
        }
    };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        // Compression would keep events back until there are many.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(stream))
}

fn written(event: &Event) -> Bytes {
    let name = if event.status.is_final() { "done" } else { "progress" };
    // Only maps with keys that are no text cannot be written as JSON; there are none in it.
    let data = serde_json::to_string(event).unwrap_or_default();
    Bytes::from(format!("id: {}\nevent: {name}\ndata: {data}\n\n", event.seq))
}
