//! `GET /api/v1/jobs/{job_id}/events`

use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::domain::id::JobId;
use crate::http::caller::{Caller, bearer};
use crate::http::context;
use crate::http::events::{self, Shown};
use crate::http::problem::Problem;
use crate::service::jobs::Event;

/// What happens to a job, as Server-Sent Events: `progress` until `done`. `Last-Event-ID` goes on from there.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/events", tag = "jobs", params(
    ("job_id" = JobId, Path),
    ("Last-Event-ID" = Option<i64>, Header, description = "The last event that was seen.")), responses(
    (status = 200, description = "The data of each event.", body = Event, content_type = "text/event-stream"),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 404, description = "`not_found`"),
    (status = 429, description = "`rate_limited`: this account watches as many as it may."),
    (status = 503, description = "`unavailable`: too many are watching.")))]
pub(crate) async fn follow(
    app: web::Data<App>,
    caller: Caller,
    id: web::Path<JobId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    context::note_job(*id);
    let shown = Shown::Token(bearer(&request).unwrap_or_default().to_owned(), caller.origin);
    events::follow(app, caller.user.id, shown, *id, &request).await
}
