//! Bodies of forms, multipart or not: text fields and one file, each within its limit.

use std::collections::BTreeMap;
use std::ops::Deref;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use url::form_urlencoded;

use crate::app::App;
use crate::http::client::household;
use crate::http::extract;
use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::http::turns::Turn;
use crate::service::advert::Advert;
use crate::service::{FieldError, ServiceError};

/// Most fields of one form.
const MAX_FIELDS: usize = 64;
/// Bytes of a form without files.
const MAX_TEXT_FORM: usize = 16_384;
/// Times that a resume may grow on its way: a form writes each byte of a letter beyond ASCII as three, and names each field.
const ENCODED: usize = 4;

/// A form as sent.
#[derive(Debug, Default)]
pub(crate) struct Form {
    fields: BTreeMap<String, String>,
    file: Option<(String, Bytes)>,
    turn: Option<Turn>,
}

impl Form {
    /// A form of these texts alone.
    pub(crate) fn of_texts(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { fields: fields.into_iter().collect(), ..Self::default() }
    }

    /// The names of its text fields.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// A text field without the white space around it; nothing when it is empty or absent.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// A text field as sent, to show it again.
    pub(crate) fn typed(&self, name: &str) -> String {
        self.fields.get(name).cloned().unwrap_or_default()
    }

    /// Name and bytes of the file; nothing when none was chosen.
    pub(crate) fn take_file(&mut self) -> Option<(String, Bytes)> {
        self.file.take()
    }

    /// What has to be held for as long as the bytes of its file are.
    pub(crate) fn take_turn(&mut self) -> Option<Turn> {
        self.turn.take()
    }

    /// The posting and what is said about it.
    pub(crate) fn advert(&self) -> Advert {
        let text = |name: &str| self.text(name).map(str::to_owned);
        Advert {
            job_url: text("job_url"),
            posting_text: text("posting_text"),
            company_name: text("company_name"),
            job_title: text("job_title"),
        }
    }

    /// Fails for a field that the route does not know.
    pub(crate) fn expect_only(&self, known: &[&str]) -> Result<(), Problem> {
        let unknown: Vec<_> = self
            .fields
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
            .map(|name| {
                FieldError::new(name, format!("There is no such field. Known: {}.", known.join(", ")))
            })
            .collect();
        if unknown.is_empty() { Ok(()) } else { Err(ServiceError::invalid(unknown).into()) }
    }
}

/// A form without files, as pages send it that have none: nobody needs to be signed in for some of them, so they are
/// read within a small bound.
#[derive(Debug)]
pub(crate) struct TextForm(Form);

impl Deref for TextForm {
    type Target = Form;

    fn deref(&self) -> &Form {
        &self.0
    }
}

impl FromRequest for TextForm {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_text = kind(request).starts_with("application/x-www-form-urlencoded");
        let mut payload = payload.take();
        Box::pin(async move { Ok(Self(texts(is_text, &mut payload, MAX_TEXT_FORM).await?)) })
    }
}

/// A form with a whole resume in it, for pages of signed-in people.
#[derive(Debug)]
pub(crate) struct ResumeForm(Form);

impl Deref for ResumeForm {
    type Target = Form;

    fn deref(&self) -> &Form {
        &self.0
    }
}

impl FromRequest for ResumeForm {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_text = kind(request).starts_with("application/x-www-form-urlencoded");
        let config = request.app_data::<actix_web::web::Data<App>>().map(|app| app.config.corrections);
        let mut payload = payload.take();
        Box::pin(async move {
            let limit = config.ok_or_else(Problem::internal)?.max_bytes.saturating_mul(ENCODED);
            Ok(Self(texts(is_text, &mut payload, limit).await?))
        })
    }
}

/// A form without files, of at most `limit` bytes.
async fn texts(is_text: bool, payload: &mut Payload, limit: usize) -> Result<Form, Problem> {
    if !is_text {
        return Err(Problem::media_type("Send the body as application/x-www-form-urlencoded."));
    }
    let body = extract::collect(payload, limit).await?;
    Ok(Form::of_texts(form_urlencoded::parse(&body).into_owned()))
}

fn kind(request: &HttpRequest) -> String {
    let given = request.headers().get("content-type").and_then(|value| value.to_str().ok());
    given.unwrap_or_default().trim_start().to_ascii_lowercase()
}

