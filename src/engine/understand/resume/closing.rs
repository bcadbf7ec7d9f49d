//! What ends a document and belongs to no section: place and date with the name below, and what the person agrees to.

use std::sync::LazyLock;

use regex::Regex;

use crate::engine::understand::resume::dates::find_dates;
use crate::engine::understand::resume::evidence::{company, degree, school, title};
use crate::engine::understand::resume::headings::Kind;
use crate::engine::understand::resume::places::is_place;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::sections::Chapter;
use crate::engine::understand::resume::text::{fold, is_listed, pattern};

/// "Kassel, den 12. Januar 2024": to the day, because the last study or certificate of a section ends in its month.
static PLACE_AND_DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^(?P<place>\p{L}[\p{L}.'’\ -]{1,40}?)(?P<comma>,?)\s+(?:(?P<mark>den|am|le|il|li|lì|dnia|em|de|op|on)\s+)?
        (?:the\s+)?\d{1,2}(?:[./-]\d{1,2}[./-]\d{2}|(?:st|nd|rd|th|\.|er|º|°)?\s+(?:de\s+|of\s+)?\p{L}{3})",
    )
});
/// Words that stand between a place and a day, folded, and before hardly anything else.
const MARKS: &str = "den|li|dnia";
/// The same, which only a comma tells from "Promotion am 12. Mai 2019".
const MARKS_AFTER_COMMA: &str = "le|am|il";

/// Folded words of consent to the use of data, and of declarations that all of it is true. They say whose data it is, or
/// who agrees: others process data for a living.
static CONSENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)\b(?:przetwarzani[ea]\ (?:moich|swoich)\ danych|wyrazam\ zgode
        |(?:trattamento|utilizzo)\ dei\ miei\ dati|autorizzo\ (?:il|al)\ trattamento
        |tratamiento\ de\ mis\ datos|autorizo\ (?:el\ tratamiento|o\ tratamento)|tratamento\ d(?:os|e)\ meus\ dados
        |traitement\ de\ mes\ donnees|j.autorise\ le\ traitement
        |verarbeitung\ meiner\ (?:personenbezogenen\ )?daten|verwerking\ van\ mijn\ (?:persoonlijke\ |persoons)?gegevens
        |processing\ of\ my\ (?:personal\ )?data|i\ (?:consent|agree)\ to\ the\ processing\ of
        |i\ (?:do\ )?hereby\ (?:declare|certify|solemnly|consent|affirm))",
    )
});
/// A law that consent is given by. A bullet that names it tells of work.
static LAW: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:d\.\s?lgs\.?|decreto legislativo)\s.{0,20}196"));
/// What the further lines of a long consent say, folded.
static LAWS_BELOW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:rodo|gdpr|dsgvo|rgpd|2016/679|679/2016|679/16|196/2003|dz\.\s?u)|\bustaw[ayo]")
});

/// Most words of a line with place and date.
const MAX_WORDS: usize = 7;
/// Most words of a place that nobody has listed.
const MAX_PLACE_WORDS: usize = 3;

/// Takes such lines from the ends of the sections into a last one without a heading.
pub(crate) fn take_closing(chapters: &mut Vec<Chapter>, name: Option<&str>) {
    let last = chapters.iter().rposition(|chapter| !chapter.rows.is_empty());
    let mut closing: Vec<Row> = Vec::new();
    for (at, chapter) in chapters.iter_mut().enumerate() {
        if matches!(chapter.kind, Kind::Head | Kind::Contact | Kind::Other) {
            continue;
        }
        let ends = count_ends(chapter, Some(at) == last, name);
        // All of a section is what its heading says.
        if ends < chapter.rows.len() {
            closing.extend(chapter.rows.split_off(chapter.rows.len() - ends));
        }
    }
    if !closing.is_empty() {
        chapters.push(Chapter { kind: Kind::Other, heading: None, subheadings: Vec::new(), rows: closing });
    }
}

/// How many of a chapter's last rows close the document. Only its last chapter is signed.
fn count_ends(chapter: &Chapter, is_last: bool, name: Option<&str>) -> usize {
    let mut ends = 0;
    let mut has_name = false;
    for (nth, row) in chapter.rows.iter().rev().enumerate() {
        let is_signature = is_last && name.is_some_and(|name| is_name(row, name));
        has_name |= is_signature;
        let is_signed = || is_last && is_place_and_day(row, chapter.kind, has_name);
        if is_signature || is_consent(row) || is_signed() {
            ends = nth + 1;
        } else if !goes_on(row) {
            break;
        }
    }
    ends
}

fn is_consent(row: &Row) -> bool {
    let text = fold(&row.text());
    CONSENT.is_match(&text) || row.item.is_none() && LAW.is_match(&text)
}

/// Whether it ends a consent that began on a line above.
fn goes_on(row: &Row) -> bool {
    row.item.is_none() && LAWS_BELOW.is_match(&fold(&row.text()))
}

fn is_name(row: &Row, name: &str) -> bool {
    fold(row.all().trim()) == fold(name)
}

/// Whether the entries of such a section have dates of their own.
fn is_dated(kind: Kind) -> bool {
    !matches!(kind, Kind::Summary | Kind::Skills | Kind::Languages | Kind::Interests | Kind::References)
}

