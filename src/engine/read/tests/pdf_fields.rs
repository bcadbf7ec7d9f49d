//! What somebody filled in or wrote on top of a PDF is read like the rest of it.

#![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

use crate::domain::source::SourceText;
use crate::engine::read::fixtures::{at, pdf_of, stream, texts};
use crate::engine::read::{Limits, read};

/// A page that says `Name:` at the left, with these annotations and objects from number 20 on; `form` are entries
/// of the document's form.
fn filled(form: &str, annotations: &[&str], others: &[Vec<u8>]) -> SourceText {
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Annots [99 0 R {}] \
         /Resources << /Font << /F1 4 0 R >> >> >>",
        annotations.concat()
    );
    let mut objects = vec![
        (1, format!("<< /Type /Catalog /Pages 2 0 R /AcroForm << {form} >> >>").into_bytes()),
        (2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec()),
        (3, page.into_bytes()),
        (4, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec()),
        (5, stream("", at(72, 700, "Name:").as_bytes())),
    ];
    objects.extend((20..).zip(others.iter().cloned()));
    read(&pdf_of(&objects), "form.pdf", &Limits::default()).unwrap()
}

/// What is painted for a field: a text in a box of 200 by 20 points.
fn painted(text: &str) -> Vec<u8> {
    stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 4 0 R >> >>",
        format!("/Tx BMC q {} Q EMC", at(2, 6, text)).as_bytes(),
    )
}

const FIELD: &str = "/Subtype /Widget /FT /Tx /Rect [150 694 350 714]";

#[track_caller]
fn check(form: &str, annotations: &[&str], others: &[Vec<u8>], expected: &[&str]) {
    let source = filled(form, annotations, others);
    assert_eq!(texts(&source), expected, "{:?}", source.lines);
}

#[test]
fn a_filled_field_is_read_beside_its_label() {
    let field = format!("<< {FIELD} /V (Ada Lovelace) /AP << /N 20 0 R >> >>");
    check("", &[&field], &[painted("Ada Lovelace")], &["Name:\tAda Lovelace"]);
    // Fonts may be named for the whole form.
    let bare = stream("/Subtype /Form /BBox [0 0 200 20]", b"BT /Helv 12 Tf 2 6 Td (Ada Lovelace) Tj ET");
    check("/DR << /Font << /Helv 4 0 R >> >>", &[&field], &[bare], &["Name:\tAda Lovelace"]);
}

#[test]
fn what_is_painted_is_fitted_into_the_area() {
    // The box is twice as large as the area, elsewhere, and lies on its side: a quarter turn sets it upright.
    let form = stream(
        "/Subtype /Form /BBox [100 -400 140 0] /Matrix [0 1 -1 0 7 7] /Resources << /Font << /F1 4 0 R >> >>",
        b"BT /F1 24 Tf 0 -1 1 0 112 -4 Tm (Ada) Tj ET",
    );
    check("", &[&format!("<< {FIELD} /AP << /N 20 0 R >> >>")], &[form], &["Name:\tAda"]);
}

#[test]
fn the_present_state_of_a_field_is_read_and_nothing_hidden() {
    let states = "/AP << /N << /Yes 20 0 R /Off 21 0 R >> >>";
    let check_box =
        |rest: &str| format!("<< /Subtype /Widget /FT /Btn /Rect [150 694 350 714] {states} {rest} >>");
    let both = [painted("remote"), painted("on site")];
    check("", &[&check_box("/AS /Yes")], &both, &["Name:\tremote"]);
    check("", &[&check_box("/AS /Off")], &both, &["Name:\ton site"]);
    check("", &[&check_box("")], &both, &["Name:"]);
    check("", &[&check_box("/AS /Yes /F 2")], &both, &["Name:"]);
    check("", &[&check_box("/AS /Yes /F 32")], &both, &["Name:"]);
    check("", &[&check_box("/AS /Yes /F 4")], &both, &["Name:\tremote"]);
    let button = "<< /Subtype /Widget /FT /Btn /Ff 65536 /Rect [150 694 350 714] /AP << /N 20 0 R >> >>";
    check("", &[button], &[painted("Print")], &["Name:"]);
}

#[test]
fn notes_on_top_of_the_page_are_read() {
    let note = "<< /Subtype /FreeText /Rect [150 694 350 714] /Contents (Ada) /AP << /N 20 0 R >> >>";
    check("", &[note], &[painted("Ada")], &["Name:\tAda"]);
    let bare = "<< /Subtype /FreeText /Rect [150 690 350 712] /DA (/Helv 12 Tf) /Contents (Ada Lovelace) >>";
    check("", &[bare], &[], &["Name:\tAda Lovelace"]);
}

#[test]
fn a_value_that_nobody_painted_stands_in_its_field() {
    let field = |rest: &str| format!("<< {FIELD} {rest} >>");
    check("", &[&field("/V (Ada Lovelace)")], &[], &["Name:\tAda Lovelace"]);
    check("/DA (/Helv 0 Tf 0 g)", &[&field("/V <FEFF005A006F00EB>")], &[], &["Name:\tZoë"]);
    // What a program filled in, and left to be painted.
    let empty = stream("/Subtype /Form /BBox [0 0 200 20]", b"/Tx BMC EMC");
    check("", &[&field("/V (Ada) /AP << /N 20 0 R >>")], &[empty], &["Name:\tAda"]);
    check("", &[&field("/V (Ada) /AP << /N 20 0 R >>")], &[painted("Old name")], &["Name:\tOld name"]);
    check(
        "/NeedAppearances true",
        &[&field("/V (Ada) /AP << /N 20 0 R >>")],
        &[painted("Old name")],
        &["Name:\tAda"],
    );
    // The field above says what it is and what it holds.
    let kid = "<< /Subtype /Widget /Rect [150 694 350 714] /Parent 20 0 R >>";
    check("", &[kid], &[b"<< /FT /Tx /V (Ada) /DA (/Helv 10 Tf) >>".to_vec()], &["Name:\tAda"]);
    let choice = "<< /Subtype /Widget /FT /Ch /Rect [150 694 350 714] /V (uk) /Opt [[(de) (Germany)] [(uk) (United Kingdom)]] >>";
    check("", &[choice], &[], &["Name:\tUnited Kingdom"]);
    check("", &[&field("/V (secret) /Ff 8192")], &[], &["Name:"]);
    check("", &[&field("/V (Ada) /F 2")], &[], &["Name:"]);
    check("", &[&field("/V ()")], &[], &["Name:"]);
}

#[test]
fn a_long_value_is_set_in_lines() {
    let field = "<< /Subtype /Widget /FT /Tx /Ff 4096 /Rect [72 500 272 660] /DA (/Helv 10 Tf) \
        /V (Wrote the first program for the engine\rProved it by hand) >>";
    check("", &[field], &[], &["Name:", "Wrote the first program for the engine", "Proved it by hand"]);
}
