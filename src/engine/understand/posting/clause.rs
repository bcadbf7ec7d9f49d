//! Sentences of a posting, and the lists of terms inside one: what is asked for together, what instead of each other.

use crate::engine::{
    lexicon::{Mention, TermId},
    understand::posting::{phrase::Phrases, words::ABBREVIATIONS},
};

/// Words between two terms that still leave them in one list.
const LIST_GAP_WORDS: usize = 3;

/// The sentences of a text; semicolons and inline bullets end one too.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let after = text.get(at + c.len_utf8()..).unwrap_or_default();
        let ends = match c {
            '\n' | '•' | '●' | '▪' => true,
            ';' => depth == 0,
            '.' | '!' | '?' => depth == 0 && ends_sentence(text.get(start..at).unwrap_or_default(), after),
            _ => false,
        };
        if ends {
            found.push(text.get(start..at + c.len_utf8()).unwrap_or_default());
            start = at + c.len_utf8();
        }
    }
    found.push(text.get(start..).unwrap_or_default());
    found
        .into_iter()
        .map(|sentence| {
            sentence.trim_matches(|c: char| {
                c.is_whitespace() || matches!(c, ';' | '•' | '●' | '▪' | '-' | '–' | '*')
            })
        })
        .filter(|sentence| sentence.chars().filter(|c| c.is_alphabetic()).count() >= 2)
        .collect()
}

fn ends_sentence(before: &str, after: &str) -> bool {
    let last = before.rsplit([' ', '(', ',']).next().unwrap_or_default().to_lowercase();
    let mut next = after.chars();
    let spaced = next.next().is_some_and(char::is_whitespace);
    let opens = after
        .trim_start()
        .chars()
        .next()
        .is_some_and(|c| c.is_uppercase() || c.is_ascii_digit() || c == '"' || c == '(');
    spaced && opens && !ABBREVIATIONS.contains(&last.as_str()) && last.chars().count() > 1
}

/// Terms that stand together in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) terms: Vec<TermId>,
    /// Whether one of them is enough.
    pub(crate) any_of: bool,
    /// The bytes of the sentence that it covers.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The terms of a sentence in lists: "Java or Kotlin" is one choice, "Python, Go and SQL" three things asked for.
pub(crate) fn groups(sentence: &str, mentions: &[Mention]) -> Vec<Group> {
    let mut found: Vec<Group> = Vec::new();
    let mut last_end = None;
    for mention in mentions {
        let gap = last_end.and_then(|end: usize| sentence.get(end..mention.start)).map(join);
        match (gap, found.last_mut()) {
            (Some(join), Some(group)) if join != Join::None => {
                if !group.terms.contains(&mention.term) {
                    group.terms.push(mention.term);
                }
                group.any_of |= join == Join::Or;
                group.end = mention.end;
            }
            _ => {
                let any_of = announces_choice(sentence.get(..mention.start).unwrap_or_default());
                found.push(Group {
                    terms: vec![mention.term],
                    any_of,
                    start: mention.start,
                    end: mention.end,
                });
            }
        }
        last_end = Some(mention.end);
    }
    for group in &mut found {
        // "Java, Kotlin or similar": what follows the list makes it a choice.
        group.any_of |= sentence.get(group.end..).is_some_and(offers_more);
        group.any_of &= group.terms.len() > 1;
    }
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    And,
    Or,
    None,
}

fn join(gap: &str) -> Join {
    let phrases = Phrases::of(gap);
    let words = phrases.words().count();
    let chooses = phrases.has_any(&["or", "oder", "ou", "o", "either"])
        || gap.trim() == "/"
        || gap.contains('/') && words == 0;
    let exemplifies = phrases.has_any(&[
        "such as",
        "e g",
        "eg",
        "like",
        "for example",
        "for instance",
        "i e",
        "preferably",
        "z b",
    ]);
    let limit = if exemplifies { LIST_GAP_WORDS + 3 } else { LIST_GAP_WORDS };
    if gap.contains(['.', ';']) && !exemplifies || words > limit {
        Join::None
    } else if chooses || exemplifies {
        Join::Or
    } else if words == 0
        || phrases.has_any(&["and", "und", "et", "y", "with", "plus"])
        || gap.contains([',', '&', '+', '(', '|', '·'])
    {
        Join::And
    } else {
        Join::None
    }
}

fn announces_choice(before: &str) -> bool {
    let tail: String = before.chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
    Phrases::of(&tail).has_any(&[
        "one of",
        "any of",
        "at least one",
        "one or more",
        "either",
        "such as",
        "e g",
        "eg",
        "like",
        "for example",
        "similar to",
        "including but not limited to",
        "two or more",
        "some of",
        "a combination of",
        "mindestens eine*",
    ])
}

fn offers_more(after: &str) -> bool {
    let head: String = after.chars().take(40).collect();
    Phrases::of(&head).starts_with_any(&[
        "or similar",
        "or equivalent",
        "or related",
        "or other",
        "or another",
        "or comparable",
        "or any",
        "or something similar",
        "etc",
        "or the like",
        "oder ähnlich*",
        "or a similar",
        "or a related",
        "or any other",
    ])
}