/// `has_name` says that the person's name stands below.
fn is_place_and_day(row: &Row, kind: Kind, has_name: bool) -> bool {
    let [text] = row.cells.as_slice() else {
        return false;
    };
    if row.item.is_some() || !row.asides.is_empty() || text.split_whitespace().count() > MAX_WORDS {
        return false;
    }
    let dates = find_dates(text);
    let ends = |end: usize| text.get(end..).is_some_and(|rest| !rest.contains(char::is_alphanumeric));
    if !matches!(dates.as_slice(), [day] if !day.range && ends(day.end_at)) {
        return false;
    }
    PLACE_AND_DAY.captures(text).is_some_and(|found| {
        let group = |name: &str| found.name(name).map_or("", |found| found.as_str());
        let place = group("place");
        let mark = group("mark");
        let is_marked = is_listed(MARKS, mark) || group("comma") == "," && is_listed(MARKS_AFTER_COMMA, mark);
        let says_nothing = [title, company, degree, school].iter().all(|score| score(place) <= 0.0);
        let may_be_unlisted = place.split_whitespace().count() <= MAX_PLACE_WORDS && says_nothing;
        // "First Aid, 14 May 2020" looks the same where certificates are listed; no skill and no language has a day.
        is_marked && says_nothing
            || !is_dated(kind) && may_be_unlisted
            || (has_name || row.gap) && (is_place(place) || has_name && may_be_unlisted)
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::domain::resume::Resume;
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    fn resume(sections: &str) -> Resume {
        let text = format!("Ada Example\nada@example.org\n\n{sections}\n");
        understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap())
    }

    #[track_caller]
    fn check(end: &str, expected: &[&str]) {
        let resume = resume(&format!("SKILLS\n\nRust, Go\n\nHOBBIES\n\nChess\n\n{end}"));
        let hobbies: Vec<_> = resume.interests.iter().filter_map(|hobby| hobby.name.as_deref()).collect();
        assert_eq!(hobbies, ["Chess"], "{end}");
        let kept: Vec<&str> =
            resume.sections.iter().flat_map(|section| &section.paragraphs).map(String::as_str).collect();
        assert_eq!(kept, expected, "{end}");
    }

    /// Nothing of the sections leaves them.
    #[track_caller]
    fn check_stays(sections: &str) {
        let found = resume(sections);
        assert!(found.sections.is_empty(), "{sections}: {:?}", found.sections);
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

    #[test]
    fn a_place_that_nobody_has_listed_is_signed_at() {
        check("Unterbach, 12. Januar 2024", &["Unterbach, 12. Januar 2024"]);
        let found = resume("SKILLS\n\nRust, Go\nUnterbach, 12. Januar 2024");
        assert_eq!(found.sections.last().unwrap().paragraphs, ["Unterbach, 12. Januar 2024"]);
        let found = resume(
            "EDUCATION\n\nB.Sc. in Physics, Ridge University, 2012 – 2015\n\nUnterbach, 12.01.2024\nAda Example",
        );
        assert_eq!(found.education.len(), 1);
        assert_eq!(found.sections.last().unwrap().paragraphs, ["Unterbach, 12.01.2024", "Ada Example"]);
    }

    #[test]
    fn the_last_study_certificate_or_award_with_its_date_stays() {
        for sections in [
            "EDUCATION\n\nHarbor University, Phoenix, AZ\nBachelor of Arts 05/2015",
            "EDUCATION\n\nBachelor of Science, Marketing\nUniversity of Phoenix 06/2012",
            "CERTIFICATES\n\nAWS Architect (SAA-C03) 05/2022\nCertified Scrum Master      03/2021",
            "CERTIFICATES\n\nFood Hygiene, 2 March 2019\nFirst Aid, 14 May 2020",
            "CERTIFICATES\n\nFood Hygiene, 2 March 2019\n\nFirst Aid, 14 May 2020",
            "AWARDS\n\nScience Fair, 2015\nGlobex Prize 12 May 2016",
        ] {
            check_stays(sections);
        }
    }

    #[test]
    fn whoever_works_with_data_agrees_to_nothing() {
        let job = "EXPERIENCE\n\nAnalyst, Globex Corporation, 2012 – 2014\n- Kept the reports\n";
        for deed in [
            "Automated processing of the data from 40 sensors",
            "Análise e tratamento de dados",
            "Automatyzacja przetwarzania danych",
            "Automatisierung der Verarbeitung der Daten",
            "Analisi e utilizzo dei dati",
            "Wdrożenie RODO w firmie",
            "Adeguamento al D.Lgs. 196/2003",
        ] {
            check_stays(&format!("{job}- {deed}"));
            if !deed.contains("196") {
                check_stays(&format!("SKILLS\n\nRust\n{deed}"));
            }
        }
    }

    #[test]
    fn a_consent_of_several_lines_goes_as_one() {
        let lines = [
            "Wyrażam zgodę na przetwarzanie moich danych.",
            "Rozporządzenie 2016/679 (RODO), Dz. U. 2018 poz. 1000.",
        ];
        check(&lines.join("\n"), &lines);
        let signed = ["I hereby declare that the above is true.", "Pune, 12 May 2024", "Ada Example"];
        check(&signed.join("\n"), &signed);
    }
}
