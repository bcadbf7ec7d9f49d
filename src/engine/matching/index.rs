//! The resume as evidence: which of its texts show a term, which only claim it, and when it was.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use crate::domain::report::Evidence;
use crate::domain::resume::{PartialDate, Resume};
use crate::engine::lexicon::{Relation, TermId, lexicon};
use crate::engine::places::{Place, entry, places, to_json};
use crate::engine::words::{fold, is_denied, stem, words};

/// How strongly a place speaks for a term that stands there, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// A term close to it stands there.
    Near,
    /// It stands in a list of skills, the summary, or a section of unknown kind.
    Claimed,
    /// It stands in the description of something done, studied or earned.
    Shown,
}

/// One place that speaks for a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Index into the places.
    pub(crate) place: usize,
    /// How strongly.
    pub(crate) strength: Strength,
    /// First byte of the words that do.
    pub(crate) start: usize,
}

/// Months since year 0, both ends included in what lies between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interval {
    /// First month.
    pub(crate) start: i32,
    /// The month after the last.
    pub(crate) end: i32,
}

/// Something asked for, ready to be looked up.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    /// Its name as the posting's requirement gives it.
    pub(crate) name: String,
    id: Option<TermId>,
    phrase: Vec<String>,
}

impl Term {
    /// A term by its name.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), id: lexicon().find(name), phrase: Stems::of(name).stems }
    }

    /// Its place in the lexicon, if it has one.
    pub(crate) fn id(&self) -> Option<TermId> {
        self.id
    }

    // A one-word name of the lexicon may be an everyday word in a text ("go", "excel"): there the lexicon's own
    // reading decides. Names of several words, and names it does not know, are also looked for by their stems.
    fn searchable_phrase(&self) -> Option<&[String]> {
        (self.id.is_none() || self.phrase.len() > 1).then_some(self.phrase.as_slice())
    }
}

/// A text's stems with where each word starts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stems {
    /// The stems in order.
    pub(crate) stems: Vec<String>,
    starts: Vec<usize>,
}

impl Stems {
    /// Of a text.
    pub(crate) fn of(text: &str) -> Self {
        let words = words(text);
        Self {
            stems: words.iter().map(|word| stem(word.text)).collect(),
            starts: words.iter().map(|word| word.start).collect(),
        }
    }

    fn find(&self, phrase: &[String]) -> Option<usize> {
        let at = crate::engine::words::find_phrase(&self.stems, phrase)?;
        self.starts.get(at).copied()
    }
}

/// A place that counts as evidence.
#[derive(Debug)]
pub(crate) struct Witness {
    /// Where it stands and what it says.
    pub(crate) place: Place,
    /// Whether it shows or claims.
    pub(crate) strength: Strength,
    /// Its words.
    pub(crate) stems: Stems,
    /// When the entry that it belongs to was, if dated.
    pub(crate) time: Option<Interval>,
}

/// Everything in a resume that can be evidence, indexed by lexicon term.
#[derive(Debug)]
pub(crate) struct Index {
    /// The places in the order of the resume.
    pub(crate) witnesses: Vec<Witness>,
    /// The month of `as_of`.
    pub(crate) now: i32,
    by_term: BTreeMap<TermId, Vec<(usize, usize)>>,
}

impl Index {
    /// Of a resume, with "present" meaning `as_of`.
    pub(crate) fn new(resume: &Resume, as_of: NaiveDate) -> Self {
        let now = as_of.year() * 12 + i32::try_from(as_of.month0()).unwrap_or(0);
        let json = to_json(resume);
        let times = times(&json, now);
        let mut witnesses = Vec::new();
        let mut by_term: BTreeMap<TermId, Vec<(usize, usize)>> = BTreeMap::new();
        for place in places(&json) {
            let Some(strength) = strength(&place) else {
                continue;
            };
            for (term, start) in terms_at(&place) {
                by_term.entry(term).or_default().push((witnesses.len(), start));
            }
            let time = entry(&place.pointer).and_then(|entry| times.get(entry)).copied();
            witnesses.push(Witness { stems: Stems::of(&place.text), place, strength, time });
        }
        Self { witnesses, now, by_term }
    }

    /// Every place that speaks for a term, strongest first, then latest, then in the order of the resume;
    /// at most one hit a place.
    pub(crate) fn find(&self, term: &Term) -> Vec<Hit> {
        let mut best: BTreeMap<usize, Hit> = BTreeMap::new();
        let mut add = |place: usize, start: usize, near: bool| {
            let Some(witness) = self.witnesses.get(place) else {
                return;
            };
            let strength = if near { Strength::Near } else { witness.strength };
            let hit = Hit { place, strength, start };
            let kept = best.entry(place).or_insert(hit);
            if strength > kept.strength {
                *kept = hit;
            }
        };
        if let Some(wanted) = term.id {
            for (have, places) in &self.by_term {
                let near = match lexicon().relation(*have, wanted) {
                    Some(Relation::Same | Relation::Narrower) => false,
                    Some(Relation::Broader | Relation::Sibling) => true,
                    None if *have == wanted => false,
                    None => continue,
                };
                for (place, start) in places {
                    add(*place, *start, near);
                }
            }
        }
        if let Some(phrase) = term.searchable_phrase() {
            for (place, witness) in self.witnesses.iter().enumerate() {
                if let Some(start) = witness.stems.find(phrase)
                    && !is_denied(&witness.place.text, start)
                {
                    add(place, start, false);
                }
            }
        }
        let mut hits: Vec<Hit> = best.into_values().collect();
        self.sort(&mut hits);
        hits
    }

