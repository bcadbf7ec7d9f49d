//! Studies: school, degree, field, grade, courses.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::resume::Education;
use crate::engine::understand::resume::columns::Table;
use crate::engine::understand::resume::dates::{find_dates, take_dates};
use crate::engine::understand::resume::entries::{Entry, Head, entries, read_head};
use crate::engine::understand::resume::evidence::{degree, find_degree, school};
use crate::engine::understand::resume::locations::{follow_cells, take_places};
use crate::engine::understand::resume::places::is_place;
use crate::engine::understand::resume::positions::{ends, lost};
use crate::engine::understand::resume::roles::{assign, split_commas, votes};
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::{
    is_listed, pattern, split_outside_brackets, trim_marks, without, words,
};

static SCORE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)(?:\b(?:cum(?:ulative)?\.?|major|overall|final|average|weighted)\s+)?\b(?:c?gpa|cpi|grade|final\s+grade|note|abschlussnote|gesamtnote|moyenne|promedio|media|voto|durchschnitt|绩点)\b\s*(?:of|[:：\-–])?\s*(?:\d[\d.,]*(?:\s*(?:/|of|out\s+of|von|sur)\s*\d[\d.,]*)?%?|[A-F][+-]?(?:\b|\s|$))
        | \b\d{1,2}\.\d{1,2}\s*/\s*\d{1,2}(?:\.\d{1,2})?\s*(?:c?gpa)?\b
        | \b\d\.\d{1,2}\s+c?gpa\b
        | \b(?:summa|magna)\s+cum\s+laude\b | \bcum\s+laude\b
        | \b(?:first|second|upper\s+second|lower\s+second|third)[-\s]class\s+(?:honou?rs|distinction)?
        | \b\d{2,3}\s*/\s*110(?:\s+e\s+lode)?\b",
    )
});
static COURSES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:relevant|selected|related|key|main|graduate|undergraduate)\s+)?(?:course\s?work|courses|modules|subjects|kurse|schwerpunkte|cours|cursos|corsi|vakken|主修课程|课程)\s*(?:include[sd]?)?\s*[:：–-]\s*",
    )
});
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*(?:degree\b|of\s+(?:science|arts|engineering|technology|business\s+administration|commerce|laws?|fine\s+arts|education|philosophy|medicine|architecture|music|applied\s+science|public\s+health|social\s+work|research)\b|of\s+\p{L}+\b|\([^)]*\))*",
    )
});
static JOINER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^\s*(?:[,:–—-]|in\b|en\b|of\b|im\s+fach\b|em\b|w\s|der\b|主修|专业)\s*"));

/// How much a text leans to being a degree rather than a school.
fn lean(text: &str) -> f32 {
    degree(text) - school(text)
}

/// The studies of a section.
pub(crate) fn studies(rows: &[Row]) -> Vec<Education> {
    let Some(table) = Table::find(rows) else {
        return listed(rows);
    };
    let mut found = listed(table.before);
    found.extend(table.studies(set_degree));
    found.extend(listed(table.after));
    found
}

/// Studies that stand below each other.
fn listed(rows: &[Row]) -> Vec<Education> {
    let mut entries = entries(rows);
    entries.iter_mut().for_each(settle_head);
    let entries = entries.into_iter().flat_map(part_lines).collect();
    let entries: Vec<Entry> = join_parts(entries).into_iter().flat_map(part_degrees).collect();
    let mut heads: Vec<Head> = entries.iter().map(read_head).collect();
    take_places(&mut heads);
    let before = votes(&heads, lean);
    for head in &mut heads {
        split_commas(head, degree, school, &before);
    }
    take_places(&mut heads);
    follow_cells(&mut heads);
    let votes = votes(&heads, lean);
    entries.iter().zip(&heads).map(|(entry, head)| study(entry, head, &votes)).collect()
}

