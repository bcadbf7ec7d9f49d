//! What a sentence asks for in words that the lexicon does not know.

use crate::engine::understand::posting::words::{EMPTY_NOUNS, ENDS_PHRASE, LEADS, SKIPPED};

/// What a sentence asks for by a phrase such as "experience with", in its own words.
pub(crate) fn salient_phrases(sentence: &str) -> Vec<String> {
    let lower = sentence.to_ascii_lowercase();
    let mut found: Vec<String> = Vec::new();
    for lead in LEADS {
        let Some(at) = lower.find(lead) else {
            continue;
        };
        let rest = sentence.get(at + lead.len()..).unwrap_or_default();
        let rest = rest.split([',', ';', '.', '(', ':', '–', '\n']).next().unwrap_or_default();
        let mut words: Vec<&str> = Vec::new();
        for word in rest.split_whitespace() {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            let folded = bare.to_lowercase();
            if words.is_empty() && SKIPPED.contains(&folded.as_str()) {
                continue;
            }
            if ENDS_PHRASE.contains(&folded.as_str()) || words.len() == 4 {
                break;
            }
            words.push(bare);
        }
        let says_something =
            words.iter().any(|word| word.len() > 2 && !EMPTY_NOUNS.contains(&word.to_lowercase().as_str()));
        let phrase = words.join(" ");
        if says_something && !found.contains(&phrase) {
            found.push(phrase);
        }
    }
    found.truncate(2);
    found
}