impl FromRequest for Form {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let config = request.app_data::<actix_web::web::Data<App>>().map(|app| app.config.clone());
        let kind = kind(request);
        let limits = request.app_data::<actix_web::web::Data<Limits>>().cloned();
        let client = household(request);
        let headers = request.headers().clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let (Some(config), Some(limits)) = (config, limits) else {
                return Err(Problem::internal());
            };
            let (max_file, max_text) = (config.files.max_bytes, config.server.max_json_bytes);
            if kind.starts_with("multipart/form-data") {
                let max_file = usize::try_from(max_file).unwrap_or(usize::MAX);
                // Each holds its file in memory: so many at once and no more, the others wait unread.
                let turn = limits.uploads().take(client).await.map_err(|_| Problem::internal())?;
                let form = read(Multipart::new(&headers, payload), max_file, max_text).await?;
                Ok(Form { turn: Some(turn), ..form })
            } else if kind.starts_with("application/x-www-form-urlencoded") {
                let body = extract::collect(&mut payload, max_text).await?;
                Ok(Form::of_texts(form_urlencoded::parse(&body).into_owned()))
            } else {
                Err(Problem::media_type("Send the body as multipart/form-data."))
            }
        })
    }
}

async fn read(mut multipart: Multipart, max_file: usize, max_text: usize) -> Result<Form, Problem> {
    let mut form = Form::default();
    // A client that is still sending sees no answer: what is too large is read to its end, within reason.
    let mut patience = max_file.saturating_mul(8);
    let mut failure = None;
    let mut count = 0_usize;
    while let Some(field) = multipart.next().await {
        let mut field = field.map_err(|error| broken(&error))?;
        count = count.saturating_add(1);
        if count > MAX_FIELDS {
            return Err(Problem::malformed(format!("A form may have at most {MAX_FIELDS} fields.")));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let filename =
            field.content_disposition().and_then(|header| header.get_filename().map(str::to_owned));
        match filename {
            Some(filename) if name == "file" => match bytes_of(&mut field, max_file, &mut patience).await? {
                // Browsers send an empty, nameless file where none was chosen.
                Some(bytes) if bytes.is_empty() && filename.is_empty() => {}
                Some(_) if form.file.is_some() => failure = Some(one_file(&name)),
                Some(bytes) => form.file = Some((filename, bytes.into())),
                None => failure = Some(too_large(max_file)),
            },
            // A text may come as a file: so does `curl -F posting_text=@posting.txt`.
            as_file => match bytes_of(&mut field, max_text, &mut patience).await?.map(String::from_utf8) {
                Some(Ok(text)) => {
                    form.fields.insert(name, text);
                }
                _ if as_file.is_some() => failure = Some(one_file(&name)),
                Some(Err(_)) => {
                    failure = Some(ServiceError::invalid_field(&name, "This text is not UTF-8."));
                }
                None => {
                    let message = format!("This field may have at most {max_text} bytes.");
                    failure = Some(ServiceError::invalid_field(&name, message));
                }
            },
        }
    }
    failure.map_or(Ok(form), |error| Err(error.into()))
}

/// The bytes of one field; nothing when there are more than `limit`, which are then passed over.
async fn bytes_of(field: &mut Field, limit: usize, patience: &mut usize) -> Result<Option<Vec<u8>>, Problem> {
    let mut bytes = Vec::new();
    let mut fits = true;
    while let Some(chunk) = field.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        *patience = patience.checked_sub(chunk.len()).ok_or_else(|| Problem::from(too_large(limit)))?;
        fits = fits && bytes.len().saturating_add(chunk.len()) <= limit;
        if fits {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
    }
    Ok(fits.then_some(bytes))
}

fn one_file(field: &str) -> ServiceError {
    ServiceError::invalid_field(
        field,
        "Send one resume as a file, in the field named file; the other fields are texts.",
    )
}

fn too_large(limit: usize) -> ServiceError {
    let megabytes = limit / 1_048_576;
    ServiceError::TooLarge {
        detail: format!(
            "A file may have at most {limit} bytes ({megabytes} MiB); this one is larger. \
             Export it without pictures, or send the text alone."
        ),
    }
}

fn broken(error: &MultipartError) -> Problem {
    Problem::malformed(format!("The form did not arrive whole or is not multipart/form-data: {error}."))
}
