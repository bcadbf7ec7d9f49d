//! Each section of a resume as blocks: every field that has words, in the order that a reader expects.

use crate::domain::resume::{
    Award, Certificate, Education, Interest, Language, PartialDate, Project, Publication, Reference, Section,
    Skill, Volunteer, Work,
};
use crate::engine::render::compose::address;
use crate::engine::render::dates::{self, Open, When};
use crate::engine::render::document::{Block, Entry, Line, Run, is_blank, join};
use crate::engine::render::language::Words;

/// Items of an own section up to this many characters are set as a list, longer ones as paragraphs.
const LIST_ITEM_CHARACTERS: usize = 240;

pub(crate) fn work(work: &Work, words: &Words) -> Vec<Block> {
    let when = When {
        printed: work.dates.as_deref(),
        start: work.start_date,
        end: work.end_date,
        open: Open::Ongoing,
    };
    let facts = [line(work.name.as_deref()), line(work.location.as_deref()), when_line(&when, words)];
    let mut blocks = entry(line(work.position.as_deref()), facts);
    detail(&mut blocks, [line(work.description.as_deref()), link(work.url.as_deref())]);
    blocks.extend(paragraphs(work.summary.as_deref().unwrap_or_default()));
    blocks.extend(bullets(&work.highlights));
    blocks
}

pub(crate) fn volunteer(volunteer: &Volunteer, words: &Words) -> Vec<Block> {
    let when = When {
        printed: volunteer.dates.as_deref(),
        start: volunteer.start_date,
        end: volunteer.end_date,
        open: Open::Ongoing,
    };
    let organization = line(volunteer.organization.as_deref());
    let facts = [organization, line(volunteer.location.as_deref()), when_line(&when, words)];
    let mut blocks = entry(line(volunteer.position.as_deref()), facts);
    detail(&mut blocks, [link(volunteer.url.as_deref())]);
    blocks.extend(paragraphs(volunteer.summary.as_deref().unwrap_or_default()));
    blocks.extend(bullets(&volunteer.highlights));
    blocks
}

pub(crate) fn education(education: &Education, words: &Words) -> Vec<Block> {
    let when = When {
        printed: education.dates.as_deref(),
        start: education.start_date,
        end: education.end_date,
        open: Open::Ongoing,
    };
    let degree = join([line(education.study_type.as_deref()), line(education.area.as_deref())], ", ");
    let institution = line(education.institution.as_deref());
    let facts = [institution, line(education.location.as_deref()), when_line(&when, words)];
    let mut blocks = entry(degree, facts);
    detail(&mut blocks, [grade(education.score.as_deref(), words), link(education.url.as_deref())]);
    let courses = listed(&education.courses);
    if !is_blank(&courses) {
        blocks.push(Block::Paragraph(labelled(words.courses, courses)));
    }
    blocks.extend(bullets(&education.highlights));
    blocks
}

/// A bare number says nothing on its own; `GPA 3.9` and `First class` do.
fn grade(score: Option<&str>, words: &Words) -> Line {
    let score = score.unwrap_or_default();
    if score.is_empty() || score.chars().any(char::is_alphabetic) {
        return vec![Run::plain(score)];
    }
    vec![Run::plain(&format!("{}: {score}", words.grade))]
}

