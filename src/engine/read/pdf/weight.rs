//! What fonts take while a document is read, beyond their files: maps and widths that the parser spreads out.

use hayro_syntax::object::{Array, Dict, Object, Stream};

use crate::engine::read::pdf::guard::{MAX_MAP, is_picture};
use crate::engine::read::pdf::unpack::{Sink, filters, unpack};

/// Bytes of the character maps of all fonts. Each font has its own copy of its map, whoever else names the same
/// stream; parsed, they take seven times this. A hundred pages with five fonts each have one million.
const MAX_MAPS: u64 = 4 << 20;
/// Widths that the ranges of all fonts spread out to: the parser's table takes some twenty bytes for each.
const MAX_WIDTHS: u64 = 400_000;

/// What the fonts so far take.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weight {
    maps: u64,
    widths: u64,
}

impl Weight {
    /// Takes a font, where there is room for it. What calls itself a picture was not measured as a part of a font,
    /// and no font has one.
    pub(crate) fn take(&mut self, font: &Dict<'_>) -> bool {
        let descendant =
            font.get::<Array<'_>>("DescendantFonts").and_then(|fonts| fonts.iter::<Dict<'_>>().next());
        let mut with = *self;
        let parts = [Some(font), descendant.as_ref()];
        let is_taken = parts.into_iter().flatten().all(|part| with.add(part));
        if is_taken {
            *self = with;
        }
        is_taken
    }

    fn add(&mut self, font: &Dict<'_>) -> bool {
        let descriptor = font.get::<Dict<'_>>("FontDescriptor");
        let mut files = ["FontFile", "FontFile2", "FontFile3"]
            .into_iter()
            .filter_map(|key| descriptor.as_ref()?.get::<Stream<'_>>(key))
            .chain(font.get::<Stream<'_>>("CIDToGIDMap"));
        if files.any(|file| is_picture(file.dict())) {
            return false;
        }
        for map in ["ToUnicode", "Encoding"].into_iter().filter_map(|key| font.get::<Stream<'_>>(key)) {
            if is_picture(map.dict()) {
                return false;
            }
            self.maps = self.maps.saturating_add(unpacked_size(&map));
        }
        for (key, numbers) in [("W", 3), ("W2", 5)] {
            let spread = font.get::<Array<'_>>(key).map_or(0, |widths| spread(&widths, numbers));
            self.widths = self.widths.saturating_add(spread);
        }
        self.maps <= MAX_MAPS && self.widths <= MAX_WIDTHS
    }
}

/// The size of a character map; one that is larger than any may be counts as that.
fn unpacked_size(stream: &Stream<'_>) -> u64 {
    let mut data = stream.raw_data();
    for filter in filters(stream.dict(), usize::MAX) {
        let mut sink = Sink::keeping(MAX_MAP);
        unpack(filter, &data, &mut sink);
        if sink.is_over() {
            return sink.bytes;
        }
        data = sink.kept.into();
    }
    data.len() as u64
}

/// How many widths the ranges of an array stand for: `first [ width … ]`, or `first last width`, where the widths
/// of upright text take five numbers in all.
fn spread(widths: &Array<'_>, numbers: usize) -> u64 {
    let mut range: Vec<u64> = Vec::with_capacity(numbers);
    let mut sum = 0_u64;
    for item in widths.iter::<Object<'_>>() {
        match item {
            Object::Array(own) => {
                sum = sum.saturating_add(own.iter::<Object<'_>>().count() as u64);
                range.clear();
            }
            Object::Number(number) => range.push(u64::try_from(number.as_i64()).unwrap_or(0)),
            _ => range.clear(),
        }
        if let [first, last, ..] = range.as_slice()
            && range.len() == numbers
        {
            sum = sum.saturating_add(last.saturating_sub(*first).saturating_add(1));
            range.clear();
        }
    }
    sum
}
