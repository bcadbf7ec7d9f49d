//! Documents as downloads, named safely and never opened in place.

use std::io;
use std::pin::pin;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, ContentDisposition, DispositionParam, DispositionType,
};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::mpsc::{self, Sender};
use tokio::time::{Instant, timeout};

/// Bytes of one piece of a large answer.
const PIECE: usize = 65_536;
/// How slowly whoever is sent a large answer may take it: others wait for its turn.
const PACE: Pace = Pace { moment: Duration::from_secs(30), bytes_a_second: 32_768 };

/// How slowly an answer may be read.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Time that it may take more than its bytes do.
    moment: Duration,
    bytes_a_second: u32,
}

/// An answer that browsers save under `filename`.
pub(crate) fn download(filename: &str, content_type: &str, bytes: Bytes) -> HttpResponse {
    saved_as(filename, content_type).body(bytes)
}

/// The same for what may be large: it is sent piece by piece, and kept together with `turn` for as long as somebody who
/// is not very slow needs to take it.
pub(crate) fn download_in_pieces<T: Send + 'static>(
    filename: &str,
    content_type: &str,
    bytes: Bytes,
    turn: T,
) -> HttpResponse {
    let size = bytes.len() as u64;
    let whole = stream::once(async { Ok(bytes) });
    saved_as(filename, content_type).body(SizedStream::new(size, paced(whole, PACE, turn)))
}

/// The same, of what is written while it is sent.
pub(crate) fn download_stream<T: Send + 'static>(
    filename: &str,
    content_type: &str,
    bytes: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    turn: T,
) -> HttpResponse {
    saved_as(filename, content_type).streaming(paced(bytes, PACE, turn))
}

/// The same bytes in small pieces, for as long as they are read at a pace. What breaks off ends with an error: an answer
/// of which no length is known, or that is compressed on its way, would look whole otherwise.
fn paced<T: Send + 'static>(
    bytes: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    pace: Pace,
    turn: T,
) -> impl Stream<Item = io::Result<Bytes>> + 'static {
    let (sender, receiver) = mpsc::channel(1);
    // Apart from whoever reads it: who stops reading keeps neither the bytes nor the turn.
    tokio::spawn(async move {
        let _turn = turn;
        send_on(bytes, pace, sender).await;
    });
    stream::unfold(Some(receiver), |receiver| async move {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Some(piece)) => Some((piece, Some(receiver))),
            Some(None) => None,
            None => Some((Err(io::Error::other("the answer was not read in time")), None)),
        }
    })
}

/// Sends each piece, and nothing as the end; leaves without that end when it is read too slowly.
async fn send_on(
    bytes: impl Stream<Item = io::Result<Bytes>>,
    pace: Pace,
    sender: Sender<Option<io::Result<Bytes>>>,
) {
    let mut bytes = pin!(bytes);
    // Time that the reader may still have others wait: only what it takes earns it more.
    let mut patience = pace.moment;
    loop {
        let piece = match bytes.next().await {
            Some(Ok(piece)) => piece,
            end => {
                if let Some(Err(error)) = &end {
                    // The answer has begun with 200; nobody else can say it.
                    tracing::error!(exception = %error, "a download broke off");
                }
                // The last part may still wait to be read.
                let _ = timeout(patience.max(pace.moment), sender.send(end)).await;
                return;
            }
        };
        for part in piece.chunks(PIECE) {
            patience += Duration::from_secs(part.len() as u64) / pace.bytes_a_second;
            let begun = Instant::now();
            // A copy: a part of the whole would keep the whole.
            let sent = sender.send(Some(Ok(Bytes::copy_from_slice(part))));
            if !matches!(timeout(patience, sent).await, Ok(Ok(()))) {
                return;
            }
            patience = patience.saturating_sub(begun.elapsed());
        }
    }
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
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::pin::pin;
    use std::time::Duration;

    use actix_web::web::Bytes;
    use futures_util::{Stream, StreamExt as _, stream};
    use tokio::sync::oneshot::{self, Receiver};
    use tokio::time::sleep;

    use crate::http::download::{PIECE, Pace, disposition, paced};

    const FAST: Pace = Pace { moment: Duration::from_millis(200), bytes_a_second: 10_000_000 };

    /// Two pieces of several parts each, and what is told when the turn is given back.
    fn answer() -> (impl Stream<Item = std::io::Result<Bytes>>, Receiver<()>) {
        let (turn, given_back) = oneshot::channel();
        let pieces = [Ok(Bytes::from(vec![1; 2 * PIECE + 1])), Ok(Bytes::from(vec![2; PIECE]))];
        (paced(stream::iter(pieces), FAST, turn), given_back)
    }

    #[tokio::test]
    async fn what_is_read_arrives_whole_and_then_its_turn_is_given_back() {
        let (answer, given_back) = answer();
        let parts: Vec<_> = answer.map(Result::unwrap).collect().await;
        assert_eq!(parts.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE, PIECE, 1, PIECE]);
        assert!(given_back.await.is_err());
    }

    #[tokio::test]
    async fn what_is_read_too_slowly_gives_its_turn_back_and_ends_with_an_error() {
        let (answer, given_back) = answer();
        assert!(given_back.await.is_err());
        let parts: Vec<_> = answer.collect().await;
        assert!(parts.last().unwrap().is_err(), "it must not look whole");
    }

    #[tokio::test]
    async fn a_moment_is_had_once_not_for_each_piece() {
        let (answer, given_back) = answer();
        let mut answer = pin!(answer);
        let slow = async {
            while let Some(Ok(_)) = answer.next().await {
                sleep(Duration::from_millis(150)).await;
            }
            answer.next().await
        };
        assert!(slow.await.is_none());
        assert!(given_back.await.is_err());
    }

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
