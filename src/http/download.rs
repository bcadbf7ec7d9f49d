//! Documents as downloads, named safely and never opened in place.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, ContentDisposition, DispositionParam, DispositionType,
};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use futures_util::{Stream, stream};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Bytes of one piece of a large answer.
const PIECE: usize = 65_536;
/// Bytes a second that whoever is sent a large answer has to take, after a moment: they are kept in memory meanwhile.
const SLOWEST: u64 = 32_768;
/// That moment.
const MOMENT: Duration = Duration::from_secs(30);

/// An answer that browsers save under `filename`.
pub(crate) fn download(filename: &str, content_type: &str, bytes: Bytes) -> HttpResponse {
    saved_as(filename, content_type).body(bytes)
}

/// The same for what may be large: it is sent piece by piece, and kept together with `turn` for as long as somebody who
/// is not very slow needs to take it. For others the answer breaks off, shorter than it says it is.
pub(crate) fn download_in_pieces<T: Send + 'static>(
    filename: &str,
    content_type: &str,
    bytes: Bytes,
    turn: T,
) -> HttpResponse {
    let size = bytes.len() as u64;
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    // Apart from whoever reads it: who stops reading keeps neither the bytes nor the turn.
    tokio::spawn(async move {
        let _turn = turn;
        let send = async {
            for piece in bytes.chunks(PIECE) {
                // A copy: a part of the whole would keep the whole.
                if sender.send(Bytes::copy_from_slice(piece)).await.is_err() {
                    return;
                }
            }
        };
        let _ = timeout(MOMENT + Duration::from_secs(size / SLOWEST), send).await;
    });
    let pieces = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (Ok::<_, Infallible>(piece), receiver))
    });
    saved_as(filename, content_type).body(SizedStream::new(size, pieces))
}

/// The same, of what is written while it is sent.
pub(crate) fn download_stream(
    filename: &str,
    content_type: &str,
    bytes: impl Stream<Item = io::Result<Bytes>> + 'static,
) -> HttpResponse {
    saved_as(filename, content_type).streaming(bytes)
}

fn saved_as(filename: &str, content_type: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((CONTENT_DISPOSITION, disposition(filename)))
        .content_type(content_type);
    response
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
