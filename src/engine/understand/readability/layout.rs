//! Checks of how the words stand on the page, and of the characters that they are made of.

use crate::domain::report::Severity;
use crate::domain::source::{SourceText, Span, Trouble};
use crate::engine::understand::readability::{Checks, places};

/// Characters beyond which a fault of the text layer is more than an accident.
const FEW_CHARACTERS: u32 = 5;
/// Type smaller than this is hard to read, in points.
const SMALL_TYPE: f32 = 9.0;
/// Share of the text in small type from which on it is more than a note.
const SMALL_SHARE: f32 = 0.2;

/// Columns, tables, pictures, text boxes.
pub(crate) fn check(checks: &mut Checks, source: &SourceText) {
    let layout = &source.layout;
    let columns = format!(
        "The text stands in {} columns side by side; simple readers mix their lines.",
        layout.columns
    );
    checks
        .add(
            "two_columns",
            Severity::Warning,
            layout.columns <= 1,
            ["The text stands in one column.", &columns, "Use a layout with one column."],
        )
        .at(|| layout.places(Trouble::Column));
    let tables = match layout.tables {
        1 => "1 table holds text; some readers skip or reorder what stands in it.".to_owned(),
        many => format!("{many} tables hold text; some readers skip or reorder what stands in them."),
    };
    checks
        .add(
            "tables",
            Severity::Warning,
            layout.tables == 0,
            ["No text stands in tables.", &tables, "Write the contents of tables as plain lines or lists."],
        )
        .at(|| layout.places(Trouble::Table));
    let images = match layout.images {
        1 => "The file holds 1 picture; words in a picture are not read.".to_owned(),
        many => format!("The file holds {many} pictures; words in a picture are not read."),
    };
    checks
        .add(
            "images",
            Severity::Info,
            layout.images == 0,
            [
                "The file holds no pictures.",
                &images,
                "Leave out photos, logos and icons, or make sure that they hold no words.",
            ],
        )
        .at(|| layout.places(Trouble::Picture));
    check_picture_pages(checks, source);
    let floating =
        format!("{} characters stand in text boxes, which many readers skip.", layout.floating_characters);
    checks
        .add(
            "floating_text",
            Severity::Error,
            layout.floating_characters == 0,
            [
                "All text stands in the body of the document.",
                &floating,
                "Move the contents of text boxes into the body.",
            ],
        )
        .at(|| layout.places(Trouble::FloatingText));
}

fn check_picture_pages(checks: &mut Checks, source: &SourceText) {
    let layout = &source.layout;
    let pages = match layout.picture_pages {
        1 => "1 page is mostly picture with little text beside it; the words in the picture are lost."
            .to_owned(),
        many => format!(
            "{many} pages are mostly pictures with little text beside them; the words in the pictures are lost."
        ),
    };
    checks
        .add(
            "text_in_pictures",
            Severity::Error,
            layout.picture_pages == 0,
            [
                "No page is a picture.",
                &pages,
                "Write the words of the picture as text, or run text recognition (OCR) on the file.",
            ],
        )
        .at(|| layout.places(Trouble::PicturePage));
}

/// Characters without a meaning, without ink, or too small.
pub(crate) fn check_text(checks: &mut Checks, source: &SourceText) {
    let layout = &source.layout;
    let unmapped = format!(
        "{} characters have no meaning for a machine, although they look right.",
        layout.unmapped_glyphs
    );
    let severity = if layout.unmapped_glyphs > 50 { Severity::Error } else { Severity::Warning };
    checks
        .add(
            "unmapped_glyphs",
            severity,
            layout.unmapped_glyphs <= FEW_CHARACTERS,
            [
                "Every character can be read.",
                &unmapped,
                "Export the document again with embedded Unicode fonts, and use text instead of icon fonts.",
            ],
        )
        .at(|| layout.places(Trouble::UnmappedGlyphs));
    let hidden = format!(
        "{} characters are invisible on the page; hiring systems treat that as a trick.",
        layout.hidden_characters
    );
    checks
        .add(
            "hidden_text",
            Severity::Error,
            layout.hidden_characters <= FEW_CHARACTERS,
            ["No text is hidden.", &hidden, "Remove invisible text."],
        )
        .at(|| layout.places(Trouble::HiddenText));
    let share = small_share(source);
    let small = format!("{:.0} % of the text is set smaller than 9 points.", share * 100.0);
    checks
        .add(
            "small_type",
            Severity::Info,
            share < SMALL_SHARE,
            ["The type is large enough.", &small, "Set running text in 10 points or more."],
        )
        .at(|| places::of_lines(source, |line| line.spans.iter().any(is_small)));
}

/// Whether a run is set in small type; sizes that are unknown are not small.
fn is_small(span: &Span) -> bool {
    span.size > 0.0 && span.size < SMALL_TYPE - 0.05
}

/// The share of characters in small type; 0 where sizes are unknown.
#[expect(clippy::cast_precision_loss, reason = "a share of characters needs no exactness")]
fn small_share(source: &SourceText) -> f32 {
    let (mut all, mut small) = (0_usize, 0_usize);
    for span in source.lines.iter().flat_map(|line| &line.spans).filter(|span| span.size > 0.0) {
        let count = span.text.chars().filter(|c| !c.is_whitespace()).count();
        all += count;
        small += if is_small(span) { count } else { 0 };
    }
    if all == 0 { 0.0 } else { small as f32 / all as f32 }
}
