//! One requirement against the evidence of the resume: how it is met, where, and what is short of it.

use crate::domain::posting::{Category, Requirement};
use crate::domain::report::{Evidence, RequirementMatch, RequirementStatus};
use crate::domain::resume::Resume;
use crate::engine::matching::degree::{self, Level};
use crate::engine::matching::index::{Hit, Index, Strength, Term};
use crate::engine::matching::language;
use crate::engine::matching::years::{self, Years, duration};
use crate::engine::places::entry;
use crate::engine::words::{Tongue, tongue};

/// What a hit is worth where it is the best there is.
pub(crate) const LISTED_CREDIT: f64 = 0.7;
/// What something close is worth, and the least that a requirement gets whose years or level fall short.
pub(crate) const RELATED_CREDIT: f64 = 0.4;

/// At most this many places are named for one requirement.
const MAX_EVIDENCE: usize = 5;

/// A requirement, assessed.
#[derive(Debug)]
pub(crate) struct Assessed {
    /// What the report says.
    pub(crate) report: RequirementMatch,
    /// Share of its weight that it earns, 0 to 1.
    pub(crate) credit: f64,
    /// The evidence.
    pub(crate) hits: Vec<Hit>,
    /// Terms asked for that are nowhere, or only close to something that is there.
    pub(crate) lacking: Vec<String>,
}

/// What was found before it is worded.
struct Finding {
    status: RequirementStatus,
    credit: f64,
    hits: Vec<Hit>,
    note: String,
    lacking: Vec<String>,
}

impl Finding {
    fn new(status: RequirementStatus, hits: Vec<Hit>) -> Self {
        Self { status, credit: credit(status), hits, note: String::new(), lacking: Vec::new() }
    }

    fn missing() -> Self {
        Self::new(RequirementStatus::Missing, Vec::new())
    }

    fn noting(mut self, note: String) -> Self {
        self.note = note;
        self
    }
}

fn credit(status: RequirementStatus) -> f64 {
    match status {
        RequirementStatus::Demonstrated => 1.0,
        RequirementStatus::Listed => LISTED_CREDIT,
        RequirementStatus::Related => RELATED_CREDIT,
        RequirementStatus::Missing => 0.0,
    }
}

fn status_of(strength: Option<Strength>) -> RequirementStatus {
    match strength {
        Some(Strength::Shown) => RequirementStatus::Demonstrated,
        Some(Strength::Claimed) => RequirementStatus::Listed,
        Some(Strength::Near) => RequirementStatus::Related,
        None => RequirementStatus::Missing,
    }
}

/// Assesses one requirement.
pub(crate) fn assess(requirement: &Requirement, resume: &Resume, index: &Index) -> Assessed {
    let finding = match requirement.category {
        Category::Education => education(requirement, resume, index),
        Category::Language => human_language(requirement, resume, index),
        Category::Skill | Category::Experience | Category::Certificate | Category::Soft | Category::Other => {
            with_years(requirement, index)
        }
    };
    let evidence: Vec<Evidence> =
        finding.hits.iter().take(MAX_EVIDENCE).filter_map(|hit| index.evidence(*hit)).collect();
    Assessed {
        report: RequirementMatch {
            id: requirement.id.clone(),
            text: requirement.text.clone(),
            kind: requirement.kind,
            category: requirement.category,
            terms: requirement.terms.clone(),
            status: finding.status,
            evidence,
            note: finding.note,
        },
        credit: finding.credit,
        hits: finding.hits,
        lacking: finding.lacking,
    }
}

fn with_years(requirement: &Requirement, index: &Index) -> Finding {
    let asked = requirement.years.filter(|years| *years > 0.0);
    match asked {
        Some(asked) if requirement.terms.is_empty() => years_of_work(requirement, asked, index),
        Some(asked) => {
            let found = by_terms(requirement, index);
            if found.hits.is_empty() { found } else { years_with_terms(found, asked, index) }
        }
        None if requirement.terms.is_empty() => by_subject(requirement, index),
        None => by_terms(requirement, index),
    }
}

