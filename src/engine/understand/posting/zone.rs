//! Which part of a posting an item belongs to: what it asks for is a small share of what it says.

use crate::engine::understand::posting::{
    item::{Item, LOOKS_LIKE_HEADING, Shape, looks_like_heading},
    phrase::Phrases,
    words::{CALLS, EQUAL, OFFERS, PROTECTED},
};

/// A part of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Before any heading, or under one that says nothing.
    Unknown,
    /// The employer about itself.
    About,
    /// What the position does.
    Duties,
    /// What is asked for.
    Must,
    /// What is welcome.
    Nice,
    /// What is offered.
    Benefits,
    /// Equal opportunity, privacy, disclaimers.
    Legal,
    /// How to apply.
    Apply,
}

/// An item and where it stands.
pub(crate) struct Zoned<'a> {
    pub(crate) item: &'a Item,
    pub(crate) zone: Zone,
    pub(crate) phrases: Phrases,
}

impl Zoned<'_> {
    /// Whether the item is of the kind that every posting repeats, wherever it stands.
    pub(crate) fn is_boilerplate(&self) -> bool {
        is_boilerplate(&self.item.text, &self.phrases)
    }
}

/// Longer sentences say too much to be read as a heading.
const MAX_LEAD_IN_WORDS: usize = 10;

/// Headings by what they announce; the first row that knows a phrase decides.
#[rustfmt::skip] // a table reads best as one row per line
const HEADINGS: &[(Zone, &[&str])] = &[
    (Zone::Legal, &["equal opportunity*", "equal employment*", "eeo", "eoe", "disclaimer*", "privacy*", "legal*", "our commitment*",
        "diversity*", "inclusion*", "reasonable accommodation*", "accommodations", "fraud*", "physical demands", "physical requirements",
        "work environment", "working conditions", "notice*", "datenschutz*", "at will*", "recruitment agenc*"]),
    (Zone::Apply, &["how to apply", "to apply", "apply*", "application process", "application instructions", "next steps", "hiring process",
        "interview process", "selection process", "the process", "contact*", "bewerb*", "postuler", "candidater", "how to join",
        "recruitment process", "evaluation process", "what happens next", "similar jobs", "related jobs", "other jobs", "more jobs", "share this*",
        "required documents", "deadline*", "cómo aplicar", "people also*"]),
    (Zone::Nice, &["nice to have*", "nice to haves", "preferred*", "desired skills", "desired qualifications", "desirable*", "bonus*", "good to have*",
        "plus", "pluses", "a plus", "optional*", "extra points", "advantage*", "it would be great*", "it's great if*", "extra credit", "brownie points",
        "wünschenswert*", "von vorteil", "un plus", "atouts", "deseable*", "se valorará", "not required*", "even better*", "assets", "stand out"]),
    (Zone::Must, &["requirement*", "required*", "qualification*", "what you need", "what you'll need", "what you will need", "must have*", "must haves",
        "who you are", "about you", "your profile", "your background", "you have", "you bring", "you'll bring", "what you bring", "what you'll bring",
        "what we're looking for", "what we are looking for", "what we look for", "looking for", "we need", "prerequisite*", "pre requisite*",
        "ideal candidate", "candidate profile", "the candidate", "successful candidate", "right candidate", "person specification", "eligibility*", "criteria", "essential*",
        "minimum*", "basic qual*", "knowledge*", "competenc*", "certification*", "tech stack", "technical stack", "technologies", "technology stack",
        "education*", "skill*", "experience*", "expertise", "abilities", "who should apply", "you are", "you might be*", "you may be*", "you should have",
        "we expect", "we ask", "attributes", "profile", "selective factor*", "specialized experience", "licens*", "your strengths", "your toolkit", "is this you",
        "anforderung*", "ihr profil", "dein profil", "das bringst du mit", "das bringen sie mit", "qualifikation*", "voraussetzung*", "wir erwarten", "was du mitbringst",
        "profil", "profil recherché", "compétences*", "votre profil", "vous avez", "formation", "requisitos*", "perfil*", "conocimientos*", "lo que buscamos", "buscamos"]),
    (Zone::Benefits, &["benefit*", "what we offer", "we offer", "we're offering", "our offer", "perks*", "compensation*", "salary*", "remuneration*", "pay", "pay range",
        "why join*", "why you'll*", "why us", "why work*", "why should you*", "what's in it*", "what you'll get", "what you get", "you'll get", "what you can expect",
        "in return", "our benefits", "rewards", "wir bieten", "das bieten wir", "unser angebot", "was wir bieten", "avantages", "nous offrons", "ce que nous*",
        "ofrecemos", "beneficios", "qué ofrecemos", "hours", "working hours", "shift*", "monetary"]),
    (Zone::Duties, &["responsib*", "what you'll do", "what you will do", "what you'll be doing", "what you will be doing", "what you do", "you will", "you'll", "duties*",
        "the role", "your role", "role overview", "about the role", "about this role", "about the job", "about the position", "about this job", "job description*",
        "role description", "role summary", "position summary", "job summary", "job purpose", "position overview", "job overview", "role", "the job", "job", "tasks", "your tasks",
        "your mission", "key objective*", "objective*", "day to day", "day in the life", "accountabilit*", "scope", "essential functions", "primary function*",
        "primarily responsible", "key result*", "main duties", "description*", "the opportunity", "purpose", "what will you*", "projects", "the position", "position purpose",
        "aufgaben*", "ihre aufgaben", "deine aufgaben", "das erwartet*", "tätigkeiten", "missions", "vos missions", "responsabilités", "le poste", "descriptif*",
        "responsabilidades*", "funciones*", "tareas", "your impact", "impact", "in this role", "deliverables", "work you'll do", "overview"]),
    (Zone::About, &["about us", "who we are", "about the company", "about our*", "our company", "our mission", "our story", "our culture", "our values", "our team",
        "company*", "the company", "the team", "about the team", "über uns", "wer wir sind", "à propos", "qui sommes nous", "sobre nosotros", "quiénes somos", "about*",
        "meet the team", "mission", "background", "introduction", "environment", "organization*", "the organisation"]),
];

