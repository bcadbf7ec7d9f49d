//! The source as the gate sees it: every text with its words, terms and numbers, and who may bear out what.

use serde_json::Value;

use crate::domain::resume::Resume;
use crate::domain::tailoring::ConfirmedFact;
use crate::engine::lexicon::{Relation, TermId, lexicon};
use crate::engine::places::{entry, places, section, to_json};
use crate::engine::statement::disclaimer;
use crate::engine::verify::number::{Number, numbers};
use crate::engine::words::{fold, is_denied, stem, words};

/// A text that can bear out a claim.
#[derive(Debug)]
pub(crate) struct Text {
    /// Where it stands; empty for a confirmed fact.
    pub(crate) pointer: String,
    /// What it says.
    pub(crate) text: String,
    /// Its words, folded.
    pub(crate) folded: Vec<String>,
    /// Its words as written.
    pub(crate) written: Vec<String>,
    /// Its words without endings.
    pub(crate) stems: Vec<String>,
    /// The terms that it says, denied ones left out.
    pub(crate) terms: Vec<TermId>,
    /// Its numbers.
    pub(crate) numbers: Vec<Number>,
    /// For a confirmed fact that is no claim of its owner: why. It bears out nothing.
    pub(crate) disclaimer: Option<String>,
    /// For a confirmed fact: the entry that it belongs to; empty for the resume as a whole.
    confirmed_for: Option<String>,
}

impl Text {
    fn new(pointer: String, text: String, confirmed_for: Option<String>) -> Self {
        let words = words(&text);
        let lexicon = lexicon();
        let mut terms: Vec<TermId> = lexicon
            .mentions(&text)
            .into_iter()
            .filter(|mention| !is_denied(&text, mention.start))
            .map(|mention| mention.term)
            .collect();
        // A short text may be a name by itself, which needs no context: "Go" in a list.
        if words.len() <= 6 {
            terms.extend(lexicon.find(&text));
        }
        Self {
            folded: words.iter().map(|word| fold(word.text)).collect(),
            written: words.iter().map(|word| word.text.to_owned()).collect(),
            stems: words.iter().map(|word| stem(word.text)).collect(),
            terms,
            numbers: numbers(&text),
            disclaimer: confirmed_for.as_ref().and_then(|_| disclaimer(&text)),
            pointer,
            confirmed_for,
            text,
        }
    }

    /// Whether it says the term, or something that includes it.
    pub(crate) fn says(&self, wanted: TermId) -> bool {
        self.terms.iter().any(|have| {
            *have == wanted
                || matches!(lexicon().relation(*have, wanted), Some(Relation::Same | Relation::Narrower))
        })
    }

    /// Whether it has a word, folded.
    pub(crate) fn has(&self, folded: &str) -> bool {
        self.folded.iter().any(|word| word == folded)
    }
}

/// The source of all claims: the resume as read, and what its owner confirmed.
#[derive(Debug)]
pub(crate) struct Source {
    /// The resume as JSON.
    pub(crate) json: Value,
    /// All texts of the resume, then the confirmed facts.
    pub(crate) texts: Vec<Text>,
}

impl Source {
    /// Reads a resume and the confirmed facts.
    pub(crate) fn new(resume: &Resume, confirmed: &[ConfirmedFact]) -> Self {
        let json = to_json(resume);
        let mut texts: Vec<Text> =
            places(&json).into_iter().map(|place| Text::new(place.pointer, place.text, None)).collect();
        texts.extend(
            confirmed.iter().map(|fact| Text::new(String::new(), fact.text.clone(), Some(fact.item.clone()))),
        );
        Self { json, texts }
    }

    /// The texts that may bear out what is said at a target: those of the same entry, so that nothing moves from one
    /// employer to another; for the introduction and the skills, all but other people's words.
    pub(crate) fn scope(&self, target: &str) -> Vec<&Text> {
        let is_own_words = |text: &&Text| !matches!(section(&text.pointer), "references");
        match entry(target).filter(|_| section(target) != "skills") {
            Some(own) => self.texts.iter().filter(|text| text.belongs_to(own)).collect(),
            None => self.texts.iter().filter(is_own_words).filter(|text| text.disclaimer.is_none()).collect(),
        }
    }

    /// The texts of some entries.
    pub(crate) fn of_entries(&self, entries: &[&str]) -> Vec<&Text> {
        self.texts.iter().filter(|text| entries.iter().any(|entry| text.belongs_to(entry))).collect()
    }

    /// The confirmed facts.
    pub(crate) fn confirmed(&self) -> Vec<&Text> {
        self.texts.iter().filter(|text| text.confirmed_for.is_some()).collect()
    }

    /// The texts that a piece of evidence points at, if its quote stands there.
    pub(crate) fn quoted(&self, evidence: &crate::domain::report::Evidence) -> Option<Vec<&Text>> {
        let quote = fold(&evidence.quote);
        if quote.is_empty() {
            return None;
        }
        let holds = |text: &&Text| fold(&text.text).contains(&quote);
        if evidence.section == CONFIRMED {
            let number: usize = evidence.item.strip_prefix("/confirmed_facts/")?.parse().ok()?;
            return self.confirmed().get(number).copied().filter(holds).map(|text| vec![text]);
        }
        if evidence.section != section(&evidence.item) || evidence.item.is_empty() {
            return None;
        }
        let below = format!("{}/", evidence.item);
        let is_there = |text: &&Text| text.pointer == evidence.item || text.pointer.starts_with(&below);
        let found: Vec<&Text> = self.texts.iter().filter(is_there).filter(holds).collect();
        (!found.is_empty()).then_some(found)
    }
}

/// The section name of evidence that is a confirmed fact; its item is `/confirmed_facts/N`.
pub(crate) const CONFIRMED: &str = "confirmed_facts";

impl Text {
    fn belongs_to(&self, own: &str) -> bool {
        match &self.confirmed_for {
            Some(_) if self.disclaimer.is_some() => false,
            Some(item) => entry(item) == Some(own),
            None => entry(&self.pointer) == Some(own),
        }
    }
}