/// Looks up the named terms: the best of them when any will do, all of them otherwise.
fn by_terms(requirement: &Requirement, index: &Index) -> Finding {
    let found: Vec<(Term, Vec<Hit>)> = requirement
        .terms
        .iter()
        .map(|name| {
            let term = Term::new(name);
            let hits = index.find(&term);
            (term, hits)
        })
        .collect();
    let strength = |hits: &[Hit]| hits.first().map(|hit| hit.strength);
    let statuses: Vec<RequirementStatus> = found.iter().map(|(_, hits)| status_of(strength(hits))).collect();
    let hits = merge(&found, index);
    if requirement.any_of || statuses.len() == 1 {
        let best = statuses.iter().min().copied().unwrap_or(RequirementStatus::Missing);
        return Finding::new(best, hits);
    }
    let names = |has: &dyn Fn(&[Hit]) -> bool| -> Vec<String> {
        found.iter().filter(|(_, hits)| has(hits)).map(|(term, _)| term.name.clone()).collect()
    };
    let absent = names(&<[Hit]>::is_empty);
    let present = names(&|hits| strength(hits) > Some(Strength::Near));
    let lacking = names(&|hits| strength(hits) <= Some(Strength::Near));
    let weakest = statuses.iter().max().copied().unwrap_or(RequirementStatus::Missing);
    let status = match weakest {
        RequirementStatus::Missing if hits.is_empty() => RequirementStatus::Missing,
        RequirementStatus::Missing => RequirementStatus::Related,
        weakest => weakest,
    };
    #[expect(clippy::cast_precision_loss, reason = "a requirement names a handful of terms")]
    let mean = statuses.iter().map(|status| credit(*status)).sum::<f64>() / statuses.len().max(1) as f64;
    let note = if absent.is_empty() || present.is_empty() {
        String::new()
    } else {
        format!("The resume has {}, but not {}.", list(&present), list(&absent))
    };
    Finding { status, credit: mean, hits, note, lacking }
}

/// The best hit of each term first, so that every term has its evidence; then the others.
fn merge(found: &[(Term, Vec<Hit>)], index: &Index) -> Vec<Hit> {
    let mut firsts: Vec<Hit> = found.iter().filter_map(|(_, hits)| hits.first().copied()).collect();
    index.sort(&mut firsts);
    let mut rest: Vec<Hit> = found.iter().flat_map(|(_, hits)| hits.iter().skip(1).copied()).collect();
    index.sort(&mut rest);
    let mut merged: Vec<Hit> = Vec::new();
    for hit in firsts.into_iter().chain(rest) {
        if !merged.iter().any(|other| other.place == hit.place) {
            merged.push(hit);
        }
    }
    merged
}

/// Holds the time of the entries that show the terms against the years asked for.
fn years_with_terms(found: Finding, asked: f32, index: &Index) -> Finding {
    let years = Years::of(index.months_of_work(&found.hits), asked);
    let asked_words = duration(f64::from(asked));
    if years.met && found.status == RequirementStatus::Demonstrated {
        let note = format!(
            "The dated work that shows it adds up to {}; {asked_words} are asked for.",
            years.in_words()
        );
        return found.noting(note);
    }
    let note = if years.months == 0 {
        format!("{asked_words} are asked for; no dated work in the resume shows it.")
    } else {
        format!("The dated work that shows it adds up to {}; {asked_words} are asked for.", years.in_words())
    };
    // Continuous in the months, so that another bullet about it never lowers the score.
    let earned = RELATED_CREDIT + (1.0 - RELATED_CREDIT) * years.share;
    let credit = if found.status == RequirementStatus::Demonstrated { earned } else { RELATED_CREDIT };
    Finding { status: RequirementStatus::Related, credit: credit.min(found.credit), note, ..found }
}

