//! Refuses PDFs that are small on disk and huge in memory, before the parser allocates for them.

use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, Object};

use crate::engine::read::error::ReadError;

/// Bytes of one stream after inflating.
const MAX_STREAM: u64 = 48 << 20;
/// Bytes of all streams together.
const MAX_TOTAL: u64 = 192 << 20;
/// Filters in a row, and those among them that inflate: two in a row already grow a million times.
const MAX_FILTERS: usize = 4;
const MAX_FLATE_FILTERS: usize = 2;
/// Character codes that one range of a character map may cover: all of a two-byte font.
const MAX_RANGE: u64 = 0xffff;

/// Looks at every stream of the document.
///
/// The parser has no output limit of its own: a gigabyte of zeros costs it a gigabyte, and one character map
/// range over four billion codes costs it half a minute.
pub(crate) fn check(pdf: &Pdf) -> Result<(), ReadError> {
    let mut total = 0;
    for object in pdf.objects() {
        let Object::Stream(stream) = object else { continue };
        let filters = filters(stream.dict());
        let inflating = filters.iter().filter(|inflates| **inflates).count();
        if filters.len() > MAX_FILTERS || inflating > MAX_FLATE_FILTERS {
            return Err(ReadError::too_complex("one of its streams is packed many times over"));
        }
        let mut data = stream.raw_data().into_owned();
        for _ in filters.iter().take_while(|inflates| **inflates) {
            let mut out = Vec::new();
            // A broken stream ends where it breaks; the parser deals with that.
            let _ = ZlibDecoder::new(data.as_slice()).take(MAX_STREAM + 1).read_to_end(&mut out);
            total += out.len() as u64;
            if out.len() as u64 > MAX_STREAM || total > MAX_TOTAL {
                return Err(ReadError::too_complex("its content grows beyond all measure when unpacked"));
            }
            data = out;
        }
        if find(&data, b"begincmap").is_some() && !ranges_are_sane(&data) {
            return Err(ReadError::too_complex("one of its fonts maps more characters than exist"));
        }
    }
    Ok(())
}

/// Which filters of a stream inflate, in order.
fn filters(dict: &Dict<'_>) -> Vec<bool> {
    let inflates = |name: &Name<'_>| matches!(name.as_str(), "FlateDecode" | "Fl" | "LZWDecode" | "LZW");
    if let Some(name) = dict.get::<Name<'_>>("Filter") {
        return vec![inflates(&name)];
    }
    dict.get::<Array<'_>>("Filter")
        .map(|names| names.iter::<Name<'_>>().map(|name| inflates(&name)).collect())
        .unwrap_or_default()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Whether every range entry of a character map covers at most `MAX_RANGE` codes.
fn ranges_are_sane(map: &[u8]) -> bool {
    [
        (&b"beginbfrange"[..], &b"endbfrange"[..]),
        (b"begincidrange", b"endcidrange"),
        (b"beginnotdefrange", b"endnotdefrange"),
    ]
    .into_iter()
    .all(|(begin, end)| {
        let mut rest = map;
        while let Some(after) = find(rest, begin).and_then(|at| rest.get(at + begin.len()..)) {
            let length = find(after, end).unwrap_or(after.len());
            let (section, tail) = after.split_at_checked(length).unwrap_or((after, &[]));
            if !section_is_sane(section) {
                return false;
            }
            rest = tail;
        }
        true
    })
}

/// Entries are `<low> <high> <first>`, `<low> <high> [ … ]` or `<low> <high> number`.
fn section_is_sane(section: &[u8]) -> bool {
    let mut codes: Vec<u64> = Vec::new();
    let mut bytes = section.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'<' => {
                let digits: String =
                    bytes.by_ref().take_while(|byte| **byte != b'>').map(|byte| char::from(*byte)).collect();
                codes.push(u64::from_str_radix(digits.trim(), 16).unwrap_or(0));
            }
            b'[' => {
                let _ = bytes.by_ref().find(|byte| **byte == b']');
                codes.clear();
            }
            b'0'..=b'9' if codes.len() == 2 => codes.clear(),
            _ => {}
        }
        if let [low, high] = codes.as_slice()
            && high.saturating_sub(*low) > MAX_RANGE
        {
            return false;
        }
        if codes.len() > 2 {
            codes.clear();
        }
    }
    true
}
