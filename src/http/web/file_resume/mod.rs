//! `/files/{file_id}/resume`: what was read of a file, and the form by which its owner corrects it.

mod draft;
mod parts;
mod view;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::audit::Actor;
use crate::domain::correction::FileResume;
use crate::domain::file::File;
use crate::domain::id::{FileId, JobId, UserId};
use crate::http::client::Asked;
use crate::http::form::{Form, ResumeForm, TextForm};
use crate::http::problem::Problem;
use crate::http::web::file_resume::draft::Draft;
use crate::http::web::file_resume::parts::part;
use crate::http::web::file_resume::view::{PartView, names, parts};
use crate::http::web::jobs::Typed as Again;
use crate::http::web::pages::{Errors, Frame, STALE, again, page, redirect};
use crate::http::web::visitor::{SignedIn, Visitor};
use crate::service::corrections::{self, Current};
use crate::service::{FieldError, ServiceError, files, jobs};

#[derive(Template)]
#[template(path = "web/file_resume.html")]
struct ResumePage {
    frame: Frame,
    errors: Errors,
    said: Option<String>,
    file: File,
    corrected_at: Option<DateTime<Utc>>,
    tag: String,
    job: String,
    again: Option<Again>,
    notes: Vec<String>,
    parts: Vec<PartView>,
    unshown: Vec<(&'static str, String)>,
    overtaken: bool,
    /// Others saved another order of the sections or other data of the schema, which the page does not show.
    differs_unshown: bool,
}

impl ResumePage {
    /// The parts of which others saved something else.
    fn differing(&self) -> impl Iterator<Item = &PartView> {
        self.parts.iter().filter(|part| part.saved.is_some())
    }
}

/// What a page is made of besides what is kept.
struct Sheet {
    draft: Draft,
    tag: String,
    errors: Errors,
    /// The job from whose page somebody came.
    job: String,
    said: Option<Said>,
    /// Others saved something since the page was opened: it is shown until the page is saved or left.
    overtaken: bool,
}

/// What was done, to be said on the page after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Saved,
    TakenBack,
}

fn path(id: FileId) -> String {
    format!("/files/{id}/resume")
}

pub(crate) async fn show(
    app: web::Data<App>,
    visitor: SignedIn,
    id: web::Path<FileId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let visitor = visitor.0;
    let owner = visitor.expect_user(&path(*id))?.id;
    let query: Vec<(String, String)> =
        web::Query::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default();
    let value = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let said = match value("did") {
        Some("saved") => Some(Said::Saved),
        Some("taken-back") => Some(Said::TakenBack),
        _ => None,
    };
    let current = corrections::find(&app, owner, *id).await?;
    let sheet = Sheet {
        draft: Draft::of_reading(&current.shown.resume),
        tag: current.tag,
        errors: Errors::default(),
        job: value("job").unwrap_or_default().to_owned(),
        said,
        overtaken: false,
    };
    page(&visitor, &build(&app, &visitor, *id, current.shown, sheet).await?)
}

/// Saves, or does what another button of the form says: adds, moves or removes an entry, and keeps nothing of it yet.
pub(crate) async fn submit(
    app: web::Data<App>,
    asked: Asked,
    visitor: SignedIn,
    id: web::Path<FileId>,
    form: ResumeForm,
) -> Result<HttpResponse, Problem> {
    let visitor = visitor.0;
    let owner = visitor.expect_user(&path(*id))?.id;
    let current = corrections::find(&app, owner, *id).await?;
    let mut sheet = Sheet {
        // One more than is taken, so that the others are refused and not lost in silence.
        draft: Draft::typed(&form, app.config.corrections.max_entries.saturating_add(1)),
        tag: form.typed("tag"),
        errors: Errors::default(),
        job: form.typed("job"),
        said: None,
        overtaken: form.text("overtaken").is_some(),
    };
    if !visitor.sent(&form) {
        sheet.errors = Errors::say(STALE);
        return again(&visitor, &build(&app, &visitor, *id, current.shown, sheet).await?);
    }
    if let Some(wish) = form.text("do") {
        change(&mut sheet.draft, wish);
        return page(&visitor, &build(&app, &visitor, *id, current.shown, sheet).await?);
    }
    let (given, expected) = (sheet.draft.clone().into_value(), [sheet.tag.clone()]);
    let origin = asked.0.by(Actor::Person);
    match corrections::correct(&app, owner, *id, given, Some(&expected), &origin).await {
        Ok(_) => Ok(redirect(&after(*id, "saved", &form))),
        Err(error) => {
            let mut shown = current.shown;
            if let ServiceError::Changed { .. } = error {
                // Sent once more, it takes the place of what the page now shows beside it, and of nothing later.
                let now = corrections::find(&app, owner, *id).await?;
                (shown, sheet.tag, sheet.overtaken) = (now.shown, now.tag, true);
            }
            sheet.errors = on_the_page(error, &sheet.draft)?;
            again(&visitor, &build(&app, &visitor, *id, shown, sheet).await?)
        }
    }
}

pub(crate) async fn take_back(
    app: web::Data<App>,
    asked: Asked,
    visitor: SignedIn,
    id: web::Path<FileId>,
    form: TextForm,
) -> Result<HttpResponse, Problem> {
    let visitor = visitor.0;
    let owner = visitor.expect_user(&path(*id))?.id;
    visitor.expect_sent(&form)?;
    let origin = asked.0.by(Actor::Person);
    match corrections::delete(&app, owner, *id, Some(&[form.typed("tag")]), &origin).await {
        Ok(()) => Ok(redirect(&after(*id, "taken-back", &form))),
        Err(error) => {
            let Current { shown, tag } = corrections::find(&app, owner, *id).await?;
            let draft = Draft::of_reading(&shown.resume);
            let errors = on_the_page(error, &draft)?;
            let sheet = Sheet { draft, tag, errors, job: form.typed("job"), said: None, overtaken: false };
            again(&visitor, &build(&app, &visitor, *id, shown, sheet).await?)
        }
    }
}

