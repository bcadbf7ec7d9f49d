//! Skills that running text names, for a resume without a section of skills.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::resume::{Project, Resume, Skill};
use crate::engine::lexicon::{TermId, TermKind, lexicon};
use crate::engine::places::{places, to_json};
use crate::engine::understand::resume::text::fold;

/// Most skills that are listed from running text: a long career names everything once.
const MOST: usize = 60;

/// What a list of skills in running text begins with.
static LEAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?: knowledge\ of | proficien(?:t|cy)\ (?:in|with) | familiar(?:ity)?\ with | experienced?\ (?:in|with)
        | skilled\ in | expertise\ in | fluent\ in | kenntnisse\ in | erfahrung\ (?:in|mit) | conocimientos?\ de
        | connaissances?\ (?:de|en) | conoscenza\ di | kennis\ van | conhecimentos?\ (?:de|em) )\s+",
    )
    .ok()
});
/// The field of a project that lists what it was made with: where enough of them are known skills, the others are
/// skills as well.
const KEYWORDS: &str = "keywords";
/// What ends such a list.
const LIST_END: [char; 6] = ['.', ';', ':', '\n', '(', '•'];
/// Most words of one item of such a list.
const ITEM_WORDS: usize = 3;
/// Fewest items of a list: two words with an "and" between them may be anything.
const FEWEST: usize = 3;

/// A stretch of a text that names a skill, and which one where it is a known one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    at: Range<usize>,
    term: Option<TermId>,
}

/// The tools, fields and skills that the resume names somewhere, each once as it is first printed; none where the person
/// has a list of their own, which says better what they want to be known for.
pub(crate) fn mentioned(resume: &Resume) -> Vec<Skill> {
    if !resume.skills.is_empty() {
        return Vec::new();
    }
    let mut terms: HashSet<TermId> = HashSet::new();
    let mut names: HashSet<String> = HashSet::new();
    let mut found = Vec::new();
    let mut told = places(&to_json(resume));
    told.retain(|place| tells_of_work(place.section(), place.field()));
    let technical = technical(resume);
    for place in &told {
        let mut all = named(&place.text);
        if all.is_empty() && technical.contains(list(&place.pointer)) && is_short(&place.text) {
            all.push(Named { at: 0..place.text.len(), term: None });
        }
        for named in all {
            let Some(name) = place.text.get(named.at) else { continue };
            let is_new = named.term.is_none_or(|term| terms.insert(term)) && names.insert(fold(name));
            if is_new && found.len() < MOST {
                found.push(Skill { name: Some(name.to_owned()), ..Skill::default() });
            }
        }
    }
    found
}

/// The lists of keywords that are skills: half or more of one are known, or one is and the name of the project begins a
/// list, as "Basic knowledge of C" does before "x86 assembly" and "forth". What stands between commas after the name of a
/// project may also say where it was and what it won.
fn technical(resume: &Resume) -> HashSet<String> {
    let begins_list = |name: &String| LEAD.as_ref().is_some_and(|lead| lead.is_match(name));
    let is_technical = |project: &Project| {
        let known = project.keywords.iter().filter(|word| !named(word).is_empty()).count();
        known > 0 && (known * 2 >= project.keywords.len() || project.name.as_ref().is_some_and(begins_list))
    };
    let numbered = resume.projects.iter().enumerate();
    numbered
        .filter(|(_, project)| is_technical(project))
        .map(|(number, _)| format!("/projects/{number}/{KEYWORDS}"))
        .collect()
}

/// The pointer to the list that an item stands in: `/projects/0/keywords` for `/projects/0/keywords/2`.
fn list(item: &str) -> &str {
    item.rsplit_once('/').map_or(item, |(list, _)| list)
}

/// Whether a text may be one item of a list of skills: some letters, and not many words.
fn is_short(text: &str) -> bool {
    text.contains(char::is_alphabetic) && text.split_whitespace().count() <= ITEM_WORDS
}

/// The skills that a text names, in its order.
fn named(text: &str) -> Vec<Named> {
    let is_skill =
        |term| matches!(lexicon().kind(term), TermKind::Tool | TermKind::Skill | TermKind::Knowledge);
    let known = lexicon().mentions(text).into_iter().filter(|mention| is_skill(mention.term));
    let mut all: Vec<Named> =
        known.map(|mention| Named { at: mention.start..mention.end, term: Some(mention.term) }).collect();
    let beside: Vec<Named> = listed(text, &all);
    all.extend(beside);
    all.sort_by_key(|named| named.at.start);
    all
}

