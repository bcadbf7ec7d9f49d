//! From a resume to the document model: who the person is, then the sections in the order of the source.

use crate::domain::resume::{Basics, Location, Profile, Resume};
use crate::engine::render::document::{Block, Document, Line, Run, clean, display, is_blank, join};
use crate::engine::render::language::{self, Words};
use crate::engine::render::sections;

/// The sections in the order that readers expect where the source gives none.
const DEFAULT_ORDER: [&str; 12] = [
    "summary",
    "work",
    "projects",
    "education",
    "skills",
    "certificates",
    "publications",
    "awards",
    "volunteer",
    "languages",
    "interests",
    "references",
];

/// The whole resume as a document. The picture and `meta` have no words, so only JSON carries them.
pub(crate) fn compose(resume: &Resume) -> Document {
    let words = language::of(resume);
    let mut document = Document { language: words.tag, kind: words.document, ..Document::default() };
    if let Some(basics) = &resume.basics {
        document.name = clean(basics.name.as_deref().unwrap_or_default());
        document.blocks = introduce(basics);
    }
    for (section, heading) in order(resume) {
        let blocks = body(resume, &section, words);
        if blocks.is_empty() {
            continue;
        }
        let heading = heading.map(|heading| clean(&heading)).filter(|heading| !heading.is_empty());
        let heading = heading.unwrap_or_else(|| default_heading(resume, &section, words));
        if !heading.is_empty() {
            document.blocks.push(Block::Heading(vec![Run::plain(&heading)]));
        }
        document.blocks.extend(blocks);
    }
    document
}

/// Name, title and ways to reach the person.
fn introduce(basics: &Basics) -> Vec<Block> {
    let mut blocks = Vec::new();
    let line = |text: &Option<String>| vec![Run::plain(text.as_deref().unwrap_or_default())];
    let name = line(&basics.name);
    if !is_blank(&name) {
        blocks.push(Block::Name(name));
    }
    let label = line(&basics.label);
    if !is_blank(&label) {
        blocks.push(Block::Label(label));
    }
    let mut contacts = Vec::new();
    contacts.extend(basics.location.as_ref().map(|location| vec![Run::plain(&place(location))]));
    contacts.extend(basics.phone.as_ref().map(|phone| vec![Run::plain(phone).leading_to(&call(phone))]));
    contacts.extend(
        basics.email.as_ref().map(|email| vec![Run::plain(email).leading_to(&format!("mailto:{email}"))]),
    );
    contacts.extend(basics.url.as_ref().map(|url| vec![address(url)]));
    contacts.extend(basics.profiles.iter().map(profile));
    contacts.retain(|contact| !is_blank(contact));
    if !contacts.is_empty() {
        blocks.push(Block::Contacts(contacts));
    }
    blocks
}

/// An address as people print it, leading where it says.
pub(crate) fn address(url: &str) -> Run {
    Run::plain(&display(url)).leading_to(url)
}

fn call(phone: &str) -> String {
    let digits: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    format!("tel:{digits}")
}

fn place(location: &Location) -> String {
    let town = [&location.postal_code, &location.city].into_iter().flatten();
    let town = town.map(String::as_str).collect::<Vec<_>>().join(" ");
    let address = location.address.as_deref().unwrap_or_default();
    let mut parts: Vec<&str> = vec![address];
    let more = [town.as_str(), location.region.as_deref().unwrap_or_default()];
    let country = location.country_code.as_deref().unwrap_or_default();
    for part in more.into_iter().chain([country]) {
        // An address printed as one line often holds the town that is also given apart.
        if !part.is_empty() && !parts.iter().any(|known| known.split([',', ' ']).any(|word| word == part)) {
            parts.push(part);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

/// A profile by its address alone where that names the network and the person, else in words as well.
fn profile(profile: &Profile) -> Line {
    let fold =
        |text: &str| -> String { text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect() };
    let url = profile.url.as_deref().unwrap_or_default();
    let shown = fold(&display(url));
    let unsaid = |text: &Option<String>| text.clone().filter(|text| !shown.contains(&fold(text)));
    let network = unsaid(&profile.network).unwrap_or_default();
    let username = unsaid(&profile.username).unwrap_or_default();
    let link = if url.is_empty() { vec![] } else { vec![address(url)] };
    join([vec![Run::plain(&network)], join([vec![Run::plain(&username)], link], ", ")], ": ")
}

/// Every section once with its heading in the source: first as the source orders them, then the rest.
fn order(resume: &Resume) -> Vec<(String, Option<String>)> {
    let mut order: Vec<(String, Option<String>)> = Vec::new();
    let mut add = |section: String, heading: Option<String>| {
        if !order.iter().any(|(known, _)| *known == section) {
            order.push((section, heading));
        }
    };
    let listed =
        |name: &str| resume.section_order.iter().any(|entry| canonical(entry.section.as_deref()) == name);
    if !listed("summary") {
        // Unheaded in the source, it stood under the name.
        add("summary".to_owned(), None);
    }
    for entry in &resume.section_order {
        add(canonical(entry.section.as_deref()).to_owned(), entry.heading.clone());
    }
    for section in DEFAULT_ORDER {
        add(section.to_owned(), None);
    }
    for index in 0..resume.sections.len() {
        add(format!("x-sections/{index}"), None);
    }
    order
}

fn canonical(section: Option<&str>) -> &str {
    match section.unwrap_or_default() {
        "basics" | "basics/summary" | "summary" => "summary",
        other => other,
    }
}

fn own_section<'a>(resume: &'a Resume, section: &str) -> Option<&'a crate::domain::resume::Section> {
    resume.sections.get(section.strip_prefix("x-sections/")?.parse::<usize>().ok()?)
}

fn default_heading(resume: &Resume, section: &str, words: &Words) -> String {
    let own = own_section(resume, section).and_then(|section| section.heading.as_deref());
    clean(own.unwrap_or_else(|| words.heading(section)))
}

fn body(resume: &Resume, section: &str, words: &Words) -> Vec<Block> {
    match section {
        "summary" => {
            let summary = resume.basics.as_ref().and_then(|basics| basics.summary.as_deref());
            sections::paragraphs(summary.unwrap_or_default())
        }
        "work" => resume.work.iter().flat_map(|work| sections::work(work, words)).collect(),
        "volunteer" => resume.volunteer.iter().flat_map(|entry| sections::volunteer(entry, words)).collect(),
        "education" => resume.education.iter().flat_map(|entry| sections::education(entry, words)).collect(),
        "projects" => resume.projects.iter().flat_map(|entry| sections::project(entry, words)).collect(),
        "awards" => resume.awards.iter().flat_map(|award| sections::award(award, words)).collect(),
        "certificates" => {
            resume.certificates.iter().flat_map(|one| sections::certificate(one, words)).collect()
        }
        "publications" => {
            resume.publications.iter().flat_map(|one| sections::publication(one, words)).collect()
        }
        "skills" => sections::skills(&resume.skills),
        "languages" => sections::languages(&resume.languages),
        "interests" => sections::interests(&resume.interests),
        "references" => resume.references.iter().flat_map(sections::reference).collect(),
        own => own_section(resume, own).map(sections::own).unwrap_or_default(),
    }
}
