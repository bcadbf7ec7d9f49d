//! Finds names in text: a tree of words, walked once from every word, the longest name winning.

use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};

use crate::engine::lexicon::{
    TermId,
    data::{Gate, Name, Term},
    token::{Token, fold, tokens},
};

/// A name found, before the words around it were looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) term: TermId,
    pub(crate) gate: Gate,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The tree: an edge is a node and the next word, either as it is or as its stem.
pub(crate) struct Automaton {
    words: HashMap<String, u32>,
    stems: HashMap<String, u32>,
    edges: HashMap<(u32, Step), u32>,
    endings: HashMap<u32, Vec<Ending>>,
    by_name: HashMap<String, TermId>,
    stemmer: Stemmer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Word(u32),
    Stem(u32),
}

struct Ending {
    term: TermId,
    name: Name,
}

const ROOT: u32 = 0;

impl Automaton {
    pub(crate) fn new(terms: &[Term]) -> Self {
        let mut tree = Self {
            words: HashMap::new(),
            stems: HashMap::new(),
            edges: HashMap::new(),
            endings: HashMap::new(),
            by_name: HashMap::new(),
            stemmer: Stemmer::create(Algorithm::English),
        };
        let mut nodes = ROOT;
        // Labels first: an alias never takes the place of another term's label.
        for alias_round in [false, true] {
            for (at, term) in terms.iter().enumerate() {
                let Ok(at) = u32::try_from(at) else {
                    break;
                };
                let (from, to) = if alias_round { (1, usize::MAX) } else { (0, 1) };
                for name in term.names.iter().skip(from).take(to) {
                    tree.insert(*name, TermId(at), &mut nodes);
                }
            }
        }
        tree
    }

    fn insert(&mut self, name: Name, term: TermId, nodes: &mut u32) {
        let pieces = tokens(name.text);
        let folded = fold(name.text);
        self.by_name.entry(folded).or_insert(term);
        let steps: Vec<Step> =
            pieces.iter().map(|piece| Step::Word(intern(&mut self.words, &piece.key))).collect();
        self.insert_path(&steps, Ending { term, name }, nodes);
        if name.gate == Gate::Open && may_be_stemmed(&pieces) {
            let stems: Vec<Step> = pieces
                .iter()
                .map(|piece| Step::Stem(intern(&mut self.stems, &self.stemmer.stem(&piece.key))))
                .collect();
            self.insert_path(&stems, Ending { term, name }, nodes);
        }
    }

    fn insert_path(&mut self, steps: &[Step], ending: Ending, nodes: &mut u32) {
        let mut node = ROOT;
        for step in steps {
            node = *self.edges.entry((node, *step)).or_insert_with(|| {
                *nodes += 1;
                *nodes
            });
        }
        let endings = self.endings.entry(node).or_default();
        // The first term to take a name without conditions keeps it.
        if !endings.iter().any(|known| known.name.gate == Gate::Open) {
            endings.push(ending);
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<TermId> {
        self.by_name.get(&fold(name)).copied()
    }

    /// Names in order, none overlapping.
    pub(crate) fn candidates(&self, text: &str) -> Vec<Candidate> {
        let pieces = tokens(text);
        let steps: Vec<(Option<Step>, Option<Step>)> = pieces.iter().map(|piece| self.steps(piece)).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < pieces.len() {
            let by_word = self.longest(text, &pieces, &steps, at, |step| step.0);
            let by_stem = self.longest(text, &pieces, &steps, at, |step| step.1);
            let best = match (by_word, by_stem) {
                (Some(word), Some(stem)) if stem.0 > word.0 => Some(stem),
                (word, stem) => word.or(stem),
            };
            if let Some((length, candidate)) = best {
                found.push(candidate);
                at += length;
            } else {
                at += 1;
            }
        }
        found
    }

    fn steps(&self, piece: &Token<'_>) -> (Option<Step>, Option<Step>) {
        if piece.is_break() {
            return (None, None);
        }
        let word = self.words.get(piece.key.as_ref()).copied().map(Step::Word);
        let stem = (piece.is_word && piece.key.len() > 3)
            .then(|| self.stems.get(self.stemmer.stem(&piece.key).as_ref()).copied().map(Step::Stem))
            .flatten();
        (word, stem)
    }

    fn longest(
        &self,
        text: &str,
        pieces: &[Token<'_>],
        steps: &[(Option<Step>, Option<Step>)],
        at: usize,
        which: impl Fn(&(Option<Step>, Option<Step>)) -> Option<Step>,
    ) -> Option<(usize, Candidate)> {
        // Cut first: a pair of iterators that skips walks to the place each time.
        let (pieces, steps) = (pieces.get(at..)?, steps.get(at..)?);
        let start = pieces.first()?.start;
        let mut node = ROOT;
        let mut best = None;
        for (length, (piece, step)) in pieces.iter().zip(steps).enumerate() {
            let Some(next) = which(step).and_then(|step| self.edges.get(&(node, step)).copied()) else {
                break;
            };
            node = next;
            let end = piece.end;
            let surface = text.get(start..end).unwrap_or_default();
            let Some(ending) = self.endings.get(&node).and_then(|endings| {
                endings
                    .iter()
                    .find(|ending| ending.name.gate == Gate::Open || is_spelled(surface, ending.name.text))
            }) else {
                continue;
            };
            if is_bounded(text, start, end) {
                let gate = ending.name.gate;
                best = Some((length + 1, Candidate { term: ending.term, gate, start, end }));
            }
        }
        best
    }
}

/// "B.S." is found up to its last full stop, which may also end the sentence.
fn is_spelled(surface: &str, name: &str) -> bool {
    let same =
        |name: &str| name.len() == surface.len() && surface == name || surface.replace('’', "'") == name;
    same(name) || name.strip_suffix('.').is_some_and(same)
}

fn intern(known: &mut HashMap<String, u32>, key: &str) -> u32 {
    if let Some(id) = known.get(key) {
        return *id;
    }
    let id = u32::try_from(known.len()).unwrap_or(u32::MAX);
    known.insert(key.to_owned(), id);
    id
}

/// Only phrases of plain longer words: "lesson planning" is "lesson plans", but "spring" is not "Spring".
fn may_be_stemmed(pieces: &[Token<'_>]) -> bool {
    pieces.len() > 1
        && pieces.iter().all(|piece| piece.is_word && piece.key.len() > 3 && piece.key.is_ascii())
}

/// Whether a name ends where words end: not inside `java.util`, `C+`, `snake_case` or `@java`.
fn is_bounded(text: &str, start: usize, end: usize) -> bool {
    let mut before = text.get(..start).unwrap_or_default().chars().rev();
    let first_is_upper =
        text.get(start..).and_then(|rest| rest.chars().next()).is_some_and(char::is_uppercase);
    let open_before = match before.next() {
        Some('.') => first_is_upper || !before.next().is_some_and(char::is_alphanumeric),
        Some('_' | '@' | '\\' | '$') => false,
        _ => true,
    };
    let mut after = text.get(end..).unwrap_or_default().chars();
    let open_after = match after.next() {
        Some('.') => !after.next().is_some_and(|c| c.is_lowercase() || c.is_ascii_digit()),
        Some('+' | '#') => after.next().is_some_and(char::is_alphanumeric),
        Some('_' | '@' | '\\') => false,
        _ => true,
    };
    open_before && open_after
}
