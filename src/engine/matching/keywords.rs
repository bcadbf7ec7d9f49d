//! Keywords: the terms that matter to a posting, and how often each side uses them.

use crate::domain::posting::{Category, Posting};
use crate::domain::report::Keyword;
use crate::engine::lexicon::lexicon;
use crate::engine::matching::index::{Index, Stems, Term};
use crate::engine::words::find_phrase;

/// At most this many keywords are reported.
const MAX_KEYWORDS: usize = 60;

/// A term of the posting.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// For looking it up.
    pub(crate) term: Term,
    /// As the posting writes it where it first does.
    pub(crate) spelling: String,
    /// How often the posting uses it, at least 1.
    pub(crate) count: usize,
    /// Whether a requirement asks for it, rather than the text just using it.
    pub(crate) is_asked: bool,
}

/// The distinct terms of a posting: those asked for first, in its order. Degrees and human languages are told by
/// their requirements, not as keywords.
pub(crate) fn terms(posting: &Posting) -> Vec<Wanted> {
    let asked = posting
        .requirements
        .iter()
        .filter(|requirement| !matches!(requirement.category, Category::Education | Category::Language))
        .flat_map(|requirement| requirement.terms.iter().map(|name| (name, true)));
    let used = posting.keywords.iter().map(|name| (name, false));
    let mentions = lexicon().mentions(&posting.text);
    let stems = Stems::of(&posting.text).stems;
    let mut found: Vec<Wanted> = Vec::new();
    for (name, is_asked) in asked.chain(used) {
        let term = Term::new(name);
        let is_known = |other: &Wanted| match (term.id(), other.term.id()) {
            (Some(one), Some(other)) => one == other,
            (None, None) => other.term.name.eq_ignore_ascii_case(name),
            _ => false,
        };
        if name.trim().is_empty() || found.iter().any(is_known) {
            continue;
        }
        let (spelling, count) = match term.id() {
            Some(id) => {
                let mut places = mentions.iter().filter(|mention| mention.term == id);
                let first = places.next().and_then(|first| posting.text.get(first.start..first.end));
                let rest = places.count();
                (first.map_or_else(|| name.clone(), str::to_owned), usize::from(first.is_some()) + rest)
            }
            None => (name.clone(), count_phrase(&stems, &Stems::of(name).stems)),
        };
        found.push(Wanted { term, spelling, count: count.max(1), is_asked });
    }
    found
}

/// The keywords with their counts on both sides, commonest in the posting first.
pub(crate) fn count(posting: &Posting, terms: &[Wanted], index: &Index) -> Vec<Keyword> {
    let mut keywords: Vec<Keyword> = terms
        .iter()
        .filter(|wanted| wanted.count > 0 && !posting.text.is_empty() || wanted.is_asked)
        .map(|wanted| Keyword {
            term: wanted.spelling.clone(),
            posting_count: u32::try_from(wanted.count).unwrap_or(u32::MAX),
            resume_count: u32::try_from(index.count(&wanted.term)).unwrap_or(u32::MAX),
        })
        .collect();
    keywords.sort_by_key(|keyword| std::cmp::Reverse(keyword.posting_count));
    keywords.truncate(MAX_KEYWORDS);
    keywords
}

fn count_phrase(text: &[String], phrase: &[String]) -> usize {
    let mut rest = text;
    let mut count = 0;
    while let Some(at) = find_phrase(rest, phrase) {
        count += 1;
        rest = rest.get(at + phrase.len()..).unwrap_or_default();
    }
    count
}
