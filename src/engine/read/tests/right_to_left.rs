//! Pages in Hebrew and Arabic, however their programs paint them.

use crate::engine::read::fixtures::{at, read_pdf, texts};

/// Widths of the letters of `F3` that are used here, in thousandths.
fn width(code: char) -> f64 {
    match code {
        ' ' | ',' | '[' => 278.0,
        'D' | 'R' => 722.0,
        'F' => 611.0,
        'L' => 556.0,
        'O' | 'Q' => 778.0,
        _ => 667.0,
    }
}

/// Letters that are painted one after the other from the right on, as they are read.
fn leftward(right: f64, y: u32, codes: &str) -> String {
    let mut x = right;
    let mut out = String::new();
    for code in codes.chars() {
        x -= width(code) * 12.0 / 1000.0;
        out += &format!("BT /F3 12 Tf {x:.2} {y} Td ({code}) Tj ET\n");
    }
    out
}

/// Words that are painted one after the other from the right on, their letters as they are seen.
fn word_by_word(right: f64, y: u32, words: &[&str]) -> String {
    let mut x = right;
    let mut out = String::new();
    for seen in words {
        x -= seen.chars().map(width).sum::<f64>() * 12.0 / 1000.0;
        out += &format!("BT /F3 12 Tf {x:.2} {y} Td ({seen}) Tj ET\n");
        x -= 0.278 * 12.0;
    }
    out
}

fn seen(x: u32, y: u32, codes: &str) -> String {
    at(x, y, codes).replace("/F1", "/F3")
}

#[test]
fn names_are_read_however_they_are_painted() {
    // In the order of reading: dalet vav dalet, kaf he nun.
    for page in [
        seen(400, 700, "PEL DFD"),
        leftward(500.0, 700, "DFD LEP"),
        leftward(500.0, 700, "DFD") + &leftward(470.0, 700, "LEP"),
        word_by_word(500.0, 700, &["DFD", "PEL"]),
    ] {
        assert_eq!(texts(&read_pdf(&[&page])), ["דוד כהן"], "{page}");
    }
}

#[test]
fn numbers_and_latin_words_keep_their_direction() {
    let title = "EQLF[ RDQEO";
    let page = seen(400, 700, "PEL DFD") + &seen(400, 660, title) + &at(72, 660, "2021 - 2019");
    assert_eq!(texts(&read_pdf(&[&page])), ["דוד כהן", "מהנדס תוכנה\t2019 - 2021"]);
    // The comma is read behind the title, so it stands at its left.
    let page = seen(400, 700, "PEL DFD") + &at(367, 660, "Acme") + &seen(397, 660, &format!(" ,{title}"));
    assert_eq!(texts(&read_pdf(&[&page])), ["דוד כהן", "מהנדס תוכנה, Acme"]);
    let page =
        at(72, 700, "Senior engineer at ") + &seen(176, 700, "PEL") + &at(199, 700, ", in Haifa since 2019");
    assert_eq!(texts(&read_pdf(&[&page])), ["Senior engineer at כהן, in Haifa since 2019"]);
}

#[test]
fn ligatures_and_forms_are_letters() {
    // Lam with alef is one glyph at the right, seen the form that a word begins with.
    assert_eq!(texts(&read_pdf(&[&seen(400, 700, "ba")])), ["لاس"]);
}

#[test]
fn a_list_in_hebrew_is_a_list() {
    let page = seen(400, 700, "PEL DFD")
        + &seen(380, 660, "RDQEO")
        + &at(440, 660, "\\225")
        + &seen(380, 640, "RDQEO")
        + &at(440, 640, "\\225");
    let source = read_pdf(&[&page]);
    assert_eq!(texts(&source), ["דוד כהן", "מהנדס", "מהנדס"]);
    let kinds: Vec<_> = source.lines.iter().skip(1).map(|line| line.kind).collect();
    assert_eq!(kinds, [crate::domain::source::LineKind::ListItem(0); 2]);
}
