//! Title, company, place and kind of employment, from wherever a posting tells them.

use crate::domain::source::SourceText;
use crate::engine::lexicon::{TermKind, lexicon};
use crate::engine::understand::posting::PostingHints;
use crate::engine::understand::posting::item::{Item, Shape};
use crate::engine::understand::posting::json_ld::Described;
use crate::engine::understand::posting::phrase::Phrases;
use crate::engine::understand::posting::words::{COMPANY_LABELS, KIND_LABELS, PLACE_LABELS, TITLE_LABELS};

/// Items at the beginning that may name the position without a label.
const OPENING_ITEMS: usize = 12;
const MAX_TITLE_WORDS: usize = 12;
/// Words before a title that are no part of it: "a talented engineer".
const PRAISE: &[&str] = &[
    "talented",
    "skilled",
    "seasoned",
    "experienced",
    "passionate",
    "motivated",
    "highly",
    "dynamic",
    "creative",
    "dedicated",
    "enthusiastic",
    "driven",
    "self-motivated",
    "results-driven",
    "detail-oriented",
    "new",
    "great",
    "exceptional",
    "outstanding",
    "ambitious",
    "proactive",
    "hands-on",
    "full-time",
    "part-time",
];
/// Words of headings that stand where a company's name might.
const HEADING_WORDS: &[&str] = &[
    "description",
    "overview",
    "summary",
    "about",
    "responsibilities",
    "requirements",
    "qualifications",
    "role",
    "position",
    "job",
    "team",
    "benefits",
    "location",
    "department",
    "full",
    "part",
    "time",
    "remote",
    "hybrid",
    "duties",
    "skills",
    "experience",
    "education",
    "salary",
    "contract",
    "permanent",
    "type",
    "details",
    "apply",
];
/// Lines below the title that may name the company.
const LINES_BELOW: usize = 3;
/// Longest title, company or place, in characters.
const MAX_FACT_CHARS: usize = 200;

/// The facts of a posting that are no requirements.
pub(crate) struct Facts {
    pub(crate) title: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) employment_type: Option<String>,
}

impl Facts {
    /// What the user says wins, then the page's own data, then its text.
    pub(crate) fn of(
        source: &SourceText,
        described: Option<&Described>,
        items: &[Item],
        hints: &PostingHints<'_>,
    ) -> Self {
        let hinted =
            |hint: Option<&str>| hint.map(str::trim).filter(|hint| !hint.is_empty()).map(str::to_owned);
        let page = source.title.as_deref().map(split_page_title);
        let labelled_title = labelled(items, TITLE_LABELS).filter(|title| is_title_like(title));
        let found = Self {
            title: hinted(hints.title)
                .or_else(|| described.and_then(|found| found.title.clone()))
                .or(labelled_title)
                .or_else(|| opening_title(items))
                .or_else(|| page.clone().and_then(|(title, _)| title))
                .or_else(|| sought_title(items)),
            company: hinted(hints.company)
                .or_else(|| described.and_then(|found| found.company.clone()))
                .or_else(|| labelled(items, COMPANY_LABELS))
                .or_else(|| page.and_then(|(_, company)| company))
                .or_else(|| self_named(items))
                .or_else(|| under_title(items)),
            location: described
                .and_then(|found| found.location.clone())
                .or_else(|| labelled(items, PLACE_LABELS)),
            employment_type: described
                .and_then(|found| found.employment_type.clone())
                .or_else(|| labelled(items, KIND_LABELS).and_then(|kind| employment_type(&kind)))
                .or_else(|| items.iter().take(OPENING_ITEMS).find_map(|item| employment_type(&item.text))),
        };
        Self {
            title: found.title.and_then(|text| one_line(&text)),
            company: found.company.and_then(|text| one_line(&text)),
            location: found.location.and_then(|text| one_line(&text)),
            employment_type: found.employment_type.and_then(|text| one_line(&text)),
        }
    }
}

/// A fact as one line of bearable length: pages' data hold anything, control characters included.
fn one_line(text: &str) -> Option<String> {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(MAX_FACT_CHARS).collect();
    Some(line).filter(|line| !line.is_empty())
}

/// The value of the first line "Label: value".
fn labelled(items: &[Item], labels: &[&str]) -> Option<String> {
    items.iter().find_map(|item| {
        let (label, value) = item.text.split_once(':')?;
        let label = Phrases::of(label);
        let is_label = labels.iter().any(|known| label.words().eq(known.split(' ')));
        let value = value.trim().trim_matches('"').trim();
        (is_label && !value.is_empty() && value.split_whitespace().count() <= MAX_TITLE_WORDS)
            .then(|| value.to_owned())
    })
}

