//! `POST /api/v1/analyze`

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::id::FileId;
use crate::domain::outcome::Analysis;
use crate::http::api::files::no_file;
use crate::http::caller::Caller;
use crate::http::extract::{Json, is_json};
use crate::http::form::Form;
use crate::http::problem::Problem;
use crate::http::turns::Turn;
use crate::service::ServiceError;
use crate::service::advert::Advert;
use crate::service::analysis::{self, Subject};

/// An uploaded resume and a posting.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnalyzeRequest {
    /// The uploaded resume; where its owner corrected what was read of it, the correction.
    file_id: FileId,
    /// Address of the posting's page; this or `posting_text`.
    #[serde(default)]
    job_url: Option<String>,
    /// Text of the posting; this or `job_url`.
    #[serde(default)]
    posting_text: Option<String>,
    /// The hiring organization.
    #[serde(default)]
    company_name: Option<String>,
    /// The title of the position.
    #[serde(default)]
    job_title: Option<String>,
}

/// A resume and a posting as a multipart form; nothing of it is kept.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used; the form is read field by field")]
pub(crate) struct AnalyzeForm {
    /// The resume; this or `file_id`.
    #[schema(value_type = Option<String>, format = Binary, content_media_type = "application/octet-stream")]
    file: Option<Vec<u8>>,
    /// A resume that was uploaded before, as read or as its owner corrected it; this or `file`.
    file_id: Option<FileId>,
    /// Address of the posting's page; this or `posting_text`.
    job_url: Option<String>,
    /// Text of the posting; this or `job_url`.
    posting_text: Option<String>,
    /// The hiring organization.
    company_name: Option<String>,
    /// The title of the position.
    job_title: Option<String>,
}

/// How a resume meets a posting, at once; nothing is kept.
#[utoipa::path(post, path = "/api/v1/analyze", tag = "jobs",
    request_body(content((AnalyzeRequest = "application/json"), (AnalyzeForm = "multipart/form-data"))), responses(
    (status = 200, description = "The match report.", body = Analysis),
    (status = 400, description = "`malformed_request`"),
    (status = 401, description = "`missing_token`, `invalid_token`"),
    (status = 403, description = "`key_scope`: the API key may only read."),
    (status = 404, description = "`not_found`: the file."),
    (status = 413, description = "`file_too_large`, `request_too_large`"),
    (status = 415, description = "`unsupported_file_type`, `unsupported_media_type`"),
    (status = 422, description = "`unreadable_file`, `invalid_request`, and what is wrong with the posting: \
     `posting_too_short`, `posting_not_found`, `posting_unreachable`, `posting_is_login_page`, …"),
    (status = 429, description = "`rate_limited`")))]
pub(crate) async fn analyze(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let mut payload = payload.into_inner();
    // Of a form its turn is kept as well, until its file was read.
    let (subject, advert, _turn) = if is_json(&request) {
        of_json(Json::from_request(&request, &mut payload).await?.0)
    } else {
        of_form(&request, &mut payload).await?
    };
    Ok(HttpResponse::Ok().json(analysis::analyze(&app, caller.user.id, subject, advert).await?))
}

fn of_json(input: AnalyzeRequest) -> (Subject, Advert, Option<Turn>) {
    let advert = Advert {
        job_url: input.job_url,
        posting_text: input.posting_text,
        company_name: input.company_name,
        job_title: input.job_title,
    };
    (Subject::File(input.file_id), advert, None)
}

async fn of_form(
    request: &HttpRequest,
    payload: &mut Payload,
) -> Result<(Subject, Advert, Option<Turn>), Problem> {
    let mut form = Form::from_request(request, payload).await?;
    form.expect_only(&["file_id", "job_url", "posting_text", "company_name", "job_title"])?;
    let subject = match (form.take_file(), form.text("file_id")) {
        (Some((filename, bytes)), None) => Subject::Upload { filename, bytes },
        (None, Some(id)) => {
            let id = id.parse().map_err(|_| ServiceError::NotFound { what: "file" })?;
            Subject::File(id)
        }
        (Some(_), Some(_)) => {
            return Err(
                ServiceError::invalid_field("file", "Send either a file or a file_id, not both.").into()
            );
        }
        (None, None) => return Err(no_file().into()),
    };
    Ok((subject, form.advert(), form.take_turn()))
}
