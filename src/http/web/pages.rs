//! What all pages share: their frame, their errors beside the fields, and how they are sent.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use crate::app::App;
use crate::http::assets;
use crate::http::problem::Problem;
use crate::http::web::visitor::Visitor;
use crate::service::{FieldError, ServiceError};

/// What a form says that was open for too long, or was not on a page of ours.
pub(crate) const STALE: &str = "This page was open for too long. Nothing is lost: please send it again.";
/// The same where a file was chosen: browsers forget it, and what somebody else's page may have sent is not kept.
pub(crate) const STALE_WITH_FILE: &str = "This page was open for too long. What you wrote is still here: please choose the file once more and send it again.";

/// What a new password has to be, beside its field.
pub(crate) fn password_hint(app: &App) -> String {
    let least = app.config.auth.password_min_length;
    format!("{least} characters or more. A few unrelated words make a good one.")
}

/// What stands around every page.
pub(crate) struct Frame {
    /// Who is signed in.
    pub(crate) email: Option<String>,
    form_token: String,
}

impl Frame {
    /// The frame for this visitor.
    pub(crate) fn of(visitor: &Visitor) -> Self {
        let email = visitor.user.as_ref().map(|user| user.email.clone());
        Self { email, form_token: visitor.form_token() }
    }

    /// A frame for a page without forms, when it is not known who asks.
    fn anonymous() -> Self {
        Self { email: None, form_token: String::new() }
    }

    /// Proves that a form came from a page of ours.
    pub(crate) fn form_token(&self) -> &str {
        &self.form_token
    }

    /// Version of the style sheet and scripts.
    pub(crate) fn version(&self) -> &'static str {
        &assets::VERSION
    }
}

/// What is wrong with a form, for the page that shows it again.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    general: Option<String>,
    fields: Vec<FieldError>,
}

impl Errors {
    /// What is wrong with this field.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// What is wrong apart from single fields.
    pub(crate) fn general(&self) -> Option<&str> {
        self.general.as_deref()
    }

    /// What is wrong, field by field.
    pub(crate) fn fields(&self) -> &[FieldError] {
        &self.fields
    }

    /// A sentence that is no field's.
    pub(crate) fn say(sentence: impl Into<String>) -> Self {
        Self { general: Some(sentence.into()), fields: Vec::new() }
    }

    /// What a use case refused, for a form with these fields. What only an operator can act on is passed on.
    pub(crate) fn from_refusal(error: ServiceError, shown: &[&str]) -> Result<Self, Problem> {
        if matches!(error, ServiceError::Internal(_) | ServiceError::NotFound { .. }) {
            return Err(error.into());
        }
        let detail = error.to_string();
        let code = error.code();
        let fields = match error {
            ServiceError::Invalid { fields, .. } => fields,
            _ => Vec::new(),
        };
        let field = match code {
            "email_taken" => Some("email"),
            "file_too_large" | "unsupported_file_type" | "unreadable_file" => Some("file"),
            _ => None,
        };
        if let Some(field) = field {
            return Ok(Self { general: None, fields: vec![FieldError::new(field, detail)] });
        }
        // A sentence about something that the page does not show must not be lost.
        let homeless: Vec<_> = fields
            .iter()
            .filter(|error| !shown.contains(&error.field.as_str()))
            .map(|error| error.message.clone())
            .collect();
        let general = if fields.is_empty() {
            Some(detail)
        } else if homeless.is_empty() {
            None
        } else {
            Some(homeless.join(" "))
        };
        Ok(Self { general, fields })
    }
}

/// A page, never kept by anyone: it is somebody's own.
pub(crate) fn page(visitor: &Visitor, template: &impl Template) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::Ok();
    visitor.remember(&mut response);
    send(response, template)
}

/// A form that needs another look, with the status that says so.
pub(crate) fn again(visitor: &Visitor, template: &impl Template) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::UnprocessableEntity();
    visitor.remember(&mut response);
    send(response, template)
}

fn send(mut response: HttpResponseBuilder, template: &impl Template) -> Result<HttpResponse, Problem> {
    let html = template.render().map_err(|error| Problem::from(ServiceError::internal(error)))?;
    Ok(response.content_type("text/html; charset=utf-8").body(html))
}

/// To another page, asked for anew.
pub(crate) fn redirect(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
}

#[derive(Template)]
#[template(path = "web/problem.html")]
struct ProblemPage<'a> {
    frame: Frame,
    title: &'a str,
    detail: &'a str,
    trace_id: &'a str,
}

/// The page for an error that no form can show.
pub(crate) fn problem(
    mut response: HttpResponseBuilder,
    title: &str,
    detail: &str,
    trace_id: &str,
) -> HttpResponse {
    let template = ProblemPage { frame: Frame::anonymous(), title, detail, trace_id };
    let html = template.render().unwrap_or_else(|_| title.to_owned());
    response.content_type("text/html; charset=utf-8").body(html)
}