/// A first heading, or one of the first short lines that names an occupation.
fn opening_title(items: &[Item]) -> Option<String> {
    let opening = || items.iter().take(OPENING_ITEMS).filter(|item| item.shape != Shape::Bullet);
    let named = opening().find(|item| is_title_like(&item.text) && names_occupation(&item.text));
    let first_heading = || {
        opening()
            .find(|item| matches!(item.shape, Shape::Heading(1)))
            .filter(|item| is_title_like(&item.text))
    };
    named.or_else(first_heading).map(|item| trimmed_title(&item.text))
}

fn is_title_like(text: &str) -> bool {
    let phrases = Phrases::of(text);
    let words = phrases.words().count();
    (1..=MAX_TITLE_WORDS).contains(&words)
        && !text.trim_end().ends_with(['.', ':', '!', '?', ';'])
        && !phrases.starts_with_any(&[
            "about",
            "we",
            "our",
            "you",
            "job description",
            "home",
            "careers",
            "apply",
            "search",
            "welcome",
            "sign",
            "why",
        ])
}

fn names_occupation(text: &str) -> bool {
    lexicon().mentions(text).iter().any(|mention| lexicon().kind(mention.term) == TermKind::Occupation)
        || Phrases::of(text).has_any(&[
            "engineer",
            "developer",
            "manager",
            "teacher",
            "nurse",
            "analyst",
            "designer",
            "architect",
            "specialist",
            "assistant",
            "director",
            "coordinator",
            "technician",
            "administrator",
            "officer",
            "consultant",
            "accountant",
            "representative",
            "associate",
            "scientist",
            "lead",
            "driver",
            "clerk",
            "intern",
            "supervisor",
            "executive",
            "operator",
            "planner",
            "researcher",
            "writer",
            "editor",
            "advisor",
            "adviser",
            "programmer",
            "tester",
            "chef",
            "cook",
            "mechanic",
            "electrician",
            "therapist",
            "physician",
            "tutor",
            "instructor",
            "lecturer",
            "professor",
            "secretary",
            "receptionist",
            "buyer",
            "recruiter",
            "strategist",
            "producer",
            "owner",
            "master",
            "coach",
            "head of",
            "apprentice",
            "trainee",
            "entwickler*",
            "ingenieur*",
            "développeur*",
            "desarrollador*",
            "leiter*",
            "lehrer*",
            "worker",
            "cashier",
            "attorney",
            "lawyer",
            "paralegal",
            "auditor",
            "bookkeeper",
            "controller",
            "agent",
            "inspector",
            "surveyor",
            "caregiver",
            "paramedic",
            "pharmacist",
            "dentist",
            "librarian",
            "guard",
        ])
}

fn trimmed_title(text: &str) -> String {
    let text = text.trim();
    let text = text
        .strip_prefix("Job Title")
        .or_else(|| text.strip_prefix("Position"))
        .map_or(text, |rest| rest.trim_start_matches([':', ' ', '-']));
    let text = text.split(" - ").next().filter(|head| names_occupation(head)).unwrap_or(text);
    text.trim_end_matches([' ', '-', '–', '|']).to_owned()
}

/// "Nurse at Acme", "Job Application for Nurse at Acme", "Nurse - Acme - Careers", "Nurse | Acme".
fn split_page_title(title: &str) -> (Option<String>, Option<String>) {
    let title = title.trim();
    let title = title.strip_prefix("Job Application for ").unwrap_or(title);
    let mut parts = title.split(
        [" | ", " - ", " – ", " — "].iter().find(|mark| title.contains(**mark)).copied().unwrap_or(" | "),
    );
    let first = parts.next().unwrap_or_default().trim();
    let second = parts.next().map(str::trim).filter(|second| {
        !Phrases::of(second).has_any(&["careers", "jobs", "job", "indeed", "linkedin", "glassdoor"])
    });
    if let Some((position, company)) = first.rsplit_once(" at ") {
        return (Some(position.trim().to_owned()), Some(company.trim().to_owned()));
    }
    if !is_title_like(first) || !names_occupation(first) {
        return (None, None);
    }
    (Some(first.to_owned()), second.map(str::to_owned))
}

