//! The match score: a weighted sum of named parts, each from 0 to 100 with a sentence that says why.
//!
//! | part | weight | what it is |
//! | --- | --- | --- |
//! | `must_requirements` | 0.45 | mean credit of the requirements that must be met |
//! | `nice_requirements` | 0.15 | mean credit of those that are welcome |
//! | `title` | 0.15 | the closest title held, or headline, to the advertised one |
//! | `keywords` | 0.10 | share of the terms that the posting uses without asking for them |
//! | `recency` | 0.08 | requirements shown in dated entries: 1 within three years, then 15 % less a year, 0.3 at least |
//! | `findable` | 0.07 | terms asked for that stand in the posting's own spelling, and in the skills or summary |
//!
//! Credit: demonstrated 1, listed 0.7, related 0.4, missing 0; between for years that fall short and for several
//! terms of which some are there. Soft skills and requirements of no kind count half, because a document can hardly
//! show them. A part that a posting gives no ground for leaves its weight to the others in proportion. Every part is
//! built from maxima over evidence, so that one more true line never lowers the score.

use crate::domain::posting::{Category, Posting, RequirementKind};
use crate::domain::report::{RequirementStatus, ScorePart};
use crate::domain::resume::Resume;
use crate::engine::matching::assess::Assessed;
use crate::engine::matching::index::{Hit, Index, Strength, says};
use crate::engine::matching::keywords::Wanted;
use crate::engine::titles::closeness;

/// A part before the weights are shared out.
struct Part {
    name: &'static str,
    weight: f64,
    share: f64,
    explanation: String,
}

/// The score, 0 to 100 with one decimal, and its parts, whose weights add up to 1.
pub(crate) fn score(
    posting: &Posting,
    resume: &Resume,
    assessed: &[Assessed],
    terms: &[Wanted],
    index: &Index,
) -> (f32, Vec<ScorePart>) {
    let parts: Vec<Part> = [
        requirements(assessed, RequirementKind::Must),
        requirements(assessed, RequirementKind::Nice),
        title(posting, resume),
        keywords(terms, index),
        recency(assessed, index),
        findable(terms, index),
    ]
    .into_iter()
    .flatten()
    .collect();
    let whole: f64 = parts.iter().map(|part| part.weight).sum();
    let score = parts.iter().map(|part| part.weight / whole * part.share).sum::<f64>() * 100.0;
    let parts = parts
        .into_iter()
        .map(|part| ScorePart {
            name: part.name.to_owned(),
            weight: rounded(part.weight / whole, 1000.0),
            score: rounded(part.share * 100.0, 10.0),
            explanation: part.explanation,
        })
        .collect();
    (rounded(if whole > 0.0 { score } else { 0.0 }, 10.0), parts)
}

#[expect(clippy::cast_possible_truncation, reason = "one decimal of a number from 0 to 100 fits")]
fn rounded(number: f64, steps: f64) -> f32 {
    ((number * steps).round() / steps) as f32
}

fn category_weight(category: Category) -> f64 {
    match category {
        Category::Soft | Category::Other => 0.5,
        Category::Skill
        | Category::Experience
        | Category::Education
        | Category::Certificate
        | Category::Language => 1.0,
    }
}

fn requirements(assessed: &[Assessed], kind: RequirementKind) -> Option<Part> {
    let of_kind = || assessed.iter().filter(|one| one.report.kind == kind);
    let all: f64 = of_kind().map(|one| category_weight(one.report.category)).sum();
    if all <= 0.0 {
        return None;
    }
    let earned: f64 = of_kind().map(|one| category_weight(one.report.category) * one.credit).sum();
    let count = |status| of_kind().filter(|one| one.report.status == status).count();
    let (name, weight, what) = match kind {
        RequirementKind::Must => ("must_requirements", 0.45, "that the posting asks for"),
        RequirementKind::Nice => ("nice_requirements", 0.15, "that the posting would welcome"),
    };
    let explanation = format!(
        "Of {} {what}, {} {} shown in your work or studies, {} listed, {} only close, {} not there.",
        counted(of_kind().count(), "requirement"),
        count(RequirementStatus::Demonstrated),
        if count(RequirementStatus::Demonstrated) == 1 { "is" } else { "are" },
        count(RequirementStatus::Listed),
        count(RequirementStatus::Related),
        count(RequirementStatus::Missing),
    );
    Some(Part { name, weight, share: earned / all, explanation })
}

