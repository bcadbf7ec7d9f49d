//! Entries of the truth and ours: which belong together, and which are left.

use crate::normal::{normal, same};
use crate::score::{Metric, Score};

/// Whether a field is right; what the truth does not know is not asked.
pub(crate) fn is_right(expected: Option<&str>, had: Option<&str>) -> bool {
    expected.is_none_or(|expected| same(expected, had))
}

/// For each expected entry one of ours that is right, none of ours twice.
pub(crate) fn pair<E, O>(expected: &[E], ours: &[O], right: impl Fn(&E, &O) -> bool) -> Vec<Option<usize>> {
    let mut pairs: Vec<Option<usize>> = Vec::new();
    for entry in expected {
        let is_free = |at: &usize| !pairs.contains(&Some(*at));
        let found = ours.iter().enumerate().find(|(at, ours)| is_free(at) && right(entry, ours));
        pairs.push(found.map(|(at, _)| at));
    }
    pairs
}

/// Adds what was found of the expected ones, and of ours; without a number of ours, none of them is too many.
pub(crate) fn count(
    score: &mut Score,
    metrics: (Metric, Metric),
    pairs: &[Option<usize>],
    ours: Option<usize>,
) {
    let found = pairs.iter().flatten().count();
    score.add(metrics.0, found, pairs.len());
    score.add(metrics.1, found, ours.unwrap_or(found));
}

/// Ours that are paired with none.
pub(crate) fn unpaired<'a, O>(ours: &'a [O], pairs: &[Option<usize>]) -> Vec<&'a O> {
    ours.iter().enumerate().filter(|(at, _)| !pairs.contains(&Some(*at))).map(|(_, ours)| ours).collect()
}

/// Takes the most alike out of the list, unless none is.
pub(crate) fn nearest<'a, O>(left: &mut Vec<&'a O>, likeness: impl Fn(&O) -> f64) -> Option<&'a O> {
    let (at, best) =
        left.iter().map(|ours| likeness(ours)).enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (best > 1.0).then(|| left.remove(at))
}

/// How alike two texts are, from 0 to 1; only to show what belongs together, never to count.
pub(crate) fn likeness(expected: Option<&str>, had: Option<&str>) -> f64 {
    match (expected, had) {
        (Some(expected), Some(had)) => strsim::jaro_winkler(&normal(expected), &normal(had)),
        _ => 0.0,
    }
}

/// The names of what is wrong.
pub(crate) fn names(wrong: &[(bool, &'static str)]) -> String {
    wrong.iter().filter(|(is_wrong, _)| *is_wrong).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

/// The parts of an entry in one line.
pub(crate) fn joined(parts: &[Option<&str>]) -> String {
    parts.iter().map(|part| part.unwrap_or("–")).collect::<Vec<_>>().join(" | ")
}
