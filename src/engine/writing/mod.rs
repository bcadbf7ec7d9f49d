//! Writing: how well the bullets of a resume are written, the third number.
//!
//! Imports `domain` and `words`. The score is the weighted mean of shares, times 100: bullets that open with a verb of
//! doing 0.30, that name an amount 0.25 (full from two in five), of 8 to 30 words 0.20, without the first person 0.10,
//! without worn phrases 0.05, with varied openings 0.05, in the right tense 0.05. Prose that is not English is judged
//! by amounts and length alone. Bullets are those of work, voluntary work and projects; an entry without any is read
//! by the sentences of its description.

mod bullet;
mod checks;
mod lexis;

use crate::domain::report::{CheckReport, Severity};
use crate::domain::resume::Resume;
use crate::engine::words::{Tongue, fold, tongue, words};
use crate::engine::writing::bullet::{Bullet, bullets};
use crate::engine::writing::checks::{Check, finding};

/// How well a resume is written, with what to do about it.
#[must_use]
pub fn check(resume: &Resume) -> CheckReport {
    let bullets = bullets(resume);
    if bullets.is_empty() {
        let none = finding(
            "no_bullets",
            Severity::Error,
            false,
            "No entry of work or projects says what was done.",
            "Add two to five points to each recent position: what you did, and what came of it.",
        );
        return CheckReport { score: 0.0, findings: vec![none] };
    }
    let is_english = tongue(bullets.iter().map(|bullet| bullet.text.as_str())) == Tongue::English;
    let checks = if is_english {
        in_english(&bullets, resume)
    } else {
        vec![checks::figures(&bullets), checks::length(&bullets)]
    };
    let whole: f64 = checks.iter().map(|check| check.weight).sum();
    let score = checks.iter().map(|check| check.weight * check.share).sum::<f64>() / whole * 100.0;
    let mut findings: Vec<_> = checks.into_iter().map(|check| check.finding).collect();
    if !is_english {
        findings.push(finding(
            "language_not_judged",
            Severity::Info,
            true,
            "The points are not English prose: wording and tense were not judged.",
            "",
        ));
    }
    CheckReport { score: rounded(score), findings }
}

fn in_english(bullets: &[Bullet], resume: &Resume) -> Vec<Check> {
    let basics = resume.basics.as_ref();
    let introduction: Vec<Vec<String>> = basics
        .into_iter()
        .flat_map(|basics| [&basics.label, &basics.summary])
        .flatten()
        .map(|text| words(text).iter().map(|word| fold(word.text)).collect())
        .collect();
    vec![
        checks::verbs(bullets),
        checks::figures(bullets),
        checks::length(bullets),
        checks::voice(bullets),
        checks::phrases(bullets, &introduction),
        checks::variety(bullets),
        checks::tense(bullets),
    ]
}

#[expect(clippy::cast_possible_truncation, reason = "one decimal of a number from 0 to 100 fits")]
fn rounded(score: f64) -> f32 {
    ((score * 10.0).round() / 10.0) as f32
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may panic; that is how it reports"
    )]

    use crate::domain::resume::{Resume, Work};
    use crate::engine::writing::check;

    fn resume(highlights: &[&str]) -> Resume {
        Resume {
            work: vec![Work {
                end_date: Some("2020-01".parse().unwrap()),
                highlights: highlights.iter().map(|text| (*text).to_owned()).collect(),
                ..Work::default()
            }],
            ..Resume::default()
        }
    }

    #[track_caller]
    fn failed(highlights: &[&str], expected: &[&str]) {
        let report = check(&resume(highlights));
        let found: Vec<&str> =
            report.findings.iter().filter(|one| !one.passed).map(|one| one.code.as_str()).collect();
        assert_eq!(found, expected, "{report:#?}");
        assert!((0.0..=100.0).contains(&report.score));
        assert!(report.findings.iter().all(|one| one.passed == one.mend.is_empty()));
    }

    const GOOD: &[&str] = &[
        "Cut the time of the nightly settlement from 3 hours to 20 minutes by sorting in memory.",
        "Successfully led the move of the warehouse to a new building with 14 colleagues.",
        "Taught the night shift how to read the new scanners and the old ledgers.",
    ];

    #[test]
    fn good_bullets_get_the_full_score() {
        failed(GOOD, &[]);
        assert!(check(&resume(GOOD)).score > 99.0);
    }

    #[test]
    fn each_fault_has_its_finding() {
        let with = |bad: &'static str| vec![GOOD[0], GOOD[1], GOOD[2], GOOD[0], bad];
        failed(
            &["Responsible for 3 of the trucks and the trailers in the yard at night."],
            &["action_verbs"],
        );
        failed(&["Repaired the trucks and the trailers in the yard at night."], &["figures"]);
        failed(&["Repaired 3 of the trucks.", "Sold 40 of the boats."], &["bullet_length"]);
        failed(&with("Repaired 3 of our trucks, and I also painted the yard wall."), &["first_person"]);
        failed(&with("Worked as a team player with 3 of the trucks in the yard."), &["worn_phrases"]);
        failed(&with("Repair 3 of the trucks and the trailers in the yard at night."), &["tense"]);
        failed(&["Sold 3 of the trucks and the trailers in the yard at night."; 6], &["repeated_openings"]);
        failed(&[], &["no_bullets"]);
    }

    #[test]
    fn what_only_looks_like_the_first_person_is_none() {
        failed(&["Planned Phase I of the US plant in Dover for 3 of the mills."], &[]);
    }

    #[test]
    fn other_languages_are_not_judged_by_english_rules() {
        let report =
            check(&resume(&["Leitung der Werkstatt mit 12 Kollegen und Einkauf von Teilen für die Flotte."]));
        assert!(report.findings.iter().all(|one| one.passed), "{report:#?}");
        assert!(report.findings.iter().any(|one| one.code == "language_not_judged"));
    }

    #[test]
    fn an_entry_without_bullets_is_read_by_its_description() {
        let mut resume = resume(&[]);
        resume.work[0].summary = Some(
            "Ran the yard of 40 trucks by night for the harbour. Sold 12 of the old boats to the museum."
                .into(),
        );
        let report = check(&resume);
        assert!(
            report.findings.iter().any(|one| one.message.contains("2 of 2 points name an amount")),
            "{report:#?}"
        );
    }
}
