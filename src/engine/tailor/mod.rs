//! Tailoring: edits that bring what the posting asks for to the front, in the resume's own words, and their application.
//!
//! Imports `domain`, `lexicon`, `words`, `places`, `statement` and `titles`. Conservative on purpose: it moves, lists and respells
//! what is there. It writes a sentence only where the resume has none, and only from the resume's own facts.
//! Whatever it proposes goes through `verify` like anybody's proposals.

mod apply;
mod demand;
mod doubt;
mod facts;
mod intro;
mod order;
mod skills;

use serde_json::Value;

use crate::domain::posting::Posting;
use crate::domain::report::{Evidence, MatchReport};
use crate::domain::resume::Resume;
use crate::domain::tailoring::{Decision, Edit, EditOp};
use crate::engine::places::{Place, places, section, to_json};
use crate::engine::tailor::demand::{Demand, Reading, demands, read};
use crate::engine::words::{Tongue, tongue};

pub use crate::engine::tailor::apply::apply;
pub use crate::engine::tailor::facts::{from_facts, is_from_fact};

/// The edits that make the resume answer the posting better without saying anything new. `report` is the match of
/// this resume with this posting. Resumes that are not in English are only reordered and completed, never written in.
#[must_use]
pub fn propose(resume: &Resume, posting: &Posting, report: &MatchReport) -> Vec<Edit> {
    let mut draft = Draft::new(resume, posting, report);
    if draft.is_english() {
        intro::headline(&mut draft, posting);
        intro::summary(&mut draft);
        skills::respell(&mut draft);
    }
    skills::insert(&mut draft);
    order::bullets(&mut draft);
    order::skills(&mut draft);
    order::projects(&mut draft);
    draft.edits
}

/// The resume and posting as the proposers look at them, and what they have proposed so far.
pub(crate) struct Draft<'a> {
    resume: &'a Resume,
    json: Value,
    demands: Vec<Demand>,
    /// Descriptions of work and projects by pointer, with what they show.
    told: Vec<(String, Reading)>,
    edits: Vec<Edit>,
}

impl<'a> Draft<'a> {
    fn new(resume: &'a Resume, posting: &Posting, report: &MatchReport) -> Self {
        let json = to_json(resume);
        let demands = demands(posting, report);
        let is_told = |place: &Place| {
            matches!(
                (place.section(), place.field()),
                ("work", "highlights" | "summary") | ("projects", "highlights" | "description")
            )
        };
        let told = places(&json)
            .into_iter()
            .filter(is_told)
            .map(|place| (place.pointer, read(&place.text, &demands)))
            .collect();
        Self { resume, json, demands, told, edits: Vec::new() }
    }

    fn is_english(&self) -> bool {
        let places = places(&self.json);
        tongue(places.iter().map(|place| place.text.as_str())) == Tongue::English
    }

    fn list(&self, target: &str) -> &[Value] {
        self.json.pointer(target).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn evidence(&self, pointer: &str) -> Option<Evidence> {
        let quote = self.json.pointer(pointer)?.as_str()?.trim().to_owned();
        Some(Evidence { section: section(pointer).to_owned(), item: pointer.to_owned(), quote })
    }

    /// The first text at or below a pointer that shows what the reading of them all shows.
    fn first_evidence(&self, pointer: &str, reading: &Reading) -> Option<Evidence> {
        let below = format!("{pointer}/");
        let texts = places(&self.json)
            .into_iter()
            .filter(|place| place.pointer == pointer || place.pointer.starts_with(&below));
        let shown = |place: &Place| {
            read(&place.text, &self.demands).shows.iter().any(|demand| reading.shows.contains(demand))
        };
        texts.into_iter().find(shown).and_then(|place| self.evidence(&place.pointer))
    }

    /// A further edit, to be filled in.
    fn edit(&mut self, op: EditOp, section: &str, target: &str) -> &mut Edit {
        let id = format!("e{}", self.edits.len() + 1);
        self.edits.push(Edit {
            id,
            op,
            section: section.to_owned(),
            target: target.to_owned(),
            before: Value::Null,
            after: Value::Null,
            order: Vec::new(),
            reason: String::new(),
            evidence: Vec::new(),
            decision: Decision::Accepted,
        });
        let last = self.edits.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "an element was pushed just above")]
        &mut self.edits[last]
    }
}

#[cfg(test)]
mod tests;
