//! Skills that running text names, for a resume without a section of skills.

use std::collections::HashSet;

use crate::domain::resume::{Resume, Skill};
use crate::engine::lexicon::{TermId, TermKind, lexicon};
use crate::engine::places::{places, to_json};

/// Most skills that are listed from running text: a long career names everything once.
const MOST: usize = 60;

/// The tools, fields and skills that the resume names somewhere, each once as it is first printed; none where the person
/// has a list of their own, which says better what they want to be known for.
pub(crate) fn mentioned(resume: &Resume) -> Vec<Skill> {
    if !resume.skills.is_empty() {
        return Vec::new();
    }
    let mut seen: HashSet<TermId> = HashSet::new();
    let mut found = Vec::new();
    for place in places(&to_json(resume)).iter().filter(|place| tells_of_work(place.section(), place.field()))
    {
        for mention in lexicon().mentions(&place.text) {
            let is_skill = matches!(
                lexicon().kind(mention.term),
                TermKind::Tool | TermKind::Skill | TermKind::Knowledge
            );
            if is_skill && found.len() < MOST && seen.insert(mention.term) {
                let name = place.text.get(mention.start..mention.end).map(str::to_owned);
                found.push(Skill { name, ..Skill::default() });
            }
        }
    }
    found
}

/// Where a word means something that the person works with; the name of an employer or a school does not.
fn tells_of_work(section: &str, field: &str) -> bool {
    match section {
        "work" | "volunteer" | "projects" => {
            matches!(field, "summary" | "highlights" | "description" | "keywords" | "position")
        }
        "basics" => matches!(field, "summary" | "label"),
        "x-sections" => field == "paragraphs",
        _ => false,
    }
}
