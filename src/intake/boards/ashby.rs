//! Ashby: an answer is the whole board of a company, whose name is read with its capitals.

use serde_json::Value;
use url::Url;

use crate::intake::boards::advert::{Advert, name_of, paragraphs};
use crate::intake::boards::{Board, Posting, is_name, is_remote_word, is_true, list, segments, text};

pub(crate) static BOARD: Board = Board { name: "ashby", find, read };

fn find(page: &Url) -> Option<Posting> {
    if page.host_str()? != "jobs.ashbyhq.com" {
        return None;
    }
    let segments = segments(page);
    let ([company, id] | [company, id, "application"]) = segments.as_slice() else { return None };
    (is_name(company) && is_name(id)).then(|| Posting {
        base: "https://api.ashbyhq.com".to_owned(),
        path: format!("/posting-api/job-board/{company}"),
        query: "includeCompensation=true",
        company: (*company).to_owned(),
        id: (*id).to_owned(),
        // A posting that is not listed has a page all the same.
        is_alone: false,
    })
}

fn read(answer: &Value, posting: &Posting) -> Option<Advert> {
    let mut all = list(answer, "/jobs").iter().chain(list(answer, "/jobPostings"));
    let job = all.find(|job| text(job, "/id").is_some_and(|id| id.eq_ignore_ascii_case(&posting.id)))?;
    let others = list(job, "/secondaryLocations").iter().filter_map(|place| text(place, "/location"));
    Some(Advert {
        title: text(job, "/title"),
        company: Some(name_of(&posting.company)),
        locations: text(job, "/location").into_iter().chain(others).collect(),
        is_remote: is_true(job, "/isRemote") || is_remote_word(job, "/workplaceType"),
        employment: text(job, "/employmentType"),
        description: text(job, "/descriptionHtml")
            .or_else(|| text(job, "/descriptionPlain").map(|plain| paragraphs(&plain)))?,
    })
}
