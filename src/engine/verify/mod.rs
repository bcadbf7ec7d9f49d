//! The fact gate: no edit gets through that says more, or less, about the person than the source does.
//!
//! Imports `domain`, `lexicon`, `words`, `places` and `statement`, and knows nothing of how edits are made: the engine, a language
//! model and the owner pass the same checks. An edit must fit what stands at its target, name evidence whose quotes
//! stand where it says, say nothing that its scope does not bear out (for an entry the entry itself, so that no skill
//! moves to another employer), and lose no fact. Strict on purpose: a word that the source does not have is refused
//! unless it is known to claim nothing.

mod lexis;
mod loss;
mod number;
mod source;
mod support;
mod target;

use std::collections::BTreeSet;

use crate::domain::resume::Resume;
use crate::domain::tailoring::{ConfirmedFact, Edit, EditOp, Refusal};
use crate::engine::places::entry;
use crate::engine::verify::source::{CONFIRMED, Source, Text};
use crate::engine::verify::target::{Aim, aim, check_shape, texts};
use crate::engine::words::{find_phrase, fold, stems};

/// What the gate let through and what it did not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verified {
    /// Edits that say nothing beyond the source, in the order proposed.
    pub edits: Vec<Edit>,
    /// The others, each with what the source does not bear out.
    pub refused: Vec<Refusal>,
}

/// Checks every proposed edit against the resume as read and the facts that its owner confirmed.
#[must_use]
pub fn verify(resume: &Resume, confirmed: &[ConfirmedFact], proposed: Vec<Edit>) -> Verified {
    let source = Source::new(resume, confirmed);
    let mut verified = Verified::default();
    let mut taken = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for edit in proposed {
        let claim_on = match edit.op {
            EditOp::Insert => format!("{} {}", edit.target, fold(&texts(&edit.after).join("\u{1f}"))),
            EditOp::Replace => edit.target.clone(),
            EditOp::Reorder => format!("{} order", edit.target),
        };
        let checked = check(&edit, &source).and_then(|()| {
            if ids.contains(&edit.id) || taken.contains(&claim_on) {
                Err("Another edit already does this, or changes the same place.".into())
            } else {
                Ok(())
            }
        });
        match checked {
            Ok(()) => {
                taken.insert(claim_on);
                ids.insert(edit.id.clone());
                verified.edits.push(edit);
            }
            Err(why) => verified.refused.push(Refusal { edit, why }),
        }
    }
    verified
}

/// The ladder that every edit climbs; the first rung that breaks is the reason.
fn check(edit: &Edit, source: &Source) -> Result<(), String> {
    let evidence = check_evidence(edit, source)?;
    check_shape(edit, &source.json)?;
    if edit.op == EditOp::Reorder {
        return Ok(());
    }
    let aim = aim(&edit.target);
    if let (EditOp::Replace, Some(before), Some(after)) = (edit.op, edit.before.as_str(), edit.after.as_str())
    {
        // The same words in other typography say the same, wherever they stand.
        if fold(before) == fold(after) {
            return Ok(());
        }
        check_loss(edit, before, after, aim, source)?;
    }
    match aim {
        Aim::Protected => Err("Names, titles, dates, degrees and contacts stay as they are.".into()),
        Aim::Prose => supported(edit, &source.scope(&edit.target)),
        Aim::Headline => headline(edit, source),
        Aim::Summary => summary(edit, source),
        Aim::Skill => each_by_one(edit, &skill_scope(edit, &evidence, source)),
        Aim::Credential => {
            let by_owner: Vec<&Text> =
                evidence.iter().filter(|text| text.pointer.is_empty()).copied().collect();
            each_by_one(edit, &by_owner)
        }
    }
}

fn check_evidence<'a>(edit: &Edit, source: &'a Source) -> Result<Vec<&'a Text>, String> {
    if edit.evidence.is_empty() {
        return Err("It names no evidence.".into());
    }
    let mut found = Vec::new();
    for evidence in &edit.evidence {
        let Some(texts) = source.quoted(evidence) else {
            let place =
                if evidence.section == CONFIRMED { "among the confirmed facts" } else { "where it says" };
            return Err(format!("Its evidence \u{201c}{}\u{201d} does not stand {place}.", evidence.quote));
        };
        if let Some(why) = texts.iter().find_map(|text| text.disclaimer.clone()) {
            return Err(why);
        }
        found.extend(texts);
    }
    Ok(found)
}

