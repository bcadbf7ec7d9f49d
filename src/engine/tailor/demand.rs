//! What the posting asks for, as terms that texts of the resume can be held against.

use crate::domain::posting::{Category, Posting, RequirementKind};
use crate::domain::report::{MatchReport, RequirementStatus};
use crate::engine::lexicon::{Relation, TermId, TermKind, lexicon};
use crate::engine::words::{find_phrase, fold, is_denied, stem, stems, words};

/// A term asked for.
#[derive(Debug, Clone)]
pub(crate) struct Demand {
    /// In the posting's spelling, with the case that the lexicon gives it.
    pub(crate) name: String,
    /// In the lexicon.
    pub(crate) id: Option<TermId>,
    /// Whether it must be met.
    pub(crate) kind: RequirementKind,
    phrase: Vec<String>,
}

/// How much a text bears on the posting, most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// It shows something that must be met.
    Must,
    /// It shows something that is welcome.
    Nice,
    /// Neither.
    Other,
}

impl Demand {
    /// Whether a list of skills may name it: a product, or a skill or field of several words. Single words such as
    /// "databases" say too little to be worth a line.
    pub(crate) fn is_skill(&self) -> bool {
        self.id.is_some_and(|id| match lexicon().kind(id) {
            TermKind::Tool => true,
            TermKind::Skill | TermKind::Knowledge => self.phrase.len() > 1,
            _ => false,
        })
    }

    /// Whether moving a text for it makes sense: one everyday word such as "design" stands in too many texts.
    pub(crate) fn is_telling(&self) -> bool {
        let is_name = match self.id {
            Some(id) => matches!(lexicon().kind(id), TermKind::Tool | TermKind::Certificate),
            None => self.name.chars().any(|letter| letter.is_uppercase() || letter.is_ascii_digit()),
        };
        is_name || self.phrase.len() > 1
    }

    /// Whether a text has the very words of the name, endings aside.
    pub(crate) fn is_worded_in(&self, text: &str) -> bool {
        find_phrase(&stems(text), &self.phrase).is_some()
    }

    /// Whether it is a product: all of a product's names mean the same to everybody.
    pub(crate) fn is_product(&self) -> bool {
        self.id.is_some_and(|id| lexicon().kind(id) == TermKind::Tool)
    }

    /// The name as it stands within a sentence: products keep their case, "Software development" does not.
    pub(crate) fn in_sentence(&self) -> String {
        let mut letters = self.name.chars();
        let first = letters.next().unwrap_or_default();
        let is_product = self.id.is_none() || self.is_product();
        let is_plain = letters.as_str().chars().all(|letter| !letter.is_uppercase());
        if is_product || !is_plain {
            self.name.clone()
        } else {
            first.to_lowercase().chain(letters).collect()
        }
    }

    /// "which the posting requires" or "which the posting would welcome".
    pub(crate) fn in_words(&self) -> &'static str {
        match self.kind {
            RequirementKind::Must => "requires",
            RequirementKind::Nice => "would welcome",
        }
    }
}

/// The terms of the skill, experience and certificate requirements that the resume shows anything of, those that must
/// be met first, each once.
pub(crate) fn demands(posting: &Posting, report: &MatchReport) -> Vec<Demand> {
    let is_missing = |id: &str| {
        report.requirements.iter().any(|one| one.id == id && one.status == RequirementStatus::Missing)
    };
    let mut found: Vec<Demand> = Vec::new();
    let mentions = lexicon().mentions(&posting.text);
    for kind in [RequirementKind::Must, RequirementKind::Nice] {
        let of_kind = posting.requirements.iter().filter(|requirement| {
            requirement.kind == kind
                && !is_missing(&requirement.id)
                && matches!(
                    requirement.category,
                    Category::Skill | Category::Experience | Category::Certificate
                )
        });
        for name in of_kind.flat_map(|requirement| &requirement.terms) {
            let id = lexicon().find(name);
            let is_soft = id.is_some_and(|id| lexicon().kind(id) == TermKind::Soft);
            let is_known = |other: &Demand| match (id, other.id) {
                (Some(one), Some(other)) => one == other,
                (None, None) => fold(name) == fold(&other.name),
                _ => false,
            };
            if is_soft || found.iter().any(is_known) {
                continue;
            }
            let written = mentions
                .iter()
                .find(|mention| Some(mention.term) == id)
                .and_then(|mention| posting.text.get(mention.start..mention.end));
            let name = id.map_or_else(|| name.clone(), |id| spelling(id, written.unwrap_or(name)));
            found.push(Demand { phrase: stems(&name), name, id, kind });
        }
    }
    found
}

