//! A resume from the lines of a document.
//!
//! Rows are cut into sections at the headings, sections into entries, entries into fields. Whatever no field
//! takes stays as text: in the entry's summary, or in an `x-` section. Only words that a field's own name says
//! (`E-mail:`, `at`), page numbers and "last updated" lines are left out.

mod contacts;
mod dates;
mod education;
mod entries;
mod evidence;
mod furniture;
mod header;
mod headings;
mod json;
mod keep;
mod lists;
mod name;
mod places;
mod positions;
mod projects;
mod roles;
mod row;
mod sections;
mod skills;
mod text;

use crate::domain::resume::{Resume, Section, SectionHeading};
use crate::domain::source::SourceText;
use crate::engine::understand::resume::contacts::{emails, phones};
use crate::engine::understand::resume::furniture::once;
use crate::engine::understand::resume::header::{add_email, is_furniture, read_basics};
use crate::engine::understand::resume::headings::Kind;
use crate::engine::understand::resume::keep::{Bag, missing};
use crate::engine::understand::resume::positions::{Position, positions};
use crate::engine::understand::resume::row::{Row, rows};
use crate::engine::understand::resume::sections::{Chapter, chapters};
use crate::engine::understand::resume::text::add_paragraph;

/// Reads a resume. It never fails: what is not understood is kept as text. The same lines give the same resume.
#[must_use]
pub fn understand(source: &SourceText) -> Resume {
    if let Some(resume) = source.structured.first().and_then(json::from_json) {
        return resume;
    }
    let rows = once(rows(source));
    let chapters = chapters(rows.clone());
    let mut resume = Resume::default();
    let head: Vec<Row> = chapters
        .iter()
        .filter(|chapter| matches!(chapter.kind, Kind::Head | Kind::Contact))
        .flat_map(|chapter| chapter.rows.iter().cloned())
        .collect();
    let (basics, rest) = read_basics(&head);
    resume.basics = Some(basics);
    for chapter in &chapters {
        add_chapter(&mut resume, chapter);
    }
    if !rest.is_empty() {
        resume.sections.push(Section { heading: None, paragraphs: rest });
    }
    search_contacts(&mut resume, &rows);
    keep_the_rest(&mut resume, &rows);
    resume
}

fn add_chapter(resume: &mut Resume, chapter: &Chapter) {
    let rows: Vec<Row> = chapter.rows.iter().filter(|row| !is_furniture(row)).cloned().collect();
    let before = Bag::of(&*resume);
    let section = match chapter.kind {
        Kind::Head | Kind::Contact => {
            note_heading(resume, chapter, "basics");
            return;
        }
        Kind::Summary => {
            let basics = resume.basics.get_or_insert_default();
            for row in &rows {
                add_paragraph(&mut basics.summary, &row.all());
            }
            "basics"
        }
        Kind::Work => {
            resume.work.extend(positions(&rows).into_iter().map(Position::into_work));
            "work"
        }
        Kind::Volunteer => {
            let found = positions(&rows);
            if found.is_empty() || !found.iter().all(Position::is_named) {
                return keep_section(resume, chapter, &rows);
            }
            resume.volunteer.extend(found.into_iter().map(Position::into_volunteer));
            "volunteer"
        }
        Kind::Education => {
            resume.education.extend(education::studies(&rows));
            "education"
        }
        Kind::Skills => {
            resume.skills.extend(skills::skills(&rows));
            "skills"
        }
        Kind::Projects => {
            resume.projects.extend(projects::projects(&rows));
            "projects"
        }
        Kind::Languages => {
            resume.languages.extend(lists::languages(&rows));
            "languages"
        }
        Kind::Certificates => {
            resume.certificates.extend(lists::certificates(&rows));
            "certificates"
        }
        Kind::Publications => {
            resume.publications.extend(lists::publications(&rows));
            "publications"
        }
        Kind::Awards => {
            resume.awards.extend(lists::awards(&rows));
            "awards"
        }
        Kind::Interests => {
            resume.interests.extend(lists::interests(&rows));
            "interests"
        }
        Kind::References => {
            resume.references.extend(lists::references(&rows));
            "references"
        }
        Kind::Other => return keep_section(resume, chapter, &rows),
    };
    note_heading(resume, chapter, section);
    let mut added = Bag::of(&*resume);
    added.remove(before);
    let lost = missing(&rows, &mut added);
    if !lost.is_empty() {
        resume.sections.push(Section { heading: None, paragraphs: lost });
    }
}

fn note_heading(resume: &mut Resume, chapter: &Chapter, section: &str) {
    if let Some(heading) = &chapter.heading {
        resume
            .section_order
            .push(SectionHeading { section: Some(section.to_owned()), heading: Some(heading.clone()) });
    }
}

/// A section that the schema has no place for, word for word.
fn keep_section(resume: &mut Resume, chapter: &Chapter, rows: &[Row]) {
    let name = format!("x-sections/{}", resume.sections.len());
    note_heading(resume, chapter, &name);
    let paragraphs = rows.iter().map(Row::all).collect();
    resume.sections.push(Section { heading: chapter.heading.clone(), paragraphs });
}

/// Contacts that stand anywhere else are still the way to reach the person.
fn search_contacts(resume: &mut Resume, rows: &[Row]) {
    let basics = resume.basics.get_or_insert_default();
    if basics.email.is_none()
        && let Some(found) = rows.iter().find_map(|row| emails(&row.all()).into_iter().next())
    {
        add_email(basics, found.text);
    }
    if basics.phone.is_none() {
        let labelled = |row: &&Row| {
            emails(&row.all()).len() == 1
                || row.all().to_lowercase().contains("phone")
                || row.all().contains('+')
        };
        basics.phone = rows
            .iter()
            .filter(labelled)
            .find_map(|row| phones(&row.all()).into_iter().next())
            .map(|found| found.text);
    }
}

/// The last look: whatever word of the document is nowhere becomes a paragraph without a heading.
fn keep_the_rest(resume: &mut Resume, rows: &[Row]) {
    let kept: Vec<Row> = rows.iter().filter(|row| !is_furniture(row)).cloned().collect();
    let mut bag = Bag::of(&*resume);
    let lost = missing(&kept, &mut bag);
    if !lost.is_empty() {
        resume.sections.push(Section { heading: None, paragraphs: lost });
    }
}

/// Whether a heading is one of the usual ones, in any of the languages that are read.
pub(crate) fn is_known_heading(heading: &str) -> bool {
    headings::classify(heading).is_some()
}
