//! Unpacks what a stream is packed in, up to a bound: the parser itself knows none.

use flate2::{Decompress, FlushDecompress, Status};
use hayro_syntax::object::{Array, Dict, Name, Object};

/// The most that deflate can make of one byte: four times the longest copy, each in two bits.
const MOST_FROM_A_BYTE: u64 = 1032;
/// Codes of an LZW table: those of the 256 bytes, two marks, and what twelve bits leave room for.
const LZW_CLEAR: usize = 256;
const LZW_END: usize = 257;
const LZW_FIRST: usize = 258;
const LZW_CODES: usize = 4096;

/// One way in which a stream is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    Hex,
    Ascii85,
    RunLength,
    Flate,
    /// With codes that grow one step before they must.
    LzwEarly,
    LzwLate,
    /// JPEG and its kind: the parser unpacks no stream with it unless asked for the picture, and nobody asks.
    Picture,
    Crypt,
}

impl Filter {
    fn parse(name: &Name<'_>, parameters: Option<&Dict<'_>>) -> Option<Self> {
        Some(match name.as_str() {
            "ASCIIHexDecode" | "AHx" => Self::Hex,
            "ASCII85Decode" | "A85" => Self::Ascii85,
            "RunLengthDecode" | "RL" => Self::RunLength,
            "FlateDecode" | "Fl" => Self::Flate,
            "LZWDecode" | "LZW" => match parameters.and_then(|dict| dict.get::<u8>("EarlyChange")) {
                Some(0) => Self::LzwLate,
                _ => Self::LzwEarly,
            },
            "DCTDecode" | "DCT" | "JPXDecode" | "JBIG2Decode" | "CCITTFaxDecode" | "CCF" => Self::Picture,
            "Crypt" => Self::Crypt,
            _ => return None,
        })
    }

    /// Whether a small stream may be a large one without it.
    pub(crate) fn inflates(self) -> bool {
        matches!(self, Self::Flate | Self::LzwEarly | Self::LzwLate | Self::RunLength)
    }
}

/// The filters of a stream, the outermost first, and no more than `most` of them. Keys and their order are the
/// parser's: what it would not look at is no filter.
pub(crate) fn filters(dict: &Dict<'_>, most: usize) -> Vec<Filter> {
    let single = dict.get::<Name<'_>>("F").or_else(|| dict.get::<Name<'_>>("Filter"));
    let parameters = dict.get::<Dict<'_>>("DP").or_else(|| dict.get::<Dict<'_>>("DecodeParms"));
    if let Some(filter) = single.and_then(|name| Filter::parse(&name, parameters.as_ref())) {
        return vec![filter];
    }
    let array =
        |short: &str, long: &str| dict.get::<Array<'_>>(short).or_else(|| dict.get::<Array<'_>>(long));
    let mut parameters = array("DP", "DecodeParms").map(|all| all.iter::<Object<'_>>());
    let Some(names) = array("F", "Filter") else { return Vec::new() };
    names
        .iter::<Name<'_>>()
        .filter_map(|name| {
            let own = parameters.as_mut().and_then(Iterator::next).and_then(Object::into_dict);
            Filter::parse(&name, own.as_ref())
        })
        .take(most)
        .collect()
}

/// Takes what comes out of a filter: keeps it or only counts it, until there is more than the limit.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) kept: Vec<u8>,
    pub(crate) bytes: u64,
    limit: u64,
    keeps: bool,
}

impl Sink {
    pub(crate) fn keeping(limit: u64) -> Self {
        Self { kept: Vec::new(), bytes: 0, limit, keeps: true }
    }

    pub(crate) fn counting(limit: u64) -> Self {
        Self { keeps: false, ..Self::keeping(limit) }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.bytes > self.limit
    }

    /// `None` once there is too much, so that whoever fills it can stop with a question mark.
    fn take(&mut self, part: &[u8]) -> Option<()> {
        self.bytes = self.bytes.saturating_add(part.len() as u64);
        if self.is_over() {
            return None;
        }
        if self.keeps {
            self.kept.extend_from_slice(part);
        }
        Some(())
    }
}

/// Undoes one filter. A stream that breaks ends where the parser would end it, or is counted as what the parser
/// could make of it at most.
pub(crate) fn unpack(filter: Filter, data: &[u8], sink: &mut Sink) {
    let _ended_early = match filter {
        Filter::Hex => hex(data, sink),
        Filter::Ascii85 => ascii85(data, sink),
        Filter::RunLength => run_length(data, sink),
        Filter::Flate => flate(data, sink),
        Filter::LzwEarly => lzw(data, 1, sink),
        Filter::LzwLate => lzw(data, 0, sink),
        Filter::Picture | Filter::Crypt => None,
    };
}