/// How to write a term: the posting's way where that is one of its names, in the lexicon's case; else its label.
fn spelling(id: TermId, written: &str) -> String {
    let written = written.trim_end_matches("'s").trim_end_matches("\u{2019}s");
    let same = lexicon().names(id).find(|name| fold(name) == fold(written));
    same.unwrap_or_else(|| lexicon().name(id)).to_owned()
}

/// A text with what it shows, looked up once.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The lexicon terms that it says, denied ones left out.
    pub(crate) terms: Vec<TermId>,
    /// The demands that it names, or names something that includes them, as indices.
    pub(crate) shows: Vec<usize>,
    /// The telling ones that it names itself.
    pub(crate) names: Vec<usize>,
}

/// Reads a text for the demands.
pub(crate) fn read(text: &str, demands: &[Demand]) -> Reading {
    let mut terms: Vec<TermId> = lexicon()
        .mentions(text)
        .into_iter()
        .filter(|mention| !is_denied(text, mention.start) && !is_applause(text, mention.end))
        .map(|mention| mention.term)
        .collect();
    terms.sort_unstable();
    terms.dedup();
    let words = words(text);
    let stems: Vec<String> = words.iter().map(|word| stem(word.text)).collect();
    let by_words = |phrase: &[String]| {
        find_phrase(&stems, phrase)
            .and_then(|at| words.get(at))
            .is_some_and(|word| !is_denied(text, word.start))
    };
    let is_shown = |demand: &Demand| match demand.id {
        Some(wanted) => terms.iter().any(|have| {
            *have == wanted
                || matches!(lexicon().relation(*have, wanted), Some(Relation::Same | Relation::Narrower))
        }),
        None => by_words(&demand.phrase),
    };
    let shows: Vec<usize> =
        demands.iter().enumerate().filter(|(_, demand)| is_shown(demand)).map(|(index, _)| index).collect();
    let is_named = |index: &usize| {
        demands.get(*index).is_some_and(|demand| {
            demand.is_telling() && demand.id.is_none_or(|wanted| terms.contains(&wanted))
        })
    };
    let names = shows.iter().copied().filter(is_named).collect();
    Reading { terms, shows, names }
}

/// "GitHub stars", "YouTube followers": that others liked it is no use of the thing.
fn is_applause(text: &str, end: usize) -> bool {
    const APPLAUSE: &[&str] =
        &["star", "stars", "forks", "downloads", "followers", "subscribers", "sponsors", "views"];
    let next = words(text.get(end..).unwrap_or_default());
    next.first().is_some_and(|word| APPLAUSE.contains(&fold(word.text).as_str()))
}

impl Reading {
    /// How much what a text shows bears on the posting.
    pub(crate) fn tier(shown: &[usize], demands: &[Demand]) -> Tier {
        let best = shown.iter().filter_map(|index| demands.get(*index)).map(|demand| match demand.kind {
            RequirementKind::Must => Tier::Must,
            RequirementKind::Nice => Tier::Nice,
        });
        best.min().unwrap_or(Tier::Other)
    }
}

/// "A", "A and B", "A, B and C"; at most five, the rest counted.
pub(crate) fn list(names: &[String]) -> String {
    const MOST: usize = 5;
    let (named, rest) = names.split_at_checked(MOST).unwrap_or((names, &[]));
    let mut all = named.to_vec();
    if !rest.is_empty() {
        all.push(format!("{} more", rest.len()));
    }
    match all.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