/// Grades and courses are not names, whatever line they stand on.
fn settle_head(entry: &mut Entry) {
    let mut head = Vec::new();
    let mut body = Vec::new();
    for row in std::mem::take(&mut entry.head) {
        let text = row.text();
        let is_thesis = || {
            find_degree(&text)
                .is_some_and(|(start, end)| start == 0 && is_part(text.get(end..).unwrap_or_default()))
        };
        let detail = COURSES.is_match(&text)
            || (!head.is_empty() && find_dates(&row.all()).is_empty() && is_thesis())
            || (SCORE.is_match(&text) && degree(&text) == 0.0 && school(&text) == 0.0);
        if detail { body.push(row) } else { head.push(row) }
    }
    if head.is_empty() && !entry.body.is_empty() && body.is_empty() {
        // A list of studies, one bullet each.
        let named = |row: &Row| degree(&row.text()) > 0.0 || school(&row.text()) > 0.0;
        if entry.body.first().is_some_and(named) {
            let row = entry.body.remove(0);
            head.push(Row { item: None, ..row });
        }
    }
    entry.head = head;
    entry.body.splice(0..0, body);
}

/// A lone school line and the lone degree line after it are one study.
fn join_parts(entries: Vec<Entry>) -> Vec<Entry> {
    let text = |entry: &Entry| entry.head.iter().map(Row::text).collect::<Vec<_>>().join(" ");
    let mut joined: Vec<Entry> = Vec::new();
    for entry in entries {
        let now = text(&entry);
        match joined.last_mut() {
            Some(last) if last.body.is_empty() => {
                let before = text(last);
                let halves = (school(&before) > 0.0) != (degree(&before) > 0.0)
                    && (school(&now) > 0.0) != (degree(&now) > 0.0)
                    && (school(&before) > 0.0) != (school(&now) > 0.0);
                if halves || entry.head.is_empty() {
                    last.head.extend(entry.head);
                    last.body.extend(entry.body);
                } else {
                    joined.push(entry);
                }
            }
            _ => joined.push(entry),
        }
    }
    joined
}

/// Lines that each have a degree and a school are a study each, however few of them the dates could part.
fn part_lines(entry: Entry) -> Vec<Entry> {
    if entry.head.iter().filter(|row| begins_study(row)).count() < 2 {
        return vec![entry];
    }
    let mut parts: Vec<Entry> = Vec::new();
    let mut has_whole = false;
    for row in entry.head {
        let begins = begins_study(&row);
        match parts.last_mut() {
            Some(last) if !(begins && has_whole) => last.head.push(row),
            _ => parts.push(Entry { head: vec![row], body: Vec::new() }),
        }
        has_whole |= begins;
    }
    if let Some(last) = parts.last_mut() {
        last.body = entry.body;
    }
    parts
}

/// Whether a line has a study of its own, and does not tell about the one above it: "Supervised by Dr. A. Example,
/// Institute of Physics", "Master's thesis at the Institute of Physics".
fn begins_study(row: &Row) -> bool {
    let first = words(&row.text()).into_iter().next().unwrap_or_default();
    if row.item.is_some() || school(&row.text()) < 1.5 || is_listed(LESSER, &first) {
        return false;
    }
    let is_dated = !find_dates(&row.all()).is_empty();
    row.cells.iter().any(|cell| {
        own_degree(cell).is_some_and(|at| {
            let before = cell.get(..at).unwrap_or_default().trim_end();
            is_dated || before.is_empty() || before.ends_with([',', ';', ':', '–', '—', '-', '|', '·', '('])
        })
    })
}

/// Whether the words after a degree make it the word of something else: "Master's thesis".
fn is_part(after: &str) -> bool {
    words(after).iter().find(|word| *word != "s").is_some_and(|word| is_listed(DEGREE_PARTS, word))
}

