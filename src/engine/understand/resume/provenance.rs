//! Where each text of a resume stood in its document: found again word by word, each word once where it can be.

use std::collections::{BTreeMap, HashMap};

use crate::domain::reading::{Provenance, Stretch};
use crate::domain::resume::Resume;
use crate::domain::source::SourceText;
use crate::engine::places::{Place, entry, places, section, to_json};
use crate::engine::understand::resume::evidence::{company, degree, school, title};
use crate::engine::understand::resume::text::word_spans;

/// Occurrences of a word that are looked at on either side of where the last field ended: a document of one word, said
/// a hundred thousand times, is read as fast as any other.
const NEAREST: usize = 24;
/// Words that may stand between two words of one field: the dates that were taken out of a title.
const BETWEEN: usize = 4;
/// What a word between costs of the confidence in the whole.
const PER_GAP: f32 = 0.02;

/// Words of a field that are looked for at one place before the place is chosen: of a document that says one sentence
/// ten thousand times, not all of it is compared with all of it.
const AT_ONCE: usize = 32;

/// What it costs when another field has all the words already.
const SHARED: f32 = 0.3;

/// A word of the document.
#[derive(Debug, Clone, Copy)]
struct Token {
    line: usize,
    /// Characters, not bytes.
    start: usize,
    end: usize,
}

/// The words of a document with where each occurs.
struct Words {
    tokens: Vec<Token>,
    folded: Vec<String>,
    places: HashMap<String, Vec<usize>>,
    is_used: Vec<bool>,
}

impl Words {
    fn of(source: &SourceText) -> Self {
        let mut all =
            Self { tokens: Vec::new(), folded: Vec::new(), places: HashMap::new(), is_used: Vec::new() };
        for (line, text) in source.lines.iter().map(crate::domain::source::Line::text).enumerate() {
            let (mut byte, mut chars) = (0, 0);
            for (start, end, word) in word_spans(&text) {
                let count =
                    |from: usize, to: usize| text.get(from..to).map_or(0, |part| part.chars().count());
                let first = chars + count(byte, start);
                let last = first + count(start, end);
                (byte, chars) = (end, last);
                all.places.entry(word.clone()).or_default().push(all.tokens.len());
                all.tokens.push(Token { line, start: first, end: last });
                all.folded.push(word);
            }
        }
        all.is_used = vec![false; all.tokens.len()];
        all
    }

    /// The occurrences of a word nearest to a place, first those after it.
    fn near(&self, word: &str, cursor: usize) -> impl Iterator<Item = usize> {
        let all = self.places.get(word).map_or(&[][..], Vec::as_slice);
        let at = all.partition_point(|place| *place < cursor);
        let (before, after) = all.split_at_checked(at).unwrap_or((all, &[]));
        let after = after.iter().take(NEAREST);
        after.chain(before.iter().rev().take(NEAREST)).copied()
    }

    /// How many of the wanted words follow from a place on, and where the last of them stands.
    fn run(&self, wanted: &[String], start: usize) -> Run {
        let mut run = Run { tokens: Vec::new(), gaps: 0, used: 0 };
        let mut at = start;
        for word in wanted.iter().take(AT_ONCE) {
            let near = (at..=at + if run.tokens.is_empty() { 0 } else { BETWEEN })
                .find(|place| self.folded.get(*place).is_some_and(|found| found == word));
            let Some(found) = near else { break };
            run.gaps += found - at;
            run.used += usize::from(self.is_used.get(found).copied().unwrap_or(true));
            run.tokens.push(found);
            at = found + 1;
        }
        run
    }

    /// The best place for the first of the wanted words and as many after it as stand there.
    fn best(&self, wanted: &[String], cursor: usize) -> Option<Run> {
        let first = wanted.first()?;
        let distance = |place: usize| if place >= cursor { place - cursor } else { (cursor - place) * 3 };
        self.near(first, cursor)
            .map(|start| (start, self.run(wanted, start)))
            .min_by_key(|(start, run)| {
                (
                    std::cmp::Reverse(run.tokens.len() - run.used.min(run.tokens.len())),
                    run.gaps,
                    distance(*start),
                )
            })
            .map(|(_, run)| run)
    }
}

/// Words that stand together.
struct Run {
    tokens: Vec<usize>,
    /// Words of something else between them.
    gaps: usize,
    /// Those that another field has already.
    used: usize,
}

