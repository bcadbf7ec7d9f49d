//! One page over the net: each hop checked, each status judged, the body counted while it comes.

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, LOCATION};
use reqwest::{Response, StatusCode};
use rustls::ClientConfig;
use tracing::debug;
use url::Url;

use crate::intake::client::client;
use crate::intake::content::{Kind, kind, said};
use crate::intake::error::IntakeError;
use crate::intake::guard::{Guard, Target};

/// Fetches addresses within the limits of `[intake]`.
#[derive(Debug)]
pub(crate) struct Fetcher {
    pub(crate) guard: Guard,
    pub(crate) tls: ClientConfig,
    pub(crate) max_bytes: usize,
    pub(crate) max_redirects: usize,
    pub(crate) connect_timeout: Duration,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A page or a document that people read.
    Page,
    /// The JSON of a board.
    Data,
}

/// What came.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The address that it came from.
    pub(crate) url: Url,
    pub(crate) kind: Kind,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
}

impl Fetcher {
    /// Follows redirects to a body, or says why there is none.
    pub(crate) async fn get(&self, url: Url, wanted: Wanted) -> Result<Answer, IntakeError> {
        let asked = host_of(&url);
        let mut target = self.guard.check(url).await?;
        for _ in 0..=self.max_redirects {
            let response = self.send(&target, wanted).await?;
            debug!(host = target.host, status = response.status().as_u16(), "posting's server answered");
            let Some(next) = redirect(&target, &response)? else {
                return self.finish(target, response, wanted).await;
            };
            target = self.guard.check(next).await.map_err(|error| match error {
                IntakeError::InvalidUrl { .. } | IntakeError::AddressNotAllowed { .. } => {
                    IntakeError::RedirectNotAllowed { host: asked.clone() }
                }
                other => other,
            })?;
        }
        Err(IntakeError::TooManyRedirects { host: asked, limit: self.max_redirects })
    }

    async fn send(&self, target: &Target, wanted: Wanted) -> Result<Response, IntakeError> {
        let accept = match wanted {
            Wanted::Page => "text/html, application/xhtml+xml, application/pdf, text/plain;q=0.9, */*;q=0.1",
            Wanted::Data => "application/json",
        };
        client(&self.tls, target, self.connect_timeout)?
            .get(target.url.clone())
            .header(ACCEPT, accept)
            .send()
            .await
            .map_err(|error| IntakeError::unreachable(&target.host, reason(&error)))
    }

    async fn finish(
        &self,
        target: Target,
        mut response: Response,
        wanted: Wanted,
    ) -> Result<Answer, IntakeError> {
        let host = target.host;
        judge(response.status(), &host)?;
        let content_type = header(&response, CONTENT_TYPE);
        let kind = match wanted {
            Wanted::Page => kind(content_type.as_deref()),
            // Whether it is JSON shows when it is read as such.
            Wanted::Data => Some(Kind::Json),
        };
        let kind = kind.ok_or_else(|| IntakeError::UnsupportedType {
            host: host.clone(),
            content_type: said(content_type.as_deref()),
        })?;
        let too_large = || IntakeError::TooLarge { host: host.clone(), limit: self.max_bytes };
        if response.content_length().is_some_and(|length| length > self.max_bytes as u64) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        // Chunks come decompressed, some kilobytes each: a bomb is noticed before it has gone off.
        while let Some(chunk) =
            response.chunk().await.map_err(|error| IntakeError::unreachable(&host, reason(&error)))?
        {
            if body.len() + chunk.len() > self.max_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { url: target.url, kind, content_type, bytes: body.freeze() })
    }
}

/// The host of an address, which is all of it that is ever said.
pub(crate) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// Where the answer sends on to, if it does.
fn redirect(target: &Target, response: &Response) -> Result<Option<Url>, IntakeError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let nowhere = || IntakeError::RedirectNotAllowed { host: target.host.clone() };
    let location = response.headers().get(LOCATION).ok_or_else(nowhere)?;
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| nowhere())?;
    target.url.join(location).map(Some).map_err(|_| nowhere())
}

fn judge(status: StatusCode, host: &str) -> Result<(), IntakeError> {
    let host = host.to_owned();
    match status.as_u16() {
        200..=203 => Ok(()),
        404 | 410 => Err(IntakeError::NotFound { host }),
        // 451 is a refusal by law, 999 one in LinkedIn's own words.
        401 | 403 | 407 | 451 | 999 => Err(IntakeError::Forbidden { host }),
        status => Err(IntakeError::Answered { host, status }),
    }
}

fn header(response: &Response, name: HeaderName) -> Option<String> {
    response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// What went wrong on the way, as half a sentence without a word of the address.
fn reason(error: &reqwest::Error) -> &'static str {
    for cause in std::iter::successors(error.source(), |error| beneath(*error)) {
        if cause.is::<rustls::Error>() {
            return "no secure connection to it could be made";
        }
        match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => return "it refuses connections",
            Some(io::ErrorKind::TimedOut) => return "it did not answer in time",
            _ => {}
        }
    }
    match error {
        error if error.is_timeout() => "it did not answer in time",
        error if error.is_connect() => "no connection to it could be made",
        _ => "its answer broke off",
    }
}

/// The cause of an error. An error of the system that wraps another one passes over it as its source.
fn beneath<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
