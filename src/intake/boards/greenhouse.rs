//! Greenhouse: one posting an answer, its HTML encoded once more than needed.

use serde_json::Value;
use url::Url;

use crate::intake::boards::advert::{Advert, decoded};
use crate::intake::boards::{Board, Posting, is_name, segments, text};

/// Where companies' own pages tell whose postings they frame.
const FRAMES: &[&str] = &[
    "greenhouse.io/embed/job_board/js?for=",
    "greenhouse.io/embed/job_board?for=",
    "greenhouse.io/embed/job_app?for=",
];

pub(crate) static BOARD: Board = Board { name: "greenhouse", find, read };

fn find(page: &Url) -> Option<Posting> {
    let is_european = match page.host_str()? {
        "boards.greenhouse.io" | "job-boards.greenhouse.io" => false,
        "boards.eu.greenhouse.io" | "job-boards.eu.greenhouse.io" => true,
        _ => return None,
    };
    let found = match segments(page).as_slice() {
        ["embed", "job_app"] => posting(&query(page, "for")?, &query(page, "token")?),
        [company, "jobs", id, ..] => posting(company, id),
        [company] => posting(company, &query(page, "gh_jid")?),
        _ => None,
    }?;
    // European boards are said to be served from here too; that they are missing here proves nothing.
    Some(Posting { is_alone: !is_european, ..found })
}

/// A company's own page with `gh_jid` in its address: the page itself tells the company's name on the board.
pub(crate) fn embedded(page: &Url, html: &[u8]) -> Option<Posting> {
    let id = query(page, "gh_jid")?;
    let html = String::from_utf8_lossy(html);
    let company = FRAMES.iter().find_map(|frame| html.split_once(frame)).map(|(_, rest)| {
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect::<String>()
    })?;
    posting(&company, &id)
}

fn posting(company: &str, id: &str) -> Option<Posting> {
    let is_number = !id.is_empty() && id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit());
    (is_name(company) && is_number).then(|| Posting {
        base: "https://boards-api.greenhouse.io".to_owned(),
        path: format!("/v1/boards/{company}/jobs/{id}"),
        query: "",
        company: company.to_owned(),
        id: id.to_owned(),
        is_alone: true,
    })
}

fn query(page: &Url, name: &str) -> Option<String> {
    page.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn read(answer: &Value, _: &Posting) -> Option<Advert> {
    let location = text(answer, "/location/name");
    Some(Advert {
        title: text(answer, "/title"),
        company: text(answer, "/company_name"),
        is_remote: location.as_deref().is_some_and(|place| place.eq_ignore_ascii_case("remote")),
        locations: location.into_iter().collect(),
        employment: None,
        description: decoded(&text(answer, "/content")?),
    })
}
