//! A name behind its label: "Name: Ada Example", "Vorname" and "Nachname" in a table.

use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::{fold, is_listed, trim_marks};

/// Labels of a whole name, folded. Some stand for one part of it where the other has a label as well.
const WHOLE: &str = "name|full name|candidate name|vor- und nachname|vor- und zuname|vorname und nachname|name, vorname|name und vorname|nom|nom et prenom|nom et prenoms|nom & prenom|nom prenom|nom / prenom|nom complet|prenom et nom|nombre|nombre completo|nombre y apellidos|apellidos y nombre|apellidos y nombres|nombres y apellidos|nome|nome completo|nome e cognome|cognome e nome|naam|volledige naam|naam en voornaam|voor- en achternaam|imie i nazwisko|nazwisko i imie|姓名|名字";
const GIVEN: &str = "first name|given name|given names|forename|vorname|vornamen|prenom|prenoms|nombres|voornaam|voornamen|imie|imiona";
const FAMILY: &str = "surname|last name|family name|nachname|familienname|zuname|nom de famille|apellido|apellidos|cognome|sobrenome|apelido|achternaam|nazwisko";

/// Most words of a name.
const MAX_WORDS: usize = 6;

/// The name that labels say, and the rows without these labels: what a field's own name says is no fact.
pub(crate) fn take_labelled_name(rows: &mut [Row]) -> Option<String> {
    let whole = take(rows, WHOLE);
    let given = take(rows, GIVEN);
    let family = take(rows, FAMILY);
    match (given, family, whole) {
        (Some(given), Some(family), _)
        // "Nom" beside "Prénom" is that of the family, "Nombre" beside "Apellidos" is the given one.
        | (Some(given), None, Some(family))
        | (None, Some(family), Some(given)) => Some(format!("{given} {family}")),
        (None, None, whole) => whole,
        (part, None, None) | (None, part, None) => part,
    }
}

/// The first text that stands behind one of the labels; the label goes.
fn take(rows: &mut [Row], labels: &str) -> Option<String> {
    rows.iter_mut().find_map(|row| {
        let at = row.cells.iter().position(|cell| is_listed(labels, trim_marks(cell)));
        if let Some(at) = at {
            let value = row.cells.get(at + 1).filter(|value| is_name_like(value))?.trim().to_owned();
            row.cells.remove(at);
            row.runs.retain(|run| run.cell != at);
            row.runs.iter_mut().filter(|run| run.cell > at).for_each(|run| run.cell -= 1);
            return Some(value);
        }
        let [cell] = row.cells.as_slice() else {
            return None;
        };
        let (label, value) = cell.split_once([':', '：'])?;
        let value = value.trim().to_owned();
        if !is_listed(labels, label) || !is_name_like(&value) {
            return None;
        }
        *row = Row { asides: row.asides.clone(), ..row.with_text(&value) };
        Some(value)
    })
}

fn is_name_like(text: &str) -> bool {
    let is_foreign = |c: char| c.is_ascii_digit() || matches!(c, '@' | ':' | '：' | '/' | '|');
    text.chars().any(char::is_alphabetic)
        && !text.contains(is_foreign)
        && text.split_whitespace().count() <= MAX_WORDS
        && !is_listed(WHOLE, text)
        && !is_listed(GIVEN, text)
        && !is_listed(FAMILY, text)
}

/// Whether a text is the name, or a part of it.
pub(crate) fn is_part_of(name: &str, text: &str) -> bool {
    format!(" {} ", fold(name)).contains(&format!(" {} ", fold(text.trim())))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    #[track_caller]
    fn check(head: &str, expected: &str) {
        let text = format!(
            "{head}\nzz81@example.org\n\nEXPERIENCE\n\nClerk, Vireo Labs, 2012 – 2014\n- Kept the books\n"
        );
        let resume = understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap());
        assert_eq!(resume.basics.unwrap().name.as_deref(), Some(expected), "{head}");
        assert!(resume.sections.is_empty(), "{:?}", resume.sections);
    }

    #[test]
    fn what_follows_a_label_is_the_name_and_the_label_is_not() {
        check("Name: Fatima Zahra Bennani", "Fatima Zahra Bennani");
        check("Full Name : Fatima Bennani", "Fatima Bennani");
        check("Nom et prénom : BENNANI Fatima", "BENNANI Fatima");
        check("NAME              Fatima Bennani", "Fatima Bennani");
        check("姓名：林晓彤", "林晓彤");
    }

    #[test]
    fn both_parts_of_a_name_make_one() {
        check("Vorname: Fatima\nNachname: Bennani", "Fatima Bennani");
        check("Nom : Bennani\nPrénom : Fatima", "Fatima Bennani");
        check("Nombre: Fatima\nApellidos: Bennani Ruiz", "Fatima Bennani Ruiz");
    }
}
