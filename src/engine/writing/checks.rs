//! The checks of English prose and of any prose, each a share from 0 to 1 with a finding.

use std::collections::BTreeMap;

use crate::domain::report::{Finding, Severity};
use crate::engine::writing::bullet::Bullet;
use crate::engine::writing::lexis::{Opening, worn};

/// A check's outcome.
pub(crate) struct Check {
    /// Its weight in the score.
    pub(crate) weight: f64,
    /// How far it is met, 0 to 1.
    pub(crate) share: f64,
    /// What to tell the person.
    pub(crate) finding: Finding,
}

/// Bullets that open with a verb of doing: three tenths of the score, met by four in five.
pub(crate) fn verbs(bullets: &[Bullet]) -> Check {
    let weak: Vec<&Bullet> = bullets.iter().filter(|bullet| bullet.opening == Opening::Weak).collect();
    let share = share_without(&weak, bullets);
    Check {
        weight: 0.30,
        share,
        finding: finding(
            "action_verbs",
            Severity::Warning,
            share >= 0.8,
            &format!(
                "{} of {} points open with a verb that says what you did.",
                bullets.len() - weak.len(),
                bullets.len()
            ),
            &format!(
                "Open with what you did, as in \u{201c}Built\u{201d} or \u{201c}Taught\u{201d}{}.",
                examples(&weak)
            ),
        ),
    }
}

/// Bullets with an amount: a quarter of the score, full from two in five.
pub(crate) fn figures(bullets: &[Bullet]) -> Check {
    const WANTED: f64 = 0.4;
    let bare: Vec<&Bullet> = bullets.iter().filter(|bullet| !bullet.has_figure).collect();
    let with = share_without(&bare, bullets);
    Check {
        weight: 0.25,
        share: (with / WANTED).min(1.0),
        finding: finding(
            "figures",
            Severity::Warning,
            with >= WANTED,
            &format!("{} of {} points name an amount.", bullets.len() - bare.len(), bullets.len()),
            &format!("Where you know them, add how many, how much or how fast{}.", examples(&bare)),
        ),
    }
}

/// Bullets of 8 to 30 words: a fifth of the score.
pub(crate) fn length(bullets: &[Bullet]) -> Check {
    let odd: Vec<&Bullet> = bullets.iter().filter(|bullet| !bullet.is_well_sized()).collect();
    let share = share_without(&odd, bullets);
    let long = odd.iter().filter(|bullet| bullet.words.len() > 30).count();
    Check {
        weight: 0.20,
        share,
        finding: finding(
            "bullet_length",
            Severity::Warning,
            share >= 0.8,
            &format!(
                "{} of {} points have 8 to 30 words; {} shorter, {long} longer.",
                bullets.len() - odd.len(),
                bullets.len(),
                if odd.len() - long == 1 { "1 is".to_owned() } else { format!("{} are", odd.len() - long) },
            ),
            &format!("Say what was done and what came of it; split what is longer{}.", examples(&odd)),
        ),
    }
}

/// No first person: a tenth of the score.
pub(crate) fn voice(bullets: &[Bullet]) -> Check {
    let personal: Vec<&Bullet> = bullets.iter().filter(|bullet| bullet.pronoun.is_some()).collect();
    let word = personal.first().and_then(|bullet| bullet.pronoun.clone()).unwrap_or_default();
    Check {
        weight: 0.10,
        share: share_without(&personal, bullets),
        finding: finding(
            "first_person",
            Severity::Info,
            personal.is_empty(),
            &format!("{} of {} points speak in the first person.", personal.len(), bullets.len()),
            &format!(
                "Leave out \u{201c}{word}\u{201d}: that it was you is understood{}.",
                examples(&personal)
            ),
        ),
    }
}