/// Each item with its zone; headings are left out.
pub(crate) fn zoned(items: &[Item]) -> Vec<Zoned<'_>> {
    let mut found = Vec::new();
    let mut zone = Zone::Unknown;
    let mut zone_level = u8::MAX;
    for (at, item) in items.iter().enumerate() {
        let phrases = Phrases::of(&item.text);
        let before_list = items.get(at + 1).is_some_and(|next| next.shape == Shape::Bullet);
        match item.shape {
            Shape::Heading(level) => match announced(&phrases) {
                Some(next) => (zone, zone_level) = (next, level),
                // A heading below the zone's own divides the zone; one beside it ends the zone.
                None if level <= zone_level && level != LOOKS_LIKE_HEADING => {
                    (zone, zone_level) = (Zone::Unknown, level);
                }
                None => {}
            },
            Shape::Paragraph if is_bare_heading(item, &phrases, before_list) => {
                if let Some(next) = announced(&phrases) {
                    (zone, zone_level) = (next, LOOKS_LIKE_HEADING);
                }
            }
            Shape::Bullet | Shape::Paragraph => {
                if item.shape == Shape::Paragraph
                    && let Some(next) = lead_in(item, &phrases, before_list)
                {
                    (zone, zone_level) = (next, LOOKS_LIKE_HEADING);
                }
                let own = label_zone(&item.text).unwrap_or(zone);
                found.push(Zoned { item, zone: own, phrases });
            }
        }
    }
    found
}

fn announced(heading: &Phrases) -> Option<Zone> {
    // "About the role" announces duties although "about" comes first in the alphabet of habits.
    HEADINGS.iter().find(|(_, phrases)| heading.has_any(phrases)).map(|(zone, _)| *zone)
}

/// Whether little is left of a line but the phrase that announces.
fn is_all_announcement(line: &Phrases) -> bool {
    let words = line.words().count();
    HEADINGS
        .iter()
        .flat_map(|(_, phrases)| phrases.iter())
        .any(|phrase| line.has(phrase) && phrase.split(' ').count() + 1 >= words)
}

/// "Requirements" on a line of its own is a heading although nothing marks it as one.
fn is_bare_heading(item: &Item, phrases: &Phrases, before_list: bool) -> bool {
    let words = phrases.words().count();
    let named = item.text.trim_end_matches([':', '?', ' ']);
    words <= 6
        && looks_like_heading(&item.text)
        && !named.contains([':', ',', ';'])
        && announced(phrases).is_some()
        && (item.text.trim_end().ends_with([':', '?'])
            || is_title_case(named)
            || before_list
            || is_all_announcement(phrases))
}

fn is_title_case(text: &str) -> bool {
    let long: Vec<&str> = text.split_whitespace().filter(|word| word.len() > 3).collect();
    !long.is_empty()
        && long.iter().all(|word| word.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_alphabetic()))
}

/// A sentence that opens a list: "As our new cook you will:", "You should have:".
fn lead_in(item: &Item, phrases: &Phrases, before_list: bool) -> Option<Zone> {
    let opens = item.text.trim_end().ends_with(':')
        && (before_list || looks_like_heading(&item.text))
        && phrases.words().count() <= MAX_LEAD_IN_WORDS;
    opens.then(|| announced(phrases)).flatten()
}

/// "Requirements: 3+ years of …" carries its own heading.
fn label_zone(text: &str) -> Option<Zone> {
    let (label, rest) = text.split_once(':')?;
    let is_label = label.split_whitespace().count() <= 4 && !rest.trim().is_empty();
    let phrases = Phrases::of(label);
    is_label.then(|| announced(&phrases)).flatten().filter(|zone| *zone != Zone::About)
}

fn is_boilerplate(text: &str, phrases: &Phrases) -> bool {
    let asks = phrases.has_any(&[
        "experience in",
        "experience with",
        "knowledge of",
        "years of experience",
        "must have",
        "degree",
    ]);
    let money = text.contains(['$', '£', '€']) && text.chars().any(|c| c.is_ascii_digit());
    let shouts_equality = phrases.has_any(EQUAL) || phrases.count_of(PROTECTED) >= 3;
    if shouts_equality || phrases.has_any(CALLS) {
        return !asks || shouts_equality;
    }
    !asks
        && (phrases.has_any(OFFERS)
            || money
                && phrases.has_any(&["pay", "rate", "up to", "per", "range", "year", "hour", "ote", "k"]))
}