/// "Knowledge of C, x86 assembly and Common Lisp": what stands in a list with a known skill is one too.
fn listed(text: &str, known: &[Named]) -> Vec<Named> {
    let mut found = Vec::new();
    for lead in LEAD.as_ref().into_iter().flat_map(|lead| lead.find_iter(text)) {
        let rest = text.get(lead.end()..).unwrap_or_default();
        // A dot inside a word is part of its name: "Node.js".
        let end = rest
            .char_indices()
            .find(|(at, c)| {
                LIST_END.contains(c)
                    && rest
                        .get(at + c.len_utf8()..)
                        .is_none_or(|after| !after.starts_with(char::is_alphanumeric))
            })
            .map_or(rest.len(), |(at, _)| at);
        let mut items: Vec<Range<usize>> = Vec::new();
        let mut start = lead.end();
        for part in rest.get(..end).unwrap_or_default().split_inclusive(',') {
            items.extend(split_last(text, start..start + part.len()));
            start += part.len();
        }
        let holds =
            |item: &Range<usize>, named: &Named| item.start < named.at.end && named.at.start < item.end;
        let is_known = |item: &Range<usize>| known.iter().any(|named| holds(item, named));
        let items: Vec<Range<usize>> =
            items.into_iter().take_while(|item| text.get(item.clone()).is_some_and(is_short)).collect();
        if items.len() >= FEWEST && items.iter().any(is_known) {
            let others = items.into_iter().filter(|item| !is_known(item));
            found.extend(others.map(|at| Named { at, term: None }));
        }
    }
    found
}

/// An item without its comma, or the two that an "and" joins.
fn split_last(text: &str, item: Range<usize>) -> Vec<Range<usize>> {
    let whole = text.get(item.clone()).unwrap_or_default();
    let joined = [" and ", " or ", " und ", " oder ", " y ", " et ", " e ", " en "];
    let at = joined.iter().find_map(|word| whole.find(word).map(|at| (at, word.len())));
    let parts = match at {
        Some((at, length)) => vec![item.start..item.start + at, item.start + at + length..item.end],
        None => vec![item],
    };
    parts.into_iter().filter_map(|part| trimmed(text, part)).collect()
}

/// A stretch without the marks and spaces around it, and without the "and" before the last of a list.
fn trimmed(text: &str, part: Range<usize>) -> Option<Range<usize>> {
    let whole = text.get(part.clone())?;
    let lead = |text: &str| text.len() - text.trim_start_matches([' ', ',']).len();
    let mut start = part.start + lead(whole);
    let rest = text.get(start..part.end)?;
    start += ["and ", "or ", "und ", "oder "]
        .iter()
        .find(|word| rest.starts_with(**word))
        .map_or(0, |word| word.len());
    let end = start + text.get(start..part.end)?.trim_end_matches([' ', ',', '!']).len();
    (start < end).then_some(start..end)
}

/// Where a word means something that the person works with; the name of an employer or a school does not.
fn tells_of_work(section: &str, field: &str) -> bool {
    match section {
        "projects" if field == "name" => true,
        "work" | "volunteer" | "projects" => {
            matches!(field, "summary" | "highlights" | "description" | KEYWORDS | "position")
        }
        "basics" => matches!(field, "summary" | "label"),
        "x-sections" => field == "paragraphs",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::resume::{Project, Resume};
    use crate::engine::understand::resume::mentions::{mentioned, named};

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = named(text).into_iter().filter_map(|named| text.get(named.at)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_stands_in_a_list_with_a_known_skill_is_one() {
        check(
            "Basic knowledge of Python, x86 assembly, forth and Common Lisp. Likes tea, cake, milk.",
            &["Python", "x86 assembly", "forth", "Common Lisp"],
        );
        check("Familiar with Node.js, Hugo, or Zola", &["Node.js", "Hugo", "Zola"]);
    }

    #[track_caller]
    fn check_keywords(name: &str, keywords: &[&str], expected: &[&str]) {
        let words: Vec<String> = keywords.iter().map(|word| (*word).to_owned()).collect();
        let project = Project { name: Some(name.to_owned()), keywords: words, ..Project::default() };
        let skills = mentioned(&Resume { projects: vec![project], ..Resume::default() });
        let names: Vec<&str> = skills.iter().filter_map(|skill| skill.name.as_deref()).collect();
        assert_eq!(names, expected, "{name}: {keywords:?}");
    }

    #[test]
    fn what_a_project_was_made_with_is_a_skill_beside_known_ones() {
        check_keywords(
            "A clock",
            &["Python", "Rust", "forth", "Common Lisp"],
            &["Python", "Rust", "forth", "Common Lisp"],
        );
        check_keywords(
            "Basic knowledge of Python",
            &["Rust", "forth", "Common Lisp"],
            &["Python", "Rust", "forth", "Common Lisp"],
        );
        check_keywords("A clock", &["Python", "forth", "written on a very long train ride"], &["Python"]);
        check_keywords("A clock", &["Python", "2021"], &["Python"]);
        check_keywords("A clock", &["Python", "Berlin", "first prize"], &["Python"]);
        check_keywords("A clock", &["tea", "cake", "milk"], &[]);
    }

    #[test]
    fn a_sentence_is_no_list() {
        check("Experienced in leading people, keeping promises, and writing them down", &[]);
        check("Knowledge of the trade and its people", &[]);
    }
}