/// Years of experience without a term of the lexicon: by the words of the requirement, or as a whole.
fn years_of_work(requirement: &Requirement, asked: f32, index: &Index) -> Finding {
    let subject = years::subject(&requirement.text);
    let (months, hits) = years::work_about(index, &subject);
    let years = Years::of(months, asked);
    let asked_words = duration(f64::from(asked));
    let what = if subject.is_empty() { "The dated work" } else { "The dated work that is about it" };
    if !hits.is_empty() {
        let note = format!("{what} adds up to {}; {asked_words} are asked for.", years.in_words());
        if years.met {
            return Finding::new(RequirementStatus::Demonstrated, hits).noting(note);
        }
        let credit = RELATED_CREDIT + (1.0 - RELATED_CREDIT) * years.share;
        return Finding { credit, ..Finding::new(RequirementStatus::Related, hits).noting(note) };
    }
    let (all, hits) = years::all_work(index);
    let all = Years::of(all, asked);
    if hits.is_empty() {
        return Finding::missing()
            .noting("The resume has no dated work from which years could be counted.".into());
    }
    let note = format!(
        "All dated work adds up to {}; that it was of the kind asked for does not stand in the resume.",
        all.in_words()
    );
    Finding {
        credit: RELATED_CREDIT * all.share,
        ..Finding::new(RequirementStatus::Related, hits).noting(note)
    }
}

/// Requirements in words alone: met by one place that has all of their content words, close to by one with most.
fn by_subject(requirement: &Requirement, index: &Index) -> Finding {
    let subject = years::subject(&requirement.text);
    if subject.is_empty() {
        return Finding::missing();
    }
    let mut hits: Vec<Hit> = Vec::new();
    for (place, witness) in index.witnesses.iter().enumerate() {
        let common = subject.iter().filter(|stem| witness.stems.stems.contains(stem)).count();
        if common == subject.len() && (common > 1 || subject.len() == 1) {
            hits.push(Hit { place, strength: witness.strength, start: 0 });
        } else if common >= 2 && common * 5 >= subject.len() * 3 {
            hits.push(Hit { place, strength: Strength::Near, start: 0 });
        }
    }
    index.sort(&mut hits);
    Finding::new(status_of(hits.first().map(|hit| hit.strength)), hits)
}

fn education(requirement: &Requirement, resume: &Resume, index: &Index) -> Finding {
    let Some(asked) = degree::asked(&requirement.text) else {
        return if requirement.terms.is_empty() {
            by_subject(requirement, index)
        } else {
            by_terms(requirement, index)
        };
    };
    let fields = degree::fields(&requirement.text);
    // A term that names the degree itself says nothing about its field.
    let terms: Vec<String> =
        requirement.terms.iter().filter(|term| degree::asked(term).is_none()).cloned().collect();
    let any_field = fields.is_empty() && terms.is_empty();
    let mut best: Option<(bool, bool, bool, Level, usize)> = None;
    for (number, study) in resume.education.iter().enumerate() {
        let text =
            [&study.study_type, &study.area].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        // A school without a degree printed is no proof of one.
        let Some(level) = degree::levels(&text).last().copied() else {
            continue;
        };
        let in_field = any_field || degree::is_field(&text, &fields, &terms);
        let done = study.end_date.is_none_or(|end| end.months() <= index.now);
        let rank = (level >= asked, in_field, done, level, number);
        if best.is_none_or(|best| (rank.0, rank.1, rank.2, rank.3) > (best.0, best.1, best.2, best.3)) {
            best = Some(rank);
        }
    }
    let Some((high_enough, in_field, done, level, number)) = best else {
        return Finding::missing()
            .noting(format!("The resume names no degree; {} is asked for.", asked.in_words()));
    };
    let hits = hits_in(index, &format!("/education/{number}"));
    if !high_enough {
        let note = format!("The resume names {}; {} is asked for.", level.in_words(), asked.in_words());
        Finding::new(RequirementStatus::Related, hits).noting(note)
    } else if !in_field {
        let note = format!("The resume names {}, but not in the field asked for.", level.in_words());
        Finding::new(RequirementStatus::Related, hits).noting(note)
    } else if !done {
        Finding::new(RequirementStatus::Listed, hits).noting("The degree is not finished yet.".into())
    } else {
        Finding::new(RequirementStatus::Demonstrated, hits)
    }
}

