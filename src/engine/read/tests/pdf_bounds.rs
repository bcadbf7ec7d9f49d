//! PDFs that are small on disk and huge in memory, and those that only look like it.

#![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::engine::read::fixtures::{at, pdf_of, refused, stream, texts};
use crate::engine::read::{Limits, ReadError, read};

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn hex(plain: &[u8]) -> Vec<u8> {
    plain.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).chain([b'>']).collect()
}

fn ascii85(plain: &[u8]) -> Vec<u8> {
    let group = |chunk: &[u8]| {
        let mut bytes = [0; 4];
        bytes.iter_mut().zip(chunk).for_each(|(place, byte)| *place = *byte);
        let mut value = u32::from_be_bytes(bytes);
        let mut digits = [0; 5];
        for digit in digits.iter_mut().rev() {
            *digit = b'!' + u8::try_from(value % 85).unwrap();
            value /= 85;
        }
        digits.into_iter().take(chunk.len() + 1).collect::<Vec<u8>>()
    };
    plain.chunks(4).flat_map(group).chain(*b"~>").collect()
}

/// Every byte as a code of its own, the table cleared before codes get longer.
fn lzw(plain: &[u8]) -> Vec<u8> {
    let mut bits = String::new();
    for chunk in plain.chunks(200) {
        bits.push_str(&format!("{:09b}", 256));
        chunk.iter().for_each(|byte| bits.push_str(&format!("{byte:09b}")));
    }
    bits.push_str(&format!("{:09b}0000000", 257));
    let byte = |bits: &[u8]| u8::from_str_radix(str::from_utf8(bits).unwrap(), 2).unwrap();
    bits.as_bytes().chunks_exact(8).map(byte).collect()
}

/// A PDF of one page with a line of text and these objects besides, from number 10 on.
fn with(page: &str, others: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        (1, b"<< /Type /Catalog /Pages 2 0 R >>".to_vec()),
        (2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec()),
        (3, format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {page} >>").into_bytes()),
        (4, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec()),
        (5, stream("", at(72, 700, "Ada Lovelace").as_bytes())),
    ];
    objects.extend((10..).zip(others.iter().cloned()));
    pdf_of(&objects)
}

const FONT: &str = "/Resources << /Font << /F1 4 0 R >> >>";

#[track_caller]
fn is_refused(bytes: &[u8]) {
    assert!(matches!(refused(bytes, "a.pdf"), ReadError::TooComplex { .. }));
}

#[track_caller]
fn is_read(bytes: &[u8], expected: &[&str]) {
    assert_eq!(texts(&read(bytes, "a.pdf", &Limits::default()).unwrap()), expected);
}

#[test]
fn a_stream_is_measured_through_all_its_filters() {
    let bomb = zlib(&vec![0; 17 << 20]);
    let usual = zlib(&vec![0; 5 << 20]);
    #[track_caller]
    fn check(filter: &str, data: &[u8], is_bomb: bool) {
        let bytes = with(&format!("/Contents 5 0 R {FONT}"), &[stream(&format!("/Filter {filter}"), data)]);
        if is_bomb { is_refused(&bytes) } else { is_read(&bytes, &["Ada Lovelace"]) }
    }
    check("/FlateDecode", &usual, false);
    check("/FlateDecode", &bomb, true);
    // Neither its head nor its checksum matter to the parser.
    check("/FlateDecode", bomb.get(2..).unwrap(), true);
    check("[/ASCII85Decode /FlateDecode]", &ascii85(&usual), false);
    check("[/ASCII85Decode /FlateDecode]", &ascii85(&bomb), true);
    check("[/ASCIIHexDecode /FlateDecode]", &hex(&usual), false);
    check("[/AHx /Fl]", &hex(&bomb), true);
    check("[/LZWDecode /FlateDecode]", &lzw(&usual), false);
    check("[/LZWDecode /FlateDecode]", &lzw(&bomb), true);
    check("[/FlateDecode /RunLengthDecode]", &zlib(&[129, b'a'].repeat(140_000)), true);
    check("[/FlateDecode /ASCII85Decode]", &zlib(&vec![b'z'; 5 << 20]), true);
    check("[/ASCIIHexDecode /ASCIIHexDecode /ASCIIHexDecode /ASCIIHexDecode /FlateDecode]", b">", true);
}

#[test]
fn lzw_that_grows_is_measured() {
    // One byte, then each code that the table has just got: texts of one to some hundred bytes, over and over.
    let mut bits = String::new();
    for _ in 0..700 {
        bits.push_str(&format!("{:09b}{:09b}", 256, 0));
        (258..510).for_each(|code| bits.push_str(&format!("{code:09b}")));
    }
    let packed: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|bits| u8::from_str_radix(str::from_utf8(bits).unwrap(), 2).unwrap())
        .collect();
    is_refused(&with(&format!("/Contents 5 0 R {FONT}"), &[stream("/Filter /LZWDecode", &packed)]));
}

