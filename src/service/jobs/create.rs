//! Asking for a job: checked, counted against the quota, kept with its task in one transaction.

use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::hash::sha256;
use crate::domain::id::{FileId, UserId};
use crate::domain::job::{Job, JobOptions};
use crate::domain::user::User;
use crate::engine::render::TEMPLATES;
use crate::service::advert::Advert;
use crate::service::files::{self, quota};
use crate::service::jobs::{enqueue, note};
use crate::service::{FieldError, ServiceError};
use crate::store::files::Kept;
use crate::store::idempotency::{self, Answered};
use crate::store::jobs::{self, NewJob};
use crate::store::{Access, Tx, job_starts, now, users};

/// What quotas by the day look back on.
const DAY: Duration = Duration::hours(job_starts::KEPT_HOURS);
/// Longest `Idempotency-Key`, in bytes.
const MAX_KEY_BYTES: usize = 255;
/// Who can write edits.
const ENGINES: [&str; 1] = ["rules"];

/// A job to be done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobRequest {
    /// The uploaded resume; where its owner corrected what was read of it, the correction.
    pub file_id: FileId,
    /// Address of the posting's page; this or `posting_text`.
    #[serde(default)]
    #[schema(example = "https://example.org/careers/42")]
    pub job_url: Option<String>,
    /// Text of the posting; this or `job_url`.
    #[serde(default)]
    pub posting_text: Option<String>,
    /// The hiring organization; taken from the posting when absent.
    #[serde(default)]
    #[schema(example = "Example Ltd")]
    pub company_name: Option<String>,
    /// The title of the position; taken from the posting when absent.
    #[serde(default)]
    #[schema(example = "Platform Engineer")]
    pub job_title: Option<String>,
    /// How it is to be done.
    #[serde(default)]
    pub options: JobOptions,
}

