//! Support: whether a new text says nothing beyond some texts of the source; the first thing that it does is the reason.

use crate::engine::lexicon::{Mention, lexicon};
use crate::engine::verify::lexis::{claim, is_neutral, is_rank, synonyms};
use crate::engine::verify::number::numbers;
use crate::engine::verify::source::Text;
use crate::engine::words::{Word, find_phrase, fold, is_function_word, stem, stems, words};

/// Whether every number, term, name and other word of a text is borne out by the scope; otherwise what is not, as the
/// end of a sentence: "the number 45 does not stand there".
pub(crate) fn check(text: &str, scope: &[&Text]) -> Result<(), String> {
    check_numbers(text, scope)?;
    let mentions = lexicon().mentions(text);
    for mention in &mentions {
        check_term(text, *mention, scope)?;
    }
    let words = words(text);
    let counted: Vec<usize> = numbers(text).iter().map(|number| number.start).collect();
    for (index, word) in words.iter().enumerate() {
        let in_term = mentions.iter().any(|mention| mention.start <= word.start && word.end <= mention.end);
        if !in_term && !counted.contains(&word.start) {
            check_word(*word, scope)?;
        }
        check_rank(*word, words.get(index + 1), scope)?;
    }
    Ok(())
}

fn check_numbers(text: &str, scope: &[&Text]) -> Result<(), String> {
    for number in numbers(text) {
        let is_borne_out =
            |source: &&Text| source.numbers.iter().any(|other| number.is_borne_out_by(other, &source.stems));
        if !scope.iter().any(is_borne_out) {
            return Err(format!("the number \u{201c}{}\u{201d} does not stand there like this", number.text));
        }
    }
    Ok(())
}

fn check_term(text: &str, mention: Mention, scope: &[&Text]) -> Result<(), String> {
    let written = text.get(mention.start..mention.end).unwrap_or_default();
    let phrase = stems(written);
    // The lexicon may not take an everyday word for a term in one of the two places; the same words bear each other out.
    let is_written = |source: &&Text| {
        let at = find_phrase(&source.stems, &phrase).and_then(|at| source.written.get(at));
        at.is_some() && !is_denied_in(source, &phrase)
    };
    // "HTML" is no "HTML5": a version is a claim of its own, even where the lexicon has one term for both.
    let has_digits =
        |source: &&Text| digits(written).all(|run| digits(&source.text).any(|other| other == run));
    if scope
        .iter()
        .filter(|source| has_digits(source))
        .any(|source| source.says(mention.term) || is_written(source))
    {
        return Ok(());
    }
    Err(format!("\u{201c}{written}\u{201d} is not shown there"))
}

/// The runs of digits in a text.
fn digits(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter(|run| !run.is_empty())
}

fn is_denied_in(source: &Text, phrase: &[String]) -> bool {
    let all = words(&source.text);
    let places =
        source.stems.windows(phrase.len().max(1)).enumerate().filter(|(_, window)| *window == phrase);
    let mut places = places.filter_map(|(at, _)| all.get(at)).peekable();
    places.peek().is_some() && places.all(|word| crate::engine::words::is_denied(&source.text, word.start))
}

fn check_word(word: Word<'_>, scope: &[&Text]) -> Result<(), String> {
    let folded = fold(word.text);
    let capitals = word.text.chars().filter(|letter| letter.is_uppercase()).count();
    let is_acronym = capitals > 1 && word.text.chars().all(|letter| !letter.is_lowercase());
    let in_scope = |test: &dyn Fn(&Text) -> bool| scope.iter().any(|source| test(source));
    if is_acronym && (is_function_word(&folded) || is_neutral(&folded)) {
        // "IT" and "US" are no pronouns.
        let is_there = in_scope(&|source| source.written.iter().any(|other| other == word.text));
        return if is_there {
            Ok(())
        } else {
            Err(format!("\u{201c}{}\u{201d} does not stand there", word.text))
        };
    }
    if let Some((what, group)) = claim(&folded) {
        let is_there = in_scope(&|source| group.iter().any(|other| source.has(other)));
        return if is_there {
            Ok(())
        } else {
            Err(format!("\u{201c}{}\u{201d} claims {what} that does not stand there", word.text))
        };
    }
    if is_function_word(&folded) || is_neutral(&folded) || in_scope(&|source| source.has(&folded)) {
        return Ok(());
    }
    let stem = stem(word.text);
    let by_stem = in_scope(&|source| source.stems.contains(&stem));
    if by_stem || synonyms(&folded).any(|other| in_scope(&|source| source.has(other))) {
        return Ok(());
    }
    let what = if word.text.starts_with(char::is_uppercase) { "the name or word" } else { "the word" };
    Err(format!("{what} \u{201c}{}\u{201d} does not stand there", word.text))
}

/// A rank belongs to the title that it stands with: "senior" of one position raises no other.
fn check_rank(word: Word<'_>, next: Option<&Word<'_>>, scope: &[&Text]) -> Result<(), String> {
    let folded = fold(word.text);
    let Some(next) = next.filter(|_| is_rank(&folded)) else {
        return Ok(());
    };
    let title = stem(next.text);
    if is_function_word(&fold(next.text)) {
        return Ok(());
    }
    let group = claim(&folded).map_or(&[][..], |(_, group)| group);
    let is_there = scope.iter().any(|source| {
        source.stems.contains(&title) && (source.has(&folded) || group.iter().any(|other| source.has(other)))
    });
    if is_there {
        Ok(())
    } else {
        Err(format!("\u{201c}{} {}\u{201d} is no title or rank that stands there", word.text, next.text))
    }
}
