//! A resume from the lines of a document.
//!
//! Rows are cut into sections at the headings, sections into entries, entries into fields. Whatever no field
//! takes stays as text: in the entry's summary, or in an `x-` section. Words that a field's own name says
//! (`E-mail:`, `at`), page numbers and "last updated" lines are no facts of the person: a reading has them apart.

mod calendar;
mod closing;
mod columns;
mod contacts;
mod dates;
mod day_first;
mod education;
mod entries;
mod evidence;
mod furniture;
mod header;
mod headings;
mod json;
mod keep;
mod name_labels;
mod entry_labels;
mod lists;
mod locations;
mod mentions;
mod name;
mod phone;
mod pieces;
mod places;
mod positions;
mod projects;
mod provenance;
mod roles;
mod row;
mod sections;
mod skills;
mod subheadings;
mod text;
mod uncover;

use crate::domain::reading::Reading;
use crate::domain::resume::{Resume, Section, SectionHeading};
use crate::domain::source::SourceText;
use crate::engine::understand::resume::closing::take_closing;
use crate::engine::understand::resume::columns::is_header;
use crate::engine::understand::resume::contacts::{emails, labelled_phone, phones};
use crate::engine::understand::resume::day_first::read_days_first;
use crate::engine::understand::resume::furniture::{furniture, is_folio, once};
use crate::engine::understand::resume::header::{add_email, is_furniture, read_basics};
use crate::engine::understand::resume::headings::Kind;
use crate::engine::understand::resume::keep::{Bag, missing};
use crate::engine::understand::resume::mentions::mentioned;
use crate::engine::understand::resume::name::take_largest;
use crate::engine::understand::resume::name_labels::take_labelled_name;
use crate::engine::understand::resume::phone::add_number;
use crate::engine::understand::resume::positions::{Position, positions};
use crate::engine::understand::resume::provenance::trace;
use crate::engine::understand::resume::row::{Row, rows};
use crate::engine::understand::resume::sections::{Chapter, chapters};
use crate::engine::understand::resume::text::add_paragraph;

/// Reads a resume. It never fails: what is not understood is kept as text. The same lines give the same resume.
#[must_use]
pub fn understand(source: &SourceText) -> Resume {
    if let Some(resume) = source.structured.first().and_then(json::from_json) {
        return resume;
    }
    let mut rows = once(rows(source));
    let mut chapters = chapters(&rows);
    let mut resume = Resume::default();
    let mut head: Vec<Row> = chapters
        .iter()
        .filter(|chapter| matches!(chapter.kind, Kind::Head | Kind::Contact))
        .flat_map(|chapter| chapter.rows.iter().cloned())
        .collect();
    let labelled = take_labelled_name(&mut head);
    if labelled.is_some() {
        take_labelled_name(&mut rows);
    }
    let (mut basics, rest) = read_basics(&head, labelled);
    if basics.name.is_none() {
        let local = basics.email.as_deref().and_then(|email| email.split('@').next()).unwrap_or_default();
        basics.name = take_largest(&mut chapters, local);
    }
    take_closing(&mut chapters, basics.name.as_deref());
    resume.basics = Some(basics);
    if let Some(name) = resume.basics.as_ref().and_then(|basics| basics.name.as_deref()) {
        rows.retain(|row| !is_folio(row, name));
        for chapter in &mut chapters {
            chapter.rows.retain(|row| !is_folio(row, name));
        }
    }
    for chapter in &chapters {
        add_chapter(&mut resume, chapter);
    }
    if !rest.is_empty() {
        resume.sections.push(Section { heading: None, paragraphs: rest });
    }
    search_contacts(&mut resume, &rows);
    read_days_first(&mut resume, &rows);
    keep_the_rest(&mut resume, &rows);
    resume
}

/// Says where each word of a resume stood; `resume` is what was understood of `source`. Where it has no section of skills,
/// those that its running text names are listed as such: where they stand tells them from a person's own list.
#[must_use]
pub fn reading(source: &SourceText, mut resume: Resume) -> Reading {
    add_phone_number(&mut resume);
    let furniture = furniture(source, &resume);
    // Only for whoever looks a resume over: what is tailored keeps the sections that the person gave it.
    let mentioned = mentioned(&resume);
    let skills_from_text = !mentioned.is_empty();
    resume.skills.extend(mentioned);
    Reading { furniture, skills_from_text, provenance: trace(source, &resume), resume }
}

/// Writes the person's telephone number in E.164 beside how it is printed, where its country is known.
pub fn add_phone_number(resume: &mut Resume) {
    if let Some(basics) = &mut resume.basics {
        add_number(basics);
    }
}

