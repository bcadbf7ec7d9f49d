//! The lexicon's data: the embedded tables, parsed into terms.

use std::{collections::HashMap, io::Read, sync::LazyLock};

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use crate::domain::hash::hex;
use crate::engine::lexicon::{TermId, TermKind, token::fold};

/// Our own terms; they win over derived ones of the same name.
const OWN: &str = include_str!("../../../assets/lexicon/own.tsv");
/// Terms derived from O*NET and ESCO, in the same form, compressed.
const DERIVED: &[u8] = include_bytes!("../../../assets/lexicon/derived.tsv.gz");
/// More is a damaged file, not a lexicon.
const MAX_DERIVED_BYTES: u64 = 16 << 20;

/// A term as the tables give it.
pub(crate) struct Term {
    pub(crate) kind: TermKind,
    /// The label first.
    pub(crate) names: Vec<Name>,
    pub(crate) implies: Vec<TermId>,
    /// Terms of one family are alternatives to each other.
    pub(crate) family: Option<u32>,
}

/// One name of a term.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    pub(crate) text: &'static str,
    pub(crate) gate: Gate,
}

/// What a text must show so that a name in it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Nothing more: `Name`.
    Open,
    /// Exactly this spelling: `=Name`.
    Spelling,
    /// This spelling among words that show what is meant: `~Name`.
    Context,
}

/// Which data this build has.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let hash = Sha256::new().chain_update(OWN).chain_update(DERIVED).finalize();
        hex(hash.get(..6).unwrap_or_default())
    });
    &VERSION
}

/// All terms; the position of a term is its id.
pub(crate) fn terms() -> Vec<Term> {
    static UNPACKED: LazyLock<String> = LazyLock::new(|| {
        let mut text = String::new();
        // Embedded at build time and read by the tests: if it were damaged, our own terms still work.
        let _ = GzDecoder::new(DERIVED).take(MAX_DERIVED_BYTES).read_to_string(&mut text);
        text
    });
    let mut table = Table::default();
    for line in OWN.lines().chain(UNPACKED.lines()) {
        table.add(line);
    }
    table.linked()
}

#[derive(Default)]
struct Table {
    terms: Vec<Term>,
    by_label: HashMap<String, TermId>,
    families: HashMap<&'static str, u32>,
    /// Labels that each term implies, linked once all labels are known.
    implied: Vec<(TermId, &'static str)>,
}

impl Table {
    /// One line of a table: kind, names, implied labels, family. Groups of names separated by `;` are
    /// terms of their own with the same relations; groups after `>` are terms that include the first.
    fn add(&mut self, line: &'static str) {
        let mut columns = line.split('\t');
        let Some(kind) = columns.next().and_then(kind_of) else {
            return;
        };
        let groups = columns.next().unwrap_or_default();
        let implied = columns.next().unwrap_or_default();
        let family = columns.next().map(str::trim).filter(|family| !family.is_empty()).map(|family| {
            let next = u32::try_from(self.families.len()).unwrap_or(u32::MAX);
            *self.families.entry(family).or_insert(next)
        });
        let (peers, narrower) = groups.split_once('>').unwrap_or((groups, ""));
        let mut head = None;
        for group in peers.split(';') {
            let id = self.add_term(kind, group, family);
            for label in implied.split('|').map(str::trim).filter(|label| !label.is_empty()) {
                self.implied.extend(id.map(|id| (id, label)));
            }
            head = head.or(id);
        }
        for group in narrower.split('>').filter(|group| !group.trim().is_empty()) {
            if let Some(id) = self.add_term(kind, group, None)
                && let Some(term) = self.terms.get_mut(id.0 as usize)
            {
                term.implies.extend(head);
            }
        }
    }

    fn add_term(&mut self, kind: TermKind, group: &'static str, family: Option<u32>) -> Option<TermId> {
        let names: Vec<Name> = group.split('|').filter_map(name_of).collect();
        let label = fold(names.first()?.text);
        if self.by_label.contains_key(&label) {
            return None;
        }
        let id = TermId(u32::try_from(self.terms.len()).ok()?);
        self.by_label.insert(label, id);
        self.terms.push(Term { kind, names, implies: Vec::new(), family });
        Some(id)
    }

    fn linked(mut self) -> Vec<Term> {
        for (id, label) in self.implied {
            let wanted = name_of(label).and_then(|name| self.by_label.get(&fold(name.text)));
            if let (Some(term), Some(wanted)) = (self.terms.get_mut(id.0 as usize), wanted) {
                term.implies.push(*wanted);
            }
        }
        self.terms
    }
}

fn kind_of(word: &str) -> Option<TermKind> {
    Some(match word {
        "tool" => TermKind::Tool,
        "skill" => TermKind::Skill,
        "knowledge" => TermKind::Knowledge,
        "soft" => TermKind::Soft,
        "language" => TermKind::Language,
        "certificate" => TermKind::Certificate,
        "degree" => TermKind::Degree,
        "occupation" => TermKind::Occupation,
        _ => return None,
    })
}

fn name_of(text: &'static str) -> Option<Name> {
    let text = text.trim();
    let (text, gate) = match (text.strip_prefix('='), text.strip_prefix('~')) {
        (Some(text), _) => (text, Gate::Spelling),
        (_, Some(text)) => (text, Gate::Context),
        _ => (text, Gate::Open),
    };
    (!text.is_empty()).then_some(Name { text, gate })
}
