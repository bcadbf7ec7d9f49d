//! Sentences that ask for something, as requirements.

use crate::domain::posting::{Category, Requirement, RequirementKind};
use crate::engine::lexicon::{Mention, TermId, TermKind, lexicon};
use crate::engine::understand::posting::clause::{Group, groups, sentences};
use crate::engine::understand::posting::item::Shape;
use crate::engine::understand::posting::merge::merged;
use crate::engine::understand::posting::phrase::Phrases;
use crate::engine::understand::posting::salient::salient_phrases;
use crate::engine::understand::posting::words::{
    ASKS, HUMAN_LANGUAGE_CUES, INSISTS, NO_HUMAN_LANGUAGE, WELCOMES,
};
use crate::engine::understand::posting::years::years;
use crate::engine::understand::posting::zone::{Zone, Zoned};

/// Requirements that only the description of the work implies.
const MAX_FROM_DUTIES: usize = 15;
/// Requirements in the posting's own words alone.
const MAX_IN_OWN_WORDS: usize = 15;
/// Terms that one requirement lists before each becomes its own.
const MAX_LISTED_TERMS: usize = 3;
const MAX_TEXT_CHARS: usize = 300;
/// Longest sentence that is kept in its own words when it names no term.
const MAX_OWN_WORDS: usize = 30;

/// What a posting asks for, in its order, duplicates merged.
pub(crate) fn requirements(zoned: &[Zoned<'_>]) -> Vec<Requirement> {
    let mut found = Found::default();
    for item in zoned.iter().filter(|item| !item.is_boilerplate()) {
        if matches!(item.zone, Zone::Benefits | Zone::Legal | Zone::Apply) {
            continue;
        }
        for sentence in sentences(&item.item.text) {
            found.sentence(sentence, item);
        }
    }
    // What the description of the work implies counts last: what is asked for outright may name it too.
    for item in zoned.iter().filter(|item| item.zone == Zone::Duties && !item.is_boilerplate()) {
        for sentence in sentences(&item.item.text) {
            found.duty(sentence);
        }
    }
    merged(found.all)
}

#[derive(Default)]
struct Found {
    all: Vec<Requirement>,
    in_own_words: usize,
    from_duties: usize,
}

impl Found {
    fn sentence(&mut self, sentence: &str, item: &Zoned<'_>) {
        let phrases = Phrases::of(sentence);
        let mentions = lexicon().mentions(sentence);
        if !asks(sentence, &phrases, item, &mentions) {
            return;
        }
        let kind = kind(&phrases, item.zone);
        let asked_years = years(sentence).filter(|_| {
            phrases.has_any(&[
                "experience*",
                "erfahrung",
                "expérience",
                "experiencia",
                "as a",
                "as an",
                "in",
                "of",
                "with",
                "working",
                "prior",
            ])
        });
        let parts = Parts::of(sentence, &phrases, mentions);
        let mut told = false;
        for (category, group) in parts.groups {
            told = true;
            let category = if asked_years.is_some() && category == Category::Skill {
                Category::Experience
            } else {
                category
            };
            self.group(
                sentence,
                kind,
                category,
                &group,
                asked_years.filter(|_| category == Category::Experience),
            );
        }
        if !told || asked_years.is_some() && self.all.last().is_none_or(|last| last.years.is_none()) {
            self.own_words(sentence, &phrases, kind, item, asked_years, told);
        }
    }

    fn group(
        &mut self,
        sentence: &str,
        kind: RequirementKind,
        category: Category,
        group: &Group,
        years: Option<f32>,
    ) {
        let names: Vec<String> = group.terms.iter().map(|term| lexicon().name(*term).to_owned()).collect();
        if !group.any_of && names.len() > MAX_LISTED_TERMS {
            for name in names {
                let text = segment_naming(sentence, &name);
                self.all.push(requirement(&text, kind, category, vec![name], false, years));
            }
        } else {
            self.all.push(requirement(sentence, kind, category, names, group.any_of, years));
        }
    }

    /// A sentence that asks for something the lexicon does not know.
    fn own_words(
        &mut self,
        sentence: &str,
        phrases: &Phrases,
        kind: RequirementKind,
        item: &Zoned<'_>,
        years: Option<f32>,
        told: bool,
    ) {
        let words = phrases.words().count();
        let is_listed = matches!(item.zone, Zone::Must | Zone::Nice) && item.item.shape == Shape::Bullet;
        let salient = if told { Vec::new() } else { salient_phrases(sentence) };
        let asked_outright = years.is_some() || !salient.is_empty() || is_listed;
        if !asked_outright || !(2..=MAX_OWN_WORDS).contains(&words) || self.in_own_words >= MAX_IN_OWN_WORDS {
            return;
        }
        self.in_own_words += 1;
        let category = if years.is_some()
            || phrases.has_any(&["experience*", "erfahrung*", "expérience*", "experiencia*", "track record"])
        {
            Category::Experience
        } else if salient.is_empty() {
            Category::Other
        } else {
            Category::Skill
        };
        self.all.push(requirement(sentence, kind, category, salient, false, years));
    }

    fn duty(&mut self, sentence: &str) {
        if self.from_duties >= MAX_FROM_DUTIES {
            return;
        }
        let mut terms: Vec<String> = Vec::new();
        for mention in lexicon().mentions(sentence) {
            let name = lexicon().name(mention.term).to_owned();
            let known = self.all.iter().any(|asked| asked.terms.contains(&name));
            if is_hard(lexicon().kind(mention.term)) && !known && !terms.contains(&name) {
                terms.push(name);
            }
        }
        if !terms.is_empty() {
            self.from_duties += 1;
            self.all.push(requirement(
                sentence,
                RequirementKind::Must,
                Category::Experience,
                terms,
                false,
                None,
            ));
        }
    }
}

fn requirement(
    text: &str,
    kind: RequirementKind,
    category: Category,
    terms: Vec<String>,
    any_of: bool,
    years: Option<f32>,
) -> Requirement {
    Requirement { id: String::new(), text: shortened(text), kind, category, terms, any_of, years }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_TEXT_CHARS {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MAX_TEXT_CHARS).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole} …")
}

