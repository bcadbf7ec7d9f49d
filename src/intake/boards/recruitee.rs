//! Recruitee: every company at a host of its own; an answer is all of its offers.

use serde_json::Value;
use url::Url;

use crate::intake::boards::advert::{Advert, section};
use crate::intake::boards::{Board, Posting, is_name, is_true, list, place, segments, text};

pub(crate) static BOARD: Board = Board { name: "recruitee", find, read };

fn find(page: &Url) -> Option<Posting> {
    let host = page.host_str()?;
    let company = host.strip_suffix(".recruitee.com").filter(|company| !company.contains('.'))?;
    let segments = segments(page);
    // A page may stand below its language: /l/en/o/SLUG.
    let ([.., "o", slug] | [.., "o", slug, "c", "new"]) = segments.as_slice() else { return None };
    (is_name(company) && is_name(slug)).then(|| Posting {
        base: format!("https://{host}"),
        path: "/api/offers/".to_owned(),
        query: "",
        company: company.to_owned(),
        id: (*slug).to_owned(),
        is_alone: false,
    })
}

fn read(answer: &Value, posting: &Posting) -> Option<Advert> {
    let offers = list(answer, "/offers");
    let offer = offers.iter().find(|offer| text(offer, "/slug").as_ref() == Some(&posting.id))?;
    let part = |field: &str, heading: Option<&str>| section(heading, &text(offer, field).unwrap_or_default());
    Some(Advert {
        title: text(offer, "/title"),
        company: text(offer, "/company_name"),
        locations: text(offer, "/location")
            .or_else(|| place(offer, &["/city", "/country"]))
            .into_iter()
            .collect(),
        is_remote: is_true(offer, "/remote"),
        employment: text(offer, "/employment_type_code"),
        // What is asked for stands in a field of its own, without a heading.
        description: part("/description", None) + &part("/requirements", Some("Requirements")),
    })
}
