//! `/jobs`: starting a job, and the list of those before.

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::file::File;
use crate::domain::id::{FileId, JobId};
use crate::domain::job::{Job, JobOptions};
use crate::domain::user::User;
use crate::http::form::Form;
use crate::http::problem::Problem;
use crate::http::web::pages::{Errors, Frame, STALE, STALE_WITH_FILE, again, page, redirect};
use crate::http::web::visitor::{SignedIn, Visitor};
use crate::service::files::Kept;
use crate::service::jobs::JobRequest;
use crate::service::listing::Listing;
use crate::service::{ServiceError, auth, files, jobs};

/// Jobs of one page, and files to choose from.
const SHOWN: u32 = 20;
/// The fields that the page shows errors beside.
const FIELDS: &[&str] = &["file", "file_id", "posting_text", "job_url", "company_name", "job_title"];

#[derive(Template)]
#[template(path = "web/jobs.html")]
struct JobsPage {
    frame: Frame,
    errors: Errors,
    form: Typed,
    files: Vec<File>,
    jobs: Vec<JobLine>,
    next_cursor: Option<String>,
    max_megabytes: u64,
}

/// A job in a list or above its page.
pub(crate) struct JobLine {
    /// Its identifier.
    pub(crate) id: JobId,
    /// The position and the company, as far as they are known.
    pub(crate) title: String,
    /// Its resume, while that is there.
    pub(crate) file_id: Option<FileId>,
    /// Where it stands.
    pub(crate) status: &'static str,
    /// When it was asked for.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<&Job> for JobLine {
    fn from(job: &Job) -> Self {
        let title = match (&job.job_title, &job.company_name) {
            (Some(title), Some(company)) => format!("{title} at {company}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => "A posting".to_owned(),
        };
        Self {
            id: job.id,
            title,
            file_id: job.file_id,
            status: job.status.as_str(),
            created_at: job.created_at,
        }
    }
}

/// What stands in the form.
#[derive(Default)]
pub(crate) struct Typed {
    /// Makes one job of a form that is sent twice.
    pub(crate) idempotency_key: String,
    /// The resume, when it was uploaded before.
    pub(crate) file_id: String,
    /// The posting's text.
    pub(crate) posting_text: String,
    /// Its address.
    pub(crate) job_url: String,
    /// The company.
    pub(crate) company_name: String,
    /// The position.
    pub(crate) job_title: String,
}

impl Typed {
    fn new() -> Self {
        // A form that is sent twice by an impatient hand makes one job.
        Self { idempotency_key: auth::random_token(), ..Self::default() }
    }

    fn of_form(form: &Form) -> Self {
        Self {
            idempotency_key: form.typed("idempotency_key"),
            file_id: form.typed("file_id"),
            posting_text: form.typed("posting_text"),
            job_url: form.typed("job_url"),
            company_name: form.typed("company_name"),
            job_title: form.typed("job_title"),
        }
    }

    /// What was sent for that job.
    pub(crate) fn of_job(job: Job) -> Self {
        Self {
            file_id: job.file_id.map(|id| id.to_string()).unwrap_or_default(),
            posting_text: job.posting_text.unwrap_or_default(),
            job_url: job.job_url.unwrap_or_default(),
            company_name: job.company_name.unwrap_or_default(),
            job_title: job.job_title.unwrap_or_default(),
            ..Self::new()
        }
    }

    fn has_file(&self, id: &FileId) -> bool {
        self.file_id == id.to_string()
    }
}

pub(crate) async fn show(
    app: web::Data<App>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let user = visitor.expect_user("/jobs")?;
    let query: Vec<(String, String)> =
        web::Query::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default();
    let value = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let typed = match value("from").and_then(|id| id.parse().ok()) {
        Some(id) => Typed::of_job(jobs::find(&app, user.id, id).await?),
        None => Typed::new(),
    };
    let shown = build(&app, &visitor, user, typed, Errors::default(), value("cursor")).await?;
    page(&visitor, &shown)
}

pub(crate) async fn submit(
    app: web::Data<App>,
    visitor: SignedIn,
    mut form: Form,
) -> Result<HttpResponse, Problem> {
    let visitor = visitor.0;
    let user = visitor.expect_user("/jobs")?;
    if !visitor.sent(&form) {
        let sentence = if form.take_file().is_some() { STALE_WITH_FILE } else { STALE };
        let shown = build(&app, &visitor, user, Typed::of_form(&form), Errors::say(sentence), None).await?;
        return again(&visitor, &shown);
    }
    let upload = form.take_file();
    let mut typed = Typed::of_form(&form);
    match start(&app, user, upload, &mut typed).await {
        Ok(job) => Ok(redirect(&format!("/jobs/{}", job.id))),
        Err(error) => {
            let errors = Errors::from_refusal(error, FIELDS)?;
            let shown = build(&app, &visitor, user, typed, errors, None).await?;
            again(&visitor, &shown)
        }
    }
}

/// Keeps the upload first: browsers forget the chosen file of a form that is shown again, we do not.
async fn start(
    app: &App,
    user: &User,
    upload: Option<(String, Bytes)>,
    typed: &mut Typed,
) -> Result<Job, ServiceError> {
    if let Some((filename, bytes)) = upload {
        let (Kept::New(file) | Kept::Same(file)) = files::upload(app, user, &filename, bytes).await?;
        typed.file_id = file.id.to_string();
    }
    let Ok(file_id) = typed.file_id.parse::<FileId>() else {
        return Err(ServiceError::invalid_field("file", "Choose the file of your resume."));
    };
    let given = |text: &String| Some(text.clone()).filter(|text| !text.trim().is_empty());
    let request = JobRequest {
        file_id,
        job_url: given(&typed.job_url),
        posting_text: given(&typed.posting_text),
        company_name: given(&typed.company_name),
        job_title: given(&typed.job_title),
        options: JobOptions::default(),
    };
    let key = given(&typed.idempotency_key);
    match jobs::create(app, user, request.clone(), key.as_deref()).await {
        // The same page was changed and sent once more: another wish, and so another job.
        Err(error) if error.code() == "idempotency_key_reused" => {
            typed.idempotency_key = auth::random_token();
            jobs::create(app, user, request, Some(&typed.idempotency_key)).await
        }
        asked => asked,
    }
}

async fn build(
    app: &App,
    visitor: &Visitor,
    user: &User,
    form: Typed,
    errors: Errors,
    cursor: Option<&str>,
) -> Result<JobsPage, Problem> {
    let (mut files, _) = files::list(app, user.id, Listing { limit: SHOWN, cursor: None }).await?;
    // An older one that is chosen stays chosen.
    if let Ok(id) = form.file_id.parse::<FileId>()
        && !files.iter().any(|file| file.id == id)
        && let Ok(chosen) = files::find(app, user.id, id).await
    {
        files.push(chosen);
    }
    let (jobs, next_cursor) = jobs::list(app, user.id, None, Listing { limit: SHOWN, cursor }).await?;
    Ok(JobsPage {
        frame: Frame::of(visitor),
        errors,
        form,
        files,
        jobs: jobs.iter().map(JobLine::from).collect(),
        next_cursor,
        max_megabytes: app.config.files.max_bytes / 1_048_576,
    })
}
