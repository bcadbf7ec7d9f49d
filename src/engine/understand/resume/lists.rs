//! The shorter sections: languages, certificates, awards, publications, interests, references.

use crate::domain::resume::{Award, Certificate, Interest, Language, Publication, Reference};
use crate::engine::understand::resume::dates::{Undated, is_only_dates, take_dates};
use crate::engine::understand::resume::evidence::company;
use crate::engine::understand::resume::places::is_place;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::skills::items;
use crate::engine::understand::resume::text::{add_paragraph, is_listed, some, trim_marks};

/// One element of a list: its first row and what describes it.
struct Element<'a> {
    row: &'a Row,
    more: Vec<&'a Row>,
}

/// Rows grouped into elements. Where bold, dated or bulleted rows open elements, the others describe them.
fn elements(rows: &[Row]) -> Vec<Element<'_>> {
    let opens = |row: &Row| {
        row.item == Some(0)
            || row.bold
            || row.runs.first().is_some_and(|run| run.bold)
            || row.cells.iter().any(|cell| !take_dates(cell).dates.is_empty())
    };
    let marked = rows.iter().filter(|row| opens(row)).count();
    // Without marks every row is an element, unless gaps set groups apart.
    let by_gap =
        marked == 0 && rows.iter().skip(1).filter(|row| row.gap).count() * 3 >= rows.len() && rows.len() > 2;
    let mut found: Vec<Element<'_>> = Vec::new();
    for row in rows {
        let fresh = if marked == 0 {
            if by_gap { row.gap } else { !row.is_prose() }
        } else {
            opens(row) || (row.gap && row.item.is_none() && !row.is_prose())
        };
        match found.last_mut() {
            Some(last) if !fresh => last.more.push(row),
            _ => found.push(Element { row, more: Vec::new() }),
        }
    }
    found
}

impl Element<'_> {
    fn description(&self) -> Option<String> {
        let mut text = None;
        for row in &self.more {
            add_paragraph(&mut text, &row.all());
        }
        text
    }

    /// The first row without its dates; cells stay apart.
    fn undated(&self) -> (Vec<String>, Undated) {
        let mut all = Undated::default();
        let mut cells = Vec::new();
        for cell in self.row.cells.iter().chain(&self.row.asides) {
            let taken = take_dates(cell);
            all.dates.extend(taken.dates);
            all.durations.extend(taken.durations);
            if !taken.rest.is_empty() {
                cells.push(taken.rest);
            }
        }
        (cells, all)
    }

    fn link(&self) -> Option<String> {
        std::iter::once(self.row).chain(self.more.iter().copied()).find_map(Row::link)
    }
}

/// The dates of an element as printed.
fn printed(taken: &Undated) -> Option<String> {
    let dates = taken.dates.iter().map(|dates| dates.printed.as_str());
    let all: Vec<&str> = dates.chain(taken.durations.iter().map(String::as_str)).collect();
    some(&all.join(" · "))
}

/// Human languages with how well they are spoken.
pub(crate) fn languages(rows: &[Row]) -> Vec<Language> {
    let mut found = Vec::new();
    for row in rows {
        let pair = row.cells.len() >= 2 && row.cells.iter().all(|cell| !cell.contains([',', ':', '(']));
        if pair && row.cells.len() <= 3 {
            let fluency = row.cells.iter().skip(1).cloned().collect::<Vec<_>>().join(", ");
            found.push(Language { language: row.cells.first().cloned(), fluency: some(&fluency) });
            continue;
        }
        for cell in row.cells.iter().chain(&row.asides) {
            found.extend(each_language(cell).iter().map(|item| language(without_label(item))));
        }
    }
    found
}

/// The languages of a cell with what is said of each.
fn each_language(cell: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for item in items(cell).iter().flat_map(|item| parted(item)) {
        // "lu, écrit, parlé": how well goes on, and no language begins small where the first does not.
        let goes_on = item.starts_with(char::is_lowercase) && !item.contains([':', '：', '(']);
        let says_how_well = |last: &String| last.starts_with(char::is_uppercase) && names_language(last);
        match found.last_mut() {
            Some(last) if goes_on && says_how_well(last) => {
                last.push_str(", ");
                last.push_str(&item);
            }
            _ => found.push(item),
        }
    }
    found
}

/// "Deutsch (Muttersprache) – Englisch (C1)" and "Anglais : courant Espagnol : notions" are two languages.
fn parted(item: &str) -> Vec<String> {
    let cuts = [" – ", " — ", " - "].map(|dash| item.split(dash).collect::<Vec<&str>>());
    let dashed = cuts.into_iter().find(|parts| parts.len() > 1).unwrap_or_default();
    if dashed.len() > 1 && dashed.iter().all(|part| part.contains(['(', '（', ':', '：'])) {
        return dashed.into_iter().map(|part| part.trim().to_owned()).collect();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut words = item.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let is_label = word.ends_with(':') || words.peek().is_some_and(|next| *next == ":");
        let begins = is_label && word.starts_with(char::is_uppercase);
        match parts.last_mut() {
            Some(last) if !(begins && last.contains(':')) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => parts.push(word.to_owned()),
        }
    }
    parts
}