/// Where a text names a degree that somebody leaves a school with.
fn own_degree(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some((start, end)) = text.get(from..).and_then(find_degree) {
        let found = text.get(from + start..from + end).unwrap_or_default();
        let is_lesser = words(found).first().is_some_and(|word| is_listed(NO_DEGREES, word));
        // "as" and "me" are words, "AS" and "ME" degrees.
        let is_word =
            found.chars().filter(|c| c.is_alphabetic()).count() <= 2 && !found.contains(char::is_uppercase);
        if !is_lesser && !is_word && !is_part(text.get(from + end..).unwrap_or_default()) {
            return Some(from + start);
        }
        from += end;
    }
    None
}

/// What is studied beside a degree, folded.
const LESSER: &str = "minor|major|nebenfach|hauptfach";

/// What the names of schools and the lines below a study have in common with degrees, folded.
const NO_DEGREES: &str = "honors|honours|honor|honour|dr|minor|major";

/// What makes a degree the word of something else, folded.
const DEGREE_PARTS: &str =
    "thesis|dissertation|project|advisor|adviser|supervisor|committee|arbeit|thesen|these|tesis|tesi";

/// Two degrees from one school, each on a line of its own, are two studies there.
fn part_degrees(entry: Entry) -> Vec<Entry> {
    let is_school = |row: &Row| school(&row.text()) > 0.0;
    let is_degree =
        |row: &Row| find_degree(&row.text()).is_some_and(|(start, _)| start == 0) && !is_school(row);
    let degrees = entry.head.iter().filter(|row| is_degree(row)).count();
    if degrees < 2 || entry.head.iter().filter(|row| is_school(row)).count() != 1 {
        return vec![entry];
    }
    let shared: Vec<Row> = entry.head.iter().filter(|row| !is_degree(row)).cloned().collect();
    let mut body = Some(entry.body);
    let each = entry.head.into_iter().filter(is_degree).map(|row| Entry {
        head: shared.iter().cloned().chain([row]).collect(),
        body: body.take().unwrap_or_default(),
    });
    each.collect()
}

fn study(entry: &Entry, head: &Head, votes: &crate::engine::understand::resume::roles::Votes) -> Education {
    let roles = assign(head, &entry.head, lean, votes);
    let (start_date, end_date) = ends(head.dates.as_ref());
    let mut study = Education {
        institution: roles.second.map(|(_, text)| text),
        url: head.url.clone(),
        start_date,
        end_date,
        location: head.location.clone(),
        dates: head.printed.clone(),
        ..Education::default()
    };
    if let Some((_, text)) = roles.first {
        set_degree(&mut study, &text);
    }
    if let Some(name) = study.institution.take() {
        let (rest, score) = take_score(&name);
        study.score = study.score.or(score);
        study.institution = Some(rest).filter(|rest| !rest.is_empty());
    }
    part_field(&mut study);
    part_place(&mut study);
    part_details(&mut study);
    for row in &entry.body {
        add_detail(&mut study, row);
    }
    let rows: Vec<Row> = entry.head.iter().chain(&entry.body).cloned().collect();
    for text in lost(&rows, &study) {
        place_lost(&mut study, head, &rows, &text);
    }
    study
}

/// What templates have where a grade belongs, and what stands before one, folded.
const GRADES: &str = "grade|grades|score|gpa|note|abschlussnote|calificacion|nota|notes|mention|voto|成绩";

/// The same for a description.
const DESCRIPTIONS: &str =
    "description|beschreibung|descripcion|descricao|descrizione|omschrijving|opis|说明";