/// A field found again.
struct Found {
    tokens: Vec<usize>,
    /// How well its words stand together, 0 to 1.
    fit: f32,
}

/// Where each text of the resume stood, by its JSON pointer. The same document and resume give the same answer.
pub(crate) fn trace(source: &SourceText, resume: &Resume) -> BTreeMap<String, Provenance> {
    let json = to_json(resume);
    let all = places(&json);
    let links = links(source);
    let mut words = Words::of(source);
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let mut result: BTreeMap<String, Provenance> = BTreeMap::new();
    // Headings first: each section is looked for from its own on.
    let mut starts: HashMap<String, usize> = HashMap::new();
    let mut cursor = 0;
    for (nth, heading) in resume.section_order.iter().enumerate() {
        let Some(text) = &heading.heading else { continue };
        let field = find(&mut words, text, cursor);
        cursor = field.tokens.last().map_or(cursor, |last| last + 1);
        if let Some(name) = &heading.section {
            starts.entry(name.clone()).or_insert(cursor);
        }
        let sources = stretches(source, &words, &field.tokens);
        let confidence = rounded(belief("x-sectionOrder", "heading", text) * (0.5 + 0.5 * field.fit));
        result.insert(format!("/x-sectionOrder/{nth}/heading"), Provenance { confidence, sources });
    }
    let mut cursor = 0;
    let mut last_section = "";
    for place in in_order(&all) {
        let name = name_of(&place.pointer);
        if is_derived(name) {
            continue;
        }
        if section(&place.pointer) != last_section {
            last_section = section(&place.pointer);
            cursor = starts.get(last_section).copied().unwrap_or(0);
        }
        let line = if name == "url" { links.get(place.text.as_str()).copied() } else { None };
        let field = match line {
            Some(line) => on_line(&words, line),
            None => find(&mut words, printed(name, &place.text), cursor),
        };
        cursor = field.tokens.last().map_or(cursor, |last| last + 1);
        found.insert(place.pointer.clone(), field);
    }
    result.extend(all.iter().map(|place| (place.pointer.clone(), provenance(source, &words, place, &found))));
    result
}

/// The last key of a pointer, or the one before an index.
fn name_of(pointer: &str) -> &str {
    pointer.rsplit('/').find(|key| !key.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or_default()
}

/// Names and titles before descriptions, so that those get the words at the head of their entry; entries in order.
fn in_order(all: &[Place]) -> Vec<&Place> {
    let rank = |place: &Place| match name_of(&place.pointer) {
        "highlights" | "summary" | "description" | "x-highlights" | "courses" | "reference" => 1,
        _ => 0,
    };
    let mut order: Vec<(usize, &Place)> = all.iter().enumerate().collect();
    let mut entries: HashMap<&str, usize> = HashMap::new();
    for (nth, place) in &order {
        entries.entry(entry(&place.pointer).unwrap_or_else(|| section(&place.pointer))).or_insert(*nth);
    }
    order.sort_by_key(|(nth, place)| {
        let own = entry(&place.pointer).unwrap_or_else(|| section(&place.pointer));
        (entries.get(own).copied().unwrap_or(*nth), rank(place), *nth)
    });
    order.into_iter().map(|(_, place)| place).collect()
}

/// Fields whose words are not the document's: they say what another field's words mean.
fn is_derived(name: &str) -> bool {
    matches!(name, "startDate" | "endDate" | "network" | "countryCode" | "x-phone")
}

/// The field beside it whose words a derived field was made from.
fn origin(name: &str) -> &'static [&'static str] {
    match name {
        "startDate" | "endDate" => &["x-dates"],
        "network" => &["url", "username"],
        "x-phone" => &["phone"],
        "countryCode" => &["address", "city", "region"],
        _ => &[],
    }
}

/// What of a field is printed: an address usually without its scheme, of a date only the year.
fn printed<'a>(name: &str, text: &'a str) -> &'a str {
    match name {
        "url" => {
            let text = text.split_once("://").map_or(text, |(_, rest)| rest);
            text.strip_prefix("www.").unwrap_or(text)
        }
        "date" | "releaseDate" => text.get(..4).unwrap_or(text),
        _ => text,
    }
}

/// The first line from which a link leads to each address.
fn links(source: &SourceText) -> HashMap<&str, usize> {
    let mut found = HashMap::new();
    for (at, line) in source.lines.iter().enumerate() {
        for target in line.spans.iter().filter_map(|span| span.link.as_deref()) {
            found.entry(target).or_insert(at);
        }
    }
    found
}