pub(crate) fn project(project: &Project, words: &Words) -> Vec<Block> {
    let when = When {
        printed: project.dates.as_deref(),
        start: project.start_date,
        end: project.end_date,
        open: Open::Unknown,
    };
    let facts = [
        listed(&project.roles),
        line(project.entity.as_deref()),
        line(project.r#type.as_deref()),
        when_line(&when, words),
    ];
    let mut blocks = entry(line(project.name.as_deref()), facts);
    detail(&mut blocks, [listed(&project.keywords), link(project.url.as_deref())]);
    blocks.extend(paragraphs(project.description.as_deref().unwrap_or_default()));
    blocks.extend(bullets(&project.highlights));
    blocks
}

pub(crate) fn award(award: &Award, words: &Words) -> Vec<Block> {
    let facts = [line(award.awarder.as_deref()), day(award.dates.as_deref(), award.date, words)];
    let mut blocks = item(award.title.as_deref(), facts);
    blocks.extend(paragraphs(award.summary.as_deref().unwrap_or_default()));
    blocks
}

pub(crate) fn certificate(certificate: &Certificate, words: &Words) -> Vec<Block> {
    let facts = [
        line(certificate.issuer.as_deref()),
        day(certificate.dates.as_deref(), certificate.date, words),
        link(certificate.url.as_deref()),
    ];
    item(certificate.name.as_deref(), facts)
}

pub(crate) fn publication(publication: &Publication, words: &Words) -> Vec<Block> {
    let facts = [
        line(publication.publisher.as_deref()),
        day(publication.dates.as_deref(), publication.release_date, words),
        link(publication.url.as_deref()),
    ];
    let mut blocks = item(publication.name.as_deref(), facts);
    blocks.extend(paragraphs(publication.summary.as_deref().unwrap_or_default()));
    blocks
}

/// A paragraph a group; skills that stand alone share one.
pub(crate) fn skills(skills: &[Skill]) -> Vec<Block> {
    let groups = skills.iter().map(|skill| {
        let level = skill.level.as_deref().unwrap_or_default();
        (with_note(skill.name.as_deref().unwrap_or_default(), level), skill.keywords.as_slice())
    });
    grouped(groups)
}

pub(crate) fn interests(interests: &[Interest]) -> Vec<Block> {
    grouped(
        interests
            .iter()
            .map(|interest| (interest.name.clone().unwrap_or_default(), interest.keywords.as_slice())),
    )
}

pub(crate) fn languages(languages: &[Language]) -> Vec<Block> {
    let all = languages.iter().map(|language| {
        let name = language.language.as_deref().unwrap_or_default();
        line(Some(&with_note(name, language.fluency.as_deref().unwrap_or_default())))
    });
    filled(Block::Paragraph, join(all, ", ")).into_iter().collect()
}

pub(crate) fn reference(reference: &Reference) -> Vec<Block> {
    let name = Run::strong(reference.name.as_deref().unwrap_or_default());
    let mut words = paragraphs(reference.reference.as_deref().unwrap_or_default()).into_iter();
    let first = match words.next() {
        Some(Block::Paragraph(first)) => first,
        _ => Line::new(),
    };
    let opening = filled(Block::Paragraph, join([vec![name], first], ": "));
    opening.into_iter().chain(words).collect()
}

/// A section that the schema has no place for, word for word.
pub(crate) fn own(section: &Section) -> Vec<Block> {
    let texts = &section.paragraphs;
    let is_list = texts.len() > 1 && texts.iter().all(|text| text.chars().count() <= LIST_ITEM_CHARACTERS);
    if is_list {
        return bullets(texts);
    }
    texts.iter().flat_map(|text| paragraphs(text)).collect()
}

/// A paragraph a line of `text`.
pub(crate) fn paragraphs(text: &str) -> Vec<Block> {
    text.lines().filter_map(|one| filled(Block::Paragraph, vec![Run::plain(one)])).collect()
}

fn bullets(texts: &[String]) -> Vec<Block> {
    texts.iter().filter_map(|one| filled(Block::Bullet, vec![Run::plain(one)])).collect()
}

fn filled(block: fn(Line) -> Block, line: Line) -> Option<Block> {
    (!is_blank(&line)).then(|| block(line))
}

/// The head of an entry; without a title of its own the first fact is the title.
fn entry(title: Line, facts: impl IntoIterator<Item = Line>) -> Vec<Block> {
    let mut lines = std::iter::once(title).chain(facts).filter(|line| !is_blank(line));
    let Some(title) = lines.next() else {
        return Vec::new();
    };
    let title =
        title.into_iter().map(|run| Run { weight: crate::engine::render::document::Weight::Strong, ..run });
    vec![Block::Entry(Entry { title: title.collect(), facts: lines.collect() })]
}

/// A small entry on one line: title, then what is known about it.
fn item(title: Option<&str>, facts: impl IntoIterator<Item = Line>) -> Vec<Block> {
    let title = vec![Run::strong(title.unwrap_or_default())];
    filled(Block::Paragraph, join([title, join(facts, " | ")], " — ")).into_iter().collect()
}

fn detail(blocks: &mut Vec<Block>, facts: impl IntoIterator<Item = Line>) {
    blocks.extend(filled(Block::Detail, join(facts, " | ")));
}

/// Groups with keywords a paragraph each, names alone gathered in the paragraph where the first one stands.
fn grouped<'a>(groups: impl Iterator<Item = (String, &'a [String])>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut alone: Vec<Line> = Vec::new();
    let flush = |alone: &mut Vec<Line>, blocks: &mut Vec<Block>| {
        blocks.extend(filled(Block::Paragraph, join(std::mem::take(alone), ", ")));
    };
    for (name, keywords) in groups {
        let keywords = listed(keywords);
        if is_blank(&keywords) {
            alone.push(line(Some(&name)));
            continue;
        }
        flush(&mut alone, &mut blocks);
        blocks.extend(filled(Block::Paragraph, labelled(&name, keywords)));
    }
    flush(&mut alone, &mut blocks);
    blocks
}

fn labelled(label: &str, line: Line) -> Line {
    let label = label.trim_end_matches([':', ' ']);
    if label.is_empty() {
        return line;
    }
    join([vec![Run::strong(label)], line], ": ")
}

fn with_note(text: &str, note: &str) -> String {
    match (text.is_empty(), note.is_empty()) {
        (_, true) => text.to_owned(),
        (true, false) => note.to_owned(),
        (false, false) => format!("{text} ({note})"),
    }
}

fn listed(texts: &[String]) -> Line {
    join(texts.iter().map(|text| line(Some(text))), ", ")
}

fn line(text: Option<&str>) -> Line {
    vec![Run::plain(text.unwrap_or_default())]
}

fn link(url: Option<&str>) -> Line {
    url.map(|url| vec![address(url)]).unwrap_or_default()
}

/// A date as the source prints it, written out where it has none in words.
fn day(printed: Option<&str>, date: Option<PartialDate>, words: &Words) -> Line {
    let written = || date.map(|date| dates::date(date, words));
    printed.map(str::to_owned).or_else(written).map(|text| vec![Run::plain(&text)]).unwrap_or_default()
}

fn when_line(when: &When<'_>, words: &Words) -> Line {
    vec![Run::plain(&when.text(words))]
}