#[test]
fn pictures_may_be_larger_than_what_is_unpacked_but_are_nothing_else() {
    let picture = |data: &[u8]| stream("/Subtype /Image /Width 9 /Height 9 /Filter /FlateDecode", data);
    let large = picture(&zlib(&vec![255; 30 << 20]));
    is_read(&with(&format!("/Contents 5 0 R {FONT}"), &[large.clone(), large]), &["Ada Lovelace"]);
    is_refused(&with(&format!("/Contents 5 0 R {FONT}"), &[picture(&zlib(&vec![255; 49 << 20]))]));
    // Called a picture, used as a page or a map of characters.
    let page = picture(&zlib(at(72, 700, "painted").as_bytes()));
    is_read(&with(&format!("/Contents [10 0 R 5 0 R] {FONT}"), &[page]), &["Ada Lovelace"]);
    let font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 11 0 R >>".to_vec();
    let fonts = "/Resources << /Font << /F1 10 0 R /F2 4 0 R >> >>";
    let second = stream("", b"BT /F2 12 Tf 72 600 Td (analyst) Tj ET");
    let bytes = with(&format!("/Contents [5 0 R 12 0 R] {fonts}"), &[font, picture(&zlib(b"x")), second]);
    let source = read(&bytes, "a.pdf", &Limits::default()).unwrap();
    assert_eq!((texts(&source), source.notes.len()), (vec!["analyst".to_owned()], 1));
    // A lone name that says how many objects are in it is measured as those.
    let packed = stream("/Subtype /Image /N 4 /First 10 /Filter /FlateDecode", &zlib(&vec![b' '; 17 << 20]));
    is_refused(&with(&format!("/Contents 5 0 R {FONT}"), &[packed]));
}

#[test]
fn a_map_of_characters_is_found_behind_any_filter() {
    let map = b"1 beginbfrange <0000> <ffffffff> <0041> endbfrange";
    for (filter, data) in [
        ("/ASCIIHexDecode", hex(map)),
        ("[/ASCII85Decode /FlateDecode]", ascii85(&zlib(map))),
        ("[/Crypt /FlateDecode]", zlib(map)),
        ("/LZWDecode", lzw(map)),
    ] {
        is_refused(&with(&format!("/Contents 5 0 R {FONT}"), &[stream(&format!("/Filter {filter}"), &data)]));
    }
    let long = zlib(&b"1 beginbfchar <41> <0041> endbfchar\n".repeat(70_000));
    is_refused(&with(&format!("/Contents 5 0 R {FONT}"), &[stream("/Filter /FlateDecode", &long)]));
}

#[test]
fn one_stream_named_many_times_is_no_way_around() {
    let spaces = stream("/Filter /FlateDecode", &zlib(&vec![b' '; 1 << 20]));
    let page = |times: usize| format!("/Contents [{}5 0 R] {FONT}", "10 0 R ".repeat(times));
    is_read(&with(&page(3), std::slice::from_ref(&spaces)), &["Ada Lovelace"]);
    is_refused(&with(&page(20), &[spaces]));
    // A stream that is not there takes nothing from what follows.
    is_read(&with(&format!("/Contents [77 0 R 5 0 R] {FONT}"), &[]), &["Ada Lovelace"]);
    // A form that paints itself is painted once.
    let form = stream(
        "/Subtype /Form /Resources << /Font << /F1 4 0 R >> /XObject << /X 10 0 R >> >>",
        format!("{} 1 0 0 1 0 -20 cm /X Do", at(72, 600, "once")).as_bytes(),
    );
    let resources = "/Resources << /Font << /F1 4 0 R >> /XObject << /X 10 0 R >> >>";
    let bytes = with(&format!("/Contents [5 0 R 11 0 R] {resources}"), &[form, stream("", b"/X Do")]);
    is_read(&bytes, &["Ada Lovelace", "once"]);
}

#[test]
fn a_font_with_more_widths_than_characters_is_left_out_with_a_note() {
    let font = b"<< /Type /Font /Subtype /Type0 /BaseFont /Wide /Encoding /Identity-H /DescendantFonts [<< \
        /Type /Font /Subtype /CIDFontType2 /BaseFont /Wide /W [0 900000000 500] >>] >>";
    let fonts = "/Resources << /Font << /F1 4 0 R /F3 10 0 R >> >>";
    let wide = stream("", b"BT /F3 12 Tf 72 600 Td <0041> Tj ET");
    let bytes = with(&format!("/Contents [5 0 R 11 0 R] {fonts}"), &[font.to_vec(), wide]);
    let source = read(&bytes, "a.pdf", &Limits::default()).unwrap();
    assert_eq!(texts(&source), ["Ada Lovelace"]);
    assert!(source.notes.iter().any(|note| note.contains("fonts")), "{:?}", source.notes);
}
