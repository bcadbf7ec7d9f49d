//! A posting's page: fetched and read once, however many ask for it at the same time, and kept for a while.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tracing::Instrument as _;

use crate::cache::{Computed, Key, Kind, Space};
use crate::domain::hash::sha256;
use crate::domain::source::SourceText;
use crate::engine::read::{Purpose, ReadError};
use crate::intake::{Fetched, IntakeError};
use crate::pipeline::{Pipeline, PipelineError, span};
use crate::sandbox::SandboxError;

/// Version of what is kept; a hash of the sources that read it, made when the program is built.
const VERSION: &str = env!("ENGINE_SOURCES");

/// A page that was read.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::pipeline) struct Page {
    /// Its address, after redirects.
    pub(in crate::pipeline) url: String,
    /// What stands on it.
    pub(in crate::pipeline) document: SourceText,
}

/// What is kept of an address.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Page(Box<Page>),
    Failure { at: DateTime<Utc>, why: Why },
}

/// Failures that another try at once would not mend.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    NotFetched(IntakeError),
    NotRead(ReadError),
}

impl Pipeline {
    /// The page at this address, as somebody found it a while ago, or fetched now. Who asks `again` is not told a failure
    /// that somebody met before.
    pub(in crate::pipeline) async fn page(&self, url: &str, again: bool) -> Result<Page, PipelineError> {
        let (key, began) = (key(url), Utc::now());
        let mut kept = self.look(&key, url).await?;
        if again && matches!(kept, Kept::Failure { at, .. } if at < began) {
            self.cache.forget_here(&key).await;
            kept = self.look(&key, url).await?;
        }
        match kept {
            Kept::Page(page) => Ok(*page),
            Kept::Failure { why: Why::NotFetched(error), .. } => Err(error.into()),
            Kept::Failure { why: Why::NotRead(error), .. } => {
                Err(PipelineError::PostingDocument(error.into()))
            }
        }
    }

    async fn look(&self, key: &Key, url: &str) -> Result<Kept, PipelineError> {
        let looked = self.cache.get_or_compute(key, async {
            let why = match self.fetch(url).await {
                Ok(page) => return packed(Kept::Page(Box::new(page))).await,
                Err(PipelineError::Intake(error)) if !error.is_transient() => Why::NotFetched(error),
                Err(PipelineError::PostingDocument(SandboxError::Read(error))) => Why::NotRead(error),
                // One of those who wait for it may be luckier in a moment.
                Err(error) => return Err(error),
            };
            packed(Kept::Failure { at: Utc::now(), why }).await
        });
        let kept = unpacked(looked.await.map_err(PipelineError::Shared)?).await;
        if kept.is_err() {
            // Whoever comes next has it made anew.
            self.cache.forget(key);
        }
        kept
    }

    async fn fetch(&self, url: &str) -> Result<Page, PipelineError> {
        // By itself: how long it takes is somebody else's.
        let fetched = self.intake.fetch(url).instrument(span("fetch")).await?;
        let Fetched { url, filename, bytes } = fetched;
        let document = self.reader.read(Purpose::Posting, bytes, &filename).await;
        Ok(Page { url, document: document.map_err(PipelineError::PostingDocument)? })
    }
}

/// Of the address as it was given: what two spellings lead to is known to their host alone. Its hash, as an address may
/// be long, and is nobody's business who can read the cache.
fn key(url: &str) -> Key {
    Space::of_all().key(Kind::Posting, VERSION, &sha256(url.as_bytes()))
}

/// On a thread for blocking work, like the other direction: a long page takes milliseconds.
async fn packed(kept: Kept) -> Result<Computed, PipelineError> {
    let computed = tokio::task::spawn_blocking(move || {
        let bytes = Bytes::from(serde_json::to_vec(&kept).ok()?);
        Some(if matches!(kept, Kept::Page(_)) { Computed::Value(bytes) } else { Computed::Failure(bytes) })
    });
    computed.await.ok().flatten().ok_or(PipelineError::Broken)
}

async fn unpacked(bytes: Bytes) -> Result<Kept, PipelineError> {
    let kept = tokio::task::spawn_blocking(move || serde_json::from_slice(&bytes).ok());
    kept.await.ok().flatten().ok_or(PipelineError::Broken)
}
