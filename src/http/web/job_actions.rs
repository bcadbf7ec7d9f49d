//! The buttons on a job's page: each does one thing and leads back to the page.

use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::domain::audit::Actor;
use crate::domain::id::{JobId, UserId};
use crate::http::client::Asked;
use crate::http::context;
use crate::http::form::TextForm;
use crate::http::problem::Problem;
use crate::http::web::pages::redirect;
use crate::http::web::visitor::Visitor;
use crate::service::ServiceError;
use crate::service::jobs::{self, Decided, EditDecision, Verdict};

/// Who pressed a button, on a page of ours.
fn presser(visitor: &Visitor, form: &TextForm, id: JobId) -> Result<UserId, Problem> {
    context::note_job(id);
    let owner = visitor.expect_user(&format!("/jobs/{id}"))?.id;
    visitor.expect_sent(form)?;
    Ok(owner)
}

pub(crate) async fn cancel(
    app: web::Data<App>,
    visitor: Visitor,
    id: web::Path<JobId>,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let owner = presser(&visitor, &form, *id)?;
    match jobs::cancel(&app, owner, *id).await {
        // It ended while the button was pressed: the page says how.
        Ok(_) | Err(ServiceError::Conflict { .. }) => Ok(redirect(&format!("/jobs/{id}"))),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn retry(
    app: web::Data<App>,
    visitor: Visitor,
    id: web::Path<JobId>,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let owner = presser(&visitor, &form, *id)?;
    jobs::retry(&app, owner, *id).await?;
    Ok(redirect(&format!("/jobs/{id}")))
}

pub(crate) async fn delete(
    app: web::Data<App>,
    asked: Asked,
    visitor: Visitor,
    id: web::Path<JobId>,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let owner = presser(&visitor, &form, *id)?;
    let origin = asked.0.by(Actor::Person);
    match jobs::delete(&app, owner, *id, &origin).await {
        // Pressed twice: it is gone, as was wished.
        Ok(()) | Err(ServiceError::NotFound { .. }) => Ok(redirect("/jobs")),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn decide(
    app: web::Data<App>,
    visitor: Visitor,
    id: web::Path<JobId>,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let owner = presser(&visitor, &form, *id)?;
    let edit_id = form.typed("edit_id");
    let decision = match form.text("decision") {
        Some("accept") => Verdict::Accept,
        Some("reject") => Verdict::Reject,
        _ => return Err(ServiceError::invalid_field("decision", "An edit is accepted or rejected.").into()),
    };
    let anchor = format!("/jobs/{id}#edit-{edit_id}");
    let decisions = vec![EditDecision { edit_id, decision }];
    jobs::decide(&app, owner, *id, Decided { decisions, confirmed_facts: None }).await?;
    Ok(redirect(&anchor))
}