/// A resume that comes along with the request for a job.
#[derive(Debug)]
pub struct Upload {
    /// Its name.
    pub filename: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Asks for a job; the same request under the same key finds the first one's job.
///
/// # Errors
/// `not_found` for the file; `invalid_request` naming each field; what is wrong with a posting's text;
/// `quota_exceeded`; `idempotency_key_reused`.
pub async fn create(
    app: &App,
    user: &User,
    request: JobRequest,
    key: Option<&str>,
) -> Result<Job, ServiceError> {
    let key = Key::of(key, &request)?;
    if let Some(job) = key.answered(app, user.id).await? {
        return Ok(job);
    }
    let (advert, options) = checked(app, request.advert(), request.options.clone()).await?;
    files::find(app, user.id, request.file_id).await?;
    insert(app, user, request.file_id, advert, options, key).await
}

/// Uploads a resume and asks for a job with it: both, or neither.
///
/// # Errors
/// As [`create`] and [`files::upload`].
pub async fn optimize(
    app: &App,
    user: &User,
    upload: Upload,
    advert: Advert,
    options: JobOptions,
    key: Option<&str>,
) -> Result<Job, ServiceError> {
    let key = Key::of(key, &(sha256(&upload.bytes), &advert, &options))?;
    if let Some(job) = key.answered(app, user.id).await? {
        return Ok(job);
    }
    let (advert, options) = checked(app, advert, options).await?;
    let file = files::check(app, user, &upload.filename, upload.bytes).await?;
    let (app, user) = (app.clone(), user.clone());
    files::to_the_end(async move {
        let (file, is_new) = match files::keep(&app, &user, file).await? {
            Kept::New(file) => (file, true),
            Kept::Same(file) => (file, false),
        };
        let job = insert(&app, &user, file.id, advert, options, key).await;
        // Its sender is told that nothing was taken, so nothing stays.
        if job.is_err()
            && is_new
            && let Err(error) = files::delete_unused(&app, user.id, file.id).await
        {
            tracing::warn!(exception = %error, "the upload of a job that was not taken was not deleted");
        }
        job
    })
    .await
}

impl JobRequest {
    fn advert(&self) -> Advert {
        Advert {
            job_url: self.job_url.clone(),
            posting_text: self.posting_text.clone(),
            company_name: self.company_name.clone(),
            job_title: self.job_title.clone(),
        }
    }
}

async fn checked(
    app: &App,
    advert: Advert,
    options: JobOptions,
) -> Result<(Advert, JobOptions), ServiceError> {
    let problems = refuse_options(&options);
    let advert = match advert.checked(app) {
        Ok(advert) if problems.is_empty() => advert,
        Ok(_) => return Err(ServiceError::invalid(problems)),
        Err(ServiceError::Invalid { mut fields, .. }) => {
            fields.extend(problems);
            return Err(ServiceError::invalid(fields));
        }
        Err(error) => return Err(error),
    };
    advert.refuse_other_texts(app).await?;
    Ok((advert, options))
}

fn refuse_options(options: &JobOptions) -> Vec<FieldError> {
    let unknown = |field: &str, given: Option<&str>, known: &[&str]| {
        let given = given.filter(|given| !known.contains(given))?;
        let given: String = given.chars().take(40).collect();
        Some(FieldError::new(field, format!("There is no {given:?}; choose one of: {}.", known.join(", "))))
    };
    let no_formats = options.formats.as_ref().is_some_and(Vec::is_empty).then(|| {
        FieldError::new("options.formats", "Name at least one format, or leave this out for the usual ones.")
    });
    [
        unknown("options.template", options.template.as_deref(), TEMPLATES),
        unknown("options.engine", options.engine.as_deref(), &ENGINES),
        no_formats,
    ]
    .into_iter()
    .flatten()
    .collect()
}

async fn insert(
    app: &App,
    user: &User,
    file_id: FileId,
    advert: Advert,
    options: JobOptions,
    key: Key,
) -> Result<Job, ServiceError> {
    let tx = app.db.begin().await?;
    // Whoever else asks for this account waits, so that quotas hold and a key makes one job.
    users::lock(&tx, user.id).await?;
    if let Some(job) = key.answered_in(&tx, user.id).await? {
        tx.rollback().await?;
        return Ok(job);
    }
    refuse_over_quota(app, &tx, user).await?;
    let new = NewJob {
        file_id,
        job_url: advert.job_url,
        posting_text: advert.posting_text,
        company_name: advert.company_name,
        job_title: advert.job_title,
        options,
    };
    let job = jobs::insert(&tx, user.id, new).await?;
    job_starts::insert(&tx, user.id, job.id).await?;
    note(app, &tx, &job).await?;
    enqueue(app, &tx, user, job.id).await?;
    key.remember(&tx, &job).await?;
    tx.commit().await?;
    app.queue.ring();
    tracing::info!(job_id = %job.id, "a job was asked for");
    Ok(job)
}

/// Refuses a job that the account's tier does not allow. Hold the lock of its row.
pub(in crate::service::jobs) async fn refuse_over_quota(
    app: &App,
    tx: &Tx,
    user: &User,
) -> Result<(), ServiceError> {
    let most = quota(app, user).jobs_per_day;
    if most > 0 {
        let started = job_starts::latest(tx, user.id, now() - DAY, u64::from(most)).await?;
        // With this many, the first of them has to be a day old before there is room again.
        if let Some(first) = started.get(most as usize - 1) {
            let seconds = u64::try_from((*first + DAY - now()).num_seconds()).unwrap_or(0).saturating_add(1);
            return Err(ServiceError::QuotaExceeded {
                detail: format!(
                    "This account may start {most} jobs in 24 hours, and has; the next one can start in {}.",
                    hours(seconds)
                ),
                seconds: Some(seconds),
            });
        }
    }
    refuse_full_queue(app, tx, user.id).await
}

/// Refuses one more job that waits. Hold the lock of the account's row.
async fn refuse_full_queue(app: &App, tx: &Tx, owner: UserId) -> Result<(), ServiceError> {
    let waiting = jobs::count_open(tx, owner).await?.queued;
    let most = app.config.jobs.max_queued_per_user;
    if waiting >= u64::from(most) {
        return Err(ServiceError::quota(format!(
            "{waiting} jobs of this account are waiting, the most allowed; try again when some are done."
        )));
    }
    Ok(())
}

/// A time as a person says it: in minutes below two hours.
fn hours(seconds: u64) -> String {
    let minutes = seconds.div_ceil(60);
    if minutes < 120 { format!("{minutes} min") } else { format!("{} h", minutes.div_ceil(60)) }
}

/// An `Idempotency-Key` with what was asked for under it; or none.
struct Key {
    given: Option<(String, String)>,
}

impl Key {
    fn of(key: Option<&str>, request: &impl Serialize) -> Result<Self, ServiceError> {
        let Some(key) = key else {
            return Ok(Self { given: None });
        };
        let usable =
            (1..=MAX_KEY_BYTES).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if !usable {
            let message = format!("An Idempotency-Key is 1 to {MAX_KEY_BYTES} visible ASCII characters.");
            return Err(ServiceError::invalid_field("Idempotency-Key", message));
        }
        let request = serde_json::to_vec(request).map_err(ServiceError::internal)?;
        Ok(Self { given: Some((key.to_owned(), sha256(&request))) })
    }

    async fn answered(&self, app: &App, owner: UserId) -> Result<Option<Job>, ServiceError> {
        let Some((key, hash)) = &self.given else {
            return Ok(None);
        };
        let found = idempotency::find(&app.db, owner, key, since()).await?;
        job_of(&app.db, owner, found, hash).await
    }

    /// The same inside the transaction, and on its connection: a second one might never come.
    async fn answered_in(&self, tx: &Tx, owner: UserId) -> Result<Option<Job>, ServiceError> {
        let Some((key, hash)) = &self.given else {
            return Ok(None);
        };
        let found = idempotency::find(tx, owner, key, since()).await?;
        job_of(tx, owner, found, hash).await
    }

    async fn remember(&self, tx: &Tx, job: &Job) -> Result<(), ServiceError> {
        let Some((key, hash)) = &self.given else {
            return Ok(());
        };
        let answered = Answered { request_hash: hash.clone(), job_id: job.id };
        idempotency::insert(tx, job.user_id, key, &answered, since()).await?;
        Ok(())
    }
}

async fn job_of(
    db: &impl Access,
    owner: UserId,
    found: Option<Answered>,
    hash: &str,
) -> Result<Option<Job>, ServiceError> {
    match found {
        None => Ok(None),
        Some(answered) if answered.request_hash == hash => Ok(jobs::find(db, owner, answered.job_id).await?),
        Some(_) => Err(ServiceError::Invalid {
            code: "idempotency_key_reused",
            detail: "This Idempotency-Key was used for another request; make a new one for each.".to_owned(),
            fields: Vec::new(),
        }),
    }
}

fn since() -> DateTime<Utc> {
    now() - Duration::hours(idempotency::KEPT_HOURS)
}