fn hits_in(index: &Index, entry_pointer: &str) -> Vec<Hit> {
    let of_entry = |pointer: &str| entry(pointer) == Some(entry_pointer);
    index
        .witnesses
        .iter()
        .enumerate()
        .filter(|(_, witness)| of_entry(&witness.place.pointer))
        .map(|(place, witness)| Hit { place, strength: witness.strength, start: 0 })
        .take(2)
        .collect()
}

fn human_language(requirement: &Requirement, resume: &Resume, index: &Index) -> Finding {
    let mut wanted: Vec<usize> = requirement.terms.iter().flat_map(|term| language::named(term)).collect();
    if wanted.is_empty() {
        wanted = language::named(&requirement.text);
    }
    if wanted.is_empty() {
        return if requirement.terms.is_empty() {
            by_subject(requirement, index)
        } else {
            by_terms(requirement, index)
        };
    }
    let asked = language::fluency(&requirement.text);
    let mut found: Vec<Finding> =
        wanted.iter().map(|language| one_language(*language, asked, resume, index)).collect();
    // All of several languages: the weakest decides; any of them: the strongest.
    found.sort_by(|left, right| right.credit.total_cmp(&left.credit));
    let chosen = if requirement.any_of { found.into_iter().next() } else { found.pop() };
    chosen.unwrap_or_else(Finding::missing)
}

fn one_language(wanted: usize, asked: Option<u8>, resume: &Resume, index: &Index) -> Finding {
    let stated = resume.languages.iter().enumerate().find(|(_, language)| {
        language
            .language
            .as_deref()
            .is_some_and(|name| crate::engine::matching::language::named(name).contains(&wanted))
    });
    if let Some((number, stated)) = stated {
        let hits = hits_in(index, &format!("/languages/{number}"));
        let text =
            [&stated.language, &stated.fluency].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
        return match (asked, language::fluency(&text)) {
            (Some(asked), Some(have)) if have < asked => Finding::new(RequirementStatus::Related, hits)
                .noting(format!("The resume states a lower level than is asked for: {text}.")),
            (Some(_), None) => Finding::new(RequirementStatus::Listed, hits)
                .noting("The resume names the language, but not how well it is known.".into()),
            // The list of languages is where a resume shows one: nothing stronger can be expected of it.
            _ => Finding::new(RequirementStatus::Demonstrated, hits),
        };
    }
    let mentioned: Vec<Hit> = index
        .witnesses
        .iter()
        .enumerate()
        .filter(|(_, witness)| {
            matches!(witness.place.section(), "skills" | "basics" | "x-sections" | "certificates")
        })
        .filter(|(_, witness)| language::named(&witness.place.text).contains(&wanted))
        .map(|(place, witness)| Hit { place, strength: witness.strength.min(Strength::Claimed), start: 0 })
        .collect();
    if !mentioned.is_empty() {
        return Finding::new(RequirementStatus::Listed, mentioned);
    }
    written_in(wanted, index)
}

/// A resume written in the language is itself a sign of it.
fn written_in(wanted: usize, index: &Index) -> Finding {
    let prose = || index.witnesses.iter().filter(|witness| witness.place.text.contains(' '));
    let written: Tongue = tongue(prose().map(|witness| witness.place.text.as_str()));
    if language::of_tongue(written) != Some(wanted) {
        return Finding::missing();
    }
    let longest = index
        .witnesses
        .iter()
        .enumerate()
        .max_by_key(|(place, witness)| (witness.stems.stems.len(), std::cmp::Reverse(*place)));
    let hits =
        longest.map(|(place, _)| Hit { place, strength: Strength::Claimed, start: 0 }).into_iter().collect();
    Finding::new(RequirementStatus::Listed, hits).noting("The resume is written in this language.".into())
}

/// "A", "A and B", "A, B and C".
pub(crate) fn list(names: &[String]) -> String {
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