fn on_line(words: &Words, line: usize) -> Found {
    let tokens = (0..words.tokens.len())
        .skip(words.tokens.partition_point(|token| token.line < line))
        .take_while(|at| words.tokens.get(*at).is_some_and(|token| token.line == line))
        .collect();
    Found { tokens, fit: 1.0 }
}

fn find(words: &mut Words, text: &str, cursor: usize) -> Found {
    let wanted: Vec<String> = word_spans(text).into_iter().map(|(_, _, word)| word).collect();
    let (mut at, mut from) = (0, cursor);
    let (mut tokens, mut gaps, mut breaks, mut used) = (Vec::new(), 0, 0_usize, 0);
    while let Some(rest) = wanted.get(at..).filter(|rest| !rest.is_empty()) {
        match words.best(rest, from).filter(|run| !run.tokens.is_empty()) {
            Some(run) => {
                let found = run.tokens.len();
                at += found;
                from = run.tokens.last().map_or(from, |last| last + 1);
                gaps += run.gaps;
                used += run.used;
                for token in &run.tokens {
                    if let Some(used) = words.is_used.get_mut(*token) {
                        *used = true;
                    }
                }
                tokens.extend(run.tokens);
                // Where it was looked no further, nothing broke off.
                breaks += usize::from(at < wanted.len() && found < AT_ONCE);
            }
            None => {
                at += 1;
                breaks += 1;
            }
        }
    }
    let share = ratio(tokens.len(), wanted.len());
    let costs = PER_GAP * (ratio(gaps, 1) + 2.0 * ratio(breaks, 1)) + SHARED * ratio(used, wanted.len());
    tokens.sort_unstable();
    tokens.dedup();
    Found { tokens, fit: (share - costs.min(0.6)).max(0.0) }
}

fn ratio(part: usize, whole: usize) -> f32 {
    let count = |number: usize| u16::try_from(number).map_or(f32::from(u16::MAX), f32::from);
    if whole == 0 { 0.0 } else { count(part) / count(whole) }
}

fn provenance(
    source: &SourceText,
    words: &Words,
    place: &Place,
    found: &BTreeMap<String, Found>,
) -> Provenance {
    let name = name_of(&place.pointer);
    let beside = |other: &&str| {
        let parent = place.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        found.get(&format!("{parent}/{other}"))
    };
    let field = found.get(&place.pointer).or_else(|| origin(name).iter().find_map(beside));
    let fit = field.map_or(0.0, |field| field.fit);
    let confidence = belief(section(&place.pointer), name, &place.text) * (0.5 + 0.5 * fit);
    Provenance {
        confidence: rounded(confidence),
        sources: field.map(|field| stretches(source, words, &field.tokens)).unwrap_or_default(),
    }
}

/// Hundredths: more would promise what nobody measured.
fn rounded(confidence: f32) -> f32 {
    (confidence * 100.0).round() / 100.0
}

/// How sure a field of this name is when its words stand together: higher where its own words speak for it.
fn belief(section: &str, name: &str, text: &str) -> f32 {
    let told = |strength: f32, sure: f32, unsure: f32| if strength >= 1.0 { sure } else { unsure };
    match (section, name) {
        ("basics", "email" | "url" | "username") | (_, "url" | "heading") => 0.99,
        ("basics", "phone" | "x-phone" | "network") | (_, "x-dates" | "startDate" | "endDate") => 0.98,
        ("work" | "volunteer", "position") => told(title(text), 0.97, 0.8),
        ("work", "name") | ("volunteer", "organization") => told(company(text), 0.97, 0.85),
        ("education", "institution") => told(school(text), 0.97, 0.8),
        ("education", "studyType") => told(degree(text), 0.97, 0.8),
        ("basics", "name") | (_, "highlights" | "x-highlights" | "summary" | "paragraphs") => 0.97,
        ("skills" | "languages", _) => 0.95,
        _ => 0.9,
    }
}