fn asks(sentence: &str, phrases: &Phrases, item: &Zoned<'_>, mentions: &[Mention]) -> bool {
    let of_company = phrases.starts_with_any(&["we", "our", "as a company", "founded"])
        && !phrases.has_any(&[
            "looking for",
            "seek*",
            "require*",
            "you",
            "need",
            "expect",
            "want",
            "hire",
            "candidate*",
        ]);
    if of_company || sentence.trim_end().ends_with('?') {
        return false;
    }
    let cued = phrases.has_any(ASKS);
    match item.zone {
        Zone::Must | Zone::Nice => {
            item.item.shape == Shape::Bullet || cued || !mentions.is_empty() || phrases.words().count() <= 12
        }
        Zone::Duties => {
            cued && !phrases.starts_with_any(&[
                "ensure", "provide", "develop", "manage", "lead", "support", "create", "maintain", "work",
            ]) && names_or_counts(sentence, mentions)
        }
        Zone::Unknown | Zone::About => {
            cued && names_or_counts(sentence, mentions)
                && !(item.zone == Zone::About && phrases.has_any(&["we", "our", "us"]))
        }
        Zone::Benefits | Zone::Legal | Zone::Apply => false,
    }
}

fn names_or_counts(sentence: &str, mentions: &[Mention]) -> bool {
    !mentions.is_empty() || years(sentence).is_some() || !salient_phrases(sentence).is_empty()
}

fn kind(phrases: &Phrases, zone: Zone) -> RequirementKind {
    let insists = phrases.has_any(INSISTS) && !phrases.has_any(&["not required", "not essential"]);
    match zone {
        Zone::Nice if !insists => RequirementKind::Nice,
        _ if phrases.has_any(WELCOMES)
            && (!insists || phrases.has_any(&["preferred", "a plus", "nice to have"])) =>
        {
            RequirementKind::Nice
        }
        _ => RequirementKind::Must,
    }
}

fn is_hard(kind: TermKind) -> bool {
    matches!(kind, TermKind::Tool | TermKind::Skill | TermKind::Knowledge | TermKind::Certificate)
}

/// The terms of a sentence by what they are about.
struct Parts {
    groups: Vec<(Category, Group)>,
}