/// "We are looking for a Senior Nurse to join …".
fn sought_title(items: &[Item]) -> Option<String> {
    items.iter().find_map(|item| {
        let lower = item.text.to_lowercase();
        let lead = [
            "looking for an ",
            "looking for a ",
            "seeking an ",
            "seeking a ",
            "hiring an ",
            "hiring a ",
            "to hire a ",
            "position of ",
            "role of ",
            "searching for a ",
        ]
        .iter()
        .find_map(|lead| lower.find(lead).map(|at| at + lead.len()))?;
        let rest = item.text.get(lead..)?;
        let mut title: Vec<&str> = Vec::new();
        for word in rest.split_whitespace() {
            let bare = word.trim_matches([',', '.', ';', ':', '!']);
            let stops = [
                "to", "who", "with", "that", "for", "in", "at", "on", "and", "within", "based", "which", "as",
            ]
            .contains(&bare.to_lowercase().as_str());
            if stops || title.len() == 6 {
                break;
            }
            if title.is_empty() && PRAISE.contains(&bare.to_lowercase().as_str()) {
                continue;
            }
            title.push(bare);
            if bare.len() < word.len() {
                break;
            }
        }
        let title = title.join(" ");
        names_occupation(&title).then_some(title)
    })
}

/// "About Acme" as a heading, or "Acme is looking for …" at the beginning.
fn self_named(items: &[Item]) -> Option<String> {
    let about = items
        .iter()
        .filter(|item| matches!(item.shape, Shape::Heading(_)) || item.text.len() < 60)
        .find_map(|item| {
            let name = item
                .text
                .trim()
                .strip_prefix("About ")
                .or_else(|| item.text.trim().strip_prefix("ABOUT "))?;
            let name = name.trim_end_matches([':', '.', ' ']);
            is_name(name).then(|| name.to_owned())
        });
    about.or_else(|| {
        items.iter().take(OPENING_ITEMS).find_map(|item| {
            let verbs = [
                " is looking for ",
                " is seeking ",
                " is hiring ",
                " seeks ",
                " is recruiting ",
                " is searching for ",
            ];
            let at = verbs.iter().find_map(|verb| item.text.find(verb))?;
            let name = item.text.get(..at)?.rsplit(['.', '!', '?', '\n']).next()?.trim();
            let name = name.strip_prefix("The ").unwrap_or(name);
            is_name(name).then(|| name.to_owned())
        })
    })
}

/// A name on a line of its own below the title that the posting speaks of again.
fn under_title(items: &[Item]) -> Option<String> {
    let title = items.iter().take(OPENING_ITEMS).position(|item| {
        item.shape != Shape::Bullet && is_title_like(&item.text) && names_occupation(&item.text)
    })?;
    let below = items.iter().enumerate().skip(title + 1).take(LINES_BELOW);
    below.filter(|(_, item)| item.shape != Shape::Bullet).find_map(|(at, item)| {
        let name = item.text.trim();
        let plain = name.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || "&.'-".contains(c));
        let capital =
            name.split_whitespace().all(|word| word.starts_with(|c: char| c.is_uppercase() || c == '&'));
        let heading =
            name.split_whitespace().any(|word| HEADING_WORDS.contains(&word.to_lowercase().as_str()));
        let again = || {
            items.iter().skip(at + 1).any(|later| later.text.len() > name.len() && later.text.contains(name))
        };
        (plain && capital && !heading && is_name(name) && !names_occupation(name) && again())
            .then(|| name.to_owned())
    })
}

fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let common = [
        "us", "you", "the", "our", "this", "we", "your", "it", "company", "client", "role", "team", "job",
        "position", "who", "he", "she",
    ];
    (1..=5).contains(&words.len())
        && words.iter().all(|word| !common.contains(&word.to_lowercase().as_str()))
        && words
            .first()
            .is_some_and(|word| word.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit()))
}

fn employment_type(text: &str) -> Option<String> {
    let phrases = Phrases::of(text);
    [
        ("FULL_TIME", &["full time", "fulltime", "vollzeit", "temps plein", "jornada completa"] as &[&str]),
        ("PART_TIME", &["part time", "teilzeit", "temps partiel", "media jornada"]),
        (
            "CONTRACTOR",
            &["contractor", "freelance", "contract position", "contract role", "contract to hire"],
        ),
        ("INTERN", &["internship", "intern", "praktikum", "stage"]),
        ("TEMPORARY", &["temporary", "fixed term", "seasonal", "befristet"]),
        ("VOLUNTEER", &["volunteer position", "unpaid position"]),
    ]
    .iter()
    .find(|(_, phrases_of_type)| phrases.has_any(phrases_of_type))
    .map(|(name, _)| (*name).to_owned())
}
