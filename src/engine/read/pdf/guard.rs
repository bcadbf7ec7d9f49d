//! Refuses PDFs that are small on disk and huge in memory, before their text is read.

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, Name, Object, Stream};

use crate::engine::read::error::ReadError;
use crate::engine::read::pdf::unpack::{Filter, Sink, filters, unpack};

/// Objects of a file: a tagged document of a hundred pages has some ten thousand, and the parser's table of them
/// takes a hundred bytes for each.
const MAX_OBJECTS: usize = 200_000;
/// Bytes of one stream, and of each step of its unpacking. A whole Chinese font has sixteen million; the largest
/// streams of resumes have half a million.
pub(crate) const MAX_STREAM: u64 = 16 << 20;
/// Bytes of all streams together, steps of unpacking included: the parser keeps fonts and packed objects for as
/// long as the document is read. Resumes have one million. With the file itself, which is there twice, and what
/// the pages are made into, a reader that accepts a file stays under 100 MB.
const MAX_TOTAL: u64 = 24 << 20;
/// Bytes of one picture: a page in colour at 300 dots an inch has 26 million. It is never unpacked in memory, so
/// it may be larger than what is.
const MAX_PICTURE: u64 = 48 << 20;
/// Bytes of all pictures together: measuring them takes a second.
const MAX_PICTURES: u64 = 192 << 20;
/// Filters in a row, and those among them that inflate: two in a row already grow a million times.
const MAX_FILTERS: usize = 4;
const MAX_INFLATING: usize = 2;
/// Bytes of one character map: one of all characters of a two-byte font has a million. Parsed, it takes seven times
/// its size.
pub(crate) const MAX_MAP: u64 = 2 << 20;
/// Character codes that one range of a character map may cover: all of a two-byte font.
const MAX_RANGE: u64 = 0xffff;

/// Looks at every stream of the document.
///
/// The parser has no output limit of its own: a gigabyte of zeros costs it a gigabyte, and one character map
/// range over four billion codes costs it half a minute. Objects that are themselves packed in a stream it has
/// unpacked by then; what they cost beyond this the limits of the reading process catch.
pub(crate) fn check(pdf: &Pdf) -> Result<(), ReadError> {
    if pdf.len() > MAX_OBJECTS {
        return Err(ReadError::too_complex("it has more parts than any document needs"));
    }
    let mut sizes = Sizes::default();
    for object in pdf.objects() {
        if let Object::Stream(stream) = object {
            sizes.add(&stream)?;
        }
    }
    Ok(())
}

/// Whether a stream is a picture, which nothing here may unpack: it was measured by the measure of pictures. One
/// that tells how many objects are packed in it is held to be those, whatever it calls itself.
pub(crate) fn is_picture(stream: &Dict<'_>) -> bool {
    let is = |key: &str, value: &str| stream.get::<Name<'_>>(key).is_some_and(|name| name.as_str() == value);
    is("Subtype", "Image") && !is("Type", "ObjStm") && !stream.contains_key("N")
}

/// What the streams so far come to.
#[derive(Debug, Default)]
struct Sizes {
    total: u64,
    pictures: u64,
}

impl Sizes {
    fn add(&mut self, stream: &Stream<'_>) -> Result<(), ReadError> {
        let filters = filters(stream.dict(), MAX_FILTERS + 1);
        let inflating = filters.iter().filter(|filter| filter.inflates()).count();
        if filters.len() > MAX_FILTERS || inflating > MAX_INFLATING {
            return Err(ReadError::too_complex("one of its streams is packed many times over"));
        }
        if filters.contains(&Filter::Picture) {
            return Ok(());
        }
        let picture = is_picture(stream.dict());
        let mut data = stream.raw_data();
        if filters.is_empty() && !picture {
            self.total = self.total.saturating_add(data.len() as u64);
        }
        let last = filters.len().saturating_sub(1);
        // What is encrypted besides is not any more.
        for (place, filter) in filters.iter().enumerate().skip_while(|(_, filter)| **filter == Filter::Crypt)
        {
            let pixels = picture && place == last;
            let mut sink = if pixels { Sink::counting(MAX_PICTURE) } else { Sink::keeping(MAX_STREAM) };
            unpack(*filter, &data, &mut sink);
            let sum = if pixels { &mut self.pictures } else { &mut self.total };
            *sum = sum.saturating_add(sink.bytes);
            if sink.is_over() || self.total > MAX_TOTAL || self.pictures > MAX_PICTURES {
                return Err(beyond_measure());
            }
            data = sink.kept.into();
        }
        if !picture && is_map(&data) && (data.len() as u64 > MAX_MAP || !ranges_are_sane(&data)) {
            return Err(ReadError::too_complex("one of its fonts maps more characters than exist"));
        }
        if self.total > MAX_TOTAL {
            return Err(beyond_measure());
        }
        Ok(())
    }
}

fn beyond_measure() -> ReadError {
    ReadError::too_complex("its content grows beyond all measure when unpacked")
}

/// Whether some of it is a character map. The parser asks for no other mark of one.
fn is_map(data: &[u8]) -> bool {
    data.windows(8).any(|at| at.starts_with(b"beginbf") || matches!(at, b"begincid" | b"beginnot"))
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
