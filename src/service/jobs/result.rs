//! The result of a job, its documents, and what its owner decides about the edits.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::id::{JobId, UserId};
use crate::domain::job::{DocumentFormat, Job, JobStatus};
use crate::domain::outcome::Outcome;
use crate::domain::tailoring::{ConfirmedFact, Decision};
use crate::engine::optimize;
use crate::engine::render::{self, DEFAULT_TEMPLATE};
use crate::pipeline::PipelineError;
use crate::service::ServiceError;
use crate::service::jobs::find;
use crate::store::jobs;

/// Version of how documents are written; a new one makes cached documents stale.
const RENDERING: &str = concat!("document/", env!("CARGO_PKG_VERSION"));
/// Times that decisions are taken anew because others came in between.
const TRIES: u32 = 3;
/// Decisions taken at once.
const MAX_DECISIONS: usize = 1000;

/// What the owner decides about edits and adds as facts.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Decided {
    /// Edits to accept or reject; the others stay as they are.
    pub decisions: Vec<EditDecision>,
    /// Statements that the owner vouches for; they take the place of those confirmed before. Absent keeps those.
    pub confirmed_facts: Option<Vec<ConfirmedFact>>,
}

/// A decision about one edit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditDecision {
    /// The edit's id in the result.
    #[schema(example = "e1")]
    pub edit_id: String,
    /// What is decided.
    pub decision: Verdict,
}

/// What can be decided about an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It becomes part of the tailored resume.
    Accept,
    /// It is left out.
    Reject,
}

/// A rendered document.
#[derive(Debug)]
pub struct Document {
    /// The name to save it under: the person and the company.
    pub filename: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Bytes,
}

/// The result of a completed job.
///
/// # Errors
/// `not_found`; `job_not_completed`.
pub async fn result(app: &App, owner: UserId, id: JobId) -> Result<Outcome, ServiceError> {
    Ok(completed(app, owner, id).await?.1)
}

/// Takes decisions about edits and confirmed facts; the result as it is then.
///
/// # Errors
/// `not_found`; `job_not_completed`; `unknown_edit` or `invalid_fact`; `result_changed` when others decide meanwhile.
pub async fn decide(app: &App, owner: UserId, id: JobId, decided: Decided) -> Result<Outcome, ServiceError> {
    let count = decided.decisions.len();
    if count > MAX_DECISIONS {
        let message = format!("At most {MAX_DECISIONS} decisions are taken at once; these are {count}.");
        return Err(ServiceError::invalid_field("decisions", message));
    }
    let decisions: Vec<(String, Decision)> =
        decided.decisions.into_iter().map(|decision| (decision.edit_id, decision.decision.into())).collect();
    for _ in 0..TRIES {
        let (job, outcome) = completed(app, owner, id).await?;
        let confirmed = decided.confirmed_facts.clone().unwrap_or_else(|| outcome.confirmed_facts.clone());
        let (decisions, template) = (decisions.clone(), template(&job));
        let again = app
            .pipeline
            .run(move || Ok(optimize::decide(&outcome, &decisions, confirmed, &template)?))
            .await?;
        if jobs::set_result(&app.db, owner, id, &again, job.updated_at).await? {
            return Ok(again);
        }
    }
    Err(ServiceError::Conflict {
        code: "result_changed",
        detail:
            "Other decisions about this job came in at the same time; look at the result and decide again."
                .to_owned(),
    })
}

/// The tailored resume in a format.
///
/// # Errors
/// `not_found`; `job_not_completed`.
pub async fn document(
    app: &App,
    owner: UserId,
    id: JobId,
    format: DocumentFormat,
) -> Result<Document, ServiceError> {
    let (job, outcome) = completed(app, owner, id).await?;
    let company = job.company_name.clone().or(outcome.posting.company);
    let resume = outcome.resume;
    let stem = render::file_stem(&resume, company.as_deref());
    let template = template(&job);
    let content = serde_json::to_vec(&resume).map_err(ServiceError::internal)?;
    let hash: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    let key = format!("{RENDERING}/{template}/{}/{hash}", format.extension());
    let written = app.pipeline.run(move || {
        let bytes = render::render(&resume, format, &template).map_err(optimize::OptimizeError::from)?;
        Ok(Bytes::from(bytes))
    });
    let bytes = app.cache.get_or_compute(&key, written).await.map_err(|error| not_written(&error))?;
    let filename = format!("{stem}.{}", format.extension());
    Ok(Document { filename, content_type: format.content_type(), bytes })
}

/// Everybody who waited for the same document gets the same error, which none of them owns.
fn not_written(error: &PipelineError) -> ServiceError {
    ServiceError::internal(error.to_string())
}

async fn completed(app: &App, owner: UserId, id: JobId) -> Result<(Job, Outcome), ServiceError> {
    let job = find(app, owner, id).await?;
    if job.status != JobStatus::Completed {
        return Err(ServiceError::Conflict {
            code: "job_not_completed",
            detail: format!("This job is {}; it has a result once it is completed.", job.status.as_str()),
        });
    }
    let outcome = jobs::result(&app.db, owner, id).await?.ok_or(ServiceError::NotFound { what: "result" })?;
    Ok((job, outcome))
}

fn template(job: &Job) -> String {
    job.options.template.clone().unwrap_or_else(|| DEFAULT_TEMPLATE.to_owned())
}

impl From<Verdict> for Decision {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Accept => Self::Accepted,
            Verdict::Reject => Self::Rejected,
        }
    }
}