impl Parts {
    fn of(sentence: &str, phrases: &Phrases, mentions: Vec<Mention>) -> Self {
        let mut by_category: Vec<(Category, Vec<Mention>)> = Vec::new();
        for mention in mentions {
            let Some(category) = category(sentence, phrases, &mention) else {
                continue;
            };
            match by_category.iter_mut().find(|(known, _)| *known == category) {
                Some((_, list)) => list.push(mention),
                None => by_category.push((category, vec![mention])),
            }
        }
        let speaks_of_degree = phrases.has_any(&[
            "degree in",
            "degree or",
            "a degree",
            "degree level",
            "degree required",
            "degree preferred",
            "university degree",
            "relevant degree",
            "related degree",
            "hochschulstudium",
            "studium",
            "diplôme",
            "licenciatura",
        ]);
        let mut groups: Vec<(Category, Group)> = by_category
            .iter()
            .flat_map(|(category, mentions)| grouped(*category, sentence, mentions))
            .collect();
        let has_degree = by_category.iter().any(|(category, _)| *category == Category::Education);
        if speaks_of_degree
            && !has_degree
            && !phrases.has("degree of")
            && let Some(bachelor) = lexicon().find("Bachelor's degree")
        {
            groups.insert(
                0,
                (Category::Education, Group { terms: vec![bachelor], any_of: false, start: 0, end: 0 }),
            );
        }
        if groups.iter().any(|(category, _)| *category == Category::Education) {
            // "a degree in computer science" asks for the degree; its field alone would not do.
            groups.retain(|(category, group)| {
                *category != Category::Skill || !is_field_of_degree(sentence, group.start)
            });
        }
        Self { groups }
    }
}

fn grouped(category: Category, sentence: &str, mentions: &[Mention]) -> Vec<(Category, Group)> {
    if category == Category::Education {
        let mut terms: Vec<TermId> = Vec::new();
        for mention in mentions {
            if !terms.contains(&mention.term) {
                terms.push(mention.term);
            }
        }
        let any_of = terms.len() > 1;
        return vec![(category, Group { terms, any_of, start: 0, end: sentence.len() })];
    }
    let mut all_of: Option<Group> = None;
    let mut found = Vec::new();
    for group in groups(sentence, mentions) {
        if group.any_of {
            found.push((category, group));
        } else if let Some(all) = &mut all_of {
            for term in group.terms {
                if !all.terms.contains(&term) {
                    all.terms.push(term);
                }
            }
            all.end = group.end;
        } else {
            all_of = Some(group);
        }
    }
    found.extend(all_of.map(|group| (category, group)));
    found
}

fn category(sentence: &str, phrases: &Phrases, mention: &Mention) -> Option<Category> {
    Some(match lexicon().kind(mention.term) {
        TermKind::Tool | TermKind::Skill | TermKind::Knowledge => Category::Skill,
        TermKind::Soft => Category::Soft,
        TermKind::Certificate => Category::Certificate,
        TermKind::Degree => Category::Education,
        TermKind::Language => {
            let next = sentence.get(mention.end..).map(Phrases::of)?;
            let is_other = next.starts_with_any(NO_HUMAN_LANGUAGE);
            if is_other || phrases.words().count() > 6 && !phrases.has_any(HUMAN_LANGUAGE_CUES) {
                return None;
            }
            Category::Language
        }
        TermKind::Occupation => {
            let before = sentence.get(..mention.start).map(Phrases::of)?;
            let as_one = before.words().collect::<Vec<_>>();
            let follows_as = as_one.iter().rev().take(4).any(|word| *word == "as");
            if !(follows_as && phrases.has("experience*")) {
                return None;
            }
            Category::Experience
        }
    })
}

fn is_field_of_degree(sentence: &str, start: usize) -> bool {
    let before = Phrases::of(sentence.get(..start).unwrap_or_default());
    let words: Vec<&str> = before.words().collect();
    let degree = words.iter().rposition(|word| {
        [
            "degree",
            "bachelor's",
            "bachelors",
            "bachelor",
            "master's",
            "masters",
            "bs",
            "ba",
            "ms",
            "phd",
            "diploma",
            "bsc",
            "msc",
            "b",
            "science",
            "graduate",
        ]
        .contains(word)
    });
    let experience = words
        .iter()
        .rposition(|word| word.starts_with("experience") || *word == "skills" || *word == "knowledge");
    degree.is_some() && experience.is_none_or(|at| Some(at) < degree)
}

/// The part between separators that names a term: the item of a list.
fn segment_naming(sentence: &str, name: &str) -> String {
    let parts = sentence.split([',', ';', '(', ')', ':', '|', '•']).flat_map(|part| part.split(" and "));
    let mut named = parts
        .map(str::trim)
        .filter(|part| lexicon().mentions(part).iter().any(|mention| lexicon().name(mention.term) == name));
    named.next().map_or_else(|| name.to_owned(), |part| part.trim_end_matches('.').to_owned())
}
