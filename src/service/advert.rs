//! A posting as a person gives it: by address or as text, checked at the door.

use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use crate::app::App;
use crate::pipeline::{Hints, PipelineError, PostingSource};
use crate::service::{FieldError, ServiceError};

/// Longest company or title, in characters.
const MAX_NAME_CHARACTERS: usize = 200;
/// Longest address of a posting, in bytes.
const MAX_URL_BYTES: usize = 2048;

/// A posting and what the person says about it; exactly one of `job_url` and `posting_text`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Advert {
    /// Address of the posting's page.
    #[schema(example = "https://example.org/careers/42")]
    pub job_url: Option<String>,
    /// Text of the posting.
    pub posting_text: Option<String>,
    /// The hiring organization; taken from the posting when absent.
    #[schema(example = "Example Ltd")]
    pub company_name: Option<String>,
    /// The title of the position; taken from the posting when absent.
    #[schema(example = "Platform Engineer")]
    pub job_title: Option<String>,
}

impl Advert {
    /// The posting without white space around its parts and with nothing that cannot be kept.
    ///
    /// # Errors
    /// `invalid_request`, naming each field.
    pub fn checked(self, app: &App) -> Result<Self, ServiceError> {
        let tidy = |text: Option<String>| {
            text.map(|text| text.trim().replace('\0', "")).filter(|text| !text.is_empty())
        };
        let advert = Self {
            job_url: tidy(self.job_url),
            posting_text: tidy(self.posting_text),
            company_name: tidy(self.company_name),
            job_title: tidy(self.job_title),
        };
        let limit = app.config.intake.max_text_bytes;
        let problems: Vec<FieldError> = [
            advert.refuse_source(),
            advert.job_url.as_deref().and_then(refuse_url),
            advert.posting_text.as_deref().and_then(|text| refuse_text(text, limit)),
            refuse_name(advert.company_name.as_deref(), "company_name"),
            refuse_name(advert.job_title.as_deref(), "job_title"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if problems.is_empty() { Ok(advert) } else { Err(ServiceError::invalid(problems)) }
    }

    /// Refuses a text that is no posting, before anything is kept. An address is looked at by the job.
    ///
    /// # Errors
    /// `posting_too_short`, `posting_is_login_page`, `posting_unreadable`.
    pub async fn refuse_other_texts(&self, app: &App) -> Result<(), ServiceError> {
        if let Some(text) = &self.posting_text {
            app.pipeline.posting(PostingSource::Text(text.clone()), self.hints()).await?;
        }
        Ok(())
    }

    /// What went wrong with it, at the field that it was given in.
    pub(crate) fn blame(&self, error: PipelineError) -> ServiceError {
        let mut error = ServiceError::from(error);
        if let ServiceError::Invalid { fields, .. } = &mut error
            && self.job_url.is_some()
        {
            for field in fields.iter_mut().filter(|field| field.field == "posting_text") {
                "job_url".clone_into(&mut field.field);
            }
        }
        error
    }

    /// Where the posting comes from; a checked one has exactly one of both.
    pub(crate) fn source(&self) -> PostingSource {
        match (&self.job_url, &self.posting_text) {
            (Some(url), None) => PostingSource::Address { url: url.clone(), again: false },
            (_, text) => PostingSource::Text(text.clone().unwrap_or_default()),
        }
    }

    /// What the person says about it.
    pub(crate) fn hints(&self) -> Hints {
        Hints { company: self.company_name.clone(), title: self.job_title.clone() }
    }

    fn refuse_source(&self) -> Option<FieldError> {
        match (&self.job_url, &self.posting_text) {
            (None, None) => Some(FieldError::new(
                "posting_text",
                "Give the posting: its text as posting_text, or the address of its page as job_url.",
            )),
            (Some(_), Some(_)) => Some(FieldError::new(
                "posting_text",
                "Give either the posting's text or the address of its page, not both.",
            )),
            _ => None,
        }
    }
}

fn refuse_url(url: &str) -> Option<FieldError> {
    let refuse = |message: String| Some(FieldError::new("job_url", message));
    if url.len() > MAX_URL_BYTES {
        return refuse(format!(
            "An address may have at most {MAX_URL_BYTES} bytes; this one has {}.",
            url.len()
        ));
    }
    let parsed = Url::parse(url);
    if parsed.as_ref().is_ok_and(|url| !url.username().is_empty() || url.password().is_some()) {
        return refuse(
            "An address with a name or password in it is not taken; leave that part out.".to_owned(),
        );
    }
    let of_the_web = parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if of_the_web {
        return None;
    }
    refuse("This is not the address of a web page; it should start with https://.".to_owned())
}

fn refuse_text(text: &str, limit: usize) -> Option<FieldError> {
    (text.len() > limit).then(|| {
        let message = format!(
            "A posting may have at most {limit} bytes; this one has {}. Leave out what is not about the position.",
            text.len()
        );
        FieldError::new("posting_text", message)
    })
}

fn refuse_name(name: Option<&str>, field: &str) -> Option<FieldError> {
    let characters = name?.chars().count();
    if characters > MAX_NAME_CHARACTERS {
        let message = format!("This may have at most {MAX_NAME_CHARACTERS} characters; it has {characters}.");
        return Some(FieldError::new(field, message));
    }
    name?.chars().any(char::is_control).then(|| FieldError::new(field, "This is one line of text."))
}

#[cfg(test)]
mod tests {
    use crate::service::advert::refuse_url;

    #[track_caller]
    fn check(url: &str, accepted: bool) {
        assert_eq!(refuse_url(url).is_none(), accepted, "{url}");
    }

    #[test]
    fn an_address_is_one_of_the_web() {
        check("https://example.org/jobs/1", true);
        check("http://127.0.0.1:9000/x", true);
        for url in [
            "example.org/jobs",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "",
            "https://me:pw@a.org/",
        ] {
            check(url, false);
        }
        check(&format!("https://example.org/{}", "a".repeat(2048)), false);
    }
}