fn add_chapter(resume: &mut Resume, chapter: &Chapter) {
    let rows: Vec<Row> = chapter.rows.iter().filter(|row| !is_furniture(row)).cloned().collect();
    match chapter.kind {
        Kind::Head | Kind::Contact => note_heading(resume, chapter, "basics"),
        Kind::Other => keep_section(resume, chapter, &rows),
        _ => match understood(chapter, &rows, !resume.work.is_empty()) {
            Some(part) => take_in(resume, part),
            None => keep_section(resume, chapter, &rows),
        },
    }
}

/// What a chapter says, apart from the others: what of it is lost, no other chapter can hide. `None` where its heading
/// promises what does not stand in it. `has_work` says that employment was found before.
fn understood(chapter: &Chapter, rows: &[Row], has_work: bool) -> Option<Resume> {
    let mut part = Resume::default();
    let section = match chapter.kind {
        Kind::Summary => {
            let basics = part.basics.get_or_insert_default();
            for row in rows {
                add_paragraph(&mut basics.summary, &row.all());
            }
            "basics"
        }
        Kind::Work => {
            let found = positions(rows);
            if has_work && !found.iter().any(Position::is_employment) {
                // "Technical Experience" after the employment: deeds without a date or an employer.
                part.projects = projects::projects(rows);
                "projects"
            } else {
                part.work = found.into_iter().map(Position::into_work).collect();
                "work"
            }
        }
        Kind::Volunteer => {
            let found = positions(rows);
            if found.is_empty() || !found.iter().all(Position::is_named) {
                return None;
            }
            part.volunteer = found.into_iter().map(Position::into_volunteer).collect();
            "volunteer"
        }
        Kind::Education => {
            part.education = education::studies(rows);
            "education"
        }
        Kind::Skills => {
            part.skills = skills::skills(rows);
            "skills"
        }
        Kind::Projects => {
            part.projects = projects::projects(rows);
            "projects"
        }
        Kind::Languages => {
            part.languages = lists::languages(rows);
            "languages"
        }
        Kind::Certificates => {
            part.certificates = lists::certificates(rows);
            "certificates"
        }
        Kind::Publications => {
            part.publications = lists::publications(rows);
            "publications"
        }
        Kind::Awards => {
            part.awards = lists::awards(rows);
            "awards"
        }
        Kind::Interests => {
            part.interests = lists::interests(rows);
            "interests"
        }
        Kind::References => {
            part.references = lists::references(rows);
            "references"
        }
        Kind::Head | Kind::Contact | Kind::Other => return None,
    };
    note_heading(&mut part, chapter, section);
    // The names over the columns of a table of studies are no facts: they said what its cells are.
    let is_fact = |row: &&Row| chapter.kind != Kind::Education || !is_header(row);
    let facts: Vec<Row> = rows.iter().filter(is_fact).cloned().collect();
    let lost = missing(&facts, &mut Bag::of(&part));
    if !lost.is_empty() {
        part.sections.push(Section { heading: None, paragraphs: lost });
    }
    Some(part)
}

/// Adds what a chapter says to what the others say.
fn take_in(resume: &mut Resume, part: Resume) {
    if let Some(summary) = part.basics.and_then(|basics| basics.summary) {
        add_paragraph(&mut resume.basics.get_or_insert_default().summary, &summary);
    }
    resume.work.extend(part.work);
    resume.volunteer.extend(part.volunteer);
    resume.education.extend(part.education);
    resume.skills.extend(part.skills);
    resume.projects.extend(part.projects);
    resume.languages.extend(part.languages);
    resume.certificates.extend(part.certificates);
    resume.publications.extend(part.publications);
    resume.awards.extend(part.awards);
    resume.interests.extend(part.interests);
    resume.references.extend(part.references);
    resume.sections.extend(part.sections);
    resume.section_order.extend(part.section_order);
}

