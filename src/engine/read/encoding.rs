//! Bytes of a text file to characters: UTF-8, UTF-16, or Windows-1252 when nothing else fits.

/// Windows-1252 where it differs from Latin-1: bytes 0x80 to 0x9F.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Decodes a text file; `None` when the bytes are no text in any of these encodings.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return plausible(String::from_utf8_lossy(rest).into_owned());
    }
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return plausible(utf16(rest, u16::from_le_bytes));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return plausible(utf16(rest, u16::from_be_bytes));
    }
    if let Some(text) = utf16_without_mark(bytes) {
        return plausible(text);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => plausible(text.to_owned()),
        // A cut in the middle of the last character is no reason to misread all the others.
        Err(error) if error.error_len().is_none() => plausible(String::from_utf8_lossy(bytes).into_owned()),
        Err(_) => plausible(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
    }
}

fn windows_1252(byte: u8) -> char {
    byte.checked_sub(0x80)
        .and_then(|index| WINDOWS_1252.get(usize::from(index)).copied())
        .unwrap_or(char::from(byte))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16_lossy(&units)
}

/// Latin text in UTF-16 has a zero in nearly every second byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<String> {
    let (pairs, _) = bytes.get(..bytes.len().min(512))?.as_chunks::<2>();
    if pairs.len() < 4 {
        return None;
    }
    let mostly = |count: usize| count * 10 >= pairs.len() * 8;
    if mostly(pairs.iter().filter(|pair| pair[1] == 0 && pair[0] != 0).count()) {
        return Some(utf16(bytes, u16::from_le_bytes));
    }
    mostly(pairs.iter().filter(|pair| pair[0] == 0 && pair[1] != 0).count())
        .then(|| utf16(bytes, u16::from_be_bytes))
}

/// Text has hardly any control characters; programs and pictures are full of them.
fn plausible(text: String) -> Option<String> {
    let odd =
        |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{b}') || *c == '\u{fffd}';
    let (mut total, mut strange) = (0usize, 0usize);
    for c in text.chars().take(65_536) {
        total += 1;
        strange += usize::from(odd(&c));
    }
    (strange * 50 <= total).then_some(text)
}