/// The words as stretches of lines, one for each line and for each place in it.
fn stretches(source: &SourceText, words: &Words, tokens: &[usize]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut before: Option<usize> = None;
    let whole = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    for at in tokens {
        let Some(token) = words.tokens.get(*at) else { continue };
        let line = whole(token.line + 1);
        match found.last_mut() {
            Some(last) if last.line == line && before.is_some_and(|before| before + 1 == *at) => {
                last.characters = [last.characters.first().copied().unwrap_or(0), whole(token.end)];
            }
            _ => found.push(Stretch {
                line,
                characters: [whole(token.start), whole(token.end)],
                area: source.lines.get(token.line).and_then(|line| line.area),
            }),
        }
        before = Some(*at);
    }
    found
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use proptest::prelude::proptest;
    use serde_json::Value;

    use crate::domain::reading::{Reading, Stretch};
    use crate::domain::source::SourceText;
    use crate::engine::places::{places, to_json};
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::{reading, understand};

    const RESUME: &str = "Ada Example\nada@example.org | github.com/ada\n\nEXPERIENCE\n\nSenior Engineer, Vireo Labs\n\
        Mar 2019 – Present\n• Built the scheduler of the fleet in Rust\n• Cut its cost by a third\n\nEngineer, Coral \
        Systems\n2014 – Feb 2019\n• Built pipelines in Rust\n\nSKILLS\n\nRust, Go, Kubernetes\n";

    fn both(text: &str) -> (SourceText, Reading) {
        let source = read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap();
        let reading = reading(&source, understand(&source));
        (source, reading)
    }

    /// What stands at a stretch of the document.
    fn at(source: &SourceText, stretch: &Stretch) -> String {
        let line = source.lines.get(usize::try_from(stretch.line - 1).unwrap()).unwrap().text();
        let [start, end] = stretch.characters.map(|at| usize::try_from(at).unwrap());
        assert!(start < end && end <= line.chars().count(), "{stretch:?} in {line:?}");
        line.chars().skip(start).take(end - start).collect()
    }

    #[track_caller]
    fn check(pointer: &str, expected: &str, line: u32) {
        let (source, reading) = both(RESUME);
        let proof = reading.provenance.get(pointer).unwrap();
        let printed: Vec<String> = proof.sources.iter().map(|stretch| at(&source, stretch)).collect();
        assert_eq!(printed, [expected], "{pointer}");
        assert_eq!(proof.sources.first().unwrap().line, line, "{pointer}");
        assert!(proof.confidence >= 0.8, "{pointer}: {}", proof.confidence);
    }

    #[test]
    fn each_field_leads_to_its_own_words() {
        check("/basics/name", "Ada Example", 1);
        check("/basics/email", "ada@example.org", 2);
        check("/work/0/position", "Senior Engineer", 4);
        check("/work/0/name", "Vireo Labs", 4);
        check("/work/0/startDate", "Mar 2019 – Present", 5);
        check("/work/1/position", "Engineer", 8);
        check("/work/1/highlights/0", "Built pipelines in Rust", 10);
        check("/skills/0/name", "Rust", 12);
    }

    #[test]
    fn a_reading_is_a_resume_with_its_proof_beside_it() {
        let (_, reading) = both(RESUME);
        let json = serde_json::to_value(&reading).unwrap();
        assert_eq!(json.pointer("/work/0/name").and_then(Value::as_str), Some("Vireo Labs"));
        assert!(
            json.pointer("/x-provenance/~1work~10~1name/sources/0/line").is_some_and(Value::is_u64),
            "{json}"
        );
        assert_eq!(serde_json::from_value::<Reading>(json).unwrap(), reading);
    }

    #[test]
    fn what_is_no_fact_is_told_apart() {
        let (_, reading) = both(
            "Ada Example\nPhone: +49 30 1234567\n\nEXPERIENCE\n\nEngineer at Vireo Labs, 2014 – 2016\n\nPage 1 of 2\n",
        );
        assert_eq!(reading.furniture, ["Phone", "at", "Page 1 of 2"]);
    }

    proptest! {
        #[test]
        fn any_text_has_a_place_for_each_field_and_the_same_one_each_time(text in "[^\\p{Cc}]{0,200}") {
            let document = format!("Ada Example\n{text}\n");
            // What looks like no text is not read.
            proptest::prop_assume!(read(document.as_bytes(), "resume.txt", &Limits::default()).is_ok());
            let (source, reading) = both(&document);
            for place in places(&to_json(&reading.resume)) {
                let proof = reading.provenance.get(&place.pointer).unwrap();
                assert!((0.0..=1.0).contains(&proof.confidence));
                proof.sources.iter().for_each(|stretch| {
                    at(&source, stretch);
                });
            }
            assert_eq!(both(&document).1, reading);
        }
    }
}