fn note_heading(resume: &mut Resume, chapter: &Chapter, section: &str) {
    if let Some(heading) = &chapter.heading {
        resume.section_order.push(SectionHeading {
            section: Some(section.to_owned()),
            heading: Some(heading.clone()),
            level: None,
        });
    }
    let within = chapter.subheadings.iter().map(|heading| SectionHeading {
        section: Some(section.to_owned()),
        heading: Some(heading.clone()),
        level: Some(2),
    });
    resume.section_order.extend(within);
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
                || labelled_phone(&row.all()).is_some()
                || row.all().to_lowercase().contains("phone")
                || row.all().contains('+')
                || phones(&row.all()).first().is_some_and(|found| found.text == row.all().trim())
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
    let kept: Vec<Row> = rows.iter().filter(|row| !is_furniture(row) && !is_header(row)).cloned().collect();
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::domain::resume::Resume;
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    fn resume(text: &str) -> Resume {
        let text = format!("Ada Example\nada@example.org\n\n{text}");
        understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap())
    }

    #[track_caller]
    fn jobs(text: &str, expected: &[(&str, &str, &str)]) {
        let found = resume(&format!("EXPERIENCE\n\n{text}")).work;
        let shown = |field: &Option<String>| field.clone().unwrap_or_default();
        let found: Vec<_> =
            found.iter().map(|job| (shown(&job.name), shown(&job.position), shown(&job.location))).collect();
        let expected: Vec<_> =
            expected.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[track_caller]
    fn school(text: &str, institution: &str, degree: &str, area: &str, location: &str) {
        let found = resume(&format!("EDUCATION\n\n{text}")).education;
        let study = found.first().unwrap();
        let shown = [&study.institution, &study.study_type, &study.area, &study.location];
        let shown = shown.map(|field| field.clone().unwrap_or_default());
        assert_eq!(shown, [institution, degree, area, location], "{text}");
    }

    #[test]
    fn employers_that_a_template_sets_as_bullets_are_employers() {
        jobs(
            "• Vireo Labs      Oslo, Norway\nSoftware Engineer      Oct 2016 – Present\n• Built the scheduler of the \
             fleet\n• Cut its cost by a third\n• Coral Systems      Bergen, Norway\nData Engineer      Jan 2014 – Oct \
             2016\n• Moved two pipelines to streams\n",
            &[
                ("Vireo Labs", "Software Engineer", "Oslo, Norway"),
                ("Coral Systems", "Data Engineer", "Bergen, Norway"),
            ],
        );
    }

    #[test]
    fn a_name_before_a_city_and_a_state_is_the_employer() {
        jobs(
            "Swim Coach\nYMCA, Pomona, CA      Jun 2012 – May 2014\n",
            &[("YMCA", "Swim Coach", "Pomona, CA")],
        );
    }

    #[test]
    fn an_employer_before_its_city_is_the_employer() {
        jobs(
            "Product Manager\nFjordbuss, Berlin\n03/2019 – today\n- Led the app\n\nMarketing Manager\nLumenta AG, \
             Unterbach\n01/2016 – 02/2019\n- Ran campaigns\n\nIntern\nKlettwerk, Obertal\n2014 – 2015\n- Kept the \
             channels\n",
            &[
                ("Fjordbuss", "Product Manager", "Berlin"),
                ("Lumenta AG", "Marketing Manager", "Unterbach"),
                ("Klettwerk", "Intern", "Obertal"),
            ],
        );
        jobs(
            "Editor      Harbor Press      Dublin      2019 – 2021\n- Edited\n\nWriter      Ridge Books      Unterbach      2016 – \
             2019\n- Wrote\n",
            &[("Harbor Press", "Editor", "Dublin"), ("Ridge Books", "Writer", "Unterbach")],
        );
        jobs(
            "Globex Corporation\nKreuzberg, Berlin\n2014 – 2015\n",
            &[("Globex Corporation", "", "Kreuzberg, Berlin")],
        );
    }

    #[test]
    fn a_title_that_no_list_has_stands_before_its_employer() {
        jobs(
            "Plattformgießer, Kornblum Werke GmbH, Unterbach      07/2011 – 02/2017\n- Goss Platten\n",
            &[("Kornblum Werke GmbH", "Plattformgießer", "Unterbach")],
        );
        jobs(
            "2012 - 2018: Dependiente. Ferretería Torelli (Toledo)\n- Vendió tornillos\n",
            &[("Ferretería Torelli (Toledo)", "Dependiente", "")],
        );
        jobs("Globex, Inc.      07/2011 – 02/2017\n- Made plates\n", &[("Globex, Inc.", "", "")]);
        jobs(
            "Marlow, Finch & Partner Ltd      07/2011 – 02/2017\n- Made plates\n",
            &[("Marlow, Finch & Partner Ltd", "", "")],
        );
        school(
            "Studiengang Informatik, Technische Universität Unterbach\n2012 – 2015\n",
            "Technische Universität Unterbach",
            "",
            "Studiengang Informatik",
            "",
        );
    }

    #[test]
    fn lines_with_labels_describe_or_say_what_they_name() {
        let text = "EXPERIENCE\n\nBackend Developer | Marlow Digital\nFeb 2021 - Present\nResponsibilities:\n- Built \
                    services\nEnvironment: Java 17, Oracle\n\nClient: Harbor Trust, Oslo      Jun 2019 - Jan 2021\nRole: \
                    Java Developer\nDescription: Core banking for 40 branches.\n- Wrote batch jobs\nEnvironment: Java 8\n";
        let found = resume(text).work;
        let jobs: Vec<_> = found.iter().map(|job| (job.name.as_deref(), job.position.as_deref())).collect();
        assert_eq!(
            jobs,
            [
                (Some("Marlow Digital"), Some("Backend Developer")),
                (Some("Harbor Trust"), Some("Java Developer"))
            ]
        );
        assert_eq!(found.last().unwrap().location.as_deref(), Some("Oslo"));
        assert_eq!(
            found.last().unwrap().summary.as_deref(),
            Some("Description: Core banking for 40 branches.")
        );
        let text = "PROJECTS\n\nTracker      Jan 2023 - Mar 2023\nTracks stock in three warehouses for a shop.\nTechnologies: \
                    React, Node.js\nRole: Team lead\n\nChat Server\nChat with rooms and presence for the school.\nTech Stack: \
                    Go, Redis\n";
        let found = resume(text).projects;
        let names: Vec<_> = found.iter().map(|project| project.name.as_deref()).collect();
        assert_eq!(names, [Some("Tracker"), Some("Chat Server")]);
        let chat = found.last().unwrap();
        assert_eq!(chat.keywords, ["Go", "Redis"]);
        assert_eq!(chat.description.as_deref(), Some("Chat with rooms and presence for the school."));
        // What nobody took keeps its label.
        let text = "SUMMARY\n\nClient: Harbor Trust\n";
        assert!(resume(text).basics.unwrap().summary.unwrap().contains("Client: Harbor Trust"));
    }

    #[test]
    fn a_short_sentence_after_the_dates_describes() {
        jobs(
            "Sales Assistant, Globex Corporation, 2012 – 2014\nWon new customers.\n\nClerk, Harbor Stores Ltd, 2010 – \
             2011\nKept the books.\n",
            &[("Globex Corporation", "Sales Assistant", ""), ("Harbor Stores Ltd", "Clerk", "")],
        );
    }

    #[test]
    fn a_school_keeps_its_whole_name() {
        school(
            "University of Texas at Austin\nB.S. in Computer Science, 2016\n",
            "University of Texas at Austin",
            "B.S.",
            "Computer Science",
            "",
        );
        school(
            "Associate degree, Office Management, Bellows College\n",
            "Bellows College",
            "Associate degree",
            "Office Management",
            "",
        );
        school(
            "PhD, Physics; Ridge University (Springdale)\n",
            "Ridge University",
            "PhD",
            "Physics",
            "Springdale",
        );
        school(
            "MBA, Harbor University, Stanton, CA, USA\n",
            "Harbor University",
            "MBA",
            "",
            "Stanton, CA, USA",
        );
    }

    #[test]
    fn jobs_under_the_heading_of_something_else_are_found() {
        let found = resume(
            "HIGHLIGHTS\n\nTen years of testing.\n\nSenior QA Engineer, Vireo Systems, Portland, OR (Mar 2021 - Present) \
             Leads the guild of testers.\n• Cut the suite to forty minutes\n\nQA Engineer, Coral Labs, Seattle, WA (Jun \
             2018 - Feb 2021)\n• Wrote the first suite\n\nEDUCATION\n\nB.S. in Physics, Ridge University\n",
        );
        let jobs: Vec<_> =
            found.work.iter().map(|job| (job.name.as_deref(), job.position.as_deref())).collect();
        assert_eq!(
            jobs,
            [(Some("Vireo Systems"), Some("Senior QA Engineer")), (Some("Coral Labs"), Some("QA Engineer"))]
        );
        assert_eq!(found.basics.unwrap().summary.unwrap(), "Ten years of testing.");
        assert_eq!(found.work.first().unwrap().summary.as_deref(), Some("Leads the guild of testers."));
    }

    #[test]
    fn an_employer_between_title_and_team_is_no_place() {
        jobs(
            "Founder & CEO · Meridian Labs, Chicago, IL · Executive Team\n03/2022 - Present\n• Scaled the platform\n",
            &[("Meridian Labs", "Founder & CEO", "Chicago, IL")],
        );
    }

    #[test]
    fn an_employer_in_plain_type_after_a_title_in_bold_is_no_place() {
        let text = "# Ada Example\n\nada@example.org\n\n## Experience\n\n**Platform Engineer**, Fjordline Systems, Bergen \
                    (2012 – 2014)\n\n- Built the platform\n";
        let found = understand(&read(text.as_bytes(), "resume.md", &Limits::default()).unwrap());
        let job = found.work.first().unwrap();
        let shown = [&job.name, &job.position, &job.location].map(|field| field.clone().unwrap_or_default());
        assert_eq!(shown, ["Fjordline Systems", "Platform Engineer", "Bergen"]);
    }

    #[test]
    fn two_degrees_of_one_school_are_two_studies() {
        let found = resume(
            "EDUCATION\n\nRidge University\nBE in Software Engineering\nLLB in Law\n2012 – 2016\n\nSKILLS\n\nRust, Go\n",
        );
        let studies: Vec<_> = found
            .education
            .iter()
            .map(|study| {
                [&study.institution, &study.study_type, &study.area].map(|it| it.clone().unwrap_or_default())
            })
            .collect();
        assert_eq!(
            studies,
            [["Ridge University", "BE", "Software Engineering"], ["Ridge University", "LLB", "Law"]]
        );
        assert!(found.education.iter().all(|study| study.end_date.is_some()));
    }

    #[test]
    fn lines_with_a_degree_and_a_school_are_a_study_each() {
        school(
            "2006 - 2009: Diplomatura en Historia. Universidad Torelli\n",
            "Universidad Torelli",
            "Diplomatura",
            "Historia",
            "",
        );
        let found = resume(
            "EDUCATION\n\nMaster of Public Health in Epidemiology, Ridge University, Atlanta, GA, 2019\nBachelor of Science in \
             Biology, Harbor State College, Morrow, GA, 2016\n\nSKILLS\n\nRust, Go\n",
        );
        let studies: Vec<_> = found
            .education
            .iter()
            .map(|study| {
                [&study.institution, &study.area, &study.dates].map(|it| it.clone().unwrap_or_default())
            })
            .collect();
        assert_eq!(
            studies,
            [["Ridge University", "Epidemiology", "2019"], ["Harbor State College", "Biology", "2016"]]
        );
    }

    #[test]
    fn the_names_over_columns_say_what_the_cells_are() {
        let found = resume(
            "EDUCATION\n\nCourse      Institution      Board/University      Year      Percentage\nB.Tech (CSE)      Marlow \
             Engineering College      Harbor Board      2023      78.4%\nIntermediate      Little Ridge School      State \
             Board      2019      94.2%\nMatric      Lower Ridge School      State Board      2017\n\nSKILLS\n\nLanguages      : C, Java\n",
        );
        let studies: Vec<_> = found
            .education
            .iter()
            .map(|study| {
                [&study.institution, &study.study_type, &study.dates, &study.score]
                    .map(|it| it.clone().unwrap_or_default())
            })
            .collect();
        assert_eq!(
            studies,
            [
                ["Marlow Engineering College", "B.Tech (CSE)", "2023", "78.4%"],
                ["Little Ridge School", "Intermediate", "2019", "94.2%"],
                ["Lower Ridge School", "Matric", "2017", ""],
            ]
        );
        assert_eq!(found.education.first().unwrap().highlights, ["Harbor Board"]);
        assert_eq!(found.skills.first().unwrap().keywords, ["C", "Java"]);
        assert!(found.sections.is_empty());
    }

    #[test]
    fn a_dated_bullet_with_a_title_is_a_job() {
        jobs(
            "• Web Developer at Marlow Systems, Oslo (May 2022 – July 2022)\n• Built a portal for the school\n",
            &[("Marlow Systems", "Web Developer", "Oslo")],
        );
    }

    #[test]
    fn deeds_without_dates_after_the_employment_are_projects() {
        let text = "# Ada Example\n\nada@example.org\n\n## Experience\n\nClerk, Vireo Labs, 2012 – 2014\n\n- Kept the \
                    books\n\n## Technical Experience\n\nA map of fruit trees\n\n- Shows what is ripe\n";
        let found = understand(&read(text.as_bytes(), "resume.md", &Limits::default()).unwrap());
        assert_eq!(found.work.len(), 1);
        assert_eq!(found.projects.first().unwrap().name.as_deref(), Some("A map of fruit trees"));
    }

    #[test]
    fn what_heads_a_description_without_a_date_is_what_was_done() {
        jobs(
            "Growing of plums\n\nGrew them for years, to the satisfaction of all who ate them.\n",
            &[("", "Growing of plums", "")],
        );
    }

    #[test]
    fn a_number_alone_on_its_line_is_a_telephones() {
        let found = resume("EXPERIENCE\n\nClerk, Vireo Labs, 2012 – 2014\n\nREFERENCES\n\n(718) 555–0100\n");
        assert_eq!(found.basics.unwrap().phone.unwrap(), "(718) 555–0100");
    }
}
