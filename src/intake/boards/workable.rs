//! Workable: an answer is the whole account of a company.

use serde_json::Value;
use url::Url;

use crate::intake::boards::advert::Advert;
use crate::intake::boards::{Board, Posting, is_name, is_true, list, place, segments, text};

pub(crate) static BOARD: Board = Board { name: "workable", find, read };

fn find(page: &Url) -> Option<Posting> {
    if page.host_str()? != "apply.workable.com" {
        return None;
    }
    let segments = segments(page);
    let ([company, "j", code] | [company, "j", code, "apply"]) = segments.as_slice() else { return None };
    (is_name(company) && is_name(code)).then(|| Posting {
        base: "https://apply.workable.com".to_owned(),
        path: format!("/api/v1/widget/accounts/{company}"),
        // Without it the answer has titles and no text.
        query: "details=true",
        company: (*company).to_owned(),
        id: (*code).to_owned(),
        is_alone: false,
    })
}

fn read(answer: &Value, posting: &Posting) -> Option<Advert> {
    let is_meant = |job: &&Value| {
        ["/shortcode", "/code"]
            .iter()
            .any(|field| text(job, field).is_some_and(|code| code.eq_ignore_ascii_case(&posting.id)))
    };
    let job = list(answer, "/jobs").iter().find(is_meant)?;
    Some(Advert {
        title: text(job, "/title"),
        company: text(answer, "/name"),
        locations: place(job, &["/city", "/state", "/country"]).into_iter().collect(),
        is_remote: is_true(job, "/telecommuting"),
        employment: text(job, "/employment_type"),
        description: text(job, "/description")?,
    })
}
