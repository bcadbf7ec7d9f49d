//! What ends a document and belongs to no section: place and date with the name below, and what the person agrees to.

use std::sync::LazyLock;

use regex::Regex;

use crate::engine::understand::resume::dates::find_dates;
use crate::engine::understand::resume::headings::Kind;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::sections::Chapter;
use crate::engine::understand::resume::text::{fold, pattern};

/// "Kassel, den 12. Januar 2024".
static PLACE_AND_DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\p{L}[\p{L}.'’ -]{1,40},?\s+(?:(?:den|am|le|il|li|lì|dnia|em|de|op|on)\s+)?(?:the\s+)?\d{1,2}\D",
    )
});
/// Folded words of consent to the use of data, and of declarations that all of it is true.
static CONSENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:przetwarzani[ea] (?:moich |swoich )?danych|wyrazam zgode|(?:trattamento|utilizzo) dei (?:miei )?dati|tratamiento de (?:mis|los) datos|tratamento (?:dos|de) (?:meus )?dados|traitement de mes donnees|verarbeitung (?:meiner|der) (?:personenbezogenen )?daten|processing of (?:my|the) (?:personal )?data|verwerking van mijn (?:persoonlijke |persoons)?gegevens|i (?:do )?hereby (?:declare|certify|solemnly|consent|affirm)|(?:d\.\s?lgs\.?|decreto legislativo)\s.{0,20}196|rodo\b)",
    )
});

/// Most words of a line with place and date.
const MAX_WORDS: usize = 7;

/// Takes such lines from the ends of the sections into a last one without a heading.
pub(crate) fn take_closing(chapters: &mut Vec<Chapter>, name: Option<&str>) {
    let last = chapters.iter().rposition(|chapter| !chapter.rows.is_empty());
    let mut closing: Vec<Row> = Vec::new();
    for (at, chapter) in chapters.iter_mut().enumerate() {
        if matches!(chapter.kind, Kind::Head | Kind::Contact | Kind::Other) {
            continue;
        }
        let is_last = Some(at) == last;
        let is_signed =
            |row: &Row| is_last && (is_place_and_day(row) || name.is_some_and(|name| is_name(row, name)));
        let ends = chapter.rows.iter().rev().take_while(|row| is_consent(row) || is_signed(row)).count();
        // All of a section is what its heading says.
        if ends < chapter.rows.len() {
            closing.extend(chapter.rows.split_off(chapter.rows.len() - ends));
        }
    }
    if !closing.is_empty() {
        chapters.push(Chapter { kind: Kind::Other, heading: None, subheadings: Vec::new(), rows: closing });
    }
}

fn is_consent(row: &Row) -> bool {
    CONSENT.is_match(&fold(&row.text()))
}

fn is_name(row: &Row, name: &str) -> bool {
    fold(row.all().trim()) == fold(name)
}

fn is_place_and_day(row: &Row) -> bool {
    let text = row.all();
    let dates = find_dates(&text);
    let ends = |end: usize| text.get(end..).is_some_and(|rest| !rest.contains(char::is_alphanumeric));
    row.item.is_none()
        && text.split_whitespace().count() <= MAX_WORDS
        && PLACE_AND_DAY.is_match(&text)
        && matches!(dates.as_slice(), [day] if !day.range && ends(day.end_at))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    #[track_caller]
    fn check(end: &str, expected: &[&str]) {
        let text =
            format!("Ada Example\nada@example.org\n\nSKILLS\n\nRust, Go\n\nHOBBIES\n\nChess\n\n{end}\n");
        let resume = understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap());
        let hobbies: Vec<_> = resume.interests.iter().filter_map(|hobby| hobby.name.as_deref()).collect();
        assert_eq!(hobbies, ["Chess"], "{end}");
        let kept: Vec<&str> =
            resume.sections.iter().flat_map(|section| &section.paragraphs).map(String::as_str).collect();
        assert_eq!(kept, expected, "{end}");
    }

    #[test]
    fn place_and_date_with_the_name_below_are_no_hobby() {
        check("Bergen, den 12. Januar 2024\nAda Example", &["Bergen, den 12. Januar 2024", "Ada Example"]);
        check("Bergen, le 3 mars 2024", &["Bergen, le 3 mars 2024"]);
        check("Bergen, 12.01.2024", &["Bergen, 12.01.2024"]);
    }

    #[test]
    fn what_the_person_agrees_to_is_no_hobby() {
        for text in [
            "Wyrażam zgodę na przetwarzanie moich danych osobowych.",
            "Autorizzo il trattamento dei miei dati personali ai sensi del D.Lgs. 196/2003.",
            "I hereby declare that the above is true.",
        ] {
            check(text, &[text]);
        }
    }
}