/// No worn phrases: a twentieth of the score.
pub(crate) fn phrases(bullets: &[Bullet], introduction: &[Vec<String>]) -> Check {
    let found: Vec<&str> = bullets
        .iter()
        .map(|bullet| bullet.words.as_slice())
        .chain(introduction.iter().map(Vec::as_slice))
        .filter_map(worn)
        .collect();
    let first = found.first().copied().unwrap_or_default();
    Check {
        weight: 0.05,
        share: 1.0 / (1.0 + as_number(found.len())),
        finding: finding(
            "worn_phrases",
            Severity::Info,
            found.is_empty(),
            &match found.len() {
                0 => "No worn phrases.".to_owned(),
                1 => format!("One worn phrase: \u{201c}{first}\u{201d}."),
                count => format!("{count} worn phrases, such as \u{201c}{first}\u{201d}."),
            },
            &format!("Show \u{201c}{first}\u{201d} by an example, or leave it out."),
        ),
    }
}

/// No opening used more than twice: a twentieth of the score.
pub(crate) fn variety(bullets: &[Bullet]) -> Check {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for first in bullets.iter().filter_map(|bullet| bullet.words.first()) {
        *counts.entry(first).or_default() += 1;
    }
    let too_many: usize = counts.values().map(|count| count.saturating_sub(2)).sum();
    let (word, count) =
        counts.iter().max_by_key(|(_, count)| **count).map_or(("", 0), |(word, count)| (*word, *count));
    // Long resumes repeat themselves without harm: one in six is what readers notice.
    let allowed = (bullets.len() / 6).max(2);
    Check {
        weight: 0.05,
        share: 1.0 - as_number(too_many) / as_number(bullets.len().max(1)),
        finding: finding(
            "repeated_openings",
            Severity::Info,
            count <= allowed,
            &format!(
                "The most frequent opening, \u{201c}{word}\u{201d}, stands at {count} of {} points.",
                bullets.len()
            ),
            &format!("Use other words than \u{201c}{word}\u{201d} for some of them."),
        ),
    }
}

/// What is over is told in the past: a twentieth of the score.
pub(crate) fn tense(bullets: &[Bullet]) -> Check {
    let over: Vec<&Bullet> = bullets.iter().filter(|bullet| bullet.is_over).collect();
    let present: Vec<&Bullet> =
        over.iter().copied().filter(|bullet| bullet.opening == Opening::Present).collect();
    let share = if over.is_empty() { 1.0 } else { 1.0 - as_number(present.len()) / as_number(over.len()) };
    Check {
        weight: 0.05,
        share,
        finding: finding(
            "tense",
            Severity::Info,
            present.is_empty(),
            &format!(
                "{} of {} points about what is over stand in the present tense.",
                present.len(),
                over.len()
            ),
            &format!("Put what is over in the past tense{}.", examples(&present)),
        ),
    }
}

/// A finding; a check that is met needs no mend.
pub(crate) fn finding(code: &str, severity: Severity, passed: bool, message: &str, mend: &str) -> Finding {
    Finding {
        places: Vec::new(),
        code: code.to_owned(),
        severity: if passed { Severity::Info } else { severity },
        passed,
        message: message.to_owned(),
        mend: if passed { String::new() } else { mend.to_owned() },
    }
}

/// ": “Responsible for …”, “Duties …”" for the first two.
fn examples(bullets: &[&Bullet]) -> String {
    let starts: Vec<String> = bullets
        .iter()
        .take(2)
        .map(|bullet| format!("\u{201c}{}\u{201d}", bullet.start().trim_end_matches('.')))
        .collect();
    if starts.is_empty() { String::new() } else { format!(", for example at {}", starts.join(" and ")) }
}

fn share_without(bad: &[&Bullet], all: &[Bullet]) -> f64 {
    1.0 - as_number(bad.len()) / as_number(all.len().max(1))
}

#[expect(clippy::cast_precision_loss, reason = "a resume has some hundred bullets at most")]
fn as_number(count: usize) -> f64 {
    count as f64
}
