//! The content of a page: its streams one after the other.

use hayro_syntax::object::{Array, MaybeRef, Stream};
use hayro_syntax::page::Page;

use crate::engine::read::error::ReadError;
use crate::engine::read::pdf::guard::{MAX_STREAM, is_picture};

/// The content of a page, `None` when there is none or it cannot be unpacked.
///
/// The parser would put it together as well, but without a bound for a stream that is named a thousand times,
/// and it would keep that of all pages.
pub(crate) fn contents(page: &Page<'_>) -> Result<Option<Vec<u8>>, ReadError> {
    if let Some(stream) = page.raw().get::<Stream<'_>>("Contents") {
        return Ok(unpacked(&stream));
    }
    let Some(parts) = page.raw().get::<Array<'_>>("Contents") else { return Ok(None) };
    let mut all = Vec::new();
    for part in parts.raw_iter() {
        let part = match part {
            MaybeRef::Ref(reference) => page.xref().get::<Stream<'_>>(reference.into()),
            MaybeRef::NotRef(object) => object.into_stream(),
        };
        // What is lost of a page is no reason to lose the rest of it.
        let Some(part) = part.as_ref().and_then(unpacked) else { continue };
        if all.is_empty() {
            all = part;
        } else {
            all.extend(part);
        }
        // Two streams may part where two operators do.
        all.push(b' ');
        if all.len() as u64 > MAX_STREAM {
            return Err(ReadError::too_complex("one of its pages is put together from more than is read"));
        }
    }
    Ok(Some(all))
}

fn unpacked(stream: &Stream<'_>) -> Option<Vec<u8>> {
    if is_picture(stream.dict()) {
        return None;
    }
    Some(stream.decoded_data().ok()?.into_owned())
}