fn title(posting: &Posting, resume: &Resume) -> Option<Part> {
    let wanted = posting.title.as_deref().filter(|title| !title.trim().is_empty())?;
    let label = resume.basics.as_ref().and_then(|basics| basics.label.as_deref());
    let held = resume.work.iter().filter_map(|work| work.position.as_deref());
    let mut best: Option<(f64, &str)> = None;
    for title in label.into_iter().chain(held) {
        let close = closeness(wanted, title);
        if best.is_none_or(|(closest, _)| close > closest) {
            best = Some((close, title));
        }
    }
    let (share, explanation) = match best {
        None => (0.0, "The resume has no title to compare with the advertised one.".to_owned()),
        Some((close, _)) if close <= 0.0 => {
            (0.0, format!("None of your titles shares a word with \u{201c}{wanted}\u{201d}."))
        }
        Some((close, title)) if close >= 1.0 => (
            1.0,
            format!(
                "Your title \u{201c}{title}\u{201d} is the advertised one, \u{201c}{wanted}\u{201d}, rank aside."
            ),
        ),
        Some((close, title)) => (
            close,
            format!("Of your titles \u{201c}{title}\u{201d} comes closest to \u{201c}{wanted}\u{201d}."),
        ),
    };
    Some(Part { name: "title", weight: 0.15, share, explanation })
}

fn keywords(terms: &[Wanted], index: &Index) -> Option<Part> {
    let used: Vec<&Wanted> = terms.iter().filter(|wanted| !wanted.is_asked).collect();
    if used.is_empty() {
        return None;
    }
    let worth = |hits: &[Hit]| match hits.first().map(|hit| hit.strength) {
        Some(Strength::Shown | Strength::Claimed) => 1.0,
        Some(Strength::Near) => 0.3,
        None => 0.0,
    };
    let found: Vec<f64> = used.iter().map(|wanted| worth(&index.find(&wanted.term))).collect();
    let there = found.iter().filter(|worth| **worth >= 1.0).count();
    let explanation = format!(
        "Of {} that the posting uses beside its requirements, {there} {} in the resume.",
        counted(used.len(), "further term"),
        if there == 1 { "is" } else { "are" },
    );
    Some(Part { name: "keywords", weight: 0.10, share: mean(&found), explanation })
}

fn recency(assessed: &[Assessed], index: &Index) -> Option<Part> {
    let found: Vec<f64> = assessed
        .iter()
        .filter(|one| matches!(one.report.category, Category::Skill | Category::Experience))
        .map(|one| one.hits.iter().map(|hit| recent(*hit, index)).fold(0.0, f64::max))
        .collect();
    if found.is_empty() {
        return None;
    }
    let explanation = format!(
        "Of {} of skill or experience, {} {} shown within the last three years, {} earlier or without a date.",
        counted(found.len(), "requirement"),
        found.iter().filter(|worth| **worth >= 1.0).count(),
        if found.iter().filter(|worth| **worth >= 1.0).count() == 1 { "is" } else { "are" },
        found.iter().filter(|worth| **worth > 0.0 && **worth < 1.0).count(),
    );
    Some(Part { name: "recency", weight: 0.08, share: mean(&found), explanation })
}

/// How recent one piece of evidence is, 0.3 to 1; 0 where nothing is shown.
fn recent(hit: Hit, index: &Index) -> f64 {
    const UNDATED: f64 = 0.4;
    const OLDEST: f64 = 0.3;
    if hit.strength != Strength::Shown {
        return 0.0;
    }
    let Some(time) = index.witnesses.get(hit.place).and_then(|witness| witness.time) else {
        return UNDATED;
    };
    let years_ago = f64::from((index.now - time.end).max(0)) / 12.0;
    if years_ago <= 3.0 { 1.0 } else { 0.85_f64.powf(years_ago - 3.0).max(OLDEST) }
}

fn findable(terms: &[Wanted], index: &Index) -> Option<Part> {
    let asked: Vec<&Wanted> = terms.iter().filter(|wanted| wanted.is_asked).collect();
    if asked.is_empty() {
        return None;
    }
    let at_a_glance = |hit: &Hit| {
        let section = index.witnesses.get(hit.place).map(|witness| witness.place.section());
        hit.strength > Strength::Near && matches!(section, Some("skills" | "basics" | "certificates"))
    };
    let (mut spelled, mut listed, mut earned) = (0_usize, 0_usize, Vec::new());
    for wanted in &asked {
        let is_spelled = index.witnesses.iter().any(|witness| says(&witness.place.text, &wanted.spelling));
        let is_listed = index.find(&wanted.term).iter().any(at_a_glance);
        spelled += usize::from(is_spelled);
        listed += usize::from(is_listed);
        earned.push(f64::from(u8::from(is_spelled) + u8::from(is_listed)) / 2.0);
    }
    let explanation = format!(
        "Of {} asked for, {spelled} {} in the posting's own spelling, and {listed} in the skills or summary, \
         where a search or a glance finds them.",
        counted(asked.len(), "term"),
        if spelled == 1 { "stands" } else { "stand" },
    );
    Some(Part { name: "findable", weight: 0.07, share: mean(&earned), explanation })
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[expect(clippy::cast_precision_loss, reason = "a posting has at most some hundred terms")]
fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}
