//! The style sheet, scripts and pictures of the pages, inside the binary.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

use crate::domain::hash::hex;
use crate::http::problem::Problem;

const FILES: &[(&str, &str, &[u8])] = &[
    ("app.css", "text/css; charset=utf-8", include_bytes!("../../assets/static/app.css")),
    ("forms.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/static/forms.js")),
    ("progress.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/static/progress.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../assets/static/icon.svg")),
];

/// Changes with any of the files, so that browsers may keep each version for ever.
pub(crate) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (_, _, bytes) in FILES {
        hash.update(bytes);
    }
    hex(hash.finalize().get(..6).unwrap_or_default())
});

/// `GET /static/{name}`
pub(crate) async fn file(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Some((_, content_type, bytes)) = FILES.iter().find(|(known, _, _)| *known == name.as_str()) else {
        return Err(Problem::not_found("There is no such file."));
    };
    let tag = format!("\"{}\"", *VERSION);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known == Some(tag.as_str()) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
    }
    // Only the address with the right version may be kept: a bare one changes with the next release.
    let versioned = request.query_string() == format!("v={}", *VERSION);
    let keep = if versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, keep))
        .insert_header((ETAG, tag))
        .content_type(*content_type)
        .body(*bytes))
}