/// Finds a place for what no field of a study took.
fn place_lost(study: &mut Education, head: &Head, rows: &[Row], text: &str) {
    let taken = take_dates(text);
    let name = trim_marks(&taken.rest).to_owned();
    let is_in_head = head.segments.iter().any(|segment| segment.text.contains(&name));
    let is_short = name.split_whitespace().count() <= 6 && !name.is_empty();
    if study.score.is_none() && is_listed(GRADES, &name) {
        study.score = Some(name);
    } else if is_listed(DESCRIPTIONS, &name) {
        add_text(study, text);
    } else if let Some(place) = study.location.clone()
        && is_short
        && rows.iter().any(|row| row.text().contains(&format!("{name}, {place}")))
    {
        study.location = Some(format!("{name}, {place}"));
    } else if study.area.is_none() && is_in_head && find_degree(&name).is_some_and(|(start, _)| start == 0) {
        // Said twice: "PhD" in a column of its own, and "PhD in Computer Science".
        let short = study.study_type.take();
        set_degree(study, &name);
        if short.is_some_and(|short| study.study_type.as_deref().is_none_or(|long| !long.contains(&short))) {
            add_text(study, &name);
        }
    } else if study.area.is_none()
        && study.study_type.is_some()
        && is_short
        && !SCORE.is_match(&name)
        && degree(&name) == 0.0
        && is_in_head
    {
        study.area = Some(name);
        taken.dates.iter().for_each(|dates| add_text(study, &dates.printed));
    } else {
        add_text(study, text);
    }
}

/// "Ridge University (Springfield)": the place in brackets, unless those hold what the school is called for short.
fn part_place(study: &mut Education) {
    let Some(name) = study.institution.as_deref().filter(|_| study.location.is_none()) else {
        return;
    };
    let parts = name.trim_end().strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    if let Some((before, place)) = parts
        && school(before) >= 1.0
        && place.split_whitespace().count() <= 3
        && place.contains(char::is_lowercase)
        && place.starts_with(char::is_uppercase)
        && school(place) <= 0.0
        && degree(place) <= 0.0
    {
        (study.location, study.institution) = (Some(place.to_owned()), Some(before.to_owned()));
    }
}

/// "Ridge University, Springfield, 3.9": the place and the grade after a school.
fn part_details(study: &mut Education) {
    let Some(name) = study.institution.clone().filter(|name| name.contains([',', '，'])) else {
        return;
    };
    let mut parts = name.split([',', '，']).map(|part| part.trim().trim_end_matches(['.', '。']));
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let is_grade = |part: &&str| is_listed(GRADES, trim_marks(part)) || SCORE.is_match(part);
    let places: Vec<&str> = rest.iter().copied().filter(|part| !is_grade(part)).collect();
    let has_grade = places.len() < rest.len();
    if school(first) >= 1.0 && has_grade && places.iter().all(|place| is_place(place)) {
        study.score = study.score.take().or_else(|| rest.iter().copied().find(is_grade).map(str::to_owned));
        if !places.is_empty() && study.location.is_none() {
            study.location = Some(places.join(", "));
        }
        study.institution = Some(first.to_owned());
    }
}

/// "H.R. Management, Bellows College" beside a degree: what stands before the school is its field.
fn part_field(study: &mut Education) {
    let Some(name) =
        study.institution.as_deref().filter(|_| study.study_type.is_some() && study.area.is_none())
    else {
        return;
    };
    if let Some((field, after)) = name.split_once([',', ';'])
        && school(field) <= 0.0
        && school(after) >= 1.0
    {
        let (field, after) = (trim_marks(field).to_owned(), trim_marks(after).to_owned());
        (study.area, study.institution) = (Some(field), Some(after));
    }
}

/// "Bachelor of Science in Computer Science, GPA 3.9" → degree, field, grade.
fn set_degree(study: &mut Education, text: &str) {
    let (text, score) = take_score(text);
    study.score = study.score.take().or(score);
    // "Computer Science, MS": the field stands before its degree.
    if let Some((field, kind)) = text.rsplit_once(',')
        && find_degree(kind.trim()) == Some((0, kind.trim().len()))
        && degree(field) == 0.0
        && !trim_marks(field).is_empty()
    {
        study.study_type = Some(kind.trim().to_owned());
        study.area = Some(trim_marks(field).to_owned());
        return;
    }
    let Some((_, end)) = find_degree(&text) else {
        study.area = Some(text).filter(|text| !text.is_empty());
        return;
    };
    let end = if text.get(..end).is_some_and(|found| found.ends_with([' ', ',', ';', ':', '/', ')', '('])) {
        end - 1
    } else {
        end
    };
    let after = text.get(end..).unwrap_or_default();
    let more = FIELD.find(after).map_or(0, |found| found.end());
    let (kind, field) = (text.get(..end + more).unwrap_or(&text), after.get(more..).unwrap_or_default());
    let field = JOINER.find(field).and_then(|found| field.get(found.end()..)).unwrap_or(field);
    study.study_type = Some(trim_marks(kind).to_owned());
    let field = trim_marks(field).to_owned();
    if is_listed(GRADES, &field) {
        study.score = study.score.take().or(Some(field));
    } else {
        study.area = Some(field).filter(|field| !field.is_empty());
    }
}

