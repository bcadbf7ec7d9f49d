//! What is asked of the pipeline, and how it tells how far it is.

use std::sync::Arc;

use bytes::Bytes;
use chrono::NaiveDate;

use crate::domain::resume::Resume;
use crate::engine::optimize::Stage;

/// A resume to be optimized or analyzed.
#[derive(Debug, Clone)]
pub struct Order {
    /// The resume's document.
    pub resume: Bytes,
    /// Its name; decides between kinds of text alone.
    pub filename: String,
    /// The resume as its owner corrected it; it takes the place of what is read of the document.
    pub corrected: Option<Resume>,
    /// Where the posting comes from.
    pub posting: PostingSource,
    /// What the person says about the posting.
    pub hints: Hints,
    /// The look of the documents; the default one when absent.
    pub template: Option<String>,
    /// The day that "present" is taken at.
    pub as_of: NaiveDate,
}

/// Where a posting comes from.
#[derive(Debug, Clone)]
pub enum PostingSource {
    /// The address of its page.
    Address {
        /// The address.
        url: String,
        /// Whether it is asked for once more: that the page was not there a moment ago is found out anew then.
        again: bool,
    },
    /// Its text.
    Text(String),
    /// A document.
    Document {
        /// Its bytes.
        bytes: Bytes,
        /// Its name; decides between kinds of text alone.
        filename: String,
    },
}

/// What the person says about a posting; it wins over what the posting says.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// The hiring organization.
    pub company: Option<String>,
    /// The title of the position.
    pub title: Option<String>,
}

/// Hears of each step when it begins; called from the thread that does the step, so it must not wait.
pub type Progress = Arc<dyn Fn(Step) + Send + Sync>;

/// The steps of an optimization, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The resume's document is read.
    Read,
    /// The posting is fetched, read and understood.
    Posting,
    /// A stage of the engine.
    Engine(Stage),
}

impl Step {
    /// Its key in `timings_ms`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Posting => "posting",
            Self::Engine(stage) => stage.name(),
        }
    }

    /// How far a job is when it begins, of 100; storing the result comes after the last one.
    #[must_use]
    pub fn percent(self) -> u8 {
        match self {
            Self::Read => 5,
            Self::Posting => 15,
            Self::Engine(stage) => stage.percent(),
        }
    }

    /// What to tell the person meanwhile.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Read => "Reading the resume",
            Self::Posting => "Reading the posting",
            Self::Engine(stage) => stage.message(),
        }
    }
}