/// Labels over several languages, and over those that were learnt first, folded.
const LANGUAGES: &str = "languages|other languages|other language|other language(s)|foreign languages|sprachen|weitere sprachen|andere sprachen|fremdsprachen|langues|autres langues|langues etrangeres|idiomas|otros idiomas|otras lenguas|outros idiomas|outras linguas|lingue|altre lingue|altra lingua|andere talen|inne jezyki|jezyki obce";
const MOTHER_TONGUE: &str = "mother tongue|mother tongue(s)|native language|muttersprache|langue maternelle|lengua materna|lengua(s) materna(s)|lingua materna|lingua(s) materna(s)|lingua madre|madrelingua|moedertaal|jezyk ojczysty|母语";

/// Bytes of the longest label over languages.
const MAX_LABEL: usize = 60;

/// Whether a language stands before a colon, and no label over several that go on after it in small letters.
fn names_language(item: &str) -> bool {
    let is_label = |text: &str| is_listed(LANGUAGES, text) || is_listed(MOTHER_TONGUE, text);
    item.split_once([':', '：']).is_some_and(|(text, _)| text.len() > MAX_LABEL || !is_label(text))
}

/// "Otros idiomas: inglés (C1)" is about English.
fn without_label(item: &str) -> &str {
    match item.split_once([':', '：']) {
        Some((label, rest)) if is_listed(LANGUAGES, label) && !rest.trim().is_empty() => rest.trim(),
        _ => item,
    }
}

fn language(item: &str) -> Language {
    if let Some((label, name)) = item.split_once([':', '：'])
        && is_listed(MOTHER_TONGUE, label)
        && !name.trim().is_empty()
    {
        return Language { language: some(name), fluency: some(label) };
    }
    let is_labelled = item.find([':', '：']) < item.find(['(', '（']) && item.contains([':', '：']);
    if !is_labelled && let Some((name, level)) = item.split_once(['(', '（']) {
        return Language {
            language: some(trim_marks(name)),
            fluency: some(level.trim_end_matches([')', '）'])),
        };
    }
    for separator in [":", "：", " – ", " — ", " - ", "–"] {
        if let Some((name, level)) = item.split_once(separator) {
            return Language { language: some(trim_marks(name)), fluency: some(level) };
        }
    }
    Language { language: some(item), fluency: None }
}

/// The parts of a title line: its name and who stands behind it.
fn name_and_body(cells: &[String]) -> (Option<String>, Option<String>) {
    let mut parts: Vec<String> = Vec::new();
    for cell in cells {
        let spaced = cell.replace(" | ", "\t").replace(" · ", "\t").replace(" • ", "\t").replace(" — ", "\t");
        parts.extend(
            spaced.split('\t').map(|part| trim_marks(part).to_owned()).filter(|part| !part.is_empty()),
        );
    }
    if let [only] = parts.as_slice() {
        if let Some((name, body)) = only.rsplit_once(", ")
            && company(body) >= 1.0
        {
            return (some(name), some(body));
        }
        return (some(only), None);
    }
    let mut parts = parts.into_iter();
    let name = parts.next();
    (name, some(&parts.collect::<Vec<_>>().join(", ")))
}

/// Certificates and licences.
pub(crate) fn certificates(rows: &[Row]) -> Vec<Certificate> {
    let mut found = Vec::new();
    for element in elements(rows) {
        let (cells, taken) = element.undated();
        let (name, issuer) = name_and_body(&cells);
        let date = taken.dates.first().and_then(crate::engine::understand::resume::dates::Dates::first);
        let mut issuer = issuer;
        if let Some(more) = element.description() {
            issuer = some(&issuer.map_or(more.clone(), |issuer| format!("{issuer}, {more}")));
        }
        found.push(Certificate { name, date, url: element.link(), issuer, dates: printed(&taken) });
    }
    found.retain(|certificate| certificate.name.is_some() || certificate.issuer.is_some());
    found
}

/// Honours and prizes.
pub(crate) fn awards(rows: &[Row]) -> Vec<Award> {
    let mut found = Vec::new();
    for element in elements(rows) {
        let (mut cells, taken) = element.undated();
        let place = (cells.len() > 1).then(|| cells.pop_if(|cell| is_place(cell))).flatten();
        let (title, awarder) =
            if cells.len() > 1 { (some(&cells.join(" · ")), None) } else { name_and_body(&cells) };
        let mut summary = place;
        if let Some(more) = element.description() {
            add_paragraph(&mut summary, &more);
        }
        let date = taken.dates.first().and_then(crate::engine::understand::resume::dates::Dates::first);
        found.push(Award { title, date, awarder, summary, dates: printed(&taken) });
    }
    found
}

