//! Skills and occupations: names, aliases, relations, and one automaton that finds them in text.
//!
//! Imports nothing of ours. The data are `assets/lexicon`: our own terms, and terms derived from O*NET and
//! ESCO by `scripts/build-lexicon`. Two names belong to one term only if either may stand for the other
//! without changing what is claimed about a person; everything looser is a relation.

mod automaton;
mod data;
mod gate;
mod token;

use std::sync::LazyLock;

use crate::engine::lexicon::{automaton::Automaton, data::Term};

pub use crate::engine::lexicon::token::fold;

/// The lexicon of this build, made ready at its first use.
#[must_use]
pub fn lexicon() -> &'static Lexicon {
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);
    &LEXICON
}

/// A term of the lexicon; valid within one build only, so names are what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TermId(u32);

/// A place in a text where a term is named, as byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mention {
    /// What is named.
    pub term: TermId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// What a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermKind {
    /// A product, programming language, machine or instrument.
    Tool,
    /// Something that one does.
    Skill,
    /// A field or method that one knows.
    Knowledge,
    /// A way of working, alone or with people.
    Soft,
    /// A human language.
    Language,
    /// A certificate, licence or clearance.
    Certificate,
    /// A level of education.
    Degree,
    /// A position or profession.
    Occupation,
}

/// How a term that somebody has relates to one that somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The same term.
    Same,
    /// What they have includes what is wanted: PostgreSQL when SQL is wanted.
    Narrower,
    /// What they have is more general than what is wanted: SQL when PostgreSQL is wanted.
    Broader,
    /// An alternative to what is wanted: MySQL when PostgreSQL is wanted.
    Sibling,
}

/// Terms, their names and how they relate.
pub struct Lexicon {
    terms: Vec<Term>,
    automaton: Automaton,
    version: &'static str,
}

impl Lexicon {
    fn load() -> Self {
        let terms = data::terms();
        let automaton = Automaton::new(&terms);
        Self { terms, automaton, version: data::version() }
    }

    /// The terms that a text names, in its order, none overlapping, the longest at each place. Names that
    /// are also plain words ("Go", "R", "Excel") count only where the text around them shows what is meant.
    #[must_use]
    pub fn mentions(&self, text: &str) -> Vec<Mention> {
        gate::keep_meant(&self.automaton.candidates(text), text, self)
    }

