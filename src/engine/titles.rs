//! Titles: how close the advertised position is to one that the person holds, held, or goes by.

use crate::engine::lexicon::{Relation, TermKind, lexicon};
use crate::engine::words::{fold, is_function_word, stem, words};

/// Words that say a rank, a contract or a form of address, not an occupation.
const NOT_OCCUPATION: &[&str] = &[
    "senior",
    "sr",
    "junior",
    "jr",
    "lead",
    "principal",
    "staff",
    "chief",
    "associate",
    "assistant",
    "intern",
    "internship",
    "trainee",
    "entry",
    "level",
    "mid",
    "experienced",
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "1",
    "2",
    "3",
    "m",
    "f",
    "d",
    "w",
    "x",
    "remote",
    "hybrid",
    "onsite",
    "full-time",
    "part-time",
    "full",
    "part",
    "time",
    "contract",
    "temporary",
    "permanent",
    "freelance",
    "werkstudent",
    "praktikant",
    "deputy",
    "acting",
    "graduate",
    "h",
    "k",
];

/// The words of a title that name the occupation, as stems.
#[must_use]
pub fn core(title: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut depth = 0_u32;
    // "(m/f/d)" and "(Berlin)" say nothing about the work.
    let outside: String = title
        .chars()
        .map(|letter| match letter {
            '(' | '[' => {
                depth += 1;
                ' '
            }
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                ' '
            }
            letter if depth > 0 && letter != '\n' => ' ',
            letter => letter,
        })
        .collect();
    for word in words(&outside) {
        let folded = fold(word.text);
        let stem = stem(word.text);
        if !NOT_OCCUPATION.contains(&folded.as_str()) && !is_function_word(&folded) && !found.contains(&stem)
        {
            found.push(stem);
        }
    }
    found
}

/// How close two titles are, 0 to 1: 1 where the held one has every word of the wanted one or the lexicon knows both
/// as one occupation, otherwise the share of words in common (the Dice coefficient).
#[must_use]
pub fn closeness(wanted: &str, held: &str) -> f64 {
    let (wanted_words, held_words) = (core(wanted), core(held));
    if wanted_words.is_empty() || held_words.is_empty() {
        return 0.0;
    }
    let common = wanted_words.iter().filter(|word| held_words.contains(word)).count();
    if common == wanted_words.len() {
        return 1.0;
    }
    let total = wanted_words.len() + held_words.len();
    #[expect(clippy::cast_precision_loss, reason = "titles have a handful of words")]
    let shared = 2.0 * common as f64 / total as f64;
    shared.max(if is_one_occupation(wanted, held) { 1.0 } else { 0.0 })
}

fn is_one_occupation(wanted: &str, held: &str) -> bool {
    let lexicon = lexicon();
    let occupation = |title: &str| {
        let mentions = lexicon.mentions(title);
        let named = mentions.into_iter().map(|mention| mention.term);
        named.chain(lexicon.find(title)).find(|term| lexicon.kind(*term) == TermKind::Occupation)
    };
    match (occupation(wanted), occupation(held)) {
        (Some(wanted), Some(held)) => {
            wanted == held
                || matches!(lexicon.relation(held, wanted), Some(Relation::Same | Relation::Narrower))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::titles::{closeness, core};

    #[test]
    fn rank_and_form_are_no_occupation() {
        assert_eq!(core("Senior Software Engineer II (m/f/d) (Remote)"), core("software engineers"));
    }

    #[test]
    fn closeness_is_by_the_words_of_the_occupation() {
        let check = |wanted, held, least: f64, most: f64| {
            let found = closeness(wanted, held);
            assert!((least..=most).contains(&found), "{wanted} / {held}: {found}");
        };
        check("Backend Engineer", "Senior Backend Engineer", 1.0, 1.0);
        check("Backend Engineer", "Frontend Engineer", 0.4, 0.6);
        check("Registered Nurse", "Backend Engineer", 0.0, 0.0);
        check("(m/f/d)", "Engineer", 0.0, 0.0);
    }
}