/// Publications: the first line is the title, or the whole citation.
pub(crate) fn publications(rows: &[Row]) -> Vec<Publication> {
    let mut found = Vec::new();
    for element in elements(rows) {
        let citation = element.more.is_empty() && element.row.cells.len() == 1;
        let (_, taken) = element.undated();
        // Of a DOI or a volume nothing is taken: only a cell of its own is a date.
        let all = || element.row.cells.iter().chain(&element.row.asides).map(String::as_str);
        let cells: Vec<&str> = all().filter(|cell| !is_only_dates(cell)).map(trim_marks).collect();
        let alone: Vec<&str> = all().filter(|cell| is_only_dates(cell)).collect();
        let date = taken.dates.last().and_then(crate::engine::understand::resume::dates::Dates::first);
        // A citation keeps its year where its style wants it.
        let name = if citation { some(&element.row.all()) } else { some(&cells.join(", ")) };
        found.push(Publication {
            name,
            publisher: None,
            release_date: date,
            url: element.link(),
            summary: element.description(),
            dates: if citation { None } else { some(&alone.join(" · ")) },
        });
    }
    found
}

/// Interests.
pub(crate) fn interests(rows: &[Row]) -> Vec<Interest> {
    let mut found = Vec::new();
    for row in rows {
        if row.is_prose() {
            found.push(Interest { name: some(&row.all()), keywords: Vec::new() });
            continue;
        }
        let text = row.text();
        match text.split_once([':', '：']) {
            Some((name, rest)) if row.cells.len() == 1 && name.split_whitespace().count() <= 4 => {
                found.push(Interest { name: some(name), keywords: items(rest) });
            }
            _ => found.extend(
                row.cells
                    .iter()
                    .chain(&row.asides)
                    .flat_map(|cell| items(cell))
                    .map(|name| Interest { name: Some(name), keywords: Vec::new() }),
            ),
        }
    }
    found
}

/// Referees, or where to ask for them.
pub(crate) fn references(rows: &[Row]) -> Vec<Reference> {
    let mut found: Vec<Reference> = Vec::new();
    for row in rows {
        let text = row.all();
        let named = row.bold || row.runs.first().is_some_and(|run| run.bold);
        match found.last_mut() {
            Some(last) if !row.gap && !named && row.item.is_none() => {
                add_paragraph(&mut last.reference, &text);
            }
            _ if named => found.push(Reference { name: some(&text), reference: None }),
            _ => found.push(Reference { name: None, reference: some(&text) }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::domain::resume::Resume;
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    fn resume(text: &str) -> Resume {
        let text = format!("Ada Example\nada@example.org\n\n{text}\n");
        understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap())
    }

    #[track_caller]
    fn check(line: &str, expected: &[(&str, &str)]) {
        let found = resume(&format!("LANGUAGES\n\n{line}")).languages;
        let shown = |field: &Option<String>| field.clone().unwrap_or_default();
        let found: Vec<_> = found.iter().map(|it| (shown(&it.language), shown(&it.fluency))).collect();
        let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn how_well_a_language_is_spoken_stays_with_it() {
        check("Anglais : lu, écrit\nArabe : courant", &[("Anglais", "lu, écrit"), ("Arabe", "courant")]);
        check("Inglés: nivel alto (C1)", &[("Inglés", "nivel alto (C1)")]);
        check(
            "Lengua materna: español\nOtros idiomas: inglés (C1), euskera (B2)",
            &[("español", "Lengua materna"), ("inglés", "C1"), ("euskera", "B2")],
        );
        check("English (C1), German", &[("English", "C1"), ("German", "")]);
        check(
            "Otros idiomas: inglés, francés, italiano",
            &[("inglés", ""), ("francés", ""), ("italiano", "")],
        );
        check("Lengua materna: español, catalán", &[("español", "Lengua materna"), ("catalán", "")]);
    }

    #[test]
    fn languages_on_one_line_are_told_apart() {
        check("Deutsch (Muttersprache) – Englisch (C1)", &[("Deutsch", "Muttersprache"), ("Englisch", "C1")]);
        check("Anglais : courant Espagnol : notions", &[("Anglais", "courant"), ("Espagnol", "notions")]);
        check("English – fluent", &[("English", "fluent")]);
    }

    #[test]
    fn a_citation_in_two_cells_keeps_its_numbers() {
        let found =
            resume("PUBLICATIONS\n\nLund, P. (2019). Basal meltwater. doi 10.5/jcr.2019.7\tJCR 12, 3\n")
                .publications;
        let name = found.first().unwrap().name.clone().unwrap();
        assert!(name.contains("jcr.2019.7") && name.contains("(2019)"), "{name}");
    }
}