/// `add work`, `remove work 2`, `raise work 2`.
fn change(draft: &mut Draft, wish: &str) {
    let mut words = wish.split(' ');
    match (words.next(), words.next(), words.next().and_then(|number| number.parse().ok())) {
        (Some("add"), Some(part), None) => draft.add(part),
        (Some("remove"), Some(part), Some(number)) => draft.remove(part, number),
        (Some("raise"), Some(part), Some(number)) => draft.raise(part, number),
        _ => {}
    }
}

/// The page again, with what was done and the job that it is about.
fn after(id: FileId, did: &str, form: &Form) -> String {
    match form.text("job").and_then(|job| job.parse::<JobId>().ok()) {
        Some(job) => format!("{}?did={did}&job={job}", path(id)),
        None => format!("{}?did={did}", path(id)),
    }
}

/// What was refused, beside the fields of the page: they are named as in the form, and an item of a list by its line.
fn on_the_page(error: ServiceError, draft: &Draft) -> Result<Errors, Problem> {
    let names = names(draft);
    let shown: Vec<&str> = names.iter().map(String::as_str).collect();
    let error = match error {
        ServiceError::Invalid { code, detail, fields } => {
            let fields = fields.into_iter().map(|field| named(field, &shown)).collect();
            ServiceError::Invalid { code, detail, fields }
        }
        other => other,
    };
    Errors::from_refusal(error, &shown)
}

fn named(error: FieldError, shown: &[&str]) -> FieldError {
    let name = error.field.strip_prefix("resume.").unwrap_or(&error.field).replace('[', ".").replace(']', "");
    if let Some((list, line)) = name.rsplit_once('.')
        && let Ok(line) = line.parse::<usize>()
        && shown.contains(&list)
    {
        return FieldError::new(list, format!("Line {}: {}", line + 1, error.message));
    }
    // A part as a whole has no field to stand beside.
    match part(&name) {
        Some(part) => FieldError::new(name, format!("{}: {}", part.heading, error.message)),
        None => FieldError::new(name, error.message),
    }
}

async fn build(
    app: &App,
    visitor: &Visitor,
    id: FileId,
    kept: FileResume,
    sheet: Sheet,
) -> Result<ResumePage, Problem> {
    let owner = visitor.expect_user(&path(id))?.id;
    let read = Draft::of_reading(kept.read.as_ref().unwrap_or(&kept.resume));
    let saved = sheet.overtaken.then(|| Draft::of_reading(&kept.resume));
    let parts = parts(&sheet.draft, &read, saved.as_ref(), &sheet.errors);
    let again = match sheet.said {
        Some(_) => same_posting(app, owner, id, &sheet.job).await?,
        None => None,
    };
    Ok(ResumePage {
        frame: Frame::of(visitor),
        said: sheet.said.map(|said| sentence(said, &parts)),
        errors: sheet.errors,
        file: files::find(app, owner, id).await?,
        corrected_at: kept.corrected_at,
        tag: sheet.tag,
        job: sheet.job,
        again,
        notes: kept.notes,
        parts,
        unshown: sheet.draft.unshown(),
        overtaken: sheet.overtaken,
        differs_unshown: saved.is_some_and(|saved| !saved.has_same_unshown(&sheet.draft)),
    })
}

/// The posting of the job that somebody came from, for another job with it.
async fn same_posting(app: &App, owner: UserId, id: FileId, job: &str) -> Result<Option<Again>, Problem> {
    let Ok(job) = job.parse::<JobId>() else {
        return Ok(None);
    };
    match jobs::find(app, owner, job).await {
        Ok(job) if job.file_id == Some(id) => Ok(Some(Again::of_job(job))),
        Ok(_) | Err(ServiceError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn sentence(said: Said, parts: &[PartView]) -> String {
    const FROM_NOW: &str = "Jobs that you start from now on use it; those before keep their results.";
    if said == Said::TakenBack {
        return format!("Your corrections are gone: this is what was read. {FROM_NOW}");
    }
    let corrected: Vec<&str> =
        parts.iter().filter(|part| part.is_corrected).map(|part| part.heading).collect();
    if corrected.is_empty() {
        return format!("Saved. It says what was read. {FROM_NOW}");
    }
    format!("Saved. Corrected: {}. {FROM_NOW}", corrected.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::http::web::file_resume::named;
    use crate::service::FieldError;

    #[track_caller]
    fn check(field: &str, message: &str, expected: (&str, &str)) {
        let shown = ["work.1.startDate", "work.1.highlights"];
        let error = named(FieldError::new(field, message), &shown);
        assert_eq!((error.field.as_str(), error.message.as_str()), expected);
    }

    #[test]
    fn what_is_wrong_is_named_as_the_form_names_it() {
        check("resume.work[1].startDate", "No.", ("work.1.startDate", "No."));
        check("resume.work[1].highlights[0]", "No.", ("work.1.highlights", "Line 1: No."));
        check("resume.work", "No.", ("work", "Work: No."));
        check("resume", "No.", ("resume", "No."));
    }
}
