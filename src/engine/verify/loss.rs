//! Loss: whether a replaced text drops a fact, or a word that kept a claim small.

use crate::engine::lexicon::{TermKind, lexicon};
use crate::engine::verify::lexis::hedge;
use crate::engine::verify::number::numbers;
use crate::engine::verify::source::Text;
use crate::engine::words::{find_phrase, fold, is_function_word, stem, stems, words};

/// Whether `after` keeps every number, term and name of `before`, or `elsewhere` has it; otherwise what is lost.
pub(crate) fn check(before: &str, after: &str, elsewhere: &[&Text]) -> Result<(), String> {
    check_numbers(before, after, elsewhere)?;
    check_terms(before, after, elsewhere)?;
    check_names(before, after, elsewhere)?;
    check_hedges(before, after)
}

fn check_numbers(before: &str, after: &str, elsewhere: &[&Text]) -> Result<(), String> {
    let kept = numbers(after);
    let kept_stems = stems(after);
    for number in numbers(before) {
        let is_kept = kept.iter().any(|other| number.is_borne_out_by(other, &kept_stems));
        let is_elsewhere = || {
            elsewhere
                .iter()
                .any(|text| text.numbers.iter().any(|other| number.is_borne_out_by(other, &text.stems)))
        };
        if !is_kept && !is_elsewhere() {
            return Err(format!("the number \u{201c}{}\u{201d}", number.text));
        }
    }
    Ok(())
}

fn check_terms(before: &str, after: &str, elsewhere: &[&Text]) -> Result<(), String> {
    let lexicon = lexicon();
    let kept: Vec<_> =
        lexicon.mentions(after).into_iter().map(|mention| mention.term).chain(lexicon.find(after)).collect();
    let kept_stems = stems(after);
    for mention in lexicon.mentions(before) {
        let written = before.get(mention.start..mention.end).unwrap_or_default();
        let is_kept = kept.contains(&mention.term) || find_phrase(&kept_stems, &stems(written)).is_some();
        let is_soft = lexicon.kind(mention.term) == TermKind::Soft;
        if !is_kept && !is_soft && !elsewhere.iter().any(|text| text.terms.contains(&mention.term)) {
            return Err(format!("\u{201c}{written}\u{201d}"));
        }
    }
    Ok(())
}

/// Names: words with a capital that do not open a sentence, and acronyms anywhere. Those of terms are kept with the
/// terms, under any of their names.
fn check_names(before: &str, after: &str, elsewhere: &[&Text]) -> Result<(), String> {
    let mentions = lexicon().mentions(before);
    let kept = stems(after);
    let all = words(before);
    for (index, word) in all.iter().enumerate() {
        let folded = fold(word.text);
        let opens = index == 0
            || all.get(index - 1).and_then(|last| before.get(last.end..word.start)).is_none_or(|between| {
                between.contains(['.', '!', '?', ':', ';', '\n', '\u{2022}', '|', '\u{2013}', '\u{2014}'])
            });
        let capitals = word.text.chars().filter(|letter| letter.is_uppercase()).count();
        let is_name = capitals > 1 || capitals == 1 && !opens;
        let in_term = mentions.iter().any(|mention| mention.start <= word.start && word.end <= mention.end);
        if !is_name || in_term || is_function_word(&folded) && capitals < 2 {
            continue;
        }
        let stem = stem(word.text);
        if !kept.contains(&stem) && !elsewhere.iter().any(|text| text.stems.contains(&stem)) {
            return Err(format!("\u{201c}{}\u{201d}", word.text));
        }
    }
    Ok(())
}

fn check_hedges(before: &str, after: &str) -> Result<(), String> {
    let kept: Vec<String> = words(after).iter().map(|word| fold(word.text)).collect();
    for word in words(before) {
        if let Some(group) = hedge(&fold(word.text))
            && !kept.iter().any(|other| group.contains(&other.as_str()))
        {
            return Err(format!("\u{201c}{}\u{201d}, without which it claims more", word.text));
        }
    }
    Ok(())
}
