//! SmartRecruiters: one posting an answer, its text in named sections.

use serde_json::Value;
use url::Url;

use crate::intake::boards::advert::{Advert, section};
use crate::intake::boards::{Board, Posting, is_name, is_true, place, segments, text};

/// The sections in the order of the page.
const SECTIONS: &[&str] =
    &["companyDescription", "jobDescription", "qualifications", "additionalInformation"];

pub(crate) static BOARD: Board = Board { name: "smartrecruiters", find, read };

fn find(page: &Url) -> Option<Posting> {
    if page.host_str()? != "jobs.smartrecruiters.com" {
        return None;
    }
    let segments = segments(page);
    let [company, slug] = segments.as_slice() else { return None };
    let (id, _) = slug.split_once('-').unwrap_or((slug, ""));
    let is_number = !id.is_empty() && id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit());
    (is_name(company) && is_number).then(|| Posting {
        base: "https://api.smartrecruiters.com".to_owned(),
        path: format!("/v1/companies/{company}/postings/{id}"),
        query: "",
        company: (*company).to_owned(),
        id: id.to_owned(),
        is_alone: true,
    })
}

fn read(answer: &Value, _: &Posting) -> Option<Advert> {
    let part = |name: &&str| {
        let title = text(answer, &format!("/jobAd/sections/{name}/title"));
        let html = text(answer, &format!("/jobAd/sections/{name}/text")).unwrap_or_default();
        section(title.as_deref(), &html)
    };
    Some(Advert {
        title: text(answer, "/name"),
        company: text(answer, "/company/name"),
        locations: place(answer, &["/location/city", "/location/region", "/location/country"])
            .into_iter()
            .collect(),
        is_remote: is_true(answer, "/location/remote"),
        employment: text(answer, "/typeOfEmployment/label"),
        description: SECTIONS.iter().map(part).collect(),
    })
}