    /// Strongest first, then latest, then in the order of the resume.
    pub(crate) fn sort(&self, hits: &mut [Hit]) {
        let end =
            |hit: &Hit| self.witnesses.get(hit.place).and_then(|witness| witness.time).map(|time| time.end);
        hits.sort_by_key(|hit| (std::cmp::Reverse(hit.strength), std::cmp::Reverse(end(hit)), hit.place));
    }

    /// How many mentions of a term the resume has, under any of its names.
    pub(crate) fn count(&self, term: &Term) -> usize {
        let by_id = term.id.and_then(|id| self.by_term.get(&id)).map_or(0, Vec::len);
        let by_words = term.searchable_phrase().map_or(0, |phrase| {
            self.witnesses.iter().filter(|witness| witness.stems.find(phrase).is_some()).count()
        });
        by_id.max(by_words)
    }

    /// The hit as evidence: where it stands and the words around it.
    pub(crate) fn evidence(&self, hit: Hit) -> Option<Evidence> {
        let place = &self.witnesses.get(hit.place)?.place;
        Some(Evidence {
            section: place.section().to_owned(),
            item: place.pointer.clone(),
            quote: quote(&place.text, hit.start).to_owned(),
        })
    }

    /// The time that the entries of these hits cover together, in months; overlaps count once. Only paid work.
    pub(crate) fn months_of_work(&self, hits: &[Hit]) -> i32 {
        union(hits.iter().filter(|hit| hit.strength == Strength::Shown).filter_map(|hit| {
            let witness = self.witnesses.get(hit.place)?;
            witness.time.filter(|_| witness.place.section() == "work")
        }))
    }
}

/// The months that some intervals cover together.
pub(crate) fn union(intervals: impl Iterator<Item = Interval>) -> i32 {
    let mut intervals: Vec<Interval> = intervals.collect();
    intervals.sort_unstable();
    let (mut months, mut reached) = (0, i32::MIN);
    for interval in intervals {
        let start = interval.start.max(reached);
        months += (interval.end - start).max(0);
        reached = reached.max(interval.end);
    }
    months
}

/// The dated entries of a resume by pointer.
fn times(resume: &Value, now: i32) -> BTreeMap<String, Interval> {
    let mut times = BTreeMap::new();
    for section in ["work", "volunteer", "projects", "education"] {
        let entries = resume.get(section).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (index, fields) in entries.iter().enumerate() {
            if let Some(time) = interval(fields, now) {
                times.insert(format!("/{section}/{index}"), time);
            }
        }
    }
    for (section, field) in [("certificates", "date"), ("publications", "releaseDate"), ("awards", "date")] {
        let entries = resume.get(section).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (index, fields) in entries.iter().enumerate() {
            if let Some(date) = date(fields, field) {
                let start = date.months();
                times.insert(format!("/{section}/{index}"), Interval { start, end: start + 1 });
            }
        }
    }
    times
}

fn interval(fields: &Value, now: i32) -> Option<Interval> {
    let start = date(fields, "startDate");
    let end = date(fields, "endDate");
    // A month is lived to its end. A year alone is taken at its January on both sides, so that "2017 to 2019"
    // counts two years: the least that it surely is not far from.
    let last = |date: PartialDate| date.months() + i32::from(date.month.is_some());
    match (start, end) {
        (Some(start), Some(end)) => {
            let start = start.months();
            Some(Interval { start, end: last(end).clamp(start + 1, (now + 1).max(start + 1)) })
        }
        (Some(start), None) => {
            Some(Interval { start: start.months(), end: (now + 1).max(start.months() + 1) })
        }
        (None, Some(end)) => Some(Interval { start: last(end) - 1, end: last(end) }),
        (None, None) => None,
    }
}

fn date(fields: &Value, name: &str) -> Option<PartialDate> {
    fields.get(name)?.as_str()?.parse().ok()
}

/// What a place is worth as evidence; `None` for names, contacts, dates and the like.
fn strength(place: &Place) -> Option<Strength> {
    match (place.section(), place.field()) {
        ("work" | "volunteer", "position" | "summary" | "highlights")
        | ("projects", "name" | "description" | "highlights" | "keywords" | "roles")
        | ("education", "studyType" | "area" | "courses" | "x-highlights")
        | ("certificates", "name")
        | ("publications", "name" | "summary")
        | ("awards", "title" | "summary") => Some(Strength::Shown),
        ("basics", "label" | "summary")
        | ("work", "description")
        | ("skills", "name" | "keywords")
        | ("languages", "language")
        | ("x-sections", "paragraphs") => Some(Strength::Claimed),
        _ => None,
    }
}

