//! Lever: one posting an answer, in pieces: what is asked for stands in `lists`, beside the description.

use serde_json::Value;
use url::Url;

use crate::intake::boards::advert::{Advert, name_of, paragraphs, section};
use crate::intake::boards::{Board, Posting, is_name, is_remote_word, list, segments, text};

pub(crate) static BOARD: Board = Board { name: "lever", find, read };

fn find(page: &Url) -> Option<Posting> {
    let base = match page.host_str()? {
        "jobs.lever.co" => "https://api.lever.co",
        "jobs.eu.lever.co" => "https://api.eu.lever.co",
        _ => return None,
    };
    let segments = segments(page);
    let ([company, id] | [company, id, "apply"]) = segments.as_slice() else { return None };
    (is_name(company) && is_name(id)).then(|| Posting {
        base: base.to_owned(),
        path: format!("/v0/postings/{company}/{id}"),
        query: "mode=json",
        company: (*company).to_owned(),
        id: (*id).to_owned(),
        is_alone: true,
    })
}

fn read(answer: &Value, posting: &Posting) -> Option<Advert> {
    // One posting is asked for, but a proxy may answer with the company's list.
    let answer = match answer {
        Value::Array(all) => all.iter().find(|one| text(one, "/id").as_ref() == Some(&posting.id))?,
        one => one,
    };
    let mut locations: Vec<String> = text(answer, "/categories/location").into_iter().collect();
    for place in list(answer, "/categories/allLocations").iter().filter_map(Value::as_str) {
        if !locations.iter().any(|known| known == place) {
            locations.push(place.to_owned());
        }
    }
    Some(Advert {
        title: text(answer, "/text"),
        company: Some(name_of(&posting.company)),
        locations,
        is_remote: is_remote_word(answer, "/workplaceType"),
        employment: text(answer, "/categories/commitment"),
        description: description(answer),
    })
}

fn description(answer: &Value) -> String {
    let mut html = either(answer, "/description", "/descriptionPlain");
    if html.is_empty() {
        html = either(answer, "/opening", "/openingPlain")
            + &either(answer, "/descriptionBody", "/descriptionBodyPlain");
    }
    for part in list(answer, "/lists") {
        let items = text(part, "/content").unwrap_or_default();
        let items =
            if items.contains("<li") && !items.contains("<ul") { format!("<ul>{items}</ul>") } else { items };
        html.push_str(&section(text(part, "/text").as_deref(), &items));
    }
    html + &either(answer, "/additional", "/additionalPlain")
}

/// A piece as HTML, or else as text.
fn either(answer: &Value, html: &str, plain: &str) -> String {
    let html = text(answer, html).or_else(|| text(answer, plain).map(|plain| paragraphs(&plain)));
    section(None, &html.unwrap_or_default())
}
