//! The person corrects what was read of a file: seeing both, correcting, taking it back.
//!
//! A correction is a whole resume in its owner's words. Jobs take it in the place of what was read, so that everything in
//! it is a fact, and nothing that was left out of it is. It is looked up each time and never kept in the cache: whoever
//! corrects a resume sees that at once, in every process.

mod check;
mod dates;

use serde_json::Value;

use crate::app::App;
use crate::domain::audit::Action;
use crate::domain::correction::{Correction, FileResume};
use crate::domain::file::File;
use crate::domain::hash::sha256;
use crate::domain::id::{FileId, UserId};
use crate::domain::outcome::Parsed;
use crate::domain::reading::Reading;
use crate::domain::resume::Resume;
use crate::engine::understand::resume::add_phone_number;
use crate::service::audit::{self, Origin};
use crate::service::corrections::check::checked;
use crate::service::corrections::dates::forget_outdated;
use crate::service::{ServiceError, files};
use crate::store::{corrections, files as rows, users};

/// The field of a reading that says of its skills that only running text names them.
const SKILLS_FROM_TEXT: &str = "x-skillsFromText";
/// Characters of a tag: enough of the hash that no two states of one file share them.
const TAG_CHARACTERS: usize = 32;

/// What jobs use of a file now, and a name for that state.
#[derive(Debug)]
pub struct Current {
    /// What there is to see.
    pub shown: FileResume,
    /// Another one after each correction, however alike; to be sent along by whoever must not overwrite another's.
    pub tag: String,
}

/// What jobs use of a file, with what was read of it.
///
/// # Errors
/// `not_found`; `unreadable_file` when it was readable for an earlier version alone.
pub async fn find(app: &App, owner: UserId, id: FileId) -> Result<Current, ServiceError> {
    let file = files::find(app, owner, id).await?;
    let read = files::resume(app, owner, id).await?;
    let correction = corrections::find(&app.db, owner, id).await?;
    Ok(current(&file, read, correction))
}

/// The resume as its owner corrected it, if they did.
pub(in crate::service) async fn resume(
    app: &App,
    owner: UserId,
    id: FileId,
) -> Result<Option<Resume>, ServiceError> {
    Ok(corrections::find(&app.db, owner, id).await?.map(|correction| correction.resume))
}

/// Takes a resume as its owner says it is, in the place of what was read and of any correction before. Only while the
/// state is one of those `expected`, where some are.
///
/// # Errors
/// `not_found`; `invalid_request` naming each field; `resume_changed`; what reading the file may fail with.
pub async fn correct(
    app: &App,
    owner: UserId,
    id: FileId,
    given: Value,
    expected: Option<&[String]>,
    origin: &Origin,
) -> Result<Current, ServiceError> {
    let read = files::resume(app, owner, id).await?;
    let from_text = given.get(SKILLS_FROM_TEXT) == Some(&Value::Bool(true));
    let mut resume = checked(&app.config.corrections, given)?;
    // Skills that only running text names are shown with what was read. Sent back as they are and still said to be that,
    // they are nobody's list; without that word their owner says that they are one.
    if from_text && read.resume.skills_from_text && resume.skills == read.resume.resume.skills {
        resume.skills.clear();
    }
    add_phone_number(&mut resume);
    let tx = app.db.begin().await?;
    // Whoever else corrects this file waits, so that of two who saw the same state one hears of the other.
    users::lock(&tx, owner).await?;
    let file = rows::find(&tx, owner, id).await?.ok_or(NO_SUCH_FILE)?;
    let before = corrections::find(&tx, owner, id).await?;
    refuse_changed(&file, before.as_ref(), expected)?;
    let known = std::iter::once(&read.resume.resume).chain(before.as_ref().map(|before| &before.resume));
    forget_outdated(&mut resume, known);
    let kept = corrections::set(&tx, owner, id, resume).await?;
    audit::note(app, &tx, origin, Action::ResumeCorrected, Some(owner), Some(id.0)).await?;
    tx.commit().await?;
    Ok(current(&file, read, Some(kept)))
}

/// Takes a correction back, where there is one: jobs use what was read again. Only while the state is one of those
/// `expected`, where some are.
///
/// # Errors
/// `not_found`; `resume_changed`.
pub async fn delete(
    app: &App,
    owner: UserId,
    id: FileId,
    expected: Option<&[String]>,
    origin: &Origin,
) -> Result<(), ServiceError> {
    let tx = app.db.begin().await?;
    users::lock(&tx, owner).await?;
    let file = rows::find(&tx, owner, id).await?.ok_or(NO_SUCH_FILE)?;
    let before = corrections::find(&tx, owner, id).await?;
    refuse_changed(&file, before.as_ref(), expected)?;
    if corrections::delete(&tx, owner, id).await? {
        audit::note(app, &tx, origin, Action::CorrectionDeleted, Some(owner), Some(id.0)).await?;
    }
    tx.commit().await?;
    Ok(())
}

const NO_SUCH_FILE: ServiceError = ServiceError::NotFound { what: "file" };

fn current(file: &File, read: Parsed, correction: Option<Correction>) -> Current {
    let tag = tag(file, correction.as_ref());
    let Parsed { resume: read, readability, readers, notes } = read;
    let (resume, read, corrected_at) = match correction {
        None => (read, None, None),
        Some(Correction { resume, corrected_at }) => {
            (Reading { resume, ..Reading::default() }, Some(read), Some(corrected_at))
        }
    };
    let shown = FileResume { resume, read, corrected_at, readability, readers, notes };
    Current { shown, tag }
}

/// Of the file, of how it is read, and of the moment of its correction: corrections of an account wait for each other, so
/// no two of them share one.
fn tag(file: &File, correction: Option<&Correction>) -> String {
    let at = correction.map(|correction| correction.corrected_at.to_rfc3339()).unwrap_or_default();
    let state = format!("{}/{}/{at}", files::READING, file.content_hash);
    sha256(state.as_bytes()).chars().take(TAG_CHARACTERS).collect()
}

fn refuse_changed(
    file: &File,
    correction: Option<&Correction>,
    expected: Option<&[String]>,
) -> Result<(), ServiceError> {
    let own = tag(file, correction);
    if expected.is_none_or(|expected| expected.contains(&own)) {
        return Ok(());
    }
    Err(ServiceError::Changed {
        code: "resume_changed",
        detail: "This resume was corrected by somebody else, or in another window, or is read in a new way since you \
                 looked at it; look at it again and correct that."
            .to_owned(),
    })
}