/// The lexicon terms of a place with where they start.
fn terms_at(place: &Place) -> Vec<(TermId, usize)> {
    let lexicon = lexicon();
    let text = &place.text;
    let mut found: Vec<(TermId, usize)> = lexicon
        .mentions(text)
        .into_iter()
        .filter(|mention| !is_denied(text, mention.start))
        .map(|mention| (mention.term, mention.start))
        .collect();
    // An item of a list is a name by itself, so that "Go" needs no context there.
    let is_item = matches!(
        (place.section(), place.field()),
        ("skills" | "projects", "keywords") | ("skills" | "certificates", "name") | ("languages", "language")
    );
    if is_item
        && let Some(term) = lexicon.find(text)
        && !found.iter().any(|(other, _)| *other == term)
    {
        found.push((term, 0));
    }
    found
}

/// At most this many bytes of a text are quoted.
const MAX_QUOTE: usize = 280;

/// The text itself, or where it is long the sentence around a byte of it; always a part of it, word for word.
fn quote(text: &str, at: usize) -> &str {
    let text_trimmed = text.trim();
    if text_trimmed.len() <= MAX_QUOTE {
        return text_trimmed;
    }
    let is_end = |window: &(usize, char)| matches!(window.1, '.' | '!' | '?' | '\n' | ';' | '\u{3002}');
    let begin = text
        .char_indices()
        .filter(|window| window.0 < at && is_end(window))
        .rfind(|(end, mark)| {
            text.get(end + mark.len_utf8()..).is_some_and(|rest| rest.starts_with([' ', '\n']))
        })
        .map_or(0, |(end, mark)| end + mark.len_utf8());
    let rest = text.get(begin..).unwrap_or(text);
    let lead = rest.len() - rest.trim_start().len();
    let rest = rest.trim_start();
    let after = at.saturating_sub(begin + lead);
    let end = rest
        .char_indices()
        .filter(|window| window.0 > after && is_end(window))
        .find(|(end, mark)| {
            rest.get(end + mark.len_utf8()..)
                .is_none_or(|rest| rest.is_empty() || rest.starts_with([' ', '\n']))
        })
        .map_or(rest.len(), |(end, mark)| end + mark.len_utf8());
    let sentence = rest.get(..end).unwrap_or(rest).trim_end();
    if sentence.len() <= MAX_QUOTE {
        return sentence;
    }
    // Cut at spaces, keeping the words that matter: from a little before them.
    let from = rest
        .char_indices()
        .rfind(|(start, letter)| letter.is_whitespace() && *start + MAX_QUOTE / 2 < after)
        .map_or(0, |(start, letter)| start + letter.len_utf8());
    let cut = sentence.get(from..).unwrap_or(sentence);
    let to = cut
        .char_indices()
        .rfind(|(end, letter)| letter.is_whitespace() && *end <= MAX_QUOTE)
        .map_or(cut.len().min(MAX_QUOTE), |(end, _)| end);
    cut.get(..to).unwrap_or(cut).trim_end()
}

/// Whether a text says this name letter for letter, case aside, as whole words.
pub(crate) fn says(text: &str, name: &str) -> bool {
    let (text, name) = (fold(text), fold(name));
    let is_part =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || "+#".contains(letter));
    text.match_indices(&name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
        !is_part(before) && !is_part(after)
    })
}

#[cfg(test)]
mod tests {
    use crate::engine::matching::index::{Interval, quote, says, union};

    #[test]
    fn overlapping_times_count_once() {
        let check = |intervals: &[(i32, i32)], expected| {
            let intervals = intervals.iter().map(|(start, end)| Interval { start: *start, end: *end });
            assert_eq!(union(intervals), expected);
        };
        check(&[], 0);
        check(&[(0, 12), (6, 18)], 18);
        check(&[(24, 36), (0, 12), (0, 6)], 24);
    }

    #[test]
    fn a_quote_is_part_of_the_text_and_holds_the_words() {
        let text =
            format!("{} Ran Kafka for orders. {}", "Wrote much. ".repeat(30), "More of it. ".repeat(30));
        let at = text.find("Kafka").unwrap_or_default();
        assert_eq!(quote(&text, at), "Ran Kafka for orders.");
        let endless = format!("{} Kafka {}", "word ".repeat(100), "word ".repeat(100));
        let found = quote(&endless, endless.find("Kafka").unwrap_or_default());
        assert!(found.contains("Kafka") && endless.contains(found) && found.len() <= 280, "{found}");
    }

    #[test]
    fn a_name_is_said_as_whole_words() {
        assert!(says("Uses C++ daily", "c++") && !says("Uses C++ daily", "C") && says("in Go.", "go"));
    }
}
