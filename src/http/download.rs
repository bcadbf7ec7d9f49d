//! Documents as downloads, named safely and never opened in place.

use std::io;

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, ContentDisposition, DispositionParam, DispositionType,
};
use actix_web::web::Bytes;
use futures_util::Stream;

/// An answer that browsers save under `filename`.
pub(crate) fn download(filename: &str, content_type: &str, bytes: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((CONTENT_DISPOSITION, disposition(filename)))
        .content_type(content_type)
        .body(bytes)
}

/// The same, of what is written while it is sent.
pub(crate) fn download_stream(
    filename: &str,
    content_type: &str,
    bytes: impl Stream<Item = io::Result<Bytes>> + 'static,
) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((CONTENT_DISPOSITION, disposition(filename)))
        .content_type(content_type)
        .streaming(bytes)
}

/// The name as it is (RFC 6266), and one in ASCII for programs that know no other.
fn disposition(filename: &str) -> ContentDisposition {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let ascii: String = filename.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut parameters = vec![DispositionParam::Filename(ascii.clone())];
    if ascii != filename {
        parameters.push(DispositionParam::FilenameExt(actix_web::http::header::ExtendedValue {
            charset: actix_web::http::header::Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: filename.as_bytes().to_vec(),
        }));
    }
    ContentDisposition { disposition: DispositionType::Attachment, parameters }
}

#[cfg(test)]
mod tests {
    use crate::http::download::disposition;

    #[track_caller]
    fn check(filename: &str, expected: &str) {
        assert_eq!(disposition(filename).to_string(), expected);
    }

    #[test]
    fn a_name_reaches_every_program() {
        check("Jane_Doe.pdf", "attachment; filename=\"Jane_Doe.pdf\"");
        check(
            "Jürgen \"x\".pdf",
            "attachment; filename=\"J_rgen__x_.pdf\"; filename*=UTF-8''J%C3%BCrgen%20%22x%22.pdf",
        );
    }
}
