//! Headline and summary: written only where the resume has none, from titles, employers and skills that it states.

use serde_json::json;

use crate::domain::posting::Posting;
use crate::domain::resume::{Resume, Work};
use crate::domain::tailoring::EditOp;
use crate::engine::tailor::Draft;
use crate::engine::tailor::demand::{Demand, list};
use crate::engine::tailor::skills::demonstrations;
use crate::engine::titles::closeness;

/// Proposes a title that the person holds or held last as the headline: of the two latest, the one closer to the
/// advertised title.
pub(crate) fn headline(draft: &mut Draft<'_>, posting: &Posting) {
    let Some(basics) = &draft.resume.basics else { return };
    if basics.label.is_some() {
        return;
    }
    let wanted = posting.title.as_deref().unwrap_or_default();
    let mut best: Option<(f64, usize, &str)> = None;
    for (index, work) in latest(draft.resume).into_iter().take(2) {
        let Some(title) = work.position.as_deref().map(str::trim).filter(|title| is_title(title)) else {
            continue;
        };
        let close = closeness(wanted, title);
        if best.is_none_or(|(closest, ..)| close > closest) {
            best = Some((close, index, title));
        }
    }
    // A headline that has nothing to do with the position helps nobody.
    let Some((_, index, title)) = best.filter(|(close, ..)| *close >= 0.3) else {
        return;
    };
    let title = title.to_owned();
    let evidence = draft.evidence(&format!("/work/{index}/position")).into_iter().collect();
    let edit = draft.edit(EditOp::Replace, "basics", "/basics/label");
    edit.after = json!(title);
    edit.reason = format!(
        "The resume has no headline; this title of yours is close to the advertised one, \u{201c}{wanted}\u{201d}."
    );
    edit.evidence = evidence;
}

/// Proposes a summary of the latest position and the skills that the work shows and the posting asks for.
pub(crate) fn summary(draft: &mut Draft<'_>) {
    const LEAST_SKILLS: usize = 2;
    const MOST_SKILLS: usize = 5;
    let is_absent = draft.resume.basics.as_ref().is_some_and(|basics| basics.summary.is_none());
    let Some((index, work)) = latest(draft.resume).into_iter().next().filter(|_| is_absent) else {
        return;
    };
    let (Some(position), Some(employer)) = (work.position.as_deref(), work.name.as_deref()) else {
        return;
    };
    if !is_title(position.trim()) || !is_title(employer.trim()) {
        return;
    }
    let mut evidence = Vec::new();
    evidence.extend(draft.evidence(&format!("/work/{index}/position")));
    evidence.extend(draft.evidence(&format!("/work/{index}/name")));
    let mut names: Vec<String> = Vec::new();
    for demand in draft.demands.iter().filter(|demand| Demand::is_skill(demand)) {
        let shown = demand.id.map(|id| demonstrations(draft, id)).unwrap_or_default();
        if let Some(first) = shown.into_iter().next()
            && names.len() < MOST_SKILLS
        {
            names.push(demand.in_sentence());
            if !evidence.contains(&first) {
                evidence.push(first);
            }
        }
    }
    if names.len() < LEAST_SKILLS {
        return;
    }
    let lead = if work.end_date.is_none() { "" } else { "Most recently " };
    let text = format!("{lead}{} at {}. Experience with {}.", position.trim(), employer.trim(), list(&names));
    let reason =
        format!("The resume has no summary; the posting asks for {}, and your work shows it.", list(&names));
    let edit = draft.edit(EditOp::Replace, "basics", "/basics/summary");
    edit.after = json!(text);
    edit.reason = reason;
    edit.evidence = evidence;
}

/// Dated positions, the latest first: those that go on, then by their end, then by their start.
fn latest(resume: &Resume) -> Vec<(usize, &Work)> {
    let mut dated: Vec<(usize, &Work)> = resume
        .work
        .iter()
        .enumerate()
        .filter(|(_, work)| work.start_date.is_some() || work.end_date.is_some())
        .collect();
    dated.sort_by_key(|(index, work)| {
        let end = work.end_date.map_or(i32::MAX, crate::domain::resume::PartialDate::months);
        let start = work.start_date.map_or(0, crate::domain::resume::PartialDate::months);
        (std::cmp::Reverse(end), std::cmp::Reverse(start), *index)
    });
    dated
}

/// Whether a text reads like a name or title alone: short, on one line, no sentence.
fn is_title(text: &str) -> bool {
    let words = text.split_whitespace().count();
    (1..=8).contains(&words)
        && text.chars().count() <= 70
        && !text.contains(['\n', '\t', '|'])
        && !text.ends_with('.')
}
