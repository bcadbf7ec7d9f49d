//! The result of a job, and what its owner decides about the edits.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::id::{JobId, UserId};
use crate::domain::job::{Job, JobStatus};
use crate::domain::outcome::Outcome;
use crate::domain::tailoring::{ConfirmedFact, Decision};
use crate::engine::optimize;
use crate::engine::render::DEFAULT_TEMPLATE;
use crate::service::ServiceError;
use crate::service::jobs::find;
use crate::store::jobs;

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
            // What was rendered before is not forgotten: documents are kept by what is in them.
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

pub(in crate::service::jobs) async fn completed(
    app: &App,
    owner: UserId,
    id: JobId,
) -> Result<(Job, Outcome), ServiceError> {
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

/// The look that the job's documents have.
pub(in crate::service::jobs) fn template(job: &Job) -> String {
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
