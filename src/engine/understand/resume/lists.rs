//! The shorter sections: languages, certificates, awards, publications, interests, references.

use crate::domain::resume::{Award, Certificate, Interest, Language, Publication, Reference};
use crate::engine::understand::resume::dates::{Undated, take_dates};
use crate::engine::understand::resume::evidence::company;
use crate::engine::understand::resume::places::is_place;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::skills::items;
use crate::engine::understand::resume::text::{add_paragraph, some, trim_marks};

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
            for item in items(cell) {
                found.push(language(&item));
            }
        }
    }
    found
}

fn language(item: &str) -> Language {
    if let Some((name, level)) = item.split_once(['(', '（']) {
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
        let (cells, taken) = element.undated();
        let date = taken.dates.last().and_then(crate::engine::understand::resume::dates::Dates::first);
        // A citation keeps its year where its style wants it.
        let name = if citation { some(&element.row.all()) } else { some(&cells.join(", ")) };
        found.push(Publication {
            name,
            publisher: None,
            release_date: date,
            url: element.link(),
            summary: element.description(),
            dates: if citation { None } else { printed(&taken) },
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