    /// The term of that name, whatever its case, spacing, hyphens and plural.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<TermId> {
        self.automaton.find(name)
    }

    /// The label to show for a term.
    #[must_use]
    pub fn name(&self, term: TermId) -> &'static str {
        self.term(term).and_then(|term| term.names.first()).map_or("", |name| name.text)
    }

    /// What a term is.
    #[must_use]
    pub fn kind(&self, term: TermId) -> TermKind {
        self.term(term).map_or(TermKind::Knowledge, |term| term.kind)
    }

    /// The label of a term, then its other names.
    pub fn names(&self, term: TermId) -> impl Iterator<Item = &'static str> + '_ {
        self.term(term).into_iter().flat_map(|term| term.names.iter().map(|name| name.text))
    }

    /// How what somebody has relates to what is wanted; `None` when the lexicon knows of no relation.
    #[must_use]
    pub fn relation(&self, have: TermId, wanted: TermId) -> Option<Relation> {
        if have == wanted {
            return Some(Relation::Same);
        }
        if self.includes(have, wanted) {
            return Some(Relation::Narrower);
        }
        if self.includes(wanted, have) {
            return Some(Relation::Broader);
        }
        let family = self.term(have)?.family?;
        (self.term(wanted)?.family == Some(family)).then_some(Relation::Sibling)
    }

    /// Every term that having this one includes, nearest first.
    #[must_use]
    pub fn included(&self, term: TermId) -> Vec<TermId> {
        let mut found: Vec<TermId> = Vec::new();
        let mut next = self.implied(term).to_vec();
        while !next.is_empty() {
            let mut further = Vec::new();
            for id in next {
                if id != term && !found.contains(&id) {
                    found.push(id);
                    further.extend_from_slice(self.implied(id));
                }
            }
            next = further;
        }
        found
    }

    /// Which data this is, for receipts: the same version finds the same terms in the same text.
    #[must_use]
    pub fn version(&self) -> &'static str {
        self.version
    }

    fn includes(&self, have: TermId, wanted: TermId) -> bool {
        !self.implied(have).is_empty() && self.included(have).contains(&wanted)
    }

    fn implied(&self, term: TermId) -> &[TermId] {
        self.term(term).map_or(&[], |term| &term.implies)
    }

    fn term(&self, id: TermId) -> Option<&Term> {
        self.terms.get(id.0 as usize)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test may panic; that is how it reports")]

    use super::{Relation, TermKind, lexicon};

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> =
            lexicon().mentions(text).iter().map(|mention| lexicon().name(mention.term)).collect();
        assert_eq!(found, expected, "in {text:?}");
    }

    #[track_caller]
    fn relation(have: &str, wanted: &str, expected: Option<Relation>) {
        let id = |name: &str| lexicon().find(name).unwrap();
        assert_eq!(lexicon().relation(id(have), id(wanted)), expected, "{have} for {wanted}");
    }

    #[test]
    fn names_with_signs_are_found_whole() {
        check("C++, C# and .NET; Node.js/React.", &["C++", "C#", ".NET", "Node.js", "React"]);
        check("CI/CD with TCP/IP", &["CI/CD", "TCP/IP"]);
        check("ASP.NET Core", &["ASP.NET"]);
    }

    #[test]
    fn aliases_lead_to_one_label() {
        check("k8s, JS, Postgres, golang", &["Kubernetes", "JavaScript", "PostgreSQL", "Go"]);
    }

    #[test]
    fn a_part_of_a_word_is_no_mention() {
        check("javanese scalable expressive restfulness reactive", &[]);
        check("see https://python.org/java or mail java@example.com", &[]);
    }

    #[test]
    fn plain_words_are_not_taken_for_tools() {
        check("Go the extra mile, excel at work, rust never sleeps, a swift answer.", &[]);
        check("You will access a word or two; R&D teams; a C-level role; Series C.", &[]);
        check("Excel in a changing team", &[]);
        check("the rest of the react team, a less agile express", &[]);
    }

    #[test]
    fn ambiguous_names_count_among_their_kind() {
        check("Python, R and SQL", &["Python", "R", "SQL"]);
        check("Go, Rust or C", &["Go", "Rust", "C"]);
        check("programming in R", &["R"]);
        check("Word, Excel, PowerPoint", &["Microsoft Word", "Excel", "PowerPoint"]);
        check("R", &["R"]);
    }

    #[test]
    fn plurals_and_inflections_are_the_same_term() {
        check("relational databases", &["Relational databases"]);
        check("a relational database", &["Relational databases"]);
        check("planned lessons and lesson plans", &["Lesson planning", "Lesson planning"]);
    }

    #[test]
    fn a_narrower_term_includes_the_broader() {
        relation("PostgreSQL", "SQL", Some(Relation::Narrower));
        relation("SQL", "PostgreSQL", Some(Relation::Broader));
        relation("Django", "Python", Some(Relation::Narrower));
        relation("Amazon EKS", "AWS", Some(Relation::Narrower));
        relation("Amazon EKS", "k8s", Some(Relation::Narrower));
        relation("PhD", "bachelor's degree", Some(Relation::Narrower));
        relation("MySQL", "Postgres", Some(Relation::Sibling));
        relation("React", "Vue", Some(Relation::Sibling));
        relation("Docker", "Payroll", None);
        relation("JS", "JavaScript", Some(Relation::Same));
    }

    #[test]
    fn different_products_are_never_one_term() {
        for (one, other) in
            [("Trello", "Asana"), ("Tomcat", "JBoss"), ("Java", "JavaScript"), ("CPR", "First aid")]
        {
            assert_ne!(lexicon().find(one).unwrap(), lexicon().find(other).unwrap(), "{one} and {other}");
        }
    }

    #[test]
    fn every_name_leads_to_its_term_and_no_term_includes_itself() {
        for at in 0..lexicon().terms.len() {
            let id = super::TermId(u32::try_from(at).unwrap());
            assert_eq!(lexicon().find(lexicon().name(id)), Some(id), "{}", lexicon().name(id));
            assert!(!lexicon().includes(id, id), "{} includes itself", lexicon().name(id));
        }
    }

    #[test]
    fn offsets_are_those_of_the_text() {
        let text = "Größe: Überblick über Kubernetes – naïve PostgreSQL’s";
        let words: Vec<&str> = lexicon().mentions(text).iter().map(|m| &text[m.start..m.end]).collect();
        assert_eq!(words, ["Kubernetes", "PostgreSQL’s"]);
    }

    #[test]
    fn kinds_are_told_apart() {
        for (name, kind) in [
            ("Docker", TermKind::Tool),
            ("German", TermKind::Language),
            ("PMP", TermKind::Certificate),
            ("Teamwork", TermKind::Soft),
            ("MBA", TermKind::Degree),
            ("Nursing", TermKind::Knowledge),
        ] {
            assert_eq!(lexicon().kind(lexicon().find(name).unwrap()), kind, "{name}");
        }
    }
}
