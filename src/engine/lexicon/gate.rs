//! Names that are also plain words: whether the text around one shows that the tool is meant.

use crate::engine::lexicon::{Lexicon, Mention, TermKind, automaton::Candidate, data::Gate};

/// How far, in bytes of the same line, another tool speaks for an ambiguous name.
const NEAR_BYTES: usize = 48;
/// Words that speak for a tool when they stand right before it or right after it.
const CUES: &[&str] = &[
    "programming",
    "language",
    "languages",
    "developer",
    "engineer",
    "code",
    "coding",
    "script",
    "scripts",
    "scripting",
    "package",
    "packages",
    "proficient",
    "proficiency",
    "software",
    "library",
    "libraries",
    "microsoft",
    "ms",
    "office",
    "database",
    "databases",
    "statistical",
    "compiler",
    "framework",
    "advanced",
    "apache",
    "backend",
    "spreadsheet",
    "spreadsheets",
    "macros",
    "formulas",
    "skills",
    "include",
    "including",
    "written",
    "using",
    "systems",
    "services",
    "microservices",
    "routers",
    "switches",
    "certified",
    "computing",
];
/// Words after which a capital letter is no programming language.
const BEFORE_NO_TOOL: &[&str] = &[
    "series",
    "vitamin",
    "plan",
    "class",
    "grade",
    "hepatitis",
    "schedule",
    "section",
    "title",
    "part",
    "category",
    "option",
    "type",
    "level",
    "appendix",
    "annex",
    "building",
    "band",
    "tier",
    "figure",
    "table",
    "exhibit",
    "mr",
    "mrs",
    "dr",
    "let's",
    "to",
];
/// Words before which a capitalized verb or noun is just that.
const AFTER_NO_TOOL: &[&str] = &[
    "to", "the", "of", "our", "your", "that", "are", "is", "as", "at", "beyond", "above", "ahead", "live",
    "further", "where", "on", "with", "a", "an", "for", "will", "who", "work", "level", "suite", "it",
    "this", "by", "from",
];

/// The candidates that are meant, in order.
pub(crate) fn keep_meant(candidates: &[Candidate], text: &str, lexicon: &Lexicon) -> Vec<Mention> {
    let whole = text.trim();
    candidates
        .iter()
        .enumerate()
        .filter(|(at, candidate)| {
            candidate.gate != Gate::Context
                || candidate.end - candidate.start == whole.len()
                || is_meant(*at, candidate, candidates, text, lexicon)
        })
        .map(|(_, candidate)| Mention { term: candidate.term, start: candidate.start, end: candidate.end })
        .collect()
}

fn is_meant(at: usize, candidate: &Candidate, all: &[Candidate], text: &str, lexicon: &Lexicon) -> bool {
    let before = line_before(text, candidate.start);
    let after = line_after(text, candidate.end);
    let next = words(after).next().unwrap_or_default();
    let previous = words(before).next_back().unwrap_or_default();
    let glued = after.starts_with(['-', '‐', '\'', '’', '&']) || before.ends_with(['-', '‐', '&', '.']);
    let follows = |list: &[&str], word: &str| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    let next_is_glued_to_sense = after.starts_with(' ') && follows(AFTER_NO_TOOL, next);
    if glued || next_is_glued_to_sense || (before.ends_with(' ') && follows(BEFORE_NO_TOOL, previous)) {
        return false;
    }
    if follows(CUES, previous) || (after.starts_with(' ') && follows(CUES, next)) || is_asked_for(before) {
        return true;
    }
    let neighbours = all.iter().enumerate().filter(|(other, _)| *other != at);
    neighbours.filter(|(_, other)| is_near(candidate, other, text)).any(|(_, other)| {
        lexicon.kind(other.term) == TermKind::Tool
            && (other.gate != Gate::Context || is_listed_with(candidate, other, text))
    })
}

/// "experience in R", "knowledge of Go": what follows such words is a thing to know.
fn is_asked_for(before: &str) -> bool {
    let mut last = words(before).rev();
    let preposition = last.next().unwrap_or_default();
    let noun = last.next().unwrap_or_default();
    ["in", "with", "of"].contains(&preposition)
        && [
            "experience",
            "knowledge",
            "proficiency",
            "proficient",
            "skills",
            "expertise",
            "programming",
            "fluency",
        ]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(noun))
}

fn is_near(one: &Candidate, other: &Candidate, text: &str) -> bool {
    let (from, to) = between(one, other);
    to.saturating_sub(from) <= NEAR_BYTES && text.get(from..to).is_some_and(|gap| !gap.contains(['\n', '\t']))
}

/// Two ambiguous names speak for each other only inside one list: "Go, Rust or C".
fn is_listed_with(one: &Candidate, other: &Candidate, text: &str) -> bool {
    let (from, to) = between(one, other);
    let gap = text.get(from..to).unwrap_or_default();
    gap.contains([',', '/', '|', '&', '+', '•', '·']) && words(gap).all(|word| ["or", "and"].contains(&word))
        || ["or", "and"].contains(&gap.trim())
}

fn between(one: &Candidate, other: &Candidate) -> (usize, usize) {
    if one.start < other.start { (one.end, other.start) } else { (other.end, one.start) }
}

fn line_before(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    before.rsplit('\n').next().unwrap_or_default()
}

fn line_after(text: &str, at: usize) -> &str {
    let after = text.get(at..).unwrap_or_default();
    after.split('\n').next().unwrap_or_default()
}

fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty())
}
