//! Years of experience: what a posting asks for against what the dated work of the resume adds up to.

use crate::engine::matching::index::{Hit, Index, Strength, union};
use crate::engine::words::{is_function_word, stem, words};

/// What the dated work says to a number of years.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Years {
    /// Months found.
    pub(crate) months: i32,
    /// Whether they are enough.
    pub(crate) met: bool,
    /// The share of what was asked, 0 to 1.
    pub(crate) share: f64,
}

impl Years {
    /// Of some months against years asked. A month short is not held against anybody: resumes round.
    pub(crate) fn of(months: i32, asked: f32) -> Self {
        let asked_months = f64::from(asked) * 12.0;
        let share = if asked_months > 0.0 { (f64::from(months) / asked_months).min(1.0) } else { 1.0 };
        Self { months, met: f64::from(months) + 1.0 >= asked_months, share }
    }

    /// "2.5 years", "1 year", "8 months".
    pub(crate) fn in_words(&self) -> String {
        duration(f64::from(self.months) / 12.0)
    }
}

/// A number of years in words.
pub(crate) fn duration(years: f64) -> String {
    if years < 0.95 {
        let months = (years * 12.0).round();
        return if (months - 1.0).abs() < 0.5 { "1 month".into() } else { format!("{months:.0} months") };
    }
    let rounded = (years * 10.0).round() / 10.0;
    if (rounded - 1.0).abs() < 0.01 {
        "1 year".into()
    } else if (rounded - rounded.round()).abs() < 0.01 {
        format!("{rounded:.0} years")
    } else {
        format!("{rounded:.1} years")
    }
}

/// The months of all dated work, overlaps counted once, with a hit for each entry.
pub(crate) fn all_work(index: &Index) -> (i32, Vec<Hit>) {
    work_about(index, &[])
}

/// The same for the entries whose texts hold at least half of these stems; all entries when there are none.
pub(crate) fn work_about(index: &Index, subject: &[String]) -> (i32, Vec<Hit>) {
    let mut entries: Vec<(&str, Vec<usize>)> = Vec::new();
    for (number, witness) in index.witnesses.iter().enumerate() {
        if witness.place.section() != "work" || witness.strength != Strength::Shown {
            continue;
        }
        let Some(entry) = crate::engine::places::entry(&witness.place.pointer) else {
            continue;
        };
        match entries.iter_mut().find(|(other, _)| *other == entry) {
            Some((_, places)) => places.push(number),
            None => entries.push((entry, vec![number])),
        }
    }
    let mut intervals = Vec::new();
    let mut hits = Vec::new();
    for (_, places) in entries {
        let witnesses: Vec<_> = places.iter().filter_map(|place| index.witnesses.get(*place)).collect();
        let holds = |stem: &String| witnesses.iter().any(|witness| witness.stems.stems.contains(stem));
        let found = subject.iter().filter(|stem| holds(stem)).count();
        if found * 2 < subject.len() {
            continue;
        }
        if let (Some(place), Some(time)) =
            (places.first(), witnesses.first().and_then(|witness| witness.time))
        {
            intervals.push(time);
            hits.push(Hit { place: *place, strength: Strength::Shown, start: 0 });
        }
    }
    (union(intervals.into_iter()), hits)
}

/// What a requirement is about beside its number of years: its words without the usual phrases around them.
pub(crate) fn subject(text: &str) -> Vec<String> {
    const USUAL: &[&str] = &[
        "year",
        "month",
        "experi",
        "least",
        "minimum",
        "work",
        "profession",
        "relev",
        "proven",
        "demonstr",
        "strong",
        "solid",
        "good",
        "excel",
        "knowledg",
        "understand",
        "abil",
        "abl",
        "skill",
        "track",
        "record",
        "must",
        "have",
        "requir",
        "prefer",
        "desir",
        "plus",
        "ideal",
        "previous",
        "prior",
        "equival",
        "relat",
        "field",
        "role",
        "posit",
        "similar",
        "industri",
        "familiar",
        "profici",
        "expertis",
        "background",
        "hand",
        "hands-on",
        "extens",
        "practic",
        "proof",
        "like",
        "etc",
        "e.g",
        "i.e",
        "combin",
        "educ",
        "job",
        "candid",
        "success",
        "well",
    ];
    let mut found: Vec<String> = Vec::new();
    for word in words(text) {
        let folded = word.text.to_lowercase();
        let stem = stem(word.text);
        let skip = is_function_word(&folded)
            || USUAL.contains(&stem.as_str())
            || folded.chars().all(|letter| !letter.is_alphabetic())
            || folded.chars().count() < 2 && folded.is_ascii();
        if !skip && !found.contains(&stem) {
            found.push(stem);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::engine::matching::years::{Years, duration, subject};

    #[test]
    fn durations_read_like_speech() {
        let check = |years, expected: &str| assert_eq!(duration(years), expected);
        check(0.0, "0 months");
        check(1.0 / 12.0, "1 month");
        check(1.0, "1 year");
        check(2.5, "2.5 years");
        check(3.0, "3 years");
    }

    #[test]
    fn a_month_short_is_enough() {
        assert!(Years::of(59, 5.0).met);
        assert!(!Years::of(57, 5.0).met);
    }

    #[test]
    fn the_usual_phrases_are_not_the_subject() {
        assert_eq!(
            subject("At least 5+ years of proven experience in warehouse logistics"),
            ["warehous", "logist"]
        );
        assert!(subject("3 years of relevant professional experience").is_empty());
    }
}
