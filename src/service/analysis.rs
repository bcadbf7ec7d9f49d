//! The match report at once, with nothing kept.

use bytes::Bytes;
use chrono::Utc;

use crate::app::App;
use crate::domain::id::{FileId, UserId};
use crate::domain::outcome::Analysis;
use crate::pipeline::Order;
use crate::service::advert::Advert;
use crate::service::{ServiceError, corrections, files};

/// The resume to look at.
#[derive(Debug)]
pub enum Subject {
    /// One that was uploaded before.
    File(FileId),
    /// One that comes along and is not kept.
    Upload {
        /// Its name.
        filename: String,
        /// Its bytes.
        bytes: Bytes,
    },
}

/// How a resume meets a posting.
///
/// # Errors
/// `not_found` for the file; what is wrong with the resume or the posting.
pub async fn analyze(
    app: &App,
    owner: UserId,
    subject: Subject,
    advert: Advert,
) -> Result<Analysis, ServiceError> {
    let advert = advert.checked(app)?;
    let (filename, resume, corrected) = match subject {
        Subject::Upload { filename, bytes } => (filename, bytes, None),
        Subject::File(id) => {
            let content = files::content(app, owner, id).await?;
            (content.file.filename, content.bytes, corrections::resume(app, owner, id).await?)
        }
    };
    let order = Order {
        resume,
        filename,
        corrected,
        posting: advert.source(),
        hints: advert.hints(),
        template: None,
        as_of: Utc::now().date_naive(),
    };
    app.pipeline.analyze(order).await.map_err(|error| advert.blame(error))
}