fn take_score(text: &str) -> (String, Option<String>) {
    let mut rest = text.to_owned();
    let mut scores = Vec::new();
    while let Some(found) = SCORE.find(&rest).filter(|found| !found.is_empty()) {
        let (start, end) = (found.start(), found.end());
        scores.push(trim_marks(found.as_str()).to_owned());
        rest = without(&rest, start, end);
    }
    let rest = trim_marks(&rest).split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let rest = rest.replace(" ,", ",").replace("( )", "");
    (trim_marks(&rest).to_owned(), (!scores.is_empty()).then(|| scores.join("; ")))
}

fn add_detail(study: &mut Education, row: &Row) {
    let text = row.text();
    if let Some(found) = COURSES.find(&text) {
        let courses = text.get(found.end()..).unwrap_or_default().trim_end_matches('.');
        study.courses.extend(split_outside_brackets(courses, |c| matches!(c, ',' | ';' | '•' | '、' | '|')));
        return;
    }
    add_text(study, &text);
}

fn add_text(study: &mut Education, text: &str) {
    let (rest, score) =
        if text.split_whitespace().count() <= 12 { take_score(text) } else { (text.to_owned(), None) };
    match (score, study.score.as_mut()) {
        (Some(score), Some(known)) => {
            known.push_str("; ");
            known.push_str(&score);
        }
        (Some(score), None) => study.score = Some(score),
        (None, _) => {}
    }
    if !trim_marks(&rest).is_empty() {
        study.highlights.push(rest);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    /// Schools, degrees and fields.
    #[track_caller]
    fn check(studies: &str, expected: &[[&str; 3]]) {
        let text = format!("Ada Example\nada@example.org\n\nEDUCATION\n\n{studies}\n\nSKILLS\n\nRust, Go\n");
        let found = understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap()).education;
        let found: Vec<_> = found
            .iter()
            .map(|study| {
                [&study.institution, &study.study_type, &study.area].map(|it| it.clone().unwrap_or_default())
            })
            .collect();
        assert_eq!(found, expected, "{studies}");
    }

    #[test]
    fn what_stands_below_a_study_is_no_second_one() {
        for below in [
            "Schreyer Honors College",
            "Supervised by Dr. A. Example, Institute of Physics",
            "Double major in Economics, College of Arts",
            "Bachelor's thesis at the Institute of Physics",
            "Known as president of the University Choir",
        ] {
            check(
                &format!("B.S. in Biology, Ridge University, May 2016\n{below}"),
                &[["Ridge University", "B.S.", "Biology"]],
            );
        }
    }

    #[test]
    fn lines_without_a_date_are_a_study_each() {
        check(
            "Ridge University, MS in Statistics\nHarbor College, BS in Physics",
            &[["Ridge University", "MS", "Statistics"], ["Harbor College", "BS", "Physics"]],
        );
    }

    #[test]
    fn a_degree_after_its_field_is_no_place() {
        for kind in ["MS", "MA", "BA"] {
            check(
                &format!("Ridge University\nComputer Science, {kind}\n2012 – 2014"),
                &[["Ridge University", kind, "Computer Science"]],
            );
        }
    }
}