fn is_white(byte: u8) -> bool {
    byte == 0 || byte.is_ascii_whitespace()
}

fn hex(data: &[u8], sink: &mut Sink) -> Option<()> {
    let mut high = None;
    for &byte in data.iter().take_while(|byte| **byte != b'>').filter(|byte| !is_white(**byte)) {
        let digit = u8::try_from(char::from(byte).to_digit(16)?).ok()?;
        match high.take() {
            None => high = Some(digit),
            Some(high) => sink.take(&[high << 4 | digit])?,
        }
    }
    high.map_or(Some(()), |high| sink.take(&[high << 4]))
}

fn ascii85(data: &[u8], sink: &mut Sink) -> Option<()> {
    let mut group: Vec<u8> = Vec::with_capacity(5);
    for &byte in data.iter().take_while(|byte| **byte != b'~').filter(|byte| !is_white(**byte)) {
        match byte {
            b'!'..=b'u' => group.push(byte - b'!'),
            // Four zeros in one character: it is the filter that makes a text larger.
            b'z' => {
                ascii85_group(&mut group, sink)?;
                sink.take(&[0; 4])?;
            }
            _ => return None,
        }
        if group.len() == 5 {
            ascii85_group(&mut group, sink)?;
        }
    }
    ascii85_group(&mut group, sink)
}

fn ascii85_group(group: &mut Vec<u8>, sink: &mut Sink) -> Option<()> {
    let Some(bytes) = group.len().checked_sub(1) else { return Some(()) };
    group.resize(5, b'u' - b'!');
    let value =
        group.iter().try_fold(0_u32, |value, digit| value.checked_mul(85)?.checked_add((*digit).into()))?;
    group.clear();
    sink.take(value.to_be_bytes().get(..bytes)?)
}

fn run_length(data: &[u8], sink: &mut Sink) -> Option<()> {
    let mut rest = data;
    loop {
        let (&length, after) = rest.split_first()?;
        rest = match length {
            128 => return Some(()),
            0..=127 => {
                let (run, after) = after.split_at_checked(usize::from(length) + 1)?;
                sink.take(run)?;
                after
            }
            129..=255 => {
                let (&byte, after) = after.split_first()?;
                sink.take(&vec![byte; 257 - usize::from(length)])?;
                after
            }
        };
    }
}

/// The parser minds neither a missing head nor a wrong checksum.
fn flate(data: &[u8], sink: &mut Sink) -> Option<()> {
    let mut rest = match data {
        [method, flags, rest @ ..]
            if method & 0x0f == 8
                && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
                && flags & 0x20 == 0 =>
        {
            rest
        }
        _ => data,
    };
    let mut inflater = Decompress::new(false);
    let mut buffer = vec![0; 1 << 15];
    loop {
        let (read, written) = (inflater.total_in(), inflater.total_out());
        let status = inflater.decompress(rest, &mut buffer, FlushDecompress::None);
        let read = usize::try_from(inflater.total_in() - read).ok()?;
        let written = usize::try_from(inflater.total_out() - written).ok()?;
        sink.take(buffer.get(..written)?)?;
        rest = rest.get(read..)?;
        match status {
            Ok(Status::StreamEnd) => return Some(()),
            Ok(_) if read == 0 && written == 0 => return Some(()),
            Ok(_) => {}
            // The parser reads on where this one gives up, and nobody knows how much it finds. What is only counted
            // it never unpacks: a broken picture is no reason to refuse the text beside it.
            Err(_) => {
                if sink.keeps {
                    let most = MOST_FROM_A_BYTE.saturating_mul(rest.len() as u64);
                    sink.bytes = sink.bytes.saturating_add(most);
                }
                return None;
            }
        }
    }
}

/// What a code stands for: what an earlier code stands for, and one byte more.
#[derive(Debug, Clone, Copy)]
struct LzwEntry {
    earlier: Option<usize>,
    first: u8,
    last: u8,
}

