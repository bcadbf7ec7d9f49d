//! A posting by its address: guarded fetch, then the page as it came, or made from a board's data.
//!
//! Whatever a person gives as an address may point inward. So every address is checked before it is connected
//! to (`guard`), the connection can reach only what was checked (`client`), each redirect is checked again
//! (`fetch`), and one deadline and one count of bytes stand over everything. Imports config.

mod address;
mod boards;
mod client;
mod content;
mod error;
mod fetch;
mod guard;
mod names;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};
use tracing::debug;
use url::Url;

use crate::config;
use crate::intake::boards::{Boards, Found};
use crate::intake::client::{system_roots, tls};
use crate::intake::content::Kind;
use crate::intake::fetch::{Answer, Fetcher, Wanted, host_of};
use crate::intake::guard::Guard;
use crate::intake::names::{Names, SystemNames};

pub use crate::intake::error::IntakeError;

/// Fetches postings. Clones share the certificates and the settings.
#[derive(Clone)]
pub struct Intake {
    inner: Arc<Inner>,
}

struct Inner {
    fetcher: Fetcher,
    boards: Boards,
    deadline: Duration,
}

/// A posting as it came, not yet read: these are a stranger's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The page's address, after redirects.
    pub url: String,
    /// A name that tells `engine::read` what kind of text to expect, such as `page.html`.
    pub filename: String,
    /// The bytes, text among them as UTF-8.
    pub bytes: Bytes,
}

impl fmt::Debug for Intake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { fetcher, boards, deadline } = &*self.inner;
        out.debug_struct("Intake")
            .field("guard", &fetcher.guard)
            .field("boards", boards)
            .field("deadline", deadline)
            .finish_non_exhaustive()
    }
}

impl Intake {
    /// Reads the certificates of this machine; a machine without any can still fetch over plain http.
    ///
    /// # Errors
    /// `Setup` when a value of `[intake]` cannot be used.
    pub fn new(limits: &config::Intake) -> Result<Self, IntakeError> {
        Self::build(limits, Guard::new(&limits.allow_private_hosts, Arc::new(SystemNames) as Arc<dyn Names>)?)
    }

    fn build(limits: &config::Intake, guard: Guard) -> Result<Self, IntakeError> {
        let deadline = Duration::from_secs(limits.timeout_seconds);
        let fetcher = Fetcher {
            guard,
            tls: tls(system_roots())?,
            max_bytes: limits.max_bytes,
            max_redirects: limits.max_redirects,
            // Half, so that a machine that is away leaves time for the next address of the same name.
            connect_timeout: deadline / 2,
        };
        let boards = Boards::new(&limits.board_base_urls)?;
        Ok(Self { inner: Arc::new(Inner { fetcher, boards, deadline }) })
    }

    /// Fetches the posting at this address, from its board's data where that is to be had.
    ///
    /// # Errors
    /// What keeps the posting from being fetched, as a sentence for the person who gave the address.
    pub async fn fetch(&self, url: &str) -> Result<Fetched, IntakeError> {
        let url = guard::parse(url)?;
        let host = host_of(&url);
        // Boxed: a connection in the making is large, and every caller's future would carry it.
        let fetched = timeout(self.inner.deadline, Box::pin(self.inner.fetch(url))).await;
        fetched.unwrap_or_else(|_| {
            let seconds = self.inner.deadline.as_secs();
            Err(IntakeError::unreachable(&host, &format!("it did not answer within {seconds} seconds")))
        })
    }
}

impl Inner {
    async fn fetch(&self, url: Url) -> Result<Fetched, IntakeError> {
        let began = Instant::now();
        if let Some(found) = boards::find(&url) {
            let is_alone = found.is_alone();
            match self.board_page(found, &url, began).await {
                Ok(page) => return Ok(page),
                Err(IntakeError::NotFound { .. }) if is_alone => {
                    return Err(IntakeError::NotFound { host: host_of(&url) });
                }
                Err(error) => debug!(code = error.code(), "board's data not used, its page is fetched"),
            }
        }
        let answer = self.fetcher.get(url.clone(), Wanted::Page).await?;
        if let Some(found) = behind(&url, &answer)
            && let Ok(page) = self.board_page(found, &answer.url, began).await
        {
            return Ok(page);
        }
        self.as_it_came(answer)
    }

    fn as_it_came(&self, answer: Answer) -> Result<Fetched, IntakeError> {
        let Answer { url, kind, content_type, bytes } = answer;
        let bytes = content::to_utf8(kind, content_type.as_deref(), bytes);
        // Another encoding may have been shorter.
        self.bounded(Fetched { url: url.to_string(), filename: content::filename(kind, &url), bytes }, &url)
    }

    /// The page made of a board's data, within half of the time that is left: without it, the page itself has
    /// to come, or be handed on.
    async fn board_page(&self, found: Found, page: &Url, began: Instant) -> Result<Fetched, IntakeError> {
        let host = host_of(page);
        let unusable = |what: &str| IntakeError::unreachable(&host, what);
        let address = self.boards.address(&found).ok_or_else(|| unusable("its board has no address"))?;
        let left = self.deadline.saturating_sub(began.elapsed());
        let answer = timeout(left / 2, self.fetcher.get(address, Wanted::Data))
            .await
            .map_err(|_| unusable("its board did not answer in time"))??;
        // Megabytes of JSON take milliseconds, and other requests wait on this thread.
        let bytes = spawn_blocking(move || found.page(&answer.bytes))
            .await
            .ok()
            .flatten()
            .ok_or_else(|| unusable("its board does not show the posting"))?;
        self.bounded(Fetched { url: page.to_string(), filename: "page.html".to_owned(), bytes }, page)
    }

    fn bounded(&self, fetched: Fetched, url: &Url) -> Result<Fetched, IntakeError> {
        let limit = self.fetcher.max_bytes;
        if fetched.bytes.len() > limit {
            return Err(IntakeError::TooLarge { host: host_of(url), limit });
        }
        Ok(fetched)
    }
}

/// The posting on a board that a page turned out to be, or to show in a frame.
fn behind(asked: &Url, answer: &Answer) -> Option<Found> {
    let redirected = if answer.url == *asked { None } else { boards::find(&answer.url) };
    redirected.or_else(|| match answer.kind {
        Kind::Html => boards::embedded(&answer.url, &answer.bytes),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