fn check_loss(edit: &Edit, before: &str, after: &str, aim: Aim, source: &Source) -> Result<(), String> {
    // A summary may leave out what the entries below it keep; an entry's text may not rely on another text, which a
    // further edit could change as well.
    let elsewhere: Vec<&Text> = match aim {
        Aim::Summary => source.texts.iter().filter(|text| entry(&text.pointer).is_some()).collect(),
        _ => Vec::new(),
    };
    loss::check(before, after, &elsewhere)
        .map_err(|lost| format!("The new text at {} loses {lost}.", edit.target))
}

fn supported(edit: &Edit, scope: &[&Text]) -> Result<(), String> {
    let place = entry(&edit.target).unwrap_or("the resume");
    texts(&edit.after)
        .into_iter()
        .try_for_each(|text| support::check(text, scope))
        .map_err(|why| format!("The source does not bear it out: {why} (looked in {place})."))
}

/// Each text must be borne out by one place alone, so that no skill or title is put together from parts of others.
fn each_by_one(edit: &Edit, scope: &[&Text]) -> Result<(), String> {
    for text in texts(&edit.after) {
        let mut why = "nothing in its evidence says so".to_owned();
        let is_borne_out = scope.iter().any(|place| match support::check(text, &[place]) {
            Ok(()) => true,
            Err(reason) => {
                why = reason;
                false
            }
        });
        if !is_borne_out {
            return Err(format!("\u{201c}{text}\u{201d} is not borne out: {why}."));
        }
    }
    Ok(())
}

/// A skill stands in the evidence; a heading of a group, or a text that replaces one, also in what it replaces.
fn skill_scope<'a>(edit: &Edit, evidence: &[&'a Text], source: &'a Source) -> Vec<&'a Text> {
    let mut scope = evidence.to_vec();
    scope.extend(source.texts.iter().filter(|text| text.pointer == edit.target));
    // A project's topics come from that project alone.
    if let Some(own) = entry(&edit.target).filter(|_| edit.section != "skills") {
        let of_entry = source.of_entries(&[own]);
        scope.retain(|text| of_entry.iter().any(|other| std::ptr::eq(*other, *text)));
    }
    scope
}

/// Each segment of a headline stands in one place of the source: a rank of one position raises no other.
fn headline(edit: &Edit, source: &Source) -> Result<(), String> {
    let scope = source.scope(&edit.target);
    for segment in edit.after.as_str().unwrap_or_default().split(['|', '\u{b7}', '\u{2022}', ',', ';', '\n'])
    {
        let segment = segment.trim();
        if segment.is_empty() {
            continue;
        }
        let by_one = scope.iter().any(|place| support::check(segment, &[place]).is_ok());
        if !by_one {
            return Err(format!("No single place of the resume says \u{201c}{segment}\u{201d}."));
        }
    }
    Ok(())
}

/// A sentence of the summary that names an employer or organization is borne out by those entries alone, or by the
/// summary that was there.
fn summary(edit: &Edit, source: &Source) -> Result<(), String> {
    let own: Vec<&Text> = source.texts.iter().filter(|text| text.pointer.starts_with("/basics/")).collect();
    for sentence in sentences(edit.after.as_str().unwrap_or_default()) {
        let named = named_entries(sentence, source);
        let scope = if named.is_empty() {
            source.scope(&edit.target)
        } else {
            let mut scope = source.of_entries(&named);
            scope.extend(own.iter().copied());
            scope
        };
        support::check(sentence, &scope).map_err(|why| {
            let place = if named.is_empty() { "the resume".to_owned() } else { named.join(", ") };
            format!("The source does not bear out \u{201c}{sentence}\u{201d}: {why} (looked in {place}).")
        })?;
    }
    Ok(())
}

/// The entries whose employer, organization, school or project a sentence names.
fn named_entries<'a>(sentence: &str, source: &'a Source) -> Vec<&'a str> {
    let said = stems(sentence);
    let is_name = |text: &&Text| {
        let field = text.pointer.rsplit('/').next().unwrap_or_default();
        matches!(field, "name" | "organization" | "institution" | "entity")
            && !text.pointer.starts_with("/basics")
            && !text.pointer.starts_with("/skills")
    };
    let named = source.texts.iter().filter(is_name).filter(|text| find_phrase(&said, &text.stems).is_some());
    named.filter_map(|text| entry(&text.pointer)).collect()
}

fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(". ").or_else(|| rest.find('\n')) {
        if let Some((sentence, further)) = rest.split_at_checked(at + 1) {
            found.push(sentence.trim());
            rest = further;
        } else {
            break;
        }
    }
    found.push(rest.trim());
    found.retain(|sentence| !sentence.is_empty());
    found
}

#[cfg(test)]
mod tests;