/// `early` is 1 where codes get longer one code before they must.
fn lzw(data: &[u8], early: usize, sink: &mut Sink) -> Option<()> {
    let single = |byte: u8| LzwEntry { earlier: None, first: byte, last: byte };
    // The two marks take a place each; they are told apart before anybody looks them up.
    let start: Vec<LzwEntry> = (0..=255).map(single).chain([single(0); 2]).collect();
    let mut table = start.clone();
    let mut before: Option<usize> = None;
    let (mut bits, mut buffer, mut bytes) = (0_u32, 0_u32, data.iter());
    let mut spelled = Vec::new();
    loop {
        let width = match table.len() + early {
            0..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
        while bits < width {
            buffer = buffer << 8 | u32::from(*bytes.next()?);
            bits += 8;
        }
        bits -= width;
        let code = usize::try_from(buffer >> bits & ((1 << width) - 1)).ok()?;
        buffer &= (1 << bits) - 1;
        match code {
            LZW_CLEAR => {
                table.truncate(LZW_FIRST);
                before = None;
                continue;
            }
            LZW_END => return Some(()),
            _ if code > table.len() => return None,
            _ => {}
        }
        // A code may stand for what is just being put in the table.
        let first = table.get(if code == table.len() { before? } else { code })?.first;
        if let Some(earlier) = before.filter(|_| table.len() < LZW_CODES) {
            let opening = table.get(earlier)?.first;
            table.push(LzwEntry { earlier: Some(earlier), first: opening, last: first });
        }
        spelled.clear();
        let mut at = Some(code);
        while let Some(code) = at {
            let entry = table.get(code)?;
            spelled.push(entry.last);
            at = entry.earlier;
        }
        spelled.reverse();
        sink.take(&spelled)?;
        before = Some(code);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use crate::engine::read::pdf::unpack::{Filter, Sink, unpack};

    #[track_caller]
    fn check(filter: Filter, packed: &[u8], plain: &[u8]) {
        let mut sink = Sink::keeping(1 << 20);
        unpack(filter, packed, &mut sink);
        assert_eq!((sink.kept.as_slice(), sink.bytes), (plain, plain.len() as u64));
        let mut sink = Sink::counting(plain.len().saturating_sub(1) as u64);
        unpack(filter, packed, &mut sink);
        assert!(sink.is_over() && sink.kept.is_empty());
    }

    fn zlib(plain: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_filter_gives_back_what_was_packed_and_stops_at_the_limit() {
        check(Filter::Hex, b"41 64\n6>ignored", b"Ad`");
        check(Filter::Ascii85, b"9jqo^BlbD-z~>", b"Man is d\0\0\0\0");
        check(Filter::Ascii85, b"9jqo^Bl", b"Man i");
        check(Filter::RunLength, &[1, b'A', b'd', 254, b'a', 128, 7], b"Adaaa");
        // The example of the standard.
        let lzw = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        check(Filter::LzwEarly, &lzw, b"-----A---B");
        check(Filter::LzwLate, &lzw, b"-----A---B");
        check(Filter::Flate, &zlib(b"Ada Ada Ada"), b"Ada Ada Ada");
    }

    #[test]
    fn deflate_is_measured_without_its_head_and_beyond_where_it_breaks() {
        let packed = zlib(&[b'a'; 70_000]);
        check(Filter::Flate, packed.get(2..).unwrap(), &[b'a'; 70_000]);
        // A block of no known kind, and two kilobytes after it.
        let broken = [&[0x78, 0x9c, 0x07][..], &[0; 2000]].concat();
        let is_over = |mut sink: Sink| {
            unpack(Filter::Flate, &broken, &mut sink);
            sink.is_over()
        };
        assert!(is_over(Sink::keeping(1 << 20)) && !is_over(Sink::counting(1 << 20)));
    }

    #[test]
    fn a_long_lzw_stream_passes_through_all_widths_of_its_codes() {
        // Every byte as a code of its own: the table grows by one a code, and is full after 3838.
        let mut bits = String::new();
        let mut width = 9;
        for (place, byte) in (0..5000_usize).map(|place| (place, place * 7 % 251)) {
            bits.push_str(&format!("{byte:0width$b}"));
            // The first code puts nothing in the table.
            let size = (258 + place).min(4096);
            width = match size + 1 {
                0..512 => 9,
                512..1024 => 10,
                1024..2048 => 11,
                _ => 12,
            };
        }
        let packed: Vec<u8> = bits
            .as_bytes()
            .chunks(8)
            .map(|bits| u8::from_str_radix(&format!("{:0<8}", str::from_utf8(bits).unwrap()), 2).unwrap())
            .collect();
        let plain: Vec<u8> = (0..5000_usize).map(|place| u8::try_from(place * 7 % 251).unwrap()).collect();
        let mut sink = Sink::keeping(1 << 20);
        unpack(Filter::LzwEarly, &packed, &mut sink);
        assert_eq!(sink.kept.get(..5000), Some(plain.as_slice()));
    }
}
