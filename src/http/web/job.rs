//! `/jobs/{job_id}`: live progress, how it ended, or the result; its events and documents.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::app::App;
use crate::domain::id::{JobId, UserId};
use crate::domain::job::{DocumentFormat, Job, JobStatus};
use crate::domain::report::ReaderView;
use crate::http::context;
use crate::http::download::download;
use crate::http::events::{self, Shown};
use crate::http::problem::Problem;
use crate::http::web::jobs::JobLine;
use crate::http::web::pages::{Frame, page};
use crate::http::web::result::ResultPage;
use crate::http::web::visitor::Visitor;
use crate::service::{files, jobs};

#[derive(Template)]
#[template(path = "web/progress.html")]
struct ProgressPage {
    frame: Frame,
    job: JobLine,
    percent: u8,
    message: String,
}

#[derive(Template)]
#[template(path = "web/ended.html")]
struct EndedPage {
    frame: Frame,
    job: JobLine,
    reason: String,
}

pub(crate) async fn show(
    app: web::Data<App>,
    visitor: Visitor,
    id: web::Path<JobId>,
) -> Result<HttpResponse, Problem> {
    let user = visitor.expect_user(&format!("/jobs/{id}"))?;
    context::note_job(*id);
    let job = jobs::find(&app, user.id, *id).await?;
    let frame = Frame::of(&visitor);
    match job.status {
        JobStatus::Queued | JobStatus::Running => {
            let line = JobLine::from(&job);
            let shown = ProgressPage {
                frame,
                job: line,
                percent: job.progress.percent,
                message: job.progress.message,
            };
            page(&visitor, &shown)
        }
        JobStatus::Failed | JobStatus::Cancelled => {
            let line = JobLine::from(&job);
            page(&visitor, &EndedPage { frame, job: line, reason: reason(job) })
        }
        JobStatus::Completed => {
            let outcome = jobs::result(&app, user.id, *id).await?;
            let readers = readers(&app, user.id, &job).await;
            page(&visitor, &ResultPage::new(frame, &job, outcome, readers))
        }
    }
}

/// What simple readers get from the file of a job. The result is not about it: where the file is gone, or cannot be
/// read just now, the page does without.
async fn readers(app: &App, owner: UserId, job: &Job) -> Vec<ReaderView> {
    let Some(file) = job.file_id else { return Vec::new() };
    files::resume(app, owner, file).await.map(|parsed| parsed.readers).unwrap_or_default()
}

fn reason(job: Job) -> String {
    match job.error_message {
        Some(message) => message,
        None if job.status == JobStatus::Cancelled => "You called this job off.".to_owned(),
        None => "This job ended without a result.".to_owned(),
    }
}

/// What happens to the job, for the page's script.
pub(crate) async fn events(
    app: web::Data<App>,
    visitor: Visitor,
    id: web::Path<JobId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let owner = visitor.expect_user(&format!("/jobs/{id}"))?.id;
    context::note_job(*id);
    let shown = Shown::Session(visitor.session().unwrap_or_default().to_owned());
    events::follow(app, owner, shown, *id, &request).await
}

/// The tailored resume as a download.
pub(crate) async fn document(
    app: web::Data<App>,
    visitor: Visitor,
    path: web::Path<(JobId, DocumentFormat)>,
) -> Result<HttpResponse, Problem> {
    let (id, format) = path.into_inner();
    let owner = visitor.expect_user(&format!("/jobs/{id}"))?.id;
    context::note_job(id);
    let document = jobs::document(&app, owner, id, format).await?;
    Ok(download(&document.filename, document.content_type, document.bytes))
}
